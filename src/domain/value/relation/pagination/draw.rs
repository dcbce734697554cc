//! The page of a list that a request asks for, and what the document says of it.
//!
//! A list has a total, drawn once for all of its pages. A page shows the items from its offset on,
//! fewer on the last one and none beyond; whatever the document says of pages is worked out from
//! that. A list that is not too long is drawn whole and cut, so that no item stands on two pages,
//! items are in order over all pages, and a filter leaves a part of the same list.

use rustc_hash::FxHashSet;

use crate::domain::random::choice::Choice;
use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::random::hash;
use crate::domain::request::RequestView;
use crate::domain::sketch::number_code;
use crate::domain::value::array::drawn_ids::{self, DrawnIds};
use crate::domain::value::object::draw::{DrawnField, DrawnObject};
use crate::domain::value::program::{EntityNode, MemberSlot, Node, NodeId, Output, Writing};
use crate::domain::value::relation::echo;
use crate::domain::value::relation::echo::EchoOrigin;
use crate::domain::value::relation::pagination::learn::{Pagination, Role};
use crate::domain::value::relation::pagination::page_request::{PageRequest, page_ask};

/// What is known of the pages of a document.
#[derive(Debug, Clone)]
pub struct PaginationNode {
    learned: Pagination,
    roles: Box<[(u64, Role)]>,
    choice: Choice,
    totals: Box<[i32]>,
    /// The array that is paged.
    pub array: Option<NodeId>,
}

/// One page.
pub struct DrawnPage<'a> {
    /// Path hash of the array.
    pub list: u64,
    /// Items before it.
    pub offset: u32,
    /// Items on it.
    pub length: u32,
    total: u32,
    size: u32,
    number: u32,
    is_first: bool,
    /// The seed that all items of the list are parts of.
    pub seed: EntitySeed,
    /// Its entities, where the list is drawn whole.
    pub listed: Option<DrawnIds>,
    path: &'a str,
    query: &'a str,
}

/// Lists drawn whole: up to here, drawing every id takes some ten microseconds.
const WHOLE_MAX: u32 = 512;

/// Draws in a row that give nothing new, before a resource is taken to have no more.
const REPEATS_MAX: u32 = 24;

/// Salt of the draw of a total.
const TOTAL: u64 = 0x707A;

impl PaginationNode {
    /// `None` while nothing is known of pages.
    pub fn compile(learned: &Pagination) -> Option<Self> {
        let roles = learned.roles();
        let mut weighted: Vec<(i32, f64)> =
            learned.totals.weights().map(|(c, w)| (*c, w)).collect();
        weighted.sort_unstable_by_key(|w| w.0);
        (!roles.is_empty() && !weighted.is_empty()).then(|| Self {
            learned: learned.clone(),
            roles: roles.into(),
            choice: Choice::new(weighted.iter().map(|w| w.1)),
            totals: weighted.iter().map(|w| w.0).collect(),
            array: None,
        })
    }

    /// The array that is paged.
    pub fn list(&self) -> u64 {
        self.learned.list
    }

    /// What the member with this path hash says.
    pub fn role(&self, key: u64) -> Option<Role> {
        self.roles.iter().find(|(known, _)| *known == key).map(|(_, role)| *role)
    }

    fn total(&self, seed: EntitySeed) -> u32 {
        let place = seed.at(TOTAL);
        let code = self.totals.get(self.choice.draw(place).at).copied().unwrap_or(0);
        let (middle, half) = number_code::value_of(code);
        // A rounded total is any of those that round to it; a small one is itself.
        let jitter = if half >= 1.0 { (place.stream().uniform() * 2.0 - 1.0) * half } else { 0.0 };
        (middle + jitter).max(0.0) as u32
    }
}

