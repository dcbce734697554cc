//! The client of one worker: a place in flight, sending, the one safe retry.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use actix_http::error::ParseError;
use actix_http::{HttpMessage, Payload};
use actix_web::body::{self, BodySize};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use awc::FrozenClientRequest;
use awc::error::{ConnectError, SendRequestError};
use bytes::{Bytes, BytesMut};

use super::body::UpstreamBody;
use super::connector::Connector;
use super::exchange::{Exchange, Outgoing, PhaseLimits, Upload, UploadFraming};
use super::worker::Worker;
use crate::http::framing::{Framing, HeadContext, ResponseHead};
use crate::http::upstream::egress_proxy::EgressProxy;
use crate::http::upstream::error::UpstreamError;
use crate::http::upstream::message::{RequestBody, UpstreamRequest, UpstreamResponse};
use crate::http::upstream::settings::Upstream;

/// A body up to this size that is already there is sent in one write with the head, and can be
/// sent again. Larger ones are streamed by a task of their own.
const INLINE_BODY_BYTES_MAX: u64 = 16 * 1024;
/// How often a request of which nothing was sent may find a stale socket before the fault is
/// believed. Each failure distrusts all idle sockets, so the second attempt usually dials.
const STALE_RETRIES_MAX: u32 = 4;
/// The authority of the URIs awc sees: the key of its pool, which it hashes byte by byte and whose
/// port it looks for, hence short and with one.
const AUTHORITY: &str = "u:1";
/// awc's own timers never act; the phases are timed by the codec and the dialler.
const AWC_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 3600);

/// The way to the backend for one worker thread. Cheap to clone; not `Send`.
#[derive(Clone)]
pub struct UpstreamClient {
    worker: Rc<Worker>,
    awc: awc::Client,
    prepared: Rc<PreparedRequests>,
}

/// The requests awc believes to send, one for each ticket number, made once and sent again and
/// again: only their path differs. They hold the connector and through it the worker, hence not
/// its property.
#[derive(Default)]
struct PreparedRequests(RefCell<Vec<Rc<FrozenClientRequest>>>);

