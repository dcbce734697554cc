//! When what an endpoint learned becomes public, and when it goes to the database.
//!
//! Publishing costs a copy of the model, for endpoints that are mocked a compilation as well, and
//! saving costs a document and a transaction. So both wait until a reader would see a difference:
//! a young model changes with every exchange, an old one with news (a status never seen before),
//! with an eighth more of evidence, or once enough exchanges have come to pay for the copy.
//! Whatever else was learned becomes public and is saved after [`LATEST`]; a flush does both at
//! once.

use std::time::Duration;

/// Shortest pause between two publications: a mock that lags a tenth of a second behind the
/// traffic is as good as one that does not.
pub const SOON: Duration = Duration::from_millis(100);

/// Longest time for which something learned is neither public nor saved. A kill costs the last
/// seconds of endpoints that are known well, of which a few exchanges more say little; at two
/// requests a second and endpoint one copy, document and row a quarter of a minute are some 40 µs a
/// request.
pub const LATEST: Duration = Duration::from_secs(15);

/// Longest pause between two publications of an endpoint that changes all the time.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A publication may take one part in this many of the time: 2 % of the learning thread.
const COST_FACTOR: u32 = 50;

/// CPU that publishing may cost an exchange; a tenth of what learning it costs.
const COST_PER_EXCHANGE: Duration = Duration::from_micros(10);

/// A model that has grown by one part in this many draws visibly better.
const GROWTH: u64 = 8;

/// What waits to become public and to be saved.
#[derive(Debug, Default)]
pub struct Publication {
    unpublished: u64,
    published: u64,
    unsaved: u64,
    saved: u64,
    news: bool,
    cost: Duration,
}

impl Publication {
    /// Nothing waits; `observations` are public and saved.
    #[must_use]
    pub fn new(observations: u64) -> Self {
        Self { published: observations, saved: observations, ..Self::default() }
    }

    /// An exchange was learned; `news` when it showed something that was never seen before.
    pub fn learned(&mut self, news: bool) {
        self.unpublished += 1;
        self.unsaved += 1;
        self.news |= news;
    }

    /// The model had to be copied, because what is public is never changed.
    pub fn copied(&mut self, took: Duration) {
        self.cost += took;
    }

    /// Exchanges learned since the last publication.
    #[must_use]
    pub fn unpublished(&self) -> u64 {
        self.unpublished
    }

    /// Whether something was learned since the last save.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        self.unsaved > 0
    }

    /// Whether a reader would see a difference, or the copy has paid for itself.
    #[must_use]
    pub fn is_due(&self) -> bool {
        let count = u32::try_from(self.unpublished).unwrap_or(u32::MAX);
        self.unpublished > 0
            && (self.news
                || self.unpublished * GROWTH >= self.published
                || COST_PER_EXCHANGE.saturating_mul(count) >= self.cost)
    }

    /// Whether a publication now should be saved, too.
    #[must_use]
    pub fn is_worth_saving(&self) -> bool {
        self.unsaved > 0 && (self.news || self.unsaved * GROWTH >= self.saved)
    }

    /// Everything became public, which took `took`; the pause before it happens again.
    pub fn published(&mut self, took: Duration) -> Duration {
        self.published += self.unpublished;
        self.unpublished = 0;
        self.news = false;
        let cost = std::mem::replace(&mut self.cost, took) + took;
        (cost * COST_FACTOR).clamp(SOON, PAUSE_MAX)
    }

    /// Everything went to the persistence.
    pub fn saved(&mut self) {
        self.saved += self.unsaved;
        self.unsaved = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A publication of a model that is public and saved, and costs a millisecond.
    fn known(observations: u64) -> Publication {
        let mut publication = Publication::new(observations);
        publication.published(Duration::from_millis(1));
        publication
    }

    #[test]
    fn a_young_model_is_published_and_saved_with_every_exchange() {
        let mut publication = Publication::new(0);
        assert!(!publication.is_due(), "nothing was learned");
        for _ in 0..8 {
            publication.learned(false);
            assert!(publication.is_due() && publication.is_worth_saving());
            assert_eq!(publication.published(Duration::ZERO), SOON);
            publication.saved();
        }
    }

    #[test]
    fn a_well_known_endpoint_waits_until_its_publication_has_paid_for_itself() {
        let mut publication = known(10_000);
        for _ in 0..99 {
            publication.learned(false);
            assert!(!publication.is_due());
        }
        publication.learned(false);
        assert!(publication.is_due(), "100 exchanges at 10 µs pay for a millisecond");
        assert!(!publication.is_worth_saving());
        assert!(publication.is_unsaved());
    }

    #[test]
    fn news_is_due_at_once() {
        let mut publication = known(10_000);
        publication.learned(true);
        assert!(publication.is_due() && publication.is_worth_saving());
        publication.published(Duration::from_millis(1));
        publication.learned(false);
        assert!(!publication.is_due());
    }

    #[test]
    fn an_expensive_publication_takes_two_percent_of_the_time_at_most() {
        let mut publication = Publication::new(0);
        publication.learned(false);
        publication.copied(Duration::from_millis(2));
        let pause = publication.published(Duration::from_millis(8));
        assert_eq!(pause, Duration::from_millis(500));
    }
}
