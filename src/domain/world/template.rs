//! Paths of a whole site as templates, found in all its exchanges at once.
//!
//! A segment becomes a variable where it looks like an id, where answers repeat it, where things
//! are written to it, where siblings have the same structure below, or where there are too many.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::form::{is_idlike, is_version};
use super::message::SiteExchange;
use super::pointer::{Pointer, PointerStep, dotted, is_written, leaves};
use crate::domain::words::split::split;

/// Siblings whose answers or writes must show it before segments are a variable.
const SHOWN_MIN: usize = 3;

/// Siblings with the same structure below that make a variable.
const ALIKE_MIN: usize = 2;

/// Bodies of one sibling that are looked at, and the share of names in common from which two are
/// sent things of one kind.
const SENT_BODIES_MAX: usize = 60;
const SENT_SHARE: f64 = 0.34;

/// One word among so many ids is a name.
const NAMES_AMONG: usize = 3;

/// Siblings beyond which the rarer ones are a variable.
const SIBLINGS_MAX: usize = 40;

/// One segment of a template: a literal, or any value.
pub type Segment = Option<Box<str>>;

/// A path with its variables; `None` is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteTemplate(pub Vec<Segment>);

impl SiteTemplate {
    /// Whether the path ends in a variable.
    #[must_use]
    pub fn ends_in_variable(&self) -> bool {
        matches!(self.0.last(), Some(None))
    }

    /// Whether this is an item of `collection` or of what stands above it, when only literals
    /// stand between: `/shop/{}/-/insert` is near `/shop/{}/{}`.
    #[must_use]
    pub fn is_item_near(&self, collection: &Self) -> bool {
        let Some(above) = self.0.len().checked_sub(1) else { return false };
        self.ends_in_variable()
            && above > 0
            && collection.0.len() >= above
            && self.0[..above] == collection.0[..above]
            && collection.0[above..].iter().all(Option::is_some)
    }

    /// The places of the variables of this list beyond those that name the collection of `item`.
    #[must_use]
    pub fn beyond(&self, item: &Self) -> Vec<usize> {
        let named = item.variables().saturating_sub(1);
        let variables = self.0.iter().enumerate().filter(|(_, segment)| segment.is_none());
        variables.map(|(n, _)| n).skip(named).collect()
    }

    /// Whether the variables of this path of an item can be filled from those of another path.
    #[must_use]
    pub fn fits(&self, from: &Self) -> bool {
        self.variables() <= from.variables() + 1
    }

    /// What its items are called: the last literal.
    #[must_use]
    pub fn noun(&self) -> Option<&str> {
        self.0.iter().rev().flatten().next().map(|literal| &**literal)
    }

    /// Whether a path begins like this one.
    #[must_use]
    pub fn begins(&self, segments: &[String]) -> bool {
        let is_same =
            |(own, segment): (&Segment, &String)| own.as_deref().is_none_or(|own| own == segment);
        segments.len() >= self.0.len() && self.0.iter().zip(segments).all(is_same)
    }

    /// Whether a parameter or a member is called as one that names such an item: `project`,
    /// `project_id`, `projectId` where the items are `/projects/{}`.
    #[must_use]
    pub fn is_meant_by(&self, name: &str) -> bool {
        let lower = |name: &str| -> String { split(name).map(str::to_lowercase).collect() };
        let noun = self.noun().map(lower).unwrap_or_default();
        let stem = match noun.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => noun.strip_suffix('s').unwrap_or(&noun).to_owned(),
        };
        let name = lower(name);
        let bare = name.strip_suffix("id").filter(|rest| !rest.is_empty()).unwrap_or(&name);
        !stem.is_empty() && (bare == stem || bare == noun)
    }

    /// Whether items of this path lie directly below those of another: only literals between.
    #[must_use]
    pub fn lies_below(&self, parent: &Self) -> bool {
        let n = parent.0.len();
        self.0.len() > n
            && self.ends_in_variable()
            && self.0[..n] == parent.0
            && self.0[n..self.0.len() - 1].iter().all(Option::is_some)
    }

    /// Number of variables.
    #[must_use]
    pub fn variables(&self) -> usize {
        self.0.iter().filter(|segment| segment.is_none()).count()
    }

    /// Whether this is `collection` with one variable behind it.
    #[must_use]
    pub fn is_item_of(&self, collection: &Self) -> bool {
        self.ends_in_variable() && self.0[..self.0.len() - 1] == collection.0[..]
    }

    /// The template of the first `n` segments.
    #[must_use]
    pub fn prefix(&self, n: usize) -> Self {
        Self(self.0[..n].to_vec())
    }
}

impl std::fmt::Display for SiteTemplate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|segment| match segment {
            Some(literal) => write!(out, "/{literal}"),
            None => out.write_str("/{}"),
        })
    }
}

/// All templates of a site.
#[derive(Debug, Clone, Default)]
pub struct SiteTemplates {
    root: Node,
}

