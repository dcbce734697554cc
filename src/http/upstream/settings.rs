//! What all workers share on the way to the backend: target, TLS, limits, concurrency.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio_rustls::TlsConnector;

use super::egress_proxy::{EgressProxy, EgressProxyError};
use super::target::Target;
use super::tls;
use crate::http::upstream::concurrency_limit::ConcurrencyLimit;
use crate::http::upstream::h1::client::UpstreamClient;

/// How to reach the backend, and with which limits.
#[derive(Debug, Clone)]
pub struct UpstreamSettings {
    /// Scheme, host, port, base path and credentials.
    pub target: Target,
    /// Name resolution, TCP and TLS handshake together.
    pub connect_timeout: Duration,
    /// From the end of the upload to the first byte of the answer's head.
    pub first_byte_timeout: Duration,
    /// Between two bytes of an answer.
    pub idle_timeout: Duration,
    /// How long the backend may refuse to take further bytes of a request.
    pub write_stall_timeout: Duration,
    /// How long both directions of a tunnel may be silent.
    pub tunnel_idle_timeout: Duration,
    /// How long an unused connection is kept for the next request.
    pub pool_idle_timeout: Duration,
    /// Requests in flight over all workers; each uses one connection.
    pub max_connections: usize,
    /// PEM file whose certificates are trusted instead of the public roots.
    pub ca: Option<PathBuf>,
    /// Accepts every certificate. Said loudly in the log.
    pub insecure: bool,
    /// PEM files with a certificate and its key, by which the backend knows the double.
    pub identity: Option<ClientIdentity>,
    /// Reaches the target through this proxy.
    pub proxy: Option<EgressProxy>,
    /// Dials these addresses and leaves name resolution alone.
    pub pinned: Vec<SocketAddr>,
}

/// A client certificate and its key, as PEM files.
#[derive(Debug, Clone)]
pub struct ClientIdentity {
    /// The certificate, and those that lead to its issuer.
    pub certificate: PathBuf,
    /// Its private key: PKCS #8, PKCS #1 or SEC 1.
    pub key: PathBuf,
}

impl UpstreamSettings {
    /// The defaults of the settings table for this target.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            // Two lost SYNs (1 s, 2 s) still fit; beyond that a user waits for nothing.
            connect_timeout: Duration::from_secs(5),
            // What common proxies give a backend to begin its answer.
            first_byte_timeout: Duration::from_secs(60),
            // Event streams send a comment every 15 to 30 s: twice the longer.
            idle_timeout: Duration::from_secs(60),
            write_stall_timeout: Duration::from_secs(30),
            // WebSockets without pings may be silent for long; an hour bounds forgotten ones.
            tunnel_idle_timeout: Duration::from_secs(3600),
            // Below the 60 s (nginx: 75 s, node: 5 s) after which servers close by themselves.
            pool_idle_timeout: Duration::from_secs(15),
            // Half of the usual 1,024 descriptors of a process; the other half are the clients'.
            max_connections: 512,
            ca: None,
            insecure: false,
            identity: None,
            proxy: None,
            pinned: Vec::new(),
        }
    }
}

/// Why the way to the backend could not be set up.
#[derive(Debug, Error)]
pub enum UpstreamSetupError {
    /// A file of certificates cannot be read, or is no PEM.
    #[error("cannot read certificates from `{path}`: {reason}")]
    CaFile {
        /// As given.
        path: PathBuf,
        /// What the system or the PEM reader said.
        reason: String,
    },
    /// A file of certificates holds none.
    #[error("no certificate in `{path}`")]
    CaEmpty {
        /// As given.
        path: PathBuf,
    },
    /// The private key cannot be read, or is of no known form.
    #[error("cannot read the key of the client certificate from `{path}`: {reason}")]
    KeyFile {
        /// As given.
        path: PathBuf,
        /// What the system or the PEM reader said.
        reason: String,
    },
    /// Certificate and key do not belong together, or rustls cannot use them.
    #[error("client certificate not usable: {0}")]
    Identity(String),
    /// The host of the target is neither a DNS name nor an address.
    #[error("host `{0}` is no valid TLS server name")]
    ServerName(String),
    /// The egress proxy is not usable.
    #[error(transparent)]
    Proxy(#[from] EgressProxyError),
    /// rustls refused its own settings.
    #[error("TLS not configurable: {0}")]
    Tls(String),
}

/// The way to the backend, shared by all workers. Each worker takes its [`UpstreamClient`] from it.
pub struct Upstream {
    pub(super) settings: UpstreamSettings,
    pub(super) tls: Option<tls::TlsSetup>,
    pub(super) concurrency: Arc<ConcurrencyLimit>,
}

impl Upstream {
    /// Reads the CA file and prepares TLS.
    ///
    /// # Errors
    /// An [`UpstreamSetupError`] when certificates or the server name are unusable.
    pub fn new(settings: UpstreamSettings) -> Result<Arc<Self>, UpstreamSetupError> {
        let tls = if settings.target.is_tls() {
            if settings.insecure {
                log::warn!(
                    "TLS certificates of the backend are NOT verified (`--target-insecure`)"
                );
            }
            let config = tls::client_config(
                settings.ca.as_deref(),
                settings.insecure,
                settings.identity.as_ref(),
            )?;
            Some(tls::TlsSetup {
                connector: TlsConnector::from(config),
                server_name: tls::server_name(settings.target.host())?,
            })
        } else {
            None
        };
        let concurrency = Arc::new(ConcurrencyLimit::new(settings.max_connections));
        Ok(Arc::new(Self { settings, tls, concurrency }))
    }

    /// A client for the calling worker thread. Call it inside a running actix system or arbiter.
    pub fn client(self: &Arc<Self>) -> UpstreamClient {
        UpstreamClient::new(Arc::clone(self))
    }

    /// What `--target` said, parsed.
    pub fn target(&self) -> &Target {
        &self.settings.target
    }

    /// Requests in flight, over all workers.
    pub fn in_flight(&self) -> usize {
        self.concurrency.in_flight()
    }

    /// Sockets open to the backend, idle ones included, over all workers.
    pub fn open_connections(&self) -> usize {
        self.concurrency.open_sockets()
    }
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").field("settings", &self.settings).finish_non_exhaustive()
    }
}
