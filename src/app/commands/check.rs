//! `check`: a gate for builds. A double that plays the model learns traffic of the backend as it is
//! now; how well it predicts that, and what it finds different, decides.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::admin_client::ANSWER_TIMEOUT;
use super::check_report::{junit, markdown};
use super::diff::is_failing;
use super::export::read_model;
use super::import::opened;
use super::{App, Ended, finish};
use crate::app::EXIT_FAILURE;
use crate::app::ask::{Asked, ask};
use crate::app::progress::Progress;
use crate::config::{CheckArgs, DriftGate, settings_of};
use crate::domain::endpoint::{FidelityModel, FidelityScore};
use crate::domain::portable::PortableModel;
use crate::domain::portable::diff::{Contract, DriftFinding, compare};
use crate::domain::portable::import::ImportFormat;
use crate::runtime::portable::exports::catalog_model;
use crate::runtime::portable::imports::ImportSource;

/// Requests that a file may list.
const REQUESTS_MAX: usize = 100_000;

/// What a check found.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Everything that let it fail, a line each; empty when it passed.
    pub failures: Vec<FailedGate>,
    /// Endpoints that traffic reached.
    pub endpoints: Vec<CheckedEndpoint>,
    /// Every difference, also those that let nothing fail.
    pub findings: Vec<DriftFinding>,
}

/// One reason to fail.
#[derive(Debug, Serialize)]
pub struct FailedGate {
    /// `fidelity`, `observations` or `drift`.
    pub gate: &'static str,
    pub endpoint: String,
    pub text: String,
}

/// An endpoint that traffic reached.
#[derive(Debug, Serialize)]
pub struct CheckedEndpoint {
    pub endpoint: String,
    /// Exchanges of the traffic.
    pub exchanges: u64,
    /// Exchanges that the model had learned before.
    pub observations: u64,
    /// How well they were predicted; null while they are too few.
    pub fidelity: Option<FidelityScore>,
}

/// Checks a model; 0 when it passes, 1 when not, 2 when it cannot be checked.
pub fn run(args: &CheckArgs) -> ExitCode {
    let checked = read_model(&args.model).and_then(|model| {
        let now = match (&args.traffic, &args.target) {
            (None, None) => model.clone(),
            _ => actix::System::new().block_on(replay(&model, args))?,
        };
        Ok(judge(&model, &now, args))
    });
    match checked.and_then(|checked| report(&checked, args).map(|()| checked)) {
        Ok(checked) if checked.failures.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(EXIT_FAILURE),
        Err(ended) => finish(Err(ended)),
    }
}

/// The model after a double that plays it has learned the traffic.
async fn replay(model: &PortableModel, args: &CheckArgs) -> Result<PortableModel, Ended> {
    let target = args.target.as_deref().unwrap_or("http://127.0.0.1:9");
    let database = "sqlite://:memory:";
    let settings = settings_of(&[
        "--listen",
        "127.0.0.1:0",
        "--database-url",
        database,
        "--target",
        target,
        "--mode",
        "proxy",
        "--learn",
        "on",
    ]);
    let app = App::start(settings.map_err(Ended::usage)?).await?;
    let done = async {
        let failed = |error: &dyn std::fmt::Display| Ended::failed(error.to_string());
        let mut fresh = model.clone();
        for endpoint in &mut fresh.endpoints {
            // Only the traffic is to be scored.
            Arc::make_mut(&mut endpoint.model).fidelity = FidelityModel::default();
        }
        let played = ImportSource::Bytes(fresh.to_bytes());
        let format = Some(ImportFormat::Model);
        app.imports().import(played, format, "check").await.map_err(|e| failed(&e))?;
        if let Some(traffic) = &args.traffic {
            let named = |error: &dyn std::fmt::Display| {
                Ended::usage(format!("{}: {error}", traffic.display()))
            };
            let (progress, source) = opened(traffic, args.json).map_err(|e| named(&e))?;
            let taken = app.imports().import(source, None, "check").await;
            progress.end();
            let report = taken.map_err(|error| named(&error))?;
            eprintln!("stunt-double: {}", report.line());
        }
        if let Some(requests) = &args.requests {
            let base = format!("http://{}", app.address());
            let listed = requests_of(requests)?;
            let progress = Progress::of_steps(listed.len(), "requests", args.json);
            let shown = progress.clone();
            let sent = tokio::task::spawn_blocking(move || send_all(&base, &listed, &shown)).await;
            progress.end();
            sent.map_err(|error| failed(&error))??;
        }
        app.learning().flush().await.map_err(|error| failed(&error))?;
        Ok(catalog_model(&app.learning().catalog_full()))
    }
    .await;
    app.stop().await.map_err(Ended::failed)?;
    done
}

