//! What deletes several at once: a DELETE to the path of a list, with the wishes of a list.

use std::sync::Arc;

use serde_json::Value;

use super::list_resource::ListResource;
use super::pointer::at;
use super::site_place::SitePlace;

/// What deletes rows of a list.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The list of the same path.
    pub list: Arc<SitePlace>,
    /// How that lists.
    pub listing: ListResource,
}

impl Sweep {
    /// Whether an answer shows the rows that were deleted.
    #[must_use]
    pub fn shows_rows(&self, document: &Value) -> bool {
        at(document, &self.listing.place_in(document)).is_some_and(Value::is_array)
    }
}
