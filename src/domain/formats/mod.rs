//! Formats of strings: one row each, with how to recognise it and how to make one.
//!
//! A new format is a new row here (and its functions in a sibling file); the property tests below
//! hold for every row: what `generate` makes, `detect` accepts, and a sample hits its own row
//! first. Strings of no format are described by their mask (`schema::mask`).

pub mod net;
pub mod time;
pub mod token;

use serde::{Deserialize, Serialize};

use crate::domain::random::keyed_rng::KeyedRng;

/// What a string is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Uuid,
    DateTime,
    LocalDateTime,
    Date,
    HttpDate,
    Time,
    Ipv4,
    Ipv6,
    Email,
    Uri,
    Ulid,
    Jwt,
    /// No known format; also what an unknown name reads back as.
    #[default]
    #[serde(other)]
    Plain,
}

impl Format {
    /// Whether its strings are known by their masks, rather than made anew from the format.
    pub fn is_masked(self) -> bool {
        matches!(self, Format::Plain | Format::Email | Format::Uri | Format::Jwt)
    }
}

/// One row of the table.
pub struct FormatRow {
    pub format: Format,
    /// As shown to people.
    pub name: &'static str,
    /// The `format` keyword of JSON Schema 2020-12, when that means the same.
    pub keyword: Option<&'static str>,
    pub detect: fn(&str) -> bool,
    pub generate: fn(&mut KeyedRng, &mut Vec<u8>),
    /// Field names (lower case, without separators) that suggest it where no value is known.
    pub hints: &'static [&'static str],
    /// Strings that hit this row first.
    pub samples: &'static [&'static str],
}

/// The table, most specific first.
pub const FORMATS: &[FormatRow] = &[
    FormatRow {
        format: Format::Uuid,
        name: "uuid",
        keyword: Some("uuid"),
        detect: token::is_uuid,
        generate: token::uuid,
        hints: &["uuid", "guid"],
        samples: &["c72590bd-afc9-48db-a426-0aafe9b99291", "00000000-0000-0000-0000-000000000000"],
    },
    FormatRow {
        format: Format::DateTime,
        name: "date-time",
        keyword: Some("date-time"),
        detect: time::is_date_time,
        generate: time::date_time,
        hints: &["createdat", "updatedat", "timestamp", "expiresat", "deletedat"],
        samples: &["2026-05-15T23:42:22Z", "2022-07-18T02:15:51.821610+02:00"],
    },
    FormatRow {
        format: Format::LocalDateTime,
        name: "local-date-time",
        keyword: None,
        detect: time::is_local_date_time,
        generate: time::local_date_time,
        hints: &[],
        samples: &["2026-05-15 23:42:22", "2026-05-15T23:42:22.123"],
    },
    FormatRow {
        format: Format::Date,
        name: "date",
        keyword: Some("date"),
        detect: time::is_date,
        generate: time::date,
        hints: &["date", "birthday", "dob"],
        samples: &["2024-02-29", "1999-12-31"],
    },
    FormatRow {
        format: Format::HttpDate,
        name: "http-date",
        keyword: None,
        detect: time::is_http_date,
        generate: time::http_date,
        hints: &[],
        samples: &["Sun, 06 Nov 1994 08:49:37 GMT"],
    },
    FormatRow {
        format: Format::Time,
        name: "time",
        keyword: None,
        detect: time::is_time,
        generate: time::time_of_day,
        hints: &["time"],
        samples: &["08:49:37", "23:59"],
    },
    FormatRow {
        format: Format::Ipv4,
        name: "ipv4",
        keyword: Some("ipv4"),
        detect: net::is_ipv4,
        generate: net::ipv4,
        hints: &["ip", "ipaddress", "ipv4"],
        samples: &["192.0.2.17", "8.8.8.8"],
    },
    FormatRow {
        format: Format::Ipv6,
        name: "ipv6",
        keyword: Some("ipv6"),
        detect: net::is_ipv6,
        generate: net::ipv6,
        hints: &["ipv6"],
        samples: &["2001:db8::8a2e:370:7334", "::1"],
    },
    FormatRow {
        format: Format::Email,
        name: "email",
        keyword: Some("email"),
        detect: net::is_email,
        generate: net::email,
        hints: &["email", "emailaddress", "mail"],
        samples: &["mia@example.com", "gudula.misicher@googlemail.com"],
    },
    FormatRow {
        format: Format::Uri,
        name: "uri",
        keyword: Some("uri"),
        detect: net::is_uri,
        generate: net::uri,
        hints: &["url", "uri", "href", "link"],
        samples: &["https://cdn.example.com/scene/61216", "http://localhost:8080"],
    },
    FormatRow {
        format: Format::Jwt,
        name: "jwt",
        keyword: None,
        detect: token::is_jwt,
        generate: token::jwt,
        hints: &["jwt", "idtoken"],
        samples: &["eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    },
    FormatRow {
        format: Format::Ulid,
        name: "ulid",
        keyword: None,
        detect: token::is_ulid,
        generate: token::ulid,
        hints: &["ulid"],
        samples: &["01KMPZBPFBVC9R9A298T36SGN2"],
    },
];

/// The first row that accepts the text.
pub fn detect(text: &str) -> Format {
    // Every format above starts with a letter, a digit or a colon and is at least 3 bytes long.
    let starts = text.as_bytes().first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b':');
    if text.len() < 3 || !starts {
        return Format::Plain;
    }
    FORMATS.iter().find(|row| (row.detect)(text)).map_or(Format::Plain, |row| row.format)
}

/// The row of a format; `None` for plain strings.
pub fn row(format: Format) -> Option<&'static FormatRow> {
    FORMATS.iter().find(|row| row.format == format)
}

/// The format a field name suggests.
pub fn hinted(field: &str) -> Option<&'static FormatRow> {
    let plain: String =
        field.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    FORMATS.iter().find(|row| row.hints.contains(&plain.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_hits_its_own_row_first() {
        for row in FORMATS {
            for sample in row.samples {
                assert_eq!(detect(sample), row.format, "{sample}");
            }
        }
    }

    #[test]
    fn what_a_row_generates_it_detects() {
        for row in FORMATS {
            for seed in 0..500 {
                let mut out = Vec::new();
                (row.generate)(&mut KeyedRng::new(seed), &mut out);
                let text = String::from_utf8(out).unwrap();
                assert_eq!(detect(&text), row.format, "{}: {text}", row.name);
            }
        }
    }

    #[test]
    fn ordinary_words_have_no_format() {
        for text in ["", "active", "yesterday at noon", "not a uri", "1234-zz", "31/12/2024"] {
            assert_eq!(detect(text), Format::Plain, "{text}");
        }
        assert_eq!(detect("nobody.example.com"), Format::Plain);
    }
}
