//! A mocked body whose messages come one after the other, as the backend's did.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

use crate::http::delay;

/// When the messages of a body come.
#[derive(Debug, Clone)]
pub struct StreamPlan {
    /// Their lengths, bytes.
    pub pieces: Vec<usize>,
    /// From the request to the first one.
    pub first: Duration,
    /// Between two of them.
    pub gap: Duration,
    /// Whether the stream stays open behind the last one.
    pub is_endless: bool,
}

/// The messages on their way; the body is as long as all of them, and says so nowhere.
pub struct MessageStream {
    rest: Bytes,
    pieces: std::vec::IntoIter<usize>,
    gap: Duration,
    is_endless: bool,
    due: Option<Instant>,
    pause: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl MessageStream {
    /// Sends `body` in the pieces of a plan; the first one at once.
    #[must_use]
    pub fn new(body: Bytes, plan: StreamPlan) -> Self {
        let StreamPlan { pieces, gap, is_endless, .. } = plan;
        Self { rest: body, pieces: pieces.into_iter(), gap, is_endless, due: None, pause: None }
    }
}

impl MessageBody for MessageStream {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let Some(length) = self.pieces.next() else {
            // Nothing more comes, and the client ends it.
            return if self.is_endless { Poll::Pending } else { Poll::Ready(None) };
        };
        let length = length.min(self.rest.len());
        let piece = self.rest.split_to(length);
        if !self.gap.is_zero() && self.pieces.len() > 0 {
            // Counted from when the last one was due, so that lateness does not add up.
            let due = self.due.unwrap_or_else(Instant::now) + self.gap;
            self.due = Some(due);
            self.pause = Some(Box::pin(delay::until(due)));
        }
        Poll::Ready(Some(Ok(piece)))
    }
}
