//! The source as syntax: what each file defines, and which paths it names.
//!
//! Reading tokens rather than lines means that no spelling escapes the rules: a path through
//! `super::super::`, a group in braces and a call in the middle of an expression all come out as
//! the same list of names below the crate's root.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use proc_macro2::{TokenStream, TokenTree};
use syn::{Item, UseTree, Visibility};

/// One file below `src`, without its tests.
pub struct SourceFile {
    /// Below the crate root, e.g. `domain/path/tree.rs`.
    pub name: String,
    /// The module it is, e.g. `["domain", "path", "tree"]`; empty for `lib.rs` and `main.rs`.
    pub module: Vec<String>,
    /// Names of the types it defines that others can see.
    pub types: Vec<String>,
    /// Names of the functions and constants it defines that others can see.
    pub functions: Vec<String>,
    /// Paths it names, from the crate's root: `["domain", "path", "PathTree"]`.
    pub paths: BTreeSet<Vec<String>>,
    /// Paths it hands on with `pub use`, from the crate's root.
    pub handed_on: BTreeSet<Vec<String>>,
    /// Paths its documentation links to, `](crate::a::b)`, from the crate's root.
    pub linked: BTreeSet<Vec<String>>,
}

/// Every file of the crate, read once; files of tests (`tests.rs`, `*_tests.rs`) are left out.
pub fn source_files() -> &'static [SourceFile] {
    static FILES: LazyLock<Vec<SourceFile>> = LazyLock::new(|| {
        let files = super::sources().into_iter().filter(|file| {
            let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
            stem != "tests" && !stem.ends_with("_tests")
        });
        files.map(|file| read(&file)).collect()
    });
    &FILES
}

fn read(file: &Path) -> SourceFile {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = file.strip_prefix(root).expect("below src");
    let text = std::fs::read_to_string(file).expect("readable");
    let syntax = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut source = SourceFile {
        name: inside.to_string_lossy().replace('\\', "/"),
        module: module_of(inside),
        types: Vec::new(),
        functions: Vec::new(),
        paths: BTreeSet::new(),
        handed_on: BTreeSet::new(),
        linked: links(&text),
    };
    let module = source.module.clone();
    source.take(syntax.items, &module);
    source
}

fn links(text: &str) -> BTreeSet<Vec<String>> {
    let links = text.split("](crate::").skip(1).filter_map(|link| link.split(')').next());
    links.map(|link| link.split("::").map(str::to_owned).collect()).collect()
}

/// `domain/path/mod.rs` is the module `domain::path`, `domain/path/tree.rs` is
/// `domain::path::tree`.
fn module_of(inside: &Path) -> Vec<String> {
    let mut parts: Vec<String> = inside
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

impl SourceFile {
    fn take(&mut self, items: Vec<Item>, module: &[String]) {
        for item in items.into_iter().filter(|item| !is_for_tests(item)) {
            self.define(&item);
            match item {
                Item::Use(item) => {
                    let seen = is_seen(&item.vis);
                    let mut found = Vec::new();
                    spread(&item.tree, &mut Vec::new(), &mut found);
                    for names in found.iter().filter_map(|names| resolve(names, module)) {
                        if seen {
                            self.handed_on.insert(names.clone());
                        }
                        self.paths.insert(names);
                    }
                }
                Item::Mod(item) => {
                    let within: Vec<String> =
                        module.iter().cloned().chain([item.ident.to_string()]).collect();
                    self.take(item.content.map(|(_, items)| items).unwrap_or_default(), &within);
                }
                item => self.scan(quote::ToTokens::to_token_stream(&item), module),
            }
        }
    }

    fn define(&mut self, item: &Item) {
        let (vis, ident, list) = match item {
            Item::Struct(item) => (&item.vis, &item.ident, &mut self.types),
            Item::Enum(item) => (&item.vis, &item.ident, &mut self.types),
            Item::Trait(item) => (&item.vis, &item.ident, &mut self.types),
            Item::Type(item) => (&item.vis, &item.ident, &mut self.types),
            Item::Union(item) => (&item.vis, &item.ident, &mut self.types),
            Item::Fn(item) => (&item.vis, &item.sig.ident, &mut self.functions),
            Item::Const(item) => (&item.vis, &item.ident, &mut self.functions),
            Item::Static(item) => (&item.vis, &item.ident, &mut self.functions),
            _ => return,
        };
        if is_seen(vis) {
            list.push(ident.to_string());
        }
    }

    /// Finds `crate::a::b`, `super::c` and `self::d` anywhere in an item, macros included.
    fn scan(&mut self, tokens: TokenStream, module: &[String]) {
        let mut names: Vec<String> = Vec::new();
        let mut joined = true;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if joined => {
                    names.push(ident.to_string());
                    joined = false;
                }
                TokenTree::Ident(ident) => {
                    self.note(&names, module);
                    names = vec![ident.to_string()];
                    joined = false;
                }
                TokenTree::Punct(point) if point.as_char() == ':' => joined = true,
                other => {
                    self.note(&names, module);
                    names.clear();
                    joined = true;
                    if let TokenTree::Group(group) = other {
                        self.scan(group.stream(), module);
                    }
                }
            }
        }
        self.note(&names, module);
    }

    fn note(&mut self, names: &[String], module: &[String]) {
        let start = names.iter().position(|n| matches!(n.as_str(), "crate" | "super" | "self"));
        if let Some(path) = start.and_then(|start| resolve(&names[start..], module)) {
            self.paths.insert(path);
        }
    }
}

fn is_seen(vis: &Visibility) -> bool {
    !matches!(vis, Visibility::Inherited)
}

/// Whether an item is there for tests only: `#[cfg(test)]`, alone or among others.
fn is_for_tests(item: &Item) -> bool {
    let attributes = match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && quote::ToTokens::to_token_stream(attribute)
                .to_string()
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word == "test")
    })
}

/// A use tree as the paths it stands for; a glob ends with `*`.
fn spread(tree: &UseTree, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let ended = |last: String| before.iter().cloned().chain([last]).collect();
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            spread(&path.tree, before, found);
            before.pop();
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| spread(tree, before, found));
        }
        UseTree::Name(name) if name.ident == "self" => found.push(before.clone()),
        UseTree::Name(name) => found.push(ended(name.ident.to_string())),
        UseTree::Rename(name) => found.push(ended(name.ident.to_string())),
        UseTree::Glob(_) => found.push(ended("*".to_owned())),
    }
}

/// A path from the crate's root; `None` for one of another crate or of the file itself.
fn resolve(names: &[String], module: &[String]) -> Option<Vec<String>> {
    let mut base = module.to_vec();
    let mut rest = names;
    match names.first()?.as_str() {
        "crate" | "stunt_double" => {
            base.clear();
            rest = &names[1..];
        }
        "self" => rest = &names[1..],
        "super" => {
            while rest.first().is_some_and(|name| name == "super") {
                base.pop()?;
                rest = &rest[1..];
            }
        }
        _ => return None,
    }
    base.extend_from_slice(rest);
    (!rest.is_empty()).then_some(base)
}
