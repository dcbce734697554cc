//! Tokens: UUID, ULID, JWT.

use crate::domain::random::keyed_rng::KeyedRng;

const HEX: &[u8; 16] = b"0123456789abcdef";
/// Crockford's base 32, the alphabet of ULIDs.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Any UUID in the hyphenated form (RFC 9562), whatever its version.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

pub fn is_ulid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 26
        && matches!(bytes[0], b'0'..=b'7')
        && bytes.iter().all(|b| CROCKFORD.contains(b))
        && bytes.iter().any(u8::is_ascii_uppercase)
}

/// Three base64url parts, the first of which starts a JSON object.
pub fn is_jwt(text: &str) -> bool {
    let mut parts = 0;
    text.starts_with("eyJ")
        && text.split('.').all(|part| {
            parts += 1;
            part.bytes().all(|b| BASE64_URL.contains(&b))
        })
        && parts == 3
}

/// Version 4 (RFC 9562 5.4).
pub fn uuid(stream: &mut KeyedRng, out: &mut Vec<u8>) {
    let (high, low) = (stream.word(), stream.word());
    write_uuid(high, low, out);
}

fn write_uuid(high: u64, low: u64, out: &mut Vec<u8>) {
    let high = (high & !0xF000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    let mut text = [b'-'; 36];
    let mut nibbles = (0..16).rev().map(|n| (high >> (n * 4)) & 15);
    let mut low_nibbles = (0..16).rev().map(|n| (low >> (n * 4)) & 15);
    for (at, slot) in text.iter_mut().enumerate() {
        if !matches!(at, 8 | 13 | 18 | 23) {
            let nibble = nibbles.next().or_else(|| low_nibbles.next()).unwrap_or(0);
            *slot = HEX[nibble as usize];
        }
    }
    out.extend_from_slice(&text);
}

pub fn ulid(stream: &mut KeyedRng, out: &mut Vec<u8>) {
    // `01` keeps the time part between 2004 and 2075.
    out.extend_from_slice(b"01");
    let (mut bits, mut left) = (stream.word(), 12);
    for at in 0..24 {
        if left == 0 {
            (bits, left) = (stream.word(), 12);
        }
        // The first two keep to letters, so that the whole cannot be a number.
        let index = if at < 2 { 10 + (bits & 15) } else { bits & 31 };
        out.push(CROCKFORD[index as usize]);
        bits >>= 5;
        left -= 1;
    }
}

/// Shaped like a token and signed by nobody.
pub fn jwt(stream: &mut KeyedRng, out: &mut Vec<u8>) {
    out.extend_from_slice(b"eyJhbGciOiJIUzI1NiJ9.eyJ");
    let mut fill = |count: usize, out: &mut Vec<u8>| {
        for _ in 0..count {
            out.push(BASE64_URL[stream.below(62) as usize]);
        }
    };
    fill(40, out);
    out.push(b'.');
    fill(43, out);
}
