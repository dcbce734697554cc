//! Stub mappings after WireMock's own documentation, one file an example: imported, then called as
//! a client of WireMock would.

use std::path::Path;

use serde_json::{Value, json};

use super::source;
use crate::support::client::RawAnswer;
use crate::support::double::Double;

/// Imports the file of this number; the reports of its mappings.
fn import(double: &Double, number: usize) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/overrides/wiremock");
    let prefix = format!("{number:02}-");
    let mut files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file"));
    let file = files.find(|file| file.file_name().to_string_lossy().starts_with(&prefix));
    let text = std::fs::read(file.expect("the mapping").path()).expect("readable");
    let done = double.admin_with("POST", "/overrides/import?format=wiremock", &text);
    assert_eq!(done.status, 200, "{number}: {}", done.text());
    done.json()["mappings"].as_array().expect("reports").clone()
}

/// What is missing of the only mapping, which was imported.
fn carried(double: &Double, number: usize) -> Vec<String> {
    let reports = import(double, number);
    assert_eq!((reports.len(), &reports[0]["imported"]), (1, &json!(true)), "{reports:?}");
    let missing = reports[0]["missing"].as_array().expect("a list").iter();
    missing.map(|note| note.as_str().expect("a text").to_owned()).collect()
}

fn ask(double: &Double, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> RawAnswer {
    let json = [("x-mock-enabled", "true"), ("content-type", "application/json")];
    double.request(method, path, &[&json, more].concat(), body.as_bytes())
}

/// Whether an override answers.
fn hits(double: &Double, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> bool {
    source(&ask(double, method, path, more, body)).0 == "override"
}

#[test]
fn urls_methods_and_bodies_are_carried_over() {
    let double = Double::in_front_of_demo();
    assert_eq!(carried(&double, 1), [""; 0]);
    let got = ask(&double, "GET", "/some/thing", &[], "");
    assert_eq!(
        (got.text().as_str(), got.get("content-type")),
        ("Hello, world!", Some("text/plain"))
    );
    assert!(!hits(&double, "POST", "/some/thing", &[], ""));
    assert_eq!(carried(&double, 2), [""; 0]);
    let got = ask(&double, "GET", "/api/mytest", &[], "").json();
    assert_eq!(got, json!({"status": "Error", "message": "Endpoint not found"}));
    assert_eq!(carried(&double, 3), [""; 0]);
    assert!(hits(&double, "GET", "/my/path?search=aBbbc", &[], ""));
    assert!(!hits(&double, "GET", "/my/path?search=aBbbc&id=1", &[], ""));
    assert!(!hits(&double, "GET", "/my/path?search=x", &[], ""));
    assert_eq!(carried(&double, 4), [""; 0]);
    assert!(hits(&double, "PUT", "/thing/matching/12", &[], ""));
    assert!(!hits(&double, "PUT", "/thing/matching/12a", &[], ""));
    let reports = import(&double, 5);
    assert!(reports.iter().all(|report| report["imported"] == true), "{reports:?}");
    assert_eq!(ask(&double, "GET", "/api/specific-resource", &[], "").status, 200);
    assert_eq!(ask(&double, "GET", "/api/other", &[], "").status, 401);
    assert_eq!(carried(&double, 20), ["`statusMessage`: the double has nothing like it"]);
    assert_eq!(ask(&double, "GET", "/contacts/1/addresses/2", &[], "").text(), "YES INDEED!");
    assert!(!hits(&double, "GET", "/contacts/1/addresses", &[], ""));
}

#[test]
fn headers_cookies_and_bodies_are_asked_for() {
    let double = Double::in_front_of_demo();
    assert_eq!(carried(&double, 6), [""; 0]);
    let xml = [("accept", "text/xml"), ("x-custom", "yes")];
    assert!(hits(&double, "DELETE", "/everything", &xml, ""));
    assert!(!hits(&double, "DELETE", "/everything", &xml[..1], ""));
    let double = Double::in_front_of_demo();
    assert_eq!(carried(&double, 7), [""; 0]);
    let token = "Basic amVmZkBleGFtcGxlLmNvbTpqZWZmdGVlbmplZmZ0eWplZmY=";
    let known = [("cookie", "a=b; session=x12345y"), ("authorization", token)];
    assert!(hits(&double, "GET", "/everything", &known, ""));
    assert!(!hits(&double, "GET", "/everything", &known[..1], ""));
    assert!(!hits(&double, "GET", "/everything", &[("cookie", "session=1"), known[1]], ""));
    for (number, path, body, other) in [
        (8, "/orders", r#"{"total_results": 4, "more": 1}"#, r#"{"total_results": 5}"#),
        (9, "/things", r#"{"things": [{"name": "RequiredThing"}]}"#, r#"{"things": []}"#),
        (10, "/todos", r#"{"a": {"todoItem": "wash the car"}}"#, r#"{"todoItem": "buy"}"#),
    ] {
        assert_eq!(carried(&double, number), [""; 0], "{number}");
        assert!(hits(&double, "POST", path, &[], body), "{number}");
        assert!(!hits(&double, "POST", path, &[], other), "{number}");
    }
    // Filters as stubs of Spring Cloud Contract have them.
    assert_eq!(carried(&double, 21), [""; 0]);
    let loan = |amount: u32, client: &str, kind: &str| {
        let parts = json!([{"kind": "house"}, {"kind": kind}]);
        json!({"amount": amount, "client": client, "parts": parts}).to_string()
    };
    assert!(hits(&double, "PUT", "/loans", &[], &loan(99_999, "1234567890", "car")));
    for other in [
        loan(9, "1234567890", "car"),
        loan(99_999, "12345678901", "car"),
        loan(99_999, "1234567890", "van"),
    ] {
        assert!(!hits(&double, "PUT", "/loans", &[], &other), "{other}");
    }
}

#[test]
fn a_part_of_a_body_is_compared_as_json() {
    let double = Double::in_front_of_demo();
    let part = json!({"expression": "$.tags[0]", "equalToJson": "{\"id\": 1}",
        "ignoreExtraElements": true});
    let mapping = json!({"name": "pet", "insertionIndex": 3, "response": {"status": 201},
        "request": {"method": "POST", "url": "/pet", "bodyPatterns": [{"matchesJsonPath": part}]}});
    let done = double.admin_json("POST", "/overrides/import?format=wiremock", &mapping).json();
    assert_eq!(done["mappings"][0], json!({"mapping": "pet", "imported": true, "missing": []}));
    let asked = |tag: &Value| {
        let body = json!({"tags": [tag, {"id": 1}]}).to_string();
        hits(&double, "POST", "/pet", &[], &body)
    };
    assert!(asked(&json!({"id": 1, "name": "four legs"})));
    assert!(!asked(&json!({"id": 2})));
}

#[test]
fn delays_and_templates_are_carried_over() {
    let double = Double::with(&["--latency-scale", "1"]).start();
    for (number, path, least_ms) in
        [(11, "/delayed", 60), (12, "/random/delayed", 1), (13, "/chunked/delayed", 15)]
    {
        let missing = carried(&double, number);
        assert_eq!(missing.len(), usize::from(number == 13), "{missing:?}");
        let begun = std::time::Instant::now();
        assert!(hits(&double, "GET", path, &[], ""), "{number}");
        assert!(begun.elapsed().as_millis() >= least_ms, "{number}");
    }
    assert_eq!(carried(&double, 17), [""; 0]);
    let got = ask(&double, "GET", "/templated?search=it", &[("x-request-id", "r1")], "");
    assert_eq!((got.text().as_str(), got.get("x-echo")), ("templated it", Some("r1")));
    assert_eq!(carried(&double, 18), [""; 0]);
    let got = ask(&double, "POST", "/greeting", &[], r#"{"outer": {"inner": "Sausage"}}"#);
    assert_eq!(got.json(), json!({"hello": "Sausage"}));
}

#[test]
fn a_scenario_of_one_request_is_a_sequence_and_others_are_named() {
    let double = Double::in_front_of_demo();
    let reports = import(&double, 16);
    assert!(reports.iter().all(|report| report["imported"] == true), "{reports:?}");
    let statuses: Vec<u16> =
        (0..4).map(|_| ask(&double, "GET", "/flaky", &[], "").status).collect();
    assert_eq!(statuses, [503, 503, 200, 200]);
    for (number, note) in [
        (14, "`fault`: a chaos rule"),
        (15, "scenario `To do list`: its mappings ask for different requests"),
        (19, "`proxyBaseUrl`: the double proxies"),
    ] {
        let reports = import(&double, number);
        assert!(reports.iter().all(|report| report["imported"] == false), "{reports:?}");
        let missing = reports[0]["missing"].to_string();
        assert!(missing.contains(note), "{number}: {missing}");
    }
    let overrides = double.admin("GET", "/overrides").json();
    assert_eq!(overrides["total"], json!(1), "what cannot be carried over makes no override");
    let odd = double.admin_json("POST", "/overrides/import?format=wiremock", &json!({"a": 1}));
    assert_eq!(odd.status, 422);
    assert_eq!(double.admin_json("POST", "/overrides/import", &json!({})).status, 400);
}

/// What `curl` prints, as somebody calls it who moves from WireMock.
fn curl(arguments: &[&str]) -> String {
    let done = std::process::Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20"])
        .args(arguments)
        .output()
        .expect("curl is installed (.ci/run)");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn curl_moves_twenty_mapping_files_over_and_calls_what_they_stub() {
    let double = Double::with(&["--mode", "mock"]).start();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/overrides/wiremock");
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file"));
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.sort();
    let base = format!("http://{}", double.addr);
    let import = format!("{base}/admin/overrides/import?format=wiremock");
    let (mut mappings, mut carried) = (0, 0);
    for file in &files {
        let body = format!("@{}", file.display());
        let json = "content-type: application/json";
        let report = curl(&["-X", "POST", "-H", json, "--data-binary", &body, &import]);
        let report: Value = serde_json::from_str(&report).expect("a report");
        for mapping in report["mappings"].as_array().expect("one for each mapping") {
            let name = file.file_name().expect("a name").to_string_lossy();
            println!("{name}: imported {}, missing {}", mapping["imported"], mapping["missing"]);
            mappings += 1;
            carried += usize::from(mapping["imported"] == true);
            // What is not carried over says why.
            assert!(mapping["imported"] == true || mapping["missing"] != json!([]), "{mapping}");
        }
    }
    println!("{} files, {mappings} mappings, {carried} carried over", files.len());
    assert!(files.len() >= 20 && carried * 10 >= mappings * 7, "{carried} of {mappings}");
    let status = |path: &str| {
        let url = format!("{base}{path}");
        curl(&["--output", "/dev/null", "--write-out", "%{http_code}", &url])
    };
    assert_eq!(curl(&[&format!("{base}/some/thing")]), "Hello, world!");
    assert_eq!(status("/api/other"), "401", "the catch-all of lower priority");
    assert_eq!(status("/api/specific-resource"), "200");
    assert_eq!([0; 4].map(|_| status("/flaky")), ["503", "503", "200", "200"]);
    let order = ["-H", "content-type: application/json", "-d", r#"{"total_results": 4}"#];
    let made = [&["--write-out", "%{http_code}", "--output", "/dev/null"], &order[..]].concat();
    let answer = curl(&[&made[..], &[&format!("{base}/orders")]].concat());
    assert_eq!(answer, "201", "a body that is equal to JSON");
    let templated = curl(&["-i", "-H", "x-request-id: r1", &format!("{base}/templated?search=it")]);
    assert!(templated.contains("x-echo: r1") && templated.ends_with("templated it"), "{templated}");
    // Its journal answers what WireMock's `verify` is asked.
    let asked = r#"{"match": {"method": "GET", "path": "/flaky"}, "exactly": 4}"#;
    let verified = curl(&["-H", order[1], "-d", asked, &format!("{base}/admin/requests/verify")]);
    assert_eq!(verified, r#"{"count":4}"#);
}
