//! Secrets that come again and again, as constants and among few values, are found nowhere
//! afterwards: not in what is drawn, shown or stored, neither whole nor by pieces.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::backend::{Backend, ReceivedHead};
use crate::support::double::Double;

/// Answers learned of each endpoint, of each status.
const EXCHANGES: usize = 60;

/// Bodies, headers and error answers drawn of each endpoint.
const DRAWS: usize = 200;

/// A piece of a secret by which it would be known.
const PIECE_CHARS: usize = 12;

/// What may be found nowhere.
const SECRETS: &[&str] = &[
    "ann.karenina@letterbox-corp.example",
    "support.desk@letterbox-corp.example",
    "Annabeth Karenina-Oblonsky",
    "Konstantin Dmitrievich",
    "Stepan Arkadyevich",
    "+49 30 9018 2044 17",
    "4111 1111 1111 1111",
    "DE89370400440532013000",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwibiI6Mn0.c2lnbmF0dXJlcw",
    "Q7f3kP0xW9zLm2Vb8Nc4Rt6Y",
    "x7Kp2qLmN8BvC3",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "hunter2-correct-horse",
];

/// Constants and few values, in every place of a body.
fn body(n: usize) -> Value {
    let people = [SECRETS[2], SECRETS[3], SECRETS[4]];
    json!({
        "id": n,
        "note": format!("Questions? Write to {} today, or call {}.", SECRETS[0], SECRETS[5]),
        "help": format!("mailto:{}?subject=Hello", SECRETS[1]),
        "label": format!("contact:{}:primary", SECRETS[0]),
        "owner": people[n % 3],
        "name": SECRETS[2],
        "reviewers": [people[n % 2], people[(n + 1) % 3]],
        "project": { "name": "Apache License", "manager": { "name": people[n % 3] } },
        "paid": format!("paid with {}", SECRETS[6]),
        "ref": SECRETS[9],
        "account": format!("account {}", SECRETS[7]),
        "trace": SECRETS[8],
        "link": format!("https://letterbox.example/reset/{}", SECRETS[10]),
        "hint": format!("use {} as the key", SECRETS[11]),
        "text": format!("Authorization: Bearer {}", SECRETS[12]),
        "state": "open",
    })
}

fn error(n: usize) -> Value {
    json!({
        "title": "Not Found",
        "detail": format!("nothing of {} is here ({n})", SECRETS[0]),
        "contact": SECRETS[1],
        "author": SECRETS[3],
    })
}

fn answer(head: &ReceivedHead) -> Vec<u8> {
    let n = head.path().rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(0);
    let (status, body) = match (head.path().contains("text"), n % 2) {
        (true, _) => ("200 OK", body(n)["note"].as_str().unwrap_or_default().to_owned()),
        (_, 0) => ("200 OK", body(n).to_string()),
        _ => ("404 Not Found", error(n).to_string()),
    };
    let media = if head.path().contains("text") { "text/plain" } else { "application/json" };
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media}\r\nx-contact: {}\r\nx-owner: {}\r\n\
         x-note: write to {} now\r\nset-cookie: seen={}; Path=/\r\nx-ref: {}\r\n\
         link: <mailto:{}>; rel=author\r\ncontent-length: {}\r\n\r\n{body}",
        SECRETS[1],
        SECRETS[2],
        SECRETS[0],
        SECRETS[9],
        SECRETS[9],
        SECRETS[0],
        body.len()
    )
    .into_bytes()
}

/// Where a secret or a piece of one stands in a text.
fn found(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    SECRETS.iter().find_map(|secret| {
        let letters: Vec<char> = secret.to_lowercase().chars().collect();
        let mut pieces = letters.windows(PIECE_CHARS).map(|piece| piece.iter().collect::<String>());
        let piece = pieces.find(|piece| text.contains(piece.as_str()))?;
        let at = text.find(&piece)?;
        let around: String =
            text.chars().skip(text[..at].chars().count().max(30) - 30).take(90).collect();
        Some(format!("`{piece}` of `{secret}` in …{around}…"))
    })
}

fn draw(double: &Double, leaks: &mut Vec<String>) {
    for path in ["/items/4", "/text/4"] {
        for status in ["", "200", "404"] {
            for seed in 0..DRAWS {
                let seed = seed.to_string();
                let mut headers = vec![("x-mock-seed", seed.as_str())];
                headers.extend((!status.is_empty()).then_some(("x-mock-status", status)));
                let answer = double.mock_with(path, &headers);
                let text = format!("{}{}", answer.head, answer.text());
                leaks.extend(found(&text).map(|leak| format!("mock of {path} {status}: {leak}")));
            }
        }
    }
}

fn show(double: &Double, leaks: &mut Vec<String>) {
    let list = double.admin("GET", "/endpoints?per_page=500");
    let ids = list.json()["items"].as_array().expect("items").clone();
    assert!(ids.len() >= 2, "{}", list.text());
    let mut paths: Vec<String> = ["/requests?limit=1000", "/metrics", "/templates", "/audit"]
        .map(ToOwned::to_owned)
        .to_vec();
    for id in ids.iter().map(|item| item["id"].as_str().expect("an id")) {
        for part in ["", "/stats", "/schema", "/schema?status=404", "/sample", "/sample?seed=3"] {
            paths.push(format!("/endpoints/{id}{part}"));
        }
    }
    for path in paths {
        let text = double.admin("GET", &path).text();
        leaks.extend(found(&text).map(|leak| format!("{path}: {leak}")));
    }
}

fn stored(folder: &Path, leaks: &mut Vec<String>) {
    for file in fs::read_dir(folder).expect("the folder") {
        let path = file.expect("a file").path();
        let bytes = fs::read(&path).expect("readable");
        let text = String::from_utf8_lossy(&bytes);
        leaks.extend(found(&text).map(|leak| format!("{}: {leak}", path.display())));
    }
}

#[test]
fn secrets_that_are_repeated_are_drawn_shown_and_stored_nowhere() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            connection.write(&answer(&head));
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("double.db").display());
    let double = Double::with(&[]).target(backend.url()).database(database).start();
    for n in 0..EXCHANGES {
        double.get(&format!("/items/{n}"));
        double.get(&format!("/items/{}", n * 2));
        double.get(&format!("/text/{n}"));
    }
    double.flush();
    let mut leaks = Vec::new();
    draw(&double, &mut leaks);
    show(&double, &mut leaks);
    stored(folder.path(), &mut leaks);
    // What is harmless and repeated is kept: the test would else hold of a double that knows nothing.
    let kept = double.mock_with("/items/4", &[("x-mock-status", "200"), ("x-mock-seed", "1")]);
    assert_eq!(kept.json()["state"], "open");
    assert_eq!(kept.json()["project"]["name"], "Apache License");
    leaks.sort();
    leaks.dedup_by_key(|leak| leak.split(" in …").next().map(ToOwned::to_owned));
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}
