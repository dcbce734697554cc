//! Values that look personal or secret by themselves: one table of byte scanners.

use super::addresses::{has_capability, is_published};
use super::numbers::{has_card, has_iban, has_ssn};
use super::tokens::{has_random_token, is_base64url, tokens};

/// One kind of sensitive value.
pub(super) struct ValueRule {
    #[cfg(test)]
    pub(super) name: &'static str,
    pub(super) detect: fn(&[u8]) -> bool,
    #[cfg(test)]
    pub(super) matching: &'static [&'static str],
    #[cfg(test)]
    pub(super) other: &'static [&'static str],
}

macro_rules! rule {
    ($name:literal, $detect:expr, [$($hit:literal),*], [$($miss:literal),*]) => {
        ValueRule {
            #[cfg(test)]
            name: $name,
            detect: $detect,
            #[cfg(test)]
            matching: &[$($hit),*],
            #[cfg(test)]
            other: &[$($miss),*],
        }
    };
}

/// Every kind of value that is denied a literal.
pub(super) const VALUE_RULES: &[ValueRule] = &[
    rule!(
        "json web token",
        has_jwt,
        ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "x eyJhbGciOi.eyJzdWIi.c2ln"],
        ["eyJust.a.word", "www.example.org"]
    ),
    rule!(
        "http credentials",
        has_credentials,
        [
            "Bearer abcdef123",
            "Authorization: Bearer hunter2-horse",
            "basic dXNlcjpwYXNz",
            "https://ann:pw@example.org/"
        ],
        ["Basic plan", "bearer", "a bearer of news", "https://example.org/@ann"]
    ),
    rule!(
        "secret in a query",
        has_secret_parameter,
        ["https://x.org/?access_token=abc", "a=1&password=hunter2"],
        ["https://x.org/?page=2", "token_type=bearer"]
    ),
    rule!(
        "key of a known issuer",
        has_issuer_prefix,
        [
            "sk_live_4eC39HqLyjWD",
            "ghp_16C7e42F292c6912",
            "AKIAIOSFODNN7EXAMPLE",
            "xoxb-17653672481"
        ],
        ["skip", "ghost", "AKIMBO"]
    ),
    rule!(
        "private key block",
        |v| find(v, b"-----BEGIN ").is_some(),
        ["-----BEGIN RSA PRIVATE KEY-----"],
        ["--- BEGIN"]
    ),
    rule!(
        "e-mail address",
        has_email,
        ["ann@example.org", "Ann Doe <ann.doe+x@mail.example.co.uk>", "mailto:a@b.io"],
        ["@ann", "a@b", "rate@2x", "1 @ 2.50"]
    ),
    rule!(
        "phone number",
        has_phone,
        ["+49 30 901820", "(555) 123-4567", "555-123-4567", "0301234567", "call +15551234567 now"],
        [
            "2026-11-22",
            "1.234.567",
            "192.168.100.200",
            "1234567890",
            "+1",
            "2026-11-22 10",
            "10-20"
        ]
    ),
    rule!(
        "payment card",
        has_card,
        ["4111 1111 1111 1111", "5500005555555559", "paid with 3782-822463-10005"],
        ["4111 1111 1111 1112", "0000000000000000", "1700000000000"]
    ),
    rule!(
        "bank account",
        has_iban,
        [
            "DE89370400440532013000",
            "GB82 WEST 1234 5698 7654 32",
            "account DE89 3704 0044 0532 0130 00, please"
        ],
        ["DE89370400440532013001", "AB12", "ROOM12345678901234"]
    ),
    rule!(
        "social security number",
        has_ssn,
        ["078-05-1120", "ssn 078-05-1120"],
        ["078-051-120", "2026-11-22", "1078-05-1120"]
    ),
    rule!(
        "address that is a key",
        has_capability,
        [
            "https://example.org/reset/x7Kp2q",
            "/invite/aB3dE9",
            "https://hooks.example.com/services/T0AAA/B0BBB/x1y2z3",
            "Click https://example.org/account/verify#k3y5x",
            "/reset-password/abc123"
        ],
        [
            "/account/password/reset",
            "https://api.example.com/repos/ann/site/hooks",
            "/webhooks/17",
            "/share/photos",
            "auth/v2"
        ]
    ),
    rule!(
        "network address",
        has_network_address,
        ["203.0.113.7", "2001:db8::8a2e:370:7334", "00:1A:2b:3c:4D:5e", "for=198.51.100.17"],
        ["1.2.3", "10:20:30", "256.1.1.1", "12:30", "std::vec::Vec", "1.2.3.4.5"]
    ),
];

