//! A mocked conversation on its way: frames in, what the dialogue says out.
//!
//! It is the body of the answer that switches protocols, and is asked for its next bytes when the
//! client has taken those before: a client that does not read makes nothing grow.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix_http::ws::Parser;
use actix_web::body::{BodyStream, BoxBody};
use actix_web::web::Payload;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::unfold;

use super::frame_head::{FrameKind, write};
use super::frame_reader::{FrameReader, Heard, ReadingRules};
use crate::domain::conversation::dialogue::{Dialogue, SaidMessage};
use crate::domain::conversation::transcript::UtteranceBody;
use crate::domain::conversation::turn_model::NO_CODE;
use crate::domain::latency::LatencySampler;
use crate::domain::random::seed::{mix, uniform};
use crate::domain::request::RequestView;
use crate::http::data_plane::DataPlaneShared;
use crate::http::delay;
use crate::http::exchange::incoming_request::{IncomingRequest, MatchedEndpoint};
use crate::runtime::clock::now_ms;

/// Longest message that is taken of a client; as much as the learner would look at of a body.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Both directions silent for so long end a mocked conversation, as they end a relayed one.
const IDLE_MAX: Duration = Duration::from_secs(3_600);

/// How long the client's close frame is waited for (RFC 6455, section 7.1.1, lets either end give
/// up).
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether the double is stopping; well below the time of a shutdown.
const STOP_LOOK: Duration = Duration::from_millis(500);

/// Bytes put together into one piece.
const PIECE_BYTES: usize = 32 << 10;

/// Least time between two ping frames, however fast time is made to pass.
const PING_LEAST: Duration = Duration::from_secs(1);

/// Normal closure, going away (RFC 6455, section 7.4.1).
const NORMAL: u16 = 1000;
const GOING_AWAY: u16 = 1001;

/// The request that opened a conversation, kept for as long as it lasts.
pub struct KeptRequest {
    path: Box<str>,
    query: Box<str>,
    params: Vec<(Box<str>, Box<str>)>,
    headers: Vec<(Box<str>, Bytes)>,
}

impl KeptRequest {
    /// Keeps what models read of a request.
    #[must_use]
    pub fn of(received: &IncomingRequest<'_>, target: &MatchedEndpoint<'_>) -> Self {
        let headers = received.request.headers().iter();
        let params = target.params();
        Self {
            path: received.path.into(),
            query: received.query.into(),
            params: params.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            headers: headers
                .map(|(name, value)| {
                    (name.as_str().into(), Bytes::copy_from_slice(value.as_bytes()))
                })
                .collect(),
        }
    }

    fn with_view<R>(&self, read: impl FnOnce(&RequestView<'_>) -> R) -> R {
        let params: Vec<(&str, &str)> = self.params.iter().map(|(n, v)| (&**n, &**v)).collect();
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(n, v)| (&**n, &v[..])).collect();
        read(&RequestView {
            method: "GET",
            path: &self.path,
            params: &params,
            query: &self.query,
            headers: &headers,
            at_ms: now_ms(),
            ..RequestView::default()
        })
    }
}

/// How ping frames are sent.
pub struct PingPlan {
    /// Between two of them; empty when there are none.
    pub interval: LatencySampler,
    /// Times are multiplied by this.
    pub scale: f64,
    /// Where the draws come from.
    pub seed: u64,
}

impl PingPlan {
    fn next(&self, number: u64) -> Option<Duration> {
        if self.interval.is_empty() {
            return None;
        }
        let learned_us = self.interval.draw_us(uniform(mix(self.seed, number)));
        let scaled = Duration::from_micros((learned_us as f64 * self.scale) as u64);
        Some(scaled.max(PING_LEAST.min(Duration::from_micros(learned_us))))
    }
}

/// A conversation as the body of its handshake's answer.
pub struct Playing {
    payload: Payload,
    reader: FrameReader,
    dialogue: Dialogue,
    request: KeptRequest,
    pings: PingPlan,
    pinged: u64,
    ping_at: Option<Instant>,
    begun: Instant,
    heard_at: Instant,
    /// Set when a close frame was sent: the client's is waited for.
    closing_since: Option<Instant>,
    is_over: bool,
    shared: Arc<DataPlaneShared>,
}

impl Playing {
    /// A conversation with the client whose bytes are `payload`.
    #[must_use]
    pub fn new(
        payload: Payload,
        dialogue: Dialogue,
        request: KeptRequest,
        pings: PingPlan,
        shared: Arc<DataPlaneShared>,
    ) -> Self {
        let reader = FrameReader::new(ReadingRules {
            masked: true,
            message_bytes_max: MESSAGE_BYTES_MAX,
            skips_long: false,
            inflater: None,
        });
        let begun = Instant::now();
        let ping_at = pings.next(0).map(|pause| begun + pause);
        let (pinged, heard_at, closing_since, is_over) = (0, begun, None, false);
        Self {
            payload,
            reader,
            dialogue,
            request,
            pings,
            pinged,
            ping_at,
            begun,
            heard_at,
            closing_since,
            is_over,
            shared,
        }
    }

