//! A server that goes away and comes back, the lock between doubles, and what is refused.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, RunQueryDsl};
use stunt_double::store::{DatabaseUrl, StoreError, open, open_waiting};

use super::crash::url_with_password;
use super::database::{Database, Postgres, PostgresServer};
use super::records::{endpoint, endpoints};

/// Too short for a predecessor to go, long enough for a free lock.
const NO_WAIT: Duration = Duration::from_millis(50);

fn is_unavailable<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unavailable { .. }))
}

#[test]
fn a_server_that_goes_away_and_comes_back_is_survived() {
    let server = Arc::new(PostgresServer::start());
    let database = Postgres::on(server.clone());
    let mut store = database.open();
    store.write(&endpoints([endpoint("a", 1)])).unwrap();
    server.stop();
    let batch = endpoints([endpoint("a", 2), endpoint("b", 1)]);
    assert!(is_unavailable(&store.write(&batch)));
    assert!(is_unavailable(&store.check()));
    assert!(is_unavailable(&open(&database.url())));
    server.resume();
    store.write(&batch).unwrap();
    store.check().unwrap();
    assert_eq!(store.load().unwrap().endpoints, [endpoint("a", 2), endpoint("b", 1)]);
}

#[test]
fn a_second_double_is_refused_while_the_first_holds_the_database() {
    let database = Postgres::new();
    let store = database.open();
    let error = open_waiting(&database.url(), NO_WAIT).err().unwrap();
    assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
    assert!(error.to_string().contains("in use by another stunt-double"), "{error}");
    drop(store);
    open_waiting(&database.url(), NO_WAIT).unwrap();
}

#[test]
fn a_successor_waits_for_its_predecessor_to_exit() {
    let database = Postgres::new();
    let mut predecessor = database.open();
    let url = database.url();
    let successor = std::thread::spawn(move || open(&url).unwrap().load().unwrap());
    let mut conn = PgConnection::establish(&url_with_password(&database.url())).unwrap();
    let waiting = "SELECT count(*) FROM pg_locks \
                   WHERE locktype = 'advisory' AND NOT granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while sql::<BigInt>(waiting).get_result::<i64>(&mut conn).unwrap() == 0 {
        assert!(!successor.is_finished(), "it did not wait");
    }
    predecessor.write(&endpoints([endpoint("a", 1)])).unwrap(); // its last flush
    drop(predecessor);
    assert_eq!(successor.join().unwrap().endpoints, [endpoint("a", 1)]);
}

#[test]
fn a_double_that_lost_its_session_writes_only_when_no_other_has_taken_over() {
    let server = Arc::new(PostgresServer::start());
    let database = Postgres::on(server.clone());
    let mut first = database.open();
    server.stop();
    server.resume();
    let second = database.open();
    let batch = endpoints([endpoint("a", 1)]);
    let refused = first.write(&batch);
    assert!(matches!(refused, Err(StoreError::Locked { .. })), "{refused:?}");
    drop(second);
    first.write(&batch).unwrap();
    assert!(open_waiting(&database.url(), NO_WAIT).is_err());
}

#[test]
fn a_server_that_is_slow_to_answer_is_asked_again() {
    let server = Arc::new(PostgresServer::start());
    let database = Postgres::on(server.clone());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        // The first connection is never answered, as by a server whose machine is overloaded.
        let _unanswered = listener.accept();
        while let Ok((client, _)) = listener.accept() {
            server.relay(client);
        }
    });
    let name = database.name();
    let url: DatabaseUrl = format!("postgres://double@127.0.0.1:{port}/{name}").parse().unwrap();
    open(&url).unwrap();
}

#[test]
fn a_schema_of_another_program_is_refused_and_left_untouched() {
    let database = Postgres::new();
    database.execute("CREATE SCHEMA stunt_double; CREATE TABLE stunt_double.endpoints (x int)");
    let error = open(&database.url()).err().unwrap();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
    database.execute("SELECT x FROM stunt_double.endpoints");
}

#[test]
fn a_read_only_database_is_told_from_others() {
    let database = Postgres::new();
    drop(database.open());
    let name = database.name();
    database.execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    let outcome =
        open(&database.url()).and_then(|mut store| store.write(&endpoints([endpoint("a", 1)])));
    assert!(matches!(outcome, Err(StoreError::ReadOnly { .. })), "{outcome:?}");
}

#[test]
fn no_error_shows_the_password() {
    let database = Postgres::new();
    let good = url_with_password(&database.url());
    let check = |url: String| {
        let parsed: DatabaseUrl = url.parse().unwrap();
        let error = open(&parsed).err().unwrap_or_else(|| panic!("{parsed} was opened"));
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
        for text in [format!("{error}"), format!("{error:?}"), format!("{parsed:?}")] {
            assert!(!text.contains("hunter2"), "{text}");
            assert!(!text.contains('\n'), "{text}");
        }
    };
    check(good.replace("/double_", "/missing_"));
    check(good.replace("double:hunter2@", "nobody:hunter2@"));
    check(format!("{good}&unknown=hunter2"));

    check("postgres://u:hunter2@127.0.0.1:1/db".to_owned());
    check("postgres://u:hunter2@host.invalid/db?password=hunter2'x".to_owned());
}
