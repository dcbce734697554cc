//! What a consumer said earlier, found again by the tokens that the answers gave it.
//!
//! A login says who it is and gets a cookie; an authorisation says `state` and gets a code; an
//! upload says a name and gets an id. Whoever sends the cookie, the code or the id again is asked
//! nothing of this, and yet the answer holds it.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::message::{Request, SiteExchange, fingerprint, pairs};
use super::pointer::leaves;

/// Tokens of one consumer that are remembered, the newest.
const TOKENS_MAX: usize = 256;

/// Tokens of one answer.
const ISSUED_MAX: usize = 32;

/// Bytes that a token has.
const TOKEN_BYTES_MIN: usize = 8;
const TOKEN_BYTES_MAX: usize = 4_096;

/// Bytes of a text beside a password from which it names somebody.
const NAME_BYTES_MIN: usize = 3;

/// What of one request is remembered: members, and bytes of each.
const MEMBERS_MAX: usize = 24;
const MEMBER_BYTES_MAX: usize = 256;

/// The side under which stands what answers said of who registered or logged in, and bytes of an
/// answer up to which it is kept.
pub const WHO: &str = "who";
const WHO_BYTES_MAX: usize = 4_096;

/// Bytes that one remembered token takes, roughly.
const TOKEN_WEIGHT: u64 = 512;

/// What was said, by the tokens that came of it.
#[derive(Debug, Clone, Default)]
pub struct SessionMemory {
    said: FxHashMap<u64, Arc<Map<String, Value>>>,
    order: VecDeque<u64>,
}

impl SessionMemory {
    /// What the requests said whose answers gave the tokens of this one.
    #[must_use]
    pub fn recall(&self, request: &Request) -> Option<Value> {
        if self.said.is_empty() {
            return None;
        }
        let mut found: Option<Map<String, Value>> = None;
        for token in sent(request) {
            if let Some(said) = self.said.get(&token) {
                let found = found.get_or_insert_default();
                // Who asks stands in the credential, which comes first, and not in what it names.
                let who = found.get(WHO).cloned();
                add(found, said);
                if let Some(who) = who {
                    found.insert(WHO.to_owned(), who);
                }
            }
        }
        found.map(Value::Object)
    }

    /// Remembers what an exchange said, by the tokens that its answer gave.
    pub fn note(&mut self, exchange: &SiteExchange) {
        let request = &exchange.request;
        let mut said = match self.recall(request) {
            Some(Value::Object(said)) => said,
            _ => Map::new(),
        };
        add(&mut said, &own(request));
        if exchange.status < 400 && is_signing(request) {
            add(&mut said, &who(exchange));
        }
        if said.is_empty() {
            return;
        }
        let brought: FxHashSet<u64> = sent(request).into_iter().collect();
        // What is still sent is not the oldest.
        let (mut kept, used): (VecDeque<u64>, VecDeque<u64>) =
            self.order.drain(..).partition(|token| !brought.contains(token));
        kept.extend(used);
        self.order = kept;
        let said = Arc::new(said);
        let names = if exchange.status < 400 { names(request) } else { Vec::new() };
        for token in names {
            self.remember(token, &said);
        }
        for token in issued(exchange).into_iter().filter(|token| !brought.contains(token)) {
            self.remember(token, &said);
        }
    }

    fn remember(&mut self, token: u64, said: &Arc<Map<String, Value>>) {
        if self.said.insert(token, Arc::clone(said)).is_none() {
            self.order.push_back(token);
        }
        if self.order.len() > TOKENS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.said.remove(&oldest);
        }
    }

    /// Bytes that it takes, roughly.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.order.len() as u64 * TOKEN_WEIGHT
    }
}

/// Adds what was said later, side by side.
fn add(to: &mut Map<String, Value>, said: &Map<String, Value>) {
    for (side, members) in said {
        let known = to.entry(side.clone()).or_insert_with(|| Value::Object(Map::new()));
        if let (Value::Object(known), Value::Object(members)) = (known, members) {
            for (name, value) in members {
                if known.len() < MEMBERS_MAX || known.contains_key(name) {
                    known.insert(name.clone(), value.clone());
                }
            }
        }
    }
}

/// What a request says itself: parameters and members of its body. A password is never repeated.
fn own(request: &Request) -> Map<String, Value> {
    let is_told = |name: &str, value: &Value| {
        let hides = is_secret(name);
        let length = value.as_str().map_or(0, str::len);
        let is_scalar = !value.is_object() && !value.is_array() && !value.is_null();
        !hides && is_scalar && length <= MEMBER_BYTES_MAX
    };
    let query = request.query.iter().map(|(name, text)| (name.clone(), text.as_str().into()));
    let body = request.body.json().and_then(Value::as_object).into_iter().flatten();
    let body = body.map(|(name, value)| (name.clone(), value.clone()));
    let kept = |members: &mut dyn Iterator<Item = (String, Value)>| -> Map<String, Value> {
        members.filter(|(name, value)| is_told(name, value)).take(MEMBERS_MAX).collect()
    };
    let mut query = query;
    let mut body = body;
    let sides = [("query", kept(&mut query)), ("body", kept(&mut body))];
    let told = sides.into_iter().filter(|(_, members)| !members.is_empty());
    told.map(|(side, members)| (side.to_owned(), Value::Object(members))).collect()
}

