//! A whole double on a thread of its own, started as production starts it, with a store and
//! planned faults of the test's choice.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

use stunt_double::app::App;
use stunt_double::config::{self, Command, Settings};
use stunt_double::runtime::learning::{LearningHandle, PlannedFaults};
use stunt_double::store::Store;
use tokio::sync::oneshot;

use crate::support::client::{RawAnswer, RawClient};

/// A running double; dropping it stops it.
pub struct Rig {
    addr: SocketAddr,
    learning: LearningHandle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Settings as the command line gives them, on a free port and in memory.
pub fn settings(target: &str, more: &[&str]) -> Settings {
    let fixed = ["stunt-double", "--target", target, "--listen", "127.0.0.1:0", "--seed", "tests"];
    let memory = ["--database-url", "sqlite://:memory:"];
    let database: &[&str] = if more.contains(&"--database-url") { &[] } else { &memory };
    let args = fixed.iter().chain(database).chain(more).map(Into::into);
    match config::parse(args) {
        Ok(cli) => match cli.command {
            Command::Serve(settings) => *settings,
            other => panic!("expected settings, got {other:?}"),
        },
        Err(refusal) => panic!("{refusal:?}"),
    }
}

impl Rig {
    pub fn start(target: &str, more: &[&str]) -> Self {
        Self::launch(settings(target, more), None, PlannedFaults::default())
    }

    pub fn with_faults(target: &str, more: &[&str], faults: PlannedFaults) -> Self {
        Self::launch(settings(target, more), None, faults)
    }

    pub fn with_store(target: &str, more: &[&str], store: Box<dyn Store>) -> Self {
        Self::launch(settings(target, more), Some(store), PlannedFaults::default())
    }

    fn launch(settings: Settings, store: Option<Box<dyn Store>>, faults: PlannedFaults) -> Self {
        let (started, running) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            actix::System::new().block_on(async move {
                let store = store.unwrap_or_else(|| {
                    stunt_double::store::open(&settings.database_url.parse().expect("a URL"))
                        .expect("a database")
                });
                let app = App::start_with_store(settings, store, faults).await.expect("starts");
                started.send((app.address(), app.learning().clone())).expect("test waits");
                let _told = stopped.await;
                let _saved = app.stop().await;
            });
        });
        let (addr, learning) = running.recv().expect("the double starts");
        Self { addr, learning, stop: Some(stop), thread: Some(thread) }
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn learning(&self) -> &LearningHandle {
        &self.learning
    }

    /// One request on a connection of its own; `headers` end with CRLF each.
    pub fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> RawAnswer {
        let mut client = RawClient::connect(self.addr);
        let length = if body.is_empty() {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}{length}\r\n{body}");
        client.send(head.as_bytes());
        client.answer_to(method == "HEAD").expect("an answer")
    }

    pub fn get(&self, path: &str) -> RawAnswer {
        self.request("GET", path, "", "")
    }

    pub fn mock(&self, path: &str, headers: &str) -> RawAnswer {
        self.request("GET", path, &format!("x-mock-enabled: true\r\n{headers}"), "")
    }

    /// Everything sent so far is learned, published and stored after this.
    pub fn flush(&self) {
        assert_eq!(self.request("POST", "/admin/flush", "", "").status, 200);
    }

    /// Observations learned of `METHOD /template`; 0 when it is unknown.
    pub fn observations(&self, endpoint: &str) -> u64 {
        let catalog = self.learning.catalog_full();
        let found = catalog.endpoints().find(|handle| handle.key().to_string() == endpoint);
        found.map_or(0, |handle| handle.published().snapshot.model.observations)
    }

    /// Stops in good order.
    pub fn stop(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _told = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.expect("the double stops without a panic");
            }
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.finish();
    }
}
