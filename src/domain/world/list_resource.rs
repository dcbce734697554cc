//! What an endpoint lists, and where the rows stand in its answers.

use serde_json::Value;

use super::pointer::{Pointer, arrays, at};
use super::template::SiteTemplate;

/// What an endpoint lists.
#[derive(Debug, Clone)]
pub struct ListResource {
    /// Template of the items.
    pub item: SiteTemplate,
    /// Where the rows stand in the answer.
    pub envelope: Pointer,
    /// The member of a row that is its id.
    pub id: Box<str>,
}

impl ListResource {
    /// Whether the rows are bare ids.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.id.is_empty()
    }

    /// Where the rows stand in a document: requests may choose its form.
    #[must_use]
    pub fn place_in(&self, document: &Value) -> Pointer {
        let stands = at(document, &self.envelope).is_some_and(Value::is_array);
        if stands || self.is_bare() {
            return self.envelope.clone();
        }
        let own = |rows: &[Value]| rows.first().is_none_or(|row| row.get(&*self.id).is_some());
        let other = arrays(document).into_iter().find(|(_, rows)| own(rows));
        other.map_or_else(|| self.envelope.clone(), |(place, _)| place)
    }
}
