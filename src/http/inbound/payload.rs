//! A request body that may not stall.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_rt::time::{Instant, Sleep, sleep};
use actix_web::error::PayloadError;
use actix_web::web;
use bytes::Bytes;
use futures_util::Stream;

/// Passes a request body on; when the client sends nothing for `idle_max` while somebody waits for
/// it, the body ends with an error.
pub fn timed_payload(payload: web::Payload, idle_max: Duration) -> TimedPayload {
    TimedPayload { payload, idle_max, waiting: false, timer: None }
}

/// See [`timed_payload`].
pub struct TimedPayload {
    payload: web::Payload,
    idle_max: Duration,
    /// Whether the timer runs: only while a read waits, so that a slow backend is not held
    /// against the client.
    waiting: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

impl TimedPayload {
    /// The payload without its timer.
    pub fn into_untimed(self) -> web::Payload {
        self.payload
    }
}

impl Stream for TimedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Poll::Ready(item) = Pin::new(&mut this.payload).poll_next(cx) {
            this.waiting = false;
            return Poll::Ready(item);
        }
        let idle_max = this.idle_max;
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(idle_max)));
        if !this.waiting {
            this.waiting = true;
            timer.as_mut().reset(Instant::now() + idle_max);
        }
        timer.as_mut().poll(cx).map(|()| {
            let stalled = io::Error::from(io::ErrorKind::TimedOut);
            Some(Err(PayloadError::Incomplete(Some(stalled))))
        })
    }
}
