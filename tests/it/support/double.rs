//! A double as production starts it, on ports of its own, stopped when dropped.
//!
//! ```text
//! let double = Double::in_front_of_demo();
//! double.get("/users/7");                                   // through the double
//! double.flush();                                           // until it is learned
//! double.admin("GET", "/endpoints").json();                 // what it knows
//! Double::with(&["--mode", "mock"]).database(url).start();  // other settings
//! ```

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use serde_json::Value;
use stunt_double::app::App;
use stunt_double::config::{self, Cli, Command, Settings};
use stunt_double::demo;
use stunt_double::runtime::learning::{LearningHandle, PlannedFaults};
use stunt_double::store::Store;
use tokio::sync::oneshot;

use super::client::{RawAnswer, RawClient};

/// Seed of doubles and sample backends in tests: every run is the same.
const SEED: &str = "7";

/// A double to be started.
pub struct Setup {
    flags: Vec<String>,
    target: Option<String>,
    sample_backend: bool,
    database: String,
    store: Option<Box<dyn Store>>,
    faults: PlannedFaults,
}

/// A running double. Dropping it stops it as SIGTERM would.
pub struct Double {
    /// Where the public listener is.
    pub addr: SocketAddr,
    /// Where the admin is: the public listener, or its own.
    pub admin_addr: SocketAddr,
    learning: LearningHandle,
    prefix: String,
    token: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    stopped: Option<JoinHandle<Result<(), String>>>,
    _backend: Option<DemoBackend>,
}

impl Setup {
    /// Where learned state is kept; in memory unless said otherwise.
    pub fn database(mut self, url: impl Into<String>) -> Self {
        self.database = url.into();
        self
    }

    /// An open store in the place of a database, such as one that fails by plan.
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.store = Some(Box::new(store));
        self
    }

    /// Faults of the learning side.
    pub fn faults(mut self, faults: PlannedFaults) -> Self {
        self.faults = faults;
        self
    }

    /// The backend; without one the double has a sample backend of its own.
    pub fn target(mut self, url: impl Into<String>) -> Self {
        self.target = Some(url.into());
        self
    }

    /// Starts it; returns once it listens.
    pub fn start(self) -> Double {
        let backend = match self.target {
            Some(_) => None,
            None => self.sample_backend.then(DemoBackend::start),
        };
        let target = self.target.or_else(|| backend.as_ref().map(DemoBackend::url));
        let settings = settings(&self.flags, target.as_deref(), &self.database);
        let (prefix, token) =
            (settings.admin.prefix.as_str().to_owned(), settings.admin.token.clone());
        let (started, addresses) = mpsc::channel();
        let (stop, stopping) = oneshot::channel();
        let (store, faults) = (self.store, self.faults);
        let stopped = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let store = store.unwrap_or_else(|| {
                    let url = settings.database_url.parse().expect("a URL");
                    stunt_double::store::open(&url).expect("a database")
                });
                let app = App::start_with_faults(settings, store, faults).await;
                let app = app.expect("the double starts");
                let admin = app.admin_address().unwrap_or(app.address());
                let learning = app.learning().clone();
                started.send((app.address(), admin, learning)).expect("the test waits");
                // An error means that the test has ended otherwise: stop all the same.
                let _told = stopping.await;
                app.stop().await
            })
        });
        let (addr, admin_addr, learning) = addresses.recv().expect("the double starts");
        let (stop, stopped) = (Some(stop), Some(stopped));
        Double { addr, admin_addr, learning, prefix, token, stop, stopped, _backend: backend }
    }
}

/// Settings as the command line gives them: the flags of a test beat those of all tests.
fn settings(flags: &[String], target: Option<&str>, database: &str) -> Settings {
    let mut args = vec!["stunt-double".to_owned()];
    args.extend(target.into_iter().flat_map(|target| ["--target".to_owned(), target.to_owned()]));
    for (flag, value) in [
        ("--listen", "127.0.0.1:0"),
        ("--database-url", database),
        ("--latency-scale", "0"),
        ("--seed", SEED),
    ] {
        if !flags.iter().any(|given| given == flag) {
            args.extend([flag.to_owned(), value.to_owned()]);
        }
    }
    args.extend(flags.iter().cloned());
    match config::parse(args.into_iter().map(Into::into)) {
        Ok(Cli { command: Command::Serve(settings) }) => *settings,
        other => panic!("the flags of a test are usable: {other:?}"),
    }
}

impl Double {
    /// A double with these flags, to be completed and started.
    pub fn with(flags: &[&str]) -> Setup {
        Setup {
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            target: None,
            sample_backend: true,
            database: "sqlite://:memory:".into(),
            store: None,
            faults: PlannedFaults::default(),
        }
    }

    /// A double in front of a sample backend of its own that answers at once.
    pub fn in_front_of_demo() -> Self {
        Self::with(&[]).start()
    }

    /// A double whose target nobody has set.
    pub fn without_target() -> Self {
        Setup { sample_backend: false, ..Self::with(&[]) }.start()
    }

