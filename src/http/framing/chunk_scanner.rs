//! A strict scanner for chunked bodies (RFC 9112, section 7.1).
//!
//! The scanner hands out the data between the framing and buffers nothing but trailers, if asked.
//! It accepts exactly what the grammar says: hexadecimal sizes without blanks, CRLF line ends,
//! bounded extensions, bounded trailers. Anything else is where two parsers could disagree about
//! the end of a body, and on a shared connection that gives one user another user's answer.
//!
//! Of a backend's answer it takes blanks behind a size as well ([`ChunkScanner::of_response`]):
//! some old servers pad their sizes, and browsers, curl and hyper read past the padding. A line
//! feed without a carriage return is refused in answers, too, as hyper refuses it.
//!
//! ```
//! use stunt_double::http::framing::{ChunkPiece, ChunkScanner};
//!
//! let mut scanner = ChunkScanner::default();
//! let (used, piece) = scanner.advance(b"3\r\nabc\r\n0\r\n\r\n").unwrap();
//! assert_eq!((used, piece), (6, ChunkPiece::Data(b"abc")));
//! ```

use thiserror::Error;

/// Longest chunk extension: extensions carry nothing for a proxy, real ones are below 100 bytes.
const EXTENSION_BYTES_MAX: u32 = 256;
/// Longest trailer section: real ones are a status and a checksum, below 1 KiB.
const TRAILER_BYTES_MAX: u32 = 16 * 1024;
/// Sixteen hexadecimal digits are all a 64-bit size can have; more are leading zeros or overflow.
const SIZE_DIGITS_MAX: u8 = 16;

/// Why a chunked body was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ChunkError {
    /// No digit, or something between the size and its line end that does not belong there.
    #[error("invalid byte in a chunk size")]
    Size,
    /// More than 64 bits or sixteen digits.
    #[error("chunk size too large")]
    SizeOverflow,
    /// A control character in it, or more than [`EXTENSION_BYTES_MAX`].
    #[error("chunk extension invalid or too long")]
    Extension,
    /// What follows the data is not CRLF.
    #[error("missing line end after chunk data")]
    DataEnd,
    /// A line that is no field, or ends with a bare line feed.
    #[error("invalid trailer section")]
    Trailer,
    /// More than [`TRAILER_BYTES_MAX`].
    #[error("trailer section too long")]
    TrailerTooLong,
}

/// What the next bytes of a chunked body are.
#[derive(Debug, PartialEq, Eq)]
pub enum ChunkPiece<'a> {
    /// Every input byte was framing: more input is needed.
    NeedMore,
    /// Payload bytes, borrowed from the input.
    Data(&'a [u8]),
    /// The body is complete; input behind the consumed bytes does not belong to it.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first digit of a size.
    SizeStart,
    Size {
        digits: u8,
    },
    /// Blanks behind a size, in an answer.
    SizePadding,
    Extension,
    /// The CR of the size line was seen.
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerLine {
        in_value: bool,
    },
    TrailerLf,
    /// The CR of the empty last line was seen.
    EndLf,
    End,
}

/// Position inside one chunked body. [`advance`](Self::advance) until it gives
/// [`ChunkPiece::End`].
#[derive(Debug, Clone)]
pub struct ChunkScanner {
    state: State,
    /// Size of the current chunk, then what of it is still to come.
    remaining: u64,
    /// Bytes of the current padding and extension, or of the trailer section.
    side_bytes: u32,
    allows_padding: bool,
    /// The lines of the trailer section, each with its line end, when they are wanted.
    trailers: Option<Vec<u8>>,
}

impl Default for ChunkScanner {
    fn default() -> Self {
        Self {
            state: State::SizeStart,
            remaining: 0,
            side_bytes: 0,
            allows_padding: false,
            trailers: None,
        }
    }
}

impl ChunkScanner {
    /// A scanner for a backend's answer, which may pad its sizes.
    #[must_use]
    pub fn of_response() -> Self {
        Self { allows_padding: true, ..Self::default() }
    }

    /// Keeps the trailer section, for [`take_trailers`](Self::take_trailers).
    #[must_use]
    pub fn keeping_trailers(mut self) -> Self {
        self.trailers = Some(Vec::new());
        self
    }

    /// The trailer section so far: whole lines `name: value\r\n`, without the empty last one.
    /// Empty unless it was to be kept.
    pub fn take_trailers(&mut self) -> Vec<u8> {
        self.trailers.take().unwrap_or_default()
    }