    /// The conversation as a body.
    #[must_use]
    pub fn into_body(self) -> BoxBody {
        let pieces = unfold(self, |mut playing| async move {
            let piece = playing.next_piece().await?;
            Some((Ok::<_, Infallible>(piece), playing))
        });
        BoxBody::new(BodyStream::new(Box::pin(pieces)))
    }

    /// The next bytes for the client; `None` when the connection is to be closed.
    async fn next_piece(&mut self) -> Option<Bytes> {
        loop {
            let mut out = Vec::new();
            self.speak(&mut out);
            if !out.is_empty() {
                return Some(out.into());
            }
            if self.is_over {
                return None;
            }
            let wake = self.wake_at();
            match select(self.payload.next(), Box::pin(delay::until(wake))).await {
                Either::Left((Some(Ok(piece)), _)) => {
                    self.heard_at = Instant::now();
                    self.hear(&piece, &mut out);
                    if !out.is_empty() {
                        return Some(out.into());
                    }
                }
                Either::Left((None | Some(Err(_)), _)) => return None,
                Either::Right(((), _)) => {}
            }
        }
    }

    /// Says what is due.
    fn speak(&mut self, out: &mut Vec<u8>) {
        let now = Instant::now();
        if let Some(since) = self.closing_since {
            self.is_over |= since + CLOSE_PATIENCE <= now;
            return;
        }
        if self.is_over {
            return;
        }
        let is_idle = self.heard_at + IDLE_MAX <= now && self.dialogue.due_us().is_none();
        if is_idle || self.shared.stopping.load(Ordering::Acquire) {
            return self.close(GOING_AWAY, "", out);
        }
        if self.ping_at.is_some_and(|at| at <= now) {
            write(FrameKind::Ping, &[], out);
            self.pinged += 1;
            self.ping_at = self.pings.next(self.pinged).map(|pause| now + pause);
        }
        let now_us = u64::try_from((now - self.begun).as_micros()).unwrap_or(u64::MAX);
        while out.len() < PIECE_BYTES {
            let Self { dialogue, request, .. } = self;
            let said = request.with_view(|handshake| dialogue.say(handshake, now_us));
            match said {
                Some(SaidMessage::Text(text)) => write(FrameKind::Text, text.as_bytes(), out),
                Some(SaidMessage::Binary(bytes)) => write(FrameKind::Binary, &bytes, out),
                Some(SaidMessage::Close(code, reason)) => return self.close(code, &reason, out),
                None => return,
            }
        }
    }

    /// Begins the closing handshake (RFC 6455, section 7.1.2).
    fn close(&mut self, code: u16, reason: &str, out: &mut Vec<u8>) {
        let mut payload = Vec::new();
        // 1005 says that there was no code, and is never sent itself.
        if code != NO_CODE {
            payload.extend_from_slice(&code.to_be_bytes());
            let end = (0..=reason.len().min(123)).rev().find(|at| reason.is_char_boundary(*at));
            payload.extend_from_slice(&reason.as_bytes()[..end.unwrap_or(0)]);
        }
        write(FrameKind::Close, &payload, out);
        self.closing_since = Some(Instant::now());
    }

    fn hear(&mut self, piece: &Bytes, out: &mut Vec<u8>) {
        let mut heard = Vec::new();
        let read = self.reader.read(piece, |one| heard.push(one));
        let now_us = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        for one in heard {
            match one {
                _ if self.is_over => return,
                Heard::Close(payload) => self.answer_close(&payload, out),
                _ if self.closing_since.is_some() => {}
                Heard::Text(text) => self.dialogue.hear(&UtteranceBody::Text(text.into()), now_us),
                Heard::Binary(bytes) => {
                    self.dialogue.hear(&UtteranceBody::Binary(bytes.into()), now_us);
                }
                Heard::Ping(payload) => write(FrameKind::Pong, &payload, out),
                Heard::Pong | Heard::Long(_) => {}
            }
        }
        if let Err(fault) = read
            && !self.is_over
        {
            if self.closing_since.is_none() {
                self.close(fault.code(), &fault.to_string(), out);
            }
            // The client may not understand either: nothing more is waited for (section 7.1.7).
            self.is_over = true;
        }
    }

    /// The client's close frame: answered with its own code, or as the second of the two.
    fn answer_close(&mut self, payload: &[u8], out: &mut Vec<u8>) {
        self.is_over = true;
        if self.closing_since.is_some() {
            return;
        }
        let code = match Parser::try_parse_close_payload(payload) {
            Ok(_) if payload.is_empty() => NO_CODE,
            Ok(_) => payload.first_chunk::<2>().map_or(NORMAL, |code| u16::from_be_bytes(*code)),
            Err(_) => super::frame_reader::FrameFault::Protocol.code(),
        };
        self.close(code, "", out);
    }

    /// When to look again, whatever the client says.
    fn wake_at(&self) -> Instant {
        let look = Instant::now() + STOP_LOOK;
        if let Some(since) = self.closing_since {
            return look.min(since + CLOSE_PATIENCE);
        }
        let due = self.dialogue.due_us().map(|us| self.begun + Duration::from_micros(us));
        [due, self.ping_at].into_iter().flatten().fold(look, Instant::min)
    }
}
