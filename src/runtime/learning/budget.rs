//! Bytes that learning may hold at once, shared by everything between a socket and a model.
//!
//! A [`Reservation`] travels with the bytes it stands for: with the copy that grows while an
//! answer streams by, then with the observation in the queue, then with the batch in an actor's
//! mailbox. Dropping it gives the bytes back, wherever that happens: after learning, when a queue
//! refuses, or when an actor panics.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes that may be held at the same time.
#[derive(Debug)]
pub struct Budget {
    used: AtomicUsize,
    bytes_max: usize,
}

impl Budget {
    /// A budget of `bytes_max` bytes; 0 refuses everything.
    #[must_use]
    pub fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { used: AtomicUsize::new(0), bytes_max })
    }

    /// Bytes held now.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Bytes that may be held.
    #[must_use]
    pub fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// Takes `bytes`, or `None` when they do not fit.
    #[must_use]
    pub fn reserve(self: &Arc<Self>, bytes: usize) -> Option<Reservation> {
        self.take(bytes).then(|| Reservation { budget: Arc::clone(self), bytes })
    }

    fn take(&self, bytes: usize) -> bool {
        // Relaxed suffices: the counter guards no other memory, it only bounds a sum.
        self.used
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|sum| *sum <= self.bytes_max)
            })
            .is_ok()
    }
}

/// Bytes taken from a [`Budget`]; dropping it gives them back.
#[derive(Debug)]
pub struct Reservation {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Reservation {
    /// Takes `more` bytes; false, and nothing taken, when they do not fit.
    #[must_use]
    pub fn grow(&mut self, more: usize) -> bool {
        let taken = self.budget.take(more);
        if taken {
            self.bytes += more;
        }
        taken
    }

    /// Everything held so far, as a reservation of its own; this one then holds nothing.
    #[must_use]
    pub fn split_off(&mut self) -> Self {
        let bytes = std::mem::take(&mut self.bytes);
        Self { budget: Arc::clone(&self.budget), bytes }
    }

    /// Gives back what exceeds `bytes`, or takes what is missing; false when that does not fit.
    #[must_use]
    pub fn resize(&mut self, bytes: usize) -> bool {
        if bytes > self.bytes {
            return self.grow(bytes - self.bytes);
        }
        self.budget.used.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        self.bytes = bytes;
        true
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_never_exceeded_and_always_given_back() {
        let budget = Budget::new(100);
        let mut first = budget.reserve(60).expect("fits");
        assert!(budget.reserve(41).is_none());
        assert!(first.grow(40));
        assert!(!first.grow(1));
        assert!(first.resize(10));
        assert_eq!(budget.used(), 10);
        let second = budget.reserve(90).expect("fits");
        assert!(!first.resize(11));
        drop((first, second));
        assert_eq!(budget.used(), 0);
        assert!(Budget::new(usize::MAX).reserve(usize::MAX).is_some(), "no overflow");
    }

    #[test]
    fn threads_share_one_budget() {
        let budget = Budget::new(1_000);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for bytes in 0..1_000 {
                        let reservation = budget.reserve(bytes);
                        assert!(budget.used() <= 1_000);
                        drop(reservation);
                    }
                });
            }
        });
        assert_eq!(budget.used(), 0);
    }
}
