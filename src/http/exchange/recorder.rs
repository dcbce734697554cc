//! The tee: what goes by on its way to the client, copied for the learner as far as it may be.
//!
//! The copy is bounded twice: by `learn_body_max_bytes` for one body, and by the learner's byte
//! budget for all together; a body that exceeds either is passed on all the same and teaches its
//! size alone. The observation is handed over before the last byte is: whoever has seen the whole
//! answer may rely on `flush` to include it.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use bytes::Bytes;
use futures_util::Stream;

use crate::domain::conversation::transcript::Transcript;
use crate::domain::endpoint::{Body, ExchangeSample, Observation, Provenance};
use crate::http::log_limiter::LogLimiter;
use crate::http::upstream::{Timing, UpstreamBody, UpstreamError};
use crate::runtime::clock::now_ms;
use crate::runtime::learning::LearningHandle;
use crate::runtime::learning::budget::Reservation;

/// A bounded copy of a body.
#[derive(Debug, Default)]
pub struct BodyCopy {
    bytes: Vec<u8>,
    total: u64,
    given_up: bool,
    is_endless: bool,
}

/// The room that copies of one exchange share.
#[derive(Debug)]
pub struct SampleRoom {
    reservation: Reservation,
    body_bytes_max: usize,
}

impl SampleRoom {
    /// Room for bodies of up to `body_bytes_max` bytes each.
    #[must_use]
    pub fn new(reservation: Reservation, body_bytes_max: usize) -> Self {
        Self { reservation, body_bytes_max }
    }

    fn copy(&mut self, piece: &[u8], into: &mut BodyCopy) {
        into.total += piece.len() as u64;
        if into.given_up {
            return;
        }
        let fits = into.bytes.len() + piece.len() <= self.body_bytes_max;
        if fits && self.reservation.grow(piece.len()) {
            into.bytes.extend_from_slice(piece);
        } else {
            // The room already taken is given back when the observation is weighed.
            into.given_up = true;
            into.bytes = Vec::new();
        }
    }
}

impl BodyCopy {
    fn into_body(self, headers: &BodyHeaders, complete: bool) -> Body {
        Body {
            content_type: headers.content_type.clone(),
            content_encoding: headers.content_encoding.clone(),
            complete: complete && !self.given_up,
            bytes: self.bytes,
            total_bytes: self.total,
            is_endless: self.is_endless,
        }
    }
}

/// The headers that say how to read a body.
#[derive(Debug, Default, Clone)]
struct BodyHeaders {
    content_type: Option<Box<str>>,
    content_encoding: Option<Box<str>>,
}

impl BodyHeaders {
    fn of<'a>(headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            let slot = if *name == header::CONTENT_TYPE {
                &mut found.content_type
            } else if *name == header::CONTENT_ENCODING {
                &mut found.content_encoding
            } else {
                continue;
            };
            *slot = value.to_str().ok().map(Into::into);
        }
        found
    }
}

/// What is copied of one exchange; shared by the upload and the answer, which run side by side.
struct Copies {
    room: SampleRoom,
    request: BodyCopy,
    request_complete: bool,
    response: BodyCopy,
}

/// Collects one exchange for the learner.
pub struct Recorder {
    learning: LearningHandle,
    method: Box<str>,
    path: Box<str>,
    query: Box<str>,
    status: u16,
    request_headers: Vec<(Box<str>, Bytes)>,
    request_body: BodyHeaders,
    response_headers: Vec<(Box<str>, Bytes)>,
    response_body: BodyHeaders,
    copies: Option<Rc<RefCell<Copies>>>,
}

/// The header by which the backend is told of the double's own host.
const FORWARDED_HOST: &str = "x-forwarded-host";

impl Recorder {
    /// A recorder for a request, which counts only until it is told to copy.
    #[must_use]
    pub fn new(learning: LearningHandle, request: &actix_web::HttpRequest) -> Self {
        Self {
            learning,
            method: request.method().as_str().into(),
            path: request.uri().path().into(),
            query: "".into(),
            status: 0,
            request_headers: Vec::new(),
            request_body: BodyHeaders::default(),
            response_headers: Vec::new(),
            response_body: BodyHeaders::default(),
            copies: None,
        }
    }

    /// Copies headers and bodies from here on, into `room`: before the upload begins, or, for a
    /// request without a body, before the head of the answer is noted.
    pub fn copy_into(&mut self, room: SampleRoom, request: &actix_web::HttpRequest) {
        let headers = request.headers();
        self.query = request.uri().query().unwrap_or_default().into();
        self.request_headers = owned(headers.iter());
        self.request_body = BodyHeaders::of(headers.iter());
        self.copies = Some(Rc::new(RefCell::new(Copies {
            room,
            request: BodyCopy::default(),
            request_complete: true,
            response: BodyCopy::default(),
        })));
    }

