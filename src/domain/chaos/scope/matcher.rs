//! A scope made ready to be asked by every request: cheap refusals first, no allocation.

use std::net::IpAddr;

use ipnet::IpNet;
use smallvec::SmallVec;

use super::path::CompiledPath;
use super::text::CompiledTest;
use super::{NamedTest, Scope};
use crate::domain::chaos::subject::{ChaosSubject, Source, StatusClasses};

/// A compiled [`Scope`].
#[derive(Debug)]
pub struct ScopeMatcher {
    sources: Option<Source>,
    learned: Option<StatusClasses>,
    session: Option<Box<str>>,
    methods: Box<[Box<str>]>,
    endpoints: Box<[Box<str>]>,
    paths: Box<[CompiledPath]>,
    peers: Box<[IpNet]>,
    headers: Box<[(Box<str>, CompiledTest)]>,
    query: Box<[(Box<str>, CompiledTest)]>,
}

/// An endpoint as a scope sees it without a request.
#[derive(Clone, Copy, Debug)]
pub struct EndpointFacts<'a> {
    pub id: &'a str,
    pub method: &'a str,
    pub template: &'a str,
}

impl ScopeMatcher {
    /// `None` when a part cannot be understood, which parsed rules exclude: the rule then matches
    /// nothing, since a part left out would widen it.
    pub fn new(scope: &Scope) -> Option<Self> {
        let sources = match *scope.sources.as_slice() {
            [] => None,
            [only] => Some(only),
            [first, ref rest @ ..] => rest.iter().all(|source| *source == first).then_some(first),
        };
        let classes = |set: StatusClasses, class: &super::StatusClass| set.with(*class as u16);
        let learned = scope.learned_statuses.iter().fold(StatusClasses::default(), classes);
        let test =
            |test: &NamedTest| Some((test.name.as_str().into(), CompiledTest::new(&test.test)?));
        Some(Self {
            sources,
            learned: (!scope.learned_statuses.is_empty()).then_some(learned),
            session: scope.session.as_deref().map(Box::from),
            methods: scope.methods.iter().map(|method| method.as_str().into()).collect(),
            endpoints: scope.endpoints.iter().map(|id| id.as_str().into()).collect(),
            paths: scope.paths.iter().map(CompiledPath::new).collect::<Option<_>>()?,
            peers: scope.peers.iter().map(|peer| network(peer)).collect::<Option<_>>()?,
            headers: scope.headers.iter().map(test).collect::<Option<_>>()?,
            query: scope.query.iter().map(test).collect::<Option<_>>()?,
        })
    }

    pub fn matches(&self, subject: &ChaosSubject<'_>) -> bool {
        let request = subject.request;
        self.sources.is_none_or(|source| source == subject.source)
            && self.session.as_deref().is_none_or(|session| request.session == Some(session))
            && self.learned.is_none_or(|classes| classes.intersects(subject.learned_classes))
            && any(&self.methods, |method| **method == *request.method)
            && any(&self.endpoints, |id| subject.endpoint_id == Some(&**id))
            && self.matches_path(subject)
            && any(&self.peers, |network| request.peer.is_some_and(|peer| within(network, peer)))
            && any(&self.headers, |(name, test)| {
                test.holds(|test| request.header_lines(name).any(test))
            })
            && any(&self.query, |(name, test)| {
                test.holds(|test| parameter(request.query, name.as_bytes(), test))
            })
    }

    /// Whether requests of this endpoint can be meant, as far as the endpoint decides it.
    pub fn may_mean(&self, endpoint: EndpointFacts<'_>) -> bool {
        let EndpointFacts { id, method, template } = endpoint;
        any(&self.methods, |known| **known == *method)
            && any(&self.endpoints, |known| **known == *id)
            && any(&self.paths, |pattern| pattern.matches(template, Some(template)))
    }

    fn matches_path(&self, subject: &ChaosSubject<'_>) -> bool {
        let template = subject.endpoint_id.is_some().then_some(subject.template);
        any(&self.paths, |pattern| pattern.matches(subject.request.path, template))
    }
}

/// A list that is not given allows everything.
fn any<T>(members: &[T], matches: impl FnMut(&T) -> bool) -> bool {
    members.is_empty() || members.iter().any(matches)
}

/// A network in CIDR notation, or a single address.
pub fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
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
