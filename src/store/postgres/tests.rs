//! How messages of the server are read; everything else needs one and stands in `tests/it/store`.

use super::*;

#[test]
fn messages_of_the_server_are_told_apart() {
    let check = |kind: DatabaseErrorKind, message: &str, expected: Kind| {
        let error = Error::DatabaseError(kind, Box::new(message.to_owned()));
        assert_eq!(classify(&error), expected, "{message}");
    };
    let unknown = || DatabaseErrorKind::Unknown;
    check(unknown(), r#"could not extend file "base/1/2": No space left on device"#, Kind::Full);
    check(unknown(), "permission denied for database x", Kind::ReadOnly);
    check(
        DatabaseErrorKind::ReadOnlyTransaction,
        "cannot execute INSERT in a read-only transaction",
        Kind::ReadOnly,
    );
    check(unknown(), "invalid page in block 3 of relation base/1/2", Kind::Corrupt);
    check(unknown(), "canceling statement due to statement timeout", Kind::Unavailable);
    check(unknown(), "terminating connection due to administrator command", Kind::Unavailable);
    check(DatabaseErrorKind::ClosedConnection, "", Kind::Unavailable);
    check(unknown(), "relation \"audit\" does not exist", Kind::Write);
}
