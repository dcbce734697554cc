//! Response heads: parsing, and the body boundary they declare (RFC 9112, section 6.3).

use std::mem::MaybeUninit;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use bytes::Bytes;
use memchr::memchr;
use thiserror::Error;

use super::content::status_has_content;

/// Largest response head. Common servers refuse above 8 to 64 KiB; the server side of this process
/// takes 128 KiB, and a proxy should not be narrower on one side than on the other.
pub const HEAD_BYTES_MAX: usize = 128 * 1024;
/// Most header fields of one head: a stack array while parsing, far above what servers send.
const HEADER_FIELDS_MAX: usize = 128;

/// What the request said, as far as it decides how its answer is framed.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeadContext {
    /// The request was `HEAD`: the answer has no body whatever its fields say.
    pub head_request: bool,
    /// The request asked for another protocol, so `101` is a possible answer.
    pub tunnel: bool,
}

/// Where the body of an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// No body: answers to `HEAD`, `204`, `304`.
    Bodiless,
    /// Exactly this many bytes.
    Length(u64),
    /// Chunked coding.
    Chunked,
    /// Everything until the backend closes.
    UntilClose,
    /// `101`: both directions are raw bytes from here.
    Tunnel,
}

/// A final answer's head, without the fields that belong to the connection it came on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// 200 and above, or 101.
    pub status: StatusCode,
    /// In the order of the wire, repeated fields kept, `Transfer-Encoding` and `Content-Length`
    /// taken out.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Where the body ends.
    pub framing: Framing,
    /// What `Content-Length` said, also where it frames nothing (`HEAD`, `304`).
    pub declared_length: Option<u64>,
    /// Whether the backend lets this connection serve another request.
    pub keep_alive: bool,
}

/// What the bytes at hand turned out to be; `length` counts the head's bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum HeadOutcome {
    /// Not a whole head yet.
    Partial,
    /// An interim answer (1xx), with what of its fields is not framing.
    Interim {
        /// Bytes that it takes up, its empty line included.
        length: usize,
        /// 100, or 102 to 199.
        status: StatusCode,
        /// In the order of the wire, repeated fields kept.
        headers: Vec<(HeaderName, HeaderValue)>,
    },
    /// The answer itself.
    Final {
        /// Bytes that it takes up, its empty line included.
        length: usize,
        /// What it says.
        head: ResponseHead,
    },
}

/// Why a head was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HeadError {
    /// The bytes are no status line with fields.
    #[error("not an HTTP/1 response head")]
    Syntax,
    /// No end within [`HEAD_BYTES_MAX`].
    #[error("response head too large")]
    TooLarge,
    /// More than [`HEADER_FIELDS_MAX`].
    #[error("too many header fields")]
    TooManyFields,
    /// Not three digits from 100 on.
    #[error("invalid status code")]
    Status,
    /// Not one number of digits alone within 64 bits (RFC 9110, section 8.6).
    #[error("invalid or contradicting `Content-Length`")]
    ContentLength,
    /// Anything but a single `chunked` in HTTP/1.1 (RFC 9112, section 6.1).
    #[error("unsupported `Transfer-Encoding`")]
    TransferEncoding,
    /// 101 to a request without `Upgrade`.
    #[error("protocol switch that was not asked for")]
    UnsolicitedUpgrade,
    /// More of them before the answer than any backend sends.
    #[error("too many interim responses")]
    TooManyInterim,
}

/// Parses one response head from the start of `bytes`.
///
/// # Errors
/// A [`HeadError`] when the bytes cannot be trusted to frame an answer; the connection must not be
/// used any further.
pub fn parse_head(bytes: &[u8], context: HeadContext) -> Result<HeadOutcome, HeadError> {
    parse_within::<HEADER_FIELDS_MAX>(bytes, HEAD_BYTES_MAX, context)
}

/// Parses the head of an answer that this process wrote itself, of which the backend's may be a
/// part: there is room for what the double adds.
///
/// # Errors
/// As for [`parse_head`].
pub fn parse_own_head(bytes: &[u8], context: HeadContext) -> Result<HeadOutcome, HeadError> {
    parse_within::<{ HEADER_FIELDS_MAX * 2 }>(bytes, HEAD_BYTES_MAX * 2, context)
}

fn parse_within<const FIELDS_MAX: usize>(
    bytes: &[u8],
    bytes_max: usize,
    context: HeadContext,
) -> Result<HeadOutcome, HeadError> {
    let mut fields = [const { MaybeUninit::<httparse::Header<'_>>::uninit() }; FIELDS_MAX];
    let mut parsed = httparse::Response::new(&mut []);
    let outcome = httparse::ParserConfig::default().parse_response_with_uninit_headers(
        &mut parsed,
        bytes,
        &mut fields,
    );
    let length = match outcome {
        Ok(httparse::Status::Complete(length)) if length <= bytes_max => length,
        Ok(httparse::Status::Complete(_)) => return Err(HeadError::TooLarge),
        Ok(httparse::Status::Partial) if bytes.len() >= bytes_max => {
            return Err(HeadError::TooLarge);
        }
        Ok(httparse::Status::Partial) => return Ok(HeadOutcome::Partial),
        Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooManyFields),
        Err(_) => return Err(HeadError::Syntax),
    };
    let code = parsed.code.ok_or(HeadError::Status)?;
    let status = StatusCode::from_u16(code).map_err(|_| HeadError::Status)?;
    if status == StatusCode::SWITCHING_PROTOCOLS && !context.tunnel {
        return Err(HeadError::UnsolicitedUpgrade);
    }
    if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
        let (headers, _framing) = fields_of(bytes, parsed.headers, true)?;
        return Ok(HeadOutcome::Interim { length, status, headers });
    }
    let minor = parsed.version.ok_or(HeadError::Syntax)?;
    let head = final_head(bytes, parsed.headers, status, minor, context)?;
    Ok(HeadOutcome::Final { length, head })
}

