//! The backends of this double: looked at, added, changed, taken away.
//!
//! A running admin reaches only where the start lets it (`--allow-targets`, and the backends that
//! the start names): otherwise whoever may steer the double could look through it into networks
//! that are not theirs (server-side request forgery).

use std::future::{Ready, ready};

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Admin;
use super::chaos::Caller;
use super::input::{JsonBody, JsonForm, NoQuery, Query};
use super::problems::{BodyProblems, OrderProblems, QueryProblems, RoomProblems, RouteProblems};
use crate::config::{RouteSpec, checked_name};
use crate::domain::mode::Mode;
use crate::domain::route_pattern::DEFAULT_ROUTE;
use crate::domain::validation::ObjectReader;
use crate::http::admin::paging::{Page, Paging};
use crate::http::backend_routes::{Route, RouteRefused};
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::edit::EditAction;
use crate::runtime::route_book::StoredRoute;

/// Longest match and target, in bytes.
const TEXT_BYTES_MAX: usize = 2_048;

/// A backend of this double.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteDocument {
    /// Its name; `default` takes the requests that no other route means.
    #[schema(example = "payments")]
    name: String,
    /// Whose requests it answers: a host, a path, or both; null for the rest.
    #[schema(example = "/payments")]
    r#match: Option<String>,
    /// Where its backend is, without credentials.
    #[schema(example = "https://pay.internal/v2")]
    target: String,
    /// Who answers here; null where it is the mode of the whole double.
    mode: Option<Mode>,
    /// Whether the client's `Host` goes to the backend.
    preserve_host: bool,
    /// Whether the start names it (`--target`, `--route`).
    by_start: bool,
    /// False after failures in a row, until the backend answers again.
    up: bool,
    /// Endpoints learned of it.
    endpoints: usize,
    /// Requests that its backend has not finished answering.
    in_flight: usize,
}

impl RouteDocument {
    fn of(route: &Route) -> Self {
        let spec = route.spec.as_ref();
        Self {
            name: route.name().to_owned(),
            r#match: spec.map(|spec| spec.pattern.to_string()),
            target: route.upstream.target().to_string(),
            mode: route.mode(),
            preserve_host: route.header_policy.preserve_host,
            by_start: route.by_start,
            up: route.health.is_up(),
            endpoints: route.learning.catalog().len(),
            in_flight: route.upstream.in_flight(),
        }
    }
}

/// Lists the backends, the one that takes the rest first, then in the order they are asked.
#[utoipa::path(
    get, path = "/routes", operation_id = "listRoutes", tag = "routes",
    params(Paging),
    responses((status = 200, body = Page<RouteDocument>), QueryProblems)
)]
pub async fn list(admin: Data<Admin>, Query(paging): Query<Paging>) -> Json<Page<RouteDocument>> {
    let table = admin.routes.now();
    let found: Vec<_> = table.iter().filter(|route| paging.finds(&[route.name()])).collect();
    Json(paging.page(&found, |route| RouteDocument::of(route)))
}

/// The name in the path.
pub struct RouteName(String);

impl FromRequest for RouteName {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let name = request.match_info().get("name").unwrap_or_default();
        ready(Ok(Self(name.to_owned())))
    }
}

fn unknown(name: &str) -> Problem {
    let shown: String = name.chars().take(64).collect();
    let detail = format!("no route is called `{shown}`");
    Problem::new(ProblemKind::NotFound, detail).with("name", json!(shown))
}

/// Shows a backend.
#[utoipa::path(
    get, path = "/routes/{name}", operation_id = "getRoute", tag = "routes",
    params(("name" = String, Path, description = "Name of the route")),
    responses((status = 200, body = RouteDocument), RouteProblems)
)]
pub async fn show(
    admin: Data<Admin>,
    RouteName(name): RouteName,
    _query: Query<NoQuery>,
) -> Result<Json<RouteDocument>, Problem> {
    let table = admin.routes.now();
    let route = table.named(&name).ok_or_else(|| unknown(&name))?;
    Ok(Json(RouteDocument::of(route)))
}

/// A backend to answer some of the requests.
#[derive(Debug, ToSchema)]
pub struct NewRoute {
    /// Whose requests it answers: a host (`api.shop.test`, `*.shop.test`), the beginning of a path
    /// (`/payments`), or both.
    #[schema(example = "/payments")]
    r#match: String,
    /// Where the backend is; what follows the host stands in the place of the matched path.
    #[schema(example = "https://pay.internal/v2")]
    target: String,
    /// Who answers here; left out, as the mode of the whole double says.
    #[schema(required = false, nullable = false)]
    mode: Option<Mode>,
    /// Whether the client's `Host` goes to the backend; left out, as `--preserve-host` says.
    #[schema(required = false, nullable = false)]
    preserve_host: Option<bool>,
}

