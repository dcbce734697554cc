//! The truths about the credential of a request, about who sends it, and about words that go
//! together with a password.

use serde_json::Value;

use super::asker_words::{asker_words, words_of};
use super::cause_finder::{CauseFinder, Subject};
use crate::domain::outcome::{Cause, Credential};
use crate::domain::world::is_secret;
use crate::domain::world::observe::{
    accepted_mark, pairs_of, revoked_mark, telling_strings, together_mark,
};

impl CauseFinder<'_> {
    /// What is known of the credential, and of who sends it.
    pub(super) fn credential(&self, subject: Subject<'_>, put: &mut dyn FnMut(Cause)) {
        let Some(sent) = &subject.request.credential else {
            return put(Cause::Credential(Credential::None));
        };
        put(Cause::Scheme(sent.scheme.clone()));
        let issued = self.world.issued(sent.token);
        let known = (issued.is_some() || self.world.mark(accepted_mark(sent.token)).is_some())
            && self.world.mark(revoked_mark(sent.token)).is_none();
        // What was issued to an account goes with it.
        let account = self.world.asker(sent.token).and_then(|key| self.world.entity(key));
        let known = known && !account.is_some_and(|account| account.is_gone);
        let what = if known { Credential::Known } else { Credential::Strange };
        put(Cause::Credential(what));
        if known {
            self.asker(sent.principal, issued.and_then(Option::as_deref), put);
            self.own_words(sent.token, put);
        }
    }

    /// Who asks: one of few, or somebody of whom the answer that issued the credential said words.
    fn asker(&self, principal: u64, told: Option<&Value>, put: &mut dyn FnMut(Cause)) {
        if let Some(at) = self.resources.askers.iter().position(|known| *known == principal) {
            put(Cause::Asker("".into(), at.to_string().into()));
        }
        let told = told.filter(|_| self.resources.askers_told);
        for (name, word) in told.into_iter().flat_map(asker_words) {
            put(Cause::Asker(name.into(), word.into()));
        }
    }

    /// Words of the asker's own entity.
    fn own_words(&self, token: u64, put: &mut dyn FnMut(Cause)) {
        let own = self.world.asker(token).and_then(|key| self.world.living(key)?.object.clone());
        for (name, word) in own.iter().flat_map(|own| words_of(own)) {
            put(Cause::Asker(name.into(), word.into()));
        }
    }

    /// Does whoever asks know their own password?
    pub(super) fn own_secrets(
        &self,
        subject: Subject<'_>,
        body: &Value,
        put: &mut dyn FnMut(Cause),
    ) {
        let Some(sent) = &subject.request.credential else { return };
        // The password of somebody who is made is theirs.
        if self.resources.makes.contains_key(subject.place) {
            return;
        }
        let members = body.as_object().into_iter().flatten();
        for (name, value) in members.filter(|(name, _)| is_secret(name)) {
            let known = value
                .as_str()
                .and_then(|text| self.world.is_own_secret(self.resources, sent.token, text));
            if let Some(is_right) = known {
                put(Cause::OwnSecret(name.as_str().into(), is_right));
            }
        }
    }

    /// Does the body agree with one accepted before, wherever that was sent?
    pub(super) fn together(&self, subject: Subject<'_>, body: &Value, put: &mut dyn FnMut(Cause)) {
        let strings = telling_strings(self.resources, subject.place, body);
        if strings.len() < 2 || self.resources.items.contains_key(&subject.place.template) {
            return;
        }
        let known = |values: &[&str]| self.world.mark(together_mark(values)).is_some();
        let each = strings.iter().filter(|text| known(&[text])).count();
        let go_together = |pair: [&str; 2]| self.world.go_together(pair);
        let all = each == strings.len() && pairs_of(&strings).all(go_together);
        let how = if all {
            "all"
        } else if each > 0 {
            "some"
        } else {
            "none"
        };
        put(Cause::Together(how.into()));
    }
}
