//! The listeners: the public one, and the admin's own when it has one.

use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::{App, web};

use super::admin::{self, Admin};
use super::backend_routes::{BackendRoutes, DataPlanes, Route};
use crate::config::{AllowedTargets, Limits, Settings};
use crate::http::data_plane::{DataPlane, DataPlaneShared};
use crate::http::downstream;
use crate::http::downstream::tls::ListenerTls;
use crate::http::downstream::{ConnectionLimits, DownstreamSettings, Http2Connections};
use crate::http::exchange::intercept::intercept;
use crate::runtime::chaos::ChaosHandle;
use crate::runtime::overrides::OverridesHandle;
use crate::runtime::portable::baselines::BaselinesHandle;
use crate::runtime::portable::drift_watch::DriftWatch;
use crate::runtime::portable::imports::ImportsHandle;
use crate::runtime::settings::SettingsHandle;

/// Time answers in flight have to finish at a shutdown. With the last save it stays below 8 s.
const FINISH_MAX: Duration = Duration::from_secs(4);

/// Pause between two looks at whether answers are still in flight.
const FINISH_LOOK: Duration = Duration::from_millis(10);

/// Time that connections of HTTP/2 have to close once no answer is being made any more: what is
/// still to be sent is no more than a few frames a stream.
const HTTP2_FINISH_MAX: Duration = Duration::from_secs(1);

/// Connections that may wait to be accepted; what the kernel commonly allows at most.
const BACKLOG: u32 = 1_024;

/// Workers of the admin's own listener: people and scrapers, not load.
const ADMIN_WORKERS: usize = 1;

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on `{address}`: {error}{}", hint(error))]
pub struct ListenError {
    /// The address.
    pub address: SocketAddr,
    /// The reason.
    pub error: std::io::Error,
}

/// What to do about it, where that is known.
fn hint(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "; something listens there already: end it, or take another port with --listen \
             (LISTEN), such as 127.0.0.1:0 for any that is free"
        }
        std::io::ErrorKind::PermissionDenied => {
            "; ports below 1024 need privileges: take a higher one with --listen (LISTEN)"
        }
        _ => "",
    }
}

/// What the servers need of the rest.
#[derive(Clone)]
pub struct Capabilities {
    /// The backends, and what is learned of each.
    pub routes: BackendRoutes,
    /// Settings that change at run time.
    pub settings: SettingsHandle,
    /// Chaos rules.
    pub chaos: ChaosHandle,
    /// Overrides.
    pub overrides: OverridesHandle,
    /// TLS of the listeners.
    pub tls: Option<Arc<ListenerTls>>,
    /// Where a running admin may let routes lead.
    pub allow_targets: Arc<AllowedTargets>,
    /// Documents of others.
    pub imports: ImportsHandle,
    /// Named models.
    pub baselines: BaselinesHandle,
    /// What looks for drift, where a baseline is named at the start.
    pub drift_watch: Option<DriftWatch>,
    /// What all workers share.
    pub shared: Arc<DataPlaneShared>,
}

/// Bound sockets, before anything listens on them.
pub struct Listeners {
    public: (TcpListener, SocketAddr),
    admin: Option<(TcpListener, SocketAddr)>,
}

/// The running servers.
pub struct Servers {
    public: SocketAddr,
    admin: Option<SocketAddr>,
    handles: Vec<ServerHandle>,
    /// Of all listeners.
    http2: Http2Connections,
}

impl Servers {
    /// Binds the addresses of the settings, so that a taken port ends the start before anything
    /// runs.
    ///
    /// # Errors
    /// [`ListenError`].
    pub fn bind(settings: &Settings) -> Result<Listeners, ListenError> {
        let admin = settings.admin.listen.map(bind).transpose()?;
        Ok(Listeners { public: bind(settings.listen)?, admin })
    }

