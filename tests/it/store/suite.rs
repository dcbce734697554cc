//! What every database does alike. Each fact is a function that runs on both.

use std::time::Instant;

use stunt_double::store::{
    AUDIT_ROWS_MAX, AuditRecord, Batch, Change, DocumentRecord, EndpointRecord, KEY_BYTES_MAX,
    REDIRECTS_MAX, StoreError, Stored,
};

use super::database::{Database, Postgres, Sqlite};
use super::records::{
    audit, baseline, document, endpoint, endpoints, override_record, pin, rule, status,
};

macro_rules! on_both {
    ($($fact:ident),+ $(,)?) => {
        mod sqlite { $(#[test] fn $fact() { super::$fact(&super::Sqlite::new()) })+ }
        mod postgres { $(#[test] fn $fact() { super::$fact(&super::Postgres::new()) })+ }
    };
}

on_both!(
    a_new_database_is_empty,
    everything_written_is_read_back_after_a_restart,
    writing_a_batch_twice_is_harmless,
    a_later_snapshot_replaces_the_whole_endpoint,
    of_one_key_in_a_batch_the_later_entry_stands,
    a_forgotten_endpoint_goes_with_all_its_parts,
    an_endpoint_forgotten_and_seen_again_in_one_batch_stands,
    a_reset_forgets_what_was_learned_and_nothing_else,
    removed_pins_and_rules_are_gone,
    nul_and_the_escape_for_it_survive_in_every_text,
    figures_that_are_not_finite_are_stored_as_zero,
    a_key_that_is_too_long_is_left_out_and_the_rest_is_stored,
    the_audit_trail_is_read_newest_first_and_bounded,
    redirects_are_bounded_and_the_newest_stay,
    names_this_version_does_not_know_are_skipped,
    a_newer_schema_is_refused_with_both_versions_named,
    a_database_from_before_backends_had_names_opens,
    a_failing_batch_leaves_nothing_behind_and_succeeds_later,
    a_thousand_endpoints_are_written_in_one_batch,
    check_succeeds_on_a_database_that_is_there,
);

/// One of everything.
fn full_batch() -> Batch {
    Batch {
        redirects: vec![("old".into(), "a".into())],
        settings: vec![("mode".into(), "mock".into()), ("learn".into(), "off".into())],
        pins: vec![Change::Put(pin("/users/{id}"))],
        chaos_rules: vec![Change::Put(rule("r2", 1)), Change::Put(rule("r1", 1))],
        overrides: vec![
            Change::Put(override_record("o2", 2)),
            Change::Put(override_record("o1", 1)),
        ],
        baselines: vec![Change::Put(baseline("release-7"))],
        path_state: Some(document(r#"{"tree":{}}"#)),
        audit: vec![audit("first"), audit("second")],
        ..endpoints([endpoint("b", 20), endpoint("a", 10)])
    }
}

/// What [`full_batch`] leaves.
fn full_content() -> Stored {
    Stored {
        damaged: Vec::new(),
        endpoints: vec![endpoint("a", 10), endpoint("b", 20)],
        redirects: vec![("old".into(), "a".into())],
        settings: vec![("learn".into(), "off".into()), ("mode".into(), "mock".into())],
        pins: vec![pin("/users/{id}")],
        chaos_rules: vec![rule("r1", 1), rule("r2", 1)],
        overrides: vec![override_record("o1", 1), override_record("o2", 2)],
        baselines: vec![baseline("release-7")],
        path_state: Some(document(r#"{"tree":{}}"#)),
    }
}

fn a_new_database_is_empty(database: &dyn Database) {
    let mut store = database.open();
    assert_eq!(store.load().unwrap(), Stored::default());
    assert_eq!(store.audit(10).unwrap(), []);
}

fn everything_written_is_read_back_after_a_restart(database: &dyn Database) {
    let mut store = database.open();
    store.write(&full_batch()).unwrap();
    assert_eq!(store.load().unwrap(), full_content());
    drop(store);
    let mut store = database.open();
    assert_eq!(store.load().unwrap(), full_content());
    assert_eq!(store.audit(10).unwrap(), [audit("second"), audit("first")]);
}

fn writing_a_batch_twice_is_harmless(database: &dyn Database) {
    let mut store = database.open();
    store.write(&full_batch()).unwrap();
    store.write(&full_batch()).unwrap();
    assert_eq!(store.load().unwrap(), full_content());
    assert_eq!(store.audit(10).unwrap(), [audit("second"), audit("first")]);
    store.write(&Batch::default()).unwrap();
    assert_eq!(store.load().unwrap(), full_content());
}

fn a_later_snapshot_replaces_the_whole_endpoint(database: &dyn Database) {
    let mut store = database.open();
    store.write(&full_batch()).unwrap();
    let poorer = EndpointRecord {
        chaos: None,
        request_schema: None,
        statuses: vec![stunt_double::store::StatusRecord { schema: None, ..status(404, 1) }],
        mode: "inherit".into(),
        ..endpoint("a", 11)
    };
    store.write(&endpoints([poorer.clone()])).unwrap();
    assert_eq!(store.load().unwrap().endpoints, [poorer, endpoint("b", 20)]);
}

fn of_one_key_in_a_batch_the_later_entry_stands(database: &dyn Database) {
    let mut twice = endpoint("a", 2);
    twice.statuses = vec![status(200, 1), status(200, 2)];
    let batch = Batch {
        redirects: vec![("x".into(), "1".into()), ("x".into(), "2".into())],
        settings: vec![("mode".into(), "mock".into()), ("mode".into(), "proxy".into())],
        pins: vec![Change::Remove("/p".into()), Change::Put(pin("/p"))],
        chaos_rules: vec![Change::Put(rule("r", 1)), Change::Remove("r".into())],
        ..endpoints([endpoint("a", 1), twice.clone()])
    };
    let mut store = database.open();
    store.write(&batch).unwrap();
    twice.statuses.remove(0);
    let expected = Stored {
        damaged: Vec::new(),
        endpoints: vec![twice],
        redirects: vec![("x".into(), "2".into())],
        settings: vec![("mode".into(), "proxy".into())],
        pins: vec![pin("/p")],
        ..Stored::default()
    };
    assert_eq!(store.load().unwrap(), expected);
}

fn a_forgotten_endpoint_goes_with_all_its_parts(database: &dyn Database) {
    let mut store = database.open();
    store.write(&full_batch()).unwrap();
    store.write(&Batch { forgotten: vec!["a".into()], ..Batch::default() }).unwrap();
    assert_eq!(store.load().unwrap().endpoints, [endpoint("b", 20)]);
    // Nothing of it may come back with an endpoint of the same id.
    let bare = EndpointRecord { chaos: None, statuses: vec![], ..endpoint("a", 1) };
    let bare = EndpointRecord { request_schema: None, ..bare };
    store.write(&endpoints([bare.clone()])).unwrap();
    assert_eq!(store.load().unwrap().endpoints, [bare, endpoint("b", 20)]);
}

fn an_endpoint_forgotten_and_seen_again_in_one_batch_stands(database: &dyn Database) {
    let mut store = database.open();
    store.write(&full_batch()).unwrap();
    let batch = Batch { forgotten: vec!["a".into()], ..endpoints([endpoint("a", 1)]) };
    store.write(&batch).unwrap();
    assert_eq!(store.load().unwrap().endpoints, [endpoint("a", 1), endpoint("b", 20)]);
}

fn a_reset_forgets_what_was_learned_and_nothing_else(database: &dyn Database) {
    let mut store = database.open();
    store.write(&full_batch()).unwrap();
    store.write(&Batch { reset: true, ..endpoints([endpoint("c", 1)]) }).unwrap();
    let expected = Stored {
        damaged: Vec::new(),
        endpoints: vec![endpoint("c", 1)],
        redirects: vec![],
        path_state: None,
        ..full_content()
    };
    assert_eq!(store.load().unwrap(), expected);
    assert_eq!(store.audit(10).unwrap().len(), 2);
}

fn removed_pins_and_rules_are_gone(database: &dyn Database) {
    let mut store = database.open();
    store.write(&full_batch()).unwrap();
    let batch = Batch {
        pins: vec![Change::Remove("/users/{id}".into()), Change::Remove("/unknown".into())],
        chaos_rules: vec![Change::Remove("r1".into())],
        overrides: vec![Change::Remove("o2".into())],
        ..Batch::default()
    };
    store.write(&batch).unwrap();
    let stored = store.load().unwrap();
    assert_eq!((stored.pins, stored.chaos_rules), (vec![], vec![rule("r2", 1)]));
    assert_eq!(stored.overrides, [override_record("o1", 1)]);
}

fn nul_and_the_escape_for_it_survive_in_every_text(database: &dyn Database) {
    let odd = "a\0b\u{1b}0\u{1b}e\u{1b}\0";
    let odd_document = DocumentRecord { version: 1, json: odd.into() };
    let mut odd_endpoint = endpoint(odd, 1);
    odd_endpoint.method = odd.into();
    odd_endpoint.template = odd.into();
    odd_endpoint.model = odd_document.clone();
    odd_endpoint.request_schema = Some(odd_document.clone());
    odd_endpoint.statuses[0].model = odd_document.clone();
    odd_endpoint.statuses[0].schema = Some(odd_document.clone());
    let odd_rule = stunt_double::store::ChaosRuleRecord {
        name: odd.into(),
        owner: odd.into(),
        document: odd_document.clone(),
        ..rule(odd, 1)
    };
    let odd_override = stunt_double::store::OverrideRecord {
        name: odd.into(),
        owner: odd.into(),
        document: odd_document.clone(),
        ..override_record(odd, 1)
    };
    let odd_audit = AuditRecord {
        actor: odd.into(),
        action: odd.into(),
        subject: odd.into(),
        document: odd_document.clone(),
        ..audit(odd)
    };
    let odd_pin = stunt_double::store::PinRecord { kind: odd.into(), ..pin(odd) };
    let mut store = database.open();
    let batch = Batch {
        redirects: vec![(odd.into(), odd.into())],
        settings: vec![(odd.into(), odd.into())],
        pins: vec![Change::Put(odd_pin.clone())],
        chaos_rules: vec![Change::Put(odd_rule.clone())],
        overrides: vec![Change::Put(odd_override.clone())],
        path_state: Some(odd_document.clone()),
        audit: vec![odd_audit.clone()],
        ..endpoints([odd_endpoint.clone()])
    };
    store.write(&batch).unwrap();
    let expected = Stored {
        baselines: Vec::new(),
        damaged: Vec::new(),
        endpoints: vec![odd_endpoint],
        redirects: vec![(odd.into(), odd.into())],
        settings: vec![(odd.into(), odd.into())],
        pins: vec![odd_pin],
        chaos_rules: vec![odd_rule],
        overrides: vec![odd_override],
        path_state: Some(odd_document),
    };
    assert_eq!(store.load().unwrap(), expected);
    assert_eq!(store.audit(1).unwrap(), [odd_audit]);
    store.write(&Batch { forgotten: vec![odd.into()], ..Batch::default() }).unwrap();
    assert_eq!(store.load().unwrap().endpoints, []);
}

fn figures_that_are_not_finite_are_stored_as_zero(database: &dyn Database) {
    let mut odd = endpoint("a", 1);
    odd.error_rate = f64::NAN;
    odd.latency_mean_ms = f64::INFINITY;
    odd.statuses[0].share = f64::NEG_INFINITY;
    let mut store = database.open();
    store.write(&endpoints([odd.clone()])).unwrap();
    odd.error_rate = 0.0;
    odd.latency_mean_ms = 0.0;
    odd.statuses[0].share = 0.0;
    assert_eq!(store.load().unwrap().endpoints, [odd]);
}

fn a_key_that_is_too_long_is_left_out_and_the_rest_is_stored(database: &dyn Database) {
    // Of distinct characters, or PostgreSQL would compress it and store more.
    let long = |length: usize| -> String {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'!' + (state >> 24) as u8 % 90)
        };
        (0..length).map(|_| next()).collect()
    };
    let (longest, too_long) = (long(KEY_BYTES_MAX), long(KEY_BYTES_MAX + 1));
    let batch = Batch {
        redirects: vec![(too_long.clone(), "a".into()), (longest.clone(), "a".into())],
        settings: vec![(too_long.clone(), "a".into()), (longest.clone(), "a".into())],
        pins: vec![Change::Put(pin(&too_long)), Change::Put(pin(&longest))],
        chaos_rules: vec![Change::Put(rule(&too_long, 1)), Change::Put(rule(&longest, 1))],
        overrides: vec![
            Change::Put(override_record(&too_long, 1)),
            Change::Put(override_record(&longest, 1)),
        ],
        audit: vec![audit(&too_long), audit(&longest)],
        ..endpoints([endpoint(&too_long, 1), endpoint(&longest, 1)])
    };
    let mut store = database.open();
    store.write(&batch).unwrap();
    let expected = Stored {
        baselines: Vec::new(),
        damaged: Vec::new(),
        endpoints: vec![endpoint(&longest, 1)],
        redirects: vec![(longest.clone(), "a".into())],
        settings: vec![(longest.clone(), "a".into())],
        pins: vec![pin(&longest)],
        chaos_rules: vec![rule(&longest, 1)],
        overrides: vec![override_record(&longest, 1)],
        path_state: None,
    };
    assert_eq!(store.load().unwrap(), expected);
    assert_eq!(store.audit(9).unwrap(), [audit(&longest)]);
}

fn the_audit_trail_is_read_newest_first_and_bounded(database: &dyn Database) {
    let mut store = database.open();
    let surplus = 3;
    let entries = (0..AUDIT_ROWS_MAX + surplus).map(|n| audit(&n.to_string())).collect();
    store.write(&Batch { audit: entries, ..Batch::default() }).unwrap();
    let all = store.audit(usize::MAX).unwrap();
    assert_eq!(all.len() as i64, AUDIT_ROWS_MAX);
    assert_eq!(all.first(), Some(&audit(&(AUDIT_ROWS_MAX + surplus - 1).to_string())));
    assert_eq!(all.last(), Some(&audit(&surplus.to_string())));
    assert_eq!(store.audit(2).unwrap(), all[..2]);
    assert_eq!(store.audit(0).unwrap(), []);
}

fn redirects_are_bounded_and_the_newest_stay(database: &dyn Database) {
    let mut store = database.open();
    let redirects = |range: std::ops::Range<i64>| Batch {
        redirects: range.map(|n| (format!("{n:09}"), "a".to_owned())).collect(),
        ..Batch::default()
    };
    store.write(&redirects(0..REDIRECTS_MAX)).unwrap();
    store.write(&redirects(REDIRECTS_MAX..REDIRECTS_MAX + 2)).unwrap();
    let stored = store.load().unwrap().redirects;
    assert_eq!(stored.len() as i64, REDIRECTS_MAX);
    assert_eq!(stored[0].0, format!("{:09}", 2));
}

fn names_this_version_does_not_know_are_skipped(database: &dyn Database) {
    database.open().write(&endpoints([endpoint("a", 1), endpoint("b", 2)])).unwrap();
    database.execute(
        "UPDATE endpoints SET mode = 'teleport' WHERE id = 'a';
         UPDATE schemas SET side = 'sideways' WHERE endpoint_id = 'a' AND side = 'request';
         UPDATE statuses SET status = 42 WHERE endpoint_id = 'a' AND status = 503;",
    );
    let mut known = endpoint("a", 1);
    known.mode = "inherit".into();
    known.request_schema = None;
    known.statuses.pop();
    assert_eq!(database.open().load().unwrap().endpoints, [known, endpoint("b", 2)]);
}

fn a_newer_schema_is_refused_with_both_versions_named(database: &dyn Database) {
    database.open().write(&full_batch()).unwrap();
    database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('0099')");
    if database.url().to_string().starts_with("sqlite") {
        database.execute("PRAGMA user_version = 99");
    }
    let error = stunt_double::store::open(&database.url()).err().unwrap();
    let StoreError::Newer { found: 99, known, .. } = &error else { panic!("{error}") };
    let message = error.to_string();
    assert!(message.contains("schema 99") && message.contains(&format!("up to {known}")));
}

fn a_database_from_before_backends_had_names_opens(database: &dyn Database) {
    database.open().write(&full_batch()).unwrap();
    database.execute("DROP TABLE endpoint_backends");
    database.execute("DROP TABLE overrides");
    database.execute("DROP TABLE baselines");
    database.execute("DELETE FROM __diesel_schema_migrations WHERE version > '0001'");
    if database.url().to_string().starts_with("sqlite") {
        database.execute("PRAGMA user_version = 1");
    }
    let mut store = database.open();
    assert_eq!(
        store.load().unwrap(),
        Stored { overrides: vec![], baselines: vec![], ..full_content() }
    );
    let shop = EndpointRecord { backend: "shop".into(), ..endpoint("c", 1) };
    store.write(&endpoints([shop.clone()])).unwrap();
    assert_eq!(store.load().unwrap().endpoints.pop(), Some(shop));
}

fn a_failing_batch_leaves_nothing_behind_and_succeeds_later(database: &dyn Database) {
    drop(database.open());
    // The last statement of the batch is the one that fails.
    database.execute("ALTER TABLE audit RENAME TO audit_away");
    let mut store = database.open();
    let error = store.write(&full_batch()).unwrap_err();
    assert!(matches!(error, StoreError::Write { .. }), "{error}");
    assert_eq!(store.load().unwrap(), Stored::default());
    drop(store);
    database.execute("ALTER TABLE audit_away RENAME TO audit");
    let mut store = database.open();
    store.write(&full_batch()).unwrap();
    assert_eq!(store.load().unwrap(), full_content());
}

fn a_thousand_endpoints_are_written_in_one_batch(database: &dyn Database) {
    let model = DocumentRecord { version: 1, json: "x".repeat(4_096) };
    let batch = endpoints((0..1_000).map(|n| {
        let mut endpoint = endpoint(&format!("endpoint-{n}"), n);
        endpoint.model = model.clone();
        endpoint.statuses.iter_mut().for_each(|status| status.model = model.clone());
        endpoint
    }));
    let mut store = database.open();
    for round in ["new", "again"] {
        let started = Instant::now();
        store.write(&batch).unwrap();
        println!("1,000 endpoints ({round}): {:?} on {}", started.elapsed(), database.url());
    }
    let started = Instant::now();
    let stored = store.load().unwrap();
    println!("1,000 endpoints loaded: {:?}", started.elapsed());
    assert_eq!(stored.endpoints.len(), 1_000);
    drop(store);
    let started = Instant::now();
    let mut store = database.open();
    println!("1,000 endpoints opened: {:?}", started.elapsed());
    assert_eq!(store.load().unwrap(), stored);
}

fn check_succeeds_on_a_database_that_is_there(database: &dyn Database) {
    let mut store = database.open();
    store.check().unwrap();
    store.write(&full_batch()).unwrap();
    store.check().unwrap();
}
