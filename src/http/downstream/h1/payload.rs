//! A request body that may neither stall nor be malformed.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::Payload;
use actix_rt::time::{Instant, Sleep, sleep};
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;

use super::exchange_tracker::ExchangeTracker;

/// Passes a request body on. It ends with an error when the client sends nothing for `idle_max`
/// while somebody waits for it, and where the socket found it malformed. A client that waits to be
/// asked for its body is asked when it is first wanted, so that it can be refused before.
pub struct ClientPayload {
    payload: Payload,
    exchanges: ExchangeTracker,
    idle_max: Duration,
    /// Whether the timer runs: only while a read waits, so that a slow backend is not held
    /// against the client.
    waiting: bool,
    timer: Option<Pin<Box<Sleep>>>,
}

impl ClientPayload {
    pub fn new(payload: Payload, exchanges: ExchangeTracker, idle_max: Duration) -> Self {
        Self { payload, exchanges, idle_max, waiting: false, timer: None }
    }
}

impl Stream for ClientPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Poll::Ready(item) = Pin::new(&mut this.payload).poll_next(cx) {
            this.waiting = false;
            return Poll::Ready(item);
        }
        // Somebody wants the body, and the client has not sent it of itself.
        this.exchanges.ask_for_body();
        if this.exchanges.poll_malformed(cx).is_ready() {
            return Poll::Ready(Some(Err(PayloadError::EncodingCorrupted)));
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
