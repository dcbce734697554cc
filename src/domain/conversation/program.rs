//! A [`ConversationModel`] compiled for mocks: immutable, drawn from by many connections at once.

use super::answer_model::{AnswerModel, Stop};
use super::cues::Cues;
use super::message::{Message, MessageForm, Speaks, TEXT};
use super::model::{ClosingCount, ConversationModel};
use super::turn_model::TurnModel;
use crate::domain::body::BodyProgram;
use crate::domain::headers::HeaderProgram;
use crate::domain::latency::{LatencyModel, LatencySampler};
use crate::domain::random::seed::{hash_text, uniform};
use crate::domain::value::relation::resource_links::ResourceLinks;

/// The conversations of one endpoint, to be played.
#[derive(Debug)]
pub struct ConversationProgram {
    /// Conversations learned.
    pub conversations: u64,
    /// How messages are framed.
    pub speaks: Speaks,
    /// From the request to the answer that switches protocols.
    pub handshake: LatencySampler,
    /// Headers of that answer.
    pub headers: HeaderProgram,
    /// Hashes of the subprotocols that were chosen, the most frequent first.
    subprotocols: Vec<u64>,
    /// Between ping frames; empty when there were none.
    pub pings: LatencySampler,
    /// Members that count messages, and their first number where it is always the same.
    pub(super) counters: Vec<(Box<str>, Option<i64>)>,
    pub(super) opening: TurnProgram,
    pub(super) turns: Vec<TurnProgram>,
    pub(super) closings: Vec<ClosingCount>,
}

/// What follows one kind of message.
#[derive(Debug)]
pub(super) struct TurnProgram {
    kind: u64,
    /// Turns learned.
    turns: u64,
    pub(super) answers: Vec<AnswerProgram>,
    scripts: Vec<Vec<u8>>,
    /// How often each script was seen.
    weights: Vec<f64>,
    cues: Cues,
    /// Answers that go on by themselves, and the share of turns that begin them.
    pub(super) streams: Vec<(u8, f64)>,
}

/// One kind of answer.
#[derive(Debug)]
pub(super) struct AnswerProgram {
    /// Hash of its kind.
    pub(super) kind: u64,
    pub(super) form: MessageForm,
    pub(super) is_error: bool,
    pub(super) body: BodyProgram,
    /// The texts before and behind a message that is repeated.
    pub(super) frame: Option<(Box<str>, Box<str>)>,
    pub(super) wait: LatencySampler,
    pub(super) gap: LatencySampler,
    /// Messages in a row, and how often each number of them was seen.
    lengths: (Vec<u32>, Vec<f64>),
    /// What stops it.
    pub(super) stops: Vec<Stop>,
}

/// Share of turns that must show that a message stops a stream.
const STOP_SHARE_MIN: f64 = 0.2;

impl ConversationProgram {
    /// Compiles `model`; `None` when nothing was learned. `links`: what is known of other
    /// endpoints.
    #[must_use]
    pub fn compile(model: &ConversationModel, links: &ResourceLinks) -> Option<Self> {
        if model.is_empty() {
            return None;
        }
        let mut chosen: Vec<_> = model.subprotocols.iter().collect();
        chosen.sort_by_key(|name| std::cmp::Reverse(name.seen));
        let pings = if model.pings.observations() == 0 {
            LatencySampler::default()
        } else {
            model.pings.compile_counted()
        };
        Some(Self {
            conversations: model.conversations,
            speaks: model.speaks,
            handshake: model.handshake.compile(),
            headers: model.headers.compile(),
            subprotocols: chosen.into_iter().map(|name| name.hash).collect(),
            pings,
            counters: model
                .counters
                .iter()
                .filter_map(super::running_counter::RunningCounter::rule)
                .collect(),
            opening: TurnProgram::compile(&model.opening, links),
            turns: model.turns.iter().map(|turn| TurnProgram::compile(turn, links)).collect(),
            closings: model.closings.clone(),
        })
    }

