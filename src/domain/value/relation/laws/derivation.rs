//! Texts made of other columns: `"Ann Doe"`, `/users/7`, `spring-sale`, `2026-Q1`.

use serde::{Deserialize, Serialize};

use crate::domain::privacy::retention;
use crate::domain::privacy::retention::PartRetention;
use crate::domain::random::hash;
use crate::domain::sketch::heap_bytes::{HeapBytes, heap_bytes};
use crate::domain::value::relation::laws::column;
use crate::domain::value::relation::laws::column::{Column, Scalar};
use crate::domain::value::relation::laws::transform;
use crate::domain::value::relation::laws::transform::Transform;
use crate::domain::value::string::grammar::cut::Cut;
use crate::domain::value::string::grammar::segment::{SegmentModel, Sighting};

/// A column that is made of others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Derivation {
    /// Path hash of the column that is made.
    #[serde(rename = "t")]
    pub target: u32,
    /// In the order of the text.
    #[serde(rename = "p")]
    pub pieces: Vec<DerivedPiece>,
    /// Records in which it held.
    #[serde(rename = "h")]
    pub hits: u32,
    /// The first text, and whether another one came.
    #[serde(rename = "f")]
    first: u32,
    #[serde(rename = "v")]
    varied: bool,
}

heap_bytes!(Derivation { target, pieces, hits, first, varied });

/// A piece of a derived text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum DerivedPiece {
    /// The column with this path hash, transformed.
    #[serde(rename = "s")]
    From(u32, Transform),
    /// What stands between columns: a constant, or a text that varies.
    #[serde(rename = "g")]
    Gap(Gap),
}

impl HeapBytes for DerivedPiece {
    fn heap_bytes(&self) -> usize {
        match self {
            Self::From(..) => 0,
            Self::Gap(gap) => gap.heap_bytes(),
        }
    }
}

/// What stands between what comes from other columns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gap {
    #[serde(rename = "h")]
    fingerprint: u32,
    #[serde(rename = "n")]
    bytes: usize,
    #[serde(rename = "b")]
    bodies: u32,
    #[serde(rename = "l", skip_serializing_if = "is_zero")]
    last_body: u64,
    /// The constant, once it has the support of any other text.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub text: Option<Box<str>>,
    /// What stands here, where that differs.
    #[serde(rename = "v", skip_serializing_if = "Option::is_none")]
    pub varying: Option<Box<SegmentModel>>,
}

heap_bytes!(Gap { fingerprint, bytes, bodies, last_body, text, varying });

fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// Records before a derivation is kept.
pub const HITS_MIN: u32 = 5;

/// Longest text that is taken for a derived one, bytes.
const TARGET_BYTES_MAX: usize = 300;

/// Pieces of one derivation.
const PIECES_MAX: usize = 16;

/// Segments of what varies in one gap.
const GAP_SEGMENTS_MAX: usize = 24;

/// What can be made of the columns of one record.
pub type DerivedTexts = Vec<(usize, Transform, String)>;

