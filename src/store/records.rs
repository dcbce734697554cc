//! What rests in the database, as plain values: no types of the domain, none of diesel.
//!
//! Records carry in columns what people query (`SELECT template, latency_p99_ms FROM endpoints`)
//! and as `Document`s what only the domain can read. A [`Batch`] is the unit of writing and
//! [`Stored`] what a start reads back.

use std::sync::Arc;

/// The names [`EndpointRecord::mode`] may hold; the first is what an unknown one is read as.
pub const MODES: [&str; 4] = ["inherit", "proxy", "mock", "failover"];

/// A JSON text with the version of its form. The store never looks inside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentRecord {
    /// Of the form of `json`; readers refuse or upgrade what they do not know.
    pub version: i32,
    /// Text of the document.
    pub json: String,
}

/// An endpoint at rest.
///
/// Figures that are not finite are stored as 0: SQLite has no NaN, and one such figure must not
/// keep a whole batch from being written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EndpointRecord {
    /// Stable id derived from method and template; at most [`super::KEY_BYTES_MAX`] bytes.
    pub id: String,
    /// Name of the backend, empty for the only one.
    pub backend: String,
    /// In capitals.
    pub method: String,
    /// Path with placeholders in braces.
    pub template: String,
    /// One of [`MODES`].
    pub mode: String,
    /// Whether proxied traffic teaches this endpoint.
    pub learn: bool,
    /// Exchanges learned, those of imports included.
    pub observations: i64,
    /// Share of errors, 0 to 1.
    pub error_rate: f64,
    /// Backend's own time over all statuses, milliseconds.
    pub latency_mean_ms: f64,
    /// The same: how far it spreads, milliseconds.
    pub latency_std_dev_ms: f64,
    /// Median of the same, milliseconds.
    pub latency_p50_ms: f64,
    /// 95th percentile of the same, milliseconds.
    pub latency_p95_ms: f64,
    /// 99th percentile of the same, milliseconds.
    pub latency_p99_ms: f64,
    /// Of the first exchange, unix milliseconds; 0 for none.
    pub first_seen_at_ms: i64,
    /// Of the last exchange, unix milliseconds; 0 for none.
    pub last_seen_at_ms: i64,
    /// `None` when it was never set.
    pub chaos: Option<ChaosRecord>,
    /// What is learned beside the statuses.
    pub model: DocumentRecord,
    /// Shape of request bodies.
    pub request_schema: Option<DocumentRecord>,
    /// One per status, in any order; of two with the same status the later one stands.
    pub statuses: Vec<StatusRecord>,
}

/// The chaos shorthand of one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChaosRecord {
    /// 0 to 100.
    pub level: i32,
    /// Switched off, the level is kept and does nothing.
    pub active: bool,
}

/// What is learned of one status of an endpoint.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StatusRecord {
    /// 100 to 999; others are not read back.
    pub status: i32,
    /// Answers with this status.
    pub observations: i64,
    /// Share of this status in the endpoint's answers, 0 to 1.
    pub share: f64,
    /// Backend's own time for this status, milliseconds.
    pub latency_mean_ms: f64,
    /// Median of the same, milliseconds.
    pub latency_p50_ms: f64,
    /// 95th percentile of the same, milliseconds.
    pub latency_p95_ms: f64,
    /// 99th percentile of the same, milliseconds.
    pub latency_p99_ms: f64,
    /// Sketches and headers.
    pub model: DocumentRecord,
    /// Shape of response bodies.
    pub schema: Option<DocumentRecord>,
}

/// A path template that wins over learning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PinRecord {
    /// At most [`super::KEY_BYTES_MAX`] bytes.
    pub template: String,
    /// Named and read by the path room, which skips names it does not know.
    pub kind: String,
    /// When it was pinned, unix milliseconds.
    pub created_at_ms: i64,
}

/// A chaos rule: what is listed stands in columns, the whole rule in the document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChaosRuleRecord {
    /// At most [`super::KEY_BYTES_MAX`] bytes.
    pub id: String,
    /// Order among the rules, lowest first.
    pub position: i32,
    /// As its person set it; whether the lease runs stands in the document.
    pub enabled: bool,
    /// For people.
    pub name: String,
    /// Who is to be asked about it; empty for nobody.
    pub owner: String,
    /// End of the lease, unix milliseconds; `None` where it has none.
    pub expires_at_ms: Option<i64>,
    /// Requests on which it acted, when it was written.
    pub hits: i64,
    /// All of the rule, with its counters.
    pub document: DocumentRecord,
}

