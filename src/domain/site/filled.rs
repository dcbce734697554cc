//! Fills a recorded answer anew: each value from where it came, as learned.

use std::sync::Arc;

use serde_json::Value;

use super::holder::holder;
use super::sources::{Source, Sources};
use super::turn::Turn;
use crate::domain::variants::swap::swapped;
use crate::domain::world::SiteExchange;
use crate::domain::world::form::{fresh, slug};
use crate::domain::world::instant::written_like;
use crate::domain::world::pointer::{Pointer, PointerStep, at, dotted, leaves, put_at, typed_like};

/// Bytes from which a string of the recorded request is looked for in the answer.
const SWAP_BYTES_MIN: usize = 3;

/// Depth of a body down to which names of members are compared.
const NAMES_DEPTH_MAX: usize = 3;

/// What an answer is made of.
pub(super) enum Filled {
    /// A document.
    Document(Value),
    /// Bytes of another kind, or none.
    Bytes(Vec<u8>),
}

/// What of the recorded request stands for what of this one, the longest first.
#[derive(Default)]
struct Swaps {
    /// Strings, wherever they stand.
    texts: Vec<(String, String)>,
    /// Numbers, as whole words of texts.
    numbers: Vec<(String, String)>,
    /// Numbers that a refusal quotes.
    quoted: Vec<(Value, Value)>,
}

impl Turn<'_> {
    /// The recorded answer, made over for this request.
    pub(super) fn fill(&mut self, pattern: &Arc<SiteExchange>) -> Filled {
        let mut swaps = Swaps { texts: self.segment_swaps(pattern), ..Swaps::default() };
        let Some(document) = pattern.json() else {
            let mut text = String::from_utf8_lossy(&pattern.bytes).into_owned();
            if text.as_bytes() != &*pattern.bytes {
                return Filled::Bytes(pattern.bytes.to_vec());
            }
            swaps.texts.iter().for_each(|(old, new)| text = text.replace(old, new));
            return Filled::Bytes(text.into_bytes());
        };
        self.body_swaps(pattern, &mut swaps);
        self.query_swaps(pattern, &mut swaps);
        swaps.texts.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
        let answers = self.endpoint.answers.get(&pattern.status);
        let nothing = Sources::default();
        let sources = answers.map_or(&nothing, |answers| &answers.sources);
        let mut filled = document.clone();
        self.fill_value(&mut filled, &mut Vec::new(), sources, &swaps);
        self.fill_within(&mut filled, pattern, sources);
        Filled::Document(filled)
    }

    /// Texts that hold a segment of the path hold this one, as ids of two digits do in addresses.
    fn fill_within(&self, filled: &mut Value, pattern: &SiteExchange, sources: &Sources) {
        for (place, source) in sources {
            let Source::Within(n) = source else { continue };
            let old = pattern.request.segments.get(*n);
            let (Some(old), Some(new)) = (old, self.request.segments.get(*n)) else { continue };
            let text = at(filled, place).and_then(Value::as_str);
            if let Some(text) = text.and_then(|text| swapped(text, old, new)) {
                *filled = put_at(filled.take(), place, text.into());
            }
        }
    }

    fn segment_swaps(&self, pattern: &SiteExchange) -> Vec<(String, String)> {
        let own = &self.request.segments;
        let variables = &self.place.template.0;
        let old = pattern.request.segments.iter().zip(own).zip(variables);
        old.filter(|((old, _), known)| known.is_none() && old.len() >= SWAP_BYTES_MIN)
            .map(|((old, new), _)| (old.clone(), new.clone()))
            .collect()
    }

    /// A refusal quotes what a parameter says.
    fn query_swaps(&self, pattern: &SiteExchange, swaps: &mut Swaps) {
        for (name, old) in pattern.request.query.iter().filter(|_| pattern.status >= 400) {
            let new = self.request.parameter(name).filter(|new| *new != old);
            if let Some(new) = new.filter(|_| old.len() >= SWAP_BYTES_MIN) {
                swaps.texts.push((old.clone(), new.to_owned()));
            }
        }
    }

    fn body_swaps(&self, pattern: &SiteExchange, swaps: &mut Swaps) {
        let (Some(old), Some(new)) = (pattern.request.body.tree(), self.request.body.tree()) else {
            return;
        };
        name_swaps(old, new, 0, &mut swaps.texts);
        for (place, value) in leaves(old) {
            if pattern.status >= 400
                && value.is_number()
                && let Some(new) = at(new, &place).filter(|new| *new != value)
                && !new.is_object()
                && !new.is_array()
            {
                swaps.quoted.push((value.clone(), new.clone()));
            }
            if let (Some(old), Some(Value::Number(new))) = (value.as_number(), at(new, &place)) {
                let (old, new) = (old.to_string(), new.to_string());
                if old.len() >= SWAP_BYTES_MIN && old != new {
                    swaps.numbers.push((old, new));
                }
                continue;
            }
            let (Some(old), Some(new)) = (value.as_str(), at(new, &place).and_then(Value::as_str))
            else {
                continue;
            };
            if old.len() >= SWAP_BYTES_MIN {
                swaps.texts.push((old.to_owned(), new.to_owned()));
                let short = slug(old);
                if short != old && short.len() >= SWAP_BYTES_MIN {
                    swaps.texts.push((short, slug(new)));
                }
            }
        }
    }

    fn fill_value(
        &mut self,
        value: &mut Value,
        place: &mut Pointer,
        sources: &Sources,
        swaps: &Swaps,
    ) {
        match value {
            Value::Object(members) => {
                for (name, inner) in members.iter_mut() {
                    place.push(PointerStep::Member(name.as_str().into()));
                    self.fill_value(inner, place, sources, swaps);
                    place.pop();
                }
            }
            Value::Array(items) => {
                for (n, inner) in items.iter_mut().enumerate() {
                    place.push(PointerStep::Item(n));
                    self.fill_value(inner, place, sources, swaps);
                    place.pop();
                }
            }
            leaf => {
                if let Some(source) = sources.get(place)
                    && let Some(new) = self.sourced(source, leaf, place)
                {
                    *leaf = new;
                } else if let Some((_, new)) = swaps.quoted.iter().find(|(old, _)| old == leaf) {
                    *leaf = new.clone();
                } else if let Value::String(text) = leaf {
                    for (old, new) in &swaps.texts {
                        if text.contains(old.as_str()) {
                            *text = text.replace(old.as_str(), new);
                        }
                    }
                    for (old, new) in &swaps.numbers {
                        if let Some(swapped) = swapped(text, old, new) {
                            *text = swapped;
                        }
                    }
                }
            }
        }
    }

    /// A value from its source; `None` where it comes from nowhere else.
    fn sourced(&mut self, source: &Source, like: &Value, place: &Pointer) -> Option<Value> {
        match source {
            Source::Body(from) => {
                let sent = self.request.body.tree().and_then(|body| at(body, from));
                Some(sent.unwrap_or(like).clone())
            }
            Source::Segment(n) => Some(typed_like(self.request.segments.get(*n)?, Some(like))),
            Source::Parameter(name) => {
                let sent = self.request.parameter(name);
                Some(sent.map_or_else(|| like.clone(), |sent| typed_like(sent, Some(like))))
            }
            Source::Earlier(from) => {
                let earlier = self.world.memory.recall(&self.request)?;
                at(&earlier, from).cloned()
            }
            Source::Named(from, member) => {
                let known = (Arc::clone(self.place), from.clone());
                let (item, by) = self.site.resources.named_by.get(&known)?;
                let sent = self.request.body.tree().and_then(|body| at(body, from)?.as_str())?;
                let collection = self.site.resources.collection(item, &self.request.segments);
                let veil = Some(&self.site.veil);
                let key = holder(self.world, &collection, (by, sent), veil)?;
                self.world.living(&key)?.object.as_ref()?.get(&**member).cloned()
            }
            Source::Asker(member) => {
                let sent = self.request.credential.as_ref()?;
                let own = self.world.living(self.world.asker(sent.token)?)?.object.as_ref()?;
                own.get(&**member).cloned()
            }
            Source::Shaped(shape) => shape.make(self.request.body.tree()?).map(Value::from),
            Source::Now => Some(written_like(like, self.now_ms)),
            Source::Part | Source::Within(_) | Source::OwnId => None,
            Source::Fresh(keep) => {
                let text = like.as_str()?.to_owned();
                let keep = (*keep).min(text.len());
                let new = fresh(&text, keep, &mut || self.random());
                Some(new.into())
            }
            Source::Next(highest) => {
                let what = format!("{} {}", self.place, dotted(place));
                let next = self.world.highest(&what).max(*highest) + 1;
                self.world.raise(&what, next);
                Some(typed_like(&next.to_string(), Some(like)))
            }
        }
    }
}

