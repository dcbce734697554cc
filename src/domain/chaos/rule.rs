//! A chaos rule: whom it means, how often and how long it acts, and what it does.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::counters::{RuleCounters, RuleState};
use super::distribution::Distribution;
use super::fault::latency::Latency;
use super::fault::status::{Status, StatusBody};
use super::fault::{CATALOGUE, Fault};
use super::lease::{ChaosLimits, ClockReading, Lease};
use super::rate::RatePattern;
use super::rule_id::RuleId;
use super::scope::Scope;
use crate::domain::validation::{FieldError, FieldErrors, ObjectReader};

/// A rule as it is stored. [`ChaosRule::parse`] reads what a person wrote, strictly; `serde` reads
/// what was stored, skipping fields it does not know (but see [`Scope`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChaosRule {
    /// Names the rule on the wire; given by the double or by who made the rule.
    pub id: RuleId,
    /// For people, 1 to 200 bytes; the journal and the answer's headers name the rule so.
    pub name: String,
    /// Who is to be asked about it; empty unless given.
    #[serde(default)]
    pub owner: String,
    /// What it is for; empty unless given.
    #[serde(default)]
    pub reason: String,
    /// Switched off, it acts on nothing while its lease goes on.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// Higher ones come first; equal ones in the order in which they were made.
    #[serde(default)]
    pub priority: i32,
    /// Share of the matching requests that are hit, 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// How the hits are spread over the matching requests.
    #[serde(default, skip_serializing_if = "RatePattern::is_steady")]
    pub rate: RatePattern,
    /// Makes the rule's draws independent of its id, so that a new rule repeats an old one's hits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Which requests it means.
    pub scope: Scope,
    /// What is done to a hit, in this order; at least one.
    pub faults: Vec<Fault>,
    /// When it begins and ends, and after how many hits.
    #[serde(flatten)]
    pub lease: Lease,
}

/// What a person may write.
pub const FIELDS: [&str; 14] = [
    "name",
    "owner",
    "reason",
    "enabled",
    "priority",
    "probability",
    "rate",
    "seed",
    "scope",
    "faults",
    "ttl_s",
    "starts_at",
    "expires_at",
    "max_hits",
];
/// What answers add. Accepted and ignored, so that an answer can be edited and sent back.
pub const READ_ONLY: [&str; 10] = [
    "id",
    "created_at",
    "state",
    "matched",
    "hits",
    "shadowed",
    "requested_rate",
    "achieved_rate",
    "achieved_interval",
    "last_hits_at",
];
/// What the answer to an edit adds: accepted and ignored, too.
pub const STORED: &str = "stored";
/// A label, not a text.
const NAME_BYTES_MAX: usize = 200;
/// Room for a link to a ticket and a sentence.
const REASON_BYTES_MAX: usize = 1000;
/// Far more ranks than anyone distinguishes.
const PRIORITY_MAX: i64 = 1_000_000;

impl ChaosRule {
    /// Reads a rule that a person wrote. All mistakes are reported, and then nothing else happens.
    ///
    /// # Errors
    /// Every mistake, with the path of its field.
    pub fn parse(
        json: &Value,
        limits: &ChaosLimits,
        now_ms: i64,
        id: RuleId,
    ) -> Result<Self, Vec<FieldError>> {
        let problems = FieldErrors::default();
        let rule = Self::read(json, limits, now_ms, id, &problems);
        problems.or(rule)
    }

    /// This rule with a JSON merge patch (RFC 7396) applied. The lease goes on unless the patch
    /// names a new end; an ended one must be renewed that way.
    ///
    /// # Errors
    /// As [`ChaosRule::parse`], of the rule as it would be.
    pub fn patch(
        &self,
        patch: &Value,
        limits: &ChaosLimits,
        now_ms: i64,
    ) -> Result<Self, Vec<FieldError>> {
        let error = |problem: String| vec![FieldError::of_document(problem)];
        let mut document = serde_json::to_value(self).map_err(|why| error(why.to_string()))?;
        let Value::Object(changes) = patch else {
            return Err(error("expected an object".to_owned()));
        };
        let renewed =
            ["ttl_s", "expires_at", "starts_at"].iter().any(|at| changes.contains_key(*at));
        if let (true, Some(fields)) = (changes.contains_key("ttl_s"), document.as_object_mut()) {
            fields.remove("expires_at");
        }
        merge(&mut document, changes);
        let mut amended = Self::parse(&document, limits, now_ms, self.id.clone())?;
        if !renewed {
            amended.keep_lease_of(self);
        }
        Ok(amended)
    }

    /// This rule rewritten as a whole. An answer of the admin that is edited and sent back names
    /// the end its lease has already: then the lease goes on, else it begins anew.
    ///
    /// # Errors
    /// As [`ChaosRule::parse`].
    pub fn rewrite(
        &self,
        document: &Value,
        limits: &ChaosLimits,
        now_ms: i64,
    ) -> Result<Self, Vec<FieldError>> {
        let end = document.get("expires_at").and_then(Value::as_str);
        let end = end.and_then(|end| end.parse::<jiff::Timestamp>().ok());
        let goes_on = end.is_some_and(|end| end.as_millisecond() == self.lease.expires_at_ms);
        if !goes_on {
            return Self::parse(document, limits, now_ms, self.id.clone());
        }
        // Held against the moment it was made at: a lease that has ended may be sent back, too.
        let made_at_ms = self.lease.created_at_ms;
        let mut rewritten = Self::parse(document, limits, made_at_ms, self.id.clone())?;
        rewritten.keep_lease_of(self);
        Ok(rewritten)
    }

