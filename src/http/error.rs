//! Errors of the double's own, as problem documents (RFC 9457).
//!
//! Policy: every answer that the double itself refuses or fails is a [`Problem`] made from one row
//! of the table of [`ProblemKind`]; nothing else builds error bodies. A detail may name what was
//! expected of a request; it never names the backend's address, a token, a file or a stack.
//! On the data plane the slug also stands in `X-Mock-Error`; the admin uses the same documents.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde_json::{Map, Value, json};

/// Header that carries the slug of an error of the double's own.
pub const X_MOCK_ERROR: HeaderName = HeaderName::from_static("x-mock-error");

/// Declares the kinds of problems: one row each gives the variant, its meaning, slug, status and
/// title.
macro_rules! problem_kinds {
    ($($(#[$meaning:meta])* $kind:ident: $slug:literal, $status:literal, $title:literal;)*) => {
        /// What went wrong, one row each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $($(#[$meaning])* $kind,)*
        }

        impl ProblemKind {
            /// Every kind, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Slug, status and title.
            #[must_use]
            pub const fn row(self) -> (&'static str, u16, &'static str) {
                match self {
                    $(Self::$kind => ($slug, $status, $title),)*
                }
            }
        }
    };
}

problem_kinds! {
    /// Mock of an endpoint that was never learned.
    EndpointUnknown: "endpoint-unknown", 404, "Endpoint was never learned";
    /// Mock of a body of a type of which nothing valid can be made up.
    MediaUnmockable: "media-unmockable", 501, "No body of this type can be made up";
    /// Mock of what follows a switch of protocols (WebSocket), of which nothing is learned.
    UpgradeUnmockable: "upgrade-unmockable", 501, "What follows the upgrade cannot be made up";
    /// `X-Mock-Status` asks for a status that was never observed.
    StatusUnobserved: "status-unobserved", 422, "Status was never observed";
    /// A steering header has a value outside its language.
    SteeringInvalid: "steering-invalid", 400, "Steering header is malformed";
    /// A request that HTTP does not allow or a proxy must not pass on.
    RequestInvalid: "request-invalid", 400, "Request is malformed";
    /// The head of a request is too large.
    HeadTooLarge: "head-too-large", 431, "Request head is too large";
    /// A method that a proxy refuses (`CONNECT`, `TRACE`).
    MethodRefused: "method-refused", 405, "Method is not passed on";
    /// The backend refused the connection.
    UpstreamRefused: "upstream-refused", 502, "Backend refused the connection";
    /// The backend's name does not resolve.
    UpstreamUnresolvable: "upstream-unresolvable", 502, "Backend name does not resolve";
    /// The backend's network cannot be reached.
    UpstreamUnreachable: "upstream-unreachable", 502, "Backend is unreachable";
    /// No trusted TLS connection came about.
    UpstreamTls: "upstream-tls", 502, "No trusted connection to the backend";
    /// The backend broke the connection off.
    UpstreamReset: "upstream-reset", 502, "Backend broke the connection off";
    /// The backend was too slow.
    UpstreamTimeout: "upstream-timeout", 504, "Backend was too slow";
    /// The backend's answer is no valid HTTP.
    UpstreamInvalid: "upstream-invalid", 502, "Backend sent no valid HTTP";
    /// A limit of the double's own is reached.
    Overloaded: "overloaded", 503, "A limit of the double is reached";
    /// The request came through this double already (RFC 9110 section 7.6.3).
    LoopDetected: "loop-detected", 508, "Request came through here already";
    /// The client left or broke its request off.
    ClientGone: "client-gone", 400, "Request was broken off";
    /// The client's request did not come in time.
    ClientTimeout: "client-timeout", 408, "Request came too slowly";
    /// The admin needs a token.
    Unauthorized: "unauthorized", 401, "A bearer token is needed";
    /// The admin does not act on requests that other sites make a browser send.
    Forbidden: "forbidden", 403, "Not allowed from there";
    /// The admin has no such resource.
    NotFound: "not-found", 404, "No such resource";
    /// The admin knows the resource, not the method.
    MethodNotAllowed: "method-not-allowed", 405, "Method not allowed here";
    /// A request of the admin is malformed.
    Malformed: "malformed", 400, "Request is malformed";
    /// A request of the admin is well formed and not acceptable.
    Unprocessable: "unprocessable", 422, "Request cannot be carried out";
    /// The resource was changed by somebody else meanwhile.
    PreconditionFailed: "precondition-failed", 412, "Resource has changed";
    /// The change needs `If-Match`.
    PreconditionRequired: "precondition-required", 428, "If-Match is needed";
    /// What a test expects to have happened has not.
    ExpectationUnmet: "expectation-unmet", 417, "It did not happen so";
    /// The body of an admin request is too large.
    TooLarge: "too-large", 413, "Request body is too large";
    /// The body of an admin request is not declared as JSON.
    NotJson: "not-json", 415, "Request body is not declared as JSON";
    /// A request to an open admin names another host.
    Misdirected: "misdirected", 421, "Not the host that was asked for";
    /// The database cannot take the change now.
    StoreUnavailable: "store-unavailable", 503, "Database is not available";
    /// An override cannot give its answer: a template or a patch does not fit the request.
    OverrideFailed: "override-failed", 500, "Override cannot be carried out";
    /// A fault of the double itself.
    Internal: "internal", 500, "The double failed";
}

impl ProblemKind {
    /// The stable slug, as in `X-Mock-Error`.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        self.row().0
    }

    /// The status code.
    #[must_use]
    pub fn status(self) -> StatusCode {
        // Every row of the table has a valid code, as a test checks.
        StatusCode::from_u16(self.row().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// An error of the double's own, on its way to the client.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    members: Map<String, Value>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem of `kind`; `detail` is a sentence for the person who sent the request.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), members: Map::new(), retry_after: None }
    }

    /// An admin problem about one field of the request.
    #[must_use]
    pub fn field(kind: ProblemKind, field: &str, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self::new(kind, format!("`{field}`: {problem}"))
            .with("errors", json!([{ "field": field, "problem": problem }]))
    }

    /// Adds an extension member (RFC 9457 section 3.2).
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.into(), value);
        self
    }

    /// Adds `Retry-After`, in whole seconds rounded up.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The document as bytes.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let (slug, status, title) = self.kind.row();
        let mut document = Map::new();
        document.insert("type".into(), json!(format!("urn:stunt-double:problem:{slug}")));
        document.insert("title".into(), json!(title));
        document.insert("status".into(), json!(status));
        document.insert("detail".into(), json!(self.detail));
        document.extend(self.members.clone());
        Value::Object(document).to_string().into_bytes()
    }

    /// The answer, with its slug in `X-Mock-Error`.
    #[must_use]
    pub fn response(&self) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.kind.status());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((X_MOCK_ERROR, HeaderValue::from_static(self.kind.slug())));
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if self.kind == ProblemKind::Unauthorized {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(self.body())
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.slug(), self.detail)
    }
}

impl actix_web::ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_members_of_rfc_9457() {
        let problem = Problem::field(ProblemKind::Unprocessable, "mode", "expected a mode");
        let document: Value = serde_json::from_slice(&problem.body()).expect("valid JSON");
        assert_eq!(document["type"], "urn:stunt-double:problem:unprocessable");
        assert_eq!(document["status"], 422);
        assert_eq!(document["errors"][0]["field"], "mode");
        assert_eq!(problem.response().status().as_u16(), 422);
    }

    #[test]
    fn every_row_has_a_slug_of_its_own_and_a_status_of_an_error() {
        let mut slugs: Vec<_> = ProblemKind::ALL.iter().map(|kind| kind.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), ProblemKind::ALL.len());
        for kind in ProblemKind::ALL {
            assert_eq!(kind.status().as_u16(), kind.row().1, "{kind:?}");
            assert!(kind.row().1 >= 400, "{kind:?}");
        }
    }

    #[test]
    fn retry_after_is_whole_seconds_rounded_up() {
        let problem = Problem::new(ProblemKind::Overloaded, "full");
        let response = problem.retry_after(Duration::from_millis(1_200)).response();
        assert_eq!(response.headers().get("retry-after").expect("set"), "2");
    }
}
