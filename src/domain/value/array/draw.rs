//! The writing of arrays: how many items, in which order, none of them twice.

use smallvec::SmallVec;

use crate::domain::json::Json;
use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::random::hash;
use crate::domain::value::array::drawn_ids::{
    DrawnIds, ECHOED_ITEMS_MAX, FILTER_DRAWS_MAX, is_new, sort,
};
use crate::domain::value::array::model::Order;
use crate::domain::value::number::draw::NumberNode;
use crate::domain::value::object::draw::DrawnObject;
use crate::domain::value::program::{
    ArrayNode, Constraint, EntityNode, Field, LAW, LENGTH, Node, Output, Writing,
};
use crate::domain::value::relation::pagination::draw::DrawnPage;

/// The query parameter that says how many items a page has.
#[derive(Debug, Clone, Copy)]
pub struct PageSize {
    /// Hash of the source.
    pub source: u64,
    /// Pages are mostly full: as many items come as were asked for.
    pub is_filled: bool,
}

/// Draws for an item whose id the list shows already, before it is left out: a resource of which
/// few ids are known is at its end.
const REDRAWS_MAX: u32 = 24;

/// Ordinals of redraws: far beyond those of any list.
const REDRAW: u32 = 1 << 20;

impl ArrayNode {
    /// Shows an item nothing that another one has and that no two of a list had? Notes what it has,
    /// if so.
    fn is_new(&self, item: &[u8], shown: &mut SmallVec<[u64; 16]>) -> bool {
        if self.sorted.is_empty() {
            return true;
        }
        let Some(item) = Json::parse(item) else { return true };
        let keys = (0u64..).zip(&self.sorted);
        let own = keys.filter_map(|(at, key)| Some(hash::combine(at, key.distinct(&item)?)));
        let own: SmallVec<[u64; 4]> = own.collect();
        let is_new = own.iter().all(|hash| !shown.contains(hash));
        if is_new {
            shown.extend(own);
        }
        is_new
    }
}

