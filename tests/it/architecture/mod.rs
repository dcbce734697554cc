//! The house rules, read from the source tree: who may import whom, how large things may grow.

mod domain;
mod names;
mod reference;
mod syntax;
mod walks;

use std::fs;
use std::path::{Path, PathBuf};

/// Room, and the rooms it may import.
const IMPORTS: &[(&str, &[&str])] = &[
    ("main", &["app", "config"]),
    ("app", &["http", "runtime", "store", "config", "demo", "domain"]),
    ("http", &["runtime", "domain", "config"]),
    ("runtime", &["domain", "store", "config"]),
    ("store", &["domain", "config"]),
    ("config", &["domain"]),
    ("domain", &[]),
    ("demo", &[]),
];

/// Crates that stand for clocks, threads, sockets and databases: none of them in the domain.
const FOREIGN_TO_DOMAIN: &[&str] =
    &["actix", "actix_web", "awc", "diesel", "tokio", "std::time::Instant", "SystemTime"];

/// Lines of a file, hard cap. The soft cap of 400 is for reviews.
const FILE_LINES_MAX: usize = 500;

/// Lines of a function.
const FUNCTION_LINES_MAX: usize = 70;

/// Characters of a line.
const LINE_CHARS_MAX: usize = 100;

#[test]
fn rooms_import_only_what_the_table_allows() {
    let mut broken = Vec::new();
    for file in sources() {
        let room = room_of(&file);
        let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == room) else { continue };
        for (number, line) in code_lines(&file) {
            for (other, _) in IMPORTS {
                let named = line.contains(&format!("crate::{other}::"))
                    || line.contains(&format!("stunt_double::{other}"))
                    || line.contains(&format!("crate::{other};"));
                if named && *other != room && !allowed.contains(other) {
                    broken.push(format!("{}:{number}: {room} imports {other}", file.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_domain_knows_no_clock_socket_thread_or_database() {
    let mut broken = Vec::new();
    for file in sources().into_iter().filter(|file| room_of(file) == "domain") {
        for (number, line) in code_lines(&file) {
            for name in FOREIGN_TO_DOMAIN {
                let used =
                    line.contains(&format!("{name}::")) || line.contains(&format!("use {name}"));
                if used || (name.contains("Time") && line.contains(name)) {
                    broken.push(format!("{}:{number}: {name}", file.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn only_http_and_the_demo_know_actix_web_and_only_upstream_knows_awc() {
    let mut broken = Vec::new();
    for file in sources() {
        let room = room_of(&file);
        let upstream = file.components().any(|part| part.as_os_str() == "upstream");
        for (number, line) in code_lines(&file) {
            if line.contains("actix_web::") && !matches!(room.as_str(), "http" | "demo") {
                broken.push(format!("{}:{number}: actix_web in {room}", file.display()));
            }
            if line.contains("awc::") && !upstream && room != "demo" {
                broken.push(format!("{}:{number}: awc outside upstream", file.display()));
            }
            if line.contains("diesel::") && room != "store" {
                broken.push(format!("{}:{number}: diesel in {room}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|file| !file.to_string_lossy().ends_with("tests.rs"))
        .filter(|file| !fs::read_to_string(file).expect("readable").starts_with("//! "))
        .map(|file| file.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no module doc: {}", silent.join(", "));
}

#[test]
fn files_functions_and_lines_stay_small() {
    let mut broken = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).expect("readable");
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > FILE_LINES_MAX {
            broken.push(format!("{}: {} lines", file.display(), lines.len()));
        }
        for (at, line) in lines.iter().enumerate() {
            if line.chars().count() > LINE_CHARS_MAX {
                broken.push(format!("{}:{}: long line", file.display(), at + 1));
            }
        }
        broken.extend(long_functions(&file, &lines));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Functions whose closing brace, at the indentation of their `fn`, comes too late.
fn long_functions(file: &Path, lines: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let bare = line.trim_start();
        let starts = [
            "fn ",
            "pub fn ",
            "async fn ",
            "pub async fn ",
            "pub(super) fn ",
            "pub(crate) fn ",
            "const fn ",
            "pub const fn ",
        ];
        if !starts.iter().any(|start| bare.starts_with(start)) {
            continue;
        }
        let indent = &line[..line.len() - bare.len()];
        let end = lines[at..].iter().position(|l| {
            l.strip_prefix(indent)
                .is_some_and(|l| l == "}" || (l.ends_with('}') && l.starts_with("fn ")))
                || (l.starts_with(indent) && l.trim_start().starts_with("fn ") && l.ends_with(';'))
        });
        let length = end.map_or(0, |end| end + 1);
        if length > FUNCTION_LINES_MAX {
            let name = bare.split('(').next().unwrap_or(bare);
            found.push(format!("{}:{}: `{name}` has {length} lines", file.display(), at + 1));
        }
    }
    found
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 50, "the source tree is found");
    found.sort();
    found
}

/// `src/http/admin/mod.rs` lies in `http`, `src/main.rs` in `main`.
fn room_of(file: &Path) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = file.strip_prefix(source).expect("below src");
    let first = inside.components().next().expect("has a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Lines with code, numbered from 1: no comments and no docs.
fn code_lines(file: &Path) -> Vec<(usize, String)> {
    fs::read_to_string(file)
        .expect("readable")
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(at, line)| (at + 1, line.to_owned()))
        .collect()
}

#[test]
fn the_dependencies_stand_in_order() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("readable");
    for table in ["\n[dependencies]\n", "\n[dev-dependencies]\n"] {
        let (_, table) = manifest.split_once(table).expect("a table");
        let table = table.split("\n[").next().expect("a part");
        let names: Vec<&str> =
            table.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name)).collect();
        assert!(names.len() > 5 && names.is_sorted(), "sort them by name: {names:?}");
    }
}

#[test]
fn every_dependency_has_its_reason_in_the_architecture_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("readable");
    let page = fs::read_to_string(root.join("docs/ARCHITECTURE.md")).expect("readable");
    let (_, tables) = manifest.split_once("\n[dependencies]\n").expect("a table");
    let tables = tables.split("\n[lints]").next().expect("a part");
    let unexplained: Vec<&str> = tables
        .lines()
        .filter(|line| !line.starts_with(['#', '[', ' ', '\t']))
        .filter_map(|line| line.split_once(" = ").map(|(name, _)| name))
        .filter(|name| !page.contains(&format!("`{name}`")))
        .collect();
    assert!(unexplained.is_empty(), "no reason given for {unexplained:?}");
}
