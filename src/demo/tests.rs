//! The sample backend over a real port.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use actix_web::{
    dev::ServerHandle,
    http::{Method, StatusCode, header},
};
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};

use super::{Backend, send_traffic, sessions::PASSWORD};

/// A backend that stops when the test ends.
struct Running {
    url: String,
    handle: ServerHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn start(backend: Backend) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = backend.serve(listener).unwrap();
    let handle = server.handle();
    actix_rt::spawn(server);
    Running { url, handle }
}

fn quick() -> Running {
    start(Backend { latency_scale: 0.0, ..Backend::seeded(11) })
}

async fn call(shop: &Running, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = awc::Client::default().request(method, format!("{}{path}", shop.url));
    let sent = match body {
        Some(body) => request.send_json(&body).await,
        None => request.send().await,
    };
    let mut response = sent.unwrap();
    let body = response.body().limit(1 << 20).await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(&body).unwrap_or_default())
}

async fn get(shop: &Running, path: &str) -> (u16, Value) {
    call(shop, Method::GET, path, None).await
}

#[actix_web::test]
async fn each_route_answers_with_its_status() {
    let shop = quick();
    let (_, products) = get(&shop, "/products").await;
    let product = products["items"][0]["id"].as_str().unwrap();
    let cases = [
        ("/health", 200),
        ("/users", 200),
        ("/users?page=x", 400),
        ("/users/1", 200),
        ("/users/0", 404),
        ("/users/abc", 404),
        ("/users/1/orders", 200),
        ("/users/0/orders", 404),
        ("/products?category=kitchen", 200),
        (&format!("/products/{product}"), 200),
        (&format!("/products/{product}/image"), 200),
        (&format!("/products/{product}/recommendations"), 200),
        (&format!("/products/{product}/stock"), 200),
        ("/products/none", 404),
        ("/orders/10001", 200),
        ("/articles/rethinking-rate-limits", 200),
        ("/articles/none", 404),
        ("/search?q=oak", 200),
        ("/search", 400),
        ("/me", 401),
        ("/reports/2026-11-22", 200),
        ("/reports/yesterday", 404),
        ("/events", 200),
        ("/nowhere", 404),
    ];
    for (path, expected) in cases {
        assert_eq!(get(&shop, path).await.0, expected, "{path}");
    }
    assert_eq!(call(&shop, Method::DELETE, "/products", None).await.0, 405);
}

#[actix_web::test]
async fn pages_cover_a_list_once() {
    let shop = quick();
    let mut ids = Vec::new();
    for page in 1.. {
        let (_, list) = get(&shop, &format!("/users?page={page}&per_page=50")).await;
        assert_eq!(list["total"], 120);
        let items = list["items"].as_array().unwrap();
        if items.is_empty() {
            break;
        }
        ids.extend(items.iter().map(|user| user["id"].as_u64().unwrap()));
    }
    assert_eq!(ids, (1..=120).collect::<Vec<_>>());
}

#[actix_web::test]
async fn ids_in_orders_name_what_exists() {
    let shop = quick();
    let (_, list) = get(&shop, "/orders?per_page=30").await;
    for order in list["items"].as_array().unwrap() {
        let (status, user) = get(&shop, &format!("/users/{}", order["user_id"])).await;
        assert_eq!(status, 200);
        assert_eq!(user["email"], order["customer"]["email"]);
        for line in order["items"].as_array().unwrap() {
            let path = format!("/products/{}", line["product_id"].as_str().unwrap());
            let (_, product) = get(&shop, &path).await;
            assert_eq!(product["price"], line["unit_price"]);
        }
    }
}

#[actix_web::test]
async fn a_user_lives_from_create_to_delete() {
    let shop = quick();
    let draft = json!({ "name": "Ada", "email": "ada@example.com" });
    let (status, user) = call(&shop, Method::POST, "/users", Some(draft.clone())).await;
    assert_eq!((status, &user["id"]), (201, &json!(121)));
    let change = Some(json!({ "name": "Grace" }));
    let (status, user) = call(&shop, Method::PATCH, "/users/121", change).await;
    assert_eq!((status, &user["name"], &user["email"]), (200, &json!("Grace"), &draft["email"]));
    assert_eq!(call(&shop, Method::PUT, "/users/121", Some(draft)).await.0, 200);
    assert_eq!(call(&shop, Method::DELETE, "/users/121", None).await.0, 204);
    assert_eq!(get(&shop, "/users/121").await.0, 404);
}

#[actix_web::test]
async fn a_deleted_user_leaves_no_orders() {
    let shop = quick();
    let (_, list) = get(&shop, "/orders?per_page=1").await;
    let (order, user) = (list["items"][0]["id"].clone(), list["items"][0]["user_id"].clone());
    assert_eq!(call(&shop, Method::DELETE, &format!("/users/{user}"), None).await.0, 204);
    assert_eq!(get(&shop, &format!("/orders/{order}")).await.0, 404);
}

