//! Strings of one position as learned: vocabulary, formats, masks, stems, times.

use serde::{Deserialize, Serialize};

use crate::domain::formats;
use crate::domain::formats::{Drawing, Format, timestamp};
use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::privacy::retention;
use crate::domain::privacy::retention::PartRetention;
use crate::domain::random::hash;
use crate::domain::sketch::categories::{Categories, Novelty, ValueObservation};
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::{PrioritySample, SampleBounds, SampleKey};
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::observe_context::ObserveContext;
use crate::domain::value::string::constant_tokens::ConstantTokens;
use crate::domain::value::string::grammar::cut::Cut;
use crate::domain::value::string::grammar::segment::{SegmentModel, Sighting};
use crate::domain::value::string::pattern;
use crate::domain::value::string::pattern::CharRun;
use crate::domain::value::string::structure::is_structured;
use crate::domain::value::time::unix_times::NEAR_S;
use crate::domain::words::own_address;

/// The shape of one string: its format, fingerprints of its leading parts, and its mask.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StringClass {
    /// The row of [`formats`] that took it.
    #[serde(rename = "f", default, skip_serializing_if = "is_plain")]
    pub format: Format,
    /// Fingerprints of the two stems (`https://host/`, `https://host/dir/`); 0 for none.
    #[serde(rename = "s", default, skip_serializing_if = "is_none")]
    pub stems: [u32; 2],
    /// How it is written, without what: runs of character classes, or the layout of a time.
    #[serde(rename = "m", default)]
    pub mask: Box<str>,
}

heap_bytes!(StringClass { format, stems, mask });

fn is_plain(format: &Format) -> bool {
    *format == Format::Plain
}

fn is_none(stems: &[u32; 2]) -> bool {
    *stems == [0, 0]
}

impl SampleKey for StringClass {
    fn stable_hash(&self) -> u64 {
        let stems = u64::from(self.stems[0]) << 32 | u64::from(self.stems[1]);
        hash::combine(hash::hash_bytes(self.mask.as_bytes()), stems ^ self.format as u64)
    }
    fn size_bytes(&self) -> usize {
        self.mask.len() + 16
    }
}

/// The strings of one position.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StringModel {
    /// Strings observed.
    #[serde(rename = "n")]
    pub seen: u64,
    /// The few strings there are, while they are few, each with a stand-in.
    #[serde(rename = "v")]
    pub vocabulary: Categories<StringClass>,
    /// What strings begin with, up to their two stems, by how often each came.
    #[serde(rename = "s", skip_serializing_if = "no_stems")]
    pub stems: [Categories; 2],
    /// Words that stand in nearly all strings.
    #[serde(rename = "w", skip_serializing_if = "ConstantTokens::is_new")]
    pub words: ConstantTokens,
    /// What stands in the parts of strings that are no sentences.
    #[serde(rename = "g", skip_serializing_if = "Option::is_none")]
    pub grammar: Option<Box<SegmentModel>>,
    /// Shapes of the strings, by how often each came.
    #[serde(rename = "p")]
    pub patterns: PrioritySample<StringClass>,
    /// Lengths as [`length_code`]s, once there are more patterns than are kept: the kept ones are
    /// then weighted so that lengths come as they came.
    #[serde(rename = "l", skip_serializing_if = "PrioritySample::is_empty")]
    pub lengths: PrioritySample<i32>,
    /// Strings by format.
    #[serde(rename = "f")]
    pub formats: Vec<(Format, u64)>,
    /// ASCII characters that occurred, a bit each.
    #[serde(rename = "a")]
    pub alphabet: [u64; 2],
    /// Shortest, characters.
    #[serde(rename = "lo")]
    pub chars_min: u32,
    /// Longest, characters.
    #[serde(rename = "hi")]
    pub chars_max: u32,
    /// Seconds from the moment of observation, as number codes, for strings that are times.
    #[serde(rename = "t", skip_serializing_if = "PrioritySample::is_empty")]
    pub offsets: PrioritySample<i32>,
    /// Times within [`NEAR_S`] of the observation.
    #[serde(rename = "tn", skip_serializing_if = "is_zero")]
    pub near: u64,
    /// Times at midnight UTC.
    #[serde(rename = "tm", skip_serializing_if = "is_zero")]
    pub midnights: u64,
    /// Texts that look like the names of people, and those of them that may be of things.
    #[serde(rename = "tp", skip_serializing_if = "has_no_names")]
    names: [u32; 2],
    /// How many different ones there are, up to some dozen: a bit each, by hash.
    #[serde(rename = "td", skip_serializing_if = "is_zero")]
    different_names: u64,
}

heap_bytes!(StringModel {
    seen,
    vocabulary,
    stems,
    words,
    grammar,
    patterns,
    lengths,
    formats,
    alphabet,
    chars_min,
    chars_max,
    offsets,
    near,
    midnights,
    names,
    different_names,
});

