//! Leases: every rule ends, by time and perhaps by hits.
//!
//! Why two clocks: the wall clock jumps (NTP, a suspended laptop, an operator), the monotonic one
//! starts anew with the process. A lease therefore runs only while both agree: either of them can
//! end it, none can extend it, and an end once noticed is kept (see [`super::counters`]).

use serde::{Deserialize, Serialize};

use crate::domain::validation::ObjectReader;

/// Both clocks, read at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// Wall clock: Unix time in milliseconds. May jump.
    pub now_ms: i64,
    /// Monotonic clock: microseconds since any origin that is fixed while the process lives.
    pub mono_us: u64,
}

/// When a rule begins and ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// When the rule was made or renewed, unix ms.
    #[serde(rename = "created_at", with = "rfc3339")]
    pub created_at_ms: i64,
    /// Later than `created_at_ms` for a scheduled rule.
    #[serde(rename = "starts_at", with = "rfc3339")]
    pub starts_at_ms: i64,
    /// When it ends, unix ms.
    #[serde(rename = "expires_at", with = "rfc3339")]
    pub expires_at_ms: i64,
    /// The rule is exhausted after so many hits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_hits: Option<u64>,
}

/// Bounds on what a rule may ask for.
#[derive(Clone, Debug)]
pub struct ChaosLimits {
    /// Lease of a rule that names none, in seconds.
    pub lease_s_default: i64,
    /// Longest lease, in seconds; at most [`LEASE_S_CEILING`].
    pub lease_s_max: i64,
    /// The admin's path prefix on the public listener, which no rule may name; `None` when the
    /// admin has a listener of its own.
    pub admin_prefix: Option<String>,
}

impl Default for ChaosLimits {
    fn default() -> Self {
        Self {
            // Long enough for a test run or a game day's step, short enough to be forgotten safely.
            lease_s_default: 15 * 60,
            // A working day and its night: whoever wants longer renews, and so remembers it.
            lease_s_max: 24 * 3600,
            admin_prefix: Some("/admin".to_owned()),
        }
    }
}

/// No setting allows a longer lease: a week. The time axis of
/// [`crate::domain::chaos::token_buckets`] rests on it.
pub const LEASE_S_CEILING: i64 = 7 * 24 * 3600;
/// A rule can be scheduled a month ahead. The time axis of
/// [`crate::domain::chaos::token_buckets`] rests on it.
pub const SCHEDULE_S_MAX: i64 = 30 * 24 * 3600;

impl Lease {
    /// What a person may write of it.
    pub const FIELDS: [&'static str; 4] = ["ttl_s", "starts_at", "expires_at", "max_hits"];

    /// Reads the lease out of a rule. Contradictions are reported, not resolved.
    pub fn parse(rule: &ObjectReader<'_>, limits: &ChaosLimits, now_ms: i64) -> Option<Self> {
        let lease_s_max = limits.lease_s_max.min(LEASE_S_CEILING);
        let starts_at_ms = match rule.has("starts_at") {
            true => instant(rule, "starts_at")?,
            false => now_ms,
        };
        if starts_at_ms > now_ms.saturating_add(SCHEDULE_S_MAX * 1000) {
            rule.problem("starts_at", format!("is more than {SCHEDULE_S_MAX} s ahead"));
            return None;
        }
        let begins_at_ms = starts_at_ms.max(now_ms);
        let expires_at_ms = match (rule.has("ttl_s"), rule.has("expires_at")) {
            (true, true) => {
                rule.problem("ttl_s", "contradicts `expires_at`: give one of them");
                return None;
            }
            (false, true) => instant(rule, "expires_at")?,
            (true, false) => begins_at_ms + rule.integer("ttl_s", 1..=lease_s_max)? * 1000,
            (false, false) => begins_at_ms + limits.lease_s_default.min(lease_s_max) * 1000,
        };
        let field = if rule.has("expires_at") { "expires_at" } else { "ttl_s" };
        if expires_at_ms <= begins_at_ms {
            rule.problem(field, "ends the lease before it begins: name a later end");
            return None;
        }
        if expires_at_ms - begins_at_ms > lease_s_max * 1000 {
            rule.problem(field, format!("makes the lease longer than {lease_s_max} s"));
            return None;
        }
        let max_hits = match rule.has("max_hits") {
            true => Some(rule.integer("max_hits", 1..=i64::MAX)?.unsigned_abs()),
            false => None,
        };
        Some(Self { created_at_ms: now_ms, starts_at_ms: begins_at_ms, expires_at_ms, max_hits })
    }
}

/// The end of the calendar (year 9999): a lease until then is one without end.
const ENDLESS_MS: i64 = 253_402_207_200_000;

impl Lease {
    /// A lease without end, for what people want until they take it back.
    pub fn endless(now_ms: i64) -> Self {
        Self {
            created_at_ms: now_ms,
            starts_at_ms: now_ms,
            expires_at_ms: ENDLESS_MS,
            max_hits: None,
        }
    }

    /// Whether it runs until somebody takes it back, as those of overrides may.
    pub fn is_endless(&self) -> bool {
        self.expires_at_ms == ENDLESS_MS
    }

    /// Whether both were made for the same time.
    pub fn is_same_span(&self, other: &Self) -> bool {
        self.created_at_ms == other.created_at_ms
            && self.starts_at_ms == other.starts_at_ms
            && self.expires_at_ms == other.expires_at_ms
    }
}

fn instant(rule: &ObjectReader<'_>, name: &str) -> Option<i64> {
    let text = rule.text(name, TIMESTAMP_BYTES_MAX)?;
    match text.parse::<jiff::Timestamp>() {
        Ok(timestamp) => Some(timestamp.as_millisecond()),
        Err(_) => {
            rule.problem(name, "expected an RFC 3339 time such as `2026-01-31T12:00:00Z`");
            None
        }
    }
}

/// RFC 3339 with nanoseconds and an offset needs 35 bytes; more is no timestamp.
const TIMESTAMP_BYTES_MAX: usize = 64;

/// Unix milliseconds in memory, RFC 3339 UTC in JSON.
pub mod rfc3339 {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Renders `at_ms`; times beyond the calendar (year 9999) are held at its end.
    pub fn format(at_ms: i64) -> String {
        let end = if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_millisecond(at_ms).unwrap_or(end).to_string()
    }

    /// Writes unix ms as RFC 3339 in UTC.
    ///
    /// # Errors
    /// Those of the serializer alone.
    pub fn serialize<S: Serializer>(at_ms: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format(*at_ms))
    }

    /// Reads RFC 3339 as unix ms.
    ///
    /// # Errors
    /// When the text is no RFC 3339 time.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        let text = String::deserialize(from)?;
        text.parse::<Timestamp>().map(Timestamp::as_millisecond).map_err(D::Error::custom)
    }
}
