//! What is noted of each exchange: counters, a line in the log, an entry in the journal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;

use crate::domain::decide::EffectiveMode;
use crate::http::chaos::AppliedChaos;
use crate::http::data_plane::DataPlaneShared;
use crate::http::exchange::incoming_request::IncomingRequest;
use crate::http::exchange::response::{Response, Source};
use crate::runtime::clock::now_ms;
use crate::runtime::journal::{JournalChaos, JournalDraw, JournalEntry, TEXT_BYTES_MAX, beginning};
use crate::runtime::learning::endpoint_handle::{EndpointHandle, ResponseCounters};

/// The name under which `RUST_LOG` finds the lines of requests.
const LOG: &str = "stunt_double::requests";

/// One exchange, to be noted when its answer is made.
pub struct ExchangeLog<'a> {
    /// Where it is noted.
    pub shared: &'a DataPlaneShared,
    /// When it began.
    pub began: Instant,
    /// As in `X-Mock-Request-Id`.
    pub request_id: &'a str,
    /// `METHOD /template`.
    pub label: &'a Bytes,
    /// The endpoint, when it was learned.
    pub endpoint: Option<&'a EndpointHandle>,
    /// Raw path without query.
    pub path: &'a str,
    /// What was read of the request and decided, when it could be.
    pub decided: Option<(&'a IncomingRequest<'a>, EffectiveMode)>,
}

impl ExchangeLog<'_> {
    /// Notes an answer.
    pub fn answered(&self, answer: &Response, disturbance: Option<&AppliedChaos>) {
        let us = self.count(answer.error.is_some(), answer.source);
        self.log(answer.status.as_u16(), answer.source.as_str(), us);
        if self.shared.journal.is_on() {
            let draw = answer.simulated.map(|simulated| JournalDraw {
                sequence: simulated.sequence,
                latency_us: simulated.latency_us,
            });
            let status = Some(answer.status.as_u16());
            let entry = self.entry((us, answer.source, status), disturbance);
            self.shared.journal.add(JournalEntry { draw, error: answer.error, ..entry });
        }
    }

    /// Notes that chaos ends the connection without an answer.
    pub fn hung_up(&self, disturbance: &AppliedChaos) {
        let us = self.count(false, Source::Chaos);
        self.log("cut off", Source::Chaos.as_str(), us);
        if self.shared.journal.is_on() {
            self.shared.journal.add(self.entry((us, Source::Chaos, None), Some(disturbance)));
        }
    }

    /// Counts it, and gives the time it took so far, µs.
    fn count(&self, failed: bool, source: Source) -> u64 {
        let counters: &ResponseCounters =
            self.endpoint.map_or(&self.shared.unlearned, |endpoint| &endpoint.answers);
        let by_source: &AtomicU64 = match (failed, source) {
            (true, _) => &counters.error,
            (false, Source::Upstream) => &counters.upstream,
            (false, Source::Mock | Source::Double) => &counters.mock,
            (false, Source::Failover) => &counters.failover,
            (false, Source::Chaos) => &counters.chaos,
        };
        by_source.fetch_add(1, Ordering::Relaxed);
        let us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        counters.durations.record(us);
        us
    }

    /// A line for each request, when the settings ask for it.
    fn log(&self, outcome: impl std::fmt::Display, source: &str, us: u64) {
        let level = if self.shared.requests_logged { log::Level::Info } else { log::Level::Debug };
        if !log::log_enabled!(target: LOG, level) {
            return;
        }
        let ms = us as f64 / 1000.0;
        // Method and template; of a path that is no learned endpoint's nothing, because it can
        // hold a name or a key.
        let place = match self.endpoint {
            Some(endpoint) => String::from_utf8_lossy(endpoint.label()).into_owned(),
            None => format!("{} (not learned)", self.method()),
        };
        log::log!(target: LOG, level, "{place}: {outcome} by {source} in {ms:.1} ms");
    }

    fn method(&self) -> &str {
        self.decided.map_or("?", |(received, _)| received.method())
    }

    fn entry(
        &self,
        (duration_us, source, status): (u64, Source, Option<u16>),
        disturbance: Option<&AppliedChaos>,
    ) -> JournalEntry {
        let chaos = disturbance.map(|disturbance| {
            Box::new(JournalChaos {
                report: disturbance.effects.report(),
                hits: disturbance.effects.hits.clone(),
                held_us: u64::try_from(disturbance.held.as_micros()).unwrap_or(u64::MAX),
            })
        });
        let session = self.decided.and_then(|(received, _)| received.steering.session.as_deref());
        JournalEntry {
            request_id: self.request_id.into(),
            at_ms: now_ms().saturating_sub(i64::try_from(duration_us / 1000).unwrap_or(0)),
            label: match self.label.len() > TEXT_BYTES_MAX {
                // A copy, so that the rest is not kept with it.
                true => Bytes::copy_from_slice(self.label.get(..TEXT_BYTES_MAX).unwrap_or(b"")),
                false => self.label.clone(),
            },
            endpoint: self.endpoint.map(|endpoint| endpoint.id().clone()),
            path: beginning(self.path).into(),
            session: session.map(Box::from),
            mode: self.decided.map(|(_, mode)| mode),
            source: source.as_str(),
            status,
            error: None,
            duration_us,
            draw: None,
            chaos,
        }
    }
}
