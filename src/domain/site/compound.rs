//! Compound documents (JSON:API 1.1, section 7.3): what an item names stands beside it, and nothing
//! else does.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::veil::Veil;
use crate::domain::variants::swap::swapped;
use crate::domain::world::{Request, Seen, SiteTemplate};

/// The media type of such documents.
const MEDIA: &str = "application/vnd.api+json";

/// Resource objects that are held.
const OBJECTS_MAX: usize = 4_000;

/// Resource objects beside one document.
const INCLUDED_MAX: usize = 1_000;

/// A resource object by type and id.
type Identity = (Box<str>, Box<str>);

/// All resource objects that stood in answers, behind the veil.
#[derive(Debug, Clone, Default)]
pub struct Compound {
    objects: FxHashMap<Identity, Value>,
    /// Where the items of each type have their address.
    kinds: FxHashMap<Box<str>, SiteTemplate>,
    /// One of each type, to make others after.
    samples: FxHashMap<Box<str>, Identity>,
}

impl Compound {
    /// Collects them, the newest of each.
    #[must_use]
    pub fn learn(seen: &[Seen], veil: &Veil) -> Self {
        let mut found = Self::default();
        for one in seen.iter().rev().filter(|one| one.exchange.is_ok()) {
            let media = one.exchange.header("content-type").unwrap_or_default();
            let Some(document) = one.exchange.json().filter(|_| media.starts_with(MEDIA)) else {
                continue;
            };
            let own = document.get("data").and_then(identity);
            if let Some((kind, _)) = own.filter(|_| one.place.template.ends_in_variable()) {
                found.kinds.entry(kind).or_insert_with(|| one.place.template.clone());
            }
            for object in [document.get("data"), document.get("included")].into_iter().flatten() {
                items(object).for_each(|object| found.add(object, veil));
            }
        }
        found
    }

    fn add(&mut self, object: &Value, veil: &Veil) {
        if self.objects.len() >= OBJECTS_MAX || object.get("attributes").is_none() {
            return;
        }
        let shown = veil.document(object);
        let Some(identity) = identity(&shown) else { return };
        self.samples.entry(identity.0.clone()).or_insert_with(|| identity.clone());
        self.objects.entry(identity).or_insert(shown);
    }

    /// Puts beside a document what it names: of the relationships that the request asks for, else
    /// of the types that stand there.
    ///
    /// `held` is what the consumer's world holds now: gone (`Some(None)`), or as it is.
    pub fn close(
        &self,
        request: &Request,
        held: &dyn Fn(&SiteTemplate, &str) -> Option<Option<Value>>,
        document: &mut Value,
    ) {
        let Some(included) = document.get("included") else { return };
        let types: FxHashSet<Box<str>> =
            items(included).filter_map(|object| Some(identity(object)?.0)).collect();
        let wanted: Option<Vec<&str>> = request
            .parameter("include")
            .map(|names| names.split(',').filter_map(|name| name.split('.').next()).collect());
        let mut named: Vec<Identity> = Vec::new();
        for item in document.get("data").into_iter().flat_map(items) {
            let relations = item.get("relationships").and_then(Value::as_object);
            for (name, relation) in relations.into_iter().flatten() {
                if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&name.as_str())) {
                    continue;
                }
                let to = relation.get("data").into_iter().flat_map(items).filter_map(identity);
                named.extend(to.filter(|(kind, _)| wanted.is_some() || types.contains(kind)));
            }
        }
        let mut known: FxHashSet<Identity> = FxHashSet::default();
        named.retain(|identity| known.insert(identity.clone()));
        let object = |identity: &Identity| {
            let held = self.kinds.get(&identity.0).and_then(|kind| held(kind, &identity.1));
            held.unwrap_or_else(|| self.object(identity))
        };
        let beside = named.iter().take(INCLUDED_MAX).filter_map(object);
        let beside: Vec<Value> = beside.collect();
        if let Some(members) = document.as_object_mut() {
            members.insert("included".to_owned(), Value::Array(beside));
        }
    }

    /// A resource object: as it stood in an answer, else made after another of its type.
    fn object(&self, identity: &Identity) -> Option<Value> {
        if let Some(known) = self.objects.get(identity) {
            return Some(known.clone());
        }
        let other = self.samples.get(&identity.0)?;
        let mut made = self.objects.get(other)?.clone();
        renamed(&mut made, &other.1, &identity.1);
        Some(made)
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    let one = std::slice::from_ref(value);
    let items = value.as_array().map_or(one, Vec::as_slice);
    items.iter().filter(|item| item.is_object())
}

fn identity(object: &Value) -> Option<Identity> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    Some((text("type")?.into(), text("id")?.into()))
}

/// The same object with another id, wherever it stands as a whole word.
fn renamed(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) => *text = swapped(text, old, new).unwrap_or_else(|| text.clone()),
        Value::Array(items) => items.iter_mut().for_each(|item| renamed(item, old, new)),
        Value::Object(members) => {
            let members: &mut Map<String, Value> = members;
            members.values_mut().for_each(|inner| renamed(inner, old, new));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Compound, identity};
    use crate::domain::world::Request;

    #[test]
    fn what_is_named_stands_beside_and_nothing_else_does() {
        let mut compound = Compound::default();
        for id in ["3", "4"] {
            let person = json!({
                "type": "people",
                "id": id,
                "attributes": { "nick": format!("p{id}") },
                "links": { "self": format!("/people/{id}") },
            });
            let own = identity(&person).expect("it has one");
            compound.samples.entry(own.0.clone()).or_insert_with(|| own.clone());
            compound.objects.insert(own, person);
        }
        let to = |id: &str| json!({ "data": { "type": "people", "id": id } });
        let mut document = json!({
            "data": { "type": "articles", "id": "9",
                "relationships": { "author": to("4"), "editor": to("77"), "owner": to("3") } },
            "included": [{ "type": "people", "id": "1", "attributes": {} }],
        });
        let request =
            Request::read(("GET", "/articles/9", "include=author,editor"), vec![], b"", 0);
        compound.close(&request, &|_, _| None, &mut document);
        let ids: Vec<&str> = document["included"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|object| object["id"].as_str())
            .collect();
        assert_eq!(ids, ["4", "77"]);
        assert_eq!(document["included"][1]["links"]["self"], "/people/77");
    }
}
