//! What the sample backend finds wrong with the body of a request.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::reply::problem_document;

/// A field that did not pass, in the `errors` of a 422.
#[derive(Debug, Serialize)]
pub(super) struct InvalidField {
    field: &'static str,
    message: &'static str,
}

/// Collects what is wrong with a request body.
#[derive(Debug, Default)]
pub(super) struct Validation(Vec<InvalidField>);

impl Validation {
    pub(super) fn require(&mut self, holds: bool, field: &'static str, message: &'static str) {
        if !holds {
            self.0.push(InvalidField { field, message });
        }
    }

    /// `None` when everything held, or else the 422 to answer with.
    pub(super) fn refusal(self) -> Option<HttpResponse> {
        if self.0.is_empty() {
            return None;
        }
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Some(problem_document(status, "the body has invalid fields", Some(self.0)))
    }
}
