//! The forms of overrides as the description of the API shows them.
//!
//! Overrides are read by the domain, which reports every mistake with the path of its field; these
//! types are never filled. A test holds their members against what the domain reads and writes.

#![expect(dead_code, reason = "types that describe what the domain reads and writes")]

use serde_json::Value;
use utoipa::ToSchema;

use super::super::chaos::form::{NamedTestForm, SourceForm, StateForm};

/// An override as a person writes it.
#[derive(ToSchema)]
pub struct OverrideForm {
    /// A label.
    #[schema(max_length = 200, example = "the cart is empty")]
    name: String,
    /// Whose override it is.
    #[schema(required = false, max_length = 200, example = "web-team")]
    owner: String,
    /// Why it exists.
    #[schema(required = false, max_length = 1000)]
    reason: String,
    /// Whether it acts.
    #[schema(required = false, default = true)]
    enabled: bool,
    /// Higher ones are asked first; of equal ones the newest.
    #[schema(required = false, default = 0, minimum = -1_000_000, maximum = 1_000_000)]
    priority: i64,
    /// Whom it means.
    r#match: MatchForm,
    /// What is answered. Either this or `answers`.
    #[schema(required = false)]
    answer: AnswerForm,
    /// What each consumer gets, one after the other; afterwards calls pass.
    #[schema(required = false, min_items = 1, max_items = 100)]
    answers: Vec<AnswerForm>,
    /// Whether `answers` begin anew when they are through.
    #[schema(required = false, default = false)]
    repeat: bool,
    /// Length of a lease, s; without one it holds until it is taken back. Not beside `expires_at`.
    #[schema(required = false, minimum = 1)]
    ttl_s: i64,
    /// Begin of the lease.
    #[schema(required = false, format = DateTime)]
    starts_at: String,
    /// End of the lease.
    #[schema(required = false, format = DateTime)]
    expires_at: String,
    /// Hits after which it is exhausted.
    #[schema(required = false, minimum = 1)]
    max_hits: i64,
}

/// Whom an override means. Every part that is given must hold: of `headers`, `query` and `body`
/// every test, of other lists one member.
#[derive(ToSchema)]
pub struct MatchForm {
    /// Ids of endpoints.
    #[schema(required = false, max_items = 64)]
    endpoints: Vec<String>,
    /// Methods; `OPTIONS` only where it is named.
    #[schema(required = false, max_items = 64, example = json!(["GET"]))]
    methods: Vec<String>,
    /// Patterns over raw paths: literal segments, `{id}`, `*`, `**`; or {regex}.
    #[schema(required = false, max_items = 64, value_type = Vec<Object>,
        example = json!(["/carts/{id}"]))]
    paths: Vec<Value>,
    /// `X-Mock-Session` of the consumer.
    #[schema(required = false, max_length = 128)]
    session: String,
    /// Request headers.
    #[schema(required = false, max_items = 64)]
    headers: Vec<NamedTestForm>,
    /// Query parameters.
    #[schema(required = false, max_items = 64)]
    query: Vec<NamedTestForm>,
    /// Names of routes, where the double has several backends; `default` is the one of the rest.
    #[schema(required = false, max_items = 64)]
    routes: Vec<String>,
    /// Networks of the connection's other end, in CIDR notation.
    #[schema(required = false, max_items = 64)]
    peers: Vec<String>,
    /// Tests of the JSON body.
    #[schema(required = false, max_items = 64)]
    body: Vec<BodyTestForm>,
    /// Who would answer otherwise; mocks alone unless `upstream` is named.
    #[schema(required = false)]
    sources: Vec<SourceForm>,
    /// On which of a consumer's matching calls it acts, counted from 1: `from`, `to`, `every`.
    #[schema(required = false)]
    calls: CallsForm,
    /// Share of those calls on which it acts.
    #[schema(required = false, default = 1, minimum = 0, maximum = 1)]
    probability: f64,
}

/// A test of a JSON body: `pointer` or `json_path` or neither for the whole, and exactly one of
/// `equals`, `contains`, `regex`, `present`.
#[derive(ToSchema)]
pub struct BodyTestForm {
    #[schema(required = false, example = "/customer/kind")]
    pointer: String,
    #[schema(required = false)]
    json_path: String,
    /// `jayway`: the path is read as WireMock's library does, whose filters ask an object itself.
    #[schema(required = false, example = "jayway")]
    dialect: String,
    #[schema(required = false, value_type = Object)]
    equals: Value,
    #[schema(required = false, value_type = Object)]
    contains: Value,
    #[schema(required = false)]
    regex: String,
    #[schema(required = false)]
    present: bool,
}

/// Calls of one consumer.
#[derive(ToSchema)]
pub struct CallsForm {
    #[schema(required = false, default = 1, minimum = 1)]
    from: i64,
    #[schema(required = false, minimum = 1)]
    to: i64,
    #[schema(required = false, default = 1, minimum = 1)]
    every: i64,
}

