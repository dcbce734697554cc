//! The page of another origin in a real browser: whatever it may do with the backend, it may do
//! with the double, and it can steer and read the double besides.

use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::browser::Browser;
use crate::support::double::Double;

/// Asks as a page does, and returns what a page can see.
const ASK: &str = "
    const [base, path, options] = given;
    const answer = await fetch(base + path, options);
    const text = await answer.text();
    let body = null;
    try { body = JSON.parse(text); } catch (_) { body = text; }
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body };
";

/// A backend that lets pages of `origin` in, by its own list of methods and headers, and says that
/// what it answers is fresh for ten minutes.
fn backend(origin: String) -> Backend {
    Backend::start(move |connection| {
        while let Some((head, body)) = connection.read_request() {
            let mut headers = String::from("content-type: application/json\r\n");
            if head.get("origin") == Some(origin.as_str()) {
                headers.push_str(&format!("access-control-allow-origin: {origin}\r\n"));
                headers.push_str("access-control-allow-credentials: true\r\nvary: Origin\r\n");
                headers.push_str("cache-control: max-age=600\r\n");
            }
            if head.line.starts_with("OPTIONS") {
                headers.push_str("access-control-allow-methods: GET, PATCH\r\n");
                headers.push_str("access-control-allow-headers: content-type\r\n");
            }
            let body = match head.line.split(' ').next() {
                Some("OPTIONS") => String::new(),
                Some("PATCH") => String::from_utf8_lossy(&body).into_owned(),
                _ => r#"{"id":7,"state":"open"}"#.to_owned(),
            };
            let length = body.len();
            connection.write(
                format!("HTTP/1.1 200 OK\r\n{headers}content-length: {length}\r\n\r\n{body}")
                    .as_bytes(),
            );
        }
    })
}

/// Whoever serves the page itself.
fn page() -> Backend {
    Backend::answering(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 22\r\n\r\n\
         <title>a page</title>\n",
    )
}

/// A page in a browser, and the double that it uses.
struct Tab {
    browser: Browser,
    double: Double,
}

impl Tab {
    fn ask(&self, path: &str, options: &Value) -> Value {
        let base = json!(format!("http://{}", self.double.addr));
        self.browser.run(ASK, &[base, json!(path), options.clone()])
    }

    /// Status and source of a plain GET.
    fn get(&self, path: &str) -> (u64, String) {
        told(&self.ask(path, &json!({})))
    }

    fn switch(&self, mode: &str) {
        let answer = self.double.admin_json("PATCH", "/settings", &json!({ "mode": mode }));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

fn told(answer: &Value) -> (u64, String) {
    let source = answer["headers"]["x-mock-source"].as_str().unwrap_or_default();
    (answer["status"].as_u64().unwrap_or_default(), source.to_owned())
}

fn is(status: u64, source: &str) -> (u64, String) {
    (status, source.to_owned())
}

#[test]
fn a_page_of_another_origin_steers_reads_and_sees_every_switch() {
    let page = page();
    let backend = backend(page.url());
    let double = Double::in_front_of(backend.url());
    let tab = Tab { browser: Browser::start(), double };
    tab.browser.open(&page.url());
    let steered = json!({ "headers": { "X-Mock-Enabled": "true" } });
    let patch = |state: &str| {
        let body = json!({ "state": state }).to_string();
        json!({ "method": "PATCH", "credentials": "include", "body": body,
            "headers": { "content-type": "application/json" } })
    };

    // Proxied, with a preflight that the backend answers by its own list.
    for state in ["open", "closed", "open"] {
        assert_eq!(tab.get("/tickets/7"), is(200, "upstream"));
        assert_eq!(told(&tab.ask("/tickets/7", &patch(state))), is(200, "upstream"));
    }
    tab.double.flush();

    // Steered by a header of which the backend knows nothing, and read.
    let mocked = tab.ask("/tickets/7", &steered);
    assert_eq!(told(&mocked), is(200, "mock"));
    let label = mocked["headers"]["x-mock-endpoint"].as_str().expect("exposed");
    assert!(label.starts_with("GET /tickets/"), "{mocked}");
    assert!(mocked["body"]["state"].is_string(), "{mocked}");

    // The backend says that its answer is fresh for ten minutes; no cache hides the switch.
    for _ in 0..2 {
        assert_eq!(tab.get("/tickets/7"), is(200, "upstream"));
        tab.switch("mock");
        assert_eq!(tab.get("/tickets/7"), is(200, "mock"));
        assert_eq!(told(&tab.ask("/tickets/7", &patch("closed"))), is(200, "mock"));
        tab.switch("proxy");
    }

    // Failures show their status and why.
    let unknown = tab.ask("/never/asked", &steered);
    assert_eq!(told(&unknown), is(404, "double"));
    assert_eq!(unknown["headers"]["x-mock-error"], "endpoint-unknown");
    assert_eq!(unknown["body"]["status"], 404);
    tab.switch("mock");
    let unknown = tab.ask("/never/asked", &patch("open"));
    assert_eq!(told(&unknown), is(404, "double"), "behind a preflight of a path never asked");
    tab.switch("proxy");
    let rule = json!({ "name": "down", "scope": { "paths": ["/tickets/**"] },
        "faults": [{ "type": "status", "status": 503 }] });
    assert_eq!(tab.double.admin_json("POST", "/chaos/rules", &rule).status, 201);
    let hit = tab.ask("/tickets/7", &patch("open"));
    assert_eq!(told(&hit), is(503, "chaos"));
    assert_eq!(hit["headers"]["x-mock-chaos"], "status;code=503");
}

#[test]
fn a_page_that_the_backend_keeps_out_is_kept_out_by_mocks() {
    let page = page();
    let backend = backend("http://elsewhere.test".to_owned());
    let double = Double::in_front_of(backend.url());
    for n in 0..6 {
        let origin = [page.url(), "http://elsewhere.test".to_owned()][n % 2].clone();
        double.request("GET", "/tickets/7", &[("origin", &origin)], b"");
    }
    double.flush();
    let tab = Tab { browser: Browser::start(), double };
    tab.browser.open(&page.url());
    tab.switch("mock");
    let script = "try { await fetch(given[0]); return 'let in' } catch (e) { return e.name }";
    for path in ["/tickets/7", "/tickets/7?again"] {
        let url = json!(format!("http://{}{path}", tab.double.addr));
        assert_eq!(tab.browser.run(script, &[url]), "TypeError", "{path}");
    }
}
