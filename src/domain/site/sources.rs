//! Where the values of an answer come from: for each place of it, by vote over recorded answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::holder::holder;
use super::text_shape::TextShape;
use crate::domain::variants::swap::holds;
use crate::domain::world::form::{is_token, slug};
use crate::domain::world::instant::unix_ms;
use crate::domain::world::pointer::{Pointer, PointerStep, is_written, leaves};
use crate::domain::world::{
    IdPlace, NOW_MS, Resources, Seen, SiteExchange, SitePlace, SiteTemplate, WHO, World,
};

/// Share of answers that must agree on a source.
const SOURCE_SHARE: f64 = 0.8;

/// Answers about entities that are named from which those about others say nothing.
const NAMED_MIN: usize = 3;

/// Leaves of an answer that are looked at.
const LEAVES_MAX: usize = 200;

/// Bytes from which a string of the request that stands inside a value is no accident.
const PART_BYTES_MIN: usize = 3;

/// Bytes from which a value that is new every time is a token.
const FRESH_BYTES_MIN: usize = 8;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A place of the request's body.
    Body(Pointer),
    /// A segment of the path.
    Segment(usize),
    /// A parameter.
    Parameter(Box<str>),
    /// What an earlier request said whose answer gave a token of this one.
    Earlier(Pointer),
    /// A member of the entity that a place of the request's body names by what it holds.
    Named(Pointer, Box<str>),
    /// A member of the entity whose credential asks.
    Asker(Box<str>),
    /// The moment of the request.
    Now,
    /// A text of the body, written in another way or with something around it.
    Shaped(TextShape),
    /// It contains something of the request.
    Part,
    /// It contains a segment of the path as a whole word, however short.
    Within(usize),
    /// It is, or contains, the id of what is created.
    OwnId,
    /// New every time; so many bytes in front are always the same.
    Fresh(usize),
    /// A number that rises, or a text of digits that does; the highest seen.
    Next(u64),
}

/// Sources of an answer's values.
pub type Sources = FxHashMap<Pointer, Source>;

#[derive(Default)]
struct Votes<'v> {
    times: u32,
    values: Vec<&'v Value>,
    sources: BTreeMap<Source, u32>,
    parts: BTreeMap<Pointer, u32>,
    shapes: BTreeMap<TextShape, u32>,
    within: BTreeMap<usize, u32>,
    /// Answers in which it is, or contains, the id of what they create.
    own: u32,
}

/// Finds the sources over the answers of one endpoint with one status, in the order of time, each
/// with what earlier requests said that lead to it.
#[must_use]
pub fn find(
    place: &Arc<SitePlace>,
    (resources, world): (&Resources, &World),
    seen: &[(&Seen, Option<&Value>)],
) -> Sources {
    let mut votes: BTreeMap<Pointer, Votes<'_>> = BTreeMap::new();
    let names = resources.named_by.keys().any(|(of, _)| of == place);
    let named: Vec<_> = match names {
        true => seen.iter().map(|(one, _)| named_entities(one, resources, world)).collect(),
        false => seen.iter().map(|_| Vec::new()).collect(),
    };
    // Whom somebody named who is gone since nothing tells.
    let all_named = seen.iter().all(|(one, _)| one.exchange.is_ok())
        && named.iter().filter(|named| !named.is_empty()).count() >= NAMED_MIN;
    let constants = resources.constants.get(place).map_or(&[][..], Vec::as_slice);
    for ((one, earlier), named) in seen.iter().zip(&named) {
        if all_named && named.is_empty() {
            continue;
        }
        let sent = one.exchange.request.credential.as_ref();
        let asker = sent.and_then(|sent| world.living(world.asker(sent.token)?)?.object.as_deref());
        let made = made(resources, one);
        let told = Told { earlier: *earlier, named, asker, made, constants };
        vote(&place.template, &one.exchange, &told, &mut votes);
    }
    votes
        .into_iter()
        .filter_map(|(place, votes)| Some((place.clone(), decide(&place, &votes)?)))
        .collect()
}

