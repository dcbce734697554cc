//! A body on its way out under chaos: cut short with intact framing, paced, or cut off.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;

use crate::domain::chaos::plan::{BodyPace, CloseKind};
use crate::http::delay;
use crate::http::downstream::{ExchangeTracker, PlannedAbort};
use crate::runtime::chaos::Cancellation;

type BoxError = Box<dyn std::error::Error>;

/// How a connection is cut inside a body.
pub struct BodyCut {
    /// After so many bytes; see [`crate::domain::chaos::plan::CutPoint`].
    pub after: Option<u64>,
    pub how: CloseKind,
    pub exchanges: ExchangeTracker,
}

/// A body under chaos.
pub struct PacedBody {
    body: BoxBody,
    size: BodySize,
    /// Received and not yet passed on.
    rest: Bytes,
    /// Bytes that may still pass before the body ends; `None` while its length is not known.
    left: Option<u64>,
    /// Whether the end is earlier than the body's own.
    truncated: bool,
    pace: Option<Pace>,
    cut: Option<Cutting>,
    cancellation: Cancellation,
}

struct Pace {
    throttle: BodyPace,
    pause: Option<Pin<Box<dyn Future<Output = ()>>>>,
    cancelled: Pin<Box<dyn Future<Output = ()>>>,
}

struct Cutting {
    /// Bytes that still pass; `None` for the first piece, whatever its length.
    left: Option<u64>,
    how: CloseKind,
    exchanges: ExchangeTracker,
}

impl PacedBody {
    /// `keep` bytes of the body at most, in drips by `throttle`, up to the `cut`.
    pub fn new(
        body: BoxBody,
        keep: Option<u64>,
        throttle: Option<BodyPace>,
        cut: Option<BodyCut>,
        cancellation: Cancellation,
    ) -> Self {
        let known = match body.size() {
            BodySize::None => Some(0),
            BodySize::Sized(bytes) => Some(bytes),
            BodySize::Stream => None,
        };
        let (left, truncated) = match (known, keep) {
            (Some(known), Some(keep)) => (Some(known.min(keep)), keep < known),
            (None, Some(keep)) => (Some(keep), true),
            (known, None) => (known, false),
        };
        // A stream that is cut short stays one: its end, and not a length, tells of it.
        let size = known.and(left).map_or(BodySize::Stream, BodySize::Sized);
        let cut = cut.map(|cut| {
            let whole = known.and(left);
            let after = cut.after.or_else(|| whole.map(|whole| whole / 2));
            let left = after.map(|after| whole.map_or(after, |w| after.min(w.saturating_sub(1))));
            Cutting { left, how: cut.how, exchanges: cut.exchanges }
        });
        let pace = throttle.map(|throttle| Pace {
            throttle,
            pause: None,
            cancelled: Box::pin(cancellation.clone().cancelled()),
        });
        Self { body, size, rest: Bytes::new(), left, truncated, pace, cut, cancellation }
    }

    /// Waits for the end of a pause; a throttle that was taken back is none any more.
    fn poll_pause(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(pace) = &mut self.pace else { return Poll::Ready(()) };
        if pace.cancelled.as_mut().poll(cx).is_ready() {
            self.pace = None;
            return Poll::Ready(());
        }
        if let Some(pause) = &mut pace.pause {
            std::task::ready!(pause.as_mut().poll(cx));
            pace.pause = None;
        }
        Poll::Ready(())
    }

    /// Orders the cut when its place is reached, or the `end` of the body before it.
    fn cuts_now(&mut self, end: bool) -> bool {
        let Some(cut) = &self.cut else { return false };
        if cut.left != Some(0) && !end {
            return false;
        }
        if self.cancellation.is_cancelled() {
            self.cut = None;
            return false;
        }
        cut.exchanges.plan_abort(PlannedAbort::Flushed(cut.how));
        true
    }

    /// The next piece that may pass, of what is there.
    fn take(&mut self) -> Bytes {
        let mut length = self.rest.len() as u64;
        let drip = self.pace.as_ref().map(|pace| pace.throttle.chunk_bytes);
        let to_cut = self.cut.as_ref().and_then(|cut| cut.left);
        for bound in [drip, to_cut, self.left].into_iter().flatten() {
            length = length.min(bound);
        }
        // At most the length of `rest`, so it fits.
        let piece = self.rest.split_to(length as usize);
        if let Some(left) = &mut self.left {
            *left -= length;
        }
        if let Some(cut) = &mut self.cut {
            cut.left = Some(cut.left.map_or(0, |left| left - length));
        }
        if let Some(pace) = &mut self.pace
            && self.left != Some(0)
        {
            let due = Instant::now() + Duration::from_micros(pace.throttle.every_us);
            pace.pause = Some(Box::pin(delay::until(due)));
        }
        piece
    }
}

impl MessageBody for PacedBody {
    type Error = BoxError;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, BoxError>>> {
        let this = self.get_mut();
        std::task::ready!(this.poll_pause(cx));
        // Whoever cuts the connection needs nothing more of this body: it is never woken again.
        if this.cuts_now(false) {
            return Poll::Pending;
        }
        if this.truncated && this.left == Some(0) {
            return Poll::Ready(None);
        }
        while this.rest.is_empty() {
            match std::task::ready!(Pin::new(&mut this.body).poll_next(cx)) {
                Some(Ok(piece)) => this.rest = piece,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None if this.cuts_now(true) => return Poll::Pending,
                None => return Poll::Ready(None),
            }
        }
        Poll::Ready(Some(Ok(this.take())))
    }
}
