//! People's word over what a site learned: reasons forbidden or forced, resources switched off,
//! pinned or corrected. It is stored, and outlives every round of learning.

use serde::{Deserialize, Serialize};

use crate::domain::world::pointer::{Pointer, PointerStep};
use crate::domain::world::{
    IdPlace, Item, ListResource, Make, Resources, SitePlace, SiteTemplate, without_extension,
};

/// Corrections of each kind that are kept: far more than people make by hand.
pub const CORRECTIONS_MAX: usize = 1_000;

/// What a person said of one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum ReasonRule {
    /// It decides nothing here.
    Forbid,
    /// Wherever it holds, it decides.
    Force {
        /// The status that it leads to.
        status: u16,
    },
}

/// A reason of one endpoint, with what a person said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCorrection {
    /// Method of the endpoint.
    pub method: String,
    /// Template of the endpoint, parameters in braces.
    pub path: String,
    /// Slug of the reason, as in `X-Mock-Reason`.
    pub reason: String,
    /// What is to be done with it.
    #[serde(flatten)]
    pub rule: ReasonRule,
}

/// A resource as a person wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceCorrection {
    /// Template of its items, parameters as `{}`.
    pub item: String,
    /// Switched off: its endpoints stay without state.
    #[serde(default)]
    pub is_off: bool,
    /// Kept though later traffic may no longer show it.
    #[serde(default)]
    pub is_pinned: bool,
    /// Endpoints that create and list it, as they were when it was pinned.
    #[serde(default)]
    pub creates: Vec<String>,
    /// As [`Self::creates`].
    #[serde(default)]
    pub lists: Vec<String>,
    /// The member that is the id, where learning got it wrong or where it is pinned.
    #[serde(default)]
    pub id: Option<String>,
    /// Members on the way to the entity in an answer, separated by dots.
    #[serde(default)]
    pub envelope: Option<String>,
    /// Members on the way to the rows in the answer of a list, separated by dots.
    #[serde(default)]
    pub rows: Option<String>,
}

/// Everything that people said of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteCorrections {
    /// Of reasons.
    #[serde(default)]
    pub reasons: Vec<ReasonCorrection>,
    /// Of resources.
    #[serde(default)]
    pub resources: Vec<ResourceCorrection>,
}

impl SiteCorrections {
    /// Sets or takes back what is said of a reason; false when there is no room.
    #[must_use]
    pub fn set_reason(
        &mut self,
        (method, path, reason): (&str, &str, &str),
        rule: Option<ReasonRule>,
    ) -> bool {
        self.reasons
            .retain(|one| (&*one.method, &*one.path, &*one.reason) != (method, path, reason));
        let Some(rule) = rule else { return true };
        if self.reasons.len() >= CORRECTIONS_MAX {
            return false;
        }
        let (method, path, reason) = (method.into(), path.into(), reason.into());
        self.reasons.push(ReasonCorrection { method, path, reason, rule });
        true
    }

    /// Sets what is said of a resource; false when there is no room.
    #[must_use]
    pub fn set_resource(&mut self, correction: ResourceCorrection) -> bool {
        self.resources.retain(|one| one.item != correction.item);
        let says = ResourceCorrection { item: correction.item.clone(), ..Default::default() };
        if correction == says {
            return true;
        }
        let has_room = self.resources.len() < CORRECTIONS_MAX;
        if has_room {
            self.resources.push(correction);
        }
        has_room
    }

    /// What is said of the resource with items of this template.
    #[must_use]
    pub fn resource(&self, item: &str) -> Option<&ResourceCorrection> {
        self.resources.iter().find(|one| one.item == item)
    }
}

impl ReasonCorrection {
    /// Whether it is about a place of the site.
    #[must_use]
    pub fn is_about(&self, place: &SitePlace) -> bool {
        names_place((&self.method, &self.path), place)
    }
}

/// Whether an endpoint's method and template name a place of the site: a parameter there is one
/// here; a literal there may be a value of a parameter here, where the site knows more.
#[must_use]
pub fn names_place((method, path): (&str, &str), place: &SitePlace) -> bool {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    *place.method == *method
        && segments.len() == place.template.0.len()
        && segments.iter().zip(&place.template.0).all(|(text, segment)| match segment.as_deref() {
            None => true,
            Some(literal) => literal == without_extension(text),
        })
}

