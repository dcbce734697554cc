//! What each tool asks of the admin.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::admin_client::AdminPlace;
use super::arguments::GivenArguments;

/// What a tool says: text for the agent, and of an error, too.
pub type Said = Result<String, String>;

/// Changes of rules are for whoever has looked at them; an agent has, by listing them.
const ANY_REVISION: (&str, &str) = ("If-Match", "*");

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Conditions on exchanges of the journal.
const CONDITIONS: &[&str] =
    &["endpoint", "method", "path", "status", "source", "session", "rule", "override", "since"];

/// The text of a 2xx answer; of another one, what it says and the whole problem document.
fn said(admin: &AdminPlace, status: u16, answer: &[u8]) -> Said {
    let text = String::from_utf8_lossy(answer);
    match status {
        204 => Ok("done".to_owned()),
        200..300 => Ok(text.into_owned()),
        _ => Err(format!("{}\n{text}", admin.refusal(status, answer))),
    }
}

fn get(admin: &AdminPlace, path: &str) -> Said {
    let (status, answer) = admin.ask("GET", path, &[], &[])?;
    said(admin, status, &answer)
}

fn send(admin: &AdminPlace, method: &str, path: &str, body: &Value) -> Said {
    let body = body.to_string();
    let (status, answer) = admin.ask(method, path, &[JSON, ANY_REVISION], body.as_bytes())?;
    said(admin, status, &answer)
}

fn order(admin: &AdminPlace, method: &str, path: &str) -> Said {
    let (status, answer) = admin.ask(method, path, &[ANY_REVISION], &[])?;
    said(admin, status, &answer)
}

fn json_of(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("the admin's answer is no JSON: {error}"))
}

/// A text as one segment of a path.
fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The id of an endpoint that was named by id, or by method and template.
fn endpoint_id(admin: &AdminPlace, named: &str) -> Result<String, String> {
    let Some((method, path)) = named.split_once(' ') else { return Ok(named.to_owned()) };
    let search: String = url::form_urlencoded::byte_serialize(named.as_bytes()).collect();
    let list = json_of(&get(admin, &format!("/endpoints?per_page=500&search={search}"))?)?;
    let items = list.get("items").and_then(Value::as_array).into_iter().flatten();
    let mut ids = items
        .filter(|item| {
            let is = |name, text| item.get(name).and_then(Value::as_str) == Some(text);
            is("method", method) && is("path", path)
        })
        .filter_map(|item| item.get("id").and_then(Value::as_str));
    let id = ids.next().map(str::to_owned);
    id.ok_or_else(|| format!("no endpoint is called `{named}`: `list_endpoints` names them all"))
}

/// The endpoint that a path belongs to.
fn endpoint_of_path(admin: &AdminPlace, given: &GivenArguments) -> Result<String, String> {
    let said = json_of(&get(admin, &format!("/explain{}", given.query(&["method", "path"])))?)?;
    let id = said.get("endpoint_id").and_then(Value::as_str).map(str::to_owned);
    id.ok_or_else(|| "nothing was learned of this path: `explain` says more".to_owned())
}

fn named_endpoint(admin: &AdminPlace, given: &GivenArguments) -> Result<Option<String>, String> {
    given.text("endpoint").map(|named| endpoint_id(admin, named)).transpose()
}

pub fn list_endpoints(admin: &AdminPlace, given: &GivenArguments) -> Said {
    get(admin, &format!("/endpoints{}", given.query(&["search", "page", "per_page"])))
}

pub fn describe_endpoint(admin: &AdminPlace, given: &GivenArguments) -> Said {
    let id = named_endpoint(admin, given)?.unwrap_or_default();
    get(admin, &format!("/endpoints/{}", segment(&id)))
}

pub fn explain(admin: &AdminPlace, given: &GivenArguments) -> Said {
    if given.value("headers").is_none() && given.value("body").is_none() {
        let query = given.query(&["method", "path", "mock", "session"]);
        return get(admin, &format!("/explain{query}"));
    }
    let request = given.object(&["method", "path", "mock", "session", "headers", "body"]);
    send(admin, "POST", "/explain", &request)
}

pub fn sample(admin: &AdminPlace, given: &GivenArguments) -> Said {
    let id = match (named_endpoint(admin, given)?, given.text("path")) {
        (Some(id), _) => id,
        (None, Some(_)) => endpoint_of_path(admin, given)?,
        (None, None) => return Err("say which one: `endpoint`, or `path`".to_owned()),
    };
    let query = given.query(&["status", "seed", "path"]);
    get(admin, &format!("/endpoints/{}/sample{query}", segment(&id)))
}

