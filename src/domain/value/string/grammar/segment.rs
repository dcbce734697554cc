//! A segment of a string as learned: its words, its shapes, its characters.

use serde::{Deserialize, Serialize};

use crate::domain::formats::timestamp;
use crate::domain::formats::{Drawing, Format};
use crate::domain::sketch::categories::{Categories, Novelty, ValueObservation};
use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::{PrioritySample, SampleBounds};
use crate::domain::value::string::grammar::characters::Characters;
use crate::domain::value::string::grammar::cut;
use crate::domain::value::string::grammar::cut::{Cut, Part};

/// The texts of one segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SegmentModel {
    /// Texts seen; saturates.
    #[serde(rename = "n")]
    pub seen: u32,
    /// The few whole texts there are, while they are few.
    #[serde(rename = "w", skip_serializing_if = "is_default")]
    pub words: Categories,
    /// Which characters the texts have, and how many.
    #[serde(rename = "c")]
    pub characters: Characters,
    /// How the texts are cut, and what stands in each part.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub shapes: Vec<ShapeModel>,
    /// Texts of shapes that are not kept.
    #[serde(rename = "x", skip_serializing_if = "is_default")]
    pub unshaped: u32,
    /// The shapes were too many: letters and digits come as they like.
    #[serde(rename = "o", skip_serializing_if = "is_default")]
    pub shapeless: bool,
    /// The texts are of a format of their own.
    #[serde(rename = "f", skip_serializing_if = "Option::is_none")]
    pub known: Option<Box<KnownModel>>,
}

heap_bytes!(SegmentModel { seen, words, characters, shapes, unshaped, shapeless, known });

/// Texts that are cut in the same way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShapeModel {
    /// Marks and classes of the parts: see [`cut::write_skeleton`].
    #[serde(rename = "k")]
    pub skeleton: Box<str>,
    /// Into what the texts were cut.
    #[serde(rename = "r")]
    pub cut: StoredCut,
    /// Texts of this skeleton; saturates.
    #[serde(rename = "n")]
    pub seen: u32,
    /// What stands in each part that is no mark, in order.
    #[serde(rename = "p")]
    pub parts: Vec<SegmentModel>,
}

heap_bytes!(ShapeModel { skeleton, cut, seen, parts });

/// A [`Cut`] as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredCut {
    /// See [`Cut::Fields`].
    #[serde(rename = "f")]
    Fields,
    /// See [`Cut::Labels`].
    #[serde(rename = "l")]
    Labels,
    /// See [`Cut::Tokens`].
    #[serde(rename = "t")]
    Tokens,
    /// See [`Cut::Runs`].
    #[serde(rename = "r")]
    Runs,
}

no_heap!(StoredCut);

/// Texts of one known format: what its row does not say of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownModel {
    /// Whose row says how its strings are drawn.
    #[serde(rename = "f")]
    pub format: Format,
    /// How times are written.
    #[serde(rename = "y", skip_serializing_if = "PrioritySample::is_empty")]
    pub styles: PrioritySample<Box<str>>,
    /// Seconds from the moment of observation, as number codes.
    #[serde(rename = "t", skip_serializing_if = "PrioritySample::is_empty")]
    pub offsets: PrioritySample<i32>,
}

heap_bytes!(KnownModel { format, styles, offsets });

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One sighting of a string.
pub struct Sighting<'a> {
    /// Ordinal of the body, to tell repeats within one body from support by several.
    pub body: u64,
    /// When the body came, unix milliseconds.
    pub at_ms: i64,
    /// May this part be kept, seen in so many bodies?
    pub may_keep: &'a dyn Fn(&str, u32) -> bool,
    /// Segments that may still be created.
    pub segments_left: usize,
}

/// Different texts from which single characters tell nothing of one of them.
pub const VARIED_FROM: usize = 8;

/// Words of a segment told apart, and the longest of them, bytes.
const WORDS_MAX: usize = 64;
const WORD_BYTES_MAX: usize = 48;

