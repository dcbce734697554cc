//! One kind of answer within the turns of one kind: what it says, how often, and after which time.

use serde::{Deserialize, Serialize};

use super::kind_name::KindName;
use super::message::{Message, MessageForm, said};
use crate::domain::body::{BodyModel, BodySample, SynthContext};
use crate::domain::latency::LatencyModel;
use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::privacy::retention;
use crate::domain::random::seed::hash_text;
use crate::domain::request::RequestView;
use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::relation::resource_links::ResourceLinks;

/// Different lengths of runs kept.
const RUN_LENGTHS_MAX: usize = 24;

/// Ways kept in which a stream is stopped.
const STOPS_MAX: usize = 4;

/// Texts seen around what is repeated before they are kept, so that they are the service's own.
const FRAME_SEEN_MIN: u32 = 3;

/// One kind of answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnswerModel {
    /// What tells the kind.
    #[serde(rename = "k")]
    pub kind: KindName,
    /// How it is written.
    #[serde(rename = "f")]
    pub form: MessageForm,
    /// Turns in which it came.
    #[serde(rename = "p")]
    pub turns: u64,
    /// Turns in which it came in a pace of its own, to the end of the conversation or until the
    /// client stopped it.
    #[serde(rename = "st", skip_serializing_if = "is_zero")]
    pub streams: u64,
    /// Whether its kind says that something failed.
    #[serde(rename = "er", skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
    /// What it says.
    #[serde(rename = "b")]
    pub body: BodyModel,
    /// What it says of the whole message that it follows.
    #[serde(rename = "r", skip_serializing_if = "Repetition::is_empty")]
    pub repetition: Repetition,
    /// From what came before it in the turn to its first message.
    #[serde(rename = "w")]
    pub wait: LatencyModel,
    /// Between its messages.
    #[serde(rename = "g")]
    pub gap: LatencyModel,
    /// Messages in a row, and how often.
    #[serde(rename = "l")]
    pub lengths: Vec<(u32, u64)>,
    /// What stops it as a stream, and how often it did.
    #[serde(rename = "sb", skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<(Stop, u64)>,
}

heap_bytes!(AnswerModel {
    kind,
    form,
    turns,
    streams,
    is_error,
    body,
    repetition,
    wait,
    gap,
    lengths,
    stops,
});

fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// Evidence that an answer is the message that it follows, or that message with a text before and
/// behind it: `hello`, `echo: hello`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Repetition {
    #[serde(rename = "h")]
    hits: u32,
    #[serde(rename = "t")]
    trials: u32,
    /// Fingerprint of the first message that was repeated.
    #[serde(rename = "f")]
    first: u32,
    #[serde(rename = "d")]
    varied: bool,
    /// Hash of the texts before and behind.
    #[serde(rename = "k")]
    frame: u64,
    /// These texts, once they may be kept.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    affixes: Option<(Box<str>, Box<str>)>,
}

heap_bytes!(Repetition { hits, trials, first, varied, frame, affixes });

/// Repeated messages before they are taken for a rule, and their share.
const HITS_MIN: u32 = 3;
const HIT_SHARE_MIN: f64 = 0.9;

/// Shortest message whose repetition within a text says anything, bytes.
const WITHIN_BYTES_MIN: usize = 3;

impl Repetition {
    fn is_empty(&self) -> bool {
        self.trials == 0
    }

    fn observe(&mut self, heard: &[u8], said: &[u8]) {
        self.trials = self.trials.saturating_add(1);
        let within = heard.len() >= WITHIN_BYTES_MIN && heard.len() < said.len();
        let place = if heard == said {
            Some(0)
        } else {
            within.then(|| memchr::memmem::find(said, heard)).flatten()
        };
        let Some(place) = place.filter(|_| !heard.is_empty()) else { return };
        let (before, behind) = (&said[..place], &said[place + heard.len()..]);
        let frame = hash_text(&[before, b"\0", behind].concat());
        if self.hits > 0 && frame != self.frame {
            return;
        }
        let first = hash_text(heard) as u32;
        if self.hits == 0 {
            (self.frame, self.first) = (frame, first);
        }
        self.hits = self.hits.saturating_add(1);
        self.varied |= self.first != first;
        if self.affixes.is_none() {
            let texts = [before, behind].map(|text| std::str::from_utf8(text).ok());
            let [Some(before), Some(behind)] = texts else { return };
            let may_keep = |text: &str| {
                text.is_empty()
                    || (self.hits >= FRAME_SEEN_MIN
                        && self.varied
                        && retention::may_keep_value(text, self.hits))
            };
            self.affixes =
                (may_keep(before) && may_keep(behind)).then(|| (before.into(), behind.into()));
        }
    }

    fn merge(&mut self, other: &Self) {
        if self.hits > 0 && other.hits > 0 && self.frame != other.frame {
            self.trials = self.trials.saturating_add(other.trials);
            return;
        }
        if self.hits == 0 {
            (self.frame, self.first) = (other.frame, other.first);
        }
        self.varied |=
            other.varied || (self.hits > 0 && other.hits > 0 && self.first != other.first);
        self.hits = self.hits.saturating_add(other.hits);
        self.trials = self.trials.saturating_add(other.trials);
        self.affixes = self.affixes.take().or_else(|| other.affixes.clone());
    }