fn is_zero(value: &u64) -> bool {
    *value == 0
}

fn has_no_names(names: &[u32; 2]) -> bool {
    *names == [0, 0]
}

fn no_stems(stems: &[Categories; 2]) -> bool {
    stems.iter().all(|s| s.total() == 0)
}

/// Stems told apart; a service links to a handful of hosts.
const STEMS_MAX: usize = 32;

impl StringModel {
    /// Learns one string; the index of its vocabulary entry while the position may be closed.
    pub fn observe(
        &mut self,
        text: &str,
        secret: bool,
        cx: &mut ObserveContext<'_>,
    ) -> Option<usize> {
        self.seen += 1;
        // What stands for the double's own address is nobody's secret, whatever it stands under.
        let secret = secret && text != own_address::STAND_IN;
        let index = if secret { None } else { self.observe_vocabulary(text, cx) };
        let format = formats::detect(text);
        match self.formats.iter_mut().find(|(known, _)| *known == format) {
            Some((_, count)) => *count += 1,
            None => self.formats.push((format, 1)),
        }
        let mut chars = 0u32;
        for byte in text.bytes() {
            chars += u32::from(byte & 0xC0 != 0x80);
            if byte < 128 {
                self.alphabet[usize::from(byte >> 6)] |= 1 << (byte & 63);
            }
        }
        self.chars_min = if self.seen == 1 { chars } else { self.chars_min.min(chars) };
        self.chars_max = self.chars_max.max(chars);
        cx.moment = self.observe_time(text, format, cx.at_ms);
        self.observe_pattern(text, format, secret, index, cx);
        index
    }

    fn observe_vocabulary(&mut self, text: &str, cx: &ObserveContext<'_>) -> Option<usize> {
        let sighting = ValueObservation {
            text,
            body: cx.body,
            candidates_max: cx.limits.vocabulary_max,
            text_bytes_max: cx.limits.text_bytes_max,
            novelty: Novelty::VALUE,
        };
        let is_person = cx.is_person && cx.limits.privacy == PrivacyLevel::Strict;
        let is_person = is_person && !self.is_thing(text, cx);
        let may_keep = |text: &str, bodies| !is_person && retention::may_keep_value(text, bodies);
        self.vocabulary.observe(&sighting, may_keep)
    }

    /// Whether what looks like a person's name is that of a thing, as nearly all at this position.
    fn is_thing(&mut self, text: &str, cx: &ObserveContext<'_>) -> bool {
        self.different_names |= 1 << (hash::hash_bytes(text.as_bytes()) & 63);
        self.names[0] = self.names[0].saturating_add(1);
        self.names[1] = self.names[1].saturating_add(u32::from(cx.is_thing));
        cx.is_thing && self.names_things()
    }

    /// Are the names that look like people's those of things?
    pub fn names_things(&self) -> bool {
        // One name that comes often is one name.
        self.different_names.count_ones() >= retention::NAMES_MIN
            && retention::are_things(self.names)
    }

    fn observe_time(&mut self, text: &str, format: Format, at_ms: i64) -> Option<i64> {
        let is_dated = matches!(format.drawing(), Drawing::Time { is_dated: true });
        let moment = is_dated.then(|| timestamp::parse(text)).flatten()?;
        let offset = moment.epoch_s - at_ms.div_euclid(1000);
        self.near += u64::from(offset.abs() <= NEAR_S);
        self.midnights += u64::from(moment.epoch_s.rem_euclid(timestamp::DAY_S) == 0);
        self.offsets.add(number_code::code_of(offset as f64), number_code::NUMBER_CODES);
        Some(moment.epoch_s)
    }