/// Shapes of a segment told apart.
const SHAPES_MAX: usize = 8;

/// Parts of a shape; of runs, more are letters and digits as they come.
const PARTS_MAX: usize = 24;
const RUNS_MAX: usize = 8;

/// Texts without a shape before a segment is taken for shapeless, and their share, percent.
const UNSHAPED_MIN: u32 = 8;
const UNSHAPED_PERCENT: u32 = 34;

const STYLES: SampleBounds = SampleBounds { entries_max: 32, bytes_max: 1024 };

impl SegmentModel {
    /// Learns one text, to be cut by `cut` or a finer one.
    pub fn observe(&mut self, text: &str, cut: Cut, sighting: &mut Sighting<'_>) {
        self.seen = self.seen.saturating_add(1);
        let value = ValueObservation {
            text,
            body: sighting.body,
            candidates_max: WORDS_MAX,
            text_bytes_max: WORD_BYTES_MAX,
            novelty: Novelty::PART,
        };
        let known = self.words.candidates().len();
        self.words.observe(&value, sighting.may_keep);
        let is_varied = self.has_varied();
        // A text that comes again says nothing more of its characters.
        let is_new = self.words.is_open() || self.words.candidates().len() > known;
        self.characters.observe(text, is_varied && is_new);
        if self.shapeless {
            self.unshaped = self.unshaped.saturating_add(1);
            return;
        }
        let mut cut = Some(cut);
        while let Some(by) = cut {
            let parts = cut::parts(text, by);
            let is_cut = parts.len() > 1 || matches!(*parts, [Part::Known(..)]);
            if is_cut || by == Cut::Runs {
                return self.observe_parts(&parts, by, is_varied, sighting);
            }
            cut = by.next();
        }
    }

