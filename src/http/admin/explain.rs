//! What would happen to a request, and why.

use actix_web::web::{Data, Json};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::Admin;
use super::input::{JsonBody, JsonForm, NoQuery, Query, QueryFields, QueryForm};
use super::problems::{BodyProblems, QueryProblems};
use crate::domain::chaos::subject::StatusClasses;
use crate::domain::chaos::{ChaosSubject, Responder, RuleMatch};
use crate::domain::mode::{EffectiveMode, EndpointMode, Mode, effective_mode};
use crate::domain::overrides::OverrideSubject;
use crate::domain::request::RequestView;
use crate::domain::site::Turn;
use crate::domain::validation::ObjectReader;
use crate::domain::world::{Request, segments};
use crate::http::backend_routes::Route;
use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::consumer::SHARED;
use crate::runtime::clock::now_ms;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

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
    /// Why a mock would say what; null where nothing is known that a request decides.
    reason: Option<ReasonExplained>,
    /// Ids of the chaos rules that match, in the order they act.
    chaos: Vec<String>,
    /// Id of the override that would answer.
    r#override: Option<String>,
    /// Ids of all overrides that match, in the order in which they are asked.
    overrides: Vec<String>,
    /// What each of them would do, and what a rule before it would have decided already.
    chaos_rules: Vec<MatchingRule>,
}

/// What decides the status of a mock.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonExplained {
    /// As in `X-Mock-Reason`; `chance` where no reason decides.
    #[schema(example = "entity-unknown")]
    reason: String,
    /// The status that it decides; null where chance does.
    #[schema(example = 404)]
    status: Option<u16>,
    /// Everything that is known of the request, in words and without values.
    #[schema(example = json!(["credential missing", "entity unknown"]))]
    truths: Vec<String>,
}

impl ReasonExplained {
    /// Asks a copy of the consumer's world, so that explaining changes nothing.
    fn of(route: &Route, endpoint: Option<&EndpointHandle>, asked: &Asked) -> Option<Self> {
        let handle = route.learning.site();
        let site = handle.site();
        let (_, knowledge) = site.find(&asked.method, &segments(&asked.path))?;
        if !knowledge.attends {
            return None;
        }
        let consumer = asked.session.as_deref().unwrap_or(SHARED);
        let mut world = handle.worlds().copy(consumer, &site, now_ms());
        let texts = asked.headers.iter().map(|(name, value)| (name.as_str().into(), value.clone()));
        let head = (&*asked.method, &*asked.path, &*asked.query);
        let now = now_ms();
        let request = Request::read(head, texts.collect(), &asked.body, now);
        let turn = Turn::begin(&site, &mut world, request, now, 0)?;
        let published = endpoint.map(EndpointHandle::published);
        let mix = published.map(|published| published.snapshot.model.statuses.mix());
        let likely = mix.into_iter().flatten().max_by(|a, b| a.1.total_cmp(&b.1));
        let decided = turn.decide(likely.map_or(200, |(status, _)| status));
        let reasoned = decided.filter(|decided| decided.is_reasoned);
        let causes = turn.truths.iter().filter_map(|number| site.causes.get(number));
        Some(Self {
            status: reasoned.as_ref().map(|decided| decided.status),
            reason: reasoned.map_or_else(|| "chance".to_owned(), |decided| decided.reason),
            truths: causes.map(|cause| site.veil.cause(cause).to_string()).collect(),
        })
    }
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

/// A request to be explained, however it was described.
struct Asked {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    mock: Option<bool>,
    session: Option<String>,
}

/// Longest text of a member of the form, and most headers.
const TEXT_BYTES_MAX: usize = 64 << 10;
const HEADERS_MAX: usize = 100;

/// Longest name of a session, in bytes: 128 characters of up to four.
const SESSION_BYTES_MAX: usize = 512;

/// A request in full.
#[derive(ToSchema)]
pub struct ExplainRequest {
    /// Method of the request.
    #[schema(required = false, default = "GET")]
    method: Option<String>,
    /// Path of the request, with its query.
    #[schema(example = "/users?page=2")]
    path: String,
    /// Headers by name.
    #[schema(required = false, value_type = Object)]
    headers: Vec<(String, String)>,
    /// The body: JSON as it is, a text as its bytes.
    #[schema(required = false, value_type = Object)]
    body: Option<Value>,
    /// What the header `X-Mock-Enabled` would say.
    #[schema(required = false, nullable = false)]
    mock: Option<bool>,
    /// What the header `X-Mock-Session` would say.
    #[schema(required = false, nullable = false)]
    session: Option<String>,
}

impl JsonForm for ExplainRequest {
    const FIELDS: &'static [&'static str] =
        &["method", "path", "headers", "body", "mock", "session"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        form.require("path");
        let path = form.text("path", TEXT_BYTES_MAX)?;
        if !path.starts_with('/') {
            form.problem("path", "expected a path that begins with `/`");
        }
        let method = form.text("method", 64);
        if method.is_some_and(|m| actix_web::http::Method::from_bytes(m.as_bytes()).is_err()) {
            form.problem("method", "expected a method such as GET");
        }
        Some(Self {
            method: method.map(str::to_ascii_uppercase),
            path: path.to_owned(),
            headers: headers(form),
            body: form.value("body").cloned(),
            mock: form.boolean("mock"),
            session: form.text("session", SESSION_BYTES_MAX).map(ToOwned::to_owned),
        })
    }
}