/// Everything that can be made of the columns of a record, the longest first.
pub fn made(columns: &[Column<'_>]) -> DerivedTexts {
    let each = columns.iter().enumerate().flat_map(|(at, column)| {
        let plain = column.value.text();
        transform::candidates(&column.value).filter_map(move |how| {
            let made = how.apply(&column.value)?;
            // What leaves a value as it is says nothing of how it would change another one.
            (how == Transform::Same || made != plain).then_some((at, how, made))
        })
    });
    let mut made: DerivedTexts = each.collect();
    // The plainest transform of two that give the same stays in front.
    made.sort_by_key(|made| std::cmp::Reverse(made.2.len()));
    made
}

impl Derivation {
    /// How the column at `target` may be made of the others.
    ///
    /// `apart`: columns that it is not made of, as they are made of it.
    pub fn find(
        target: usize,
        columns: &[Column<'_>],
        made: &DerivedTexts,
        apart: &[u32],
    ) -> Option<Self> {
        let column = columns.get(target)?;
        let text = column.value.text();
        if text.is_empty() || text.len() > TARGET_BYTES_MAX || !column.stands {
            return None;
        }
        let is_text = matches!(column.value, Scalar::Text(_));
        let (others, mut own): (DerivedTexts, Vec<Column<'_>>);
        let (made, columns) = if apart.is_empty() {
            (made, columns)
        } else {
            let is_apart = |at: usize| columns.get(at).is_some_and(|c| apart.contains(&c.path));
            others = made.iter().filter(|made| !is_apart(made.0)).cloned().collect();
            own = columns.to_vec();
            own.iter_mut().for_each(|column| column.stands &= !apart.contains(&column.path));
            (&others, own.as_slice())
        };
        let pieces = if is_text {
            cover(&text, target, columns, made).or_else(|| part_of(&text, target, columns))
        } else {
            same_number(&text, target, columns, made)
        }?;
        Some(Self { target: column.path, pieces, ..Self::default() })
    }

    /// Is it made as a record has it? Then learns what stands in the gaps.
    pub fn observe(
        &mut self,
        columns: &[Column<'_>],
        body: u64,
        may_keep: &dyn Fn(&str, u32) -> bool,
    ) -> bool {
        let Some(target) = column::find(columns, self.target) else { return true };
        let text = target.text();
        let Some(gaps) = self.gaps(&text, columns) else { return false };
        let mut gaps = gaps.into_iter();
        for piece in &mut self.pieces {
            if let DerivedPiece::Gap(gap) = piece
                && let Some(found) = gaps.next()
            {
                gap.observe(found, &text, body, may_keep);
            }
        }
        let fingerprint = hash::fingerprint(text.as_bytes());
        self.varied |= self.hits > 0 && self.first != fingerprint;
        self.first = fingerprint;
        self.hits = self.hits.saturating_add(1);
        true
    }

    /// What stands in each gap of a text; `None` where it is not made so.
    fn gaps<'t>(&self, text: &'t str, columns: &[Column<'_>]) -> Option<Vec<&'t str>> {
        let mut gaps = Vec::new();
        let mut rest = text;
        let mut pieces = self.pieces.iter().peekable();
        let mut at = 0;
        while let Some(piece) = pieces.next() {
            at += 1;
            match piece {
                DerivedPiece::From(path, how) => {
                    let made = how.apply(column::find(columns, *path)?)?;
                    rest = rest.strip_prefix(made.as_str())?;
                    // A number that goes on is another one: `2.5` in `2.50`.
                    let is_number = column::find(columns, *path)?.number().is_some();
                    let behind = self.pieces.get(at..at + 2).unwrap_or_default();
                    let is_version = rest.starts_with('.') && are_parts_of_a_version(behind);
                    if is_number && goes_on(rest) && !is_version {
                        return None;
                    }
                }
                DerivedPiece::Gap(gap) => {
                    let length = match pieces.peek() {
                        // What follows in other records belongs to the last one.
                        None => rest.len(),
                        _ if gap.varying.is_none() && gap.bytes <= rest.len() => gap.bytes,
                        Some(DerivedPiece::From(path, how)) => {
                            rest.find(&how.apply(column::find(columns, *path)?)?)?
                        }
                        _ => rest.len(),
                    };
                    let is_constant = |length: usize| {
                        gap.varying.is_none() && gap.is(rest.get(..length).unwrap_or_default())
                    };
                    let length = match (is_constant(length), pieces.peek()) {
                        (true, _) => length,
                        // It is no constant after all.
                        (false, Some(DerivedPiece::From(path, how))) => {
                            rest.find(&how.apply(column::find(columns, *path)?)?)?
                        }
                        (false, _) => rest.len(),
                    };
                    let (found, behind) = rest.split_at_checked(length)?;
                    gaps.push(found);
                    rest = behind;
                }
            }
        }
        rest.is_empty().then_some(gaps)
    }

    /// Has it held for enough different texts?
    pub fn is_law(&self) -> bool {
        self.varied && self.hits >= HITS_MIN
    }

    /// Is nothing in it left to chance?
    pub fn is_whole(&self) -> bool {
        self.pieces.iter().all(|piece| match piece {
            DerivedPiece::From(..) => true,
            DerivedPiece::Gap(gap) => gap.varying.is_none(),
        })
    }

    /// Does it take a part of another text?
    pub fn is_part(&self) -> bool {
        use Transform::{FirstWord, Head, LastPart, LastWord, Part, Tail};
        let part = |piece: &DerivedPiece| match piece {
            DerivedPiece::From(_, how) => {
                matches!(how, Head(_) | Tail(_) | Part(..) | LastPart(_) | FirstWord | LastWord)
            }
            DerivedPiece::Gap(_) => false,
        };
        self.pieces.iter().any(part)
    }

    /// Does what it makes lose something of what it is made of?
    pub fn is_lossy(&self) -> bool {
        use Transform::{Dotted, Slug, Snake, Squash};
        let lossy = |piece: &DerivedPiece| {
            matches!(piece, DerivedPiece::From(_, Slug | Snake | Dotted | Squash))
        };
        self.is_part() || self.pieces.iter().any(lossy)
    }

    /// The columns it is made of.
    pub fn sources(&self) -> impl Iterator<Item = u32> {
        self.pieces.iter().filter_map(|piece| match piece {
            DerivedPiece::From(path, _) => Some(*path),
            DerivedPiece::Gap(_) => None,
        })
    }

    /// Is it about the same columns in the same way?
    pub fn is_same(&self, other: &Self) -> bool {
        let same = |(own, theirs): (&DerivedPiece, &DerivedPiece)| match (own, theirs) {
            (DerivedPiece::From(own, how), DerivedPiece::From(path, other)) => {
                own == path && how == other
            }
            (DerivedPiece::Gap(_), DerivedPiece::Gap(_)) => true,
            _ => false,
        };
        self.target == other.target
            && self.pieces.len() == other.pieces.len()
            && self.pieces.iter().zip(&other.pieces).all(same)
    }

    /// Adds the evidence of the same derivation.
    pub fn merge(&mut self, other: Self) {
        self.varied |= other.varied || (other.hits > 0 && self.first != other.first);
        self.hits = self.hits.saturating_add(other.hits);
        for (own, theirs) in self.pieces.iter_mut().zip(other.pieces) {
            if let (DerivedPiece::Gap(own), DerivedPiece::Gap(theirs)) = (own, theirs) {
                own.merge(theirs);
            }
        }
    }
}

impl Gap {
    fn new(text: &str) -> Self {
        let fingerprint = hash::fingerprint(text.as_bytes());
        Self { fingerprint, bytes: text.len(), ..Self::default() }
    }

    fn is(&self, text: &str) -> bool {
        self.bytes == text.len() && self.fingerprint == hash::fingerprint(text.as_bytes())
    }

    /// `whole`: the text that the gap is in.
    fn observe(
        &mut self,
        text: &str,
        whole: &str,
        body: u64,
        may_keep: &dyn Fn(&str, u32) -> bool,
    ) {
        if self.bodies == 0 || self.last_body != body {
            self.bodies = self.bodies.saturating_add(1);
            self.last_body = body;
        }
        if self.varying.is_none() && self.is(text) {
            if self.text.is_none()
                && may_keep(text, self.bodies)
                && retention::may_keep_gap(text, whole)
            {
                self.text = Some(text.into());
            }
            return;
        }
        self.text = None;
        let segment = self.varying.get_or_insert_default();
        let segments_left = GAP_SEGMENTS_MAX.saturating_sub(segment.segments());
        let kept = std::cell::OnceCell::new();
        let may_keep = |part: &str, bodies: u32| {
            let of_gap = kept.get_or_init(|| PartRetention::of_gap(text, whole));
            of_gap.may_keep(part, bodies)
        };
        let mut sighting = Sighting { body, at_ms: 0, may_keep: &may_keep, segments_left };
        segment.observe(text, Cut::Fields, &mut sighting);
    }

    fn merge(&mut self, other: Self) {
        self.bodies = self.bodies.saturating_add(other.bodies);
        match (&mut self.varying, other.varying) {
            (Some(own), Some(varying)) => own.merge(*varying),
            (own, varying) => *own = own.take().or(varying),
        }
        self.text = self.text.take().or(other.text).filter(|_| self.varying.is_none());
    }
}

/// Does another column follow a point or the like, as in `1.18.3`?
fn are_parts_of_a_version(behind: &[DerivedPiece]) -> bool {
    matches!(behind, [DerivedPiece::Gap(gap), DerivedPiece::From(..)] if gap.bytes == 1)
}

/// Does a number go on here?
fn goes_on(rest: &str) -> bool {
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    rest.starts_with(|c: char| c.is_ascii_digit())
}

/// The pieces of a text, what comes from other columns as long as can be.
fn cover(
    text: &str,
    target: usize,
    columns: &[Column<'_>],
    all: &DerivedTexts,
) -> Option<Vec<DerivedPiece>> {
    let mut pieces = Vec::new();
    let (mut at, mut gap_from, mut covered, mut letters) = (0, 0, 0, 0);
    while at < text.len() {
        let rest = text.get(at..)?;
        let fits = |(column, how, made): &&(usize, Transform, String)| {
            *column != target
                && rest.starts_with(made.as_str())
                && stands_alone(text, at, made, *how)
                && (!is_letter(*how) || goes_on_with(rest, target, made, all))
        };
        if let Some((column, how, found)) = all.iter().find(fits) {
            if at > gap_from {
                pieces.push(DerivedPiece::Gap(Gap::new(text.get(gap_from..at)?)));
            }
            pieces.push(DerivedPiece::From(columns.get(*column)?.path, *how));
            *(if is_letter(*how) { &mut letters } else { &mut covered }) += found.len();
            at += found.len();
            gap_from = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    // Something may follow in other records, as in `1.2.0-rc.1`.
    pieces.push(DerivedPiece::Gap(Gap::new(text.get(gap_from..)?)));
    // A letter alone is an accident, unless it is half of the text.
    let is_made = covered > 0 || letters * 2 >= text.len();
    (is_made && pieces.len() <= PIECES_MAX).then_some(pieces)
}

fn is_letter(how: Transform) -> bool {
    matches!(how, Transform::FirstLower | Transform::FirstUpper)
}

/// Behind a letter that stands for a word, another column or punctuation follows: `adoe`, `A. Doe`;
/// else it is the first letter of a word of its own.
fn goes_on_with(rest: &str, target: usize, letter: &str, all: &DerivedTexts) -> bool {
    let behind = rest.get(letter.len()..).unwrap_or_default();
    let follows = |(column, how, made): &(usize, Transform, String)| {
        *column != target && made.len() > 1 && !is_letter(*how) && behind.starts_with(&**made)
    };
    !behind.starts_with(char::is_alphabetic) || all.iter().any(follows)
}

/// Characters from which a text found within another is no accident wherever it stands, and from
/// which it is none at one end of a word.
const LONG: usize = 5;
const MIDDLE: usize = 3;

/// Does what was found at a place stand there for itself, rather than as a piece of a word or a
/// number?
fn stands_alone(text: &str, at: usize, found: &str, how: Transform) -> bool {
    let end = at + found.len();
    let bytes = text.as_bytes();
    let kind = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at)).map_or(0, |byte| match byte {
            b'0'..=b'9' => 1,
            b'a'..=b'z' | b'A'..=b'Z' => 2,
            _ => 0,
        })
    };
    let begins = kind(at.checked_sub(1)) == 0 || kind(at.checked_sub(1)) != kind(Some(at));
    let ends = kind(Some(end)) == 0 || kind(Some(end)) != kind(end.checked_sub(1));
    let is_number = found.bytes().all(|byte| byte.is_ascii_digit());
    if is_letter(how) {
        return at == 0 && found.bytes().all(|byte| byte.is_ascii_alphabetic());
    }
    match found.len() {
        _ if begins && ends => true,
        _ if is_number => false,
        LONG.. => true,
        MIDDLE.. => begins || ends,
        _ => false,
    }
}

/// A text that stands at an end of another, or between its separators.
fn part_of(text: &str, target: usize, columns: &[Column<'_>]) -> Option<Vec<DerivedPiece>> {
    const SEPARATORS: [char; 8] = ['/', '-', '.', ' ', '@', ':', '_', ','];
    let others = columns.iter().enumerate().filter(|(at, other)| {
        *at != target && other.stands && matches!(other.value, Scalar::Text(_))
    });
    for (_, other) in others {
        let whole = other.value.text();
        if whole.len() <= text.len() || text.len() < 2 {
            continue;
        }
        let piece = |how| Some(vec![DerivedPiece::From(other.path, how)]);
        for separator in SEPARATORS {
            if let Some(at) = whole.split(separator).position(|part| part == text) {
                let is_last = whole.rsplit_once(separator).is_some_and(|(_, last)| last == text);
                return match u8::try_from(at) {
                    Ok(at) if at == 0 || !is_last => piece(Transform::Part(separator, at)),
                    _ => piece(Transform::LastPart(separator)),
                };
            }
        }
        let length = u8::try_from(text.chars().count()).ok()?;
        if whole.starts_with(text) {
            return piece(Transform::Head(length));
        }
        if whole.ends_with(text) {
            return piece(Transform::Tail(length));
        }
    }
    None
}

/// A number that is a part of a time.
fn same_number(
    text: &str,
    target: usize,
    columns: &[Column<'_>],
    made: &DerivedTexts,
) -> Option<Vec<DerivedPiece>> {
    let fits = |(column, how, made): &&(usize, Transform, String)| {
        *column != target && made == text && matches!(how, Transform::Date(_))
    };
    let (column, how, _) = made.iter().find(fits)?;
    Some(vec![DerivedPiece::From(columns.get(*column)?.path, *how)])
}