impl Writing<'_> {
    /// The page that a request asks for. `seed`: of the list, whatever the query; `out` serves as
    /// a scratch pad.
    pub fn page<'a>(
        &self,
        paging: &PaginationNode,
        request: &RequestView<'a>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) -> DrawnPage<'a> {
        let array = paging.array.and_then(|id| self.nodes.nodes.get(id as usize));
        let array = if let Some(Node::Array(array)) = array { Some(array) } else { None };
        let entity = array.and_then(|array| self.plain_entity(&array.item));
        let selected = |pair: &str| entity.is_none_or(|entity| !is_filter(entity, pair));
        let ask = page_ask(request.query, selected);
        let mut total = paging.total(seed);
        let seed = seed.selecting(selection(request.query, selected));
        let mut listed = None;
        if let Some((array, entity)) = array.zip(entity).filter(|_| total <= WHOLE_MAX) {
            let mut whole = self.collection(entity, (total, paging.list()), seed, out);
            self.filter(entity, &mut whole, out);
            drawn_ids::sort(array.order, &mut whole);
            total = whole.len() as u32;
            listed = Some(whole);
        }
        let size = paging.learned.size(ask).unwrap_or(total).min(drawn_ids::ECHOED_ITEMS_MAX);
        let first = u32::from(!paging.learned.is_zero_based);
        let (offset, number) = place_of(ask, size, first);
        let length = total.saturating_sub(offset).min(size);
        let listed = listed
            .map(|whole| whole.into_iter().skip(offset as usize).take(length as usize).collect());
        let (list, is_first) = (paging.list(), offset == 0);
        let RequestView { path, query, .. } = *request;
        DrawnPage { list, offset, length, total, size, number, is_first, seed, listed, path, query }
    }

    /// All entities of a list: as many as it has, or as there are.
    fn collection(
        &self,
        entity: &EntityNode,
        (total, key): (u32, u64),
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) -> DrawnIds {
        let is_owned = |origin| origin != EchoOrigin::Query;
        let owners = || {
            entity.filters.iter().filter(|filter| {
                self.asked(entity, filter).is_some_and(|source| is_owned(source.origin))
            })
        };
        let find = |is_owner_asked: bool, out: &mut Vec<u8>| {
            let repeats_max =
                if is_owner_asked { drawn_ids::FILTER_DRAWS_MAX } else { REPEATS_MAX };
            let mut seen: FxHashSet<u64> = FxHashSet::default();
            let mut listed = DrawnIds::new();
            let (mut ordinal, mut repeats) = (0, 0);
            while (listed.len() as u32) < total && repeats < repeats_max {
                let part = seed.part(key, ordinal);
                ordinal += 1;
                repeats += 1;
                let Some(id) = self.entity_id(entity, part, out) else { break };
                let is_new = seen.insert(hash::hash_bytes(&id));
                if is_new && (!is_owner_asked || self.agrees(entity, &id, is_owned, out)) {
                    listed.push((id, part));
                    repeats = if is_owner_asked { repeats } else { 0 };
                }
            }
            listed
        };
        if owners().next().is_some() {
            let listed = find(true, out);
            if !listed.is_empty() || owners().all(|filter| filter.is_narrow) {
                return listed;
            }
        }
        find(false, out)
    }

    /// Leaves those of which what the query says is true. If there is none although there are many
    /// values, it is made true of all.
    fn filter(&self, entity: &EntityNode, whole: &mut DrawnIds, out: &mut Vec<u8>) {
        let is_query = |origin| origin == EchoOrigin::Query;
        let mut asked = entity.filters.iter().filter(|filter| {
            self.asked(entity, filter).is_some_and(|source| is_query(source.origin))
        });
        let Some(first) = asked.next() else { return };
        let mut found = DrawnIds::new();
        for (id, part) in whole.iter() {
            if self.agrees(entity, id, is_query, out) {
                found.push((id.clone(), *part));
            }
        }
        if !found.is_empty() || (first.is_narrow && asked.all(|filter| filter.is_narrow)) {
            *whole = found;
        }
    }

    /// Whether a member that leads to another page is missing here, as there is none.
    pub(in crate::domain::value) fn leads_nowhere(&self, member: &MemberSlot) -> bool {
        self.page.zip(member.role).is_some_and(|(page, role)| page.leads_to(role) == Some(None))
    }

    /// Whether a member must be there although the object would do without: there is a next page.
    pub(in crate::domain::value) fn leads_on(&self, member: &MemberSlot) -> bool {
        let leads = self.page.zip(member.role).and_then(|(page, role)| page.leads_to(role));
        leads.is_some_and(|to| to.is_some())
    }

    /// Writes what a member says of the page; false when it says nothing of it.
    pub(in crate::domain::value) fn page_member(
        &self,
        of: &DrawnObject<'_>,
        member: &MemberSlot,
        cell: Option<&DrawnField>,
        out: &mut Vec<u8>,
    ) -> bool {
        let Some((page, role)) = self.page.zip(member.role) else { return false };
        match page.says(role) {
            PageField::Number(number) => {
                out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            }
            PageField::Truth(truth) => {
                out.extend_from_slice(if truth { b"true" } else { b"false" });
            }
            PageField::LeadsTo(None) => out.extend_from_slice(b"null"),
            PageField::LeadsTo(Some(number)) => {
                let start = out.len();
                match cell.filter(|cell| !self.is_null(cell.emit)) {
                    Some(cell) => self.unechoed_member(of, member, cell, out),
                    None => self.slot_but_null(&member.slot, of.seed(), out),
                }
                page.link(number, start, out);
            }
        }
        true
    }

    fn is_null(&self, emit: Output) -> bool {
        let Output::Literal(at) = emit else { return false };
        self.nodes.literals.get(at as usize).is_some_and(|literal| **literal == *b"null")
    }

    /// Writes what a position shows when it shows something.
    fn slot_but_null(
        &self,
        slot: &crate::domain::value::program::Field,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let emit = slot.alternatives.iter().find(|emit| !self.is_null(**emit));
        self.emit(slot, emit.copied().unwrap_or(Output::Absent), seed, out);
    }
}

