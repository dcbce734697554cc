//! Templates pinned by people: they win over what is learned, at once.

use std::sync::Arc;

use actix::prelude::*;

use super::DirectoryActor;
use crate::domain::endpoint::EndpointId;
use crate::domain::path::{PathLearner, Pin, PinError};
use crate::runtime::directory::merging::Batches;
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::{Change, PinRecord, Stored};

/// Stands where an endpoint's id has a method: a template holds for all of them.
const EVERY_METHOD: &str = "*";

/// A pinned template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedTemplate {
    /// Stable id derived from the text, the same on every instance.
    pub id: EndpointId,
    /// The template; without a parameter it says "this stays literal".
    pub pin: Pin,
    /// Who gave it: `person`.
    pub source: String,
    /// When it was pinned, unix ms.
    pub created_at_ms: i64,
}

/// All pinned templates at one moment, sorted by text.
pub type PinnedTemplates = Arc<Vec<PinnedTemplate>>;

/// The source of templates that come through the admin.
const PERSON: &str = "person";

impl PinnedTemplate {
    fn by_person(pin: Pin, created_at_ms: i64) -> Self {
        Self::by(PERSON, pin, created_at_ms)
    }

    /// Pinned by `source`.
    pub(super) fn by(source: &str, pin: Pin, created_at_ms: i64) -> Self {
        Self { id: id_of(&pin), pin, source: source.to_owned(), created_at_ms }
    }

    pub(super) fn to_record(&self) -> PinRecord {
        PinRecord {
            template: self.pin.template.clone(),
            kind: self.source.clone(),
            created_at_ms: self.created_at_ms,
        }
    }
}

fn id_of(pin: &Pin) -> EndpointId {
    EndpointId::of(EVERY_METHOD, &pin.template)
}

/// Pins again what an earlier run had pinned; what is not valid is skipped with a warning.
pub fn restore(learner: &mut PathLearner, stored: &Stored) -> PinnedTemplates {
    let mut pinned = Vec::new();
    for record in &stored.pins {
        let pin = Pin::new(record.template.as_str());
        if let Err(error) = learner.restore_pin(pin.clone()) {
            log::warn!("pinned template {}: skipped, {error}", record.template);
            continue;
        }
        let source = record.kind.clone();
        let created_at_ms = record.created_at_ms;
        pinned.push(PinnedTemplate { id: id_of(&pin), pin, source, created_at_ms });
    }
    pinned.sort_unstable_by(|a, b| a.pin.cmp(&b.pin));
    Arc::new(pinned)
}

/// Pin a template; one that is pinned already stays as it is.
#[derive(Message)]
#[rtype(result = "Result<Pinned, PinError>")]
pub struct PinTemplate {
    /// The template.
    pub pin: Pin,
    /// Now, unix ms.
    pub at_ms: i64,
}

/// What became of an order to pin.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// The template.
    pub template: PinnedTemplate,
    /// Whether it was not pinned before.
    pub new: bool,
}

/// Give a pinned template back to learning; `None` when nothing has this id.
#[derive(Message)]
#[rtype(result = "Option<PinnedTemplate>")]
pub struct UnpinTemplate(pub EndpointId);

impl Handler<PinTemplate> for DirectoryActor {
    type Result = Result<Pinned, PinError>;

    fn handle(&mut self, message: PinTemplate, _ctx: &mut Self::Context) -> Self::Result {
        if let Some(known) = self.pins.iter().find(|known| known.pin == message.pin) {
            return Ok(Pinned { template: known.clone(), new: false });
        }
        // What was sent before the order is learned before it.
        self.drain_to_mark();
        self.learner.pin(message.pin.clone())?;
        let template = PinnedTemplate::by_person(message.pin, message.at_ms);
        let pins = Arc::make_mut(&mut self.pins);
        pins.push(template.clone());
        pins.sort_unstable_by(|a, b| a.pin.cmp(&b.pin));
        self.shared.persistence.write(PendingWrite::Pin(Change::Put(template.to_record())));
        self.templates_changed();
        Ok(Pinned { template, new: true })
    }
}

impl Handler<UnpinTemplate> for DirectoryActor {
    type Result = MessageResult<UnpinTemplate>;

    fn handle(&mut self, message: UnpinTemplate, _ctx: &mut Self::Context) -> Self::Result {
        let Some(at) = self.pins.iter().position(|known| known.id == message.0) else {
            return MessageResult(None);
        };
        self.drain_to_mark();
        let removed = Arc::make_mut(&mut self.pins).remove(at);
        let template = removed.pin.template.clone();
        self.learner.unpin(&template);
        self.shared.persistence.write(PendingWrite::Pin(Change::Remove(template)));
        self.templates_changed();
        MessageResult(Some(removed))
    }
}

impl DirectoryActor {
    /// Lets the endpoints follow the templates, and publishes both at once.
    pub(super) fn templates_changed(&mut self) {
        self.apply_changes(&mut Batches::default());
        self.paths_changed.mark();
        self.save_paths();
        self.publish_catalog();
    }
}
