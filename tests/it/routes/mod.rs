//! Several backends behind one double: whose request goes where, and that nothing is shared.

use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::client::{RawAnswer, RawClient};
use crate::support::double::Double;

/// A backend that says its name and the target it was asked for.
fn named(name: &'static str) -> Backend {
    Backend::start(move |connection| {
        while let Some((head, _body)) = connection.read_request() {
            let host = head.get("host").unwrap_or_default();
            let body = json!({"backend": name, "path": head.path(), "host": host}).to_string();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json";
            let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            connection.write(answer.as_bytes());
        }
    })
}

/// A request whose target and `Host` are these.
fn ask(double: &Double, target: &str, host: &str, more: &str) -> RawAnswer {
    let mut client = RawClient::connect(double.addr);
    client.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n").as_bytes());
    client.answer().expect("an answer")
}

struct Shop {
    main: Backend,
    shop: Backend,
    pay: Backend,
    double: Double,
}

fn shop(flags: &[&str]) -> Shop {
    let (main, shop, pay) = (named("main"), named("shop"), named("pay"));
    let routes =
        [format!("api.shop.test={}", shop.url()), format!("/payments={}/v2;name=pay", pay.url())];
    let mut all = vec!["--route", &routes[0], "--route", &routes[1]];
    all.extend(flags);
    let double = Double::with(&all).target(main.url()).start();
    Shop { main, shop, pay, double }
}

fn answered_by(answer: &RawAnswer) -> (String, String) {
    let json = answer.json();
    let text = |name: &str| json[name].as_str().expect("a text").to_owned();
    (text("backend"), text("path"))
}

#[test]
fn host_and_path_decide_and_a_url_with_a_path_stands_in_the_place_of_the_prefix() {
    let Shop { double, shop, .. } = &shop(&[]);
    let check = |target: &str, host: &str, backend: &str, path: &str| {
        let answer = ask(double, target, host, "");
        assert_eq!(answered_by(&answer), (backend.into(), path.into()), "{target} of {host}");
    };
    check("/users/7", "localhost", "main", "/users/7");
    check("/users/7?a=b", "API.shop.test:8000", "shop", "/users/7?a=b");
    check("/users", "api.shop.test.", "shop", "/users");
    check("/payments/7?a=b", "localhost", "pay", "/v2/7?a=b");
    check("/payments", "localhost", "pay", "/v2/");
    check("/paymentsx", "localhost", "main", "/paymentsx");
    check("/payments/7", "api.shop.test", "shop", "/payments/7");
    // The host of an absolute target counts, whatever `Host` says (RFC 9112, section 3.2.2).
    check("http://api.shop.test/a", "localhost", "shop", "/a");
    check("http://localhost/a", "api.shop.test", "main", "/a");
    let told = ask(double, "/users", "api.shop.test", "").json();
    assert_eq!(told["host"], shop.addr.to_string(), "the backend is asked by its own name");
}

#[test]
fn no_odd_request_reaches_the_backend_of_another_route() {
    let Shop { main, shop, pay, double } = &shop(&[]);
    let hosts = [
        "api.shop.test",
        "API.SHOP.TEST",
        "api.shop.test.",
        "api.shop.test:1",
        "xapi.shop.test",
        "api.shop.test.evil.test",
        "shop.test",
        "localhost",
        "127.0.0.1",
        "[::1]:80",
        "api.shop.test..",
        "api.shop.test%2e",
    ];
    let paths = ["/a", "/payments/a", "/payments", "/PAYMENTS/a", "//payments/a", "/p%61yments/a"];
    let mut rounds = 0;
    for at in 0..2_000 {
        let (host, path) = (hosts[at % hosts.len()], paths[at / hosts.len() % paths.len()]);
        let path = format!("{path}?n={at}");
        let absolute = at % 7 == 3 && !host.contains('%');
        let target = if absolute { format!("http://{host}{path}") } else { path.clone() };
        let answer = ask(double, &target, if absolute { "other.test" } else { host }, "");
        if answer.status != 200 {
            assert_eq!(answer.status / 100, 4, "{target} of {host}: {}", answer.text());
            continue;
        }
        rounds += 1;
        let name = host.split(':').next().expect("a name").to_ascii_lowercase();
        let is_shop = name == "api.shop.test" || name == "api.shop.test.";
        let is_pay = path.starts_with("/payments/") || path.starts_with("/payments?");
        let meant = if is_shop {
            "shop"
        } else if is_pay {
            "pay"
        } else {
            "main"
        };
        assert_eq!(answered_by(&answer).0, meant, "{target} of {host}");
    }
    assert!(rounds > 1_500, "{rounds}");
    let asked = |backend: &Backend, wrong: &str| {
        backend.heads().iter().any(|head| head.starts_with(&format!("GET {wrong}")))
    };
    assert!(!asked(main, "/payments/") && !asked(main, "/payments?"), "main");
    assert!(!asked(shop, "/v2") && !asked(pay, "/payments") && !asked(pay, "/a"), "shop, pay");
}

