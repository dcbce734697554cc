//! Refused methods: no endpoints of their own, but something that their siblings know.

use std::collections::VecDeque;

use crate::domain::endpoint::{BackendId, EndpointKey, Observation};
use crate::domain::path::PathTemplate;
use crate::runtime::directory::DirectoryActor;
use crate::runtime::learning::endpoint::NoteRefusal;

/// Methods under which siblings are looked for.
const SIBLINGS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Refusals that wait for a first endpoint at their path: a client tries a method before another at
/// some paths, not at all of them.
const EARLY_MAX: usize = 64;

/// A refusal at a path of which nothing else is known yet.
struct Early {
    backend: BackendId,
    path: Box<str>,
    method: Box<str>,
    status: u16,
}

/// Refusals that nobody could be told of yet.
#[derive(Default)]
pub struct EarlyRefusals {
    waiting: VecDeque<Early>,
    /// Whether endpoints were begun since they were looked through.
    is_due: bool,
}

impl EarlyRefusals {
    /// Says that an endpoint was begun.
    pub fn endpoint_begun(&mut self) {
        self.is_due |= !self.waiting.is_empty();
    }
}

impl DirectoryActor {
    /// Tells the endpoints of a template that a method is refused there; where there are none yet,
    /// the refusal waits for the first.
    pub(super) fn note_refusal(
        &mut self,
        template: Option<&PathTemplate>,
        observation: &Observation,
    ) {
        let Observation { backend, method, path, status, .. } = observation;
        let told = template
            .is_some_and(|template| self.tell_siblings(backend, template, (method, *status)));
        let known = |early: &Early| early.path == *path && early.method == *method;
        if told || self.early_refusals.waiting.iter().any(known) {
            return;
        }
        if self.early_refusals.waiting.len() >= EARLY_MAX {
            self.early_refusals.waiting.pop_front();
        }
        self.early_refusals.waiting.push_back(Early {
            backend: backend.clone(),
            path: path.clone(),
            method: method.clone(),
            status: *status,
        });
    }

    /// Tells what has waited for endpoints that are there now.
    pub(super) fn tell_early_refusals(&mut self) {
        if !std::mem::take(&mut self.early_refusals.is_due) {
            return;
        }
        let tree = self.learner.tree();
        for early in std::mem::take(&mut self.early_refusals.waiting) {
            let template = tree.identify(&early.path).template.into_owned();
            let Early { backend, method, status, .. } = &early;
            if !self.tell_siblings(backend, &template, (method, *status)) {
                self.early_refusals.waiting.push_back(early);
            }
        }
    }

    /// True when there was an endpoint to tell.
    fn tell_siblings(
        &mut self,
        backend: &BackendId,
        template: &PathTemplate,
        (method, status): (&str, u16),
    ) -> bool {
        let mut told = false;
        for sibling in SIBLINGS {
            let key = EndpointKey::of_backend(backend.clone(), sibling, template.clone());
            let Some(handle) = self.endpoints.get(&key) else { continue };
            told = true;
            let known = handle.published().snapshot.model.refused.status(method);
            let addr = handle.addr.load_full().filter(|_| known != Some(status));
            let Some(addr) = addr else { continue };
            // Lost when the mailbox is full: the next refusal says it again.
            let _sent = addr.try_send(NoteRefusal { method: method.into(), status });
            self.touched.insert(key);
        }
        told
    }
}
