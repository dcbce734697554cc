//! The byte stream to the backend: plain TCP or TLS over it.

use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::concurrency_limit::SocketCount;

/// A connected stream, counted while it exists.
pub struct Transport {
    stream: Stream,
    _count: SocketCount,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Transport {
    pub fn plain(stream: TcpStream, count: SocketCount) -> Self {
        Self { stream: Stream::Plain(stream), _count: count }
    }

    pub fn tls(stream: TlsStream<TcpStream>, count: SocketCount) -> Self {
        Self { stream: Stream::Tls(Box::new(stream)), _count: count }
    }

    /// The socket underneath.
    pub fn tcp(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        }
    }

    pub fn as_async(&mut self) -> Pin<&mut dyn AsyncStream> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream),
            Stream::Tls(stream) => Pin::new(stream.as_mut()),
        }
    }
}

/// What both kinds of stream are.
pub trait AsyncStream: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> AsyncStream for T {}
