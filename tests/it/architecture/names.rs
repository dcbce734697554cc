//! Names: one idea each, and a file is named after what it holds.

use std::collections::{BTreeMap, BTreeSet};

use super::syntax::source_files;

/// Words that each room may use for a type of its own, with the reason.
const SHARED: &[(&str, &str)] =
    &[("Kind", "the kinds of a closed table, always written with their room (`document::Kind`)")];

/// The verbs of a model: a file may be named after what is done in it.
const VERBS: &[&str] = &[
    "observe", "merge", "compile", "draw", "export", "learn", "classify", "capture", "explain",
    "read", "write", "parse", "decide", "dial", "throttle", "damage",
];

/// Places whose files are named after something else.
const OTHERWISE: &[(&str, &str)] = &[
    ("http/admin/", "one file a resource of the admin, named like its path in the contract"),
    ("app/commands/", "one file a command, named like it on the command line"),
    ("config/values.rs", "small types of single settings, each parsed once"),
    ("domain/validation.rs", "what a reader of people's JSON and its complaints are about"),
    ("domain/world/message.rs", "a request and its response, which RFC 9110 calls messages"),
    ("http/error.rs", "the errors of the double's own; `Problem` is the document that shows one"),
    ("http/upstream/message.rs", "a request and its response, which RFC 9110 calls messages"),
    ("runtime/directory/messages.rs", "the messages of the actor, each named as an order"),
];

#[test]
fn a_public_type_name_is_defined_once() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in source_files() {
        for name in &file.types {
            places.entry(name.clone()).or_default().insert(file.name.clone());
        }
    }
    places.retain(|name, files| files.len() > 1 && SHARED.iter().all(|(shared, _)| shared != name));
    let twice = places.iter().map(|(name, files)| format!("`{name}` is defined in {files:?}"));
    let twice: Vec<String> = twice.collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

/// A file of public types is named after one of them, or after a verb.
#[test]
fn a_file_that_holds_types_is_named_after_one_of_them() {
    let mut stray = Vec::new();
    for file in source_files() {
        let stem = file.name.trim_end_matches(".rs").rsplit('/').next().expect("a name");
        let elsewhere = OTHERWISE.iter().any(|(place, _)| file.name.starts_with(place));
        let told = file.types.is_empty() || matches!(stem, "mod" | "lib" | "main") || elsewhere;
        if told || VERBS.iter().any(|verb| does(verb, stem)) {
            continue;
        }
        let wanted = words(stem);
        let mut held = file.types.iter().chain(&file.functions).map(|name| words(name));
        if !held.any(|name| wanted.iter().all(|word| name.contains(word))) {
            stray.push(format!("{} holds {}", file.name, file.types.join(", ")));
        }
    }
    assert!(stray.is_empty(), "named after none of its types: {stray:#?}");
}

/// Whether a file is named after a verb, or the doing of it: `read`, `reading`.
fn does(verb: &str, stem: &str) -> bool {
    let bare = verb.strip_suffix('e').unwrap_or(verb);
    stem == verb || stem.strip_suffix("ing") == Some(bare)
}

/// `PathTree`, `path_trees` -> `path`, `tree`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            words.push(String::new());
        }
        if letter != '_' {
            words.last_mut().expect("one at least").extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words.iter().map(|word| singular(word)).collect()
}

fn singular(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None if word.ends_with("ss") => word.to_owned(),
        None => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

/// Climbing over the roof of a room hides where a name comes from.
#[test]
fn no_path_climbs_more_than_two_modules() {
    let climbing: Vec<String> = super::sources()
        .iter()
        .flat_map(|file| super::code_lines(file).into_iter().map(move |line| (file, line)))
        .filter(|(_, (_, line))| line.contains("super::super::super"))
        .map(|(file, (number, _))| format!("{}:{number}", file.display()))
        .collect();
    assert!(climbing.is_empty(), "say `crate::` instead: {climbing:#?}");
}

/// A room hands on its own names only: a name has one path, and imports show who knows whom.
#[test]
fn no_room_hands_on_the_names_of_another() {
    let mut broken = Vec::new();
    for file in source_files() {
        for path in &file.handed_on {
            let room = |path: &[String]| path.iter().take(2).cloned().collect::<Vec<_>>();
            let (own, other) = (room(&file.module), room(path));
            if !own.is_empty() && own.first() == Some(&"domain".into()) && own != other
                || own.first() != other.first() && !own.is_empty()
            {
                broken.push(format!("{} hands on {}", file.name, path.join("::")));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