impl JsonForm for NewRoute {
    const FIELDS: &'static [&'static str] = &["match", "target", "mode", "preserve_host"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        form.require("match");
        form.require("target");
        Some(Self {
            mode: form.word("mode"),
            preserve_host: form.boolean("preserve_host"),
            r#match: form.text("match", TEXT_BYTES_MAX)?.to_owned(),
            target: form.text("target", TEXT_BYTES_MAX)?.to_owned(),
        })
    }
}

/// A backend after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteChanged {
    #[serde(flatten)]
    route: RouteDocument,
    /// Whether the change survives a restart already; otherwise it will as soon as the database
    /// can be written.
    stored: bool,
}

/// Puts a backend in its place, at once; what is learned of one of this name stays. Its target must
/// be one that the start allows.
#[utoipa::path(
    put, path = "/routes/{name}", operation_id = "putRoute", tag = "routes",
    params(("name" = String, Path, description = "Name of the route")),
    request_body = NewRoute,
    responses(
        (status = 200, description = "It was there and is changed", body = RouteChanged),
        (status = 201, description = "It is new", body = RouteChanged),
        BodyProblems, RoomProblems, OrderProblems
    )
)]
pub async fn put(
    admin: Data<Admin>,
    RouteName(name): RouteName,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    JsonBody(wanted): JsonBody<NewRoute>,
) -> Result<HttpResponse, Problem> {
    let name = checked_name(&name).map_err(|problem| invalid("name", problem))?;
    let pattern = wanted.r#match.parse().map_err(|problem: &str| invalid("match", problem))?;
    let mut spec =
        RouteSpec::new(pattern, &wanted.target).map_err(|problem| invalid("target", problem))?;
    if spec.target.credentials().is_some() {
        let problem = "expected no credentials: they would be kept in the database; give them at \
                       the start (--route)";
        return Err(invalid("target", problem));
    }
    (spec.name, spec.mode, spec.preserve_host) = (name, wanted.mode, wanted.preserve_host);
    let before = admin.stored_route(&spec.name);
    if before.as_ref().is_some_and(|before| before.by_start) {
        return Err(refused(RouteRefused::ByStart));
    }
    admin.may_lead_to(&spec)?;
    let is_new = admin.routes.put(&spec).map_err(refused)?;
    let action = if is_new { EditAction::Create } else { EditAction::Replace };
    let (route, stored) = admin.keep_routes(&spec.name, (&caller, action), before).await;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let route = route.ok_or_else(|| unknown(&spec.name))?;
    Ok(HttpResponse::build(status).json(RouteChanged { route, stored }))
}

/// A change of a backend; what is left out stays.
#[derive(Debug, ToSchema)]
pub struct RouteChange {
    /// Who answers here; null gives it back to the mode of the whole double.
    #[schema(required = false, nullable = true)]
    mode: Option<Option<Mode>>,
}

impl JsonForm for RouteChange {
    const FIELDS: &'static [&'static str] = &["mode"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        let mode = match form.value("mode") {
            None => None,
            Some(value) if value.is_null() => Some(None),
            Some(_) => Some(Some(form.word("mode")?)),
        };
        Some(Self { mode })
    }
}

/// Changes who answers for a backend, at once.
#[utoipa::path(
    patch, path = "/routes/{name}", operation_id = "changeRoute", tag = "routes",
    params(("name" = String, Path, description = "Name of the route")),
    request_body = RouteChange,
    responses((status = 200, body = RouteChanged), RouteProblems, BodyProblems, OrderProblems)
)]
pub async fn amend(
    admin: Data<Admin>,
    RouteName(name): RouteName,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    JsonBody(RouteChange { mode }): JsonBody<RouteChange>,
) -> Result<Json<RouteChanged>, Problem> {
    if name == DEFAULT_ROUTE {
        let problem = "the mode of the default route is the mode of the whole double: see settings";
        return Err(invalid("mode", problem));
    }
    let table = admin.routes.now();
    let route = table.named(&name).ok_or_else(|| unknown(&name))?;
    let mut spec = route.spec.clone().ok_or_else(|| unknown(&name))?;
    let before = admin.stored_route(&name);
    spec.mode = mode.unwrap_or(spec.mode);
    admin.routes.put(&spec).map_err(refused)?;
    if spec.mode.is_some_and(|mode| mode != Mode::Proxy) {
        route.learning.site().expect_readers();
    }
    let (route, stored) = admin.keep_routes(&name, (&caller, EditAction::Amend), before).await;
    let route = route.ok_or_else(|| unknown(&name))?;
    Ok(Json(RouteChanged { route, stored }))
}