    /// Starts to listen.
    ///
    /// # Errors
    /// [`ListenError`].
    pub fn start(
        settings: &Settings,
        listeners: Listeners,
        capabilities: Capabilities,
    ) -> Result<Self, ListenError> {
        let (public, public_address) = listeners.public;
        let shared = settings.admin.listen.is_none();
        let listener = listeners.admin.as_ref().map_or(public_address, |(_, address)| *address);
        let admin = Admin::new(&settings.admin, listener.ip(), &capabilities);
        let tls = capabilities.tls.clone();
        if let Some(tls) = &tls {
            actix::spawn(Arc::clone(tls).follow_files());
        }
        let mut handles = Vec::new();
        let (limits, beside) = (&settings.limits, shared.then(|| admin.clone()));
        let application = move || {
            let planes = web::Data::new(DataPlanes::new(capabilities.clone()));
            App::new()
                .configure(|routes| {
                    if let Some(admin) = &beside {
                        admin::configure(routes, admin.clone());
                    }
                })
                .app_data(planes)
                .default_service(web::to(intercept))
        };
        let http2 = Http2Connections::default();
        let settings = downstream_settings(limits, None, tls.as_ref(), &http2);
        let server = downstream::serve(public, settings, application);
        handles.push(run(server.map_err(listen_error(public_address))?));
        let mut admin_address = None;
        if let Some((listener, address)) = listeners.admin {
            let application = move || {
                App::new()
                    .configure(|routes| admin::configure(routes, admin.clone()))
                    .default_service(web::to(admin::outside))
            };
            let settings = downstream_settings(limits, Some(ADMIN_WORKERS), tls.as_ref(), &http2);
            let server = downstream::serve(listener, settings, application);
            handles.push(run(server.map_err(listen_error(address))?));
            admin_address = Some(address);
        }
        Ok(Self { public: public_address, admin: admin_address, handles, http2 })
    }

    /// Address of the public listener.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.public
    }

    /// Address of the admin's own listener.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Accepts nothing more, waits for answers in flight, and closes.
    pub async fn stop(&self, shared: &DataPlaneShared) {
        for handle in &self.handles {
            handle.pause().await;
        }
        self.http2.end();
        // Idle keep-alive connections hold nobody up; only answers in flight are waited for.
        let until = Instant::now() + FINISH_MAX;
        while shared.in_flight.load(Ordering::Acquire) > 0 && Instant::now() < until {
            tokio::time::sleep(FINISH_LOOK).await;
        }
        // What a handler has returned is written to its socket within this pause.
        tokio::time::sleep(FINISH_LOOK).await;
        // Over HTTP/2 some of it may wait for its turn, or for the client; a connection closes when
        // all of it is out. Streams without an end, such as events of the admin, hold up no exit.
        let until = until.min(Instant::now() + HTTP2_FINISH_MAX);
        while self.http2.open() > 0 && Instant::now() < until {
            tokio::time::sleep(FINISH_LOOK).await;
        }
        for handle in &self.handles {
            handle.stop(false).await;
        }
    }
}

fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let failed = |error| ListenError { address, error };
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::STREAM,
        Some(socket2::Protocol::TCP),
    )
    .map_err(failed)?;
    // A restart must not wait for the old connections' last packets.
    socket.set_reuse_address(true).map_err(failed)?;
    socket.bind(&address.into()).map_err(failed)?;
    socket.listen(BACKLOG.cast_signed()).map_err(failed)?;
    let listener = TcpListener::from(socket);
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn listen_error(address: SocketAddr) -> impl Fn(std::io::Error) -> ListenError {
    move |error| ListenError { address, error }
}

impl Capabilities {
    /// The data plane of the calling worker for a route.
    #[must_use]
    pub fn data_plane(&self, route: &Route) -> DataPlane {
        DataPlane {
            learning: route.learning.clone(),
            settings: self.settings.clone(),
            chaos: self.chaos.clone(),
            overrides: self.overrides.clone(),
            upstream: route.upstream.client(),
            header_policy: Rc::new(route.header_policy.clone()),
            health: Arc::clone(&route.health),
            mode: route.mode(),
            hidden_prefix: route.hidden_prefix().into(),
            shared: Arc::clone(&self.shared),
        }
    }
}

/// Limits of the client side. Each listener counts its own connections, so that a full data plane
/// does not lock the admin out.
fn downstream_settings(
    limits: &Limits,
    workers: Option<usize>,
    tls: Option<&Arc<ListenerTls>>,
    http2: &Http2Connections,
) -> DownstreamSettings {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    DownstreamSettings {
        workers,
        tls: tls.cloned(),
        backlog: BACKLOG,
        header_timeout: Duration::from_millis(limits.client_header_timeout_ms),
        idle_timeout: Duration::from_millis(limits.client_idle_timeout_ms),
        connections: Arc::new(ConnectionLimits::new(
            count(limits.max_connections),
            count(limits.max_connections_per_peer),
        )),
        streams_max: limits.max_streams_per_connection,
        http2: http2.clone(),
    }
}

fn run(server: actix_web::dev::Server) -> ServerHandle {
    let handle = server.handle();
    actix::spawn(async move {
        if let Err(error) = server.await {
            log::error!("server: {error}");
        }
    });
    handle
}
