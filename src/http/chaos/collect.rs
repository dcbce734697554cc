//! The whole body of an answer, for effects that need to see it before a byte of it goes out.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header;
use bytes::{Bytes, BytesMut};

use crate::domain::chaos::fault::corrupt::damage::BODY_BYTES_MAX;
use crate::http::exchange::response::{Response, ResponseBody};
use crate::runtime::chaos::Cancellation;

type BoxError = Box<dyn std::error::Error>;

/// Event streams go on for hours; their reader would wait for the end that a damage needs.
const EVENT_STREAM: &[u8] = b"text/event-stream";

/// The whole body, when it is no longer than what can be damaged. Otherwise, when it breaks off,
/// and when its rule is taken back meanwhile, the answer is left as if nobody had looked.
pub async fn collect(answer: &mut Response, cancellation: &Cancellation) -> Option<Bytes> {
    let size = match &answer.body {
        ResponseBody::Bytes(bytes) => return Some(bytes.clone()),
        ResponseBody::Stream(body) => body.size(),
        ResponseBody::None | ResponseBody::Announced(_) | ResponseBody::Tunnel(_) => return None,
    };
    let kind = answer.headers.iter().find(|(name, _)| *name == header::CONTENT_TYPE);
    let endless = kind.is_some_and(|(_, kind)| kind.as_bytes().starts_with(EVENT_STREAM));
    if endless || matches!(size, BodySize::Sized(bytes) if bytes > BODY_BYTES_MAX as u64) {
        return None;
    }
    let ResponseBody::Stream(mut body) = std::mem::replace(&mut answer.body, ResponseBody::None)
    else {
        return None;
    };
    let mut taken_back = Box::pin(cancellation.clone().cancelled());
    let mut collected = BytesMut::new();
    let (rest, error) = loop {
        let piece = poll_fn(|cx| match taken_back.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => Pin::new(&mut body).poll_next(cx).map(Some),
        });
        match piece.await {
            Some(Some(Ok(piece))) => collected.extend_from_slice(&piece),
            Some(Some(Err(error))) => break (None, Some(error)),
            Some(None) => {
                let whole = collected.freeze();
                answer.body = ResponseBody::Bytes(whole.clone());
                return Some(whole);
            }
            None => break (Some(body), None),
        }
        if collected.len() > BODY_BYTES_MAX {
            break (Some(body), None);
        }
    };
    let replayed = Prefixed::new(size, collected.freeze(), rest, error);
    answer.body = ResponseBody::Stream(BoxBody::new(replayed));
    None
}

/// A body of which a part was read already.
struct Prefixed {
    size: BodySize,
    prefix: Option<Bytes>,
    rest: Option<BoxBody>,
    error: Option<BoxError>,
}

impl Prefixed {
    /// `prefix`, then `rest`, then the `error` that ended it.
    fn new(size: BodySize, prefix: Bytes, rest: Option<BoxBody>, error: Option<BoxError>) -> Self {
        let prefix = (!prefix.is_empty()).then_some(prefix);
        Self { size, prefix, rest, error }
    }
}

impl MessageBody for Prefixed {
    type Error = BoxError;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BoxError>>> {
        let this = self.get_mut();
        if let Some(prefix) = this.prefix.take() {
            return Poll::Ready(Some(Ok(prefix)));
        }
        if let Some(rest) = &mut this.rest {
            return Pin::new(rest).poll_next(cx);
        }
        Poll::Ready(this.error.take().map(Err))
    }
}
