//! Header rules of a good citizen, as pure functions (RFC 9110, section 7.6).
//!
//! ```text
//! client ──▶ request_headers ──▶ backend      hop-by-hop, steering and spoofable fields out,
//!                                             Host, Via and X-Forwarded-* in
//! client ◀── response_headers ◀── backend     hop-by-hop and the double's own names out, Via in,
//!                                             Location and cookie domains when asked for
//! ```
//!
//! Framing (`Content-Length`, `Transfer-Encoding`) is the transport's alone: both functions leave
//! it out, whatever `Connection` nominates.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::Version;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use arc_swap::ArcSwap;
use ipnet::IpNet;
use thiserror::Error;

use super::target::Target;

/// Fields in the order they are sent.
pub type FieldLines = Vec<(HeaderName, HeaderValue)>;

/// Host, Via and three forwarded fields.
const ADDED_FIELDS: usize = 5;

/// Fields of one connection (RFC 9110, section 7.6.1), and the framing fields.
const HOP_BY_HOP: [HeaderName; 9] = [
    HeaderName::from_static("http2-settings"),
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Request headers that steer the double (contract, section 2): never forwarded.
pub const STEERING: [&str; 6] = [
    "x-mock-enabled",
    "x-mock-status",
    "x-mock-seed",
    "x-mock-latency",
    "x-mock-session",
    "x-chaos-level",
];

/// Response headers that only the double itself may set (contract, section 2).
pub const OWN: [&str; 5] =
    ["x-mock-source", "x-mock-endpoint", "x-mock-request-id", "x-mock-chaos", "x-mock-error"];

const FORWARDED: HeaderName = header::FORWARDED;
const X_FORWARDED_FOR: HeaderName = header::X_FORWARDED_FOR;
const X_FORWARDED_PROTO: HeaderName = header::X_FORWARDED_PROTO;
const X_FORWARDED_HOST: HeaderName = header::X_FORWARDED_HOST;
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");

/// The header policy of this proxy, fixed at start.
#[derive(Debug, Clone)]
pub struct HeaderPolicy {
    /// Where links of all backends lead, this one's included.
    pub links: RouteLinks,
    /// Whose `Host`, `Location` and cookie domains are meant.
    pub target: Target,
    /// Sends the client's `Host` instead of the target's.
    pub preserve_host: bool,
    /// Peers whose `X-Forwarded-*` are believed and extended.
    pub trusted_proxies: Vec<IpNet>,
    /// Rewrites `Location` and cookie domains of the target to the double's own.
    pub rewrite_location: bool,
    /// The pseudonym in `Via`. It must differ between instances, or a chain of doubles looks like
    /// a loop: `stunt-double-` and a few random characters.
    pub pseudonym: Pseudonym,
}

/// Where on the double what a backend links to is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mount {
    /// The host that leads to it; `None` where every host does.
    pub host: Option<Box<str>>,
    /// What the double's path has in front of the backend's, such as `/payments`.
    pub prefix: Box<str>,
}

/// All backends with the places where they are found; changed while the double runs.
pub type RouteLinks = Arc<ArcSwap<Vec<(Target, Mount)>>>;

/// A name for `Via`, and the values made of it.
#[derive(Debug, Clone)]
pub struct Pseudonym {
    name: String,
    via_1_0: HeaderValue,
    via_1_1: HeaderValue,
    via_2_0: HeaderValue,
}

impl<S: Into<String>> From<S> for Pseudonym {
    fn from(name: S) -> Self {
        let name = name.into();
        // A pseudonym is a token, hence always part of a field value.
        let via = |version| HeaderValue::from_str(&format!("{version} {name}"));
        let via = |version| via(version).unwrap_or(HeaderValue::from_static("unnamed"));
        Self { via_1_0: via("1.0"), via_1_1: via("1.1"), via_2_0: via("2.0"), name }
    }
}

/// What of the request decides its forwarded fields.
#[derive(Debug, Clone, Copy)]
pub struct ForwardContext<'a> {
    /// The address of the connection, never of a header.
    pub peer: Option<IpAddr>,
    /// `http` or `https`, as the client speaks to the double.
    pub scheme: &'a str,
    /// What the client speaks, for `Via` (RFC 9110, section 7.6.3).
    pub version: Version,
    /// A protocol switch is asked for, so `Upgrade` goes along.
    pub tunnel: bool,
    /// The client said `TE: trailers`, and so does the double, which passes them on.
    pub trailers: bool,
}

