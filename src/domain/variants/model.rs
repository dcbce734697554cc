//! What is known of the answers of one endpoint: skeletons, and which request gets which.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::accept_header::quality;
use super::facts::Facts;
use super::features::RequestFeatures;
use super::partition::{Partition, VariantSample};
use super::slots::{Slot, Slots};
use crate::domain::media::digest::is_of_bytes;
use crate::domain::world::pointer::{Pointer, PointerStep};
use crate::domain::world::{SiteExchange, SiteTemplate};

/// Skeletons of one endpoint.
const SKELETONS_MAX: usize = 240;

/// Skeletons of one endpoint that answers recorded requests alone.
const RECALLED_MAX: usize = 128;

/// Bytes of the skeletons of one endpoint.
const SKELETON_BYTES_MAX: usize = 2 << 20;

/// GraphQL fields of one endpoint.
const FIELDS_MAX: usize = 2_000;

/// Exchanges that must agree before an endpoint is taken to answer one thing, or one echo.
const EVIDENCE_MIN: usize = 4;

/// Weight of a place that chooses, against 1 of one that is there in one request only.
const CHOSEN_WEIGHT: f64 = 100.0;

/// What a media type that is not wanted weighs, against what a place that chooses does.
const UNWANTED_TIMES: f64 = 100.0;

/// Share of repeated requests that must get what they got before.
const REPEAT_SHARE: f64 = 0.9;

/// Exchanges of one group of which a share has one status, so that the group says the status.
const STATUS_SHARE: f64 = 0.95;

/// A recorded answer whose values are stand-ins or come from their slots.
#[derive(Debug, Clone)]
pub struct Skeleton {
    /// The exchange, behind the veil.
    pub exchange: Arc<SiteExchange>,
    /// What its request said, behind the veil.
    pub facts: Facts,
    /// Features of its request as it came.
    pub features: RequestFeatures,
    /// The same behind the veil: what a consumer repeats of an answer is found again.
    pub shown: RequestFeatures,
    /// Its group.
    pub group: u64,
    /// Its place in the order of time.
    pub number: u32,
    /// Names of its headers.
    pub headers: Arc<[Box<str>]>,
}

/// What is known of the answers of one endpoint.
#[derive(Debug, Clone, Default)]
pub struct VariantModel {
    /// How its requests are parted.
    pub partition: Partition,
    /// Skeletons, the newest first.
    pub skeletons: Vec<Skeleton>,
    /// Slots by status and group.
    pub slots: FxHashMap<(u16, u64), Slots>,
    /// Slots by status alone, for groups of one exchange.
    pub common: FxHashMap<u16, Slots>,
    /// Statuses by group.
    statuses: FxHashMap<u64, Vec<(u16, u32)>>,
    /// Values of GraphQL fields by name, for selections that were never seen whole.
    fields: FxHashMap<String, Value>,
    /// Whether requests ask for answers of different forms.
    pub parts: bool,
    /// Whether all answers are made after skeletons, and not drawn.
    pub speaks: bool,
    /// Whether equal requests got equal answers, so that a recorded one gets what it got.
    pub recalls: bool,
    /// Skeletons by the number of what their requests said, as they came and behind the veil.
    by_request: FxHashMap<(u16, u64), usize>,
}

/// What is known of an endpoint besides its exchanges, and what of them may be shown.
pub struct VariantSubject<'s> {
    /// Its path.
    pub template: &'s SiteTemplate,
    /// Whether its answers show entities that others write or list.
    pub is_stateful: bool,
    /// Whether it is a list of rows.
    pub is_list: bool,
    /// Whether anything writes what it shows, or the site makes its lists as they were.
    pub is_made: bool,
    /// An exchange behind the veil; `None` where nothing can stand in for it.
    pub exchange: &'s dyn Fn(&SiteExchange) -> Option<SiteExchange>,
    /// A document behind the veil.
    pub document: &'s dyn Fn(&Value) -> Value,
}