/// Values that tell nothing by themselves and may be a key all the same.
pub(super) const TOKEN_RULES: &[ValueRule] = &[rule!(
    "random token",
    has_random_token,
    [
        "9f86d081884c7d659a2feaa0c55ad015",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "dGhpc2lzYXJhbmRvbXN0cmluZzEyMzQ1",
        "Q7f3kP0xW9zLm2Vb8Nc4",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    ],
    [
        "application/vnd.api+json",
        "2026-11-22T10:20:30.000Z",
        "getUserAccountDetailsByIdV2",
        "a-rather-long-article-slug-2026",
        "max-age=31536000",
        "bde1eaf",
        "20261122T102030Z"
    ]
)];

/// See [`super::is_sensitive_value`].
pub(super) fn is_sensitive(value: &str) -> bool {
    let bytes = value.as_bytes();
    let hits = |rules: &[ValueRule]| rules.iter().any(|rule| (rule.detect)(bytes));
    !is_plain_word(bytes) && (hits(VALUE_RULES) || hits(TOKEN_RULES))
}

/// Rules of what is somebody's, and opens nothing.
const PERSONAL: &[fn(&[u8]) -> bool] = &[has_email, has_phone, has_network_address];

/// See [`super::is_secret_value`].
pub(super) fn is_secret(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_personal = |rule: &ValueRule| {
        PERSONAL.iter().any(|personal| std::ptr::fn_addr_eq(*personal, rule.detect))
    };
    let hit = |rule: &ValueRule| !is_personal(rule) && (rule.detect)(bytes);
    !is_plain_word(bytes) && (VALUE_RULES.iter().any(hit) || TOKEN_RULES.iter().any(hit))
}

/// See [`super::is_token`].
pub(super) fn is_token(value: &str) -> bool {
    let bytes = value.as_bytes();
    let hits = |rules: &[ValueRule]| rules.iter().any(|rule| (rule.detect)(bytes));
    hits(TOKEN_RULES) && !hits(VALUE_RULES)
}

/// See [`super::is_content`].
pub(super) fn is_content(value: &str) -> bool {
    let bytes = value.as_bytes();
    is_published(bytes) && !VALUE_RULES.iter().any(|rule| (rule.detect)(bytes))
}

/// A short word of letters alone hits no rule: most strings end here after one look at each byte.
fn is_plain_word(bytes: &[u8]) -> bool {
    const SHORTEST_HIT: usize = 20;
    bytes.len() < SHORTEST_HIT
        && bytes.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

fn run_length(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|&&byte| belongs(byte)).count()
}

/// Three base64url parts, the first of which is an encoded JSON object (RFC 7519, section 3).
fn has_jwt(value: &[u8]) -> bool {
    let Some(start) = find(value, b"eyJ") else { return false };
    let mut parts = value[start..].splitn(3, |&byte| byte == b'.');
    let encoded = |part: Option<&[u8]>, least: usize| {
        part.is_some_and(|part| run_length(part, is_base64url) >= least)
    };
    let whole = |part: Option<&[u8]>, least: usize| {
        part.is_some_and(|part| part.len() >= least && part.iter().all(|&b| is_base64url(b)))
    };
    whole(parts.next(), 8) && whole(parts.next(), 4) && encoded(parts.next(), 1)
}

/// `Bearer …`, `Basic …` (RFC 9110, section 11) and `user:password@` in a URL.
fn has_credentials(value: &[u8]) -> bool {
    let scheme = |name: &str| {
        value.len() > name.len()
            && value[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            && value[name.len()] == b' '
    };
    let rest = |name: &str| value[name.len() + 1..].trim_ascii();
    if scheme("bearer") || scheme("digest") || scheme("negotiate") {
        return true;
    }
    if scheme("basic") {
        let token = rest("basic");
        return token.len() >= 6 && token.iter().all(|b| is_base64url(*b) || b"+/=".contains(b));
    }
    if has_bearer(value) {
        return true;
    }
    find(value, b"://").is_some_and(|at| {
        let authority = &value[at + 3..];
        let end = run_length(authority, |b| !matches!(b, b'/' | b'?' | b'#' | b' '));
        authority[..end].contains(&b'@')
    })
}

/// Shortest token behind `Bearer` in a sentence; a digit in it tells it from a word.
const BEARER_BYTES_MIN: usize = 8;

/// `Bearer TOKEN` in the middle of a text, as in the line of a header.
fn has_bearer(value: &[u8]) -> bool {
    let mut words = value.split(|b| matches!(b, b' ' | b':' | b'"' | b'=')).peekable();
    std::iter::from_fn(|| words.next().map(|word| (word, words.peek().copied()))).any(|found| {
        let (word, next) = found;
        word.eq_ignore_ascii_case(b"bearer")
            && next.is_some_and(|token| {
                token.len() >= BEARER_BYTES_MIN && token.iter().any(u8::is_ascii_digit)
            })
    })
}

/// `name=value` behind `?`, `&`, `;` or at the start, where the name is a sensitive one.
fn has_secret_parameter(value: &[u8]) -> bool {
    memchr::memchr_iter(b'=', value).any(|at| {
        let start = value[..at].iter().rposition(|b| b"?&;, #".contains(b)).map_or(0, |p| p + 1);
        start < at
            && value.get(at + 1).is_some_and(|b| !b.is_ascii_whitespace())
            && str::from_utf8(&value[start..at]).is_ok_and(super::is_sensitive_name)
    })
}

/// Prefixes that issuers put before their keys so that scanners can find them, with the least
/// number of token characters that must follow.
const ISSUER_PREFIXES: &[(&str, usize)] = &[
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("pk_live_", 8),
    ("pk_test_", 8),
    ("rk_live_", 8),
    ("whsec_", 8),
    ("sk-", 20),
    ("ghp_", 12),
    ("gho_", 12),
    ("ghu_", 12),
    ("ghs_", 12),
    ("ghr_", 12),
    ("github_pat_", 12),
    ("glpat-", 12),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xoxa-", 8),
    ("xapp-", 8),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 20),
    ("ya29.", 12),
    ("SG.", 16),
    ("npm_", 20),
    ("pypi-", 16),
    ("shpat_", 12),
    ("dop_v1_", 16),
    ("hvs.", 12),
    ("EAAC", 20),
];