fn endpoints(double: &Double) -> Vec<(String, String, u64)> {
    let list = double.admin("GET", "/endpoints").json();
    let items = list["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            (text("route"), text("path"), item["observations"].as_u64().expect("a number"))
        })
        .collect()
}

#[test]
fn what_is_learned_belongs_to_its_backend_over_restarts() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("double.db").display());
    let (main, shop) = (named("main"), named("shop"));
    let route = format!("api.shop.test={}", shop.url());
    let start =
        || Double::with(&["--route", &route]).target(main.url()).database(url.clone()).start();
    let expected = vec![
        (String::new(), "/users".to_owned(), 5),
        ("api.shop.test".to_owned(), "/users".to_owned(), 8),
    ];
    let ids: Vec<String> = {
        let double = start();
        for _ in 0..5 {
            ask(&double, "/users", "localhost", "");
        }
        for _ in 0..8 {
            ask(&double, "/users", "api.shop.test", "");
        }
        double.flush();
        assert_eq!(endpoints(&double), expected);
        let list = double.admin("GET", "/endpoints").json();
        let items = list["items"].as_array().expect("items").iter();
        items.map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_ne!(ids[0], ids[1]);
    let double = start();
    assert_eq!(endpoints(&double), expected, "as it was");
    drop((main, shop));
    for (host, backend) in [("localhost", "main"), ("api.shop.test", "shop")] {
        let mocked = ask(&double, "/users", host, "X-Mock-Enabled: true\r\n");
        assert_eq!((mocked.status, &mocked.json()["backend"]), (200, &json!(backend)));
    }
    let detail = double.admin("GET", &format!("/endpoints/{}", ids[1])).json();
    assert_eq!((&detail["route"], &detail["path"]), (&json!("api.shop.test"), &json!("/users")));
    let forgotten = double.admin("DELETE", &format!("/endpoints/{}", ids[1]));
    assert_eq!(forgotten.status, 200);
    assert_eq!(endpoints(&double), expected[..1], "the other one stays");
}

#[test]
fn each_backend_is_mocked_and_fails_over_alone() {
    let Shop { shop, double, main: _main, pay: _pay } = shop(&["--mode", "failover"]);
    for _ in 0..4 {
        for (target, host) in
            [("/users", "localhost"), ("/users", "api.shop.test"), ("/payments/7", "localhost")]
        {
            assert_eq!(ask(&double, target, host, "").get("x-mock-source"), Some("upstream"));
        }
    }
    double.flush();
    let mocked = double.admin_json("PATCH", "/routes/pay", &json!({"mode": "mock"}));
    assert_eq!((mocked.status, &mocked.json()["mode"]), (200, &json!("mock")));
    let source = |target: &str, host: &str| {
        ask(&double, target, host, "").get("x-mock-source").map(str::to_owned)
    };
    assert_eq!(source("/payments/7", "localhost").as_deref(), Some("mock"));
    assert_eq!(source("/users", "localhost").as_deref(), Some("upstream"));
    let explained = double.admin("GET", "/explain?path=/payments/7").json();
    assert_eq!(explained["mode"], json!({"effective": "mock", "from": "route"}));
    drop(shop);
    for _ in 0..8 {
        assert_eq!(source("/users", "api.shop.test").as_deref(), Some("failover"));
        assert_eq!(source("/users", "localhost").as_deref(), Some("upstream"));
    }
    let ready = double.admin("GET", "/health/ready").json();
    assert_eq!(ready["backend"]["up"], true);
    assert_eq!(ready["routes"]["api.shop.test"]["up"], false, "{ready}");
    assert_eq!(ready["routes"]["pay"]["up"], true);
    let metrics = double.admin("GET", "/metrics").text();
    assert!(metrics.contains("stunt_double_route_up{route=\"api.shop.test\"} 0"), "{metrics}");
}

