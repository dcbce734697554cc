//! Rooms inside `domain`: an order, and no way back.

use std::collections::{BTreeMap, BTreeSet};

use super::syntax::{SourceFile, source_files};

/// The rooms of `domain` in their order: a room may import only rooms above it.
const ORDER: &[&str] = &[
    "random",
    "json",
    "media",
    "files",
    "words",
    "sketch",
    "formats",
    "privacy",
    "request",
    "validation",
    "cors",
    "route_pattern",
    "matching",
    "value",
    "body",
    "headers",
    "latency",
    "conversation",
    "status",
    "path",
    "outcome",
    "world",
    "variants",
    "site",
    "endpoint",
    "chaos",
    "overrides",
    "portable",
    "fidelity",
    "mode",
    "circuit_breaker",
];

#[test]
fn a_room_of_the_domain_imports_only_rooms_above_it() {
    let mut against: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for file in domain_files() {
        let Some(room) = room_of(&file.module) else { continue };
        for path in &file.paths {
            let Some(other) = room_of(path) else { continue };
            if place(&other) > place(&room) {
                let line = format!("{} names {}", file.name, path.join("::"));
                against.entry((room.clone(), other)).or_default().push(line);
            }
        }
    }
    let broken: Vec<String> = against
        .iter()
        .flat_map(|((room, other), lines)| {
            lines.iter().map(move |line| format!("{room} imports {other}, below it: {line}"))
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn domain_files() -> Vec<&'static SourceFile> {
    let files = source_files().iter();
    files.filter(|file| file.module.first().is_some_and(|first| first == "domain")).collect()
}

/// The room that a path leads into, by its name in [`ORDER`].
fn room_of(path: &[String]) -> Option<String> {
    let [first, room, ..] = path else { return None };
    (first == "domain").then(|| room.clone())
}

fn place(room: &str) -> usize {
    let place = ORDER.iter().position(|name| *name == room);
    place.unwrap_or_else(|| panic!("`domain/{room}` has no place in ORDER: give it one"))
}

/// Files that import each other, directly or over others. A `mod.rs` and the files below it are
/// two faces of one module and make no ring: what is drawn and learned recursively meets there.
#[test]
fn no_files_of_the_domain_import_each_other_in_a_ring() {
    let files = domain_files();
    let owners = owners(&files);
    let edges: BTreeMap<&str, BTreeSet<&str>> =
        files.iter().map(|file| (file.name.as_str(), imports(file, &owners))).collect();
    let ring: Vec<_> = edges.keys().filter(|file| reach(file, &edges).contains(**file)).collect();
    assert!(ring.is_empty(), "files in rings: {ring:#?}");
}

/// Which file defines what a path from the crate's root names.
fn owners(files: &[&'static SourceFile]) -> BTreeMap<Vec<String>, &'static str> {
    let mut owners = BTreeMap::new();
    for file in files {
        owners.insert(file.module.clone(), file.name.as_str());
        for name in file.types.iter().chain(&file.functions) {
            let path = file.module.iter().cloned().chain([name.clone()]).collect();
            owners.insert(path, file.name.as_str());
        }
    }
    // What a module hands on belongs to the file it comes from; twice, for what is handed on twice.
    for _ in 0..2 {
        for file in files {
            for path in &file.handed_on {
                let name = path.last().expect("a name").clone();
                if let Some(owner) = owner_of(path, &owners) {
                    let path = file.module.iter().cloned().chain([name]).collect();
                    owners.insert(path, owner);
                }
            }
        }
    }
    owners
}

fn owner_of<'a>(path: &[String], owners: &BTreeMap<Vec<String>, &'a str>) -> Option<&'a str> {
    (2..=path.len()).rev().find_map(|length| owners.get(&path[..length]).copied())
}

fn imports<'a>(file: &SourceFile, owners: &BTreeMap<Vec<String>, &'a str>) -> BTreeSet<&'a str> {
    let named = file.paths.difference(&file.handed_on);
    let owners = named.filter_map(|path| owner_of(path, owners));
    owners.filter(|owner| *owner != file.name && !owner.ends_with("/mod.rs")).collect()
}

/// The files that one comes to by imports; itself among them if it stands in a ring.
fn reach<'a>(from: &str, edges: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = edges[from].iter().copied().collect();
    while let Some(file) = waiting.pop() {
        if reached.insert(file) {
            waiting.extend(&edges[file]);
        }
    }
    reached
}

/// A format is a file and a line: whatever else wants to know of it reads its row.
#[test]
fn only_the_table_names_a_format() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table = std::fs::read_to_string(root.join("domain/formats/mod.rs")).expect("readable");
    let (_, lines) = table.split_once("\nformats! {\n").expect("the table");
    let lines = lines.split("\n}\n").next().expect("its end").lines();
    // `Uuid = 0 => uuid,`
    let rows: Vec<(&str, &str)> = lines
        .filter_map(|line| line.trim().trim_end_matches(',').split_once(" => "))
        .filter_map(|(format, module)| Some((format.split_once(" = ")?.0, module)))
        .collect();
    assert!(rows.len() >= 12, "{rows:?}");
    let mut files = BTreeSet::new();
    let mut broken = Vec::new();
    for file in source_files() {
        if let Some(name) = file.name.strip_prefix("domain/formats/") {
            files.insert(name.trim_end_matches(".rs"));
            continue;
        }
        let text = std::fs::read_to_string(root.join(&file.name)).expect("readable");
        let named = |format: &str| {
            text.match_indices(&format!("Format::{format}")).any(|(at, found)| {
                let before = text[..at].chars().next_back();
                let after = text[at + found.len()..].chars().next();
                let is_name = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                !is_name(before) && !is_name(after)
            })
        };
        for (format, module) in &rows {
            if named(format) || text.contains(&format!("formats::{module}::")) {
                broken.push(format!("{} names {format}", file.name));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let rows: BTreeSet<&str> = rows.iter().map(|(_, module)| *module).collect();
    let others = ["timestamp", "mod", "tests"];
    files.retain(|file| !others.contains(file));
    assert_eq!(files, rows, "one file a line");
}
