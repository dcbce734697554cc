//! Records as rows and back: one struct per table, the same for reading and writing.
//!
//! Rows borrow from the records they write, so a batch is not copied on its way into the
//! database (text that must be escaped is the exception, see [`crate::store::nul`]).

use std::borrow::Cow;

use diesel::prelude::*;

use super::records::{
    AuditRecord, BaselineRecord, ChaosRecord, ChaosRuleRecord, DocumentRecord, EndpointRecord,
    OverrideRecord, PinRecord, StatusRecord,
};
use super::schema::{
    audit, baselines, chaos_rules, documents, endpoint_backends, endpoint_chaos, endpoints,
    overrides, pins, redirects, schemas, settings, statuses,
};
use crate::store::nul::{decode, encode};

type Text<'a> = Cow<'a, str>;

/// SQLite reads NaN as NULL, and both refuse NULL here: one odd figure would keep the whole
/// batch from being stored, again and again.
fn finite(figure: f64) -> f64 {
    if figure.is_finite() { figure } else { 0.0 }
}

fn document(version: i32, stored: Text<'_>) -> DocumentRecord {
    DocumentRecord { version, json: decode(stored) }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = endpoints, treat_none_as_default_value = false)]
pub(super) struct EndpointRow<'a> {
    pub id: Text<'a>,
    method: Text<'a>,
    template: Text<'a>,
    pub mode: Text<'a>,
    learn: bool,
    observations: i64,
    error_rate: f64,
    latency_mean_ms: f64,
    latency_std_dev_ms: f64,
    latency_p50_ms: f64,
    latency_p95_ms: f64,
    latency_p99_ms: f64,
    first_seen_at_ms: i64,
    last_seen_at_ms: i64,
    model_version: i32,
    model: Text<'a>,
}

impl<'a> From<&'a EndpointRecord> for EndpointRow<'a> {
    fn from(record: &'a EndpointRecord) -> Self {
        Self {
            id: encode(&record.id),
            method: encode(&record.method),
            template: encode(&record.template),
            mode: encode(&record.mode),
            learn: record.learn,
            observations: record.observations,
            error_rate: finite(record.error_rate),
            latency_mean_ms: finite(record.latency_mean_ms),
            latency_std_dev_ms: finite(record.latency_std_dev_ms),
            latency_p50_ms: finite(record.latency_p50_ms),
            latency_p95_ms: finite(record.latency_p95_ms),
            latency_p99_ms: finite(record.latency_p99_ms),
            first_seen_at_ms: record.first_seen_at_ms,
            last_seen_at_ms: record.last_seen_at_ms,
            model_version: record.model.version,
            model: encode(&record.model.json),
        }
    }
}

impl From<EndpointRow<'_>> for EndpointRecord {
    /// What stands in tables of its own (backend, chaos, schemas, statuses) is left empty.
    fn from(row: EndpointRow<'_>) -> Self {
        Self {
            id: decode(row.id),
            backend: String::new(),
            method: decode(row.method),
            template: decode(row.template),
            mode: decode(row.mode),
            learn: row.learn,
            observations: row.observations,
            error_rate: row.error_rate,
            latency_mean_ms: row.latency_mean_ms,
            latency_std_dev_ms: row.latency_std_dev_ms,
            latency_p50_ms: row.latency_p50_ms,
            latency_p95_ms: row.latency_p95_ms,
            latency_p99_ms: row.latency_p99_ms,
            first_seen_at_ms: row.first_seen_at_ms,
            last_seen_at_ms: row.last_seen_at_ms,
            chaos: None,
            model: document(row.model_version, row.model),
            request_schema: None,
            statuses: Vec::new(),
        }
    }
}

/// The backend of an endpoint that has a name; the only backend has none and no row.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = endpoint_backends, treat_none_as_default_value = false)]
pub(super) struct EndpointBackendRow<'a> {
    pub endpoint_id: Text<'a>,
    backend: Text<'a>,
}

impl<'a> EndpointBackendRow<'a> {
    pub(super) fn of(endpoint: &'a EndpointRecord) -> Option<Self> {
        let named = !endpoint.backend.is_empty();
        named
            .then(|| Self { endpoint_id: encode(&endpoint.id), backend: encode(&endpoint.backend) })
    }

    pub(super) fn into_name(self) -> String {
        decode(self.backend)
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = endpoint_chaos, treat_none_as_default_value = false)]
pub(super) struct EndpointChaosRow<'a> {
    pub endpoint_id: Text<'a>,
    level: i32,
    active: bool,
}

impl<'a> EndpointChaosRow<'a> {
    pub(super) fn of(endpoint: &'a EndpointRecord) -> Option<Self> {
        endpoint.chaos.map(|chaos| Self {
            endpoint_id: encode(&endpoint.id),
            level: chaos.level,
            active: chaos.active,
        })
    }
}

