//! Which files are refused, and that they are left as they were; locks, and files that vanish.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use stunt_double::store::{DatabaseUrl, StoreError, Stored, open};

use super::child::{Child, Role};
use super::database::{Database, Sqlite};
use super::records::{endpoint, endpoints};

fn error_of(url: &DatabaseUrl) -> StoreError {
    match open(url) {
        Ok(_) => panic!("`{url}` was opened"),
        Err(error) => error,
    }
}

/// Opening fails with one line that names the file, and changes nothing in its folder.
fn check_refused(database: &Sqlite, is_expected: fn(&StoreError) -> bool) {
    let before = database.files();
    let error = error_of(&database.url());
    assert!(is_expected(&error), "{error:?}");
    let message = error.to_string();
    assert!(message.contains(database.path().to_str().unwrap()), "{message}");
    assert!(!message.contains('\n'), "{message}");
    assert_eq!(database.files(), before, "the refused file or its folder was touched: {message}");
}

fn is_foreign(error: &StoreError) -> bool {
    matches!(error, StoreError::Foreign { .. })
}

fn is_corrupt(error: &StoreError) -> bool {
    matches!(error, StoreError::Corrupt { .. })
}

/// A closed database with content, without its lock file.
fn closed() -> Sqlite {
    let database = Sqlite::new();
    let many = endpoints((0..200).map(|n| endpoint(&n.to_string(), n)));
    database.open().write(&many).unwrap();
    fs::remove_file(database.folder().join("double.db.lock")).unwrap();
    database
}

#[test]
fn files_of_something_else_are_refused_and_left_untouched() {
    let check = |bytes: &[u8]| {
        let database = Sqlite::new();
        fs::write(database.path(), bytes).unwrap();
        check_refused(&database, is_foreign);
    };
    check(b"x");
    check(b"SQLite format 3\0");
    check(&[0; 4096]);
    check("name,value\n".repeat(1_000).as_bytes());
}

#[test]
fn databases_of_another_program_are_refused_and_left_untouched() {
    let check = |sql: &str| {
        let database = Sqlite::new();
        database.execute(sql);
        check_refused(&database, is_foreign);
    };
    check("CREATE TABLE endpoints (id TEXT)");
    check("PRAGMA journal_mode = WAL; CREATE TABLE endpoints (id TEXT)");
    check("PRAGMA application_id = 7; PRAGMA user_version = 1; CREATE TABLE x (id TEXT)");
}

#[test]
fn a_folder_in_place_of_the_file_is_refused() {
    let database = Sqlite::new();
    fs::create_dir(database.path()).unwrap();
    check_refused(&database, is_foreign);
}

#[test]
fn a_newer_database_is_refused_and_left_untouched() {
    let database = closed();
    database.execute("PRAGMA user_version = 99");
    check_refused(&database, |error| matches!(error, StoreError::Newer { found: 99, .. }));
}

#[test]
fn a_newer_schema_that_only_the_write_ahead_log_tells_of_is_refused() {
    let (from, to) = (closed(), Sqlite::new());
    let mut conn = SqliteConnection::establish(from.path().to_str().unwrap()).unwrap();
    conn.batch_execute("PRAGMA user_version = 99").unwrap();
    for name in ["double.db", "double.db-wal"] {
        fs::copy(from.folder().join(name), to.folder().join(name)).unwrap(); // as a crash leaves it
    }
    let before = to.files();
    assert!(matches!(error_of(&to.url()), StoreError::Newer { found: 99, .. }));
    let names = ["double.db", "double.db-wal"].map(str::to_owned);
    let after: Vec<_> = to.files().into_iter().filter(|(name, _)| names.contains(name)).collect();
    assert_eq!(after, before);
}

