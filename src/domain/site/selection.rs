//! Parameters that name the members which are shown: `?fields=id,title`, `?$select[]=title`,
//! `?fields[articles]=title` (JSON:API 1.1, sparse fieldsets), `{"fields": {"title": true}}`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::lists::asked;
use crate::domain::world::pointer::{at, put_at};
use crate::domain::world::{ListResource, Request};

/// Answers with a parameter and different values of it from which it selects, and the share of
/// them that must show what it names and no more.
const ANSWERS_MIN: u32 = 3;
const VALUES_MIN: usize = 2;
const SHOWN_SHARE: f64 = 0.9;

/// Stands at the end of a name whose last part names a member: `fields.title=true`.
const EACH: &str = " each";

/// What a parameter chooses of the members of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Its name among the wishes of a request.
    parameter: Box<str>,
    /// The object within a row or an item whose members are chosen; its own where there is none.
    within: Option<Box<str>>,
    /// Members that are shown whatever is chosen.
    always: BTreeSet<Box<str>>,
}

/// What a request names, by parameter.
#[must_use]
pub fn choices(request: &Request) -> BTreeMap<String, Vec<&str>> {
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, value) in &request.query {
        if matches!(value.as_str(), "true" | "1") {
            let bare = name.strip_suffix(']').unwrap_or(name);
            if let Some((above, member)) = bare.rsplit_once(['.', '[']) {
                found.entry(format!("{above}{EACH}")).or_default().push(member);
            }
        }
        let words = value.split([',', ' ']).filter(|word| !word.is_empty());
        found.entry(name.clone()).or_default().extend(words);
    }
    found
}

/// An answer's object with what its request named.
pub struct ShownObject<'s> {
    /// What was named, by parameter.
    pub choices: &'s BTreeMap<String, Vec<&'s str>>,
    /// The object.
    pub object: &'s Map<String, Value>,
}

impl Selection {
    /// Finds the selections of one endpoint in the objects that it showed.
    pub fn learn(shown: &[ShownObject<'_>]) -> Vec<Self> {
        let within: BTreeSet<&str> = shown
            .iter()
            .flat_map(|one| one.object.iter().filter(|(_, value)| value.is_object()))
            .map(|(name, _)| name.as_str())
            .collect();
        let parameters: BTreeSet<&String> = shown.iter().flat_map(|o| o.choices.keys()).collect();
        let places = || std::iter::once(None).chain(within.iter().copied().map(Some));
        let of = |name: &&String| places().find_map(|place| Self::of(name, place, shown));
        parameters.into_iter().filter_map(|name| of(&name)).collect()
    }

    fn of(name: &str, within: Option<&str>, shown: &[ShownObject<'_>]) -> Option<Self> {
        let members = |object: &'_ Map<String, Value>| -> Option<BTreeSet<String>> {
            let object = match within {
                None => object,
                Some(within) => object.get(within)?.as_object()?,
            };
            Some(object.keys().cloned().collect())
        };
        let mut known: BTreeSet<String> = BTreeSet::new();
        for one in shown {
            known.extend(members(one.object).into_iter().flatten());
        }
        let own: Vec<(&[&str], BTreeSet<String>)> = shown
            .iter()
            .filter_map(|one| Some((one.choices.get(name)?.as_slice(), members(one.object)?)))
            .filter(|(words, _)| words.iter().any(|word| known.contains(*word)))
            .collect();
        let values: BTreeSet<&[&str]> = own.iter().map(|(words, _)| *words).collect();
        if (own.len() as u32) < ANSWERS_MIN || values.len() < VALUES_MIN {
            return None;
        }
        let unnamed = |(words, members): &(&[&str], BTreeSet<String>)| -> BTreeSet<String> {
            members.iter().filter(|name| !words.contains(&name.as_str())).cloned().collect()
        };
        let always =
            own.iter().map(unnamed).reduce(|a, b| a.intersection(&b).cloned().collect())?;
        let is_chosen = |(words, members): &&(&[&str], BTreeSet<String>)| {
            let is_asked = |name: &str| words.contains(&name) || always.contains(name);
            members.iter().all(|name| is_asked(name)) && known.iter().any(|name| !is_asked(name))
        };
        let chosen = own.iter().filter(is_chosen).count();
        (chosen as f64 >= SHOWN_SHARE * own.len() as f64).then(|| Self {
            parameter: name.into(),
            within: within.map(Into::into),
            always: always.into_iter().map(String::into_boxed_str).collect(),
        })
    }

    fn hide(&self, words: &[&str], object: &mut Map<String, Value>) {
        let object = match &self.within {
            None => Some(object),
            Some(within) => object.get_mut(&**within).and_then(Value::as_object_mut),
        };
        if let Some(object) = object {
            object
                .retain(|name, _| words.contains(&name.as_str()) || self.always.contains(&**name));
        }
    }
}

/// Hides of an object what a request does not choose.
pub fn select(selections: &[Selection], request: &Request, object: &mut Map<String, Value>) {
    if selections.is_empty() || request.query.is_empty() {
        return;
    }
    let request = asked(request, &[]);
    hide_unchosen(selections, &choices(&request), object);
}

fn hide_unchosen(
    selections: &[Selection],
    choices: &BTreeMap<String, Vec<&str>>,
    object: &mut Map<String, Value>,
) {
    for selection in selections {
        if let Some(words) = choices.get(&*selection.parameter) {
            selection.hide(words, object);
        }
    }
}

/// Hides of the rows of a list what a request does not choose.
pub fn select_rows(
    selections: &[Selection],
    (request, listing): (&Request, &ListResource),
    document: &mut Value,
) {
    if selections.is_empty() || request.query.is_empty() {
        return;
    }
    let envelope = listing.place_in(document);
    let Some(Value::Array(mut rows)) = at(document, &envelope).cloned() else { return };
    let request = asked(request, &[]);
    let choices = choices(&request);
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        hide_unchosen(selections, &choices, row);
    }
    *document = put_at(document.take(), &envelope, Value::Array(rows));
}