impl From<&EndpointChaosRow<'_>> for ChaosRecord {
    fn from(row: &EndpointChaosRow<'_>) -> Self {
        Self { level: row.level, active: row.active }
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = statuses, treat_none_as_default_value = false)]
pub(super) struct StatusRow<'a> {
    pub endpoint_id: Text<'a>,
    pub status: i32,
    observations: i64,
    share: f64,
    latency_mean_ms: f64,
    latency_p50_ms: f64,
    latency_p95_ms: f64,
    latency_p99_ms: f64,
    model_version: i32,
    model: Text<'a>,
}

impl<'a> StatusRow<'a> {
    pub(super) fn of(endpoint: &'a EndpointRecord, record: &'a StatusRecord) -> Self {
        Self {
            endpoint_id: encode(&endpoint.id),
            status: record.status,
            observations: record.observations,
            share: finite(record.share),
            latency_mean_ms: finite(record.latency_mean_ms),
            latency_p50_ms: finite(record.latency_p50_ms),
            latency_p95_ms: finite(record.latency_p95_ms),
            latency_p99_ms: finite(record.latency_p99_ms),
            model_version: record.model.version,
            model: encode(&record.model.json),
        }
    }
}

impl From<StatusRow<'_>> for StatusRecord {
    fn from(row: StatusRow<'_>) -> Self {
        Self {
            status: row.status,
            observations: row.observations,
            share: row.share,
            latency_mean_ms: row.latency_mean_ms,
            latency_p50_ms: row.latency_p50_ms,
            latency_p95_ms: row.latency_p95_ms,
            latency_p99_ms: row.latency_p99_ms,
            model: document(row.model_version, row.model),
            schema: None,
        }
    }
}

/// Which body a schema describes.
pub(super) const REQUEST: &str = "request";
pub(super) const RESPONSE: &str = "response";
/// The status of a request's schema: a request has none.
const NO_STATUS: i32 = 0;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = schemas, treat_none_as_default_value = false)]
pub(super) struct SchemaRow<'a> {
    pub endpoint_id: Text<'a>,
    pub side: Text<'a>,
    pub status: i32,
    version: i32,
    document: Text<'a>,
}

impl<'a> SchemaRow<'a> {
    pub(super) fn of_request(endpoint: &'a EndpointRecord) -> Option<Self> {
        let schema = endpoint.request_schema.as_ref()?;
        Some(Self::new(endpoint, REQUEST, NO_STATUS, schema))
    }

    pub(super) fn of_response(
        endpoint: &'a EndpointRecord,
        status: &'a StatusRecord,
    ) -> Option<Self> {
        let schema = status.schema.as_ref()?;
        Some(Self::new(endpoint, RESPONSE, status.status, schema))
    }

    fn new(
        endpoint: &'a EndpointRecord,
        side: &'static str,
        status: i32,
        schema: &'a DocumentRecord,
    ) -> Self {
        Self {
            endpoint_id: encode(&endpoint.id),
            side: Cow::Borrowed(side),
            status,
            version: schema.version,
            document: encode(&schema.json),
        }
    }
}

impl From<SchemaRow<'_>> for DocumentRecord {
    fn from(row: SchemaRow<'_>) -> Self {
        document(row.version, row.document)
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = redirects, treat_none_as_default_value = false)]
pub(super) struct RedirectRow<'a> {
    old_id: Text<'a>,
    new_id: Text<'a>,
}

impl<'a> From<&'a (String, String)> for RedirectRow<'a> {
    fn from((old_id, new_id): &'a (String, String)) -> Self {
        Self { old_id: encode(old_id), new_id: encode(new_id) }
    }
}

impl From<RedirectRow<'_>> for (String, String) {
    fn from(row: RedirectRow<'_>) -> Self {
        (decode(row.old_id), decode(row.new_id))
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = settings, treat_none_as_default_value = false)]
pub(super) struct SettingRow<'a> {
    name: Text<'a>,
    value: Text<'a>,
}

impl<'a> From<&'a (String, String)> for SettingRow<'a> {
    fn from((name, value): &'a (String, String)) -> Self {
        Self { name: encode(name), value: encode(value) }
    }
}

impl From<SettingRow<'_>> for (String, String) {
    fn from(row: SettingRow<'_>) -> Self {
        (decode(row.name), decode(row.value))
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = pins, treat_none_as_default_value = false)]
pub(super) struct PinRow<'a> {
    template: Text<'a>,
    kind: Text<'a>,
    created_at_ms: i64,
}

impl<'a> From<&'a PinRecord> for PinRow<'a> {
    fn from(record: &'a PinRecord) -> Self {
        Self {
            template: encode(&record.template),
            kind: encode(&record.kind),
            created_at_ms: record.created_at_ms,
        }
    }
}

