//! A request of HTTP/2 as a head of HTTP/1.1.
//!
//! What RFC 9113, section 8, calls malformed and `h2` lets pass is refused here. What is written is
//! then read by the strict reader of HTTP/1.1, which is to find nothing: names, values, method and
//! target hold no byte by which a line could end, and one field alone says where the body does.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Uri};
use thiserror::Error;

/// Fields that HTTP/2 has no use for, as frames say it (section 8.2.2).
pub const CONNECTION_FIELDS: [HeaderName; 5] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A request that is none: its stream ends with `PROTOCOL_ERROR` (section 8.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MalformedRequest {
    /// No path, one that does not begin with `/`, or `*` without `OPTIONS`.
    #[error("no usable `:path`")]
    Path,
    /// Two answers to whom the request is for, or one that names a user.
    #[error("`:authority` and `Host` contradict each other")]
    Authority,
    /// One of [`CONNECTION_FIELDS`], or `TE` with more than `trailers`.
    #[error("a field of the connection")]
    ConnectionField,
    /// Blanks around it.
    #[error("a value with blanks around it")]
    Value,
    /// More than one, or none that is a number.
    #[error("contradicting `Content-Length`")]
    ContentLength,
}

/// How the body goes over the pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFraming {
    /// There is none.
    None,
    /// As it is, as long as `Content-Length` says; `h2` holds the frames against that.
    Length,
    /// In chunks.
    Chunked,
}

/// The head of a request that arrived with `ends`: no body is to come. The bytes end with the empty
/// line.
///
/// # Errors
/// [`MalformedRequest`].
pub fn request_head(parts: &Parts, ends: bool) -> Result<(Vec<u8>, BodyFraming), MalformedRequest> {
    let framing = framing(parts, ends)?;
    let mut head = Vec::with_capacity(512);
    for part in [parts.method.as_str(), " ", target(&parts.method, &parts.uri)?, " HTTP/1.1\r\n"] {
        head.extend_from_slice(part.as_bytes());
    }
    if let Some(host) = host(&parts.uri, &parts.headers)? {
        field(&mut head, &header::HOST, host);
    }
    let mut cookies_written = false;
    for (name, value) in &parts.headers {
        check(name, value)?;
        match *name {
            header::HOST | header::CONTENT_LENGTH => {}
            header::COOKIE => {
                // Clients may send each on its own, which HTTP/1.1 does not know (section 8.2.3).
                if !std::mem::replace(&mut cookies_written, true) {
                    let all = parts.headers.get_all(header::COOKIE).iter();
                    let all: Vec<&[u8]> = all.map(HeaderValue::as_bytes).collect();
                    field(&mut head, name, &all.join(&b"; "[..]));
                }
            }
            _ => field(&mut head, name, value.as_bytes()),
        }
    }
    if framing == BodyFraming::Chunked {
        field(&mut head, &header::TRANSFER_ENCODING, b"chunked");
    } else if let Some(length) = parts.headers.get(header::CONTENT_LENGTH) {
        field(&mut head, &header::CONTENT_LENGTH, length.as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    Ok((head, framing))
}

/// A trailer section, without the empty line behind it. What must not stand in one is left out.
pub fn trailer_section(trailers: &HeaderMap) -> Vec<u8> {
    let mut section = Vec::new();
    for (name, value) in trailers {
        if check(name, value).is_ok() && *name != header::CONTENT_LENGTH {
            field(&mut section, name, value.as_bytes());
        }
    }
    section
}

fn field(head: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    head.extend_from_slice(name.as_str().as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

fn framing(parts: &Parts, ends: bool) -> Result<BodyFraming, MalformedRequest> {
    let mut lengths = parts.headers.get_all(header::CONTENT_LENGTH).iter();
    let length = lengths.next();
    let digits = |value: &HeaderValue| value.as_bytes().iter().all(u8::is_ascii_digit);
    if lengths.next().is_some() || length.is_some_and(|length| !digits(length)) {
        return Err(MalformedRequest::ContentLength);
    }
    Ok(match length {
        _ if ends || parts.method == Method::CONNECT => BodyFraming::None,
        Some(_) => BodyFraming::Length,
        None => BodyFraming::Chunked,
    })
}

fn target<'a>(method: &Method, uri: &'a Uri) -> Result<&'a str, MalformedRequest> {
    if *method == Method::CONNECT {
        // Refused by the application, as over HTTP/1.1.
        return uri.authority().map(http::uri::Authority::as_str).ok_or(MalformedRequest::Path);
    }
    // `path` alone is empty where none was sent.
    let path = uri.path_and_query().filter(|_| !uri.path().is_empty());
    let path = path.map(http::uri::PathAndQuery::as_str).ok_or(MalformedRequest::Path)?;
    let asterisk = path == "*" && *method == Method::OPTIONS;
    if path.starts_with('/') || asterisk { Ok(path) } else { Err(MalformedRequest::Path) }
}

/// Whom the request is for (section 8.3.1). Where nothing says it, the reader of HTTP/1.1 refuses.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Result<Option<&'a [u8]>, MalformedRequest> {
    let mut hosts = headers.get_all(header::HOST).iter().map(HeaderValue::as_bytes);
    let host = hosts.next();
    let authority = uri.authority().map(|authority| authority.as_str().as_bytes());
    let one_opinion = match (authority, host) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => true,
    };
    let names_user = authority.is_some_and(|authority| authority.contains(&b'@'));
    if hosts.next().is_some() || !one_opinion || names_user {
        return Err(MalformedRequest::Authority);
    }
    Ok(authority.or(host))
}

