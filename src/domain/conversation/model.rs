//! What is learned of the conversations of one endpoint.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::attribution::{Attribution, SpokenTurn};
use super::kind_name::KindName;
use super::message::{Message, Speaks};
use super::recollection::Recollection;
use super::running_counter::{COUNTERS_MAX, RunningCounter, observe_counters};
use super::transcript::{ConversationEnd, Speaker, Transcript, Utterance, UtteranceBody};
use super::turn_model::{NO_CODE, TurnModel, TurnSample};
use crate::domain::headers::{HeaderLimits, HeaderModel};
use crate::domain::latency::LatencyModel;
use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::random::seed::hash_text;
use crate::domain::request::RequestView;
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::value::limits::ValueLimits;
use crate::domain::words::own_address;

/// Kinds of the client's messages told apart; the richest protocols (OCPP, Discord) have about
/// thirty. Where a model is to be smaller, as many times fewer as its bodies.
const KINDS_MAX: usize = 48;

/// Subprotocols told apart.
const SUBPROTOCOLS_MAX: usize = 8;

/// Ways to close told apart.
const CLOSINGS_MAX: usize = 16;

/// Headers of the handshake that each answer makes for itself.
const OWN_HEADERS: [&str; 6] = [
    "upgrade",
    "connection",
    "sec-websocket-accept",
    "sec-websocket-protocol",
    "sec-websocket-extensions",
    "sec-websocket-version",
];

/// The conversations of one endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationModel {
    /// Conversations learned.
    #[serde(rename = "n")]
    pub conversations: u64,
    /// Those of which only the handshake could be read.
    #[serde(rename = "o", skip_serializing_if = "is_zero")]
    pub opaque: u64,
    /// How messages are framed.
    #[serde(rename = "e")]
    pub speaks: Speaks,
    /// From the request leaving to the answer that switches protocols.
    #[serde(rename = "hl")]
    pub handshake: LatencyModel,
    /// Headers of that answer.
    #[serde(rename = "hh")]
    pub headers: HeaderModel,
    /// Subprotocols chosen.
    #[serde(rename = "sp", skip_serializing_if = "Vec::is_empty")]
    pub subprotocols: Vec<KindName>,
    /// Conversations in which a subprotocol was offered and none chosen.
    #[serde(rename = "sn", skip_serializing_if = "is_zero")]
    pub unchosen: u64,
    /// What the server says of itself.
    #[serde(rename = "op")]
    pub opening: TurnModel,
    /// What it says to each kind of message.
    #[serde(rename = "k")]
    pub turns: Vec<TurnModel>,
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    pub(super) counters: Vec<RunningCounter>,
    /// Between the server's ping frames.
    #[serde(rename = "pi")]
    pub pings: LatencyModel,
    /// How conversations ended.
    #[serde(rename = "cl", skip_serializing_if = "Vec::is_empty")]
    pub closings: Vec<ClosingCount>,
    /// How long they lasted.
    #[serde(rename = "d")]
    pub durations: LatencyModel,
}

heap_bytes!(ConversationModel {
    conversations,
    opaque,
    speaks,
    handshake,
    headers,
    subprotocols,
    unchosen,
    opening,
    turns,
    counters,
    pings,
    closings,
    durations,
});

fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// One way in which conversations ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClosingCount {
    /// Code of the close frame; 1005 for one without, 1006 for none (RFC 6455, section 7.4.1).
    #[serde(rename = "c")]
    pub code: u16,
    /// Whether the server closed first.
    #[serde(rename = "s")]
    pub by_server: bool,
    /// What it said of the reason.
    #[serde(rename = "r")]
    pub reason: KindName,
    /// How often.
    #[serde(rename = "n")]
    pub times: u64,
}

heap_bytes!(ClosingCount { code, by_server, reason, times });

/// Code that stands for a connection without a close frame (RFC 6455, section 7.4.1).
const BROKEN_OFF: u16 = 1006;

/// One handshake, and what followed it.
pub struct ConversationSample<'s> {
    /// The request of the handshake.
    pub asked: &'s RequestView<'s>,
    /// The headers of its answer, names in lower case.
    pub headers: &'s [(&'s str, &'s [u8])],
    /// From the request leaving to the answer, µs.
    pub handshake_us: u64,
    /// What followed.
    pub transcript: &'s Transcript,
}