impl VariantModel {
    /// Learns from the exchanges of an endpoint.
    #[must_use]
    pub fn learn(
        (samples, partition): (&[VariantSample], Partition),
        subject: &VariantSubject<'_>,
    ) -> Self {
        let mut model = Self { partition, ..Self::default() };
        let mut groups: FxHashMap<(u16, u64), Vec<&VariantSample>> = FxHashMap::default();
        let mut whole: FxHashMap<u16, Vec<&VariantSample>> = FxHashMap::default();
        for sample in samples {
            let group = model.partition.group(&sample.features);
            let status = sample.exchange.status;
            groups.entry((status, group)).or_default().push(sample);
            whole.entry(status).or_default().push(sample);
            let counts = model.statuses.entry(group).or_default();
            match counts.iter_mut().find(|(known, _)| *known == status) {
                Some((_, n)) => *n += 1,
                None => counts.push((status, 1)),
            }
        }
        model.slots = groups.iter().map(|(key, own)| (*key, Slots::learn(own))).collect();
        model.common = whole.iter().map(|(status, own)| (*status, Slots::learn(own))).collect();
        model.derive();
        let ok: Vec<&VariantSample> = samples.iter().filter(|s| s.exchange.is_ok()).collect();
        model.parts = model.partition.parts(&ok);
        // What is equal because it came within a second will be another in the next one.
        let is_timed =
            ok.first().is_some_and(|s| s.says_now()) || ok.last().is_some_and(|s| s.says_now());
        let is_whole = is_other(&ok) || (is_constant(&ok) && !is_timed);
        model.speaks = match subject.is_stateful {
            // A list is made of its rows, by what the site knows of pages and filters.
            true => is_whole || (model.parts && !subject.is_list),
            false => is_whole || ((model.parts || model.echoes()) && !subject.is_list),
        };
        model.recalls = !subject.is_made && !is_timed && model.partition.repeats(&ok);
        if model.speaks || model.recalls {
            model.keep(samples, subject);
        }
        model
    }

    /// Whether answers repeat what nothing else looks at: JSON inside parameters, cookies, what a
    /// GraphQL document says, what earlier requests said.
    fn echoes(&self) -> bool {
        let is_deep = |source: &Pointer| match source.first().and_then(PointerStep::member) {
            Some("query") => source.len() > 2,
            // Of a file nothing else knows more than the name.
            Some("body") => {
                let last = source.last().and_then(PointerStep::member).unwrap_or_default();
                source.len() > 2 && is_of_bytes(last)
            }
            Some("path") => false,
            Some("header") => source.last().and_then(PointerStep::member).is_some_and(is_cookie),
            _ => true,
        };
        let is_echo = |slot: &Slot| match slot {
            Slot::Echo(source) => is_deep(source),
            // Drawing knows values and URLs of the request, and nothing else that stands in texts.
            Slot::Part(sources) => sources
                .iter()
                .any(|source| source.first().and_then(PointerStep::member) != Some("path")),
            _ => false,
        };
        let ok = self.slots.iter().filter(|((status, _), _)| (200..300).contains(status));
        let ok: Vec<&Slots> = ok.map(|(_, slots)| slots).collect();
        ok.iter()
            .any(|slots| slots.values.values().any(is_echo) || slots.heads.values().any(is_deep))
    }

    /// Whether answers hold what earlier requests of the same consumer said.
    #[must_use]
    pub fn remembers(&self) -> bool {
        self.slots.values().chain(self.common.values()).any(|slots| slots.remembers)
    }

