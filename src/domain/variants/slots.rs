//! Where the values of a group's answers come from, by vote over its exchanges.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::facts::EARLIER;
use super::partition::VariantSample;
use super::rows::{Row, arrays, rows};
use super::swap::holds;
use crate::domain::privacy::retention::may_keep_stem;
use crate::domain::words::public::is_public_identifier;
use crate::domain::world::NOW_MS;
use crate::domain::world::form::hexadecimal;
use crate::domain::world::instant::unix_ms;
use crate::domain::world::pointer::{Pointer, PointerStep, as_segment};

/// Share of exchanges that must agree on a source.
const SLOT_SHARE: f64 = 0.8;

/// Bytes from which a value that is new every time is a token.
const TOKEN_BYTES_MIN: usize = 8;

/// Bytes up to which it is one: what is longer holds something.
const TOKEN_BYTES_MAX: usize = 256;

/// Texts of requests longer than this are no parts of answers.
const PART_BYTES_MAX: usize = 2_000;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// A place of the request's facts; `Each` in it is the item that the value stands in.
    Echo(Pointer),
    /// It contains what stands at these places.
    Part(Vec<Pointer>),
    /// The moment of the request.
    Now,
    /// New every time, behind a beginning that never changes.
    Fresh(Box<str>),
    /// Made of what is asked for: the same for equal requests.
    Derived(Box<str>),
    /// A number that rises; the highest seen.
    Next(u64),
}

/// How many items an array has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Length {
    /// As many as a number of the request says.
    Said(Pointer),
    /// As many as an array of the request has.
    Like(Pointer),
}

/// What is known of the answers of one group.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    /// Sources by place.
    pub values: FxHashMap<Pointer, Slot>,
    /// Lengths by place.
    pub lengths: BTreeMap<Pointer, Length>,
    /// Headers of answers that repeat a place of the request.
    pub heads: BTreeMap<Box<str>, Pointer>,
    /// Whether some answers hold what earlier requests said.
    pub remembers: bool,
}

#[derive(Default)]
struct Votes {
    times: u32,
    now: u32,
    /// For each exchange its first value, and the number of its request.
    firsts: Vec<(String, u64)>,
    echoes: BTreeMap<Pointer, (u32, FxHashSet<u64>)>,
    parts: BTreeMap<Pointer, u32>,
    is_text: bool,
}

/// Arrays seen at a place, how many had a length by each rule, and their lengths.
type LengthVotes = (u32, BTreeMap<Length, u32>, FxHashSet<usize>);

impl Slots {
    /// Votes over the exchanges of a group.
    #[must_use]
    pub fn learn(samples: &[&VariantSample]) -> Self {
        let mut votes: BTreeMap<Pointer, Votes> = BTreeMap::new();
        let mut lengths: BTreeMap<Pointer, LengthVotes> = BTreeMap::new();
        for sample in samples {
            let Some(tree) = sample.exchange.body.tree_of_any() else { continue };
            vote(sample, tree, &mut votes);
            for (place, length) in first_of_each(arrays(tree)) {
                let entry = lengths.entry(place).or_default();
                entry.0 += 1;
                entry.2.insert(length);
                for source in lengths_of(sample, length) {
                    *entry.1.entry(source).or_default() += 1;
                }
            }
        }
        let remembers = votes.values().any(is_remembered);
        let reads = samples.first().is_some_and(|sample| sample.exchange.request.reads());
        let values = votes
            .into_iter()
            .filter_map(|(place, votes)| Some((place.clone(), decide(&place, &votes, reads)?)))
            .collect();
        let lengths = lengths
            .into_iter()
            .filter(|(_, (_, _, seen))| seen.len() > 1)
            .filter_map(|(place, (times, sources, _))| {
                let (source, n) = sources.into_iter().max_by_key(|(_, n)| *n)?;
                (f64::from(n) >= SLOT_SHARE * f64::from(times)).then_some((place, source))
            })
            .collect();
        Self { values, lengths, heads: heads(samples), remembers }
    }
}

/// Answers that must hold something that was said earlier, and share of them.
const EARLIER_MIN: u32 = 3;
const EARLIER_SHARE: f64 = 0.2;

/// Whether a place holds what was said earlier often enough to remember it.
fn is_remembered(votes: &Votes) -> bool {
    let counts = votes.echoes.iter().map(|(place, (n, _))| (place, *n));
    let counts = counts.chain(votes.parts.iter().map(|(place, n)| (place, *n)));
    counts
        .filter(|(place, _)| place.first() == Some(&earlier()))
        .any(|(_, n)| n >= EARLIER_MIN && f64::from(n) >= EARLIER_SHARE * f64::from(votes.times))
}