    fn observe_parts(
        &mut self,
        parts: &[Part<'_>],
        cut: Cut,
        is_varied: bool,
        sighting: &mut Sighting<'_>,
    ) {
        let mut skeleton = String::new();
        cut::write_skeleton(parts, cut, &mut skeleton);
        let is_it = |shape: &ShapeModel| *shape.skeleton == *skeleton && shape.cut == cut.into();
        let known = self.shapes.iter().position(is_it);
        let texts = parts.iter().filter(|part| !matches!(part, Part::Mark(_))).count();
        let fits = parts.len() <= if cut == Cut::Runs { RUNS_MAX } else { PARTS_MAX };
        let room = fits && self.shapes.len() < SHAPES_MAX && texts <= sighting.segments_left;
        let at = match known {
            Some(at) => at,
            None if room => {
                sighting.segments_left -= texts;
                let parts = vec![Self::default(); texts];
                let skeleton = skeleton.as_str().into();
                self.shapes.push(ShapeModel { skeleton, cut: cut.into(), seen: 0, parts });
                self.shapes.len() - 1
            }
            None => return self.leave_unshaped(1),
        };
        let Some(shape) = self.shapes.get_mut(at) else { return };
        shape.seen = shape.seen.saturating_add(1);
        let texts = parts.iter().filter(|part| !matches!(part, Part::Mark(_)));
        for (part, model) in texts.zip(&mut shape.parts) {
            match (part, cut.next()) {
                (Part::Text(text), Some(next)) => model.observe(text, next, sighting),
                (Part::Text(text), None) => {
                    model.observe_run(text, parts.len() > 1, is_varied, sighting);
                }
                (Part::Known(format, text), _) => model.observe_known(*format, text, sighting),
                (Part::Mark(_), _) => {}
            }
        }
    }

    /// `is_part`: there are others beside it; alone, its words are those of the segment around it.
    fn observe_run(
        &mut self,
        text: &str,
        is_part: bool,
        is_varied: bool,
        sighting: &mut Sighting<'_>,
    ) {
        self.seen = self.seen.saturating_add(1);
        let known = self.words.candidates().len();
        if is_part {
            let value = ValueObservation {
                text,
                body: sighting.body,
                candidates_max: WORDS_MAX,
                text_bytes_max: WORD_BYTES_MAX,
                novelty: Novelty::PART,
            };
            self.words.observe(&value, sighting.may_keep);
        }
        let is_new = !is_part || self.words.is_open() || self.words.candidates().len() > known;
        let is_varied = is_varied && (!is_part || self.has_varied());
        self.characters.observe(text, is_varied && is_new);
    }

    fn has_varied(&self) -> bool {
        self.words.is_open() || self.words.candidates().len() >= VARIED_FROM
    }

    fn observe_known(&mut self, format: Format, text: &str, sighting: &Sighting<'_>) {
        self.seen = self.seen.saturating_add(1);
        self.characters.observe(text, false);
        let known = self.known.get_or_insert_default();
        known.format = format;
        if let Drawing::Time { is_dated } = format.drawing() {
            let mut style = String::new();
            timestamp::write_style(text, &mut style);
            known.styles.add(style.into(), STYLES);
            if let Some(moment) = timestamp::parse(text).filter(|_| is_dated) {
                let offset = moment.epoch_s - sighting.at_ms.div_euclid(1000);
                known.offsets.add(number_code::code_of(offset as f64), number_code::NUMBER_CODES);
            }
        }
    }

    fn leave_unshaped(&mut self, texts: u32) {
        self.unshaped = self.unshaped.saturating_add(texts);
        let share = u64::from(self.unshaped) * 100;
        if self.unshaped >= UNSHAPED_MIN
            && share >= u64::from(self.seen) * u64::from(UNSHAPED_PERCENT)
        {
            self.shapeless = true;
            self.unshaped = self.seen;
            self.shapes = Vec::new();
        }
    }

    /// Segments in this one, itself included.
    pub fn segments(&self) -> usize {
        let parts = self.shapes.iter().flat_map(|shape| &shape.parts);
        1 + parts.map(Self::segments).sum::<usize>()
    }

    /// Adds what another segment saw.
    pub fn merge(&mut self, other: Self) {
        self.seen = self.seen.saturating_add(other.seen);
        self.words.merge_of(other.words, WORDS_MAX, Novelty::PART);
        self.characters.merge(other.characters);
        match (&mut self.known, other.known) {
            (Some(own), Some(known)) => {
                own.styles.merge(known.styles, STYLES);
                own.offsets.merge(known.offsets, number_code::NUMBER_CODES);
            }
            (own, known) => *own = own.take().or(known),
        }
        if self.shapeless || other.shapeless {
            self.shapeless = true;
            self.unshaped = self.seen;
            self.shapes = Vec::new();
            return;
        }
        self.unshaped = self.unshaped.saturating_add(other.unshaped);
        for shape in other.shapes {
            let is_same = |own: &ShapeModel| own.skeleton == shape.skeleton && own.cut == shape.cut;
            let known = self.shapes.iter().position(is_same);
            if let Some(own) = known.and_then(|at| self.shapes.get_mut(at)) {
                own.seen = own.seen.saturating_add(shape.seen);
                for (own, part) in own.parts.iter_mut().zip(shape.parts) {
                    own.merge(part);
                }
            } else if self.shapes.len() < SHAPES_MAX {
                self.shapes.push(shape);
            } else {
                self.leave_unshaped(shape.seen);
            }
        }
    }
}

impl From<Cut> for StoredCut {
    fn from(cut: Cut) -> Self {
        match cut {
            Cut::Fields => Self::Fields,
            Cut::Labels => Self::Labels,
            Cut::Tokens => Self::Tokens,
            Cut::Runs => Self::Runs,
        }
    }
}

impl From<StoredCut> for Cut {
    fn from(cut: StoredCut) -> Self {
        match cut {
            StoredCut::Fields => Self::Fields,
            StoredCut::Labels => Self::Labels,
            StoredCut::Tokens => Self::Tokens,
            StoredCut::Runs => Self::Runs,
        }
    }
}
