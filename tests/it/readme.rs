//! The README read in order by somebody who copies each block into one shell.
//!
//! A block of the README is run as it is written, against a demo of its own; only the port is the
//! one that was free. Every command needs a promise in [`PROMISES`]: a new block without one fails.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use stunt_double::config::{self, Cli};

/// Pages with blocks, in the order of reading; one that is not there is skipped.
const PAGES: [&str; 2] = ["README.md", "docs/REFERENCE.md"];

/// What a command is to lead to.
#[derive(Debug, Clone, Copy)]
enum Promise {
    /// It succeeds, and says all of this.
    Says(&'static [&'static str]),
    /// It succeeds, and the variable has a value afterwards.
    Sets(&'static str),
    /// A line of settings that the double accepts.
    Accepted,
    /// Not run here, for this reason.
    NotRun(&'static str),
}

use Promise::{Accepted, NotRun, Says, Sets};

/// By a part of the command; of several that fit, the longest counts.
const PROMISES: &[(&str, Promise)] = &[
    ("cargo run --release -- demo", NotRun("the test has started the demo")),
    ("cargo install", NotRun("what it installs is the binary under test")),
    ("docker compose", NotRun("needs containers")),
    ("stunt-double --target", Accepted),
    ("stunt-double export", NotRun("`examples/ci/run.sh` and the tests of `portable` export")),
    ("stunt-double import", NotRun("its files are the reader's own")),
    ("stunt-double check", NotRun("its model and backend are the reader's own")),
    ("stunt-double diff", NotRun("its models are the reader's own")),
    ("stunt-double run", NotRun("its command is the reader's own")),
    ("curl -i http://127.0.0.1:8000/users/7", Says(&["200 OK", "x-mock-source: upstream"])),
    ("curl -si --http2-prior-knowledge", Says(&["HTTP/2 200", "x-mock-source: "])),
    (
        "curl -i -H 'X-Mock-Enabled: true' http://127.0.0.1:8000/users/7",
        Says(&["200 OK", "x-mock-source: mock", "x-mock-endpoint: GET /users/{id}"]),
    ),
    ("/admin/endpoints", Says(&["\"/users/{id}\"", "\"observations\":"])),
    ("/admin/explain?path=/users/7", Says(&["\"template\":\"/users/{id}\"", "\"integer\""])),
    ("/admin/routes", Says(&["\"name\":\"default\"", "\"up\":true"])),
    ("/admin/flush", Says(&["{"])),
    (
        "-d '{\"mode\": \"mock\"}' http://127.0.0.1:8000/admin/settings",
        Says(&["\"mode\":\"mock\""]),
    ),
    ("B=http", Sets("B")),
    ("ID=$(", Sets("ID")),
    ("PIN=$(", Sets("PIN")),
    ("$B/endpoints?search=users", Says(&["\"/users/{id}\"", "\"error_rate\":"])),
    ("\"$B/endpoints/$ID\"", Says(&["\"method\":\"GET\"", "\"path\":\"/users/{id}\"", "\"200\":"])),
    ("$B/endpoints/$ID/schema?status=200", Says(&["2020-12/schema", "\"properties\":"])),
    ("$B/endpoints/$ID/sample?status=200&seed=7", Says(&["\"status\":200", "\"body\":"])),
    ("-d '{\"mode\": \"mock\"}' \"$B/endpoints/$ID\"", Says(&["\"mode\":\"mock\""])),
    ("-d '{\"mode\": \"inherit\"}' \"$B/endpoints/$ID\"", Says(&["\"mode\":\"inherit\""])),
    ("$B/flush", Says(&["{"])),
    ("$B/requests?limit=5", Says(&["\"items\":[{", "\"source\":"])),
    ("$B/metrics", Says(&["# TYPE stunt_double_"])),
    ("$B/explain?path=/teams/search", Says(&["\"template\":", "\"segments\":"])),
    ("{\"path\": \"/teams/search\"}", Says(&["\"path\":\"/teams/search\""])),
    ("\"$B/templates/preview\"", Says(&["\"folds\":"])),
    ("\"$B/templates\"", Says(&["\"/teams/{name}\"", "\"/teams/search\""])),
    ("-X DELETE \"$B/templates/$PIN\"", Says(&[])),
    ("{\"level\": 20, \"active\": true}", Says(&["\"level\":20", "\"active\":true"])),
    ("\"$B/chaos/rules\" -d", Says(&["\"state\":\"active\"", "\"probability\":0.1"])),
    ("curl -s \"$B/chaos/rules\"", Says(&["\"checkout is flaky\"", "\"achieved_rate\":"])),
    ("$B/explain?path=/orders/7&session=ci-42", Says(&["\"chaos\":[", "checkout-is-flaky"])),
    ("$B/chaos/stop", Says(&["{"])),
    ("-X DELETE \"$B/endpoints/$ID\"", Says(&[])),
    ("$B/reset?confirm=true", Says(&["{"])),
];

/// The commands of the blocks of a page, each as a shell would take it: a quoted text or a
/// backslash at the end goes on in the next line.
fn commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for block in page.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let mut command = String::new();
        for line in block.lines() {
            command.push_str(line);
            command.push('\n');
            if is_whole(&command) {
                let text = std::mem::take(&mut command).trim_end().to_owned();
                commands.extend(Some(text).filter(|text| !text.is_empty()));
            }
        }
        assert_eq!(command, "", "a command does not end");
    }
    commands
}

