//! Which protocol a client speaks, where it does not say so beforehand.

use std::io;

use actix_rt::net::TcpStream;
use bytes::BytesMut;
use tokio::io::AsyncReadExt as _;

/// What begins every connection of HTTP/2 and, so that no server takes it for a request, none of
/// HTTP/1.1 (RFC 9113, section 3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The protocols that listeners speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientProtocol {
    /// HTTP/1.1, or 1.0.
    Http1,
    /// HTTP/2.
    Http2,
}

impl ClientProtocol {
    /// Waits for the first bytes of a connection and tells by them. They are left where they are,
    /// but for a client that sends the preface in pieces, or a request that begins like it (`P`):
    /// what had to be read of those goes into `ahead`.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn of(stream: &mut TcpStream, ahead: &mut BytesMut) -> io::Result<Self> {
        let mut first = [0; PREFACE.len()];
        let count = stream.peek(&mut first).await?;
        let mut told = Self::told_by(first.get(..count).unwrap_or_default());
        loop {
            if let Some(protocol) = told {
                return Ok(protocol);
            }
            let missing = PREFACE.len().saturating_sub(ahead.len());
            let count = (&mut *stream).take(missing as u64).read_buf(ahead).await?;
            told = if count == 0 { Some(Self::Http1) } else { Self::told_by(ahead) };
        }
    }

    /// `None` while it could still be either. No bytes at all are a client that has left.
    fn told_by(first: &[u8]) -> Option<Self> {
        match first {
            PREFACE => Some(Self::Http2),
            [] => Some(Self::Http1),
            _ if PREFACE.starts_with(first) => None,
            _ => Some(Self::Http1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_that_differs_from_the_preface_tells() {
        for length in 1..PREFACE.len() {
            let (part, rest) = PREFACE.split_at(length);
            assert_eq!(ClientProtocol::told_by(part), None, "{length}");
            let other = [part, &[rest[0] ^ 1]].concat();
            assert_eq!(ClientProtocol::told_by(&other), Some(ClientProtocol::Http1), "{length}");
        }
        assert_eq!(ClientProtocol::told_by(PREFACE), Some(ClientProtocol::Http2));
        for head in ["GET / HTTP/1.1", "POST /", "PUT /", "PROPFIND /", ""] {
            let expected = Some(ClientProtocol::Http1);
            assert_eq!(ClientProtocol::told_by(head.as_bytes()), expected, "{head}");
        }
    }
}
