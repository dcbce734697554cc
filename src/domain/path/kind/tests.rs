//! The rows hold to their samples.

use super::rows::ROWS;
use super::*;
use crate::domain::formats::{FORMATS, SegmentLook};
use proptest::prelude::*;

#[test]
fn rows_stand_in_the_order_of_the_enum() {
    for (row, &kind) in ROWS.iter().zip(SegmentKind::ALL) {
        assert_eq!(row.kind, kind);
        assert_eq!(kind.row().name, row.name);
    }
}

#[test]
fn samples_hit_their_own_row_first() {
    for row in &ROWS {
        for sample in row.samples {
            assert_eq!(SegmentKind::of(sample, 512), row.kind, "`{sample}`");
        }
    }
}

#[test]
fn counter_samples_are_something_else() {
    for row in &ROWS {
        for sample in row.counter_samples {
            assert_ne!(SegmentKind::of(sample, 512), row.kind, "`{sample}`");
        }
    }
}

#[test]
fn segment_beyond_the_bound_is_oversized() {
    assert_eq!(SegmentKind::of(&"a".repeat(513), 512), SegmentKind::Oversized);
}

#[test]
fn a_value_of_a_format_is_a_parameter_where_its_row_says_so() {
    for (_, row) in FORMATS.iter().filter(|(_, row)| row.segment == SegmentLook::Parameter) {
        for sample in row.samples {
            let kind = SegmentKind::of(sample, 512);
            assert_eq!(kind.lean(), SegmentPrior::Value, "{}: `{sample}` is {kind:?}", row.name);
        }
    }
}

proptest! {
    #[test]
    fn any_text_has_a_kind(text in "\\PC{0,80}") {
        let _ = SegmentKind::of(&text, 512);
    }

    #[test]
    fn numbers_are_values(number in any::<i64>()) {
        prop_assert_eq!(SegmentKind::of(&number.to_string(), 512), SegmentKind::Integer);
    }
}
