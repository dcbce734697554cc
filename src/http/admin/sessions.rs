//! Sessions of consumers: what each wrote, fixtures, an end to it.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::web::{Data, Json};
use actix_web::{FromRequest, HttpRequest, dev};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::Admin;
use super::input::{JsonBody, JsonForm, NoQuery, Query};
use super::output::rfc3339;
use super::paging::{Page, Paging};
use super::problems::{BodyProblems, QueryProblems, SessionProblems};
use crate::domain::site::Site;
use crate::domain::site::fixture::{Fixture, FixtureError};
use crate::domain::validation::ObjectReader;
use crate::domain::world::World;
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::clock::now_ms;
use crate::runtime::site::Session;

/// Longest name of a session, in characters, as in `X-Mock-Session`.
const NAME_CHARS_MAX: usize = 128;

/// A session in a few figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionSummary {
    /// As in `X-Mock-Session`; `default` for those who name none. A consumer that is told apart by
    /// something else has a name that holds a hash of it.
    #[schema(example = "ci-42")]
    name: String,
    /// Entities that it holds of its own, deleted ones included.
    entities: usize,
    /// Bytes that it holds of its own, roughly.
    bytes: u64,
    /// Requests that it has seen.
    requests: u64,
    /// When it began.
    #[schema(format = DateTime)]
    created_at: Option<String>,
    /// When it was last used.
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
}

impl SessionSummary {
    fn of(session: &Arc<Session>) -> Self {
        Self {
            name: session.name.to_string(),
            entities: session.world().own().entities.len(),
            bytes: session.bytes(),
            requests: session.requests(),
            created_at: rfc3339(session.began_ms),
            last_used_at: rfc3339(session.used_ms()),
        }
    }
}

/// The sessions of all consumers, by name.
#[utoipa::path(
    get, path = "/sessions", operation_id = "listSessions", tag = "sessions",
    params(Paging),
    responses((status = 200, body = Page<SessionSummary>), QueryProblems)
)]
pub async fn list(admin: Data<Admin>, Query(paging): Query<Paging>) -> Json<Page<SessionSummary>> {
    let worlds = admin.learning.site().worlds();
    worlds.sweep(now_ms());
    let mut found = worlds.sessions();
    found.retain(|session| paging.finds(&[&session.name]));
    Json(paging.page(&found, SessionSummary::of))
}

/// The name in the path.
pub struct SessionName(String);

impl FromRequest for SessionName {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let raw = request.match_info().get("name").unwrap_or_default();
        let name = percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned();
        let fits = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX;
        let problem = || {
            let expected = format!("expected 1 to {NAME_CHARS_MAX} characters");
            Problem::field(ProblemKind::Unprocessable, "name", expected)
        };
        ready(if fits { Ok(Self(name)) } else { Err(problem()) })
    }
}

fn unknown(name: &str) -> Problem {
    let detail = format!("no session has the name `{name}`, or it has ended");
    Problem::new(ProblemKind::NotFound, detail).with("name", json!(name))
}

fn known(admin: &Admin, name: &str) -> Result<Arc<Session>, Problem> {
    let found = admin.learning.site().worlds().find(name, now_ms());
    found.ok_or_else(|| unknown(name))
}

/// Shows a session.
#[utoipa::path(
    get, path = "/sessions/{name}", operation_id = "getSession", tag = "sessions",
    params(("name" = String, Path, description = "Name of the session")),
    responses((status = 200, body = SessionSummary), SessionProblems)
)]
pub async fn show(
    admin: Data<Admin>,
    SessionName(name): SessionName,
    _query: Query<NoQuery>,
) -> Result<Json<SessionSummary>, Problem> {
    Ok(Json(SessionSummary::of(&known(&admin, &name)?)))
}

/// What a consumer wrote, in the form in which a session can be loaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionEntities {
    /// Entities of its own, by the path of their collection.
    #[schema(value_type = Object, example = json!({"/notes": [{"id": 7, "title": "buy milk"}]}))]
    entities: BTreeMap<String, Vec<Map<String, Value>>>,
    /// Ids of those that it deleted, by the path of their collection.
    #[schema(value_type = Object, example = json!({"/notes": ["3"]}))]
    deleted: BTreeMap<String, Vec<String>>,
}

/// What a consumer wrote.
#[utoipa::path(
    get, path = "/sessions/{name}/entities", operation_id = "getSessionEntities",
    tag = "sessions",
    params(("name" = String, Path, description = "Name of the session")),
    responses((status = 200, body = SessionEntities), SessionProblems)
)]
pub async fn entities(
    admin: Data<Admin>,
    SessionName(name): SessionName,
    _query: Query<NoQuery>,
) -> Result<Json<SessionEntities>, Problem> {
    let session = known(&admin, &name)?;
    let Fixture { entities, deleted } = Fixture::of(&session.world());
    Ok(Json(SessionEntities { entities, deleted }))
}

