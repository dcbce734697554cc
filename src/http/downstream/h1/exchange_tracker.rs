//! What the socket of a connection and the service before the application tell each other.
//!
//! The socket passes on one request at a time and counts them; the service counts their answers.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::http::downstream::h1::abort::PlannedAbort;

/// The exchanges of one connection. Cheap to clone; all clones are the same.
#[derive(Debug, Clone, Default)]
pub struct ExchangeTracker(Rc<TrackerState>);

#[derive(Debug, Default)]
struct TrackerState {
    /// Requests handed to the application.
    begun: Cell<u64>,
    /// Answers that ended.
    ended: Cell<u64>,
    /// An answer broke off where only a reset can tell.
    resetting: Cell<bool>,
    /// How the connection is to be ended on purpose.
    abort: RefCell<Option<PlannedAbort>>,
    /// The body of the last request is malformed.
    malformed: Cell<bool>,
    /// Who waits for more of a body that may turn out to be malformed.
    reader: RefCell<Option<Waker>>,
    /// The socket, waiting for an answer to end.
    socket: RefCell<Option<Waker>>,
}

/// An exchange that is open until this is dropped.
#[derive(Debug)]
pub struct OpenExchange(ExchangeTracker);

impl ExchangeTracker {
    /// A request is handed to the application.
    pub fn begin(&self) -> OpenExchange {
        self.0.begun.set(self.0.begun.get() + 1);
        OpenExchange(self.clone())
    }

    /// Whether so many requests have been handed to the application.
    pub fn have_begun(&self, requests: u64) -> bool {
        self.0.begun.get() >= requests
    }

    /// Whether so many requests have been answered.
    pub fn have_ended(&self, requests: u64) -> bool {
        self.0.ended.get() >= requests
    }

    /// Ready once so many requests have been answered.
    pub fn poll_ended(&self, cx: &mut Context<'_>, requests: u64) -> Poll<()> {
        if self.have_ended(requests) {
            return Poll::Ready(());
        }
        wait_with(&self.0.socket, cx);
        Poll::Pending
    }

    /// The body of the last request cannot be read any further.
    pub fn set_malformed(&self) {
        self.0.malformed.set(true);
        if let Some(reader) = self.0.reader.borrow_mut().take() {
            reader.wake();
        }
    }

    /// Whether the body of the last request turned out to be malformed.
    pub fn is_malformed(&self) -> bool {
        self.0.malformed.get()
    }

    /// Ready when the body of the last request turned out to be malformed.
    pub fn poll_malformed(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_malformed() {
            return Poll::Ready(());
        }
        wait_with(&self.0.reader, cx);
        Poll::Pending
    }

    /// Ends the connection on purpose, at the place that is planned. Bytes must be on their way, or
    /// whoever plans it be polled by the connection's own task: the socket looks when it writes.
    pub fn plan_abort(&self, abort: PlannedAbort) {
        *self.0.abort.borrow_mut() = Some(abort);
    }

    /// How the connection is to be ended on purpose.
    pub(super) fn planned_abort(&self) -> RefMut<'_, Option<PlannedAbort>> {
        self.0.abort.borrow_mut()
    }

    /// Ends the connection so that its client sees the answer to be broken.
    pub fn reset(&self) {
        self.0.resetting.set(true);
    }

    /// Whether the connection is to end by a reset.
    pub fn is_resetting(&self) -> bool {
        self.0.resetting.get()
    }
}

fn wait_with(slot: &RefCell<Option<Waker>>, cx: &Context<'_>) {
    let mut known = slot.borrow_mut();
    if !known.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
        *known = Some(cx.waker().clone());
    }
}

impl std::ops::Deref for OpenExchange {
    type Target = ExchangeTracker;

    fn deref(&self) -> &ExchangeTracker {
        &self.0
    }
}

impl Drop for OpenExchange {
    fn drop(&mut self) {
        let connection = &self.0.0;
        connection.ended.set(connection.ended.get() + 1);
        if let Some(socket) = connection.socket.borrow_mut().take() {
            socket.wake();
        }
    }
}
