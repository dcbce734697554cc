//! Hands each accepted client to what speaks its protocol.

use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::error::DispatchError;
use actix_rt::time::Instant;
use actix_service::{Service, ServiceFactory};
use futures_util::future::LocalBoxFuture;

use super::DownstreamSettings;
use super::client_protocol::ClientProtocol;
use super::client_stream::ClientStream;
use super::h1::ClientSocket;
use super::h2::serve_connection::{Http2Client, serve_connection};
use super::limits::ConnectionPermit;

/// A client within the limits, and what it speaks.
pub struct AcceptedClient {
    pub stream: ClientStream,
    pub protocol: ClientProtocol,
    pub peer: SocketAddr,
    pub permit: ConnectionPermit,
    /// When the time of its first head began to run.
    pub since: Instant,
}

/// Makes the services of the workers, of what serves connections of HTTP/1.1.
pub struct ServeProtocols<F> {
    http_1: F,
    settings: DownstreamSettings,
}

/// The service of one worker.
pub struct ProtocolService<S> {
    http_1: Rc<S>,
    settings: DownstreamSettings,
}

impl<F> ServeProtocols<F> {
    pub fn new(http_1: F, settings: DownstreamSettings) -> Self {
        Self { http_1, settings }
    }
}

impl<F> ServiceFactory<AcceptedClient> for ServeProtocols<F>
where
    F: ServiceFactory<
            (ClientSocket, Option<SocketAddr>),
            Config = (),
            Response = (),
            Error = DispatchError,
            InitError = (),
        >,
    F::Future: 'static,
    F::Service: 'static,
{
    type Response = ();
    type Error = DispatchError;
    type Config = ();
    type Service = ProtocolService<F::Service>;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Self::Service, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (http_1, settings) = (self.http_1.new_service(()), self.settings.clone());
        Box::pin(async move { Ok(ProtocolService { http_1: Rc::new(http_1.await?), settings }) })
    }
}

impl<S> Service<AcceptedClient> for ProtocolService<S>
where
    S: Service<(ClientSocket, Option<SocketAddr>), Response = (), Error = DispatchError> + 'static,
{
    type Response = ();
    type Error = DispatchError;
    type Future = LocalBoxFuture<'static, Result<(), DispatchError>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), DispatchError>> {
        self.http_1.poll_ready(cx)
    }

    fn call(&self, client: AcceptedClient) -> Self::Future {
        let AcceptedClient { stream, protocol, peer, permit, since } = client;
        let http_1 = Rc::clone(&self.http_1);
        match protocol {
            ClientProtocol::Http1 => {
                let socket = ClientSocket::new(stream, Some(permit), since, &self.settings);
                Box::pin(http_1.call((socket, Some(peer))))
            }
            ClientProtocol::Http2 => {
                let client = Http2Client { stream, peer, permit };
                let settings = self.settings.clone();
                Box::pin(async move {
                    serve_connection(client, http_1, settings).await;
                    Ok(())
                })
            }
        }
    }
}