/// What a member says of a page.
enum PageField {
    Number(u32),
    Truth(bool),
    /// The number of another page, or that there is none.
    LeadsTo(Option<u32>),
}

impl DrawnPage<'_> {
    fn says(&self, role: Role) -> PageField {
        let is_more = self.offset.saturating_add(self.length) < self.total && self.length > 0;
        match role {
            Role::Total => PageField::Number(self.total),
            Role::Size => PageField::Number(self.size),
            Role::Page => PageField::Number(self.number),
            Role::Offset => PageField::Number(self.offset),
            Role::Pages => PageField::Number(self.total.div_ceil(self.size.max(1))),
            Role::More => PageField::Truth(is_more),
            Role::Earlier => PageField::Truth(!self.is_first),
            Role::Next => PageField::LeadsTo(is_more.then(|| self.number.saturating_add(1))),
            Role::Previous => {
                PageField::LeadsTo((!self.is_first).then(|| self.number.saturating_sub(1)))
            }
        }
    }

    fn leads_to(&self, role: Role) -> Option<Option<u32>> {
        match self.says(role) {
            PageField::LeadsTo(to) => Some(to),
            _ => None,
        }
    }

    /// Makes what was drawn from `start` on lead to a page: a number is the page's, an address is
    /// that of this request but for the page. A cursor stays what it is.
    fn link(&self, number: u32, start: usize, out: &mut Vec<u8>) {
        let Some(drawn) = out.get(start..) else { return };
        if drawn.first() != Some(&b'"') {
            out.truncate(start);
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            return;
        }
        let text = String::from_utf8_lossy(drawn).into_owned();
        let text = text.trim_matches('"');
        let origin = match text.find("://") {
            Some(at) => {
                let path = text[at + 3..].find('/').map_or(text.len(), |slash| at + 3 + slash);
                &text[..path]
            }
            None if text.starts_with('/') => "",
            None => return,
        };
        let linked = format!("{origin}{}?{}", self.path, self.query_of(number));
        out.truncate(start);
        // Serialising a string into a `Vec` cannot fail.
        let _written = serde_json::to_writer(out, &linked);
    }

    /// The query of this request, for another page.
    fn query_of(&self, number: u32) -> String {
        let mut is_set = false;
        let mut pairs: Vec<String> = Vec::new();
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let ask = page_ask(pair, |_| false);
            let name = pair.split('=').next().unwrap_or_default();
            let value = match (ask.page, ask.offset) {
                (Some(_), _) => Some(number),
                (None, Some(_)) if number > self.number => Some(self.offset + self.size),
                (None, Some(_)) => Some(self.offset.saturating_sub(self.size)),
                (None, None) => None,
            };
            is_set |= value.is_some();
            pairs.push(value.map_or_else(|| pair.to_owned(), |value| format!("{name}={value}")));
        }
        if !is_set {
            pairs.push(format!("page={number}"));
        }
        pairs.join("&")
    }
}

/// Items before a page, and its number.
fn place_of(ask: PageRequest, size: u32, first: u32) -> (u32, u32) {
    match (ask.offset, ask.page) {
        (Some(offset), page) => {
            let number = page.unwrap_or(first.saturating_add(offset / size.max(1)));
            (offset, number)
        }
        (None, page) => {
            let number = page.unwrap_or(first);
            (number.saturating_sub(first).saturating_mul(size), number)
        }
    }
}

/// Does this pair of a query say something of all entities of a list?
fn is_filter(entity: &EntityNode, pair: &str) -> bool {
    let key = echo::source_key(EchoOrigin::Query, pair.split('=').next().unwrap_or_default());
    let slot = |own: u32| entity.own.members.get(own as usize).map(|member| &member.slot);
    entity.filters.iter().any(|filter| slot(filter.own).and_then(|s| s.echo) == Some(key))
}

/// Hash of what a query selects besides pages and filters; 0 where it selects nothing.
fn selection(query: &str, selected: impl Fn(&str) -> bool) -> u64 {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let selecting = pairs.filter(|pair| page_ask(pair, &selected).selects);
    selecting.fold(0, |sum, pair| sum.wrapping_add(hash::hash_bytes(pair.as_bytes())))
}
