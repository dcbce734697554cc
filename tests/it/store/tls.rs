//! PostgreSQL behind TLS: each mode of libpq, against a server that refuses everything else.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, RunQueryDsl};
use stunt_double::store::{DatabaseUrl, StoreError, open, reach};
use tempfile::NamedTempFile;

use super::database::{Postgres, PostgresServer, unprivileged_user};
use super::records::{endpoint, endpoints};
use crate::support::tls::Authority;

/// Nobody gets in by TCP without TLS and the password.
const ACCESS: &str = "local all all trust\n\
                      hostssl all all 127.0.0.1/32 scram-sha-256\n";

/// A server whose certificate is for `localhost`, with a database.
struct Guarded {
    server: Arc<PostgresServer>,
    database: Postgres,
    root: NamedTempFile,
}

impl Guarded {
    fn start() -> Self {
        let authority = Authority::new();
        let (certificate, key) = authority.issue("localhost");
        Self::showing(&certificate, &key, authority.file())
    }

    fn showing(certificate: &str, key: &str, root: NamedTempFile) -> Self {
        let prepare = |data: &Path| {
            for (name, text) in
                [("server.crt", certificate), ("server.key", key), ("pg_hba.conf", ACCESS)]
            {
                let file = data.join(name);
                std::fs::write(&file, text).unwrap();
                std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
                if let Some(user) = unprivileged_user() {
                    std::os::unix::fs::chown(&file, Some(user), None).unwrap();
                }
            }
        };
        let options = ["-c", "ssl=on", "-c", "listen_addresses=127.0.0.1"];
        let server = Arc::new(PostgresServer::start_with(free_port(), &options, prepare));
        let database = Postgres::on(server.clone());
        server.execute("postgres", "ALTER USER double PASSWORD 'hunter2'");
        Self { server, database, root }
    }

    fn url(&self, host: &str, query: &str) -> DatabaseUrl {
        let (port, name) = (self.server.port(), self.database.name());
        let query = query.replace("ROOT", &self.root.path().display().to_string());
        format!("postgres://double:hunter2@{host}:{port}/{name}?{query}").parse().unwrap()
    }

    fn check_reached(&self, host: &str, query: &str) {
        let mut store = open(&self.url(host, query)).unwrap_or_else(|e| panic!("{query}: {e}"));
        let many = endpoints((0..200).map(|n| endpoint(&format!("{n:03}"), 1)));
        store.write(&many).unwrap();
        assert_eq!(store.load().unwrap().endpoints.len(), 200, "{query}");
        let by_socket = self.server.url(self.database.name());
        let mut conn = PgConnection::establish(&by_socket).unwrap();
        let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                         WHERE ssl AND application_name = 'stunt-double'";
        let encrypted: i64 = sql::<BigInt>(encrypted).get_result(&mut conn).unwrap();
        assert_eq!(encrypted, 1, "{query}");
    }

    fn check_refused(&self, host: &str, query: &str, words: &str) {
        let error = open(&self.url(host, query)).err().unwrap_or_else(|| panic!("{query}"));
        let told = error.to_string();
        assert!(told.contains(words), "{query}: {told}");
        assert!(!told.contains("hunter2") && !told.contains("on socket"), "{told}");
        assert!(!error.server_is_away(), "{told}");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_server_that_wants_tls_is_reached_in_each_mode_that_has_it() {
    let guarded = Guarded::start();
    for query in ["", "sslmode=allow", "sslmode=prefer", "sslmode=require"] {
        guarded.check_reached("127.0.0.1", query);
    }
    guarded.check_reached("127.0.0.1", "sslmode=require&sslrootcert=ROOT");
    guarded.check_reached("127.0.0.1", "sslmode=verify-ca&sslrootcert=ROOT");
    guarded.check_reached("localhost", "sslmode=verify-full&sslrootcert=ROOT");
    let by_address = "sslmode=verify-full&sslrootcert=ROOT&hostaddr=127.0.0.1";
    guarded.check_reached("localhost", by_address);
    guarded.check_refused("127.0.0.1", "sslmode=disable", "no pg_hba.conf entry");
}

#[test]
fn a_server_that_is_another_than_was_meant_is_refused() {
    let guarded = Guarded::start();
    let full = "sslmode=verify-full&sslrootcert=ROOT";
    guarded.check_refused("127.0.0.1", full, "not valid for name");
    guarded.check_refused("127.0.0.1", "sslrootcert=system", "UnknownIssuer");
    let other = Authority::new().file();
    let other = other.path().display();
    for mode in ["require", "verify-ca", "verify-full"] {
        let query = format!("sslmode={mode}&sslrootcert={other}");
        guarded.check_refused("localhost", &query, "invalid peer certificate");
    }
    let missing = "sslmode=verify-ca&sslrootcert=/none.pem";
    guarded.check_refused("localhost", missing, "`sslrootcert` /none.pem");
    let wrong = "sslmode=require&password=wrong";
    guarded.check_refused("localhost", wrong, "password authentication failed");
}

#[test]
fn a_certificate_that_a_server_made_for_itself_is_believed_by_itself() {
    let (certificate, key, root) = Authority::own("localhost");
    let guarded = Guarded::showing(&certificate, &key, root);
    guarded.check_reached("localhost", "sslmode=verify-full&sslrootcert=ROOT");
    guarded.check_reached("127.0.0.1", "sslmode=verify-ca&sslrootcert=ROOT");
    let full = "sslmode=verify-full&sslrootcert=ROOT";
    guarded.check_refused("127.0.0.1", full, "not valid for name");
}

#[test]
fn a_server_behind_tls_that_goes_away_and_comes_back_is_survived() {
    let guarded = Guarded::start();
    let url = guarded.url("localhost", "sslmode=verify-full&sslrootcert=ROOT");
    let mut store = open(&url).unwrap();
    store.write(&endpoints([endpoint("a", 1)])).unwrap();
    guarded.server.stop();
    let batch = endpoints([endpoint("a", 2)]);
    let failed = store.write(&batch);
    assert!(matches!(failed, Err(StoreError::Unavailable { .. })), "{failed:?}");
    let away = reach(&url).unwrap_err();
    assert!(away.server_is_away(), "{away}");
    guarded.server.resume();
    store.write(&batch).unwrap();
    assert_eq!(store.load().unwrap().endpoints, [endpoint("a", 2)]);
}

#[test]
fn a_server_without_tls_is_reached_only_where_that_is_allowed() {
    let server = Arc::new(PostgresServer::start());
    let database = Postgres::on(server.clone());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((client, _)) = listener.accept() {
            server.relay(client);
        }
    });
    let url = |query: &str| -> DatabaseUrl {
        let name = database.name();
        format!("postgres://double@127.0.0.1:{port}/{name}?{query}").parse().unwrap()
    };
    for query in ["", "sslmode=disable", "sslmode=allow", "sslmode=prefer"] {
        open(&url(query)).unwrap_or_else(|error| panic!("{query}: {error}"));
    }
    let error = open(&url("sslmode=require")).err().unwrap();
    assert!(error.to_string().contains("the server does not speak TLS"), "{error}");
    assert!(!error.server_is_away(), "{error}");
}