    /// Wraps the upload, so that its bytes are copied as they go by.
    pub fn tee_upload<S>(&self, upload: S) -> TeeUpload<S> {
        if let Some(copies) = &self.copies {
            // Complete only once its end was seen.
            copies.borrow_mut().request_complete = false;
        }
        TeeUpload { upload, copies: self.copies.clone() }
    }

    /// Notes under which host the backend was asked and of which it was told (`X-Forwarded-Host`):
    /// what it says of itself names one of them.
    pub fn asked_as(&mut self, host: &[u8], told: Option<&[u8]>) {
        self.request_headers.retain(|(name, _)| **name != *FORWARDED_HOST);
        let own = self.request_headers.iter_mut().find(|(name, _)| **name == *"host");
        if let Some((_, value)) = own {
            *value = Bytes::copy_from_slice(host);
        }
        if let Some(told) = told {
            self.request_headers.push((FORWARDED_HOST.into(), Bytes::copy_from_slice(told)));
        }
    }

    /// Notes the head of the answer.
    pub fn head(&mut self, status: u16, headers: &[(HeaderName, HeaderValue)]) {
        self.status = status;
        if self.copies.is_some() {
            self.response_headers = owned(headers.iter().map(|(name, value)| (name, value)));
            self.response_body = BodyHeaders::of(headers.iter().map(|(n, v)| (n, v)));
        }
    }

    /// The bytes of the upload, when they were copied whole: what a mock may echo.
    #[must_use]
    pub fn upload(&self) -> Option<Vec<u8>> {
        let copies = self.copies.as_ref()?.borrow();
        (copies.request_complete && !copies.request.given_up).then(|| copies.request.bytes.clone())
    }

    fn piece(&self, piece: &[u8]) {
        if let Some(copies) = &self.copies {
            let Copies { room, response, .. } = &mut *copies.borrow_mut();
            room.copy(piece, response);
        }
    }

    /// Cuts a stream of events behind its last whole one; false where it is none, or has none.
    fn ends_in_events(&self) -> bool {
        let media = self.response_body.content_type.as_deref().unwrap_or_default();
        let is_plain = self.response_body.content_encoding.is_none();
        let Some(copies) = self.copies.as_ref().filter(|_| is_plain) else { return false };
        let response = &mut copies.borrow_mut().response;
        let ends = ["\n\n", "\r\n\r\n"].map(|end| {
            memchr::memmem::rfind(&response.bytes, end.as_bytes()).map(|at| at + end.len())
        });
        let Some(end) = ends.into_iter().flatten().max() else { return false };
        if !media.starts_with("text/event-stream") || response.given_up {
            return false;
        }
        response.bytes.truncate(end);
        response.is_endless = true;
        true
    }

    /// Whether so many bytes more of a conversation may be kept.
    pub fn grow(&self, bytes: usize) -> bool {
        let Some(copies) = &self.copies else { return false };
        copies.borrow_mut().room.reservation.grow(bytes)
    }

    /// Hands over what followed a switch of protocols, whose answer came after `first_byte`.
    pub fn finish_conversation(mut self, transcript: Transcript, first_byte: Duration) {
        let kept = self.copies.take().map(|copies| {
            let reservation = copies.borrow_mut().room.take();
            let conversation = Some(Box::new(transcript));
            (ExchangeSample { conversation, ..ExchangeSample::default() }, reservation)
        });
        let first_byte_us = micros(first_byte);
        self.hand_over(kept, (first_byte_us, first_byte_us));
    }

    /// Hands the observation over; the answer was complete.
    fn finish(mut self, timing: Timing) {
        let first_byte_us = micros(timing.first_byte);
        let total_us = timing.last_byte.map_or_else(|| micros(timing.sent_at.elapsed()), micros);
        let kept = self.copies.take().map(|copies| {
            // Taken out of the shared cell: an upload that is still running copies no further.
            let mut copies = copies.borrow_mut();
            let request = std::mem::take(&mut copies.request);
            let response = std::mem::take(&mut copies.response);
            let complete = copies.request_complete;
            copies.request.given_up = true;
            let sample = ExchangeSample {
                request_body: request.into_body(&self.request_body, complete),
                response_body: response.into_body(&self.response_body, true),
                ..ExchangeSample::default()
            };
            (sample, copies.room.take())
        });
        self.hand_over(kept, (first_byte_us, total_us.max(first_byte_us)));
    }