fn check(name: &HeaderName, value: &HeaderValue) -> Result<(), MalformedRequest> {
    let more_than_trailers = *name == header::TE && value.as_bytes() != b"trailers";
    if more_than_trailers || CONNECTION_FIELDS.contains(name) {
        return Err(MalformedRequest::ConnectionField);
    }
    // Section 8.2.1; the type holds no line end and no NUL.
    let bytes = value.as_bytes();
    if bytes.trim_ascii() == bytes { Ok(()) } else { Err(MalformedRequest::Value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_of(
        method: &str,
        uri: &str,
        fields: &[(&str, &str)],
        ends: bool,
    ) -> Result<(String, BodyFraming), MalformedRequest> {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let (head, framing) = request_head(&parts, ends)?;
        Ok((String::from_utf8(head).unwrap(), framing))
    }

    #[test]
    fn a_request_is_written_as_one_of_http_1_1() {
        let fields = [("cookie", "a=1"), ("accept", "*/*"), ("cookie", "b=2"), ("x", "1")];
        let (head, framing) = head_of("GET", "http://shop.test/a?b=%2F", &fields, true).unwrap();
        let expected = "GET /a?b=%2F HTTP/1.1\r\nhost: shop.test\r\ncookie: a=1; b=2\r\n\
                        accept: */*\r\nx: 1\r\n\r\n";
        assert_eq!((head.as_str(), framing), (expected, BodyFraming::None));
        let (head, framing) =
            head_of("POST", "/", &[("host", "a"), ("content-length", "5")], false).unwrap();
        let expected = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n";
        assert_eq!((head.as_str(), framing), (expected, BodyFraming::Length));
        let (head, framing) = head_of("PUT", "http://a/", &[("te", "trailers")], false).unwrap();
        let expected = "PUT / HTTP/1.1\r\nhost: a\r\nte: trailers\r\n\
                        transfer-encoding: chunked\r\n\r\n";
        assert_eq!((head.as_str(), framing), (expected, BodyFraming::Chunked));
        let (head, _) = head_of("OPTIONS", "*", &[("host", "a")], true).unwrap();
        assert!(head.starts_with("OPTIONS * HTTP/1.1\r\n"), "{head}");
    }

    #[test]
    fn what_leaves_room_for_two_opinions_is_malformed() {
        let check = |uri: &str, fields: &[(&str, &str)], expected| {
            let told = head_of("POST", uri, fields, false).err();
            assert_eq!(told, Some(expected), "{uri} {fields:?}");
        };
        check("http://a/", &[("host", "b")], MalformedRequest::Authority);
        check("http://u:p@a/", &[], MalformedRequest::Authority);
        check("/", &[("host", "a"), ("host", "a")], MalformedRequest::Authority);
        check("*", &[("host", "a")], MalformedRequest::Path);
        for (name, value) in [
            ("connection", "close"),
            ("keep-alive", "5"),
            ("proxy-connection", "x"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("te", "trailers, gzip"),
        ] {
            check("http://a/", &[(name, value)], MalformedRequest::ConnectionField);
        }
        check("http://a/", &[("x", " b")], MalformedRequest::Value);
        check("http://a/", &[("x", "b\t")], MalformedRequest::Value);
        check("http://a/", &[("content-length", "+5")], MalformedRequest::ContentLength);
        let twice = [("content-length", "5"), ("content-length", "5")];
        check("http://a/", &twice, MalformedRequest::ContentLength);
        assert!(head_of("POST", "http://a/", &[("host", "A")], false).is_ok());
    }

    #[test]
    fn a_trailer_section_holds_no_framing() {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        trailers.insert("content-length", HeaderValue::from_static("5"));
        trailers.insert("transfer-encoding", HeaderValue::from_static("chunked"));
        assert_eq!(trailer_section(&trailers), b"grpc-status: 0\r\n");
    }
}
