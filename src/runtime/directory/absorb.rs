//! What was learned elsewhere, or is told by a document, taken in: it goes into endpoints by the
//! way that folded endpoints take.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix::prelude::*;
use rustc_hash::FxHashMap;

use super::DirectoryActor;
use super::pins::PinnedTemplate;
use crate::domain::endpoint::{BackendId, EndpointKey, EndpointModel};
use crate::domain::path::{PathTemplate, Pin};
use crate::domain::portable::portable_model::shape_of_path;
use crate::runtime::learning::snapshot::EndpointSnapshot;
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::Change;

/// An endpoint that comes from elsewhere.
#[derive(Debug, Clone)]
pub struct ForeignEndpoint {
    /// Name of the backend, empty for the only one.
    pub backend: String,
    /// In capitals.
    pub method: String,
    /// Path with placeholders in braces; parameters may be called otherwise here.
    pub template: String,
    /// Merged into what is known of the endpoint.
    pub model: Arc<EndpointModel>,
}

/// Takes in endpoints, after the templates that they need.
#[derive(Message)]
#[rtype(result = "Absorbed")]
pub struct Absorb {
    /// Who says that the templates are such.
    pub source: &'static str,
    /// Pinned, unless known by other names of their parameters.
    pub templates: Vec<String>,
    /// In no order that means anything.
    pub endpoints: Vec<ForeignEndpoint>,
    /// When this is done, unix milliseconds.
    pub at_ms: i64,
}

/// What was taken in.
#[derive(Debug, Clone, Default, MessageResponse)]
pub struct Absorbed {
    /// Those taken in, new ones and merged ones.
    pub endpoints: u64,
    /// Sum of what the endpoints taken in had learned.
    pub observations: u64,
    /// Those pinned anew.
    pub templates: u64,
    /// What was not, and why.
    pub refused: Vec<String>,
}

impl Handler<Absorb> for DirectoryActor {
    type Result = Absorbed;

    fn handle(&mut self, order: Absorb, _ctx: &mut Self::Context) -> Absorbed {
        // What was sent before the order is learned before it.
        self.drain_to_mark();
        let mut absorbed = Absorbed::default();
        let known = self.shapes();
        for template in &order.templates {
            // A template that is known by other names of its parameters keeps them.
            if !known.contains_key(&shape_of_path(template)) {
                self.pin_told(template, &order, &mut absorbed);
            }
        }
        if absorbed.templates > 0 {
            self.templates_changed();
        }
        let known = self.shapes();
        for endpoint in order.endpoints {
            self.absorb(endpoint, &known, &mut absorbed);
        }
        self.paths_changed.mark();
        self.save_paths();
        self.publish_catalog();
        absorbed
    }
}

impl DirectoryActor {
    /// The templates of endpoints and pins, by their shape.
    fn shapes(&self) -> FxHashMap<String, PathTemplate> {
        let templates = self.endpoints.keys().map(|key| &key.template);
        templates.map(|template| (shape_of_path(template.as_str()), template.clone())).collect()
    }

    fn pin_told(&mut self, template: &str, order: &Absorb, absorbed: &mut Absorbed) {
        let pin = Pin::new(template);
        // A path without a parameter stays literal by itself, unless a pin would swallow it.
        if self.pins.iter().any(|known| known.pin == pin) {
            return;
        }
        if let Err(error) = self.learner.pin(pin.clone()) {
            absorbed.refused.push(error.to_string());
            return;
        }
        let pinned = PinnedTemplate::by(order.source, pin, order.at_ms);
        self.shared.persistence.write(PendingWrite::Pin(Change::Put(pinned.to_record())));
        let pins = Arc::make_mut(&mut self.pins);
        pins.push(pinned);
        pins.sort_unstable_by(|a, b| a.pin.cmp(&b.pin));
        absorbed.templates += 1;
    }

    fn absorb(
        &mut self,
        endpoint: ForeignEndpoint,
        known: &FxHashMap<String, PathTemplate>,
        absorbed: &mut Absorbed,
    ) {
        let ForeignEndpoint { backend, method, template, model } = endpoint;
        let hits = u32::try_from(model.observations).unwrap_or(u32::MAX).max(1);
        let place = known.get(&shape_of_path(&template)).cloned();
        let Some(place) = place.or_else(|| self.learner.admit(&template, hits)) else {
            absorbed.refused.push(format!("`{template}` is no path template, or there is no room"));
            return;
        };
        let key = EndpointKey::of_backend(BackendId::named(&backend), &method, place);
        if !self.ensure_like(&key, None) {
            absorbed.refused.push("no further endpoint may be learned".to_owned());
            return;
        }
        let Some(handle) = self.endpoints.get(&key).cloned() else { return };
        let observations = model.observations;
        let snapshot = EndpointSnapshot { model, ..EndpointSnapshot::empty(key.clone()) };
        handle.hand_over(vec![Arc::new(snapshot)]);
        handle.entrusted.fetch_add(observations, Ordering::Relaxed);
        self.shared.counters.imported.fetch_add(observations, Ordering::Relaxed);
        // Both can no longer be told apart.
        self.replay_log.outgrow(&key);
        // A flush merges what waits and publishes it.
        self.touched.insert(key);
        absorbed.endpoints += 1;
        absorbed.observations += observations;
    }
}
