//! The routes that people add while the double runs: kept over restarts, every change noted.

use serde::{Deserialize, Serialize};

use super::clock::now_ms;
use super::edit::{EditAction, audit_entry, next_revision};
use super::persistence::PersistenceHandle;
use crate::domain::mode::Mode;
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::Stored;
use parking_lot::Mutex;
use std::sync::Arc;

/// The name under which they are stored.
const STORED_AS: &str = "routes";

/// A route as it is kept. Credentials never are: they are given at the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRoute {
    /// Its name.
    pub name: String,
    /// Whose requests it answers.
    #[serde(rename = "match")]
    pub pattern: String,
    /// Where its backend is, as given; a slash after the host means something.
    pub target: String,
    /// Who answers, where it is not the mode of the whole double.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// Whether the client's `Host` goes to the backend.
    #[serde(default)]
    pub preserve_host: Option<bool>,
    /// Whether the start names the route; then the mode alone is what people said.
    #[serde(default)]
    pub by_start: bool,
}

/// Where changes of routes are kept and noted.
#[derive(Clone)]
pub struct RouteBook {
    persistence: PersistenceHandle,
    last_revision: Arc<Mutex<u64>>,
}

impl RouteBook {
    /// A book that writes to `persistence`.
    #[must_use]
    pub fn new(persistence: PersistenceHandle) -> Self {
        Self { persistence, last_revision: Arc::default() }
    }

    /// What an earlier run left.
    #[must_use]
    pub fn read(stored: &Stored) -> Vec<StoredRoute> {
        let kept = stored.settings.iter().find(|(name, _)| name == STORED_AS);
        let Some((_, text)) = kept else { return Vec::new() };
        serde_json::from_str(text).unwrap_or_else(|error| {
            log::warn!("stored routes could not be read and are left out: {error}");
            Vec::new()
        })
    }

    /// Keeps `routes`, and notes what `actor` changed of one of them.
    pub fn keep(
        &self,
        routes: &[StoredRoute],
        (actor, action): (&str, EditAction),
        (before, after): (Option<&StoredRoute>, Option<&StoredRoute>),
    ) {
        // Made of texts and switches: nothing that could not be written.
        let text = serde_json::to_string(routes).unwrap_or_default();
        self.persistence.write(PendingWrite::Setting(STORED_AS, text));
        let Some(changed) = after.or(before) else { return };
        let revision = next_revision(&mut self.last_revision.lock(), now_ms());
        let subject = format!("routes/{}", changed.name);
        let entry = audit_entry((actor, action, revision), subject, before, after);
        self.persistence.write(PendingWrite::Audit(entry));
    }
}