#[test]
fn a_running_admin_adds_changes_and_takes_away_routes_within_what_the_start_allows() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("double.db").display());
    let (main, pay, loopback) = (named("main"), named("pay"), named("other"));
    let start = |allowed: &str| {
        let flags = ["--allow-targets", allowed];
        Double::with(&flags).target(main.url()).database(url.clone()).start()
    };
    let double = start("pay.internal");
    let put = |double: &Double, name: &str, body: &Value| {
        double.admin_json("PUT", &format!("/routes/{name}"), body)
    };
    let to = |backend: &Backend| json!({"match": "/payments", "target": backend.url() + "/"});
    let refused = put(&double, "pay", &to(&loopback));
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains("--allow-targets"), "{}", refused.text());
    let metadata = json!({"match": "/m", "target": "http://169.254.169.254/"});
    assert_eq!(put(&double, "m", &metadata).status, 422);
    let secret = json!({"match": "/m", "target": "http://u:sesame@pay.internal/"});
    let refused = put(&double, "m", &secret);
    assert_eq!(refused.status, 422);
    assert!(!refused.text().contains("sesame"));
    drop(double);

    let double = start("127.0.0.1");
    let made = put(&double, "pay", &to(&pay));
    assert_eq!((made.status, &made.json()["name"]), (201, &json!("pay")), "{}", made.text());
    let answer = ask(&double, "/payments/7", "localhost", "");
    assert_eq!(answered_by(&answer), ("pay".into(), "/7".into()));
    let taken = put(&double, "second", &to(&pay));
    assert_eq!(taken.status, 422, "two routes for one pattern");
    double.flush();
    drop(double);

    let double = start("127.0.0.1");
    let answer = ask(&double, "/payments/8", "localhost", "");
    assert_eq!(answered_by(&answer), ("pay".into(), "/8".into()), "it is kept");
    assert_eq!(put(&double, "pay", &to(&loopback)).status, 200);
    let answer = ask(&double, "/payments/9", "localhost", "");
    assert_eq!(answered_by(&answer), ("other".into(), "/9".into()), "at once");
    let removed = double.admin("DELETE", "/routes/pay");
    assert_eq!(removed.status, 200, "{}", removed.text());
    assert_eq!(answered_by(&ask(&double, "/payments/9", "localhost", "")).0, "main");
    assert_eq!(double.admin("GET", "/routes/pay").status, 404);
    assert_eq!(double.admin("DELETE", "/routes/default").status, 404);
    let audit = double.admin("GET", "/audit?search=routes/pay").json();
    assert_eq!(audit["total"], 3, "{audit}");
}

#[test]
fn links_between_backends_lead_through_the_double() {
    let pay = named("pay");
    let there = pay.url();
    let main = Backend::start(move |connection| {
        while let Some((head, _body)) = connection.read_request() {
            let location = match head.path() {
                "/own" => "/elsewhere".to_owned(),
                _ => format!("{there}/v2/cards/7?a=b"),
            };
            let answer =
                format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            connection.write(answer.as_bytes());
        }
    });
    let route = format!("/payments={}/v2", pay.url());
    let flags = ["--route", &route, "--rewrite-location"];
    let double = Double::with(&flags).target(main.url()).start();
    let answer = ask(&double, "/x", "double.test:8000", "");
    assert_eq!(answer.get("location"), Some("/payments/cards/7?a=b"));
    let answer = ask(&double, "/own", "double.test:8000", "");
    assert_eq!(answer.get("location"), Some("/elsewhere"));
}

#[test]
fn chaos_for_one_route_hits_no_other() {
    let Shop { double, main: _main, shop: _shop, pay: _pay } = &shop(&[]);
    let rule = |routes: &str| {
        json!({"name": routes, "scope": {"routes": [routes]}, "ttl_s": 60,
            "faults": [{"type": "status", "status": 503}]})
    };
    let statuses = || {
        let ask = |target: &str, host: &str| ask(double, target, host, "").status;
        [ask("/a", "localhost"), ask("/a", "api.shop.test"), ask("/payments/a", "localhost")]
    };
    for (name, expected) in
        [("pay", [200, 200, 503]), ("default", [503, 200, 200]), ("nowhere", [200; 3])]
    {
        let made = double.admin_json("POST", "/chaos/rules", &rule(name));
        assert_eq!(made.status, 201, "{}", made.text());
        assert_eq!(statuses(), expected, "{name}");
        assert_eq!(double.admin("POST", "/chaos/stop").status, 200);
    }
}
