//! Strings drawn from learned masks: compiled once into pieces, then filled.

use crate::domain::formats;
use crate::domain::formats::{Drawing, Format, PatternRules, timestamp};
use crate::domain::random::choice::Choice;
use crate::domain::random::entity_seed::{EntitySeed, FieldSeed};
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::sketch::categories::Category;
use crate::domain::sketch::priority_sample::PrioritySample;
use crate::domain::value::string::grammar::grammar_node::GrammarNode;
use crate::domain::value::string::model::{StringClass, StringModel, length_code};
use crate::domain::value::string::pattern;
use crate::domain::value::string::pieces;
use crate::domain::value::string::pieces::Piece;
use crate::domain::value::string::structure::has_structure;
use crate::domain::value::time::draw_clock::DrawClock;
use crate::domain::value::time::timestamp::{OwnTimestamp, Times, Timestamp};
use crate::domain::words::names::NameKind;

/// All patterns of one position.
#[derive(Debug, Clone, Default)]
pub struct StringNode {
    choice: Choice,
    patterns: Box<[Compiled]>,
    times: Option<Times>,
    grammar: Option<Box<GrammarNode>>,
    /// What all that the grammar draws must be, where all that it was learned from was.
    grammar_format: Format,
}

#[derive(Debug, Clone)]
enum Compiled {
    /// By the grammar of the position.
    Grammar,
    Pieces(Box<[Piece]>),
    /// The same with what each begins with.
    Headed(&'static str, Box<[Piece]>),
    Time(Box<str>),
    Made(fn(&mut KeyedRng, &mut Vec<u8>)),
}

impl StringNode {
    /// `called`: what the member holds by its name.
    pub fn compile(text: &StringModel, called: Option<NameKind>) -> Self {
        let mut weighted: Vec<(&StringClass, f64)> = text.patterns.weights().collect();
        // The order of learning must not show: sort by content.
        weighted.sort_by(|(a, _), (b, _)| (&a.mask, a.stems).cmp(&(&b.mask, b.stems)));
        fit_lengths(&mut weighted, &text.lengths);
        let grammar = text
            .grammar
            .as_deref()
            .filter(|grammar| called.is_none() && grammar.seen >= GRAMMAR_SEEN_MIN);
        let by_grammar = |pattern: &StringClass| {
            let rules = matches!(pattern.format.drawing(), Drawing::Pattern(r) if r.is_structured);
            grammar.is_some() && rules && has_structure(&pattern.mask)
        };
        let (structured, others): (Vec<_>, Vec<_>) =
            weighted.into_iter().partition(|(pattern, _)| by_grammar(pattern));
        let share: f64 = structured.iter().map(|(_, weight)| weight).sum();
        let mut patterns: Vec<Compiled> =
            others.iter().map(|(pattern, _)| compile(pattern, text)).collect();
        let mut weights: Vec<f64> = others.iter().map(|(_, weight)| *weight).collect();
        if share > 0.0 {
            patterns.push(Compiled::Grammar);
            weights.push(share);
        }
        let mut formats = structured.iter().map(|(pattern, _)| pattern.format);
        let first = formats.next().unwrap_or_default();
        let mut node = Self {
            grammar_format: if formats.all(|other| other == first) { first } else { Format::Plain },
            choice: Choice::new(weights),
            patterns: patterns.into(),
            times: Times::of_text(text),
            grammar: grammar.map(|grammar| Box::new(GrammarNode::compile(grammar))),
        };
        if let Some(called) = called {
            node.name(called);
        }
        node
    }

    /// Puts names where single words with a capital stand in a field that is called so.
    fn name(&mut self, called: NameKind) {
        for pattern in &mut self.patterns {
            if let Compiled::Pieces(own) = pattern {
                pieces::name(own, called);
            }
        }
    }

    /// Whether no string was learned, so that there is nothing to draw from.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Writes a JSON string, quotes included.
    pub fn write(&self, seed: EntitySeed, key: u64, clock: DrawClock, out: &mut Vec<u8>) {
        let place = seed.at(key);
        out.push(b'"');
        self.write_text(place, clock, out);
        out.push(b'"');
    }

    /// A grammar knows alphabets; which hours a day has only the format knows.
    fn is_of_its_format(&self, drawn: &[u8]) -> bool {
        let is_it = |text: &str| formats::detect(text) == self.grammar_format;
        self.grammar_format == Format::Plain || std::str::from_utf8(drawn).is_ok_and(is_it)
    }

    /// The time that would be written by itself, with what is left of its stream.
    pub fn moment(&self, place: FieldSeed, clock: DrawClock) -> Option<(OwnTimestamp, KeyedRng)> {
        let pattern = self.patterns.get(self.choice.draw(place).at)?;
        let times = self.times.as_ref().filter(|_| matches!(pattern, Compiled::Time(_)))?;
        let mut stream = place.stream();
        let own = times.draw(&mut stream, clock);
        Some((own, stream))
    }