/// What of an exchange decides the fields of its answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResponseContext<'a> {
    /// The answer switches protocols, so `Upgrade` goes along.
    pub tunnel: bool,
    /// `Host` as the client said it, for rewritten locations.
    pub client_host: Option<&'a str>,
    /// The client said `TE: trailers`, so `Trailer` goes along.
    pub trailers: bool,
}

/// The request passed through this double before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the request already passed through this proxy")]
pub struct LoopDetected;

/// The fields to send to the backend.
///
/// # Errors
/// [`LoopDetected`] when `Via` already names this instance: answer 508.
pub fn request_headers(
    received: &HeaderMap,
    context: ForwardContext<'_>,
    header_policy: &HeaderPolicy,
) -> Result<FieldLines, LoopDetected> {
    let mut vias = received.get_all(header::VIA);
    if vias.any(|via| names_pseudonym(via, &header_policy.pseudonym.name)) {
        return Err(LoopDetected);
    }
    let nominated = ConnectionOptions::gather(received.get_all(header::CONNECTION));
    let trusted = context.peer.is_some_and(|peer| header_policy.is_trusted(peer));
    let client_host = received.get(header::HOST);
    let mut headers = Vec::with_capacity(received.len() + ADDED_FIELDS);
    let host = match client_host {
        Some(host) if header_policy.preserve_host => host.clone(),
        _ => header_policy.target.host_header(),
    };
    headers.push((header::HOST, host));
    for (name, value) in received {
        if passes_to_backend(name, &nominated, trusted, context) {
            headers.push((name.clone(), value.clone()));
        }
    }
    // What a client says of itself goes before what the target's setting says for all.
    if let Some(credentials) = header_policy.target.authorization()
        && !received.contains_key(header::AUTHORIZATION)
    {
        headers.push((header::AUTHORIZATION, credentials.clone()));
    }
    if context.trailers {
        headers.push((header::TE, HeaderValue::from_static("trailers")));
    }
    let Pseudonym { via_1_0, via_1_1, via_2_0, .. } = &header_policy.pseudonym;
    let via = match context.version {
        Version::HTTP_10 => via_1_0,
        Version::HTTP_2 => via_2_0,
        _ => via_1_1,
    };
    headers.push((header::VIA, via.clone()));
    forwarded(&mut headers, received, context, trusted);
    Ok(headers)
}

/// The fields to send to the client.
pub fn response_headers(
    received: &[(HeaderName, HeaderValue)],
    context: ResponseContext<'_>,
    header_policy: &HeaderPolicy,
) -> FieldLines {
    let connection = received.iter().filter(|(name, _)| *name == header::CONNECTION);
    let nominated = ConnectionOptions::gather(connection.map(|(_, value)| value));
    let mut headers = Vec::with_capacity(received.len() + 1);
    for (name, value) in received {
        let wanted = (context.tunnel && *name == header::UPGRADE)
            || (context.trailers && *name == header::TRAILER);
        let hop = HOP_BY_HOP.contains(name) && !wanted;
        // A backend's challenge to a proxy is not for this one's clients; 407 asks for the rest.
        if hop || nominated.covers(name) || OWN.contains(&name.as_str()) {
            continue;
        }
        headers.push((name.clone(), header_policy.rewritten(name, value, context.client_host)));
    }
    headers.push((header::VIA, header_policy.pseudonym.via_1_1.clone()));
    headers
}

/// The fields of an interim answer to send to the client, `via` as in the request.
pub fn interim_headers(received: &[(HeaderName, HeaderValue)], via: &HeaderValue) -> FieldLines {
    let passed = received.iter().filter(|(name, _)| {
        !HOP_BY_HOP.contains(name)
            && !OWN.contains(&name.as_str())
            && *name != header::CONTENT_LENGTH
    });
    let via = (header::VIA, via.clone());
    passed.cloned().chain([via]).collect()
}

/// The lines of a trailer section that may be passed on: none that frames, routes or steers
/// (RFC 9110, section 6.5.1), in either direction.
pub fn passed_trailers(section: &[u8]) -> Vec<u8> {
    const NEVER: [HeaderName; 6] = [
        header::CONTENT_LENGTH,
        header::HOST,
        header::EXPECT,
        header::PROXY_AUTHORIZATION,
        header::AUTHORIZATION,
        header::SET_COOKIE,
    ];
    let mut passed = Vec::with_capacity(section.len());
    for line in section.split_inclusive(|byte| *byte == b'\n') {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let Ok(name) = HeaderName::from_bytes(name) else { continue };
        let text = name.as_str();
        let own = OWN.contains(&text) || STEERING.contains(&text);
        if !own
            && !HOP_BY_HOP.contains(&name)
            && !NEVER.contains(&name)
            && !is_forwarded_field(&name)
        {
            passed.extend_from_slice(line);
        }
    }
    passed
}

