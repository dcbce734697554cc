//! Conditions on a request made ready to be asked by every request: cheap refusals first, no
//! allocation.

use std::net::IpAddr;

use ipnet::IpNet;
use smallvec::SmallVec;

use super::path_pattern::CompiledPath;
use super::request_pattern::{RequestPattern, network};
use super::value_test::{CompiledTest, NamedTest};
use crate::domain::request::RequestView;

/// A compiled [`RequestPattern`].
#[derive(Debug)]
pub struct RequestMatcher {
    session: Option<Box<str>>,
    methods: Box<[Box<str>]>,
    endpoints: Box<[Box<str>]>,
    paths: Box<[CompiledPath]>,
    peers: Box<[IpNet]>,
    headers: Box<[(Box<str>, CompiledTest)]>,
    query: Box<[(Box<str>, CompiledTest)]>,
}

/// A learned endpoint as conditions see it.
#[derive(Clone, Copy, Debug)]
pub struct EndpointFacts<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Its template.
    pub template: &'a str,
}

impl RequestMatcher {
    /// `None` when a part cannot be understood, which parsed patterns exclude: such a pattern
    /// matches nothing, since a part left out would widen it.
    pub fn new(pattern: &RequestPattern) -> Option<Self> {
        let test =
            |test: &NamedTest| Some((test.name.as_str().into(), CompiledTest::new(&test.test)?));
        Some(Self {
            session: pattern.session.as_deref().map(Box::from),
            methods: pattern.methods.iter().map(|method| method.as_str().into()).collect(),
            endpoints: pattern.endpoints.iter().map(|id| id.as_str().into()).collect(),
            paths: pattern.paths.iter().map(CompiledPath::new).collect::<Option<_>>()?,
            peers: pattern.peers.iter().map(|peer| network(peer)).collect::<Option<_>>()?,
            headers: pattern.headers.iter().map(test).collect::<Option<_>>()?,
            query: pattern.query.iter().map(test).collect::<Option<_>>()?,
        })
    }

    /// Whether `request` is meant; `endpoint` is the learned one it belongs to, if any.
    pub fn matches(&self, request: &RequestView<'_>, endpoint: Option<EndpointFacts<'_>>) -> bool {
        let template = endpoint.map(|endpoint| endpoint.template);
        self.session.as_deref().is_none_or(|session| request.session == Some(session))
            && any(&self.methods, |method| **method == *request.method)
            && any(&self.endpoints, |id| endpoint.is_some_and(|endpoint| endpoint.id == &**id))
            && any(&self.paths, |pattern| pattern.matches(request.path, template))
            && any(&self.peers, |network| request.peer.is_some_and(|peer| within(network, peer)))
            && any(&self.headers, |(name, test)| {
                test.holds(|test| request.header_lines(name).any(test))
            })
            && any(&self.query, |(name, test)| {
                test.holds(|test| parameter(request.query, name.as_bytes(), test))
            })
    }

    /// Whether requests of this endpoint can be meant, as far as the endpoint decides it.
    pub fn could_match(&self, endpoint: EndpointFacts<'_>) -> bool {
        let EndpointFacts { id, method, template } = endpoint;
        any(&self.methods, |known| **known == *method)
            && any(&self.endpoints, |known| **known == *id)
            && any(&self.paths, |pattern| pattern.matches(template, Some(template)))
    }
}

/// A list that is not given allows everything.
fn any<T>(members: &[T], matches: impl FnMut(&T) -> bool) -> bool {
    members.is_empty() || members.iter().any(matches)
}

/// An IPv4 peer of a dual-stack listener arrives as `::ffff:a.b.c.d`.
fn within(network: &IpNet, peer: IpAddr) -> bool {
    network.contains(&peer) || network.contains(&peer.to_canonical())
}

/// Whether `test` holds for a value of parameter `name`, both decoded as forms are.
fn parameter(query: &str, name: &[u8], test: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    query.split('&').filter(|pair| !pair.is_empty()).any(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        *decoded(key) == *name && test(&decoded(value))
    })
}

/// On the stack for all but very long parameters.
fn decoded(text: &str) -> SmallVec<[u8; 128]> {
    let plus = |byte: u8| if byte == b'+' { b' ' } else { byte };
    let bytes = text.as_bytes();
    let mut out = SmallVec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escape = (*byte == b'%').then(|| hex(bytes.get(at + 1)?, bytes.get(at + 2)?)).flatten();
        out.push(escape.unwrap_or_else(|| plus(*byte)));
        at += if escape.is_some() { 3 } else { 1 };
    }
    out
}

fn hex(high: &u8, low: &u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? << 4 | digit(*low)?)
}
