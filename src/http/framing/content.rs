//! Which responses have content at all: the one rule that proxy, mock and chaos go by.

use actix_web::http::{Method, StatusCode};

/// Whether a response of this status may have content, whatever the request was: not those that
/// are interim, 204 and 304 (RFC 9110, section 6.4.1).
pub fn status_has_content(status: StatusCode) -> bool {
    !status.is_informational()
        && !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Whether bytes of content may follow the head of a response to `method`: none do after `HEAD`
/// (RFC 9110, section 9.3.2).
pub fn may_have_content(method: &Method, status: StatusCode) -> bool {
    *method != Method::HEAD && status_has_content(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_interim_204_and_304_have_no_content() {
        for (method, status, expected) in [
            (Method::GET, 200, true),
            (Method::POST, 500, true),
            (Method::HEAD, 200, false),
            (Method::GET, 103, false),
            (Method::GET, 204, false),
            (Method::GET, 304, false),
            (Method::GET, 205, true),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(may_have_content(&method, status), expected, "{method} {status}");
        }
    }
}
