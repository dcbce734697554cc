//! Answers that are files: each opens, none is noise under a type that promises more.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::LazyLock;

use crate::support::backend::{Backend, find};
use crate::support::client::RawAnswer;
use crate::support::double::Double;

/// Bytes that look like nothing; others for every id.
fn noise(id: usize, count: usize) -> Vec<u8> {
    let mut state = id as u64 + 7;
    let byte = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        0x80 | (state >> 57) as u8
    };
    std::iter::repeat_with(byte).take(count).collect()
}

/// A picture that says which one it is, after its head.
fn picture(id: usize) -> Vec<u8> {
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x40\0\0\0\xc8\x08\x02\0\0\0";
    [head.as_slice(), &noise(id, 2_000 + id)].concat()
}

fn tar_of(text: &str) -> Vec<u8> {
    let mut tar = vec![0; 2_048];
    tar[..9].copy_from_slice(b"notes.txt");
    tar[124..136].copy_from_slice(format!("{:011o}\0", text.len()).as_bytes());
    tar[156] = b'0';
    tar[257..262].copy_from_slice(b"ustar");
    tar[512..512 + text.len()].copy_from_slice(text.as_bytes());
    let mut coded = Vec::new();
    let mut encoder = flate2::read::GzEncoder::new(&*tar, flate2::Compression::fast());
    encoder.read_to_end(&mut coded).expect("coded");
    coded
}

/// Archives by id, made once: the threads of a backend have little room for a compressor.
static ARCHIVES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| (0..50).map(|id| tar_of(&format!("Zacharias Number {id}"))).collect());

fn answer(path: &str) -> (&'static str, Vec<u8>) {
    let id = path.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(0);
    match path.split('/').nth(1) {
        Some("avatars") => ("image/png", picture(id)),
        Some("logo") => ("image/png", picture(0)),
        Some("font") => ("font/woff2", [b"wOF2".as_slice(), &noise(1, 900)].concat()),
        Some("archives") => ("application/gzip", ARCHIVES[id].clone()),
        Some("blobs") => ("application/octet-stream", noise(id, 700 + id)),
        _ => ("application/vnd.acme.thing", noise(id, 300)),
    }
}

fn taught(flags: &[&str]) -> Double {
    LazyLock::force(&ARCHIVES);
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            let (media, body) = answer(head.path());
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            connection.write(&[head.as_bytes(), &body].concat());
        }
    });
    let double = Double::with(flags).target(backend.url()).start();
    for id in 1..=12 {
        for kind in ["avatars", "archives", "blobs", "things"] {
            double.get(&format!("/{kind}/{id}"));
        }
        double.get("/logo");
        double.get("/font");
    }
    double.flush();
    double
}

fn mocked(double: &Double, path: &str) -> RawAnswer {
    double.request("GET", path, &[("x-mock-enabled", "true")], b"")
}

#[test]
fn a_picture_is_another_picture_of_the_same_size() {
    let double = taught(&[]);
    for id in [3, 7, 100, 2_000] {
        let shown = mocked(&double, &format!("/avatars/{id}"));
        assert_eq!((shown.status, shown.get("content-type")), (200, Some("image/png")));
        assert_eq!(shown.body[8..24], picture(id)[8..24], "320 by 200 pixels");
        assert!(shown.body.ends_with(b"IEND\xaeB`\x82"), "it is whole");
        assert_ne!(shown.body, picture(id));
        assert!((1_900..2_150).contains(&shown.body.len()), "{}", shown.body.len());
    }
}

#[test]
fn what_is_the_same_for_everybody_comes_back() {
    let double = taught(&[]);
    assert_eq!(mocked(&double, "/logo").body, answer("/logo").1);
    assert_eq!(mocked(&double, "/font").body, answer("/font").1);
}

#[test]
fn an_archive_opens_and_says_nothing_of_what_was_in_it() {
    let double = taught(&[]);
    for id in [5, 40] {
        let shown = mocked(&double, &format!("/archives/{id}"));
        let mut tar = Vec::new();
        let opened = flate2::read::GzDecoder::new(&*shown.body).read_to_end(&mut tar);
        opened.expect("it opens");
        assert_eq!(&tar[257..262], b"ustar");
        let text = String::from_utf8_lossy(&tar);
        assert!(!text.contains("Zacharias"), "{text}");
    }
}

#[test]
fn noise_is_given_only_where_noise_was_promised() {
    let double = taught(&[]);
    let blob = mocked(&double, "/blobs/4");
    assert_eq!((blob.status, blob.body.len()), (200, 704));
    assert_ne!(blob.body, noise(4, 704));
    let thing = mocked(&double, "/things/4");
    assert_eq!(thing.status, 501, "{}", thing.text());
    assert_eq!(thing.get("x-mock-error"), Some("media-unmockable"));
    assert_eq!(thing.json()["media_type"], "application/vnd.acme.thing");
}

