//! Chaos on the request path: drawn once, when a request is decided, and carried out here.
//!
//! ```text
//! draw ─▶ AppliedChaos ─▶ delay, hang ──────▶ replacement, or the answer of backend or mock
//!                          │ cut before head      ─▶ apply: corrupt, truncate, headers
//!                          ▼                             ─▶ pace: throttle, cut in head or body
//!                       hang_up
//! ```
//!
//! Whoever takes a rule back (deletes, disables, stops it) ends what is being carried out: what is
//! not done yet is not done any more. The exchange stays disturbed all the same, and never teaches.

mod paced_body;
mod replacement;
mod transform;

use std::future::pending;
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use futures_util::future::{Either, select};

pub use self::replacement::replacement;
use super::delay;
use crate::domain::chaos::plan::{Abort, ChaosPlan, CloseKind, CutPoint};
use crate::domain::chaos::subject::StatusClasses;
use crate::domain::chaos::{
    ChaosDrawContext, ChaosReport, ChaosSeed, ChaosSubject, LearnedLatency, Responder,
};
use crate::domain::endpoint::Behavior;
use crate::domain::mode::Mode;
use crate::domain::random::seed::mix_text;
use crate::http::data_plane::DataPlane;
use crate::http::downstream::{ExchangeTracker, PlannedAbort};
use crate::http::exchange::incoming_request::{IncomingRequest, MatchedEndpoint};
use crate::runtime::chaos::Cancellation;

/// What chaos does to one exchange, and what of it is done already.
pub struct AppliedChaos {
    /// What is to be done. Nothing is left of it once its rules were taken back.
    pub plan: Box<ChaosPlan>,
    /// What was done of it so far.
    pub report: ChaosReport,
    /// How long the exchange was held up before its answer was made.
    pub held: Duration,
    cancellation: Cancellation,
}

/// Draws what is done to the answer of a request; `None` when no rule means it.
#[must_use]
pub fn draw(
    received: &IncomingRequest<'_>,
    target: Option<&MatchedEndpoint<'_>>,
    template: &str,
    mode: Mode,
    plane: &DataPlane,
) -> Option<AppliedChaos> {
    let rules = plane.chaos.rule_set();
    if rules.is_empty() && received.steering.chaos_level.is_none() {
        return None;
    }
    // Read before the draw: a rule that is taken back in between counts as taken back.
    let since = plane.chaos.cancellations();
    let published = target.map(|target| target.endpoint.published());
    let behavior = published.as_ref().map(|published| published.behavior());
    let learned = behavior.map(Learned);
    let parts = received.parts(target);
    let request = received.view(&parts);
    let subject = ChaosSubject {
        request: &request,
        endpoint_id: target.map(|target| target.endpoint.id().as_str()),
        template,
        source: if mode == Mode::Mock { Responder::Mock } else { Responder::Upstream },
        learned_classes: behavior
            .map_or_else(StatusClasses::default, |learned| StatusClasses::of(learned.statuses())),
        learned: learned.as_ref().map(|learned| learned as &dyn LearnedLatency),
        level: received.steering.chaos_level,
    };
    let seed = match &received.steering.seed {
        Some(seed) => {
            let request = mix_text(mix_text(0, seed), received.path_and_query());
            ChaosSeed::Request(mix_text(request, received.method()))
        }
        None => ChaosSeed::Process(plane.shared.draws.seed()),
    };
    let plan = rules.draw(&subject, ChaosDrawContext { clock: plane.chaos.clock(), seed })?;
    let cancellation = plane.chaos.watch(&plan, since);
    Some(AppliedChaos::new(plan, cancellation))
}

impl AppliedChaos {
    /// What was drawn, watched over.
    #[must_use]
    pub fn new(plan: Box<ChaosPlan>, cancellation: Cancellation) -> Self {
        Self { plan, report: ChaosReport::default(), held: Duration::ZERO, cancellation }
    }

    /// Waits as long as the plan asks for; less when it is taken back meanwhile, and then nothing
    /// of it is left to be done.
    pub async fn delay(&mut self, arrived: Instant) {
        let hang = Duration::from_millis(self.plan.hang_ms.unwrap_or(0));
        let due = arrived + Duration::from_micros(self.plan.delay_us) + hang;
        if due > Instant::now() {
            let waited = Box::pin(delay::until(due));
            let cancelled = Box::pin(self.cancellation.clone().cancelled());
            if let Either::Right(_) = select(waited, cancelled).await {
                self.held = arrived.elapsed();
                self.report.delay_us = u64::try_from(self.held.as_micros()).unwrap_or(u64::MAX);
                *self.plan = std::mem::take(&mut *self.plan).cancelled();
                return;
            }
        }
        self.held = due - arrived;
        self.report.delay_us = self.plan.delay_us;
    }

    /// The value of `X-Mock-Chaos`; `None` when nothing was done.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        (!self.report.is_empty()).then(|| self.report.to_string())
    }

    /// How the connection ends without any answer, when it does; noted as done.
    pub fn hangs_up(&mut self) -> Option<CloseKind> {
        self.report.hang_ms = self.plan.hang_ms;
        match self.plan.cut {
            Some(Abort { at: CutPoint::BeforeHead, how }) => {
                self.report.abort = self.plan.cut;
                Some(how)
            }
            // A client that was never answered sees an orderly end, as from a server that exits.
            _ => self.plan.hang_ms.map(|_waited| CloseKind::Fin),
        }
    }
}

/// Ends the connection instead of answering.
pub async fn hang_up(request: &HttpRequest, how: CloseKind) {
    let Some(exchanges) = request.conn_data::<ExchangeTracker>() else { return };
    // The socket ends the connection, and this future with it, once earlier answers are out.
    exchanges.plan_abort(PlannedAbort::Flushed(how));
    pending::<()>().await;
}

/// What an endpoint has taught about its latency.
struct Learned<'b>(&'b Behavior);

impl LearnedLatency for Learned<'_> {
    fn quantile_us(&self, quantile: f64) -> Option<u64> {
        self.0.latency_quantile_us(quantile)
    }

    fn worst_us(&self) -> Option<u64> {
        // No model keeps hours apart; the highest percentile stands in for the worst of them.
        self.0.latency_quantile_us(0.99)
    }
}
