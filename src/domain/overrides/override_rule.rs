//! An override: whom it means, until when, and what is answered.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answer::{AnswerStep, OverrideAnswer};
use super::counters::OverrideCounters;
use super::override_match::OverrideMatch;
use crate::domain::chaos::{ChaosLimits, ClockReading, Lease, RuleId, RuleState};
use crate::domain::validation::{FieldError, FieldErrors, ObjectReader};

/// An override as it is stored. [`OverrideRule::parse`] reads what a person wrote, strictly;
/// `serde` reads what was stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverrideRule {
    /// Names the override on the wire; given by the double or by who made it.
    pub id: RuleId,
    /// For people, 1 to 200 bytes; answers name the override so.
    pub name: String,
    /// Who is to be asked about it; empty unless given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// What it is for; empty unless given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Switched off, it means no request while its lease goes on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Higher ones come first; of equal ones the newest, so that a later word corrects an older.
    #[serde(default)]
    pub priority: i32,
    /// Which calls it means.
    #[serde(rename = "match")]
    pub whom: OverrideMatch,
    /// What each consumer gets, one after the other.
    pub answers: Vec<AnswerStep>,
    /// Whether the steps begin anew when they are through; otherwise calls pass then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub repeat: bool,
    /// Until when it acts; without end unless `ttl_s` or `expires_at` is given.
    #[serde(flatten)]
    pub lease: Lease,
}

/// What a person may write.
pub const FIELDS: [&str; 13] = [
    "name",
    "owner",
    "reason",
    "enabled",
    "priority",
    "match",
    "answer",
    "answers",
    "repeat",
    "ttl_s",
    "starts_at",
    "expires_at",
    "max_hits",
];
/// What answers add. Accepted and ignored, so that an answer can be edited and sent back.
pub const READ_ONLY: [&str; 8] =
    ["id", "created_at", "state", "matched", "hits", "last_hits_at", "nearest_miss", "stored"];
const NAME_BYTES_MAX: usize = 200;
const REASON_BYTES_MAX: usize = 1000;
const PRIORITY_MAX: i64 = 1_000_000;
/// Steps of one sequence.
const STEPS_MAX: usize = 100;

impl OverrideRule {
    /// Reads an override that a person wrote; without a lease it holds until it is taken back.
    ///
    /// # Errors
    /// All mistakes.
    pub fn parse(
        json: &Value,
        limits: &ChaosLimits,
        now_ms: i64,
        id: RuleId,
    ) -> Result<Self, Vec<FieldError>> {
        let problems = FieldErrors::default();
        let parsed = Self::read(json, limits, now_ms, id, &problems);
        problems.or(parsed)
    }

    fn read(
        json: &Value,
        limits: &ChaosLimits,
        now_ms: i64,
        id: RuleId,
        problems: &FieldErrors,
    ) -> Option<Self> {
        let known: Vec<_> = FIELDS.iter().chain(&READ_ONLY).copied().collect();
        let reader = ObjectReader::open(json, "", &known, problems)?;
        reader.require("name");
        let name = reader.text("name", NAME_BYTES_MAX);
        let note = |field, bytes_max| match json.get(field) {
            Some(Value::String(empty)) if empty.is_empty() => String::new(),
            _ => reader.text(field, bytes_max).unwrap_or_default().to_owned(),
        };
        let (owner, reason) = (note("owner", NAME_BYTES_MAX), note("reason", REASON_BYTES_MAX));
        let priority = reader.integer("priority", -PRIORITY_MAX..=PRIORITY_MAX).unwrap_or(0);
        reader.require("match");
        let whom = reader.value("match").and_then(|value| {
            OverrideMatch::parse(value, "match", limits.admin_prefix.as_deref(), problems)
        });
        let answers = read_answers(&reader);
        let leased = Lease::FIELDS.iter().any(|field| reader.has(field));
        let timed = ["ttl_s", "starts_at", "expires_at"].iter().any(|field| reader.has(field));
        let lease = match (leased, timed) {
            (false, _) => Some(Lease::endless(now_ms)),
            (true, true) => Lease::parse(&reader, limits, now_ms),
            (true, false) => Lease::parse(&reader, limits, now_ms)
                .map(|lease| Lease { max_hits: lease.max_hits, ..Lease::endless(now_ms) }),
        };
        Some(Self {
            id,
            name: name?.to_owned(),
            owner,
            reason,
            enabled: reader.boolean("enabled").unwrap_or(true),
            priority: i32::try_from(priority).ok()?,
            whom: whom?,
            answers,
            repeat: reader.boolean("repeat").unwrap_or(false),
            lease: lease?,
        })
    }