/// Does what people said of resources, after they were found and before anything is learned of
/// them.
pub fn correct_resources(resources: &mut Resources, corrections: &[ResourceCorrection]) {
    for correction in corrections {
        let template = template_of(&correction.item);
        if correction.is_off {
            resources.items.remove(&template);
            resources.makes.retain(|_, make| make.item != template);
            resources.lists.retain(|_, listing| listing.item != template);
            resources.references.retain(|_, item| *item != template);
            continue;
        }
        let known = resources.items.contains_key(&template);
        if !known && !correction.is_pinned {
            continue;
        }
        let item: &mut Item = resources.items.entry(template.clone()).or_default();
        if let Some(id) = &correction.id {
            item.id = Some(id.as_str().into());
        }
        if let Some(envelope) = &correction.envelope {
            item.envelope = pointer_of(envelope);
        }
        let (id, envelope) = (item.id.clone(), item.envelope.clone());
        if let (Some(id), true) = (&id, correction.id.is_some()) {
            for listing in resources.lists.values_mut().filter(|one| one.item == template) {
                listing.id = id.clone();
            }
        }
        if correction.is_pinned {
            pin(resources, correction, &template, (id, envelope));
        }
    }
}

/// Adds what a pinned resource had and no longer shows.
fn pin(
    resources: &mut Resources,
    correction: &ResourceCorrection,
    template: &SiteTemplate,
    (id, envelope): (Option<Box<str>>, Pointer),
) {
    let Some(id) = id else { return };
    for place in correction.creates.iter().filter_map(|text| place_of(text)) {
        let mut at = envelope.clone();
        at.push(PointerStep::Member(id.clone()));
        let make = Make { item: template.clone(), id: IdPlace::Body(at), given: None, same: None };
        resources.makes.entry(place.into()).or_insert(make);
    }
    for place in correction.lists.iter().filter_map(|text| place_of(text)) {
        let envelope = correction.rows.as_deref().map(pointer_of).unwrap_or_default();
        let listing = ListResource { item: template.clone(), envelope, id: id.clone() };
        resources.lists.entry(place.into()).or_insert(listing);
    }
}

/// A template from its text, `{}` for parameters.
#[must_use]
pub fn template_of(text: &str) -> SiteTemplate {
    let segments = text.trim_matches('/').split('/');
    SiteTemplate(segments.map(|text| (text != "{}").then(|| text.into())).collect())
}

fn place_of(text: &str) -> Option<SitePlace> {
    let (method, path) = text.split_once(' ')?;
    Some(SitePlace { method: method.into(), template: template_of(path) })
}

/// A place in a document from its members, separated by dots; empty for the document itself.
#[must_use]
pub fn pointer_of(text: &str) -> Pointer {
    let steps = text.split('.').filter(|step| !step.is_empty());
    steps.map(|step| PointerStep::Member(step.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_of_the_site_takes_any_segment_and_a_literal_itself_alone() {
        let place = SitePlace { method: "GET".into(), template: template_of("/shops/{}/items") };
        assert!(names_place(("GET", "/shops/{id}/items"), &place));
        assert!(names_place(("GET", "/shops/oak/items"), &place));
        assert!(!names_place(("GET", "/shops/{id}/orders"), &place));
        assert!(!names_place(("PUT", "/shops/{id}/items"), &place));
    }

    #[test]
    fn what_is_said_is_stored_and_taken_back() {
        let mut said = SiteCorrections::default();
        let reason = ("GET", "/notes/{id}", "entity-unknown");
        assert!(said.set_reason(reason, Some(ReasonRule::Force { status: 410 })));
        assert!(said.set_reason(reason, Some(ReasonRule::Forbid)));
        let text = serde_json::to_string(&said).expect("it is texts and numbers");
        assert_eq!(serde_json::from_str::<SiteCorrections>(&text).expect("written before"), said);
        assert_eq!(said.reasons.len(), 1);
        assert!(said.set_reason(reason, None));
        assert!(said.reasons.is_empty());
        assert!(
            said.set_resource(ResourceCorrection { item: "/a/{}".into(), ..Default::default() })
        );
        assert!(said.resources.is_empty(), "nothing said is nothing kept");
    }
}
