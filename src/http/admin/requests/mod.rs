//! The journal of recent exchanges: who answered, by which rule, drawn how, and how long it took.

pub mod filter;
pub mod verify;

use std::collections::BTreeMap;

use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use self::filter::{ExchangeFilter, FilterParameters};
use super::Admin;
use super::input::{NoQuery, Query, QueryFields, QueryForm};
use super::output::rfc3339;
use super::problems::{ExchangeProblems, QueryProblems};
use crate::domain::endpoint::EndpointId;
use crate::domain::mode::EffectiveMode;
use crate::http::admin::paging::Page;
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::journal::JournalEntry;

/// Exchanges listed unless asked otherwise.
const LIMIT: u64 = 50;

/// Exchanges listed at most: half a MiB of JSON.
const LIMIT_MAX: u64 = 1_000;

/// How many exchanges are listed, and which.
pub struct RequestsQuery {
    limit: u64,
    filter: ExchangeFilter,
}

/// The parameters of the list besides the filter's.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `RequestsQuery` reads")]
pub struct LimitParameter {
    /// Entries at most, newest first.
    #[param(minimum = 1, maximum = 1000, default = 50, nullable = false, required = false)]
    limit: u64,
}

impl QueryForm for RequestsQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let limit = fields.whole("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT);
        Ok(Self { limit, filter: ExchangeFilter::read(fields)? })
    }
}

/// An exchange. Bodies, headers and queries are not kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExchangeShown {
    /// As in `X-Mock-Request-Id`.
    #[schema(example = "9f3c21aa-1f")]
    request_id: String,
    /// When the request arrived.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// `METHOD /template`; a guess when `endpoint_id` is null.
    #[schema(example = "GET /users/{id}")]
    endpoint: String,
    /// Id of the endpoint, when it was learned.
    endpoint_id: Option<String>,
    /// Raw path, without query; `{value}` for what may be a value, where no endpoint is learned.
    path: String,
    /// `X-Mock-Session`.
    session: Option<String>,
    /// Who was to answer, and what said so; null for a request that could not be read.
    mode: Option<EffectiveMode>,
    /// Who answered: `upstream`, `mock`, `failover`, `override`, `chaos` or `double`.
    source: &'static str,
    /// Null when the connection was ended without an answer.
    status: Option<u16>,
    /// Why the outcome is what it is, as in `X-Mock-Reason`.
    #[schema(example = "entity-unknown")]
    reason: Option<String>,
    /// Slug of an error of the double's own.
    error: Option<&'static str>,
    /// From the request's arrival to the head of its answer.
    duration_ms: f64,
    /// What was drawn for a synthesised answer.
    draw: Option<DrawShown>,
    /// What chaos did.
    chaos: Option<ChaosShown>,
}

/// What was drawn for a synthesised answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawShown {
    /// Number of the draw in its consumer's sequence; 0 under `X-Mock-Seed`.
    sequence: u64,
    /// Learned latency that was drawn, before scaling.
    latency_ms: f64,
}

/// What chaos did to an exchange.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChaosShown {
    /// What was done, as in `X-Mock-Chaos`; empty when nothing offered itself.
    #[schema(example = "latency;ms=250, status;code=503")]
    effects: String,
    /// How long the exchange was held up.
    held_ms: f64,
    /// The rules that hit, in order.
    rules: Vec<HitShown>,
}

/// A rule that hit an exchange.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitShown {
    /// Id of the rule.
    rule: String,
    /// How many requests it had counted before this one: the number of the draw.
    draw: u64,
}

impl ExchangeShown {
    /// As it is shown.
    pub fn of(entry: &JournalEntry) -> Self {
        let ms = |us: u64| us as f64 / 1e3;
        Self {
            request_id: entry.request_id.to_string(),
            at: rfc3339(entry.at_ms),
            endpoint: String::from_utf8_lossy(&entry.label).into_owned(),
            endpoint_id: entry.endpoint.as_ref().map(EndpointId::to_string),
            path: entry.path.to_string(),
            session: entry.session.as_deref().map(str::to_owned),
            mode: entry.mode,
            source: entry.source,
            status: entry.status,
            reason: entry.reason.as_deref().map(str::to_owned),
            error: entry.error,
            duration_ms: ms(entry.duration_us),
            draw: entry
                .draw
                .map(|draw| DrawShown { sequence: draw.sequence, latency_ms: ms(draw.latency_us) }),
            chaos: entry.chaos.as_ref().map(|chaos| ChaosShown {
                effects: chaos.report.clone(),
                held_ms: ms(chaos.held_us),
                rules: chaos
                    .hits
                    .iter()
                    .map(|hit| HitShown { rule: hit.rule.as_str().to_owned(), draw: hit.ticket })
                    .collect(),
            }),
        }
    }
}

