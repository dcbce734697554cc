//! IPv4 addresses in dotted form, without leading zeros.

use super::{Drawing, FormatRow, SchemaKeyword, SegmentLook, Sensitivity};
use crate::domain::random::keyed_rng::KeyedRng;

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "ipv4",
    schema: SchemaKeyword::Format("ipv4"),
    detect: is_ipv4,
    drawing: Drawing::Made(ipv4),
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Judged,
    leading: None,
    samples: &["192.0.2.17", "8.8.8.8"],
    counter_samples: &["256.1.1.1", "1.2.3", "01.2.3.4"],
};

fn is_ipv4(text: &str) -> bool {
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

/// An address of the benchmark and documentation ranges, which nobody owns (RFC 2544, RFC 5737).
fn ipv4(stream: &mut KeyedRng, out: &mut Vec<u8>) {
    use std::io::Write;
    let bits = stream.word();
    let (third, fourth) = (bits as u8, (bits >> 8) as u8);
    // Writing to a `Vec` cannot fail.
    let _ = write!(out, "198.{}.{third}.{fourth}", 18 + (bits >> 16) % 2);
}
