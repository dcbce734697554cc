//! Changes to an answer before it is sent: corrupt, truncate, headers; then how its bytes go out.
//!
//! Steps of a plan that find nothing to act on (no body, no such header) are taken out of the
//! account, so that `X-Mock-Chaos` tells what was done and not what was drawn.

use actix_web::HttpRequest;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use bytes::Bytes;
use smallvec::SmallVec;

use super::AppliedChaos;
use super::paced_body::{BodyCut, PacedBody};
use crate::domain::body::content_coding;
use crate::domain::chaos::fault::corrupt::damage::BODY_BYTES_MAX;
use crate::domain::chaos::fault::corrupt::{CorruptionKind, corrupt};
use crate::domain::chaos::plan::{Abort, CutPoint, HeaderEdit, Truncation};
use crate::http::downstream::{ExchangeTracker, PlannedAbort};
use crate::http::exchange::collect::collect;
use crate::http::exchange::incoming_request::MatchedEndpoint;
use crate::http::exchange::response::{Response, ResponseBody};
use crate::http::framing::may_have_content;

impl AppliedChaos {
    /// Carries out on `answer` what was planned for it, as far as there is something to act on.
    pub async fn apply(
        &mut self,
        answer: &mut Response,
        request: &HttpRequest,
        request_id: &str,
        target: Option<&MatchedEndpoint<'_>>,
    ) {
        if let Some(replaced) = &self.plan.answer {
            self.report.note_replaced(replaced);
        }
        self.report.stale =
            self.plan.stale && answer.simulated.is_some_and(|simulated| simulated.stale);
        let has_content = answer.error.is_none() && has_content(answer, request);
        let mut keep = None;
        if has_content {
            self.report.corruption = self.corrupt(answer, target).await;
            keep = self.bytes_kept(answer).await;
            self.report.truncation = keep.map(Truncation::Bytes);
        }
        self.edit_headers(answer);
        let cut = self.abort(request, request_id, has_content);
        self.report.pace = self.plan.throttle.filter(|_| has_content);
        self.pace(answer, keep, cut);
    }

    /// Corrupts the body; gives the kind of corruption that applied.
    async fn corrupt(
        &self,
        answer: &mut Response,
        target: Option<&MatchedEndpoint<'_>>,
    ) -> Option<CorruptionKind> {
        let corruption = self.plan.corrupt.as_ref()?;
        let text = |name: HeaderName| {
            let value = answer.headers.iter().find(|(known, _)| *known == name);
            value.and_then(|(_, value)| value.to_str().ok()).map(str::to_owned)
        };
        let (content_type, encoding) = (text(header::CONTENT_TYPE), text(header::CONTENT_ENCODING));
        let body = self.collect(answer).await?;
        let decoded = content_coding::decode(encoding.as_deref(), &body, BODY_BYTES_MAX).ok()?;
        let schema = target.and_then(|target| {
            let published = target.endpoint.published();
            let learned = published.snapshot.model.answers.get(&answer.status.as_u16())?;
            learned.body.json_schema()
        });
        let damaged = corrupt(&decoded, content_type.as_deref(), schema.as_ref(), corruption)?;
        // What is sent now is not coded any more.
        answer.headers.retain(|(name, _)| *name != header::CONTENT_ENCODING);
        if let Some(value) = damaged.content_type.and_then(|kind| HeaderValue::try_from(kind).ok())
        {
            answer.headers.retain(|(name, _)| *name != header::CONTENT_TYPE);
            answer.headers.push((header::CONTENT_TYPE, value));
        }
        answer.body = ResponseBody::Bytes(damaged.bytes.into());
        Some(damaged.kind)
    }

    /// The number of bytes after which the body ends early. A share of a body of unknown length is
    /// known once the body is there; of one that is too long to be collected there is none.
    async fn bytes_kept(&self, answer: &mut Response) -> Option<u64> {
        let truncation = self.plan.truncate?;
        let mut length = length(answer);
        if length.is_none() && matches!(truncation, Truncation::Ratio(_)) {
            length = self.collect(answer).await.map(|body| body.len() as u64);
        }
        let keep = match truncation {
            Truncation::Bytes(bytes) => Some(bytes),
            // Below 2^53 exact, and a share of a length fits.
            Truncation::Ratio(ratio) => length.map(|length| (length as f64 * ratio) as u64),
        };
        keep.filter(|keep| length.is_none_or(|length| *keep < length))
    }

    /// The whole body, unless the rule is taken back meanwhile.
    async fn collect(&self, answer: &mut Response) -> Option<Bytes> {
        collect(answer, BODY_BYTES_MAX, self.cancellation.clone().cancelled()).await
    }

