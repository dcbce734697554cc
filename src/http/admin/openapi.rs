//! The admin API described as OpenAPI 3.1, generated from the handlers themselves.

use actix_web::HttpResponse;
use actix_web::web::Data;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self, RefOr, ServerBuilder};
use utoipa::{Modify, OpenApi};

use super::examples::Examples;
use super::input::{NoQuery, Query};
use super::problems::{self, ProblemDocument};
use super::{
    Admin, audit, backend_routes, baselines, chaos, endpoints, events, explain, export, fidelity,
    health, import, learning, metrics, overrides, reasons, requests, resources, sessions, settings,
    templates, version,
};
use crate::config::AdminPrefix;

/// Name of the security scheme in the document.
const TOKEN: &str = "token";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "stunt-double admin",
        description = "Looks into the double and steers it: what it has learned, how it answers, \
                       how it is doing."
    ),
    paths(
        endpoints::list,
        endpoints::detail,
        endpoints::stats,
        endpoints::schema::schema,
        endpoints::sample::sample,
        endpoints::patch::amend,
        endpoints::patch::forget,
        endpoints::chaos::set_chaos,
        endpoints::series::series,
        events::watch,
        reasons::list,
        reasons::amend,
        explain::explain,
        explain::explain_request,
        chaos::rules::list,
        chaos::rules::create,
        chaos::rules::show,
        chaos::rules::replace,
        chaos::rules::amend,
        chaos::rules::remove,
        chaos::preview::preview,
        chaos::stop,
        chaos::faults,
        chaos::profiles::list,
        chaos::profiles::start,
        overrides::list,
        overrides::create,
        overrides::import,
        overrides::show,
        overrides::replace,
        overrides::amend,
        overrides::remove,
        audit::list,
        export::export,
        import::import,
        baselines::list,
        baselines::keep,
        baselines::show,
        baselines::remove,
        baselines::drift,
        fidelity::all,
        fidelity::one,
        requests::list,
        requests::count,
        requests::verify::verify,
        requests::forget,
        requests::show,
        templates::list,
        templates::show,
        templates::preview,
        templates::pin,
        templates::unpin,
        resources::list,
        resources::amend,
        sessions::list,
        sessions::show,
        sessions::load,
        sessions::reset,
        sessions::entities,
        backend_routes::list,
        backend_routes::show,
        backend_routes::put,
        backend_routes::amend,
        backend_routes::remove,
        settings::show,
        settings::change,
        learning::flush,
        learning::reset,
        health::live,
        health::ready,
        metrics::metrics,
        version::version,
        openapi,
    ),
    components(schemas(ProblemDocument)),
    security(("token" = [])),
    tags(
        (name = "endpoints", description = "What was learned, endpoint by endpoint"),
        (name = "explain", description = "What would happen to a request, and why"),
        (name = "chaos", description = "Faults for chosen requests, for a while"),
        (name = "overrides", description = "What people say is answered, over the model"),
        (name = "requests", description = "What happened lately, and why"),
        (name = "templates", description = "Path templates given by people"),
        (name = "resources", description = "What endpoints create, list, change and end"),
        (name = "sessions", description = "What consumers wrote"),
        (name = "routes", description = "The backends of this double"),
        (name = "settings", description = "What can be changed while the double runs"),
        (name = "portable", description = "What was learned, out and in"),
        (name = "learning", description = "Orders to the learning side"),
        (name = "health", description = "For probes; these routes need no token"),
        (name = "about", description = "What is running"),
    ),
    modifiers(&Guarded, &Examples)
)]
struct Documentation;

/// Adds what holds for all routes: the token, and what its absence leads to.
struct Guarded;

impl Modify for Guarded {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "The admin token, when one is set (`--admin-token`, `ADMIN_TOKEN`).",
        ));
        let components = document.components.get_or_insert_default();
        let scheme = SecurityScheme::Http(bearer.build()).into();
        components.security_schemes.insert(TOKEN.to_owned(), scheme);
        for item in document.paths.paths.values_mut() {
            for operation in operations_mut(item) {
                describe(operation);
                if operation.security.is_some() {
                    continue;
                }
                let token = "A token is set, and the request does not carry it.";
                add_problem(operation, "401", token);
                let origin = "No token is set, and the request comes from a page of another site.";
                add_problem(operation, "403", origin);
                let host = "No token is set, and `Host` is not a name of this machine.";
                add_problem(operation, "421", host);
            }
        }
    }
}

/// Gives each answer that says nothing of its own the summary of its operation: a description is
/// required (OpenAPI 3.1, Response Object).
fn describe(operation: &mut Operation) {
    let summary = operation.summary.clone().unwrap_or_default();
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description.clone_from(&summary);
        }
    }
}

/// The operations of a path.
pub fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().filter_map(Option::as_mut)
}

fn add_problem(operation: &mut Operation, status: &str, description: &str) {
    let response = problems::response(description);
    operation.responses.responses.insert(status.to_owned(), response.into());
}

/// The document for an admin at `prefix`.
pub fn document(prefix: &AdminPrefix) -> openapi::OpenApi {
    let mut document = Documentation::openapi();
    document.servers = Some(vec![ServerBuilder::new().url(prefix.as_str()).build()]);
    document
}

/// This API as OpenAPI 3.1.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "getDescription", tag = "about",
    responses((status = 200, description = "The document", body = Object))
)]
pub async fn openapi(admin: Data<Admin>, _query: Query<NoQuery>) -> HttpResponse {
    HttpResponse::Ok().json(document(admin.access.prefix()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    type BackendRoutes = BTreeMap<String, Vec<String>>;

    fn described(document: &openapi::OpenApi) -> BackendRoutes {
        let json = serde_json::to_value(document).expect("serializable");
        let paths = json["paths"].as_object().expect("an object");
        let methods = |item: &serde_json::Value| {
            let mut methods: Vec<_> =
                item.as_object().expect("an object").keys().cloned().collect();
            methods.sort();
            methods
        };
        paths.iter().map(|(path, item)| (path.clone(), methods(item))).collect()
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let prefix: AdminPrefix = "/admin".parse().expect("valid");
        let mut routes: BackendRoutes = BackendRoutes::new();
        for resource in super::super::resources() {
            for (path, method) in resource.to_describe() {
                routes.entry(path.to_owned()).or_default().push(method);
            }
        }
        routes.values_mut().for_each(|methods| methods.sort());
        assert_eq!(described(&document(&prefix)), routes);
    }
}
