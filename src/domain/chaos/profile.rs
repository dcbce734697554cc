//! Profiles: named sets of rules to start with one call.
//!
//! A profile says what goes wrong; whoever starts it says where and for how long. Each rule is a
//! document as one could post it, but for its scope and its lease.

use serde::Serialize;
use serde_json::{Map, Value};

use super::lease::ChaosLimits;
use super::rule::ChaosRule;
use super::rule_id::RuleId;
use crate::domain::validation::{FieldError, FieldErrors, ObjectReader};

/// One row of the table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Profile {
    /// Its name in paths of the admin.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// JSON list of rules without scope and lease.
    #[serde(serialize_with = "as_json")]
    pub rules: &'static str,
}

/// All profiles. Their figures are typical of what they imitate, not exact.
pub const PROFILES: [Profile; 8] = [
    Profile {
        name: "slow-network",
        summary: "a congested link: log-normal delays around 400 ms, 200 kB/s",
        rules: r#"[{"name": "slow network", "faults": [
            {"type": "latency", "distribution":
                {"type": "log_normal", "median_ms": 400, "sigma": 0.6}},
            {"type": "throttle", "bytes_per_s": 200000}]}]"#,
    },
    Profile {
        name: "flaky-backend",
        summary: "one answer in ten is an error, in short bursts; one in a hundred is cut off",
        rules: r#"[
            {"name": "flaky backend: errors", "rate":
                {"type": "bursts", "mean_on": 3, "mean_off": 27},
             "faults": [{"type": "status", "status": 502, "body": {"type": "learned"}}]},
            {"name": "flaky backend: resets", "probability": 0.01,
             "faults": [{"type": "connection", "at": "mid_body", "how": "reset"}]}]"#,
    },
    Profile {
        name: "partial-outage",
        summary: "one of three instances is gone: a third of the requests fail at once",
        rules: r#"[{"name": "partial outage", "probability": 0.3333, "faults": [
            {"type": "status", "status": 503, "retry_after_s": 30}]}]"#,
    },
    Profile {
        name: "database-down",
        summary: "every request waits for a connection from the pool, then fails",
        rules: r#"[{"name": "database down", "faults": [
            {"type": "latency", "distribution":
                {"type": "uniform", "min_ms": 4500, "max_ms": 5500}},
            {"type": "status", "status": 500, "body": {"type": "learned"}}]}]"#,
    },
    Profile {
        name: "rate-limited",
        summary: "each consumer has ten requests per second, and 429 beyond",
        rules: r#"[{"name": "rate limited", "faults": [
            {"type": "rate_limit", "limit": 10, "per_s": 1, "burst": 20}]}]"#,
    },
    Profile {
        name: "mobile-3g",
        summary: "a phone on the move: 300 ms more, 780 kbit/s, two in a hundred lost",
        rules: r#"[
            {"name": "mobile 3G: link", "faults": [
                {"type": "latency", "distribution":
                    {"type": "normal", "mean_ms": 300, "std_dev_ms": 80}},
                {"type": "throttle", "bytes_per_s": 97500}]},
            {"name": "mobile 3G: lost", "probability": 0.02, "faults": [
                {"type": "connection", "at": "before_head", "how": "reset"}]}]"#,
    },
    Profile {
        name: "brown-out",
        summary: "over ten minutes ever more answers take three times the learned p99 or fail",
        rules: r#"[
            {"name": "brown-out: slow",
             "rate": {"type": "ramp", "from": 0, "to": 1, "over_s": 600}, "faults": [
                {"type": "latency", "distribution":
                    {"type": "learned", "quantile": 0.99, "factor": 3}}]},
            {"name": "brown-out: errors", "probability": 0.5,
             "rate": {"type": "ramp", "from": 0, "to": 1, "over_s": 600}, "faults": [
                {"type": "status", "status": 503, "retry_after_s": 10}]}]"#,
    },
    Profile {
        name: "bad-deploy",
        summary: "a release that breaks the contract: every fifth body is damaged valid JSON",
        rules: r#"[{"name": "bad deploy", "probability": 0.2, "faults": [
            {"type": "corrupt", "kinds": ["drop_field", "null", "wrong_type", "unknown_enum"]}]}]"#,
    },
];

/// What a start may say.
const START_FIELDS: [&str; 8] =
    ["scope", "owner", "reason", "priority", "ttl_s", "starts_at", "expires_at", "max_hits"];

impl Profile {
    /// The profile of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }

    /// The rules of this profile with the scope and the lease of `start`. `id` names each rule.
    ///
    /// # Errors
    /// Every mistake in `start`, with the path of its field.
    pub fn start(
        &self,
        start: &Value,
        limits: &ChaosLimits,
        now_ms: i64,
        mut id: impl FnMut() -> RuleId,
    ) -> Result<Vec<ChaosRule>, Vec<FieldError>> {
        let problems = FieldErrors::default();
        let given = ObjectReader::open(start, "", &START_FIELDS, &problems).map(|_| ());
        problems.or(given)?;
        let given = start.as_object().cloned().unwrap_or_default();
        let documents = documents(self.rules)
            .map_err(|error| vec![FieldError::of_document(error.to_string())])?;
        let rule = |mut document: Map<String, Value>| {
            document.extend(given.clone());
            ChaosRule::parse(&Value::Object(document), limits, now_ms, id())
        };
        documents.into_iter().map(rule).collect()
    }
}

fn documents(rules: &str) -> Result<Vec<Map<String, Value>>, serde_json::Error> {
    serde_json::from_str(rules)
}

/// Shows the rules as JSON, not as text.
fn as_json<S: serde::Serializer>(rules: &str, to: S) -> Result<S::Ok, S::Error> {
    documents(rules).map_err(serde::ser::Error::custom)?.serialize(to)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::chaos::Scope;
    use crate::domain::matching::RequestPattern;

    fn start(profile: &Profile, start: &Value) -> Result<Vec<ChaosRule>, Vec<FieldError>> {
        let mut count = 0;
        profile.start(start, &ChaosLimits::default(), 0, || {
            count += 1;
            RuleId::new(format!("{}-{count}", profile.name))
        })
    }

    #[test]
    fn every_profile_starts_where_and_as_long_as_asked() {
        let request = json!({"scope": {"session": "ci-42"}, "ttl_s": 60, "owner": "web"});
        for profile in &PROFILES {
            let rules = start(profile, &request).unwrap_or_else(|errors| panic!("{errors:?}"));
            assert!(!rules.is_empty(), "{}", profile.name);
            for rule in rules {
                let session = Some("ci-42".to_owned());
                let request = RequestPattern { session, ..RequestPattern::default() };
                let scope = Scope { request, ..Scope::default() };
                assert_eq!((rule.scope, rule.owner.as_str()), (scope, "web"));
                assert_eq!(rule.lease.expires_at_ms, 60_000);
            }
            let shown = serde_json::to_value(profile).expect("JSON");
            assert!(shown["rules"][0]["faults"][0]["type"].is_string());
        }
    }

    #[test]
    fn a_profile_needs_a_scope_and_takes_no_faults() {
        let profile = Profile::find("mobile-3g").expect("known");
        let field = |request| start(profile, &request).expect_err("refused")[0].field.clone();
        assert_eq!(field(json!({})), "scope");
        assert_eq!(field(json!({"scope": {}})), "scope");
        assert_eq!(field(json!({"scope": {"everything": true}, "faults": []})), "faults");
        assert_eq!(field(json!([])), "");
        assert!(Profile::find("apocalypse").is_none());
    }
}
