//! The problem documents of the admin, as its description shows them.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

/// An error of the double's own (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// `urn:stunt-double:problem:` and the stable slug, which also stands in `X-Mock-Error`.
    #[schema(example = "urn:stunt-double:problem:malformed")]
    pub r#type: String,
    /// What the slug means.
    pub title: String,
    /// Status code of the answer.
    pub status: u16,
    /// What went wrong this time.
    pub detail: String,
    /// Fields of the request that cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldProblem>>,
}

/// A field of the request that cannot be used.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Its name; for nested ones the path to it.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

/// A response that is a problem document.
pub fn response(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let mut response = Response::new(description);
    response.content.insert("application/problem+json".to_owned(), content.into());
    response
}

/// Sets of problems that routes name among their responses: status and what it means.
macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident { $($status:literal: $description:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        pub enum $name {}

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), response($description).into())),+])
            }
        }
    )+};
}

problems! {
    /// Query parameters that cannot be used.
    QueryProblems {
        "400": "A parameter is missing, unknown, of the wrong type, or stands more than once.",
        "422": "A parameter is out of range.",
    }
    /// A body that cannot be used.
    BodyProblems {
        "400": "The body is no JSON, or a field is unknown or of the wrong type.",
        "413": "The body is too long.",
        "415": "The body is not declared as JSON.",
        "422": "A field is out of range.",
    }
    /// An id that names nothing.
    EndpointProblems { "404": "No endpoint has this id." }
    /// A slug that names no reason of an endpoint.
    ReasonProblems { "404": "No endpoint has this id, or it never met this reason." }
    /// A name that names no route.
    RouteProblems { "404": "No route has this name." }
    /// A name that names no baseline.
    BaselineProblems { "404": "No baseline has this name." }
    /// An id that names no resource.
    ResourceProblems { "404": "No resource has this id." }
    /// A name that names no session.
    SessionProblems { "404": "No session has this name." }
    /// An id that names no chaos rule.
    RuleProblems { "404": "No chaos rule has this id." }
    /// An id that names no override.
    OverrideProblems { "404": "No override has this id." }
    /// An id that names no exchange.
    ExchangeProblems { "404": "The journal has no exchange with this id, or no longer." }
    /// A name that names nothing.
    ProfileProblems { "404": "No profile has this name." }
    /// A change that is based on an old revision, or on none.
    PreconditionProblems {
        "412": "It was changed since the `ETag` in `If-Match` was given.",
        "428": "`If-Match` is missing.",
    }
    /// A limit on what may be kept.
    RoomProblems { "503": "As many exist as may, and none has ended." }
    /// What was to have happened has not.
    VerifyProblems { "417": "It did not happen so often; `nearest` tells what came near." }
    /// An id that names no pinned template.
    TemplateProblems { "404": "No pinned template has this id." }
    /// An order that was not carried out.
    OrderProblems { "503": "The double is stopping, or the database does not take it now." }
}