    /// A double in front of the backend at `url`.
    pub fn in_front_of(url: impl Into<String>) -> Self {
        Self::with(&[]).target(url).start()
    }

    /// One request to the public listener, on a connection of its own.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> RawAnswer {
        request(self.addr, method, path, headers, body)
    }

    /// A GET through the double.
    pub fn get(&self, path: &str) -> RawAnswer {
        self.request("GET", path, &[], b"")
    }

    /// A GET answered by the learned model.
    pub fn mock(&self, path: &str) -> RawAnswer {
        self.request("GET", path, &[("x-mock-enabled", "true")], b"")
    }

    /// A GET answered by the learned model, with further headers.
    pub fn mock_with(&self, path: &str, headers: &[(&str, &str)]) -> RawAnswer {
        self.request("GET", path, &[&[("x-mock-enabled", "true")], headers].concat(), b"")
    }

    /// A POST of JSON through the double.
    pub fn post(&self, path: &str, body: &Value) -> RawAnswer {
        let body = body.to_string();
        self.request("POST", path, &[("content-type", "application/json")], body.as_bytes())
    }

    /// A request to the admin, with its token; `path` is relative to its prefix.
    pub fn admin(&self, method: &str, path: &str) -> RawAnswer {
        self.admin_with(method, path, b"")
    }

    /// A request with a JSON body to the admin, with its token.
    pub fn admin_json(&self, method: &str, path: &str, body: &Value) -> RawAnswer {
        self.admin_with(method, path, body.to_string().as_bytes())
    }

    /// A request with any body to the admin, with its token.
    pub fn admin_with(&self, method: &str, path: &str, body: &[u8]) -> RawAnswer {
        let token = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(token.as_ref().map(|token| ("authorization", token.as_str())));
        let path = format!("{}{path}", self.prefix);
        request(self.admin_addr, method, &path, &headers, body)
    }

    /// Waits until everything received so far is learned, published and stored.
    pub fn flush(&self) {
        let answer = self.admin("POST", "/flush");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Sends the sample backend's own traffic through the double, and flushes.
    pub fn learn_demo(&self, requests: usize) {
        let base = format!("http://{}", self.addr);
        let seed = SEED.parse().expect("a number");
        let report = actix_web::rt::System::new()
            .block_on(async { demo::send_traffic(&base, requests, seed).await });
        assert_eq!(report.failed, 0, "{report:?}");
        self.flush();
    }

    /// The id of a learned endpoint, named as in `X-Mock-Endpoint`: `GET /users/{id}`.
    pub fn endpoint_id(&self, label: &str) -> String {
        let (method, template) = label.split_once(' ').expect("method and template");
        let list = self.admin("GET", "/endpoints?per_page=500").json();
        let items = list["items"].as_array().expect("items");
        let found = items.iter().find(|e| e["method"] == method && e["path"] == template);
        let id = found.unwrap_or_else(|| panic!("`{label}` is not among {list}"))["id"].as_str();
        id.expect("an id").to_owned()
    }

    /// The learning side as the double itself holds it.
    pub fn learning(&self) -> &LearningHandle {
        &self.learning
    }

    /// Observations learned of `METHOD /template`; 0 when it is unknown.
    pub fn observations(&self, endpoint: &str) -> u64 {
        let catalog = self.learning.catalog_full();
        let found = catalog.endpoints().find(|handle| handle.key().to_string() == endpoint);
        found.map_or(0, |handle| handle.published().snapshot.model.observations)
    }

    /// Stops it and says how that went.
    pub fn stop(mut self) -> Result<(), String> {
        self.tell_stop().expect("it runs")
    }

    fn tell_stop(&mut self) -> Option<Result<(), String>> {
        // An error means that it has ended already, which the join tells.
        let _told = self.stop.take()?.send(());
        Some(self.stopped.take()?.join().expect("the double does not panic"))
    }

    /// Begins to stop it, without waiting.
    pub fn begin_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _told = stop.send(());
        }
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.tell_stop();
        }
    }
}

/// One request on a connection of its own.
pub fn request(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> RawAnswer {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    let mut client = RawClient::connect(addr);
    // A refused upload may be answered before it is sent whole.
    let _sent = client.send(&[head.as_bytes(), b"\r\n", body].concat());
    client.answer_to(method == "HEAD").unwrap_or_else(|| panic!("no answer to {method} {path}"))
}

impl RawAnswer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("no JSON ({error}): {} {}", self.status, self.text());
        })
    }
}

/// The sample backend on a port of its own, answering at once; stopped when dropped.
pub struct DemoBackend {
    addr: SocketAddr,
    server: ServerHandle,
}

impl DemoBackend {
    /// Starts one.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let addr = listener.local_addr().expect("bound");
        let (started, server) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let backend = demo::Backend { latency_scale: 0.0, ..demo::Backend::seeded(7) };
                let server = backend.serve(listener).expect("serves");
                started.send(server.handle()).expect("the test waits");
                server.await.expect("serves");
            });
        });
        Self { addr, server: server.recv().expect("started") }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

impl Drop for DemoBackend {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}