fn earlier() -> PointerStep {
    PointerStep::Member(EARLIER.into())
}

/// Bytes from which a header of an answer may repeat one of the request by more than chance.
const HEAD_BYTES_MIN: usize = 4;

/// Exchanges that must agree on where a header comes from.
const HEAD_EXCHANGES_MIN: u32 = 3;

/// Headers of answers that always are what stands at one place of the request.
fn heads(samples: &[&VariantSample]) -> BTreeMap<Box<str>, Pointer> {
    let mut votes: BTreeMap<&str, (u32, BTreeMap<Pointer, u32>)> = BTreeMap::new();
    for sample in samples {
        let said = rows(&sample.facts.0);
        for (name, value) in sample.exchange.headers.iter().filter(|(n, _)| &**n != "content-type")
        {
            let entry = votes.entry(name).or_default();
            entry.0 += 1;
            let equal = said.iter().filter(|(place, _, said)| {
                // An entity tag stands in quotes.
                !place.contains(&PointerStep::Each)
                    && said.as_str() == Some(value.trim_matches('"'))
            });
            for (place, ..) in equal.filter(|_| value.len() >= HEAD_BYTES_MIN) {
                *entry.1.entry(place.clone()).or_default() += 1;
            }
        }
    }
    let found = votes.into_iter().filter_map(|(name, (times, places))| {
        let (place, n) = places.into_iter().max_by_key(|(_, n)| *n)?;
        let enough = n >= HEAD_EXCHANGES_MIN && f64::from(n) >= SLOT_SHARE * f64::from(times);
        enough.then(|| (name.into(), place))
    });
    found.collect()
}

fn first_of_each(found: Vec<(Pointer, usize)>) -> Vec<(Pointer, usize)> {
    let mut known: FxHashSet<Pointer> = FxHashSet::default();
    found.into_iter().filter(|(place, _)| known.insert(place.clone())).collect()
}

fn lengths_of(sample: &VariantSample, length: usize) -> Vec<Length> {
    let said = rows(&sample.facts.0).into_iter().filter_map(|(place, _, value)| {
        let number = as_segment(value)?.parse::<usize>().ok()?;
        let is_head = place.first() == Some(&PointerStep::Member("header".into()));
        (number == length && !is_head && !place.contains(&PointerStep::Each))
            .then_some(Length::Said(place))
    });
    let like = arrays(&sample.facts.0).into_iter().filter_map(|(place, own)| {
        (own == length && !place.contains(&PointerStep::Each)).then_some(Length::Like(place))
    });
    said.chain(like).collect()
}

