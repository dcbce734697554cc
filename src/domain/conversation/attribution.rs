//! Which message of the client each message of the server belongs to.
//!
//! By what they share (`id`, `ref`, the second item of a tuple), else by time: what is said belongs
//! to what was heard last. What recurs in a pace of its own, whatever the client says meanwhile, is
//! a stream that began with its first message.

use super::message::Message;
use super::transcript::{ConversationEnd, Speaker, Transcript, UtteranceBody};

/// What the server says because of the opening or of one message of the client.
#[derive(Debug, Default)]
pub(super) struct SpokenTurn {
    /// Index of the client's message; `None` for the opening.
    pub(super) trigger: Option<usize>,
    /// When it began.
    pub(super) at_us: u64,
    /// Indices of the server's messages, in order.
    pub(super) said: Vec<usize>,
    /// The close frame, where the server closes because of this.
    pub(super) closing: Option<ConversationEnd>,
}

/// Messages of one kind in a pace of their own.
#[derive(Debug)]
pub(super) struct PacedStream {
    /// The turn that began it.
    pub(super) turn: usize,
    /// Indices of its messages, in order.
    pub(super) said: Vec<usize>,
    /// Index of the client's message at which it ended; `None` when it went on to the end.
    pub(super) stopped_by: Option<usize>,
}

/// Messages of the client that an answer is compared with: a client that has hundreds in flight
/// tells them apart by numbers that rise.
const CANDIDATES_MAX: usize = 64;

/// Messages that show a pace.
const PACED_MIN: usize = 3;

/// Messages that show a pace of their own in the midst of others.
const INTERLEAVED_MIN: usize = 4;

/// Shortest gap that is a pace and not a burst, µs.
const GAP_US_MIN: u64 = 2_000;

/// Parts of its gap after which a stream that is silent has ended.
const SILENT_AFTER: f64 = 2.5;

/// One conversation, taken apart.
pub(super) struct Attribution<'t> {
    transcript: &'t Transcript,
    messages: &'t [Option<Message>],
    marks: Vec<Vec<(String, String)>>,
}

impl<'t> Attribution<'t> {
    pub(super) fn new(transcript: &'t Transcript, messages: &'t [Option<Message>]) -> Self {
        let marks = messages.iter().map(|message| message.as_ref().map(marks).unwrap_or_default());
        Self { transcript, messages, marks: marks.collect() }
    }

    /// The turns in order, the opening first, and the streams.
    pub(super) fn turns(&self) -> (Vec<SpokenTurn>, Vec<PacedStream>) {
        let mut turns = vec![SpokenTurn::default()];
        let clients: Vec<usize> = self.heard();
        turns.extend(clients.iter().map(|&at| SpokenTurn {
            trigger: Some(at),
            at_us: self.at_us(at),
            ..SpokenTurn::default()
        }));
        let paced = self.interleaved(&clients);
        let mut streams: Vec<PacedStream> = Vec::new();
        for (first, said) in paced {
            let gap = self.gap_us(&said);
            let by_opening = self.at_us(first) <= gap + gap / 2;
            let turn = if by_opening { 0 } else { latest(&clients, first) };
            streams.push(PacedStream { turn, stopped_by: self.stop_of(&said, &clients), said });
        }
        let taken: Vec<usize> = streams.iter().flat_map(|stream| stream.said.clone()).collect();
        for at in 0..self.messages.len() {
            if self.is_from(at, Speaker::Server) && !taken.contains(&at) {
                let turn = self.correlated(&clients, at).unwrap_or(latest(&clients, at));
                turns[turn].said.push(at);
            }
        }
        self.close(&mut turns, &clients);
        self.part_endless_runs(&mut turns, &mut streams, &clients);
        (turns, streams)
    }

    fn at_us(&self, at: usize) -> u64 {
        self.transcript.utterances.get(at).map_or(0, |said| said.at_us)
    }

