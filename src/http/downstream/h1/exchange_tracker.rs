//! What the socket of a connection and the service before the application tell each other.
//!
//! The socket passes on one request at a time and counts them; the service counts their answers.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};

use crate::http::downstream::h1::abort::PlannedAbort;
use crate::http::framing::HeadFacts;
use crate::http::upstream::SideChannel;

/// Interim answers that may wait to be written. They are hints: one that finds no room is dropped.
const INTERIM_BYTES_MAX: usize = 64 * 1024;

/// What tells a client to send its body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

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
    /// The socket, waiting for an answer to end or for something to write.
    socket: RefCell<Option<Waker>>,
    /// What the head of the last request said.
    facts: Cell<HeadFacts>,
    /// The answer to the last request is made: nothing may go before it any more.
    answered: Cell<bool>,
    /// The answer to the last request is sent in chunks.
    chunked: Cell<bool>,
    /// Interim answers to be written.
    interim: RefCell<Vec<u8>>,
    request_trailers: RefCell<Vec<u8>>,
    response_trailers: RefCell<Vec<u8>>,
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

    /// The head of a request was read, and is about to be passed on.
    pub(super) fn set_facts(&self, facts: HeadFacts) {
        self.0.facts.set(facts);
        self.0.answered.set(false);
        self.0.chunked.set(false);
        if facts.accepts_trailers {
            self.0.request_trailers.borrow_mut().clear();
            self.0.response_trailers.borrow_mut().clear();
        }
    }

    /// What the head of the request that is being answered said to this connection.
    pub fn facts(&self) -> HeadFacts {
        self.0.facts.get()
    }

    /// The answer to the last request is made, and how it is sent.
    pub(super) fn set_answered(&self, chunked: bool) {
        self.0.answered.set(true);
        self.0.chunked.set(chunked);
    }

    /// Tells a client that waits for it to send its body, once.
    pub(super) fn ask_for_body(&self) {
        let facts = self.0.facts.get();
        if facts.expects_continue {
            self.0.facts.set(HeadFacts { expects_continue: false, ..facts });
            self.0.push_interim(CONTINUE);
        }
    }

    /// Interim answers to be written now, before anything else.
    pub(super) fn take_interim(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.interim.borrow_mut())
    }

    /// Registers who is to be woken when there is something to write, if anything is open.
    pub(super) fn watch(&self, cx: &Context<'_>) {
        if self.0.begun.get() > self.0.ended.get() {
            wait_with(&self.0.socket, cx);
        }
    }

    /// Notes the trailers of the request that is being read.
    pub(super) fn set_request_trailers(&self, section: Vec<u8>) {
        *self.0.request_trailers.borrow_mut() = section;
    }

    /// Whether trailers belong behind an answer in chunks, all of which is made.
    pub(super) fn has_response_trailers(&self) -> bool {
        self.0.chunked.get()
            && self.0.ended.get() == self.0.begun.get()
            && !self.0.response_trailers.borrow().is_empty()
    }

    /// The lines of those trailers.
    pub(super) fn take_response_trailers(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.response_trailers.borrow_mut())
    }

    /// Whether the answer to the last request is made, or being made.
    pub(super) fn is_answered(&self) -> bool {
        self.0.answered.get()
    }

    /// Sends a client something that it skips, if it knows interim answers.
    pub(super) fn probe(&self) -> bool {
        let known = self.0.facts.get().http_1_1;
        if known {
            self.0.push_interim(CONTINUE);
        }
        known
    }

    /// What passes between this client and the backend beside head and body.
    #[must_use]
    pub fn side_channel(&self) -> Rc<dyn SideChannel> {
        self.0.clone()
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

impl TrackerState {
    /// Puts bytes before the answer, if that has not begun and there is room.
    fn push_interim(&self, head: &[u8]) {
        let mut waiting = self.interim.borrow_mut();
        if self.answered.get() || waiting.len() + head.len() > INTERIM_BYTES_MAX {
            return;
        }
        waiting.extend_from_slice(head);
        drop(waiting);
        if let Some(socket) = self.socket.borrow_mut().take() {
            socket.wake();
        }
    }
}

impl SideChannel for TrackerState {
    fn interim(&self, status: StatusCode, headers: &[(HeaderName, HeaderValue)]) {
        // HTTP/1.0 knows no interim answers (RFC 9110, section 15.2).
        if !self.facts.get().http_1_1 {
            return;
        }
        let reason = match status.as_u16() {
            103 => "Early Hints",
            _ => status.canonical_reason().unwrap_or_default(),
        };
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
        for (name, value) in headers {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        self.push_interim(&head);
    }

    fn request_trailers(&self) -> Vec<u8> {
        std::mem::take(&mut self.request_trailers.borrow_mut())
    }

    fn accepts_trailers(&self) -> bool {
        self.facts.get().accepts_trailers
    }

    fn response_trailers(&self, section: Vec<u8>) {
        *self.response_trailers.borrow_mut() = section;
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
