//! `rate_limit`: each consumer has a token bucket; without a token it is answered 429.
//!
//! A request that gets a token is not touched and is no hit of the rule.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::smallvec;

use super::status::problem_body;
use super::{Decision, FaultDescriptor, Plan, PlanContext, optional, required};
use crate::domain::chaos::plan::{ChaosPlan, ReplacedResponse};
use crate::domain::chaos::subject::ChaosSubject;
use crate::domain::chaos::token_buckets::TokenRate;
use crate::domain::request::RequestView;
use crate::domain::random::seed;
use crate::domain::validation::ObjectReader;

/// A limit on the requests of a consumer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Requests granted each `per_s` seconds.
    pub limit: u32,
    /// The time that `limit` is for, s.
    #[serde(default = "second")]
    pub per_s: f64,
    /// Requests that can be made at once after a pause; `limit` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Whose requests are counted together.
    #[serde(default)]
    pub by: Consumer,
}

/// Who shares a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consumer {
    /// The session where one is named, else the peer.
    #[default]
    Session,
    /// The peer's address.
    Peer,
    /// The `authorization` header; requests without one share a bucket.
    Credentials,
    /// All requests of the scope.
    Everyone,
}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "rate_limit",
    summary: "answers 429 to each consumer that exceeds its rate; others are not touched",
    fields: &[
        required("limit", "requests each `per_s` seconds, 1 to 1000000"),
        optional("per_s", "seconds, 0.1 to 86400; 1 by default"),
        optional("burst", "requests at once after a pause, 1 to 1000000; `limit` by default"),
        optional("by", "`session` (default; else the peer), `peer`, `credentials`, `everyone`"),
    ],
    example: r#"{"type": "rate_limit", "limit": 60, "per_s": 60, "burst": 10}"#,
};

/// One token each microsecond is the finest a bucket can count.
const LIMIT_MAX: i64 = 1_000_000;
/// The time axis of the buckets is 50 days; a capacity must lie well within it.
const CAPACITY_S_MAX: f64 = 7.0 * 86_400.0;

impl RateLimit {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        let limit = fault.integer("limit", 1..=LIMIT_MAX);
        let per_s = fault.number("per_s", 0.1..=86_400.0);
        let burst = fault.integer("burst", 1..=LIMIT_MAX);
        let by = fault.word("by");
        let limit = u32::try_from(limit?).ok()?;
        let rate = Self {
            limit,
            per_s: per_s.unwrap_or(1.0),
            burst: burst.and_then(|burst| u32::try_from(burst).ok()),
            by: by.unwrap_or_default(),
        };
        let tokens = rate.tokens();
        if tokens.interval_us as f64 * tokens.burst as f64 > CAPACITY_S_MAX * 1e6 {
            fault.problem("burst", "takes more than a week to fill again");
            return None;
        }
        Some(rate)
    }

    fn tokens(&self) -> TokenRate {
        let burst = self.burst.unwrap_or(self.limit);
        TokenRate::new(u64::from(self.limit), self.per_s, u64::from(burst))
    }

    /// A hash that names the bucket.
    fn consumer(&self, request: &RequestView<'_>) -> u64 {
        let peer = || {
            request.peer.map_or(0, |peer| match peer.to_canonical() {
                std::net::IpAddr::V4(address) => seed::hash_text(&address.octets()),
                std::net::IpAddr::V6(address) => seed::hash_text(&address.octets()),
            })
        };
        match self.by {
            Consumer::Everyone => 0,
            Consumer::Peer => peer(),
            Consumer::Session => {
                request.session.map_or_else(peer, |session| seed::hash_text(session.as_bytes()))
            }
            Consumer::Credentials => request.header("authorization").map_or(0, seed::hash_text),
        }
    }
}

fn second() -> f64 {
    1.0
}

impl Plan for RateLimit {
    fn decides(&self) -> Option<Decision> {
        // A limited request is answered, just as a failed one is.
        Some(Decision::Response)
    }

    fn bucket(&self, subject: &ChaosSubject<'_>) -> Option<(u64, TokenRate)> {
        Some((self.consumer(subject.request), self.tokens()))
    }

    fn applies(&self, context: &PlanContext<'_>, effects: &ChaosPlan) -> bool {
        effects.answer.is_none() && context.tokens.is_some_and(|tokens| !tokens.granted)
    }

    fn plan(&self, context: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        let Some(tokens) = context.tokens else { return };
        // Whole seconds, rounded up: a client that waits so long is served.
        let seconds = |us: u64| us.div_ceil(1_000_000);
        let reset_s = seconds(tokens.full_after_us);
        let reset_at_s = context.now_ms.max(0).unsigned_abs() / 1000 + reset_s;
        let header = |name: &'static str, value: u64| {
            (Cow::Borrowed(name), Cow::<'static, str>::Owned(value.to_string()))
        };
        let answer = ReplacedResponse {
            cause: DESCRIPTOR.name,
            status: 429,
            // The names in use: RFC 9110, the IETF draft's early ones (seconds from now), and the
            // older `x-` ones (Unix time, as the large APIs that made them common have it).
            headers: smallvec![
                header("retry-after", seconds(tokens.retry_after_us)),
                header("ratelimit-limit", u64::from(self.limit)),
                header("ratelimit-remaining", tokens.remaining),
                header("ratelimit-reset", reset_s),
                header("x-ratelimit-limit", u64::from(self.limit)),
                header("x-ratelimit-remaining", tokens.remaining),
                header("x-ratelimit-reset", reset_at_s),
            ],
            body: problem_body(429, context.rule_name),
        };
        effects.answer = Some(Arc::new(answer));
    }
}
