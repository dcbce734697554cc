//! The page of another origin: preflights, readable answers, and no cache that hides a switch.
//!
//! What an origin may do is decided in `domain::cors`; here stand the headers.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use bytes::Bytes;

use super::incoming_request::MatchedEndpoint;
use super::response::{ANSWER_HEADERS, Response, ResponseBody, ResponseSource};
use super::steering::STEERING_HEADERS;
use crate::domain::cors::{
    Admittance, AnsweredBy, CorsPolicy, OriginVerdict, admit, with_names, without_names,
};
use crate::runtime::catalog::Catalog;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// Says that a page which sends it is a browser's (Fetch Metadata).
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// What the settings say about pages of other origins and their caches.
#[derive(Debug, Clone, Copy, Default)]
pub struct CorsSettings {
    /// Behind the CORS headers.
    pub cors: CorsPolicy,
    /// Whether mocks say how long they are fresh, as the backend does.
    pub keeps_freshness: bool,
}

/// Is the request a preflight: does it ask what another request may do?
#[must_use]
pub fn is_preflight(request: &HttpRequest) -> bool {
    let headers = request.headers();
    *request.method() == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a preflight of a path whose preflights nobody has asked yet.
#[must_use]
pub fn preflight_answer(request: &HttpRequest, catalog: &Catalog) -> Response {
    let place = catalog.identify(request.uri().path());
    let mut answer = Response::own(StatusCode::NO_CONTENT);
    let origin = request.headers().get(header::ORIGIN);
    let siblings = catalog.siblings(&place).iter();
    let known =
        origin.map_or(OriginVerdict::Unknown, |origin| match verdict_of(siblings, origin) {
            OriginVerdict::Unknown => verdict_of(catalog.endpoints().take(POLICIES_MAX), origin),
            known => known,
        });
    if known != OriginVerdict::Refused {
        let_in(request, &mut answer);
    }
    answer
}

/// Endpoints that are asked what the backend does with an origin elsewhere: backends have one
/// policy, at most a few.
const POLICIES_MAX: usize = 64;

/// What endpoints together know of an origin: one that lets it in says more than those that do not.
fn verdict_of<'e>(
    endpoints: impl Iterator<Item = &'e Arc<EndpointHandle>>,
    origin: &HeaderValue,
) -> OriginVerdict {
    let mut verdict = OriginVerdict::Unknown;
    for endpoint in endpoints {
        match endpoint.published().behavior().origin_verdict(origin.as_bytes()) {
            OriginVerdict::Allowed => return OriginVerdict::Allowed,
            OriginVerdict::Refused => verdict = OriginVerdict::Refused,
            OriginVerdict::Unknown => {}
        }
    }
    verdict
}

/// Puts the CORS headers of the answer to `request` right.
pub fn apply(
    request: &HttpRequest,
    target: Option<&MatchedEndpoint<'_>>,
    settings: CorsSettings,
    answer: &mut Response,
) {
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN);
    let mocked = matches!(answer.source, ResponseSource::Mock | ResponseSource::Failover);
    let in_browser = origin.is_some() || headers.contains_key(SEC_FETCH_MODE);
    if in_browser {
        add_to_list(answer, header::VARY, ["X-Mock-Enabled"].into_iter(), false);
    }
    if (mocked || in_browser) && !settings.keeps_freshness {
        revalidated(answer);
    }
    let Some(origin) = origin.filter(|_| settings.cors != CorsPolicy::Off) else { return };
    let by = match answer.source {
        _ if answer.error.is_some() => AnsweredBy::Double,
        ResponseSource::Upstream => AnsweredBy::Backend,
        ResponseSource::Mock | ResponseSource::Failover => AnsweredBy::Model,
        ResponseSource::Chaos | ResponseSource::Double => AnsweredBy::Double,
    };
    let preflight = is_preflight(request);
    if by != AnsweredBy::Backend && preflight && answer.status.as_u16() >= 300 {
        // A failed preflight would hide the status of the request behind it.
        answer.status = StatusCode::NO_CONTENT;
        answer.body = ResponseBody::None;
        answer.headers.retain(|(name, _)| *name != header::CONTENT_TYPE);
    }
    let says_so = has(answer, &header::ACCESS_CONTROL_ALLOW_ORIGIN);
    let verdict = target.map_or(OriginVerdict::Unknown, |target| {
        target.endpoint.published().behavior().origin_verdict(origin.as_bytes())
    });
    // An answer of the double's own to a preflight that was kept out stays so.
    let decided = by == AnsweredBy::Double && preflight && answer.source == ResponseSource::Double;
    match admit(settings.cors, by, says_so, verdict) {
        Admittance::LetIn if decided && answer.error.is_none() => {}
        Admittance::LetIn => let_in(request, answer),
        Admittance::KeptOut => {
            let lets_in = [
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
            ];
            answer.headers.retain(|(name, _)| !lets_in.contains(name));
        }
        Admittance::AsItIs => {}
    }
    if has(answer, &header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        name_own(headers, preflight, answer);
    }
}

