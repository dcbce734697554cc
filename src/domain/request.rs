//! The one view of a request that models and rules read.
//!
//! It borrows what arrived: nothing is copied, and the query and a JSON body are parsed at first
//! use and then kept, so that a request nobody asks about costs nothing and one that many ask
//! about is parsed once. Echoes, negotiation, pages, chaos scopes and the reasons of outcomes all
//! read this view.
//!
//! ```
//! use stunt_double::domain::request::RequestView;
//!
//! let headers: [(&str, &[u8]); 1] = [("accept", b"application/json")];
//! let request = RequestView {
//!     method: "GET",
//!     path: "/orders/7",
//!     params: &[("id", "7")],
//!     query: "page=2&q=a+b",
//!     headers: &headers,
//!     ..RequestView::default()
//! };
//! assert_eq!(request.parameter("q"), Some("a b"));
//! assert_eq!(request.header_text("Accept"), Some("application/json"));
//! ```

use std::borrow::Cow;
use std::cell::OnceCell;
use std::net::IpAddr;
use std::ops::Range;

use percent_encoding::percent_decode_str;

use crate::domain::json::Json;
use crate::domain::json::reading;

/// A request, borrowed from whoever received, observed or imagined it.
#[derive(Debug, Clone, Default)]
pub struct RequestView<'a> {
    /// The method as sent.
    pub method: &'a str,
    /// Raw path, undecoded, without query.
    pub path: &'a str,
    /// Parameters of the endpoint's template, from left to right: name and raw value.
    pub params: &'a [(&'a str, &'a str)],
    /// Raw query, without `?`; empty when there is none.
    pub query: &'a str,
    /// Names in lower case and raw values, in order, repeated ones as they came.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The body as far as it was read, without content coding; `None` when there is none or too
    /// little of it is known.
    pub body: Option<&'a [u8]>,
    /// The consumer's own name for its sequence of requests, `X-Mock-Session`.
    pub session: Option<&'a str>,
    /// The route of its backend; empty for the one that takes what no other does.
    pub route: &'a str,
    /// The peer of the connection, never a header's claim.
    pub peer: Option<IpAddr>,
    /// When it arrived, unix milliseconds.
    pub at_ms: i64,
    /// What was parsed of it so far.
    pub parsed: Parsed,
}

/// What was parsed of a request so far; begin with the default.
///
/// It owns what it holds and borrows nothing: a cell that held borrowed text would tie every user
/// of a view to one exact lifetime.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    query: OnceCell<Box<[(FormText, FormText)]>>,
    json: OnceCell<Option<Box<Json<'static>>>>,
}

/// A name or value of a query.
#[derive(Debug, Clone)]
enum FormText {
    /// It stands for itself, here in the query.
    Plain(Range<usize>),
    /// It had to be decoded.
    Decoded(Box<str>),
}

impl FormText {
    /// The `part` of `query`.
    fn new(query: &str, part: &str) -> Self {
        let start = (part.as_ptr() as usize).saturating_sub(query.as_ptr() as usize);
        match decode_form(part) {
            Cow::Borrowed(_) => Self::Plain(start..start + part.len()),
            Cow::Owned(text) => Self::Decoded(text.into()),
        }
    }

    fn text<'t>(&'t self, query: &'t str) -> &'t str {
        match self {
            Self::Plain(range) => query.get(range.clone()).unwrap_or_default(),
            Self::Decoded(text) => text,
        }
    }
}

impl<'a> RequestView<'a> {
    /// The same request as far as its first line says it: without headers and body.
    #[must_use]
    pub fn line_alone(&self) -> Self {
        Self { headers: &[], body: None, parsed: Parsed::default(), ..self.clone() }
    }