    fn is_from(&self, at: usize, speaker: Speaker) -> bool {
        let said = self.transcript.utterances.get(at);
        said.is_some_and(|said| said.speaker == speaker && said.words != UtteranceBody::Ping)
    }

    fn heard(&self) -> Vec<usize> {
        (0..self.messages.len()).filter(|&at| self.is_from(at, Speaker::Client)).collect()
    }

    /// The turn with which a message shares what is said in no other.
    fn correlated(&self, clients: &[usize], at: usize) -> Option<usize> {
        let newest = latest(clients, at);
        let first = newest.saturating_sub(CANDIDATES_MAX);
        let scores: Vec<u32> = clients[first..newest]
            .iter()
            .map(|&client| likeness(&self.marks[client], &self.marks[at]))
            .collect();
        let best = scores.iter().copied().max().filter(|best| *best > 0)?;
        let is_telling = scores.len() == 1 || scores.iter().any(|score| *score < best);
        let place = scores.iter().rposition(|score| *score == best)?;
        is_telling.then_some(first + place + 1)
    }

    /// Kinds that recur in a pace of their own while the client talks of other things: the first
    /// message, and all.
    fn interleaved(&self, clients: &[usize]) -> Vec<(usize, Vec<usize>)> {
        let mut kinds: Vec<(u64, Vec<usize>)> = Vec::new();
        for at in 0..self.messages.len() {
            let Some(message) = self.messages[at].as_ref() else { continue };
            if !self.is_from(at, Speaker::Server) || self.correlated(clients, at).is_some() {
                continue;
            }
            match kinds.iter_mut().find(|(hash, _)| *hash == message.hash) {
                Some((_, said)) => said.push(at),
                None => kinds.push((message.hash, vec![at])),
            }
        }
        let paced = kinds.into_iter().filter(|(_, said)| self.is_paced_apart(said, clients));
        paced.filter_map(|(_, said)| Some((*said.first()?, said))).collect()
    }

    /// Whether gaps between messages vary much less than the time since the client last spoke.
    fn is_paced_apart(&self, said: &[usize], clients: &[usize]) -> bool {
        let (Some(&first), Some(&last)) = (said.first(), said.last()) else { return false };
        let has_talk = clients.iter().any(|client| (first..last).contains(client));
        if said.len() < INTERLEAVED_MIN || !has_talk {
            return false;
        }
        let gaps = self.gaps(said);
        let since = said.iter().map(|&at| {
            let turn = latest(clients, at);
            let heard = turn.checked_sub(1).map_or(0, |place| self.at_us(clients[place]));
            self.at_us(at).saturating_sub(heard)
        });
        let since: Vec<u64> = since.collect();
        median(&gaps) >= GAP_US_MIN && 2 * spread(&gaps) < spread(&since)
    }

    /// What recurs at the end of a turn until the conversation ends, or the client stops it, is a
    /// stream as well.
    fn part_endless_runs(
        &self,
        turns: &mut [SpokenTurn],
        streams: &mut Vec<PacedStream>,
        clients: &[usize],
    ) {
        for (place, turn) in turns.iter_mut().enumerate() {
            let hash = |at: &usize| self.messages[*at].as_ref().map(|message| message.hash);
            let Some(kind) = turn.said.last().and_then(hash) else { continue };
            let run = turn.said.iter().rev().take_while(|at| hash(at) == Some(kind)).count();
            let run = turn.said.len() - run..;
            let said = turn.said[run.clone()].to_vec();
            if said.len() < PACED_MIN || turn.closing.is_some() || self.gap_us(&said) < GAP_US_MIN {
                continue;
            }
            let stopped_by = self.stop_of(&said, clients);
            if stopped_by.is_some() || !self.falls_silent(&said) {
                turn.said.truncate(run.start);
                streams.push(PacedStream { turn: place, said, stopped_by });
            }
        }
    }