#[actix_web::test]
async fn invalid_bodies_are_refused_by_kind() {
    let shop = quick();
    let invalid = json!({ "name": "", "email": "nowhere" });
    let (status, body) = call(&shop, Method::POST, "/users", Some(invalid)).await;
    assert_eq!((status, body["errors"].as_array().unwrap().len()), (422, 2));
    let (status, _) = call(&shop, Method::POST, "/users", Some(json!({ "name": 3 }))).await;
    assert_eq!(status, 422);
    let request = awc::Client::default().post(format!("{}/users", shop.url));
    let broken = request.content_type("application/json").send_body("{").await.unwrap();
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
    let request = awc::Client::default().post(format!("{}/users", shop.url));
    let text = request.content_type("text/plain").send_body("{}").await.unwrap();
    assert_eq!(text.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[actix_web::test]
async fn an_order_moves_one_status_at_a_time() {
    let shop = quick();
    let (_, products) = get(&shop, "/products").await;
    let items = json!([{ "product_id": products["items"][0]["id"], "quantity": 2 }]);
    let draft = json!({ "user_id": 1, "items": items });
    let (status, order) = call(&shop, Method::POST, "/orders", Some(draft)).await;
    assert_eq!((status, order["status"].as_str()), (201, Some("pending")));
    let path = format!("/orders/{}", order["id"]);
    for (to, expected) in [("shipped", 409), ("paid", 200), ("shipped", 200), ("cancelled", 409)] {
        let patch = Some(json!({ "status": to }));
        assert_eq!(call(&shop, Method::PATCH, &path, patch).await.0, expected, "{to}");
    }
    assert_eq!(call(&shop, Method::DELETE, &path, None).await.0, 409);
    let unknown = json!({ "user_id": 0, "items": items });
    assert_eq!(call(&shop, Method::POST, "/orders", Some(unknown)).await.0, 422);
}

#[actix_web::test]
async fn a_login_opens_the_page_of_the_user() {
    let shop = quick();
    let (_, user) = get(&shop, "/users/5").await;
    let login = |password| {
        let credentials = json!({ "email": user["email"], "password": password });
        call(&shop, Method::POST, "/login", Some(credentials))
    };
    assert_eq!(login("guess").await.0, 401);
    let (status, session) = login(PASSWORD).await;
    assert_eq!(status, 200);
    let token = session["token"].as_str().unwrap();
    for (name, value) in
        [("Authorization", format!("Bearer {token}")), ("Cookie", format!("session={token}"))]
    {
        let request = awc::Client::default().get(format!("{}/me", shop.url));
        let mut me = request.insert_header((name, value)).send().await.unwrap();
        assert_eq!(me.json::<Value>().await.unwrap()["id"], 5);
    }
    let missing = json!({ "email": user["email"] });
    assert_eq!(call(&shop, Method::POST, "/login", Some(missing)).await.0, 422);
}

#[actix_web::test]
async fn a_known_record_is_not_sent_again() {
    let shop = quick();
    let client = awc::Client::default();
    let url = format!("{}/users/3", shop.url);
    let first = client.get(&url).send().await.unwrap();
    let tag = first.headers().get(header::ETAG).unwrap().clone();
    let again = client.get(&url).insert_header((header::IF_NONE_MATCH, tag));
    assert_eq!(again.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    let other = client.get(&url).insert_header((header::IF_NONE_MATCH, "\"other\""));
    assert_eq!(other.send().await.unwrap().status(), StatusCode::OK);
}

#[actix_web::test]
async fn head_has_the_length_and_no_body() {
    let shop = quick();
    let address = shop.url.trim_start_matches("http://").to_owned();
    let exchange = move |method: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = format!("{method} /users/3 HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        (length.unwrap().parse::<usize>().unwrap(), body.len())
    };
    let (get, head) =
        actix_web::web::block(move || (exchange("GET"), exchange("HEAD"))).await.unwrap();
    assert_eq!(get.0, get.1);
    assert_eq!(head, (get.0, 0));
}

#[actix_web::test]
async fn browsers_of_other_origins_may_ask() {
    let shop = quick();
    let client = awc::Client::default();
    let preflight = client.request(Method::OPTIONS, format!("{}/users", shop.url));
    let answer = preflight.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert!(answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_METHODS));
    let missing = client.get(format!("{}/nowhere", shop.url)).send().await.unwrap();
    assert_eq!(missing.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).unwrap(), "*");
    assert_eq!(missing.headers().get(header::CONTENT_TYPE).unwrap(), "application/problem+json");
}

#[actix_web::test]
async fn events_take_their_time() {
    let shop = start(Backend::seeded(7));
    let asked = Instant::now();
    let mut events =
        awc::Client::default().get(format!("{}/events", shop.url)).send().await.unwrap();
    let body = events.body().await.unwrap();
    assert_eq!(body.split(|byte| *byte == b'\n').count() - 1, 6);
    assert!(asked.elapsed() >= Duration::from_millis(900));
}

#[actix_web::test]
async fn the_same_seed_opens_the_same_shop() {
    let (one, two) = (quick(), quick());
    let other = start(Backend { latency_scale: 0.0, ..Backend::seeded(8) });
    for path in ["/users", "/products", "/orders", "/articles", "/reports/2026-01-02"] {
        let first = get(&one, path).await;
        assert_eq!(first, get(&two, path).await, "{path}");
        assert_ne!(first, get(&other, path).await, "{path}");
    }
}

#[actix_web::test]
async fn traffic_spends_its_budget_and_meets_every_kind_of_answer() {
    let shop = quick();
    let report = send_traffic(&shop.url, 3_000, 1).await;
    assert_eq!((report.requests, report.failed), (3_000, 0), "{report:?}");
    assert_eq!(report.statuses.values().sum::<usize>(), 3_000);
    for status in [200, 201, 204, 304, 400, 401, 404, 409, 422, 503] {
        assert!(report.statuses.contains_key(&status), "{status}: {report:?}");
    }
}

#[actix_web::test]
async fn traffic_reports_an_absent_backend() {
    // Bound and not listening: nobody else gets the port, and connections are refused.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let url = format!("http://{address}");
    let report = send_traffic(&url, 20, 1).await;
    assert_eq!((report.requests, report.failed), (20, 20));
}
