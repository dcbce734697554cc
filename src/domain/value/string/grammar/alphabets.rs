//! The alphabet of each place of a segment: the common one, or a narrower one of its own.

use crate::domain::value::string::grammar::char_set::CharSet;
use crate::domain::value::string::grammar::characters::{Characters, Varied};

/// The alphabet of each place.
pub struct Alphabets {
    /// Of the first places; empty until single characters may be kept.
    pub places: Vec<CharSet>,
    /// Of all others.
    pub rest: CharSet,
}

/// Chance below which a place that shows only a part of the alphabet is limited to it.
const LIMITED_CHANCE: f64 = 1e-3;

impl Alphabets {
    /// Each alphabet is the smallest known one that explains what was seen.
    pub fn of(characters: &Characters) -> Self {
        let sizes = characters.sizes();
        let total: f64 = sizes.iter().map(|(length, weight)| *length as f64 * weight).sum();
        let all = characters.all.alphabet(total);
        let Some(varied) = characters.varied.as_deref() else {
            return Self { places: Vec::new(), rest: all };
        };
        let base = Self::common(varied, all);
        let places = varied.places.iter().map(|place| limited(*place, base, varied.seen));
        Self { places: places.collect(), rest: base }
    }

    /// The alphabet of the places that have no narrower one of their own.
    fn common(varied: &Varied, all: CharSet) -> CharSet {
        let mut seen = varied.rest;
        let mut sightings = f64::from(varied.rest_seen);
        for place in &varied.places {
            if limited(*place, all, varied.seen) == all {
                seen.join(*place);
                sightings += f64::from(varied.seen);
            }
        }
        if seen.is_empty() { all } else { seen.alphabet(sightings) }
    }
}

/// The alphabet of one place: its own where it is narrower than the common one, and that is no
/// accident.
fn limited(place: CharSet, base: CharSet, seen: u32) -> CharSet {
    let own = place.alphabet(f64::from(seen));
    if !place.is_within(base) {
        return own;
    }
    // What stands at no place stands not here either.
    let own = own.common(base);
    let chance = (own.len() as f64 / base.len().max(1) as f64).powf(f64::from(seen));
    if chance < LIMITED_CHANCE { own } else { base }
}
