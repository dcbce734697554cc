//! A scope made ready to be asked by every request: cheap refusals first, no allocation.

use super::{Scope, StatusClass};
use crate::domain::chaos::subject::{ChaosSubject, Responder, StatusClasses};
use crate::domain::matching::{EndpointFacts, RequestMatcher};

/// A compiled [`Scope`].
#[derive(Debug)]
pub struct ScopeMatcher {
    sources: Option<Responder>,
    learned: Option<StatusClasses>,
    request: RequestMatcher,
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
        let classes = |set: StatusClasses, class: &StatusClass| set.with(*class as u16);
        let learned = scope.learned_statuses.iter().fold(StatusClasses::default(), classes);
        Some(Self {
            sources,
            learned: (!scope.learned_statuses.is_empty()).then_some(learned),
            request: RequestMatcher::new(&scope.request)?,
        })
    }

    /// Whether the scope means this request.
    pub fn matches(&self, subject: &ChaosSubject<'_>) -> bool {
        self.sources.is_none_or(|source| source == subject.source)
            && self.learned.is_none_or(|classes| classes.intersects(subject.learned_classes))
            && self.request.matches(subject.request, subject.endpoint())
    }

    /// Whether requests of this endpoint can be meant, as far as the endpoint decides it.
    pub fn could_match(&self, endpoint: EndpointFacts<'_>) -> bool {
        self.request.could_match(endpoint)
    }
}
