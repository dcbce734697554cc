//! The resources of a site as people look at them: what creates, lists, reads and ends them.

use super::corrections::{ResourceCorrection, SiteCorrections, names_place, template_of};
use super::learn::Site;
use crate::domain::world::pointer::dotted;
use crate::domain::world::{IdPlace, SitePlace, SiteTemplate, without_extension};

/// Exchanges at which a resource is half certain.
const HALF_CERTAIN: f64 = 8.0;

/// What an endpoint does with a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceOperation {
    /// Method of the endpoint.
    pub method: String,
    /// Template of the endpoint.
    pub path: String,
    /// What it does.
    pub does: &'static str,
}

/// A resource, and what is known of it.
#[derive(Debug, Clone)]
pub struct ResourceDescription {
    /// Template of its items, `{}` for parameters.
    pub item: String,
    /// The same with the names of the parameters.
    pub path: String,
    /// The member that is the id.
    pub id: Option<String>,
    /// Members on the way to the entity in an answer.
    pub envelope: String,
    /// Where new ids come from.
    pub ids: &'static str,
    /// What endpoints do with it.
    pub operations: Vec<ResourceOperation>,
    /// Exchanges at these endpoints.
    pub exchanges: u32,
    /// Whether mocks remember what is written.
    pub is_stateful: bool,
    /// What a person said.
    pub said: Option<ResourceCorrection>,
}

impl ResourceDescription {
    /// How certain it is, from 0 to 1.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        let n = f64::from(self.exchanges);
        n / (n + HALF_CERTAIN)
    }

    /// A readable name that addresses it.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.item)
    }

    /// What a person would have to say to keep it as it is.
    #[must_use]
    pub fn as_said(&self) -> ResourceCorrection {
        let said = self.said.clone().unwrap_or_default();
        ResourceCorrection { item: self.item.clone(), ..said }
    }
}

fn name(item: &str) -> String {
    item.trim_matches('/').replace("{}", "*").replace('/', ".")
}

impl Site {
    /// What was found, and what people switched off. `known` are method and template of learned
    /// endpoints: of a path nothing is shown that they do not show.
    #[must_use]
    pub fn described_resources(
        &self,
        said: &SiteCorrections,
        known: &[(String, String)],
    ) -> Vec<ResourceDescription> {
        let mut templates: Vec<SiteTemplate> = self.resources.items.keys().cloned().collect();
        templates.extend(self.resources.lists.values().map(|listing| listing.item.clone()));
        templates.extend(said.resources.iter().map(|one| template_of(&one.item)));
        templates.sort();
        templates.dedup();
        let described = |template: SiteTemplate| self.described_resource(&template, said, known);
        templates.into_iter().filter_map(described).collect()
    }

    fn described_resource(
        &self,
        template: &SiteTemplate,
        said: &SiteCorrections,
        known: &[(String, String)],
    ) -> Option<ResourceDescription> {
        let item = template.to_string();
        let said = said.resource(&item).cloned();
        let found = self.resources.items.get(template);
        let maker =
            self.resources.maker(template).and_then(|place| self.resources.makes.get(place));
        let mut operations = Vec::new();
        let (mut exchanges, mut is_stateful) = (0, false);
        for (place, endpoint) in &self.endpoints {
            let Some(does) = self.does(place, template) else { continue };
            let shown = known.iter().filter(|(method, path)| {
                names_place((method, path), &self.resources.shown_place(place))
            });
            operations.extend(shown.map(|(method, path)| ResourceOperation {
                method: method.clone(),
                path: path.clone(),
                does,
            }));
            exchanges += endpoint.size;
            is_stateful |= endpoint.attends && self.is_stateful(place);
        }
        operations.sort();
        operations.dedup();
        Some(ResourceDescription {
            path: shown(template, known)?,
            id: found.and_then(|item| item.id.as_deref()).map(ToOwned::to_owned),
            envelope: found.map(|item| dotted(&item.envelope)).unwrap_or_default(),
            ids: match maker.map(|make| (&make.given, &make.id)) {
                None => "unknown",
                Some((Some(_), _) | (_, IdPlace::Sent(_))) => "request",
                Some(_) => "backend",
            },
            item,
            operations,
            exchanges,
            is_stateful,
            said,
        })
    }

    /// What an endpoint does with the items of a template.
    fn does(&self, place: &SitePlace, template: &SiteTemplate) -> Option<&'static str> {
        let resources = &self.resources;
        if resources.makes.get(place).is_some_and(|make| make.item == *template) {
            return Some("creates");
        }
        if resources.lists.get(place).is_some_and(|listing| listing.item == *template) {
            return Some("lists");
        }
        if resources.acted(place).is_some_and(|(acted, _)| acted == *template) {
            return Some(if resources.removers.contains(place) { "deletes" } else { "acts" });
        }
        if place.template != *template || !resources.is_about_item(place) {
            return None;
        }
        let merges = self.endpoints.get(place).is_some_and(|endpoint| endpoint.unsent.merges);
        Some(match &*place.method {
            "GET" | "HEAD" => "reads",
            "DELETE" => "deletes",
            "PUT" if !merges => "replaces",
            _ => "changes",
        })
    }
}

/// A template as learned endpoints show it; none where no endpoint does.
fn shown(template: &SiteTemplate, known: &[(String, String)]) -> Option<String> {
    let n = template.0.len();
    let fits = |path: &[&str], n: usize| {
        path.len() >= n
            && path.iter().zip(&template.0[..n]).all(|(text, segment)| match segment.as_deref() {
                None => text.contains('{'),
                Some(literal) => literal == without_extension(text),
            })
    };
    let paths = || known.iter().map(|(_, path)| path.trim_matches('/').split('/').collect());
    let item = paths().find(|path: &Vec<&str>| fits(path, n));
    if let Some(path) = item {
        return Some(format!("/{}", path[..n].join("/")));
    }
    // Items that no path addresses: a list shows them alone.
    let list = paths().find(|path: &Vec<&str>| path.len() == n - 1 && fits(path, n - 1))?;
    Some(format!("/{}/{{id}}", list.join("/")))
}
