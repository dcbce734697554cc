//! Lists are executed: filtered, sorted and cut from the entities that are there.
//!
//! What a parameter does is found by executing candidates on the collection as it was known at
//! the time, and comparing what comes out with what the backend answered.

mod learn;
mod list_page;
mod operator;
mod order;
mod pages;
mod view;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

pub use learn::{KnownRow, ListSample, learn};
pub use operator::Operator;
pub use view::ViewShape;

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
    /// How rows are made where they are not the entity itself.
    pub view: Option<ViewShape>,
}

impl Program {
    fn role(&self, parameter: &str) -> Option<&ParameterRole> {
        self.roles.get(parameter)
    }

    /// Whether some parameter filters the member of its own name: then all names do.
    fn filters_by_name(&self) -> bool {
        self.roles.iter().any(|(name, role)| match role {
            ParameterRole::Filter(Operator::Equal, member) => member == name,
            _ => false,
        })
    }
}