    fn keep_lease_of(&mut self, older: &Self) {
        let max_hits = self.lease.max_hits;
        self.lease = Lease { max_hits, ..older.lease.clone() };
    }

    /// The two rules behind `POST endpoints/{id}/chaos`: every answer of the endpoint is delayed by
    /// ten times `level` milliseconds, and `level` percent of them are errors. Their ids follow
    /// from the endpoint's, so that a second call replaces them. Level 0 is inactive.
    pub fn shorthand(
        endpoint_id: &str,
        level: u8,
        active: bool,
        limits: &ChaosLimits,
        now_ms: i64,
    ) -> [Self; 2] {
        let level = level.min(LEVEL_MAX);
        let ttl_ms = limits.lease_s_default.min(limits.lease_s_max) * 1000;
        let rule = |what: &str, probability: f64, fault: Fault| Self {
            id: RuleId::new(format!("level-{what}-{endpoint_id}")),
            name: format!("chaos level {level}: {what}"),
            owner: String::new(),
            reason: String::new(),
            enabled: active && level > 0,
            priority: 0,
            probability,
            rate: RatePattern::Steady,
            seed: None,
            scope: Scope::endpoint(endpoint_id),
            faults: vec![fault],
            lease: Lease {
                created_at_ms: now_ms,
                starts_at_ms: now_ms,
                expires_at_ms: now_ms.saturating_add(ttl_ms),
                max_hits: None,
            },
        };
        let [latency, error] = Self::level_faults(level);
        [rule("latency", 1.0, latency), rule("errors", f64::from(level) / 100.0, error)]
    }

    /// What a chaos level does: the delay to every answer, the error to `level` percent of them.
    pub(super) fn level_faults(level: u8) -> [Fault; 2] {
        let ms = f64::from(level) * LEVEL_DELAY_MS;
        // As the backend itself does it, where it was seen to; else a problem document.
        let (body, headers) = (StatusBody::Learned, Vec::new());
        let status = Status { status: LEVEL_STATUS, retry_after_s: None, body, headers };
        let latency = Latency { distribution: Distribution::Fixed { ms } };
        [Fault::Latency(latency), Fault::Status(status)]
    }

    /// Whether it acts now, or why not; a lease that ended says so even when the rule is disabled.
    pub fn state(&self, counters: &RuleCounters, clock: ClockReading) -> RuleState {
        match counters.state(&self.lease, clock) {
            RuleState::Active | RuleState::Scheduled if !self.enabled => RuleState::Disabled,
            state => state,
        }
    }

    fn read(
        json: &Value,
        limits: &ChaosLimits,
        now_ms: i64,
        id: RuleId,
        problems: &FieldErrors,
    ) -> Option<Self> {
        let known: Vec<_> = FIELDS.iter().chain(&READ_ONLY).chain(&[STORED]).copied().collect();
        let rule = ObjectReader::open(json, "", &known, problems)?;
        rule.require("name");
        let name = rule.text("name", NAME_BYTES_MAX);
        // An empty owner or reason is what answers show for none.
        let note = |field, bytes_max| match json.get(field) {
            Some(Value::String(empty)) if empty.is_empty() => String::new(),
            _ => rule.text(field, bytes_max).unwrap_or_default().to_owned(),
        };
        let (owner, reason) = (note("owner", NAME_BYTES_MAX), note("reason", REASON_BYTES_MAX));
        let enabled = rule.boolean("enabled").unwrap_or(true);
        let priority = rule.integer("priority", -PRIORITY_MAX..=PRIORITY_MAX).unwrap_or(0);
        let probability = rule.number("probability", 0.0..=1.0).unwrap_or(1.0);
        let rate = match rule.value("rate") {
            Some(value) => RatePattern::parse(value, "rate", problems),
            None => Some(RatePattern::Steady),
        };
        let seed = rule.integer("seed", 0..=i64::MAX).map(i64::unsigned_abs);
        rule.require("scope");
        let scope =
            rule.value("scope").and_then(|value| Scope::parse(value, "scope", limits, problems));
        let faults = faults(&rule, problems);
        let lease = Lease::parse(&rule, limits, now_ms);
        Some(Self {
            id,
            name: name?.to_owned(),
            owner,
            reason,
            enabled,
            priority: i32::try_from(priority).ok()?,
            probability,
            rate: rate?,
            seed,
            scope: scope?,
            faults,
            lease: lease?,
        })
    }
}

/// Full level: everything fails, a second later.
const LEVEL_MAX: u8 = 100;
/// Milliseconds of delay per level (contract, section 4).
const LEVEL_DELAY_MS: f64 = 10.0;
/// What an overloaded backend answers.
const LEVEL_STATUS: u16 = 503;

/// Each type once: two of one type contradict or could be one.
fn faults(rule: &ObjectReader<'_>, problems: &FieldErrors) -> Vec<Fault> {
    rule.require("faults");
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (value, at) in rule.list("faults", CATALOGUE.len()) {
        let Some(fault) = Fault::parse(value, &at, problems) else { continue };
        if !seen.insert(fault.name()) {
            problems.add(format!("{at}.type"), format!("`{}` is given twice", fault.name()));
        }
        faults.push(fault);
    }
    faults
}

/// RFC 7396, but an object with a `type` replaces the one before: fields of two types do not mix.
fn merge(target: &mut Value, patch: &Map<String, Value>) {
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, change) in patch {
        match change {
            Value::Null => {
                fields.shift_remove(name);
            }
            Value::Object(nested) if !nested.contains_key("type") => {
                merge(fields.entry(name).or_insert(Value::Null), nested);
            }
            other => {
                fields.insert(name.clone(), other.clone());
            }
        }
    }
}

fn enabled() -> bool {
    true
}

fn always() -> f64 {
    1.0
}
