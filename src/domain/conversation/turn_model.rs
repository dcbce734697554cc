//! What follows one kind of message of the client, or the opening.

use crate::domain::request::Parsed;
use serde::{Deserialize, Serialize};

use super::answer_model::{AnswerModel, MessageRun, Stop};
use super::attribution::{PacedStream, SpokenTurn, shares_mark};
use super::cues::Cues;
use super::kind_name::KindName;
use super::message::{Message, MessageForm};
use super::recollection::{Recollection, asked_body};
use super::transcript::Transcript;
use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::request::RequestView;
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::value::limits::ValueLimits;

/// Kinds of answers of one kind of turn.
const ANSWERS_MAX: usize = 12;

/// Scripts of one kind of turn; a script that is not among them counts for none.
const SCRIPTS_MAX: usize = 12;

/// Answers in one script: kinds that alternate longer than that are played as far.
const SCRIPT_ANSWERS_MAX: usize = 16;

/// Messages of one turn whose bodies are learned: a history of hundreds is of one kind.
const BODIES_MAX: usize = 48;

/// Code that stands for a close frame without one (RFC 6455, section 7.4.1).
pub const NO_CODE: u16 = 1005;

/// Turns of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TurnModel {
    /// What tells the kind of the client's message; empty for the opening.
    #[serde(rename = "k")]
    pub kind: KindName,
    /// How it is written.
    #[serde(rename = "f")]
    pub form: MessageForm,
    /// Turns seen.
    #[serde(rename = "n")]
    pub turns: u64,
    /// Kinds of answers.
    #[serde(rename = "a")]
    pub answers: Vec<AnswerModel>,
    /// Answers in order, by their places, and how often.
    #[serde(rename = "s")]
    pub scripts: Vec<(Vec<u8>, u64)>,
    #[serde(rename = "c")]
    cues: Cues,
}

heap_bytes!(TurnModel { kind, form, turns, answers, scripts, cues });

/// What a turn is learned from.
pub(super) struct TurnSample<'t> {
    pub(super) transcript: &'t Transcript,
    pub(super) messages: &'t [Option<Message>],
    pub(super) turn: &'t SpokenTurn,
    pub(super) streams: Vec<&'t PacedStream>,
    /// The handshake; the message of the client is put in as its body.
    pub(super) handshake: &'t RequestView<'t>,
    /// What the server said of itself, unless this is the opening.
    pub(super) opening: &'t Recollection,
    /// When the conversation began, unix ms.
    pub(super) at_ms: i64,
}

impl TurnSample<'_> {
    fn at_us(&self, at: usize) -> u64 {
        self.transcript.utterances.get(at).map_or(0, |said| said.at_us)
    }

    fn message(&self, at: usize) -> Option<&Message> {
        self.messages.get(at)?.as_ref()
    }

    /// Reads what may be repeated by an answer: the handshake, the message of the client, and what
    /// the server said before.
    fn with_asked(&self, turn: &Recollection, read: impl FnOnce(&RequestView<'_>)) {
        let body = asked_body(self.heard(), self.opening, turn);
        read(&RequestView {
            body: (!body.is_empty()).then_some(&body[..]),
            at_ms: self.at_ms,
            parsed: Parsed::default(),
            ..self.handshake.clone()
        });
    }

    /// What stopped a stream of this turn.
    fn stop(&self, at: usize) -> Option<Stop> {
        let message = self.message(at)?;
        let is_alike = self.heard().is_some_and(|heard| shares_mark(heard, message));
        Some(Stop { kind: message.hash, is_alike })
    }

    pub(super) fn heard(&self) -> Option<&Message> {
        self.message(self.turn.trigger?)
    }
}

impl TurnModel {
    /// A model of turns that begin with such a message; of the opening without one.
    pub(super) fn of(message: Option<&Message>) -> Self {
        let kind = message.map_or_else(KindName::default, |message| KindName {
            hash: message.hash,
            ..KindName::default()
        });
        let form = message.map_or_else(MessageForm::default, |message| message.form.clone());
        Self { kind, form, ..Self::default() }
    }

    /// Learns one turn.
    pub(super) fn observe(&mut self, sample: &TurnSample<'_>, limits: &ValueLimits) {
        self.turns += 1;
        let mut turn = Recollection::default();
        let (mut script, mut before) = (Vec::new(), sample.turn.at_us);
        let mut seen: Vec<u8> = Vec::new();
        for run in runs(sample) {
            let Some(message) = sample.message(run[0]) else { continue };
            let Some(place) = self.answer(message) else { continue };
            let wait_us = sample.at_us(run[0]).saturating_sub(before);
            before = run.last().map_or(before, |last| sample.at_us(*last));
            self.learn_run(place, (sample, run), (&turn, wait_us, None), limits);
            if let (Some(last), Some(document)) = (run.last(), &message.document) {
                let last = sample.message(*last).and_then(|message| message.document.as_ref());
                turn.note(message.hash, last.unwrap_or(document));
            }
            seen.push(place);
            if script.len() < SCRIPT_ANSWERS_MAX {
                script.push(place);
            }
        }
        if let Some(closing) = &sample.turn.closing {
            let message = Message::close(closing.code.unwrap_or(NO_CODE));
            if let Some(place) = self.answer(&message) {
                let wait_us = closing.at_us.saturating_sub(before);
                let run = MessageRun { wait_us, length: 1, is_stream: false, stopped_by: None };
                self.answers[usize::from(place)].note_run(run, sample.at_ms);
                seen.push(place);
                script.push(place);
            }
        }
        for stream in &sample.streams {
            let Some(message) = sample.message(stream.said[0]) else { continue };
            let Some(place) = self.answer(message) else { continue };
            let wait_us = sample.at_us(stream.said[0]).saturating_sub(sample.turn.at_us);
            let stopped_by = stream.stopped_by.and_then(|at| sample.stop(at));
            let whole = (sample, &stream.said[..]);
            self.learn_run(place, whole, (&turn, wait_us, Some(stopped_by)), limits);
            seen.push(place);
        }
        seen.sort_unstable();
        seen.dedup();
        seen.iter().for_each(|place| self.answers[usize::from(*place)].turns += 1);
        if let Some(script) = self.note_script(script, 1)
            && let Some(heard) = sample.heard()
        {
            self.cues.observe(heard, script);
        }
    }