    fn observe_pattern(
        &mut self,
        text: &str,
        format: Format,
        secret: bool,
        index: Option<usize>,
        cx: &mut ObserveContext<'_>,
    ) {
        let drawing = format.drawing();
        let mut stems = [0, 0];
        let mut fingerprints = [0, 0];
        if !secret && let Drawing::Pattern(rules) = drawing {
            stems = (rules.stems)(text);
            for (which, end) in stems.iter().enumerate() {
                let Some(stem) = text.get(..*end).filter(|s| !s.is_empty()) else { continue };
                fingerprints[which] = hash::fingerprint(stem.as_bytes());
                let sighting = ValueObservation {
                    text: stem,
                    body: cx.body,
                    candidates_max: STEMS_MAX,
                    text_bytes_max: cx.limits.text_bytes_max,
                    novelty: Novelty::VALUE,
                };
                self.stems[which].observe(&sighting, retention::may_keep_stem);
            }
        }
        let has_parts = matches!(drawing, Drawing::Pattern(rules) if rules.is_structured)
            && !index.is_some_and(|at| self.vocabulary.is_text_known(at));
        if cx.is_person {
            // Counted without its words, so that a word beside it does not seem to stand in all.
            self.words.observe("", cx.body);
        } else if !secret && has_parts {
            self.words.observe(text, cx.body);
        }
        if cx.limits.learns_details && has_parts && is_structured(text) {
            self.observe_grammar(text, secret, cx);
        }
        let mut mask = std::mem::take(&mut cx.scratch);
        mask.clear();
        match drawing {
            // A pattern would only cost memory.
            Drawing::Made(_) => {}
            Drawing::Time { .. } => timestamp::write_style(text, &mut mask),
            Drawing::Pattern(_) => pattern::write_pattern(text, stems, &mut mask),
        }
        let order = |p: &StringClass| {
            let before = p.format.cmp(&format).then_with(|| p.stems.cmp(&fingerprints));
            before.then_with(|| (*p.mask).cmp(&mask))
        };
        let build = || StringClass { format, stems: fingerprints, mask: mask.as_str().into() };
        if let Some(index) = index {
            self.vocabulary.stand_in(index, || StringClass {
                mask: exact_mask(text, format, stems, &mask),
                ..build()
            });
        }
        self.patterns.add_with(order, build, pattern_bounds(cx.limits));
        if !self.patterns.is_exact() {
            if self.lengths.is_empty() {
                self.lengths = lengths_of(&self.patterns);
            } else {
                self.lengths.add(length_code(text.chars().count()), number_code::NUMBER_CODES);
            }
        }
        cx.scratch = mask;
    }

    fn observe_grammar(&mut self, text: &str, secret: bool, cx: &ObserveContext<'_>) {
        let grammar = self.grammar.get_or_insert_default();
        // A well-known position learns from one string in eight, told by the string itself.
        if grammar.seen >= GRAMMAR_SAMPLED_FROM && hash::fingerprint(text.as_bytes()) & 7 != 0 {
            return;
        }
        let withheld = secret || cx.is_person;
        let kept = std::cell::OnceCell::new();
        // Of few texts, parts that each stand in many would make up the whole again.
        let are_many = grammar.words.is_open();
        let may_keep = |part: &str, bodies: u32| {
            let kept = kept.get_or_init(|| PartRetention::of(text));
            !withheld
                && (are_many || *kept != PartRetention::Nothing)
                && kept.may_keep(part, bodies)
        };
        let segments_left = SEGMENTS_MAX.saturating_sub(grammar.segments());
        let (body, at_ms) = (cx.body, cx.at_ms);
        let mut sighting = Sighting { body, at_ms, may_keep: &may_keep, segments_left };
        grammar.observe(text, Cut::Fields, &mut sighting);
    }

    /// Learns strings of which only the shape is known: keys of a record that became a map.
    pub fn observe_shape(&mut self, text: Option<&str>, mask: Option<&str>, count: u64) {
        let mut own = String::new();
        let mask = mask.unwrap_or_else(|| {
            pattern::write_pattern(text.unwrap_or_default(), [0, 0], &mut own);
            &own
        });
        self.observe_alphabet(mask);
        let chars = u32::try_from(pattern::chars_of(mask)).unwrap_or(u32::MAX);
        self.chars_min = if self.seen == 0 { chars } else { self.chars_min.min(chars) };
        self.chars_max = self.chars_max.max(chars);
        self.seen += count;
        match self.formats.iter_mut().find(|(known, _)| *known == Format::Plain) {
            Some((_, plain)) => *plain += count,
            None => self.formats.push((Format::Plain, count)),
        }
        let pattern = StringClass { format: Format::Plain, stems: [0, 0], mask: mask.into() };
        let bounds = SampleBounds { entries_max: SHAPES_MAX, bytes_max: usize::MAX };
        self.patterns.add(pattern, bounds);
    }

    /// One character stands for its class: which letters there were, a mask does not say.
    fn observe_alphabet(&mut self, mask: &str) {
        for run in pattern::runs(mask) {
            let members: &[u8] = match run {
                CharRun::Class('A', _) => b"A",
                CharRun::Class('d' | 'z', _) => b"0",
                CharRun::Class('h' | 'w', _) => b"a0",
                CharRun::Class('H' | 'W', _) => b"A0",
                CharRun::Class('m', _) => b"aA0",
                CharRun::Class('a', _) | CharRun::Rest(_) => b"a",
                CharRun::Literal(symbol) if symbol.is_ascii() => &[symbol as u8],
                CharRun::Class(..) | CharRun::Literal(_) | CharRun::Stem(_) => b"",
            };
            for byte in members {
                self.alphabet[usize::from(byte >> 6)] |= 1 << (byte & 63);
            }
        }
    }

