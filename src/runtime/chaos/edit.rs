//! Edits of the rules: each holds the lock from the look at the old rule to the new rule set, so
//! that of several edits based on the same revision one wins.

use std::sync::Arc;

use serde_json::Value;

use super::audit::AuditAction;
use super::{ChaosHandle, RuleEntry, Rules};
use crate::domain::chaos::rule_set::RULES_MAX;
use crate::domain::chaos::{ChaosRule, ClockReading, Profile, RuleCounters, RuleId, RuleState};
use crate::domain::validation::FieldError;
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::Change;

/// Which revision of a rule somebody wants to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is.
    Any,
    /// One of these.
    Revisions(Vec<u64>),
}

/// Why an edit was not made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// There is no such rule.
    #[error("no such rule")]
    Unknown,
    /// The rule has changed since it was looked at.
    #[error("the rule has changed")]
    Stale,
    /// What was asked for is no rule.
    #[error("{} fields cannot be used", .0.len())]
    Invalid(Vec<FieldError>),
    /// There are as many rules as it may, none of which has ended.
    #[error("{RULES_MAX} rules exist")]
    Full,
}

impl Expected {
    fn check(&self, held: &RuleEntry) -> Result<(), EditError> {
        match self {
            Self::Any => Ok(()),
            Self::Revisions(known) if known.contains(&held.revision) => Ok(()),
            Self::Revisions(_) => Err(EditError::Stale),
        }
    }
}

impl Rules {
    /// The next revision: larger than all before, also than those of rules that are gone and of
    /// earlier processes, as far as the wall clock goes forward.
    fn next_revision(&mut self, clock: ClockReading) -> u64 {
        self.revision = (self.revision + 1).max(clock.now_ms.max(0).unsigned_abs());
        self.revision
    }

    fn find(&self, id: &RuleId, expected: &Expected) -> Result<RuleEntry, EditError> {
        let held = self.entries.get(id).ok_or(EditError::Unknown)?;
        expected.check(held)?;
        Ok(held.clone())
    }
}

impl ChaosHandle {
    /// Adds a rule that a person wrote.
    ///
    /// # Errors
    /// [`EditError::Invalid`], [`EditError::Full`].
    pub fn create(&self, document: &Value, actor: &str) -> Result<RuleEntry, EditError> {
        let clock = self.clock();
        let mut rules = self.0.rules.lock();
        // Named by the id once it is known to be a rule.
        let draft = ChaosRule::parse(document, self.limits(), clock.now_ms, RuleId::new("draft"));
        let draft = draft.map_err(EditError::Invalid)?;
        self.make_room(&mut rules, 1, clock)?;
        let id = RuleId::derived(&draft.name, |id| rules.entries.contains_key(id));
        let held =
            self.insert(&mut rules, ChaosRule { id, ..draft }, (clock, actor, AuditAction::Create));
        self.publish(&rules);
        Ok(held)
    }

    /// Adds the rules of a profile, all or none.
    ///
    /// # Errors
    /// [`EditError::Invalid`], [`EditError::Full`].
    pub fn start_profile(
        &self,
        profile: &Profile,
        start: &Value,
        actor: &str,
    ) -> Result<Vec<RuleEntry>, EditError> {
        let clock = self.clock();
        let mut rules = self.0.rules.lock();
        let mut number = 0;
        let drafts = profile.start(start, self.limits(), clock.now_ms, || {
            number += 1;
            RuleId::new(format!("draft-{number}"))
        });
        let drafts = drafts.map_err(EditError::Invalid)?;
        self.make_room(&mut rules, drafts.len(), clock)?;
        let started = drafts.into_iter().map(|draft| {
            let id = RuleId::derived(&draft.name, |id| rules.entries.contains_key(id));
            self.insert(&mut rules, ChaosRule { id, ..draft }, (clock, actor, AuditAction::Create))
        });
        let started = started.collect();
        self.publish(&rules);
        Ok(started)
    }

    /// Puts rules in place of those with the same ids; their counters start anew.
    ///
    /// # Errors
    /// [`EditError::Full`].
    pub fn put(
        &self,
        new: impl IntoIterator<Item = ChaosRule>,
        actor: &str,
    ) -> Result<(), EditError> {
        let clock = self.clock();
        let mut rules = self.0.rules.lock();
        let new: Vec<ChaosRule> = new.into_iter().collect();
        let unknown = new.iter().filter(|rule| !rules.entries.contains_key(&rule.id)).count();
        self.make_room(&mut rules, unknown, clock)?;
        for rule in new {
            let known = rules.entries.contains_key(&rule.id);
            let action = if known { AuditAction::Replace } else { AuditAction::Create };
            self.insert(&mut rules, rule, (clock, actor, action));
        }
        self.publish(&rules);
        Ok(())
    }

    /// Rewrites a rule as a whole.
    ///
    /// # Errors
    /// [`EditError`].
    pub fn replace(
        &self,
        id: &RuleId,
        expected: &Expected,
        document: &Value,
        actor: &str,
    ) -> Result<RuleEntry, EditError> {
        self.edit((id, expected), (actor, AuditAction::Replace), |rule, now_ms| {
            rule.rewrite(document, self.limits(), now_ms)
        })
    }

