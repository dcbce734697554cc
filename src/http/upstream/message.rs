//! What goes to the backend and what comes back: the types the request path works with.

use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::error::PayloadError;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, StatusCode};
use bytes::Bytes;
use futures_util::Stream;

use super::h1::UpstreamBody;

/// The client's upload: `web::Payload` or anything alike, boxed.
pub type RequestStream = Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>;

/// A request to the backend.
pub struct UpstreamRequest {
    /// Sent as it is; decides whether the answer has a body.
    pub method: Method,
    /// Passed on byte by byte, behind the target's base path.
    pub path_and_query: PathAndQuery,
    /// End-to-end fields, `Host` among them (see [`headers`](super::headers)). Framing and
    /// connection fields are written by the transport and skipped here.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What is uploaded, and how it is framed.
    pub body: RequestBody,
    /// Asks for a protocol switch; `headers` then carry `Upgrade`, and `body` is the client's raw
    /// byte stream, of which nothing is sent before the backend's `101`.
    pub tunnel: bool,
    /// The client sends its body only after `100`: so is the backend asked, and the body is sent
    /// once it agrees or has said nothing for a second (RFC 9110, section 10.1.1).
    pub expect_continue: bool,
    /// The client, for what passes beside head and body.
    pub client: Option<Rc<dyn SideChannel>>,
}

/// What passes between a client and the backend beside heads and bodies: hints on the way.
pub trait SideChannel {
    /// Passes on an interim answer (1xx), of which the fields are ready to be sent.
    fn interim(&self, status: StatusCode, headers: &[(HeaderName, HeaderValue)]);

    /// Whether the client said `TE: trailers`, for its request and its answer.
    fn accepts_trailers(&self) -> bool;

    /// The trailers of the request, once its body has ended: whole lines, without the empty last
    /// one.
    fn request_trailers(&self) -> Vec<u8>;

    /// Passes on the trailers of the answer, before its body ends; in the same form.
    fn response_trailers(&self, section: Vec<u8>);
}

/// The body of a request.
#[derive(Default)]
pub enum RequestBody {
    /// Neither `Content-Length` nor `Transfer-Encoding` is sent.
    #[default]
    None,
    /// Exactly this many bytes, announced by `Content-Length`.
    Sized(u64, RequestStream),
    /// Sent in chunks, one for each item.
    Chunked(RequestStream),
}

/// The backend's answer: its head, and its body on the way.
#[derive(Debug)]
pub struct UpstreamResponse {
    /// 200 and above, or 101 for a tunnel.
    pub status: StatusCode,
    /// In wire order, repeated fields kept; without `Content-Length` and `Transfer-Encoding`,
    /// which [`UpstreamBody::size`] stands for. Still the backend's raw fields: see
    /// [`headers`](super::headers) for what a client may see.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// On the way: see [`UpstreamBody`].
    pub body: UpstreamBody,
}

/// When things happened; the parts of the backend's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// The last byte of the request was handed to the socket (for an answer that came before the
    /// upload ended: the head was).
    pub sent_at: Instant,
    /// From `sent_at` to the first byte of the answer's head.
    pub first_byte: Duration,
    /// From `sent_at` to the last byte of the answer; absent until it arrived.
    pub last_byte: Option<Duration>,
}