/// Whether a request says a password: it registers somebody or logs in.
fn is_signing(request: &Request) -> bool {
    let body = request.body.json().and_then(Value::as_object);
    body.is_some_and(|body| body.keys().any(|name| is_secret(name)))
}

/// What an answer says of whoever registers or logs in: its members and those of its objects.
fn who(exchange: &SiteExchange) -> Map<String, Value> {
    let small = exchange.bytes.len() <= WHO_BYTES_MAX;
    let told = exchange.json().and_then(Value::as_object).filter(|_| small);
    let is_told = |(name, value): &(&String, &Value)| {
        let length = value.as_str().map_or(0, str::len);
        !is_secret(name) && !value.is_null() && !value.is_array() && length <= MEMBER_BYTES_MAX
    };
    let own = told.into_iter().flatten().filter(is_told).take(MEMBERS_MAX);
    let own: Map<String, Value> = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut found = Map::new();
    if !own.is_empty() {
        found.insert(WHO.to_owned(), Value::Object(own));
    }
    found
}

/// Whether a member holds a password.
pub fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["pass", "pwd", "secret"].iter().any(|word| lower.contains(word))
}

/// Parameters of a token request that name nobody (RFC 6749, sections 4.1.3, 4.3.2 and 6).
const PROTOCOL_MEMBERS: [&str; 7] =
    ["grant_type", "scope", "client_id", "redirect_uri", "response_type", "audience", "realm"];

/// Bytes of a name, and names of one account, that may stand in a credential.
const BASIC_NAME_BYTES_MAX: usize = 128;
const BASIC_NAMES_MAX: usize = 8;

/// The object of a body that says a password: itself, or one in it (`{"user": {…}}`).
fn account(request: &Request) -> Option<&Map<String, Value>> {
    let body = request.body.json().and_then(Value::as_object).filter(|_| !request.reads())?;
    let says = |object: &&Map<String, Value>| object.keys().any(|name| is_secret(name));
    let nested = || body.values().filter_map(Value::as_object).find(says);
    Some(body).filter(says).or_else(nested)
}

/// What whoever registers or logs in may send from then on as a credential: a name with the
/// password (RFC 7617), as keyed hashes.
#[must_use]
pub fn account_credentials(request: &Request, status: u16) -> Vec<u64> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    if !(200..300).contains(&status) {
        return Vec::new();
    }
    let Some(account) = account(request) else { return Vec::new() };
    let secret = account.iter().find(|(name, value)| is_secret(name) && value.is_string());
    let Some(secret) = secret.and_then(|(_, value)| value.as_str()) else { return Vec::new() };
    let names = beside_password(request).into_iter();
    let names = names.filter(|name| name.len() <= BASIC_NAME_BYTES_MAX && !name.contains(':'));
    let token = |name: &str| fingerprint(&[&STANDARD.encode(format!("{name}:{secret}"))]);
    names.take(BASIC_NAMES_MAX).map(token).collect()
}

/// The texts beside a password: they say who registers or logs in.
#[must_use]
pub fn beside_password(request: &Request) -> Vec<&str> {
    let Some(body) = account(request) else { return Vec::new() };
    let tells = |name: &str| !is_secret(name) && !PROTOCOL_MEMBERS.contains(&name);
    let texts = body.iter().filter(|(name, _)| tells(name));
    let texts = texts.filter_map(|(_, value)| value.as_str());
    texts.filter(|text| text.len() >= NAME_BYTES_MIN).collect()
}

/// By them whoever registered is known again at the login.
fn names(request: &Request) -> Vec<u64> {
    beside_password(request).into_iter().map(|text| fingerprint(&["name", text])).collect()
}

fn token(text: &str) -> Option<u64> {
    let is_one = (TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&text.len())
        && !text.contains(char::is_whitespace)
        && text.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    is_one.then(|| fingerprint(&[text]))
}

/// Tokens that a request sends, those of its credentials first.
fn sent(request: &Request) -> Vec<u64> {
    let mut texts: Vec<&str> = Vec::new();
    let cookies = request.header("cookie").unwrap_or_default().split(';');
    texts.extend(cookies.filter_map(|pair| Some(pair.split_once('=')?.1.trim())));
    texts.extend(request.header("authorization").and_then(|value| value.split(' ').next_back()));
    texts.extend(request.query.iter().map(|(_, value)| value.as_str()));
    texts.extend(request.segments.iter().map(String::as_str));
    if let Some(body) = request.body.json() {
        texts.extend(leaves(body).into_iter().filter_map(|(_, value)| value.as_str()));
    }
    texts.into_iter().filter_map(token).chain(names(request)).collect()
}

