//! A client's connection with the strictness and the timers actix-http does not have.
//!
//! Every byte of a client goes by the [`RequestScanner`] before actix-http sees it, one request at
//! a time: what a client sends behind a request waits here for its answer, so that nothing of it
//! can disturb or outlive that. At the first fault nothing more is passed on: a fault in a head is
//! made known by a NUL, which actix-http refuses wherever it stands in a head; a fault in a body by
//! the exchange, whose answer then is a 400. Either way the connection ends.
//!
//! What actix-http refuses by itself never reaches the application, and its answer says nothing;
//! the problem is written in its place. No head is passed on before the answer in front of it is
//! with the kernel, so what is written between a head and its exchange is such a refusal, whole.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_rt::time::Instant;
use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::exchange_tracker::ExchangeTracker;
use super::half_closed::HalfClosed;
use super::reject;
use crate::http::downstream::client_stream::{ClientConnection, ClientStream};
use crate::http::downstream::h1::abort::{Closing, PlannedAbort, before_cut, pass};
use crate::http::downstream::limits::ConnectionPermit;
use crate::http::downstream::timer::Timer;
use crate::http::downstream::{DISCONNECT_TIMEOUT, DownstreamSettings};
use crate::http::error::{Problem, ProblemKind};
use crate::http::framing::{RequestError, RequestScanner};
use crate::http::log_limiter::LogLimiter;

/// Requests that are none. One client can send thousands a second.
static BROKEN_REQUESTS: LogLimiter = LogLimiter::new();
/// Requests that do not come to their end.
static SLOW_HEADS: LogLimiter = LogLimiter::new();

/// What a client is told whose head does not come to its end.
pub const SLOW_HEAD: &str = "the head of the request did not come in time";

/// What ends the last chunk, and a trailer section.
const LINE_END: &[u8] = b"\r\n";

/// What refuses a head anywhere: no parser takes it for part of a request line or a field.
const POISON: &[u8] = b"\0";

/// Bytes of later requests that are held while one is answered. Beyond them the socket is left
/// alone, and a client that leaves is noticed no sooner than that answer is written.
const HELD_BYTES_MAX: usize = 64 * 1024;

/// Bytes behind the end of a connection that are read and thrown away, so that the close is no
/// reset, which could overtake the last answer. More than that is not a mistake but an attack.
const DISCARDED_BYTES_MAX: usize = 1 << 20;

/// The I/O type under actix-http.
pub struct ClientSocket {
    stream: ClientStream,
    exchanges: ExchangeTracker,
    scanner: RequestScanner,
    reading: Reading,
    /// Bytes behind the request that is being answered.
    held: Vec<u8>,
    discarded: usize,
    header_timeout: Duration,
    write_timeout: Duration,
    head_timer: Timer,
    write_timer: Timer,
    end_timer: Timer,
    /// A head waits for the answer in front of it to be written.
    reads_after_write: bool,
    /// What is still to be written of a refusal.
    refusal: Option<Bytes>,
    /// What the double itself puts between the bytes of actix-http: interim answers, trailers.
    inserted: Bytes,
    /// The trailers are being written, in the place of the last line end.
    in_trailers: bool,
    half_closed: HalfClosed,
    /// Set while the connection is cut on purpose.
    ending: Option<Closing>,
    /// The place of a connection; a stream of an HTTP/2 connection takes none.
    _permit: Option<ConnectionPermit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Requests,
    /// A body was malformed: its answer is waited for, nothing is passed on.
    LastAnswer,
    /// Nothing is read any more.
    Ended,
}

impl ClientSocket {
    /// `since`: when the time of the first head began to run.
    pub fn new(
        stream: ClientStream,
        permit: Option<ConnectionPermit>,
        since: Instant,
        settings: &DownstreamSettings,
    ) -> Self {
        if let Some(tcp) = stream.tcp() {
            // Answers are written in one piece; waiting for more only adds latency. A socket that
            // refuses the option works without it.
            let _ = tcp.set_nodelay(true);
        }
        Self {
            stream,
            exchanges: ExchangeTracker::default(),
            scanner: RequestScanner::default(),
            reading: Reading::Requests,
            held: Vec::new(),
            discarded: 0,
            header_timeout: settings.header_timeout,
            write_timeout: settings.idle_timeout,
            head_timer: Timer::until(since + settings.header_timeout),
            write_timer: Timer::default(),
            end_timer: Timer::default(),
            reads_after_write: false,
            refusal: None,
            inserted: Bytes::new(),
            in_trailers: false,
            half_closed: HalfClosed::default(),
            ending: None,
            _permit: permit,
        }
    }

