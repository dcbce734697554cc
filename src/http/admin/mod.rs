//! The admin API: one file per resource, every route on this screen.
//!
//! It is reached by its exact spelling only: whether a request is the admin's is decided once, on
//! the raw path, so that `/%61dmin` or `//admin` belong to the backend like any other path.
//! Everything here reads what the actors published or gives them an order; nothing is kept in
//! this room.
//!
//! A new resource is a file beside this one, its lines in [`of_the_double`] or, where
//! people set something, in [`by_people`], and its handlers in [`openapi`]; a test compares the
//! lists.

mod access;
mod audit;
mod backend_routes;
mod baselines;
mod chaos;
mod console;
mod docs;
mod endpoints;
mod events;
mod examples;
mod explain;
mod export;
mod fidelity;
mod health;
mod import;
mod input;
mod learning;
mod metrics;
mod openapi;
mod output;
mod overrides;
mod paging;
mod precondition;
mod problems;
mod reasons;
mod requests;
mod resources;
mod route_builder;
mod sessions;
mod settings;
mod templates;
mod version;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::guard::{self, GuardContext};
use actix_web::middleware;
use actix_web::{HttpResponse, web};

use self::access::AdminAccess;
use self::events::OpenStreams;
use self::metrics::EndpointLabels;
use self::route_builder::{AdminRoute, at};
use super::backend_routes::BackendRoutes;
use super::error::{Problem, ProblemKind};
use super::server::Capabilities;
use crate::config::{AdminSettings, AllowedTargets};
use crate::http::data_plane::DataPlaneShared;
use crate::runtime::chaos::ChaosHandle;
use crate::runtime::learning::LearningHandle;
use crate::runtime::learning::endpoint_handle::EndpointHandle;
use crate::runtime::learning::observation_queue::LearningCounters;
use crate::runtime::overrides::OverridesHandle;
use crate::runtime::portable::baselines::BaselinesHandle;
use crate::runtime::portable::drift_watch::DriftWatch;
use crate::runtime::portable::imports::ImportsHandle;
use crate::runtime::route_book::RouteBook;
use crate::runtime::settings::SettingsHandle;

/// What the admin's handlers work with; cheap to clone.
#[derive(Clone)]
pub struct Admin {
    access: AdminAccess,
    routes: BackendRoutes,
    book: RouteBook,
    allow_targets: Arc<AllowedTargets>,
    /// The learning side of the backend that takes what no other does.
    learning: LearningHandle,
    settings: SettingsHandle,
    chaos: ChaosHandle,
    overrides: OverridesHandle,
    imports: ImportsHandle,
    baselines: BaselinesHandle,
    drift_watch: Option<DriftWatch>,
    plane: Arc<DataPlaneShared>,
    labels: EndpointLabels,
    streams: OpenStreams,
}

impl Admin {
    /// The admin over `capabilities` on a listener at this address, reached and guarded as the
    /// settings say.
    #[must_use]
    pub fn new(settings: &AdminSettings, listener: IpAddr, capabilities: &Capabilities) -> Self {
        let learning = capabilities.routes.default_route().learning.clone();
        Self {
            access: AdminAccess::new(settings, listener),
            routes: capabilities.routes.clone(),
            book: RouteBook::new(learning.persistence().clone()),
            allow_targets: Arc::clone(&capabilities.allow_targets),
            learning,
            settings: capabilities.settings.clone(),
            chaos: capabilities.chaos.clone(),
            overrides: capabilities.overrides.clone(),
            imports: capabilities.imports.clone(),
            baselines: capabilities.baselines.clone(),
            drift_watch: capabilities.drift_watch.clone(),
            plane: Arc::clone(&capabilities.shared),
            labels: EndpointLabels::default(),
            streams: OpenStreams::default(),
        }
    }
}

impl Admin {
    /// The learning side of the backend that `endpoint` belongs to.
    fn learning_of(&self, endpoint: &EndpointHandle) -> LearningHandle {
        let table = self.routes.now();
        let backend = &endpoint.key().backend;
        let own = table.iter().find(|route| route.learning.backend() == backend);
        own.map_or_else(|| self.learning.clone(), |route| route.learning.clone())
    }

    /// A figure of the learning side, summed over all backends.
    fn sum(&self, of: impl Fn(&LearningHandle) -> u64) -> u64 {
        self.routes.now().iter().map(|route| of(&route.learning)).sum()
    }

    /// A counter of the learning side, summed over all backends.
    fn counted(&self, of: impl Fn(&LearningCounters) -> &AtomicU64) -> u64 {
        self.sum(|learning| of(learning.counters()).load(Ordering::Relaxed))
    }

    /// The endpoints of all backends.
    fn all_endpoints(&self) -> Vec<Arc<EndpointHandle>> {
        let table = self.routes.now();
        let catalogs = table.iter().map(|route| route.learning.catalog_full());
        catalogs.flat_map(|catalog| catalog.endpoints().cloned().collect::<Vec<_>>()).collect()
    }

