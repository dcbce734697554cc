//! ULIDs: 26 characters of Crockford's base 32, the first ten of which are a time.

use super::{Drawing, FormatRow, SchemaKeyword, SegmentLook, Sensitivity};
use crate::domain::random::keyed_rng::KeyedRng;

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "ulid",
    schema: SchemaKeyword::None,
    detect: is_ulid,
    drawing: Drawing::Made(ulid),
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Judged,
    leading: None,
    samples: &["01KMPZBPFBVC9R9A298T36SGN2"],
    counter_samples: &["81KMPZBPFBVC9R9A298T36SGN2", "01KMPZBPFBVC9R9A298T36SGN"],
};

/// Crockford's base 32, the alphabet of ULIDs.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn is_ulid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 26
        && matches!(bytes[0], b'0'..=b'7')
        && bytes.iter().all(|b| CROCKFORD.contains(b))
        && bytes.iter().any(u8::is_ascii_uppercase)
}

fn ulid(stream: &mut KeyedRng, out: &mut Vec<u8>) {
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
