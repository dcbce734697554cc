//! A client's connection with the timers actix-http does not have.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_rt::net::TcpStream;
use actix_rt::time::{Instant, Sleep, sleep_until};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::InboundSettings;
use super::cut::{Ending, PlannedCut, up_to_mid_head};
use super::limits::Place;

/// What the gate in front of the application tells the socket: whether a request is being served.
#[derive(Debug, Clone, Default)]
pub struct Exchanges(Rc<Connection>);

#[derive(Debug, Default)]
struct Connection {
    phase: Cell<Phase>,
    /// An answer announced that the connection ends with it.
    closing: Cell<bool>,
    /// How the connection is to be ended on purpose.
    cut: RefCell<Option<PlannedCut>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Phase {
    /// The first head of the connection, which actix-http times itself.
    #[default]
    First,
    /// A request is being served; its body may take its time, which others watch over.
    Serving,
    /// Answered, and nothing of the next head came yet: actix-http's keep-alive timer runs.
    Quiet,
    /// The next head is coming since then.
    Head(Instant),
}

impl Exchanges {
    /// A request head is complete.
    pub fn begin(&self) {
        self.0.phase.set(Phase::Serving);
    }

    /// No further request is served on this connection.
    pub fn close(&self) {
        self.0.closing.set(true);
    }

    pub fn is_closing(&self) -> bool {
        self.0.closing.get()
    }

    /// Ends the connection on purpose, at the place that is planned.
    pub fn plan_cut(&self, cut: PlannedCut) {
        self.close();
        *self.0.cut.borrow_mut() = Some(cut);
    }

    /// Its answer ended.
    pub fn end(&self) {
        self.0.phase.set(Phase::Quiet);
    }
}

/// The I/O type under actix-http.
pub struct ClientSocket {
    stream: TcpStream,
    exchanges: Exchanges,
    header_timeout: Duration,
    write_timeout: Duration,
    head_timer: Timer,
    write_timer: Timer,
    ending: Option<Ending>,
    _place: Place,
}

impl ClientSocket {
    pub fn new(stream: TcpStream, place: Place, settings: &InboundSettings) -> Self {
        // Answers are written in one piece; waiting for more only adds latency. A socket that
        // refuses the option works without it.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            exchanges: Exchanges::default(),
            header_timeout: settings.header_timeout,
            write_timeout: settings.idle_timeout,
            head_timer: Timer::default(),
            write_timer: Timer::default(),
            ending: None,
            _place: place,
        }
    }

    pub fn exchanges(&self) -> Exchanges {
        self.exchanges.clone()
    }

    /// Whether the head that is coming has taken too long.
    fn poll_head_overdue(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Phase::Head(since) = self.exchanges.0.phase.get() else { return Poll::Pending };
        self.head_timer.poll(cx, since + self.header_timeout)
    }

    /// How many of `bytes` may be written before the connection is cut; `None` for all.
    fn before_cut(&self, bytes: &[u8]) -> Option<usize> {
        let mut planned = self.exchanges.0.cut.borrow_mut();
        if let Some(PlannedCut::InHead(request_id, how)) = &*planned {
            let (middle, how) = (up_to_mid_head(bytes, request_id)?, *how);
            *planned = Some(PlannedCut::After(middle, how));
        }
        match &*planned {
            Some(PlannedCut::After(left, _)) => Some(*left),
            _ => None,
        }
    }

    /// Bytes before the place of a cut are out.
    fn passed(&self, count: usize) {
        if let Some(PlannedCut::After(left, _)) = &mut *self.exchanges.0.cut.borrow_mut() {
            *left -= count;
        }
    }

    /// Ends the connection.
    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let planned = self.exchanges.0.cut.borrow().clone();
        let how = match planned {
            Some(PlannedCut::Flushed(how) | PlannedCut::After(_, how)) => how,
            Some(PlannedCut::InHead(..)) | None => return Poll::Pending,
        };
        self.ending.get_or_insert_with(|| Ending::new(how)).poll(&mut self.stream, cx)
    }

    /// A write that went on, or waits and may be overdue.
    fn watch_write<T>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Ready(outcome) => {
                self.write_timer.due = None;
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                let due =
                    self.write_timer.due.unwrap_or_else(|| Instant::now() + self.write_timeout);
                self.write_timer.due = Some(due);
                match self.write_timer.poll(cx, due) {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    _ => Poll::Pending,
                }
            }
        }
    }
}

impl AsyncRead for ClientSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let outcome = Pin::new(&mut this.stream).poll_read(cx, buf);
        match outcome {
            Poll::Pending => this.poll_head_overdue(cx),
            Poll::Ready(outcome) => {
                if buf.filled().len() > before && this.exchanges.0.phase.get() == Phase::Quiet {
                    this.exchanges.0.phase.set(Phase::Head(Instant::now()));
                }
                Poll::Ready(outcome)
            }
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
        let whole = this.exchanges.0.cut.borrow().is_none();
        let before_cut = if whole { None } else { this.before_cut(bytes) };
        if before_cut == Some(0) {
            return this.poll_cut(cx).map(Err);
        }
        let bytes = before_cut.and_then(|count| bytes.get(..count)).unwrap_or(bytes);
        let outcome = Pin::new(&mut this.stream).poll_write(cx, bytes);
        if let (Some(_), Poll::Ready(Ok(count))) = (before_cut, &outcome) {
            this.passed(*count);
        }
        this.watch_write(cx, outcome)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if matches!(&*this.exchanges.0.cut.borrow(), Some(PlannedCut::Flushed(_))) {
            return this.poll_cut(cx).map(Err);
        }
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// A timer that exists only once it was needed.
#[derive(Default)]
struct Timer {
    due: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// An error once `due` is past; otherwise the task is woken by then.
    fn poll(&mut self, cx: &mut Context<'_>, due: Instant) -> Poll<io::Result<()>> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if sleep.deadline() != due {
            sleep.as_mut().reset(due);
        }
        sleep.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}
