//! Which headers are learned, and which values may be kept at first sight.

/// Headers that belong to the connection, the framing or the very bytes of one answer, and are
/// therefore the double's own: never learned.
const OWN: &[&str] = &[
    // Connection and framing (RFC 9110, section 7.6.1; RFC 9112).
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "date",
    "via",
    "alt-svc",
    "http2-settings",
    // True of the bytes as they were, not of those synthesised.
    "content-encoding",
    "content-range",
    "content-md5",
    "digest",
    "content-digest",
    "repr-digest",
    "signature",
    "signature-input",
    // The double adds its own.
    "x-mock-source",
    "x-mock-endpoint",
    "x-mock-request-id",
    "x-mock-chaos",
    "x-mock-error",
];

/// Whether a response header of this lowercase name is learned.
pub fn is_learned(name: &str) -> bool {
    !OWN.contains(&name)
}

/// Headers whose values follow a public grammar and are needed right from the first answer.
const STANDARD: &[&str] = &[
    "content-type",
    "cache-control",
    "vary",
    "allow",
    "accept-ranges",
    "pragma",
    "expires",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
    "referrer-policy",
    "strict-transport-security",
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-max-age",
    "access-control-expose-headers",
    "content-language",
    "accept-patch",
    "accept-post",
];

/// The words such values are made of when they say nothing particular.
const STANDARD_WORDS: &[&str] = &[
    "application",
    "json",
    "problem",
    "xml",
    "text",
    "html",
    "plain",
    "css",
    "csv",
    "javascript",
    "image",
    "png",
    "jpeg",
    "gif",
    "webp",
    "svg",
    "audio",
    "video",
    "mp4",
    "mpeg",
    "pdf",
    "zip",
    "octet",
    "stream",
    "x",
    "www",
    "form",
    "urlencoded",
    "multipart",
    "data",
    "yaml",
    "ndjson",
    "hal",
    "ld",
    "vnd",
    "api",
    "event",
    "charset",
    "utf",
    "iso",
    "ascii",
    "us",
    "profile",
    "no",
    "cache",
    "store",
    "max",
    "age",
    "s",
    "maxage",
    "private",
    "public",
    "must",
    "revalidate",
    "proxy",
    "transform",
    "stale",
    "while",
    "if",
    "error",
    "immutable",
    "only",
    "cached",
    "origin",
    "accept",
    "encoding",
    "language",
    "cookie",
    "authorization",
    "user",
    "agent",
    "content",
    "type",
    "length",
    "requested",
    "with",
    "etag",
    "location",
    "link",
    "request",
    "id",
    "nosniff",
    "deny",
    "sameorigin",
    "mode",
    "block",
    "referrer",
    "strict",
    "when",
    "cross",
    "same",
    "unsafe",
    "url",
    "downgrade",
    "includesubdomains",
    "preload",
    "true",
    "false",
    "bytes",
    "none",
    "get",
    "head",
    "post",
    "put",
    "patch",
    "delete",
    "options",
    "trace",
    "connect",
    "null",
    "en",
    "de",
    "fr",
    "es",
    "it",
    "range",
    "csrf",
    "token",
    "key",
    "merge",
    "path",
    "httponly",
    "secure",
    "samesite",
    "lax",
    "partitioned",
    "expires",
    "w",
    "rel",
    "next",
    "prev",
    "first",
    "last",
    "self",
    "http",
    "https",
    "gmt",
    "basic",
    "bearer",
    "realm",
];

/// Under which the attributes of cookies are judged.
pub(super) const COOKIE_ATTRIBUTES: &str = "attributes";

/// Whether the values of this header follow a public grammar: made-up ones would be wrong.
pub(super) fn is_standard_name(name: &str) -> bool {
    STANDARD.contains(&name)
}

/// Names common enough to be remembered at first sight. Others may hold content themselves and are
/// remembered from the second answer on.
const COMMON: &[&str] = &[
    "server",
    "location",
    "set-cookie",
    "etag",
    "last-modified",
    "retry-after",
    "link",
    "age",
    "x-request-id",
    "x-correlation-id",
    "x-powered-by",
    "x-cache",
    "content-disposition",
    "content-location",
    "www-authenticate",
    "content-security-policy",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "ratelimit-policy",
    "x-response-time",
    "server-timing",
    "x-runtime",
    "x-total-count",
    "request-id",
    "traceparent",
];

/// Whether a header name is remembered at first sight.
pub(super) fn is_common(name: &str) -> bool {
    is_standard_name(name) || COMMON.contains(&name)
}

/// The request header that a response header may repeat, where the two names differ.
const ECHOES: &[(&str, &str)] = &[
    ("access-control-allow-origin", "origin"),
    ("access-control-allow-headers", "access-control-request-headers"),
    ("access-control-allow-methods", "access-control-request-method"),
];

/// Whether a header says which of several representations an answer is.
pub(super) fn is_negotiated(name: &str) -> bool {
    matches!(name, "content-type" | "content-language")
}

/// The request header that a response header of this name may repeat; by default its namesake, as
/// request ids do.
pub fn echoed_from(name: &str) -> &str {
    ECHOES.iter().find(|(response, _)| *response == name).map_or(name, |(_, request)| request)
}

/// Whether a value may be kept at first sight: a standard header made of standard words and short
/// numbers, which tells nothing of anybody.
pub fn is_standard(name: &str, value: &str) -> bool {
    (is_standard_name(name) || name == COOKIE_ATTRIBUTES) && is_made_of_standard_words(value)
}

/// Whether every word is a standard one or a short number.
pub(super) fn is_made_of_standard_words(value: &str) -> bool {
    /// Ten years in seconds, the longest caching time in use, has nine digits.
    const DIGITS_MAX: usize = 9;
    value.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).all(|word| {
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        (digits && word.len() <= DIGITS_MAX) || is_standard_word(word)
    })
}

/// Whether a word is part of the protocol rather than of somebody's content.
pub(super) fn is_standard_word(word: &str) -> bool {
    STANDARD_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}