/// What is answered.
#[derive(ToSchema)]
pub struct AnswerForm {
    /// `exactly` this; the learned answer `changed`; `hints` about members of whatever is learned;
    /// `pass`, as if there was no override.
    r#type: AnswerKind,
    /// How many of a consumer's calls get it; the last of `answers` without it endures.
    #[schema(required = false, minimum = 1)]
    times: i64,
    /// 200 unless given, or the learned one where it is changed.
    #[schema(required = false, minimum = 200, maximum = 599)]
    status: i64,
    /// Name to value, or to a list of values.
    #[schema(required = false, value_type = Object)]
    headers: Value,
    /// Names of headers that are taken away (`changed`).
    #[schema(required = false)]
    remove_headers: Vec<String>,
    /// Body as JSON (`exactly`).
    #[schema(required = false, value_type = Object)]
    json: Value,
    /// Body as text (`exactly`).
    #[schema(required = false)]
    text: String,
    /// Body as bytes (`exactly`).
    #[schema(required = false)]
    base64: String,
    /// JSON Merge Patch, RFC 7396 (`changed`).
    #[schema(required = false, value_type = Object)]
    merge_patch: Value,
    /// JSON Patch, RFC 6902 (`changed`).
    #[schema(required = false, value_type = Vec<Object>)]
    json_patch: Vec<Value>,
    /// Words about members of the body (`changed`, `hints`).
    #[schema(required = false, max_items = 64)]
    members: Vec<MemberForm>,
    /// Whether texts are Jinja templates.
    #[schema(required = false, default = false)]
    template: bool,
    /// How long the answer takes: a distribution as of the fault `latency`.
    #[schema(required = false, value_type = Object)]
    latency: Value,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum AnswerKind {
    Exactly,
    Changed,
    Hints,
    Pass,
}

/// A word about a member: exactly one of `value`, `one_of`, `format`, `absent`.
#[derive(ToSchema)]
pub struct MemberForm {
    /// JSON Pointer, in which `*` is every item or member.
    #[schema(example = "/items/*/email")]
    at: String,
    #[schema(required = false, value_type = Object)]
    value: Value,
    #[schema(required = false, value_type = Vec<Object>)]
    one_of: Vec<Value>,
    /// Name of a format: `email`, `uuid`, `date-time` and others.
    #[schema(required = false)]
    format: String,
    #[schema(required = false)]
    absent: bool,
}

/// An override with its state and its figures. It can be edited and sent back.
#[derive(ToSchema)]
pub struct OverrideShown {
    #[schema(example = "the-cart-is-empty")]
    id: String,
    name: String,
    #[schema(required = false)]
    owner: String,
    #[schema(required = false)]
    reason: String,
    enabled: bool,
    priority: i64,
    r#match: MatchForm,
    answers: Vec<AnswerForm>,
    #[schema(required = false)]
    repeat: bool,
    #[schema(format = DateTime)]
    created_at: String,
    /// Absent without a lease, as `expires_at` is.
    #[schema(required = false, format = DateTime)]
    starts_at: String,
    #[schema(required = false, format = DateTime)]
    expires_at: String,
    #[schema(required = false)]
    max_hits: i64,
    state: StateForm,
    /// Requests that it meant.
    matched: u64,
    /// Of those, how many it acted on.
    hits: u64,
    /// The last hits, newest first.
    #[schema(value_type = Vec<String>)]
    last_hits_at: Vec<String>,
    /// Of an override that was never hit: the request that came nearest.
    nearest_miss: Option<NearestMissForm>,
    /// In answers to edits: whether the edit survives a restart already.
    #[schema(required = false)]
    stored: bool,
}

/// A request that an override did not mean.
#[derive(ToSchema)]
pub struct NearestMissForm {
    #[schema(format = DateTime)]
    at: String,
    method: String,
    /// Its template, or its path without values.
    path: String,
    /// The conditions that it did not meet.
    #[schema(example = json!(["header `x-team` differs"]))]
    because: Vec<String>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use utoipa::PartialSchema;

    use super::*;
    use crate::domain::overrides::override_rule::{FIELDS, READ_ONLY};

    fn members<T: PartialSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(T::schema()).expect("JSON");
        let members = schema["properties"].as_object().expect("an object");
        members.keys().cloned().collect()
    }

    #[test]
    fn the_described_members_are_those_the_domain_reads_and_writes() {
        let known = |lists: &[&[&str]]| -> BTreeSet<String> {
            lists.iter().flat_map(|list| list.iter()).map(|name| (*name).to_owned()).collect()
        };
        assert_eq!(members::<OverrideForm>(), known(&[&FIELDS]));
        let mut shown = known(&[&FIELDS, &READ_ONLY]);
        shown.remove("ttl_s");
        shown.remove("answer");
        assert_eq!(members::<OverrideShown>(), shown);
    }
}