#[derive(Debug, Clone, Default)]
struct Node {
    literals: FxHashMap<Box<str>, Node>,
    variable: Option<Box<Node>>,
}

/// Exchanges that share the segments so far.
type LiteralGroup<'x> = Vec<&'x Arc<SiteExchange>>;

impl SiteTemplates {
    /// Finds the templates of all exchanges.
    #[must_use]
    pub fn find(exchanges: &[Arc<SiteExchange>]) -> Self {
        Self { root: build(exchanges.iter().collect(), 0) }
    }

    /// The template of a path; what was never seen stands for itself.
    #[must_use]
    pub fn of(&self, segments: &[String]) -> SiteTemplate {
        let mut node = Some(&self.root);
        let mut template = Vec::with_capacity(segments.len());
        for segment in segments {
            let literal = node.and_then(|here| here.literals.get(segment.as_str()));
            let variable = node.and_then(|here| here.variable.as_deref());
            let is_variable = literal.is_none() && variable.is_some();
            template.push((!is_variable).then(|| segment.as_str().into()));
            node = literal.or(variable);
        }
        SiteTemplate(template)
    }
}

fn build(exchanges: LiteralGroup<'_>, depth: usize) -> Node {
    let mut groups: FxHashMap<&str, LiteralGroup<'_>> = FxHashMap::default();
    for exchange in exchanges {
        if let Some(segment) = exchange.request.segments.get(depth) {
            groups.entry(segment).or_default().push(exchange);
        }
    }
    let variable = variables(&groups, depth);
    let mut node = Node::default();
    let mut joined = Vec::new();
    for (segment, group) in groups {
        if variable.contains(segment) {
            joined.extend(group);
        } else {
            node.literals.insert(segment.into(), build(group, depth + 1));
        }
    }
    if !joined.is_empty() {
        node.variable = Some(Box::new(build(joined, depth + 1)));
    }
    node
}

/// Which of the segments at one place are values of a variable.
fn variables<'x>(
    groups: &FxHashMap<&'x str, LiteralGroup<'x>>,
    depth: usize,
) -> FxHashSet<&'x str> {
    let those = |test: &dyn Fn(&str, &LiteralGroup<'_>) -> bool| -> FxHashSet<&'x str> {
        groups.iter().filter(|(segment, group)| test(segment, group)).map(|(s, _)| *s).collect()
    };
    let last = |exchange: &SiteExchange| exchange.request.segments.len() == depth + 1;
    let mut variable = those(&|segment, _| is_idlike(segment));
    let ids = variable.len();
    let echoed =
        those(&|segment, group| group.iter().any(|x| last(x) && x.is_ok() && repeats(x, segment)));
    let written = those(&|_, group| {
        let writes = |x: &SiteExchange| matches!(&*x.request.method, "PUT" | "DELETE");
        group.iter().any(|x| last(x) && x.is_ok() && writes(x))
    });
    // What is sent to each of them is of another kind: the names are those of kinds.
    let echoed = if send_others(groups, &echoed) { FxHashSet::default() } else { echoed };
    // A word among many ids, which no answer repeats, is a name: `/users/me`.
    let is_name = |segment: &str| !is_idlike(segment) && !echoed.contains(segment);
    let names = written.iter().filter(|segment| is_name(segment)).count();
    let mut written = written;
    if ids >= SHOWN_MIN && names * NAMES_AMONG < ids {
        written.retain(|segment| !is_name(segment));
    }
    for shown in [echoed, written] {
        if shown.len() >= SHOWN_MIN {
            variable.extend(shown);
        }
    }
    let alike = alike(groups, depth);
    let alike_counts = alike.len() >= ALIKE_MIN
        && !alike.iter().any(|s| is_version(s))
        && !send_others(groups, &alike);
    if alike_counts {
        variable.extend(&alike);
    }
    if variable.len() >= SHOWN_MIN || (!variable.is_empty() && alike.len() >= ALIKE_MIN) {
        variable.extend(those(&|_, group| !group.iter().any(|x| x.is_ok())));
    }
    let all: usize = groups.values().map(Vec::len).sum();
    if groups.len() > SIBLINGS_MAX && all < 8 * groups.len() {
        let mut sizes: Vec<usize> = groups.values().map(Vec::len).collect();
        sizes.sort_unstable();
        let median = sizes[sizes.len() / 2];
        // What alone among its siblings is posted to is a thing of its own: `/items/search`.
        let posts = |group: &LiteralGroup<'_>| {
            group.iter().any(|x| last(x) && x.is_ok() && &*x.request.method == "POST")
        };
        let few = groups.values().filter(|group| posts(group)).count() <= groups.len() / 10;
        variable.extend(those(&|_, group| group.len() <= 4 * median && !(few && posts(group))));
    }
    join_alike(groups, depth, &mut variable);
    // Beside many ids a word that answers, and that no answer repeats, is a view of them all:
    // `/users/count`.
    let echoed = those(&|segment, group| group.iter().any(|x| x.is_ok() && repeats(x, segment)));
    let is_asked = |x: &SiteExchange| matches!(&*x.request.method, "GET" | "HEAD" | "POST");
    let answers = |x: &SiteExchange| last(x) && x.is_ok() && is_asked(x);
    let is_view = |segment: &str, group: &LiteralGroup<'_>| {
        !is_idlike(segment) && !echoed.contains(segment) && group.iter().any(|x| answers(x))
    };
    let views = those(&is_view);
    if ids >= SHOWN_MIN && views.len() * NAMES_AMONG < ids {
        variable.retain(|segment| !views.contains(segment));
    }
    variable
}

