//! The side of the clients: connections accepted within limits, read strictly, and timed where
//! actix-web is not.
//!
//! ```text
//! accept ─ ConnectionLimits ─┬───▶ ClientSocket ──▶ actix-http ─ service ─▶ App
//!            503 beyond them │  ▲  RequestScanner,              HTTP/1.0, refused upgrades, bodies
//!                            │  │  slow heads, stalled readers  that stall or are malformed
//!                            └─ h2: each stream
//! ```
//!
//! Where to look:
//!
//! | for | see |
//! | --- | --- |
//! | how many connections, in all and of one address | [`ConnectionLimits`] |
//! | TLS | [`ListenerTls`] |
//! | what a client speaks | [`ClientProtocol`] |
//! | HTTP/1.1 itself: reading, timing and ending a connection | `h1` |
//! | HTTP/2: its streams become exchanges of HTTP/1.1 | `h2` |
//!
//! actix-web times the pause between two requests, but neither a head that is sent half, nor a
//! client that stops reading, nor one that stops sending its body; it takes line ends of two kinds
//! and skips trailers unread. [`ClientSocket`] and the service repair that for every listener. The
//! socket is also where a connection is cut on purpose: only it knows which bytes are out.

mod client_protocol;
mod client_stream;
mod h1;
mod h2;
mod limits;
mod serve_protocols;
mod timer;
pub mod tls;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Request};
use actix_rt::net::TcpStream;
use actix_rt::time::Instant;
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server, ServiceResponse};
use bytes::BytesMut;

use self::client_protocol::ClientProtocol;
pub use self::client_stream::ClientConnection;
use self::client_stream::ClientStream;
use self::h1::guard_exchanges::guard_exchanges;
use self::h1::{ClientSocket, reject};
pub use self::h1::{ExchangeTracker, PlannedAbort};
pub use self::h2::Http2Connections;
pub use self::limits::ConnectionLimits;
use self::serve_protocols::{AcceptedClient, ServeProtocols};
use self::tls::ListenerTls;
use super::error::{Problem, ProblemKind};
use super::log_limiter::LogLimiter;

/// How long a connection that is to be closed may take to be: what actix-web gives it.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// What a connection beyond the limits is told.
const TOO_MANY_CONNECTIONS: &str = "the limit of connections is reached";

/// The shortest wait `Retry-After` can say: connections come and go.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How a listener treats its clients.
#[derive(Clone)]
pub struct DownstreamSettings {
    /// Worker threads; one per core when not given.
    pub workers: Option<usize>,
    /// Connections that may wait to be accepted.
    pub backlog: u32,
    /// From the first byte of a request head to its last; for the first one from the connection.
    pub header_timeout: Duration,
    /// Between two requests, between two pieces of a body, and while the client takes none of the
    /// answer's bytes.
    pub idle_timeout: Duration,
    /// Speaks TLS, where a certificate is given.
    pub tls: Option<Arc<ListenerTls>>,
    /// Counts and limits the connections of all workers.
    pub connections: Arc<ConnectionLimits>,
    /// Streams that may be open at a time on a connection of HTTP/2; without any it is not spoken.
    pub streams_max: u32,
    /// Those connections, over all workers.
    pub http2: Http2Connections,
}

/// Serves an application on a bound listener.
///
/// # Errors
/// When the listener cannot be handed to the workers.
pub fn serve<F, A, S, B>(
    listener: TcpListener,
    settings: DownstreamSettings,
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
        let guarded = guard_exchanges(configured, settings.idle_timeout);
        let http = HttpService::build()
            .keep_alive(KeepAlive::Timeout(settings.idle_timeout))
            // The socket times every head.
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(DISCONNECT_TIMEOUT)
            // A client that leaves cancels the backend's work.
            .h1_allow_half_closed(false)
            .local_addr(address)
            .on_connect_ext(|socket: &ClientSocket, data| {
                let (exchanges, connection) = socket.facts();
                data.insert(exchanges);
                data.insert(connection);
            })
            .h1(guarded);
        let protocols = ServeProtocols::new(http, settings.clone());
        let settings = settings.clone();
        fn_service(move |stream: TcpStream| {
            let settings = settings.clone();
            async move { accept(stream, &settings).await }
        })
        .and_then(protocols)
    })?;
    Ok(server.run())
}

/// A client within the limits, once it is known what it speaks.
async fn accept(
    stream: TcpStream,
    settings: &DownstreamSettings,
) -> Result<AcceptedClient, DispatchError> {
    let peer = stream.peer_addr().map_err(DispatchError::Io)?;
    let Some(permit) = settings.connections.admit(peer.ip()) else {
        let problem = Problem::new(ProblemKind::Overloaded, TOO_MANY_CONNECTIONS);
        reject::refuse(&stream, &problem.retry_after(RETRY_AFTER));
        return Err(DispatchError::Io(io::ErrorKind::QuotaExceeded.into()));
    };
    let accepted = Instant::now();
    let ((stream, protocol), since) = match &settings.tls {
        None => (listen_to(stream, settings).await?, accepted),
        // The handshake has a time of its own.
        Some(tls) => (shake_hands(tls, stream, settings).await?, Instant::now()),
    };
    Ok(AcceptedClient { stream, protocol, peer, permit, since })
}

/// What a client is told that speaks plain HTTP to a listener of HTTPS.
const HTTPS_ONLY: &str = "this listener speaks HTTPS: ask for https://";

/// Handshakes that came to nothing. One client can begin thousands a second.
static HANDSHAKES: LogLimiter = LogLimiter::new();

/// The connection behind TLS, within the time that the first head has, and what was agreed upon.
async fn shake_hands(
    tls: &ListenerTls,
    stream: TcpStream,
    settings: &DownstreamSettings,
) -> Result<(ClientStream, ClientProtocol), DispatchError> {
    let accept = tls.accept(stream, settings.streams_max > 0);
    let Ok(shaken) = tokio::time::timeout(settings.header_timeout, accept).await else {
        return Err(DispatchError::SlowRequestTimeout);
    };
    let stream = shaken.map_err(|(stream, error)| {
        if error.kind() == io::ErrorKind::InvalidInput {
            reject::refuse(&stream, &Problem::new(ProblemKind::RequestInvalid, HTTPS_ONLY));
        }
        HANDSHAKES.warn("", || format!("client: no TLS connection: {error}"));
        DispatchError::Io(error)
    })?;
    let protocol = match stream.get_ref().1.alpn_protocol() {
        Some(tls::HTTP_2) => ClientProtocol::Http2,
        _ => ClientProtocol::Http1,
    };
    Ok((ClientStream::Tls(Box::new(stream)), protocol))
}

/// The connection without TLS, once its first bytes tell what they are; they have the time that
/// the first head has.
async fn listen_to(
    mut stream: TcpStream,
    settings: &DownstreamSettings,
) -> Result<(ClientStream, ClientProtocol), DispatchError> {
    let mut ahead = BytesMut::new();
    let protocol = if settings.streams_max == 0 {
        ClientProtocol::Http1
    } else {
        let first = ClientProtocol::of(&mut stream, &mut ahead);
        match tokio::time::timeout(settings.header_timeout, first).await {
            Ok(first) => first.map_err(DispatchError::Io)?,
            Err(_late) => {
                if !ahead.is_empty() {
                    let problem = Problem::new(ProblemKind::ClientTimeout, h1::SLOW_HEAD);
                    reject::refuse(&stream, &problem);
                }
                return Err(DispatchError::SlowRequestTimeout);
            }
        }
    };
    Ok((ClientStream::Plain(stream, ahead.freeze()), protocol))
}
