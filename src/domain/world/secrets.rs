//! Passwords that change: who logged in sends a new one, and the old one opens no more.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::entity::EntityKey;
use super::layer::World;
use super::message::{SiteExchange, fingerprint};
use super::observe::together_mark;
use super::pointer::{last_member, leaves};
use super::resources::Resources;
use super::session_memory::is_secret;

/// Bytes from which a text is a password.
const SECRET_BYTES_MIN: usize = 4;

/// The mark of two values that went together once and do no more.
fn parted_mark(pair: [&str; 2]) -> u64 {
    fingerprint(&["parted", pair[0], pair[1]])
}

/// Two values in the order in which they are marked.
fn sorted<'t>(a: &'t str, b: &'t str) -> [&'t str; 2] {
    if a <= b { [a, b] } else { [b, a] }
}

/// What an entity is called when it logs in.
fn login_name<'o>(
    resources: &Resources,
    who: &EntityKey,
    own: &'o Map<String, Value>,
) -> Option<&'o str> {
    let mut members = resources.named_by.values().filter(|(item, _)| {
        item.variables() == 1 && resources.collection(item, &[]) == who.collection
    });
    members.find_map(|(_, member)| own.get(&**member)?.as_str())
}

impl World {
    /// Whether two values, sorted, stood together in an accepted body, and still go together.
    #[must_use]
    pub fn go_together(&self, pair: [&str; 2]) -> bool {
        let is_parted = || self.mark(parted_mark(pair)).is_some_and(Option::is_some);
        self.mark(together_mark(&pair)).is_some() && !is_parted()
    }

    /// Whether a text is the password of whoever asks, where that is known.
    #[must_use]
    pub fn is_own_secret(&self, resources: &Resources, token: u64, text: &str) -> Option<bool> {
        let who = self.asker(token)?;
        let own = self.living(who)?.object.as_deref()?;
        let name = login_name(resources, who, own)?;
        self.mark(together_mark(&[name]))?;
        Some(self.go_together(sorted(name, text)))
    }

    /// Takes in the passwords that somebody sends who is logged in: one that was not theirs is now,
    /// and one that was beside it is no more.
    pub(super) fn observe_secrets(&mut self, resources: &Resources, exchange: &SiteExchange) {
        let sent = exchange.request.credential.as_ref();
        let Some(who) = sent.and_then(|sent| self.asker(sent.token)) else { return };
        let Some(body) = exchange.request.body.json() else { return };
        let secrets: Vec<&str> = leaves(body)
            .into_iter()
            .filter(|(place, _)| last_member(place).is_some_and(is_secret))
            .filter_map(|(_, value)| value.as_str())
            .filter(|text| text.len() >= SECRET_BYTES_MIN)
            .collect();
        if secrets.is_empty() {
            return;
        }
        let Some(own) = self.living(who).and_then(|held| held.object.clone()) else { return };
        let Some(name) = login_name(resources, who, &own) else { return };
        let pairs = || secrets.iter().map(|secret| sorted(name, secret));
        let (old, new): (Vec<_>, Vec<_>) = pairs().partition(|pair| self.go_together(*pair));
        if new.is_empty() {
            return;
        }
        for pair in old {
            self.set_mark(parted_mark(pair), Some(Arc::new(Value::Bool(true))));
        }
        for pair in new {
            self.set_mark(together_mark(&[pair[0]]), None);
            self.set_mark(together_mark(&[pair[1]]), None);
            self.set_mark(together_mark(&pair), None);
            self.set_mark(parted_mark(pair), None);
        }
    }
}
