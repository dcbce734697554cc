//! How much of each stream's answer is with the kernel.
//!
//! `h2` throws away what a stream has still to send when the stream is reset. An answer that is
//! cut at a planned place, or breaks off, is to be reset behind its last byte and not before, so
//! whoever resets it waits here until that byte is out.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use rustc_hash::FxHashMap;

use super::frame_scanner::{DATA, FramePiece, HEADERS};

/// The streams of one connection. Cheap to clone; all clones are the same.
#[derive(Debug, Clone, Default)]
pub struct SentBytes(Rc<RefCell<FxHashMap<u32, Sent>>>);

#[derive(Debug, Default)]
struct Sent {
    heads: u64,
    bytes: u64,
    waits: Option<Waker>,
}

/// One stream, counted until this is dropped; so there are as many as streams may be open.
#[derive(Debug)]
pub struct CountedStream {
    all: SentBytes,
    stream: u32,
}

impl SentBytes {
    /// Counts the bytes of a stream from now on.
    pub fn count(&self, stream: u32) -> CountedStream {
        self.0.borrow_mut().insert(stream, Sent::default());
        CountedStream { all: self.clone(), stream }
    }

    /// Notes what was written.
    pub fn note(&self, piece: FramePiece) {
        if !matches!(piece.kind, DATA | HEADERS) {
            return;
        }
        if let Some(sent) = self.0.borrow_mut().get_mut(&piece.stream) {
            match piece.kind {
                DATA => sent.bytes += piece.payload as u64,
                _ => sent.heads += u64::from(piece.begins),
            }
            if let Some(waits) = sent.waits.take() {
                waits.wake();
            }
        }
    }
}

impl CountedStream {
    /// Ready once so many heads and bytes of a body are out.
    pub fn poll_sent(&self, cx: &mut Context<'_>, heads: u64, bytes: u64) -> Poll<()> {
        let mut all = self.all.0.borrow_mut();
        match all.get_mut(&self.stream) {
            Some(sent) if sent.heads < heads || sent.bytes < bytes => {
                sent.waits = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}

impl Drop for CountedStream {
    fn drop(&mut self) {
        self.all.0.borrow_mut().remove(&self.stream);
    }
}