pub fn set_mode(admin: &AdminPlace, given: &GivenArguments) -> Said {
    let mode = json!({"mode": given.text("mode")});
    match (named_endpoint(admin, given)?, given.text("route")) {
        (Some(_), Some(_)) => Err("say `endpoint` or `route`, not both".to_owned()),
        (Some(id), None) => send(admin, "PATCH", &format!("/endpoints/{}", segment(&id)), &mode),
        (None, Some(name)) => send(admin, "PATCH", &format!("/routes/{}", segment(name)), &mode),
        (None, None) => send(admin, "PATCH", "/settings", &mode),
    }
}

pub fn list_chaos(admin: &AdminPlace, given: &GivenArguments) -> Said {
    match given.text("faults") {
        Some(_) => get(admin, "/chaos/faults"),
        None => {
            get(admin, &format!("/chaos/rules{}", given.query(&["search", "page", "per_page"])))
        }
    }
}

pub fn put_chaos(admin: &AdminPlace, given: &GivenArguments) -> Said {
    let rule = given.value("rule").cloned().unwrap_or_default();
    match given.text("id") {
        Some(id) => send(admin, "PUT", &format!("/chaos/rules/{}", segment(id)), &rule),
        None => send(admin, "POST", "/chaos/rules", &rule),
    }
}

pub fn stop_chaos(admin: &AdminPlace, given: &GivenArguments) -> Said {
    match given.text("id") {
        Some(id) => {
            let off = json!({"enabled": false});
            send(admin, "PATCH", &format!("/chaos/rules/{}", segment(id)), &off)
        }
        None => order(admin, "POST", "/chaos/stop"),
    }
}

pub fn list_overrides(admin: &AdminPlace, given: &GivenArguments) -> Said {
    get(admin, &format!("/overrides{}", given.query(&["search", "page", "per_page"])))
}

pub fn create_override(admin: &AdminPlace, given: &GivenArguments) -> Said {
    send(admin, "POST", "/overrides", given.value("override").unwrap_or(&Value::Null))
}

pub fn delete_override(admin: &AdminPlace, given: &GivenArguments) -> Said {
    let id = given.text("id").unwrap_or_default();
    order(admin, "DELETE", &format!("/overrides/{}", segment(id)))
}

pub fn list_requests(admin: &AdminPlace, given: &GivenArguments) -> Said {
    let names: Vec<&str> = CONDITIONS.iter().copied().chain(["limit"]).collect();
    get(admin, &format!("/requests{}", given.query(&names)))
}

pub fn verify(admin: &AdminPlace, given: &GivenArguments) -> Said {
    let mut wanted = given.object(&["exactly", "at_least", "at_most", "within_ms"]);
    wanted["match"] = given.object(CONDITIONS);
    send(admin, "POST", "/requests/verify", &wanted)
}

pub fn drift(admin: &AdminPlace, given: &GivenArguments) -> Said {
    match given.text("against") {
        Some(_) => get(admin, &format!("/drift{}", given.query(&["against"]))),
        None => get(admin, "/baselines"),
    }
}

pub fn fidelity(admin: &AdminPlace, given: &GivenArguments) -> Said {
    match named_endpoint(admin, given)? {
        Some(id) => get(admin, &format!("/endpoints/{}/fidelity", segment(&id))),
        None => get(admin, &format!("/fidelity{}", given.query(&["search", "page", "per_page"]))),
    }
}

pub fn sessions(admin: &AdminPlace, given: &GivenArguments) -> Said {
    match given.text("name") {
        Some(name) => {
            let session = json_of(&get(admin, &format!("/sessions/{}", segment(name)))?)?;
            let path = format!("/sessions/{}/entities", segment(name));
            let entities = json_of(&get(admin, &path)?)?;
            Ok(json!({"session": session, "entities": entities}).to_string())
        }
        None => get(admin, &format!("/sessions{}", given.query(&["search", "page", "per_page"]))),
    }
}

pub fn reset_session(admin: &AdminPlace, given: &GivenArguments) -> Said {
    let name = given.text("name").unwrap_or_default();
    order(admin, "DELETE", &format!("/sessions/{}", segment(name)))
}