/// A request to send.
struct ListedRequest {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Requests of a file: a HAR archive, or lines such as `GET /users/7`, after which the body may
/// stand: `POST /users {"name": "x"}`.
fn requests_of(file: &Path) -> Result<Vec<ListedRequest>, Ended> {
    let named = |problem: &str| Ended::usage(format!("{}: {problem}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| named(&error.to_string()))?;
    if text.trim_start().starts_with('{') {
        let archive: Value = serde_json::from_str(&text).map_err(|e| named(&e.to_string()))?;
        let entries = archive.pointer("/log/entries").and_then(Value::as_array);
        let entries = entries.ok_or_else(|| named("no HAR archive"))?;
        return Ok(entries.iter().filter_map(request_of_entry).take(REQUESTS_MAX).collect());
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let requests = lines.filter(|line| !line.starts_with('#')).take(REQUESTS_MAX).map(|line| {
        let (method, rest) = line.split_once(' ').ok_or_else(|| named("expected `GET /path`"))?;
        let (path, body) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        if !path.starts_with('/') {
            return Err(named("expected a path that begins with `/`"));
        }
        let media = ("Content-Type".to_owned(), "application/json".to_owned());
        Ok(ListedRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: if body.is_empty() { Vec::new() } else { vec![media] },
            body: body.as_bytes().to_vec(),
        })
    });
    requests.collect()
}

fn request_of_entry(entry: &Value) -> Option<ListedRequest> {
    let request = entry.get("request")?;
    let address = url::Url::parse(request.get("url")?.as_str()?).ok()?;
    let query = address.query().map_or_else(String::new, |query| format!("?{query}"));
    let kept = ["authorization", "accept", "content-type", "cookie", "x-api-key"];
    let headers = request.get("headers").and_then(Value::as_array).into_iter().flatten();
    let headers = headers.filter_map(|line| {
        let name = line.get("name")?.as_str()?.to_ascii_lowercase();
        let value = line.get("value")?.as_str()?.to_owned();
        kept.contains(&name.as_str()).then_some((name, value))
    });
    let body = request.pointer("/postData/text").and_then(Value::as_str).unwrap_or_default();
    Some(ListedRequest {
        method: request.get("method")?.as_str()?.to_owned(),
        path: format!("{}{query}", address.path()),
        headers: headers.collect(),
        body: body.as_bytes().to_vec(),
    })
}

fn send_all(base: &str, requests: &[ListedRequest], progress: &Progress) -> Result<(), Ended> {
    let mut statuses = std::collections::BTreeMap::<u16, u64>::new();
    for request in requests {
        let ListedRequest { method, path, headers, body } = request;
        let asked = Asked { method, path, headers, body, patience: ANSWER_TIMEOUT };
        let (status, _) = ask(base, &asked)?;
        *statuses.entry(status).or_default() += 1;
        progress.step();
    }
    let unreachable = statuses.get(&502).copied().unwrap_or_default();
    if unreachable > 0 && unreachable == requests.len() as u64 {
        return Err(Ended::failed("--target cannot be reached: every request was answered 502"));
    }
    Ok(())
}

fn judge(model: &PortableModel, now: &PortableModel, args: &CheckArgs) -> Checked {
    let before = Contract::of_model(model);
    let is_replayed = args.traffic.is_some() || args.target.is_some();
    let findings = if is_replayed {
        compare(&before, &Contract::of_model(now).since(&before))
    } else {
        Vec::new()
    };
    let mut checked = Checked { failures: Vec::new(), endpoints: Vec::new(), findings };
    for endpoint in &now.endpoints {
        let key = endpoint.key();
        let known = model.endpoints.iter().find(|known| known.key() == key);
        let observations = known.map_or(0, |known| known.model.observations);
        let exchanges = endpoint.model.observations.saturating_sub(observations);
        if is_replayed && exchanges == 0 {
            continue;
        }
        let fidelity = endpoint.model.fidelity.score();
        let label = endpoint.label();
        let mut fail = |gate: &'static str, text: String| {
            checked.failures.push(FailedGate { gate, endpoint: label.clone(), text });
        };
        if let (Some(least), Some(known)) = (args.min_fidelity, &fidelity)
            // Surely below: an interval that holds the threshold proves nothing.
            && known.high < least
        {
            let FidelityScore { score, low, high, .. } = known;
            fail("fidelity", format!("{score:.3} ({low:.3} to {high:.3}) is below {least}"));
        }
        if let Some(least) = args.min_observations
            && observations < least
        {
            fail("observations", format!("the model has learned {observations} of {least}"));
        }
        checked.endpoints.push(CheckedEndpoint {
            endpoint: label.clone(),
            exchanges,
            observations,
            fidelity,
        });
    }
    let gate: DriftGate = args.fail_on;
    for finding in checked.findings.iter().filter(|finding| is_failing(finding, gate)) {
        checked.failures.push(FailedGate {
            gate: "drift",
            endpoint: finding.endpoint.clone(),
            text: format!("{}: {} ({})", finding.place, finding.text, finding.code),
        });
    }
    checked
}

fn report(checked: &Checked, args: &CheckArgs) -> Result<(), Ended> {
    let write = |file: &Option<std::path::PathBuf>, text: String| match file {
        Some(file) => std::fs::write(file, text)
            .map_err(|error| Ended::usage(format!("{}: {error}", file.display()))),
        None => Ok(()),
    };
    write(&args.junit, junit(checked))?;
    write(&args.markdown, markdown(checked))?;
    if args.json {
        let passed = checked.failures.is_empty();
        let text = serde_json::to_string_pretty(&json!({"passed": passed, "result": checked}));
        println!("{}", text.unwrap_or_default());
        return Ok(());
    }
    for FailedGate { gate, endpoint, text } in &checked.failures {
        println!("{gate}: {endpoint}: {text}");
    }
    let (endpoints, failures) = (checked.endpoints.len(), checked.failures.len());
    println!("{endpoints} endpoints checked, {failures} findings that fail");
    Ok(())
}
