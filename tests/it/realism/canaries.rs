//! Unique values in every position of requests and answers are found nowhere afterwards.

use std::collections::HashSet;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::backend::Backend;
use crate::support::double::request;

/// Exchanges of each kind: enough for echoes, vocabularies and maps to be learned.
const EXCHANGES: usize = 40;

/// Letters of a canary: so many that no random stand-in holds one.
const LETTERS: usize = 14;

/// A value that exists once in the world, with no part that another one has: `n` tells the
/// exchange, `place` the position. What many values begin with is no secret of one of them.
fn canary(place: &str, n: usize) -> String {
    let letter = |at: usize| {
        let mut hasher = DefaultHasher::new();
        (place, n, at).hash(&mut hasher);
        let letter = (b'a' + (hasher.finish() % 26) as u8) as char;
        if at == 0 { letter.to_ascii_uppercase() } else { letter }
    };
    (0..LETTERS).map(letter).collect()
}

/// The positions of canaries.
const PLACES: &[&str] = &[
    "name", "prose", "key", "deep", "item", "mapkey", "mapval", "mapkeyb", "host", "dir", "urlq",
    "mail", "token", "itemid", "itemkey", "matrix", "ctype", "etag", "loc", "cookie", "cpath",
    "cname", "xval", "xname", "link", "realm", "query", "qname", "qtoken", "rcookie", "rcname",
    "referer", "bearer", "agent", "rname", "rvalue", "origin", "bname", "bkey", "bitem", "fname",
    "fkey", "text",
];

/// All canaries that may have come by, in lower case.
fn canaries() -> HashSet<String> {
    let exchanges = || (0..=EXCHANGES).chain(500..500 + 8 * EXCHANGES);
    let of = |n| PLACES.iter().map(move |place| canary(place, n).to_lowercase());
    exchanges().flat_map(of).collect()
}

/// The same as a number of twelve digits.
fn number(place: usize, n: usize) -> String {
    format!("9{place:02}731648{n:03}")
}

/// All that a backend may put a secret into.
fn answer(n: usize) -> Vec<u8> {
    let c = |place: &str| canary(place, n);
    let body = format!(
        r#"{{"id":{},"name":"{}","note":"Dear {}, see you","{}":1,"nested":{{"deep":{{"v":"{}"}}}},
        "list":["{}",{}],"map":{{"{}":"{}","{}":{}}},"url":"https://{}.example.com/{}?q={}",
        "email":"{}@example.com","token":"{}","when":"2026-11-22T10:00:00Z","amount":{}.5,
        "items":[{{"id":"{}","{}":[[{{"x":"{}"}}]]}}]}}"#,
        number(1, n),
        c("name"),
        c("prose"),
        c("key"),
        c("deep"),
        c("item"),
        number(2, n),
        c("mapkey"),
        c("mapval"),
        c("mapkeyb"),
        number(3, n),
        c("host"),
        c("dir"),
        c("urlq"),
        c("mail"),
        c("token"),
        number(4, n),
        c("itemid"),
        c("itemkey"),
        c("matrix"),
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; v={}\r\netag: \"{}\"\r\n\
         location: /things/{}\r\nset-cookie: sid={}; Path=/{}\r\nset-cookie: {}=1\r\n\
         x-thing: {}\r\nx-{}: 1\r\nlink: <https://{}.example.com/>; rel=next\r\n\
         www-authenticate: Basic realm={}\r\ncontent-length: {}\r\n\r\n",
        c("ctype"),
        c("etag"),
        c("loc"),
        c("cookie"),
        c("cpath"),
        c("cname"),
        c("xval"),
        c("xname"),
        c("link"),
        c("realm"),
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