/// What a session is to hold.
#[derive(ToSchema)]
pub struct SessionFixture {
    /// Session that it begins as; without it, and without entities, it begins empty.
    #[schema(required = false, nullable = false, example = "seeded-shop")]
    from: Option<String>,
    /// Entities by the path of their collection.
    #[schema(required = false, value_type = Object)]
    entities: BTreeMap<String, Vec<Map<String, Value>>>,
    /// Ids of entities that are not there, by the path of their collection.
    #[schema(required = false, value_type = Object)]
    deleted: BTreeMap<String, Vec<String>>,
}

impl JsonForm for SessionFixture {
    const FIELDS: &'static [&'static str] = &["from", "entities", "deleted"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        let from = form.text("from", 4 * NAME_CHARS_MAX).map(ToOwned::to_owned);
        let entities =
            read(form, "entities", "lists of objects by path", |item| item.as_object().cloned());
        let id = |item: &Value| match item {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let deleted = read(form, "deleted", "lists of ids by path", id);
        Some(Self { from, entities, deleted })
    }
}

/// Lists by path.
fn read<T>(
    form: &ObjectReader<'_>,
    name: &str,
    expected: &str,
    item: impl Fn(&Value) -> Option<T>,
) -> BTreeMap<String, Vec<T>> {
    let Some(value) = form.value(name) else { return BTreeMap::new() };
    let lists = value.as_object().and_then(|lists| {
        let list = |(path, list): (&String, &Value)| {
            let items: Option<Vec<T>> = list.as_array()?.iter().map(&item).collect();
            Some((path.clone(), items?))
        };
        lists.iter().map(list).collect::<Option<BTreeMap<_, _>>>()
    });
    lists.unwrap_or_else(|| {
        form.problems().add_malformed(form.at(name), format!("expected {expected}"));
        BTreeMap::new()
    })
}

/// Loads a session: it then holds this, and nothing that it held before.
#[utoipa::path(
    put, path = "/sessions/{name}", operation_id = "loadSession", tag = "sessions",
    params(("name" = String, Path, description = "Name of the session")),
    request_body = SessionFixture,
    responses((status = 200, body = SessionSummary), SessionProblems, BodyProblems)
)]
pub async fn load(
    admin: Data<Admin>,
    SessionName(name): SessionName,
    _query: Query<NoQuery>,
    JsonBody(form): JsonBody<SessionFixture>,
) -> Result<Json<SessionSummary>, Problem> {
    let handle = admin.learning.site();
    let site = handle.site();
    let mut world = begin(&admin, &site, form.from.as_deref())?;
    let fixture = Fixture { entities: form.entities, deleted: form.deleted };
    fixture.load(&site, &mut world, now_ms()).map_err(refused)?;
    let session = handle.worlds().put(&name, world, now_ms());
    Ok(Json(SessionSummary::of(&session)))
}

fn begin(admin: &Admin, site: &Site, from: Option<&str>) -> Result<World, Problem> {
    let Some(from) = from else { return Ok(World::over(Arc::clone(&site.base))) };
    let found = admin.learning.site().worlds().find(from, now_ms());
    let session = found.ok_or_else(|| {
        let problem = "names a session that does not exist";
        Problem::field(ProblemKind::Unprocessable, "from", problem)
    })?;
    let copy = session.world().clone();
    Ok(copy)
}

fn refused(error: FixtureError) -> Problem {
    Problem::field(ProblemKind::Unprocessable, &error.field, error.problem)
}

/// A session is reset.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionReset {
    /// Its name.
    name: String,
    /// What it wrote is forgotten.
    #[schema(example = true)]
    reset: bool,
}

/// Resets a session: what it wrote is forgotten, and it begins anew with its next request.
#[utoipa::path(
    delete, path = "/sessions/{name}", operation_id = "resetSession", tag = "sessions",
    params(("name" = String, Path, description = "Name of the session")),
    responses((status = 200, body = SessionReset), SessionProblems)
)]
pub async fn reset(
    admin: Data<Admin>,
    SessionName(name): SessionName,
    _query: Query<NoQuery>,
) -> Result<Json<SessionReset>, Problem> {
    if !admin.learning.site().worlds().remove(&name) {
        return Err(unknown(&name));
    }
    Ok(Json(SessionReset { name, reset: true }))
}
