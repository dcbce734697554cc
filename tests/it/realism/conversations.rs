//! Conversations over WebSocket: learned from what is relayed, and mocked.

use std::io::Read;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::support::backend::Backend;
use crate::support::double::Double;
use crate::support::eventually;
use crate::support::websocket::{
    BINARY, CLOSE, PING, PONG, SocketClient, SocketServer, TEXT, frame, socket_backend,
};

/// Welcome, calls with ids, an error for what is no call, a farewell; subprotocol `shop.v2`.
fn shop() -> Backend {
    socket_backend("sec-websocket-protocol: shop.v2\r\nserver: shopd\r\n", |server| {
        let connection = server.raw.index;
        server.say(&json!({ "type": "welcome", "connection": connection * 7 + 3 }));
        while let Some(message) = server.json() {
            answer(server, &message);
        }
    })
}

fn answer(server: &mut SocketServer<'_>, message: &Value) {
    let id = &message["id"];
    match message["type"].as_str() {
        Some("price") => {
            let item = message["item"].as_i64().unwrap_or(0);
            server.say(&json!({ "type": "price", "id": id, "item": item, "cents": item * 5 % 90 }));
        }
        Some("bye") => {
            server.say(&json!({ "type": "goodbye", "id": id }));
            server.close(4_001, "see you");
        }
        _ => server.say(&json!({ "type": "error", "id": id, "code": 4 })),
    }
}

/// Conversations through the double.
fn train(double: &Double) {
    for n in 0..20 {
        let offer = [("sec-websocket-protocol", "shop.v1, shop.v2")];
        let mut client = SocketClient::open(double.addr, "/shop/live", &offer);
        assert_eq!(client.answer.get("x-mock-source"), Some("upstream"));
        assert_eq!(client.json()["type"], "welcome");
        for call in 0..3 {
            let id = n * 10 + call;
            client.say(&json!({ "type": "price", "id": id, "item": id * 13 % 40 }));
            assert_eq!(client.json()["id"], id);
        }
        client.say(&json!({ "type": "bye", "id": n * 10 + 9 }));
        assert_eq!(client.json()["type"], "goodbye");
        assert_eq!(client.closed(), Some(4_001));
        client.send(CLOSE, &4_001_u16.to_be_bytes());
        assert!(client.raw.read_to_end().is_empty());
    }
    eventually("all conversations are learned", || {
        double.flush();
        double.observations("GET /shop/live") == 20
    });
}

#[test]
fn a_conversation_is_mocked_as_it_was_learned() {
    let (backend, double) = (shop(), Double::with(&[]));
    let double = double.target(backend.url()).start();
    train(&double);
    drop(backend);
    let offer = [("sec-websocket-protocol", "other, shop.v2")];
    let mut client = SocketClient::mocked(double.addr, "/shop/live", &offer);
    assert_eq!(client.answer.get("x-mock-source"), Some("mock"));
    assert_eq!(client.answer.get("x-mock-endpoint"), Some("GET /shop/live"));
    assert_eq!(client.answer.get("sec-websocket-protocol"), Some("shop.v2"));
    assert_eq!(client.answer.get("server"), Some("shopd"));
    assert_eq!(client.answer.all("sec-websocket-extensions").len(), 0);
    assert_eq!(client.json()["type"], "welcome");
    for id in [900, 901] {
        client.say(&json!({ "type": "price", "id": id, "item": 17 }));
        let price = client.json();
        assert_eq!((&price["type"], &price["id"]), (&json!("price"), &json!(id)));
        assert!(price["cents"].is_i64(), "{price}");
    }
    client.say(&json!({ "type": "dance", "id": 1 }));
    client.say(&json!({ "type": "bye", "id": 902 }));
    let goodbye = client.json();
    assert_eq!((&goodbye["type"], &goodbye["id"]), (&json!("goodbye"), &json!(902)));
    let (kind, close) = client.frame().unwrap();
    assert_eq!((kind, &close[..2], &close[2..]), (CLOSE, &[0x0f, 0xa1][..], &b"see you"[..]));
    client.send(CLOSE, &close);
    assert!(client.raw.read_to_end().is_empty());
}