    /// Writes a JSON string with this time; nothing where another pattern than a time is drawn.
    pub fn write_moment(&self, place: FieldSeed, moment: Timestamp, out: &mut Vec<u8>) {
        if let Some(Compiled::Time(style)) = self.patterns.get(self.choice.draw(place).at) {
            out.push(b'"');
            timestamp::write_styled(style, moment.epoch_s, moment.fraction, out);
            out.push(b'"');
        }
    }

    /// Writes the escaped text alone.
    pub fn write_text(&self, place: FieldSeed, clock: DrawClock, out: &mut Vec<u8>) {
        let drawn = self.choice.draw(place);
        let Some(pattern) = self.patterns.get(drawn.at) else { return };
        let mut stream = place.stream();
        match pattern {
            Compiled::Grammar => {
                let start = out.len();
                if let Some(grammar) = &self.grammar {
                    for _ in 0..GRAMMAR_DRAWS_MAX {
                        out.truncate(start);
                        grammar.write(None, &mut stream, clock, out);
                        if self.is_of_its_format(out.get(start..).unwrap_or_default()) {
                            break;
                        }
                    }
                }
                escape_from(start, out);
            }
            Compiled::Headed(head, pieces) => {
                let start = out.len();
                pieces.iter().for_each(|piece| piece.write(&mut stream, out));
                if let Some(begin) = out.get_mut(start..start + head.len()) {
                    begin.copy_from_slice(head.as_bytes());
                }
            }
            Compiled::Pieces(pieces) => {
                for piece in pieces {
                    piece.write(&mut stream, out);
                }
            }
            Compiled::Time(style) => {
                let own = self.times.as_ref().map(|times| times.draw(&mut stream, clock).epoch_s);
                timestamp::write_styled(style, own.unwrap_or(clock.now_s), stream.word(), out);
            }
            Compiled::Made(generate) => generate(&mut stream, out),
        }
    }
}

/// Strings from which their grammar says more than their patterns.
const GRAMMAR_SEEN_MIN: u32 = 6;

/// Draws until one is of the format: digits that come as they like are an hour and minutes in a
/// third of all draws.
const GRAMMAR_DRAWS_MAX: usize = 32;

/// Weights the patterns kept so that lengths come as they were counted: each counted length goes
/// to the patterns nearest to it.
fn fit_lengths(weighted: &mut [(&StringClass, f64)], lengths: &PrioritySample<i32>) {
    if lengths.is_empty() || weighted.iter().any(|(p, _)| !p.format.has_patterns()) {
        return;
    }
    let code = |p: &StringClass| length_code(pattern::chars_of(&p.mask));
    let codes: Vec<i32> = weighted.iter().map(|(pattern, _)| code(pattern)).collect();
    let mut fitted = vec![0.0; weighted.len()];
    for (length, weight) in lengths.weights() {
        let Some(nearest) = codes.iter().map(|code| (code - length).abs()).min() else { return };
        let is_near = |at: usize| (codes[at] - length).abs() == nearest; // `at` is below the length
        let near: Vec<usize> = (0..codes.len()).filter(|at| is_near(*at)).collect();
        let total: f64 = near.iter().map(|at| weighted[*at].1).sum();
        for at in near {
            fitted[at] += weight * weighted[at].1 / total.max(f64::MIN_POSITIVE);
        }
    }
    for (entry, fitted) in weighted.iter_mut().zip(fitted) {
        entry.1 = fitted;
    }
}

/// A made-up text for a value that may not be kept: always the same for the same value and place,
/// as the value itself was.
pub fn stand_in(
    pattern: &StringClass,
    text: &StringModel,
    key: u64,
    of: &Category<StringClass>,
) -> Vec<u8> {
    let patterns = StringNode {
        grammar_format: Format::Plain,
        choice: Choice::new([1.0]),
        patterns: Box::new([compile(pattern, text)]),
        times: Times::of_text(text),
        grammar: None,
    };
    let mut out = Vec::new();
    let seed = EntitySeed::new(u64::from(of.fingerprint));
    patterns.write_text(seed.at(key), DrawClock { now_s: 0, anchor_s: 0 }, &mut out);
    out
}

fn compile(pattern: &StringClass, text: &StringModel) -> Compiled {
    match pattern.format.drawing() {
        Drawing::Time { .. } => Compiled::Time(pattern.mask.clone()),
        Drawing::Made(make) => Compiled::Made(make),
        Drawing::Pattern(PatternRules { domain: Some(domain), .. }) => {
            Compiled::Pieces(pieces::mailbox_pieces(&pattern.mask, domain))
        }
        Drawing::Pattern(rules) => {
            let pieces = pieces::pieces(pattern, text, &rules).finish();
            match rules.head {
                "" => Compiled::Pieces(pieces),
                head => Compiled::Headed(head, pieces),
            }
        }
    }
}

/// Escapes what stands from here on, which is ASCII without control characters.
fn escape_from(start: usize, out: &mut Vec<u8>) {
    let mut at = start;
    while let Some(byte) = out.get(at).copied() {
        if matches!(byte, b'"' | b'\\') {
            out.insert(at, b'\\');
            at += 1;
        }
        at += 1;
    }
}
