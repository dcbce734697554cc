//! UUIDs in the hyphenated form (RFC 9562), whatever their version.

use super::{Drawing, FormatRow, SchemaKeyword, SegmentLook, Sensitivity};
use crate::domain::random::keyed_rng::KeyedRng;

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "uuid",
    schema: SchemaKeyword::Format("uuid"),
    detect: is_uuid,
    drawing: Drawing::Made(uuid),
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Judged,
    leading: Some(leading_uuid),
    samples: &["c72590bd-afc9-48db-a426-0aafe9b99291", "00000000-0000-0000-0000-000000000000"],
    counter_samples: &[
        "c72590bd-afc9-48db-a426-0aafe9b9929",
        "c72590bdxafc9-48db-a426-0aafe9b99291",
    ],
};

fn leading_uuid(text: &str) -> Option<usize> {
    text.get(..36).filter(|text| is_uuid(text)).map(str::len)
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
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
