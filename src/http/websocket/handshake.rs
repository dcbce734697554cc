//! The handshake of a mocked conversation (RFC 6455, section 4.2).

use actix_http::ws::hash_key;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::incoming_request::IncomingRequest;
use crate::http::exchange::response::Response;

/// Extensions agreed for the connection.
pub const SEC_WEBSOCKET_EXTENSIONS: HeaderName =
    HeaderName::from_static("sec-websocket-extensions");

/// The version of RFC 6455, the only one there is.
const VERSION: HeaderValue = HeaderValue::from_static("13");

/// Bytes of the key that a client draws.
const KEY_BYTES: usize = 16;

/// Whether an `Upgrade` names WebSocket.
#[must_use]
pub fn is_websocket(upgrade: &str) -> bool {
    upgrade.split(',').any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"))
}

/// The headers by which the server agrees, with one of the subprotocols that were offered.
///
/// # Errors
/// The answer to a request that is no handshake: 426 for another version, 400 without a key.
pub fn agree(
    received: &IncomingRequest<'_>,
    subprotocol: Option<&str>,
) -> Result<Vec<(HeaderName, HeaderValue)>, Box<Response>> {
    let refuse = |detail: &str| {
        let problem = Problem::new(ProblemKind::RequestInvalid, detail);
        Box::new(Response::problem(&problem))
    };
    if !received.header(header::UPGRADE).is_some_and(is_websocket) {
        return Err(refuse("`Upgrade` names another protocol than `websocket`"));
    }
    let version = received.request.headers().get(header::SEC_WEBSOCKET_VERSION);
    if version != Some(&VERSION) {
        let mut answer = Response::own(StatusCode::UPGRADE_REQUIRED);
        answer.headers.push((header::SEC_WEBSOCKET_VERSION, VERSION));
        return Err(Box::new(answer));
    }
    let key = received.header(header::SEC_WEBSOCKET_KEY).map(str::trim).unwrap_or_default();
    if BASE64_STANDARD.decode(key).map_or(0, |bytes| bytes.len()) != KEY_BYTES {
        return Err(refuse("`Sec-WebSocket-Key` is not 16 bytes in base64"));
    }
    let accept = Bytes::copy_from_slice(&hash_key(key.as_bytes()));
    let mut headers = vec![(header::UPGRADE, HeaderValue::from_static("websocket"))];
    if let Ok(accept) = HeaderValue::from_maybe_shared(accept) {
        headers.push((header::SEC_WEBSOCKET_ACCEPT, accept));
    }
    if let Some(chosen) = subprotocol.and_then(|name| HeaderValue::from_str(name).ok()) {
        headers.push((header::SEC_WEBSOCKET_PROTOCOL, chosen));
    }
    Ok(headers)
}

/// The subprotocols that a request offers, in the order of its preference.
pub fn offered<'r>(received: &'r IncomingRequest<'_>) -> impl Iterator<Item = &'r str> + Clone {
    let lines = received.request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    let tokens: Vec<&str> = lines
        .into_iter()
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .collect();
    tokens.into_iter()
}