#[test]
fn the_same_seed_gives_the_same_conversation() {
    let (backend, double) = (shop(), Double::with(&[]));
    let double = double.target(backend.url()).start();
    train(&double);
    let play = |seed: &str| {
        let mut client = SocketClient::mocked(double.addr, "/shop/live", &[("x-mock-seed", seed)]);
        let welcome = client.text();
        client.say(&json!({ "type": "price", "id": 5, "item": 3 }));
        let price = client.text();
        assert_eq!(client.close(1000), Some(1000));
        (welcome, price)
    };
    assert_eq!(play("a"), play("a"));
    assert_ne!(play("a"), play("b"));
}

#[test]
fn without_evidence_a_mock_says_what_is_missing() {
    let double = Double::in_front_of_demo();
    double.learn_demo(200);
    for path in ["/users", "/nowhere/at/all"] {
        let mock = [("x-mock-enabled", "true")];
        let (_, answer) = SocketClient::ask(double.addr, path, &mock);
        assert_eq!(answer.status, 501, "{path}");
        assert_eq!(answer.get("x-mock-error"), Some("upgrade-unmockable"));
        let problem = answer.json();
        assert_eq!(problem["conversations"], 0);
        assert!(problem["detail"].as_str().unwrap().contains("no conversation was learned"));
    }
}

#[test]
fn a_plain_request_to_the_same_endpoint_never_gets_the_switch() {
    let backend = Backend::start(|connection| {
        while let Some(head) = connection.read_head() {
            if head.get("upgrade").is_none() {
                connection.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                continue;
            }
            connection.write(
                b"HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\n\
                  upgrade: websocket\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
            );
            SocketServer { raw: connection, head, is_closing: false }.close(1000, "");
            return;
        }
    });
    let double = Double::in_front_of(backend.url());
    for _ in 0..20 {
        assert_eq!(double.get("/socket.io/").status, 200);
        let mut client = SocketClient::open(double.addr, "/socket.io/", &[]);
        assert_eq!(client.closed(), Some(1000));
        client.send(CLOSE, &1000_u16.to_be_bytes());
        client.raw.read_to_end();
    }
    eventually("all is learned", || {
        double.flush();
        double.observations("GET /socket.io/") == 40
    });
    assert!((0..20).all(|_| double.mock("/socket.io/").status == 200));
    assert_eq!(SocketClient::mocked(double.addr, "/socket.io/", &[]).closed(), Some(1000));
}

