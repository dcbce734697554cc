//! The answer that chaos puts in the place of any other: `status` and `rate_limit`.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use bytes::Bytes;

use crate::domain::chaos::plan::{ChaosPlan, ReplacedBody, ReplacedResponse};
use crate::http::data_plane::DataPlane;
use crate::http::exchange::incoming_request::IncomingRequest;
use crate::http::exchange::incoming_request::MatchedEndpoint;
use crate::http::exchange::mock;
use crate::http::exchange::response::{Response, ResponseBody, ResponseSource};

/// The answer that stands in for the backend's or the mock's, when the plan says so.
#[must_use]
pub fn replacement(
    plan: &ChaosPlan,
    received: &IncomingRequest<'_>,
    target: Option<&MatchedEndpoint<'_>>,
    plane: &DataPlane,
) -> Option<Response> {
    let replaced = plan.answer.as_ref()?;
    let learned = target.and_then(|target| {
        // Only a body that is to look learned is drawn.
        matches!(replaced.body, ReplacedBody::Learned { .. })
            .then(|| mock::with_status(received, target, replaced.status, plane))
            .flatten()
    });
    let framed = |bytes| ResponseBody::allowed(received.request.method(), replaced.status, bytes);
    let (headers, body) = match (learned, &replaced.body) {
        (Some(answer), _) => (answer.headers, answer.body),
        (None, ReplacedBody::Empty) => (Vec::new(), framed(Bytes::new())),
        (None, ReplacedBody::Given { content_type, bytes }) => {
            (typed(content_type), framed(bytes.clone()))
        }
        (None, ReplacedBody::Learned { otherwise }) => {
            (typed("application/problem+json"), framed(otherwise.clone()))
        }
    };
    Some(Response {
        source: ResponseSource::Chaos,
        status: StatusCode::from_u16(replaced.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
        headers: with_own(headers, replaced),
        body,
        error: None,
        simulated: None,
    })
}

fn typed(content_type: &str) -> Vec<(HeaderName, HeaderValue)> {
    let value = HeaderValue::from_str(content_type);
    value.map_or_else(|_odd| Vec::new(), |value| vec![(header::CONTENT_TYPE, value)])
}

/// The rule's own headers replace those of the same name.
fn with_own(
    mut headers: Vec<(HeaderName, HeaderValue)>,
    replaced: &ReplacedResponse,
) -> Vec<(HeaderName, HeaderValue)> {
    for (name, value) in &replaced.headers {
        let parsed = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        if let (Ok(name), Ok(value)) = parsed {
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
        }
    }
    headers
}
