//! One request and its answer, as the caller and the codec socket share it.
//!
//! awc stands between the two and is told nothing but a ticket number, in the path of the request
//! it believes to send. The codec exchanges the number for this control block: the head to write,
//! the upload to send, the limits to keep, and the place where the answer's head and the cause of a
//! failure are put. No byte of a client or a backend passes through awc's head encoder or parser.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use bytes::Bytes;

use crate::http::framing::{HeadContext, ResponseHead};
use crate::http::upstream::error::UpstreamError;
use crate::http::upstream::headers::interim_headers;
use crate::http::upstream::message::{RequestStream, SideChannel, Timing};

/// How the upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadState {
    /// Not started (nothing of it was read from the client by the codec).
    Waiting,
    /// Being sent; no read timer runs meanwhile.
    Running,
    /// Everything was handed to the socket (at once when there is no body).
    Done,
    /// The backend stopped taking it; its answer may still come.
    Broken,
}

/// What is still to be sent behind the head.
pub struct Upload {
    pub stream: RequestStream,
    /// Pieces already taken from the stream to look at it.
    pub first: Option<Bytes>,
    pub framing: UploadFraming,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadFraming {
    Sized(u64),
    Chunked,
    /// The client's direction of a tunnel, sent only after `101`.
    Raw,
}

impl UploadFraming {
    /// Whether the length is known and no more than this many bytes.
    pub fn fits(self, bytes: u64) -> bool {
        matches!(self, Self::Sized(length) if length <= bytes)
    }
}

/// The phase limits a socket needs to know.
#[derive(Debug, Clone, Copy)]
pub struct PhaseLimits {
    pub first_byte: Duration,
    pub idle: Duration,
    pub write_stall: Duration,
    pub tunnel_idle: Duration,
}

/// A request as it is to be sent.
pub struct Outgoing {
    /// The whole head, with the body when that was small and at hand.
    pub head: Vec<u8>,
    pub context: HeadContext,
    /// Whether the method may be repeated.
    pub idempotent: bool,
    pub upload: Option<Upload>,
    pub expect_continue: bool,
    pub client: Option<Rc<dyn SideChannel>>,
    pub via: Option<HeaderValue>,
}

/// The control block of one request.
pub struct Exchange {
    /// The whole request head, with the body when that was small and at hand.
    pub head: Vec<u8>,
    pub context: HeadContext,
    pub limits: PhaseLimits,
    /// The request may be sent again when nothing of it was answered.
    pub replayable: bool,
    /// The upload waits for the backend to ask for it.
    pub expect_continue: bool,
    /// The client, for what passes beside head and body.
    pub client: Option<Rc<dyn SideChannel>>,
    /// `Via` as in the request, for interim answers.
    pub via: Option<HeaderValue>,
    upload: RefCell<Option<Upload>>,
    upload_state: Cell<UploadState>,
    upload_progress_at: Cell<Option<Instant>>,
    answer: RefCell<Option<ResponseHead>>,
    /// The answer's body, when all of it came with its head.
    whole: RefCell<Option<Bytes>>,
    fault: RefCell<Option<UpstreamError>>,
    reader: RefCell<Option<Waker>>,
    reused_socket: Cell<bool>,
    stale: Cell<bool>,
    complete: Cell<bool>,
    head_sent_at: Cell<Option<Instant>>,
    first_byte_at: Cell<Option<Instant>>,
    last_byte_at: Cell<Option<Instant>>,
}

impl Exchange {
    pub fn new(outgoing: Outgoing, limits: PhaseLimits) -> Rc<Self> {
        let Outgoing { head, context, idempotent, upload, expect_continue, client, via } = outgoing;
        let replayable = idempotent && upload.is_none();
        let expect_continue = expect_continue && upload.is_some();
        let state = if upload.is_some() { UploadState::Waiting } else { UploadState::Done };
        Rc::new(Self {
            head,
            context,
            limits,
            replayable,
            expect_continue,
            client,
            via,
            upload: RefCell::new(upload),
            upload_state: Cell::new(state),
            upload_progress_at: Cell::new(None),
            answer: RefCell::new(None),
            whole: RefCell::new(None),
            fault: RefCell::new(None),
            reader: RefCell::new(None),
            reused_socket: Cell::new(false),
            stale: Cell::new(false),
            complete: Cell::new(false),
            head_sent_at: Cell::new(None),
            first_byte_at: Cell::new(None),
            last_byte_at: Cell::new(None),
        })
    }

    /// Whether the upload still waits for the backend to ask for it.
    pub fn awaits_continue(&self) -> bool {
        self.expect_continue && self.upload_state.get() == UploadState::Waiting
    }

