//! Phone numbers with country code as E.164 has them: a plus sign and up to fifteen digits.

use super::{Drawing, FormatRow, PatternRules, SchemaKeyword, SegmentLook, Sensitivity};

/// See [`super::FormatRow`].
pub const ROW: FormatRow = FormatRow {
    name: "phone number",
    schema: SchemaKeyword::Pattern(r"^\+[1-9][0-9]{6,14}$"),
    detect: is_phone,
    drawing: Drawing::Pattern(PatternRules { is_structured: true, ..PatternRules::NONE }),
    segment: SegmentLook::Parameter,
    sensitivity: Sensitivity::Personal,
    leading: None,
    samples: &["+14155552671", "+4930901820", "+442071838750"],
    counter_samples: &["+1", "+0301234567", "+1 415 555 2671", "14155552671", "+1415555267100000"],
};

/// Digits with the country code, which never begins with a zero; shorter numbers are no whole ones.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

fn is_phone(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    DIGITS.contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}
