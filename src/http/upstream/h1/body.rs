//! The body of an answer on its way to the client.

use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::Payload;
use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use futures_util::Stream;

use super::client::cause_in_body;
use super::exchange::Exchange;
use crate::http::upstream::concurrency_limit::ConcurrencyPermit;
use crate::http::upstream::{Timing, UpstreamError};

/// The body of an answer.
///
/// A stream that ends without an error only when the answer was complete.
/// As a [`MessageBody`] it carries the size to announce to the client: none, a length, or unknown.
/// Dropping it cancels the backend's work at once: the connection is closed.
pub struct UpstreamBody {
    payload: Payload,
    exchange: Rc<Exchange>,
    size: BodySize,
    /// What came together with the head.
    first: Option<Bytes>,
    permit: Option<ConcurrencyPermit>,
    state: BodyState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyState {
    Streaming,
    Complete,
    Failed,
}

impl UpstreamBody {
    pub(super) fn new(
        payload: Payload,
        exchange: Rc<Exchange>,
        size: BodySize,
        permit: ConcurrencyPermit,
    ) -> Self {
        let (permit, state) = (Some(permit), BodyState::Streaming);
        Self { payload, exchange, size, first: None, permit, state }
    }

    /// Takes in what came together with the head, without waiting for more.
    ///
    /// # Errors
    /// The cause, when the body has already broken off: the client then gets an error of the
    /// double's own instead of a head whose body never comes.
    pub(super) async fn begin(&mut self) -> Result<(), UpstreamError> {
        if let Some(whole) = self.exchange.take_whole() {
            self.first = Some(whole);
            self.state = BodyState::Complete;
            self.release();
            return Ok(());
        }
        match self.poll_now().await {
            Poll::Ready(Some(piece)) => self.first = Some(piece?),
            Poll::Ready(None) | Poll::Pending => return Ok(()),
        }
        let length = self.first.as_ref().map_or(0, |piece| piece.len() as u64);
        if self.size == BodySize::Sized(length)
            && let Poll::Ready(Some(surplus)) = self.poll_now().await
        {
            surplus?;
        }
        Ok(())
    }

    async fn poll_now(&mut self) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        poll_fn(|cx| Poll::Ready(self.poll_payload(cx))).await
    }

    /// The whole body, when all of it came together with the head.
    pub fn take_whole(&mut self) -> Option<Bytes> {
        self.first.take_if(|_| self.state == BodyState::Complete)
    }

    /// True once the answer's last byte was handed out.
    pub fn is_complete(&self) -> bool {
        self.state == BodyState::Complete && self.first.is_none()
    }

    /// When the request left and the answer came, as far as it did.
    pub fn timing(&self) -> Timing {
        self.exchange.timing()
    }

    /// The next piece; `None` only after a complete answer.
    pub fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        match self.first.take() {
            Some(piece) => Poll::Ready(Some(Ok(piece))),
            None => self.poll_payload(cx),
        }
    }

    fn poll_payload(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        if self.state != BodyState::Streaming {
            return Poll::Ready(None);
        }
        match Pin::new(&mut self.payload).poll_next(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(bytes))) => Poll::Ready(Some(Ok(bytes))),
            Poll::Ready(Some(Err(error))) => {
                Poll::Ready(Some(Err(self.fail(cause_in_body(&error)))))
            }
            // awc takes some early ends for good ones; the codec knows better.
            Poll::Ready(None) if self.exchange.is_complete() => {
                self.state = BodyState::Complete;
                self.release();
                Poll::Ready(None)
            }
            Poll::Ready(None) => Poll::Ready(Some(Err(self.fail(UpstreamError::Truncated)))),
        }
    }

    fn fail(&mut self, seen: UpstreamError) -> UpstreamError {
        self.state = BodyState::Failed;
        self.release();
        self.exchange.take_fault().unwrap_or(seen)
    }

    /// Lets the connection and the place in flight go, before the body itself is dropped.
    fn release(&mut self) {
        self.payload = Payload::None;
        self.permit = None;
    }
}

impl Stream for UpstreamBody {
    type Item = Result<Bytes, UpstreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_piece(cx)
    }
}

impl MessageBody for UpstreamBody {
    type Error = UpstreamError;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        self.poll_piece(cx)
    }
}

impl std::fmt::Debug for UpstreamBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UpstreamBody")
            .field("size", &self.size)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
