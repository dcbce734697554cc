//! Finds what goes with an entity that is deleted: what names it in a member.

use std::collections::BTreeMap;

use super::deriver::single_kinds;
use super::entity::EntityKey;
use super::layer::World;
use super::pointer::as_segment;
use super::resources::Resources;
use super::site_place::Seen;
use super::template::SiteTemplate;

/// Members of an entity that are looked at.
const MEMBERS_MAX: usize = 40;

/// Children that were looked for after what they name was deleted, and not found.
const GONE_MIN: u32 = 2;

/// Looks for children while a tape is walked.
#[derive(Default)]
pub struct Cascades {
    /// Kinds with one collection, with its name.
    kinds: Vec<(SiteTemplate, Box<str>)>,
    /// Children read after what they name was deleted: still there, gone.
    children: BTreeMap<(SiteTemplate, SiteTemplate, Box<str>), (u32, u32)>,
}

impl Cascades {
    /// Nothing looked for so far.
    #[must_use]
    pub fn of(resources: &Resources) -> Self {
        Self { kinds: single_kinds(resources), ..Self::default() }
    }

    /// Is an entity still there after what it names was deleted?
    pub fn look(&mut self, resources: &Resources, world: &World, one: &Seen) {
        let template = &one.place.template;
        if !one.exchange.request.reads() || !self.kinds.iter().any(|(kind, _)| kind == template) {
            return;
        }
        let Some(key) = resources.key(&one.exchange.request.segments) else { return };
        let Some(object) = world.living(&key).and_then(|held| held.object.as_deref()) else {
            return;
        };
        for (name, value) in object.iter().take(MEMBERS_MAX) {
            let Some(id) = as_segment(value) else { continue };
            for (kind, collection) in self.kinds.iter().filter(|(kind, _)| kind != template) {
                let key = EntityKey { collection: collection.clone(), id: id.as_str().into() };
                if world.entity(&key).is_some_and(|held| held.is_gone) {
                    let key = (kind.clone(), template.clone(), name.as_str().into());
                    let (still, gone) = self.children.entry(key).or_default();
                    match one.exchange.status {
                        200 => *still += 1,
                        404 | 410 => *gone += 1,
                        _ => {}
                    }
                }
            }
        }
    }

    /// Notes what was found.
    pub fn tell(self, resources: &mut Resources) {
        let gone = self
            .children
            .into_iter()
            .filter(|(_, (still, gone))| *gone >= GONE_MIN && *gone > 4 * *still);
        resources.cascades = gone.map(|(key, _)| key).collect();
    }
}
