//! Timers of a connection.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_rt::time::{Instant, Sleep, sleep_until};

/// A timer that exists only once it was needed.
#[derive(Default)]
pub struct Timer {
    pub due: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// A timer that runs already.
    pub fn until(due: Instant) -> Self {
        Self { due: Some(due), sleep: None }
    }

    /// Ready when `limit` has passed since the first call after `due` was taken away.
    pub fn poll(&mut self, cx: &mut Context<'_>, limit: Duration) -> Poll<()> {
        let due = *self.due.get_or_insert_with(|| Instant::now() + limit);
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if sleep.deadline() != due {
            sleep.as_mut().reset(due);
        }
        sleep.as_mut().poll(cx)
    }

    /// A write that went on, or waits and is overdue after `limit`.
    pub fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        limit: Duration,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.due = None;
            return outcome;
        }
        self.poll(cx, limit).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}