/// Recent exchanges, newest first.
#[utoipa::path(
    get, path = "/requests", operation_id = "listRequests", tag = "requests",
    params(LimitParameter, FilterParameters),
    responses((status = 200, body = Page<ExchangeShown>), QueryProblems)
)]
pub async fn list(
    admin: Data<Admin>,
    Query(query): Query<RequestsQuery>,
) -> Json<Page<ExchangeShown>> {
    let filter = query.filter.resolved(&admin.learning.catalog());
    let mut entries = admin.plane.journal.entries();
    entries.retain(|entry| filter.matches(&entry.1));
    let total = entries.len() as u64;
    // At most a thousand, so it fits.
    entries.truncate(query.limit as usize);
    let items = entries.iter().map(|entry| ExchangeShown::of(&entry.1)).collect();
    Json(Page { items, page: 1, per_page: query.limit, total })
}

/// How many exchanges there are of a kind.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ExchangeCount {
    /// All that are meant, as far as the journal remembers.
    count: u64,
    /// Of those, by who answered.
    by_source: BTreeMap<&'static str, u64>,
    /// Of those, by status; without those that got no answer.
    by_status: BTreeMap<u16, u64>,
}

/// Counts recent exchanges.
#[utoipa::path(
    get, path = "/requests/count", operation_id = "countRequests", tag = "requests",
    params(FilterParameters),
    responses((status = 200, body = ExchangeCount), QueryProblems)
)]
pub async fn count(
    admin: Data<Admin>,
    Query(filter): Query<ExchangeFilter>,
) -> Json<ExchangeCount> {
    let filter = filter.resolved(&admin.learning.catalog());
    let mut counted = ExchangeCount::default();
    for entry in admin.plane.journal.entries() {
        if filter.matches(&entry.1) {
            counted.count += 1;
            *counted.by_source.entry(entry.1.source).or_default() += 1;
            if let Some(status) = entry.1.status {
                *counted.by_status.entry(status).or_default() += 1;
            }
        }
    }
    Json(counted)
}

/// Whose exchanges are forgotten.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ForgottenSession {
    /// `X-Mock-Session` of the consumer; the journal of all others stays.
    session: String,
}

impl QueryForm for ForgottenSession {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let session = fields.text("session")?.ok_or_else(|| {
            Problem::field(ProblemKind::Malformed, "session", "missing; expected a session")
        })?;
        Ok(Self { session })
    }
}

/// What was forgotten.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExchangesForgotten {
    forgotten: u64,
}

/// Forgets the exchanges of one consumer.
#[utoipa::path(
    delete, path = "/requests", operation_id = "forgetRequests", tag = "requests",
    params(ForgottenSession),
    responses((status = 200, body = ExchangesForgotten), QueryProblems)
)]
pub async fn forget(
    admin: Data<Admin>,
    Query(query): Query<ForgottenSession>,
) -> Json<ExchangesForgotten> {
    Json(ExchangesForgotten { forgotten: admin.plane.journal.forget(&query.session) })
}

/// One exchange.
#[utoipa::path(
    get, path = "/requests/{id}", operation_id = "getRequest", tag = "requests",
    params(("id" = String, Path, description = "`X-Mock-Request-Id` of its answer")),
    responses((status = 200, body = ExchangeShown), ExchangeProblems)
)]
pub async fn show(
    admin: Data<Admin>,
    id: Path<String>,
    _query: Query<NoQuery>,
) -> Result<Json<ExchangeShown>, Problem> {
    let found = admin.plane.journal.find(&id);
    let found = found.ok_or_else(|| {
        let detail = "the journal has no exchange with this id, or no longer";
        Problem::new(ProblemKind::NotFound, detail)
    })?;
    Ok(Json(ExchangeShown::of(&found.1)))
}
