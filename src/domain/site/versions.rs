//! Versions that every write raises: in the entity, and in answers that say nothing else of it.

use serde_json::{Map, Value};

use super::turn::Turn;
use crate::domain::world::form::raised;
use crate::domain::world::pointer::{Pointer, at, put_at};
use crate::domain::world::{EntityKey, Item, MemberSource, SiteTemplate};

impl Turn<'_> {
    /// Makes the versions of an entity one higher than they were before the write.
    pub(super) fn raise(item: &Item, before: &Map<String, Value>, object: &mut Map<String, Value>) {
        for name in &item.raised {
            let old = before.get(&**name);
            let like = object.get(&**name).or(old);
            if let Some(new) = old.zip(like).and_then(|(old, like)| raised(old, like)) {
                object.insert(name.to_string(), new);
            }
        }
    }

    /// The answer to a write of an entity with the version that it has then.
    pub(super) fn versioned(
        &self,
        template: &SiteTemplate,
        key: &EntityKey,
        mut document: Value,
    ) -> Value {
        let resources = &self.site.resources;
        let Some(item) = resources.items.get(template) else { return document };
        let held = self.world.living(key).and_then(|held| held.object.as_deref());
        let Some(held) = held.filter(|_| !item.raised.is_empty()) else { return document };
        for name in &item.raised {
            let new = self.told_at(template, name).and_then(|place| {
                let like = at(&document, &place)?;
                Some((raised(held.get(&**name)?, like)?, place))
            });
            if let Some((new, place)) = new {
                document = put_at(document, &place, new);
            }
        }
        document
    }

    /// Where the answer to a write says a member: as at this endpoint, else as at another one of
    /// the same item.
    fn told_at(&self, template: &SiteTemplate, name: &str) -> Option<Pointer> {
        let constructors = &self.site.resources.constructors;
        let told = |members: &Vec<(Box<str>, MemberSource)>| {
            members.iter().find_map(|(known, source)| match source {
                MemberSource::Answer(place) if **known == *name => Some(place.clone()),
                _ => None,
            })
        };
        let own = constructors.get(self.place).and_then(told);
        own.or_else(|| {
            let mut others: Vec<_> =
                constructors.iter().filter(|(place, _)| place.template == *template).collect();
            others.sort_by_key(|(place, _)| *place);
            others.into_iter().find_map(|(_, members)| told(members))
        })
    }
}
