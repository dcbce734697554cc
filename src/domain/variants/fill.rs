//! Fills a skeleton for a request: echoes, moments, new values, lengths; all else stays.

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::facts::Facts;
use super::model::{Skeleton, VariantModel};
use super::rows::rows;
use super::slots::{Length, Slot, Slots};
use super::swap::swapped;
use crate::domain::random::seed::mix;
use crate::domain::world::form::fresh;
use crate::domain::world::instant::written_like;
use crate::domain::world::pointer::{Pointer, PointerStep, as_segment, dotted, typed_like};

/// Items that an array may be given.
const ITEMS_MAX: usize = 1_000;

/// Bytes from which a text of the recorded request is looked for in the answer.
const SWAP_BYTES_MIN: usize = 3;

/// What fills a skeleton.
pub struct Filling<'f> {
    /// The model that the skeleton belongs to.
    pub model: &'f VariantModel,
    /// What the request says.
    pub facts: &'f Facts,
    /// The moment of the answer, unix ms.
    pub now_ms: i64,
    /// State of the random numbers.
    pub seed: u64,
    /// The same for equal requests.
    pub derived: u64,
    /// Whether this very request was recorded, and such are answered alike.
    pub is_recorded: bool,
    /// Gives the next number of a row by its name and the highest seen.
    pub next: &'f mut dyn FnMut(&str, u64) -> u64,
}

/// A filled answer.
pub struct Reply {
    /// Its tree.
    pub tree: Value,
    /// Texts of the skeleton with those in their place.
    pub swaps: Vec<(String, String)>,
    /// Headers that repeat something of the request.
    pub heads: Vec<(Box<str>, String)>,
}

impl Filling<'_> {
    /// Fills the tree of a skeleton.
    pub fn fill(&mut self, skeleton: &Skeleton) -> Reply {
        let mut tree = skeleton.exchange.body.tree_of_any().cloned().unwrap_or_default();
        let status = skeleton.exchange.status;
        let model = self.model;
        let own = model.slots.get(&(status, skeleton.group));
        // A group of one has no votes: what holds for the whole status holds for it.
        let slots = own.filter(|slots| !slots.values.is_empty()).or(model.common.get(&status));
        let nothing = Slots::default();
        let slots = slots.unwrap_or(&nothing);
        let mut renamed: FxHashMap<String, String> = FxHashMap::default();
        if !self.is_recorded {
            self.resize(&mut tree, &mut Vec::new(), (slots, &skeleton.facts));
            for (place, _, value) in rows(&tree) {
                self.rename(&place, value, slots, &mut renamed);
            }
        }
        let mut swaps = swaps(&skeleton.facts, self.facts);
        let context = Context { skeleton, slots, renamed: &renamed, swaps: &swaps };
        self.values(&mut tree, &mut Vec::new(), None, &context);
        swaps.extend(renamed);
        let heads = slots.heads.iter().filter_map(|(name, place)| {
            Some((name.clone(), as_segment(self.facts.at(place, 0)?)?))
        });
        Reply { tree, swaps, heads: heads.collect() }
    }

    /// Gives each token of the skeleton a new one: wherever it stands, it is the same one.
    fn rename(
        &mut self,
        place: &Pointer,
        value: &Value,
        slots: &Slots,
        renamed: &mut FxHashMap<String, String>,
    ) {
        let Value::String(old) = value else { return };
        if renamed.contains_key(old) {
            return;
        }
        let (keep, state) = match slots.values.get(place) {
            Some(Slot::Fresh(keep)) => (keep, &mut self.seed),
            Some(Slot::Derived(keep)) => (keep, &mut self.derived),
            _ => return,
        };
        // A stand-in is as long as what it stands for.
        let rest = old.get(keep.len()..).unwrap_or(old);
        let rest = fresh(rest, 0, &mut || {
            *state = mix(*state, 1);
            *state
        });
        let new = format!("{keep}{rest}");
        renamed.insert(old.clone(), new);
    }

    fn resize(&self, value: &mut Value, at: &mut Pointer, known: (&Slots, &Facts)) {
        match value {
            Value::Object(members) => {
                for (name, inner) in members {
                    at.push(PointerStep::Member(name.as_str().into()));
                    self.resize(inner, at, known);
                    at.pop();
                }
            }
            Value::Array(items) => {
                let length = known.0.lengths.get(at).and_then(|from| self.length(from, known.1));
                if let Some(length) = length {
                    set_length(items, length.min(ITEMS_MAX));
                }
                at.push(PointerStep::Each);
                items.iter_mut().for_each(|inner| self.resize(inner, at, known));
                at.pop();
            }
            _ => {}
        }
    }

    /// The length that the request asks for, where the recorded one asked for another.
    fn length(&self, from: &Length, then: &Facts) -> Option<usize> {
        let of = |facts: &Facts| match from {
            Length::Said(place) => as_segment(facts.at(place, 0)?)?.parse().ok(),
            Length::Like(place) => facts.at(place, 0)?.as_array().map(Vec::len),
        };
        let now: usize = of(self.facts)?;
        (of(then) != Some(now)).then_some(now)
    }

    fn values(
        &mut self,
        value: &mut Value,
        at: &mut Pointer,
        item: Option<usize>,
        context: &Context<'_>,
    ) {
        match value {
            Value::Object(members) => {
                for (name, inner) in members {
                    at.push(PointerStep::Member(name.as_str().into()));
                    self.values(inner, at, item, context);
                    at.pop();
                }
            }
            Value::Array(items) => {
                at.push(PointerStep::Each);
                for (n, inner) in items.iter_mut().enumerate() {
                    self.values(inner, at, item.or(Some(n)), context);
                }
                at.pop();
            }
            leaf => {
                if let Some(new) = self.leaf(leaf, at, item.unwrap_or(0), context) {
                    *leaf = new;
                }
            }
        }
    }

    fn leaf(
        &mut self,
        like: &Value,
        at: &Pointer,
        item: usize,
        context: &Context<'_>,
    ) -> Option<Value> {
        match context.slots.values.get(at) {
            Some(Slot::Echo(source)) => {
                let said = self.facts.at(source, item)?;
                Some(match (said, like) {
                    (Value::String(text), like) => typed_like(text, Some(like)),
                    (other, Value::String(_)) => {
                        as_segment(other).map_or(other.clone(), Into::into)
                    }
                    (other, _) => other.clone(),
                })
            }
            Some(Slot::Part(sources)) => {
                let mut text = like.as_str()?.to_owned();
                for source in sources {
                    let then = context.skeleton.facts.at(source, 0).and_then(as_segment);
                    let now = self.facts.at(source, 0).and_then(as_segment);
                    if let (Some(then), Some(now)) = (then, now)
                        && let Some(new) = swapped(&text, &then, &now)
                    {
                        text = new;
                    }
                }
                Some(text.into())
            }
            Some(Slot::Now) => Some(written_like(like, self.now_ms)),
            Some(Slot::Next(highest)) if !self.is_recorded => {
                // Numbers of one kind of request rise by themselves.
                let name = format!("{:x} {}", context.skeleton.group, dotted(at));
                let next = (self.next)(&name, *highest);
                Some(if like.is_string() { format!("{next:#x}").into() } else { next.into() })
            }
            Some(Slot::Fresh(_) | Slot::Derived(_) | Slot::Next(_)) | None => {
                let text = like.as_str()?;
                if let Some(new) = context.renamed.get(text) {
                    return Some(new.as_str().into());
                }
                let mut new = text.to_owned();
                let tokens = context.renamed.iter();
                let said = context.swaps.iter().map(|(old, new)| (old, new));
                for (old, other) in tokens.chain(said) {
                    new = swapped(&new, old, other).unwrap_or(new);
                }
                (new != text).then(|| new.into())
            }
        }
    }
}

