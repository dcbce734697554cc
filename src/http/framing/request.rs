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
//! On its way it notes what of a head concerns this connection alone, and says which bytes of it to
//! overwrite with blanks, so that the server side does not act on them: an offer to go on in
//! another protocol than WebSocket (`Upgrade: h2c`, as the JDK's client and `curl --http2` send
//! it), which is declined by answering in HTTP/1.1 (RFC 9110, section 7.8), and
//! `Expect: 100-continue`, which the backend decides. A line that comes in two reads is not
//! overwritten; what is in it is then treated as the server side does.
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

use std::ops::Range;

use memchr::memchr;
use smallvec::SmallVec;

use super::chunk_scanner::{ChunkPiece, ChunkScanner};

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
    /// Of the last head that was read to its end.
    facts: HeadFacts,
    erased: Erased,
    trailers: Vec<u8>,
}

/// Parts of the input of one call.
type Erased = SmallVec<[Range<usize>; 4]>;

/// What a head says to this connection alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeadFacts {
    /// The client understands interim answers and chunks.
    pub http_1_1: bool,
    /// The client waits for `100` before it sends the body, and the server side was not told.
    pub expects_continue: bool,
    /// The client said `TE: trailers`.
    pub accepts_trailers: bool,
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
    facts: HeadFacts,
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
        self.erased.clear();
        let mut at = 0;
        while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
            match &mut self.state {
                State::Between | State::Head => {
                    self.state = State::Head;
                    at += self.take_line(rest, at).map_err(|line_end| RequestError {
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
                        self.trailers = scanner.take_trailers();
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

    /// What the last whole head said.
    pub fn facts(&self) -> HeadFacts {
        self.facts
    }

    /// Which parts of the input of the last call are to be overwritten with blanks.
    pub fn erased(&self) -> &[Range<usize>] {
        &self.erased
    }

    /// The trailer section behind the last body, if there was one and the client accepts trailers
    /// itself: whole lines, without the empty last one.
    pub fn take_trailers(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.trailers)
    }

    /// Whether nothing of a next request was read.
    pub fn is_between(&self) -> bool {
        matches!(self.state, State::Between)
    }

    /// Whether a head has begun and not ended.
    pub fn is_in_head(&self) -> bool {
        matches!(self.state, State::Head)
    }

    /// Takes one line, or what there is of it; how many bytes that was. `at` is where `rest` begins
    /// in the input. The error is the offset of the line feed in `rest`.
    fn take_line(&mut self, rest: &[u8], at: usize) -> Result<usize, usize> {
        let Some(end) = memchr(b'\n', rest) else {
            let room = LINE_BYTES_MAX.saturating_sub(self.line.len()).min(rest.len());
            self.line.extend_from_slice(rest.get(..room).unwrap_or_default());
            return Ok(rest.len());
        };
        let piece = rest.get(..end).unwrap_or_default();
        if self.line.is_empty() {
            self.note_line(piece, Some(at)).map_err(|Malformed| end)?;
        } else {
            let mut line = std::mem::take(&mut self.line);
            line.extend_from_slice(piece);
            self.note_line(&line, None).map_err(|Malformed| end)?;
        }
        Ok(end + 1)
    }

    /// Notes a line of a head, given without its line feed; `at` is where it begins in the input,
    /// if it lies there as a whole.
    fn note_line(&mut self, line: &[u8], at: Option<usize>) -> Result<(), Malformed> {
        // A line feed alone ends a line for some readers and not for others.
        let line = line.strip_suffix(b"\r").ok_or(Malformed)?;
        let notes = &mut self.notes;
        match line {
            // Empty lines before a request are to be ignored (RFC 9112, section 2.2).
            [] if !notes.has_request_line => Ok(()),
            [] => {
                self.facts = notes.facts;
                self.state = std::mem::take(notes).body()?;
                self.requests += 1;
                Ok(())
            }
            _ if !notes.has_request_line => {
                notes.has_request_line = true;
                notes.facts.http_1_1 = line.ends_with(b" HTTP/1.1");
                notes.connect = line.starts_with(b"CONNECT ");
                Ok(())
            }
            _ => {
                let erased = &mut self.erased;
                notes.field(line, |part| {
                    let at = at?;
                    erased.push(at + part.start..at + part.end);
                    Some(())
                })
            }
        }
    }
}

impl HeadNotes {
    /// Notes a field; `erase` takes a part of the line and gives nothing when it cannot.
    fn field(
        &mut self,
        line: &[u8],
        mut erase: impl FnMut(Range<usize>) -> Option<()>,
    ) -> Result<(), Malformed> {
        // A folded line belongs to the field before it for some readers only (section 5.2).
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err(Malformed);
        }
        let colon = memchr(b':', line).ok_or(Malformed)?;
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
        let whole = colon + 1..line.len();
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        match name.len() {
            14 if is(b"content-length") => {
                let length = decimal(value).ok_or(Malformed)?;
                // Even an equal one: the server side refuses it as well.
                return self.length.replace(length).map_or(Ok(()), |_twice| Err(Malformed));
            }
            17 if is(b"transfer-encoding") => {
                let once = !std::mem::replace(&mut self.chunked, true);
                let alone = value.eq_ignore_ascii_case(b"chunked");
                return if once && alone { Ok(()) } else { Err(Malformed) };
            }
            7 if is(b"upgrade") => {
                if value.eq_ignore_ascii_case(b"websocket") {
                    self.websocket = true;
                } else {
                    erase(whole);
                }
            }
            10 if is(b"connection")
                && members(line, colon + 1).any(|m| is_member(line, &m, H2C)) =>
            {
                let offers = members(line, colon + 1)
                    .filter(|m| is_member(line, m, H2C) || is_member(line, m, b"upgrade"));
                for member in offers {
                    erase(member);
                }
            }
            6 if is(b"expect")
                && self.facts.http_1_1
                && value.eq_ignore_ascii_case(b"100-continue") =>
            {
                self.facts.expects_continue |= erase(whole).is_some();
            }
            2 if is(b"te") => {
                let trailers = |m: &Range<usize>| is_member(line, m, b"trailers");
                self.facts.accepts_trailers |= members(line, colon + 1).any(|m| trailers(&m));
            }
            _ => {}
        }
        Ok(())
    }

    /// What follows the head (section 6.3, for requests; tunnels as the server side decides).
    fn body(self) -> Result<State, Malformed> {
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(Malformed),
            (true, None) if !self.facts.http_1_1 => Err(Malformed),
            (true, None) if self.facts.accepts_trailers => {
                Ok(State::Chunks(ChunkScanner::default().keeping_trailers()))
            }
            (true, None) => Ok(State::Chunks(ChunkScanner::default())),
            (false, _) if self.websocket => Ok(State::Raw),
            (false, Some(0) | None) if self.connect => Ok(State::Raw),
            (false, Some(0) | None) => Ok(State::Between),
            (false, Some(length)) => Ok(State::Length(length)),
        }
    }
}

/// The option of `Connection` that comes with an offer of HTTP/2 (RFC 7540, section 3.2.1).
const H2C: &[u8] = b"http2-settings";

/// Where the members of a list stand that begins at `from`, blanks included.
fn members(line: &[u8], from: usize) -> impl Iterator<Item = Range<usize>> {
    let list = line.get(from..).unwrap_or_default();
    let mut start = from;
    list.split(|byte| *byte == b',').map(move |member| {
        let range = start..start + member.len();
        start = range.end + 1;
        range
    })
}

fn is_member(line: &[u8], member: &Range<usize>, name: &[u8]) -> bool {
    let member = line.get(member.clone()).unwrap_or_default();
    member.trim_ascii().eq_ignore_ascii_case(name)
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