    /// Consumes a prefix of `input` and says what it was.
    ///
    /// Returns how many bytes were consumed; data is returned at once, so call again with the
    /// rest until [`ChunkPiece::NeedMore`] (all consumed) or [`ChunkPiece::End`].
    ///
    /// # Errors
    /// A [`ChunkError`] when the input is not a chunked body; the scanner must not be used again.
    pub fn advance<'a>(&mut self, input: &'a [u8]) -> Result<(usize, ChunkPiece<'a>), ChunkError> {
        let mut at = 0;
        loop {
            if self.state == State::End {
                return Ok((at, ChunkPiece::End));
            }
            let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) else {
                return Ok((at, ChunkPiece::NeedMore));
            };
            if self.state == State::Data {
                let taken = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(rest.len());
                let (data, _) = rest.split_at(taken);
                self.remaining -= taken as u64;
                if self.remaining == 0 {
                    self.state = State::DataCr;
                }
                return Ok((at + taken, ChunkPiece::Data(data)));
            }
            self.state = self.step(rest[0])?;
            at += 1;
        }
    }

    /// True once the whole body, trailers included, was consumed.
    pub fn is_complete(&self) -> bool {
        self.state == State::End
    }

    /// One framing byte.
    fn step(&mut self, byte: u8) -> Result<State, ChunkError> {
        match (self.state, byte) {
            (State::SizeStart, _) => {
                self.remaining = u64::from(hex_digit(byte).ok_or(ChunkError::Size)?);
                Ok(State::Size { digits: 1 })
            }
            (State::Size { .. }, b'\r') => Ok(State::SizeLf),
            (State::Size { .. }, b';') => {
                self.side_bytes = 0;
                Ok(State::Extension)
            }
            (State::Size { .. }, b' ' | b'\t') if self.allows_padding => {
                self.side_bytes = 0;
                Ok(State::SizePadding)
            }
            (State::SizePadding, b'\r') => Ok(State::SizeLf),
            (State::SizePadding, b';') => Ok(State::Extension),
            (State::SizePadding, _) => {
                self.side_bytes += 1;
                let allowed =
                    matches!(byte, b' ' | b'\t') && self.side_bytes <= EXTENSION_BYTES_MAX;
                if allowed { Ok(State::SizePadding) } else { Err(ChunkError::Size) }
            }
            (State::Size { digits }, _) => {
                let digit = hex_digit(byte).ok_or(ChunkError::Size)?;
                if digits == SIZE_DIGITS_MAX {
                    return Err(ChunkError::SizeOverflow);
                }
                self.remaining = (self.remaining << 4) | u64::from(digit);
                Ok(State::Size { digits: digits + 1 })
            }
            (State::Extension, b'\r') => Ok(State::SizeLf),
            (State::Extension, _) => {
                self.side_bytes += 1;
                let allowed = is_field_text(byte) && self.side_bytes <= EXTENSION_BYTES_MAX;
                if allowed { Ok(State::Extension) } else { Err(ChunkError::Extension) }
            }
            (State::SizeLf, b'\n') if self.remaining == 0 => {
                self.side_bytes = 0;
                Ok(State::TrailerStart)
            }
            (State::SizeLf, b'\n') => Ok(State::Data),
            (State::SizeLf, _) => Err(ChunkError::Size),
            (State::DataCr, b'\r') => Ok(State::DataLf),
            (State::DataLf, b'\n') => Ok(State::SizeStart),
            (State::DataCr | State::DataLf, _) => Err(ChunkError::DataEnd),
            (State::EndLf, b'\n') => Ok(State::End),
            (State::Data | State::End, _) => Ok(self.state),
            _ => self.step_trailer(byte),
        }
    }

    fn step_trailer(&mut self, byte: u8) -> Result<State, ChunkError> {
        self.side_bytes += 1;
        if self.side_bytes > TRAILER_BYTES_MAX {
            return Err(ChunkError::TrailerTooLong);
        }
        let ends = (self.state, byte) == (State::TrailerStart, b'\r');
        if let Some(kept) = self.trailers.as_mut().filter(|_| !ends) {
            kept.push(byte);
        }
        match (self.state, byte) {
            (State::TrailerStart, b'\r') => Ok(State::EndLf),
            (State::TrailerStart, _) if is_token(byte) => {
                Ok(State::TrailerLine { in_value: false })
            }
            (State::TrailerLine { in_value: false }, b':') => {
                Ok(State::TrailerLine { in_value: true })
            }
            (State::TrailerLine { in_value: false }, _) if is_token(byte) => Ok(self.state),
            (State::TrailerLine { in_value: true }, b'\r') => Ok(State::TrailerLf),
            (State::TrailerLine { in_value: true }, _) if is_field_text(byte) => Ok(self.state),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            _ => Err(ChunkError::Trailer),
        }
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Bytes of a field value (RFC 9110, section 5.5): no controls but the tab.
fn is_field_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Bytes of a token (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