    /// Whether requests choose among statuses, so that this is worth keeping without skeletons.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        self.speaks || self.recalls || !self.partition.chosen.is_empty()
    }

    /// What is the same for a request that is asked again is so in every group: one group alone
    /// may hold no request twice.
    fn derive(&mut self) {
        for ((status, _), slots) in &mut self.slots {
            let Some(common) = self.common.get(status) else { continue };
            for (place, slot) in &mut slots.values {
                let known = common.values.get(place);
                if let (Slot::Fresh(keep) | Slot::Derived(keep), Some(known)) = (&mut *slot, known)
                    && let Slot::Fresh(shared) | Slot::Derived(shared) = known
                    && keep.is_empty()
                {
                    // What all begin with shows where there are more of them.
                    keep.clone_from(shared);
                }
                if let Slot::Fresh(keep) = slot
                    && matches!(known, Some(Slot::Derived(_)))
                {
                    *slot = Slot::Derived(std::mem::take(keep));
                }
            }
        }
    }

    /// Keeps skeletons: the newest of each request, as many as there is room for.
    fn keep(&mut self, samples: &[VariantSample], subject: &VariantSubject<'_>) {
        let mut known: FxHashSet<(u16, u64)> = FxHashSet::default();
        let mut bytes = 0;
        for sample in samples.iter().rev() {
            bytes += sample.exchange.bytes.len();
            let most = if self.speaks { SKELETONS_MAX } else { RECALLED_MAX };
            if self.skeletons.len() >= most
                || (bytes > SKELETON_BYTES_MAX && !self.skeletons.is_empty())
            {
                break;
            }
            let said = self.partition.identity(&sample.features);
            if self.recalls && !known.insert((sample.exchange.status, said)) {
                continue;
            }
            if !self.recalls && !known.insert((sample.exchange.status, sample.features.hash())) {
                continue;
            }
            let Some(exchange) = (subject.exchange)(&sample.exchange) else { continue };
            let exchange = Arc::new(exchange);
            let mut facts = Facts::of(&exchange.request, subject.template);
            facts.follow(sample.facts.earlier().map(subject.document));
            if facts.0.get("graph").is_some() {
                exchange.json().into_iter().for_each(|tree| self.gather(tree));
            }
            let shown = RequestFeatures::of(&facts);
            let status = sample.exchange.status;
            for features in [&sample.features, &shown] {
                let said = self.partition.identity(features);
                self.by_request.entry((status, said)).or_insert(self.skeletons.len());
            }
            self.skeletons.push(Skeleton {
                shown,
                facts,
                exchange,
                features: sample.features.clone(),
                group: self.partition.group(&sample.features),
                number: sample.number,
                headers: sample.exchange.headers.iter().map(|(name, _)| name.clone()).collect(),
            });
        }
    }

    fn gather(&mut self, tree: &Value) {
        match tree {
            Value::Object(members) => {
                for (name, value) in members {
                    if self.fields.len() < FIELDS_MAX && !value.is_null() {
                        self.fields.entry(name.clone()).or_insert_with(|| value.clone());
                    }
                    self.gather(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.gather(item)),
            _ => {}
        }
    }

    /// A value of a GraphQL field, from an answer that had one.
    #[must_use]
    pub fn lend(&self, name: &str) -> Option<Value> {
        self.fields.get(name).cloned()
    }

    /// The status that all of a request's group have.
    #[must_use]
    pub fn status(&self, features: &RequestFeatures) -> Option<u16> {
        if !self.partition.chosen.is_empty() {
            let counts = self.statuses.get(&self.partition.group(features))?;
            let all: u32 = counts.iter().map(|(_, n)| n).sum();
            let (status, n) = counts.iter().copied().max_by_key(|(_, n)| *n)?;
            let enough = all as usize >= EVIDENCE_MIN
                && f64::from(n) >= STATUS_SHARE * f64::from(all)
                && status < 500;
            return enough.then_some(status);
        }
        None
    }

    /// The skeleton with a status of this very request, noise aside.
    #[must_use]
    pub fn recorded(&self, status: u16, features: &RequestFeatures) -> Option<&Skeleton> {
        if !self.recalls {
            return None;
        }
        let said = self.partition.identity(features);
        self.skeletons.get(*self.by_request.get(&(status, said))?)
    }

    /// The skeleton with a status whose request is most like this one; `draw` chooses among equals.
    #[must_use]
    pub fn nearest(
        &self,
        status: u16,
        (features, accept): (&RequestFeatures, Option<&str>),
        draw: u64,
    ) -> Option<&Skeleton> {
        let of_status = self.skeletons.iter().filter(|s| s.exchange.status == status);
        let mut best: Vec<&Skeleton> = Vec::new();
        let mut least = f64::INFINITY;
        for skeleton in of_status {
            let distance = self.distance(skeleton, features) + unwanted(skeleton, accept);
            if distance < least - 1e-9 {
                (least, best) = (distance, vec![skeleton]);
            } else if distance <= least + 1e-9 {
                best.push(skeleton);
            }
        }
        let at = draw as usize % best.len().max(1);
        best.get(at).copied()
    }

    fn distance(&self, skeleton: &Skeleton, features: &RequestFeatures) -> f64 {
        let weight = |place: u64| {
            let chosen = self.partition.chosen.iter().position(|(known, _)| *known == place);
            match (chosen, self.partition.words.get(&place)) {
                // What was chosen first says most.
                (Some(at), _) => CHOSEN_WEIGHT * 2_f64.powi(6 - at as i32),
                (None, Some(_)) => 2.0,
                (None, None) => 0.5,
            }
        };
        let noise = &self.partition.noise;
        let mut distance = 0.0;
        for (place, value) in features.iter().filter(|(place, _)| !noise.contains(place)) {
            distance += match (skeleton.features.get(place), skeleton.shown.get(place)) {
                (Some(_), _) if self.partition.present.contains(&place) => 0.0,
                (Some(a), b) if a == value || b == Some(value) => 0.0,
                (Some(_), _) => weight(place),
                (None, _) => weight(place) + 1.0,
            };
        }
        for (place, _) in skeleton.features.iter() {
            if features.get(place).is_none() && !noise.contains(&place) {
                distance += weight(place) + 1.0;
            }
        }
        distance
    }
}

/// What is added where a client wants another media type.
fn unwanted(skeleton: &Skeleton, accept: Option<&str>) -> f64 {
    let media = skeleton.exchange.header("content-type").and_then(|m| m.split(';').next());
    // What was answered to this very wish is what it gets, whatever the wish says.
    let was_answered = skeleton.exchange.request.header("accept") == accept;
    match (accept, media) {
        (Some(accept), Some(media)) if !was_answered => {
            (1.0 - quality(accept, media.trim())) * CHOSEN_WEIGHT * UNWANTED_TIMES
        }
        _ => 0.0,
    }
}

impl Partition {
    /// Whether requests that say the same get the same answer.
    fn repeats(&self, ok: &[&VariantSample]) -> bool {
        let mut last: FxHashMap<u64, &[u8]> = FxHashMap::default();
        let (mut pairs, mut equal) = (0_usize, 0_usize);
        for sample in ok {
            let bytes = &*sample.exchange.bytes;
            if let Some(before) = last.insert(self.identity(&sample.features), bytes) {
                pairs += 1;
                equal += usize::from(before == bytes);
            }
        }
        pairs >= EVIDENCE_MIN && equal as f64 >= REPEAT_SHARE * pairs as f64
    }

    /// Whether answers of success have different forms, which the request chooses.
    fn parts(&self, ok: &[&VariantSample]) -> bool {
        if self.chosen.is_empty() || ok.len() < EVIDENCE_MIN {
            return false;
        }
        let forms: FxHashSet<u64> = ok.iter().map(|sample| sample.form).collect();
        let groups: FxHashSet<u64> = ok.iter().map(|sample| self.group(&sample.features)).collect();
        forms.len() > 1 && groups.len() > 1
    }
}

/// The name under which facts hold a cookie.
fn is_cookie(name: &str) -> bool {
    name.starts_with("cookie ")
}

/// Whether answers are of another medium than JSON.
fn is_other(ok: &[&VariantSample]) -> bool {
    ok.iter().any(|sample| sample.exchange.json().is_none() && !sample.exchange.bytes.is_empty())
}

/// Whether all answers are the same document.
fn is_constant(ok: &[&VariantSample]) -> bool {
    let Some(first) = ok.first() else { return false };
    ok.len() >= EVIDENCE_MIN
        && !first.exchange.bytes.is_empty()
        && ok.iter().all(|sample| sample.exchange.body == first.exchange.body)
        && ok.iter().all(|sample| sample.exchange.bytes == first.exchange.bytes)
}