fn has_issuer_prefix(value: &[u8]) -> bool {
    tokens(value, |b| is_base64url(b) || b == b'.').any(|token| {
        ISSUER_PREFIXES.iter().any(|(prefix, least)| {
            token.strip_prefix(prefix.as_bytes()).is_some_and(|rest| rest.len() >= *least)
        })
    })
}

fn has_email(value: &[u8]) -> bool {
    memchr::memchr_iter(b'@', value).any(|at| {
        let local = |b: u8| b.is_ascii_alphanumeric() || b"._%+-'".contains(&b) || !b.is_ascii();
        let host = |b: u8| b.is_ascii_alphanumeric() || b".-".contains(&b) || !b.is_ascii();
        let domain = &value[at + 1..];
        let domain = &domain[..run_length(domain, host)];
        at > 0 && local(value[at - 1]) && has_top_level(domain)
    })
}

/// A dot inside, and a top level of two letters or more behind it.
fn has_top_level(domain: &[u8]) -> bool {
    let domain = domain.strip_suffix(b".").unwrap_or(domain);
    domain.iter().rposition(|&b| b == b'.').is_some_and(|dot| {
        let top = &domain[dot + 1..];
        dot > 0 && top.len() >= 2 && top.iter().all(|b| b.is_ascii_alphabetic() || !b.is_ascii())
    })
}

/// International numbers anywhere, national ones when they are the whole value.
fn has_phone(value: &[u8]) -> bool {
    let separator = |b: u8| b" ()-./".contains(&b);
    let international = memchr::memchr_iter(b'+', value).any(|at| {
        let rest = &value[at + 1..];
        let length = run_length(rest, |b| b.is_ascii_digit() || separator(b));
        (8..=15).contains(&digits(&rest[..length])) && rest[0].is_ascii_digit()
    });
    international || is_national_phone(value.trim_ascii())
}

/// Nine to fifteen digits in groups, or with the leading zero of a trunk prefix. Dates, versions,
/// addresses and grouped thousands are written with other separators or lengths.
fn is_national_phone(value: &[u8]) -> bool {
    let allowed = |b: &u8| b.is_ascii_digit() || b" ()-".contains(b);
    if !value.iter().all(allowed) || !(9..=15).contains(&digits(value)) {
        return false;
    }
    let groups = tokens(value, |b| b.is_ascii_digit());
    let grouped = value.first() == Some(&b'(') || (value.contains(&b'-') && !is_date(value));
    let spaced_thousands = groups.skip(1).all(|group| group.len() == 3);
    grouped || (value.first() == Some(&b'0') && (value.len() == digits(value) || !spaced_thousands))
}

/// `2026-11-22` with or without something behind it.
fn is_date(value: &[u8]) -> bool {
    value.len() >= 10
        && value[..4].iter().all(u8::is_ascii_digit)
        && value[4] == b'-'
        && value[5..7].iter().all(u8::is_ascii_digit)
        && value[7] == b'-'
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| b.is_ascii_digit()).count()
}

/// IPv4, IPv6 and hardware addresses standing alone or between other punctuation.
fn has_network_address(value: &[u8]) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b':');
    tokens(value, part).any(|token| {
        let Ok(text) = str::from_utf8(token) else { return false };
        let text = text.trim_end_matches(['.', ':']);
        (text.contains('.') && text.parse::<std::net::Ipv4Addr>().is_ok())
            || (text.len() > 6 && text.parse::<std::net::Ipv6Addr>().is_ok())
            || is_hardware_address(text.as_bytes())
    })
}

fn is_hardware_address(text: &[u8]) -> bool {
    text.len() == 17
        && text.iter().enumerate().all(|(at, byte)| match at % 3 {
            2 => *byte == b':',
            _ => byte.is_ascii_hexdigit(),
        })
}
