//! Requests of one endpoint that ask for different things get what they ask for, as a whole.

use serde_json::{Value, json};

use super::echoes::backend;
use crate::support::double::Double;

const MOCK: (&str, &str) = ("x-mock-enabled", "true");
const JSON: (&str, &str) = ("content-type", "application/json");

/// What a small service of remote procedures says.
fn call(request: &Value, n: usize) -> Value {
    let id = request["id"].clone();
    let arguments = &request["params"];
    let result = match request["method"].as_str().unwrap_or_default() {
        "area" => json!({ "unit": "m2", "area": arguments["side"].as_u64().map(|s| s * s) }),
        "names" => {
            let count = arguments["count"].as_u64().unwrap_or(0);
            json!((0..count).map(|k| json!({ "rank": k, "name": "ok" })).collect::<Vec<_>>())
        }
        "token" => json!(format!("tok_{:024x}", 0x9e37_79b9_7f4a_7c15_u128 * (n as u128 + 1))),
        other => {
            let error = json!({ "code": -32601, "message": format!("no method {other}") });
            return json!({ "jsonrpc": "2.0", "id": id, "error": error });
        }
    };
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

fn procedures() -> Double {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let backend = backend(move |_, body| {
        let n = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let answer = match serde_json::from_slice(body) {
            Ok(Value::Array(batch)) => batch.iter().map(|one| call(one, n)).collect(),
            Ok(one) => call(&one, n),
            Err(_) => Value::Null,
        };
        ("content-type: application/json\r\n".to_owned(), answer.to_string())
    });
    let double = Double::in_front_of(backend.url());
    for n in 0..12 {
        for (method, params) in [
            ("area", json!({ "side": n + 1 })),
            ("names", json!({ "count": 1 + n % 4 })),
            ("token", json!({})),
            ("vanish", json!({})),
        ] {
            let body =
                json!({ "jsonrpc": "2.0", "id": 100 + n, "method": method, "params": params });
            double.request("POST", "/rpc", &[JSON], body.to_string().as_bytes());
        }
    }
    double.flush();
    double
}

fn ask(double: &Double, body: &Value) -> Value {
    double.request("POST", "/rpc", &[JSON, MOCK], body.to_string().as_bytes()).json()
}

#[test]
fn each_method_gets_an_answer_of_its_own_form() {
    let double = procedures();
    for n in 0..20 {
        let one = |method: &str, params: Value| {
            ask(&double, &json!({ "jsonrpc": "2.0", "id": n, "method": method, "params": params }))
        };
        let area = one("area", json!({ "side": 7 }));
        assert_eq!((&area["id"], &area["result"]["unit"]), (&json!(n), &json!("m2")), "{area}");
        let names = one("names", json!({ "count": 1 + n % 4 }));
        assert_eq!(names["result"].as_array().map(Vec::len), Some(1 + n % 4), "{names}");
        let unknown = one("vanish", json!({}));
        assert_eq!(unknown["error"]["code"], -32601, "{unknown}");
        assert!(unknown.get("result").is_none(), "{unknown}");
    }
}

#[test]
fn what_is_new_every_time_is_new_in_the_mock() {
    let double = procedures();
    let token = |id: u64| {
        let answer =
            ask(&double, &json!({ "jsonrpc": "2.0", "id": id, "method": "token", "params": {} }));
        answer["result"].as_str().unwrap_or_default().to_owned()
    };
    let (first, second) = (token(1), token(2));
    assert_ne!(first, second);
    for token in [first, second] {
        assert_eq!(token.len(), "tok_".len() + 24, "{token}");
    }
}

#[test]
fn a_batch_is_answered_element_by_element_in_its_order() {
    let double = procedures();
    let request = |id: &str, method: &str| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": { "side": 3, "count": 2 } });
    let batch = json!([request("b", "names"), request("a", "area"), request("c", "vanish")]);
    let answer = ask(&double, &batch);
    let ids: Vec<&Value> = answer.as_array().into_iter().flatten().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&json!("b"), &json!("a"), &json!("c")], "{answer}");
    assert!(answer[0]["result"].is_array() && answer[1]["result"]["area"].is_number(), "{answer}");
    assert!(answer[2]["error"].is_object(), "{answer}");
}

