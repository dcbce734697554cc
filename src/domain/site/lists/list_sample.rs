//! Recorded lists, from which their making is learned.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::ListRow;
use crate::domain::world::{Request, SiteExchange};

/// A row of a collection at one moment, with its id.
pub type KnownRow = (Box<str>, Arc<Map<String, Value>>);

/// One recorded list with the collection as it was known just before.
pub struct ListSample<'s> {
    /// The exchange.
    pub exchange: &'s Arc<SiteExchange>,
    /// The collection in the order of arrival.
    pub collection: &'s [KnownRow],
    /// Ids that were answered, in order.
    pub ids: Vec<String>,
    /// Rows that were answered.
    pub rows: Vec<&'s Map<String, Value>>,
}

impl<'s> ListSample<'s> {
    /// The collection as rows.
    pub fn all(&self) -> Vec<ListRow<'s>> {
        self.collection.iter().map(|(id, row)| (&**id, &**row)).collect()
    }

    /// The request.
    pub fn request(&self) -> &'s Request {
        &self.exchange.request
    }
}
