//! The side of the clients: connections accepted within limits, and timed where actix-web is not.
//!
//! ```text
//! accept ─ ConnectionLimits ─▶ ClientSocket ──▶ actix-http ─ gate ─▶ App
//!            503 beyond them     slow second heads,            HTTP/1.0, refused upgrades,
//!                                stalled readers               end of each exchange
//! ```
//!
//! actix-web times the first head of a connection and the pause between two requests, but neither
//! a second head that is sent half, nor a client that stops reading, nor one that stops sending its
//! body. The socket type repairs the first two, [`timed_payload`] the third. It is also where a
//! connection is cut on purpose, because only it knows which bytes are out.

mod cut;
mod gate;
mod limits;
mod payload;
mod socket;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Request};
use actix_rt::net::TcpStream;
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, ServiceResponse};

pub use self::cut::PlannedCut;
pub use self::limits::ConnectionLimits;
pub use self::payload::{TimedPayload, timed_payload};
use self::socket::ClientSocket;
pub use self::socket::Exchanges;

/// actix-http counts the first head's time from a clock that ticks this often: without it, a
/// connection accepted late in a tick would be given up that much too early.
const CLOCK_TICK: Duration = Duration::from_millis(500);

/// How long a connection that is to be closed may take to be: what actix-web gives it.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How a listener treats its clients.
#[derive(Debug, Clone)]
pub struct InboundSettings {
    /// Worker threads; one per core when not given.
    pub workers: Option<usize>,
    /// Connections that may wait to be accepted.
    pub backlog: u32,
    /// From the first byte of a request head to its last.
    pub header_timeout: Duration,
    /// Between two requests, and while the client takes none of the answer's bytes.
    pub idle_timeout: Duration,
    /// Counts and limits the connections of all workers.
    pub connections: Arc<ConnectionLimits>,
}

/// Serves an application on a bound listener.
///
/// # Errors
/// When the listener cannot be handed to the workers.
pub fn serve<F, A, S, B>(
    listener: TcpListener,
    settings: InboundSettings,
    application: F,
) -> io::Result<Server>
where
    F: Fn() -> A + Send + Clone + 'static,
    A: IntoServiceFactory<S, Request>,
    S: ServiceFactory<
            Request,
            Config = AppConfig,
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    S::Future: 'static,
    S::Service: 'static,
    B: MessageBody + Unpin + 'static,
{
    let address = listener.local_addr()?;
    let mut builder = Server::build()
        .backlog(settings.backlog)
        .disable_signals()
        // The listener is told when to stop by its handle, after answers in flight were waited for.
        .shutdown_timeout(0);
    if let Some(workers) = settings.workers {
        builder = builder.workers(workers);
    }
    let server = builder.listen(format!("http-{address}"), listener, move || {
        let application = application().into_factory();
        let configured = map_config(application, |()| AppConfig::default());
        let gated = gate::gated(configured);
        let http = HttpService::build()
            .keep_alive(KeepAlive::Timeout(settings.idle_timeout))
            .client_request_timeout(settings.header_timeout + CLOCK_TICK)
            .client_disconnect_timeout(DISCONNECT_TIMEOUT)
            // A client that leaves cancels the backend's work.
            .h1_allow_half_closed(false)
            .local_addr(address)
            .on_connect_ext(|socket: &ClientSocket, data| {
                data.insert(socket.exchanges());
            })
            .h1(gated);
        let settings = settings.clone();
        fn_service(move |stream: TcpStream| {
            let settings = settings.clone();
            async move {
                let peer = stream.peer_addr().map_err(DispatchError::Io)?;
                let Some(place) = settings.connections.admit(peer.ip()) else {
                    limits::refuse(&stream);
                    return Err(DispatchError::Io(io::ErrorKind::QuotaExceeded.into()));
                };
                Ok((ClientSocket::new(stream, place, &settings), Some(peer)))
            }
        })
        .and_then(http)
    })?;
    Ok(server.run())
}
