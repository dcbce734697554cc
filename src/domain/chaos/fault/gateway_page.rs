//! `gateway_page`: a gateway's HTML page is answered where the client expects its API's answer.
//!
//! What breaks in production is often not the backend but what stands before it: a load balancer
//! that has lost its targets answers with a page for people. Clients that read every body as JSON
//! then fail in a place that no error handler of theirs expects.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{Decision, FaultDescriptor, Plan, PlanContext, optional};
use crate::domain::chaos::plan::{ChaosPlan, ReplacedBody, ReplacedResponse};
use crate::domain::validation::ObjectReader;

/// A gateway's page in the place of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GatewayPage {
    /// What the gateway says.
    #[serde(default)]
    pub status: GatewayStatus,
    /// Seconds of `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
}

/// What a gateway says of the servers behind it (RFC 9110, 15.6.3 to 15.6.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GatewayStatus {
    /// Nobody answered in HTTP.
    #[default]
    #[serde(rename = "bad_gateway")]
    BadGateway = 502,
    /// Nobody is there, for a while.
    #[serde(rename = "service_unavailable")]
    ServiceUnavailable = 503,
    /// Nobody answered in time.
    #[serde(rename = "gateway_timeout")]
    GatewayTimeout = 504,
}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "gateway_page",
    summary: "answers with the HTML page of a gateway; the backend is not asked",
    fields: &[
        optional(
            "status",
            "`bad_gateway` (502, default), `service_unavailable` (503) or `gateway_timeout` (504)",
        ),
        optional("retry_after_s", "seconds for `Retry-After`, 0 to 86400"),
    ],
    example: r#"{"type": "gateway_page", "status": "bad_gateway"}"#,
};

/// A day: clients that wait longer have given up.
const RETRY_AFTER_S_MAX: i64 = 86_400;

impl GatewayPage {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        let status = fault.word("status");
        let retry_after_s = fault.integer("retry_after_s", 0..=RETRY_AFTER_S_MAX);
        if fault.has("status") && status.is_none() {
            return None;
        }
        let retry_after_s = retry_after_s.and_then(|seconds| u32::try_from(seconds).ok());
        Some(Self { status: status.unwrap_or_default(), retry_after_s })
    }

    fn answer(&self) -> ReplacedResponse {
        let (status, title) = match self.status {
            GatewayStatus::BadGateway => (502, "502 Bad Gateway"),
            GatewayStatus::ServiceUnavailable => (503, "503 Service Temporarily Unavailable"),
            GatewayStatus::GatewayTimeout => (504, "504 Gateway Time-out"),
        };
        let mut headers: SmallVec<[_; 2]> = SmallVec::new();
        if let Some(seconds) = self.retry_after_s {
            headers.push((Cow::Borrowed("retry-after"), Cow::Owned(seconds.to_string())));
        }
        // The page as common gateways write it: short, with a title, and no word on the cause.
        let page = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
             <center><h1>{title}</h1></center>\r\n<hr>\r\n</body>\r\n</html>\r\n"
        );
        let content_type = Cow::Borrowed("text/html");
        let body = ReplacedBody::Given { content_type, bytes: page.into() };
        ReplacedResponse { cause: DESCRIPTOR.name, status, headers, body }
    }
}

impl Plan for GatewayPage {
    fn decides(&self) -> Option<Decision> {
        Some(Decision::Response)
    }

    fn prepare(&self, _rule_name: &str) -> Option<ReplacedResponse> {
        Some(self.answer())
    }

    fn applies(&self, _: &PlanContext<'_>, effects: &ChaosPlan) -> bool {
        effects.answer.is_none()
    }

    fn plan(&self, context: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        let prepared = context.prepared.map(Arc::clone);
        effects.answer = Some(prepared.unwrap_or_else(|| Arc::new(self.answer())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: GatewayStatus, code: u16, title: &str) {
        let answer = GatewayPage { status, retry_after_s: Some(7) }.answer();
        assert_eq!((answer.status, answer.cause), (code, "gateway_page"));
        assert_eq!(answer.headers.as_slice(), [("retry-after".into(), "7".into())]);
        let ReplacedBody::Given { content_type, bytes } = answer.body else { panic!("a page") };
        assert_eq!(content_type, "text/html");
        let page = String::from_utf8(bytes.to_vec()).expect("text");
        assert!(page.contains(&format!("<title>{title}</title>")), "{page}");
    }

    #[test]
    fn the_page_names_its_status_and_is_html() {
        check(GatewayStatus::BadGateway, 502, "502 Bad Gateway");
        check(GatewayStatus::ServiceUnavailable, 503, "503 Service Temporarily Unavailable");
        check(GatewayStatus::GatewayTimeout, 504, "504 Gateway Time-out");
    }
}