    /// Edits the headers, and keeps an answer that is not as it would have been out of caches.
    fn edit_headers(&mut self, answer: &mut Response) {
        let edits = self.plan.header_edits.iter();
        let edits: SmallVec<[&HeaderEdit; 2]> =
            edits.filter(|edit| apply(edit, &mut answer.headers)).collect();
        self.report.header_edits = edits.len();
        if self.report.changed_response() {
            keep_out_of_caches(answer, self.report.replaced.is_some(), &edits);
        }
    }

    /// Plans the early end of the connection: inside the head at once, inside the body by what is
    /// returned.
    fn abort(
        &mut self,
        request: &HttpRequest,
        request_id: &str,
        has_content: bool,
    ) -> Option<BodyCut> {
        let Abort { at, how } = self.plan.cut?;
        let exchanges = request.conn_data::<ExchangeTracker>()?;
        let mut cut = None;
        match at {
            CutPoint::MidHead => {
                exchanges.plan_abort(PlannedAbort::InHead(request_id.into(), how));
            }
            CutPoint::MidBody(after) if has_content => {
                cut = Some(BodyCut { after, how, exchanges: exchanges.clone() });
            }
            CutPoint::MidBody(_) | CutPoint::BeforeHead => return None,
        }
        self.report.abort = self.plan.cut;
        cut
    }

    /// Wraps the body, where its bytes do not go out as they come: `keep` of them at most.
    fn pace(&self, answer: &mut Response, keep: Option<u64>, cut: Option<BodyCut>) {
        let throttle = self.report.pace;
        if cut.is_none() && keep.is_none() && throttle.is_none() {
            return;
        }
        let paced = |body| {
            BoxBody::new(PacedBody::new(body, keep, throttle, cut, self.cancellation.clone()))
        };
        answer.body = match std::mem::replace(&mut answer.body, ResponseBody::None) {
            ResponseBody::Bytes(bytes) => ResponseBody::Stream(paced(BoxBody::new(bytes))),
            ResponseBody::Stream(body) => ResponseBody::Stream(paced(body)),
            ResponseBody::Tunnel(body) => ResponseBody::Tunnel(paced(body)),
            bodiless => bodiless,
        };
    }
}

/// Whether bytes of a body follow the head.
fn has_content(answer: &Response, request: &HttpRequest) -> bool {
    let is_tunnel = matches!(answer.body, ResponseBody::Tunnel(_));
    is_tunnel || may_have_content(request.method(), answer.status) && length(answer) != Some(0)
}

/// Length of the body, when it is known.
fn length(answer: &Response) -> Option<u64> {
    match &answer.body {
        ResponseBody::None | ResponseBody::Announced(_) => Some(0),
        ResponseBody::Bytes(bytes) => Some(bytes.len() as u64),
        ResponseBody::Stream(body) | ResponseBody::Tunnel(body) => match body.size() {
            BodySize::None => Some(0),
            BodySize::Sized(bytes) => Some(bytes),
            BodySize::Stream => None,
        },
    }
}

/// Applies one edit; false when it changes nothing.
fn apply(edit: &HeaderEdit, headers: &mut Vec<(HeaderName, HeaderValue)>) -> bool {
    let (HeaderEdit::Drop { name }
    | HeaderEdit::Set { name, .. }
    | HeaderEdit::Duplicate { name, .. }) = edit;
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return false };
    let first = headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    match edit {
        HeaderEdit::Drop { .. } => headers.retain(|(known, _)| *known != name),
        HeaderEdit::Set { value, .. } => {
            let Ok(value) = HeaderValue::from_str(value) else { return false };
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
            return true;
        }
        HeaderEdit::Duplicate { value, .. } => {
            let given = value.as_deref().map(HeaderValue::from_str);
            let Some(Ok(value)) = given.or_else(|| first.clone().map(Ok)) else { return false };
            headers.push((name, value));
            return true;
        }
    }
    first.is_some()
}

/// An answer that was changed must not outlive its rule in somebody's cache. Headers that the rule
/// itself sets stand.
fn keep_out_of_caches(answer: &mut Response, replaced: bool, edits: &[&HeaderEdit]) {
    let own = |name: &HeaderName| {
        edits.iter().any(|edit| {
            let (HeaderEdit::Drop { name: edited }
            | HeaderEdit::Set { name: edited, .. }
            | HeaderEdit::Duplicate { name: edited, .. }) = edit;
            edited == name.as_str()
        })
    };
    let stands = replaced && answer.headers.iter().any(|(name, _)| *name == header::CACHE_CONTROL);
    if stands || own(&header::CACHE_CONTROL) {
        return;
    }
    answer.headers.retain(|(name, _)| !CACHING.contains(name) || own(name));
    answer.headers.push((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
}

/// What lets a cache keep an answer or prove it fresh (RFC 9111; RFC 9110, section 8.8).
const CACHING: [HeaderName; 5] =
    [header::CACHE_CONTROL, header::ETAG, header::LAST_MODIFIED, header::EXPIRES, header::AGE];
