//! The backends: how each is reached, and what learns of it.

use std::sync::Arc;
use std::time::Duration;

use actix::ArbiterHandle;

use super::{StartError, as_usize};
use crate::config::{RouteSpec, Settings, SettingsError, TargetUrl};
use crate::domain::endpoint::BackendId;
use crate::http::backend_routes::{BackendRoutes, ROUTES_MAX, Route};
use crate::http::exchange::session_seeds::SessionSeeds;
use crate::http::upstream::headers::{HeaderPolicy, Pseudonym, RouteLinks};
use crate::http::upstream::{
    ClientIdentity, EgressProxy, Target, Upstream, UpstreamSettings, UpstreamSetupError,
};
use crate::runtime::clock::now_ms;
use crate::runtime::learning::{LearningConfig, LearningHandle};
use crate::runtime::persistence::PersistenceHandle;
use crate::runtime::route_book::{RouteBook, StoredRoute};
use crate::store::Stored;

/// What every backend is started with.
pub struct Backends {
    pub settings: Settings,
    pub config: LearningConfig,
    pub persistence: PersistenceHandle,
    pub learners: Vec<ArbiterHandle>,
}

/// What the header rules of all backends share.
#[derive(Clone)]
struct Manners {
    pseudonym: Pseudonym,
    links: RouteLinks,
}

impl Backends {
    /// The routes that the start names, and those that people added in an earlier run.
    ///
    /// # Errors
    /// A route of the start that cannot be used; one that people added is left out with a warning.
    pub fn routes(
        self,
        stored: &Stored,
        learning: LearningHandle,
        upstream: Arc<Upstream>,
    ) -> Result<BackendRoutes, StartError> {
        let unique = SessionSeeds::new(&format!("{}/{}", std::process::id(), now_ms())).seed();
        let pseudonym = format!("stunt-double-{:08x}", unique >> 32).into();
        let manners = Manners { pseudonym, links: RouteLinks::default() };
        let default = Route {
            spec: None,
            by_start: true,
            header_policy: header_policy(&self.settings, upstream.target(), None, &manners),
            learning,
            upstream,
            health: Arc::default(),
        };
        let kept = RouteBook::read(stored);
        let mut named = Vec::new();
        for spec in &self.settings.routes {
            let mut spec = spec.clone();
            // What people said of its mode since holds where the start is silent.
            let said = kept.iter().find(|kept| kept.by_start && kept.name == spec.name);
            spec.mode = spec.mode.or(said.and_then(|said| said.mode));
            let route = self.route(&spec, None, stored, &manners).map_err(|problem| {
                SettingsError::new("--route (ROUTES)", spec.pattern.to_string(), problem)
            })?;
            named.push(Route { by_start: true, ..route });
        }
        for kept in kept.iter().filter(|kept| !kept.by_start).take(ROUTES_MAX) {
            let taken = |spec: &RouteSpec| {
                named
                    .iter()
                    .filter_map(|route: &Route| route.spec.as_ref())
                    .any(|other| other.name == spec.name || other.pattern == spec.pattern)
            };
            let route = spec_of(kept).and_then(|spec| match taken(&spec) {
                true => Err("the start names another route for this".to_owned()),
                false => self.route(&spec, None, stored, &manners),
            });
            match route {
                Ok(route) => named.push(route),
                Err(problem) => log::warn!("stored route `{}`: left out, {problem}", kept.name),
            }
        }
        let (shared, links) = (manners.clone(), manners.links.clone());
        let make = move |spec: &RouteSpec, before: Option<&Route>| {
            // A route of an earlier run's name that nobody named at this start begins anew.
            self.route(spec, before, &Stored::default(), &shared)
        };
        Ok(BackendRoutes::new(default, named, Arc::new(make), links))
    }

