//! The journal of recent exchanges: who answered, by which rule, drawn how, and how long it took.

use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::Admin;
use super::input::{NoQuery, Query, QueryFields, QueryForm};
use super::output::rfc3339;
use super::problems::{ExchangeProblems, QueryProblems};
use crate::domain::endpoint::EndpointId;
use crate::domain::mode::EffectiveMode;
use crate::http::admin::list_query::Page;
use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::response::ResponseSource;
use crate::runtime::journal::JournalEntry;

/// Exchanges listed unless asked otherwise.
const LIMIT: u64 = 50;

/// Exchanges listed at most: half a MiB of JSON.
const LIMIT_MAX: u64 = 1_000;

/// Which exchanges are listed.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RequestsQuery {
    /// Entries at most, newest first.
    #[param(minimum = 1, maximum = 1000, default = 50, nullable = false, required = false)]
    limit: u64,
    /// Those of one endpoint, by id or as `METHOD /template`.
    #[param(required = false, example = "GET /users/{id}")]
    endpoint: Option<String>,
    /// Those answered by `upstream`, `mock`, `failover`, `chaos` or `double`.
    #[param(required = false)]
    source: Option<String>,
    /// Those of one consumer, by its `X-Mock-Session`.
    #[param(required = false)]
    session: Option<String>,
    /// Those that one chaos rule hit, by its id.
    #[param(required = false)]
    rule: Option<String>,
}

impl QueryForm for RequestsQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let sources = [
            ResponseSource::Upstream,
            ResponseSource::Mock,
            ResponseSource::Failover,
            ResponseSource::Chaos,
        ]
        .map(|source| (source.as_str(), source.as_str()));
        Ok(Self {
            limit: fields.whole("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT),
            endpoint: fields.text("endpoint")?,
            source: fields.word("source", &sources)?.map(str::to_owned),
            session: fields.text("session")?,
            rule: fields.text("rule")?,
        })
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
    /// Who answered: `upstream`, `mock`, `failover`, `chaos` or `double`.
    source: &'static str,
    /// Null when the connection was ended without an answer.
    status: Option<u16>,
    /// Why a mock says what it says, as in `X-Mock-Reason`.
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
    fn of(entry: &JournalEntry) -> Self {
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
    params(RequestsQuery),
    responses((status = 200, body = Page<ExchangeShown>), QueryProblems)
)]
pub async fn list(
    admin: Data<Admin>,
    Query(query): Query<RequestsQuery>,
) -> Json<Page<ExchangeShown>> {
    // The id of an endpoint that was folded means the one it was folded into.
    let endpoint = query.endpoint.as_ref().map(|given| {
        let catalog = admin.learning.catalog();
        let known = catalog.by_id(&EndpointId::from_text(given));
        known.map_or_else(|| given.clone(), |endpoint| endpoint.id().to_string())
    });
    let rule = query.rule.as_deref();
    let wanted = |entry: &JournalEntry| {
        let id = entry.endpoint.as_ref().map(EndpointId::as_str);
        let of_rule = |rule| {
            let chaos = entry.chaos.as_ref();
            chaos.is_some_and(|chaos| chaos.hits.iter().any(|hit| hit.rule.as_str() == rule))
        };
        endpoint.as_deref().is_none_or(|given| id == Some(given) || entry.label == given)
            && query.source.as_deref().is_none_or(|source| entry.source == source)
            && query.session.as_deref().is_none_or(|given| entry.session.as_deref() == Some(given))
            && rule.is_none_or(of_rule)
    };
    let mut entries = admin.plane.journal.entries();
    entries.retain(|entry| wanted(&entry.1));
    let total = entries.len() as u64;
    // At most a thousand, so it fits.
    entries.truncate(query.limit as usize);
    let items = entries.iter().map(|entry| ExchangeShown::of(&entry.1)).collect();
    Json(Page { items, page: 1, per_page: query.limit, total })
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
