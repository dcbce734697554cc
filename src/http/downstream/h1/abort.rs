//! Connections that are ended on purpose, at a place and in a manner that are known.
//!
//! Only the socket knows which bytes are out, so the request path plans a cut and the socket
//! carries it out: bytes before the place are written, bytes behind it are not.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_rt::net::TcpStream;
use actix_rt::time::{Instant, Sleep, sleep, sleep_until};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::domain::chaos::plan::CloseKind;
use crate::http::downstream::DISCONNECT_TIMEOUT;
use crate::http::downstream::client_stream::ClientStream;
use crate::http::exchange::response::X_MOCK_REQUEST_ID;

/// A cut to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlannedAbort {
    /// Once everything that was handed over is written.
    Flushed(CloseKind),
    /// In the middle of the head that carries this request id.
    InHead(Box<str>, CloseKind),
    /// After so many more bytes.
    After(usize, CloseKind),
}

/// How many of `bytes` may be written before the connection is cut; `None` for all.
pub fn before_cut(planned: &mut Option<PlannedAbort>, bytes: &[u8]) -> Option<usize> {
    if let Some(PlannedAbort::InHead(request_id, how)) = planned {
        let (middle, how) = (up_to_mid_head(bytes, request_id)?, *how);
        *planned = Some(PlannedAbort::After(middle, how));
    }
    match planned {
        Some(PlannedAbort::After(left, _)) => Some(*left),
        _ => None,
    }
}

/// Bytes before the place of a cut are out.
pub fn pass(planned: &mut Option<PlannedAbort>, count: usize) {
    if let Some(PlannedAbort::After(left, _)) = planned {
        *left -= count;
    }
}

/// How much of `bytes`, which are about to be written, lies before the middle of the head with
/// this request id; `None` while the head is not among them.
fn up_to_mid_head(bytes: &[u8], request_id: &str) -> Option<usize> {
    let line = format!("\r\n{X_MOCK_REQUEST_ID}: {request_id}\r\n");
    let at = memchr::memmem::find(bytes, line.as_bytes())?;
    // Nothing but the status line of this head begins so between it and the line above.
    let begin = memchr::memmem::rfind(&bytes[..at], b"HTTP/1.")?;
    let end = at + memchr::memmem::find(&bytes[at..], b"\r\n\r\n")? + 4;
    Some(begin + (end - begin) / 2)
}

/// A connection that is being ended.
pub struct Closing {
    how: CloseKind,
    said: bool,
    /// When the client's end, or the sending of what is written, is not waited for any longer.
    patience: Pin<Box<Sleep>>,
    /// Until the next look at what is sent.
    look: Option<Pin<Box<Sleep>>>,
}

impl Closing {
    pub fn new(how: CloseKind) -> Self {
        let patience = match how {
            CloseKind::Fin => DISCONNECT_TIMEOUT,
            CloseKind::Reset => SENT_TIMEOUT,
        };
        let patience = Box::pin(sleep_until(Instant::now() + patience));
        Self { how, said: false, patience, look: None }
    }

    /// Ends the connection; the error tells actix-http to drop it.
    ///
    /// After an orderly end the client's bytes are read and dropped until it closes, too: a socket
    /// that is closed with unread bytes would send a reset instead (RFC 9112, section 9.6).
    pub fn poll(&mut self, stream: &mut ClientStream, cx: &mut Context<'_>) -> Poll<io::Error> {
        if self.how == CloseKind::Reset {
            // What is in memory is read to its end, whatever becomes of who wrote it.
            if let Some(tcp) = stream.tcp() {
                std::task::ready!(self.poll_sent(tcp, cx));
            }
            stream.reset_on_close();
            return Poll::Ready(io::ErrorKind::ConnectionReset.into());
        }
        if !self.said {
            // Shutting down a TCP socket never waits.
            let _said = Pin::new(&mut *stream).poll_shutdown(cx);
            self.said = true;
        }
        let mut dropped = [0; 4096];
        loop {
            let mut into = ReadBuf::new(&mut dropped);
            match Pin::new(&mut *stream).poll_read(cx, &mut into) {
                Poll::Ready(Ok(())) if !into.filled().is_empty() => {}
                Poll::Ready(_ended) => return Poll::Ready(io::ErrorKind::ConnectionAborted.into()),
                Poll::Pending => break,
            }
        }
        self.patience.as_mut().poll(cx).map(|()| io::ErrorKind::ConnectionAborted.into())
    }
}

impl Closing {
    /// Waits until the kernel has sent what was written: a reset throws away what it has not.
    fn poll_sent(&mut self, stream: &TcpStream, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if has_sent(stream) || self.patience.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            // Readiness is told on its edges, and this one is none: so it is looked at anew.
            let look = self.look.get_or_insert_with(|| Box::pin(sleep(SENT_LOOK)));
            std::task::ready!(look.as_mut().poll(cx));
            self.look = None;
        }
    }
}

/// How long a reset waits for bytes before it to be sent: a client that reads at all takes what
/// fits into the buffers of a connection in much less.
const SENT_TIMEOUT: Duration = Duration::from_secs(5);

/// Pause between two looks at whether everything is sent.
const SENT_LOOK: Duration = Duration::from_millis(1);

/// Whether no written byte waits to be sent; true where the system cannot tell.
#[cfg(target_os = "linux")]
fn has_sent(stream: &TcpStream) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    // With this mark a socket counts as writable only when nothing is unsent (tcp(7)).
    let marked = socket2::SockRef::from(stream).set_tcp_notsent_lowat(1);
    let mut look = [PollFd::new(stream, PollFlags::OUT)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    marked.is_err() || !matches!(poll(&mut look, Some(&now)), Ok(0))
}

#[cfg(not(target_os = "linux"))]
fn has_sent(_stream: &TcpStream) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_head_is_found_behind_the_rest_of_an_earlier_answer() {
        let head = "HTTP/1.1 200 OK\r\nx-mock-request-id: 1-b\r\na: b\r\n\r\n";
        let earlier = "tail of HTTP/1.1 talk x-mock-request-id: 1-a\r\n";
        let bytes = format!("{earlier}{head}body x-mock-request-id: 1-b\r\n\r\n");
        let half = earlier.len() + head.len() / 2;
        assert_eq!(up_to_mid_head(bytes.as_bytes(), "1-b"), Some(half));
        assert_eq!(up_to_mid_head(bytes.as_bytes(), "1-c"), None);
        assert_eq!(up_to_mid_head(earlier.as_bytes(), "1-b"), None);
    }
}
