//! The table of segment kinds: what a single path segment looks like.
//!
//! A row tells a kind by its bytes alone; whether a segment *is* a parameter is decided by the
//! evidence of its siblings (see `infer`). The rows are tried in order and the first that
//! matches gives the kind; to add one, add a variant, a row and its samples. Predicates are byte
//! scanners because they stand on the request path; the `regex` crate would cost ten times more.

mod bigrams;
mod detect;
pub mod pattern;
mod rows;
mod scan;

use serde::{Deserialize, Serialize};

pub use detect::extension as is_extension;
pub use scan::Scan;

/// How far the look of a segment decides what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentPrior {
    /// Looks like an identifier or is one of the words every API uses literally.
    Fixed,
    /// Only its siblings can tell.
    Word,
    /// No API would name a resource so: a parameter at first sight.
    Value,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident),+ $(,)?) => {
        /// The kind of a path segment, told from its bytes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum SegmentKind { $($(#[$doc])* $variant),+ }

        impl SegmentKind {
            /// Every kind, in the order of the enum.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

kinds!(
    /// Nothing between two slashes.
    Empty,
    /// `v1`, `v1.2`, `v1beta1`, `2.0`: of an API, never a parameter.
    Version,
    /// A word that looks like an identifier and that APIs use literally: `me`, `oauth2`.
    Reserved,
    /// Longer than the limit given to [`SegmentKind::of`], and unread.
    Oversized,
    /// RFC 9562, in either case, with or without escaped braces.
    Uuid,
    /// A day, a month or an ISO 8601 week: `2024-05-31`, `2024-05`, `2024-W07`.
    Date,
    /// A day with a time, or a time of day.
    DateTime,
    /// Decimal digits, with or without a minus.
    Integer,
    /// Digits around one point, with or without a minus.
    Decimal,
    /// Two or more numbers with commas between them.
    Coordinates,
    /// An IPv4 or IPv6 address, or a network.
    Ip,
    /// Six bytes as pairs of hexadecimal digits, with colons or hyphens.
    Mac,
    /// An address, the `@` of which may be escaped.
    Email,
    /// What begins with `arn:` or `urn:`.
    Arn,
    /// 26 digits of Crockford's base32, the first at most 7.
    Ulid,
    /// 24 hexadecimal digits, as MongoDB makes them.
    ObjectId,
    /// 6 to 128 other hexadecimal digits, some of them decimal.
    Hash,
    /// A short lower-case prefix and an opaque rest: `cus_9s6XKzkNRiz8i3`.
    PrefixedId,
    /// Base64url, JWT and other random text of 20 characters and more.
    Token,
    /// E.164 with its plus sign, plain or escaped.
    Phone,
    /// At least three numbers with points, and what may follow them.
    Semver,
    /// BCP 47 with a region or a script: `en-US`, `zh-Hans`.
    Locale,
    /// Holds percent escapes, or characters that names have not.
    EncodedText,
    /// Values with a comma, `@`, `=`, `;` or colon between them.
    Pair,
    /// A stem that is no words, and a well-known extension.
    File,
    /// What [`privacy`](crate::domain::privacy) would not keep.
    Sensitive,
    /// A stem of words, and a well-known extension: a resource as well as a file.
    WordFile,
    /// Names with points between them: a host, a package, an API group.
    Domain,
    /// A name behind `@` or `~`.
    Handle,
    /// Letters and digits mixed as no word mixes them.
    AlphanumericId,
    /// Letters that follow each other as in no word.
    RandomId,
    /// Joined words with a number or a hash at their end.
    Slug,
    /// Five joined words and more: rather a title than the name of a resource.
    Phrase,
    /// One or two letters, or up to four capitals: a language, a currency.
    Code,
    /// Two to four words joined by hyphens or underscores.
    Compound,
    /// Anything else: only its siblings tell whether it is a name or a value.
    Word,
    /// Of a format that [`formats`](crate::domain::formats) knows and no row of paths.
    Formatted,
);

/// One row of the kind table.
pub struct KindRow {
    /// What a hit of this row makes of the segment.
    pub kind: SegmentKind,
    /// The name shown by `explain`.
    pub name: &'static str,
    /// The name inside the braces of a template.
    pub placeholder: &'static str,
    /// Whether such a segment is a parameter before its siblings are looked at.
    pub lean: SegmentPrior,
    /// Whether the bytes are of this kind, given that no earlier row took them.
    pub detect: fn(&Scan<'_>) -> bool,
    /// Segments of this kind: each must be claimed by this row and no earlier one.
    pub samples: &'static [&'static str],
    /// Segments that look alike and are something else.
    pub counter_samples: &'static [&'static str],
}

impl SegmentKind {
    /// The kind of `segment`, an undecoded path segment. Linear time, no allocation.
    /// Segments of more than `bytes_max` bytes are [`SegmentKind::Oversized`] unread.
    pub fn of(segment: &str, bytes_max: usize) -> Self {
        if segment.len() > bytes_max {
            return Self::Oversized;
        }
        let scan = Scan::of(segment);
        // The commonest case by far is a plain word: it skips the rows of identifiers.
        if usize::from(scan.lower) == segment.len() && segment.len() > 2 {
            return match () {
                () if detect::reserved(&scan) => Self::Reserved,
                () if detect::random_id(&scan) => Self::RandomId,
                () => Self::Word,
            };
        }
        let row = rows::ROWS.iter().find(|row| (row.detect)(&scan));
        match row {
            Some(row) if row.lean != SegmentPrior::Word => row.kind,
            // What no row is sure of may still be of a format that strings have.
            _ if detect::formatted(&scan) => Self::Formatted,
            row => row.map_or(Self::Word, |row| row.kind),
        }
    }

    /// The row that describes this kind.
    pub fn row(self) -> &'static KindRow {
        // The rows stand in the order of the enum; a test holds them to it.
        &rows::ROWS[self as usize]
    }

    /// The name shown by `explain`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The name inside the braces of a template: `id` in `/users/{id}`.
    pub fn placeholder(self) -> &'static str {
        self.row().placeholder
    }

    /// The placeholder that reads `name`.
    pub fn known_placeholder(name: &str) -> Option<&'static str> {
        rows::ROWS.iter().map(|row| row.placeholder).find(|known| *known == name)
    }

    /// The kind of this name, as `explain` shows it.
    pub fn by_name(name: &str) -> Option<Self> {
        rows::ROWS.iter().find(|row| row.name == name).map(|row| row.kind)
    }

    /// Every kind whose values have this placeholder; all kinds when none has.
    pub fn with_placeholder(name: &str) -> Vec<Self> {
        let of = |kind: &Self| kind.placeholder() == name && kind.lean() != SegmentPrior::Fixed;
        let kinds: Vec<Self> = Self::ALL.iter().copied().filter(of).collect();
        if kinds.is_empty() { Self::ALL.to_vec() } else { kinds }
    }

    /// How far the look of such a segment decides what it is.
    pub fn lean(self) -> SegmentPrior {
        self.row().lean
    }
}

#[cfg(test)]
mod tests;
