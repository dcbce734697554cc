//! What is shown of long work: something on a terminal, nothing anywhere else.

use std::path::Path;
use std::process::{Command, Stdio};

/// An access log of many lines.
fn log_file(folder: &Path) -> String {
    let line =
        "::1 - - [10/Oct/2025:13:55:36 +0000] \"GET /logged/7 HTTP/1.1\" 200 5 \"\" \"\" 0.5\n";
    let file = folder.join("access.log");
    std::fs::write(&file, line.repeat(3_000)).expect("writable");
    file.display().to_string()
}

/// What an import writes on a terminal, to both of its streams.
fn on_a_terminal(flags: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = log_file(folder.path());
    let binary = env!("CARGO_BIN_EXE_stunt-double");
    let command = format!("{binary} import --database-url sqlite://:memory: {flags} {file}");
    // `script` (bsdutils) gives it a terminal.
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("RUST_LOG", "off")
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output()
        .expect("`script` runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn an_import_shows_how_far_it_is_on_a_terminal_and_takes_that_away() {
    let shown = on_a_terminal("");
    assert!(shown.contains("KiB/") || shown.contains("MiB/"), "{shown:?}");
    // Erased: the report stands on a line of its own.
    let last = shown.rsplit("\u{1b}[2K").next().expect("a part");
    assert!(last.contains("3000 exchanges") && !last.contains("KiB/"), "{shown:?}");
}

#[test]
fn who_asks_for_json_sees_json_alone() {
    let shown = on_a_terminal("--json");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    let reports: serde_json::Value = serde_json::from_str(&shown).expect("JSON alone");
    assert_eq!(reports[0]["taken"]["exchanges"], 3_000, "{reports}");
}

#[test]
fn a_pipe_sees_nothing_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = log_file(folder.path());
    let output = Command::new(env!("CARGO_BIN_EXE_stunt-double"))
        .args(["import", "--database-url", "sqlite://:memory:", &file])
        .env("RUST_LOG", "off")
        .output()
        .expect("it runs");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
