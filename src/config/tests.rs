//! Settings as facts: what is accepted, and what a person is told otherwise.

use super::cli::CliExit;
use super::*;
use crate::domain::mode::Mode;

fn run(args: &[&str]) -> Result<Cli, CliExit> {
    parse(std::iter::once("stunt-double").chain(args.iter().copied()).map(Into::into))
}

fn settings(args: &[&str]) -> Settings {
    match run(args) {
        Ok(Cli { command: Command::Serve(settings) }) => *settings,
        other => panic!("expected settings, got {other:?}"),
    }
}

fn refused(args: &[&str]) -> String {
    match run(args) {
        Err(CliExit::Invalid(line)) => line,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn defaults_are_those_of_the_contract() {
    let settings = settings(&[]);
    assert_eq!(settings.target.value.as_str(), "https://httpbin.org");
    assert!(!settings.target.given);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8000");
    assert_eq!(settings.admin.prefix.as_str(), "/admin");
    assert_eq!(settings.database_url, "sqlite://stunt-double.db");
    assert_eq!(settings.mode, Explicit { value: Mode::Proxy, given: false });
    assert_eq!(settings.learn, Explicit { value: true, given: false });
    assert_eq!(settings.latency_scale, Explicit { value: 1.0, given: false });
}

#[test]
fn flags_work_with_and_without_the_word_serve() {
    for args in [&["--mode", "mock"][..], &["serve", "--mode", "mock"]] {
        assert_eq!(settings(args).mode, Explicit { value: Mode::Mock, given: true });
    }
}

#[test]
fn a_bad_value_is_one_line_with_setting_value_and_expectation() {
    for (args, parts) in [
        (&["--listen", "nowhere"][..], ["--listen (LISTEN)", "`nowhere`", "127.0.0.1:8000"]),
        (&["--target", "ftp://x"], ["--target (TARGET_URL)", "`ftp://x`", "http"]),
        (&["--mode", "dream"], ["--mode (MODE)", "`dream`", "proxy"]),
        (&["--latency-scale", "-1"], ["latency-scale", "-1", ""]),
        (&["--latency-scale", "NaN"], ["--latency-scale (LATENCY_SCALE)", "`NaN`", "0 to 1000"]),
        (&["--learn", "maybe"], ["--learn (LEARN)", "`maybe`", ""]),
        (&["--flush-interval-ms", "0"], ["--flush-interval-ms (FLUSH_INTERVAL_MS)", "`0`", "10"]),
        (&["--admin-prefix", "/a/"], ["--admin-prefix (ADMIN_PREFIX)", "`/a/`", "/admin"]),
        (&["--trusted-proxies", "10.0.0.0/8,x"], ["--trusted-proxies", "`x`", "10.0.0.0/8"]),
        (&["--target-cert", "c.pem"], ["required", "--target-key (TARGET_KEY)", "--help"]),
        (&["--no-such-flag"], ["--no-such-flag", "--help", ""]),
        (&["--tagret", "http://x"], ["--tagret", "did you mean `--target`?", "--help"]),
        (&["serv"], ["serv", "did you mean `serve`?", "--help"]),
        (&["--listen", "0.0.0.0:80"], ["--listen (LISTEN)", "ADMIN_TOKEN", "--insecure-admin"]),
        (&["--admin-token", ""], ["--admin-token", "(hidden)", ""]),
        (&["--admin-token-file", "/none"], ["--admin-token-file", "`/none`", "readable"]),
    ] {
        let line = refused(args);
        assert_eq!(line.lines().count(), 1, "{line}");
        for part in parts {
            assert!(line.contains(part), "`{line}` should contain `{part}`");
        }
    }
}

#[test]
fn an_open_admin_is_refused_on_a_public_address_unless_allowed() {
    refused(&["--listen", "0.0.0.0:8000"]);
    refused(&["--admin-listen", "0.0.0.0:8001"]);
    settings(&["--listen", "0.0.0.0:8000", "--admin-token", "t"]);
    settings(&["--listen", "0.0.0.0:8000", "--insecure-admin"]);
    settings(&["--listen", "0.0.0.0:8000", "--admin-listen", "127.0.0.1:0"]);
    assert!(run(&["demo", "--listen", "0.0.0.0:8000"]).is_err());
    // The sample backend alone has no admin.
    assert!(run(&["demo", "--listen", "0.0.0.0:8000", "--backend-only"]).is_ok());
}

#[test]
fn the_admin_is_owned_by_its_exact_spelling_only() {
    let prefix: AdminPrefix = "/admin".parse().expect("valid");
    for (path, owned) in [
        ("/admin", true),
        ("/admin/", true),
        ("/admin/endpoints", true),
        ("/admin2", false),
        ("/Admin", false),
        ("/%61dmin/x", false),
        ("//admin/x", false),
        ("/x/../admin", false),
    ] {
        assert_eq!(prefix.owns(path), owned, "{path}");
    }
}

#[test]
fn help_names_every_variable_and_default() {
    let Err(CliExit::Shown(help)) = run(&["--help"]) else { panic!("help is shown") };
    for word in ["TARGET_URL", "https://httpbin.org", "FLUSH_INTERVAL_MS", "1000", "ADMIN_TOKEN"] {
        assert!(help.contains(word), "help should mention {word}");
    }
}

#[test]
fn credentials_in_the_target_are_kept_apart_and_never_shown() {
    let given = settings(&["--target", "http://ann:s%40crét@api.example:81/v1"]);
    assert_eq!(given.target.value.as_str(), "http://api.example:81/v1");
    assert_eq!(given.target.value.to_string(), "http://api.example:81/v1");
    let credentials = given.target.value.credentials().expect("given");
    // RFC 7617: base64 of `ann:s@crét` in UTF-8.
    assert_eq!(credentials.authorization(), "Basic YW5uOnNAY3LDqXQ=");
    let shown = format!("{given:?}");
    assert!(!shown.contains("cr") || !shown.contains("ann:"), "{shown}");
    assert!(!shown.contains("s@cr") && !shown.contains("s%40cr"), "{shown}");
    assert_eq!(settings(&["--target", "http://api.example"]).target.value.credentials(), None);
}

#[test]
fn a_target_that_is_refused_shows_neither_its_password_nor_stars_in_words() {
    for (target, hidden) in [
        ("ftp://ann:hunter2@api.example", "hunter2"),
        ("http://ann:hun/ter2@api.example", "ter2"),
        ("http://ann:hunter2@", "hunter2"),
        ("http://a:b:hunter2@[::bad", "hunter2"),
        ("ann:hunter2@api.example", "hunter2"),
        ("http://ann:hunter2@api.example?x=1", "hunter2"),
    ] {
        let line = refused(&["--target", target]);
        assert!(!line.contains(hidden) && !line.contains("ann"), "{line}");
        assert!(line.starts_with("--target (TARGET_URL)"), "{line}");
    }
    // A password of one letter hides itself and no letter elsewhere.
    let line = refused(&["--target", "ftp://u:e@example.example"]);
    assert!(line.contains("ftp://(hidden)@example.example"), "{line}");
    assert!(line.contains("expected an http:// or https:// URL"), "{line}");
}

#[test]
fn switches_are_flags_and_take_a_value() {
    assert!(!settings(&[]).log_requests);
    assert!(settings(&["--log-requests"]).log_requests);
    assert!(settings(&["--log-requests=on"]).log_requests);
    assert!(!settings(&["--log-requests=off"]).log_requests);
    assert!(settings(&["--insecure-admin", "--listen", "0.0.0.0:0"]).admin.insecure);
    assert!(refused(&["--log-requests=perhaps"]).contains("--log-requests (LOG_REQUESTS)"));
}

#[test]
fn help_is_as_long_as_its_command() {
    let shown = |args: &[&str]| match run(args) {
        Err(CliExit::Shown(help)) => help,
        other => panic!("expected help, got {other:?}"),
    };
    let health = shown(&["health", "--help"]);
    assert!(health.lines().count() < 40, "{health}");
    assert!(health.contains("--url") && !health.contains("--target"), "{health}");
    let whole = shown(&["--help"]);
    let switches = whole.matches("[possible values: on, off]").count();
    assert_eq!(switches, 11, "each switch says what it takes: {whole}");
}

#[test]
fn help_shows_no_secret_of_the_environment() {
    use clap::CommandFactory;
    let command = super::args::CommandLine::command();
    for name in ["target", "admin_token", "database_url"] {
        let arg = command.get_arguments().find(|arg| arg.get_id() == name).expect("there");
        assert!(arg.is_hide_env_values_set(), "{name}");
    }
}

#[test]
fn a_token_is_never_shown() {
    let settings = settings(&["--admin-token", "geheim"]);
    assert!(!format!("{settings:?}").contains("geheim"));
}
