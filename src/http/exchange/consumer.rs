//! Who asks: the session that a request names, else what the settings tell consumers apart by.

use std::borrow::Cow;

use actix_web::http::header;

use super::incoming_request::IncomingRequest;
use crate::config::ConsumerFrom;
use crate::domain::random::seed::mix_text;

/// The consumer that all share who are not told apart.
pub const SHARED: &str = "default";

/// Headers that carry a credential when `Authorization` does not.
const KEY_HEADERS: [&str; 3] = ["x-api-key", "x-auth-token", "cookie"];

/// The name of the consumer of a request.
///
/// A credential, a cookie or an address is never shown: the name holds a keyed hash of it.
#[must_use]
pub fn consumer<'r>(
    received: &'r IncomingRequest<'_>,
    from: &ConsumerFrom,
    seed: u64,
) -> Cow<'r, str> {
    if let Some(session) = received.steering.session.as_deref() {
        return Cow::Borrowed(session);
    }
    let told = match from {
        ConsumerFrom::Nobody => None,
        ConsumerFrom::Header(name) => received.header(name.clone()).map(ToOwned::to_owned),
        ConsumerFrom::Cookie(name) => cookie(received, name).map(ToOwned::to_owned),
        ConsumerFrom::Credential => credential(received).map(ToOwned::to_owned),
        ConsumerFrom::Peer => received.peer.map(|peer| peer.to_string()),
    };
    let kind = match from {
        ConsumerFrom::Nobody => "none",
        ConsumerFrom::Header(_) => "header",
        ConsumerFrom::Cookie(_) => "cookie",
        ConsumerFrom::Credential => "credential",
        ConsumerFrom::Peer => "peer",
    };
    let key = mix_text(seed, "consumer");
    let named = told.map(|told| Cow::Owned(format!("{kind}-{:016x}", mix_text(key, &told))));
    named.unwrap_or(Cow::Borrowed(SHARED))
}

fn cookie<'r>(received: &'r IncomingRequest<'_>, wanted: &str) -> Option<&'r str> {
    let pairs = received.header(header::COOKIE)?.split(';');
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|p| p.1)
}

fn credential<'r>(received: &'r IncomingRequest<'_>) -> Option<&'r str> {
    received.header(header::AUTHORIZATION).or_else(|| {
        let named = |name: &&str| received.request.headers().get(*name)?.to_str().ok();
        KEY_HEADERS.iter().find_map(named)
    })
}
