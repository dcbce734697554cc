//! The documents say what the code says.

use std::path::{Path, PathBuf};

use stunt_double::config::reference::settings_tables;

/// Set by `cargo xtask docs`: what is made from code is written, not compared.
const WRITE: &str = "WRITE_DOCS";

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn the_reference_has_the_settings_of_the_command_line() {
    let page = page("docs/REFERENCE.md");
    let text = std::fs::read_to_string(&page).expect("readable");
    let (before, rest) = text.split_once("<!-- settings -->\n").expect("the mark");
    let (tables, after) = rest.split_once("<!-- /settings -->").expect("the end mark");
    let wanted = format!("\n{}", settings_tables());
    assert!(wanted.matches("| `--").count() > 30, "{wanted}");
    if std::env::var_os(WRITE).is_some() {
        let text = format!("{before}<!-- settings -->\n{wanted}<!-- /settings -->{after}");
        std::fs::write(&page, text).expect("writable");
        return;
    }
    assert!(
        tables == wanted,
        "run `cargo xtask docs`: docs/REFERENCE.md differs from the settings"
    );
}

/// Every file that a document links to exists.
#[test]
fn the_documents_lead_nowhere_that_does_not_exist() {
    let root = page("");
    let mut pages: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md"].map(page).into();
    for folder in ["docs", "docs/decisions"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("readable");
        let entries = entries.map(|entry| entry.expect("readable").path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    }
    let mut dead = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("readable");
        let links = text.split("](").skip(1).filter_map(|link| link.split(')').next());
        for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let file = link.split('#').next().unwrap_or(link);
            if !page.parent().expect("a folder").join(file).exists() {
                dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}
