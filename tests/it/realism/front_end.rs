//! A front end built against a real backend runs unchanged on the mock: a list of things to do, in
//! a real browser, made for json-server.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::browser::Browser;
use crate::support::double::Double;

/// Node takes seconds to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Journeys of a person through the page from which the double learns.
const JOURNEYS: usize = 12;

const PAGE: &str = include_str!("../../web/todos.html");

/// json-server with three things to do; killed on drop.
struct JsonServer {
    child: Child,
    addr: SocketAddr,
    _folder: tempfile::TempDir,
}

impl JsonServer {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let todos: Vec<Value> = ["buy milk", "write letters", "water the plants"]
            .iter()
            .enumerate()
            .map(|(n, title)| json!({"id": n + 1, "title": title, "completed": n == 1}))
            .collect();
        let file = folder.path().join("db.json");
        std::fs::write(&file, json!({ "todos": todos }).to_string()).expect("written");
        let server = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/web/node_modules/json-server/lib/cli/bin.js"
        );
        assert!(std::path::Path::new(server).exists(), "`npm ci --prefix tests/web` was not run");
        // A port that was free a moment ago: the server takes no other way of finding one.
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = free.local_addr().expect("an address");
        drop(free);
        let child = Command::new("node")
            .arg(server)
            .arg(&file)
            .args(["--host", "127.0.0.1", "--port", &addr.port().to_string(), "--quiet"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("node is installed (.ci/run)");
        let begun = Instant::now();
        while TcpStream::connect(addr).is_err() {
            assert!(begun.elapsed() < PATIENCE, "json-server does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child, addr, _folder: folder }
    }
}

impl Drop for JsonServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a person does on the page, and sees after each step.
const JOURNEY: &str = r##"
    const [word] = given;
    const seen = [];
    const all = (what) => [...document.querySelectorAll(what)];
    const find = (title) => all("li").find((line) => line.querySelector(".title").value === title);
    const look = (step) => seen.push({
        step,
        own: all("li")
            .filter((line) => line.querySelector(".title").value.includes(word))
            .map((line) => [line.querySelector(".title").value, line.className]),
        failed: document.body.dataset.failed || null,
    });
    const act = async (step, what) => {
        const before = document.body.dataset.shown;
        const left = document.querySelector("#left").textContent;
        what();
        for (let n = 0; document.body.dataset.shown === before; n += 1) {
            if (document.body.dataset.failed || n > 2000) break;
            await new Promise((done) => setTimeout(done, 5));
        }
        look(step);
        const now = document.querySelector("#left").textContent;
        seen.at(-1).left = parseInt(now) - parseInt(left);
        seen.at(-1).ids = all("li").map((line) => line.dataset.id);
    };
    const enter = (field, value) => {
        field.value = value;
        field.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const show = (name) => document.querySelector(`[data-filter=${name}]`).click();
    // The page shows its list once by itself.
    while (!document.body.dataset.shown) await new Promise((done) => setTimeout(done, 5));
    await act("all", () => show("all"));
    await act("add one", () => enter(document.querySelector("#new"), `${word} bread`));
    await act("add another", () => enter(document.querySelector("#new"), `${word} tea`));
    await act("tick", () => find(`${word} bread`).querySelector("[type=checkbox]").click());
    await act("active", () => show("active"));
    await act("completed", () => show("completed"));
    await act("all again", () => show("all"));
    await act("edit", () => enter(find(`${word} tea`).querySelector(".title"), `${word} coffee`));
    await act("untick", () => find(`${word} bread`).querySelector("[type=checkbox]").click());
    await act("destroy", () => find(`${word} bread`).querySelector(".destroy").click());
    await act("destroy the last", () => find(`${word} coffee`).querySelector(".destroy").click());
    return seen;
"##;

fn page() -> Backend {
    let length = PAGE.len();
    Backend::answering(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n{PAGE}"
    ))
}

/// What of a journey does not depend on who went it before: the person's own lines without their
/// word, and by how many the number of open ones changed.
fn told(journey: &Value, word: &str) -> Vec<Value> {
    let steps = journey.as_array().expect("steps").iter();
    steps
        .map(|step| {
            let own = step["own"].to_string().replace(word, "W");
            json!([step["step"], own, step["left"], step["failed"]])
        })
        .collect()
}

#[test]
fn a_page_made_for_json_server_runs_unchanged_on_the_mock() {
    let (server, page) = (JsonServer::start(), page());
    let double = Double::in_front_of(format!("http://{}", server.addr));
    let browser = Browser::start();
    browser.open(&format!("{}/?api=http://{}", page.url(), double.addr));
    let words: Vec<String> =
        (0..JOURNEYS).map(|n| format!("{}{n}", ["fetch", "bring", "find"][n % 3])).collect();
    let mut real = Vec::new();
    for word in &words {
        real = told(&browser.run(JOURNEY, &[json!(word)]), word);
        // What is gone is looked for, once.
        double.get(&format!("/todos/{}", 4_000 + real.len()));
    }
    double.flush();
    drop(server);
    let mode = json!({ "mode": "mock", "latency_scale": 0 });
    assert_eq!(double.admin_json("PATCH", "/settings", &mode).status, 200);
    for word in ["borrow", "order"] {
        let journey = browser.run(JOURNEY, &[json!(word)]);
        assert_eq!(told(&journey, word), real, "{journey:#}");
    }
    let complaints = browser.complaints();
    assert!(complaints.iter().all(|line| line.contains("favicon")), "{complaints:?}");
}