/// What a value is filled by.
struct Context<'c> {
    skeleton: &'c Skeleton,
    slots: &'c Slots,
    renamed: &'c FxHashMap<String, String>,
    swaps: &'c [(String, String)],
}

/// Texts of the recorded request with those of this one, the longest first.
fn swaps(old: &Facts, new: &Facts) -> Vec<(String, String)> {
    let is_head = |place: &Pointer| place.first() == Some(&PointerStep::Member("header".into()));
    let mut found: Vec<(String, String)> = rows(&old.0)
        .into_iter()
        .filter(|(place, _, _)| !is_head(place))
        .filter_map(|(place, item, value)| {
            let then = value.as_str().filter(|text| text.len() >= SWAP_BYTES_MIN)?;
            let now = as_segment(new.at(&place, item)?)?;
            (now != then).then(|| (then.to_owned(), now))
        })
        .collect();
    found.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
    found.dedup();
    found
}

/// Cuts an array, or repeats its items; numbers that count the items go on.
fn set_length(items: &mut Vec<Value>, length: usize) {
    let known = items.len();
    if known == 0 {
        return;
    }
    items.truncate(length);
    while items.len() < length {
        let n = items.len();
        let mut item = items[n % known].clone();
        advance(&mut item, &items[0], n);
        items.push(item);
    }
}

/// Members that counted the items before count this one too.
fn advance(item: &mut Value, first: &Value, n: usize) {
    if let (Value::Object(members), Value::Object(first)) = (item, first) {
        for (name, value) in members {
            let start = first.get(name).and_then(Value::as_u64);
            if let (Value::Number(_), Some(start @ (0 | 1))) = (&*value, start)
                && matches!(&**name, "index" | "position" | "rank" | "ordinal" | "number" | "id")
            {
                *value = (start + n as u64).into();
            }
        }
    }
}
