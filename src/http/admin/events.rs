//! What happens, as it happens: server-sent events (HTML Standard, section 9.2) from the journal
//! and the state of the double.
//!
//! A stream looks ten times a second and sends what is new as one event, so that a page redraws as
//! often at any rate of traffic; of a busy tenth of a second the newest exchanges are shown and the
//! others counted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data};
use futures_util::stream::unfold;
use serde::Serialize;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::Admin;
use super::input::Query;
use super::metrics::requests_by_source;
use super::problems::{OrderProblems, QueryProblems};
use super::requests::ExchangeShown;
use super::requests::filter::{ExchangeFilter, FilterParameters};
use crate::domain::chaos::RuleState;
use crate::domain::mode::Mode;
use crate::http::error::{Problem, ProblemKind};

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// Looks between two reports of the state: one second.
const LOOKS_PER_STATE: u64 = 10;

/// Exchanges of one event; a page shows no more in a tenth of a second.
const EXCHANGES_MAX: usize = 100;

/// Streams at once: pages that people have open.
const STREAMS_MAX: usize = 64;

/// How many streams are open; shared by all workers.
#[derive(Clone, Default)]
pub struct OpenStreams(Arc<AtomicUsize>);

/// One open stream, counted until it is dropped.
struct OpenStream(OpenStreams);

impl OpenStreams {
    fn open(&self) -> Option<OpenStream> {
        let more = |open: usize| (open < STREAMS_MAX).then_some(open + 1);
        let opened = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        opened.ok().map(|_before| OpenStream(self.clone()))
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Exchanges since the last event.
#[derive(Serialize)]
struct NewExchanges {
    /// Newest first.
    items: Vec<ExchangeShown>,
    /// Further ones that are not shown.
    skipped: usize,
}

/// How the double stands.
#[derive(Serialize)]
struct DoubleState {
    mode: Mode,
    learn: bool,
    backend_up: bool,
    endpoints: usize,
    in_flight: usize,
    chaos_active: usize,
    overrides_active: usize,
    /// All answers since the start, by who gave them.
    requests: BTreeMap<&'static str, u64>,
}

/// A stream between two looks.
struct Watch {
    admin: Data<Admin>,
    filter: ExchangeFilter,
    looks: Interval,
    look: u64,
    /// Number of the newest exchange that was sent.
    seen: Option<u64>,
    _open: OpenStream,
}

/// Exchanges and the state of the double as server-sent events: `exchanges` (`items`, newest first,
/// and how many were `skipped`) at most ten times a second, `state` every second.
#[utoipa::path(
    get, path = "/events", operation_id = "watchEvents", tag = "requests",
    params(FilterParameters),
    responses(
        (status = 200, description = "Events until somebody hangs up",
            content_type = "text/event-stream", body = String),
        QueryProblems, OrderProblems
    )
)]
pub async fn watch(
    admin: Data<Admin>,
    Query(filter): Query<ExchangeFilter>,
) -> Result<HttpResponse, Problem> {
    let open = admin.streams.open().ok_or_else(|| {
        let detail = format!("{STREAMS_MAX} streams of events are open already");
        Problem::new(ProblemKind::Overloaded, detail)
    })?;
    let mut looks = interval(LOOK);
    // A slow reader gets one event with all that is new, not many late ones.
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let filter = filter.resolved(&admin.learning.catalog());
    let seen = admin.plane.journal.entries().first().map(|entry| entry.0);
    let watch = Watch { admin, filter, looks, look: 0, seen, _open: open };
    let events = unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok::<_, actix_web::Error>(event), watch))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events))
}

impl Watch {
    /// The next event; `None` when the double stops.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.looks.tick().await;
            if self.admin.plane.stopping.load(Ordering::Acquire) {
                return None;
            }
            let mut events = String::new();
            if self.look.is_multiple_of(LOOKS_PER_STATE) {
                write_event(&mut events, "state", &self.state());
            }
            self.look += 1;
            if let Some(exchanges) = self.exchanges() {
                write_event(&mut events, "exchanges", &exchanges);
            }
            if !events.is_empty() {
                return Some(Bytes::from(events));
            }
        }
    }

    fn exchanges(&mut self) -> Option<NewExchanges> {
        let entries = self.admin.plane.journal.entries();
        let newest = entries.first()?.0;
        let seen = self.seen.replace(newest);
        let is_new = |number: u64| seen.is_none_or(|seen| number > seen);
        let new: Vec<_> = entries
            .iter()
            .take_while(|entry| is_new(entry.0))
            .filter(|entry| self.filter.matches(&entry.1))
            .collect();
        if new.is_empty() {
            return None;
        }
        let shown = new.iter().take(EXCHANGES_MAX);
        let items = shown.map(|entry| ExchangeShown::of(&entry.1)).collect();
        Some(NewExchanges { items, skipped: new.len().saturating_sub(EXCHANGES_MAX) })
    }

    fn state(&self) -> DoubleState {
        let Admin { settings, routes, chaos, overrides, plane, .. } = &**self.admin;
        let (settings, clock) = (settings.now(), chaos.clock());
        let active = |state: RuleState| state == RuleState::Active;
        let overrides_clock = overrides.clock();
        DoubleState {
            mode: settings.mode,
            learn: settings.learn,
            backend_up: routes.default_route().health.is_up(),
            endpoints: self.admin.sum(|learning| learning.catalog().len() as u64) as usize,
            in_flight: plane.in_flight.load(Ordering::Relaxed),
            chaos_active: chaos.rules().iter().filter(|rule| active(rule.state(clock))).count(),
            overrides_active: overrides
                .entries()
                .iter()
                .filter(|held| active(held.state(overrides_clock)))
                .count(),
            requests: requests_by_source(&self.admin),
        }
    }
}

fn write_event(to: &mut String, name: &str, data: &impl Serialize) {
    // JSON has no line breaks of its own, so that one `data` line holds it.
    if let Ok(json) = serde_json::to_string(data) {
        to.push_str("event: ");
        to.push_str(name);
        to.push_str("\ndata: ");
        to.push_str(&json);
        to.push_str("\n\n");
    }
}
