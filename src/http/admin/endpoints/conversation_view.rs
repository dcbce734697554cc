//! What is known of the conversations of an endpoint.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::output::{LatencyFigures, share};
use super::body_view::BodyView;
use crate::domain::conversation::answer_model::AnswerModel;
use crate::domain::conversation::model::{ClosingCount, ConversationModel};
use crate::domain::conversation::turn_model::TurnModel;

/// What is known of the conversations over WebSocket.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationView {
    /// Conversations learned.
    conversations: u64,
    /// Those of which only the handshake could be read.
    unreadable: u64,
    /// Subprotocols that were chosen, and in how many conversations; a name that may not be kept is
    /// shown as `#` and a number.
    subprotocols: Vec<NamedCount>,
    /// From the request leaving to the answer that switches protocols.
    handshake_ms: LatencyFigures,
    /// From then to the end.
    duration_ms: LatencyFigures,
    /// Between the server's ping frames; null when it sends none.
    ping_interval_ms: Option<LatencyFigures>,
    /// What the server says of itself.
    opening: TurnView,
    /// What it says to each kind of message.
    turns: Vec<TurnView>,
    /// How conversations ended.
    closings: Vec<ClosingView>,
}

/// A name, and how often it was seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedCount {
    /// The name.
    #[schema(example = "graphql-transport-ws")]
    name: String,
    /// How often.
    count: u64,
}

/// What follows one kind of message.
#[derive(Debug, Serialize, ToSchema)]
pub struct TurnView {
    /// What tells the kind of the client's message; empty for the opening.
    #[schema(example = "type=subscribe")]
    kind: String,
    /// How it is written: `object`, `tuple`, `list`, `packet`, `text`, `binary`.
    #[schema(example = "object")]
    form: &'static str,
    /// How often it was said.
    turns: u64,
    /// What is answered.
    answers: Vec<SpokenAnswerView>,
    /// Which answers follow, in order, and in which share of the turns.
    scripts: Vec<ScriptView>,
}

/// One kind of answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpokenAnswerView {
    /// What tells the kind.
    #[schema(example = "type=next")]
    kind: String,
    /// How it is written; `close` is a close frame.
    #[schema(example = "object")]
    form: &'static str,
    /// Turns in which it came.
    turns: u64,
    /// Whether it goes on until the client stops it or the conversation ends.
    is_stream: bool,
    /// From what came before it in the turn.
    wait_ms: LatencyFigures,
    /// Between its messages, where it has several.
    gap_ms: Option<LatencyFigures>,
    /// The fewest and the most messages in a row.
    messages: [u32; 2],
    /// What stands before and behind the client's own message, where it is repeated as a whole.
    repeats: Option<[String; 2]>,
    /// What it says.
    body: BodyView,
    /// A made-up one; null for what is no text.
    sample: Option<String>,
}

/// One way in which a turn goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScriptView {
    /// Kinds of answers in order; none where nothing is answered.
    answers: Vec<String>,
    /// Share of the turns, 0 to 1.
    share: f64,
}

/// One way in which conversations ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosingView {
    /// Code of the close frame (RFC 6455, section 7.4); 1005 for one without, 1006 for none.
    #[schema(example = 1000)]
    code: u16,
    /// Whether the server closed first.
    by_server: bool,
    /// What the server said of the reason; null while that may not be kept.
    reason: Option<String>,
    /// How often.
    count: u64,
}

impl ConversationView {
    /// What a model knows; `None` when that is nothing.
    pub fn of(model: &ConversationModel) -> Option<Self> {
        if model.is_empty() {
            return None;
        }
        let names = model.subprotocols.iter();
        let pings = &model.pings;
        Some(Self {
            conversations: model.conversations,
            unreadable: model.opaque,
            subprotocols: names
                .map(|name| NamedCount { name: name.shown(), count: name.seen.into() })
                .collect(),
            handshake_ms: LatencyFigures::of(&model.handshake),
            duration_ms: LatencyFigures::of(&model.durations),
            ping_interval_ms: (pings.observations() > 0).then(|| LatencyFigures::of(pings)),
            opening: TurnView::of(&model.opening),
            turns: model.turns.iter().map(TurnView::of).collect(),
            closings: model.closings.iter().map(ClosingView::of).collect(),
        })
    }
}

impl TurnView {
    fn of(turn: &TurnModel) -> Self {
        let kind = |at: &u8| turn.answers.get(usize::from(*at)).map(|answer| answer.kind.shown());
        let is_opening = turn.kind.hash == 0;
        let script = |(script, times): &(Vec<u8>, u64)| ScriptView {
            answers: script.iter().filter_map(kind).collect(),
            share: share(*times as f64 / turn.turns.max(1) as f64),
        };
        Self {
            kind: if is_opening { String::new() } else { turn.kind.shown() },
            form: turn.form.name(),
            turns: turn.turns,
            answers: turn.answers.iter().map(SpokenAnswerView::of).collect(),
            scripts: turn.scripts.iter().map(script).collect(),
        }
    }
}

impl SpokenAnswerView {
    fn of(answer: &AnswerModel) -> Self {
        let lengths = answer.lengths.iter().map(|(length, _)| *length);
        let (least, most) = (lengths.clone().min(), lengths.max());
        let gap = &answer.gap;
        let frame = answer.repetition.frame();
        Self {
            kind: answer.kind.shown(),
            form: answer.form.name(),
            turns: answer.turns,
            is_stream: answer.is_stream(),
            wait_ms: LatencyFigures::of(&answer.wait),
            gap_ms: (gap.observations() > 0).then(|| LatencyFigures::of(gap)),
            messages: [least.unwrap_or(0), most.unwrap_or(0)],
            repeats: frame.map(|(before, behind)| [before.to_owned(), behind.to_owned()]),
            body: BodyView::of(&answer.body),
            sample: answer.sample(),
        }
    }
}

impl ClosingView {
    fn of(closing: &ClosingCount) -> Self {
        Self {
            code: closing.code,
            by_server: closing.by_server,
            reason: closing.reason.text.as_deref().map(str::to_owned),
            count: closing.times,
        }
    }
}
