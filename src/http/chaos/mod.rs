//! Chaos on the request path: drawn once, when a request is decided, and carried out here.
//!
//! ```text
//! draw ─▶ Disturbance ─▶ hold (delay, hang) ─▶ replacement, or the answer of backend or mock
//!                          │ cut before head      ─▶ disturb: corrupt, truncate, headers
//!                          ▼                             ─▶ pace: throttle, cut in head or body
//!                       hang_up
//! ```
//!
//! Whoever takes a rule back (deletes, disables, stops it) ends what is being carried out: what is
//! not done yet is not done any more. The exchange stays disturbed all the same, and never teaches.

mod pacing;
mod replacement;
mod transform;

use std::future::pending;
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use futures_util::future::{Either, select};

pub use self::replacement::replacement;
use super::delay;
use crate::domain::chaos::effects::{Abort, CloseKind, CutPoint, Effects};
use crate::domain::chaos::subject::StatusClasses;
use crate::domain::chaos::{ChaosDrawContext, ChaosSubject, LearnedLatency, Source as Answerer};
use crate::domain::decide::Mode;
use crate::http::data_plane::DataPlane;
use crate::http::downstream::{ExchangeTracker, PlannedAbort};
use crate::http::exchange::incoming_request::{IncomingRequest, MatchedEndpoint};
use crate::http::exchange::session_seeds::draw_seed;
use crate::runtime::chaos::Cancellation;

/// What chaos does to one exchange, and what of it is done already.
pub struct AppliedChaos {
    /// What is to be done; narrowed to what was done as the exchange goes on.
    pub effects: Box<Effects>,
    /// How long the exchange was held up before its answer was made.
    pub held: Duration,
    withdrawal: Cancellation,
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
    let book = plane.chaos.book();
    if book.is_empty() && received.steering.chaos_level.is_none() {
        return None;
    }
    // Read before the draw: a rule that is taken back in between counts as taken back.
    let since = plane.chaos.withdrawals();
    let published = target.map(|target| target.endpoint.published());
    let behavior = published.as_ref().map(|published| published.behavior());
    let parts = received.parts(target);
    let request = received.view(&parts);
    let subject = ChaosSubject {
        request: &request,
        endpoint_id: target.map(|target| target.endpoint.id().as_str()),
        template,
        source: if mode == Mode::Mock { Answerer::Mock } else { Answerer::Upstream },
        learned_classes: behavior
            .map_or_else(StatusClasses::default, |learned| StatusClasses::of(learned.statuses())),
        learned: behavior.map(|behavior| behavior as &dyn LearnedLatency),
        level: received.steering.chaos_level,
    };
    let seed = draw_seed(received, plane);
    let effects = book.draw(&subject, ChaosDrawContext { clock: plane.chaos.clock(), seed })?;
    let withdrawal = plane.chaos.watch(&effects, since);
    Some(AppliedChaos::new(effects, withdrawal))
}

impl AppliedChaos {
    /// What was drawn, watched over.
    #[must_use]
    pub fn new(effects: Box<Effects>, withdrawal: Cancellation) -> Self {
        Self { effects, held: Duration::ZERO, withdrawal }
    }

    /// Waits as long as the effects ask for; less when they are taken back meanwhile.
    pub async fn hold(&mut self, arrived: Instant) {
        let hang = Duration::from_millis(self.effects.hang_ms.unwrap_or(0));
        let due = arrived + Duration::from_micros(self.effects.delay_us) + hang;
        if due > Instant::now() {
            let waited = Box::pin(delay::until(due));
            let taken_back = Box::pin(self.withdrawal.clone().cancelled());
            if let Either::Right(_) = select(waited, taken_back).await {
                self.held = arrived.elapsed();
                self.forgo();
                return;
            }
        }
        self.held = due - arrived;
    }

    /// Gives up what is not done yet: what remains to be told is the delay so far.
    fn forgo(&mut self) {
        let delay_us = u64::try_from(self.held.as_micros()).unwrap_or(u64::MAX);
        let hits = std::mem::take(&mut self.effects.hits);
        *self.effects = Effects { delay_us, hits, ..Effects::default() };
    }

    /// The value of `X-Mock-Chaos`; `None` when nothing was done.
    #[must_use]
    pub fn report(&self) -> Option<String> {
        let report = self.effects.report();
        (!report.is_empty()).then_some(report)
    }

    /// How the connection ends without any answer, when it does.
    #[must_use]
    pub fn hangs_up(&self) -> Option<CloseKind> {
        match self.effects.cut {
            Some(Abort { at: CutPoint::BeforeHead, how }) => Some(how),
            // A client that was never answered sees an orderly end, as from a server that exits.
            _ => self.effects.hang_ms.map(|_waited| CloseKind::Fin),
        }
    }
}

/// Ends the connection instead of answering.
pub async fn hang_up(request: &HttpRequest, how: CloseKind) {
    let Some(exchanges) = request.conn_data::<ExchangeTracker>() else { return };
    // The socket ends the connection, and this future with it, once earlier answers are out.
    exchanges.plan_abort(PlannedAbort::Flushed(how));
    pending().await
}
