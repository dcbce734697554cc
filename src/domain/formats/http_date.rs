//! Dates of HTTP header fields (RFC 9110 5.6.7).

use super::timestamp::{is_http_date, leading};
use super::{Drawing, FormatRow, SchemaKeyword, SegmentLook, Sensitivity};

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "http-date",
    schema: SchemaKeyword::None,
    detect: is_http_date,
    drawing: Drawing::Time { is_dated: true },
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Judged,
    leading: Some(leading_http_date),
    samples: &["Sun, 06 Nov 1994 08:49:37 GMT"],
    counter_samples: &["Sun, 06 Nov 1994 08:49:37 UTC", "Son, 06 Nov 1994 08:49:37 GMT"],
};

fn leading_http_date(text: &str) -> Option<usize> {
    leading(text, is_http_date)
}