/// The entities that a request names by what they hold, with the places that name them.
fn named_entities(
    one: &Seen,
    resources: &Resources,
    world: &World,
) -> Vec<(Pointer, Arc<Map<String, Value>>)> {
    let request = &one.exchange.request;
    let named = |(from, value): (Pointer, &Value)| {
        let (item, member) = resources.named_by.get(&(Arc::clone(&one.place), from.clone()))?;
        let collection = resources.collection(item, &request.segments);
        let key = holder(world, &collection, (member, value.as_str()?), None)?;
        Some((from, world.living(&key)?.object.clone()?))
    };
    request.body.tree().map(leaves).into_iter().flatten().filter_map(named).collect()
}

/// What is known of an exchange beside itself.
struct Told<'t> {
    /// What earlier requests said that lead to it.
    earlier: Option<&'t Value>,
    /// Entities that it names by what they hold.
    named: &'t [(Pointer, Arc<Map<String, Value>>)],
    /// The entity whose credential asks.
    asker: Option<&'t Map<String, Value>>,
    /// The id of what it created, and where that stands.
    made: Option<(String, Option<&'t Pointer>)>,
    /// Members of bodies that hardly ever vary: nothing is made of their texts.
    constants: &'t [Pointer],
}

fn made<'r>(resources: &'r Resources, one: &Seen) -> Option<(String, Option<&'r Pointer>)> {
    let make = resources.makes.get(&one.place).filter(|_| one.exchange.is_ok())?;
    let place = match &make.id {
        IdPlace::Body(place) => Some(place),
        IdPlace::Location | IdPlace::Sent(_) => None,
    };
    Some((resources.created_id(make, &one.exchange)?, place))
}

impl Told<'_> {
    /// What of a body varies.
    fn varying<'v>(&self, sent: &[(Pointer, &'v Value)]) -> Vec<(Pointer, &'v Value)> {
        sent.iter().filter(|(at, _)| !self.constants.contains(at)).cloned().collect()
    }

    /// Members of the asker's entity that hold a text or number.
    fn names_of_asker(&self, value: &Value) -> impl Iterator<Item = &str> {
        let is_it = move |held: &Value| held == value && (value.is_string() || value.is_number());
        let members = self.asker.into_iter().flatten();
        members.filter(move |(_, held)| is_it(held)).map(|(name, _)| name.as_str())
    }

    /// Whether a value is, or contains, the id of what was created, elsewhere than that id stands.
    fn is_of_made(&self, place: &Pointer, value: &Value) -> bool {
        self.made.as_ref().is_some_and(|(id, own)| {
            *own != Some(place)
                && (is_written(value, id)
                    || value.as_str().is_some_and(|text| text.len() > id.len() && holds(text, id)))
        })
    }
}

fn vote<'v>(
    template: &SiteTemplate,
    exchange: &'v Arc<SiteExchange>,
    told: &Told<'_>,
    votes: &mut BTreeMap<Pointer, Votes<'v>>,
) {
    let request = &exchange.request;
    let sent = request.body.tree().map(leaves).unwrap_or_default();
    let varying = told.varying(&sent);
    let earlier = told.earlier.map(leaves).unwrap_or_default();
    let Some(document) = exchange.json() else { return };
    for (place, value) in leaves(document).into_iter().take(LEAVES_MAX) {
        let own = u32::from(told.is_of_made(&place, value));
        let entry = votes.entry(place).or_default();
        (entry.times, entry.own) = (entry.times + 1, entry.own + own);
        entry.values.push(value);
        let mut vote = |source| *entry.sources.entry(source).or_default() += 1;
        for (at, own) in &sent {
            if *own == value {
                vote(Source::Body(at.clone()));
            }
        }
        for (n, segment) in request.segments.iter().enumerate() {
            if matches!(template.0.get(n), Some(None)) && is_written(value, segment) {
                vote(Source::Segment(n));
            }
        }
        for (name, text) in &request.query {
            if is_written(value, text) {
                vote(Source::Parameter(name.as_str().into()));
            }
        }
        let tells = |(at, own): &&(Pointer, &Value)| {
            let of_who = at.first().and_then(PointerStep::member) == Some(WHO);
            own.is_string() || (of_who && own.is_number())
        };
        for (at, own) in earlier.iter().filter(tells) {
            if *own == value {
                vote(Source::Earlier(at.clone()));
            }
        }
        for (from, object) in told.named.iter().filter(|_| value.is_string() || value.is_number()) {
            for (name, _) in object.iter().filter(|(_, held)| *held == value) {
                vote(Source::Named(from.clone(), name.as_str().into()));
            }
        }
        told.names_of_asker(value).for_each(|name| vote(Source::Asker(name.into())));
        if unix_ms(value).is_some_and(|ms| (ms - request.at_ms).abs() < NOW_MS) {
            vote(Source::Now);
        }
        if let Some(text) = value.as_str() {
            for (n, segment) in request.segments.iter().enumerate() {
                let is_variable = matches!(template.0.get(n), Some(None));
                if is_variable && text != segment && holds(text, segment) {
                    *entry.within.entry(n).or_default() += 1;
                }
            }
            let shapes = TextShape::all(text, &varying).into_iter();
            shapes.for_each(|shape| *entry.shapes.entry(shape).or_default() += 1);
            for (at, own) in &varying {
                let part = own.as_str().filter(|own| own.len() >= PART_BYTES_MIN);
                if part.is_some_and(|own| {
                    *own != *text && (text.contains(own) || contains_slug(text, own))
                }) {
                    *entry.parts.entry(at.clone()).or_default() += 1;
                }
            }
        }
    }
}