#[test]
fn a_stream_is_one_of_events_with_one_id_and_an_end() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let backend = backend(move |_, body| {
        let n = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = format!("run-{:020x}", 0x1234_5678_9abc_u128 * (n as u128 + 3));
        if asked["stream"] != json!(true) {
            let whole = json!({ "id": id, "model": asked["model"], "text": "all at once" });
            return ("content-type: application/json\r\n".to_owned(), whole.to_string());
        }
        let event = |delta: &str| {
            let data = json!({ "id": id, "model": asked["model"], "delta": delta });
            format!("event: delta\ndata: {data}\n\n")
        };
        let events: String = (0..8).map(|_| event("word")).collect();
        ("content-type: text/event-stream\r\n".to_owned(), events + "data: [DONE]\n\n")
    });
    let double = Double::in_front_of(backend.url());
    let ask = |model: &str, stream: bool, headers: &[(&str, &str)]| {
        let body = json!({ "model": model, "stream": stream, "prompt": "hello" });
        double.request("POST", "/run", headers, body.to_string().as_bytes())
    };
    for n in 0..24 {
        ask(["small", "large"][n % 2], n % 3 == 0, &[JSON]);
    }
    double.flush();
    let whole = ask("large", false, &[JSON, MOCK]).json();
    assert_eq!((&whole["model"], &whole["text"]), (&json!("large"), &json!("all at once")));
    let stream = ask("small", true, &[JSON, MOCK]);
    assert!(stream.get("content-type").is_some_and(|kind| kind.contains("event-stream")));
    let text = stream.text();
    let events: Vec<Value> = text
        .split("\n\n")
        .filter_map(|event| serde_json::from_str(event.strip_prefix("event: delta\ndata: ")?).ok())
        .collect();
    assert_eq!(events.len(), 8, "{text}");
    assert!(events.iter().all(|event| event["id"] == events[0]["id"]), "{text}");
    assert!(events.iter().all(|event| event["model"] == "small"), "{text}");
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
}

#[test]
fn a_graphql_answer_has_the_fields_that_are_selected() {
    let backend = backend(|_, body| {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = &asked["variables"]["id"];
        let query = asked["query"].as_str().unwrap_or_default();
        let data = match query.contains("ship") {
            true => json!({ "ship": { "id": id, "state": "open", "crew": [{ "role": "cook" }] } }),
            false => json!({ "port": { "id": id, "berths": 4 } }),
        };
        ("content-type: application/json\r\n".to_owned(), json!({ "data": data }).to_string())
    });
    let double = Double::in_front_of(backend.url());
    let ask = |query: &str, id: &str, headers: &[(&str, &str)]| {
        let body = json!({ "query": query, "variables": { "id": id } });
        double.request("POST", "/graphql", headers, body.to_string().as_bytes())
    };
    let ship = "query($id: ID!) { ship(id: $id) { id state crew { role } } }";
    for n in 0..12 {
        ask(ship, &format!("s{n}"), &[JSON]);
        ask("query($id: ID!) { port(id: $id) { id berths } }", &format!("p{n}"), &[JSON]);
    }
    double.flush();
    let answer = ask(ship, "s77", &[JSON, MOCK]).json();
    let expected =
        json!({ "ship": { "id": "s77", "state": "open", "crew": [{ "role": "cook" }] } });
    assert_eq!(answer["data"], expected);
    let narrow = "query($id: ID!) { boat: ship(id: $id) { state } }";
    assert_eq!(
        ask(narrow, "s78", &[JSON, MOCK]).json()["data"],
        json!({ "boat": { "state": "open" } })
    );
    let unknown = ask("query($id: ID!) { ship(id: $id) { anchor } }", "s79", &[JSON, MOCK]).json();
    assert!(unknown["errors"][0]["message"].is_string(), "{unknown}");
}

#[test]
fn a_page_keeps_its_markup_and_a_document_that_never_changes_its_words() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let backend = backend(move |head, _| {
        let n = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if head.path() == "/about" {
            let about = json!({ "issuer_kind": "static", "docs": format!("http://{}/docs", head.get("host").unwrap_or_default()) });
            return ("content-type: application/json\r\n".to_owned(), about.to_string());
        }
        let token = format!("{:032x}", 0x0123_4567_89ab_cdef_u128 * (n as u128 + 7));
        let page = format!(
            "<!doctype html><form method=\"post\"><input type=\"hidden\" name=\"csrf\" \
             value=\"{token}\"><p>Please sign in.</p></form>"
        );
        ("content-type: text/html\r\n".to_owned(), page)
    });
    let double = Double::in_front_of(backend.url());
    for _ in 0..12 {
        double.get("/login");
        double.get("/about");
    }
    double.flush();
    let page = double.mock("/login").text();
    let (before, rest) = page.split_once("value=\"").expect("the field is there");
    assert!(before.ends_with("name=\"csrf\" "), "{page}");
    assert!(rest.ends_with("\"><p>Please sign in.</p></form>"), "{page}");
    assert_eq!(rest.find('"'), Some(32), "{page}");
    let answer = double.mock("/about").json();
    let docs = answer["docs"].as_str().unwrap_or_default();
    assert_eq!(answer["issuer_kind"], "static");
    // The host that the mock was asked under, and not the backend's.
    assert_eq!(docs, format!("http://{}/docs", double.addr));
}