    /// The texts before and behind the message that is repeated; `None` where none is.
    #[must_use]
    pub fn frame(&self) -> Option<(&str, &str)> {
        let holds = self.varied
            && self.hits >= HITS_MIN
            && f64::from(self.hits) >= HIT_SHARE_MIN * f64::from(self.trials);
        let (before, behind) = self.affixes.as_ref().filter(|_| holds)?;
        Some((before, behind))
    }
}

/// What stops a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stop {
    /// Kind of the client's message.
    #[serde(rename = "k")]
    pub kind: u64,
    /// Whether it names what the message named that began the stream.
    #[serde(rename = "a")]
    pub is_alike: bool,
}

no_heap!(Stop);

/// Messages of one kind in a row, as they are learned.
#[derive(Debug, Clone, Copy)]
pub struct MessageRun {
    /// From what came before it, µs.
    pub wait_us: u64,
    /// Messages; 0 while they are not over.
    pub length: u32,
    /// Whether it is a stream.
    pub is_stream: bool,
    /// What stopped it.
    pub stopped_by: Option<Stop>,
}

impl AnswerModel {
    /// A model of a kind of which nothing was seen.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        Self {
            kind: KindName { hash: message.hash, ..KindName::default() },
            form: message.form.clone(),
            is_error: message.is_error(),
            ..Self::default()
        }
    }

    /// Learns what a message says. `asked` is the handshake with the message that it follows as its
    /// body; `heard` is that message as it came.
    pub fn observe(
        &mut self,
        message: &Message,
        (asked, heard): (&RequestView<'_>, &[u8]),
        limits: &ValueLimits,
    ) {
        self.repetition.observe(heard, &message.raw);
        let (media, bytes) = match &message.form {
            MessageForm::Close(_) => return,
            MessageForm::Binary => (None, message.raw.clone()),
            _ => (Some("application/json"), message.body()),
        };
        let sample = BodySample {
            content_type: media,
            complete: true,
            total_bytes: bytes.len() as u64,
            bytes: &bytes,
        };
        self.body.observe(&sample, asked, limits);
    }

    /// Learns that it came in a turn, at `at_ms` (unix milliseconds).
    pub fn note_run(&mut self, run: MessageRun, at_ms: i64) {
        self.wait.observe(run.wait_us, at_ms);
        self.streams += u64::from(run.is_stream);
        count(&mut self.lengths, run.length, 1, RUN_LENGTHS_MAX);
        if let Some(stop) = run.stopped_by {
            count(&mut self.stops, stop, 1, STOPS_MAX);
        }
    }

    /// Adds what another model learned.
    pub fn merge(&mut self, other: &Self, limits: &ValueLimits) {
        self.kind.merge(&other.kind);
        self.turns += other.turns;
        self.streams += other.streams;
        self.is_error |= other.is_error;
        self.body.merge(&other.body, limits);
        self.repetition.merge(&other.repetition);
        self.wait.merge(&other.wait);
        self.gap.merge(&other.gap);
        for (length, times) in &other.lengths {
            count(&mut self.lengths, *length, *times, RUN_LENGTHS_MAX);
        }
        for (stop, times) in &other.stops {
            count(&mut self.stops, *stop, *times, STOPS_MAX);
        }
    }

    /// Whether it goes on until it is stopped, in most turns.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.streams * 2 > self.turns
    }

    /// A message to look at, which follows nothing in particular; `None` for what is no text.
    #[must_use]
    pub fn sample(&self) -> Option<String> {
        if matches!(self.form, MessageForm::Binary | MessageForm::Close(_)) {
            return None;
        }
        let program = self.body.compile(&ResourceLinks::default());
        let request = RequestView::default();
        let now_ms = program.anchor_ms();
        let mut body = Vec::new();
        program.write(&SynthContext { seed: 0, now_ms, kind: None, request: &request }, &mut body);
        serde_json::from_slice(&body).ok().map(|document| said(&self.form, document))
    }

    /// Makes it as small as tighter limits want it.
    pub fn tighten(&mut self, limits: &ValueLimits) {
        self.body.tighten(limits);
        self.wait.compact();
        self.gap.compact();
        self.lengths.shrink_to_fit();
    }

    /// Forgets what may be kept at a higher level of privacy alone.
    pub fn forget(&mut self, level: PrivacyLevel) -> bool {
        self.body.forget(level)
    }
}

/// Adds to the count of a value, of which `values_max` are told apart.
fn count<T: PartialEq>(counts: &mut Vec<(T, u64)>, value: T, times: u64, values_max: usize) {
    let room = counts.len() < values_max;
    match counts.iter_mut().find(|(known, _)| *known == value) {
        Some((_, n)) => *n += times,
        None if room => counts.push((value, times)),
        None => {}
    }
}
