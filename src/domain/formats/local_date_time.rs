//! Dates with a time of day, of no zone or behind a blank.

use super::timestamp::{is_local_date_time, leading};
use super::{Drawing, FormatRow, SchemaKeyword, SegmentLook, Sensitivity};

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "local-date-time",
    schema: SchemaKeyword::None,
    detect: is_local_date_time,
    drawing: Drawing::Time { is_dated: true },
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Judged,
    leading: Some(leading_local_date_time),
    samples: &["2026-05-15 23:42:22", "2026-05-15T23:42:22.123"],
    counter_samples: &["2023-02-29 10:00:00", "2026-05-15_10:00:00"],
};

fn leading_local_date_time(text: &str) -> Option<usize> {
    leading(text, is_local_date_time)
}