    /// The first line of a header; the name's case does not matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.header_lines(name).next()
    }

    /// The first line of a header as text; `None` also when it is not UTF-8.
    #[must_use]
    pub fn header_text(&self, name: &str) -> Option<&'a str> {
        self.header(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Every line of a header, in order.
    pub fn header_lines<'n>(&self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        let lines = self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| *value)
    }

    /// Pairs of the query, decoded as forms are, in order.
    pub fn query_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let query = self.query;
        let pairs = self.parsed.query.get_or_init(|| {
            let parts = raw_pairs(query);
            parts.map(|(n, v)| (FormText::new(query, n), FormText::new(query, v))).collect()
        });
        pairs.iter().map(move |(name, value)| (name.text(query), value.text(query)))
    }

    /// The first value of a query parameter, decoded.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query_pairs().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The raw value of a parameter of the template.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&'a str> {
        self.params.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// Name and value of each cookie, as sent (RFC 6265, section 4.2.1).
    pub fn cookies(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let lines = self.header_lines("cookie").filter_map(|line| std::str::from_utf8(line).ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.trim(), value.trim()))
    }

    /// The media type of the body without its parameters, as written.
    #[must_use]
    pub fn media_type(&self) -> Option<&'a str> {
        let whole = self.header_text("content-type")?;
        whole.split(';').next().map(str::trim).filter(|media| !media.is_empty())
    }

    /// The body as JSON; `None` when there is none or it is something else.
    #[must_use]
    pub fn json(&self) -> Option<&Json<'static>> {
        let lenient = |body| {
            let declared = self.header_text("content-type").filter(|kind| kind.contains("json"));
            let read = |json: &Json<'_>, _| json.clone().into_owned();
            declared.and_then(|kind| reading::read(Some(kind), body, read).ok())
        };
        let parse = |body| Json::parse(body).map(Json::into_owned).or_else(|| lenient(body));
        self.parsed.json.get_or_init(|| self.body.and_then(parse).map(Box::new)).as_deref()
    }
}

/// Name and value of each pair of a form, decoded; a name alone has an empty value.
pub fn form_pairs(form: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    raw_pairs(form).map(|(name, value)| (decode_form(name), decode_form(value)))
}

fn raw_pairs(form: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = form.split('&').filter(|pair| !pair.is_empty());
    // The end of the pair, so that an absent value still stands within the text.
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, pair.get(pair.len()..).unwrap_or(""))))
}

/// A part of a query or form, decoded: `+` is a space, `%41` a byte; what is not UTF-8 then is
/// replaced by U+FFFD.
#[must_use]
pub fn decode_form(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
    }
    percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_once_and_in_order() {
        let request = RequestView { query: "q=a+b%21&flag&&q=c", ..RequestView::default() };
        let pairs: Vec<_> = request.query_pairs().collect();
        assert_eq!(pairs, [("q", "a b!"), ("flag", ""), ("q", "c")]);
        let again: Vec<_> = request.query_pairs().collect();
        assert!(std::ptr::eq(pairs[0].1, again[0].1), "decoded twice");
        assert_eq!(request.parameter("q"), Some("a b!"));
        assert_eq!(request.parameter("none"), None);
    }

    #[test]
    fn headers_are_found_in_any_case_and_cookies_in_all_lines() {
        let headers: [(&str, &[u8]); 4] = [
            ("content-type", b" application/json ; charset=utf-8"),
            ("cookie", b"a=1; b=\"2\""),
            ("cookie", b"c=x=y"),
            ("x-raw", b"\xff"),
        ];
        let request = RequestView { headers: &headers, ..RequestView::default() };
        assert_eq!(request.media_type(), Some("application/json"));
        assert_eq!(request.header("X-Raw"), Some(&b"\xff"[..]));
        assert_eq!(request.header_text("x-raw"), None);
        let cookies: Vec<_> = request.cookies().collect();
        assert_eq!(cookies, [("a", "1"), ("b", "\"2\""), ("c", "x=y")]);
    }

    #[test]
    fn a_body_is_json_or_it_is_not() {
        let of = |body| RequestView { body, ..RequestView::default() };
        let request = of(Some(br#"{"name":"x"}"#));
        assert_eq!(
            request.json().and_then(|json| json.member("name")),
            Some(&Json::Str("x".into()))
        );
        assert!(of(Some(b"name=x")).json().is_none());
        assert!(of(None).json().is_none());
        assert!(request.line_alone().json().is_none());
    }
}
