//! Levels of privacy: what each keeps, what none does, and what a lower one forgets.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::support::backend::Backend;
use crate::support::double::Double;

/// Records of the backend; each is asked for under its own number.
const RECORDS: usize = 30;

const CITIES: [&str; 6] = ["Aalborg", "Bergen", "Cork", "Dresden", "Evora", "Faro"];

/// A name that nothing else in the record tells.
fn nick(n: usize) -> String {
    let letter = |at: usize| {
        let mut hasher = DefaultHasher::new();
        (n, at).hash(&mut hasher);
        (b'a' + (hasher.finish() % 26) as u8) as char
    };
    (0..14).map(letter).collect()
}

fn record(n: usize) -> String {
    format!(
        r#"{{"nick":"{}","city":"{}","score":{},"apiKey":"sk_live_4eC39HqLyjWD{n:04}",
        "note":"use sk_live_9zX39HqLyjWD{n:04} as the key"}}"#,
        nick(n),
        CITIES[n % 6],
        n * 37 % 101,
    )
}

fn double(folder: &Path, level: &str, target: &str) -> Double {
    let database = format!("sqlite://{}", folder.join("double.db").display());
    Double::with(&["--privacy", level]).target(target.to_owned()).database(database).start()
}

fn nicks(double: &Double) -> usize {
    let known: Vec<String> = (0..RECORDS).map(nick).collect();
    let is_known = |n: usize| {
        let seed = n.to_string();
        let answer = double.mock_with("/people/9999", &[("x-mock-seed", seed.as_str())]);
        let text = answer.text();
        assert!(!text.contains("sk_live_4eC39") && !text.contains("sk_live_9zX39"), "{text}");
        known.iter().any(|nick| text.contains(nick))
    };
    (0..40).filter(|n| is_known(*n)).count()
}

fn stored(folder: &Path) -> String {
    let files = fs::read_dir(folder).expect("the folder");
    let read = |file: Result<fs::DirEntry, _>| fs::read(file.expect("a file").path());
    files.map(|file| String::from_utf8_lossy(&read(file).expect("readable")).into_owned()).collect()
}

#[test]
fn real_values_are_drawn_where_the_level_allows_it_and_secrets_at_none() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            let n = head.path().rsplit('/').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            connection.write(answer(&record(n % 100)).as_bytes());
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let strict = tempfile::tempdir().expect("a folder");
    for (folder, level, all) in [(strict.path(), "strict", false), (folder.path(), "open", true)] {
        let double = double(folder, level, &backend.url());
        for n in 0..RECORDS {
            double.get(&format!("/people/{}", 100 + n));
        }
        double.flush();
        let known = nicks(&double);
        assert_eq!(known > 30, all, "{level}: {known} of 40");
        assert_eq!(double.admin("GET", "/settings").json()["privacy"], level);
    }
    let text = stored(folder.path());
    assert!(text.contains(&nick(3)) && !text.contains("sk_live_4eC39HqLyjWD00"));
    // A start with a lower level forgets at once.
    let double = double(folder.path(), "strict", &backend.url());
    double.flush();
    assert_eq!(nicks(&double), 0);
}

fn answer(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Places of the backend, each at several addresses, and with names as people have them.
fn place(n: usize) -> String {
    let first = ["Swiss", "Danish", "Cuban", "Omani", "Haitian"][n % 5];
    let second = ["Franc", "Krone", "Peso", "Rial", "Gourde", "Lira"][n / 5 % 6];
    format!(r#"{{"code":"{n:03}","name":"{first} {second}","decimals":{}}}"#, n % 3)
}

#[test]
fn a_closed_world_of_things_is_drawn_whole_and_one_of_people_is_not() {
    let person = |n: usize| {
        let first = ["Anna", "James", "Priya", "Hassan", "Maria"][n % 5];
        let second = ["Okafor", "Lindqvist", "Moreau", "Tanaka", "Novak", "Silva"][n / 5 % 6];
        format!(r#"{{"code":"{n:03}","name":"{first} {second}","decimals":{}}}"#, n % 3)
    };
    let backend = Backend::start(move |connection| {
        while let Some((head, _)) = connection.read_request() {
            let n: usize = head.path().rsplit('/').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let is_person = head.path().starts_with("/people");
            let body = if is_person { person(n % 30) } else { place(n % 30) };
            connection.write(answer(&body).as_bytes());
        }
    });
    let double = Double::with(&[]).target(backend.url()).start();
    for n in 0..150 {
        double.get(&format!("/currencies/{}", 1_000 + n));
        double.get(&format!("/people/{}", 1_000 + n));
    }
    double.flush();
    let known: Vec<String> = (0..30).map(place).collect();
    for seed in 0..30 {
        let seed = seed.to_string();
        let steering = [("x-mock-seed", seed.as_str())];
        let text = double.mock_with("/currencies/9999", &steering).text();
        assert!(known.contains(&text), "{text}");
        let text = double.mock_with("/people/9999", &steering).text();
        assert!((0..30).all(|n| !text.contains(&person(n)[15..30])), "{text}");
    }
}
