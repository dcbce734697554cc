//! Work that becomes due often and is done at most once a pause.

use std::time::Duration;

/// Whether some work is due, whether a timer for it runs, and how long it waits.
///
/// The owner marks it when the work becomes due, arms it wherever it can start a timer, and asks
/// it what to do when the timer comes:
///
/// ```
/// # use std::time::Duration;
/// # use stunt_double::runtime::debounced::Debounced;
/// let mut save = Debounced::new(Duration::from_secs(1));
/// save.mark();
/// assert_eq!(save.arm(), Some(Duration::from_secs(1)), "start a timer of a second");
/// save.mark();
/// assert_eq!(save.arm(), None, "it runs already");
/// assert!(save.fire(), "the timer came: save");
/// assert_eq!(save.arm(), None, "nothing is due");
/// ```
#[derive(Debug)]
pub struct Debounced {
    dirty: bool,
    scheduled: bool,
    pause: Duration,
}

impl Debounced {
    /// Nothing is due; what becomes due waits for `pause`.
    #[must_use]
    pub const fn new(pause: Duration) -> Self {
        Self { dirty: false, scheduled: false, pause }
    }

    /// The work is due.
    pub fn mark(&mut self) {
        self.dirty = true;
    }

    /// The time after which a timer is to call [`Debounced::fire`]; `None` when nothing is due or
    /// a timer runs already.
    #[must_use]
    pub fn arm(&mut self) -> Option<Duration> {
        if !self.dirty || self.scheduled {
            return None;
        }
        self.scheduled = true;
        Some(self.pause)
    }

    /// The timer came; true when the work is still due, and from here on it counts as done.
    #[must_use]
    pub fn fire(&mut self) -> bool {
        self.scheduled = false;
        self.take()
    }

    /// Does the work out of turn: true when it is due, and from here on it counts as done.
    #[must_use]
    pub fn take(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// What becomes due from now on waits for `pause`.
    pub fn set_pause(&mut self, pause: Duration) {
        self.pause = pause;
    }
}
