//! The side copy of a relayed conversation: what passes is read, bounded, and never held up.
//!
//! The conversation is handed over when it is over, or when enough of it is known: after so many
//! messages, bytes or so much time. From then on the relay copies nothing more. As with other
//! answers, it is handed over before its last bytes are: whoever has seen the close frame may rely
//! on `flush` to include the conversation.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Payload;
use bytes::Bytes;
use futures_util::Stream;

use super::frame_reader::{FrameReader, Heard, ReadingRules};
use super::handshake::{SEC_WEBSOCKET_EXTENSIONS, is_websocket};
use super::inflater::Inflater;
use crate::domain::conversation::transcript::{
    ConversationEnd, Speaker, Transcript, Utterance, UtteranceBody,
};
use crate::http::exchange::recorder::Recorder;
use crate::http::upstream::{UpstreamBody, UpstreamError};

/// Longest message that is learned: a long answer of an API; what is longer counts as said.
const MESSAGE_BYTES_MAX: usize = 64 << 10;

/// Messages of one conversation that are learned: what a protocol has to show, it shows in those.
const UTTERANCES_MAX: usize = 512;

/// Bytes of one conversation that are learned, beside the learner's budget for all together.
const TRANSCRIPT_BYTES_MAX: usize = 512 << 10;

/// A conversation that lasts is learned as far as it came by then, with its next message: a page
/// stays open for hours.
const LASTS_LONG: Duration = Duration::from_secs(60);

/// What is kept of an utterance besides its words.
const UTTERANCE_WEIGHT: usize = size_of::<Utterance>();

/// Both directions of one relayed conversation.
pub struct ConversationTap {
    /// Present from the switch of protocols until the conversation is handed over.
    recorder: Option<Recorder>,
    readers: Option<Readers>,
    begun: Instant,
    first_byte: Duration,
    transcript: Transcript,
    bytes: usize,
}

struct Readers {
    client: FrameReader,
    server: FrameReader,
}

impl Readers {
    fn of(&mut self, speaker: Speaker) -> &mut FrameReader {
        match speaker {
            Speaker::Client => &mut self.client,
            Speaker::Server => &mut self.server,
        }
    }
}

/// The tap as both directions hold it; they run on one worker.
#[derive(Clone)]
pub struct SharedTap(Rc<RefCell<ConversationTap>>);

impl SharedTap {
    /// A tap for a request that asks for another protocol.
    #[must_use]
    pub fn new() -> Self {
        Self(Rc::new(RefCell::new(ConversationTap {
            recorder: None,
            readers: None,
            begun: Instant::now(),
            first_byte: Duration::ZERO,
            transcript: Transcript::default(),
            bytes: 0,
        })))
    }

    /// The client's direction, copied.
    #[must_use]
    pub fn upload(&self, payload: Payload) -> TappedUpload {
        TappedUpload { payload, tap: self.clone() }
    }

    /// The protocol was switched as these headers say: from here on what passes is read.
    pub fn switched(
        &self,
        recorder: Recorder,
        headers: &[(HeaderName, HeaderValue)],
        first_byte: Duration,
    ) {
        let tap = &mut *self.0.borrow_mut();
        let line = |name: HeaderName| {
            let found = headers.iter().find(|(known, _)| *known == name);
            found.and_then(|(_, value)| value.to_str().ok()).unwrap_or_default()
        };
        if !is_websocket(line(header::UPGRADE)) {
            return;
        }
        let agreed = line(SEC_WEBSOCKET_EXTENSIONS).to_ascii_lowercase();
        let deflates = agreed.contains("permessage-deflate");
        let inflater = |fresh: &str| deflates.then(|| Inflater::new(agreed.contains(fresh)));
        let rules = |masked, inflater| ReadingRules {
            masked,
            message_bytes_max: MESSAGE_BYTES_MAX,
            skips_long: true,
            inflater,
        };
        tap.transcript.is_opaque = !agreed.is_empty() && !deflates;
        tap.readers = (!tap.transcript.is_opaque).then(|| Readers {
            client: FrameReader::new(rules(true, inflater("client_no_context_takeover"))),
            server: FrameReader::new(rules(false, inflater("server_no_context_takeover"))),
        });
        (tap.begun, tap.first_byte, tap.recorder) = (Instant::now(), first_byte, Some(recorder));
    }