    /// Hands over what is to be learned, `kept` of it with the room that it takes; the times are
    /// those of the first and of the last byte, µs.
    fn hand_over(
        self,
        kept: Option<(ExchangeSample, Reservation)>,
        (first_byte_us, total_us): (u64, u64),
    ) {
        let (sample, reservation) = kept.unzip();
        let sample = sample.map(|bodies| {
            Box::new(ExchangeSample {
                query: self.query,
                request_headers: self.request_headers,
                response_headers: self.response_headers,
                ..bodies
            })
        });
        let observation = Observation {
            at_ms: now_ms(),
            provenance: Provenance::Upstream,
            backend: self.learning.backend().clone(),
            method: self.method,
            path: self.path,
            status: self.status,
            first_byte_us,
            total_us,
            sample,
        };
        self.learning.observe(observation, reservation);
    }
}

impl SampleRoom {
    /// The reservation, for the observation; what is copied afterwards finds no room.
    fn take(&mut self) -> Reservation {
        self.body_bytes_max = 0;
        self.reservation.split_off()
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn owned<'a>(
    headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
) -> Vec<(Box<str>, Bytes)> {
    headers
        .map(|(name, value)| (name.as_str().into(), Bytes::copy_from_slice(value.as_bytes())))
        .collect()
}

/// An upload that is copied as it goes by.
pub struct TeeUpload<S> {
    upload: S,
    copies: Option<Rc<RefCell<Copies>>>,
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for TeeUpload<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.upload).poll_next(cx);
        if let Some(copies) = &self.copies {
            let Copies { room, request, request_complete, .. } = &mut *copies.borrow_mut();
            match &polled {
                Poll::Ready(Some(Ok(piece))) => room.copy(piece, request),
                Poll::Ready(None) => *request_complete = true,
                Poll::Ready(Some(Err(_))) | Poll::Pending => {}
            }
        }
        polled
    }
}

/// The backend's answer on its way to the client, with its recorder.
pub struct ObservedBody {
    body: UpstreamBody,
    recorder: Option<Recorder>,
    left: Option<u64>,
    /// Method and template of the endpoint, for the log; empty while nothing is learned.
    place: Bytes,
}

/// Answers that break off: a sick backend does it with each.
static BROKEN_ANSWERS: LogLimiter = LogLimiter::new();

impl ObservedBody {
    /// Passes `body` on and records it; `place` is what the log says of its endpoint.
    #[must_use]
    pub fn new(body: UpstreamBody, recorder: Option<Recorder>, place: Bytes) -> Self {
        let left = match body.size() {
            BodySize::None => Some(0),
            BodySize::Sized(bytes) => Some(bytes),
            BodySize::Stream => None,
        };
        Self { body, recorder, left, place }
    }

    /// Records an answer of whose body, `whole`, nothing has to be waited for.
    pub fn finish_whole(recorder: Option<Recorder>, whole: &[u8], timing: Timing) {
        if let Some(recorder) = recorder {
            recorder.piece(whole);
            recorder.finish(timing);
        }
    }

    fn finish(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            recorder.finish(self.body.timing());
        }
    }
}

impl Drop for ObservedBody {
    /// A stream of events mostly has no end but the one that its client makes: up to then it is
    /// whole. Any other answer that is not waited for teaches nothing.
    fn drop(&mut self) {
        if let Some(recorder) = self.recorder.take_if(|recorder| recorder.ends_in_events()) {
            recorder.finish(self.body.timing());
        }
    }
}

impl MessageBody for ObservedBody {
    type Error = UpstreamError;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let polled = self.body.poll_piece(cx);
        match &polled {
            Poll::Ready(Some(Ok(piece))) => {
                if let Some(recorder) = &self.recorder {
                    recorder.piece(piece);
                }
                if let Some(left) = &mut self.left {
                    *left = left.saturating_sub(piece.len() as u64);
                    if *left == 0 {
                        self.finish();
                    }
                }
            }
            Poll::Ready(None) => self.finish(),
            // A broken answer teaches nothing.
            Poll::Ready(Some(Err(error))) => {
                let place = String::from_utf8_lossy(&self.place);
                let named = if place.is_empty() { "an endpoint not learned" } else { &*place };
                let line = || format!("backend: {named}: answer broken off: {error}");
                BROKEN_ANSWERS.warn(&place, line);
                self.recorder = None;
            }
            Poll::Pending => {}
        }
        polled
    }
}
