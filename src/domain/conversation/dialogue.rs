//! One client's conversation with the program: what is said next, and when.
//!
//! The opening and each message of the client begin a chain: the answers of one script, in order.
//! Chains run side by side, and what is due first is said first; what is due at the same moment, in
//! the order in which the chains began. Times are microseconds since the opening, and are told by
//! the caller. The same seeds and the same messages give the same conversation, but for the order
//! of what two chains say at the same time.

use crate::domain::request::Parsed;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::answer_model::Stop;
use super::attribution::{is_mark, shares_mark};
use super::message::{Message, MessageForm, said};
use super::program::{AnswerProgram, ConversationProgram, TurnProgram};
use super::recollection::{Recollection, asked_body};
use super::transcript::UtteranceBody;
use crate::domain::body::SynthContext;
use crate::domain::random::seed::{hash_text, mix, uniform};
use crate::domain::request::RequestView;
use crate::domain::words::own_address;

/// Chains that run side by side: what a client asks while so many answers wait is not answered.
const CHAINS_MAX: usize = 1_024;

/// Least time between two messages of a stream, µs, however fast time is made to pass: it has no
/// end that could be reached at once.
const STREAM_GAP_US_MIN: u64 = 10_000;

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaidMessage {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
    /// A close frame with this code, none for 1005, and reason.
    Close(u16, String),
}

/// Where the draws of a conversation come from.
#[derive(Debug, Clone, Copy)]
pub struct DialogueSeeds {
    /// Of this conversation: what the server says of itself, times, and which script is played.
    pub conversation: u64,
    /// Of what is asked for: the same question gets the same answer.
    pub entity: u64,
    /// The clock of answers that must be the same whenever they are asked for.
    pub is_timeless: bool,
}

/// A conversation.
pub struct Dialogue {
    program: Arc<ConversationProgram>,
    seeds: DialogueSeeds,
    /// Times are multiplied by this.
    scale: f64,
    chains: Vec<Chain>,
    begun: u64,
    drawn: u64,
    counters: Vec<Option<i64>>,
    /// What was said in the opening.
    opening: Memory,
    closed: bool,
}

/// What was said in one turn, which its chains share.
type Memory = Rc<RefCell<Recollection>>;

/// Answers on their way.
struct Chain {
    number: u64,
    /// Place of the turn in the program; `None` for the opening.
    turn: Option<usize>,
    heard: Option<Arc<Message>>,
    memory: Memory,
    script: Vec<u8>,
    /// Place in the script.
    at: usize,
    /// Messages left of its answer; `None` for a stream.
    left: Option<u32>,
    /// Messages said of its answer.
    said: u32,
    due_us: u64,
}

impl Dialogue {
    /// Begins a conversation; times are multiplied by `scale`.
    #[must_use]
    pub fn open(program: Arc<ConversationProgram>, seeds: DialogueSeeds, scale: f64) -> Self {
        let counters = program.counters.iter().map(|_| None).collect();
        let (chains, scale) = (Vec::new(), if scale.is_finite() { scale.max(0.0) } else { 1.0 });
        let opening = Memory::default();
        let (begun, drawn, closed) = (0, 0, false);
        let mut dialogue =
            Self { program, seeds, scale, chains, begun, drawn, counters, opening, closed };
        dialogue.begin(None, None, 0);
        dialogue
    }

    /// Hears a message of the client.
    pub fn hear(&mut self, words: &UtteranceBody, now_us: u64) {
        let program = Arc::clone(&self.program);
        let Some(message) = Message::read(words, program.speaks) else { return };
        self.stop(&message, &program);
        let place = program.turn(&message).and_then(|turn| program.place(turn));
        let message = Arc::new(message);
        match place {
            Some(place) => self.begin(Some(place), Some(message), now_us),
            None => {
                // Nothing was learned of such a message but how the backend refuses.
                if let Some((turn, answer)) = program.refusal() {
                    let turn = program.place(turn);
                    self.push((turn, &Memory::default()), Some(message), vec![answer], now_us);
                }
            }
        }
    }

    /// Ends the streams that a message means: those that began with a message that named the same,
    /// else the one that says what it names, else the oldest.
    fn stop(&mut self, message: &Message, program: &ConversationProgram) {
        let is_stopped = |chain: &Chain, is_alike: bool| {
            let answer = chain.answer(program).filter(|_| chain.left.is_none());
            let stop = Stop { kind: message.hash, is_alike };
            answer.is_some_and(|answer| answer.stops.contains(&stop))
        };
        self.chains.retain(|chain| {
            let heard = chain.heard.as_ref();
            let means = heard.is_some_and(|heard| shares_mark(heard, message));
            !(is_stopped(chain, true) && means)
        });
        let others = self.chains.iter().filter(|chain| is_stopped(chain, false));
        let (named, oldest) = others.fold((None, None), |(named, oldest), chain| {
            let is_named = chain.memory.borrow().says_what(message);
            let number = Some(chain.number);
            (named.or(number.filter(|_| is_named)), oldest.min(number).or(oldest).or(number))
        });
        if let Some(number) = named.or(oldest) {
            self.chains.retain(|chain| chain.number != number);
        }
    }