#[test]
fn a_switch_of_protocols_is_refused_in_words() {
    let double = taught(&[]);
    let headers = [("connection", "upgrade"), ("upgrade", "websocket"), ("x-mock-enabled", "true")];
    for path in ["/logo", "/socket"] {
        let refused = double.request("GET", path, &headers, b"");
        assert_eq!(refused.status, 501, "{}", refused.text());
        assert_eq!(refused.get("x-mock-error"), Some("upgrade-unmockable"));
    }
}

/// A store of files: put under a path, or sent as a form and named by an id.
fn store() -> Backend {
    let files: parking_lot::Mutex<BTreeMap<String, Vec<u8>>> = parking_lot::Mutex::default();
    Backend::start(move |connection| {
        while let Some((head, body)) = connection.read_request() {
            let mut files = files.lock();
            let (method, path) = (head.line.split(' ').next().unwrap_or_default(), head.path());
            let (status, media, answer) = match method {
                "DELETE" => {
                    files.remove(path);
                    ("204 No Content", "text/plain", Vec::new())
                }
                "PUT" => {
                    files.insert(path.to_owned(), body);
                    ("201 Created", "text/plain", Vec::new())
                }
                "POST" => {
                    let id =
                        format!("{:08x}", 0x9e37_79b9_u32.wrapping_mul(files.len() as u32 + 1));
                    let from = find(&body, b"\r\n\r\n").map_or(0, |at| at + 4);
                    let end = find(&body[from..], b"\r\n--").map_or(body.len(), |at| from + at);
                    files.insert(format!("/forms/{id}/content"), body[from..end].to_vec());
                    let said = serde_json::json!({ "id": id, "version": 1, "size": end - from });
                    ("201 Created", "application/json", said.to_string().into_bytes())
                }
                _ => match files.get(path) {
                    Some(bytes) => ("200 OK", "application/octet-stream", bytes.clone()),
                    None => ("404 Not Found", "application/json", b"{\"error\":\"none\"}".to_vec()),
                },
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\r\n",
                answer.len()
            );
            connection.write(&[head.as_bytes(), &answer].concat());
        }
    })
}

fn form_of(bytes: &[u8]) -> Vec<u8> {
    let head = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\
        content-type: application/x-sample\r\n\r\n";
    [head.as_slice(), bytes, b"\r\n--b--\r\n"].concat()
}

const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=b");

#[test]
fn what_a_session_uploads_is_what_it_downloads() {
    let store = store();
    let double = Double::in_front_of(store.url());
    let media = ("content-type", "application/x-sample");
    for id in 0..8 {
        let bytes = noise(id, 200 + id);
        double.request("PUT", &format!("/files/f-{id}"), &[media], &bytes);
        double.get(&format!("/files/f-{id}"));
        double.request("DELETE", &format!("/files/f-{id}"), &[], b"");
        double.get(&format!("/files/f-{id}"));
        let made = double.request("POST", "/forms", &[FORM], &form_of(&bytes)).json();
        let id = made["id"].as_str().expect("an id").to_owned();
        assert_eq!(double.get(&format!("/forms/{id}/content")).body, bytes);
    }
    double.flush();
    let ask_as = |who: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let mocked = [("x-mock-enabled", "true"), ("x-mock-session", who)];
        double.request(method, path, &[&mocked, headers].concat(), body)
    };
    let ask = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        ask_as("ann", method, path, headers, body)
    };
    for id in 50..54 {
        let bytes = noise(id, 300 + id);
        let put = ask("PUT", &format!("/files/new-{id}"), &[media], &bytes);
        assert_eq!(put.status, 201);
        let made = ask("POST", "/forms", &[FORM], &form_of(&bytes)).json();
        let id_given = made["id"].as_str().expect("an id").to_owned();
        for path in [format!("/files/new-{id}"), format!("/forms/{id_given}/content")] {
            let got = ask("GET", &path, &[], b"");
            assert_eq!((got.status, &got.body), (200, &bytes), "{path}");
            assert_eq!(got.get("content-type"), Some("application/x-sample"));
            assert_eq!(got.get("x-mock-reason"), Some("uploaded"));
        }
    }
    assert_eq!(ask("DELETE", "/files/new-50", &[], b"").status, 204);
    assert_eq!(ask("GET", "/files/new-50", &[], b"").status, 404);
    let own = ask_as("bob", "GET", "/files/new-51", &[], b"");
    assert_ne!(own.body, noise(51, 351), "another session has files of its own");
}
