//! The backends of this double, and which of them a request is for.
//!
//! ```text
//! RouteTable ──pick(host, path)──▶ Route: learning, upstream, header rules, health
//!      ▲ swapped as a whole          └── one DataPlane a worker and route, made at first use
//!      └── the admin, which keeps its own routes in the database
//! ```
//!
//! A route owns everything that its backend taught and did: no learned endpoint, no health and no
//! world of a consumer is shared between two of them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header;
use arc_swap::ArcSwap;
use parking_lot::Mutex;

use super::data_plane::{BackendHealth, DataPlane};
use super::server::Capabilities;
use super::upstream::headers::{HeaderPolicy, Mount, RouteLinks};
use super::upstream::{Target, Upstream};
use crate::config::RouteSpec;
use crate::domain::endpoint::EndpointId;
use crate::domain::mode::Mode;
use crate::domain::route_pattern::DEFAULT_ROUTE;
use crate::runtime::learning::endpoint_handle::EndpointHandle;
use crate::runtime::learning::{LearningError, LearningHandle};

/// Most routes of one double, those of the start included. Each has actors and a thread of its
/// own; a staging set-up of more services than this wants several doubles.
pub const ROUTES_MAX: usize = 64;

/// One backend, and what belongs to it.
#[derive(Clone)]
pub struct Route {
    /// What it was told; `None` for the backend that takes the rest.
    pub spec: Option<RouteSpec>,
    /// Whether the start named it; then the admin cannot take it away.
    pub by_start: bool,
    /// What is learned of it, and where its observations go.
    pub learning: LearningHandle,
    /// The way to it.
    pub upstream: Arc<Upstream>,
    /// Its header rules.
    pub header_policy: HeaderPolicy,
    /// Whether it answers.
    pub health: Arc<BackendHealth>,
}

impl Route {
    /// Its name, as the admin calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.spec.as_ref().map_or(DEFAULT_ROUTE, |spec| &spec.name)
    }

    /// Who answers here, where it is not the mode of the whole double.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        self.spec.as_ref()?.mode
    }

    /// The beginning of the path that its backend does not see.
    #[must_use]
    pub fn hidden_prefix(&self) -> &str {
        let spec = self.spec.as_ref().filter(|spec| !spec.keeps_prefix);
        spec.and_then(|spec| spec.pattern.prefix()).unwrap_or_default()
    }

    /// Where its backend's links lead on the double.
    fn mount(&self) -> Mount {
        let pattern = self.spec.as_ref().map(|spec| &spec.pattern);
        let host = pattern.and_then(|pattern| pattern.host()).filter(|host| !host.contains('*'));
        Mount { host: host.map(Into::into), prefix: self.hidden_prefix().into() }
    }

    fn target(&self) -> &Target {
        self.upstream.target()
    }
}

/// All routes at one moment.
pub struct RouteTable {
    default: Arc<Route>,
    /// The most exact first.
    named: Vec<Arc<Route>>,
}

impl RouteTable {
    /// The route of a request for `host`, as it was sent, and `path`.
    #[must_use]
    pub fn pick(&self, host: Option<&str>, path: &str) -> &Arc<Route> {
        let meant = |route: &&Arc<Route>| {
            route.spec.as_ref().is_some_and(|spec| spec.pattern.matches(host, path))
        };
        self.named.iter().find(meant).unwrap_or(&self.default)
    }

    /// Every route, the one that takes the rest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Route>> {
        std::iter::once(&self.default).chain(&self.named)
    }

    /// The route called `name`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<Route>> {
        self.iter().find(|route| route.name() == name)
    }
}

/// Makes the parts of a route that stand behind it; the composition root knows how.
pub type RouteMaker =
    Arc<dyn Fn(&RouteSpec, Option<&Route>) -> Result<Route, String> + Send + Sync>;

/// The routes of this double, as handlers hold them.
#[derive(Clone)]
pub struct BackendRoutes {
    table: Arc<ArcSwap<RouteTable>>,
    make: RouteMaker,
    /// Taken by whoever changes the table. Routes that were taken away wait here with what they
    /// learned to forget, so that one that comes back needs no second set of actors.
    retired: Arc<Mutex<Vec<Arc<Route>>>>,
    links: RouteLinks,
}

impl BackendRoutes {
    /// The routes that a start names.
    #[must_use]
    pub fn new(default: Route, named: Vec<Route>, make: RouteMaker, links: RouteLinks) -> Self {
        let table = RouteTable { default: Arc::new(default), named: Vec::new() };
        let routes = Self {
            table: Arc::new(ArcSwap::from_pointee(table)),
            make,
            retired: Arc::default(),
            links,
        };
        routes.publish(named.into_iter().map(Arc::new).collect());
        routes
    }

    /// All routes now.
    #[must_use]
    pub fn now(&self) -> Arc<RouteTable> {
        self.table.load_full()
    }

    /// The backend that takes what no other does.
    #[must_use]
    pub fn default_route(&self) -> Arc<Route> {
        Arc::clone(&self.table.load().default)
    }

    /// The endpoint with `id`, or the one it was folded into, and the route it belongs to.
    #[must_use]
    pub fn endpoint(&self, id: &EndpointId) -> Option<(Arc<EndpointHandle>, Arc<Route>)> {
        let table = self.table.load();
        table.iter().find_map(|route| {
            let endpoint = route.learning.catalog().by_id(id).cloned()?;
            Some((endpoint, Arc::clone(route)))
        })
    }