impl ConversationModel {
    /// Whether nothing was learned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.conversations == 0
    }

    /// Learns one conversation.
    pub fn observe(
        &mut self,
        sample: &ConversationSample<'_>,
        limits: &ValueLimits,
        header_limits: &HeaderLimits,
    ) {
        let (asked, transcript) = (sample.asked, sample.transcript);
        let at_ms = asked.at_ms;
        self.conversations += 1;
        self.speaks = Speaks::of_query(asked.query);
        self.handshake.observe(sample.handshake_us, at_ms);
        let own: Vec<(&str, &[u8])> = sample
            .headers
            .iter()
            .filter(|(name, _)| !OWN_HEADERS.contains(name))
            .copied()
            .collect();
        self.headers.observe(&own, asked, at_ms, header_limits);
        self.note_subprotocol(asked, sample.headers);
        self.durations.observe(transcript.lasted_us, at_ms);
        self.note_closing(transcript.closing.as_ref());
        if transcript.is_opaque {
            self.opaque += 1;
            return;
        }
        self.note_pings(transcript, at_ms);
        let messages: Vec<Option<Message>> =
            transcript.utterances.iter().map(|said| self.read(said, asked)).collect();
        self.note_counters(transcript, &messages);
        let (turns, streams) = Attribution::new(transcript, &messages).turns();
        let opening = recollected(&turns, &messages);
        let nothing = Recollection::default();
        for (place, turn) in turns.iter().enumerate() {
            let streams = streams.iter().filter(|stream| stream.turn == place).collect();
            let handshake = asked;
            let opening = if turn.trigger.is_none() { &nothing } else { &opening };
            let messages = &messages;
            let sample =
                TurnSample { transcript, messages, turn, streams, handshake, opening, at_ms };
            if turn.trigger.is_none() {
                self.opening.observe(&sample, limits);
            } else if let Some(message) = sample.heard()
                && let Some(known) = self.turn_mut(message, limits)
            {
                let words = message.words.iter().map(String::as_str);
                known.kind.observe(&message.kind, words);
                known.observe(&sample, limits);
            }
        }
    }

    /// A message as it is learned: with a stand-in for the backend's own address, where it says it.
    fn read(&self, said: &Utterance, asked: &RequestView<'_>) -> Option<Message> {
        let UtteranceBody::Text(text) = &said.words else {
            return Message::read(&said.words, self.speaks);
        };
        let is_server = said.speaker == Speaker::Server;
        let hosts = own_address::HOST_HEADERS.into_iter().filter_map(|name| asked.header(name));
        let hosts = hosts.filter(|_| is_server);
        let learned = own_address::learned(Cow::Borrowed(text.as_bytes()), hosts);
        let learned = std::str::from_utf8(&learned).unwrap_or(text);
        Some(Message::of_text(learned, self.speaks))
    }

    fn note_subprotocol(&mut self, asked: &RequestView<'_>, headers: &[(&str, &[u8])]) {
        const NAME: &str = "sec-websocket-protocol";
        let chosen = headers.iter().find(|(name, _)| *name == NAME).map(|(_, value)| *value);
        let Some(chosen) = chosen.and_then(|value| std::str::from_utf8(value).ok()) else {
            self.unchosen += u64::from(asked.header(NAME).is_some());
            return;
        };
        let hash = hash_text(chosen.as_bytes());
        let room = self.subprotocols.len() < SUBPROTOCOLS_MAX;
        match self.subprotocols.iter_mut().find(|known| known.hash == hash) {
            Some(known) => known.observe(chosen, [chosen]),
            None if room => {
                let mut name = KindName::of(chosen);
                name.observe(chosen, [chosen]);
                self.subprotocols.push(name);
            }
            None => {}
        }
    }

    fn note_closing(&mut self, closing: Option<&ConversationEnd>) {
        let code = closing.map_or(BROKEN_OFF, |closing| closing.code.unwrap_or(NO_CODE));
        let by_server = closing.is_some_and(|closing| closing.by == Speaker::Server);
        let text = closing.map(|closing| &*closing.reason).filter(|_| by_server);
        // What the client says of its reason is its own.
        let reason = text.map(KindName::of).unwrap_or_default();
        let count = ClosingCount { code, by_server, reason, times: 1 };
        if let (Some(known), Some(text)) = (self.add_closing(&count), text) {
            known.reason.observe(text, [text]);
        }
    }

    fn add_closing(&mut self, other: &ClosingCount) -> Option<&mut ClosingCount> {
        let is_same = |known: &ClosingCount| {
            (known.code, known.by_server, known.reason.hash)
                == (other.code, other.by_server, other.reason.hash)
        };
        match self.closings.iter().position(is_same) {
            Some(at) => {
                let known = self.closings.get_mut(at)?;
                known.times += other.times;
                known.reason.merge(&other.reason);
                Some(known)
            }
            None if self.closings.len() < CLOSINGS_MAX => {
                self.closings.push(other.clone());
                self.closings.last_mut()
            }
            None => None,
        }
    }

    fn note_pings(&mut self, transcript: &Transcript, at_ms: i64) {
        let pings = transcript.utterances.iter().filter(|said| said.words == UtteranceBody::Ping);
        let mut before = 0;
        for ping in pings.filter(|said| said.speaker == Speaker::Server) {
            self.pings.observe(ping.at_us.saturating_sub(before), at_ms);
            before = ping.at_us;
        }
    }

    fn note_counters(&mut self, transcript: &Transcript, messages: &[Option<Message>]) {
        let said = transcript.utterances.iter().zip(messages);
        let said = said.filter(|(said, _)| said.speaker == Speaker::Server);
        let documents = said.filter_map(|(_, message)| message.as_ref()?.document.as_ref());
        observe_counters(&mut self.counters, documents);
    }

    /// The turns of a kind; `None` when there is no room for another one.
    fn turn_mut(&mut self, message: &Message, limits: &ValueLimits) -> Option<&mut TurnModel> {
        let known = self.turns.iter().position(|turn| turn.kind.hash == message.hash);
        let at = known.or_else(|| {
            (self.turns.len() < kinds_max(limits)).then(|| {
                self.turns.push(TurnModel::of(Some(message)));
                self.turns.len() - 1
            })
        });
        at.and_then(|at| self.turns.get_mut(at))
    }

    /// Adds what another model learned.
    pub fn merge(&mut self, other: &Self, limits: &ValueLimits, header_limits: &HeaderLimits) {
        if other.is_empty() {
            return;
        }
        if self.is_empty() {
            self.clone_from(other);
            return;
        }
        self.conversations += other.conversations;
        self.opaque += other.opaque;
        self.handshake.merge(&other.handshake);
        self.headers.merge(&other.headers, header_limits);
        self.unchosen += other.unchosen;
        merge_names(&mut self.subprotocols, &other.subprotocols);
        self.opening.merge(&other.opening, limits);
        for theirs in &other.turns {
            let room = self.turns.len() < kinds_max(limits);
            match self.turns.iter_mut().find(|own| own.kind.hash == theirs.kind.hash) {
                Some(own) => own.merge(theirs, limits),
                None if room => self.turns.push(theirs.clone()),
                None => {}
            }
        }
        for theirs in &other.counters {
            let room = self.counters.len() < COUNTERS_MAX;
            match self.counters.iter_mut().find(|own| own.place.hash == theirs.place.hash) {
                Some(own) => own.merge(theirs),
                None if room => self.counters.push(theirs.clone()),
                None => {}
            }
        }
        self.pings.merge(&other.pings);
        for closing in &other.closings {
            self.add_closing(closing);
        }
        self.durations.merge(&other.durations);
    }

    /// Makes it as small as tighter limits want it: bodies become coarser, the rarest kinds go.
    pub fn tighten(&mut self, limits: &ValueLimits) {
        while self.turns.len() > kinds_max(limits) {
            let rarest = (0..self.turns.len()).min_by_key(|at| self.turns[*at].turns);
            let Some(rarest) = rarest else { break };
            self.turns.remove(rarest);
        }
        self.opening.tighten(limits);
        self.turns.iter_mut().for_each(|turn| turn.tighten(limits));
        self.durations.compact();
        self.handshake.compact();
    }

    /// Forgets what may be kept at a higher level of privacy alone; true where there was something.
    pub fn forget(&mut self, level: PrivacyLevel) -> bool {
        let turns = self.turns.iter_mut().chain([&mut self.opening]);
        turns.fold(false, |sum, turn| sum | turn.forget(level))
    }
}

/// What the server said of itself in the opening.
fn recollected(turns: &[SpokenTurn], messages: &[Option<Message>]) -> Recollection {
    let mut recollection = Recollection::default();
    let opening = turns.iter().find(|turn| turn.trigger.is_none());
    for at in opening.into_iter().flat_map(|turn| &turn.said) {
        let message = messages.get(*at).and_then(Option::as_ref);
        if let Some((message, document)) = message.and_then(|m| Some((m, m.document.as_ref()?))) {
            recollection.note(message.hash, document);
        }
    }
    recollection
}

/// Kinds that may be told apart: fewer where memory is short.
fn kinds_max(limits: &ValueLimits) -> usize {
    const LEAST: usize = 4;
    let every = ValueLimits::default().vocabulary_max.max(1);
    (KINDS_MAX * limits.vocabulary_max / every).clamp(LEAST, KINDS_MAX)
}

fn merge_names(own: &mut Vec<KindName>, others: &[KindName]) {
    for other in others {
        let room = own.len() < SUBPROTOCOLS_MAX;
        match own.iter_mut().find(|known| known.hash == other.hash) {
            Some(known) => known.merge(other),
            None if room => own.push(other.clone()),
            None => {}
        }
    }
}
