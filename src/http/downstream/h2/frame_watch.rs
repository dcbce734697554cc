//! The connection below `h2`, with the timers that it does not have.

use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame_scanner::FrameScanner;
use super::sent_bytes::SentBytes;
use crate::http::downstream::client_stream::ClientStream;
use crate::http::downstream::timer::Timer;

/// A client's connection. It ends when a frame, or the fields of a message, take longer than a head
/// of HTTP/1.1 may, when the payload of `DATA` pauses for longer than a body may, and when the
/// client takes no bytes for that long.
pub struct FrameWatch {
    stream: ClientStream,
    received: FrameScanner,
    sent: FrameScanner,
    sent_bytes: SentBytes,
    header_timeout: Duration,
    idle_timeout: Duration,
    read_timer: Timer,
    write_timer: Timer,
}

impl FrameWatch {
    pub fn new(
        stream: ClientStream,
        sent_bytes: SentBytes,
        (header_timeout, idle_timeout): (Duration, Duration),
    ) -> Self {
        Self {
            stream,
            received: FrameScanner::behind_preface(),
            sent: FrameScanner::default(),
            sent_bytes,
            header_timeout,
            idle_timeout,
            read_timer: Timer::default(),
            write_timer: Timer::default(),
        }
    }

    /// A client that sends nothing, which is well between two frames.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.received.is_between() {
            return Poll::Pending;
        }
        let limit =
            if self.received.is_in_data() { self.idle_timeout } else { self.header_timeout };
        self.read_timer.poll(cx, limit).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    /// A write that went on, or waits and may be overdue.
    fn watch_write<T>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        self.write_timer.watch(cx, self.idle_timeout, outcome)
    }

    /// Notes that the first bytes of `bytes` are written, `left` at most, and takes them off it.
    fn note_sent(&mut self, bytes: &[u8], left: &mut usize) {
        let written = bytes.get(..(*left).min(bytes.len())).unwrap_or_default();
        *left -= written.len();
        let Self { sent, sent_bytes, .. } = self;
        sent.advance(written, |piece| sent_bytes.note(piece));
    }
}

impl AsyncRead for FrameWatch {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let start = buf.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => {
                let fresh = buf.filled().get(start..).unwrap_or_default();
                this.received.advance(fresh, |_| {});
                // Whoever drips a head gains no time by that; a body may take its time.
                if this.received.is_between() || this.received.is_in_data() {
                    this.read_timer.due = None;
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => this.poll_overdue(cx),
        }
    }
}

impl AsyncWrite for FrameWatch {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(cx, bytes);
        let count = ready!(this.watch_write(cx, outcome))?;
        this.note_sent(bytes, &mut { count });
        Poll::Ready(Ok(count))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        let count = ready!(this.watch_write(cx, outcome))?;
        let mut left = count;
        for slice in slices {
            this.note_sent(slice, &mut left);
        }
        Poll::Ready(Ok(count))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_flush(cx);
        this.watch_write(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