    /// Passes an interim answer on.
    pub fn pass_interim(&self, status: StatusCode, headers: &[(HeaderName, HeaderValue)]) {
        // Whether the body is wanted, the client is told when it is asked for.
        if let (Some(client), Some(via)) = (&self.client, &self.via)
            && status != StatusCode::CONTINUE
        {
            client.interim(status, &interim_headers(headers, via));
        }
    }

    /// Whether trailers are passed on.
    pub fn passes_trailers(&self) -> bool {
        self.client.as_ref().is_some_and(|client| client.accepts_trailers())
    }

    /// Hands out the upload if its framing is wanted now.
    pub fn take_upload_if(&self, wanted: impl FnOnce(UploadFraming) -> bool) -> Option<Upload> {
        let mut upload = self.upload.borrow_mut();
        upload.take_if(|upload| wanted(upload.framing))
    }

    pub fn upload_state(&self) -> UploadState {
        self.upload_state.get()
    }

    /// Moves the upload on and wakes the reader, whose timers depend on it.
    pub fn set_upload_state(&self, state: UploadState) {
        self.upload_state.set(state);
        self.upload_progress_at.set(Some(Instant::now()));
        if let Some(reader) = self.reader.borrow_mut().take() {
            reader.wake();
        }
    }

    pub fn note_upload_progress(&self) {
        self.upload_progress_at.set(Some(Instant::now()));
    }

    pub fn upload_progress_at(&self) -> Option<Instant> {
        self.upload_progress_at.get()
    }

    /// Who waits for the answer, to be woken when the upload ends or fails.
    pub fn set_reader(&self, waker: &Waker) {
        let mut reader = self.reader.borrow_mut();
        if !reader.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *reader = Some(waker.clone());
        }
    }

    /// Records the cause of a failure; the first one stands.
    pub fn set_fault(&self, fault: UpstreamError) {
        self.fault.borrow_mut().get_or_insert(fault);
    }

    pub fn take_fault(&self) -> Option<UpstreamError> {
        self.fault.borrow_mut().take()
    }

    pub fn fault(&self) -> Option<UpstreamError> {
        self.fault.borrow().clone()
    }

    pub fn set_response(&self, head: ResponseHead) {
        *self.answer.borrow_mut() = Some(head);
    }

    pub fn take_response(&self) -> Option<ResponseHead> {
        self.answer.borrow_mut().take()
    }

    pub fn set_whole(&self, body: Bytes) {
        *self.whole.borrow_mut() = Some(body);
    }

    pub fn take_whole(&self) -> Option<Bytes> {
        self.whole.borrow_mut().take()
    }

    pub fn set_head_sent(&self, at: Instant) {
        self.head_sent_at.set(Some(at));
    }

    /// Notes that the first bytes of a head came. The head of the final answer is the last to
    /// call this, so the first byte of interim answers does not count as the backend's.
    pub fn note_head_start(&self, at: Instant) {
        self.first_byte_at.set(Some(at));
    }

    /// Whether any byte of an answer, interim ones included, was seen.
    pub fn is_response_begun(&self) -> bool {
        self.first_byte_at.get().is_some()
    }

    pub fn set_reused_socket(&self, reused: bool) {
        self.reused_socket.set(reused);
    }

    /// The pooled socket was found dead right before the request; nothing of it was sent.
    pub fn set_stale(&self) {
        self.stale.set(true);
    }

    pub fn is_stale(&self) -> bool {
        self.stale.get()
    }

    /// A reused socket died before any byte of an answer: most likely the backend closed it while
    /// the request was on its way (RFC 9112, section 9.3.1).
    pub fn died_unanswered(&self, fault: &UpstreamError) -> bool {
        *fault == UpstreamError::Reset && self.reused_socket.get() && !self.is_response_begun()
    }

    pub fn set_complete(&self, at: Instant) {
        self.complete.set(true);
        self.last_byte_at.set(Some(at));
    }

    pub fn is_complete(&self) -> bool {
        self.complete.get()
    }

    /// Makes the block fit for a second attempt, of which the first left no trace at the backend's
    /// answering side.
    pub fn reset(&self) {
        self.fault.take();
        self.answer.take();
        self.reader.take();
        self.stale.set(false);
        self.head_sent_at.set(None);
        self.first_byte_at.set(None);
    }

    pub fn timing(&self) -> Timing {
        let first_byte_at = self.first_byte_at.get().unwrap_or_else(Instant::now);
        let head_sent_at = self.head_sent_at.get().unwrap_or(first_byte_at);
        let upload_end = self.upload_progress_at.get();
        let sent_at = match (self.upload_state.get(), upload_end) {
            (UploadState::Done, Some(end)) if end <= first_byte_at => end,
            _ => head_sent_at,
        };
        Timing {
            sent_at,
            first_byte: first_byte_at.saturating_duration_since(sent_at),
            last_byte: self.last_byte_at.get().map(|at| at.saturating_duration_since(sent_at)),
        }
    }
}
