//! What a rule is asked about: the request, what is known of its endpoint, and the moment.

use serde::{Deserialize, Serialize};

use super::lease::ClockReading;
use crate::domain::endpoint::Behavior;
use crate::domain::matching::EndpointFacts;
use crate::domain::request::RequestView;

/// A request as scopes see it, and what is known of who would answer it. The admin, health and
/// metrics never become one.
#[derive(Clone, Copy)]
pub struct ChaosSubject<'a> {
    /// The request.
    pub request: &'a RequestView<'a>,
    /// `None` while the endpoint is unknown.
    pub endpoint_id: Option<&'a str>,
    /// The learned template; ignored while `endpoint_id` is `None`.
    pub template: &'a str,
    /// Who is going to answer.
    pub source: Responder,
    /// Statuses learned at this endpoint, as a set of classes.
    pub learned_classes: StatusClasses,
    /// What the endpoint has taught about its latency.
    pub learned: Option<&'a dyn LearnedLatency>,
    /// `X-Chaos-Level`, when the settings honour it.
    pub level: Option<u8>,
}

impl<'a> ChaosSubject<'a> {
    /// The endpoint, when it is known.
    pub fn endpoint(&self) -> Option<EndpointFacts<'a>> {
        let Self { request, endpoint_id, template, .. } = *self;
        endpoint_id.map(|id| EndpointFacts {
            id,
            method: request.method,
            template,
            route: request.route,
        })
    }
}

/// Who would answer if no rule acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Responder {
    /// The learned model.
    Mock,
    /// The backend.
    Upstream,
}

/// What the endpoint has taught about its latency.
pub trait LearnedLatency {
    /// The `quantile` (0 to 1) of the backend's own time.
    fn quantile_us(&self, quantile: f64) -> Option<u64>;
    /// The 99th percentile of its worst hour, where that is known.
    fn worst_us(&self) -> Option<u64>;
}

impl LearnedLatency for Behavior {
    fn quantile_us(&self, quantile: f64) -> Option<u64> {
        self.latency_quantile_us(quantile)
    }

    fn worst_us(&self) -> Option<u64> {
        // No model keeps hours apart; the highest percentile stands in for the worst of them.
        self.latency_quantile_us(0.99)
    }
}

/// A set of status classes, `1xx` to `5xx`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusClasses(u8);

impl StatusClasses {
    /// The classes of these statuses.
    pub fn of(statuses: impl IntoIterator<Item = u16>) -> Self {
        statuses.into_iter().fold(Self::default(), |set, status| set.with(status / 100))
    }

    /// Adds a class by its first digit; others are ignored.
    #[must_use]
    pub fn with(self, class: u16) -> Self {
        if (1..=5).contains(&class) { Self(self.0 | 1 << class) } else { self }
    }

    /// Whether they have a class in common.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// When, and from which randomness, effects are drawn.
#[derive(Clone, Copy, Debug)]
pub struct ChaosDrawContext {
    /// Both clocks.
    pub clock: ClockReading,
    /// What the draws hang on.
    pub seed: ChaosSeed,
}

/// Where the draws of a request come from.
#[derive(Clone, Copy, Debug)]
pub enum ChaosSeed {
    /// The process seed: each rule counts its requests, so that its rate is right in small samples.
    Process(u64),
    /// The hash of `X-Mock-Seed`: everything depends on it alone, so each request is drawn for
    /// itself and the rule's count neither decides nor moves.
    Request(u64),
}
