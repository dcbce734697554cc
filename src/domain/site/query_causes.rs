//! The truths about the query of a request, and about the page that it asks for.

use super::cause_finder::{CauseFinder, Subject};
use super::lists::{KnownRow, Program};
use super::snapshot::snapshot;
use super::visibility::owners;
use serde_json::Value;

use crate::domain::outcome::{Cause, Violation};
use crate::domain::world::pointer::last_member;
use crate::domain::world::{ListResource, Request};

impl CauseFinder<'_> {
    /// Whether the page that a list is asked for lies behind its last one.
    fn page(&self, subject: Subject<'_>, put: &mut dyn FnMut(Cause)) {
        let Some(program) = self.endpoint.program.as_ref() else { return };
        let listing = self.resources.lists.get(subject.place);
        let Some(listing) = listing.filter(|_| program.is_paged(subject.request)) else { return };
        let collection = self.resources.collection(&listing.item, &subject.request.segments);
        let is_view = self.resources.views.contains(subject.place);
        let mut rows = snapshot(self.world, &collection, is_view, &listing.id);
        if let Some(rule) = &self.endpoint.visibility {
            let world = (self.world, self.resources);
            let owners = owners(world, (&listing.item, &collection), &rows, subject.request);
            rule.keep(&mut rows, &owners, subject.request);
        }
        if is_beyond(program, subject, listing, &rows) {
            put(Cause::PageBeyond);
        }
    }

    /// Gives how parameters differ from accepted ones; whether any does.
    fn parameters(&self, subject: Subject<'_>, put: &mut dyn FnMut(Cause)) -> bool {
        let mut differs = false;
        if self.endpoint.accepted_query.confirmed().next().is_none() {
            return false;
        }
        let Some(query) = query_document(subject.request) else { return false };
        let is_one = subject.training.is_some_and(|(_, accepted)| accepted);
        let accepted = &self.endpoint.accepted_query;
        for violated in accepted.violations(&query, is_one) {
            let (how, place) = &violated;
            let Some(name) = last_member(place) else { continue };
            // Parameters come or not, which other truths tell; and what reads as a number is a
            // text, too.
            let is_about_value = match how {
                Violation::Lacks | Violation::Extra => false,
                Violation::Type => query.get(name).is_some_and(Value::is_string),
                _ => true,
            };
            if is_about_value && accepted.is_confirmed(&violated) {
                differs = true;
                put(Cause::QueryOutside(name.into()));
                put(Cause::QueryMember(*how, name.into()));
            }
        }
        differs
    }

    /// Gives the truths about parameters.
    pub(super) fn query(&self, subject: Subject<'_>, put: &mut dyn FnMut(Cause)) {
        self.page(subject, put);
        let mut is_odd = self.parameters(subject, put);
        let is_one = subject.training.is_some_and(|(_, accepted)| accepted);
        let words = &self.endpoint.query_words;
        if subject.request.query.iter().any(|(name, _)| words.is_strange(name, is_one)) {
            put(Cause::QueryStrange);
            is_odd = true;
        }
        for (name, value) in &subject.request.query {
            put(Cause::Query(name.as_str().into()));
            if is_broken_json(value) {
                put(Cause::QueryUnparsable);
                is_odd = true;
            }
            if words.is_outside(name, value, is_one) {
                put(Cause::QueryOutside(name.as_str().into()));
                is_odd |= words.is_refused(name, value, is_one);
            }
            if super::lists::is_term(value) {
                put(Cause::Query(format!("{name}-term").into()));
            }
            if value.is_empty() {
                put(Cause::QueryEmpty(name.as_str().into()));
            } else if self.endpoint.query_words.is_word(name, value) {
                put(Cause::QueryValue(name.as_str().into(), value.as_str().into()));
            }
        }
        if is_odd {
            put(Cause::AnyQuery);
        }
    }
}

/// The parameters of a request as an object, its numbers read as such; `None` without any.
pub fn query_document(request: &Request) -> Option<Value> {
    let read = |text: &str| match serde_json::from_str::<Value>(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => Value::String(text.to_owned()),
    };
    let members = request.query.iter().map(|(name, value)| (name.clone(), read(value)));
    (!request.query.is_empty()).then(|| Value::Object(members.collect()))
}

/// Whether a request asks for a page of a list behind its last one.
pub fn is_beyond(
    program: &Program,
    subject: Subject<'_>,
    listing: &ListResource,
    rows: &[KnownRow],
) -> bool {
    let above = subject.place.template.beyond(&listing.item);
    let rows = rows.iter().map(|(id, row)| (&**id, &**row)).collect();
    program.is_beyond(&super::lists::asked(subject.request, &above), rows)
}

/// Whether a parameter begins as JSON does and is none.
fn is_broken_json(value: &str) -> bool {
    value.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(value).is_err()
}
