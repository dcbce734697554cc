//! What happens to every exchange between actix-http and the application, which is
//! [`intercept`](crate::http::exchange::intercept::intercept) on the data plane.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::{ConnectionType, Payload, Request, Response};
use actix_service::{Service, ServiceFactory, apply_fn_factory};
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{StatusCode, Version};
use bytes::Bytes;

use super::exchange_tracker::{ExchangeTracker, OpenExchange};
use super::payload::ClientPayload;
use crate::http::error::{Problem, ProblemKind};

/// Puts the service before an application. `idle_max` limits the pauses within a request's body.
pub fn guard_exchanges<S, B>(
    application: S,
    idle_max: Duration,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = Response<ExchangeBody<B>>,
    Error = actix_web::Error,
    InitError = (),
    Future = impl Future + 'static,
>
where
    S: ServiceFactory<
            Request,
            Config = (),
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        > + 'static,
    S::Future: 'static,
    B: MessageBody + Unpin + 'static,
{
    apply_fn_factory(application, move |mut request: Request, application: &S::Service| {
        let exchange = request.conn_data::<ExchangeTracker>().cloned().unwrap_or_default().begin();
        let framing = ResponseFraming::of(&request);
        decline_upgrade(&mut request);
        watch_body(&mut request, &exchange, idle_max);
        let answer = application.call(request);
        async move {
            let mut answer = Response::from(answer.await?);
            if exchange.is_malformed() {
                if !answer.status().is_client_error() {
                    return Err(malformed());
                }
                answer.head_mut().set_connection_type(ConnectionType::Close);
            }
            framing.apply(&mut answer);
            let endless = answer.body().size() == BodySize::Stream;
            let until_close = framing.http_1_0 && endless;
            exchange.set_answered(endless && !framing.http_1_0 && !framing.upgrade);
            Ok(answer.map_body(|_, body| ExchangeBody { body, until_close, fault: None, exchange }))
        }
    })
}

/// Takes an offer of another protocol than WebSocket out of a request, so that nobody takes it for
/// a tunnel: it is declined by not being mentioned (RFC 9110, section 7.8).
fn decline_upgrade(request: &mut Request) {
    let headers = &request.head().headers;
    if !headers.contains_key(header::UPGRADE) {
        return;
    }
    let is_websocket =
        |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket");
    if !headers.get_all(header::UPGRADE).any(is_websocket) {
        request.head_mut().headers.remove(header::UPGRADE);
        request.head_mut().headers.remove("http2-settings");
    }
}

/// Times and checks a request's body. A tunnel has no body, and a limit of its own.
fn watch_body(request: &mut Request, exchanges: &ExchangeTracker, idle_max: Duration) {
    if matches!(request.payload(), Payload::None)
        || request.head().headers.contains_key(header::UPGRADE)
    {
        return;
    }
    let payload = ClientPayload::new(request.take_payload(), exchanges.clone(), idle_max);
    *request.payload() = Payload::Stream { payload: Box::pin(payload) };
}

/// The answer to a request whose body turned out to be none, whatever was to be answered.
fn malformed() -> actix_web::Error {
    let problem = Problem::new(ProblemKind::RequestInvalid, "the body of the request is malformed");
    let mut response = problem.response();
    response.head_mut().set_connection_type(ConnectionType::Close);
    InternalError::from_response(problem, response).into()
}

/// What of a request decides how its answer is sent.
struct ResponseFraming {
    http_1_0: bool,
    upgrade: bool,
}

impl ResponseFraming {
    fn of(request: &Request) -> Self {
        Self { http_1_0: request.version() == Version::HTTP_10, upgrade: request.upgrade() }
    }

    fn apply<B: MessageBody>(&self, answer: &mut Response<B>) {
        let endless = answer.body().size() == BodySize::Stream;
        let head = answer.head_mut();
        if self.http_1_0 && endless {
            // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
            head.no_chunking(true);
            head.set_connection_type(ConnectionType::Close);
        }
        if self.upgrade && head.status != StatusCode::SWITCHING_PROTOCOLS {
            // Whatever the client sent behind such a head is not a request: it must not be read as
            // one, and actix-http would wait for its end for ever.
            head.set_connection_type(ConnectionType::Close);
        }
    }
}

/// The body of an answer, until whose end the exchange is open.
pub struct ExchangeBody<B: MessageBody> {
    body: B,
    /// The end of the connection is the end of this body.
    until_close: bool,
    fault: Option<B::Error>,
    exchange: OpenExchange,
}

/// Nothing in it is ever pinned in place.
impl<B: MessageBody + Unpin> Unpin for ExchangeBody<B> {}

impl<B: MessageBody + Unpin> MessageBody for ExchangeBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    /// A fault is told one turn late: at once, actix-http would throw away what was written before
    /// it, and the client would see the connection close without an answer.
    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        if let Some(fault) = this.fault.take() {
            return Poll::Ready(Some(Err(fault)));
        }
        match Pin::new(&mut this.body).poll_next(cx) {
            Poll::Ready(Some(Err(fault))) => {
                if this.until_close {
                    this.exchange.reset();
                }
                this.fault = Some(fault);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            polled => polled,
        }
    }
}
