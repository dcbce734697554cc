//! Requests and exchanges as the world and its reasons look at them: read once, values in hand.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustc_hash::FxBuildHasher;
use serde_json::Value;

use crate::domain::json::reading;
use crate::domain::media::Medium;
use crate::domain::media::digest::said_of;

/// What a body says.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// There is none, or none that can be looked into.
    None,
    /// It should be JSON and is not.
    Unparsable,
    /// JSON, or what else a request may say as a tree.
    Json(Value),
    /// The tree of an answer that is no JSON.
    Other(Medium, Value),
}

impl Document {
    /// Reads the body of a request by its content type, or by its first sign when that says
    /// nothing.
    #[must_use]
    pub fn read(bytes: &[u8], content_type: &str) -> Self {
        match Self::read_answer(bytes, content_type) {
            Self::Other(_, tree) => Self::Json(tree),
            other => other,
        }
    }

    /// Reads the body of an answer: what is no JSON stays apart from what entities are made of.
    #[must_use]
    pub fn read_answer(bytes: &[u8], content_type: &str) -> Self {
        if bytes.is_empty() {
            return Self::None;
        }
        let named = Medium::named(content_type);
        if named == Some(Medium::Json) || (named.is_none() && matches!(bytes[0], b'{' | b'[')) {
            if let Ok(value) = serde_json::from_slice(bytes) {
                return Self::Json(value);
            }
            let read =
                reading::read(Some(content_type), bytes, |json, _| serde_json::to_value(json));
            if let Some(value) = read.ok().and_then(Result::ok) {
                return Self::Json(value);
            }
            if named.is_none() {
                return Self::Unparsable;
            }
        }
        match Medium::read(bytes, content_type) {
            Some((Medium::Json | Medium::Form, tree)) => Self::Json(tree),
            Some((medium, tree)) => Self::Other(medium, tree),
            None if named == Some(Medium::Json) => Self::Unparsable,
            None => Self::None,
        }
    }

    /// The document, when there is one.
    #[must_use]
    pub const fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            Self::None | Self::Unparsable | Self::Other(..) => None,
        }
    }

    /// The tree, of whatever medium.
    #[must_use]
    pub const fn tree_of_any(&self) -> Option<&Value> {
        match self {
            Self::Json(value) | Self::Other(_, value) => Some(value),
            Self::None | Self::Unparsable => None,
        }
    }

    /// The medium that writes it.
    #[must_use]
    pub const fn medium(&self) -> Option<Medium> {
        match self {
            Self::Json(_) => Some(Medium::Json),
            Self::Other(medium, _) => Some(*medium),
            Self::None | Self::Unparsable => None,
        }
    }

    /// Whether it is a row of messages.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.medium().is_some_and(Medium::is_stream)
    }

    /// The document when it is an object or an array.
    #[must_use]
    pub fn tree(&self) -> Option<&Value> {
        self.json().filter(|value| value.is_object() || value.is_array())
    }
}

/// A credential as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Scheme of `Authorization`, or the header that carried it; lower case.
    pub scheme: Box<str>,
    /// Keyed hash of the credential itself.
    pub token: u64,
    /// Keyed hash of whose it is: the subject of a JWT (RFC 7519), else the credential.
    pub principal: u64,
}

/// A request, read once.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method as sent.
    pub method: Box<str>,
    /// Raw path and query.
    pub target: Box<str>,
    /// Decoded segments of the path.
    pub segments: Vec<String>,
    /// Decoded parameters, of equal names the last one.
    pub query: Vec<(String, String)>,
    /// Headers with names in lower case.
    pub headers: Vec<(Box<str>, String)>,
    /// Whether there is a body.
    pub has_body: bool,
    /// What the body says.
    pub body: Document,
    /// Length and digests of a body that says nothing else.
    pub content: Option<Arc<Value>>,
    /// When it was sent, unix ms.
    pub at_ms: i64,
    /// The credential.
    pub credential: Option<Sent>,
}

impl Request {
    /// Reads a request from its parts: method, raw path, raw query, headers and body.
    #[must_use]
    pub fn read(
        (method, path, query): (&str, &str, &str),
        headers: Vec<(Box<str>, String)>,
        body: &[u8],
        at_ms: i64,
    ) -> Self {
        let value = |name: &str| headers.iter().find(|(n, _)| &**n == name).map(|(_, v)| &**v);
        let document = Document::read(body, value("content-type").unwrap_or_default());
        let target = if query.is_empty() { path.into() } else { format!("{path}?{query}").into() };
        let query = pairs(query);
        Self {
            method: method.into(),
            target,
            segments: segments(path),
            credential: credential(&headers, &query),
            query,
            headers,
            has_body: !body.is_empty(),
            content: (document == Document::None && !body.is_empty())
                .then(|| Arc::new(Value::Object(said_of(body)))),
            body: document,
            at_ms,
        }
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }

