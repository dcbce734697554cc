//! A killed process loses nothing it was told is stored, and tears nothing.
//!
//! The oracle: a child writes numbered batches, each touching several tables, and says each
//! number once the write has returned. It is killed at a random moment. What the database holds
//! afterwards is one whole batch, the last one acknowledged or the one after it.

use std::time::{Duration, Instant};

use diesel::dsl::sql;
use diesel::sql_types::Text;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use stunt_double::store::{Batch, DatabaseUrl, DocumentRecord, Stored};

use super::child::{Child, Role};
use super::database::{Database, Postgres, Sqlite};
use super::records::{audit, endpoint, endpoints};

/// Endpoints in a numbered batch: enough for a write to last as long as what is around it.
const ENDPOINTS: i64 = 60;

/// Batches acknowledged before a kill, at most.
const BATCHES_MAX: u64 = 12;

/// How long after a line the kill comes, at most: about what a batch takes, so that kills fall
/// on every part of a write.
const KILL_SPREAD_MAX: Duration = Duration::from_millis(30);

const SEED: u64 = 20_261_122;

/// The batch whose every record holds `number`.
pub fn numbered_batch(number: i64) -> Batch {
    let model = DocumentRecord { version: 1, json: "x".repeat(2_000) };
    Batch {
        settings: vec![("number".into(), number.to_string())],
        path_state: Some(DocumentRecord { version: 1, json: number.to_string() }),
        audit: vec![audit(&number.to_string())],
        ..endpoints((0..ENDPOINTS).map(|n| {
            let mut endpoint = endpoint(&format!("endpoint-{n}"), number);
            endpoint.model = model.clone();
            endpoint
        }))
    }
}

/// The number of the batch that is stored, 0 for none; fails when parts of two are.
pub fn last_batch(stored: &Stored) -> i64 {
    let Some((_, number)) = stored.settings.first() else {
        assert_eq!(stored, &Stored::default(), "torn: parts of the first batch");
        return 0;
    };
    let number: i64 = number.parse().unwrap();
    let expected: Vec<_> = {
        let mut batch = numbered_batch(number);
        batch.endpoints.sort_by(|a, b| a.id.cmp(&b.id));
        batch.endpoints.iter().map(|endpoint| (**endpoint).clone()).collect()
    };
    assert_eq!(stored.endpoints, expected, "torn: endpoints of another batch than {number}");
    let state = stored.path_state.as_ref().map(|state| state.json.clone());
    assert_eq!(state, Some(number.to_string()), "torn: path state of another batch");
    number
}

/// The URL as a child needs it; its display form leaves the password out.
pub fn url_with_password(url: &DatabaseUrl) -> String {
    let shown = url.to_string();
    match shown.strip_prefix("postgres://double@") {
        Some(rest) => {
            let (socket, database) = rest.rsplit_once('/').unwrap();
            format!("postgres://double:hunter2@/{database}?host={socket}")
        }
        None => shown,
    }
}

/// Lets `moment` pass. It orders nothing, it only spreads the kills over what the child does.
fn spread(moment: Duration) {
    let started = Instant::now();
    while started.elapsed() < moment {
        std::hint::spin_loop();
    }
}

fn check(database: &dyn Database, rounds: u32, integrity: impl Fn()) {
    let mut random = StdRng::seed_from_u64(SEED);
    let mut stored = 0;
    for round in 0..rounds {
        let mut child = Child::start(Role::Write, &database.url());
        // From "while it is opening" to "in the middle of writing".
        let lines_before_the_kill = random.random_range(1..=BATCHES_MAX);
        let mut lines: Vec<_> =
            (0..lines_before_the_kill).map(|_| child.line().expect("the child ended")).collect();
        spread(random.random_range(Duration::ZERO..KILL_SPREAD_MAX));
        lines.extend(child.kill());
        let acknowledged = lines.iter().rev().find_map(|line| line.parse().ok()).unwrap_or(stored);

        let mut store = database.open();
        stored = last_batch(&store.load().unwrap());
        assert!(
            (acknowledged..=acknowledged + 1).contains(&stored),
            "round {round}: acknowledged {acknowledged}, stored {stored}"
        );
        let newest = store.audit(1).unwrap();
        assert_eq!(newest, if stored == 0 { vec![] } else { vec![audit(&stored.to_string())] });
        drop(store);
        integrity();
    }
    assert!(stored > i64::from(rounds), "the children hardly wrote: {stored} batches");
}

#[test]
fn killed_writers_lose_and_tear_nothing_on_sqlite() {
    let database = Sqlite::new();
    check(&database, 25, || {
        let path = database.path();
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let verdict: String = sql::<Text>("PRAGMA integrity_check").get_result(&mut conn).unwrap();
        assert_eq!(verdict, "ok");
    });
}

#[test]
fn killed_writers_lose_and_tear_nothing_on_postgres() {
    check(&Postgres::new(), 8, || {});
}

#[test]
fn a_process_killed_while_it_creates_the_file_leaves_one_that_opens() {
    let mut random = StdRng::seed_from_u64(SEED);
    for _ in 0..10 {
        let database = Sqlite::new();
        let mut child = Child::start(Role::Hold, &database.url());
        assert_eq!(child.line().as_deref(), Some("opening"));
        spread(random.random_range(Duration::ZERO..KILL_SPREAD_MAX));
        child.kill();
        let mut store = database.open();
        assert_eq!(store.load().unwrap(), Stored::default());
        store.write(&numbered_batch(1)).unwrap();
        assert_eq!(last_batch(&store.load().unwrap()), 1);
    }
}
