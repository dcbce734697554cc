//! The walks of the architecture page: every file exists, each leads to the next, none grows.

use std::path::Path;

use super::syntax::{SourceFile, source_files};

/// The heading of a walk, its most stops, and its most returns: two thirds of what they were when
/// they were first counted (42 and 10, 55 and 10, 34 and 8, 24 and 3).
const WALKS: &[(&str, usize, usize)] = &[
    ("A proxied request", 28, 6),
    ("An observation", 36, 6),
    ("A mocked response", 22, 5),
    ("A change of a chaos rule", 16, 2),
];

struct Stop {
    file: String,
    is_return: bool,
}

#[test]
fn the_walks_exist_hold_together_and_do_not_grow() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ARCHITECTURE.md");
    let page = std::fs::read_to_string(page).expect("readable");
    let (_, rest) = page.split_once("\n## Four walks\n").expect("the walks");
    let walks = rest.split("\n## ").next().expect("their end");
    let mut broken = Vec::new();
    for (title, stops_max, returns_max) in WALKS {
        let (_, walk) = walks.split_once(&format!("\n### {title}\n")).expect("a walk");
        let stops = stops(walk.split("\n### ").next().expect("its end"));
        let returns = stops.iter().filter(|stop| stop.is_return).count();
        println!("{title}: {} stops, {returns} returns", stops.len());
        if stops.len() > *stops_max || returns > *returns_max {
            broken.push(format!("{title}: {} stops, {returns} returns", stops.len()));
        }
        broken.extend(gaps(&stops).into_iter().map(|gap| format!("{title}: {gap}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// ``7. `runtime/catalog.rs` ↩: identify`` is a stop; nothing else of a walk is.
fn stops(walk: &str) -> Vec<Stop> {
    let mut stops = Vec::new();
    for line in walk.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
        let (number, rest) = line.split_once(". `").expect("a number and a file");
        let (file, rest) = rest.split_once('`').expect("the end of a file's name");
        stops.push(Stop { file: file.to_owned(), is_return: rest.starts_with(" ↩") });
        assert_eq!(number, stops.len().to_string(), "{line}");
    }
    stops
}

/// Stops that do not exist, to which nothing before them leads, or that are marked wrongly.
fn gaps(stops: &[Stop]) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut visited: Vec<&SourceFile> = Vec::new();
    for Stop { file, is_return } in stops {
        let Some(found) = source_files().iter().find(|known| known.name == *file) else {
            gaps.push(format!("there is no `{file}`"));
            continue;
        };
        let known = visited.iter().any(|before| before.name == *file);
        if known != *is_return {
            gaps.push(format!("`{file}` is marked as a return, or is one without a mark"));
        }
        if !known && !visited.is_empty() && !leads_to(&visited, found) {
            gaps.push(format!("no stop before `{file}` leads there"));
        }
        visited.push(found);
    }
    gaps
}

/// Whether one of `from` names `to`, or names a file that does: a handle, the head of a room.
fn leads_to(from: &[&SourceFile], to: &SourceFile) -> bool {
    let middle = source_files().iter().filter(|file| names(file, to) || goes_on_with(to, file));
    let middle: Vec<&SourceFile> = middle.collect();
    from.iter().any(|file| {
        let handed = || middle.iter().any(|middle| middle.name == file.name || names(file, middle));
        names(file, to) || goes_on_with(to, file) || handed()
    })
}

/// Whether `file` has the methods of a type that `other`, of the same room, defines.
fn goes_on_with(file: &SourceFile, other: &SourceFile) -> bool {
    let room = |module: &[String]| module.split_last().map(|(_, room)| room.to_vec());
    let one_room = room(&file.module) == room(&other.module)
        || room(&file.module).as_deref() == Some(&*other.module);
    one_room && names(file, other)
}

/// Whether `file` names the module `other` is, or something that it defines; in its code, or in a
/// link of its documentation.
fn names(file: &SourceFile, other: &SourceFile) -> bool {
    if file.name == other.name || other.module.is_empty() {
        return false;
    }
    let handed_on = |path: &[String]| {
        let Some((name, room)) = path.split_last() else { return false };
        other.module.starts_with(room)
            && !room.is_empty()
            && (other.types.contains(name) || other.functions.contains(name))
    };
    let named = |path: &Vec<String>| path.starts_with(&other.module) || handed_on(path);
    file.paths.iter().chain(&file.linked).any(named)
}