    /// The value of a query parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// Whether the method only reads.
    #[must_use]
    pub fn reads(&self) -> bool {
        matches!(&*self.method, "GET" | "HEAD")
    }
}

/// A request and its answer.
#[derive(Debug, Clone)]
pub struct SiteExchange {
    /// The request.
    pub request: Arc<Request>,
    /// Status of the answer.
    pub status: u16,
    /// Headers of the answer, names in lower case.
    pub headers: Vec<(Box<str>, String)>,
    /// Bytes of the answer's body.
    pub bytes: Arc<[u8]>,
    /// What they say.
    pub body: Document,
    /// Credentials that were issued, as keyed hashes, where the text of the answer does not tell
    /// or no longer does.
    pub issued: Vec<u64>,
    /// Whether its values are stand-ins already: it was read back from where it was stored.
    pub is_veiled: bool,
    /// How its messages came, where it has several.
    pub pace: MessagePace,
}

/// How the messages of an answer came, µs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessagePace {
    /// From the request to the first byte.
    pub first_us: u64,
    /// Between two messages, on average.
    pub gap_us: u64,
    /// Whether they went on until the client ended them.
    pub is_endless: bool,
}

impl SiteExchange {
    /// Reads an answer to `request`.
    #[must_use]
    pub fn read(
        request: Arc<Request>,
        status: u16,
        headers: Vec<(Box<str>, String)>,
        bytes: &[u8],
    ) -> Self {
        let kind = headers.iter().find(|(name, _)| &**name == "content-type");
        let body = Document::read_answer(bytes, kind.map_or("", |(_, value)| value));
        Self {
            request,
            status,
            headers,
            bytes: bytes.into(),
            body,
            issued: Vec::new(),
            is_veiled: false,
            pace: MessagePace::default(),
        }
    }

    /// The exchange with its request read in another way; itself where `read` changes nothing.
    #[must_use]
    pub fn reread(self: &Arc<Self>, read: impl FnOnce(&mut Request) -> bool) -> Arc<Self> {
        let mut request = Request::clone(&self.request);
        if !read(&mut request) {
            return Arc::clone(self);
        }
        Arc::new(Self { request: Arc::new(request), ..(**self).clone() })
    }

    /// The same with the times of its first and its last byte, µs after the request.
    #[must_use]
    pub fn paced(mut self, first_us: u64, total_us: u64) -> Self {
        let messages = self.body.tree_of_any().and_then(Value::as_array).map_or(0, Vec::len);
        if self.body.is_stream() && messages > 1 {
            let gap_us = total_us.saturating_sub(first_us) / (messages as u64 - 1);
            self.pace = MessagePace { first_us, gap_us, ..self.pace };
        }
        self
    }

    /// Whether the answer says that it went well.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Whether it is an error, be it with a status of success: GraphQL (section 7.1.2 of its
    /// specification) and JSON-RPC 2.0 (section 5.1) say so in the document.
    #[must_use]
    pub fn refuses(&self) -> bool {
        let says = |document: &Value| {
            document.get("errors").and_then(Value::as_array).is_some_and(|all| !all.is_empty())
                || document.get("error").is_some_and(Value::is_object)
        };
        self.status >= 400 || self.json().is_some_and(says)
    }

    /// The value of a header of the answer.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }

    /// The document of the answer.
    #[must_use]
    pub const fn json(&self) -> Option<&Value> {
        self.body.json()
    }

    /// Bytes that it occupies, roughly.
    #[must_use]
    pub fn weight(&self) -> usize {
        // A parsed document takes about four times its text.
        512 + self.request.target.len() + self.bytes.len() * 5
    }
}

/// Segments of a path that are told apart. Templates are built by recursion over them, so that a
/// path of thousands, which a client may send, must not decide how deep the stack is; paths of
/// real services have at most a dozen.
const SEGMENTS_MAX: usize = 32;

/// Decoded segments of a raw path; the last one holds what lies beyond [`SEGMENTS_MAX`].
#[must_use]
pub fn segments(path: &str) -> Vec<String> {
    let decode = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    let mut found: Vec<String> =
        path.trim_matches('/').splitn(SEGMENTS_MAX, '/').map(decode).collect();
    if let Some(last) = found.last_mut() {
        last.truncate(without_extension(last).len());
    }
    found
}

