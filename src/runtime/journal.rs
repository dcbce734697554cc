//! The journal: the last exchanges and why they went as they did. Bounded, in memory, no bodies.
//!
//! A ring of slots and a counter. The request path takes the next number and swaps its entry in,
//! under a lock of that slot alone, which is held for the exchange of a pointer and met by somebody
//! else once in a round of the ring; readers look at the slots one by one and sort out what was
//! overwritten meanwhile. A query value or a header is never kept, since either may be a secret.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use smallvec::SmallVec;

use crate::domain::chaos::plan::Hit;
use crate::domain::endpoint::EndpointId;
use crate::domain::mode::EffectiveMode;

/// Bytes of a path or label that are kept: longer ones are no API's, and a thousand heads at their
/// limit of 128 KiB would be 128 MiB.
pub const TEXT_BYTES_MAX: usize = 512;

/// One exchange.
#[derive(Debug, Clone)]
pub struct JournalEntry {
    /// As in `X-Mock-Request-Id`.
    pub request_id: Box<str>,
    /// When its head was complete, Unix milliseconds.
    pub at_ms: i64,
    /// `METHOD /template`, cut at [`TEXT_BYTES_MAX`].
    pub label: Bytes,
    /// `None` for what was never learned.
    pub endpoint: Option<EndpointId>,
    /// Raw path without query, cut at [`TEXT_BYTES_MAX`]; without its values where no endpoint is
    /// learned.
    pub path: Box<str>,
    /// `X-Mock-Session`.
    pub session: Option<Box<str>>,
    /// `None` for a request that could not be read.
    pub mode: Option<EffectiveMode>,
    /// Who produced the answer, as in `X-Mock-Source`.
    pub source: &'static str,
    /// `None` when the connection was ended without an answer.
    pub status: Option<u16>,
    /// Why a mock says what it says, as in `X-Mock-Reason`.
    pub reason: Option<Box<str>>,
    /// Slug of an error of the double's own.
    pub error: Option<&'static str>,
    /// From the request's arrival to the head of its answer.
    pub duration_us: u64,
    /// What was drawn for a synthesised answer.
    pub draw: Option<JournalDraw>,
    /// What chaos did.
    pub chaos: Option<Box<JournalChaos>>,
}

/// What was drawn for a synthesised answer.
#[derive(Debug, Clone, Copy)]
pub struct JournalDraw {
    /// Number of the draw in its consumer's sequence.
    pub sequence: u64,
    /// Learned latency that was drawn, before scaling.
    pub latency_us: u64,
}

/// What chaos did to an exchange.
#[derive(Debug, Clone)]
pub struct JournalChaos {
    /// As in `X-Mock-Chaos`; empty when what was drawn found nothing to act on.
    pub report: String,
    /// The rules that hit, in order, with the number of each draw.
    pub hits: SmallVec<[Hit; 2]>,
    /// How long the exchange was held up.
    pub held_us: u64,
}

/// An entry with its number in the order of arrival.
type NumberedEntry = Arc<(u64, JournalEntry)>;

/// The last exchanges; cheap to clone.
#[derive(Clone)]
pub struct Journal(Arc<Ring>);

struct Ring {
    slots: Box<[Mutex<Option<NumberedEntry>>]>,
    next: AtomicU64,
}

impl Journal {
    /// A journal of the last `entries_max` exchanges; of none, when that is 0.
    #[must_use]
    pub fn new(entries_max: usize) -> Self {
        let slots = (0..entries_max).map(|_| Mutex::default()).collect();
        Self(Arc::new(Ring { slots, next: AtomicU64::new(0) }))
    }

    /// Whether entries are kept: otherwise none needs to be made.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.0.slots.is_empty()
    }

    /// Adds an exchange in the place of the oldest.
    pub fn add(&self, entry: JournalEntry) {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let length = self.0.slots.len() as u64;
        // The remainder is below the number of slots, so it fits.
        let slot = number.checked_rem(length).and_then(|at| self.0.slots.get(at as usize));
        let Some(slot) = slot else { return };
        let newest = Arc::new((number, entry));
        let mut slot = slot.lock();
        // Who was held up between its number and its slot for a whole round of the ring meets a
        // newer entry than its own, which stays.
        if slot.as_ref().is_none_or(|other| other.0 < number) {
            let oldest = slot.replace(newest);
            // Dropped when the slot is free again.
            drop(slot);
            drop(oldest);
        }
    }

    /// All exchanges that are kept, newest first.
    #[must_use]
    pub fn entries(&self) -> Vec<NumberedEntry> {
        let mut entries: Vec<_> =
            self.0.slots.iter().filter_map(|slot| slot.lock().clone()).collect();
        entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.0));
        entries
    }

    /// One exchange, while it is kept.
    #[must_use]
    pub fn find(&self, request_id: &str) -> Option<NumberedEntry> {
        let found = |entry: &NumberedEntry| &*entry.1.request_id == request_id;
        self.0.slots.iter().filter_map(|slot| slot.lock().clone()).find(found)
    }
}

/// The beginning of a text, at most [`TEXT_BYTES_MAX`] bytes of it.
#[must_use]
pub fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: usize) -> JournalEntry {
        JournalEntry {
            request_id: format!("id-{id}").into(),
            at_ms: 0,
            label: Bytes::from_static(b"GET /"),
            endpoint: None,
            path: "/".into(),
            session: None,
            mode: None,
            source: "upstream",
            status: Some(200),
            reason: None,
            error: None,
            duration_us: 1,
            draw: None,
            chaos: None,
        }
    }

    fn ids(journal: &Journal) -> Vec<String> {
        journal.entries().iter().map(|entry| entry.1.request_id.to_string()).collect()
    }

    #[test]
    fn the_last_exchanges_are_kept_newest_first() {
        let journal = Journal::new(3);
        (0..2).for_each(|id| journal.add(entry(id)));
        assert_eq!(ids(&journal), ["id-1", "id-0"]);
        (2..5).for_each(|id| journal.add(entry(id)));
        assert_eq!(ids(&journal), ["id-4", "id-3", "id-2"]);
        assert!(journal.find("id-3").is_some() && journal.find("id-1").is_none());
    }

    #[test]
    fn a_journal_of_none_keeps_none() {
        let journal = Journal::new(0);
        journal.add(entry(0));
        assert!(!journal.is_on() && journal.entries().is_empty());
    }

    #[test]
    fn many_threads_lose_nothing_but_the_oldest() {
        let journal = Journal::new(100);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let journal = &journal;
                scope
                    .spawn(move || (0..1_000).for_each(|n| journal.add(entry(thread * 1_000 + n))));
            }
        });
        let entries = journal.entries();
        assert_eq!(entries.len(), 100);
        assert!(entries.iter().all(|entry| entry.0 >= 3_600), "only late ones");
    }

    #[test]
    fn texts_are_cut_at_a_letter() {
        assert_eq!(beginning("/short"), "/short");
        let long = "é".repeat(TEXT_BYTES_MAX);
        assert_eq!(beginning(&long).len(), TEXT_BYTES_MAX);
        let odd = format!("a{long}");
        assert_eq!(beginning(&odd).len(), TEXT_BYTES_MAX - 1);
    }
}
