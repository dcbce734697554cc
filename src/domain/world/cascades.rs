//! Finds what goes with an entity that is deleted: what names it in a member.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::deriver::single_kinds;
use super::entity::EntityKey;
use super::find_ids::TELLING_BYTES_MIN;
use super::layer::World;
use super::pointer::named_id;
use super::resources::Resources;
use super::site_place::Seen;
use super::template::SiteTemplate;

/// Members of an entity that are looked at.
const MEMBERS_MAX: usize = 40;

/// Children that were looked for after what they name was deleted, and not found.
const GONE_MIN: u32 = 2;

/// A kind, the kind whose entities go with its own, and the member in which those name it.
type CascadeLink = (SiteTemplate, SiteTemplate, Box<str>);

/// Living entities with their kinds.
type Living<'w> = Vec<(&'w SiteTemplate, &'w Map<String, Value>)>;

/// The deleted entities that an entity names, as links, and the living ones.
fn named<'w>(
    kinds: &'w [(SiteTemplate, Box<str>)],
    world: &'w World,
    (template, object): (&SiteTemplate, &Map<String, Value>),
) -> (Vec<CascadeLink>, Living<'w>) {
    let (mut gone, mut living) = (Vec::new(), Living::new());
    for (name, value) in object.iter().take(MEMBERS_MAX) {
        let Some(id) = named_id(value) else { continue };
        // An object names what it is called like: `"project": {"id": 3}`.
        let fits = |kind: &SiteTemplate| !value.is_object() || kind.is_meant_by(name);
        for (kind, collection) in kinds.iter().filter(|(kind, _)| kind != template && fits(kind)) {
            let key = EntityKey { collection: collection.clone(), id: id.as_str().into() };
            let Some(held) = world.entity(&key) else { continue };
            if held.is_gone {
                gone.push((kind.clone(), template.clone(), name.as_str().into()));
            } else if let Some(object) = held.object.as_deref()
                && id.len() >= TELLING_BYTES_MIN
            {
                living.push((kind, object));
            }
        }
    }
    (gone, living)
}

/// Looks for children while a tape is walked.
#[derive(Default)]
pub struct Cascades {
    /// Kinds with one collection, with its name.
    kinds: Vec<(SiteTemplate, Box<str>)>,
    /// Children read after what they name was deleted: still there, gone.
    children: BTreeMap<CascadeLink, (u32, u32)>,
    /// Rows that no path addresses, with who was shown them.
    shown: FxHashSet<(EntityKey, Option<u64>)>,
}

impl Cascades {
    /// Nothing looked for so far.
    #[must_use]
    pub fn of(resources: &Resources) -> Self {
        Self { kinds: single_kinds(resources), ..Self::default() }
    }

    /// Is an entity still there after what it names was deleted?
    pub fn look(&mut self, resources: &Resources, world: &World, one: &Seen) {
        self.look_in_list(resources, world, one);
        let template = &one.place.template;
        if !one.exchange.request.reads() || !self.kinds.iter().any(|(kind, _)| kind == template) {
            return;
        }
        let Some(key) = resources.key(&one.exchange.request.segments) else { return };
        let Some(object) = world.living(&key).and_then(|held| held.object.as_deref()) else {
            return;
        };
        match one.exchange.status {
            200 => self.count(world, (template, object), true),
            404 | 410 => self.count(world, (template, object), false),
            _ => {}
        }
    }

    /// Does a list still show whoever asked before a row of which it names is deleted?
    fn look_in_list(&mut self, resources: &Resources, world: &World, one: &Seen) {
        let request = &one.exchange.request;
        let Some(listing) = resources.lists.get(&one.place) else { return };
        let item = resources.items.get(&listing.item);
        let is_alone = item.is_some_and(|item| item.is_unaddressed);
        if !is_alone || !request.reads() || !request.query.is_empty() || !one.exchange.is_ok() {
            return;
        }
        let who = request.credential.as_ref().map(|sent| sent.principal);
        let collection = resources.collection(&listing.item, &request.segments);
        let rows = resources.rows(listing, one.exchange.json());
        let listed: FxHashSet<&str> = rows.iter().map(|(id, _)| id.as_str()).collect();
        for id in world.ids(&collection) {
            let key = EntityKey { collection: collection.clone(), id: id.clone() };
            let Some(held) = world.living(&key).and_then(|held| held.object.as_deref()) else {
                continue;
            };
            let is_shown = listed.contains(&*key.id);
            if is_shown || self.shown.contains(&(key.clone(), who)) {
                self.count(world, (&listing.item, held), is_shown);
            }
            if is_shown {
                self.shown.insert((key, who));
            } else {
                // Gone once, and counted once.
                self.shown.remove(&(key, who));
            }
        }
    }

    /// Counts an entity that is there or gone for each deleted one that it names, and what it names
    /// for each deleted one that this names in turn.
    fn count(
        &mut self,
        world: &World,
        (template, object): (&SiteTemplate, &Map<String, Value>),
        is_there: bool,
    ) {
        let (gone, living) = named(&self.kinds, world, (template, object));
        let mut links: Vec<CascadeLink> = gone;
        for (kind, named_object) in living {
            links.extend(named(&self.kinds, world, (kind, named_object)).0);
        }
        for link in links {
            let (still, gone) = self.children.entry(link).or_default();
            *still += u32::from(is_there);
            *gone += u32::from(!is_there);
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