    /// Returns when everything that any route observed so far is learned, published and stored;
    /// false when reasons, entities and lists of any follow.
    ///
    /// # Errors
    /// [`LearningError`]: what is published is then not durable yet.
    pub async fn flush(&self) -> Result<bool, LearningError> {
        let mut settled = true;
        for route in self.now().iter() {
            settled &= route.learning.flush().await?;
        }
        Ok(settled)
    }

    /// Forgets everything that any route learned.
    ///
    /// # Errors
    /// [`LearningError`].
    pub async fn reset(&self) -> Result<(), LearningError> {
        let mut done = Ok(());
        for route in self.now().iter() {
            // What one database refuses must not keep the others from forgetting.
            done = done.and(route.learning.reset().await);
        }
        done
    }

    /// Puts a route of the admin's in its place; true when there was none of its name.
    ///
    /// # Errors
    /// Why there cannot be such a route.
    pub fn put(&self, spec: &RouteSpec) -> Result<bool, RouteRefused> {
        let mut retired = self.retired.lock();
        let table = self.table.load_full();
        let others = || table.named.iter().filter(|route| route.name() != spec.name);
        let known = table.named.iter().find(|route| route.name() == spec.name);
        let clash = others()
            .find(|other| other.spec.as_ref().is_some_and(|other| other.pattern == spec.pattern));
        if let Some(clash) = clash {
            return Err(RouteRefused::Taken(clash.name().to_owned()));
        }
        if known.is_none() && table.named.len() >= ROUTES_MAX {
            return Err(RouteRefused::Full);
        }
        let back = retired.iter().position(|route| route.name() == spec.name);
        let before = known.or_else(|| retired.get(back?));
        let mut route =
            (self.make)(spec, before.map(|route| &**route)).map_err(RouteRefused::Unusable)?;
        route.by_start = known.is_some_and(|known| known.by_start);
        if let Some(back) = back {
            retired.swap_remove(back);
        }
        let named = others().cloned().chain([Arc::new(route)]).collect();
        self.publish(named);
        Ok(known.is_none())
    }

    /// Takes a route of the admin's away; what it learned is to be forgotten by the caller.
    ///
    /// # Errors
    /// When there is none, or the start named it.
    pub fn remove(&self, name: &str) -> Result<Arc<Route>, RouteRefused> {
        let mut retired = self.retired.lock();
        let table = self.table.load_full();
        let known = table.named.iter().find(|route| route.name() == name);
        let route = known.ok_or(RouteRefused::Unknown)?;
        if route.by_start {
            return Err(RouteRefused::ByStart);
        }
        self.publish(table.named.iter().filter(|other| other.name() != name).cloned().collect());
        retired.push(Arc::clone(route));
        Ok(Arc::clone(route))
    }

    fn publish(&self, mut named: Vec<Arc<Route>>) {
        named.sort_by_key(|route| {
            std::cmp::Reverse(route.spec.as_ref().map(|spec| spec.pattern.specificity()))
        });
        let default = self.default_route();
        let links = std::iter::once(&default).chain(&named);
        let links = links.map(|route| (route.target().clone(), route.mount())).collect();
        self.links.store(Arc::new(links));
        self.table.store(Arc::new(RouteTable { default, named }));
    }
}

/// Why the routes were not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteRefused {
    /// Another route means the same requests.
    #[error("the route `{0}` means the same requests")]
    Taken(String),
    /// There is no room for one more.
    #[error("there are {ROUTES_MAX} routes already")]
    Full,
    /// The way to the backend cannot be set up.
    #[error("{0}")]
    Unusable(String),
    /// There is no such route.
    #[error("there is no such route")]
    Unknown,
    /// It would be back after a restart.
    #[error("the start names this route (--route, ROUTES), so it cannot be taken away here")]
    ByStart,
}

/// The data planes of one worker: one a route.
pub struct DataPlanes {
    capabilities: Capabilities,
    default: Rc<DataPlane>,
    named: RefCell<Vec<(Arc<Route>, Rc<DataPlane>)>>,
}

impl DataPlanes {
    /// The planes of the calling worker.
    #[must_use]
    pub fn new(capabilities: Capabilities) -> Self {
        let default = capabilities.routes.default_route();
        let default = Rc::new(capabilities.data_plane(&default));
        Self { capabilities, default, named: RefCell::default() }
    }

    /// The plane of the backend that a request is for. The host in the target of a request, where
    /// one stands, is the one that counts (RFC 9112, section 3.2.2).
    #[must_use]
    pub fn of(&self, request: &HttpRequest) -> Rc<DataPlane> {
        let table = self.capabilities.routes.table.load();
        if table.named.is_empty() {
            return Rc::clone(&self.default);
        }
        let uri = request.uri();
        let said = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let route = table.pick(uri.host().or_else(said), uri.path());
        if route.spec.is_none() {
            return Rc::clone(&self.default);
        }
        let mut known = self.named.borrow_mut();
        if let Some((_, plane)) = known.iter().find(|(of, _)| Arc::ptr_eq(of, route)) {
            return Rc::clone(plane);
        }
        // BackendRoutes that were changed or taken away leave their connections here.
        known.retain(|(of, _)| table.named.iter().any(|route| Arc::ptr_eq(of, route)));
        let plane = Rc::new(self.capabilities.data_plane(route));
        known.push((Arc::clone(route), Rc::clone(&plane)));
        plane
    }
}
