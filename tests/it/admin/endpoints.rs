//! Learned endpoints: lists, details, schemas, samples, changes.

use serde_json::{Value, json};

use super::{learned, problem, refused_field};
use crate::support::backend::Backend;
use crate::support::double::Double;
use crate::support::json_schema::violations;

#[test]
fn endpoints_are_listed_in_a_stable_order_a_page_at_a_time() {
    let double = learned();
    let all = double.admin("GET", "/endpoints?per_page=500").json();
    let total = all["total"].as_u64().expect("a number");
    assert!(total > 10, "{all}");
    let keys: Vec<(String, String)> = all["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|e| (e["path"].to_string(), e["method"].to_string()))
        .collect();
    assert!(keys.is_sorted(), "by path, then method");
    let mut paged = Vec::new();
    for page in 1..=total.div_ceil(4) + 1 {
        let answer = double.admin("GET", &format!("/endpoints?per_page=4&page={page}")).json();
        assert_eq!((&answer["page"], &answer["per_page"]), (&json!(page), &json!(4)));
        assert_eq!(answer["total"], total);
        paged.extend(answer["items"].as_array().expect("items").clone());
    }
    assert_eq!(Value::Array(paged), all["items"]);
}

#[test]
fn a_summary_has_the_members_of_the_contract() {
    let double = learned();
    let id = double.endpoint_id("GET /users/{id}");
    let detail = double.admin("GET", &format!("/endpoints/{id}")).json();
    for member in ["mean", "std_dev", "p50", "p95", "p99"] {
        assert!(detail["latency_ms"][member].as_f64().is_some_and(|ms| ms >= 0.0), "{detail}");
    }
    assert_eq!((&detail["id"], &detail["method"]), (&json!(id), &json!("GET")));
    assert_eq!(detail["mode"], "inherit");
    assert_eq!(detail["chaos_active"], false);
    let shares: f64 =
        detail["statuses"].as_object().expect("shares").values().filter_map(Value::as_f64).sum();
    assert!((shares - 1.0).abs() < 1e-4, "{detail}");
    for member in ["first_seen_at", "last_seen_at"] {
        let at = detail[member].as_str().expect("a time");
        assert!(at.starts_with("20") && at.ends_with('Z'), "{at}");
    }
}

#[test]
fn search_finds_by_method_template_and_id_in_any_case() {
    let double = learned();
    let id = double.endpoint_id("POST /users");
    let found = |search: &str| {
        let list = double.admin("GET", &format!("/endpoints?search={search}")).json();
        let items = list["items"].as_array().expect("items").clone();
        items.iter().map(|e| format!("{} {}", e["method"], e["path"])).collect::<Vec<_>>()
    };
    assert!(found("UsErS").iter().all(|label| label.contains("/users")));
    assert!(found("post").iter().any(|label| label == r#""POST" "/users""#));
    assert_eq!(found(&id.to_uppercase()), [r#""POST" "/users""#]);
    assert!(found("no-such-thing").is_empty());
    assert_eq!(found("post%20/users")[0], r#""POST" "/users""#, "method and template together");
    assert_eq!(found("GET+/users/%7Bid%7D")[0], r#""GET" "/users/{id}""#);
    assert!(found("get%20/users").iter().all(|label| label.starts_with(r#""GET""#)));
}

#[test]
fn a_detail_shows_parameters_headers_and_bodies_by_status() {
    let double = learned();
    let id = double.endpoint_id("GET /users/{id}");
    let detail = double.admin("GET", &format!("/endpoints/{id}")).json();
    let parameter = &detail["parameters"][0];
    assert_eq!((&parameter["name"], &parameter["segment"]), (&json!("id"), &json!(1)));
    assert_eq!(parameter["kinds"], json!(["integer"]));
    let answer = &detail["answers"]["200"];
    assert_eq!(answer["body"]["kind"], "json");
    assert_eq!(answer["body"]["schema"]["type"], "object");
    let headers = answer["headers"].as_array().expect("headers");
    assert!(headers.iter().any(|header| header["name"] == "content-type"), "{answer}");
    assert!(answer["latency_ms"]["p50"].as_f64() >= answer["first_byte_ms"]["p50"].as_f64());
    assert_eq!(detail["request"]["kind"], "empty");
}

#[test]
fn stats_are_figures_per_status_and_in_all() {
    let double = learned();
    let id = double.endpoint_id("GET /users/{id}");
    let stats = double.admin("GET", &format!("/endpoints/{id}/stats")).json();
    let quantiles = stats["latency_ms"]["quantiles"].as_object().expect("quantiles");
    let order = ["min", "p10", "p25", "p50", "p75", "p90", "p95", "p99", "max"];
    let values: Vec<f64> = order.iter().filter_map(|name| quantiles[*name].as_f64()).collect();
    assert!(values.len() == order.len() && values.is_sorted(), "{stats}");
    let by_status = stats["statuses"].as_object().expect("statuses").values();
    let sum: u64 = by_status.filter_map(|status| status["observations"].as_u64()).sum();
    assert_eq!(stats["observations"], sum);
}

#[test]
fn a_learned_schema_accepts_the_backends_own_bodies() {
    let double = learned();
    for (label, path) in [
        ("GET /users/{id}", "/users/9"),
        ("GET /users", "/users?page=2"),
        ("GET /orders", "/orders"),
        ("GET /articles", "/articles"),
    ] {
        let id = double.endpoint_id(label);
        let answer = double.admin("GET", &format!("/endpoints/{id}/schema?status=200"));
        assert_eq!(answer.get("content-type"), Some("application/schema+json"));
        let schema = answer.json();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let body = double.get(path).json();
        assert_eq!(violations(&schema, &body), Vec::<String>::new(), "{label}: {schema}");
        assert!(!violations(&schema, &json!("text")).is_empty(), "{label} takes anything");
    }
}

#[test]
fn schemas_are_told_apart_by_side_and_status() {
    let double = Double::in_front_of_demo();
    for n in 0..5 {
        let user = json!({"name": format!("Ann {n}"), "email": format!("ann{n}@example.com")});
        double.post("/users", &user);
    }
    double.get("/health");
    double.flush();
    let id = double.endpoint_id("POST /users");
    let schema = |query: &str| double.admin("GET", &format!("/endpoints/{id}/schema{query}"));
    let request = schema("?side=request").json();
    assert!(request["properties"]["email"].is_object(), "{request}");
    assert_eq!(schema("").json(), schema("?status=201&side=response").json());
    let missing = problem(&schema("?status=418"), 404, "not-found");
    assert_eq!(missing["statuses_with_schema"], json!([201]));
    let id = double.endpoint_id("GET /health");
    problem(&double.admin("GET", &format!("/endpoints/{id}/schema")), 404, "not-found");
    problem(
        &double.admin("GET", &format!("/endpoints/{id}/schema?side=request")),
        404,
        "not-found",
    );
}

#[test]
fn a_sample_is_what_the_data_plane_would_answer() {
    let double = learned();
    let id = double.endpoint_id("GET /users/{id}");
    let url = format!("/endpoints/{id}/sample?status=200&seed=s1&path=/users/98765");
    let sample = double.admin("GET", &url).json();
    let steering = [("x-mock-enabled", "true"), ("x-mock-seed", "s1"), ("x-mock-status", "200")];
    let mocked = double.request("GET", "/users/98765", &steering, b"");
    assert_eq!(sample["body_encoding"], "json");
    assert_eq!(sample["status"], mocked.status);
    // Nobody has met this user: of one who was met the data plane shows what is known.
    // Times near the request move with the clock; what is drawn stays.
    let (shown, answered) = (&sample["body"], mocked.json());
    assert_eq!(shown["id"], 98_765);
    for member in ["id", "name", "email"] {
        assert_eq!(shown[member], answered[member], "{member}");
    }
    let content_type = sample["headers"]
        .as_array()
        .and_then(|headers| headers.iter().find(|header| header["name"] == "content-type"));
    assert_eq!(content_type.expect("there")["value"], *mocked.get("content-type").expect("there"));
    assert!(sample["latency_ms"].as_f64().expect("ms") > 0.0);
}

#[test]
fn a_sample_makes_up_a_path_and_shows_every_kind_of_body() {
    let double = learned();
    let uuid = double.get("/products").json()["items"][0]["id"].as_str().expect("id").to_owned();
    double.get(&format!("/products/{uuid}/image"));
    double.get("/health");
    double.flush();
    let sample = |label: &str| {
        let id = double.endpoint_id(label);
        double.admin("GET", &format!("/endpoints/{id}/sample?status=200")).json()
    };
    let user = sample("GET /users/{id}");
    assert_eq!((&user["path"], &user["body"]["id"]), (&json!("/users/7"), &json!(7)));
    assert_eq!(sample("GET /health")["body_encoding"], "text");
    assert_eq!(sample("GET /products/{id}/image")["body_encoding"], "base64");
}

#[test]
fn looking_at_samples_moves_nobodys_sequence() {
    // Statuses of chance: nothing in the requests says which comes.
    let turn = std::sync::atomic::AtomicU32::new(0);
    let backend = Backend::start(move |connection| {
        while connection.read_request().is_some() {
            let turn = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 20;
            let odd = 0b1101_0010_1100_1011_0101_u32 >> turn & 1 == 1;
            let status = if odd { "418 T" } else { "200 OK" };
            connection.write(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes());
        }
    });
    let statuses = |look: bool| {
        let double = Double::in_front_of(backend.url());
        for _ in 0..20 {
            double.get("/coin");
        }
        double.flush();
        let id = double.endpoint_id("GET /coin");
        let mut statuses = Vec::new();
        for _ in 0..40 {
            if look {
                double.admin("GET", &format!("/endpoints/{id}/sample"));
            }
            statuses.push(double.mock("/coin").status);
        }
        statuses
    };
    let undisturbed = statuses(false);
    assert!(undisturbed.contains(&200) && undisturbed.contains(&418), "{undisturbed:?}");
    assert_eq!(statuses(true), undisturbed);
}

#[test]
fn samples_refuse_what_does_not_fit_the_endpoint() {
    let double = learned();
    let id = double.endpoint_id("GET /users/{id}");
    let sample = |query: &str| double.admin("GET", &format!("/endpoints/{id}/sample?{query}"));
    refused_field(&sample("path=/orders/7"), 422, "path");
    refused_field(&sample("path=users"), 422, "path");
    let unseen = problem(&sample("status=418"), 422, "status-unobserved");
    assert!(unseen["observed"].as_array().expect("a list").contains(&json!(200)));
    refused_field(&sample("status=99"), 422, "status");
    refused_field(&sample("status=ok"), 400, "status");
}

#[test]
fn a_changed_mode_applies_at_once() {
    let double = learned();
    let id = double.endpoint_id("GET /users/{id}");
    assert_eq!(double.get("/users/7").get("x-mock-source"), Some("upstream"));
    let path = format!("/endpoints/{id}");
    let changed = double.admin_json("PATCH", &path, &json!({"mode": "mock"})).json();
    assert_eq!((&changed["mode"], &changed["id"]), (&json!("mock"), &json!(id)));
    assert_eq!((&changed["learn"], &changed["stored"]), (&json!(true), &json!(true)));
    assert_eq!(double.get("/users/7").get("x-mock-source"), Some("mock"));
    assert_eq!(double.get("/users").get("x-mock-source"), Some("upstream"));
    double.admin_json("PATCH", &path, &json!({"mode": "inherit"}));
    assert_eq!(double.get("/users/7").get("x-mock-source"), Some("upstream"));
}

#[test]
fn an_endpoint_told_not_to_learn_does_not() {
    let double = learned();
    let path = format!("/endpoints/{}", double.endpoint_id("GET /users/{id}"));
    let seen = |double: &Double| double.admin("GET", &path).json()["observations"].clone();
    double.admin_json("PATCH", &path, &json!({"learn": false}));
    let before = seen(&double);
    double.get("/users/7");
    double.flush();
    assert_eq!(seen(&double), before);
    double.admin_json("PATCH", &path, &json!({"learn": true}));
    double.get("/users/7");
    double.flush();
    assert_eq!(seen(&double).as_u64(), before.as_u64().map(|n| n + 1));
}

#[test]
fn a_forgotten_endpoint_is_unknown_until_it_is_seen_again() {
    let double = learned();
    double.get("/health");
    double.flush();
    let id = double.endpoint_id("GET /health");
    let path = format!("/endpoints/{id}");
    let gone = double.admin("DELETE", &path);
    assert_eq!(gone.json(), json!({"id": id, "forgotten": true, "stored": true}));
    for method in ["GET", "DELETE"] {
        problem(&double.admin(method, &path), 404, "not-found");
    }
    assert_eq!(double.mock("/health").get("x-mock-error"), Some("endpoint-unknown"));
    double.get("/health");
    double.flush();
    assert_eq!(double.endpoint_id("GET /health"), id);
}

#[test]
fn the_id_of_a_folded_endpoint_leads_to_its_heir() {
    let backend = Backend::answering(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    );
    let double = Double::in_front_of(backend.url());
    // Seen alone, a word is the name of a resource; its siblings show that it is a value.
    double.get("/alpha/settings");
    double.flush();
    let alone = double.endpoint_id("GET /alpha/settings");
    for word in ["beta", "gamma", "delta", "epsilon", "zeta", "theta", "kappa", "lambda"] {
        double.get(&format!("/{word}/settings"));
    }
    double.flush();
    let heir = double.endpoint_id("GET /{name}/settings");
    assert_ne!(heir, alone);
    let detail = double.admin("GET", &format!("/endpoints/{alone}")).json();
    assert_eq!((&detail["id"], &detail["observations"]), (&json!(heir), &json!(9)));
    let changed = double.admin_json("PATCH", &format!("/endpoints/{alone}"), &json!({}));
    assert_eq!(changed.json()["id"], heir);
    double.admin("DELETE", &format!("/endpoints/{alone}"));
    assert_eq!(double.admin("GET", "/endpoints").json()["total"], 0);
}

#[test]
fn what_a_person_set_follows_the_traffic_when_endpoints_fold() {
    let backend = Backend::answering(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    );
    let double = Double::in_front_of(backend.url());
    double.get("/alpha/settings");
    double.flush();
    let alone = double.endpoint_id("GET /alpha/settings");
    let set = json!({"mode": "failover"});
    let set = double.admin_json("PATCH", &format!("/endpoints/{alone}"), &set);
    assert_eq!(set.status, 200);
    for word in ["beta", "gamma", "delta", "epsilon", "zeta", "theta", "kappa", "lambda"] {
        double.get(&format!("/{word}/settings"));
    }
    double.flush();
    let detail = double.admin("GET", &format!("/endpoints/{alone}")).json();
    assert_eq!(detail["path"], "/{name}/settings");
    assert_eq!((&detail["mode"], &detail["observations"]), (&json!("failover"), &json!(9)));
    drop(backend);
    for path in ["/alpha/settings", "/omega/settings"] {
        assert_eq!(double.get(path).get("x-mock-source"), Some("failover"), "{path}");
    }
}

#[test]
fn reset_forgets_everything_and_needs_confirmation() {
    let double = learned();
    for query in ["", "?confirm=false", "?confirm="] {
        refused_field(&double.admin("POST", &format!("/reset{query}")), 400, "confirm");
    }
    refused_field(&double.admin("POST", "/reset?confirm=yes"), 422, "confirm");
    assert_ne!(double.admin("GET", "/endpoints").json()["total"], 0);
    let reset = double.admin("POST", "/reset?confirm=true").json();
    assert_eq!(reset, json!({"reset": true, "stored": true}));
    assert_eq!(double.admin("GET", "/endpoints").json()["total"], 0);
}

#[test]
fn nothing_shown_holds_a_secret_of_the_traffic() {
    let double = Double::in_front_of_demo();
    for n in 0..30 {
        let login = json!({"email": format!("ann{n}@example.com"), "password": "geheim-4711"});
        double.post("/login", &login);
        let bearer = ("authorization", "Bearer tok_streng-geheim-9999");
        double.request("GET", &format!("/users/{n}?api_key=key-8888"), &[bearer], b"");
    }
    double.flush();
    let list = double.admin("GET", "/endpoints?per_page=500").json();
    for endpoint in list["items"].as_array().expect("items") {
        let id = endpoint["id"].as_str().expect("an id");
        for view in ["", "/stats", "/schema", "/schema?side=request", "/sample"] {
            let shown = double.admin("GET", &format!("/endpoints/{id}{view}")).text();
            for secret in ["geheim", "9999", "8888", "ann3@example.com"] {
                assert!(!shown.contains(secret), "{view} shows {secret}: {shown}");
            }
        }
    }
}
