//! Members of an item that count what lies below it: found by counting at each reading.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::world::{Resources, Seen, SiteTemplate, World};

/// Readings of one item's template that are compared.
const READINGS_MAX: u32 = 200;

/// Readings and different numbers from which a member counts, and the share that must agree.
const READINGS_MIN: u32 = 4;
const NUMBERS_MIN: usize = 2;
const COUNT_SHARE: f64 = 0.9;

/// Readings, those that agree, and the numbers of a member.
type Agreement = (u32, u32, BTreeSet<u64>);

/// Compares members with counts while a tape is walked.
#[derive(Default)]
pub struct Counted {
    /// What lies below an item.
    below: BTreeMap<SiteTemplate, Vec<SiteTemplate>>,
    readings: BTreeMap<SiteTemplate, u32>,
    found: BTreeMap<(SiteTemplate, Box<str>, SiteTemplate), Agreement>,
}

impl Counted {
    /// Nothing compared so far.
    pub fn of(resources: &Resources) -> Self {
        let mut below: BTreeMap<SiteTemplate, Vec<SiteTemplate>> = BTreeMap::new();
        for parent in resources.items.keys() {
            let own = resources.items.keys().filter(|child| child.lies_below(parent));
            let mut own: Vec<SiteTemplate> = own.cloned().collect();
            own.sort();
            if !own.is_empty() {
                below.insert(parent.clone(), own);
            }
        }
        Self { below, ..Self::default() }
    }

    /// Compares the numbers of a reading with what is there at this moment.
    pub fn compare(&mut self, resources: &Resources, world: &World, one: &Seen) {
        let (exchange, template) = (&one.exchange, &one.place.template);
        let Some(children) = self.below.get(template) else { return };
        if !exchange.is_ok() || &*one.place.method != "GET" {
            return;
        }
        let Some(object) = resources.entity(template, exchange.json(), None) else { return };
        let readings = self.readings.entry(template.clone()).or_default();
        if *readings >= READINGS_MAX {
            return;
        }
        *readings += 1;
        for child in children {
            let collection = resources.collection(child, &exchange.request.segments);
            let count = world.rows(&collection).count() as u64;
            for (name, number) in object.iter().filter_map(|(n, v)| Some((n, v.as_u64()?))) {
                let key = (template.clone(), name.as_str().into(), child.clone());
                let (all, agreed, numbers) = self.found.entry(key).or_default();
                *all += 1;
                *agreed += u32::from(number == count);
                numbers.insert(number);
            }
        }
    }

    /// Notes at the items which members count.
    pub fn tell(self, resources: &mut Resources) {
        for ((template, name, child), (all, agreed, numbers)) in self.found {
            let counts = all >= READINGS_MIN
                && numbers.len() >= NUMBERS_MIN
                && f64::from(agreed) >= COUNT_SHARE * f64::from(all);
            if let (true, Some(item)) = (counts, resources.items.get_mut(&template)) {
                item.counts.push((name, child));
            }
        }
    }
}
