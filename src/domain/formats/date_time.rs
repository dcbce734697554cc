//! Dates with a time of day and an offset (RFC 3339).

use super::timestamp::{is_date_time, leading};
use super::{Drawing, FormatRow, SchemaKeyword, SegmentLook, Sensitivity};

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "date-time",
    schema: SchemaKeyword::Format("date-time"),
    detect: is_date_time,
    drawing: Drawing::Time { is_dated: true },
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Judged,
    leading: Some(leading_date_time),
    samples: &["2026-05-15T23:42:22Z", "2022-07-18T02:15:51.821610+02:00"],
    counter_samples: &["2024-01-01T25:00:00Z", "2026-05-15T23:42:22"],
};

fn leading_date_time(text: &str) -> Option<usize> {
    leading(text, is_date_time)
}