/// All that a client may put a secret into, but for the path.
fn ask(addr: SocketAddr, n: usize, mock: bool) {
    let c = |place: &str| canary(place, n);
    let query = format!("/things?q={}&{}=1&page={n}&token={}", c("query"), c("qname"), c("qtoken"));
    let (cookie, referer) = (format!("a={}; {}=1", c("rcookie"), c("rcname")), c("referer"));
    let (bearer, agent) = (format!("Bearer {}", c("bearer")), c("agent"));
    let (name, value, origin) = (format!("x-{}", c("rname")), c("rvalue"), c("origin"));
    let origin = format!("https://{origin}.example.com");
    let mut headers = vec![
        ("cookie", cookie.as_str()),
        ("referer", &referer),
        ("authorization", &bearer),
        ("user-agent", &agent),
        ("origin", &origin),
        (&name, &value),
    ];
    let enabled = ("x-mock-enabled", "true");
    headers.extend(mock.then_some(enabled));
    drop(request(addr, "GET", &query, &headers, b""));
    let json = format!(
        r#"{{"name":"{}","{}":{},"list":["{}"]}}"#,
        c("bname"),
        c("bkey"),
        number(5, n),
        c("bitem")
    );
    headers.push(("content-type", "application/json"));
    drop(request(addr, "POST", "/things", &headers, json.as_bytes()));
    let form = format!("name={}&{}=1", c("fname"), c("fkey"));
    headers.pop();
    headers.push(("content-type", "application/x-www-form-urlencoded"));
    drop(request(addr, "PUT", "/form", &headers, form.as_bytes()));
    headers.pop();
    headers.push(("content-type", "text/plain"));
    drop(request(addr, "PUT", "/text", &headers, c("text").as_bytes()));
}

/// The whole program with its log in a file.
struct Program {
    process: Child,
    addr: SocketAddr,
}

impl Program {
    fn start(target: &str, folder: &Path) -> Self {
        let log = File::create(folder.join("log")).expect("a log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_stunt-double"))
            .args(["--target", target, "--listen", "127.0.0.1:0", "--latency-scale", "0"])
            .arg("--database-url")
            .arg(format!("sqlite://{}", folder.join("double.db").display()))
            .env("RUST_LOG", "debug")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("the first line");
        let addr = line.trim().strip_prefix("listening on http://").expect("the address");
        Self { process, addr: addr.parse().expect("an address") }
    }

    fn admin(&self, method: &str, path: &str) -> String {
        request(self.addr, method, &format!("/admin{path}"), &[], b"").text()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Already gone is as good.
        let _killed = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Everything the program says of itself and of what it learned.
fn said(program: &Program) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let list = program.admin("GET", "/endpoints?per_page=500");
    let json: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let ids = json["items"].as_array().expect("items").iter();
    let ids: Vec<String> = ids.map(|e| e["id"].as_str().expect("an id").to_owned()).collect();
    assert!(ids.len() >= 4, "{list}");
    said.push(("endpoints".to_owned(), list));
    for id in ids {
        for part in ["", "/stats", "/schema", "/schema?side=request", "/sample", "/sample?seed=1"] {
            let path = format!("/endpoints/{id}{part}");
            said.push((path.clone(), program.admin("GET", &path)));
        }
    }
    for path in ["/requests?limit=500", "/metrics", "/settings", "/templates", "/health/ready"] {
        said.push((path.to_owned(), program.admin("GET", path)));
    }
    said
}

#[test]
fn a_value_that_came_once_is_found_in_no_file_log_or_answer() {
    let counter = AtomicUsize::new(0);
    let backend = Backend::start(move |connection| {
        while connection.read_request().is_some() {
            // Each answer has canaries of its own, beyond those of the requests.
            connection.write(&answer(500 + counter.fetch_add(1, Ordering::SeqCst)));
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::start(&backend.url(), folder.path());
    for n in 0..EXCHANGES {
        ask(program.addr, n, false);
    }
    assert_eq!(program.admin("POST", "/flush"), r#"{"flushed":true,"reasons":true}"#);
    ask(program.addr, EXCHANGES, true);
    let mut said = said(&program);
    let mock = request(program.addr, "GET", "/things?page=3", &[("x-mock-enabled", "1")], b"");
    assert_eq!(mock.status, 200, "{}", mock.text());
    said.push(("a mock".to_owned(), mock.head.clone() + &mock.text()));
    // The database with its WAL, as it lies there while the program runs.
    for file in fs::read_dir(folder.path()).expect("the folder") {
        let path = file.expect("a file").path();
        let bytes = fs::read(&path).expect("readable");
        assert!(!bytes.is_empty() || path.extension().is_some(), "{}", path.display());
        said.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    assert!(said.iter().any(|(what, _)| what.ends_with("double.db")));
    let canaries = canaries();
    for (what, text) in &said {
        let text = text.to_lowercase();
        let windows = text.as_bytes().windows(LETTERS).filter_map(|w| std::str::from_utf8(w).ok());
        let found = windows.into_iter().find(|window| canaries.contains(*window));
        assert_eq!(found, None, "in {what}");
        let digits = (1..=5).find(|place| text.contains(&number(*place, 0)[..9]));
        assert_eq!(digits, None, "a number in {what}");
    }
}