    /// Somebody is going to read mocks.
    fn expect_readers(&self) {
        for route in self.routes.now().iter() {
            route.learning.site().expect_readers();
        }
    }
}

/// Every route of the admin.
fn resources() -> Vec<AdminRoute> {
    let mut all = of_the_double();
    all.extend(by_people());
    all
}

/// What the double is, knows and did.
fn of_the_double() -> Vec<AdminRoute> {
    vec![
        at("").page(console::entry),
        at("/").page(console::page),
        at("/assets/{file}").page(console::asset),
        at("/endpoints").get(endpoints::list),
        at("/endpoints/{id}")
            .get(endpoints::detail)
            .patch(endpoints::amend)
            .delete(endpoints::forget),
        at("/endpoints/{id}/stats").get(endpoints::stats),
        at("/endpoints/{id}/schema").get(endpoints::schema),
        at("/endpoints/{id}/sample").get(endpoints::sample),
        at("/endpoints/{id}/chaos").post(endpoints::set_chaos),
        at("/endpoints/{id}/series").get(endpoints::series),
        at("/endpoints/{id}/fidelity").get(fidelity::one),
        at("/events").get(events::watch),
        at("/endpoints/{id}/reasons").get(reasons::list),
        at("/endpoints/{id}/reasons/{reason}").patch(reasons::amend),
        at("/explain").get(explain::explain).post(explain::explain_request),
        at("/templates").get(templates::list).put(templates::pin),
        at("/templates/preview").post(templates::preview),
        at("/templates/{id}").get(templates::show).delete(templates::unpin),
        at("/resources").get(resources::list),
        at("/resources/{id}").patch(resources::amend),
        at("/sessions").get(sessions::list),
        at("/sessions/{name}").get(sessions::show).put(sessions::load).delete(sessions::reset),
        at("/sessions/{name}/entities").get(sessions::entities),
        at("/routes").get(backend_routes::list),
        at("/routes/{name}")
            .get(backend_routes::show)
            .put(backend_routes::put)
            .patch(backend_routes::amend)
            .delete(backend_routes::remove),
        at("/settings").get(settings::show).patch(settings::change),
        at("/flush").post(learning::flush),
        at("/reset").post(learning::reset),
        at("/health/live").get(health::live),
        at("/health/ready").get(health::ready),
        at("/metrics").get(metrics::metrics),
        at("/version").get(version::version),
        at("/openapi.json").get(openapi::openapi),
        at("/docs").page(docs::entry),
        at("/docs/{file:.*}").page(docs::file),
        at("/requests").get(requests::list).delete(requests::forget),
        at("/requests/count").get(requests::count),
        at("/requests/verify").post(requests::verify::verify),
        at("/requests/{id}").get(requests::show),
        at("/audit").get(audit::list),
        at("/export").get(export::export),
        at("/import").post(import::import),
        at("/baselines").get(baselines::list),
        at("/baselines/{name}")
            .get(baselines::show)
            .post(baselines::keep)
            .delete(baselines::remove),
        at("/drift").get(baselines::drift),
        at("/fidelity").get(fidelity::all),
    ]
}

/// What people order of its answers.
fn by_people() -> Vec<AdminRoute> {
    vec![
        at("/chaos/rules").get(chaos::rules::list).post(chaos::rules::create),
        at("/chaos/rules/{id}")
            .get(chaos::rules::show)
            .put(chaos::rules::replace)
            .patch(chaos::rules::amend)
            .delete(chaos::rules::remove),
        at("/chaos/preview").post(chaos::preview::preview),
        at("/chaos/stop").post(chaos::stop),
        at("/chaos/faults").get(chaos::faults),
        at("/chaos/profiles").get(chaos::profiles::list),
        at("/chaos/profiles/{name}/start").post(chaos::profiles::start),
        at("/overrides").get(overrides::list).post(overrides::create),
        at("/overrides/import").post(overrides::import),
        at("/overrides/{id}")
            .get(overrides::show)
            .put(overrides::replace)
            .patch(overrides::amend)
            .delete(overrides::remove),
    ]
}

/// Adds the admin's routes.
pub fn configure(routes: &mut web::ServiceConfig, admin: Admin) {
    let prefix = admin.access.prefix().clone();
    let scope = web::scope(prefix.as_str())
        .guard(guard::fn_guard(move |context: &GuardContext<'_>| {
            let uri = &context.head().uri;
            uri.authority().is_none() && prefix.owns(uri.path())
        }))
        .app_data(web::Data::new(admin))
        .wrap(middleware::from_fn(access::enter));
    let scope = resources()
        .into_iter()
        .fold(scope, |scope, resource| scope.service(resource.into_service()));
    routes.service(scope.default_service(web::to(outside)));
}

/// Anything below the prefix that is no route.
pub async fn outside() -> HttpResponse {
    Problem::new(ProblemKind::NotFound, "the admin has no such route").response()
}