/// Tokens that an answer gives: in cookies, in the address that it leads to, in its document.
fn issued(exchange: &SiteExchange) -> Vec<u64> {
    let mut found: Vec<u64> = Vec::new();
    for (name, value) in &exchange.headers {
        match &**name {
            "set-cookie" => {
                let pair = value.split(';').next().unwrap_or_default();
                found.extend(pair.split_once('=').and_then(|(_, value)| token(value.trim())));
            }
            "location" => {
                let (path, query) = value.split_once('?').unwrap_or((value, ""));
                found.extend(path.split('/').filter_map(token));
                found.extend(pairs(query).iter().filter_map(|(_, value)| token(value)));
            }
            _ => {}
        }
    }
    if let Some(tree) = exchange.body.tree_of_any() {
        let texts = leaves(tree).into_iter().filter_map(|(_, value)| value.as_str());
        found.extend(texts.filter_map(token));
    }
    found.truncate(ISSUED_MAX);
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::message::{Request, SiteExchange};
    use super::SessionMemory;

    fn exchange(
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
        set: &[(&str, &str)],
    ) -> SiteExchange {
        let own = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).to_owned())).collect()
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request::read(("POST", path, query), own(headers), body.as_bytes(), 0);
        SiteExchange::read(Arc::new(request), 302, own(set), b"")
    }

    #[test]
    fn what_was_said_is_found_by_the_cookie_and_by_the_code_that_came_of_it() {
        let mut memory = SessionMemory::default();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let set = [("set-cookie", "sid=abc123def456; Path=/")];
        memory.note(&exchange("/login", &form, "user=ann&password=geheim99", &set));
        let cookie = [("cookie", "theme=dark; sid=abc123def456")];
        let location = [("location", "https://app.example/cb?code=C0DE-7788&state=xyzzy-4711")];
        let authorise = exchange("/authorise?state=xyzzy-4711", &cookie, "", &location);
        let known = memory.recall(&authorise.request);
        assert_eq!(known, Some(json!({ "body": { "user": "ann" } })));
        memory.note(&authorise);
        let redeem = exchange("/token?code=C0DE-7788", &[], "", &[]);
        let known = memory.recall(&redeem.request);
        let expected = json!({ "body": { "user": "ann" }, "query": { "state": "xyzzy-4711" } });
        assert_eq!(known, Some(expected));
        assert_eq!(memory.recall(&exchange("/token?code=OTHER-123", &[], "", &[]).request), None);
    }

    #[test]
    fn who_registered_is_known_at_the_login_however_long_ago() {
        let mut memory = SessionMemory::default();
        let json = [("content-type", "application/json")];
        let sent = r#"{"user": "ann", "mail": "ann@post.example", "password": "geheim99"}"#;
        memory.note(&exchange("/users", &json, sent, &[]));
        let login = r#"{"user": "ann", "password": "geheim99"}"#;
        let set = [("set-cookie", "sid=abc123def456; Path=/")];
        memory.note(&exchange("/login", &json, login, &set));
        let cookie = [("cookie", "sid=abc123def456")];
        for n in 0..2_000 {
            let set = format!("sid=token-number-{n}");
            memory.note(&exchange("/other?q=x", &[], "", &[("set-cookie", &set)]));
            memory.note(&exchange("/me", &cookie, "", &[]));
        }
        let known = memory.recall(&exchange("/me", &cookie, "", &[]).request);
        let expected = json!({ "body": { "user": "ann", "mail": "ann@post.example" } });
        assert_eq!(known, Some(expected));
    }

    #[test]
    fn what_the_registration_answered_is_known_after_the_login() {
        let mut memory = SessionMemory::default();
        let json = [("content-type", "application/json")];
        let answered = |sent: &str, said: &str| {
            let request = Request::read(("POST", "/users", ""), own_of(&json), sent.as_bytes(), 0);
            SiteExchange::read(Arc::new(request), 201, own_of(&json), said.as_bytes())
        };
        let sent = r#"{"user": "ann", "password": "geheim99"}"#;
        memory.note(&answered(sent, r#"{"id": 7, "user": "ann"}"#));
        memory.note(&answered(sent, r#"{"token": "abc123def456"}"#));
        let bearer = [("authorization", "Token abc123def456")];
        let request = Request::read(("GET", "/me", ""), own_of(&bearer), b"", 0);
        let known = memory.recall(&request).expect("it was said");
        assert_eq!(known["who"]["id"], 7);
    }

    fn own_of(pairs: &[(&str, &str)]) -> Vec<(Box<str>, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_number_of_tokens_is_bounded() {
        let mut memory = SessionMemory::default();
        for n in 0..2_000 {
            let set = format!("sid=token-number-{n}");
            memory.note(&exchange("/login?user=ann", &[], "", &[("set-cookie", &set)]));
        }
        assert!(memory.weight() <= 300 * 512);
        assert_eq!(memory.said.len(), memory.order.len());
    }
}
