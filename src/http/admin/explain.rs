//! What would happen to a request, and why.

use actix_web::web::{Data, Json};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::Admin;
use super::input::{Query, QueryFields, QueryForm};
use super::problems::QueryProblems;
use crate::domain::chaos::subject::StatusClasses;
use crate::domain::chaos::{ChaosSubject, Responder, RuleMatch};
use crate::domain::mode::{EffectiveMode, EndpointMode, Mode, effective_mode};
use crate::domain::request::RequestView;
use crate::http::error::{Problem, ProblemKind};

/// What cannot stand in the path of a request (RFC 3986 section 3.3); `%` is left as it is,
/// because it escapes already.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

/// A request to be explained.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExplainQuery {
    /// Method of the request.
    #[param(default = "GET", required = false)]
    method: String,
    /// Path of the request; a query after `?` matters to chaos rules alone.
    #[param(example = "/users/7")]
    path: String,
    /// Query of the request, from behind the `?` of the path.
    #[param(ignore)]
    query: String,
    /// What the header `X-Mock-Enabled` would say.
    #[param(required = false)]
    mock: Option<bool>,
    /// What the header `X-Mock-Session` would say.
    #[param(required = false)]
    session: Option<String>,
}

impl QueryForm for ExplainQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let method = method(fields)?.unwrap_or_else(|| "GET".to_owned());
        let (path, query) = target(fields)?.ok_or_else(|| {
            let expected = "missing; expected the path of a request, such as /users/7";
            Problem::field(ProblemKind::Malformed, "path", expected)
        })?;
        Ok(Self {
            method,
            path,
            query,
            mock: fields.switch("mock")?,
            session: fields.text("session")?,
        })
    }
}

fn method(fields: &mut QueryFields) -> Result<Option<String>, Problem> {
    let Some(method) = fields.text("method")? else { return Ok(None) };
    match actix_web::http::Method::from_bytes(method.as_bytes()) {
        Ok(_token) => Ok(Some(method.to_ascii_uppercase())),
        Err(_not_a_token) => {
            let expected = "expected a method such as GET";
            Err(Problem::field(ProblemKind::Unprocessable, "method", expected))
        }
    }
}

/// The path in the parameter `path`, spelled as a request would spell it, without query.
pub fn request_path(fields: &mut QueryFields) -> Result<Option<String>, Problem> {
    Ok(target(fields)?.map(|(path, _query)| path))
}

/// Path and query in the parameter `path`.
fn target(fields: &mut QueryFields) -> Result<Option<(String, String)>, Problem> {
    let Some(given) = fields.text("path")? else { return Ok(None) };
    let given = given.split('#').next().unwrap_or_default();
    let (path, query) = given.split_once('?').unwrap_or((given, ""));
    if !path.starts_with('/') {
        let expected = "expected a path that begins with `/`";
        return Err(Problem::field(ProblemKind::Unprocessable, "path", expected));
    }
    Ok(Some((utf8_percent_encode(path, NOT_IN_PATHS).to_string(), query.to_owned())))
}

/// What would happen to a request, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// Method of the request.
    method: String,
    /// Raw path of the request.
    path: String,
    /// Template it belongs to; a guess when `endpoint_id` is null.
    #[schema(example = "/users/{id}")]
    template: String,
    /// Endpoint it belongs to, when one was learned.
    endpoint_id: Option<String>,
    /// Why the template is what it is.
    segments: Vec<ExplainedSegment>,
    /// Who answers, and what says so.
    mode: EffectiveMode,
    /// Ids of the chaos rules that match, in the order they act.
    chaos: Vec<String>,
    /// What each of them would do, and what a rule before it would have decided already.
    chaos_rules: Vec<MatchingRule>,
}

/// A chaos rule that matches, with what it does when it hits.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchingRule {
    id: String,
    name: String,
    /// Share of the matching requests that are hit, before any pattern.
    probability: f64,
    /// Types of the faults that act.
    faults: Vec<&'static str>,
    /// Types of the faults that do not when a rule before hits, too: that one wins.
    shadowed: Vec<&'static str>,
}

impl MatchingRule {
    fn of(rule: RuleMatch) -> Self {
        let RuleMatch { id, name, probability, faults, shadowed } = rule;
        Self { id: id.as_str().to_owned(), name, probability, faults, shadowed }
    }
}

/// One segment of a path.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedSegment {
    /// As it stands in the path.
    text: String,
    /// `literal`, or the kind of the parameter's value.
    #[schema(example = "integer")]
    kind: &'static str,
    /// What speaks for it.
    why: String,
}

/// Explains what would happen to a request.
#[utoipa::path(
    get, path = "/explain", operation_id = "explainRequest", tag = "explain",
    params(ExplainQuery),
    responses((status = 200, body = Explanation), QueryProblems)
)]
pub async fn explain(admin: Data<Admin>, Query(query): Query<ExplainQuery>) -> Json<Explanation> {
    let catalog = admin.learning.catalog_full();
    let place = catalog.identify(&query.path);
    let endpoint = catalog.endpoint(&query.method, &place);
    let own = endpoint.map_or(EndpointMode::Inherit, |endpoint| endpoint.published().snapshot.mode);
    let mode = effective_mode(query.mock, own, admin.settings.now().mode);
    let segments = catalog.tree().explain(&query.path).into_iter();
    // An explained request has no headers: rules that ask for one do not mean it.
    let request = RequestView {
        method: &query.method,
        path: &query.path,
        query: &query.query,
        session: query.session.as_deref(),
        ..RequestView::default()
    };
    let subject = ChaosSubject {
        request: &request,
        endpoint_id: endpoint.map(|endpoint| endpoint.id().as_str()),
        template: place.template.as_str(),
        source: if mode.effective == Mode::Mock { Responder::Mock } else { Responder::Upstream },
        learned_classes: endpoint.map_or_else(StatusClasses::default, |endpoint| {
            StatusClasses::of(endpoint.published().behavior().statuses())
        }),
        learned: None,
        level: None,
    };
    let rules = admin.chaos.rule_set().matching(&subject, admin.chaos.clock());
    Json(Explanation {
        template: place.template.as_str().to_owned(),
        endpoint_id: endpoint.map(|endpoint| endpoint.id().to_string()),
        segments: segments
            .map(|segment| ExplainedSegment {
                text: segment.text,
                kind: segment.kind,
                why: segment.why,
            })
            .collect(),
        mode,
        chaos: rules.iter().map(|rule| rule.id.as_str().to_owned()).collect(),
        chaos_rules: rules.into_iter().map(MatchingRule::of).collect(),
        method: query.method,
        path: query.path.clone(),
    })
}