    /// Adds another position's strings; gives where the values of its vocabulary went.
    pub fn merge(&mut self, other: Self, limits: &ValueLimits) -> Vec<usize> {
        if other.seen > 0 {
            let min = other.chars_min;
            self.chars_min = if self.seen == 0 { min } else { self.chars_min.min(min) };
        }
        self.seen += other.seen;
        self.chars_max = self.chars_max.max(other.chars_max);
        for (own, stems) in self.stems.iter_mut().zip(other.stems) {
            own.merge(stems, STEMS_MAX);
        }
        self.words.merge(other.words);
        match (&mut self.grammar, other.grammar) {
            (Some(own), Some(grammar)) => own.merge(*grammar),
            (own, grammar) => *own = own.take().or(grammar),
        }
        self.merge_patterns(other.patterns, other.lengths, limits);
        for (format, count) in other.formats {
            match self.formats.iter_mut().find(|(known, _)| *known == format) {
                Some((_, own)) => *own += count,
                None => self.formats.push((format, count)),
            }
        }
        for (own, bits) in self.alphabet.iter_mut().zip(other.alphabet) {
            *own |= bits;
        }
        self.offsets.merge(other.offsets, number_code::NUMBER_CODES);
        self.different_names |= other.different_names;
        for (own, count) in self.names.iter_mut().zip(other.names) {
            *own = own.saturating_add(count);
        }
        self.near += other.near;
        self.midnights += other.midnights;
        self.vocabulary.merge(other.vocabulary, limits.vocabulary_max)
    }

    fn merge_patterns(
        &mut self,
        patterns: PrioritySample<StringClass>,
        lengths: PrioritySample<i32>,
        limits: &ValueLimits,
    ) {
        let known = |lengths: PrioritySample<i32>, patterns: &PrioritySample<StringClass>| {
            if lengths.is_empty() { lengths_of(patterns) } else { lengths }
        };
        let mut merged = known(std::mem::take(&mut self.lengths), &self.patterns);
        merged.merge(known(lengths, &patterns), number_code::NUMBER_CODES);
        self.patterns.merge(patterns, pattern_bounds(limits));
        if !self.patterns.is_exact() {
            self.lengths = merged;
        }
    }

    /// Keeps within tighter limits; the lengths of patterns that are forgotten stay known.
    pub fn tighten_patterns(&mut self, limits: &ValueLimits) {
        let lengths = self.patterns.is_exact().then(|| lengths_of(&self.patterns));
        self.patterns.tighten(pattern_bounds(limits));
        if let Some(lengths) = lengths.filter(|_| !self.patterns.is_exact()) {
            self.lengths = lengths;
        }
    }

    /// Are the times of this position counted from the request?
    pub fn is_near(&self) -> bool {
        let times: f64 = self.offsets.weights().map(|w| w.1).sum();
        times > 0.0 && self.near as f64 >= times * 0.9
    }

    /// The format all strings have, empty ones aside; plain when they differ.
    pub fn format(&self) -> Format {
        match self.formats.as_slice() {
            [(format, _)] => *format,
            _ => Format::Plain,
        }
    }
}

/// Strings after which a grammar learns from one in eight only; before, from all.
pub const GRAMMAR_SAMPLED_FROM: u32 = 256;
/// Segments of one grammar.
const SEGMENTS_MAX: usize = 96;

/// Lengths told apart: each up to 32 characters, then sixteen to a doubling.
pub fn length_code(chars: usize) -> i32 {
    const EXACT: usize = 32;
    if chars <= EXACT {
        return chars as i32;
    }
    let octaves = (chars.min(1 << 30) as f64 / EXACT as f64).log2();
    EXACT as i32 + (octaves * 16.0).round() as i32
}

fn lengths_of(patterns: &PrioritySample<StringClass>) -> PrioritySample<i32> {
    let mut lengths = PrioritySample::default();
    for (pattern, weight) in patterns.weights() {
        let code = length_code(pattern::chars_of(&pattern.mask));
        lengths.add_count(code, weight as u32, number_code::NUMBER_CODES);
    }
    lengths
}

/// The mask of a stand-in: exact where the format has one.
fn exact_mask(text: &str, format: Format, stems: [usize; 2], mask: &str) -> Box<str> {
    match format.drawing() {
        Drawing::Pattern(rules) if rules.is_exact => {
            let mut exact = String::new();
            pattern::write_exact_pattern(text, stems, &mut exact);
            exact.into()
        }
        _ => mask.into(),
    }
}

/// Key shapes taken over from a record: as many as a record may have members.
const SHAPES_MAX: usize = 128;

fn pattern_bounds(limits: &ValueLimits) -> SampleBounds {
    SampleBounds { entries_max: limits.masks_max, bytes_max: limits.mask_bytes_max }
}
