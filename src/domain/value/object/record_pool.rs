//! Records as wholes: those that come again and again, and where real values may be kept, all.
//!
//! A record is known by its fingerprint alone until it stood in answers to enough different
//! requests ([`retention::record_support`]), and every value of it may be kept. Countries and
//! currencies do; what belongs to one person comes under one address.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::json::Json;
use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::privacy::retention;
use crate::domain::random::hash;
use crate::domain::sketch::categories::COMPLETE_UNSEEN_MAX;
use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use crate::domain::value::observe_context::ObserveContext;
use crate::domain::value::relation::echo::{EchoOrigin, EchoSources};
use crate::domain::value::relation::laws::column::Members;

/// The records of one position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordPool {
    #[serde(rename = "n")]
    seen: u32,
    /// By fingerprint.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    sightings: Vec<Sighted>,
    /// Whole records as JSON, in the order in which they could first be kept.
    #[serde(rename = "k", skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptRecord>,
    /// The records are ever new ones: none is looked for any more.
    #[serde(rename = "o", skip_serializing_if = "is_default")]
    is_out: bool,
    /// Sightings under another request since a new record came.
    #[serde(rename = "a", skip_serializing_if = "is_default")]
    again: u32,
    /// Texts that look like the names of people, and those of them that may be of things.
    #[serde(rename = "p", skip_serializing_if = "is_default")]
    names: [u32; 2],
    /// What was kept at the time.
    #[serde(rename = "v", skip_serializing_if = "is_default")]
    pub level: PrivacyLevel,
}

heap_bytes!(RecordPool { seen, sightings, kept, is_out, again, names, level });

/// How often a record was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sighted {
    #[serde(rename = "h")]
    fingerprint: u32,
    /// Of the request it came with last.
    #[serde(rename = "r")]
    request: u32,
    /// Different requests.
    #[serde(rename = "n")]
    requests: u32,
}

no_heap!(Sighted);

/// A record that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptRecord {
    #[serde(rename = "h")]
    fingerprint: u32,
    /// Sightings since it is kept, and those that let it be kept.
    #[serde(rename = "c")]
    pub count: u32,
    /// As JSON; [`HOLE`] stands for what may not be kept.
    #[serde(rename = "j")]
    pub json: Box<str>,
}

heap_bytes!(KeptRecord { fingerprint, count, json });

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What stands in a kept record for what may not be kept.
pub const HOLE: &str = "\u{1}";

/// Records told apart: twice the countries of the world.
const RECORDS_MAX: usize = 512;

/// Records after which, if hardly any came again, none is looked for any more.
const JUDGED_FROM: u32 = 512;

/// Bytes of the records kept, and of one of them.
const BYTES_MAX: usize = 64 * 1024;
const RECORD_BYTES_MAX: usize = 8 * 1024;

/// Sightings before a world is taken for a closed one.
const SEEN_MIN: u32 = 16;

/// Records kept from which those of a closed world are enough, though more are known to be.
const KEPT_MIN: usize = 24;

impl RecordPool {
    /// Learns one record; of its text something is kept only when enough different requests showed
    /// it.
    pub fn observe(&mut self, members: &Members<'_>, cx: &ObserveContext<'_>) {
        self.seen = self.seen.saturating_add(1);
        if self.is_out {
            return;
        }
        let level = cx.limits.privacy;
        self.level = level;
        let fingerprint = fingerprint(members, cx.sources);
        if let Some(kept) = self.kept.iter_mut().find(|kept| kept.fingerprint == fingerprint) {
            kept.count = kept.count.saturating_add(1);
        }
        let request = request(cx.sources);
        let at = self.sightings.binary_search_by_key(&fingerprint, |known| known.fingerprint);
        let requests = match at.map(|at| self.sightings.get_mut(at)) {
            Ok(Some(known)) if known.request != request => {
                known.request = request;
                known.requests = known.requests.saturating_add(1);
                self.again = self.again.saturating_add(1);
                known.requests
            }
            Ok(_) => return,
            Err(at) => {
                if self.sightings.len() >= RECORDS_MAX {
                    return self.judge();
                }
                self.sightings.insert(at, Sighted { fingerprint, request, requests: 1 });
                self.again = 0;
                members.iter().for_each(|(name, value)| self.count_names(name, value));
                1
            }
        };
        // What was not to be kept at first may be so by what came since.
        let support = retention::record_support(level);
        let is_due = requests == support || (requests > support && requests.is_power_of_two());
        if is_due && self.kept.iter().all(|kept| kept.fingerprint != fingerprint) {
            self.keep(fingerprint, requests, members, level);
        }
        self.judge();
    }