    /// The subprotocol for a client that offers these, in the order of its preference; `None` when
    /// none of them was ever chosen.
    pub fn subprotocol<'o>(
        &self,
        offered: impl Iterator<Item = &'o str> + Clone,
    ) -> Option<&'o str> {
        let is = |known: &u64, token: &str| hash_text(token.as_bytes()) == *known;
        self.subprotocols.iter().find_map(|known| offered.clone().find(|token| is(known, token)))
    }

    /// The turn that a message begins; `None` for one of a kind never seen.
    pub(super) fn turn(&self, message: &Message) -> Option<&TurnProgram> {
        let of = |hash: u64| self.turns.iter().find(|turn| turn.kind == hash);
        of(message.hash).or_else(|| {
            // A command never seen is a text like others, where texts are answered at all.
            (message.form == MessageForm::Text)
                .then(|| of(Message::of_text(TEXT, Speaks::Plain).hash))
                .flatten()
        })
    }

    /// What is answered to messages of any kind that fails: the answer of the kind of turn that
    /// shows the most of it.
    pub(super) fn refusal(&self) -> Option<(&TurnProgram, u8)> {
        let refusals = self.turns.iter().filter_map(|turn| {
            let at = turn.answers.iter().position(|answer| answer.is_error)?;
            let is_rule = turn.scripts.iter().all(|script| script.contains(&(at as u8)));
            is_rule.then_some((turn, u8::try_from(at).ok()?))
        });
        refusals.max_by_key(|(turn, _)| turn.turns)
    }

    /// What is said of the reason of a close frame.
    pub(super) fn reason(&self, code: u16) -> &str {
        let known = self.closings.iter().filter(|known| known.by_server && known.code == code);
        let usual = known.max_by_key(|known| known.times);
        usual.and_then(|known| known.reason.text.as_deref()).unwrap_or_default()
    }
}

impl TurnProgram {
    fn compile(model: &TurnModel, links: &ResourceLinks) -> Self {
        let streams: Vec<u8> = (0..model.answers.len())
            .filter(|at| model.answers[*at].is_stream())
            .filter_map(|at| u8::try_from(at).ok())
            .collect();
        // What goes on by itself is no part of a script, also where too little of it was seen to
        // tell.
        let without = |script: &Vec<u8>| {
            script.iter().copied().filter(|at| !streams.contains(at)).collect::<Vec<u8>>()
        };
        let share = |at: u8| {
            let turns = model.answers[usize::from(at)].turns as f64;
            (at, turns / model.turns.max(1) as f64)
        };
        Self {
            kind: model.kind.hash,
            turns: model.turns,
            answers: model.answers.iter().map(|a| AnswerProgram::compile(a, links)).collect(),
            scripts: model.scripts.iter().map(|(script, _)| without(script)).collect(),
            weights: model.scripts.iter().map(|(_, times)| *times as f64).collect(),
            cues: model.cues(),
            streams: streams.iter().map(|at| share(*at)).collect(),
        }
    }

    /// The script that follows a message, for a draw.
    pub(super) fn script(&self, message: Option<&Message>, draw: u64) -> &[u8] {
        let decided = message.and_then(|message| self.cues.decide(message)).map(usize::from);
        let at = decided.unwrap_or_else(|| weighted(&self.weights, draw));
        self.scripts.get(at).map_or(&[], Vec::as_slice)
    }
}

impl AnswerProgram {
    fn compile(model: &AnswerModel, links: &ResourceLinks) -> Self {
        let frame = model.repetition.frame();
        let stops = model.stops.iter();
        let stops = stops
            .filter(|(_, times)| *times as f64 >= STOP_SHARE_MIN * model.turns as f64)
            .map(|(stop, _)| *stop);
        let sampler = |latency: &LatencyModel| latency.compile_counted();
        Self {
            kind: model.kind.hash,
            form: model.form.clone(),
            is_error: model.is_error,
            body: model.body.compile(links),
            frame: frame.map(|(before, behind)| (before.into(), behind.into())),
            wait: sampler(&model.wait),
            gap: sampler(&model.gap),
            lengths: model.lengths.iter().map(|(length, n)| (*length, *n as f64)).unzip(),
            stops: stops.collect(),
        }
    }
}

impl AnswerProgram {
    /// Messages in a row, for a draw.
    pub(super) fn length(&self, draw: u64) -> u32 {
        let (lengths, weights) = &self.lengths;
        lengths.get(weighted(weights, draw)).copied().unwrap_or(1)
    }
}

/// The place that a draw falls on, each as often as its weight says.
fn weighted(weights: &[f64], draw: u64) -> usize {
    let mut left = uniform(draw) * weights.iter().sum::<f64>();
    let place = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    place.unwrap_or(weights.len().saturating_sub(1))
}
