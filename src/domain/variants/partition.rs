//! Which features of requests choose the answer: the exchanges of an endpoint, parted.
//!
//! A place is taken where knowing its value saves more bits of the answers' forms than it costs
//! to say what each value means (two-part code; Rissanen, "Modeling by shortest data description",
//! 1978), one place after the other, the best first.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::facts::Facts;
use super::features::{RequestFeatures, again_places, form, header_places};
use super::rows::rows;
use crate::domain::world::instant::unix_ms;
use crate::domain::world::{NOW_MS, SiteExchange, SiteTemplate, fingerprint};

/// Places that choose together.
const PLACES_MAX: usize = 6;

/// Different values of one place that choose.
const VALUES_MAX: usize = 128;

/// An exchange with what is known of it.
pub struct VariantSample {
    /// The exchange.
    pub exchange: Arc<SiteExchange>,
    /// What its request says.
    pub facts: Facts,
    /// The same as features.
    pub features: RequestFeatures,
    /// Form of its answer: status, content type, structure.
    pub form: u64,
    /// Its place in the order of time.
    pub number: u32,
}

impl VariantSample {
    /// Looks at an exchange of an endpoint; `asked` holds the requests before it, and `earlier` is
    /// what those said whose answers led to it.
    #[must_use]
    pub fn of(
        exchange: &Arc<SiteExchange>,
        template: &SiteTemplate,
        (number, earlier): (u32, Option<&Value>),
        asked: &mut FxHashSet<u64>,
    ) -> Self {
        let mut facts = Facts::of(&exchange.request, template);
        facts.follow(earlier.cloned());
        if !asked.insert(RequestFeatures::of(&facts).hash()) {
            facts.again();
        }
        let media = exchange.header("content-type").and_then(|media| media.split(';').next());
        let structure = match exchange.body.tree_of_any() {
            Some(tree) if exchange.body.is_stream() => stream_form(tree),
            Some(tree) => form(tree),
            None => u64::from(exchange.bytes.is_empty()),
        };
        let mut names: Vec<&str> = exchange.headers.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        let said = [&exchange.status.to_string(), media.unwrap_or_default(), &names.join(" ")];
        let form = fingerprint(&[said[0], said[1], said[2], &structure.to_string()]);
        Self {
            exchange: Arc::clone(exchange),
            features: RequestFeatures::of(&facts),
            facts,
            form,
            number,
        }
    }
}

impl VariantSample {
    /// Whether the answer says the moment of its request.
    #[must_use]
    pub fn says_now(&self) -> bool {
        let at_ms = self.exchange.request.at_ms;
        let is_now = |value| unix_ms(value).is_some_and(|ms| (ms - at_ms).abs() < NOW_MS);
        let tree = self.exchange.body.tree_of_any();
        tree.is_some_and(|tree| rows(tree).into_iter().any(|(_, _, value)| is_now(value)))
    }
}

/// The form of a stream: that of its first and its last message, however many lie between.
fn stream_form(tree: &Value) -> u64 {
    let messages = tree.as_array().map_or(&[][..], Vec::as_slice);
    let ends = [messages.first(), messages.last()];
    let forms = ends.map(|message| message.map_or(0, form).to_string());
    fingerprint(&[&forms[0], &forms[1]])
}

/// How the exchanges of an endpoint are parted.
#[derive(Debug, Clone, Default)]
pub struct Partition {
    /// Places whose values choose, with the share of the uncertainty that each resolves.
    pub chosen: Vec<(u64, f64)>,
    /// Places and values that come more than once: what tells requests apart and is no id.
    pub words: FxHashMap<u64, u32>,
    /// Places that say nothing of which answer is asked for: headers that are new in nearly every
    /// request, and that it was asked before where this chooses nothing.
    pub noise: FxHashSet<u64>,
    /// Cookies that are new in nearly every request: they tell by being there.
    pub present: FxHashSet<u64>,
    /// Forms that answers have.
    pub forms: usize,
}

