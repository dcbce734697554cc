//! Who would be hit: a scope asked of the traffic of the last minutes.

use std::collections::BTreeMap;

use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::Admin;
use super::super::input::{JsonDocument, NoQuery, Query, problem_of};
use super::super::output::rfc3339;
use super::super::problems::BodyProblems;
use super::form::ScopeForm;
use crate::domain::chaos::scope::ScopeMatcher;
use crate::domain::chaos::subject::StatusClasses;
use crate::domain::chaos::{ChaosSubject, Responder, Scope};
use crate::domain::endpoint::{BackendId, EndpointId};
use crate::domain::mode::Mode;
use crate::domain::request::RequestView;
use crate::domain::validation::{FieldErrors, ObjectReader};
use crate::http::error::Problem;
use crate::runtime::journal::JournalEntry;

/// Endpoints and consumers that are named.
const NAMED_MAX: usize = 20;

/// A scope to be tried.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the domain reads")]
pub struct PreviewForm {
    /// As of a rule.
    scope: ScopeForm,
}

/// What a rule of this scope would have meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChaosPreview {
    /// Exchanges that were looked at: all that the journal remembers.
    looked_at: u64,
    /// When the oldest of them arrived.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Of those, how many the scope means.
    matched: u64,
    /// Of those, by endpoint, most first.
    endpoints: Vec<PreviewCount>,
    /// Of those, by consumer, most first; those without `X-Mock-Session` under an empty name.
    sessions: Vec<PreviewCount>,
    /// Parts of the scope that past exchanges cannot be asked for, because they are not kept: fewer
    /// requests may be meant than are counted here.
    not_judged: Vec<&'static str>,
}

/// How many exchanges something had.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewCount {
    name: String,
    count: u64,
}

/// Tries a scope on the traffic of the last minutes; nothing is disturbed.
#[utoipa::path(
    post, path = "/chaos/preview", operation_id = "previewChaos", tag = "chaos",
    request_body = PreviewForm,
    responses((status = 200, body = ChaosPreview), BodyProblems)
)]
pub async fn preview(
    admin: Data<Admin>,
    _query: Query<NoQuery>,
    JsonDocument(document): JsonDocument,
) -> Result<Json<ChaosPreview>, Problem> {
    let mut scope = read(&document, &admin)?;
    let not_judged = not_judged(&scope);
    scope.request.headers.clear();
    scope.request.query.clear();
    scope.request.peers.clear();
    let matcher = ScopeMatcher::new(&scope);
    let entries = admin.plane.journal.entries();
    let (mut endpoints, mut sessions) = (BTreeMap::new(), BTreeMap::new());
    let mut matched = 0;
    for entry in &entries {
        if matcher.as_ref().is_some_and(|matcher| is_meant(matcher, &entry.1, &admin)) {
            matched += 1;
            let label = String::from_utf8_lossy(&entry.1.label).into_owned();
            *endpoints.entry(label).or_default() += 1;
            let session = entry.1.session.as_deref().unwrap_or_default().to_owned();
            *sessions.entry(session).or_default() += 1;
        }
    }
    Ok(Json(ChaosPreview {
        looked_at: entries.len() as u64,
        since: entries.last().and_then(|entry| rfc3339(entry.1.at_ms)),
        matched,
        endpoints: most(endpoints),
        sessions: most(sessions),
        not_judged,
    }))
}

fn read(document: &Value, admin: &Admin) -> Result<Scope, Problem> {
    let problems = FieldErrors::default();
    let scope = ObjectReader::open(document, "", &["scope"], &problems).and_then(|form| {
        form.require("scope");
        Scope::parse(form.value("scope")?, "scope", admin.chaos.limits(), &problems)
    });
    problems.or(scope).map_err(|errors| problem_of(&errors))
}

/// The parts that ask for what the journal does not keep.
fn not_judged(scope: &Scope) -> Vec<&'static str> {
    let request = &scope.request;
    [
        ("headers", request.headers.is_empty()),
        ("query", request.query.is_empty()),
        ("peers", request.peers.is_empty()),
    ]
    .into_iter()
    .filter_map(|(name, absent)| (!absent).then_some(name))
    .collect()
}

fn is_meant(matcher: &ScopeMatcher, entry: &JournalEntry, admin: &Admin) -> bool {
    let label = String::from_utf8_lossy(&entry.label);
    let (method, template) = label.split_once(' ').unwrap_or((&label, ""));
    let endpoint = entry.endpoint.as_ref().and_then(|id| admin.routes.endpoint(id));
    let backend = endpoint.as_ref().map(|(_, route)| route.learning.backend());
    let request = RequestView {
        route: backend.map_or("", BackendId::as_str),
        method,
        path: &entry.path,
        session: entry.session.as_deref(),
        ..RequestView::default()
    };
    let is_mocked = entry.mode.is_some_and(|mode| mode.effective == Mode::Mock);
    matcher.matches(&ChaosSubject {
        request: &request,
        endpoint_id: entry.endpoint.as_ref().map(EndpointId::as_str),
        template,
        source: if is_mocked { Responder::Mock } else { Responder::Upstream },
        learned_classes: endpoint
            .as_ref()
            .map_or_else(StatusClasses::default, |(endpoint, _route)| {
                StatusClasses::of(endpoint.published().behavior().statuses())
            }),
        learned: None,
        level: None,
    })
}

fn most(counts: BTreeMap<String, u64>) -> Vec<PreviewCount> {
    let mut counts: Vec<PreviewCount> =
        counts.into_iter().map(|(name, count)| PreviewCount { name, count }).collect();
    counts.sort_by_key(|counted| std::cmp::Reverse(counted.count));
    counts.truncate(NAMED_MAX);
    counts
}
