//! The settings as the reference shows them: one table a heading, from what clap knows.
//!
//! Made for `docs/REFERENCE.md`, which a test holds against it; no release build contains it.

use clap::{Arg, CommandFactory};

use super::args::CommandLine;

/// The heading of settings that clap shows without one.
const FIRST: &str = "The double";

/// Every setting of `stunt-double serve`, as Markdown.
#[must_use]
pub fn settings_tables() -> String {
    let command = CommandLine::command();
    let settings: Vec<&Arg> =
        command.get_arguments().filter(|arg| arg.get_env().is_some()).collect();
    let mut headings: Vec<&str> = Vec::new();
    for heading in settings.iter().map(|arg| heading(arg)) {
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    let mut tables = String::new();
    for wanted in headings {
        tables.push_str(&format!("### {wanted}\n\n"));
        tables.push_str("| flag | variable | default | meaning |\n| --- | --- | --- | --- |\n");
        for arg in settings.iter().filter(|arg| heading(arg) == wanted) {
            tables.push_str(&row(arg));
        }
        tables.push('\n');
    }
    tables
}

fn heading(arg: &Arg) -> &str {
    arg.get_help_heading().unwrap_or(FIRST)
}

/// ``| `--listen` | `LISTEN` | `127.0.0.1:8000` | Public listener … |``
fn row(arg: &Arg) -> String {
    let flag = arg.get_long().unwrap_or_default();
    let variable = arg.get_env().map(|name| name.to_string_lossy()).unwrap_or_default();
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let given: Vec<_> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let mut default = given.join(" ");
    // What is drawn or left out says so in its help: `[default: unset]`.
    if let (true, Some((before, told))) = (given.is_empty(), help.split_once(" [default: ")) {
        let (told, after) = told.split_once(']').unwrap_or((told, ""));
        default = String::from(told);
        help = format!("{before}{after}");
    } else {
        default = format!("`{default}`");
    }
    let help = help.trim_end_matches('.').replace('|', "\\|");
    format!("| `--{flag}` | `{variable}` | {default} | {help} |\n")
}
