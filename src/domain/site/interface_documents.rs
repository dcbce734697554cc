//! Documents that describe an interface to whoever calls it: they are public by their nature, and
//! worthless when a word of them is another one.

use serde_json::Value;

use crate::domain::privacy::is_sensitive_value;
use crate::domain::world::SiteExchange;
use crate::domain::world::pointer::leaves;

/// Namespaces of descriptions in XML: WSDL 1.1 and 2.0, XML Schema.
const NAMESPACES: [&str; 3] = [
    "http://schemas.xmlsoap.org/wsdl/",
    "http://www.w3.org/ns/wsdl",
    "http://www.w3.org/2001/XMLSchema",
];

/// Members of key sets that are secret (RFC 7517, RFC 7518 section 6).
const PRIVATE_KEY_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// Whether an answer is the description of an interface.
#[must_use]
pub fn is_description(exchange: &SiteExchange) -> bool {
    if !exchange.is_ok() || !exchange.request.reads() || exchange.is_veiled {
        return false;
    }
    match exchange.json() {
        Some(document) => is_described(document),
        None => str::from_utf8(&exchange.bytes).is_ok_and(is_described_in_xml),
    }
}

fn is_described_in_xml(text: &str) -> bool {
    let root = text.split('<').find(|tag| tag.starts_with(|c: char| c.is_alphabetic()));
    let names = |root: &str| {
        let name = root.split([' ', '>', '\n', '\t', '\r']).next().unwrap_or_default();
        let local = name.rsplit(':').next().unwrap_or_default();
        matches!(local, "definitions" | "description" | "schema")
    };
    root.is_some_and(|root| names(root) && NAMESPACES.iter().any(|space| root.contains(space)))
}

fn is_described(document: &Value) -> bool {
    let has = |name: &str| document.get(name).is_some();
    // OpenAPI, OpenID Connect Discovery and RFC 8414, GraphQL introspection.
    let describes = ((has("openapi") || has("swagger")) && has("paths"))
        || (has("issuer") && has("jwks_uri"))
        || document.pointer("/data/__schema").is_some();
    if describes {
        let mails = |text: &str| text.contains('@') && is_sensitive_value(text);
        return !leaves(document).iter().any(|(_, value)| value.as_str().is_some_and(mails));
    }
    let keys = document.get("keys").and_then(Value::as_array);
    keys.is_some_and(|keys| {
        let is_public = |key: &Value| {
            key.get("kty").is_some() && !PRIVATE_KEY_MEMBERS.iter().any(|m| key.get(*m).is_some())
        };
        !keys.is_empty() && keys.iter().all(is_public)
    })
}
