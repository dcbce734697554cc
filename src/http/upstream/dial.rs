//! Dialling: name, addresses, TCP, TLS, within one connect timeout.
//!
//! Handed to awc as its connector. awc's URI is ignored: there is one target.

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use actix_service::Service;
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use actix_web::http::Uri;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::net::TcpStream;

use super::error::{TlsFault, UpstreamError};
use super::tls;
use super::transport::{Transport, Wire};
use super::worker::Worker;
use crate::http::upstream::codec::CodecSocket;

/// How long one address may keep the next one waiting ("connection attempt delay", RFC 8305).
const NEXT_ADDRESS_DELAY: Duration = Duration::from_millis(250);

/// awc's connector service for one worker.
#[derive(Clone)]
pub struct Dialler {
    worker: Rc<Worker>,
    /// The address that answered last: tried first, so that a dead one costs its delay only once.
    preferred: Rc<Cell<Option<SocketAddr>>>,
}

impl Dialler {
    pub fn new(worker: Rc<Worker>) -> Self {
        Self { worker, preferred: Rc::new(Cell::new(None)) }
    }

    async fn dial(&self) -> Result<CodecSocket, UpstreamError> {
        let limit = self.worker.upstream.settings.connect_timeout;
        let transport = actix_rt::time::timeout(limit, self.connect())
            .await
            .map_err(|_| UpstreamError::ConnectTimeout)??;
        Ok(CodecSocket::new(Rc::clone(&self.worker), Wire::new(transport)))
    }

    async fn connect(&self) -> Result<Transport, UpstreamError> {
        let upstream = &self.worker.upstream;
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
        let count = upstream.admission.count_socket();
        let Some(setup) = &upstream.tls else { return Ok(Transport::plain(stream, count)) };
        let stream = setup
            .connector
            .connect(setup.server_name.clone(), stream)
            .await
            .map_err(|error| handshake_fault(&error))?;
        if !tls::is_http1(stream.get_ref().1.alpn_protocol()) {
            return Err(UpstreamError::Tls(TlsFault::Protocol));
        }
        Ok(Transport::tls(stream, count))
    }

    async fn addresses(&self) -> Result<Vec<SocketAddr>, UpstreamError> {
        let settings = &self.worker.upstream.settings;
        if !settings.pinned.is_empty() {
            return Ok(settings.pinned.clone());
        }
        let (host, port) = (settings.target.host(), settings.target.port());
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        // Resolved on the blocking pool, never on the worker itself.
        let found = tokio::net::lookup_host((host, port)).await;
        let addresses: Vec<_> = found.map_err(|_| UpstreamError::Unresolvable)?.collect();
        if addresses.is_empty() { Err(UpstreamError::Unresolvable) } else { Ok(addresses) }
    }
}

impl Service<ConnectInfo<Uri>> for Dialler {
    type Response = Connection<Uri, CodecSocket>;
    type Error = ConnectError;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Self::Error>>;

    actix_service::always_ready!();

    fn call(&self, info: ConnectInfo<Uri>) -> Self::Future {
        let dialler = self.clone();
        Box::pin(async move {
            match dialler.dial().await {
                Ok(socket) => Ok(Connection::new(info.request().clone(), socket)),
                Err(fault) => Err(ConnectError::Io(fault.into_io())),
            }
        })
    }
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
        None => UpstreamError::Tls(TlsFault::Handshake),
    }
}