fn is_whole(command: &str) -> bool {
    let mut quote = None;
    for letter in command.chars() {
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (None, '#') => break,
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    quote.is_none() && !command.trim_end().ends_with('\\')
}

fn promise_of(command: &str) -> Promise {
    let fits = PROMISES.iter().filter(|(part, _)| command.contains(part));
    // What begins by setting a variable is there for that, whatever it asks.
    let sets = |part: &str| part.contains('=') && command.starts_with(part);
    let best = fits.max_by_key(|(part, _)| (sets(part), part.len()));
    best.unwrap_or_else(|| panic!("nothing is promised of `{command}`")).1
}

/// A process and what it says line by line.
struct Spoken {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Spoken {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, lines }
    }

    /// What it says up to a line that holds `mark`.
    fn until(&mut self, mark: &str) -> String {
        let mut said = String::new();
        loop {
            let before = said.len();
            let more = self.lines.read_line(&mut said).expect("text");
            assert!(more > 0, "it ended before `{mark}`: {said}");
            if said[before..].contains(mark) {
                return said;
            }
        }
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A reader's shell; what was set in one block is there in the next.
struct Shell {
    bash: Spoken,
    input: ChildStdin,
}

impl Shell {
    fn open() -> Self {
        let mut command = Command::new("bash");
        command.args(["--norc", "--noprofile"]).env_clear().env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::piped());
        let mut bash = Spoken::start(&mut command);
        let mut input = bash.child.stdin.take().expect("piped");
        writeln!(input, "exec 2>&1").expect("it reads");
        Self { bash, input }
    }

    /// Runs a command; its exit code and what it said.
    fn run(&mut self, command: &str) -> (String, String) {
        const END: &str = "that was all:";
        writeln!(self.input, "{command}\nprintf '\\n{END}%s\\n' $?").expect("it reads");
        let said = self.bash.until(END);
        let (said, code) = said.rsplit_once(END).expect("the mark");
        (code.trim().to_owned(), said.to_owned())
    }
}

#[test]
fn every_block_does_what_it_promises_in_the_order_of_reading() {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_stunt-double"));
    demo.env_clear().args(["demo", "--listen", "127.0.0.1:0", "--seed", "7"]);
    let mut demo = Spoken::start(&mut demo);
    let said = demo.until("Stop with Ctrl-C");
    let address = said.lines().find_map(|line| line.strip_prefix("listening on http://"));
    let address = address.expect("its address").to_owned();
    let mut shell = Shell::open();
    let mut kept = vec![false; PROMISES.len()];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in PAGES {
        let Ok(text) = std::fs::read_to_string(root.join(page)) else { continue };
        for written in commands(&text) {
            let promise = promise_of(&written);
            for (kept, (part, _)) in kept.iter_mut().zip(PROMISES) {
                *kept |= written.contains(part);
            }
            let command = written.replace("127.0.0.1:8000", &address);
            match promise {
                NotRun(_reason) => {}
                Accepted => {
                    let words = written.split('#').next().unwrap_or_default().split_whitespace();
                    let parsed = config::parse(words.map(Into::into));
                    let Ok(Cli { .. }) = parsed else { panic!("{written}: {parsed:?}") };
                }
                Says(parts) => {
                    let (code, said) = shell.run(&command);
                    assert_eq!(code, "0", "{page}: {written}\n{said}");
                    for part in parts {
                        let is_said = said.contains(part);
                        assert!(is_said, "{page}: {written}\nlacks `{part}`:\n{said}");
                    }
                    let failed = said.contains("urn:stunt-double:problem:");
                    assert!(!failed, "{page}: {written}\n{said}");
                }
                Sets(name) => {
                    let (code, said) = shell.run(&command);
                    assert_eq!((code.as_str(), said.trim()), ("0", ""), "{page}: {written}");
                    let (_, value) = shell.run(&format!("echo \"${name}\""));
                    assert!(!value.trim().is_empty(), "{page}: {written} sets nothing");
                }
            }
        }
    }
    let idle: Vec<&str> =
        PROMISES.iter().zip(kept).filter(|(_, kept)| !kept).map(|((part, _), _)| *part).collect();
    assert!(idle.is_empty(), "promises of no command: {idle:?}");
}

#[test]
fn commands_are_cut_as_a_shell_cuts_them() {
    let page = "text\n```sh\na 'x\n y' # it's a comment\nb \\\n  c\n```\n```json\nno\n```\n";
    assert_eq!(commands(page), ["a 'x\n y' # it's a comment", "b \\\n  c"]);
}
