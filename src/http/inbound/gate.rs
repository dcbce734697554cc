//! What happens to every exchange between actix-http and the application.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_http::{ConnectionType, Request, Response};
use actix_service::{Service, ServiceFactory, apply_fn_factory};
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::error::ErrorBadRequest;
use actix_web::http::{StatusCode, Version};
use bytes::Bytes;

use super::socket::Exchanges;

/// Puts the gate before an application.
pub fn gated<S, B>(
    application: S,
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
    apply_fn_factory(application, |request: Request, application: &S::Service| {
        let exchange = OpenExchange(request.conn_data::<Exchanges>().cloned());
        if let Some(exchanges) = &exchange.0 {
            exchanges.begin();
        }
        let manners = Manners::of(&request);
        // Requests that were already read behind one whose answer closes the connection are dead.
        let closing = exchange.0.as_ref().is_some_and(Exchanges::is_closing);
        let answer = (!closing).then(|| application.call(request));
        async move {
            let Some(answer) = answer else {
                return Err(ErrorBadRequest("request behind the end of the connection"));
            };
            let mut answer = Response::from(answer.await?);
            manners.apply(&mut answer);
            if answer.head().connection_type() == ConnectionType::Close
                && let Some(exchanges) = &exchange.0
            {
                exchanges.close();
            }
            Ok(answer.map_body(|_, body| ExchangeBody { body, _exchange: exchange }))
        }
    })
}

/// What of a request decides how its answer is sent.
struct Manners {
    http_1_0: bool,
    upgrade: bool,
}

impl Manners {
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

/// Tells the socket that the exchange ended, however it ended.
struct OpenExchange(Option<Exchanges>);

impl Drop for OpenExchange {
    fn drop(&mut self) {
        if let Some(exchanges) = &self.0 {
            exchanges.end();
        }
    }
}

/// The body of an answer, until whose end the exchange is open.
pub struct ExchangeBody<B> {
    body: B,
    _exchange: OpenExchange,
}

impl<B: MessageBody + Unpin> MessageBody for ExchangeBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(cx)
    }
}