    /// What the exchanges of this connection need to know of it.
    pub fn facts(&self) -> (ExchangeTracker, ClientConnection) {
        let connection = ClientConnection {
            is_secure: self.stream.is_secure(),
            is_http_2: matches!(self.stream, ClientStream::Memory { .. }),
        };
        (self.exchanges.clone(), connection)
    }

    /// Passes on what is there: bytes that were held, or fresh ones.
    fn poll_requests(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let start = buf.filled().len();
        if !self.held.is_empty() {
            if self.poll_answered(cx).is_pending() {
                return self.poll_later(cx);
            }
            let count = buf.remaining().min(self.held.len());
            buf.put_slice(self.held.get(..count).unwrap_or_default());
            self.held.drain(..count);
            return self.scan(cx, buf, start);
        }
        if self.half_closed.is_set() {
            return self.poll_client_end(cx);
        }
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Pending => self.poll_head_overdue(cx),
            Poll::Ready(Ok(())) if buf.filled().len() == start => self.poll_client_end(cx),
            Poll::Ready(Ok(())) => self.scan(cx, buf, start),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }

    /// Judges what stands in `buf` behind `start`; what must not be passed on is taken back.
    fn scan(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        start: usize,
    ) -> Poll<io::Result<()>> {
        // Fresh bytes behind a request that is being answered: not its own, so not to be read yet.
        let waiting = self.scanner.is_between() && self.poll_answered(cx).is_pending();
        let passed = if waiting { Ok(0) } else { self.advance(buf, start) };
        let fresh = buf.filled().get(start..).unwrap_or_default();
        let fault = match passed {
            Ok(passed) => {
                // In front of what is held already, of which these bytes are the beginning.
                let later = fresh.get(passed..).unwrap_or_default();
                self.held.splice(..0, later.iter().copied());
                buf.set_filled(start + passed);
                if !self.scanner.is_in_head() {
                    self.head_timer.due = None;
                }
                return if passed > 0 { Poll::Ready(Ok(())) } else { self.poll_later(cx) };
            }
            Err(fault) => fault,
        };
        buf.set_filled(start + fault.passed);
        self.held = Vec::new();
        if !fault.in_body {
            // The byte at fault was taken back, so there is room.
            buf.put_slice(POISON);
            self.reading = Reading::Ended;
            return Poll::Ready(Ok(()));
        }
        self.reading = Reading::LastAnswer;
        BROKEN_REQUESTS.warn("", || "client: the body of a request is malformed".to_owned());
        self.exchanges.set_malformed();
        if fault.passed > 0 { Poll::Ready(Ok(())) } else { self.poll_last_response(cx).map(Ok) }
    }

    /// Scans what stands in `buf` behind `start`, and notes what it says to this connection.
    fn advance(&mut self, buf: &mut ReadBuf<'_>, start: usize) -> Result<usize, RequestError> {
        let fresh = buf.filled_mut().get_mut(start..).unwrap_or_default();
        let before = self.scanner.requests();
        let passed = self.scanner.advance(fresh)?;
        for part in self.scanner.erased() {
            fresh.get_mut(part.clone()).unwrap_or_default().fill(b' ');
        }
        if self.scanner.requests() > before {
            self.exchanges.set_facts(self.scanner.facts());
        }
        if self.scanner.is_between() {
            let trailers = self.scanner.take_trailers();
            if !trailers.is_empty() {
                self.exchanges.set_request_trailers(trailers);
            }
        }
        Ok(passed)
    }