fn passes_to_backend(
    name: &HeaderName,
    nominated: &ConnectionOptions,
    trusted: bool,
    context: ForwardContext<'_>,
) -> bool {
    if *name == header::UPGRADE {
        return context.tunnel;
    }
    if *name == header::TRAILER {
        return context.trailers;
    }
    if *name == header::HOST || *name == header::CONTENT_LENGTH || *name == header::EXPECT {
        // Host is decided above; lengths are framing; the transport says `Expect` where it waits.
        return false;
    }
    if HOP_BY_HOP.contains(name) || *name == header::PROXY_AUTHORIZATION {
        return false;
    }
    if STEERING.contains(&name.as_str()) || nominated.covers(name) {
        return false;
    }
    trusted || !is_forwarded_field(name)
}

/// Fields by which a backend is told who its client is: only a trusted proxy may say so.
fn is_forwarded_field(name: &HeaderName) -> bool {
    [FORWARDED, X_FORWARDED_FOR, X_FORWARDED_PROTO, X_FORWARDED_HOST, X_FORWARDED_PORT]
        .contains(name)
}

/// Adds what this hop knows; what a trusted proxy said before stays in front of it.
fn forwarded(
    headers: &mut FieldLines,
    received: &HeaderMap,
    context: ForwardContext<'_>,
    trusted: bool,
) {
    let said = |name: HeaderName| trusted && received.contains_key(name);
    if let Some(peer) = context.peer {
        push_text(headers, X_FORWARDED_FOR, &peer.to_canonical().to_string());
    }
    if !said(X_FORWARDED_PROTO) {
        push_text(headers, X_FORWARDED_PROTO, context.scheme);
    }
    if let Some(host) = received.get(header::HOST)
        && !said(X_FORWARDED_HOST)
    {
        headers.push((X_FORWARDED_HOST, host.clone()));
    }
}

/// The host under which the client asked: what a trusted proxy before the double says of it, and
/// otherwise `Host`. The backend is told it, and answers of the double name it.
#[must_use]
pub fn asked_under<'r>(
    received: &'r HeaderMap,
    peer: Option<IpAddr>,
    header_policy: &HeaderPolicy,
) -> Option<&'r HeaderValue> {
    let trusted = peer.is_some_and(|peer| header_policy.is_trusted(peer));
    let said = received.get(X_FORWARDED_HOST).filter(|_| trusted);
    said.or_else(|| received.get(header::HOST))
}

fn push_text(headers: &mut FieldLines, name: HeaderName, text: &str) {
    // Addresses, schemes and pseudonyms are ASCII without controls, hence always field values.
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.push((name, value));
    }
}

/// Whether one member of a `Via` value was written by this instance (RFC 9110, section 7.6.3).
fn names_pseudonym(via: &HeaderValue, pseudonym: &str) -> bool {
    via.as_bytes().split(|byte| *byte == b',').any(|member| {
        let mut words = member.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        words.nth(1).is_some_and(|name| name.eq_ignore_ascii_case(pseudonym.as_bytes()))
    })
}

/// The fields `Connection` declares to be of this hop only.
struct ConnectionOptions(Vec<Vec<u8>>);

impl ConnectionOptions {
    fn gather<'a>(connection: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let members = connection.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        Self(members.map(|member| member.trim_ascii().to_ascii_lowercase()).collect())
    }

    /// End-to-end fields that no client can nominate away: a request without them would mean
    /// something else (RFC 9110, section 7.6.1: only fields of the connection may be listed).
    fn covers(&self, name: &HeaderName) -> bool {
        const PROTECTED: [HeaderName; 9] = [
            header::HOST,
            header::CONTENT_LENGTH,
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            header::AUTHORIZATION,
            header::COOKIE,
            header::SET_COOKIE,
            header::CACHE_CONTROL,
            header::VIA,
        ];
        self.0.iter().any(|option| option == name.as_str().as_bytes())
            && !PROTECTED.contains(name)
            && !is_forwarded_field(name)
    }
}

