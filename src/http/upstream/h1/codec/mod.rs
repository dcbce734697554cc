//! The socket awc is given: an HTTP/1.1 transport of its own behind awc's back.
//!
//! What awc relies on, and what the codec therefore keeps up:
//!
//! ```text
//! awc writes one request head, flushes    codec takes the ticket out of it, writes the real head,
//!                                         starts the upload
//! awc reads a response head               codec reads the real one, checks it, keeps it in the
//!                                         exchange and hands awc a head of three known shapes
//! awc reads a body until its declared end codec hands on the data, framed anew, never more
//! awc pools the socket, and reads two     codec stays silent while the connection is good and
//! bytes before it uses it again           reports its end when not
//! ```
//!
//! So no byte of a backend's framing reaches awc's parsers, and no byte of a client reaches its
//! encoder. Every failure is an I/O error that carries an [`UpstreamError`].

mod deadline;
mod reading;
mod upload;
mod writing;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use actix_rt::net::{ActixStream, Ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;

use self::deadline::Deadline;
use self::reading::BodyReader;
use super::exchange::{Exchange, UploadState};
use super::worker::{IdleSocket, Worker};
use crate::http::upstream::error::UpstreamError;
use crate::http::upstream::h1::connection::BackendConnection;

/// A connection to the backend, as awc's I/O type.
pub struct CodecSocket {
    worker: Rc<Worker>,
    connection: BackendConnection,
    idle: Rc<IdleSocket>,
    phase: Phase,
    exchange: Option<Rc<Exchange>>,
    upload: Option<JoinHandle<()>>,
    /// Whether an answer was read from this socket before.
    served: bool,
    /// A head that did not come in one read.
    partial: Vec<u8>,
    interim_heads: u32,
    timer: Deadline,
    /// The last sign of life the current phase's timer counts from.
    alive_at: Instant,
}

/// Where the socket is between two requests.
enum Phase {
    /// No request: fresh, or back in awc's pool.
    Idle,
    /// The request head is being written.
    Sending { written: usize },
    /// The request head is out, no final head is in.
    AwaitingHead,
    /// The body of an answer is on its way.
    Body { reader: BodyReader, keep_alive: bool },
    /// Failed: the connection is closed and the cause was reported.
    Failed,
}

impl CodecSocket {
    pub fn new(worker: Rc<Worker>, connection: BackendConnection) -> Self {
        let idle = worker.watch(connection.clone());
        Self {
            worker,
            connection,
            idle,
            phase: Phase::Idle,
            exchange: None,
            upload: None,
            served: false,
            partial: Vec::new(),
            interim_heads: 0,
            timer: Deadline::default(),
            alive_at: Instant::now(),
        }
    }

    /// Closes the connection and reports why.
    fn fail(&mut self, fault: UpstreamError) -> io::Error {
        if let Some(exchange) = self.exchange.take() {
            exchange.set_fault(fault.clone());
        }
        self.close();
        self.phase = Phase::Failed;
        fault.into_io()
    }

    /// The answer is complete, as of the last read: the socket goes back to the pool, or is closed
    /// at once.
    fn finish(&mut self, keep_alive: bool) {
        self.phase = Phase::Idle;
        self.served = true;
        let Some(exchange) = self.exchange.take() else { return };
        exchange.set_complete(self.alive_at);
        let uploaded = exchange.upload_state() == UploadState::Done;
        if keep_alive && uploaded && self.worker.upstream.concurrency.may_keep_idle() {
            self.idle.idle_since.set(Some(self.alive_at));
        } else {
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some(upload) = self.upload.take() {
            upload.abort();
        }
        self.connection.close();
    }

    /// awc's look at an idle socket. The end of the stream makes awc drop it.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let trusted = self.idle.idle_since.get().is_none_or(|since| self.worker.may_reuse(since));
        if trusted && self.connection.is_open() {
            ready!(self.connection.poll_idle(cx));
            self.worker.note_close(self.alive_at);
        }
        self.connection.close();
        Poll::Ready(Ok(()))
    }

    /// Waits, but not beyond the current phase's limit.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<UpstreamError> {
        let Some((due, fault)) = self.due() else { return Poll::Pending };
        ready!(self.timer.poll(cx, due));
        Poll::Ready(fault)
    }

    /// When the current phase is overdue, and what that is called. Nothing is due while the client
    /// has still to send: how long that may take is not the backend's matter.
    fn due(&self) -> Option<(Instant, UpstreamError)> {
        let exchange = self.exchange.as_ref()?;
        let limits = exchange.limits;
        let progress = exchange.upload_progress_at().unwrap_or(self.alive_at).max(self.alive_at);
        let uploading = exchange.upload_state() == UploadState::Running;
        match &self.phase {
            Phase::Sending { .. } => {
                Some((self.alive_at + limits.write_stall, UpstreamError::WriteStall))
            }
            Phase::Body { reader: BodyReader::Tunnel, .. } => {
                Some((progress + limits.tunnel_idle, UpstreamError::IdleTimeout))
            }
            Phase::AwaitingHead if !uploading => {
                Some((progress + limits.first_byte, UpstreamError::FirstByteTimeout))
            }
            Phase::Body { .. } if !uploading => {
                Some((progress + limits.idle, UpstreamError::IdleTimeout))
            }
            _ => None,
        }
    }
}

impl AsyncRead for CodecSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match this.phase {
            Phase::Idle => this.poll_idle(cx),
            Phase::Failed => Poll::Ready(Ok(())),
            Phase::Sending { .. } => {
                let fault = UpstreamError::Transport("read before the request was written");
                Poll::Ready(Err(this.fail(fault)))
            }
            Phase::AwaitingHead | Phase::Body { .. } => this.poll_response(cx, buf),
        }
    }
}

impl AsyncWrite for CodecSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        Poll::Ready(match this.begin(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(fault) => Err(this.fail(fault)),
        })
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_send(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().close();
        Poll::Ready(Ok(()))
    }
}

/// awc asks for readiness in its type bounds only; the codec's own polls are what it uses.
impl ActixStream for CodecSocket {
    fn poll_read_ready(&self, _cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        Poll::Ready(Ok(Ready::READABLE))
    }

    fn poll_write_ready(&self, _cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        Poll::Ready(Ok(Ready::WRITABLE))
    }
}

impl fmt::Debug for CodecSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodecSocket").field("served", &self.served).finish_non_exhaustive()
    }
}

impl Drop for CodecSocket {
    fn drop(&mut self) {
        self.close();
    }
}