/// An override: what is listed stands in columns, the whole of it in the document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OverrideRecord {
    /// At most [`super::KEY_BYTES_MAX`] bytes.
    pub id: String,
    /// Order among the overrides, highest first.
    pub position: i32,
    /// As its person set it; whether the lease runs stands in the document.
    pub enabled: bool,
    /// For people.
    pub name: String,
    /// Who is to be asked about it; empty for nobody.
    pub owner: String,
    /// Requests on which it acted, when it was written.
    pub hits: i64,
    /// All of the override, with its counters.
    pub document: DocumentRecord,
}

/// A model kept by name: what is listed stands in columns, its file in the document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaselineRecord {
    /// At most [`super::KEY_BYTES_MAX`] bytes.
    pub name: String,
    /// When it was kept, unix milliseconds.
    pub created_at_ms: i64,
    /// Exchanges that it has learned.
    pub observations: i64,
    /// Its file: gzip in base64, and not JSON.
    pub document: DocumentRecord,
}

/// One entry of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditRecord {
    /// Unique for ever (give it a random part): writing the same id again changes nothing.
    pub id: String,
    /// When it was done, unix milliseconds.
    pub at_ms: i64,
    /// Who did it, as the admin's caller is known.
    pub actor: String,
    /// `create`, `replace`, `amend`, `delete` or `stop`.
    pub action: String,
    /// What was changed: its kind and id.
    pub subject: String,
    /// The thing before and after.
    pub document: DocumentRecord,
}

/// A change to a set of records that have a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// Adds the record, or replaces the one with its key.
    Put(T),
    /// By key: a pin's template, a rule's id.
    Remove(String),
}

impl<T> Change<T> {
    /// The key of the record this changes, by `of` when there is one.
    pub(super) fn key<'a>(&'a self, of: impl Fn(&'a T) -> &'a String) -> &'a str {
        match self {
            Self::Put(record) => of(record),
            Self::Remove(key) => key,
        }
    }
}

/// What one transaction writes: all of it or nothing, and writing it twice is harmless.
///
/// Applied in the order of the fields, so an endpoint that is forgotten and seen again in one
/// batch stands. Where a list names a key twice, the later entry stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// Forgets everything learned (endpoints, redirects, state of the path learner) first.
    /// Settings, pins, chaos rules and the audit trail stay.
    pub reset: bool,
    /// Ids of endpoints to forget.
    pub forgotten: Vec<String>,
    /// Each replaces the one with its id, statuses included.
    pub endpoints: Vec<Arc<EndpointRecord>>,
    /// Ids of endpoints folded into others: (old id, new id).
    pub redirects: Vec<(String, String)>,
    /// (name, value).
    pub settings: Vec<(String, String)>,
    /// By template.
    pub pins: Vec<Change<PinRecord>>,
    /// By id.
    pub chaos_rules: Vec<Change<ChaosRuleRecord>>,
    /// By id.
    pub overrides: Vec<Change<OverrideRecord>>,
    /// By name.
    pub baselines: Vec<Change<BaselineRecord>>,
    /// Replaces the state of the path learner.
    pub path_state: Option<DocumentRecord>,
    /// Appended to the audit trail, of which the last [`super::AUDIT_ROWS_MAX`] are kept.
    pub audit: Vec<AuditRecord>,
}

impl Batch {
    /// Whether writing it would change nothing.
    pub fn is_empty(&self) -> bool {
        !self.reset
            && self.forgotten.is_empty()
            && self.endpoints.is_empty()
            && self.redirects.is_empty()
            && self.settings.is_empty()
            && self.pins.is_empty()
            && self.chaos_rules.is_empty()
            && self.overrides.is_empty()
            && self.baselines.is_empty()
            && self.path_state.is_none()
            && self.audit.is_empty()
    }
}

/// Everything read at start. Every list is sorted by its key, rules by position and id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stored {
    /// Statuses of each in ascending order.
    pub endpoints: Vec<EndpointRecord>,
    /// (old id, new id).
    pub redirects: Vec<(String, String)>,
    /// (name, value), sorted by name.
    pub settings: Vec<(String, String)>,
    /// By template.
    pub pins: Vec<PinRecord>,
    /// By position, then by id.
    pub chaos_rules: Vec<ChaosRuleRecord>,
    /// By id.
    pub overrides: Vec<OverrideRecord>,
    /// By name.
    pub baselines: Vec<BaselineRecord>,
    /// State of the path learner; `None` before it was first written.
    pub path_state: Option<DocumentRecord>,
    /// What could not be read, by the name of the endpoint it belongs to where that is known.
    pub damaged: Vec<String>,
}