/// Whether an answer repeats a segment as an id: what all rows of a list say alike is their kind.
fn repeats(exchange: &SiteExchange, segment: &str) -> bool {
    let Some(document) = exchange.json() else { return false };
    let leaves = leaves(document);
    let shown = leaves.iter().filter(|(at, value)| !at.is_empty() && is_written(value, segment));
    let shown: Vec<&Pointer> = shown.map(|(at, _)| at).collect();
    let is_same_member = |a: &PointerStep, b: &PointerStep| match (a, b) {
        (PointerStep::Item(_), PointerStep::Item(_)) => true,
        (a, b) => a == b,
    };
    let is_of_kind = |at: &Pointer| {
        shown.iter().any(|other| {
            *other != at
                && other.len() == at.len()
                && at.iter().zip(other.iter()).all(|(a, b)| is_same_member(a, b))
        })
    };
    shown.iter().any(|at| !is_of_kind(at))
}

/// The segments that share most often the same two literals below them.
fn alike<'x>(groups: &FxHashMap<&'x str, LiteralGroup<'x>>, depth: usize) -> FxHashSet<&'x str> {
    let mut below: FxHashMap<(&str, &str), FxHashSet<&'x str>> = FxHashMap::default();
    for (segment, group) in groups {
        for exchange in group {
            let path = &exchange.request.segments;
            if let (Some(one), Some(two)) = (path.get(depth + 1), path.get(depth + 2))
                && !is_idlike(one)
                && !is_idlike(two)
            {
                below.entry((one, two)).or_default().insert(segment);
            }
        }
    }
    let most = below.into_iter().max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(&a.0)));
    most.map(|(_, segments)| segments).unwrap_or_default()
}

/// Whether siblings are sent things that have next to nothing in common: then each is a collection
/// of its own kind.
fn send_others<'x>(
    groups: &FxHashMap<&'x str, LiteralGroup<'x>>,
    alike: &FxHashSet<&'x str>,
) -> bool {
    let sent = |segment: &&'x str| -> FxHashSet<String> {
        let own = groups.get(segment).into_iter().flatten().filter(|x| x.is_ok());
        let bodies = own.filter_map(|x| x.request.body.json()).take(SENT_BODIES_MAX);
        // A member that says the kind itself stands in all of them.
        let names = |body: &Value| -> Vec<String> {
            let found = leaves(body);
            let found = found.iter().filter(|(_, value)| !is_written(value, segment));
            found.map(|(at, _)| dotted(at)).collect()
        };
        bodies.flat_map(names).collect()
    };
    let sent: Vec<FxHashSet<String>> =
        alike.iter().map(sent).filter(|names| names.len() > 1).collect();
    let pairs =
        || sent.iter().enumerate().flat_map(|(n, a)| sent[n + 1..].iter().map(move |b| (a, b)));
    pairs().next().is_some()
        && pairs().all(|(a, b)| {
            let shared = a.intersection(b).count();
            (shared as f64) < SENT_SHARE * a.len().min(b.len()) as f64
        })
}

/// Siblings that have two children in common with half of the variable's join it.
fn join_alike<'x>(
    groups: &FxHashMap<&'x str, LiteralGroup<'x>>,
    depth: usize,
    variable: &mut FxHashSet<&'x str>,
) {
    let children = |group: &LiteralGroup<'x>| -> FxHashSet<&'x str> {
        let child = |x: &&'x Arc<SiteExchange>| x.request.segments.get(depth + 1);
        group.iter().filter_map(child).map(String::as_str).filter(|s| !is_idlike(s)).collect()
    };
    let mut common: FxHashMap<&str, usize> = FxHashMap::default();
    for segment in variable.iter() {
        for child in groups.get(segment).map(children).unwrap_or_default() {
            *common.entry(child).or_default() += 1;
        }
    }
    let least = (variable.len().div_ceil(2)).max(2);
    common.retain(|_, n| *n >= least);
    for (segment, group) in groups {
        let shared = children(group).iter().filter(|child| common.contains_key(*child)).count();
        if shared >= 2 && !is_version(segment) {
            variable.insert(segment);
        }
    }
}