impl From<PinRow<'_>> for PinRecord {
    fn from(row: PinRow<'_>) -> Self {
        Self {
            template: decode(row.template),
            kind: decode(row.kind),
            created_at_ms: row.created_at_ms,
        }
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = chaos_rules, treat_none_as_default_value = false)]
pub(super) struct ChaosRuleRow<'a> {
    id: Text<'a>,
    position: i32,
    enabled: bool,
    name: Text<'a>,
    owner: Text<'a>,
    expires_at_ms: Option<i64>,
    hits: i64,
    document_version: i32,
    document: Text<'a>,
}

impl<'a> From<&'a ChaosRuleRecord> for ChaosRuleRow<'a> {
    fn from(record: &'a ChaosRuleRecord) -> Self {
        Self {
            id: encode(&record.id),
            position: record.position,
            enabled: record.enabled,
            name: encode(&record.name),
            owner: encode(&record.owner),
            expires_at_ms: record.expires_at_ms,
            hits: record.hits,
            document_version: record.document.version,
            document: encode(&record.document.json),
        }
    }
}

impl From<ChaosRuleRow<'_>> for ChaosRuleRecord {
    fn from(row: ChaosRuleRow<'_>) -> Self {
        Self {
            id: decode(row.id),
            position: row.position,
            enabled: row.enabled,
            name: decode(row.name),
            owner: decode(row.owner),
            expires_at_ms: row.expires_at_ms,
            hits: row.hits,
            document: document(row.document_version, row.document),
        }
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = overrides, treat_none_as_default_value = false)]
pub(super) struct OverrideRow<'a> {
    id: Text<'a>,
    position: i32,
    enabled: bool,
    name: Text<'a>,
    owner: Text<'a>,
    hits: i64,
    document_version: i32,
    document: Text<'a>,
}

impl<'a> From<&'a OverrideRecord> for OverrideRow<'a> {
    fn from(record: &'a OverrideRecord) -> Self {
        Self {
            id: encode(&record.id),
            position: record.position,
            enabled: record.enabled,
            name: encode(&record.name),
            owner: encode(&record.owner),
            hits: record.hits,
            document_version: record.document.version,
            document: encode(&record.document.json),
        }
    }
}

impl From<OverrideRow<'_>> for OverrideRecord {
    fn from(row: OverrideRow<'_>) -> Self {
        Self {
            id: decode(row.id),
            position: row.position,
            enabled: row.enabled,
            name: decode(row.name),
            owner: decode(row.owner),
            hits: row.hits,
            document: document(row.document_version, row.document),
        }
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = baselines, treat_none_as_default_value = false)]
pub(super) struct BaselineRow<'a> {
    name: Text<'a>,
    created_at_ms: i64,
    observations: i64,
    document_version: i32,
    document: Text<'a>,
}

impl<'a> From<&'a BaselineRecord> for BaselineRow<'a> {
    fn from(record: &'a BaselineRecord) -> Self {
        Self {
            name: encode(&record.name),
            created_at_ms: record.created_at_ms,
            observations: record.observations,
            document_version: record.document.version,
            document: encode(&record.document.json),
        }
    }
}

impl From<BaselineRow<'_>> for BaselineRecord {
    fn from(row: BaselineRow<'_>) -> Self {
        Self {
            name: decode(row.name),
            created_at_ms: row.created_at_ms,
            observations: row.observations,
            document: document(row.document_version, row.document),
        }
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
pub(super) struct AuditRow<'a> {
    id: Text<'a>,
    at_ms: i64,
    actor: Text<'a>,
    action: Text<'a>,
    subject: Text<'a>,
    document_version: i32,
    document: Text<'a>,
}

impl<'a> From<&'a AuditRecord> for AuditRow<'a> {
    fn from(record: &'a AuditRecord) -> Self {
        Self {
            id: encode(&record.id),
            at_ms: record.at_ms,
            actor: encode(&record.actor),
            action: encode(&record.action),
            subject: encode(&record.subject),
            document_version: record.document.version,
            document: encode(&record.document.json),
        }
    }
}

impl From<AuditRow<'_>> for AuditRecord {
    fn from(row: AuditRow<'_>) -> Self {
        Self {
            id: decode(row.id),
            at_ms: row.at_ms,
            actor: decode(row.actor),
            action: decode(row.action),
            subject: decode(row.subject),
            document: document(row.document_version, row.document),
        }
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = documents, treat_none_as_default_value = false)]
pub(super) struct DocumentRow<'a> {
    name: Text<'a>,
    version: i32,
    document: Text<'a>,
}

impl<'a> DocumentRow<'a> {
    pub(super) fn named(name: &'static str, record: &'a DocumentRecord) -> Self {
        Self { name: Cow::Borrowed(name), version: record.version, document: encode(&record.json) }
    }
}

impl From<DocumentRow<'_>> for DocumentRecord {
    fn from(row: DocumentRow<'_>) -> Self {
        document(row.version, row.document)
    }
}