    /// This override with members of `patch` in the place of its own; `null` takes one away. The
    /// lease goes on unless the patch names one.
    ///
    /// # Errors
    /// All mistakes.
    pub fn amend(
        &self,
        patch: &Value,
        limits: &ChaosLimits,
        now_ms: i64,
    ) -> Result<Self, Vec<FieldError>> {
        let Value::Object(changes) = patch else {
            return Err(vec![FieldError::of_document("expected an object")]);
        };
        let mut document = self.shown();
        if changes.contains_key("answer") {
            document.remove("answers");
        }
        if changes.contains_key("ttl_s") {
            document.remove("expires_at");
        }
        for (name, value) in changes {
            match value {
                Value::Null => document.remove(name),
                value => document.insert(name.clone(), value.clone()),
            };
        }
        self.rewrite(&Value::Object(document), limits, now_ms)
    }

    /// This override rewritten as a whole. A document that names the end its lease has already lets
    /// the lease go on, and with it what was counted.
    ///
    /// # Errors
    /// All mistakes.
    pub fn rewrite(
        &self,
        document: &Value,
        limits: &ChaosLimits,
        now_ms: i64,
    ) -> Result<Self, Vec<FieldError>> {
        let end = document.get("expires_at").and_then(Value::as_str);
        let end = end.and_then(|end| end.parse::<jiff::Timestamp>().ok());
        let named = document.get("ttl_s").is_some();
        let goes_on = match end {
            Some(end) => end.as_millisecond() == self.lease.expires_at_ms,
            None => self.lease.is_endless() && !named,
        };
        let at_ms = if goes_on { self.lease.created_at_ms } else { now_ms };
        let mut rewritten = Self::parse(document, limits, at_ms, self.id.clone())?;
        if goes_on {
            let max_hits = rewritten.lease.max_hits;
            rewritten.lease = Lease { max_hits, ..self.lease.clone() };
        }
        Ok(rewritten)
    }

    /// As people see it: one step as `answer`, and no end where there is none.
    pub fn shown(&self) -> Map<String, Value> {
        let Ok(Value::Object(mut document)) = serde_json::to_value(self) else {
            return Map::new();
        };
        if self.lease.is_endless() {
            document.remove("expires_at");
            document.remove("starts_at");
        }
        document
    }

    /// Whether all it does is to correct what was learned.
    pub fn is_hint(&self) -> bool {
        self.answers.iter().all(|step| matches!(step.answer, OverrideAnswer::Hints(_)))
    }

    /// Whether it acts now, or why not; a lease that ended says so even when the override is
    /// disabled.
    pub fn state(&self, counters: &OverrideCounters, clock: ClockReading) -> RuleState {
        match counters.lease.state(&self.lease, clock) {
            RuleState::Active | RuleState::Scheduled if !self.enabled => RuleState::Disabled,
            state => state,
        }
    }

    /// The step that comes after so many of a consumer's calls were acted on; `None` when all are
    /// through.
    pub fn step(&self, acted: u64) -> Option<usize> {
        let lengths = || {
            self.answers.iter().enumerate().map(|(at, step)| match step.times {
                None if at + 1 == self.answers.len() && !self.repeat => u64::MAX,
                times => times.unwrap_or(1),
            })
        };
        let total = lengths().fold(0_u64, u64::saturating_add);
        let mut left = if self.repeat { acted % total.max(1) } else { acted };
        for (at, length) in lengths().enumerate() {
            if left < length {
                return Some(at);
            }
            left -= length;
        }
        None
    }

    /// Whether which step comes depends on how many came before.
    pub fn is_sequence(&self) -> bool {
        self.answers.len() > 1 || self.answers.iter().any(|step| step.times.is_some())
    }
}

