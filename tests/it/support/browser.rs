//! A real browser without a window: Chromium, driven over WebDriver (a W3C recommendation).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// A browser takes seconds to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A browser with one window; closed when dropped.
pub struct Browser {
    driver: Child,
    addr: SocketAddr,
    session: String,
}

impl Browser {
    /// Starts Chromium behind its driver, with a profile of its own.
    pub fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Debian's chromium-driver is installed (.ci/run)");
        let addr = address(&mut driver);
        let mut browser = Self { driver, addr, session: String::new() };
        // Without a sandbox, since tests run as root in containers, and without shared memory.
        let args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
        let options = json!({ "args": args });
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let asked = json!({ "capabilities": { "alwaysMatch": wanted } });
        let session = browser.call("POST", "/session", &asked);
        browser.session = String::from(session["sessionId"].as_str().expect("a session"));
        let timeouts = json!({ "script": PATIENCE.as_millis() as u64 });
        browser.order("timeouts", &timeouts);
        browser
    }

    /// Opens a page.
    pub fn open(&self, url: &str) {
        self.order("url", &json!({ "url": url }));
    }

    /// Runs the body of an `async` function in the page and returns what it returns.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];\
             const given = Array.from(arguments).slice(0, -1);\
             (async () => {{ {script} }})()\
             .then(value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        let done = self.order("execute/async", &json!({ "script": script, "args": arguments }));
        assert!(done["error"].is_null(), "in the page: {}", done["error"]);
        done["value"].clone()
    }

    /// Makes the window so large, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.order("window/rect", &json!({ "width": width, "height": height }));
    }

    /// What the window shows, as a PNG.
    pub fn picture(&self) -> Vec<u8> {
        use base64::Engine as _;
        let path = format!("/session/{}/screenshot", self.session);
        let picture = self.call("GET", &path, &json!({}));
        let text = picture.as_str().expect("base64");
        base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
    }

    /// Hides scroll bars, as phones do, which draw them over the page.
    pub fn hide_scroll_bars(&self) {
        self.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
    }

    /// Bytes of the page's heap that are in use once garbage is collected.
    pub fn heap_bytes(&self) -> u64 {
        self.devtools("HeapProfiler.collectGarbage", &json!({}));
        let usage = self.devtools("Runtime.getHeapUsage", &json!({}));
        usage["usedSize"].as_f64().expect("a number") as u64
    }

    /// A command of the Chrome DevTools Protocol.
    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.order("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What the page has complained about since it was asked last: errors, and what its policy or
    /// the network refused.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.order("se/log", &json!({ "type": "browser" }));
        let entries = entries.as_array().expect("a list").iter();
        let severe = entries.filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].as_str().expect("a text").to_owned()).collect()
    }

    fn order(&self, command: &str, body: &Value) -> Value {
        self.call("POST", &format!("/session/{}/{command}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = exchange(self.addr, method, path, &body.to_string());
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            exchange(self.addr, "DELETE", &format!("/session/{}", self.session), "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Where the driver listens, as it says on stdout.
fn address(driver: &mut Child) -> SocketAddr {
    let stdout = BufReader::new(driver.stdout.take().expect("piped"));
    let port = stdout.lines().map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse::<u16>().ok()
    });
    ([127, 0, 0, 1], port.expect("the driver names its port")).into()
}

/// One request to the driver; its status and its answer.
fn exchange(addr: SocketAddr, method: &str, path: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(addr).expect("the driver listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("the driver reads");
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a status line");
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    let mut length = 0;
    loop {
        let mut field = String::new();
        reader.read_line(&mut field).expect("a header");
        let field = field.trim().to_ascii_lowercase();
        if field.is_empty() {
            break;
        }
        if let Some(value) = field.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).expect("the whole answer");
    (status, serde_json::from_slice(&bytes).expect("JSON"))
}