impl Writing<'_> {
    pub(in crate::domain::value) fn array(
        &self,
        array: &ArrayNode,
        key: u64,
        given: Option<u32>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let (length, seed) = self.items(array, key, given, seed);
        let from = self.page_of(key).map_or(0, |page| page.offset);
        out.push(b'[');
        if array.places.len() == length as usize && length > 0 {
            for (ordinal, place) in (0..length).zip(&array.places) {
                if ordinal > 0 {
                    out.push(b',');
                }
                self.slot(place, seed, out);
            }
            return out.push(b']');
        }
        match (array.order, self.plain_number(&array.item), self.plain_entity(&array.item)) {
            (Some(order), Some(number), _) => {
                Self::ordered(array, number, order, (length, key), seed, out);
            }
            (_, _, Some(entity)) => {
                self.entities(array, entity, (length, key), seed, out);
            }
            _ => {
                let start = out.len();
                let mut shown: SmallVec<[u64; 16]> = SmallVec::new();
                for ordinal in 0..length {
                    if ordinal > 0 {
                        out.push(b',');
                    }
                    let begin = out.len();
                    for attempt in 0..=REDRAWS_MAX {
                        out.truncate(begin);
                        let ordinal = (from + ordinal).wrapping_add(attempt * REDRAW);
                        self.slot(&array.item, seed.part(key, ordinal), out);
                        if array.is_new(out.get(begin..).unwrap_or_default(), &mut shown) {
                            break;
                        }
                    }
                }
                self.arrange(array, key, seed, start, out);
            }
        }
        out.push(b']');
    }

    /// Puts the items written from `start` on in the order that such lists have; each keeps its
    /// laws.
    fn arrange(
        &self,
        array: &ArrayNode,
        key: u64,
        seed: EntitySeed,
        start: usize,
        out: &mut Vec<u8>,
    ) {
        if array.sorted.is_empty() {
            return;
        }
        let drawn = [b"[", out.split_off(start).as_slice(), b"]"].concat();
        let Some(Json::Array(mut items)) = Json::parse(&drawn) else { return };
        array.sorted.iter().for_each(|key| key.arrange(&mut items));
        let laws = match self.only_node(&array.item) {
            Some(Node::Object(object)) => object.laws.as_deref(),
            _ => None,
        };
        for (ordinal, item) in (0u32..).zip(&items) {
            if ordinal > 0 {
                out.push(b',');
            }
            let from = out.len();
            // Writing what was read as JSON into a `Vec` cannot fail.
            let _ = serde_json::to_writer(&mut *out, item);
            if let Some(laws) = laws {
                let mut stream = seed.part(key, ordinal).at(key ^ LAW).stream();
                laws.repair(None, &mut stream, self.clock, from, out);
            }
        }
    }

    /// Numbers in order: the ranks divide the distribution evenly, as order statistics do on
    /// average.
    fn ordered(
        array: &ArrayNode,
        number: &NumberNode,
        order: Order,
        (length, key): (u32, u64),
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let share = u64::from(u32::MAX) / u64::from(length.max(1));
        for ordinal in 0..length {
            if ordinal > 0 {
                out.push(b',');
            }
            let jitter = seed.part(key, ordinal).at(array.item.key).stream().word() >> 32;
            let rank = match order {
                Order::Ascending => ordinal,
                Order::Descending => length - 1 - ordinal,
            };
            let unit = share * u64::from(rank) + ((jitter * share) >> 32);
            number.write_ordered(unit as u32, out);
        }
    }

    /// Entities, each once, by id where they came so.
    fn entities(
        &self,
        array: &ArrayNode,
        entity: &EntityNode,
        (length, key): (u32, u64),
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let drawn;
        let listed = match self.page_of(key).and_then(|page| page.listed.as_ref()) {
            Some(listed) => listed,
            None => {
                let mut listed = self.listed(entity, (length, key), seed, out);
                sort(array.order, &mut listed);
                drawn = listed;
                &drawn
            }
        };
        for (at, (id, part)) in listed.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            let given = Constraint { count: None, fixed: Some((entity.id, id)) };
            self.entity(entity, array.item.key, given, *part, out);
        }
    }

    /// The page that is asked for of the array with this path hash.
    pub(in crate::domain::value) fn page_of(&self, key: u64) -> Option<&DrawnPage<'_>> {
        self.page.filter(|page| page.list == key)
    }

    /// Ids of the entities in a list, with the seeds of their places. Where the request says
    /// something of all of them, those are taken of which it is true anyway, so that each detail
    /// agrees. If none is found although there are many values, it is made true of any.
    /// `out` serves as a scratch pad.
    fn listed(
        &self,
        entity: &EntityNode,
        (length, key): (u32, u64),
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) -> DrawnIds {
        let mut listed = DrawnIds::new();
        let mut asked = entity.filters.iter().filter(|f| self.asked(entity, f).is_some());
        if length > 0
            && let Some(filter) = asked.next()
        {
            for attempt in 0..FILTER_DRAWS_MAX {
                let part = seed.part(key, attempt);
                let Some(id) = self.entity_id(entity, part, out) else { break };
                if is_new(&listed, &id) && self.agrees(entity, &id, |_| true, out) {
                    listed.push((id, part));
                    if listed.len() == length as usize {
                        break;
                    }
                }
            }
            if !listed.is_empty() || (filter.is_narrow && asked.all(|f| f.is_narrow)) {
                return listed;
            }
        }
        let from = self.page_of(key).map_or(0, |page| page.offset);
        for ordinal in from..from.saturating_add(length) {
            let attempts = (0..=REDRAWS_MAX).map(|n| ordinal.wrapping_add(n * REDRAW));
            let mut parts = attempts.map(|ordinal| seed.part(key, ordinal));
            let fresh = parts.find_map(|part| {
                let id = self.entity_id(entity, part, out)?;
                is_new(&listed, &id).then_some((id, part))
            });
            listed.extend(fresh);
        }
        listed
    }

    /// Items of an array, as the request asked, as the row says, or as drawn, and the seed that
    /// they are parts of. `seed`: of the array, or of its items where their number is given.
    fn items(
        &self,
        array: &ArrayNode,
        key: u64,
        given: Option<u32>,
        seed: EntitySeed,
    ) -> (u32, EntitySeed) {
        if let Some(page) = self.page_of(key) {
            return (page.length, page.seed);
        }
        let number = |source: u64| self.sources.find(source)?.value.parse::<u32>().ok();
        let asked = array.echo.and_then(number);
        let page = array.page_size.and_then(|page| Some((page, number(page.source)?)));
        let (learned, seed) = match given {
            Some(length) => (length, seed),
            None => {
                let (length, first) = array.lengths.draw(seed.at(key ^ LENGTH));
                (length, seed.nth(first))
            }
        };
        let length = match (asked, page) {
            (Some(length), _) => length.min(ECHOED_ITEMS_MAX),
            (None, Some((page, size))) if page.is_filled && learned > 0 => {
                size.min(ECHOED_ITEMS_MAX)
            }
            (None, Some((_, size))) => learned.min(size),
            (None, None) => learned,
        };
        // Another page or filter shows other items; the rest of the answer stays.
        (length, seed.selecting(self.selection))
    }

    /// The histogram of a position that holds numbers and nothing else.
    fn plain_number(&self, slot: &Field) -> Option<&NumberNode> {
        match self.only_node(slot)? {
            Node::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The entity of a position that holds entities of one resource and nothing else.
    pub(in crate::domain::value) fn plain_entity(&self, slot: &Field) -> Option<&EntityNode> {
        match self.only_node(slot)? {
            Node::Entity(entity) => Some(entity),
            _ => None,
        }
    }

    fn only_node(&self, slot: &Field) -> Option<&Node> {
        match *slot.alternatives {
            [Output::Node(id)] => self.nodes.nodes.get(id as usize),
            _ => None,
        }
    }

    /// The number of items of a member of the same object, where this member counts them.
    pub(in crate::domain::value) fn counted(
        &self,
        of: &DrawnObject<'_>,
        array: u32,
        out: &mut Vec<u8>,
    ) -> Option<u32> {
        let slot = &of.object.members.get(array as usize)?.slot;
        let cell = of.cell(array)?;
        let (id, given) = match cell.emit {
            Output::Array(id, length) => (id, Some(length)),
            Output::Node(id) => (id, None),
            _ => return None,
        };
        let Node::Array(array) = self.nodes.nodes.get(id as usize)? else { return None };
        let (length, seed) = self.items(array, slot.key, given, of.part(cell));
        if self.page_of(slot.key).is_some() {
            return Some(length);
        }
        match self.plain_entity(&array.item) {
            // Fewer are there when a resource has no more of them.
            Some(entity) => Some(self.listed(entity, (length, slot.key), seed, out).len() as u32),
            None => Some(length),
        }
    }
}
