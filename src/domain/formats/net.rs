//! Addresses: IPv4, IPv6, e-mail, URI.

use std::net::Ipv6Addr;

use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::words::filler;

pub fn is_ipv4(text: &str) -> bool {
    if text.len() > "255.255.255.255".len() || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let mut parts = 0;
    let valid = text.split('.').all(|part| {
        parts += 1;
        let plain = !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
        plain && (part.len() == 1 || !part.starts_with('0')) && part.parse::<u8>().is_ok()
    });
    valid && parts == 4
}

pub fn is_ipv6(text: &str) -> bool {
    text.len() <= 45
        && text.bytes().filter(|b| *b == b':').count() >= 2
        && text.parse::<Ipv6Addr>().is_ok()
}

/// A mailbox as in the common subset of RFC 5321: no quotes, no comments, a dot in the domain.
pub fn is_email(text: &str) -> bool {
    let Some(at) = memchr::memchr(b'@', text.as_bytes()) else { return false };
    let (local, domain) = (&text[..at], &text[at + 1..]); // `at` is an ASCII character
    let local_ok = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let label_ok = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.bytes().all(local_ok)
        && domain.contains('.')
        && domain.split('.').all(label_ok)
}

/// An absolute URI with an authority (RFC 3986), in ASCII.
pub fn is_uri(text: &str) -> bool {
    // The first colon ends the scheme.
    let Some(at) = memchr::memchr(b':', text.as_bytes()) else { return false };
    let (scheme, rest) = text.split_at(at);
    let Some(rest) = rest.strip_prefix("://") else { return false };
    let scheme_ok = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
    let uri_ok = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    scheme.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.bytes().all(scheme_ok)
        && rest.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'[')
        && rest.bytes().all(uri_ok)
        && rest.bytes().filter(|b| *b == b'#').count() <= 1
        && percent_escapes_ok(rest.as_bytes())
}

fn percent_escapes_ok(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().filter(|(_, b)| **b == b'%').all(|(at, _)| {
        bytes.get(at + 1..at + 3).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    })
}

/// An address of the benchmark and documentation ranges, which nobody owns (RFC 2544, RFC 5737).
pub fn ipv4(stream: &mut KeyedRng, out: &mut Vec<u8>) {
    use std::io::Write;
    let bits = stream.word();
    let (third, fourth) = (bits as u8, (bits >> 8) as u8);
    // Writing to a `Vec` cannot fail.
    let _ = write!(out, "198.{}.{third}.{fourth}", 18 + (bits >> 16) % 2);
}

/// An address of the documentation prefix (RFC 3849).
pub fn ipv6(stream: &mut KeyedRng, out: &mut Vec<u8>) {
    use std::io::Write;
    let bits = stream.word();
    let groups = [bits >> 48, bits >> 32, bits >> 16, bits].map(|g| g as u16);
    let _ =
        write!(out, "2001:db8:{:x}:{:x}::{:x}:{:x}", groups[0], groups[1], groups[2], groups[3]);
}

/// A mailbox of a reserved domain (RFC 2606), so that nobody gets mail.
pub fn email(stream: &mut KeyedRng, out: &mut Vec<u8>) {
    let length = 5 + stream.below(4) as usize;
    filler::word(stream, length, out);
    out.extend_from_slice(b"@example.com");
}

pub fn uri(stream: &mut KeyedRng, out: &mut Vec<u8>) {
    out.extend_from_slice(b"https://example.com/");
    let length = 4 + stream.below(6) as usize;
    filler::word(stream, length, out);
}
