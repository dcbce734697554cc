//! Which rows of a collection a list shows to whom: all, one's own, what is open to everybody, or
//! what is not over yet.
//!
//! Rules are executed on the collection as it was known at the time, as filters are; nothing is
//! hidden unless a rule makes more of the recorded lists than no rule does.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::lists::KnownRow;
use super::veil::Veil;
use crate::domain::world::instant::unix_ms;
use crate::domain::world::pointer::is_written;
use crate::domain::world::{EntityKey, Request, Resources, SiteTemplate, World};

/// Lists that are compared, the newest.
const LISTS_MAX: usize = 80;

/// Lists that a rule must explain beyond those that are explained without it, and the share of all.
const MORE_MIN: usize = 3;
const EXACT_SHARE: f64 = 0.8;

/// Words of one member up to which they may be states, and bytes of one.
const WORDS_MAX: usize = 8;
const WORD_BYTES_MAX: usize = 20;

/// Who sees a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Visibility {
    /// Whether whoever made it does.
    own: bool,
    /// A member and its value with which everybody does.
    open: Option<(Box<str>, Value)>,
    /// The moment at which nobody does any more.
    until: Option<Box<str>>,
}

/// One recorded list of which nothing but the collection was asked.
pub struct SeenList<'s> {
    /// Whose request it was.
    pub asker: Option<u64>,
    /// When it was, unix ms.
    pub at_ms: i64,
    /// The collection at that moment.
    pub rows: &'s [KnownRow],
    /// Who made each of its rows.
    pub owners: &'s [Option<u64>],
    /// The ids that were answered.
    pub ids: FxHashSet<&'s str>,
}

/// The owner of a row that is known to be somebody else's than whoever asks.
const SOMEBODY_ELSE: u64 = 0;

/// Whose each row of a collection is, as far as it matters to a request: whoever made it, the
/// account itself, or who is named in the member that names owners.
#[must_use]
pub fn owners(
    (world, resources): (&World, &Resources),
    (item, collection): (&SiteTemplate, &str),
    rows: &[KnownRow],
    request: &Request,
) -> Vec<Option<u64>> {
    let sent = request.credential.as_ref();
    let account = sent.and_then(|sent| world.asker(sent.token));
    let by = resources.owners.get(resources.canonical(item));
    let is_own = |(id, row): &KnownRow| {
        let account = account?;
        if *account.collection == *collection {
            return Some(*account.id == **id);
        }
        Some(is_written(row.get(&**by?)?, &account.id))
    };
    let owner = |row: &KnownRow| match is_own(row) {
        Some(true) => asker(request),
        Some(false) => Some(SOMEBODY_ELSE),
        None => {
            let key = EntityKey { collection: collection.into(), id: (*row.0).into() };
            world.living(&key).and_then(|held| held.owner)
        }
    };
    rows.iter().map(owner).collect()
}

/// Who asks.
#[must_use]
pub fn asker(request: &Request) -> Option<u64> {
    request.credential.as_ref().map(|sent| sent.principal)
}

impl Visibility {
    /// Whether a row is shown to somebody.
    #[must_use]
    pub fn shows(
        &self,
        row: &KnownRow,
        owner: Option<u64>,
        (asker, at_ms): (Option<u64>, i64),
    ) -> bool {
        let is_open = |(name, value): &(Box<str>, Value)| row.1.get(&**name) == Some(value);
        let is_over =
            |name: &str| row.1.get(name).and_then(unix_ms).is_some_and(|until| until <= at_ms);
        if self.until.as_deref().is_some_and(is_over) {
            return false;
        }
        let is_for_all = !self.own && self.open.is_none();
        is_for_all
            || (self.own && owner.is_some() && owner == asker)
            || self.open.as_ref().is_some_and(is_open)
    }

    /// Its value as rows are held: behind the veil.
    pub fn put_behind(&mut self, veil: &Veil) {
        if let Some((name, value)) = &mut self.open {
            let one: Map<String, Value> = [(name.to_string(), value.take())].into_iter().collect();
            let shown = veil.object(&one).into_iter().next();
            *value = shown.map(|(_, value)| value).unwrap_or_default();
        }
    }

    /// Whether it rules a request: who asks for rows by the member that hides them sees them.
    #[must_use]
    pub fn rules(&self, request: &Request) -> bool {
        let asks = |(name, _): &(Box<str>, Value)| request.parameter(name).is_some();
        self.own || !self.open.as_ref().is_some_and(asks)
    }

    /// Keeps the rows that are shown to whoever asks.
    pub fn keep(&self, rows: &mut Vec<KnownRow>, owners: &[Option<u64>], request: &Request) {
        if self.rules(request) {
            let who = (asker(request), request.at_ms);
            let mut owners = owners.iter().copied();
            rows.retain(|row| self.shows(row, owners.next().flatten(), who));
        }
    }

