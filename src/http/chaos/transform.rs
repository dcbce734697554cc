//! Changes to an answer before it is sent: corrupt, truncate, headers; then how its bytes go out.
//!
//! Effects that find nothing to act on (no body, no such header) are taken out of the account, so
//! that `X-Mock-Chaos` tells what was done and not what was drawn.

use actix_web::HttpRequest;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use smallvec::smallvec;

use super::AppliedChaos;
use super::collect::collect;
use super::pacing::{BodyCut, PacedBody};
use crate::domain::chaos::effects::HeaderEdit;
use crate::domain::chaos::effects::{Abort, CutPoint, Truncation};
use crate::domain::chaos::fault::corrupt::corrupt;
use crate::domain::chaos::fault::corrupt::damage::BODY_BYTES_MAX;
use crate::domain::content_coding;
use crate::http::downstream::{ExchangeTracker, PlannedAbort};
use crate::http::exchange::incoming_request::MatchedEndpoint;
use crate::http::exchange::response::{Response, ResponseBody};

impl AppliedChaos {
    /// Carries out on `answer` what was drawn for it.
    pub async fn disturb(
        &mut self,
        answer: &mut Response,
        request: &HttpRequest,
        request_id: &str,
        target: Option<&MatchedEndpoint<'_>>,
    ) {
        self.effects.stale &= answer.simulated.is_some_and(|simulated| simulated.stale);
        let whole = answer.error.is_none() && has_body(answer, request);
        if whole {
            self.corrupt(answer, target).await;
            self.resolve_truncation(answer).await;
        } else {
            (self.effects.corrupt, self.effects.truncate) = (None, None);
            (self.effects.throttle, self.effects.cut) = (None, self.cut_of_head());
        }
        self.edit_headers(answer);
        let effects = &self.effects;
        let changed = effects.answer.is_some()
            || effects.corrupt.is_some()
            || effects.truncate.is_some()
            || effects.stale
            || !effects.header_edits.is_empty();
        if changed {
            keep_out_of_caches(answer, effects.answer.is_some(), &effects.header_edits);
        }
        self.pace(answer, request, request_id);
    }

    fn cut_of_head(&self) -> Option<Abort> {
        self.effects.cut.filter(|cut| cut.at == CutPoint::MidHead)
    }

    async fn corrupt(&mut self, answer: &mut Response, target: Option<&MatchedEndpoint<'_>>) {
        let Some(corruption) = self.effects.corrupt.take() else { return };
        let text = |name: HeaderName| {
            let value = answer.headers.iter().find(|(known, _)| *known == name);
            value.and_then(|(_, value)| value.to_str().ok()).map(str::to_owned)
        };
        let (content_type, encoding) = (text(header::CONTENT_TYPE), text(header::CONTENT_ENCODING));
        let Some(body) = collect(answer, &self.withdrawal).await else { return };
        let Ok(decoded) = content_coding::decode(encoding.as_deref(), &body, BODY_BYTES_MAX) else {
            return;
        };
        let schema = target.and_then(|target| {
            let published = target.endpoint.published();
            let learned = published.snapshot.model.answers.get(&answer.status.as_u16())?;
            learned.body.json_schema()
        });
        let damaged = corrupt(&decoded, content_type.as_deref(), schema.as_ref(), &corruption);
        let Some(damaged) = damaged else { return };
        // What is sent now is not coded any more.
        answer.headers.retain(|(name, _)| *name != header::CONTENT_ENCODING);
        if let Some(value) = damaged.content_type.and_then(|kind| HeaderValue::try_from(kind).ok())
        {
            answer.headers.retain(|(name, _)| *name != header::CONTENT_TYPE);
            answer.headers.push((header::CONTENT_TYPE, value));
        }
        answer.body = ResponseBody::Bytes(damaged.bytes.into());
        let kinds = smallvec![damaged.kind];
        self.effects.corrupt =
            Some(crate::domain::chaos::effects::Corruption { kinds, ..corruption });
    }

    /// Turns the truncation into a number of bytes. A share of a body of unknown length is known
    /// once the body is there; of one that is too long to be collected there is none.
    async fn resolve_truncation(&mut self, answer: &mut Response) {
        let Some(truncation) = self.effects.truncate else { return };
        let mut length = length(answer);
        if length.is_none() && matches!(truncation, Truncation::Ratio(_)) {
            length = collect(answer, &self.withdrawal).await.map(|body| body.len() as u64);
        }
        let keep = match truncation {
            Truncation::Bytes(bytes) => Some(bytes),
            // Below 2^53 exact, and a share of a length fits.
            Truncation::Ratio(ratio) => length.map(|length| (length as f64 * ratio) as u64),
        };
        let shorter = |keep: &u64| length.is_none_or(|length| *keep < length);
        self.effects.truncate = keep.filter(shorter).map(Truncation::Bytes);
    }

    fn edit_headers(&mut self, answer: &mut Response) {
        self.effects.header_edits.retain(|edit| apply(edit, &mut answer.headers));
    }

    fn pace(&mut self, answer: &mut Response, request: &HttpRequest, request_id: &str) {
        let exchanges = request.conn_data::<ExchangeTracker>();
        let mut cut = None;
        match (self.effects.cut, exchanges) {
            (Some(Abort { at: CutPoint::MidHead, how }), Some(exchanges)) => {
                exchanges.plan_abort(PlannedAbort::InHead(request_id.into(), how));
            }
            (Some(Abort { at: CutPoint::MidBody(after), how }), Some(exchanges)) => {
                cut = Some(BodyCut { after, how, exchanges: exchanges.clone() });
            }
            (_, _) => self.effects.cut = None,
        }
        let keep = match self.effects.truncate {
            Some(Truncation::Bytes(bytes)) => Some(bytes),
            _ => None,
        };
        let throttle = self.effects.throttle;
        if cut.is_none() && keep.is_none() && throttle.is_none() {
            return;
        }
        let wrap =
            |body| BoxBody::new(PacedBody::new(body, keep, throttle, cut, self.withdrawal.clone()));
        answer.body = match std::mem::replace(&mut answer.body, ResponseBody::None) {
            ResponseBody::Bytes(bytes) => ResponseBody::Stream(wrap(BoxBody::new(bytes))),
            ResponseBody::Stream(body) => ResponseBody::Stream(wrap(body)),
            ResponseBody::Tunnel(body) => ResponseBody::Tunnel(wrap(body)),
            bodiless => bodiless,
        };
    }
}

/// Whether bytes of a body follow the head.
fn has_body(answer: &Response, request: &HttpRequest) -> bool {
    let bodiless = matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || *request.method() == Method::HEAD;
    !bodiless && length(answer) != Some(0)
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
fn keep_out_of_caches(answer: &mut Response, replaced: bool, edits: &[HeaderEdit]) {
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
