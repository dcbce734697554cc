//! Remembers whose the credentials are that answers issue.

use super::holder::holder;
use super::veil::Veil;
use crate::domain::world::{Resources, Seen, World, issued_by, named};

/// Remembers whose a credential is: of the entity that the login named by what it holds.
pub fn note_asker(resources: &Resources, world: &mut World, veil: Option<&Veil>, one: &Seen) {
    if resources.named_by.is_empty() || !one.exchange.is_ok() {
        return;
    }
    let Some((item, member, text)) = named(resources, one) else { return };
    let tokens = issued_by(&one.exchange);
    if tokens.is_empty() {
        return;
    }
    let collection = resources.collection(item, &one.exchange.request.segments);
    if let Some(key) = holder(world, &collection, (member, text), veil) {
        tokens.into_iter().for_each(|token| world.know_asker(token, key.clone()));
    }
}
