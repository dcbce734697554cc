//! The writing side of a codec socket: redeem the ticket, write the real head, start the upload.

use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use super::super::exchange::{Exchange, UploadFraming, UploadState};
use super::{CodecSocket, Phase, upload};
use crate::http::upstream::error::UpstreamError;

impl CodecSocket {
    /// Takes awc's request head, of which only the ticket matters.
    pub(super) fn begin(&mut self, awc_head: &[u8]) -> Result<(), UpstreamError> {
        if !matches!(self.phase, Phase::Idle) {
            return Err(UpstreamError::Transport("second write in one exchange"));
        }
        let exchange = ticket_number(awc_head)
            .and_then(|number| self.worker.tickets.redeem(number))
            .ok_or(UpstreamError::Transport("request head without a ticket"))?;
        self.exchange = Some(Rc::clone(&exchange));
        exchange.set_reused_socket(self.served);
        self.idle.idle_since.set(None);
        // awc's look at the socket sees what the runtime knew when this turn of its loop began. A
        // request that can be sent again needs no closer look, which costs a system call.
        if self.served && !exchange.replayable {
            let spoken = self.connection.has_spoken();
            if spoken {
                self.worker.note_close(self.alive_at);
            }
            if spoken || self.worker.closes_hastily() {
                exchange.set_stale();
                return Err(UpstreamError::Reset);
            }
        }
        self.phase = Phase::Sending { written: 0 };
        self.alive_at = Instant::now();
        self.interim_heads = 0;
        Ok(())
    }

    /// Writes what is left of the head; ready when all of it is with the kernel.
    pub(super) fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Phase::Sending { mut written } = self.phase else { return Poll::Ready(Ok(())) };
        let Some(exchange) = self.exchange.clone() else { return Poll::Ready(Ok(())) };
        let before = written;
        let outcome = loop {
            let Some(rest) = exchange.head.get(written..).filter(|rest| !rest.is_empty()) else {
                break self.connection.poll_flush(cx);
            };
            match self.connection.poll_write(cx, rest) {
                Poll::Ready(Ok(0)) => break Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => {
                    written += count;
                    self.phase = Phase::Sending { written };
                }
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        if written > before {
            self.alive_at = Instant::now();
        }
        match outcome {
            Poll::Ready(Ok(())) => {
                self.phase = Phase::AwaitingHead;
                exchange.set_head_sent(self.alive_at);
                if !exchange.expect_continue {
                    self.start_upload(&exchange, Direction::Body);
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(_)) => Poll::Ready(Err(self.fail(UpstreamError::Reset))),
            Poll::Pending => self.poll_overdue(cx).map(|fault| Err(self.fail(fault))),
        }
    }

    /// Starts the task that sends what follows the head, if it is its turn.
    pub(super) fn start_upload(&mut self, exchange: &Rc<Exchange>, direction: Direction) {
        let Some(upload) = exchange.take_upload_if(|framing| {
            (framing == UploadFraming::Raw) == (direction == Direction::Tunnel)
        }) else {
            return;
        };
        exchange.set_upload_state(UploadState::Running);
        let task = upload::run(self.connection.clone(), Rc::clone(exchange), upload);
        self.upload = Some(actix_rt::spawn(task));
    }
}

/// Which kind of bytes may follow now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The request's body, right behind its head.
    Body,
    /// A tunnel's bytes, behind the backend's `101`.
    Tunnel,
}

/// The number in `GET /<number> HTTP/1.1`, provided that awc wrote a whole head at once.
fn ticket_number(awc_head: &[u8]) -> Option<usize> {
    let line = awc_head.strip_suffix(b"\r\n\r\n")?.strip_prefix(b"GET /")?;
    let digits = line.split(|byte| *byte == b' ').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_head_carries_a_ticket() {
        fn check(head: &[u8], expected: Option<usize>) {
            assert_eq!(ticket_number(head), expected);
        }
        check(b"GET /17 HTTP/1.1\r\nhost: upstream\r\n\r\n", Some(17));
        check(b"GET /17 HTTP/1.1\r\nhost: upstream\r\n", None);
        check(b"POST /17 HTTP/1.1\r\n\r\n", None);
        check(b"GET / HTTP/1.1\r\n\r\n", None);
    }
}
