//! Log lines that traffic can cause, held to a few a minute: the first of a kind is written at
//! once, the others of its next ten seconds are counted and summed up in one line.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// For how long lines of one kind and place are counted instead of written.
const WINDOW: Duration = Duration::from_secs(10);

/// Places told apart at the same time; those beyond share one line. A sick backend has as many as
/// it has endpoints, of which a handful says enough.
const PLACES_MAX: usize = 64;

/// The lines of one kind.
pub struct LogLimiter {
    /// Locked when something went wrong, never for a request that went well.
    places: Mutex<Vec<Place>>,
}

struct Place {
    name: Box<str>,
    since: Instant,
    held_back: u64,
}

impl LogLimiter {
    /// A kind of which nothing was written yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { places: Mutex::new(Vec::new()) }
    }

    /// Warns of something at a place (an endpoint's id; empty when there is none), or counts it.
    /// Call it inside a running actix system: the sum is written by a task of it.
    pub fn warn(&'static self, place: &str, line: impl FnOnce() -> String) {
        match self.note(place, Instant::now()) {
            Noted::First => log::warn!("{}", line()),
            Noted::Counted { first: false } => {}
            Noted::Counted { first: true } => {
                let (line, place) = (line(), Box::<str>::from(place));
                actix_rt::spawn(async move {
                    actix_rt::time::sleep(WINDOW).await;
                    let count = self.take_held_back(&place);
                    log::warn!("{line} ({count} more within {} s)", WINDOW.as_secs());
                });
            }
        }
    }

    fn note(&self, name: &str, now: Instant) -> Noted {
        let mut places = self.places.lock();
        places.retain(|place| place.held_back > 0 || now - place.since < WINDOW);
        let name = if places.len() < PLACES_MAX { name } else { "" };
        match places.iter_mut().find(|place| &*place.name == name) {
            Some(place) => {
                place.held_back += 1;
                Noted::Counted { first: place.held_back == 1 }
            }
            None => {
                places.push(Place { name: name.into(), since: now, held_back: 0 });
                Noted::First
            }
        }
    }

    /// The number of lines held back, and an end of it.
    fn take_held_back(&self, name: &str) -> u64 {
        let mut places = self.places.lock();
        let at = places.iter().position(|place| &*place.name == name);
        let at = at.or_else(|| places.iter().position(|place| place.name.is_empty()));
        at.map_or(0, |at| places.swap_remove(at).held_back)
    }
}

impl Default for LogLimiter {
    fn default() -> Self {
        Self::new()
    }
}

enum Noted {
    First,
    /// Held back; `first` of its window, so that a sum is to come.
    Counted {
        first: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_written_and_the_rest_is_counted_by_place() {
        let limiter = LogLimiter::new();
        let now = Instant::now();
        let mut written = 0;
        for _ in 0..1_000 {
            for place in ["a", "b"] {
                written += usize::from(matches!(limiter.note(place, now), Noted::First));
            }
        }
        assert_eq!(written, 2);
        assert_eq!((limiter.take_held_back("a"), limiter.take_held_back("b")), (999, 999));
        assert!(matches!(limiter.note("a", now), Noted::First), "a new window");
        assert!(matches!(limiter.note("a", now + 2 * WINDOW), Noted::First), "and another");
    }

    #[test]
    fn places_beyond_the_limit_share_a_line() {
        let limiter = LogLimiter::new();
        let now = Instant::now();
        let first = |n: usize| matches!(limiter.note(&n.to_string(), now), Noted::First);
        let written = (0..10_000).filter(|n| first(*n)).count();
        assert_eq!(written, PLACES_MAX + 1);
    }
}