#[test]
fn damaged_databases_are_refused_and_left_untouched() {
    let check = |damage: fn(&mut Vec<u8>)| {
        let database = closed();
        let mut bytes = fs::read(database.path()).unwrap();
        damage(&mut bytes);
        fs::write(database.path(), bytes).unwrap();
        // The file is ours, so its lock may stand beside it.
        fs::write(database.folder().join("double.db.lock"), b"").unwrap();
        check_refused(&database, is_corrupt);
    };
    check(|bytes| bytes.truncate(bytes.len() / 2));
    check(|bytes| bytes[4096..].fill(0xff));
    check(|bytes| {
        let middle = bytes.len() / 2;
        bytes[middle..middle + 8_192].fill(0);
    });
}

#[test]
fn a_missing_folder_is_named() {
    let database = Sqlite::new();
    let url = format!("sqlite://{}/missing/x.db", database.folder().display());
    let error = error_of(&url.parse().unwrap());
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("/missing`: "), "{error}");
    assert_eq!(database.files(), []);
}

/// What an unprivileged process says about opening, with these modes set meanwhile.
fn opened_without_privileges(database: &Sqlite, modes: &[(&Path, u32)]) -> String {
    for (path, mode) in modes {
        fs::set_permissions(path, Permissions::from_mode(*mode)).unwrap();
    }
    let programs = tempfile::tempdir().unwrap();
    fs::set_permissions(programs.path(), Permissions::from_mode(0o755)).unwrap();
    let before = database.files();
    let mut child = Child::start_unprivileged(Role::Hold, &database.url(), programs.path());
    assert_eq!(child.line().as_deref(), Some("opening"));
    let answer = child.line().unwrap();
    drop(child);
    assert_eq!(database.files(), before, "{answer}");
    fs::set_permissions(database.folder(), Permissions::from_mode(0o755)).unwrap();
    answer
}

#[test]
fn a_read_only_file_or_folder_is_refused_and_left_untouched() {
    let check = |database: &Sqlite, modes: &[(&Path, u32)]| {
        let answer = opened_without_privileges(database, modes);
        assert!(answer.starts_with("ReadOnly"), "{answer}");
    };
    let database = closed();
    check(&database, &[(database.folder(), 0o777), (&database.path(), 0o444)]);
    let database = closed();
    check(&database, &[(database.folder(), 0o555), (&database.path(), 0o666)]);
    let database = Sqlite::new();
    check(&database, &[(database.folder(), 0o555)]);
    let database = closed();
    let lock = database.folder().join("double.db.lock");
    fs::write(&lock, b"").unwrap();
    check(&database, &[(database.folder(), 0o555), (&database.path(), 0o666), (&lock, 0o666)]);
}

#[test]
fn a_second_process_is_refused_while_the_first_runs() {
    let database = Sqlite::new();
    let mut child = Child::start(Role::Hold, &database.url());
    assert_eq!(child.line().as_deref(), Some("opening"));
    assert_eq!(child.line().as_deref(), Some("opened"));
    let error = error_of(&database.url());
    assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
    assert!(error.to_string().contains("in use by another stunt-double"), "{error}");
    child.kill();
    database.open();
}

#[test]
fn every_name_of_a_file_leads_to_one_lock() {
    let database = Sqlite::new();
    let store = database.open();
    assert!(matches!(error_of(&database.url()), StoreError::Locked { .. }));
    let link = database.folder().join("link.db");
    std::os::unix::fs::symlink(database.path(), &link).unwrap();
    let url = format!("sqlite://{}", link.display()).parse().unwrap();
    assert!(matches!(error_of(&url), StoreError::Locked { .. }));
    drop(store);
    open(&url).unwrap();
}

#[test]
fn a_closed_database_is_one_file_and_its_lock() {
    let database = Sqlite::new();
    let mut store = database.open();
    store.write(&endpoints([endpoint("a", 1)])).unwrap();
    drop(store);
    let names: Vec<_> = database.files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["double.db", "double.db.lock"]);
}

