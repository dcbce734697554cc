//! Conditions on a request made ready to be asked by every request: cheap refusals first, no
//! allocation.

use std::fmt;
use std::net::IpAddr;
use std::ops::ControlFlow;

use ipnet::IpNet;
use smallvec::SmallVec;

use super::path_pattern::CompiledPath;
use super::request_pattern::{RequestPattern, network};
use super::value_test::{CompiledTest, NamedTest};
use crate::domain::request::RequestView;
use crate::domain::route_pattern::DEFAULT_ROUTE;

/// A compiled [`RequestPattern`].
#[derive(Debug)]
pub struct RequestMatcher {
    session: Option<Box<str>>,
    methods: Box<[Box<str>]>,
    endpoints: Box<[Box<str>]>,
    paths: Box<[CompiledPath]>,
    /// The one of the rest has no name here.
    routes: Box<[Box<str>]>,
    peers: Box<[IpNet]>,
    headers: Box<[(Box<str>, CompiledTest)]>,
    query: Box<[(Box<str>, CompiledTest)]>,
    named: NamedTests,
}

/// Which of the tests of one list of headers or parameters must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedTests {
    /// One of them, as of every other list.
    Any,
    /// Every one: who describes one request lists its marks.
    All,
}

/// A condition that a request does not meet, in words for people: no value of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet<'m> {
    /// `X-Mock-Session` names another session, or none.
    Session,
    /// The method is none of those listed.
    Method,
    /// The learned endpoint is none of those listed, or none is learned.
    Endpoint,
    /// No path pattern fits.
    Path,
    /// The route of the backend is none of those listed.
    Route,
    /// The client's address lies in no network of the list.
    Peer,
    /// The header of this name, as the pattern writes it.
    Header(&'m str),
    /// The query parameter of this name, as the pattern writes it.
    Query(&'m str),
}

impl fmt::Display for Unmet<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session => to.write_str("the session differs"),
            Self::Method => to.write_str("the method differs"),
            Self::Endpoint => to.write_str("the endpoint differs"),
            Self::Path => to.write_str("the path differs"),
            Self::Route => to.write_str("the route differs"),
            Self::Peer => to.write_str("the peer differs"),
            Self::Header(name) => write!(to, "header `{name}` differs"),
            Self::Query(name) => write!(to, "query parameter `{name}` differs"),
        }
    }
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
    /// The route of its backend; empty for the one of the rest.
    pub route: &'a str,
}

impl RequestMatcher {
    /// `None` when a part cannot be understood, which parsed patterns exclude: such a pattern
    /// matches nothing, since a part left out would widen it.
    pub fn new(pattern: &RequestPattern, named: NamedTests) -> Option<Self> {
        let test =
            |test: &NamedTest| Some((test.name.as_str().into(), CompiledTest::new(&test.test)?));
        Some(Self {
            session: pattern.session.as_deref().map(Box::from),
            methods: pattern.methods.iter().map(|method| method.as_str().into()).collect(),
            endpoints: pattern.endpoints.iter().map(|id| id.as_str().into()).collect(),
            paths: pattern.paths.iter().map(CompiledPath::new).collect::<Option<_>>()?,
            routes: pattern.routes.iter().map(|name| route(name)).collect(),
            peers: pattern.peers.iter().map(|peer| network(peer)).collect::<Option<_>>()?,
            headers: pattern.headers.iter().map(test).collect::<Option<_>>()?,
            query: pattern.query.iter().map(test).collect::<Option<_>>()?,
            named,
        })
    }

    /// Whether `request` is meant; `endpoint` is the learned one it belongs to, if any.
    pub fn matches(&self, request: &RequestView<'_>, endpoint: Option<EndpointFacts<'_>>) -> bool {
        self.check(request, endpoint, |_unmet| ControlFlow::Break(())).is_continue()
    }

    /// The conditions that `request` does not meet; none when it is meant.
    pub fn unmet(
        &self,
        request: &RequestView<'_>,
        endpoint: Option<EndpointFacts<'_>>,
    ) -> SmallVec<[Unmet<'_>; 4]> {
        let mut all = SmallVec::new();
        let _never_broken = self.check(request, endpoint, |unmet| {
            all.push(unmet);
            ControlFlow::Continue(())
        });
        all
    }

    /// Goes through the conditions, the cheap ones first, and tells `unmet` those that do not hold.
    fn check<'m>(
        &'m self,
        request: &RequestView<'_>,
        endpoint: Option<EndpointFacts<'_>>,
        mut unmet: impl FnMut(Unmet<'m>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let template = endpoint.map(|endpoint| endpoint.template);
        let mut demand = |holds: bool, what: Unmet<'m>| {
            if holds { ControlFlow::Continue(()) } else { unmet(what) }
        };
        let session = self.session.as_deref();
        demand(session.is_none_or(|name| request.session == Some(name)), Unmet::Session)?;
        demand(any(&self.methods, |method| **method == *request.method), Unmet::Method)?;
        let endpoints =
            any(&self.endpoints, |id| endpoint.is_some_and(|endpoint| endpoint.id == &**id));
        demand(endpoints, Unmet::Endpoint)?;
        let path = |pattern: &CompiledPath| pattern.matches(request.path, template);
        demand(any(&self.paths, path), Unmet::Path)?;
        demand(any(&self.routes, |name| **name == *request.route), Unmet::Route)?;
        let peer = |network: &IpNet| request.peer.is_some_and(|peer| within(network, peer));
        demand(any(&self.peers, peer), Unmet::Peer)?;
        let header = |(name, test): &(Box<str>, CompiledTest)| {
            test.holds(|test| request.header_lines(name).any(test))
        };
        for tests in self.named.demanded(&self.headers) {
            demand(any(tests, header), Unmet::Header(named(tests)))?;
        }
        let query = |(name, test): &(Box<str>, CompiledTest)| {
            test.holds(|test| parameter(request.query, name.as_bytes(), test))
        };
        for tests in self.named.demanded(&self.query) {
            demand(any(tests, query), Unmet::Query(named(tests)))?;
        }
        ControlFlow::Continue(())
    }

    /// Whether requests of this endpoint can be meant, as far as the endpoint decides it.
    pub fn could_match(&self, endpoint: EndpointFacts<'_>) -> bool {
        let EndpointFacts { id, method, template, route } = endpoint;
        any(&self.methods, |known| **known == *method)
            && any(&self.endpoints, |known| **known == *id)
            && any(&self.routes, |known| **known == *route)
            && any(&self.paths, |pattern| pattern.matches(template, Some(template)))
    }
}

/// The name of a route as requests carry it.
fn route(name: &str) -> Box<str> {
    if name == DEFAULT_ROUTE { "".into() } else { name.into() }
}

impl NamedTests {
    /// The tests in groups of which each must have one that holds.
    fn demanded<T>(self, tests: &[T]) -> std::slice::Chunks<'_, T> {
        tests.chunks(if self == Self::All { 1 } else { tests.len().max(1) })
    }
}

/// What a group of tests is called by.
fn named(tests: &[(Box<str>, CompiledTest)]) -> &str {
    tests.first().map_or("", |(name, _)| name)
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
