//! Dates, year first (RFC 3339 full-date).

use super::timestamp::{is_date, leading};
use super::{Drawing, FormatRow, SchemaKeyword, SegmentLook, Sensitivity};

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "date",
    schema: SchemaKeyword::Format("date"),
    detect: is_date,
    drawing: Drawing::Time { is_dated: true },
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Judged,
    leading: Some(leading_date),
    samples: &["2024-02-29", "1999-12-31"],
    counter_samples: &["2023-02-29", "2024-13-01", "2024-1-1", "31/12/2024"],
};

fn leading_date(text: &str) -> Option<usize> {
    leading(text, is_date)
}
