//! What is noted of each exchange: counters, a line in the log, an entry in the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use actix_web::HttpResponse;
use bytes::Bytes;

use crate::domain::mode::EffectiveMode;
use crate::domain::privacy::without_values;
use crate::http::chaos::AppliedChaos;
use crate::http::data_plane::{DataPlaneShared, InFlight};
use crate::http::exchange::incoming_request::IncomingRequest;
use crate::http::exchange::response::{ContractHeaders, Response, ResponseSource, X_MOCK_REASON};
use crate::runtime::clock::now_ms;
use crate::runtime::journal::{JournalChaos, JournalDraw, JournalEntry, TEXT_BYTES_MAX, beginning};
use crate::runtime::learning::endpoint_handle::{EndpointHandle, ResponseCounters};

/// The name under which `RUST_LOG` finds the lines of requests.
const LOG: &str = "stunt_double::requests";

/// One exchange from its beginning on. It alone turns an answer into a response, so that none goes
/// out without being counted and journalled.
pub struct ExchangeLog<'a> {
    shared: &'a DataPlaneShared,
    began: Instant,
    request_id: String,
    in_flight: InFlight,
}

/// What was found out about a request on the way to its answer.
pub struct ExchangeFacts<'a> {
    /// `METHOD /template`.
    pub label: &'a Bytes,
    /// The endpoint, when it was learned.
    pub endpoint: Option<&'a EndpointHandle>,
    /// Raw path without query.
    pub path: &'a str,
    /// What was read of the request and decided, when it could be.
    pub decided: Option<(&'a IncomingRequest<'a>, EffectiveMode)>,
}

/// How an exchange came out, for the journal.
struct Ending {
    duration_us: u64,
    source: ResponseSource,
    /// `None` when the connection ended without an answer.
    status: Option<u16>,
}

impl<'a> ExchangeLog<'a> {
    /// Begins an exchange: from now on it is in flight and has an id.
    #[must_use]
    pub fn begin(shared: &'a Arc<DataPlaneShared>) -> Self {
        let (began, request_id) = (Instant::now(), shared.ids.next());
        Self { shared, began, request_id, in_flight: InFlight::begin(shared) }
    }

    /// As in `X-Mock-Request-Id`.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Notes an answer and makes it a response with the contract's headers.
    #[must_use]
    pub fn reply(
        self,
        facts: &ExchangeFacts<'_>,
        answer: Response,
        chaos: Option<&AppliedChaos>,
    ) -> HttpResponse {
        let us = self.count(facts, answer.error.is_some(), answer.source);
        self.log(facts, answer.status.as_u16(), answer.source.as_str(), us);
        if self.shared.journal.is_on() {
            let draw = answer.simulated.map(|simulated| JournalDraw {
                sequence: simulated.sequence,
                latency_us: simulated.latency_us,
            });
            let status = Some(answer.status.as_u16());
            let ending = Ending { duration_us: us, source: answer.source, status };
            let entry = self.entry(facts, &ending, chaos);
            let reason = answer.headers.iter().find(|(name, _)| *name == X_MOCK_REASON);
            let reason = reason.and_then(|(_, value)| value.to_str().ok()).map(Box::from);
            self.shared.journal.add(JournalEntry { draw, reason, error: answer.error, ..entry });
        }
        let shown = chaos.and_then(AppliedChaos::shown);
        let mocked = matches!(answer.source, ResponseSource::Mock | ResponseSource::Failover);
        let marks = ContractHeaders {
            endpoint: facts.label.clone(),
            request_id: &self.request_id,
            chaos: shown.as_deref(),
            hint: facts.decided.and_then(|(received, _)| received.steering.hint(mocked)),
        };
        answer.into_response(marks, self.in_flight)
    }

    /// Notes that chaos ends the connection without an answer.
    pub fn hung_up(&self, facts: &ExchangeFacts<'_>, chaos: &AppliedChaos) {
        let us = self.count(facts, false, ResponseSource::Chaos);
        self.log(facts, "cut off", ResponseSource::Chaos.as_str(), us);
        if self.shared.journal.is_on() {
            let ending = Ending { duration_us: us, source: ResponseSource::Chaos, status: None };
            self.shared.journal.add(self.entry(facts, &ending, Some(chaos)));
        }
    }

    /// Counts it, and gives the time it took so far, µs.
    fn count(&self, facts: &ExchangeFacts<'_>, failed: bool, source: ResponseSource) -> u64 {
        let counters: &ResponseCounters =
            facts.endpoint.map_or(&self.shared.unlearned, |endpoint| &endpoint.answers);
        let by_source: &AtomicU64 = match (failed, source) {
            (true, _) => &counters.error,
            (false, ResponseSource::Upstream) => &counters.upstream,
            (false, ResponseSource::Mock | ResponseSource::Double) => &counters.mock,
            (false, ResponseSource::Failover) => &counters.failover,
            (false, ResponseSource::Chaos) => &counters.chaos,
        };
        by_source.fetch_add(1, Ordering::Relaxed);
        let us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        counters.durations.record(us);
        us
    }

    /// A line for each request, when the settings ask for it.
    fn log(
        &self,
        facts: &ExchangeFacts<'_>,
        outcome: impl std::fmt::Display,
        source: &str,
        us: u64,
    ) {
        let level = if self.shared.requests_logged { log::Level::Info } else { log::Level::Debug };
        if !log::log_enabled!(target: LOG, level) {
            return;
        }
        let ms = us as f64 / 1000.0;
        // Method and template; of a path that is no learned endpoint's nothing, because it can
        // hold a name or a key.
        let place = match facts.endpoint {
            Some(endpoint) => String::from_utf8_lossy(endpoint.label()).into_owned(),
            None => format!("{} (not learned)", facts.method()),
        };
        log::log!(target: LOG, level, "{place}: {outcome} by {source} in {ms:.1} ms");
    }

    fn entry(
        &self,
        facts: &ExchangeFacts<'_>,
        ending: &Ending,
        chaos: Option<&AppliedChaos>,
    ) -> JournalEntry {
        let chaos = chaos.map(|chaos| {
            Box::new(JournalChaos {
                report: chaos.report.to_string(),
                hits: chaos.plan.hits.clone(),
                held_us: u64::try_from(chaos.held.as_micros()).unwrap_or(u64::MAX),
            })
        });
        let session = facts.decided.and_then(|(received, _)| received.steering.session.as_deref());
        JournalEntry {
            request_id: self.request_id.as_str().into(),
            at_ms: now_ms().saturating_sub(i64::try_from(ending.duration_us / 1000).unwrap_or(0)),
            label: match facts.label.len() > TEXT_BYTES_MAX {
                // A copy, so that the rest is not kept with it.
                true => Bytes::copy_from_slice(facts.label.get(..TEXT_BYTES_MAX).unwrap_or(b"")),
                false => facts.label.clone(),
            },
            endpoint: facts.endpoint.map(|endpoint| endpoint.id().clone()),
            path: match facts.endpoint {
                Some(_) => beginning(facts.path).into(),
                // Nothing is known of such a path, least of all that its values may be kept.
                None => beginning(&without_values(facts.path)).into(),
            },
            session: session.map(Box::from),
            mode: facts.decided.map(|(_, mode)| mode),
            source: ending.source.as_str(),
            status: ending.status,
            reason: None,
            error: None,
            duration_us: ending.duration_us,
            draw: None,
            chaos,
        }
    }
}

impl ExchangeFacts<'_> {
    fn method(&self) -> &str {
        self.decided.map_or("?", |(received, _)| received.method())
    }
}
