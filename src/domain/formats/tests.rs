//! Laws that hold for every row of the table.

use super::*;

#[test]
fn a_sample_hits_its_own_row_first_and_a_counter_sample_does_not() {
    for (format, row) in FORMATS {
        assert!(!row.samples.is_empty() && !row.counter_samples.is_empty(), "{}", row.name);
        for sample in row.samples {
            assert_eq!(detect(sample), *format, "{sample}");
        }
        for text in row.counter_samples {
            assert_ne!(detect(text), *format, "{text}");
        }
    }
}

#[test]
fn a_name_and_a_code_stand_for_one_format() {
    for (at, (format, row)) in FORMATS.iter().enumerate() {
        assert_ne!(*format as u8, Format::Plain as u8, "{}", row.name);
        let is_same = |other: &&(Format, &FormatRow)| other.1.name == row.name;
        assert_eq!(FORMATS.iter().position(|other| is_same(&other)), Some(at), "{}", row.name);
    }
}

#[test]
fn ordinary_words_have_no_format() {
    for text in ["", "active", "yesterday at noon", "not a uri", "1234-zz", "31/12/2024"] {
        assert_eq!(detect(text), Format::Plain, "{text}");
    }
    assert_eq!(detect("nobody.example.com"), Format::Plain);
}