/// A last segment without the extension that names the representation and not the resource.
#[must_use]
pub fn without_extension(segment: &str) -> &str {
    segment.strip_suffix(".json").filter(|rest| !rest.is_empty()).unwrap_or(segment)
}

/// Decoded parameters of a raw query; of equal names the last one.
#[must_use]
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value.into_owned(),
            None => found.push((name.into_owned(), value.into_owned())),
        }
    }
    found
}

/// A number for a text; equal texts have equal numbers in one process.
#[must_use]
pub fn fingerprint(parts: &[&str]) -> u64 {
    let mut hasher = FxBuildHasher.build_hasher();
    for part in parts {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

/// Parameters that carry a credential (RFC 6750, section 2.3, and OpenAPI's `apiKey` in `query`).
const CREDENTIAL_PARAMETERS: [&str; 8] =
    ["access_token", "api_key", "api-key", "apikey", "auth", "auth_token", "authtoken", "token"];

fn credential(headers: &[(Box<str>, String)], query: &[(String, String)]) -> Option<Sent> {
    let sent = |scheme: &str, token: &str| Sent {
        scheme: scheme.to_ascii_lowercase().into(),
        token: fingerprint(&[token]),
        principal: principal(token),
    };
    let value = |name: &str| headers.iter().find(|(n, _)| &**n == name).map(|(_, v)| &**v);
    if let Some(value) = value("authorization") {
        // Without a scheme the whole value is the credential.
        let (scheme, token) = value.split_once(' ').unwrap_or(("bare", value));
        return Some(sent(scheme, token.trim()));
    }
    let carries = |name: &str| {
        let key = name.contains("api-key") || name.contains("apikey") || name.contains("x-auth");
        let key = key || name.ends_with("-auth") || name.ends_with("-secret");
        let token = name.contains("token") && !name.contains("csrf") && !name.contains("xsrf");
        (key || token) && !name.contains("mock")
    };
    if let Some((name, value)) = headers.iter().find(|(name, _)| carries(name)) {
        return Some(sent(name, value));
    }
    let names = |name: &str| CREDENTIAL_PARAMETERS.contains(&&*name.to_ascii_lowercase());
    if let Some((name, value)) = query.iter().find(|(name, value)| names(name) && !value.is_empty())
    {
        return Some(sent(&format!("query {name}"), value));
    }
    value("cookie").map(|cookie| sent("cookie", cookie))
}

/// Whose credential it is: the subject of a JWT (RFC 7519, section 4.1.2), else itself.
fn principal(token: &str) -> u64 {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let subject = token.split('.').nth(1).and_then(|claims| {
        let bytes = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        let claims: Value = serde_json::from_slice(&bytes).ok()?;
        claims.get("sub").map(ToString::to_string)
    });
    match subject {
        Some(subject) => fingerprint(&["sub", &subject]),
        None => fingerprint(&[token]),
    }
}

#[cfg(test)]
mod tests {
    use super::{Request, SEGMENTS_MAX, Sent, segments};

    fn sent(query: &str, authorization: Option<&str>) -> Option<Sent> {
        let headers = authorization.map(|value| ("authorization".into(), value.to_owned()));
        Request::read(("GET", "/a", query), headers.into_iter().collect(), b"", 0).credential
    }

    #[test]
    fn a_credential_may_come_without_a_scheme_or_in_the_query() {
        let bare = sent("", Some("0af3c2")).expect("a credential");
        assert_eq!(&*bare.scheme, "bare", "the token is no scheme");
        assert_ne!(bare.principal, sent("", Some("ffff00")).expect("another").principal);
        let asked = sent("page=2&access_token=0af3c2", None).expect("a credential");
        assert_eq!((&*asked.scheme, asked.token), ("query access_token", bare.token));
        assert_eq!(sent("page_token=0af3c2", None), None);
        assert_eq!(sent("token=x", Some("Bearer y")).map(|s| s.scheme), Some("bearer".into()));
    }

    #[test]
    fn a_path_of_thousands_of_segments_is_no_deeper_than_the_limit() {
        assert_eq!(segments("/a/b%20c/"), ["a", "b c"]);
        let deep = segments(&"/a".repeat(100_000));
        assert_eq!(deep.len(), SEGMENTS_MAX);
        assert!(deep.last().is_some_and(|rest| rest.starts_with("a/a")));
    }
}
