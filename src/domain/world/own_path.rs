//! Paths at which whoever asks finds their own entity: `/users/me` is `/users/7` for user 7.
//!
//! A request to one is read as one to something below that entity, `/users/7/me`, so that whatever
//! is known of what lies below items holds for it: it shows the item, changes it, removes it.

use rustc_hash::FxHashMap;

use super::entity::EntityKey;
use super::template::{Segment, SiteTemplate};

/// Whose the credentials are that the answers of a site issued.
pub type Askers = FxHashMap<u64, (SiteTemplate, EntityKey)>;

/// Stands for the id of whoever is not known: no entity has it.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// A path of literals that leads whoever asks to their own entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPath {
    /// The path as it is asked for.
    pub path: SiteTemplate,
    /// Where such entities have their address.
    pub item: SiteTemplate,
}

impl OwnPath {
    /// The literals behind those that it shares with the address of the items.
    fn tail(&self) -> &[Segment] {
        let shared = self.path.0.iter().zip(&self.item.0).take_while(|(a, b)| a == b).count();
        // Something must be left that tells it from the item itself.
        &self.path.0[shared.min(self.path.0.len().saturating_sub(1))..]
    }

    /// The path below an item as which it is read.
    #[must_use]
    pub fn template(&self) -> SiteTemplate {
        SiteTemplate(self.item.0.iter().chain(self.tail()).cloned().collect())
    }

    /// The template under which something is read that lies at or below the path, as it is asked
    /// for.
    #[must_use]
    pub fn shown(&self, template: &SiteTemplate) -> Option<SiteTemplate> {
        let own = self.template();
        let rest = template.0.strip_prefix(&own.0[..])?;
        Some(SiteTemplate(self.path.0.iter().chain(rest).cloned().collect()))
    }

    /// The segments of a request to it, or to something below it, for whoever has this id.
    #[must_use]
    pub fn segments(&self, asked: &[String], id: Option<&str>) -> Option<Vec<String>> {
        let n = self.path.0.len();
        let own = asked.get(..n)?;
        if !own.iter().zip(&self.path.0).all(|(a, b)| Some(a.as_str()) == b.as_deref()) {
            return None;
        }
        let (_, above) = self.item.0.split_last()?;
        let literals = above.iter().flatten().map(ToString::to_string);
        let tail = self.tail().iter().flatten().map(ToString::to_string);
        let rest = asked[n..].iter().cloned();
        let id = std::iter::once(id.unwrap_or(NOBODY).to_owned());
        Some(literals.chain(id).chain(tail).chain(rest).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::world::segments;

    fn template(path: &str) -> SiteTemplate {
        let segment = |part: &str| (part != "{}").then(|| part.into());
        SiteTemplate(path.trim_matches('/').split('/').map(segment).collect())
    }

    #[test]
    fn the_own_path_is_read_as_one_below_the_item() {
        for (path, below) in
            [("/api/users/me", "/api/users/{}/me"), ("/api/me", "/api/users/{}/me")]
        {
            let own = OwnPath { path: template(path), item: template("/api/users/{}") };
            assert_eq!(own.template(), template(below));
            let asked = segments(&format!("{path}/password"));
            let read = own.segments(&asked, Some("7")).expect("it is one");
            assert_eq!(read.join("/"), "api/users/7/me/password");
            let deep = template(&format!("{below}/password"));
            assert_eq!(own.shown(&deep), Some(template(&format!("{path}/password"))));
            assert_eq!(own.segments(&segments("/api/users/7"), None), None);
        }
    }
}