/// Lets the asking origin in, with credentials; replaces what the answer said of it.
fn let_in(request: &HttpRequest, answer: &mut Response) {
    let headers = request.headers();
    let Some(origin) = headers.get(header::ORIGIN) else { return };
    set(answer, header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    let yes = HeaderValue::from_static("true");
    set(answer, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
    add_to_list(answer, header::VARY, ["Origin"].into_iter(), false);
    if is_preflight(request) {
        for (asked, allowed) in [
            (header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_ALLOW_METHODS),
            (header::ACCESS_CONTROL_REQUEST_HEADERS, header::ACCESS_CONTROL_ALLOW_HEADERS),
        ] {
            if let Some(asked) = headers.get(asked) {
                set(answer, allowed, asked.clone());
            }
        }
    }
}

/// Adds the double's own headers to the backend's lists: those a preflight asks for, or those a
/// page may read.
fn name_own(headers: &HeaderMap, preflight: bool, answer: &mut Response) {
    let credentials = has(answer, &header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
    if preflight {
        let asked = headers.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS);
        let asked: Vec<&str> = asked
            .filter_map(|list| list.to_str().ok())
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|name| is_own(name))
            .collect();
        if !asked.is_empty() {
            let names = asked.into_iter();
            add_to_list(answer, header::ACCESS_CONTROL_ALLOW_HEADERS, names, credentials);
        }
    } else {
        let names = ANSWER_HEADERS.iter().copied();
        add_to_list(answer, header::ACCESS_CONTROL_EXPOSE_HEADERS, names, credentials);
    }
}

/// A preflight as the backend gets it: it knows nothing of the double's own headers.
pub fn preflight_to_backend(headers: &mut Vec<(HeaderName, HeaderValue)>) {
    headers.retain_mut(|(name, value)| {
        let asked = (*name == header::ACCESS_CONTROL_REQUEST_HEADERS).then(|| value.to_str().ok());
        let Some(asked) = asked.flatten() else { return true };
        if !asked.split(',').any(|name| is_own(name.trim())) {
            return true;
        }
        let rest = without_names(asked, is_own);
        let is_left = !rest.is_empty();
        if let Ok(rest) = HeaderValue::from_str(&rest) {
            *value = rest;
        }
        is_left
    });
}

fn is_own(name: &str) -> bool {
    STEERING_HEADERS.iter().any(|own| own.as_str().eq_ignore_ascii_case(name))
}

/// Takes the freshness off an answer, so that nothing hides a switch between backend and mock: it
/// may be kept, and is asked for again each time.
fn revalidated(answer: &mut Response) {
    let is_fresh = |(name, _): &(HeaderName, HeaderValue)| {
        [header::CACHE_CONTROL, header::EXPIRES, header::AGE].contains(name)
    };
    if !answer.headers.iter().any(is_fresh) {
        return;
    }
    let stored = |(name, value): &(HeaderName, HeaderValue)| {
        *name == header::CACHE_CONTROL && value.as_bytes().windows(8).any(|w| w == b"no-store")
    };
    let control = if answer.headers.iter().any(stored) { "no-store" } else { "no-cache" };
    answer.headers.retain(|(name, _)| ![header::EXPIRES, header::AGE].contains(name));
    set(answer, header::CACHE_CONTROL, HeaderValue::from_static(control));
}

fn has(answer: &Response, name: &HeaderName) -> bool {
    answer.headers.iter().any(|(known, _)| known == name)
}

fn set(answer: &mut Response, name: HeaderName, value: HeaderValue) {
    answer.headers.retain(|(known, _)| *known != name);
    answer.headers.push((name, value));
}

/// Adds names to a header that is a list, wherever its lines stand.
fn add_to_list<'n>(
    answer: &mut Response,
    name: HeaderName,
    names: impl Iterator<Item = &'n str>,
    with_credentials: bool,
) {
    let lines = answer.headers.iter().filter(|(known, _)| *known == name);
    let lines: Vec<&str> = lines.filter_map(|(_, value)| value.to_str().ok()).collect();
    let list = lines.join(", ");
    if name == header::VARY && list.trim() == "*" {
        return;
    }
    let whole = with_names(&list, names, with_credentials);
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(whole)) {
        set(answer, name, value);
    }
}
