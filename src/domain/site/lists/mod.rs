//! Lists are executed: filtered, sorted and cut from the entities that are there.
//!
//! What a parameter does is found by executing candidates on the collection as it was known at
//! the time, and comparing what comes out with what the backend answered.

mod asked;
mod filter;
mod learn;
mod list_page;
mod list_sample;
mod operator;
mod order;
mod pages;
mod row_projection;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

pub use asked::{asked, asked_exchange, is_term};
pub use learn::learn;
pub use list_sample::{KnownRow, ListSample};
pub use operator::Operator;
pub use row_projection::RowProjection;

use crate::domain::world::pointer::Pointer;

/// A row of a collection with its id.
pub type ListRow<'r> = (&'r str, &'r Map<String, Value>);

/// What a query parameter does.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterRole {
    /// Keeps rows whose member stands in a relation to the value.
    Filter(Operator, Box<str>),
    /// Names the member to sort by; the direction is marked in it, or by another parameter.
    Sort {
        /// The parameter that says the direction, if one does.
        direction: Option<Box<str>>,
        /// For each mark whether it means descending.
        marks: Vec<(Mark, bool)>,
    },
    /// Says the direction of a sort.
    Direction,
    /// The most rows of an answer.
    Limit,
    /// The number of the page; the number of the first one, and the size without a limit.
    Page(i64, usize),
    /// Rows to leave out; the size without a limit.
    Offset(usize),
    /// Continues where the last answer ended.
    Cursor,
    /// Turns the order without a wish round when it has this value.
    Reverse(Box<str>),
}

/// How a direction is marked: in the value itself, and by the other parameter.
pub type Mark = (String, Option<String>);

/// The order of a list that nobody asked to sort.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOrder {
    /// The member that it follows; `None` for the order of arrival.
    pub by: Option<Box<str>>,
    /// Whether the last comes first.
    pub descending: bool,
}

/// A number that stands beside a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Figure {
    /// Rows that pass the filters.
    Filtered,
    /// Rows of this answer.
    Shown,
    /// Rows of the collection.
    All,
    /// Number of the page.
    Number,
    /// Rows before this page.
    Start,
    /// Most rows of a page.
    Size,
    /// Number of pages.
    Pages,
    /// Whether there are rows behind this page.
    More,
}

/// Where a number stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Spot {
    /// In a header.
    Header(Box<str>),
    /// In the document.
    Body(Pointer),
}

/// How a list is made from its collection.
#[derive(Debug, Clone)]
pub struct Program {
    /// What parameters do.
    pub roles: FxHashMap<Box<str>, ParameterRole>,
    /// Parameters that always have the same value: they tell nothing, and stand in the way of
    /// nothing.
    pub constant: FxHashSet<Box<str>>,
    /// The order without a wish.
    pub order: ListOrder,
    /// The size of a page without a wish.
    pub size: Option<usize>,
    /// Whether rows that are asked for one by one come in the order of the asking.
    pub as_asked: bool,
    /// Numbers beside the rows.
    pub figures: Vec<(Spot, Figure)>,
    /// Where the address of the next page stands, and the parameter in which it differs.
    pub next: Option<(Spot, Box<str>)>,
    /// Scheme and host of that address, where they are not those of the request.
    pub authority: Option<Box<str>>,
    /// Members of the collection's rows.
    pub members: FxHashSet<Box<str>>,
    /// Members that the list shows.
    pub shown: FxHashSet<Box<str>>,
    /// How rows are made where they are not the entity itself, by the names of their members.
    pub views: Vec<(Vec<Box<str>>, RowProjection)>,
}

impl Program {
    fn role(&self, parameter: &str) -> Option<&ParameterRole> {
        self.roles.get(parameter)
    }

    /// What a parameter filters that was never met, where others are named in the same way: if
    /// `kind` filters the member `kind`, `title` filters `title`; if `age__gt` does, `size__gt`.
    fn named_alike(&self, parameter: &str) -> Option<(Operator, String)> {
        let mut known: Vec<(&Box<str>, &ParameterRole)> = self.roles.iter().collect();
        known.sort_by_key(|(name, _)| *name);
        known.into_iter().find_map(|(name, role)| {
            let ParameterRole::Filter(operator, member) = role else { return None };
            let (parent, own) = member.rsplit_once('.').unwrap_or(("", member));
            let at = if own.is_empty() { None } else { name.rfind(own) }?;
            let (prefix, suffix) = (&name[..at], &name[at + own.len()..]);
            let other = parameter.strip_prefix(prefix)?.strip_suffix(suffix)?;
            let is_plain = prefix.is_empty() && suffix.is_empty();
            let fits = *operator == Operator::Equal || !is_plain;
            let other = if parent.is_empty() { other.into() } else { format!("{parent}.{other}") };
            (fits && self.members.contains(&*other)).then_some((*operator, other))
        })
    }
}

/// A member of a row; behind a dot one of an object in it.
#[must_use]
pub fn looked_up<'r>(row: &'r Map<String, Value>, member: &str) -> Option<&'r Value> {
    row.get(member).or_else(|| {
        let (outer, inner) = member.split_once('.')?;
        row.get(outer)?.as_object()?.get(inner)
    })
}