    fn count_names(&mut self, name: &str, value: &Json<'_>) {
        match value {
            Json::Str(text) if retention::is_person(name, text) => {
                self.names[0] = self.names[0].saturating_add(1);
                let is_thing = retention::is_thing(name, text);
                self.names[1] = self.names[1].saturating_add(u32::from(is_thing));
            }
            Json::Array(items) => items.iter().for_each(|item| self.count_names(name, item)),
            Json::Object(members) => {
                members.iter().for_each(|(name, value)| self.count_names(name, value));
            }
            _ => {}
        }
    }

    fn keep(&mut self, fingerprint: u32, count: u32, members: &Members<'_>, level: PrivacyLevel) {
        let mut holes = Holes { are_things: retention::are_things(self.names), ..Holes::default() };
        let kept: Vec<(Cow<'_, str>, Json<'_>)> = members
            .iter()
            .map(|(name, value)| {
                let value = without_holes(name, value, level, &mut holes);
                (Cow::Borrowed(name.as_ref()), value)
            })
            .collect();
        if holes.are_personal && level != PrivacyLevel::Open {
            return;
        }
        let Ok(json) = serde_json::to_string(&Json::Object(kept)) else { return };
        let bytes: usize = self.kept.iter().map(|kept| kept.json.len()).sum();
        if json.len() <= RECORD_BYTES_MAX && bytes + json.len() <= BYTES_MAX {
            self.kept.push(KeptRecord { fingerprint, count, json: json.into() });
        }
    }

    fn judge(&mut self) {
        let is_new = self.seen >= JUDGED_FROM && self.repeated() * 2 < self.sightings.len();
        if is_new && self.level != PrivacyLevel::Open {
            self.is_out = true;
            self.sightings = Vec::new();
            self.kept = Vec::new();
        } else if is_new {
            self.is_out = true;
            self.sightings = Vec::new();
        }
    }

    /// Records that came with more than one request.
    fn repeated(&self) -> usize {
        self.sightings.iter().filter(|known| known.requests > 1).count()
    }

    /// Are the records those of a closed world, of which whole ones are drawn?
    pub fn is_closed(&self) -> bool {
        let once = self.sightings.len() - self.repeated();
        let once = once as f64 / f64::from(self.seen.max(1));
        // Three over the number of trials since the last new one bounds the chance of another
        // (Hanley and Lippman-Hand 1983).
        let unseen = once.min(3.0 / f64::from(self.again.max(1)));
        let support = retention::record_support(self.level);
        let known = self.sightings.iter().filter(|known| known.requests >= support).count();
        !self.is_out
            && self.seen >= SEEN_MIN
            && unseen <= COMPLETE_UNSEEN_MAX
            && (known * 2 >= self.sightings.len() || self.kept.len() >= KEPT_MIN)
            // Where most may not be kept, the few others tell nothing of them.
            && self.kept.len() * 3 >= known
            && !self.kept.is_empty()
    }

    /// May records be drawn although there are others: with a part of another one?
    pub fn is_open(&self) -> bool {
        self.level == PrivacyLevel::Open && self.kept.len() > 1
    }

