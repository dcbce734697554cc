//! What the bytes of a client come from, and whether somebody between can read along.

use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_rt::net::TcpStream;
use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio_rustls::server::TlsStream;

use super::h1::reject;
use crate::http::error::Problem;

/// A client's bytes: those of a connection, as they are or behind TLS, or those of one stream of an
/// HTTP/2 connection, as HTTP/1.1 in memory.
pub enum ClientStream {
    /// As they are. The first of them may have been read already, to know what they are.
    Plain(TcpStream, Bytes),
    /// Behind TLS.
    Tls(Box<TlsStream<TcpStream>>),
    /// In memory; its end is that the client has left that stream.
    Memory {
        /// The other end is held by what translates the stream.
        pipe: DuplexStream,
        /// The connection is behind TLS.
        is_secure: bool,
    },
}

impl ClientStream {
    /// The connection beneath, if that is this stream's own.
    pub fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(stream, _) => Some(stream),
            Self::Tls(stream) => Some(stream.get_ref().0),
            Self::Memory { .. } => None,
        }
    }

    /// Tells a client why its connection ends. Behind TLS it ends without a word: what is said
    /// there may have to wait for the client, and nothing may wait here.
    pub fn refuse(&self, problem: &Problem) {
        if let Self::Plain(stream, _) = self {
            reject::refuse(stream, problem);
        }
    }

    /// Makes the close a reset, where there is a connection of its own to be reset.
    pub fn reset_on_close(&self) {
        if let Some(stream) = self.tcp() {
            // A socket that refuses the option is closed in the ordinary way.
            let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
    }

    /// Whether nobody between can read along.
    pub fn is_secure(&self) -> bool {
        match self {
            Self::Plain(..) => false,
            Self::Tls(_) => true,
            Self::Memory { is_secure, .. } => *is_secure,
        }
    }
}

/// What the application may know of the connection that a request came by; stands in the data of
/// each connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientConnection {
    /// It is behind TLS.
    pub is_secure: bool,
    /// The client speaks HTTP/2, and the request was translated to HTTP/1.1.
    pub is_http_2: bool,
}

impl AsyncRead for ClientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream, ahead) if ahead.is_empty() => Pin::new(stream).poll_read(cx, buf),
            Self::Plain(stream, ahead) => {
                let count = ahead.len().min(buf.remaining());
                buf.put_slice(ahead.get(..count).unwrap_or_default());
                ahead.advance(count);
                // In one piece with what came behind it. What the connection says beside bytes, its
                // next reading says again.
                let _later = Pin::new(stream).poll_read(cx, buf);
                Poll::Ready(Ok(()))
            }
            Self::Tls(stream) => match Pin::new(stream).poll_read(cx, buf) {
                // Most clients close without saying so; HTTP frames its messages by itself.
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    Poll::Ready(Ok(()))
                }
                polled => polled,
            },
            Self::Memory { pipe, .. } => Pin::new(pipe).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream, _) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Memory { pipe, .. } => Pin::new(pipe).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream, _) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Memory { pipe, .. } => Pin::new(pipe).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream, _) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Self::Memory { pipe, .. } => Pin::new(pipe).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream, _) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Memory { pipe, .. } => Pin::new(pipe).poll_shutdown(cx),
        }
    }
}