#[test]
fn odd_file_names_are_taken_literally() {
    for name in ["a b%20c#d é.db", "file:x.db", "%2e.db", "'quoted'.db"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let url: DatabaseUrl = format!("sqlite://{}", path.display()).parse().unwrap();
        open(&url).unwrap().write(&endpoints([endpoint("a", 1)])).unwrap();
        assert!(path.is_file(), "{name}");
        assert_eq!(open(&url).unwrap().load().unwrap().endpoints, [endpoint("a", 1)], "{name}");
    }
}

#[test]
fn a_file_that_is_replaced_meanwhile_is_noticed() {
    let database = Sqlite::new();
    let mut store = database.open();
    store.check().unwrap();
    let path = database.path();
    fs::copy(&path, path.with_extension("copy")).unwrap();
    fs::rename(path.with_extension("copy"), &path).unwrap();
    for outcome in [store.check(), store.write(&endpoints([endpoint("a", 1)]))] {
        assert!(matches!(outcome, Err(StoreError::Unavailable { .. })), "{outcome:?}");
    }
}

#[test]
fn a_file_that_is_removed_meanwhile_is_made_anew_with_all_it_held() {
    let check = |is_removed: fn(&str) -> bool| {
        let database = Sqlite::new();
        let mut store = database.open();
        store.write(&endpoints([endpoint("a", 1)])).unwrap();
        for round in 0..2 {
            for (name, _) in database.files().into_iter().filter(|(name, _)| is_removed(name)) {
                fs::remove_file(database.folder().join(name)).unwrap();
            }
            store.write(&endpoints([endpoint(&format!("b{round}"), 2)])).unwrap();
        }
        let expected = [endpoint("a", 1), endpoint("b0", 2), endpoint("b1", 2)];
        assert_eq!(store.load().unwrap().endpoints, expected);
        // Its lock is held again, and it opens like any other.
        assert!(matches!(error_of(&database.url()), StoreError::Locked { .. }));
        drop(store);
        assert_eq!(database.open().load().unwrap().endpoints, expected);
    };
    check(|_every| true);
    check(|name| name == "double.db");
}

#[test]
fn flipped_bytes_cost_the_endpoint_they_are_in_and_a_copy_is_kept() {
    let check = |damage: &str, left: &[&str], named: &str| {
        let database = Sqlite::new();
        database.open().write(&endpoints(["a", "b", "c"].map(|id| endpoint(id, 1)))).unwrap();
        database.execute(damage);
        let mut store = database.open();
        let stored = store.load().unwrap();
        let ids: Vec<&str> = stored.endpoints.iter().map(|endpoint| &*endpoint.id).collect();
        assert_eq!(ids, left, "{damage}");
        assert_eq!(stored.damaged, [named], "{damage}");
        let aside = database.folder().join("double.db.damaged");
        assert!(aside.exists(), "a copy is kept");
        store.write(&endpoints([endpoint("b", 2)])).unwrap();
        assert_eq!(store.load().unwrap().damaged, <[&str; 0]>::default(), "it is learned anew");
    };
    let (all, name) = (["a", "b", "c"], "GET /things/b/{id}");
    let byte = "CAST(x'7bff7d' AS TEXT)";
    check(&format!("UPDATE endpoints SET model = {byte} WHERE id = 'b'"), &["a", "c"], name);
    let of_b = "WHERE endpoint_id = 'b' AND status = 200";
    check(&format!("UPDATE statuses SET model = {byte} {of_b}"), &all, name);
    check(&format!("UPDATE schemas SET document = {byte} {of_b}"), &all, name);
}

#[test]
fn databases_in_memory_work_and_are_apart() {
    let url: DatabaseUrl = "sqlite://:memory:".parse().unwrap();
    let mut one = open(&url).unwrap();
    let mut other = open(&url).unwrap();
    one.write(&endpoints([endpoint("a", 1)])).unwrap();
    one.check().unwrap();
    assert_eq!(one.load().unwrap().endpoints, [endpoint("a", 1)]);
    assert_eq!(other.load().unwrap(), Stored::default());
}