/// A backend is taken away.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteRemoved {
    /// Its name.
    name: String,
    /// Nothing leads to it any more, and what was learned of it is forgotten.
    #[schema(example = true)]
    removed: bool,
    /// Whether the database has forgotten it, too; otherwise it will as soon as it can.
    stored: bool,
}

/// Takes a backend away that was added while the double runs, and forgets what was learned of it.
#[utoipa::path(
    delete, path = "/routes/{name}", operation_id = "removeRoute", tag = "routes",
    params(("name" = String, Path, description = "Name of the route")),
    responses((status = 200, body = RouteRemoved), RouteProblems, OrderProblems)
)]
pub async fn remove(
    admin: Data<Admin>,
    RouteName(name): RouteName,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
) -> Result<Json<RouteRemoved>, Problem> {
    let before = admin.stored_route(&name);
    let route = admin.routes.remove(&name).map_err(|error| match error {
        RouteRefused::Unknown => unknown(&name),
        other => refused(other),
    })?;
    let catalog = route.learning.catalog_full();
    for endpoint in catalog.endpoints() {
        let _gone = route.learning.forget(endpoint.id().clone()).await;
    }
    let (_, stored) = admin.keep_routes(&name, (&caller, EditAction::Delete), before).await;
    Ok(Json(RouteRemoved { name, removed: true, stored }))
}

fn invalid(field: &str, problem: impl Into<String>) -> Problem {
    Problem::field(ProblemKind::Unprocessable, field, problem)
}

fn refused(error: RouteRefused) -> Problem {
    match error {
        RouteRefused::Full => Problem::new(ProblemKind::Overloaded, error.to_string()),
        RouteRefused::Taken(_) => invalid("match", error.to_string()),
        RouteRefused::Unusable(problem) => invalid("target", problem),
        RouteRefused::Unknown => Problem::new(ProblemKind::NotFound, error.to_string()),
        RouteRefused::ByStart => Problem::new(ProblemKind::Unprocessable, error.to_string()),
    }
}

impl Admin {
    /// Whether the start lets an admin reach the backend of `spec`.
    fn may_lead_to(&self, spec: &RouteSpec) -> Result<(), Problem> {
        let table = self.routes.now();
        let url = spec.target.as_str();
        let wanted = crate::http::upstream::Target::parse(url)
            .map_err(|error| invalid("target", error.to_string()))?;
        let place = (wanted.host(), wanted.port());
        let named = table.iter().filter(|route| route.by_start).any(|route| {
            let target = route.upstream.target();
            (target.host(), target.port()) == place
        });
        if named || self.allow_targets.allows(wanted.host()) {
            return Ok(());
        }
        let problem = "the start does not let an admin reach this host; name it in \
                       --allow-targets (ALLOW_TARGETS)";
        Err(invalid("target", problem))
    }

    fn stored_route(&self, name: &str) -> Option<StoredRoute> {
        self.routes.now().named(name).and_then(|route| stored(route))
    }

    /// Keeps the routes as they are now; the one of this name, and whether all of it is durable.
    async fn keep_routes(
        &self,
        name: &str,
        edit: (&str, EditAction),
        before: Option<StoredRoute>,
    ) -> (Option<RouteDocument>, bool) {
        let table = self.routes.now();
        let routes: Vec<StoredRoute> = table.iter().filter_map(|route| stored(route)).collect();
        let after = routes.iter().find(|route| route.name == name);
        self.book.keep(&routes, edit, (before.as_ref(), after));
        (table.named(name).map(|route| RouteDocument::of(route)), self.stored().await)
    }
}

fn stored(route: &Route) -> Option<StoredRoute> {
    let spec = route.spec.as_ref()?;
    let slash =
        if spec.keeps_prefix || route.upstream.target().base_path() != "" { "" } else { "/" };
    Some(StoredRoute {
        name: spec.name.clone(),
        pattern: spec.pattern.to_string(),
        target: format!("{}{slash}", spec.target.as_str()),
        mode: spec.mode,
        preserve_host: spec.preserve_host,
        by_start: route.by_start,
    })
}