    fn pass(&self, piece: &Bytes, speaker: Speaker) {
        self.0.borrow_mut().pass(piece, speaker);
    }
}

impl Default for SharedTap {
    fn default() -> Self {
        Self::new()
    }
}

impl ConversationTap {
    fn pass(&mut self, piece: &Bytes, speaker: Speaker) {
        let Some(readers) = self.readers.as_mut().filter(|_| self.recorder.is_some()) else {
            return;
        };
        let mut heard = Vec::new();
        let read = readers.of(speaker).read(piece, |one| heard.push(one));
        for one in heard {
            if self.recorder.is_some() {
                self.hear(one, speaker);
            }
        }
        if read.is_err() && self.recorder.is_some() {
            // What was read before is no conversation that anybody could go on with.
            self.transcript.is_opaque = true;
            self.finish();
        }
    }

    fn hear(&mut self, heard: Heard, speaker: Speaker) {
        let at_us = micros(self.begun.elapsed());
        let words = match heard {
            Heard::Text(text) => UtteranceBody::Text(text.into()),
            Heard::Binary(bytes) => UtteranceBody::Binary(bytes.into()),
            Heard::Long(bytes) => UtteranceBody::Unread(bytes),
            Heard::Ping(_) => UtteranceBody::Ping,
            Heard::Pong => return,
            Heard::Close(payload) => return self.close(&payload, speaker, at_us),
        };
        let bytes = UTTERANCE_WEIGHT
            + match &words {
                UtteranceBody::Text(text) => text.len(),
                UtteranceBody::Binary(bytes) => bytes.len(),
                UtteranceBody::Unread(_) | UtteranceBody::Ping => 0,
            };
        self.bytes += bytes;
        let is_long = self.transcript.utterances.len() >= UTTERANCES_MAX
            || self.bytes > TRANSCRIPT_BYTES_MAX
            || self.begun.elapsed() > LASTS_LONG;
        let has_room = self.recorder.as_ref().is_some_and(|recorder| recorder.grow(bytes));
        if is_long || !has_room {
            return self.finish();
        }
        self.transcript.utterances.push(Utterance { at_us, speaker, words });
    }

    fn close(&mut self, payload: &[u8], by: Speaker, at_us: u64) {
        let is_first = self.transcript.closing.is_none();
        if is_first {
            let code = payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code));
            let reason = payload.get(2..).and_then(|reason| std::str::from_utf8(reason).ok());
            let reason = reason.unwrap_or_default().into();
            self.transcript.closing = Some(ConversationEnd { at_us, by, code, reason });
        }
        // Behind the server's close frame nothing is said; behind the client's something may be.
        if !is_first || by == Speaker::Server {
            self.finish();
        }
    }

    fn finish(&mut self) {
        let Some(recorder) = self.recorder.take() else { return };
        self.readers = None;
        let mut transcript = std::mem::take(&mut self.transcript);
        let closed = transcript.closing.as_ref().map(|closing| closing.at_us);
        transcript.lasted_us = closed.unwrap_or_else(|| micros(self.begun.elapsed()));
        recorder.finish_conversation(transcript, self.first_byte);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The client's direction, copied as it goes by.
pub struct TappedUpload {
    payload: Payload,
    tap: SharedTap,
}

impl Stream for TappedUpload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.payload).poll_next(cx);
        if let Poll::Ready(Some(Ok(piece))) = &polled {
            self.tap.pass(piece, Speaker::Client);
        }
        polled
    }
}

/// The backend's direction, copied as it goes by.
pub struct TappedTunnel {
    body: UpstreamBody,
    tap: SharedTap,
}

impl TappedTunnel {
    /// Passes `body` on and reads a copy of it.
    #[must_use]
    pub fn new(body: UpstreamBody, tap: SharedTap) -> Self {
        Self { body, tap }
    }
}

impl MessageBody for TappedTunnel {
    type Error = UpstreamError;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let polled = self.body.poll_piece(cx);
        match &polled {
            Poll::Ready(Some(Ok(piece))) => self.tap.pass(piece, Speaker::Server),
            Poll::Ready(None | Some(Err(_))) => self.tap.0.borrow_mut().finish(),
            Poll::Pending => {}
        }
        polled
    }
}

impl Drop for TappedTunnel {
    /// A conversation that breaks off teaches what was said.
    fn drop(&mut self) {
        self.tap.0.borrow_mut().finish();
    }
}
