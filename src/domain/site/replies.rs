//! Which answers the requests of each endpoint choose, and the words in them that are the
//! service's own.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::veil::is_secret;
use super::word_run::{Run, WordRun, words};
use crate::domain::privacy::{is_person, is_sensitive_value};
use crate::domain::variants::rows::rows;
use crate::domain::variants::{Partition, VariantSample, batch};
use crate::domain::world::pointer::{Pointer, PointerStep, last_member};
use crate::domain::world::{Seen, SessionMemory, SitePlace, by_place, fingerprint};

/// Exchanges of one endpoint over which choices are learned, the newest.
const SAMPLES_MAX: usize = 600;

/// Exchanges of one group that must show a word, and share of those that show its place.
const WORD_EXCHANGES_MIN: u32 = 4;
const WORD_SHARE: f64 = 0.5;

/// The exchanges of an endpoint with what chooses among them.
pub struct SampledReplies {
    /// The exchanges, those of a batch one by one.
    pub samples: Vec<VariantSample>,
    /// What chooses.
    pub partition: Partition,
}

/// What earlier requests said that lead to each exchange, by the tokens that it sends.
#[must_use]
pub fn earlier(seen: &[Seen]) -> Vec<Option<Value>> {
    let mut memory = SessionMemory::default();
    let told = |one: &Seen| {
        let earlier = memory.recall(&one.exchange.request);
        memory.note(&one.exchange);
        earlier
    };
    seen.iter().map(told).collect()
}

/// The exchanges of all endpoints.
#[must_use]
pub fn sampled(seen: &[Seen]) -> FxHashMap<Arc<SitePlace>, SampledReplies> {
    let mut numbers: FxHashMap<*const Seen, u32> = FxHashMap::default();
    for (number, one) in seen.iter().enumerate() {
        numbers.insert(std::ptr::from_ref(one), number as u32);
    }
    let earlier = earlier(seen);
    let mut found = FxHashMap::default();
    for (place, own) in by_place(seen) {
        let newest = &own[own.len().saturating_sub(SAMPLES_MAX)..];
        let mut samples = Vec::with_capacity(newest.len());
        let mut asked = FxHashSet::default();
        let mut look = |exchange: &_, number: u32| {
            let earlier = earlier.get(number as usize).and_then(Option::as_ref);
            VariantSample::of(exchange, &place.template, (number, earlier), &mut asked)
        };
        // Where streams end by themselves, one that its client ended is only a part of one.
        let ends = newest.iter().any(|one| {
            one.exchange.is_ok() && one.exchange.body.is_stream() && !one.exchange.pace.is_endless
        });
        for one in newest.iter().filter(|one| !(ends && one.exchange.pace.is_endless)) {
            let number = numbers.get(&std::ptr::from_ref(*one)).copied().unwrap_or(0);
            match batch::exchanges(&one.exchange) {
                Some(parts) => {
                    samples.extend(parts.into_iter().map(|part| look(&Arc::new(part), number)));
                }
                None => samples.push(look(&one.exchange, number)),
            }
        }
        let partition = Partition::find(&samples);
        found.insert(place, SampledReplies { samples, partition });
    }
    found
}

/// Words that stand in half of a group's answers, at one place, and in few of their requests:
/// what never changes, and what a service says of itself.
#[must_use]
pub fn service_words(sampled: &FxHashMap<Arc<SitePlace>, SampledReplies>) -> FxHashSet<u64> {
    let mut kept = FxHashSet::default();
    for own in sampled.values() {
        let mut groups: FxHashMap<(u16, u64), Vec<&VariantSample>> = FxHashMap::default();
        for sample in &own.samples {
            let group = own.partition.group(&sample.features);
            groups.entry((sample.exchange.status, group)).or_default().push(sample);
        }
        groups.values().for_each(|group| words_of(group, &mut kept));
    }
    kept
}

#[derive(Default)]
struct Shown {
    exchanges: u32,
    words: FxHashMap<String, u32>,
}

fn words_of(group: &[&VariantSample], kept: &mut FxHashSet<u64>) {
    let mut places: FxHashMap<Pointer, Shown> = FxHashMap::default();
    for sample in group {
        let (brought, brought_above) = brought(sample);
        let mut own: FxHashMap<Pointer, FxHashSet<String>> = FxHashMap::default();
        let all = texts(sample).into_iter().map(|one| (one, false));
        let all = all.chain(headers(sample).into_iter().map(|one| (one, true)));
        for ((place, text), is_head) in all {
            let name = last_member(&place).unwrap_or_default();
            let secret = is_secret(name, &text) || is_person(name, &text);
            let words_here = own.entry(place).or_default();
            if secret || is_sensitive_value(&text) {
                continue;
            }
            // What is joined to digits is a part of an identifier, and no word of the service.
            let whole: FxHashSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
            let is_whole = |run: &WordRun<'_>| run.kind == Run::Word && whole.contains(run.text);
            for run in words(&text).filter(is_whole) {
                let word = run.text.to_lowercase();
                // What stands in headers on both sides may be whose request it is.
                let is_brought =
                    brought.contains(&word) || (is_head && brought_above.contains(&word));
                if !is_brought {
                    words_here.insert(word);
                }
            }
        }
        for (place, words) in own {
            let shown = places.entry(place).or_default();
            shown.exchanges += 1;
            for word in words {
                *shown.words.entry(word).or_default() += 1;
            }
        }
    }
    for shown in places.values() {
        for (word, n) in &shown.words {
            let enough = *n >= WORD_EXCHANGES_MIN
                && f64::from(*n) >= WORD_SHARE * f64::from(shown.exchanges);
            if enough && !is_sensitive_value(word) {
                kept.insert(fingerprint(&[word]));
            }
        }
    }
}

/// The texts of an answer with their places; of what has no structure the whole text.
fn texts(sample: &VariantSample) -> Vec<(Pointer, String)> {
    let exchange = &sample.exchange;
    if let Some(tree) = exchange.body.tree_of_any() {
        let text = |(place, _, value): (Pointer, usize, &Value)| match value {
            Value::String(text) => Some((place, text.clone())),
            _ => None,
        };
        return rows(tree).into_iter().filter_map(text).collect();
    }
    let text = str::from_utf8(&exchange.bytes).unwrap_or_default();
    vec![(Pointer::new(), text.to_owned())]
}

/// The headers of an answer as texts with their places.
fn headers(sample: &VariantSample) -> Vec<(Pointer, String)> {
    let headers = sample.exchange.headers.iter().filter(|(name, _)| &**name != "set-cookie");
    let place = |name: &str| -> Pointer {
        ["header", name].map(|step| PointerStep::Member(step.into())).into()
    };
    headers.map(|(name, value)| (place(name), value.clone())).collect()
}

/// Words that the request brought along, and those that its headers did.
fn brought(sample: &VariantSample) -> (FxHashSet<String>, FxHashSet<String>) {
    let (mut found, mut above) = (FxHashSet::default(), FxHashSet::default());
    let head = PointerStep::Member("header".into());
    // Headers speak of the protocol, which answers speak of too; ids in them are no two alike.
    for (place, _, value) in rows(&sample.facts.0) {
        let Some(text) = value.as_str() else { continue };
        let to = if place.first() == Some(&head) { &mut above } else { &mut found };
        to.extend(words(text).filter(|r| r.kind != Run::Other).map(|r| r.text.to_lowercase()));
    }
    (found, above)
}
