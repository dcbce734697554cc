//! Truths of the protocol: what an answer may say to a request, whatever was learned (RFC 9110).
//!
//! Some statuses answer something that a request asks for: a validator, a range, a media type. To
//! a request that does not ask, they are never given; where the backend is known to keep the rule,
//! a request that asks gets them always, judged by the validators of the very answer it would get.

use std::ops::Range;

use crate::domain::request::RequestView;

/// May an answer with `status` be given to `request` at all?
#[must_use]
pub fn may_answer(request: &RequestView<'_>, status: u16) -> bool {
    let has = |name| request.header(name).is_some();
    let reads = matches!(request.method, "GET" | "HEAD");
    match status {
        // Interim answers are never final ones.
        100..=199 => false,
        304 => reads && (has("if-none-match") || has("if-modified-since")),
        412 => has("if-match") || has("if-unmodified-since") || (!reads && has("if-none-match")),
        206 | 416 => request.method == "GET" && has("range"),
        406 => has("accept") || has("accept-language") || has("accept-encoding"),
        413 | 415 => request.body.is_some() || has("transfer-encoding") || has_length(request),
        417 => has("expect"),
        _ => true,
    }
}

fn has_length(request: &RequestView<'_>) -> bool {
    request.header_text("content-length").is_some_and(|length| length.trim() != "0")
}

/// Is `status` given for what a request asks of a representation, so that the representation that
/// would be given decides about it and not chance?
fn is_conditional(request: &RequestView<'_>, status: u16) -> bool {
    matches!(request.method, "GET" | "HEAD") && matches!(status, 206 | 304 | 412 | 416)
}

/// The statuses of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedStatus {
    /// The learned status whose headers and body are drawn.
    pub drawn: u16,
    /// What the answer says.
    pub said: u16,
}

/// The drawn status, or what stands for it where it must not be given to this request: the first
/// learned success, or what else was learned.
#[must_use]
pub fn allowed(
    request: &RequestView<'_>,
    drawn: u16,
    learned: impl Iterator<Item = u16>,
) -> AllowedStatus {
    if may_answer(request, drawn) && !is_conditional(request, drawn) {
        return AllowedStatus { drawn, said: drawn };
    }
    let fits = |status: &u16| may_answer(request, *status) && !is_conditional(request, *status);
    let best = learned.filter(fits).min_by_key(|status| ((*status / 100).abs_diff(2), *status));
    match (best, drawn) {
        (Some(status), _) => AllowedStatus { drawn: status, said: status },
        // The whole of what only parts were ever asked of.
        (None, 206) => AllowedStatus { drawn, said: 200 },
        (None, _) => AllowedStatus { drawn, said: drawn },
    }
}

/// The answer that would be given to a request, as far as its conditions look at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProtocolFacts<'a> {
    /// Field value with quotes and `W/`; `None` when the answer has none.
    pub etag: Option<&'a str>,
    /// HTTP date (RFC 9110, section 5.6.7); `None` when the answer has none.
    pub last_modified: Option<&'a str>,
    /// Bytes of the body.
    pub length: usize,
    /// Whether the backend answers 304 at this endpoint.
    pub revalidates: bool,
    /// Whether it answers 412.
    pub checks: bool,
    /// Whether it serves parts.
    pub serves_parts: bool,
}

/// What the conditions of a request make of the answer it would get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It is given whole.
    Whole,
    /// 304: the client has it.
    NotModified,
    /// 412: the client has another one in mind.
    Failed,
    /// 206: these bytes of it.
    Part(Range<usize>),
    /// 416: no byte of what was asked for exists.
    Unsatisfiable,
}

/// Evaluates the conditions of a GET or HEAD in their order (RFC 9110, section 13.2.2).
#[must_use]
pub fn evaluate(request: &RequestView<'_>, found: &ProtocolFacts<'_>) -> Condition {
    if !matches!(request.method, "GET" | "HEAD") {
        return Condition::Whole;
    }
    if found.checks {
        let fails = match request.header_text("if-match") {
            Some(tags) => !matches_any(tags, found.etag, is_same_strongly),
            None => {
                let since = request.header_text("if-unmodified-since");
                since.is_some_and(|since| is_newer(found.last_modified, since) == Some(true))
            }
        };
        if fails {
            return Condition::Failed;
        }
    }
    if found.revalidates {
        let is_held = match request.header_text("if-none-match") {
            Some(tags) => matches_any(tags, found.etag, is_same_weakly),
            None => {
                let since = request.header_text("if-modified-since");
                since.is_some_and(|since| is_newer(found.last_modified, since) == Some(false))
            }
        };
        if is_held {
            return Condition::NotModified;
        }
    }
    match request.header_text("range") {
        Some(range)
            if found.serves_parts && request.method == "GET" && range_holds(request, found) =>
        {
            part(range, found.length)
        }
        _ => Condition::Whole,
    }
}

/// `If-Range`: parts are wanted only of the representation that the client has parts of.
fn range_holds(request: &RequestView<'_>, found: &ProtocolFacts<'_>) -> bool {
    request.header_text("if-range").is_none_or(|held| {
        let held = held.trim();
        found.etag.is_some_and(|tag| is_same_strongly(held, tag))
            || found.last_modified == Some(held)
    })
}

