//! Why an endpoint answers as it does: what decides, the evidence, and people's word over it.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json};
use actix_web::{FromRequest, HttpRequest, dev};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::future::{Ready, ready};
use utoipa::ToSchema;

use super::Admin;
use super::input::{JsonBody, JsonForm, KnownEndpoint, NoQuery, Query};
use super::learning::problem_of;
use super::paging::{Page, Paging};
use super::problems::{
    BodyProblems, EndpointProblems, OrderProblems, QueryProblems, ReasonProblems, RoomProblems,
};
use crate::domain::outcome::{CauseGroup, StatusCounts};
use crate::domain::site::corrections::ReasonRule;
use crate::domain::site::reason_description::{ReasonDescription, ReasonState};
use crate::domain::validation::ObjectReader;
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// One truth about requests of an endpoint, and what it decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonShown {
    /// Slug, as in `X-Mock-Reason`.
    #[schema(example = "entity-unknown")]
    reason: String,
    /// The same in words.
    #[schema(example = "entity unknown")]
    text: String,
    /// What it is about.
    #[schema(example = "existence")]
    about: &'static str,
    /// `active` decides; `forced` and `forbidden` are a person's word; `candidate` was met and
    /// explains nothing that is not explained better.
    #[schema(example = "active")]
    state: &'static str,
    /// The status that it leads to; null where it never held.
    #[schema(example = 404)]
    status: Option<u16>,
    /// Bits by which it shortens the record of statuses, its price paid; null where it decides
    /// nothing.
    #[schema(example = 31.5)]
    gain_bits: Option<f64>,
    /// Exchanges that agree with "where it holds, this status; elsewhere another".
    evidence_for: u32,
    /// Exchanges that contradict.
    evidence_against: u32,
    /// Exchanges for which it held, by status.
    #[schema(example = json!({"404": 21}))]
    held: BTreeMap<String, u32>,
    /// Exchanges looked at beside them for which it did not, by status.
    #[schema(example = json!({"200": 57}))]
    missing: BTreeMap<String, u32>,
}

impl ReasonShown {
    fn of(found: &ReasonDescription) -> Self {
        let by_status = |counts: &StatusCounts| {
            counts.iter().map(|(status, n)| (status.to_string(), *n)).collect()
        };
        let (evidence_for, evidence_against) = found.evidence();
        Self {
            reason: found.slug.clone(),
            text: found.text.clone(),
            about: about(found.group),
            state: match found.state {
                ReasonState::Forced => "forced",
                ReasonState::Active => "active",
                ReasonState::Forbidden => "forbidden",
                ReasonState::Candidate => "candidate",
            },
            status: found.status,
            gain_bits: found.gain_bits.map(|bits| (bits * 10.0).round() / 10.0),
            evidence_for,
            evidence_against,
            held: by_status(&found.held),
            missing: by_status(&found.missing),
        }
    }
}

const fn about(group: CauseGroup) -> &'static str {
    match group {
        CauseGroup::Credential => "credential",
        CauseGroup::Owner => "owner",
        CauseGroup::Existence => "existence",
        CauseGroup::Condition => "condition",
        CauseGroup::Body => "body",
        CauseGroup::Conflict => "conflict",
        CauseGroup::Query => "query",
        CauseGroup::Header => "header",
        CauseGroup::State => "state",
    }
}

fn reasons_of(admin: &Admin, endpoint: &EndpointHandle) -> Vec<ReasonDescription> {
    let key = endpoint.key();
    admin.learning_of(endpoint).site().site().reasons(&key.method, key.template.as_str())
}

/// What decides at an endpoint, in the order in which it is looked at, with the evidence for and
/// against; behind it what was met and decides nothing.
#[utoipa::path(
    get, path = "/endpoints/{id}/reasons", operation_id = "listReasons", tag = "endpoints",
    params(("id" = String, Path, description = "Id of the endpoint"), Paging),
    responses((status = 200, body = Page<ReasonShown>), EndpointProblems, QueryProblems)
)]
pub async fn list(
    admin: Data<Admin>,
    KnownEndpoint(endpoint): KnownEndpoint,
    Query(paging): Query<Paging>,
) -> Json<Page<ReasonShown>> {
    let mut found = reasons_of(&admin, &endpoint);
    found.retain(|one| paging.finds(&[&one.slug, &one.text]));
    Json(paging.page(&found, ReasonShown::of))
}

