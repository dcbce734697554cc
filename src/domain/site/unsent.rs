//! What becomes of members that a write does not name: learned from answers before and after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use crate::domain::world::{EntityKey, Resources, Seen, SitePlace, SiteTemplate};

/// Writes after which a member must have fallen back to the same value.
const RESETS_MIN: u32 = 2;

/// What becomes of members that a write does not name.
#[derive(Debug, Clone, Default)]
pub struct Unsent {
    /// Whether they survive a PUT though others could have been sent.
    pub merges: bool,
    /// Members that fall back to one value, whatever they were.
    pub resets: Map<String, Value>,
}

/// How a member fared in writes that did not name it.
#[derive(Default)]
struct Fate<'v> {
    /// Writes that changed it.
    changed: u32,
    /// Writes that left it other than what the first one that changed it made of it.
    differs: u32,
    /// What the last write left.
    left: Option<&'v Value>,
}

/// An entity before a write of one endpoint, what the write named, and the entity after it.
struct Written<'s> {
    before: &'s Map<String, Value>,
    sent: Option<&'s Map<String, Value>>,
    after: &'s Map<String, Value>,
}

impl Unsent {
    /// Learns it for the writes of one endpoint.
    #[must_use]
    pub fn learn(resources: &Resources, place: &Arc<SitePlace>, seen: &[Seen]) -> Self {
        let template = &place.template;
        if !matches!(&*place.method, "PUT" | "PATCH") || !resources.items.contains_key(template) {
            return Self::default();
        }
        let made: FxHashSet<&str> = resources
            .maker(template)
            .map(|maker| sent_names(resources, seen, maker))
            .unwrap_or_default();
        let own = sent_names(resources, seen, place);
        let written = written(resources, place, seen);
        let (mut kept, mut lost) = (0_u32, 0_u32);
        let mut fates: BTreeMap<&str, Fate<'_>> = BTreeMap::new();
        for one in &written {
            let Some(sent) = one.sent else { continue };
            for (name, before) in one.before.iter().filter(|(name, _)| !sent.contains_key(*name)) {
                if made.contains(name.as_str()) || own.contains(name.as_str()) {
                    *(if one.after.contains_key(name) { &mut kept } else { &mut lost }) += 1;
                }
                if let Some(after) = one.after.get(name) {
                    fates.entry(name).or_default().count(before, after);
                }
            }
        }
        let resets = fates.into_iter().filter_map(|(name, fate)| fate.reset(name)).collect();
        Self { merges: kept > lost, resets }
    }
}

impl<'v> Fate<'v> {
    fn count(&mut self, before: &'v Value, after: &'v Value) {
        self.changed += u32::from(before != after);
        self.differs += u32::from(self.left.is_some_and(|left| left != after));
        self.left = Some(after);
    }

    /// The member with what it falls back to: it changed, and to the same value every time.
    fn reset(self, name: &str) -> Option<(String, Value)> {
        let falls_back = self.changed >= RESETS_MIN && self.differs == 0;
        let plain = self.left.filter(|value| !value.is_object() && !value.is_array());
        plain.filter(|_| falls_back).map(|value| (name.to_owned(), value.clone()))
    }
}

/// The writes of an endpoint whose entity was seen before.
fn written<'s>(
    resources: &Resources,
    place: &Arc<SitePlace>,
    seen: &'s [Seen],
) -> Vec<Written<'s>> {
    let template: &SiteTemplate = &place.template;
    let mut last: FxHashMap<EntityKey, &Map<String, Value>> = FxHashMap::default();
    let mut open: FxHashMap<EntityKey, Option<&Map<String, Value>>> = FxHashMap::default();
    let mut found = Vec::new();
    for one in seen.iter().filter(|one| one.exchange.is_ok()) {
        let exchange = &one.exchange;
        let is_item = one.place.template == *template;
        let make = resources.makes.get(&one.place).filter(|make| make.item == *template);
        let key = match make {
            _ if is_item => resources.key(&exchange.request.segments),
            Some(make) => resources.created_id(make, exchange).map(|id| {
                let collection = resources.collection(template, &exchange.request.segments);
                EntityKey { collection, id: id.into() }
            }),
            None => continue,
        };
        let object = resources.entity(template, exchange.json(), None);
        let Some(key) = key else { continue };
        if one.place == *place {
            open.insert(key.clone(), resources.sent(place, &exchange.request.body));
        } else if !exchange.request.reads() {
            open.remove(&key);
        }
        // A write whose answer shows nothing is followed by the next reading.
        let Some(after) = object else { continue };
        if let (Some(sent), Some(before)) = (open.remove(&key), last.get(&key)) {
            found.push(Written { before, sent, after });
        }
        last.insert(key, after);
    }
    found
}

/// Names of members that were sent to an endpoint and accepted.
fn sent_names<'s>(
    resources: &Resources,
    seen: &'s [Seen],
    place: &Arc<SitePlace>,
) -> FxHashSet<&'s str> {
    let own = seen.iter().filter(|one| one.place == *place && one.exchange.is_ok());
    let bodies = own.filter_map(|one| resources.sent(place, &one.exchange.request.body));
    bodies.flat_map(|body| body.keys().map(String::as_str)).collect()
}
