//! Lists are executed: filtered, sorted and cut from the entities that are there.
//!
//! What a parameter does is found by executing candidates on the collection as it was known at
//! the time, and comparing what comes out with what the backend answered.

mod asked;
mod cursor;
mod figures;
mod filter;
mod learn;
mod learn_links;
mod learn_order;
mod link_style;
mod links;
mod list_page;
mod list_sample;
mod member_path;
mod operator;
mod order;
mod pages;
mod row_projection;
#[cfg(test)]
mod tests;
mod usual_rows;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

pub use asked::{asked, asked_exchange, document, is_term};
pub use learn::learn;
pub use link_style::LinkStyle;
pub use links::ListLink;
pub use list_sample::{KnownRow, ListSample};
pub use operator::Operator;
pub use order::{Collation, ListOrder};
pub use row_projection::RowProjection;
pub use usual_rows::{AskedRows, UsualRows};

use crate::domain::world::Request;
use crate::domain::world::pointer::Pointer;
use member_path::{MemberPath, with_word};

/// A row of a collection with its id.
pub type ListRow<'r> = (&'r str, &'r Map<String, Value>);

/// What a query parameter does.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterRole {
    /// Keeps rows whose member stands in a relation to the value.
    Filter(Operator, Box<str>),
    /// Words that ask for rows that are usually left out, or not; any other value is that of a
    /// member.
    Words(Vec<(Box<str>, AskedRows)>, Option<Box<str>>),
    /// Names the member to sort by; the direction is marked in it, or by another parameter.
    Sort {
        /// The parameter that says the direction, if one does.
        direction: Option<Box<str>>,
        /// For each mark whether it means descending.
        marks: Vec<(Mark, bool)>,
        /// Whether it may name several.
        several: bool,
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
    /// The id of the row behind which the page begins.
    After,
    /// The id of the row before which the page ends.
    Before,
    /// Turns the order without a wish round when it has this value.
    Reverse(Box<str>),
}

/// How a direction is marked: in the value itself, and by the other parameter.
pub type Mark = (String, Option<String>);

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
    /// How texts compare.
    pub collation: Collation,
    /// Whether the array is not there where it would have no rows.
    pub hides_empty: bool,
    /// The size of a page without a wish.
    pub size: Option<usize>,
    /// Whether rows that are asked for one by one come in the order of the asking.
    pub as_asked: bool,
    /// Which rows it leaves out unless asked for them.
    pub usual: Option<UsualRows>,
    /// Numbers beside the rows.
    pub figures: Vec<(Spot, Figure)>,
    /// Addresses beside the rows that lead to pages of the list.
    pub links: Vec<ListLink>,
    /// How they are written.
    pub link_style: LinkStyle,
    /// The parameter that says where a page begins.
    pub paging: Option<Box<str>>,
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

    /// Whether everything is understood that a request asks for.
    #[must_use]
    pub fn understands(&self, request: &Request) -> bool {
        request.query.iter().all(|(name, _)| {
            self.role(name).is_some()
                || self.constant.contains(&**name)
                || self.named_alike(name).is_some()
        })
    }

    /// The member that a name means: the whole path, or its last part where one of the least
    /// depth alone ends in it.
    fn member_named(&self, name: &str) -> Option<&str> {
        if let Some(own) = self.members.get(name) {
            return Some(own);
        }
        let ends =
            |member: &&str| member.strip_suffix(name).is_some_and(|above| above.ends_with('.'));
        let depth = |member: &str| member.matches('.').count();
        let found: Vec<&str> = self.members.iter().map(|member| &**member).filter(ends).collect();
        let least = found.iter().map(|member| depth(member)).min()?;
        let mut nearest = found.into_iter().filter(|member| depth(member) == least);
        nearest.next().filter(|_| nearest.next().is_none())
    }

    /// What a parameter filters that was never met, where others are named in the same way: if
    /// `kind` filters the member `kind`, `title` filters `title`; if `age__gt` does, `size__gt`; if
    /// `f[maker]` filters `links.maker.id`, `f[buyer]` filters `links.buyer.id`.
    fn named_alike(&self, parameter: &str) -> Option<(Operator, String)> {
        let mut known: Vec<(&Box<str>, &ParameterRole)> = self.roles.iter().collect();
        known.sort_by_key(|(name, _)| *name);
        known.into_iter().find_map(|(name, role)| {
            let ParameterRole::Filter(operator, member) = role else { return None };
            if let Some(found) = Self::worded_alike((name, member), parameter) {
                return Some((*operator, found));
            }
            let steps: Vec<&str> = member.split('.').filter(|step| !step.is_empty()).collect();
            let places = || steps.iter().enumerate().rev();
            let word = places().find_map(|(nth, step)| Some((nth, word_at(name, step)?)));
            let (nth, at) =
                word.or_else(|| places().next().and_then(|(n, own)| Some((n, name.rfind(own)?))))?;
            let (prefix, suffix) = (&name[..at], &name[at + steps[nth].len()..]);
            let other = parameter.strip_prefix(prefix)?.strip_suffix(suffix)?;
            let is_plain = prefix.is_empty() && suffix.is_empty();
            let fits = *operator == Operator::Equal || !is_plain;
            let mut path = steps;
            path[nth] = other;
            let path = path.join(".");
            (fits && self.members.contains(&*path)).then_some((*operator, path))
        })
    }
}

impl Program {
    /// The member that a parameter filters which has another word where a known one has that of
    /// an item: no row needs to have it.
    fn worded_alike((name, member): (&str, &str), parameter: &str) -> Option<String> {
        let (word, _) = with_word(member, "")?;
        let at = word_at(name, word)?;
        let other = parameter.strip_prefix(&name[..at])?.strip_suffix(&name[at + word.len()..])?;
        let is_word = !other.is_empty() && other.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_word.then(|| with_word(member, other).map(|(_, path)| path)).flatten()
    }
}

/// Where a word stands alone in a name.
fn word_at(name: &str, word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric();
    name.rmatch_indices(word).map(|(at, _)| at).find(|at| {
        let behind = &name[at + word.len()..];
        !name[..*at].ends_with(is_part) && !behind.starts_with(is_part)
    })
}

/// A member of a row; behind a dot one of an object in it.
#[must_use]
pub fn looked_up<'r>(row: &'r Map<String, Value>, member: &str) -> Option<&'r Value> {
    MemberPath::new(member).get(row)
}