fn vote(sample: &VariantSample, tree: &Value, votes: &mut BTreeMap<Pointer, Votes>) {
    let mut by_place: BTreeMap<Pointer, Vec<(usize, &Value)>> = BTreeMap::new();
    for (place, item, value) in rows(tree) {
        by_place.entry(place).or_default().push((item, value));
    }
    let said = rows(&sample.facts.0);
    let mut by_text: FxHashMap<String, Vec<&Row<'_>>> = FxHashMap::default();
    for row in &said {
        if let Some(text) = text_of(row.2) {
            by_text.entry(text).or_default().push(row);
        }
    }
    let request = sample.features.hash();
    for (place, values) in by_place {
        let entry = votes.entry(place).or_default();
        entry.times += 1;
        let (item, first) = values[0];
        let Some(text) = text_of(first) else { continue };
        let is_now = |(_, value): &(usize, &Value)| {
            unix_ms(value).is_some_and(|ms| (ms - sample.exchange.request.at_ms).abs() < NOW_MS)
        };
        entry.now += u32::from(values.iter().all(is_now));
        entry.is_text = first.is_string();
        let mut tried: FxHashSet<&Pointer> = FxHashSet::default();
        for (source, own, _) in by_text.get(&text).into_iter().flatten() {
            let each = source.contains(&PointerStep::Each);
            if (each && *own != item) || !tried.insert(source) {
                continue;
            }
            let agrees = |(item, value): &(usize, &Value)| {
                sample.facts.at(source, *item).is_some_and(|said| text_of(said) == text_of(value))
            };
            if values.iter().all(agrees) {
                let votes = entry.echoes.entry(source.clone()).or_default();
                votes.0 += 1;
                votes.1.insert(crate::domain::world::fingerprint(&[&text]));
            }
        }
        if first.is_string() {
            for (source, _, value) in &said {
                let part = text_of(value).filter(|p| *p != text && p.len() <= PART_BYTES_MAX);
                let plain = !source.contains(&PointerStep::Each) && !value.is_boolean();
                if plain && part.is_some_and(|part| holds(&text, &part)) {
                    *entry.parts.entry(source.clone()).or_default() += 1;
                }
            }
        }
        entry.firsts.push((text, request));
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn decide(place: &Pointer, votes: &Votes, reads: bool) -> Option<Slot> {
    let enough = |n: u32| f64::from(n) >= SLOT_SHARE * f64::from(votes.times);
    let distinct: FxHashSet<&str> = votes.firsts.iter().map(|(text, _)| &**text).collect();
    if distinct.len() < 2 || votes.times < 2 {
        return None;
    }
    let same_name = |source: &Pointer| source.last() == place.last();
    let is_head = |source: &Pointer| source.first() == Some(&PointerStep::Member("header".into()));
    let echo =
        votes.echoes.iter().filter(|(_, (n, values))| enough(*n) && values.len() > 1).max_by_key(
            |(source, (n, _))| {
                // What this request says itself comes before what an earlier one said.
                let is_own = source.first() != Some(&earlier());
                (*n, is_own, !is_head(source), same_name(source))
            },
        );
    if let Some((source, _)) = echo {
        return Some(Slot::Echo(source.clone()));
    }
    if enough(votes.now) {
        return Some(Slot::Now);
    }
    let parts: Vec<Pointer> =
        votes.parts.iter().filter(|(_, n)| enough(**n)).map(|(place, _)| place.clone()).collect();
    if !parts.is_empty() {
        return Some(Slot::Part(parts));
    }
    let all = votes.firsts.len();
    let mut by_request: FxHashMap<u64, FxHashSet<&str>> = FxHashMap::default();
    for (text, request) in &votes.firsts {
        by_request.entry(*request).or_default().insert(text);
    }
    let repeated = by_request.len() < all;
    // A request asked again that got the same: it is made of the request, and not of chance.
    let derived = by_request.values().all(|texts| texts.len() == 1) && (repeated || reads);
    let numbers: Option<Vec<u64>> =
        votes.firsts.iter().map(|(text, _)| number(text, votes.is_text)).collect();
    if let Some(numbers) = numbers.filter(|_| !derived) {
        let rises = numbers.windows(2).all(|pair| pair[0] < pair[1]);
        return rises.then(|| Slot::Next(numbers.last().copied().unwrap_or(0)));
    }
    if votes.is_text {
        let sizes = TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX;
        // A moment made of other digits would be none.
        let is_moment = |text: &str| unix_ms(&Value::String(text.to_owned())).is_some();
        let token =
            |text: &&str| sizes.contains(&text.len()) && !text.contains(' ') && !is_moment(text);
        if !distinct.iter().all(token) || 5 * distinct.len() < 4 * by_request.len().max(2) {
            return None;
        }
        let keep = common_prefix(&distinct);
        return Some(if derived { Slot::Derived(keep) } else { Slot::Fresh(keep) });
    }
    None
}

/// A whole number, or a text that writes one in hexadecimal digits.
fn number(text: &str, is_text: bool) -> Option<u64> {
    match is_text {
        true => u64::from_str_radix(hexadecimal(text)?, 16).ok(),
        false => text.parse().ok(),
    }
}

/// Texts that must agree on their beginning.
const PREFIX_TEXTS_MIN: usize = 4;

/// Texts that must agree on it where it is no word that every API uses.
const PREFIX_TEXTS_KIND_MIN: usize = 8;

/// Bytes of a beginning.
const PREFIX_BYTES_MAX: usize = 24;

/// What all texts begin with, where they are enough.
fn common_prefix(texts: &FxHashSet<&str>) -> Box<str> {
    let all = texts.len();
    let mut texts = texts.iter();
    let Some(first) = texts.next().filter(|_| all >= PREFIX_TEXTS_MIN) else {
        return "".into();
    };
    let shared = |other: &&str| {
        let pairs = first.chars().zip(other.chars());
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let length: usize = texts.map(shared).min().unwrap_or(0);
    let prefix = first.get(..length).unwrap_or_default();
    // A kind before a sign (`evt_`), and not the letters that chance made equal.
    let kind = prefix.rfind(|c: char| !c.is_alphanumeric()).map_or("", |at| &prefix[..=at]);
    let is_public = is_public_identifier(prefix.trim_end_matches(|c: char| !c.is_alphanumeric()));
    let prefix = if is_public { prefix } else { kind };
    let bodies = u32::try_from(all).unwrap_or(u32::MAX);
    // What all begin with may still be somebody's.
    let may_keep = is_public || (all >= PREFIX_TEXTS_KIND_MIN && may_keep_stem(prefix, bodies));
    if prefix.len() > PREFIX_BYTES_MAX || !may_keep { "".into() } else { prefix.into() }
}