    /// Learns messages of one kind in a row, or a stream of them with what stopped it.
    fn learn_run(
        &mut self,
        place: u8,
        (sample, run): (&TurnSample<'_>, &[usize]),
        (turn, wait_us, stream): (&Recollection, u64, Option<Option<Stop>>),
        limits: &ValueLimits,
    ) {
        let Some(answer) = self.answers.get_mut(usize::from(place)) else { return };
        let raw = sample.heard().map_or(&[][..], |message| &message.raw);
        sample.with_asked(turn, |asked| {
            for message in run.iter().take(BODIES_MAX).filter_map(|at| sample.message(*at)) {
                answer.observe(message, (asked, raw), limits);
            }
        });
        for pair in run.windows(2) {
            let gap_us = sample.at_us(pair[1]).saturating_sub(sample.at_us(pair[0]));
            answer.gap.observe(gap_us, sample.at_ms);
        }
        let length = u32::try_from(run.len()).unwrap_or(u32::MAX);
        let stopped_by = stream.flatten();
        let run = MessageRun { wait_us, length, is_stream: stream.is_some(), stopped_by };
        answer.note_run(run, sample.at_ms);
    }

    /// The place of a kind of answer; `None` when there is no room for another one.
    fn answer(&mut self, message: &Message) -> Option<u8> {
        let known = self.answers.iter().position(|answer| answer.kind.hash == message.hash);
        let at = known.or_else(|| {
            (self.answers.len() < ANSWERS_MAX).then(|| {
                self.answers.push(AnswerModel::of(message));
                self.answers.len() - 1
            })
        })?;
        let words = message.words.iter().map(String::as_str);
        self.answers[at].kind.observe(&message.kind, words);
        u8::try_from(at).ok()
    }

    fn note_script(&mut self, script: Vec<u8>, times: u64) -> Option<u8> {
        let known = self.scripts.iter().position(|(known, _)| *known == script);
        let at = known.or_else(|| {
            (self.scripts.len() < SCRIPTS_MAX).then(|| {
                self.scripts.push((script, 0));
                self.scripts.len() - 1
            })
        })?;
        self.scripts[at].1 += times;
        u8::try_from(at).ok()
    }

    /// Adds what another model learned.
    pub fn merge(&mut self, other: &Self, limits: &ValueLimits) {
        self.kind.merge(&other.kind);
        self.turns += other.turns;
        let mut moved: Vec<Option<u8>> = Vec::with_capacity(other.answers.len());
        for theirs in &other.answers {
            let known = self.answers.iter().position(|own| own.kind.hash == theirs.kind.hash);
            let place = match known {
                Some(at) => {
                    self.answers[at].merge(theirs, limits);
                    Some(at)
                }
                None if self.answers.len() < ANSWERS_MAX => {
                    self.answers.push(theirs.clone());
                    Some(self.answers.len() - 1)
                }
                None => None,
            };
            moved.push(place.and_then(|at| u8::try_from(at).ok()));
        }
        let scripts: Vec<Option<u8>> = other
            .scripts
            .iter()
            .map(|(script, times)| {
                let place = |at: &u8| moved.get(usize::from(*at)).copied().flatten();
                let script: Option<Vec<u8>> = script.iter().map(place).collect();
                self.note_script(script?, *times)
            })
            .collect();
        self.cues.merge(&other.cues, &scripts);
    }

    /// The script that a message asks for by what it says; `None` when nothing of it decides.
    pub(super) fn cues(&self) -> Cues {
        self.cues.clone()
    }

    /// Makes it as small as tighter limits want it.
    pub fn tighten(&mut self, limits: &ValueLimits) {
        self.answers.iter_mut().for_each(|answer| answer.tighten(limits));
        self.scripts.shrink_to_fit();
    }

    /// Forgets what may be kept at a higher level of privacy alone.
    pub fn forget(&mut self, level: PrivacyLevel) -> bool {
        self.answers.iter_mut().fold(false, |sum, answer| sum | answer.forget(level))
    }
}

/// Messages of one kind in a row.
fn runs<'s>(sample: &'s TurnSample<'_>) -> impl Iterator<Item = &'s [usize]> {
    let hash = |at: &usize| sample.message(*at).map(|message| message.hash);
    sample.turn.said.chunk_by(move |a, b| hash(a) == hash(b))
}
