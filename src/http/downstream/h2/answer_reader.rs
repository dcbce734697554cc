//! The answer of HTTP/1.1 that comes out of the pipe, read back into what HTTP/2 sends.

use std::io;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::request_head::CONNECTION_FIELDS;
use crate::http::framing::{
    ChunkPiece, ChunkScanner, Framing, HeadContext, HeadOutcome, ResponseHead, parse_own_head,
};

/// Read at once: what a frame holds by default (RFC 9113, section 4.2).
const READ_BYTES: usize = 16 * 1024;

/// Reads one answer. Its errors: [`io::ErrorKind::UnexpectedEof`] when it breaks off, and
/// [`io::ErrorKind::InvalidData`] when it is none.
pub struct AnswerReader<R> {
    pipe: R,
    buffer: BytesMut,
    head_request: bool,
    body: Body,
}

enum Body {
    Length(u64),
    Chunked(ChunkScanner),
    Ended,
}

/// A head.
pub enum AnswerHead {
    /// One of several before the answer.
    Interim(Response<()>),
    /// The answer's own, and whether nothing follows it.
    Final(Response<()>, bool),
}

/// What follows the head of the answer.
pub enum AnswerPiece {
    /// Bytes of its body, and whether they are the last.
    Data(Bytes, bool),
    /// The end of a body of unknown length, with the fields behind it.
    End(Option<HeaderMap>),
}

impl<R: AsyncRead + Unpin> AnswerReader<R> {
    pub fn new(pipe: R, head_request: bool) -> Self {
        Self { pipe, buffer: BytesMut::new(), head_request, body: Body::Ended }
    }

    /// The next head. Dropped while it waits, it loses nothing.
    pub async fn head(&mut self) -> io::Result<AnswerHead> {
        let context = HeadContext { head_request: self.head_request, tunnel: false };
        loop {
            match parse_own_head(&self.buffer, context).map_err(invalid)? {
                HeadOutcome::Partial => self.fill().await?,
                HeadOutcome::Interim { length, status, headers } => {
                    let _taken = self.buffer.split_to(length);
                    let mut response = Response::new(());
                    let fields = headers.iter();
                    let fields = fields.map(|(name, value)| (name.as_str(), value.as_bytes()));
                    add(response.headers_mut(), fields);
                    *response.status_mut() = status_of(status.as_u16())?;
                    return Ok(AnswerHead::Interim(response));
                }
                HeadOutcome::Final { length, head } => {
                    let _taken = self.buffer.split_to(length);
                    self.body = match head.framing {
                        Framing::Bodiless | Framing::Length(0) => Body::Ended,
                        Framing::Length(length) => Body::Length(length),
                        Framing::Chunked => {
                            Body::Chunked(ChunkScanner::default().keeping_trailers())
                        }
                        // Nothing is answered so to a request of HTTP/1.1 that asked for no tunnel.
                        Framing::UntilClose | Framing::Tunnel => {
                            return Err(io::ErrorKind::InvalidData.into());
                        }
                    };
                    let ends = matches!(self.body, Body::Ended);
                    return Ok(AnswerHead::Final(response_of(&head)?, ends));
                }
            }
        }
    }

    /// The next piece behind the answer's head. Dropped while it waits, it loses nothing.
    pub async fn piece(&mut self) -> io::Result<AnswerPiece> {
        loop {
            match &mut self.body {
                Body::Ended => return Ok(AnswerPiece::End(None)),
                Body::Length(left) if !self.buffer.is_empty() => {
                    let whole = usize::try_from(*left).unwrap_or(usize::MAX);
                    let taken = self.buffer.len().min(whole);
                    let data = self.buffer.split_to(taken).freeze();
                    *left -= taken as u64;
                    let last = *left == 0;
                    if last {
                        self.body = Body::Ended;
                    }
                    return Ok(AnswerPiece::Data(data, last));
                }
                Body::Chunked(scanner) if !self.buffer.is_empty() => {
                    let (used, piece) = scanner.advance(&self.buffer).map_err(invalid)?;
                    let (length, ends) = match piece {
                        ChunkPiece::Data(data) => (data.len(), false),
                        ChunkPiece::End => (0, true),
                        ChunkPiece::NeedMore => (0, false),
                    };
                    if ends {
                        let section = scanner.take_trailers();
                        self.body = Body::Ended;
                        return Ok(AnswerPiece::End(trailers(&section)));
                    }
                    let mut taken = self.buffer.split_to(used);
                    if length > 0 {
                        let data = taken.split_off(used - length).freeze();
                        return Ok(AnswerPiece::Data(data, false));
                    }
                }
                Body::Length(_) | Body::Chunked(_) => {}
            }
            if self.buffer.is_empty() {
                self.fill().await?;
            }
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        self.buffer.reserve(READ_BYTES);
        match self.pipe.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn status_of(code: u16) -> io::Result<StatusCode> {
    StatusCode::from_u16(code).map_err(invalid)
}

fn response_of(head: &ResponseHead) -> io::Result<Response<()>> {
    let mut response = Response::new(());
    *response.status_mut() = status_of(head.status.as_u16())?;
    let fields = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    add(response.headers_mut(), fields);
    if let Some(length) = head.declared_length {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(response)
}

/// Adds fields, but for those that the frames of HTTP/2 stand for.
fn add<'a>(headers: &mut HeaderMap, fields: impl Iterator<Item = (&'a str, &'a [u8])>) {
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).ok();
        let Some(name) = name.filter(|name| !CONNECTION_FIELDS.contains(name)) else { continue };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            // Fails beyond tens of thousands of fields, which no head has.
            let _added = headers.try_append(name, value);
        }
    }
}

