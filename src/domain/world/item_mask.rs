//! Parameters that choose what of an item is shown: `?content=0`, `?include=false`, `?view=short`.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::message::Request;
use super::site_place::SitePlace;

/// What a reading of an item does not show because of a parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemMask {
    /// Members that are not there.
    pub absent: BTreeSet<Box<str>>,
    /// Members that are null.
    pub null: BTreeSet<Box<str>>,
}

/// Masks by endpoint, name of the parameter and its value.
pub type ItemMasks = FxHashMap<(Arc<SitePlace>, Box<str>, Box<str>), ItemMask>;

impl ItemMask {
    /// Hides what is not to be seen.
    pub fn hide(&self, object: &mut Map<String, Value>) {
        self.absent.iter().for_each(|name| _ = object.remove(&**name));
        for name in &self.null {
            if let Some(value) = object.get_mut(&**name) {
                *value = Value::Null;
            }
        }
    }

    /// Takes away what a reading says only because of the mask.
    pub fn strip(&self, object: &mut Map<String, Value>) {
        self.null.iter().for_each(|name| _ = object.remove(&**name));
    }
}

/// The mask that a request asks for.
#[must_use]
pub fn mask_of<'m>(
    masks: &'m ItemMasks,
    place: &Arc<SitePlace>,
    request: &Request,
) -> Option<&'m ItemMask> {
    if masks.is_empty() {
        return None;
    }
    request.query.iter().find_map(|(name, value)| {
        masks.get(&(Arc::clone(place), name.as_str().into(), value.as_str().into()))
    })
}