#[test]
fn ticks_and_pings_keep_their_pace() {
    let backend = socket_backend("", |server| {
        let begun = Instant::now();
        for tick in 1..=8 {
            let due = begun + Duration::from_millis(25 * tick);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if tick == 4 {
                server.send(PING, b"");
            }
            server.say(&json!({ "type": "tick", "seq": tick, "price": tick * 31 % 17 }));
        }
        while server.hear().is_some() {}
    });
    let double = Double::with(&["--latency-scale", "1"]).target(backend.url()).start();
    for _ in 0..12 {
        let mut client = SocketClient::open(double.addr, "/ticks", &[]);
        assert!((1..=8).all(|seq| client.json()["seq"] == seq));
        assert_eq!(client.pings, 1);
        assert_eq!(client.close(1000), Some(1000));
    }
    double.flush();
    let mut client = SocketClient::mocked(double.addr, "/ticks", &[]);
    let began = Instant::now();
    let numbers: Vec<i64> = (0..20).map(|_| client.json()["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>(), "they go on, and count");
    assert!(began.elapsed() >= Duration::from_millis(300), "{:?}", began.elapsed());
    assert!(client.pings >= 2, "{}", client.pings);
    assert_eq!(client.close(1000), Some(1000));
}

#[test]
fn what_the_protocol_forbids_closes_a_mocked_conversation() {
    let (backend, double) = (shop(), Double::with(&[]));
    let double = double.target(backend.url()).start();
    train(&double);
    let mask = Some([9, 8, 7, 6]);
    let long = frame(0x81, &vec![b'x'; (1 << 20) + 1], mask);
    for (name, bytes, code) in [
        ("an unmasked frame", frame(0x81, b"hi", None), 1002),
        ("a reserved bit", frame(0xa1, b"hi", mask), 1002),
        ("an extension nobody agreed on", frame(0xc1, b"hi", mask), 1002),
        ("an unknown opcode", frame(0x83, b"hi", mask), 1002),
        ("a fragmented ping", frame(0x09, b"hi", mask), 1002),
        ("a rest without a beginning", frame(0x80, b"hi", mask), 1002),
        ("a close frame of one byte", frame(0x88, b"x", mask), 1002),
        ("a code that is none", frame(0x88, &[0x03, 0xed], mask), 1002),
        ("a text that is no UTF-8", frame(0x81, b"\xff\xfe", mask), 1007),
        ("a beginning that is no UTF-8", frame(0x01, b"\xff", mask), 1007),
        ("a message that is too long", long[..64].to_vec(), 1009),
        ("a farewell", frame(0x88, &[0x03, 0xe8, b'b', b'y', b'e'], mask), 1000),
    ] {
        let mut client = SocketClient::mocked(double.addr, "/shop/live", &[]);
        assert_eq!(client.json()["type"], "welcome");
        client.raw.send(&bytes);
        assert_eq!(client.closed(), Some(code), "{name}");
        assert!(client.raw.read_to_end().is_empty(), "{name}: the connection ends");
    }
    let mut client = SocketClient::mocked(double.addr, "/shop/live", &[]);
    assert_eq!(client.json()["type"], "welcome");
    client.send(PING, b"are you there?");
    assert_eq!(client.frame(), Some((PONG, b"are you there?".to_vec())));
    // A message in three frames with a ping between them, one of them empty.
    for (first, part) in [(0x01, &br#"{"type":"pr"#[..]), (0x00, b""), (0x89, b"!")] {
        client.raw.send(&frame(first, part, mask));
    }
    client.raw.send(&frame(0x80, br#"ice","id":3,"item":1}"#, mask));
    assert_eq!(client.frame(), Some((PONG, b"!".to_vec())));
    assert_eq!(client.json()["id"], 3);
}

#[test]
fn a_request_that_is_no_handshake_is_refused() {
    let (backend, double) = (shop(), Double::with(&[]));
    let double = double.target(backend.url()).start();
    train(&double);
    let ask = |version: &str, key: &str| {
        let mut raw = crate::support::client::RawClient::connect(double.addr);
        raw.send(
            format!(
                "GET /shop/live HTTP/1.1\r\nhost: d\r\nconnection: Upgrade\r\n\
                 upgrade: websocket\r\nx-mock-enabled: true\r\n\
                 sec-websocket-version: {version}\r\nsec-websocket-key: {key}\r\n\r\n"
            )
            .as_bytes(),
        );
        raw.answer().unwrap()
    };
    let old = ask("8", crate::support::websocket::KEY);
    assert_eq!((old.status, old.get("sec-websocket-version")), (426, Some("13")));
    assert_eq!(ask("13", "c2hvcnQ=").status, 400);
    assert_eq!(ask("13", crate::support::websocket::KEY).status, 101);
}

#[test]
fn a_shutdown_closes_mocked_conversations() {
    let (backend, double) = (shop(), Double::with(&[]));
    let mut double = double.target(backend.url()).start();
    train(&double);
    let mut client = SocketClient::mocked(double.addr, "/shop/live", &[]);
    assert_eq!(client.json()["type"], "welcome");
    double.begin_stop();
    assert_eq!(client.closed(), Some(1001));
    client.send(CLOSE, &1001_u16.to_be_bytes());
    assert!(client.raw.read_to_end().is_empty());
}

#[test]
fn a_conversation_outlives_a_restart_and_travels_with_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let backend = shop();
    let double = Double::with(&[]).target(backend.url()).database(&database).start();
    train(&double);
    let model = double.admin("GET", "/export?format=model").body;
    double.stop().unwrap();
    let again = Double::with(&["--mode", "mock"]).target(backend.url()).database(&database).start();
    let other = Double::with(&["--mode", "mock"]).target(backend.url()).start();
    let imported = other.admin_with("POST", "/import", &model);
    assert!(imported.status < 300, "{}", imported.text());
    other.flush();
    for double in [again, other] {
        let mut client = SocketClient::open(double.addr, "/shop/live", &[]);
        assert_eq!(client.answer.get("x-mock-source"), Some("mock"));
        assert_eq!(client.json()["type"], "welcome");
        client.say(&json!({ "type": "price", "id": 77, "item": 2 }));
        assert_eq!(client.json()["id"], 77);
        assert_eq!(client.close(1000), Some(1000));
    }
}

#[test]
fn the_admin_shows_what_was_learned_of_conversations() {
    let (backend, double) = (shop(), Double::with(&[]));
    let double = double.target(backend.url()).start();
    train(&double);
    let id = double.endpoint_id("GET /shop/live");
    let detail = double.admin("GET", &format!("/endpoints/{id}")).json();
    let spoken = &detail["conversations"];
    assert_eq!(spoken["conversations"], 20, "{detail}");
    assert_eq!(spoken["subprotocols"][0]["count"], 20);
    assert_eq!(spoken["opening"]["answers"][0]["kind"], "type=welcome");
    let turns = spoken["turns"].as_array().unwrap();
    let price = turns.iter().find(|turn| turn["kind"] == "type=price").unwrap();
    assert_eq!(price["turns"], 60);
    assert_eq!(price["answers"][0]["kind"], "type=price");
    let echoes = price["answers"][0]["body"]["echoes"].as_array().unwrap();
    assert!(echoes.iter().any(|echo| echo["pointer"] == "/id" && echo["active"] == true));
    let sample = price["answers"][0]["sample"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(sample).unwrap()["type"], "price");
    let bye = turns.iter().find(|turn| turn["kind"] == "type=bye").unwrap();
    assert_eq!(bye["scripts"][0]["answers"], json!(["type=goodbye", "close 4001"]));
    let closing = &spoken["closings"][0];
    assert_eq!((&closing["code"], &closing["by_server"]), (&json!(4_001), &json!(true)));
}

#[test]
fn planted_secrets_of_a_conversation_are_found_nowhere() {
    let secret = |n: usize| format!("{:016x}{:016x}", n * 0x9e37_79b9, n * 0x7f4a_7c15 + 1);
    let backend = socket_backend("", move |server| {
        let n = server.raw.index;
        let session = secret(n + 1_000);
        server.say(&json!({ "type": "hello", "session": session, "key": secret(n + 2_000) }));
        while let Some(message) = server.json() {
            let user = message["user"].clone();
            server.say(&json!({ "type": "ok", "user": user, "token": secret(n + 3_000) }));
            server.send(TEXT, format!("OK {}", secret(n + 4_000)).as_bytes());
            server.send(BINARY, secret(n + 5_000).as_bytes());
        }
    });
    for level in ["strict", "vocabulary", "open"] {
        let double = Double::with(&["--privacy", level]).target(backend.url()).start();
        let mut planted = Vec::new();
        for n in 0..15 {
            let key = secret(n + 6_000);
            let path = "/private/feed";
            let headers = [("authorization", format!("Bearer {key}"))];
            let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, &**v)).collect();
            let mut client = SocketClient::open(double.addr, path, &headers);
            let hello = client.json();
            planted.extend([hello["session"].clone(), hello["key"].clone(), json!(key)]);
            let user = format!("ann{n}.{}@corp{n}.test", &secret(n)[..9]);
            client.say(&json!({ "type": "login", "password": secret(n + 7_000), "user": user }));
            planted.extend([json!(secret(n + 7_000)), json!(user)]);
            planted.push(client.json()["token"].clone());
            planted.push(json!(client.text()[3..]));
            planted.push(json!(String::from_utf8(client.frame().unwrap().1).unwrap()));
            assert_eq!(client.close(1000), Some(1000));
        }
        double.flush();
        let mut seen = String::new();
        let model = double.admin("GET", "/export?format=model").body;
        GzDecoder::new(&model[..]).read_to_string(&mut seen).unwrap();
        let id = double.endpoint_id("GET /private/feed");
        seen.push_str(&double.admin("GET", &format!("/endpoints/{id}")).text());
        for _ in 0..20 {
            let mut client = SocketClient::mocked(double.addr, "/private/feed", &[]);
            seen.push_str(&client.text());
            client.say(&json!({ "type": "login", "password": "p", "user": "u" }));
            seen.push_str(&client.text());
            client.send(CLOSE, &1000_u16.to_be_bytes());
            while let Some((_, payload)) = client.frame() {
                seen.push_str(&String::from_utf8_lossy(&payload));
            }
        }
        for planted in planted {
            let planted = planted.as_str().unwrap();
            let is_user = planted.contains('@');
            assert!((is_user && level == "open") || !seen.contains(planted), "{level}: {planted}");
        }
    }
}