    /// When something is due; `None` while nothing is.
    #[must_use]
    pub fn due_us(&self) -> Option<u64> {
        self.chains.iter().map(|chain| chain.due_us).min().filter(|_| !self.closed)
    }

    /// What is due by now; each call gives one message. `handshake` is the request that opened the
    /// connection, as of now.
    pub fn say(&mut self, handshake: &RequestView<'_>, now_us: u64) -> Option<SaidMessage> {
        if self.closed {
            return None;
        }
        let next = (0..self.chains.len())
            .min_by_key(|at| (self.chains[*at].due_us, self.chains[*at].number))?;
        if self.chains[next].due_us > now_us {
            return None;
        }
        let mut chain = self.chains.swap_remove(next);
        let program = Arc::clone(&self.program);
        let answer = chain.answer(&program)?;
        let words = self.words(answer, &chain, handshake);
        chain.said += 1;
        if let Some(left) = &mut chain.left {
            *left = left.saturating_sub(1);
        }
        self.advance(chain, answer, now_us);
        self.closed = matches!(words, SaidMessage::Close(..));
        Some(words)
    }

    /// Plans what a chain says next.
    fn advance(&mut self, mut chain: Chain, answer: &AnswerProgram, now_us: u64) {
        let program = Arc::clone(&self.program);
        let draw = self.draw();
        if chain.left == Some(0) {
            chain.at += 1;
            let Some(next) = chain.answer(&program) else { return };
            (chain.left, chain.said) = (Some(next.length(self.draw())), 0);
            chain.due_us += self.scaled(next.wait.draw_us(uniform(draw)));
        } else {
            let gap_us = answer.gap.draw_us(uniform(draw));
            let mut scaled = self.scaled(gap_us);
            if chain.left.is_none() {
                scaled = scaled.max(gap_us.min(STREAM_GAP_US_MIN)).max(1_000);
                // A client that did not read missed what was due meanwhile.
                chain.due_us = chain.due_us.max(now_us.saturating_sub(scaled));
            }
            chain.due_us += scaled;
        }
        self.chains.push(chain);
    }

    /// Begins the script and the streams of a turn.
    fn begin(&mut self, place: Option<usize>, heard: Option<Arc<Message>>, now_us: u64) {
        let program = Arc::clone(&self.program);
        let turn = program.turn_at(place);
        let script = turn.script(heard.as_deref(), self.draw()).to_vec();
        let refuses = script
            .iter()
            .any(|at| turn.answers.get(usize::from(*at)).is_some_and(|answer| answer.is_error));
        let memory = match place {
            Some(_) => Memory::default(),
            None => Rc::clone(&self.opening),
        };
        self.push((place, &memory), heard.clone(), script, now_us);
        for (answer, share) in turn.streams.iter().filter(|_| !refuses) {
            if uniform(self.draw()) < *share {
                self.push_stream((place, &memory), heard.clone(), *answer, now_us);
            }
        }
    }

    fn push(
        &mut self,
        (turn, memory): (Option<usize>, &Memory),
        heard: Option<Arc<Message>>,
        script: Vec<u8>,
        now_us: u64,
    ) {
        let program = Arc::clone(&self.program);
        let (number, at, said) = (self.begun, 0, 0);
        let (memory, left, due_us) = (Rc::clone(memory), None, now_us);
        let mut chain = Chain { number, turn, heard, memory, script, at, left, said, due_us };
        let Some(first) = chain.answer(&program) else { return };
        if self.chains.len() < CHAINS_MAX {
            self.begun += 1;
            chain.left = Some(first.length(self.draw()));
            let wait_us = first.wait.draw_us(uniform(self.draw()));
            chain.due_us += self.scaled(wait_us);
            self.chains.push(chain);
        }
    }