fn read_answers(reader: &ObjectReader<'_>) -> Vec<AnswerStep> {
    let problems = reader.problems();
    match (reader.value("answer"), reader.has("answers")) {
        (Some(_), true) => reader.problem("answer", "contradicts `answers`: give one of them"),
        (Some(answer), false) => {
            return AnswerStep::parse(answer, "answer", problems).into_iter().collect();
        }
        (None, false) => {
            reader.require("answer");
        }
        (None, true) => {}
    }
    let steps = reader.list("answers", STEPS_MAX);
    let steps: Vec<AnswerStep> =
        steps.iter().filter_map(|(value, at)| AnswerStep::parse(value, at, problems)).collect();
    let hints = steps.iter().filter(|step| matches!(step.answer, OverrideAnswer::Hints(_))).count();
    if hints > 0 && hints < steps.len() {
        reader.problem("answers", "mixes `hints` with answers: make two overrides of them");
    }
    steps
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "`serde` passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(document: &Value) -> Result<OverrideRule, Vec<FieldError>> {
        OverrideRule::parse(document, &ChaosLimits::default(), 1_000, RuleId::new("o"))
    }

    fn sequence(answers: Value, repeat: bool) -> OverrideRule {
        parse(&json!({"name": "s", "match": {"paths": ["/a"]}, "answers": answers,
            "repeat": repeat}))
        .expect("valid")
    }

    #[test]
    fn steps_follow_each_other_and_end_or_begin_anew() {
        let check = |rule: &OverrideRule, expected: &[Option<usize>]| {
            let steps: Vec<_> = (0..expected.len() as u64).map(|acted| rule.step(acted)).collect();
            assert_eq!(steps, expected);
        };
        let (bad, good) = (json!({"type": "exactly", "status": 503}), json!({"type": "pass"}));
        let twice = json!({"type": "exactly", "status": 503, "times": 2});
        check(&sequence(json!([twice]), false), &[Some(0), Some(0), None, None]);
        check(&sequence(json!([bad, bad, good]), false), &[Some(0), Some(1), Some(2), Some(2)]);
        check(&sequence(json!([twice, good]), true), &[Some(0), Some(0), Some(1), Some(0)]);
        check(&sequence(json!([bad]), false), &[Some(0), Some(0)]);
    }

    #[test]
    fn what_is_answered_can_be_edited_and_sent_back() {
        let rule = parse(&json!({"name": "a", "owner": "web", "priority": 3, "max_hits": 9,
            "match": {"methods": ["get"], "paths": ["/a/{id}"], "probability": 0.5,
                "headers": [{"name": "X-A", "equals": "b"}], "calls": {"from": 2},
                "body": [{"pointer": "/a", "equals": null}]},
            "answer": {"type": "exactly", "status": 201, "json": {"a": 1},
                "headers": {"x-b": ["1", "2"]}, "latency": {"type": "fixed", "ms": 5}}}))
        .expect("valid");
        let shown = Value::Object(rule.shown());
        assert!(shown.get("expires_at").is_none(), "{shown}");
        let limits = ChaosLimits::default();
        assert_eq!(rule.rewrite(&shown, &limits, 9_000).expect("valid"), rule);
        let patch = json!({"answer": {"type": "pass"}, "owner": null, "max_hits": null});
        let amended = rule.amend(&patch, &limits, 9_000).expect("valid");
        assert_eq!((amended.owner.as_str(), amended.answers.len()), ("", 1));
        assert_eq!(amended.lease, Lease { max_hits: None, ..rule.lease.clone() });
        let leased = rule.amend(&json!({"ttl_s": 60}), &limits, 9_000).expect("valid");
        assert_eq!(leased.lease.expires_at_ms, 69_000);
        let again = leased.amend(&json!({"name": "b"}), &limits, 20_000).expect("valid");
        assert_eq!(again.lease, leased.lease);
    }

    #[test]
    fn mistakes_are_named() {
        let whom = json!({"paths": ["/a"]});
        let pass = json!({"type": "pass"});
        for (document, field) in [
            (json!({"match": whom, "answer": pass}), "name"),
            (json!({"name": "a", "answer": pass}), "match"),
            (json!({"name": "a", "match": {}, "answer": pass}), "match"),
            (json!({"name": "a", "match": {"path": "/a"}, "answer": pass}), "match.path"),
            (json!({"name": "a", "match": whom}), "answer"),
            (json!({"name": "a", "match": whom, "answers": []}), "answers"),
            (json!({"name": "a", "match": whom, "answer": pass, "answers": [pass]}), "answer"),
            (
                json!({"name": "a", "match": whom, "answers": [pass, {"type": "hints",
                "members": [{"at": "/a", "value": 1}]}]}),
                "answers",
            ),
            (
                json!({"name": "a", "match": {"paths": ["/admin/x"]}, "answer": pass}),
                "match.paths[0]",
            ),
            (
                json!({"name": "a", "match": {"paths": ["/a"], "body": [{"equals": 1}],
                "sources": ["upstream"]}, "answer": pass}),
                "match.sources",
            ),
            (
                json!({"name": "a", "match": {"paths": ["/a"], "calls": {"from": 3, "to": 2}},
                "answer": pass}),
                "match.calls.to",
            ),
            (json!({"name": "a", "match": whom, "answer": pass, "ttl_s": 0}), "ttl_s"),
        ] {
            let errors = parse(&document).expect_err("refused");
            assert_eq!(errors[0].field, field, "{document}: {errors:?}");
        }
    }
}
