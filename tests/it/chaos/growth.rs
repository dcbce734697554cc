//! A fault made of existing effects is one file and one line, and stays that.

use std::path::{Path, PathBuf};

use stunt_double::domain::chaos::fault::CATALOGUE;

fn rust_files(under: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(under).expect("a folder").map(|entry| entry.expect("an entry")) {
        match entry.path() {
            path if path.is_dir() => files.extend(rust_files(&path)),
            path if path.extension().is_some_and(|end| end == "rs") => files.push(path),
            _ => {}
        }
    }
    files
}

/// Files of the sources that know the fault `name`, by its module, its type or its wire name.
fn files_that_know(name: &str) -> Vec<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let camel: String = name
        .split('_')
        .flat_map(|word| {
            word[..1].to_uppercase().chars().chain(word[1..].chars()).collect::<Vec<_>>()
        })
        .collect();
    let knows = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("readable");
        text.contains(name) || text.contains(&camel)
    };
    rust_files(&sources).into_iter().filter(knows).collect()
}

#[test]
fn a_fault_of_existing_effects_is_known_to_two_files() {
    let known = files_that_know("gateway_page");
    assert_eq!(known.len(), 2, "its own file and the line in `faults!`: {known:?}");
}

#[test]
fn every_fault_is_one_line_of_the_table() {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain/chaos/fault/mod.rs");
    let table = std::fs::read_to_string(table).expect("readable");
    for fault in CATALOGUE {
        let lines = table.lines().filter(|line| {
            let code = line.trim_start();
            !code.starts_with("//") && code.contains(&format!("{}::", fault.name))
        });
        assert_eq!(lines.count(), 1, "`{}` stands in one line of faults!", fault.name);
    }
}
