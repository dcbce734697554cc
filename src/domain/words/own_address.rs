//! The backend's own address, as it stands in its answers.
//!
//! An answer that names the host it was asked under (`"next": "http://10.0.0.7:8080/users?page=2"`)
//! means itself. It is learned with a stand-in for the address, and the stand-in is written as the
//! address under which the double was asked: a made-up host or port would lead nowhere.

use std::borrow::Cow;

use memchr::memmem;

/// Stands for the backend's address; a name under `.invalid` is nobody's (RFC 6761, section 6.4).
pub const STAND_IN: &str = "backend.invalid";

/// Names under which a machine knows itself: who was asked under one may answer with another.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// A body as it is learned: `host` (the `Host` that the backend was asked under) is replaced where
/// it is the authority of a URL.
#[must_use]
pub fn learned<'b>(body: Cow<'b, [u8]>, host: Option<&[u8]>) -> Cow<'b, [u8]> {
    let Some(host) = host.filter(|host| !host.is_empty()) else { return body };
    let mut body = replaced(body, host, STAND_IN.as_bytes());
    let text = std::str::from_utf8(host).unwrap_or_default();
    let name = LOOPBACK.into_iter().find(|name| text.starts_with(name));
    if let Some(port) = name.and_then(|name| text.strip_prefix(name)) {
        for other in LOOPBACK.into_iter().filter(|other| Some(*other) != name) {
            let alias = format!("{other}{port}");
            body = replaced(body, alias.as_bytes(), STAND_IN.as_bytes());
        }
    }
    body
}

/// Writes `host`, under which the double was asked, where a body says the stand-in.
pub fn show(body: &mut Vec<u8>, host: Option<&[u8]>) {
    let Some(host) = host else { return };
    if let Cow::Owned(shown) = replaced(Cow::Borrowed(body), STAND_IN.as_bytes(), host) {
        *body = shown;
    }
}

/// Is it the beginning of a URL of the backend's own, as a stem of values?
#[must_use]
pub fn is_own_origin(stem: &str) -> bool {
    let authority = stem.split_once("://").map(|(_, rest)| rest);
    authority.is_some_and(|rest| rest.strip_suffix('/').unwrap_or(rest) == STAND_IN)
}

/// `from` as `to` wherever it is a whole authority: behind `//`, of which the last may be escaped
/// as in `http:\/\/`, and before whatever is no part of a host or port.
fn replaced<'b>(body: Cow<'b, [u8]>, from: &[u8], to: &[u8]) -> Cow<'b, [u8]> {
    let finder = memmem::Finder::new(from);
    let mut written: Vec<u8> = Vec::new();
    let mut copied = 0;
    for at in finder.find_iter(&body) {
        let (before, behind) = (&body[..at], &body[at + from.len()..]);
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
        let is_authority = before.ends_with(b"//") || before.ends_with(b"/\\/");
        if is_authority && !behind.first().is_some_and(is_part) {
            written.extend_from_slice(&body[copied..at]);
            written.extend_from_slice(to);
            copied = at + from.len();
        }
    }
    if copied == 0 {
        return body;
    }
    written.extend_from_slice(&body[copied..]);
    Cow::Owned(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, body: &str, expected: &str) {
        let learned = learned(Cow::Borrowed(body.as_bytes()), Some(host.as_bytes()));
        assert_eq!(std::str::from_utf8(&learned).unwrap(), expected);
    }

    #[test]
    fn the_own_address_is_learned_where_it_is_one() {
        let host = "10.0.0.7:8080";
        check(
            host,
            "http://10.0.0.7:8080/a //10.0.0.7:8080",
            "http://backend.invalid/a //backend.invalid",
        );
        check(host, r#""http:\/\/10.0.0.7:8080\/a""#, r#""http:\/\/backend.invalid\/a""#);
        for other in
            ["10.0.0.7:8080", "http://10.0.0.7:80801/", "http://10.0.0.7/", "x/10.0.0.7:8080"]
        {
            check(host, other, other);
        }
        check(
            "localhost:81",
            "http://127.0.0.1:81/ http://[::1]:81",
            "http://backend.invalid/ http://backend.invalid",
        );
        check(
            "api.test",
            "https://api.test:8443/ https://api.test.example/",
            "https://api.test:8443/ https://api.test.example/",
        );
    }

    #[test]
    fn the_stand_in_is_shown_as_the_address_that_was_asked() {
        let mut body = b"{\"a\":\"https://backend.invalid/x\",\"b\":\"backend.invalid\"}".to_vec();
        show(&mut body, Some(b"127.0.0.1:8000"));
        assert_eq!(body, b"{\"a\":\"https://127.0.0.1:8000/x\",\"b\":\"backend.invalid\"}");
        assert!(is_own_origin("http://backend.invalid/") && !is_own_origin("http://a.test/"));
    }
}
