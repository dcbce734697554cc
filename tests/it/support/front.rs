//! The least proxy that can be built on `UpstreamClient`, behind the double's own client side: what
//! the transport is tested through.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{StatusCode, Version};
use actix_web::{App, HttpRequest, HttpResponse, web};
use stunt_double::http::downstream;
use stunt_double::http::downstream::{
    ConnectionLimits, DownstreamSettings, ExchangeTracker, Http2Connections,
};
use stunt_double::http::upstream::headers::{
    ForwardContext, HeaderPolicy, ResponseContext, request_headers, response_headers,
};
use stunt_double::http::upstream::{
    RequestBody, Target, Upstream, UpstreamClient, UpstreamRequest, UpstreamSettings,
};

/// A running proxy, stopped on drop.
pub struct Front {
    pub addr: SocketAddr,
    pub upstream: Arc<Upstream>,
    server: ServerHandle,
}

/// Settings for a backend, with limits short enough for tests.
pub fn settings(url: &str) -> UpstreamSettings {
    UpstreamSettings::new(Target::parse(url).unwrap())
}

/// The double's defaults, for as many clients as a test wants.
fn clients(workers: usize) -> DownstreamSettings {
    DownstreamSettings {
        workers: Some(workers),
        tls: None,
        backlog: 1_024,
        header_timeout: Duration::from_secs(10),
        idle_timeout: Duration::from_secs(60),
        connections: Arc::new(ConnectionLimits::new(usize::MAX, usize::MAX)),
        streams_max: 128,
        http2: Http2Connections::default(),
    }
}

impl Front {
    pub fn to(url: &str) -> Self {
        Self::start(settings(url))
    }

    pub fn start(settings: UpstreamSettings) -> Self {
        Self::with_workers(settings, 1)
    }

    pub fn with_workers(settings: UpstreamSettings, workers: usize) -> Self {
        let upstream = Upstream::new(settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (started, server) = mpsc::channel();
        let shared = Arc::clone(&upstream);
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let application = move || {
                    App::new()
                        .app_data(web::Data::new(shared.client()))
                        .default_service(web::to(pass))
                };
                let server = downstream::serve(listener, clients(workers), application).unwrap();
                started.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self { addr, upstream, server: server.recv().unwrap() }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn pass(
    request: HttpRequest,
    payload: web::Payload,
    client: web::Data<UpstreamClient>,
) -> HttpResponse {
    let header_policy = HeaderPolicy {
        links: Arc::default(),
        target: client.upstream().target().clone(),
        preserve_host: false,
        trusted_proxies: Vec::new(),
        rewrite_location: false,
        pseudonym: "front".into(),
    };
    let tunnel = asks_for_tunnel(request.headers());
    let tracker = request.conn_data::<ExchangeTracker>().cloned();
    let trailers = tracker.as_ref().is_some_and(|tracker| tracker.facts().accepts_trailers);
    let facts = ForwardContext {
        peer: request.peer_addr().map(|addr| addr.ip()),
        scheme: "http",
        version: Version::HTTP_11,
        tunnel,
        trailers,
    };
    let Ok(headers) = request_headers(request.headers(), facts, &header_policy) else {
        return HttpResponse::new(StatusCode::LOOP_DETECTED);
    };
    let path_and_query =
        request.uri().path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    let length = request.headers().get(header::CONTENT_LENGTH);
    let body = if tunnel || request.headers().contains_key(header::TRANSFER_ENCODING) {
        RequestBody::Chunked(Box::pin(payload))
    } else if let Some(length) = length {
        RequestBody::Sized(length.to_str().unwrap().parse().unwrap(), Box::pin(payload))
    } else {
        RequestBody::None
    };
    let method = request.method().clone();
    let sent = client.send(UpstreamRequest {
        method,
        path_and_query,
        headers,
        body,
        tunnel,
        expect_continue: tracker.as_ref().is_some_and(|tracker| tracker.facts().expects_continue),
        client: tracker.as_ref().map(ExchangeTracker::side_channel),
    });
    let sent = sent.await;
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) => {
            let mut problem = HttpResponse::build(error.kind().status());
            if let Some(wait) = error.retry_after() {
                problem.insert_header((header::RETRY_AFTER, wait.as_secs()));
            }
            return problem.insert_header(("x-mock-error", error.kind().slug())).finish();
        }
    };
    let mut reply = HttpResponse::build(answer.status);
    let context = ResponseContext { tunnel, client_host: None, trailers };
    for field in response_headers(&answer.headers, context, &header_policy) {
        reply.append_header(field);
    }
    if answer.status == StatusCode::SWITCHING_PROTOCOLS {
        let protocol = answer.headers.iter().find(|(name, _)| *name == header::UPGRADE);
        let protocol = protocol.map(|(_, value)| value.clone());
        reply.upgrade(protocol.unwrap_or(header::HeaderValue::from_static("websocket")));
    }
    reply.body(answer.body)
}

fn asks_for_tunnel(headers: &HeaderMap) -> bool {
    let upgrade = headers.get_all(header::CONNECTION).any(|value| {
        let options = value.to_str().unwrap_or_default().split(',');
        options.map(str::trim).any(|option| option.eq_ignore_ascii_case("upgrade"))
    });
    upgrade && headers.contains_key(header::UPGRADE)
}