    /// Whether a stream ended long before the conversation did.
    fn falls_silent(&self, said: &[usize]) -> bool {
        let Some(&last) = said.last() else { return true };
        let silence = self.transcript.lasted_us.saturating_sub(self.at_us(last));
        silence as f64 > SILENT_AFTER * self.gap_us(said) as f64
    }

    /// The client's message at which a stream ended: the one behind its last message, by which it
    /// was not yet silent.
    fn stop_of(&self, said: &[usize], clients: &[usize]) -> Option<usize> {
        if !self.falls_silent(said) {
            return None;
        }
        let last = *said.last()?;
        let next = *clients.get(latest(clients, last))?;
        let waited = self.at_us(next).saturating_sub(self.at_us(last));
        let talks_meanwhile = clients.iter().any(|&at| said.first() < Some(&at) && at < last);
        let is_prompt = waited as f64 <= 1.2 * self.gap_us(said) as f64;
        // The first word that a client says after the beginning of a stream, or the one it says
        // instead of what it said before.
        let shares = || {
            let trigger = clients.get(latest(clients, *said.first()?).checked_sub(1)?)?;
            Some(likeness(&self.marks[*trigger], &self.marks[next]) > 0)
        };
        (is_prompt && (!talks_meanwhile || shares().unwrap_or(true))).then_some(next)
    }

    fn close(&self, turns: &mut [SpokenTurn], clients: &[usize]) {
        let Some(closing) = &self.transcript.closing else { return };
        if closing.by == Speaker::Server {
            let turn = latest(clients, self.messages.len());
            turns[turn].closing = Some(closing.clone());
        }
    }

    fn gaps(&self, said: &[usize]) -> Vec<u64> {
        let times = said.windows(2);
        times.map(|pair| self.at_us(pair[1]).saturating_sub(self.at_us(pair[0]))).collect()
    }

    fn gap_us(&self, said: &[usize]) -> u64 {
        median(&self.gaps(said))
    }
}

/// What identifies a message: members whose names say so, and the first items of a tuple.
pub(super) fn marks(message: &Message) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Some(serde_json::Value::Object(members)) = &message.document else { return found };
    let mut note = |name: &str, value: &serde_json::Value| {
        let text = match value {
            serde_json::Value::String(text) if text.len() <= 128 => text.clone(),
            serde_json::Value::Number(number) => number.to_string(),
            _ => return,
        };
        if is_mark(name) && !text.is_empty() && !message.words.contains(&text) {
            found.push((name.to_owned(), text));
        }
    };
    for (name, value) in members {
        note(name, value);
        for (inner, value) in value.as_object().into_iter().flatten() {
            note(inner, value);
        }
    }
    found
}

/// Whether a member of this name identifies a message.
pub(super) fn is_mark(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_position = lower.len() == 1 && matches!(lower.as_bytes(), [b'0'..=b'3']);
    is_position
        || ["id", "ref", "seq", "nonce", "ack", "tag", "uuid"].iter().any(|w| lower.ends_with(w))
        || ["reply", "correl", "request"].iter().any(|word| lower.contains(word))
}

/// Whether two messages are identified by the same.
pub(super) fn shares_mark(one: &Message, other: &Message) -> bool {
    likeness(&marks(one), &marks(other)) > 0
}

/// How much two messages share; the same name counts twice.
fn likeness(heard: &[(String, String)], said: &[(String, String)]) -> u32 {
    let pairs = heard.iter().flat_map(|known| said.iter().map(move |other| (known, other)));
    let alike = pairs.filter(|(known, other)| known.1 == other.1);
    alike.map(|(known, other)| if known.0 == other.0 { 2 } else { 1 }).sum()
}

fn median(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

/// The median distance from the median.
fn spread(values: &[u64]) -> u64 {
    let middle = median(values);
    let distances: Vec<u64> = values.iter().map(|value| value.abs_diff(middle)).collect();
    median(&distances)
}

/// The turn that began last before a message.
fn latest(clients: &[usize], at: usize) -> usize {
    clients.partition_point(|&client| client < at)
}