    /// Learns who sees what from lists in the order of time.
    #[must_use]
    pub fn learn(lists: &[SeenList<'_>]) -> Option<Self> {
        let lists = &lists[lists.len().saturating_sub(LISTS_MAX)..];
        let size = lists.iter().map(|list| list.ids.len()).max().unwrap_or(0);
        let plain = fit(None, lists, size);
        if plain.exact == lists.len() {
            return None;
        }
        // Pages of all rows explain as much: only that each sees their own may explain it better.
        let is_paged = plain.all() == lists.len();
        let (states, moments) = match is_paged {
            true => (Vec::new(), Vec::new()),
            false => (states(lists), moments(lists)),
        };
        let opens: Vec<_> = std::iter::once(None).chain(states.into_iter().map(Some)).collect();
        let untils: Vec<_> = std::iter::once(None).chain(moments.into_iter().map(Some)).collect();
        let mut best: Option<(Fit, Self)> = None;
        for until in &untils {
            for (open, own) in opens.iter().flat_map(|open| [(open, true), (open, false)]) {
                let rule = Self { own, open: open.clone(), until: until.clone() };
                if !own && open.is_none() && until.is_none() {
                    continue;
                }
                let found = fit(Some(&rule), lists, size);
                let known = best.as_ref().map(|(old, _)| (old.all(), old.exact));
                if known.is_none_or(|known| (found.all(), found.exact) > known) {
                    best = Some((found, rule));
                }
            }
        }
        let (found, rule) = best?;
        let is_more = found.all() >= plain.all() + MORE_MIN
            || (found.all() >= plain.all() && found.exact >= plain.exact + MORE_MIN);
        let enough = is_more && found.all() as f64 >= EXACT_SHARE * lists.len() as f64;
        enough.then_some(rule)
    }
}

/// How many lists are what a rule shows.
#[derive(Default)]
struct Fit {
    /// All of it.
    exact: usize,
    /// A page of it, as long as the longest list.
    pages: usize,
}

impl Fit {
    const fn all(&self) -> usize {
        self.exact + self.pages
    }
}

fn fit(rule: Option<&Visibility>, lists: &[SeenList<'_>], size: usize) -> Fit {
    let mut fit = Fit::default();
    for list in lists {
        let (mut count, mut found) = (0, 0);
        for (row, owner) in list.rows.iter().zip(list.owners) {
            if rule.is_none_or(|rule| rule.shows(row, *owner, (list.asker, list.at_ms))) {
                count += 1;
                found += usize::from(list.ids.contains(&*row.0));
            }
        }
        let is_shown = found == list.ids.len();
        fit.exact += usize::from(is_shown && count == found);
        fit.pages += usize::from(is_shown && found == size && count > size);
    }
    fit
}

/// Members with few short values: each of them may be what opens a row to everybody.
fn states(lists: &[SeenList<'_>]) -> Vec<(Box<str>, Value)> {
    let mut words: BTreeMap<&str, BTreeMap<String, &Value>> = BTreeMap::new();
    for (_, row) in lists.iter().flat_map(|list| list.rows) {
        for (name, value) in &**row {
            let is_word = match value {
                Value::Bool(_) => true,
                Value::String(text) => text.len() <= WORD_BYTES_MAX,
                _ => false,
            };
            let known = words.entry(name).or_default();
            if is_word && known.len() <= WORDS_MAX {
                known.insert(value.to_string(), value);
            }
        }
    }
    let few = words.into_iter().filter(|(_, known)| (2..=WORDS_MAX).contains(&known.len()));
    few.flat_map(|(name, known)| {
        known.into_values().map(|value| (name.into(), value.clone())).collect::<Vec<_>>()
    })
    .collect()
}

/// Members that are moments, at least one of them over while its list hid the row.
fn moments(lists: &[SeenList<'_>]) -> Vec<Box<str>> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for list in lists {
        for (_, row) in list.rows.iter().filter(|(id, _)| !list.ids.contains(&**id)) {
            let over = row
                .iter()
                .filter(|(_, value)| unix_ms(value).is_some_and(|until| until <= list.at_ms));
            found.extend(over.map(|(name, _)| name.as_str()));
        }
    }
    found.into_iter().map(Into::into).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    fn row(id: &str, status: &str) -> KnownRow {
        let object = json!({ "slug": id, "status": status });
        (id.into(), Arc::new(object.as_object().cloned().unwrap_or_default()))
    }

    #[test]
    fn drafts_are_seen_by_whoever_made_them() {
        let rows = [row("a", "draft"), row("b", "open"), row("c", "draft"), row("d", "open")];
        let owners = [Some(1), Some(1), Some(2), Some(2)];
        let list = |asker: u64, ids: &[&'static str]| SeenList {
            asker: Some(asker),
            at_ms: 0,
            rows: &rows,
            owners: &owners,
            ids: ids.iter().copied().collect(),
        };
        let lists: Vec<SeenList<'_>> = (0..3)
            .flat_map(|_| {
                [list(1, &["a", "b", "d"]), list(2, &["b", "c", "d"]), list(3, &["b", "d"])]
            })
            .collect();
        let rule = Visibility::learn(&lists).expect("lists differ by who asks");
        let open = Some(("status".into(), json!("open")));
        assert_eq!(rule, Visibility { own: true, open, until: None });
        assert!(!rule.shows(&rows[0], owners[0], (Some(2), 0)));
    }

    #[test]
    fn nothing_is_hidden_where_everybody_sees_all() {
        let rows = [row("a", "draft"), row("b", "open")];
        let owners = [Some(1), Some(2)];
        let all = |asker: u64| SeenList {
            asker: Some(asker),
            at_ms: 0,
            rows: &rows,
            owners: &owners,
            ids: ["a", "b"].into_iter().collect(),
        };
        assert_eq!(Visibility::learn(&[all(1), all(2), all(1), all(2), all(3)]), None);
    }
}
