//! awc's connector: dials the one target there is, whatever awc's URI says.

use std::rc::Rc;

use actix_service::Service;
use actix_tls::connect::{ConnectError, ConnectInfo, Connection as AwcConnection};
use actix_web::http::Uri;
use futures_util::future::LocalBoxFuture;

use super::codec::CodecSocket;
use super::connection::BackendConnection;
use super::worker::Worker;
use crate::http::upstream::dial::Dialler;

/// awc's connector service for one worker.
#[derive(Clone)]
pub struct Connector {
    worker: Rc<Worker>,
    dialler: Dialler,
}

impl Connector {
    pub fn new(worker: Rc<Worker>) -> Self {
        let dialler = Dialler::new(worker.upstream.clone());
        Self { worker, dialler }
    }
}

impl Service<ConnectInfo<Uri>> for Connector {
    type Response = AwcConnection<Uri, CodecSocket>;
    type Error = ConnectError;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Self::Error>>;

    actix_service::always_ready!();

    fn call(&self, info: ConnectInfo<Uri>) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            match connector.dialler.dial().await {
                Ok(stream) => {
                    let socket = CodecSocket::new(connector.worker, BackendConnection::new(stream));
                    Ok(AwcConnection::new(info.request().clone(), socket))
                }
                Err(fault) => Err(ConnectError::Io(fault.into_io())),
            }
        })
    }
}
