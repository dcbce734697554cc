//! Databases for tests, each empty and gone when dropped.

use std::fs;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use stunt_double::store::{DatabaseUrl, Store, open};
use tempfile::TempDir;

/// A database the suite runs on.
pub trait Database {
    fn url(&self) -> DatabaseUrl;

    /// Runs SQL behind the store's back.
    fn execute(&self, sql: &str);

    /// Leaves nothing of what was stored.
    fn wipe(&self);

    fn open(&self) -> Box<dyn Store> {
        open(&self.url()).unwrap()
    }
}

/// A file in a folder of its own.
pub struct Sqlite {
    folder: TempDir,
}

impl Sqlite {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("double.db")
    }

    /// Every file of the folder with its bytes, by name.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.folder()).unwrap().map(Result::unwrap);
        let mut files: Vec<_> = entries
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap_or_default())
            })
            .collect();
        files.sort();
        files
    }
}

impl Database for Sqlite {
    fn url(&self) -> DatabaseUrl {
        format!("sqlite://{}", self.path().display()).parse().unwrap()
    }

    fn execute(&self, sql: &str) {
        let mut conn = SqliteConnection::establish(self.path().to_str().unwrap()).unwrap();
        conn.batch_execute(sql).unwrap();
    }

    fn wipe(&self) {
        for (name, _) in self.files() {
            fs::remove_file(self.folder().join(name)).unwrap();
        }
    }
}

/// A database of its own on the tests' PostgreSQL server.
pub struct Postgres {
    server: Arc<PostgresServer>,
    name: String,
}

impl Postgres {
    /// On the server that tests share; it runs for as long as one of them does.
    pub fn new() -> Self {
        static SHARED: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let server = shared.upgrade().unwrap_or_else(|| Arc::new(PostgresServer::start()));
        *shared = Arc::downgrade(&server);
        drop(shared);
        Self::on(server)
    }

    /// On a server of its own, which the test may stop.
    pub fn on(server: Arc<PostgresServer>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("double_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        server.execute("postgres", &format!("CREATE DATABASE {name}"));
        Self { server, name }
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Database for Postgres {
    fn url(&self) -> DatabaseUrl {
        self.server.url(&self.name).parse().unwrap()
    }

    fn execute(&self, sql: &str) {
        self.server.execute(&self.name, &format!("SET search_path TO stunt_double; {sql}"));
    }

    fn wipe(&self) {
        self.server.execute(&self.name, "DROP SCHEMA IF EXISTS stunt_double CASCADE");
    }
}

/// The port that goes without saying.
const PORT: u16 = 5432;

/// A temporary PostgreSQL server on a Unix socket, stopped on drop.
pub struct PostgresServer {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    options: Vec<String>,
    running: Mutex<Option<Child>>,
}

const MISSING: &str = "no PostgreSQL server is installed: `apt-get install postgresql` (Debian) \
                       gives `initdb` and `postgres` in /usr/lib/postgresql/*/bin";

impl PostgresServer {
    /// By its Unix socket alone.
    pub fn start() -> Self {
        Self::start_with(PORT, &[], |_| {})
    }

    /// With a port, further options, and a look at its folder before it starts.
    pub fn start_with(port: u16, options: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let programs = programs().expect(MISSING);
        let folder = TempDir::new().unwrap();
        if let Some(user) = unprivileged_user() {
            std::os::unix::fs::chown(folder.path(), Some(user), None).unwrap();
        }
        let options = options.iter().map(ToString::to_string).collect();
        let server = Self { folder, programs, port, options, running: Mutex::new(None) };
        let mut initdb = server.command("initdb");
        initdb.args(["-A", "trust", "-U", "double", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]);
        let output = initdb.arg(server.data()).output().unwrap();
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        prepare(&server.data());
        server.resume();
        server
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.path().display();
        let port = if self.port == PORT { String::new() } else { format!("&port={}", self.port) };
        format!("postgres://double:hunter2@/{database}?host={socket}{port}")
    }

    /// Ends the server as an administrator would, cutting every session.
    pub fn stop(&self) {
        let Some(mut child) = self.lock().take() else { return };
        drop(child.stdin.take()); // the shell around the server waits for this
        child.wait().unwrap();
    }

    /// Starts it again on the same data and socket, and waits until it answers.
    pub fn resume(&self) {
        // The shell outlives neither the server nor this process: its standard input is a pipe
        // that ends with whichever of the two ends first, killed or not.
        let script = r#"
            data=$1
            "$0" -D "$@" 1>&2 2>"$data/log" </dev/null &
            server=$!
            read -r _
            kill -INT $server
            wait $server
        "#;
        let mut shell = self.command_at(Path::new("/bin/sh"));
        shell.arg("-c").arg(script).arg(self.programs.join("postgres"));
        shell.arg(self.data()).arg("-k").arg(self.folder.path()).stdin(Stdio::piped());
        shell.args(["-c", "listen_addresses=", "-c", "fsync=off", "-p", &self.port.to_string()]);
        shell.args(&self.options);
        *self.lock() = Some(shell.spawn().unwrap());
        // A connection attempt is the question, and each takes its time; nothing is slept for.
        let started = std::time::Instant::now();
        let url = self.url("postgres");
        while let Err(error) = PgConnection::establish(&url) {
            let log = fs::read_to_string(self.data().join("log")).unwrap_or_default();
            assert!(started.elapsed().as_secs() < 60, "PostgreSQL: {error}\n{log}");
            std::thread::yield_now();
        }
    }

    /// Carries the bytes of a TCP connection to the server's socket and back, on threads of their
    /// own that end with either side.
    pub fn relay(&self, client: TcpStream) {
        let server =
            UnixStream::connect(self.folder.path().join(format!(".s.PGSQL.{}", self.port)))
                .unwrap();
        let (mut client_in, mut server_out) =
            (client.try_clone().unwrap(), server.try_clone().unwrap());
        let (mut client_out, mut server_in) = (client, server);
        std::thread::spawn(move || {
            let _ended = io::copy(&mut client_in, &mut server_out);
            let _closed = server_out.shutdown(Shutdown::Both);
        });
        std::thread::spawn(move || {
            let _ended = io::copy(&mut server_in, &mut client_out);
            let _closed = client_out.shutdown(Shutdown::Both);
        });
    }

    pub fn execute(&self, database: &str, sql: &str) {
        let mut conn = PgConnection::establish(&self.url(database)).unwrap();
        conn.batch_execute(sql).unwrap();
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn lock(&self) -> MutexGuard<'_, Option<Child>> {
        self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn command(&self, program: &str) -> Command {
        self.command_at(&self.programs.join(program))
    }

    fn command_at(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some(user) = unprivileged_user() {
            command.uid(user); // the server refuses to run as root
        }
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where `initdb` and `postgres` are: in the path, or where Debian keeps each version.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path);
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let in_versions = versions.map(|version| version.path().join("bin"));
    in_path
        .chain(in_versions)
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// For root, a user that is not: `postgres`, or `nobody`. Everybody else stays who they are.
pub fn unprivileged_user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let root = fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0);
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let id_of = |name: &str| {
        let mut fields = users.lines().find(|line| line.starts_with(name))?.split(':');
        fields.nth(2)?.parse().ok()
    };
    if root { id_of("postgres:").or_else(|| id_of("nobody:")) } else { None }
}