impl HeaderPolicy {
    fn is_trusted(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted_proxies.iter().any(|net| net.contains(&peer))
    }

    fn rewritten(
        &self,
        name: &HeaderName,
        value: &HeaderValue,
        client_host: Option<&str>,
    ) -> HeaderValue {
        let Some(client_host) = client_host.filter(|_| self.rewrite_location) else {
            return value.clone();
        };
        let Ok(text) = value.to_str() else { return value.clone() };
        let new = if [header::LOCATION, header::CONTENT_LOCATION].contains(name) {
            self.on_the_double(text, client_host)
        } else if *name == header::SET_COOKIE {
            rewrite_cookie_domain(text, self.target.host(), client_host)
        } else {
            None
        };
        new.and_then(|text| HeaderValue::from_str(&text).ok()).unwrap_or_else(|| value.clone())
    }
}

impl HeaderPolicy {
    /// A link as the double answers it: this backend's own first, then the one of any other.
    fn on_the_double(&self, location: &str, client_host: &str) -> Option<String> {
        let links = self.links.load();
        let own = links.iter().find(|(target, _)| *target == self.target);
        let Some((_, own)) = own else { return rewrite_location(location, &self.target) };
        // A path alone is this backend's, and only its prefix may be missing.
        if location.starts_with('/') && !location.starts_with("//") {
            return (!own.prefix.is_empty()).then(|| self.below_prefix(location, own));
        }
        if let Some(path) = rewrite_location(location, &self.target) {
            return Some(format!("{}{path}", own.prefix));
        }
        links.iter().find_map(|(target, mount)| {
            let path = rewrite_location(location, target)?;
            let port = client_host.rsplit_once(':').map(|(_, port)| port);
            let port = port.filter(|port| port.bytes().all(|b| b.is_ascii_digit()));
            let origin = match (&mount.host, port) {
                (None, _) => String::new(),
                (Some(host), None) => format!("//{host}"),
                (Some(host), Some(port)) => format!("//{host}:{port}"),
            };
            Some(format!("{origin}{}{path}", mount.prefix))
        })
    }

    /// A path of the backend behind a prefix, without the base path that stands in its place.
    fn below_prefix(&self, location: &str, own: &Mount) -> String {
        let base = self.target.base_path();
        let inner = location.strip_prefix(base).filter(|inner| inner.starts_with('/'));
        format!("{}{}", own.prefix, inner.unwrap_or(location))
    }
}

/// An absolute URL inside the target becomes a path on the double; anything else stays.
fn rewrite_location(location: &str, target: &Target) -> Option<String> {
    let (scheme, rest) = match location.split_once("://") {
        Some(parts) => parts,
        None => ("", location.strip_prefix("//")?),
    };
    let target_scheme = if target.is_tls() { "https" } else { "http" };
    if !scheme.is_empty() && !scheme.eq_ignore_ascii_case(target_scheme) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let full = format!("{}:{}", target.authority(), target.port());
    let known =
        authority.eq_ignore_ascii_case(target.authority()) || authority.eq_ignore_ascii_case(&full);
    if !known {
        return None;
    }
    let inner = match path.strip_prefix(target.base_path()) {
        Some(inner) if inner.is_empty() || inner.starts_with(['/', '?', '#']) => inner,
        _ => return None,
    };
    Some(if inner.starts_with('/') { inner.to_owned() } else { format!("/{inner}") })
}

/// A cookie for the target's host, or for a parent of it, becomes one for the double's host.
fn rewrite_cookie_domain(cookie: &str, target_host: &str, client_host: &str) -> Option<String> {
    let host = client_host.rsplit_once(':').map_or(client_host, |(host, _)| host);
    let mut changed = false;
    let parts: Vec<String> = cookie
        .split(';')
        .enumerate()
        .map(|(at, part)| {
            // The first part is the cookie itself, whatever its name.
            if at == 0 {
                return part.to_owned();
            }
            let Some((name, domain)) = part.split_once('=') else { return part.to_owned() };
            let domain = domain.trim().trim_start_matches('.').to_ascii_lowercase();
            let target_host = target_host.to_ascii_lowercase();
            let covers = target_host == domain
                || target_host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'));
            if !name.trim().eq_ignore_ascii_case("domain") || domain.is_empty() || !covers {
                return part.to_owned();
            }
            changed = true;
            format!(" Domain={host}")
        })
        .collect();
    changed.then(|| parts.join(";"))
}

#[cfg(test)]
mod tests;
