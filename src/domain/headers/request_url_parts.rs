//! Values of the request inside URLs of the answer: host, path parameters and page numbers.
//!
//! `Location: http://10.0.0.7:8443/new/41` for `/old/41` says nothing about 10.0.0.7 and 41 but
//! that they are the host and the id that were asked for. Such parts are learned as marks, control
//! characters that no header holds, and filled in with what the next request says, so that neither
//! a host nor a port is ever made up, and no value of a request is kept.

use std::borrow::Cow;

use bytes::Bytes;

use crate::domain::request::RequestView;

/// Headers whose values are URLs, or contain some.
const URL_HEADERS: [&str; 4] = ["location", "content-location", "link", "refresh"];

/// Stands for the host the request was sent to, with its port.
const HOST: char = '\u{1}';
/// Stands for the query parameter of the same name, and for one more and one less.
const SAME: char = '\u{2}';
const NEXT: char = '\u{3}';
const PREVIOUS: char = '\u{4}';
/// Stands for the first parameter of the path; the next ones follow.
const PARAMETER: u8 = 0x10;
/// Parameters of a path told apart.
const PARAMETERS_MAX: usize = 8;

/// Where a part of a URL ends.
const ENDS: [char; 11] = ['/', '?', '#', '&', '=', '>', '<', ';', ',', ' ', '"'];

/// Does a header of this name hold URLs?
pub(super) fn has_urls(name: &str) -> bool {
    URL_HEADERS.contains(&name)
}

/// Is a value the host that the request was sent to, and nothing else? A bare word may mean
/// anything.
pub(super) fn is_own_host(value: &str, request: &RequestView<'_>) -> bool {
    value.contains(['.', ':'])
        && request.header_text("host").is_some_and(|host| host.eq_ignore_ascii_case(value))
}

/// The value with marks for what the request says itself.
pub(super) fn marked<'v>(value: &'v str, request: &RequestView<'_>) -> Cow<'v, str> {
    let host = request.header_text("host").filter(|host| !host.is_empty());
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut name = "";
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("://") {
            out.push_str("://");
            let end = after.find(ENDS).unwrap_or(after.len());
            let (authority, behind) = after.split_at(end);
            let own = host.is_some_and(|host| host.eq_ignore_ascii_case(authority));
            if own {
                out.push(HOST);
            } else {
                out.push_str(authority);
            }
            rest = behind;
            continue;
        }
        let end = rest.find(ENDS).unwrap_or(rest.len());
        if let Some(scheme) = rest.get(..end).and_then(|part| part.strip_suffix(':'))
            && rest.get(end..).is_some_and(|behind| behind.starts_with("//"))
        {
            out.push_str(scheme);
            rest = rest.get(scheme.len()..).unwrap_or_default();
            continue;
        }
        let (part, behind) = rest.split_at(end);
        let mark = match out.chars().next_back() {
            Some('/') => parameter_of(part, request),
            Some('=') if !name.is_empty() => query_mark(name, part, request),
            _ => None,
        };
        match mark {
            Some(mark) => out.push(mark),
            None => out.push_str(part),
        }
        name = if behind.starts_with('=') { part } else { "" };
        let Some(sign) = behind.chars().next() else { break };
        out.push(sign);
        rest = behind.get(sign.len_utf8()..).unwrap_or_default();
    }
    if out == value { Cow::Borrowed(value) } else { Cow::Owned(out) }
}

fn parameter_of(part: &str, request: &RequestView<'_>) -> Option<char> {
    let mut values = request.params.iter().take(PARAMETERS_MAX).map(|(_, value)| *value);
    let at = values.position(|value| !part.is_empty() && value == part)?;
    u8::try_from(at).ok().map(|at| char::from(PARAMETER + at))
}

fn query_mark(name: &str, part: &str, request: &RequestView<'_>) -> Option<char> {
    let asked = request.parameter(name)?;
    if asked == part && !part.is_empty() {
        return Some(SAME);
    }
    let (asked, said): (i64, i64) = (asked.parse().ok()?, part.parse().ok()?);
    match said.checked_sub(asked)? {
        1 => Some(NEXT),
        -1 => Some(PREVIOUS),
        _ => None,
    }
}

/// The value with what `request` says in the place of the marks; `None` when there are none.
pub(super) fn filled(value: &[u8], request: &RequestView<'_>) -> Option<Bytes> {
    let is_mark = |c: char| c <= PREVIOUS && c >= HOST || parameter_at(c).is_some();
    let text = std::str::from_utf8(value).ok()?;
    if !text.chars().any(is_mark) {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 32);
    for c in text.chars() {
        match c {
            HOST => match request.header_text("host") {
                Some(host) => out.push_str(host),
                // Without a host the path alone says the same.
                None => out.truncate(out.rfind(|c: char| !is_scheme(c)).map_or(0, |at| at + 1)),
            },
            SAME | NEXT | PREVIOUS => {
                let before = out.strip_suffix('=').unwrap_or(&out);
                let name = before.rsplit(ENDS).next().unwrap_or_default();
                let asked = request.parameter(name).unwrap_or("1");
                let step = i64::from(c == NEXT) - i64::from(c == PREVIOUS);
                match (step, asked.parse::<i64>()) {
                    (0, _) | (_, Err(_)) => out.push_str(asked),
                    (_, Ok(number)) => out.push_str(&number.saturating_add(step).to_string()),
                }
            }
            _ => match parameter_at(c) {
                Some(at) => out.push_str(request.params.get(at).map_or("", |(_, value)| value)),
                None => out.push(c),
            },
        }
    }
    Some(Bytes::from(out))
}

fn is_scheme(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == ':' || c == '/'
}

fn parameter_at(c: char) -> Option<usize> {
    let at = (c as u32).checked_sub(u32::from(PARAMETER))? as usize;
    (at < PARAMETERS_MAX).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: [(&str, &[u8]); 1] = [("host", b"10.0.0.7:8443")];
    const LATER: [(&str, &[u8]); 1] = [("host", b"localhost:8000")];

    /// `said` to the first request becomes `expected` to the second.
    fn check(said: &str, expected: &str) {
        let request = |headers, params, query| RequestView {
            params,
            query,
            headers,
            ..RequestView::default()
        };
        let first = request(&HEADERS, &[("id", "41")], "page=2&q=x");
        let marked = marked(said, &first);
        let second = request(&LATER, &[("id", "7")], "page=5&q=y");
        let filled = filled(marked.as_bytes(), &second);
        let filled = filled.as_deref().unwrap_or(marked.as_bytes());
        assert_eq!(std::str::from_utf8(filled), Ok(expected), "{said}");
    }

    #[test]
    fn what_the_request_says_itself_is_filled_in_and_the_rest_stays() {
        check("http://10.0.0.7:8443/new/41", "http://localhost:8000/new/7");
        check("https://other.test:8444/new/41?a=b", "https://other.test:8444/new/7?a=b");
        check("/new/41/items", "/new/7/items");
        check("/new/410", "/new/410");
        check("items?page=3", "items?page=6");
        check(
            "<http://10.0.0.7:8443/a?page=3&q=x>; rel=\"next\", </a?q=x&page=1>; rel=\"prev\"",
            "<http://localhost:8000/a?page=6&q=y>; rel=\"next\", </a?q=y&page=4>; rel=\"prev\"",
        );
        check("5; url=http://10.0.0.7:8443/", "5; url=http://localhost:8000/");
        check("mailto:x@y.test", "mailto:x@y.test");
        check("", "");
    }
}