    /// Changes parts of a rule (JSON merge patch, RFC 7396).
    ///
    /// # Errors
    /// [`EditError`].
    pub fn patch(
        &self,
        id: &RuleId,
        expected: &Expected,
        patch: &Value,
        actor: &str,
    ) -> Result<RuleEntry, EditError> {
        self.edit((id, expected), (actor, AuditAction::Patch), |rule, now_ms| {
            rule.patch(patch, self.limits(), now_ms)
        })
    }

    /// Takes a rule away, and ends what it is doing.
    ///
    /// # Errors
    /// [`EditError::Unknown`], [`EditError::Stale`].
    pub fn delete(&self, id: &RuleId, expected: &Expected, actor: &str) -> Result<(), EditError> {
        let clock = self.clock();
        let mut rules = self.0.rules.lock();
        rules.find(id, expected)?;
        self.remove_entry(&mut rules, id, (clock, actor));
        self.publish(&rules);
        self.cancel(false);
        Ok(())
    }

    /// Takes rules away, those that exist.
    pub fn remove(&self, ids: &[RuleId], actor: &str) {
        let clock = self.clock();
        let mut rules = self.0.rules.lock();
        ids.iter().for_each(|id| self.remove_entry(&mut rules, id, (clock, actor)));
        self.publish(&rules);
        self.cancel(false);
    }

    /// Ends the leases of all rules that could still act, and everything that is being carried
    /// out; gives the ids of those rules. Needs neither the database nor any other actor.
    pub fn stop(&self, actor: &str) -> Vec<RuleId> {
        let clock = self.clock();
        let mut rules = self.0.rules.lock();
        let lives = |held: &&RuleEntry| {
            use RuleState::{Active, Disabled, Scheduled};
            matches!(held.state(clock), Active | Scheduled | Disabled)
        };
        let alive: Vec<RuleEntry> = rules.entries.values().filter(lives).cloned().collect();
        for before in &alive {
            before.counters.stop();
        }
        // Whoever waits is woken first; the bookkeeping can wait.
        self.cancel(true);
        for before in &alive {
            let revision = rules.next_revision(clock);
            let after = RuleEntry { revision, ..before.clone() };
            self.save(&after, clock);
            self.note((actor, AuditAction::Stop, revision), Some(before), Some(&after));
            rules.entries.insert(after.rule.id.clone(), after);
        }
        alive.into_iter().map(|held| held.rule.id.clone()).collect()
    }

    fn edit(
        &self,
        (id, expected): (&RuleId, &Expected),
        (actor, action): (&str, AuditAction),
        change: impl FnOnce(&ChaosRule, i64) -> Result<ChaosRule, Vec<FieldError>>,
    ) -> Result<RuleEntry, EditError> {
        let clock = self.clock();
        let mut rules = self.0.rules.lock();
        let before = rules.find(id, expected)?;
        let rule = change(&before.rule, clock.now_ms).map_err(EditError::Invalid)?;
        let counters = before.counters.carried_over(&before.rule.lease, &rule.lease, clock);
        let disabled = before.rule.enabled && !rule.enabled;
        let revision = rules.next_revision(clock);
        let after = RuleEntry { rule: Arc::new(rule), counters, revision, ..before.clone() };
        self.save(&after, clock);
        self.note((actor, action, revision), Some(&before), Some(&after));
        rules.entries.insert(id.clone(), after.clone());
        self.publish(&rules);
        if disabled {
            self.cancel(false);
        }
        Ok(after)
    }

    /// Adds a rule with new counters, in the place of one with the same id.
    fn insert(
        &self,
        rules: &mut Rules,
        rule: ChaosRule,
        (clock, actor, action): (ClockReading, &str, AuditAction),
    ) -> RuleEntry {
        let revision = rules.next_revision(clock);
        let before = rules.entries.get(&rule.id);
        let held = RuleEntry {
            counters: Arc::new(RuleCounters::begin(&rule.lease, clock)),
            rule: Arc::new(rule),
            revision,
            made: before.map_or(revision, |held| held.made),
            saved: Arc::default(),
        };
        self.save(&held, clock);
        self.note((actor, action, revision), before, Some(&held));
        rules.entries.insert(held.rule.id.clone(), held.clone());
        held
    }

    fn remove_entry(&self, rules: &mut Rules, id: &RuleId, (clock, actor): (ClockReading, &str)) {
        let Some(held) = rules.entries.remove(id) else { return };
        let change = Change::Remove(id.as_str().to_owned());
        self.0.persistence.write(PendingWrite::ChaosRule(change));
        let revision = rules.next_revision(clock);
        self.note((actor, AuditAction::Delete, revision), Some(&held), None);
    }

    /// Room for `count` more rules: those that ended and were made first give way.
    fn make_room(
        &self,
        rules: &mut Rules,
        count: usize,
        clock: ClockReading,
    ) -> Result<(), EditError> {
        let excess = (rules.entries.len() + count).saturating_sub(RULES_MAX);
        let ended = |held: &&RuleEntry| {
            use RuleState::{Exhausted, Expired, Stopped};
            matches!(held.state(clock), Expired | Exhausted | Stopped)
        };
        let mut ended: Vec<RuleEntry> = rules.entries.values().filter(ended).cloned().collect();
        if ended.len() < excess {
            return Err(EditError::Full);
        }
        ended.sort_by_key(|held| held.made);
        for held in ended.into_iter().take(excess) {
            rules.entries.remove(&held.rule.id);
            let change = Change::Remove(held.rule.id.as_str().to_owned());
            self.0.persistence.write(PendingWrite::ChaosRule(change));
        }
        Ok(())
    }
}
