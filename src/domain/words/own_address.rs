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

/// A body as it is learned: each of `hosts` (the `Host` that the backend was asked under, and the
/// one it was told that the double was asked under) is replaced where it is the authority of a URL
/// or a whole string.
#[must_use]
pub fn learned<'b>(
    mut body: Cow<'b, [u8]>,
    hosts: impl IntoIterator<Item = &'b [u8]>,
) -> Cow<'b, [u8]> {
    for host in hosts {
        let text = std::str::from_utf8(host).unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        body = replaced(body, host, STAND_IN.as_bytes());
        let name = LOOPBACK.into_iter().find(|name| text.starts_with(name));
        if let Some(port) = name.and_then(|name| text.strip_prefix(name)) {
            for other in LOOPBACK.into_iter().filter(|other| Some(*other) != name) {
                let alias = format!("{other}{port}");
                body = replaced(body, alias.as_bytes(), STAND_IN.as_bytes());
            }
        }
    }
    body
}

/// The headers of a request to the backend that say under which hosts it was asked.
pub const HOST_HEADERS: [&str; 2] = ["host", "x-forwarded-host"];

/// A header as a body is [`learned`]; without quotes, a whole value is one that is nothing else.
#[must_use]
pub fn learned_header(value: String, hosts: &[&[u8]]) -> String {
    if hosts.iter().any(|host| is_host(host) && *host == value.as_bytes()) {
        return STAND_IN.to_owned();
    }
    let learned = match learned(Cow::Borrowed(value.as_bytes()), hosts.iter().copied()) {
        Cow::Owned(bytes) => String::from_utf8(bytes).ok(),
        Cow::Borrowed(_) => None,
    };
    learned.unwrap_or(value)
}

/// Writes `host`, under which the double was asked, where a header says the stand-in.
#[must_use]
pub fn shown<'v>(value: &'v str, host: Option<&[u8]>) -> Cow<'v, str> {
    match host.map(std::str::from_utf8) {
        Some(Ok(host)) if value.contains(STAND_IN) => Cow::Owned(value.replace(STAND_IN, host)),
        _ => Cow::Borrowed(value),
    }
}

/// A header as it is learned: the host that the backend was told the double was asked under is
/// written as the one that it was asked under itself. Both are the host of the request, which is
/// all that a mock knows.
#[must_use]
pub fn unified<'v>(value: &'v [u8], told: Option<&[u8]>, asked: Option<&[u8]>) -> Cow<'v, [u8]> {
    match (told, asked) {
        (Some(told), Some(asked)) if !told.is_empty() && told != asked => {
            if value == told && is_host(told) {
                return Cow::Owned(asked.to_vec());
            }
            replaced(Cow::Borrowed(value), told, asked)
        }
        _ => Cow::Borrowed(value),
    }
}

/// Is it more than a bare word, which may mean anything?
fn is_host(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'.' | b':'))
}

/// Writes `host`, under which the double was asked, where a body says the stand-in.
pub fn show(body: &mut Vec<u8>, host: Option<&[u8]>) {
    let Some(host) = host else { return };
    if let Cow::Owned(shown) = replaced(Cow::Borrowed(body), STAND_IN.as_bytes(), host) {
        *body = shown;
    }
}

/// Is it a word of the stand-in, which says nothing about anybody?
#[must_use]
pub fn is_word(word: &str) -> bool {
    STAND_IN.split('.').any(|part| part == word)
}

/// Is it the beginning of a URL of the backend's own, as a stem of values?
#[must_use]
pub fn is_own_origin(stem: &str) -> bool {
    let authority = stem.split_once("://").map(|(_, rest)| rest);
    authority.is_some_and(|rest| rest.strip_suffix('/').unwrap_or(rest) == STAND_IN)
}

/// `from` as `to` wherever it is a whole authority: behind `//`, of which the last may be escaped
/// as in `http:\/\/`, and before whatever is no part of a host or port; or a whole string, unless
/// it is a bare word.
fn replaced<'b>(body: Cow<'b, [u8]>, from: &[u8], to: &[u8]) -> Cow<'b, [u8]> {
    let finder = memmem::Finder::new(from);
    let is_host = is_host(from);
    let mut written: Vec<u8> = Vec::new();
    let mut copied = 0;
    for at in finder.find_iter(&body) {
        let (before, behind) = (&body[..at], &body[at + from.len()..]);
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
        let is_authority = before.ends_with(b"//") || before.ends_with(b"/\\/");
        let is_string = is_host && before.ends_with(b"\"") && behind.starts_with(b"\"");
        if is_string || (is_authority && !behind.first().is_some_and(is_part)) {
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
        let learned = learned(Cow::Borrowed(body.as_bytes()), [host.as_bytes()]);
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
        let body = r#"{"host":"api.test","of":"api.test.x"}"#;
        check("api.test", body, r#"{"host":"backend.invalid","of":"api.test.x"}"#);
        check("api", r#"{"host":"api"}"#, r#"{"host":"api"}"#);
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
    fn both_names_of_the_own_host_are_one_in_headers() {
        let told: Option<&[u8]> = Some(b"double.test:8000");
        let check = |value: &str, expected: &str| {
            let unified = unified(value.as_bytes(), told, Some(b"10.0.0.7"));
            assert_eq!(std::str::from_utf8(&unified).unwrap(), expected);
        };
        check("https://double.test:8000/new/7", "https://10.0.0.7/new/7");
        check("<http://double.test:8000/a>; rel=\"next\"", "<http://10.0.0.7/a>; rel=\"next\"");
        check("double.test:8000", "10.0.0.7");
        for other in ["http://double.test:80001/", "http://double.test/", "double.test:8000.x"] {
            check(other, other);
        }
        assert_eq!(&*unified(b"api", Some(b"api"), Some(b"10.0.0.7")), b"api");
    }

    #[test]
    fn the_stand_in_is_shown_as_the_address_that_was_asked() {
        let mut body = b"{\"a\":\"https://backend.invalid/x\",\"b\":\"backend.invalid\"}".to_vec();
        show(&mut body, Some(b"127.0.0.1:8000"));
        assert_eq!(body, b"{\"a\":\"https://127.0.0.1:8000/x\",\"b\":\"127.0.0.1:8000\"}");
        assert!(is_own_origin("http://backend.invalid/") && !is_own_origin("http://a.test/"));
    }
}