impl Partition {
    /// Finds the places that choose.
    #[must_use]
    pub fn find(samples: &[VariantSample]) -> Self {
        let mut values: FxHashMap<u64, FxHashMap<u64, u32>> = FxHashMap::default();
        for sample in samples {
            for (place, value) in sample.features.iter() {
                *values.entry(place).or_default().entry(value).or_default() += 1;
            }
        }
        let all = samples.len();
        let repeats = |counts: &FxHashMap<u64, u32>| {
            let once = counts.values().filter(|n| **n == 1).count();
            counts.len() <= VALUES_MAX && 5 * once <= all.max(1)
        };
        let words: FxHashMap<u64, u32> = values
            .iter()
            .filter(|(_, counts)| repeats(counts))
            .map(|(place, counts)| (*place, counts.len() as u32))
            .collect();
        let mut candidates: Vec<(u64, bool)> = words.keys().map(|place| (*place, true)).collect();
        // Of what is different nearly every time it may still matter whether it is there.
        let sparse = values.iter().filter(|(place, counts)| {
            !words.contains_key(*place) && (counts.values().sum::<u32>() as usize) < all
        });
        candidates.extend(sparse.map(|(place, _)| (*place, false)));
        candidates.sort_unstable();
        let forms: Vec<u64> = samples.iter().map(|sample| sample.form).collect();
        let mut found = Self { words, forms: distinct(&forms), ..Self::default() };
        found.choose(samples, &forms, &candidates);
        found.find_noise(samples);
        found
    }

    fn find_noise(&mut self, samples: &[VariantSample]) {
        let is_chosen = |place: &u64| self.chosen.iter().any(|(known, _)| known == place);
        let (mut noise, mut present) = (FxHashSet::default(), FxHashSet::default());
        for sample in samples {
            for (place, is_cookie) in header_places(&sample.facts) {
                if !self.words.contains_key(&place) && !is_chosen(&place) {
                    (if is_cookie { &mut present } else { &mut noise }).insert(place);
                }
            }
        }
        noise.extend(again_places().into_iter().filter(|place| !is_chosen(place)));
        (self.noise, self.present) = (noise, present);
    }

    /// A number for what a request says that may choose: equal for one that was recorded.
    #[must_use]
    pub fn identity(&self, features: &RequestFeatures) -> u64 {
        features.hash_but(&self.noise, &self.present)
    }

    /// Whether it matters that a request was asked before.
    #[must_use]
    pub fn minds_again(&self) -> bool {
        again_places().iter().any(|place| self.chosen.iter().any(|(known, _)| known == place))
    }

    fn choose(&mut self, samples: &[VariantSample], forms: &[u64], candidates: &[(u64, bool)]) {
        let mut groups = vec![0_u64; samples.len()];
        let whole = bits(&groups, forms);
        if whole <= 0.0 {
            return;
        }
        while self.chosen.len() < PLACES_MAX {
            let now = bits(&groups, forms);
            let split = |(place, by_value): &(u64, bool)| -> Vec<u64> {
                let part = |(sample, group): (&VariantSample, &u64)| {
                    let value = sample.features.get(*place);
                    let value = if *by_value { value } else { value.map(|_| 1) };
                    group.rotate_left(9) ^ value.map_or(1, |value| value.wrapping_mul(31) | 2)
                };
                samples.iter().zip(&groups).map(part).collect()
            };
            let before = distinct(&groups);
            let price = |parts: &[u64]| {
                let more = distinct(parts).saturating_sub(before) as f64;
                more * 0.5 * (samples.len() as f64).log2().max(1.0)
            };
            let saved = |parts: &[u64]| now - bits(parts, forms) - price(parts);
            let best = candidates
                .iter()
                .filter(|(place, _)| !self.chosen.iter().any(|(known, _)| known == place))
                .map(|candidate| (candidate, split(candidate)))
                .map(|(candidate, parts)| (saved(&parts), candidate, parts))
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let Some((saved, (place, _), parts)) = best else { break };
            if saved <= 0.0 {
                break;
            }
            self.chosen.push((*place, (now - bits(&parts, forms)) / whole));
            groups = parts;
        }
    }

    /// The group of a request: equal for equal choices.
    #[must_use]
    pub fn group(&self, features: &RequestFeatures) -> u64 {
        self.chosen.iter().fold(0, |all: u64, (place, _)| {
            let value = features.get(*place);
            let value = if self.words.contains_key(place) { value } else { value.map(|_| 1) };
            all.rotate_left(9) ^ value.map_or(1, |value| value.wrapping_mul(31) | 2)
        })
    }
}

fn distinct(values: &[u64]) -> usize {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

/// Bits that say the form of each answer where its group is known.
fn bits(groups: &[u64], forms: &[u64]) -> f64 {
    let mut counts: FxHashMap<u64, FxHashMap<u64, u32>> = FxHashMap::default();
    for (group, form) in groups.iter().zip(forms) {
        *counts.entry(*group).or_default().entry(*form).or_default() += 1;
    }
    let of_group = |counts: &FxHashMap<u64, u32>| {
        let all = f64::from(counts.values().sum::<u32>());
        counts.values().map(|n| f64::from(*n) * (all / f64::from(*n)).log2()).sum::<f64>()
    };
    counts.values().map(of_group).sum()
}
