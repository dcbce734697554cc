//! A strict scanner over the bytes of a client's connection: where each request begins and ends.
//!
//! ```text
//! Between ──byte──▶ Head ──empty line──▶ Length(n) ─────┐
//!    ▲                          ├──────▶ Chunks ────────┤
//!    │                          ├──────▶ (no body) ─────┤
//!    └──────────────────────────┼───────────────────────┘
//!                               └──────▶ Raw: a tunnel, for good
//! ```
//!
//! The server side beneath (actix-http) reads requests well, but takes line ends without a carriage
//! return and skips trailers unread. The scanner stands before it and lets pass only what can be
//! read in one way; of what passes, both have the same opinion about where a request ends. It does
//! not judge what cannot move a boundary (methods, targets, the characters of a field): the server
//! side does.
//!
//! ```
//! use stunt_double::http::framing::RequestScanner;
//!
//! let mut scanner = RequestScanner::default();
//! let input = b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HT";
//! let length = scanner.advance(input).unwrap();
//! assert_eq!((length, scanner.requests()), (27, 1));
//! assert_eq!(scanner.advance(&input[length..]), Ok(8));
//! assert!(scanner.is_in_head());
//! ```

use memchr::memchr;

use super::chunked::{ChunkPiece, ChunkScanner};

/// What is kept of a line that does not come in one read: as much as the server side keeps of a
/// head before it answers 431.
const LINE_BYTES_MAX: usize = 128 * 1024;

/// Bytes that are no request, or that two readers could take for different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestError {
    /// How many bytes of the input came before the fault and may be passed on.
    pub passed: usize,
    /// Whether the fault lies in a body; else in a head, of which the end was not passed.
    pub in_body: bool,
}

/// Position in a client's byte stream. After a fault it must not be used again.
#[derive(Debug, Default)]
pub struct RequestScanner {
    state: State,
    notes: HeadNotes,
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    requests: u64,
}

#[derive(Debug, Default)]
enum State {
    /// Nothing of a next head came.
    #[default]
    Between,
    Head,
    /// Body bytes to come.
    Length(u64),
    Chunks(ChunkScanner),
    /// A tunnel's bytes: no requests any more.
    Raw,
}

/// What a head said about its body, so far.
#[derive(Debug, Default)]
struct HeadNotes {
    has_request_line: bool,
    http_1_1: bool,
    connect: bool,
    websocket: bool,
    chunked: bool,
    length: Option<u64>,
}

/// A line that is none, or contradicts an earlier one.
struct Malformed;

impl RequestScanner {
    /// Reads on, to the end of the request or of `input`; how many bytes that was.
    ///
    /// # Errors
    /// The first fault; nothing behind it can be trusted.
    pub fn advance(&mut self, input: &[u8]) -> Result<usize, RequestError> {
        let mut at = 0;
        while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
            match &mut self.state {
                State::Between | State::Head => {
                    self.state = State::Head;
                    at += self.take_line(rest).map_err(|line_end| RequestError {
                        passed: at + line_end,
                        in_body: false,
                    })?;
                }
                State::Length(left) => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    *left -= taken as u64;
                    at += taken;
                    if *left == 0 {
                        self.state = State::Between;
                    }
                }
                State::Chunks(scanner) => {
                    let fault = RequestError { passed: at, in_body: true };
                    let (used, piece) = scanner.advance(rest).map_err(|_| fault)?;
                    at += used;
                    if piece == ChunkPiece::End {
                        self.state = State::Between;
                    }
                }
                State::Raw => return Ok(input.len()),
            }
            if matches!(self.state, State::Between) {
                break;
            }
        }
        Ok(at)
    }

    /// Heads read to their end so far.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Whether nothing of a next request was read.
    pub fn is_between(&self) -> bool {
        matches!(self.state, State::Between)
    }

    /// Whether a head has begun and not ended.
    pub fn is_in_head(&self) -> bool {
        matches!(self.state, State::Head)
    }

    /// Takes one line, or what there is of it; how many bytes that was. The error is the offset of
    /// its line feed.
    fn take_line(&mut self, rest: &[u8]) -> Result<usize, usize> {
        let Some(end) = memchr(b'\n', rest) else {
            let room = LINE_BYTES_MAX.saturating_sub(self.line.len()).min(rest.len());
            self.line.extend_from_slice(rest.get(..room).unwrap_or_default());
            return Ok(rest.len());
        };
        let piece = rest.get(..end).unwrap_or_default();
        if self.line.is_empty() {
            self.note_line(piece).map_err(|Malformed| end)?;
        } else {
            let mut line = std::mem::take(&mut self.line);
            line.extend_from_slice(piece);
            self.note_line(&line).map_err(|Malformed| end)?;
        }
        Ok(end + 1)
    }

    /// Notes a line of a head, given without its line feed.
    fn note_line(&mut self, line: &[u8]) -> Result<(), Malformed> {
        // A line feed alone ends a line for some readers and not for others.
        let line = line.strip_suffix(b"\r").ok_or(Malformed)?;
        let notes = &mut self.notes;
        match line {
            // Empty lines before a request are to be ignored (RFC 9112, section 2.2).
            [] if !notes.has_request_line => Ok(()),
            [] => {
                self.state = std::mem::take(notes).body()?;
                self.requests += 1;
                Ok(())
            }
            _ if !notes.has_request_line => {
                notes.has_request_line = true;
                notes.http_1_1 = line.ends_with(b" HTTP/1.1");
                notes.connect = line.starts_with(b"CONNECT ");
                Ok(())
            }
            _ => notes.field(line),
        }
    }
}

impl HeadNotes {
    fn field(&mut self, line: &[u8]) -> Result<(), Malformed> {
        // A folded line belongs to the field before it for some readers only (section 5.2).
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err(Malformed);
        }
        let colon = memchr(b':', line).ok_or(Malformed)?;
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = decimal(value).ok_or(Malformed)?;
            // Even an equal one: the server side refuses it as well.
            self.length.replace(length).map_or(Ok(()), |_twice| Err(Malformed))
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let once = !std::mem::replace(&mut self.chunked, true);
            let alone = value.eq_ignore_ascii_case(b"chunked");
            if once && alone { Ok(()) } else { Err(Malformed) }
        } else {
            self.websocket |=
                name.eq_ignore_ascii_case(b"upgrade") && value.eq_ignore_ascii_case(b"websocket");
            Ok(())
        }
    }

    /// What follows the head (section 6.3, for requests; tunnels as the server side decides).
    fn body(self) -> Result<State, Malformed> {
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(Malformed),
            (true, None) if !self.http_1_1 => Err(Malformed),
            (true, None) => Ok(State::Chunks(ChunkScanner::default())),
            (false, _) if self.websocket => Ok(State::Raw),
            (false, Some(0) | None) if self.connect => Ok(State::Raw),
            (false, Some(0) | None) => Ok(State::Between),
            (false, Some(length)) => Ok(State::Length(length)),
        }
    }
}

/// Digits only, within 64 bits (RFC 9110, section 8.6).
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
