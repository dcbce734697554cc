//! One HTTP/2 connection: its streams begin, each in a task of its own, and at last it ends.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_http::error::DispatchError;
use actix_service::Service;
use bytes::Bytes;
use h2::server::{Builder, Connection};
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use super::frame_watch::FrameWatch;
use super::http2_connections::OpenConnection;
use super::reset_budget::ResetBudget;
use super::sent_bytes::SentBytes;
use super::serve_stream::{StreamContext, StreamEnd, serve_stream};
use crate::http::downstream::client_stream::ClientStream;
use crate::http::downstream::h1::ClientSocket;
use crate::http::downstream::limits::ConnectionPermit;
use crate::http::downstream::{DISCONNECT_TIMEOUT, DownstreamSettings};
use crate::http::log_limiter::LogLimiter;

/// Largest list of fields: what the server of HTTP/1.1 takes of a head. Each field counts 32 bytes
/// more than it has (RFC 9113, section 6.5.2), so what passes here fits there. `h2` also bounds by
/// it how many `CONTINUATION` frames a list may come in.
const HEADER_LIST_BYTES_MAX: u32 = 128 * 1024;

/// What a client may send of one body before it is taken: the protocol's own default, which needs
/// no word to be said.
const STREAM_WINDOW_BYTES: u32 = 65_535;

/// Frames of the default size: larger ones would let one stream hold up the others.
const FRAME_BYTES_MAX: u32 = 16 * 1024;

/// What of an answer may wait in `h2` for its turn: a frame while another is written, and no more,
/// so that a client that does not read holds up the backend instead of filling memory.
const SEND_BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Streams cancelled before they are looked at, which takes one turn of the worker; the default of
/// `h2`, beyond which the connection ends with `ENHANCE_YOUR_CALM`.
const PENDING_RESETS_MAX: usize = 20;

/// Streams reset for what the client did wrong, over the life of a connection; the default of `h2`.
const WRONG_STREAMS_MAX: usize = 1_024;

/// Streams that were reset and of which frames may still come; the default of `h2`, and for how
/// long they are known.
const RESET_STREAMS_MAX: usize = 50;
const RESET_STREAM_MEMORY: Duration = Duration::from_secs(1);

/// Connections that broke the protocol.
static BROKEN: LogLimiter = LogLimiter::new();

/// A client that speaks HTTP/2.
pub struct Http2Client {
    /// From the first byte of the preface on.
    pub stream: ClientStream,
    /// Its address.
    pub peer: SocketAddr,
    /// Its place among the connections: streams take none.
    pub permit: ConnectionPermit,
}

/// Serves a connection to its end.
pub async fn serve_connection<S>(client: Http2Client, http_1: Rc<S>, settings: DownstreamSettings)
where
    S: Service<(ClientSocket, Option<SocketAddr>), Response = (), Error = DispatchError> + 'static,
{
    let Http2Client { stream, peer, permit: _permit } = client;
    if let Some(tcp) = stream.tcp() {
        // A socket that refuses the option works without it.
        let _ = tcp.set_nodelay(true);
    }
    let mut open = settings.http2.begin();
    let sent = SentBytes::default();
    let is_secure = stream.is_secure();
    let limits = (settings.header_timeout, settings.idle_timeout);
    let watch = FrameWatch::new(stream, sent.clone(), limits);
    let handshake = builder(settings.streams_max).handshake::<_, Bytes>(watch);
    let connection = match timeout(settings.header_timeout, handshake).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => return broken(&error),
        Err(_late) => return,
    };
    let context = Rc::new(StreamContext { http_1, peer, is_secure, settings, sent });
    if let Err(error) = run(connection, &context, &mut open).await {
        broken(&error);
    }
}

fn builder(streams_max: u32) -> Builder {
    let mut builder = Builder::new();
    builder
        .max_concurrent_streams(streams_max)
        .initial_window_size(STREAM_WINDOW_BYTES)
        // All streams may fill their windows, so that one whose backend is slow holds up no other.
        .initial_connection_window_size(
            STREAM_WINDOW_BYTES.saturating_mul(streams_max).min(WINDOW_MAX),
        )
        .max_frame_size(FRAME_BYTES_MAX)
        .max_header_list_size(HEADER_LIST_BYTES_MAX)
        .max_send_buffer_size(SEND_BUFFER_BYTES_MAX)
        .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
        .max_local_error_reset_streams(Some(WRONG_STREAMS_MAX))
        .max_concurrent_reset_streams(RESET_STREAMS_MAX)
        .reset_stream_duration(RESET_STREAM_MEMORY);
    builder
}

/// The largest window there is (section 6.9.1).
const WINDOW_MAX: u32 = (1 << 31) - 1;

async fn run<S>(
    mut connection: Connection<FrameWatch, Bytes>,
    context: &Rc<StreamContext<S>>,
    open: &mut OpenConnection,
) -> Result<(), h2::Error>
where
    S: Service<(ClientSocket, Option<SocketAddr>), Response = (), Error = DispatchError> + 'static,
{
    // Dropped with the connection, and then whatever its streams had asked for is taken back.
    let mut streams = JoinSet::new();
    let mut budget = ResetBudget::new(Instant::now());
    let mut ending = false;
    let mut idle_until = tokio::time::Instant::now() + context.settings.idle_timeout;
    loop {
        tokio::select! {
            biased;
            Some(ended) = streams.join_next(), if !streams.is_empty() => {
                // A stream that panicked was reset when its parts were dropped.
                if let Ok((StreamEnd::Cancelled, begun)) = ended
                    && !budget.take(begun, Instant::now())
                {
                    BROKEN.warn("", || "client: too many HTTP/2 streams cancelled".to_owned());
                    connection.abrupt_shutdown(h2::Reason::ENHANCE_YOUR_CALM);
                    let closed = std::future::poll_fn(|cx| connection.poll_closed(cx));
                    return timeout(DISCONNECT_TIMEOUT, closed).await.unwrap_or(Ok(()));
                }
                if streams.is_empty() {
                    let patience =
                        if ending { DISCONNECT_TIMEOUT } else { context.settings.idle_timeout };
                    idle_until = tokio::time::Instant::now() + patience;
                }
            }
            () = open.told_to_end(), if !ending => {
                ending = true;
                connection.graceful_shutdown();
                idle_until = tokio::time::Instant::now() + DISCONNECT_TIMEOUT;
            }
            accepted = connection.accept() => {
                let Some(accepted) = accepted else { return Ok(()) };
                let (request, respond) = accepted?;
                let served = serve_stream(Rc::clone(context), request, respond);
                let begun = Instant::now();
                streams.spawn_local(async move { (served.await, begun) });
            }
            () = sleep_until(idle_until), if streams.is_empty() => {
                if ending {
                    return Ok(());
                }
                // Says so first, so that no request is lost that is on its way.
                ending = true;
                connection.graceful_shutdown();
                idle_until = tokio::time::Instant::now() + DISCONNECT_TIMEOUT;
            }
        }
    }
}

fn broken(error: &h2::Error) {
    // A client that leaves without a word is none of these.
    if !error.is_io() {
        BROKEN.warn("", || format!("client: HTTP/2 connection ended: {error}"));
    }
}