/// The headers of a described request, names in lower case.
fn headers(form: &ObjectReader<'_>) -> Vec<(String, String)> {
    let Some(value) = form.value("headers") else { return Vec::new() };
    let Some(given) = value.as_object().filter(|given| given.len() <= HEADERS_MAX) else {
        form.problem("headers", format!("expected an object of up to {HEADERS_MAX} texts"));
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, value) in given {
        match value.as_str() {
            Some(text) => found.push((name.to_ascii_lowercase(), text.to_owned())),
            None => form.problem("headers", format!("`{name}`: expected a text")),
        }
    }
    found
}

impl From<ExplainRequest> for Asked {
    fn from(form: ExplainRequest) -> Self {
        let (path, query) = form.path.split_once('?').unwrap_or((&form.path, ""));
        let mut headers = form.headers;
        let body = match form.body {
            None => Vec::new(),
            Some(Value::String(text)) => text.into_bytes(),
            Some(json) => {
                if !headers.iter().any(|(name, _)| name == "content-type") {
                    headers.push(("content-type".into(), "application/json".into()));
                }
                json.to_string().into_bytes()
            }
        };
        Self {
            method: form.method.unwrap_or_else(|| "GET".into()),
            path: utf8_percent_encode(path, NOT_IN_PATHS).to_string(),
            query: query.to_owned(),
            headers,
            body,
            mock: form.mock,
            session: form.session,
        }
    }
}

/// Explains what would happen to a request.
#[utoipa::path(
    get, path = "/explain", operation_id = "explainRequest", tag = "explain",
    params(ExplainQuery),
    responses((status = 200, body = Explanation), QueryProblems)
)]
pub async fn explain(admin: Data<Admin>, Query(query): Query<ExplainQuery>) -> Json<Explanation> {
    let ExplainQuery { method, path, query, mock, session } = query;
    // A request described by its address alone has no headers: what asks for one does not mean it.
    let (headers, body) = (Vec::new(), Vec::new());
    Json(explained(&admin, Asked { method, path, query, headers, body, mock, session }))
}

/// Explains what would happen to a request with these headers and this body.
#[utoipa::path(
    post, path = "/explain", operation_id = "explainRequestInFull", tag = "explain",
    request_body = ExplainRequest,
    responses((status = 200, body = Explanation), BodyProblems)
)]
pub async fn explain_request(
    admin: Data<Admin>,
    _query: Query<NoQuery>,
    JsonBody(form): JsonBody<ExplainRequest>,
) -> Json<Explanation> {
    Json(explained(&admin, form.into()))
}

fn explained(admin: &Admin, asked: Asked) -> Explanation {
    let host = asked.headers.iter().find(|(name, _)| name == "host").map(|(_, host)| host.as_str());
    let table = admin.routes.now();
    let route = table.pick(host, &asked.path);
    let catalog = route.learning.catalog_full();
    let place = catalog.identify(&asked.path);
    let endpoint = catalog.endpoint(&asked.method, &place);
    let own = endpoint.map_or(EndpointMode::Inherit, |endpoint| endpoint.published().snapshot.mode);
    let mode = effective_mode(asked.mock, own, route.mode(), admin.settings.now().mode);
    let segments = catalog.tree().explain(&asked.path).into_iter();
    let lines: Vec<(&str, &[u8])> =
        asked.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = RequestView {
        method: &asked.method,
        path: &asked.path,
        query: &asked.query,
        headers: &lines,
        session: asked.session.as_deref(),
        route: route.learning.backend().as_str(),
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
    let body = serde_json::from_slice(&asked.body).ok();
    let said = OverrideSubject {
        request: &request,
        endpoint: subject.endpoint(),
        source: subject.source,
        body: body.as_ref(),
    };
    let overrides: Vec<String> = match asked.mock {
        Some(false) => Vec::new(),
        _ => {
            let matching = admin.overrides.set().matching(&said, admin.overrides.clock());
            matching.iter().map(ToString::to_string).collect()
        }
    };
    Explanation {
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
        reason: ReasonExplained::of(route, endpoint.map(|endpoint| &**endpoint), &asked),
        chaos: rules.iter().map(|rule| rule.id.as_str().to_owned()).collect(),
        r#override: overrides.first().cloned(),
        overrides,
        chaos_rules: rules.into_iter().map(MatchingRule::of).collect(),
        method: asked.method.clone(),
        path: asked.path.clone(),
    }
}