impl UpstreamClient {
    /// Builds awc's connector over the worker's own pool; one for each worker thread.
    pub fn new(upstream: Arc<Upstream>) -> Self {
        let keep = upstream.settings.pool_idle_timeout;
        let worker = Worker::new(upstream);
        let connector = awc::Connector::new()
            .connector(Connector::new(Rc::clone(&worker)))
            .limit(0)
            .timeout(AWC_TIMEOUT)
            .conn_keep_alive(keep)
            .conn_lifetime(AWC_TIMEOUT);
        let awc = awc::Client::builder()
            .connector(connector)
            .disable_timeout()
            .disable_redirects()
            .no_default_headers()
            .finish();
        Self { worker, awc, prepared: Rc::default() }
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// The upload is sent while the answer is awaited and read. Dropping the future, or the body of
    /// the answer, closes the connection.
    ///
    /// # Errors
    /// The typed cause; nothing of an answer was passed on then.
    pub async fn send(&self, request: UpstreamRequest) -> Result<UpstreamResponse, UpstreamError> {
        let permit = self.worker.upstream.concurrency.acquire()?;
        let mut head = written_head(&request, &self.worker.upstream);
        let context =
            HeadContext { head_request: request.method == Method::HEAD, tunnel: request.tunnel };
        let idempotent = request.method.is_idempotent();
        let expect_continue = request.expect_continue;
        let via = request.headers.iter().rfind(|(name, _)| *name == header::VIA);
        let via = via.map(|(_, value)| value.clone());
        let mut upload = upload_of(request.body, request.tunnel);
        let at_hand =
            |upload: &mut Upload| !expect_continue && upload.framing.fits(INLINE_BODY_BYTES_MAX);
        if let Some(small) = upload.take_if(at_hand) {
            upload = inline_body(small, &mut head).await?;
        }
        let client = request.client;
        let outgoing = Outgoing { head, context, idempotent, upload, expect_continue, client, via };
        let exchange = Exchange::new(outgoing, self.limits());
        let mut stale = 0;
        let mut replayed = false;
        loop {
            let fault = match self.attempt(&exchange).await {
                Ok(payload) => {
                    let mut response = answer(payload, exchange, permit)?;
                    response.body.begin().await?;
                    return Ok(response);
                }
                Err(fault) => fault,
            };
            let died = exchange.died_unanswered(&fault);
            if exchange.is_stale() && stale < STALE_RETRIES_MAX {
                stale += 1;
            } else if died && exchange.replayable && !replayed {
                replayed = true;
            } else {
                if died {
                    self.worker.note_close(Instant::now());
                }
                return Err(fault);
            }
            self.worker.distrust_idle();
            exchange.reset();
        }
    }

    /// Idle and busy sockets, requests in flight: shared with the other workers.
    pub fn upstream(&self) -> &Arc<Upstream> {
        &self.worker.upstream
    }

    async fn attempt(&self, exchange: &Rc<Exchange>) -> Result<Payload, UpstreamError> {
        let ticket = self.worker.tickets.register(Rc::clone(exchange));
        let request = self.prepared.of(ticket.number(), &self.awc)?;
        match request.send_body(body::None::new()).await {
            Ok(mut response) => Ok(response.take_payload()),
            Err(error) => Err(exchange.take_fault().unwrap_or_else(|| cause_of(&error))),
        }
    }

    fn limits(&self) -> PhaseLimits {
        let settings = &self.worker.upstream.settings;
        PhaseLimits {
            first_byte: settings.first_byte_timeout,
            idle: settings.idle_timeout,
            write_stall: settings.write_stall_timeout,
            tunnel_idle: settings.tunnel_idle_timeout,
        }
    }
}

impl PreparedRequests {
    /// The request that carries a ticket number.
    fn of(
        &self,
        number: usize,
        awc: &awc::Client,
    ) -> Result<Rc<FrozenClientRequest>, UpstreamError> {
        let mut prepared = self.0.borrow_mut();
        // Numbers are given out from 0 on without gaps: one is missing at most.
        while prepared.len() <= number {
            let uri = format!("http://{AUTHORITY}/{}", prepared.len());
            let request = awc.get(uri).no_decompress();
            // awc writes a `Host` into each head, and composes one where there is none.
            let request = request.insert_header((header::HOST, HeaderValue::from_static("u")));
            let request = request.freeze().map_err(|_| NO_REQUEST)?;
            prepared.push(Rc::new(request));
        }
        prepared.get(number).map(Rc::clone).ok_or(NO_REQUEST)
    }
}

const NO_REQUEST: UpstreamError = UpstreamError::Transport("ticket makes no request");

fn upload_of(body: RequestBody, tunnel: bool) -> Option<Upload> {
    let (stream, framing) = match body {
        RequestBody::None | RequestBody::Sized(0, _) => return None,
        RequestBody::Chunked(stream) if tunnel => (stream, UploadFraming::Raw),
        RequestBody::Chunked(stream) => (stream, UploadFraming::Chunked),
        RequestBody::Sized(length, stream) => (stream, UploadFraming::Sized(length)),
    };
    Some(Upload { stream, first: None, framing })
}

/// Room for the method, the version, and the fields of framing and connection.
const HEAD_BYTES_MIN: usize = 128;

fn written_head(request: &UpstreamRequest, upstream: &Upstream) -> Vec<u8> {
    let (target, path) = (upstream.target(), request.path_and_query.as_str());
    let fields = request.headers.iter();
    let fields = fields.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    let length = target.base_path().len() + path.len() + fields.sum::<usize>() + HEAD_BYTES_MIN;
    let mut head = Vec::with_capacity(length);
    head.extend_from_slice(request.method.as_str().as_bytes());
    head.extend_from_slice(b" ");
    // A proxy is told where the target is; behind TLS it has seen that before.
    let proxy = upstream.settings.proxy.as_ref().filter(|_| !target.is_tls());
    if proxy.is_some() {
        head.extend_from_slice(b"http://");
        head.extend_from_slice(target.authority().as_bytes());
    }
    head.extend_from_slice(target.base_path().as_bytes());
    head.extend_from_slice(path.as_bytes());
    head.extend_from_slice(b" HTTP/1.1\r\n");
    if !request.headers.iter().any(|(name, _)| *name == header::HOST) {
        write_field(&mut head, &header::HOST, target.host_header().as_bytes());
    }
    if let Some(credentials) = proxy.and_then(EgressProxy::credentials) {
        write_field(&mut head, &header::PROXY_AUTHORIZATION, credentials.as_bytes());
    }
    for (name, value) in &request.headers {
        if !is_transport_field(name) {
            write_field(&mut head, name, value.as_bytes());
        }
    }
    if request.headers.iter().any(|(name, _)| *name == header::TE) {
        write_field(&mut head, &header::CONNECTION, b"te");
    }
    if request.expect_continue {
        write_field(&mut head, &header::EXPECT, b"100-continue");
    }
    match &request.body {
        _ if request.tunnel => write_field(&mut head, &header::CONNECTION, b"upgrade"),
        RequestBody::None => {}
        RequestBody::Sized(length, _) => {
            let mut digits = itoa::Buffer::new();
            write_field(&mut head, &header::CONTENT_LENGTH, digits.format(*length).as_bytes());
        }
        RequestBody::Chunked(_) => write_field(&mut head, &header::TRANSFER_ENCODING, b"chunked"),
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Fields the transport alone writes: two writers of framing are how requests get smuggled.
fn is_transport_field(name: &HeaderName) -> bool {
    [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING].contains(name)
}

#[inline]
fn write_field(head: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    head.extend_from_slice(name.as_str().as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

/// Appends a small body that is already there to the head; what is not there yet stays an upload.
async fn inline_body(
    mut upload: Upload,
    head: &mut Vec<u8>,
) -> Result<Option<Upload>, UpstreamError> {
    let UploadFraming::Sized(length) = upload.framing else { return Ok(Some(upload)) };
    let mut gathered = BytesMut::new();
    let mut yielded = false;
    loop {
        let polled = poll_fn(|cx| Poll::Ready(upload.stream.as_mut().poll_next(cx))).await;
        match polled {
            Poll::Ready(Some(Ok(piece))) if gathered.len() as u64 + piece.len() as u64 > length => {
                return Err(UpstreamError::Request("body longer than its length"));
            }
            Poll::Ready(Some(Ok(piece))) => gathered.extend_from_slice(&piece),
            Poll::Ready(None) if gathered.len() as u64 == length => {
                head.extend_from_slice(&gathered);
                return Ok(None);
            }
            Poll::Ready(Some(Err(error))) => return Err(UpstreamError::of_upload(&error)),
            Poll::Ready(None) => return Err(UpstreamError::ClientGone),
            // The server side decodes a body only after it gave the request its first turn.
            Poll::Pending if !yielded => {
                yielded = true;
                tokio::task::yield_now().await;
            }
            Poll::Pending => break,
        }
    }
    upload.first = Some(gathered.freeze()).filter(|piece: &Bytes| !piece.is_empty());
    Ok(Some(upload))
}

fn answer(
    payload: Payload,
    exchange: Rc<Exchange>,
    permit: crate::http::upstream::concurrency_limit::ConcurrencyPermit,
) -> Result<UpstreamResponse, UpstreamError> {
    let head = exchange.take_response().ok_or(UpstreamError::Transport("answer without a head"))?;
    let size = announced_size(&head, exchange.context);
    let ResponseHead { status, mut headers, declared_length, .. } = head;
    if status == StatusCode::NOT_MODIFIED
        && let Some(length) = declared_length
    {
        // The length of what was not sent (RFC 9110, section 15.4.5): a field, not a size.
        headers.push((header::CONTENT_LENGTH, HeaderValue::from(length)));
    }
    let body = UpstreamBody::new(payload, exchange, size, permit);
    Ok(UpstreamResponse { status, headers, body })
}

/// The size to announce to the client.
fn announced_size(head: &ResponseHead, context: HeadContext) -> BodySize {
    match head.framing {
        Framing::Length(length) => BodySize::Sized(length),
        Framing::Chunked | Framing::UntilClose | Framing::Tunnel => BodySize::Stream,
        Framing::Bodiless if context.head_request && head.status != StatusCode::NOT_MODIFIED => {
            head.declared_length.map_or(BodySize::None, BodySize::Sized)
        }
        Framing::Bodiless => BodySize::None,
    }
}

/// The cause inside awc's error. The codec and the dialler put one into each error they give to
/// awc; what has none is awc's own and means that codec and awc no longer fit together.
fn cause_of(error: &SendRequestError) -> UpstreamError {
    let io = match error {
        SendRequestError::Connect(ConnectError::Io(io)) | SendRequestError::Send(io) => Some(io),
        SendRequestError::Response(ParseError::Io(io)) => Some(io),
        _ => None,
    };
    io.and_then(UpstreamError::from_io).unwrap_or_else(|| {
        log::error!("the transport failed in an unexpected way: {error:?}");
        UpstreamError::Transport("unexpected error")
    })
}

/// [`cause_of`] for an error in the middle of a body.
pub(super) fn cause_in_body(error: &PayloadError) -> UpstreamError {
    let io = match error {
        PayloadError::Io(io) | PayloadError::Incomplete(Some(io)) => Some(io),
        _ => None,
    };
    io.and_then(UpstreamError::from_io).unwrap_or(UpstreamError::Truncated)
}