/// The slug in the path.
pub struct ReasonSlug(String);

impl FromRequest for ReasonSlug {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let raw = request.match_info().get("reason").unwrap_or_default();
        let slug = percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned();
        ready(Ok(Self(slug)))
    }
}

/// What a person says of a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonWish {
    /// As learned.
    Learned,
    /// It decides nothing.
    Forbid,
    /// Where it holds, it decides, before everything else.
    Force,
}

/// A change of a reason.
#[derive(Debug, ToSchema)]
pub struct ReasonChange {
    /// What is to be done with it.
    rule: ReasonWish,
    /// The status that a forced one leads to; without it the one that it led to most often.
    #[schema(required = false, nullable = false, minimum = 200, maximum = 599)]
    status: Option<u16>,
}

impl JsonForm for ReasonChange {
    const FIELDS: &'static [&'static str] = &["rule", "status"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        form.require("rule");
        // In range, so it fits.
        let status = form.integer("status", 200..=599).map(|status| status as u16);
        Some(Self { rule: form.word("rule")?, status })
    }
}

/// A reason after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonChanged {
    #[serde(flatten)]
    reason: ReasonShown,
    /// Whether the change survives a restart already; otherwise it will as soon as the database
    /// can be written.
    stored: bool,
}

/// Forbids or forces a reason, or leaves it to learning again. It acts at once, and outlives
/// learning and restarts.
#[utoipa::path(
    patch, path = "/endpoints/{id}/reasons/{reason}", operation_id = "changeReason",
    tag = "endpoints",
    params(
        ("id" = String, Path, description = "Id of the endpoint"),
        ("reason" = String, Path, description = "Slug of the reason")
    ),
    request_body = ReasonChange,
    responses(
        (status = 200, body = ReasonChanged),
        ReasonProblems, BodyProblems, OrderProblems, RoomProblems
    )
)]
pub async fn amend(
    admin: Data<Admin>,
    KnownEndpoint(endpoint): KnownEndpoint,
    ReasonSlug(slug): ReasonSlug,
    _query: Query<NoQuery>,
    JsonBody(change): JsonBody<ReasonChange>,
) -> Result<Json<ReasonChanged>, Problem> {
    let known = reasons_of(&admin, &endpoint).into_iter().find(|one| one.slug == slug);
    let known = known.ok_or_else(|| unknown(&slug))?;
    let rule = match change.rule {
        ReasonWish::Learned => None,
        ReasonWish::Forbid => Some(ReasonRule::Forbid),
        ReasonWish::Force => {
            let status = change.status.or(known.status);
            Some(ReasonRule::Force { status: observed(&endpoint, status)? })
        }
    };
    let key = endpoint.key();
    let (method, path) = (key.method.to_string(), key.template.as_str().to_owned());
    let reason = slug.clone();
    let learning = admin.learning_of(&endpoint);
    let ordered =
        learning.correct(move |said| said.set_reason((&method, &path, &reason), rule)).await;
    if !ordered.map_err(|error| problem_of(&error))? {
        return Err(Problem::new(ProblemKind::Overloaded, "as many reasons are changed as may be"));
    }
    let stored = admin.stored().await;
    let after = reasons_of(&admin, &endpoint).into_iter().find(|one| one.slug == slug);
    Ok(Json(ReasonChanged { reason: ReasonShown::of(&after.unwrap_or(known)), stored }))
}

/// The status of a forced reason, which the endpoint must have been seen to answer with.
fn observed(endpoint: &EndpointHandle, status: Option<u16>) -> Result<u16, Problem> {
    let known: Vec<u16> = endpoint.published().behavior().statuses().collect();
    let status = status.ok_or_else(|| {
        let problem = "missing, and the reason never held; expected the status it leads to";
        Problem::field(ProblemKind::Unprocessable, "status", problem)
    })?;
    if known.contains(&status) {
        return Ok(status);
    }
    let problem =
        format!("{status} was never observed at this endpoint; expected one of {known:?}");
    Err(Problem::field(ProblemKind::Unprocessable, "status", problem))
}

fn unknown(slug: &str) -> Problem {
    // 64 characters show what was meant.
    let shown: String = slug.chars().take(64).collect();
    let detail = format!("nothing of the name `{shown}` was met at this endpoint");
    Problem::new(ProblemKind::NotFound, detail).with("reason", json!(shown))
}
