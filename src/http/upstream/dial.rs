//! Dialling: name, addresses, TCP, TLS, within one connect timeout.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::framing::HeadError;
use super::super::log_limiter::LogLimiter;
use super::egress_proxy::EgressProxy;
use super::error::{TlsFailure, UpstreamError};
use super::settings::Upstream;
use super::target::Target;
use super::tls;
use super::transport::Transport;

/// How long one address may keep the next one waiting ("connection attempt delay", RFC 8305).
const NEXT_ADDRESS_DELAY: Duration = Duration::from_millis(250);

/// Longest answer of a proxy to `CONNECT`; real ones are below 1 KiB.
const PROXY_HEAD_BYTES_MAX: usize = 16 * 1024;

/// A proxy that refuses one tunnel refuses the others as well.
static PROXY_REFUSAL: LogLimiter = LogLimiter::new();

/// Opens connections to the backend for one worker.
#[derive(Clone)]
pub struct Dialler {
    upstream: Arc<Upstream>,
    /// The address that answered last: tried first, so that a dead one costs its delay only once.
    preferred: Rc<Cell<Option<SocketAddr>>>,
}

impl Dialler {
    pub fn new(upstream: Arc<Upstream>) -> Self {
        Self { upstream, preferred: Rc::new(Cell::new(None)) }
    }

    /// A fresh connection, with TLS where the target asks for it.
    ///
    /// # Errors
    /// The typed cause, [`UpstreamError::ConnectTimeout`] when all of it took too long.
    pub async fn dial(&self) -> Result<Transport, UpstreamError> {
        let limit = self.upstream.settings.connect_timeout;
        actix_rt::time::timeout(limit, self.connect())
            .await
            .map_err(|_| UpstreamError::ConnectTimeout)?
    }

    async fn connect(&self) -> Result<Transport, UpstreamError> {
        let upstream = &self.upstream;
        let mut addresses = self.addresses().await?;
        if let Some(at) = self
            .preferred
            .get()
            .and_then(|known| addresses.iter().position(|address| *address == known))
        {
            addresses.swap(0, at);
        }
        let (stream, address) = first_to_connect(&addresses).await?;
        self.preferred.set(Some(address));
        // Heads and small bodies are written in one piece; waiting for more only adds latency.
        stream.set_nodelay(true).map_err(|error| connect_fault(&error))?;
        let count = upstream.concurrency.count_socket();
        let Some(setup) = &upstream.tls else { return Ok(Transport::plain(stream, count)) };
        let mut stream = stream;
        if let Some(proxy) = &upstream.settings.proxy {
            open_tunnel(&mut stream, proxy, &upstream.settings.target).await?;
        }
        let stream = setup
            .connector
            .connect(setup.server_name.clone(), stream)
            .await
            .map_err(|error| handshake_fault(&error))?;
        if !tls::is_http1(stream.get_ref().1.alpn_protocol()) {
            return Err(UpstreamError::Tls(TlsFailure::Protocol));
        }
        Ok(Transport::tls(stream, count))
    }

    async fn addresses(&self) -> Result<Vec<SocketAddr>, UpstreamError> {
        let settings = &self.upstream.settings;
        if !settings.pinned.is_empty() {
            return Ok(settings.pinned.clone());
        }
        let (host, port) = match &settings.proxy {
            Some(proxy) => (proxy.host(), proxy.port()),
            None => (settings.target.host(), settings.target.port()),
        };
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        // Resolved on the blocking pool, never on the worker itself.
        let found = tokio::net::lookup_host((host, port)).await;
        let addresses: Vec<_> = found.map_err(|_| UpstreamError::Unresolvable)?.collect();
        if addresses.is_empty() { Err(UpstreamError::Unresolvable) } else { Ok(addresses) }
    }
}

/// Asks a proxy for a tunnel to the target, and reads its answer to the last byte and no further.
async fn open_tunnel(
    stream: &mut TcpStream,
    proxy: &EgressProxy,
    target: &Target,
) -> Result<(), UpstreamError> {
    stream.write_all(&proxy.connect_head(target)).await.map_err(|error| connect_fault(&error))?;
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        // Byte by byte, once a connection: what follows the head is the target's.
        let byte = stream.read_u8().await.map_err(|_| UpstreamError::Reset)?;
        head.push(byte);
        if head.len() > PROXY_HEAD_BYTES_MAX {
            return Err(UpstreamError::Invalid(HeadError::TooLarge.into()));
        }
    }
    let status = head.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5)).unwrap_or_default();
    if status.starts_with(b"2") {
        return Ok(());
    }
    let status = String::from_utf8_lossy(status);
    PROXY_REFUSAL.warn("", || format!("{proxy} opens no tunnel to the backend: {status}"));
    Err(UpstreamError::Unreachable)
}

/// Tries the addresses in order, each as soon as the one before failed or kept it waiting; the
/// first connection wins and the others are dropped.
async fn first_to_connect(
    addresses: &[SocketAddr],
) -> Result<(TcpStream, SocketAddr), UpstreamError> {
    let mut waiting = addresses.iter().copied();
    let mut attempts = FuturesUnordered::new();
    let mut fault = UpstreamError::Unresolvable;
    let attempt = |address| async move { (TcpStream::connect(address).await, address) };
    attempts.extend(waiting.next().map(attempt));
    loop {
        let outcome = actix_rt::time::timeout(NEXT_ADDRESS_DELAY, attempts.next()).await;
        match outcome {
            Ok(Some((Ok(stream), address))) => return Ok((stream, address)),
            Ok(Some((Err(error), _))) => fault = connect_fault(&error),
            Ok(None) => return Err(fault),
            Err(_) => {}
        }
        attempts.extend(waiting.next().map(attempt));
    }
}

fn connect_fault(error: &io::Error) -> UpstreamError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => UpstreamError::Refused,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            UpstreamError::Unreachable
        }
        io::ErrorKind::TimedOut => UpstreamError::ConnectTimeout,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => UpstreamError::Reset,
        other => UpstreamError::NoSocket(other),
    }
}

fn handshake_fault(error: &io::Error) -> UpstreamError {
    match tls::fault_of(error) {
        Some(fault) => UpstreamError::Tls(fault),
        None => UpstreamError::Tls(TlsFailure::Handshake),
    }
}
