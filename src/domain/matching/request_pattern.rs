//! Conditions on a request, as people write them and as they are stored.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::path_pattern::PathPattern;
use super::value_test::{NamedTest, is_token_byte};
use crate::domain::validation::{FieldErrors, ObjectReader, text_at};

/// Which requests are meant. Every part that is given must match; a list matches when one member
/// does; absent parts mean "any".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestPattern {
    /// Ids of endpoints.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<String>,
    /// In upper case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// Patterns of paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<PathPattern>,
    /// `X-Mock-Session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Tests of headers; all must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<NamedTest>,
    /// Tests of query parameters; all must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<NamedTest>,
    /// Names of routes, where the double has several backends; `default` is the one of the rest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<String>,
    /// Networks in CIDR notation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<String>,
}

/// Members of one list: a pattern for more endpoints than this is a glob.
pub const MEMBERS_MAX: usize = 64;
/// Endpoint ids, sessions and names are short; the contract caps a session at 128.
const NAME_BYTES_MAX: usize = 128;

impl RequestPattern {
    /// What a person may write of it.
    pub const FIELDS: [&'static str; 8] =
        ["endpoints", "methods", "paths", "session", "headers", "query", "routes", "peers"];

    /// One endpoint, whatever else.
    pub fn endpoint(id: &str) -> Self {
        Self { endpoints: vec![id.to_owned()], ..Self::default() }
    }

    /// Takes its members out of an object, which may have others. `admin_prefix` is no path that
    /// can be meant.
    pub fn read(reader: &ObjectReader<'_>, admin_prefix: Option<&str>) -> Self {
        let problems = reader.problems();
        Self {
            endpoints: members(reader, "endpoints", |value, at| {
                text_at(value, at, NAME_BYTES_MAX, problems).map(str::to_owned)
            }),
            methods: members(reader, "methods", |value, at| method(value, at, problems)),
            paths: members(reader, "paths", |value, at| {
                PathPattern::parse(value, at, admin_prefix, problems)
            }),
            session: reader.text("session", NAME_BYTES_MAX).map(str::to_owned),
            headers: members(reader, "headers", |value, at| {
                NamedTest::parse(value, at, problems).map(NamedTest::lowercase)
            }),
            query: members(reader, "query", |value, at| NamedTest::parse(value, at, problems)),
            routes: members(reader, "routes", |value, at| {
                text_at(value, at, NAME_BYTES_MAX, problems).map(str::to_owned)
            }),
            peers: members(reader, "peers", |value, at| peer(value, at, problems)),
        }
    }
}

/// The members of a list that can be read; the others are reported.
pub fn members<T>(
    reader: &ObjectReader<'_>,
    name: &str,
    mut parse: impl FnMut(&Value, &str) -> Option<T>,
) -> Vec<T> {
    reader.list(name, MEMBERS_MAX).iter().filter_map(|(value, at)| parse(value, at)).collect()
}

/// A token (RFC 9110, 5.6.2), in upper case: `get` surely means `GET`.
fn method(value: &Value, at: &str, problems: &FieldErrors) -> Option<String> {
    let text = text_at(value, at, NAME_BYTES_MAX, problems)?;
    if !text.bytes().all(is_token_byte) {
        problems.add(at, "expected a method such as `GET`");
        return None;
    }
    Some(text.to_ascii_uppercase())
}

/// A network or a single address.
fn peer(value: &Value, at: &str, problems: &FieldErrors) -> Option<String> {
    let text = text_at(value, at, NAME_BYTES_MAX, problems)?;
    if network(text).is_none() {
        problems.add(at, "expected a network such as `10.0.0.0/8` or an address");
        return None;
    }
    Some(text.to_owned())
}

/// A network in CIDR notation, or a single address.
pub fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