/// The fields of a trailer section, if it has any.
fn trailers(section: &[u8]) -> Option<HeaderMap> {
    let mut trailers = HeaderMap::new();
    let lines = section.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let fields = lines.filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let (name, value) = line.split_at(colon);
        Some((std::str::from_utf8(name).ok()?, value.get(1..)?.trim_ascii()))
    });
    add(&mut trailers, fields);
    trailers.remove(CONTENT_LENGTH);
    (!trailers.is_empty()).then_some(trailers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an answer is read as, its bytes in pieces of `step`.
    async fn read(bytes: &[u8], head_request: bool, step: usize) -> io::Result<String> {
        let (ours, mut theirs) = tokio::io::duplex(step);
        let write = async {
            let _written = tokio::io::AsyncWriteExt::write_all(&mut theirs, bytes).await;
            drop(theirs);
        };
        let read = async {
            let mut reader = AnswerReader::new(ours, head_request);
            let mut told = String::new();
            loop {
                match reader.head().await? {
                    AnswerHead::Interim(response) => {
                        told += &format!("{} ", response.status().as_u16());
                    }
                    AnswerHead::Final(response, ends) => {
                        told += response.status().as_str();
                        for (name, value) in response.headers() {
                            told += &format!(" {name}={}", value.to_str().unwrap());
                        }
                        if ends {
                            return Ok(told);
                        }
                        break;
                    }
                }
            }
            told += " ";
            loop {
                match reader.piece().await? {
                    AnswerPiece::Data(data, last) => {
                        told += std::str::from_utf8(&data).unwrap();
                        if last {
                            return Ok(told);
                        }
                    }
                    AnswerPiece::End(trailers) => {
                        for (name, value) in trailers.iter().flatten() {
                            told += &format!(" {name}={}", value.to_str().unwrap());
                        }
                        return Ok(told);
                    }
                }
            }
        };
        tokio::join!(write, read).1
    }

    fn check(bytes: &str, head_request: bool, expected: Result<&str, io::ErrorKind>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for step in [1, 2, 3, 7, 64, 4_096] {
            let told = runtime.block_on(read(bytes.as_bytes(), head_request, step));
            let told = told.map_err(|error| error.kind());
            assert_eq!(told.as_deref().map_err(|kind| *kind), expected, "{bytes} by {step}");
        }
    }

    #[test]
    fn answers_are_read_to_their_end_and_no_further() {
        let length =
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\nx: 1\r\n\r\nhello";
        check(length, false, Ok("200 x=1 content-length=5 hello"));
        check(length, true, Ok("200 x=1 content-length=5"));
        let chunks = "HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\n\
            transfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\ngrpc-status: 0\r\n\r\n";
        check(chunks, false, Ok("103 200 hello grpc-status=0"));
        check("HTTP/1.1 204 No Content\r\n\r\n", false, Ok("204"));
        let unmodified = "HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n";
        check(unmodified, false, Ok("304 content-length=7"));
        check("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", false, Ok("200 content-length=0"));
    }

    #[test]
    fn an_answer_that_breaks_off_is_told_from_one_that_ends() {
        let eof = Err(io::ErrorKind::UnexpectedEof);
        check("", false, eof);
        check("HTTP/1.1 200 OK\r\ncont", false, eof);
        check("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell", false, eof);
        let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n";
        check(chunks, false, eof);
        let invalid = Err(io::ErrorKind::InvalidData);
        check("nonsense\r\n\r\n", false, invalid);
        check(&format!("{chunks}x"), false, invalid);
    }
}
