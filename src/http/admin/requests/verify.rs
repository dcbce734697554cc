//! Was it called? Asked of the journal, waiting for what is still on its way.

use std::time::Duration;

use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;

use super::super::Admin;
use super::super::input::{JsonBody, JsonForm, NoQuery, Query};
use super::super::problems::{BodyProblems, VerifyProblems};
use super::ExchangeShown;
use super::filter::ExchangeFilter;
use crate::domain::validation::ObjectReader;
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::journal::Journal;

/// Longest wait: longer than any test should hang.
const WITHIN_MS_MAX: i64 = 60_000;

/// Exchanges shown that came near.
const NEAREST_MAX: usize = 5;

/// A question: how often something is to have happened.
#[derive(Debug)]
pub struct Verification {
    filter: ExchangeFilter,
    times: Times,
    within: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    Exactly(u64),
    AtLeast(u64),
    AtMost(u64),
}

impl Times {
    fn hold(self, count: u64) -> bool {
        match self {
            Self::Exactly(n) => count == n,
            Self::AtLeast(n) => count >= n,
            Self::AtMost(n) => count <= n,
        }
    }

    /// Whether more exchanges can still make it hold.
    fn can_come(self, count: u64) -> bool {
        match self {
            Self::Exactly(n) | Self::AtLeast(n) => count < n,
            Self::AtMost(_) => false,
        }
    }

    fn said(self) -> String {
        match self {
            Self::Exactly(n) => format!("exactly {n}"),
            Self::AtLeast(n) => format!("at least {n}"),
            Self::AtMost(n) => format!("at most {n}"),
        }
    }
}

impl JsonForm for Verification {
    const FIELDS: &'static [&'static str] =
        &["match", "exactly", "at_least", "at_most", "within_ms"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        form.require("match");
        let filter = form.value("match");
        let filter =
            filter.and_then(|value| ExchangeFilter::parse(value, "match", form.problems()));
        let number = |name| form.integer(name, 0..=i64::MAX).map(i64::unsigned_abs);
        let given = [
            number("exactly").map(Times::Exactly),
            number("at_least").map(Times::AtLeast),
            number("at_most").map(Times::AtMost),
        ];
        let mut given = given.into_iter().flatten();
        // That it happened at all is the usual question.
        let times = given.next().unwrap_or(Times::AtLeast(1));
        if given.next().is_some() {
            form.problem("exactly", "expected one of `exactly`, `at_least`, `at_most`");
        }
        let within_ms = form.integer("within_ms", 0..=WITHIN_MS_MAX).unwrap_or(0);
        let within = Duration::from_millis(within_ms.unsigned_abs());
        Some(Self { filter: filter?, times, within })
    }
}

/// What is to have happened.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `Verification` reads")]
pub struct VerificationForm {
    /// The exchanges that are meant, by the parameters of `GET requests`.
    #[schema(value_type = Object, example = json!({"method": "POST", "path": "/orders"}))]
    r#match: Value,
    /// One of these three; at least one unless given.
    #[schema(required = false, minimum = 0)]
    exactly: u64,
    #[schema(required = false, minimum = 0, example = 1)]
    at_least: u64,
    #[schema(required = false, minimum = 0)]
    at_most: u64,
    /// How long to wait for exchanges that are still to come, ms.
    #[schema(required = false, minimum = 0, maximum = 60_000, example = 2000)]
    within_ms: u64,
}

/// It has happened so.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verified {
    /// How often.
    count: u64,
}

/// Verifies how often exchanges happened, as far as the journal remembers. It answers as soon as
/// that holds, and 417 when it does not: at once where more exchanges cannot help, else after
/// `within_ms`.
#[utoipa::path(
    post, path = "/requests/verify", operation_id = "verifyRequests", tag = "requests",
    request_body = VerificationForm,
    responses((status = 200, body = Verified), BodyProblems, VerifyProblems)
)]
pub async fn verify(
    admin: Data<Admin>,
    _query: Query<NoQuery>,
    JsonBody(wanted): JsonBody<Verification>,
) -> Result<Json<Verified>, Problem> {
    let filter = wanted.filter.resolved(&admin.learning.catalog());
    let journal = &admin.plane.journal;
    let deadline = Instant::now() + wanted.within;
    loop {
        // Before the count, so that what comes between is not missed.
        let mut news = std::pin::pin!(journal.news());
        news.as_mut().enable();
        let count = count(journal, &filter);
        if wanted.times.hold(count) {
            return Ok(Json(Verified { count }));
        }
        let in_time = wanted.times.can_come(count) && timeout_at(deadline, news).await.is_ok();
        if !in_time {
            return Err(unmet(journal, &filter, wanted.times, count));
        }
    }
}

/// How many exchanges of the journal are meant.
pub fn count(journal: &Journal, filter: &ExchangeFilter) -> u64 {
    journal.entries().iter().filter(|entry| filter.matches(&entry.1)).count() as u64
}

fn unmet(journal: &Journal, filter: &ExchangeFilter, times: Times, count: u64) -> Problem {
    let entries = journal.entries();
    let mut near: Vec<_> = entries
        .iter()
        .map(|entry| (filter.unmet(&entry.1).collect::<Vec<_>>(), entry))
        .filter(|(because, _)| !because.is_empty())
        .collect();
    // Stable, so that of those as near the newest come first.
    near.sort_by_key(|(because, _)| because.len());
    let near: Vec<Value> = near
        .iter()
        .take(NEAREST_MAX)
        .map(|(because, entry)| json!({"because": because, "request": ExchangeShown::of(&entry.1)}))
        .collect();
    let detail = format!("expected {} such exchanges, found {count}", times.said());
    Problem::new(ProblemKind::ExpectationUnmet, detail)
        .with("count", json!(count))
        .with("nearest", json!(near))
}