fn contains_slug(text: &str, own: &str) -> bool {
    let slug = slug(own);
    !slug.is_empty() && text.contains(&slug)
}

fn decide(place: &Pointer, votes: &Votes<'_>) -> Option<Source> {
    let enough = |n: u32| f64::from(n) >= SOURCE_SHARE * f64::from(votes.times);
    let texts: FxHashSet<String> = votes.values.iter().map(ToString::to_string).collect();
    let varies = texts.len() > 1;
    let is_bool = votes.values.first().is_some_and(|value| value.is_boolean());
    if varies || (votes.times == 1 && !is_bool) {
        let named = |source: &Source| match source {
            Source::Body(at) => at.last() == place.last(),
            _ => false,
        };
        let good = votes.sources.iter().filter(|(_, n)| enough(**n));
        let here = |source: &Source| {
            !matches!(source, Source::Now | Source::Earlier(_) | Source::Named(..))
        };
        let best = good.max_by_key(|(source, n)| (**n, named(source), here(source)));
        if let Some((source, _)) = best {
            return Some(source.clone());
        }
    }
    if varies && votes.times > 1 && enough(votes.own) {
        return Some(Source::OwnId);
    }
    let mut shapes = votes.shapes.iter().filter(|(_, n)| varies && votes.times > 1 && enough(**n));
    if let Some((shape, _)) = shapes.next() {
        return Some(Source::Shaped(shape.clone()));
    }
    if let Some((n, _)) = votes.within.iter().find(|(_, n)| varies && enough(**n)) {
        return Some(Source::Within(*n));
    }
    if varies && votes.parts.values().any(|n| enough(*n)) {
        return Some(Source::Part);
    }
    let all = votes.values.len();
    // A token may be the same for one who logs in twice within a second, and is nobody else's.
    let are_tokens = || votes.values.iter().all(|value| value.as_str().is_some_and(is_token));
    let always_new = (texts.len() == all && all > 1)
        || (all > 4 && 5 * texts.len() > 4 * all)
        || (all > 4 && 4 * texts.len() > all && texts.len() > 2 && are_tokens());
    if !always_new {
        return None;
    }
    let strings: Option<Vec<&str>> = votes.values.iter().map(|value| value.as_str()).collect();
    let counted: Option<Vec<u64>> = votes
        .values
        .iter()
        .map(|value| value.as_u64().or_else(|| digits(value.as_str()?)))
        .collect();
    if let Some(numbers) = counted
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
    {
        return numbers.last().map(|highest| Source::Next(*highest));
    }
    if let Some(strings) = strings {
        let token = |text: &&str| text.len() >= FRESH_BYTES_MIN && !text.contains(' ');
        return strings.iter().all(token).then(|| Source::Fresh(common_prefix(&strings)));
    }
    None
}

/// A number written in digits alone, without zeros in front.
fn digits(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

fn common_prefix(strings: &[&str]) -> usize {
    let Some((first, rest)) = strings.split_first() else { return 0 };
    let shared = |other: &&str| {
        first.char_indices().zip(other.chars()).take_while(|((_, a), b)| a == b).count()
    };
    let chars = rest.iter().map(shared).min().unwrap_or(0);
    first.chars().take(chars).map(char::len_utf8).sum()
}
