//! What a request says, as one tree: path, query, headers, cookies, body, GraphQL document.

use serde_json::{Map, Value};

use super::graphql;
use crate::domain::world::pointer::{Pointer, PointerStep, at};
use crate::domain::world::{Request, SiteTemplate};

/// Headers that say nothing about which answer is asked for: how the message travels, who sends
/// it, and what other rules look at (credentials, conditions, content codings).
const SILENT_HEADERS: [&str; 25] = [
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "keep-alive",
    "origin",
    "pragma",
    "proxy-connection",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Bytes of a text in a query up to which it is read as JSON.
const NESTED_BYTES_MAX: usize = 64 << 10;

/// Under what stands what earlier requests said.
pub(super) const EARLIER: &str = "earlier";

/// What a request says.
#[derive(Debug, Clone, Default)]
pub struct Facts(pub Value);

impl Facts {
    /// Reads a request; of its path the variable segments count.
    #[must_use]
    pub fn of(request: &Request, template: &SiteTemplate) -> Self {
        let variable = |at: usize| template.0.get(at).is_none_or(Option::is_none);
        let path = request.segments.iter().enumerate().filter(|(at, _)| variable(*at));
        let path: Map<String, Value> =
            path.map(|(at, text)| (at.to_string(), text.as_str().into())).collect();
        let query: Map<String, Value> =
            request.query.iter().map(|(name, text)| (name.clone(), nested(text))).collect();
        let mut facts = Map::new();
        for (name, said) in [("path", path), ("query", query), ("header", headers(request))] {
            if !said.is_empty() {
                facts.insert(name.to_owned(), Value::Object(said));
            }
        }
        if let Some(body) = request.body.json() {
            facts.insert("body".to_owned(), body.clone());
        }
        if let Some(content) = &request.content {
            facts.insert("content".to_owned(), (**content).clone());
        }
        // A GraphQL document is a member of the body or a parameter (GraphQL over HTTP, section 5).
        let document = ["body", "query"].iter().find_map(|side| {
            graphql::read(facts.get(*side)?.get("query")?.as_str()?, facts.get(*side)?)
        });
        if let Some(document) = document {
            facts.insert("graph".to_owned(), document);
        }
        Self(Value::Object(facts))
    }

    /// Notes that the very same was asked before: an idempotent write (RFC 9110, section 9.2.2).
    pub fn again(&mut self) {
        if let Some(facts) = self.0.as_object_mut() {
            facts.insert("again".to_owned(), true.into());
        }
    }

    /// Notes what the requests said whose answers led to this one.
    pub fn follow(&mut self, earlier: Option<Value>) {
        if let (Some(facts), Some(earlier)) = (self.0.as_object_mut(), earlier) {
            facts.insert(EARLIER.to_owned(), earlier);
        }
    }

    /// What those requests said.
    #[must_use]
    pub fn earlier(&self) -> Option<&Value> {
        self.0.get(EARLIER)
    }

    /// What stands at a place; `Each` in it stands for the item `index`.
    #[must_use]
    pub fn at(&self, place: &[PointerStep], index: usize) -> Option<&Value> {
        if !place.contains(&PointerStep::Each) {
            return at(&self.0, place);
        }
        let step = |step: &PointerStep| match step {
            PointerStep::Each => PointerStep::Item(index),
            other => other.clone(),
        };
        at(&self.0, &place.iter().map(step).collect::<Pointer>())
    }
}

fn headers(request: &Request) -> Map<String, Value> {
    let mut said: Map<String, Value> = Map::new();
    for (name, value) in &request.headers {
        let steers = name.starts_with("x-mock-") || name.starts_with("x-forwarded-");
        if !steers && !SILENT_HEADERS.contains(&&**name) {
            said.insert(name.to_string(), value.as_str().into());
        }
    }
    let cookies = request.header("cookie").unwrap_or_default();
    for pair in cookies.split(';') {
        if let Some((name, value)) = pair.split_once('=') {
            said.insert(format!("cookie {}", name.trim()), value.trim().into());
        }
    }
    said
}

/// A text, or the JSON that it is.
fn nested(text: &str) -> Value {
    if text.starts_with(['{', '[']) && text.len() <= NESTED_BYTES_MAX {
        return serde_json::from_str(text).unwrap_or_else(|_| text.into());
    }
    text.into()
}