    /// A route; what is learned of its backend goes over from the one `before` it.
    fn route(
        &self,
        spec: &RouteSpec,
        before: Option<&Route>,
        stored: &Stored,
        manners: &Manners,
    ) -> Result<Route, String> {
        let same_place =
            |route: &&Route| route.spec.as_ref().is_some_and(|before| before.target == spec.target);
        let upstream = match before.filter(same_place) {
            Some(before) => Arc::clone(&before.upstream),
            None => {
                let target = target(&spec.target).map_err(|error| error.to_string())?;
                upstream_to(&self.settings, target).map_err(|error| error.to_string())?
            }
        };
        let learning = match before {
            Some(before) => before.learning.clone(),
            None => {
                let backend = BackendId::named(&spec.name);
                let config = LearningConfig { backend, ..self.config.clone() };
                LearningHandle::start(config, stored, self.persistence.clone(), &self.learners)
            }
        };
        Ok(Route {
            spec: Some(spec.clone()),
            by_start: false,
            header_policy: header_policy(
                &self.settings,
                upstream.target(),
                spec.preserve_host,
                manners,
            ),
            health: before
                .filter(same_place)
                .map_or_else(Arc::default, |before| Arc::clone(&before.health)),
            learning,
            upstream,
        })
    }
}

fn spec_of(kept: &StoredRoute) -> Result<RouteSpec, String> {
    let mut spec = RouteSpec::new(kept.pattern.parse()?, &kept.target)?;
    spec.name.clone_from(&kept.name);
    (spec.mode, spec.preserve_host) = (kept.mode, kept.preserve_host);
    Ok(spec)
}

/// The way to the backend that takes what no other does.
///
/// # Errors
/// A [`StartError`] about `--target` or the way there.
pub fn upstream(settings: &Settings) -> Result<Arc<Upstream>, StartError> {
    let given = &settings.target.value;
    let target = target(given).map_err(|error| {
        SettingsError::new("--target (TARGET_URL)", given.as_str(), error.to_string())
    })?;
    Ok(upstream_to(settings, target)?)
}

fn target(url: &TargetUrl) -> Result<Target, crate::http::upstream::TargetError> {
    let target = Target::parse(url.as_str())?;
    match url.credentials() {
        Some(credentials) => target.with_authorization(&credentials.authorization()),
        None => Ok(target),
    }
}

fn upstream_to(settings: &Settings, target: Target) -> Result<Arc<Upstream>, UpstreamSetupError> {
    let limits = &settings.limits;
    let mut upstream = UpstreamSettings::new(target);
    upstream.connect_timeout = Duration::from_millis(limits.connect_timeout_ms);
    upstream.first_byte_timeout = Duration::from_millis(limits.first_byte_timeout_ms);
    upstream.idle_timeout = Duration::from_millis(limits.idle_timeout_ms);
    upstream.max_connections = as_usize(limits.max_upstream_connections);
    upstream.ca.clone_from(&settings.forwarding.target_ca);
    upstream.insecure = settings.forwarding.target_insecure;
    upstream.identity = settings
        .forwarding
        .target_identity
        .clone()
        .map(|(certificate, key)| ClientIdentity { certificate, key });
    upstream.proxy = EgressProxy::for_target(&upstream.target, |name| std::env::var(name).ok())?;
    if let Some(proxy) = &upstream.proxy {
        log::info!("the backend is reached through the proxy {proxy}");
    }
    Upstream::new(upstream)
}

fn header_policy(
    settings: &Settings,
    target: &Target,
    preserve_host: Option<bool>,
    manners: &Manners,
) -> HeaderPolicy {
    HeaderPolicy {
        links: manners.links.clone(),
        target: target.clone(),
        preserve_host: preserve_host.unwrap_or(settings.forwarding.preserve_host),
        trusted_proxies: settings.forwarding.trusted_proxies.as_slice().to_vec(),
        rewrite_location: settings.forwarding.rewrite_location,
        pseudonym: manners.pseudonym.clone(),
    }
}