/// One range of bytes; several ranges and other units are answered whole, as any server may.
fn part(range: &str, length: usize) -> Condition {
    let Some(spec) = range.trim().strip_prefix("bytes=") else { return Condition::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Condition::Whole };
    let number = |text: &str| text.trim().parse::<usize>().ok();
    match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Some(0) => Condition::Unsatisfiable,
            Some(_) if length == 0 => Condition::Unsatisfiable,
            Some(count) => Condition::Part(length.saturating_sub(count)..length),
            None => Condition::Whole,
        },
        (first, last) => {
            let Some(first) = number(first) else { return Condition::Whole };
            let end = if last.is_empty() {
                Some(length)
            } else {
                number(last).map(|n| n.saturating_add(1))
            };
            match end {
                Some(end) if end <= first && !last.is_empty() => Condition::Whole,
                Some(_) if first >= length => Condition::Unsatisfiable,
                Some(end) => Condition::Part(first..end.min(length)),
                None => Condition::Whole,
            }
        }
    }
}

/// Does one of the tags in a list mean the representation's?
fn matches_any(list: &str, etag: Option<&str>, same: fn(&str, &str) -> bool) -> bool {
    if list.trim() == "*" {
        return true;
    }
    etag.is_some_and(|etag| list.split(',').any(|held| same(held.trim(), etag)))
}

fn is_same_weakly(a: &str, b: &str) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    opaque(a) == opaque(b)
}

fn is_same_strongly(a: &str, b: &str) -> bool {
    !a.starts_with("W/") && a == b
}

/// Was the representation changed after `since`? `None` where a date cannot be read.
fn is_newer(last_modified: Option<&str>, since: &str) -> Option<bool> {
    let read = |text: &str| jiff::fmt::rfc2822::parse(text.trim()).ok().map(|at| at.timestamp());
    Some(read(last_modified?)? > read(since)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'a>(method: &'a str, headers: &'a [(&'a str, &'a [u8])]) -> RequestView<'a> {
        RequestView { method, headers, ..RequestView::default() }
    }

    #[test]
    fn what_nobody_asked_for_is_never_given() {
        let plain = request("GET", &[]);
        for status in [103, 206, 304, 406, 412, 413, 415, 416, 417] {
            assert!(!may_answer(&plain, status), "{status}");
            let instead = allowed(&plain, status, [status, 200, 404].into_iter());
            assert_eq!(instead, AllowedStatus { drawn: 200, said: 200 }, "{status}");
        }
        assert_eq!(allowed(&plain, 404, [200, 404].into_iter()).said, 404);
        let only_parts = allowed(&plain, 206, [206, 416].into_iter());
        assert_eq!(only_parts, AllowedStatus { drawn: 206, said: 200 });
        let upload = request("POST", &[("content-length", b"7")]);
        assert!(may_answer(&upload, 413) && may_answer(&upload, 415));
        assert!(may_answer(&request("PUT", &[("if-match", b"\"a\"")]), 412));
    }

    const FOUND: ProtocolFacts<'_> = ProtocolFacts {
        etag: Some("W/\"a\""),
        last_modified: Some("Sun, 06 Nov 1994 08:49:37 GMT"),
        length: 10,
        revalidates: true,
        checks: true,
        serves_parts: true,
    };

    fn check(name: &str, value: &str, expected: &Condition) {
        let headers = [(name, value.as_bytes())];
        assert_eq!(evaluate(&request("GET", &headers), &FOUND), *expected, "{name}: {value}");
    }

    #[test]
    fn validators_are_compared_with_those_of_the_answer_itself() {
        check("if-none-match", "\"b\", W/\"a\"", &Condition::NotModified);
        check("if-none-match", "\"a\"", &Condition::NotModified);
        check("if-none-match", "*", &Condition::NotModified);
        check("if-none-match", "\"b\"", &Condition::Whole);
        check("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT", &Condition::NotModified);
        check("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT", &Condition::Whole);
        check("if-modified-since", "soon", &Condition::Whole);
        check("if-match", "*", &Condition::Whole);
        check("if-match", "W/\"a\"", &Condition::Failed);
        check("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT", &Condition::Failed);
        let never = ProtocolFacts { revalidates: false, ..FOUND };
        let headers: [(&str, &[u8]); 1] = [("if-none-match", b"\"a\"")];
        assert_eq!(evaluate(&request("GET", &headers), &never), Condition::Whole);
        assert_eq!(evaluate(&request("POST", &headers), &FOUND), Condition::Whole);
    }

    #[test]
    fn a_range_is_the_asked_one_or_none() {
        check("range", "bytes=0-3", &Condition::Part(0..4));
        check("range", "bytes=4-", &Condition::Part(4..10));
        check("range", "bytes=-3", &Condition::Part(7..10));
        check("range", "bytes=8-99", &Condition::Part(8..10));
        check("range", "bytes=10-", &Condition::Unsatisfiable);
        check("range", "bytes=-0", &Condition::Unsatisfiable);
        check("range", "bytes=5-2", &Condition::Whole);
        check("range", "bytes=0-1,4-5", &Condition::Whole);
        check("range", "lines=1-2", &Condition::Whole);
        let stale: [(&str, &[u8]); 2] = [("range", b"bytes=0-3"), ("if-range", b"\"old\"")];
        assert_eq!(evaluate(&request("GET", &stale), &FOUND), Condition::Whole);
    }
}
