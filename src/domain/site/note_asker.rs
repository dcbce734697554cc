//! Remembers whose the credentials are that answers issue.

use std::sync::Arc;

use serde_json::Value;

use super::holder::holder;
use super::veil::Veil;
use crate::domain::world::{
    Entity, EntityKey, OwnPath, Resources, Seen, World, account, issued_by, named, shown_account,
};

/// Remembers whose a credential is: of the entity that the login named by what it holds.
pub fn note_asker(resources: &Resources, world: &mut World, veil: Option<&Veil>, one: &Seen) {
    if !one.exchange.is_ok() {
        return;
    }
    if !one.exchange.issued.is_empty()
        && let Some((_, key)) = account(resources, one)
    {
        let issued = one.exchange.issued.iter();
        issued.for_each(|token| world.know_asker(*token, key.clone()));
    }
    note_shown(resources, world, one);
    if resources.named_by.is_empty() {
        return;
    }
    let Some((item, member, text)) = named(resources, one) else { return };
    let tokens = issued_by(&one.exchange);
    if tokens.is_empty() {
        return;
    }
    let collection = resources.collection(item, &one.exchange.request.segments);
    if let Some(key) = holder(world, &collection, (member, text), veil) {
        hold_clear(world, &key, (member, text));
        tokens.into_iter().for_each(|token| world.know_asker(token, key.clone()));
    }
}

/// A credential that somebody is shown of themselves is theirs, too.
fn note_shown(resources: &Resources, world: &mut World, one: &Seen) {
    if resources.own_paths.is_empty() {
        return;
    }
    let exchange = &one.exchange;
    let sent = exchange.request.credential.as_ref().filter(|_| exchange.request.reads());
    let own = resources.own_paths.iter().find(|own| own.template() == one.place.template);
    if let Some((sent, own)) = sent.zip(own)
        && world.asker(sent.token).is_none()
        && let Some(key) = shown_account(resources, own, exchange)
    {
        world.know_asker(sent.token, key);
    }
    let Some(key) = sent.and_then(|sent| world.asker(sent.token)).cloned() else { return };
    let is_shown = |own: &OwnPath| {
        resources.collection(&own.item, &[]) == key.collection
            && resources.entity(&own.item, exchange.json(), Some(&key.id)).is_some()
    };
    if resources.own_paths.iter().any(is_shown) {
        for token in issued_by(exchange) {
            world.know_asker(token, key.clone());
        }
    }
}

/// What somebody is called that is held as a stand-in is no secret to who says it: this consumer,
/// and no other, reads it back as it was said.
fn hold_clear(world: &mut World, key: &EntityKey, (member, text): (&str, &str)) {
    let Some(held) = world.living(key) else { return };
    let Some(object) = held.object.as_deref() else { return };
    if object.get(member).and_then(Value::as_str) == Some(text) {
        return;
    }
    let mut object = object.clone();
    object.insert(member.to_owned(), text.into());
    let entity = Entity { object: Some(Arc::new(object)), ..Entity::clone(held) };
    world.put(key.clone(), entity);
}