/// The fields that frame an answer, gathered while its header list is built.
#[derive(Default)]
struct Boundary {
    length: Option<u64>,
    transfer_encodings: usize,
    chunked: bool,
    close: bool,
    keep_alive: bool,
}

/// The fields that do not frame, in the order of the wire, and those that do. What the latter say
/// in an `interim` head does not matter: it has no body.
fn fields_of(
    bytes: &[u8],
    fields: &[httparse::Header<'_>],
    interim: bool,
) -> Result<(Vec<(HeaderName, HeaderValue)>, Boundary), HeadError> {
    // One copy of the head carries every value; each value is a counted slice of it.
    let shared = Bytes::copy_from_slice(head_region(bytes, fields));
    let mut headers = Vec::with_capacity(fields.len());
    let mut boundary = Boundary::default();
    for field in fields {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| HeadError::Syntax)?;
        match boundary.note(&name, field.value) {
            Ok(true) => continue,
            Err(_) if interim => continue,
            noted => noted?,
        };
        let start = offset_in(bytes, field.value);
        let value = HeaderValue::from_maybe_shared(shared.slice(start..start + field.value.len()))
            .map_err(|_| HeadError::Syntax)?;
        headers.push((name, value));
    }
    Ok((headers, boundary))
}

fn final_head(
    bytes: &[u8],
    fields: &[httparse::Header<'_>],
    status: StatusCode,
    minor: u8,
    context: HeadContext,
) -> Result<ResponseHead, HeadError> {
    let (headers, boundary) = fields_of(bytes, fields, false)?;
    let framing = boundary.framing(status, minor, context)?;
    let confused = boundary.transfer_encodings > 0 && boundary.length.is_some();
    let reusable = !matches!(framing, Framing::UntilClose | Framing::Tunnel) && !confused;
    let persistent = if minor == 0 { boundary.keep_alive } else { true };
    Ok(ResponseHead {
        status,
        headers,
        framing,
        declared_length: boundary
            .length
            .filter(|_| boundary.transfer_encodings == 0 && status != StatusCode::NO_CONTENT),
        keep_alive: reusable && persistent && !boundary.close,
    })
}

/// The part of `bytes` up to the end of the last field value: what the values are slices of.
fn head_region<'a>(bytes: &'a [u8], fields: &[httparse::Header<'_>]) -> &'a [u8] {
    let end = fields.iter().map(|field| offset_in(bytes, field.value) + field.value.len()).max();
    bytes.get(..end.unwrap_or(0)).unwrap_or(bytes)
}

/// Where `part`, a subslice of `whole`, begins. The parser only hands out subslices of its input;
/// an empty value may be a static one, for which any in-range offset is right.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    let offset = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    if offset + part.len() <= whole.len() && !part.is_empty() { offset } else { 0 }
}

impl Boundary {
    /// Notes a field; true when it frames the answer and leaves the header list.
    fn note(&mut self, name: &HeaderName, value: &[u8]) -> Result<bool, HeadError> {
        if *name == header::CONTENT_LENGTH {
            // A list of equal lengths is one length (RFC 9110, section 8.6).
            for part in value.split(|byte| *byte == b',') {
                let length = parse_length(part.trim_ascii()).ok_or(HeadError::ContentLength)?;
                if self.length.is_some_and(|earlier| earlier != length) {
                    return Err(HeadError::ContentLength);
                }
                self.length = Some(length);
            }
            return Ok(true);
        }
        if *name == header::TRANSFER_ENCODING {
            self.transfer_encodings += 1;
            self.chunked = value.trim_ascii().eq_ignore_ascii_case(b"chunked");
            return Ok(true);
        }
        if *name == header::CONNECTION {
            for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
                self.close |= option.eq_ignore_ascii_case(b"close");
                self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            }
        }
        Ok(false)
    }

    fn framing(
        &self,
        status: StatusCode,
        minor: u8,
        context: HeadContext,
    ) -> Result<Framing, HeadError> {
        if status == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Framing::Tunnel);
        }
        if context.head_request || !status_has_content(status) {
            return Ok(Framing::Bodiless);
        }
        match (self.transfer_encodings, self.length) {
            // HTTP/1.0 knows no transfer codings: such an answer was tampered with on its way.
            (1, _) if self.chunked && minor == 1 => Ok(Framing::Chunked),
            (1.., _) => Err(HeadError::TransferEncoding),
            (0, Some(length)) => Ok(Framing::Length(length)),
            (0, None) => Ok(Framing::UntilClose),
        }
    }
}

/// Digits only (RFC 9110, section 8.6), within 64 bits: no sign, no blanks, no empty value.
fn parse_length(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    digits
        .iter()
        .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

/// Whether freshly read bytes can end a head: without a line feed there is nothing to parse again,
/// which keeps a head that arrives byte by byte from being parsed once per byte.
pub fn may_complete(fresh: &[u8]) -> bool {
    memchr(b'\n', fresh).is_some()
}

#[cfg(test)]
mod tests;
