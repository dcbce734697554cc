//! What a lower level of privacy no longer allows, forgotten.

use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::privacy::retention;
use crate::domain::value::ValueModel;
use crate::domain::value::object::model::ObjectModel;

impl ValueModel {
    /// Forgets what may be kept at a higher level alone; true where there was something. `name`: of
    /// the member that holds the position, through arrays.
    pub fn forget(&mut self, name: &str, level: PrivacyLevel) -> bool {
        let mut forgot = false;
        if let Some(text) = self.text.as_mut().filter(|_| level == PrivacyLevel::Strict) {
            let are_things = text.names_things();
            forgot |= text.vocabulary.forget(|kept| {
                let is_thing = are_things && retention::is_thing(name, kept);
                retention::is_person(name, kept) && !is_thing
            });
        }
        if let Some(array) = &mut self.array {
            forgot |= array.item.forget(name, level);
            for place in &mut array.places {
                forgot |= place.forget(name, level);
            }
        }
        if let Some(object) = &mut self.object {
            forgot |= object.forget(level);
        }
        forgot
    }
}

impl ObjectModel {
    fn forget(&mut self, level: PrivacyLevel) -> bool {
        let is_above = self.pool.as_ref().is_some_and(|pool| pool.level > level);
        let mut forgot = is_above;
        if is_above {
            self.pool = None;
        }
        for member in &mut self.members {
            forgot |= member.shape.forget(member.name.as_deref().unwrap_or_default(), level);
        }
        if let Some(map) = &mut self.map {
            forgot |= map.value.forget("", level);
        }
        forgot
    }
}
