//! Any sequence of batches leaves in a real database what it leaves in a few maps.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use stunt_double::store::{FailingStore, Store};

use super::database::{Database, Postgres, Sqlite};
use super::records::any_batch;

/// Runs `cases` sequences, each of up to eight batches and some restarts.
fn check(database: &dyn Database, cases: u32) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let steps = vec((any_batch(), any::<bool>(), prop::bool::weighted(0.2)), 1..8);
    runner
        .run(&steps, |steps| {
            database.wipe();
            let mut reference = FailingStore::default();
            let mut store = database.open();
            for (batch, twice, restart) in steps {
                for _ in 0..=u8::from(twice) {
                    store.write(&batch).unwrap();
                    reference.write(&batch).unwrap();
                }
                if restart {
                    drop(store);
                    store = database.open();
                }
                prop_assert_eq!(store.load().unwrap(), reference.load().unwrap());
                prop_assert_eq!(store.audit(50).unwrap(), reference.audit(50).unwrap());
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn sqlite_keeps_what_the_reference_keeps() {
    check(&Sqlite::new(), 40);
}

#[test]
fn postgres_keeps_what_the_reference_keeps() {
    check(&Postgres::new(), 15);
}