    /// Ready once every request passed on is answered, and the answers are with the kernel: after a
    /// turn in which actix-http made one, what is left of it is waiting to be written.
    fn poll_answered(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.exchanges.poll_ended(cx, self.scanner.requests()));
        if self.write_timer.due.is_some() {
            self.reads_after_write = true;
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Whether what actix-http writes now is its own answer to a head that it refuses.
    fn is_refused(&self) -> bool {
        self.scanner.is_in_head() || !self.exchanges.have_begun(self.scanner.requests())
    }

    /// Writes the problem in the place of actix-http's refusal; ready when that counts as written.
    fn poll_refuse(&mut self, cx: &mut Context<'_>, refusal: &[u8]) -> Poll<io::Result<usize>> {
        let mut left = match self.refusal.take() {
            Some(left) => left,
            None => {
                let problem = reject::instead_of(refusal);
                BROKEN_REQUESTS.warn("", || format!("client: {problem}"));
                reject::answer(&problem).into()
            }
        };
        while !left.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, &left) {
                Poll::Ready(Ok(count)) => left.advance(count),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.refusal = Some(left);
                    return self.watch_write(cx, Poll::Pending);
                }
            }
        }
        self.refusal = Some(left);
        self.watch_write(cx, Poll::Ready(Ok(refusal.len())))
    }

    /// Reads on while a request is answered: only so is a client that leaves noticed.
    fn poll_later(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.half_closed.is_set() { self.poll_client_end(cx) } else { self.poll_hold(cx) }
    }

    fn poll_hold(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut space = [0; 4096];
        while self.held.len() < HELD_BYTES_MAX {
            let mut buf = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf))?;
            if buf.filled().is_empty() {
                return self.poll_client_end(cx);
            }
            self.held.extend_from_slice(buf.filled());
        }
        Poll::Pending
    }

    /// The client sends no more. Whole requests of which nothing is answered yet are answered
    /// (RFC 9112, section 9.6) as long as nothing shows that the client is gone altogether; a
    /// client that ends its side while it is being answered, or in the middle of a request, leaves.
    fn poll_client_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let awaited = self.scanner.is_between() && self.poll_answered(cx).is_pending();
        let first = !self.half_closed.is_set();
        if !awaited || (first && self.exchanges.is_answered()) {
            self.reading = Reading::Ended;
            return Poll::Ready(Ok(()));
        }
        if self.exchanges.is_answered() {
            // Writing tells whether the client is still there.
            return Poll::Pending;
        }
        // A stream in memory ends when its client is gone, and not before.
        if let Some(stream) = self.stream.tcp() {
            let exchanges = &self.exchanges;
            ready!(self.half_closed.poll_gone(cx, stream, || exchanges.probe()));
        }
        self.reading = Reading::Ended;
        Poll::Ready(Ok(()))
    }

    /// Writes what the double itself has to say at this place.
    fn poll_inserted(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.inserted.is_empty() {
            self.inserted = self.exchanges.take_interim().into();
            if self.inserted.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
        while !self.inserted.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, &self.inserted) {
                Poll::Ready(Ok(count)) => self.inserted.advance(count),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return self.watch_write(cx, Poll::Pending),
            }
        }
        self.watch_write(cx, Poll::Ready(Ok(())))
    }

    /// Writes the trailers in the place of the line end that ends a body in chunks. The error is
    /// how many of `bytes` are to be written before that place.
    fn poll_trailers(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Result<Poll<io::Result<usize>>, usize> {
        if !self.in_trailers {
            if !self.exchanges.has_response_trailers() {
                return Err(bytes.len());
            }
            // All that is left of this answer is here, so its last bytes are that line end.
            let before = bytes.len().saturating_sub(LINE_END.len());
            if before > 0 {
                return Err(before);
            }
            let mut section = self.exchanges.take_response_trailers();
            section.extend_from_slice(LINE_END);
            self.inserted = section.into();
            self.in_trailers = true;
        }
        Ok(self.poll_inserted(cx).map_ok(|()| {
            self.in_trailers = false;
            bytes.len()
        }))
    }

    /// The end of the stream, once the answer to a malformed request is written.
    fn poll_last_response(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let gone = self.poll_discard(cx).is_ready();
        if gone || self.exchanges.poll_ended(cx, self.scanner.requests()).is_ready() {
            self.reading = Reading::Ended;
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Throws away what comes; ready at the end of the stream.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut space = [0; 4096];
        while self.discarded < DISCARDED_BYTES_MAX {
            let mut buf = ReadBuf::new(&mut space);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => self.discarded += buf.filled().len(),
                _ => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }

    /// Whether the client takes too long to send a head: its first one, counted from the
    /// connection, or one that has begun. Between requests actix-http's keep-alive timer runs.
    fn poll_head_overdue(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let in_head = self.scanner.is_in_head();
        if !in_head && self.scanner.requests() > 0 {
            return Poll::Pending;
        }
        ready!(self.head_timer.poll(cx, self.header_timeout));
        // An answer that still waits to be written must not be written into.
        if in_head && self.write_timer.due.is_none() {
            SLOW_HEADS.warn("", || format!("client: {SLOW_HEAD}"));
            self.stream.refuse(&Problem::new(ProblemKind::ClientTimeout, SLOW_HEAD));
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Cuts the connection; the error makes actix-http drop it.
    fn poll_abort(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let how = match &*self.exchanges.planned_abort() {
            Some(PlannedAbort::Flushed(how) | PlannedAbort::After(_, how)) => *how,
            Some(PlannedAbort::InHead(..)) | None => return Poll::Pending,
        };
        self.ending.get_or_insert_with(|| Closing::new(how)).poll(&mut self.stream, cx)
    }

    /// A write that went on, or waits and may be overdue.
    fn watch_write<T>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let waited = outcome.is_ready() && self.write_timer.due.is_some();
        if waited && std::mem::take(&mut self.reads_after_write) {
            cx.waker().wake_by_ref();
        }
        self.write_timer.watch(cx, self.write_timeout, outcome)
    }
}

impl AsyncRead for ClientSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.ending.is_some() {
            // No further request is served, and one that is cut has no use for more of its body.
            return this.poll_discard(cx).map(Ok);
        }
        match this.reading {
            Reading::Requests => this.poll_requests(cx, buf),
            Reading::LastAnswer => this.poll_last_response(cx).map(Ok),
            Reading::Ended => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncWrite for ClientSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.is_refused() {
            return this.poll_refuse(cx, bytes);
        }
        let bytes = match this.poll_trailers(cx, bytes) {
            Ok(written) => return written,
            Err(before) => bytes.get(..before).unwrap_or(bytes),
        };
        ready!(this.poll_inserted(cx))?;
        let before_abort = before_cut(&mut this.exchanges.planned_abort(), bytes);
        if before_abort == Some(0) {
            return this.poll_abort(cx).map(Err);
        }
        let bytes = before_abort.and_then(|count| bytes.get(..count)).unwrap_or(bytes);
        let outcome = Pin::new(&mut this.stream).poll_write(cx, bytes);
        if let (Some(_), Poll::Ready(Ok(count))) = (before_abort, &outcome) {
            pass(&mut this.exchanges.planned_abort(), *count);
        }
        this.watch_write(cx, outcome)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let cut = matches!(&*this.exchanges.planned_abort(), Some(PlannedAbort::Flushed(_)));
        if cut {
            return this.poll_abort(cx).map(Err);
        }
        this.exchanges.watch(cx);
        ready!(this.poll_inserted(cx))?;
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    /// Says that no more will come. Where the client may still be sending, its bytes are thrown
    /// away for a while: a close with unread bytes is a reset (RFC 9112, section 9.6).
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
        if this.reading == Reading::Requests
            || this.poll_discard(cx).is_ready()
            || this.end_timer.poll(cx, DISCONNECT_TIMEOUT).is_ready()
        {
            return Poll::Ready(Ok(()));
        }
        Poll::Pending
    }
}

impl Drop for ClientSocket {
    fn drop(&mut self) {
        if self.exchanges.is_resetting() {
            self.stream.reset_on_close();
        } else if self.reading != Reading::Requests {
            let _ = self.poll_discard(&mut Context::from_waker(std::task::Waker::noop()));
        }
    }
}
