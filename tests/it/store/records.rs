//! Records for tests, and a strategy that makes any batch.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use stunt_double::store::{
    AuditRecord, BaselineRecord, Batch, Change, ChaosRecord, ChaosRuleRecord, DocumentRecord,
    EndpointRecord, MODES, OverrideRecord, PinRecord, StatusRecord,
};

pub fn document(json: &str) -> DocumentRecord {
    DocumentRecord { version: 3, json: json.to_owned() }
}

/// An endpoint with every part, whose figures tell its `id` and `observations`.
pub fn endpoint(id: &str, observations: i64) -> EndpointRecord {
    let figure = observations as f64;
    EndpointRecord {
        id: id.to_owned(),
        backend: String::new(),
        method: "GET".to_owned(),
        template: format!("/things/{id}/{{id}}"),
        mode: "failover".to_owned(),
        learn: true,
        observations,
        error_rate: 0.25,
        latency_mean_ms: figure + 0.1,
        latency_std_dev_ms: figure + 0.2,
        latency_p50_ms: figure + 0.3,
        latency_p95_ms: figure + 0.4,
        latency_p99_ms: figure + 0.5,
        first_seen_at_ms: 1_700_000_000_000,
        last_seen_at_ms: 1_700_000_000_000 + observations,
        chaos: Some(ChaosRecord { level: 30, active: true }),
        model: document(r#"{"sketch":[1,2,3]}"#),
        request_schema: Some(document(r#"{"type":"object"}"#)),
        statuses: vec![status(200, observations), status(503, 1)],
    }
}

pub fn status(status: i32, observations: i64) -> StatusRecord {
    StatusRecord {
        status,
        observations,
        share: 0.75,
        latency_mean_ms: 1.5,
        latency_p50_ms: 1.25,
        latency_p95_ms: 2.5,
        latency_p99_ms: 3.5,
        model: document(r#"{"headers":{}}"#),
        schema: Some(document(r#"{"type":"array"}"#)),
    }
}

/// An override with every part.
pub fn override_record(id: &str, hits: i64) -> OverrideRecord {
    OverrideRecord {
        id: id.to_owned(),
        position: 7,
        enabled: true,
        name: format!("override {id}"),
        owner: "web".to_owned(),
        hits,
        document: document(r#"{"override":{}}"#),
    }
}

pub fn baseline(name: &str) -> BaselineRecord {
    BaselineRecord {
        name: name.to_owned(),
        created_at_ms: 1_700_000_000_000,
        observations: 9,
        document: document("H4sI"),
    }
}

pub fn audit(id: &str) -> AuditRecord {
    AuditRecord {
        id: id.to_owned(),
        at_ms: 1_700_000_000_000,
        actor: "admin".to_owned(),
        action: "create".to_owned(),
        subject: "rule-1".to_owned(),
        document: document("{}"),
    }
}

pub fn rule(id: &str, position: i32) -> ChaosRuleRecord {
    ChaosRuleRecord {
        id: id.to_owned(),
        position,
        enabled: true,
        name: "checkout is flaky".to_owned(),
        owner: "web-team".to_owned(),
        expires_at_ms: Some(1_700_000_900_000),
        hits: 7,
        document: document(r#"{"probability":0.1}"#),
    }
}

pub fn pin(template: &str) -> PinRecord {
    PinRecord { template: template.to_owned(), kind: "template".to_owned(), created_at_ms: 5 }
}

pub fn endpoints(endpoints: impl IntoIterator<Item = EndpointRecord>) -> Batch {
    Batch { endpoints: endpoints.into_iter().map(Arc::new).collect(), ..Batch::default() }
}

/// Keys from a small set, so that batches meet each other's; odd ones among them.
fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[a-f]", Just("\0".to_owned()), Just("\u{1b}0".to_owned()), Just(String::new())]
}

/// Any text: unprintable, U+0000 and the escape of the store included.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,12}", "[\u{0}\u{1b}0e'\"\\\\é😀]{0,8}"]
}

fn any_document() -> impl Strategy<Value = DocumentRecord> {
    (any::<i32>(), text()).prop_map(|(version, json)| DocumentRecord { version, json })
}

fn figure() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), 0.0..1e9_f64, Just(f64::MAX), Just(5e-324)]
}

prop_compose! {
    fn any_status()(
        status in prop_oneof![100..105_i32, Just(999)],
        observations in any::<i64>(),
        figures in proptest::array::uniform5(figure()),
        model in any_document(),
        schema in option::of(any_document()),
    ) -> StatusRecord {
        let [share, latency_mean_ms, latency_p50_ms, latency_p95_ms, latency_p99_ms] = figures;
        StatusRecord {
            status, observations, share, latency_mean_ms, latency_p50_ms, latency_p95_ms,
            latency_p99_ms, model, schema,
        }
    }
}

prop_compose! {
    fn any_endpoint()(
        (id, backend, method, template) in (key(), text(), text(), text()),
        (mode, learn) in (proptest::sample::select(&MODES[..]), any::<bool>()),
        counts in any::<(i64, i64, i64)>(),
        figures in proptest::array::uniform6(figure()),
        chaos in option::of((0..=100, any::<bool>())),
        model in any_document(),
        request_schema in option::of(any_document()),
        statuses in vec(any_status(), 0..4),
    ) -> EndpointRecord {
        let (observations, first_seen_at_ms, last_seen_at_ms) = counts;
        let [error_rate, latency_mean_ms, latency_std_dev_ms, ..] = figures;
        let [.., latency_p50_ms, latency_p95_ms, latency_p99_ms] = figures;
        EndpointRecord {
            id, backend, method, template, mode: mode.to_owned(), learn, observations, error_rate,
            latency_mean_ms, latency_std_dev_ms, latency_p50_ms, latency_p95_ms, latency_p99_ms,
            first_seen_at_ms, last_seen_at_ms,
            chaos: chaos.map(|(level, active)| ChaosRecord { level, active }),
            model, request_schema, statuses,
        }
    }
}

prop_compose! {
    fn any_rule()(
        (id, name, owner) in (key(), text(), text()),
        position in 0..4_i32,
        enabled in any::<bool>(),
        expires_at_ms in any::<Option<i64>>(),
        hits in any::<i64>(),
        document in any_document(),
    ) -> ChaosRuleRecord {
        ChaosRuleRecord { id, position, enabled, name, owner, expires_at_ms, hits, document }
    }
}

prop_compose! {
    fn any_override()(
        (id, name, owner) in (key(), text(), text()),
        position in 0..4_i32,
        enabled in any::<bool>(),
        hits in any::<i64>(),
        document in any_document(),
    ) -> OverrideRecord {
        OverrideRecord { id, position, enabled, name, owner, hits, document }
    }
}

fn any_pin() -> impl Strategy<Value = PinRecord> {
    (key(), text(), any::<i64>()).prop_map(|(template, kind, created_at_ms)| PinRecord {
        template,
        kind,
        created_at_ms,
    })
}

fn any_audit() -> impl Strategy<Value = AuditRecord> {
    (key(), any::<i64>(), text(), text(), text(), any_document()).prop_map(
        |(id, at_ms, actor, action, subject, document)| AuditRecord {
            id,
            at_ms,
            actor,
            action,
            subject,
            document,
        },
    )
}

fn change<T: std::fmt::Debug>(
    record: impl Strategy<Value = T>,
) -> impl Strategy<Value = Change<T>> {
    prop_oneof![3 => record.prop_map(Change::Put), 1 => key().prop_map(Change::Remove)]
}

prop_compose! {
    pub fn any_batch()(
        reset in prop::bool::weighted(0.1),
        forgotten in vec(key(), 0..3),
        endpoints in vec(any_endpoint().prop_map(Arc::new), 0..5),
        redirects in vec((key(), text()), 0..3),
        settings in vec((key(), text()), 0..3),
        pins in vec(change(any_pin()), 0..4),
        chaos_rules in vec(change(any_rule()), 0..4),
        overrides in vec(change(any_override()), 0..4),
        baselines in vec(change(key().prop_map(|name| baseline(&name))), 0..4),
        path_state in option::of(any_document()),
        audit in vec(any_audit(), 0..3),
    ) -> Batch {
        Batch {
            reset, forgotten, endpoints, redirects, settings, pins, chaos_rules, overrides, baselines,
            path_state, audit,
        }
    }
}
