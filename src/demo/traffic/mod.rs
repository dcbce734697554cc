//! Traffic like a shop's: seeded journeys of several clients, through the double or directly.

mod journeys;
mod visitor;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use rand::{SeedableRng, rngs::SmallRng};

use visitor::Visitor;

/// Visitors at once: enough to overlap slow and quick answers, few enough for a laptop.
const VISITORS: usize = 8;

/// What the traffic met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrafficReport {
    /// Requests sent.
    pub requests: usize,
    /// Answers by status.
    pub statuses: BTreeMap<u16, usize>,
    /// Requests without a complete answer: refused, reset, cut off or timed out.
    pub failed: usize,
    /// From the first request to the last answer.
    pub took: Duration,
}

/// Sends `requests` requests to the sample backend at `base_url` (such as
/// `http://127.0.0.1:8000`), directly or through a proxy, and returns when all are answered.
///
/// The same seed asks for the same things; what is created or picked depends on the answers.
/// Runs on the calling actix arbiter. A request that fails is counted, never retried.
pub async fn send_traffic(base_url: &str, requests: usize, seed: u64) -> TrafficReport {
    let started = Instant::now();
    let ledger = Ledger { left: Cell::new(requests), report: RefCell::default() };
    let visitors = (0..VISITORS).map(|n| {
        let random = SmallRng::seed_from_u64(seed.wrapping_mul(VISITORS as u64) ^ n as u64);
        journeys::visit(Visitor::new(base_url, random, &ledger))
    });
    join_all(visitors).await;
    TrafficReport { took: started.elapsed(), ..ledger.report.into_inner() }
}

/// The requests left and the answers so far; shared by the visitors of one thread.
struct Ledger {
    left: Cell<usize>,
    report: RefCell<TrafficReport>,
}

impl Ledger {
    /// Takes one request from the budget; false when it is used up.
    fn take(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    fn answered(&self, status: Option<u16>) {
        let mut report = self.report.borrow_mut();
        report.requests += 1;
        match status {
            Some(status) => *report.statuses.entry(status).or_default() += 1,
            None => report.failed += 1,
        }
    }
}
