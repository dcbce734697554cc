//! Addresses beside the rows that lead to pages of the same list: which page each one means is
//! found by executing it, and how it is written is learned from what was recorded.

use serde_json::{Map, Value, json};

use super::cursor::cursor;
use super::{ParameterRole, Program, Spot};
use crate::domain::world::Request;
use crate::domain::world::pointer::{Pointer, PointerStep, at, put_at};

/// Which page a link leads to; the names are those of the registry of RFC 8288.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkRelation {
    /// The one behind.
    Next,
    /// The one before.
    Prev,
    /// The first.
    First,
    /// The last.
    Last,
    /// This one.
    Own,
}

impl LinkRelation {
    /// All of them with the words that name them.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Next, "next"),
        (Self::Prev, "prev"),
        (Self::First, "first"),
        (Self::Last, "last"),
        (Self::Own, "self"),
    ];
}

/// What stands at the place of a link that leads nowhere.
#[derive(Debug, Clone, PartialEq)]
pub enum Blank {
    /// A value: nothing, or an empty text.
    Value(Value),
    /// Nothing from this step of the way on.
    Gone(usize),
}

/// A link beside the rows.
#[derive(Debug, Clone)]
pub struct ListLink {
    /// Where it stands.
    pub spot: Spot,
    /// Behind an address in a header with several: `; rel="next"`.
    pub says: Box<str>,
    /// Where it leads.
    pub relation: LinkRelation,
    /// What stands there where it leads nowhere.
    pub blank: Blank,
    /// Whether it is the value of the parameter alone, and no address.
    pub is_bare: bool,
}

impl ListLink {
    /// Its place in the document.
    pub const fn place(&self) -> Option<&Pointer> {
        match &self.spot {
            Spot::Body(place) => Some(place),
            Spot::Header(_) => None,
        }
    }
}

/// The page that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct LinkedPage<'p> {
    /// Rows before it.
    pub from: usize,
    /// The most rows of a page.
    pub size: Option<usize>,
    /// Rows that pass.
    pub total: usize,
    /// The id of its last row.
    pub last: Option<&'p str>,
}

impl LinkedPage<'_> {
    /// Rows before the page of a relation; nothing where there is no such page.
    #[must_use]
    pub fn start(&self, relation: LinkRelation) -> Option<usize> {
        let size = self.size.filter(|size| *size > 0).unwrap_or(usize::MAX);
        match relation {
            LinkRelation::Next => self.from.checked_add(size).filter(|next| *next < self.total),
            LinkRelation::Prev => (self.from > 0).then(|| self.from.saturating_sub(size)),
            LinkRelation::First => Some(0),
            LinkRelation::Last => Some(self.total.saturating_sub(1) / size * size),
            LinkRelation::Own => Some(self.from),
        }
    }
}

impl Program {
    /// Whether a request says where a page begins, or how long it is.
    pub(super) fn asks_page(&self, request: &Request) -> bool {
        use ParameterRole::{After, Before, Cursor, Limit, Offset, Page};
        request.query.iter().any(|(name, _)| {
            matches!(self.role(name), Some(Page(..) | Offset(_) | Cursor | After | Before | Limit))
        })
    }

    /// The address of a page; nothing where there is none.
    fn link(&self, request: &Request, link: &ListLink, page: &LinkedPage<'_>) -> Option<String> {
        if self.link_style.needs_page && !link.is_bare && !self.asks_page(request) {
            return None;
        }
        let start = page.start(link.relation)?;
        let change = match self.paging.as_deref() {
            Some(paging) if link.relation != LinkRelation::Own => {
                Some((paging, self.begin(paging, start, page)?))
            }
            _ => None,
        };
        if link.is_bare {
            return change.and_then(|(_, value)| value);
        }
        let change = change.as_ref().map(|(paging, value)| (*paging, value.as_deref()));
        Some(self.link_style.address(request, change))
    }

    /// What the parameter says with which a page begins: nothing where it is not sent for the
    /// first page, and no answer where no value leads there.
    fn begin(&self, paging: &str, start: usize, page: &LinkedPage<'_>) -> Option<Option<String>> {
        let size = page.size.unwrap_or(1).max(1);
        let counts = |value: String| {
            let is_dropped = start == 0 && self.link_style.drops_first;
            Some((!is_dropped).then_some(value))
        };
        match self.role(paging) {
            Some(ParameterRole::Offset(_)) => counts(start.to_string()),
            Some(ParameterRole::Page(base, _)) => {
                counts((i64::try_from(start / size).unwrap_or(0) + base).to_string())
            }
            _ if start == 0 => Some(None),
            Some(ParameterRole::After) if start > page.from => Some(Some(page.last?.to_owned())),
            Some(ParameterRole::After | ParameterRole::Before) => None,
            _ => Some(Some(cursor(start))),
        }
    }

    /// Puts the links of a page into its document and its headers.
    pub(super) fn put_links(
        &self,
        request: &Request,
        page: &LinkedPage<'_>,
        document: &mut Value,
        headers: &mut Vec<(Box<str>, Option<String>)>,
    ) {
        for link in &self.links {
            let address = self.link(request, link, page);
            match &link.spot {
                Spot::Header(name) => {
                    let text = address.map(|address| match &*link.says {
                        "" => address,
                        says => format!("<{address}>{says}"),
                    });
                    match headers.iter_mut().find(|(known, _)| known == name) {
                        Some((_, Some(all))) => {
                            if let Some(text) = text {
                                all.push_str(", ");
                                all.push_str(&text);
                            }
                        }
                        Some((_, none)) => *none = text,
                        None => headers.push((name.clone(), text)),
                    }
                }
                Spot::Body(place) if document.is_object() => {
                    *document = match (address, &link.blank) {
                        (Some(address), _) => put_at(document.take(), place, address.into()),
                        (None, Blank::Value(value)) if at(document, place).is_some() => {
                            put_at(document.take(), place, value.clone())
                        }
                        (None, Blank::Value(_)) => document.take(),
                        (None, Blank::Gone(step)) => {
                            let rest = without(document.take(), &place[..*step]);
                            let above = &place[..step.saturating_sub(1)];
                            // Where there are no links at all, what holds them is not there.
                            let is_bare = !above.is_empty() && at(&rest, above) == Some(&json!({}));
                            if is_bare { without(rest, above) } else { rest }
                        }
                    };
                }
                Spot::Body(_) => {}
            }
        }
    }
}

/// A document without what stands at a place.
pub(super) fn without(mut document: Value, place: &[PointerStep]) -> Value {
    let Some((PointerStep::Member(name), above)) = place.split_last() else { return document };
    let taken = |members: &Map<String, Value>| {
        let mut members = members.clone();
        members.shift_remove(&**name);
        Value::Object(members)
    };
    if let Some(members) = at(&document, above).and_then(Value::as_object).map(taken) {
        document = put_at(document, above, members);
    }
    document
}
