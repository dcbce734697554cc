//! Everything learned as one value: of a running double, or of what a database holds.

use std::sync::Arc;

use crate::domain::path::{PathLearner, PathLimits, PathState};
use crate::domain::portable::{PortableEndpoint, PortableModel};
use crate::runtime::catalog::Catalog;
use crate::runtime::directory::pins;
use crate::runtime::learning::snapshot::{EndpointSnapshot, read};
use crate::store::Stored;

/// Everything that `catalog` knows.
#[must_use]
pub fn catalog_model(catalog: &Catalog) -> PortableModel {
    let endpoints = catalog.endpoints().map(|handle| {
        let published = handle.published();
        of_snapshot(&published.snapshot)
    });
    let templates = catalog.pins().iter().map(|pinned| pinned.pin.template.clone());
    PortableModel::new(templates.collect(), endpoints.collect())
}

/// Everything that a database held.
#[must_use]
pub fn stored_model(stored: &Stored) -> PortableModel {
    let state: PathState = stored
        .path_state
        .as_ref()
        .and_then(|document| read(document, "path templates", "state"))
        .unwrap_or_default();
    let limits = PathLimits::default();
    let most = limits.templates_max.max(stored.endpoints.len() + stored.pins.len());
    let limits = PathLimits { templates_max: most, pins_max: most, ..limits };
    let mut learner = PathLearner::restore(limits, &state);
    let pinned = pins::restore(&mut learner, stored);
    let endpoints = stored.endpoints.iter().filter_map(|record| {
        let hits = u32::try_from(record.observations).unwrap_or(u32::MAX);
        let template = learner.admit(&record.template, hits)?;
        Some(of_snapshot(&EndpointSnapshot::from_record(record, template)))
    });
    let endpoints = endpoints.collect();
    PortableModel::new(pinned.iter().map(|known| known.pin.template.clone()).collect(), endpoints)
}

fn of_snapshot(snapshot: &EndpointSnapshot) -> PortableEndpoint {
    PortableEndpoint {
        backend: snapshot.key.backend.to_string(),
        method: snapshot.key.method.to_string(),
        template: snapshot.key.template.clone(),
        model: Arc::clone(&snapshot.model),
    }
}