    /// Adds what another pool saw, under the stricter of both levels.
    pub fn merge(&mut self, other: Self) {
        self.seen = self.seen.saturating_add(other.seen);
        self.level = self.level.min(other.level);
        self.is_out |= other.is_out;
        self.again = self.again.min(other.again);
        for (own, count) in self.names.iter_mut().zip(other.names) {
            *own = own.saturating_add(count);
        }
        for known in other.sightings {
            match self.sightings.binary_search_by_key(&known.fingerprint, |own| own.fingerprint) {
                Ok(at) => {
                    if let Some(own) = self.sightings.get_mut(at) {
                        own.requests = own.requests.saturating_add(known.requests);
                    }
                }
                Err(at) if self.sightings.len() < RECORDS_MAX => self.sightings.insert(at, known),
                Err(_) => {}
            }
        }
        for record in other.kept {
            let bytes: usize = self.kept.iter().map(|kept| kept.json.len()).sum();
            match self.kept.iter_mut().find(|own| own.fingerprint == record.fingerprint) {
                Some(own) => own.count = own.count.saturating_add(record.count),
                None if bytes + record.json.len() <= BYTES_MAX => self.kept.push(record),
                None => {}
            }
        }
    }
}

/// What could not be kept of a record.
#[derive(Default)]
struct Holes {
    /// See [`retention::are_things`].
    are_things: bool,
    /// By its value rather than by the name it stands under: the record is somebody's.
    are_personal: bool,
}

/// Longest value under a secret name that tells of no person, bytes: the prefix of a country.
const CODE_BYTES_MAX: usize = 4;

impl Holes {
    fn note(&mut self, name: &str, text: &str, level: PrivacyLevel) {
        let is_name_alone = text.len() <= CODE_BYTES_MAX
            && retention::is_secret_name(name, false)
            && retention::may_keep_member("", text, level, self.are_things);
        self.are_personal |= !is_name_alone;
    }
}

/// Of a record without what only repeats the request.
fn fingerprint(members: &Members<'_>, sources: &EchoSources<'_>) -> u32 {
    let of = |(name, value): &(Cow<'_, str>, Json<'_>)| {
        let text = match value {
            Json::Str(text) => Some(Cow::Borrowed(text.as_ref())),
            Json::Int(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        };
        let is_it = |text: &str| sources.all.iter().any(|source| source.value == text);
        let is_echo = text.is_some_and(|text| is_it(&text));
        let value = if is_echo { 0 } else { value.stable_hash() };
        hash::combine(hash::hash_bytes(name.as_bytes()), value)
    };
    (members.iter().fold(hash::ROOT, |sum, member| sum.wrapping_add(of(member))) >> 32) as u32
}

fn request(sources: &EchoSources<'_>) -> u32 {
    let told = sources
        .all
        .iter()
        .filter(|source| !matches!(source.origin, EchoOrigin::Header | EchoOrigin::Url));
    let hash =
        told.fold(hash::ROOT, |sum, source| hash::combine(sum ^ source.key, source.value_hash));
    (hash >> 32) as u32
}

/// A value with holes for what may not be kept.
fn without_holes<'a>(
    name: &str,
    value: &Json<'a>,
    level: PrivacyLevel,
    holes: &mut Holes,
) -> Json<'a> {
    match value {
        Json::Str(text) if !retention::may_keep_member(name, text, level, holes.are_things) => {
            holes.note(name, text, level);
            Json::Str(Cow::Borrowed(HOLE))
        }
        Json::Int(number)
            if !retention::may_keep_member(name, &number.to_string(), level, false) =>
        {
            holes.note(name, &number.to_string(), level);
            Json::Str(Cow::Borrowed(HOLE))
        }
        Json::Array(items) => {
            Json::Array(items.iter().map(|item| without_holes(name, item, level, holes)).collect())
        }
        Json::Object(members) => {
            let kept = members
                .iter()
                .map(|(name, value)| (name.clone(), without_holes(name, value, level, holes)));
            Json::Object(kept.collect())
        }
        value => value.clone(),
    }
}