    fn push_stream(
        &mut self,
        turn: (Option<usize>, &Memory),
        heard: Option<Arc<Message>>,
        answer: u8,
        now_us: u64,
    ) {
        self.push(turn, heard, vec![answer], now_us);
        if let Some(chain) = self.chains.last_mut() {
            chain.left = None;
        }
    }

    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        mix(self.seeds.conversation, self.drawn)
    }

    fn scaled(&self, us: u64) -> u64 {
        // Saturating conversion: a scaled hour is still far below the bound of u64.
        (us as f64 * self.scale) as u64
    }

    fn words(
        &mut self,
        answer: &AnswerProgram,
        chain: &Chain,
        handshake: &RequestView<'_>,
    ) -> SaidMessage {
        if let MessageForm::Close(code) = answer.form {
            return SaidMessage::Close(code, self.program.reason(code).to_owned());
        }
        if let (Some((before, behind)), Some(heard)) = (&answer.frame, &chain.heard) {
            let whole = [before.as_bytes(), &heard.raw, behind.as_bytes()].concat();
            return match String::from_utf8(whole) {
                Ok(text) if heard.form != MessageForm::Binary => SaidMessage::Text(text),
                Ok(text) => SaidMessage::Binary(text.into_bytes()),
                Err(bytes) => SaidMessage::Binary(bytes.into_bytes()),
            };
        }
        let asked = {
            let nothing = Recollection::default();
            let (opening, turn) = (self.opening.borrow(), chain.memory.borrow());
            let opening = if chain.turn.is_some() { &*opening } else { &nothing };
            asked_body(chain.heard.as_deref(), opening, &turn)
        };
        let request = RequestView {
            body: (!asked.is_empty()).then_some(&asked[..]),
            parsed: Parsed::default(),
            ..handshake.clone()
        };
        let now_ms = if self.seeds.is_timeless { answer.body.anchor_ms() } else { handshake.at_ms };
        let seed = self.seed_of(answer, chain);
        let context = SynthContext { seed, now_ms, kind: None, request: &request };
        let mut body = Vec::new();
        answer.body.write(&context, &mut body);
        if answer.form == MessageForm::Binary {
            return SaidMessage::Binary(body);
        }
        own_address::show(&mut body, handshake.header("host"));
        match serde_json::from_slice::<Value>(&body) {
            Ok(mut document) => {
                self.count(&mut document);
                chain.memory.borrow_mut().note(answer.kind, &document);
                SaidMessage::Text(said(&answer.form, document))
            }
            Err(_) => SaidMessage::Text(String::from_utf8_lossy(&body).into_owned()),
        }
    }

    /// The seed of one message. The same question gets the same answer, in this conversation and
    /// the next; what nobody asked for in particular is new each time.
    fn seed_of(&mut self, answer: &AnswerProgram, chain: &Chain) -> u64 {
        let question = chain.heard.as_ref().and_then(|heard| question(heard));
        match question {
            Some(question) => {
                mix(mix(mix(self.seeds.entity, question), answer.kind), chain.said.into())
            }
            None => mix(self.draw(), answer.kind),
        }
    }

    /// Numbers a message on, where its kind counts.
    fn count(&mut self, document: &mut Value) {
        let program = Arc::clone(&self.program);
        for ((place, first), last) in program.counters.iter().zip(&mut self.counters) {
            let Some(number) = document.pointer_mut(place).filter(|value| value.is_i64()) else {
                continue;
            };
            let next = match (*last, *first) {
                (Some(last), _) => last.checked_add(1),
                (None, Some(first)) => Some(first),
                (None, None) => number.as_i64(),
            };
            let Some(next) = next else { continue };
            *number = next.into();
            *last = Some(next);
        }
    }
}

impl Chain {
    fn answer<'p>(&self, program: &'p ConversationProgram) -> Option<&'p AnswerProgram> {
        let place = self.script.get(self.at)?;
        program.turn_at(self.turn).answers.get(usize::from(*place))
    }
}

/// What a message asks for: the hash of all it says but its kind and what identifies it; `None`
/// where that is nothing.
fn question(message: &Message) -> Option<u64> {
    let mut asked = 0_u64;
    let mut says = false;
    let mut stack: Vec<(u64, &Value)> = message.document.iter().map(|tree| (1, tree)).collect();
    while let Some((path, tree)) = stack.pop() {
        match tree {
            Value::Object(members) => {
                for (name, inner) in members {
                    let is_named = path == 1 && is_mark(name) && !inner.is_object();
                    let is_kind = inner
                        .as_str()
                        .is_some_and(|text| message.words.iter().any(|word| word == text));
                    let is_version = name == "jsonrpc";
                    if !is_named && !is_kind && !is_version {
                        stack.push((mix(path, hash_text(name.as_bytes())), inner));
                    }
                }
            }
            Value::Array(items) => {
                let places = items.iter().enumerate();
                stack.extend(places.map(|(at, inner)| (mix(path, at as u64), inner)));
            }
            Value::Null => {}
            leaf => {
                says = true;
                asked ^= mix(path, hash_text(leaf.to_string().as_bytes()));
            }
        }
    }
    says.then(|| mix(asked, message.hash))
}

impl ConversationProgram {
    fn turn_at(&self, place: Option<usize>) -> &TurnProgram {
        place.and_then(|at| self.turns.get(at)).unwrap_or(&self.opening)
    }

    fn place(&self, turn: &TurnProgram) -> Option<usize> {
        self.turns.iter().position(|known| std::ptr::eq(known, turn))
    }
}
