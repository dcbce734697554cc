//! Times of day, to the minute or the second.

use super::timestamp::is_time;
use super::{Drawing, FormatRow, SchemaKeyword, SegmentLook, Sensitivity};

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "time",
    schema: SchemaKeyword::None,
    detect: is_time,
    drawing: Drawing::Time { is_dated: false },
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Judged,
    leading: None,
    samples: &["08:49:37", "23:59"],
    counter_samples: &["24:00:00", "8:49", "12:3"],
};
