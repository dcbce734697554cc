//! How much may be in flight to the backend, for all workers together.
//!
//! awc's own limit is per client, hence per worker, and queues without end; so it is switched off
//! and this counts instead: beyond the limit a request is refused at once, with a time to retry.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::error::UpstreamError;

/// Places come back within milliseconds on a healthy backend; one second is the shortest wait
/// `Retry-After` can say.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Counts requests in flight and open sockets. The counts order nothing else, hence `Relaxed`.
#[derive(Debug)]
pub struct ConcurrencyLimit {
    limit: usize,
    in_flight: AtomicUsize,
    open_sockets: AtomicUsize,
}

/// One admitted request; gives its place back on drop.
#[derive(Debug)]
pub struct ConcurrencyPermit(Arc<ConcurrencyLimit>);

/// One open socket, counted until dropped.
#[derive(Debug)]
pub struct SocketCount(Arc<ConcurrencyLimit>);

impl ConcurrencyLimit {
    pub fn new(limit: usize) -> Self {
        Self { limit, in_flight: AtomicUsize::new(0), open_sockets: AtomicUsize::new(0) }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`UpstreamError::Overloaded`] when all are taken.
    pub fn acquire(self: &Arc<Self>) -> Result<ConcurrencyPermit, UpstreamError> {
        if self.in_flight.fetch_add(1, Ordering::Relaxed) >= self.limit {
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            return Err(UpstreamError::Overloaded { retry_after: RETRY_AFTER });
        }
        Ok(ConcurrencyPermit(Arc::clone(self)))
    }

    pub fn count_socket(self: &Arc<Self>) -> SocketCount {
        self.open_sockets.fetch_add(1, Ordering::Relaxed);
        SocketCount(Arc::clone(self))
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub fn open_sockets(&self) -> usize {
        self.open_sockets.load(Ordering::Relaxed)
    }

    /// Whether an idle socket may be kept. Idle sockets of one worker are of no use to another, so
    /// they are given up first when the sockets of all workers reach the limit.
    pub fn may_keep_idle(&self) -> bool {
        self.open_sockets() <= self.limit
    }
}

impl Drop for ConcurrencyPermit {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for SocketCount {
    fn drop(&mut self) {
        self.0.open_sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_and_come_back() {
        let concurrency = Arc::new(ConcurrencyLimit::new(2));
        let first = concurrency.acquire().unwrap();
        let _second = concurrency.acquire().unwrap();
        assert!(matches!(concurrency.acquire(), Err(UpstreamError::Overloaded { .. })));
        assert_eq!(concurrency.in_flight(), 2);
        drop(first);
        assert!(concurrency.acquire().is_ok());
    }
}
