//! IPv6 addresses (RFC 4291).

use std::net::Ipv6Addr;

use super::{Drawing, FormatRow, SchemaKeyword, SegmentLook, Sensitivity};
use crate::domain::random::keyed_rng::KeyedRng;

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "ipv6",
    schema: SchemaKeyword::Format("ipv6"),
    detect: is_ipv6,
    drawing: Drawing::Made(ipv6),
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Judged,
    leading: None,
    samples: &["2001:db8::8a2e:370:7334", "::1"],
    counter_samples: &["12:30", "std::vec::Vec"],
};

fn is_ipv6(text: &str) -> bool {
    text.len() <= 45
        && text.bytes().filter(|b| *b == b':').count() >= 2
        && text.parse::<Ipv6Addr>().is_ok()
}

/// An address of the documentation prefix (RFC 3849).
fn ipv6(stream: &mut KeyedRng, out: &mut Vec<u8>) {
    use std::io::Write;
    let bits = stream.word();
    let groups = [bits >> 48, bits >> 32, bits >> 16, bits].map(|g| g as u16);
    let _ =
        write!(out, "2001:db8:{:x}:{:x}::{:x}:{:x}", groups[0], groups[1], groups[2], groups[3]);
}