/// Where objects of two bodies differ in the name of one member, the one stands for the other; of
/// several the one that is made of the same signs.
fn name_swaps(old: &Value, new: &Value, depth: usize, swaps: &mut Vec<(String, String)>) {
    if let (Some(old), Some(new)) = (old.as_array(), new.as_array()) {
        let items = old.iter().zip(new).filter(|_| depth < NAMES_DEPTH_MAX);
        return items.for_each(|(old, new)| name_swaps(old, new, depth + 1, swaps));
    }
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return };
    let lost: Vec<&String> = old.keys().filter(|name| !new.contains_key(*name)).collect();
    let mut gained: Vec<&String> = new.keys().filter(|name| !old.contains_key(*name)).collect();
    if let [lost] = &*lost
        && lost.len() >= SWAP_BYTES_MIN
    {
        if gained.len() > 1 {
            gained.retain(|gained| signs_of(gained) == signs_of(lost));
        }
        if let [gained] = &*gained {
            swaps.push(((*lost).clone(), (*gained).clone()));
        }
    }
    for (name, value) in old.iter().filter(|_| depth < NAMES_DEPTH_MAX) {
        if let Some(other) = new.get(name) {
            name_swaps(value, other, depth + 1, swaps);
        }
    }
}

/// What of a name is neither letter nor digit.
fn signs_of(name: &str) -> String {
    name.chars().filter(|c| !c.is_alphanumeric()).collect()
}
