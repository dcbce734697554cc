//! Strings drawn from a learned grammar: compiled once, then written part by part.

use crate::domain::formats::{Drawing, timestamp};
use crate::domain::random::choice::Choice;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::sketch::categories::COMPLETE_UNSEEN_MAX;
use crate::domain::value::string::grammar::characters::Characters;
use crate::domain::value::string::grammar::characters_node::CharactersNode;
use crate::domain::value::string::grammar::cut;
use crate::domain::value::string::grammar::cut::{Cut, SplitPlace};
use crate::domain::value::string::grammar::lengths::Lengths;
use crate::domain::value::string::grammar::segment::{KnownModel, SegmentModel, ShapeModel};
use crate::domain::value::time::draw_clock::DrawClock;
use crate::domain::value::time::timestamp::Times;
use crate::domain::words::filler;

/// A part of a string.
#[derive(Debug, Clone)]
pub enum GrammarNode {
    /// Always this.
    Text(Box<str>),
    /// One of these, as often as it came.
    Words {
        /// Over `words`, by how often each came.
        choice: Choice,
        /// Sorted, so that the order of learning does not show.
        words: Box<[Box<str>]>,
    },
    /// One of several forms.
    Either {
        /// Over `nodes`, by how often each form came.
        choice: Choice,
        /// The forms, each a whole text.
        nodes: Box<[GrammarNode]>,
    },
    /// One after the other.
    Sequence(Box<[GrammarNode]>),
    /// Characters drawn place by place, or a number of their range.
    Characters(CharactersNode),
    /// A word of a language.
    Word {
        /// Lengths in letters.
        lengths: Lengths,
        /// How its letters are written.
        case: LetterCase,
    },
    /// Of a format that makes its strings.
    Made {
        /// Appends one string of the format.
        make: fn(&mut KeyedRng, &mut Vec<u8>),
        /// Hexadecimal letters were seen as capitals alone.
        is_upper: bool,
    },
    /// A time in one of the layouts that came.
    Time {
        /// Over `styles`, by how often each came.
        choice: Choice,
        /// Layouts as [`timestamp::write_style`] writes them.
        styles: Box<[Box<str>]>,
        /// When they are; `None` draws a time of day alone.
        times: Option<Times>,
    },
}

/// How words are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterCase {
    /// All in lower case.
    Lower,
    /// All in upper case.
    Upper,
    /// A capital first, the rest in lower case.
    Title,
}

/// What a segment is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Its words, and nothing else.
    Words,
    /// Its words, and what its shapes or characters give.
    Mixed,
    /// Its shapes, part by part.
    Shapes,
    /// Its characters, place by place, without words or shapes.
    Characters,
}

/// Share of the texts that must have a shape that is kept.
const SHAPED_MIN: f64 = 0.7;

/// Share of the sightings whose words must be known before nothing but words is drawn.
const KNOWN_MIN: f64 = 0.7;
/// The same of words of a language, which shapes or letters would only spoil, and of words that
/// stand beside others.
const KNOWN_WORDS_MIN: f64 = 0.4;

/// Different numbers from which their range says more than the ones that came.
const SPREAD_NUMBERS_MIN: usize = 9;

/// What the texts of a segment are drawn from.
pub fn nature(segment: &SegmentModel) -> Nature {
    let words = &segment.words;
    let structure = structure(segment);
    let covered = words.covered();
    if words.is_open() || covered == 0.0 {
        return structure;
    }
    let [numbers, _] = segment.characters.numbers;
    let is_number = numbers * 10 >= segment.characters.seen * 9;
    if is_number && words.candidates().len() >= SPREAD_NUMBERS_MIN {
        return structure;
    }
    let are_words = !is_number && segment.characters.are_words();
    if covered >= KNOWN_MIN && words.unseen_share() <= COMPLETE_UNSEEN_MAX {
        Nature::Words
    } else if are_words && structure == Nature::Shapes && !is_single(segment) {
        Nature::Shapes
    } else if are_words && covered >= KNOWN_WORDS_MIN {
        Nature::Words
    } else if covered >= KNOWN_MIN {
        Nature::Mixed
    } else {
        structure
    }
}

fn structure(segment: &SegmentModel) -> Nature {
    let shaped = 1.0 - f64::from(segment.unshaped) / f64::from(segment.seen.max(1));
    let has_shapes = !segment.shapeless && !segment.shapes.is_empty() && shaped >= SHAPED_MIN;
    if has_shapes && !is_jumbled(segment) { Nature::Shapes } else { Nature::Characters }
}

/// Do letters and digits come as they like, so that the shapes are accidents? Then the lengths of
/// the parts differ where that of the whole does not.
fn is_jumbled(segment: &SegmentModel) -> bool {
    let cut = |shape: &ShapeModel| Cut::from(shape.cut) == Cut::Runs && shape.parts.len() > 1;
    let mut mixed = segment.shapes.iter().filter(|shape| cut(shape)).peekable();
    let differs = |shape: &ShapeModel| {
        shape.parts.iter().filter(|part| part.characters.lengths.len() > 1).count() > 1
    };
    let is_fixed = segment.characters.lengths.len() <= 2;
    let runs = segment.shapes.iter().filter(|shape| Cut::from(shape.cut) == Cut::Runs).count();
    mixed.peek().is_some() && ((is_fixed && mixed.any(differs)) || runs >= JUMBLED_SHAPES_MIN)
}

/// Skeletons of one token from which letters and digits are taken to come as they like.
const JUMBLED_SHAPES_MIN: usize = 5;

/// Are its texts single runs: words or numbers without parts?
fn is_single(segment: &SegmentModel) -> bool {
    segment.shapes.iter().all(|shape| shape.parts.len() == 1 && shape.skeleton.chars().count() == 1)
}

impl GrammarNode {
    /// What draws texts like those that the segment saw.
    pub fn compile(segment: &SegmentModel) -> Self {
        if let Some(known) = &segment.known {
            return of_known(known, &segment.characters);
        }
        match nature(segment) {
            Nature::Words => words(segment),
            Nature::Shapes => shapes(&segment.shapes),
            Nature::Characters => characters(&segment.characters, LetterCase::of(segment)),
            Nature::Mixed => {
                let covered = segment.words.covered();
                let rest = match structure(segment) {
                    Nature::Shapes => shapes(&segment.shapes),
                    _ => characters(&segment.characters, LetterCase::of(segment)),
                };
                let total = f64::from(segment.seen);
                let choice = Choice::of(&[covered, 1.0 - covered], total);
                Self::Either { choice, nodes: Box::new([words(segment), rest]) }
            }
        }
    }

    /// Appends one text, unescaped. `pick` decides the first choice that there is.
    pub fn write(
        &self,
        pick: Option<u32>,
        stream: &mut KeyedRng,
        clock: DrawClock,
        out: &mut Vec<u8>,
    ) {
        let unit = |stream: &mut KeyedRng| pick.unwrap_or_else(|| (stream.word() >> 32) as u32);
        match self {
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Words { choice, words } => {
                let at = choice.pick(unit(stream));
                out.extend_from_slice(words.get(at).map_or(&[], |word| word.as_bytes()));
            }
            Self::Either { choice, nodes } => {
                if let Some(node) = nodes.get(choice.pick(unit(stream))) {
                    node.write(None, stream, clock, out);
                }
            }
            Self::Sequence(nodes) => {
                for node in nodes {
                    node.write(None, stream, clock, out);
                }
            }
            Self::Characters(node) => node.write(stream, out),
            Self::Word { lengths, case } => {
                let length = lengths.draw(stream);
                case.write_word(length, stream, out);
            }
            Self::Made { make, is_upper } => {
                let start = out.len();
                make(stream, out);
                if *is_upper {
                    out.get_mut(start..).unwrap_or_default().make_ascii_uppercase();
                }
            }
            Self::Time { choice, styles, times } => {
                let at = choice.pick(unit(stream));
                let own = times.as_ref().map(|times| times.draw(stream, clock).epoch_s);
                let epoch_s = own.unwrap_or_else(|| i64::from(stream.below(86_400)));
                let style = styles.get(at).map_or("", |style| style);
                timestamp::write_styled(style, epoch_s, stream.word(), out);
            }
        }
    }
}

fn words(segment: &SegmentModel) -> GrammarNode {
    let known = segment.words.candidates().iter();
    let mut known: Vec<(&str, u32)> =
        known.filter_map(|word| Some((word.text.as_deref()?, word.count))).collect();
    // The order of learning must not show.
    known.sort_unstable();
    match *known {
        [(only, _)] => GrammarNode::Text(only.into()),
        _ => GrammarNode::Words {
            choice: Choice::new(known.iter().map(|word| f64::from(word.1))),
            words: known.iter().map(|word| word.0.into()).collect(),
        },
    }
}

fn shapes(shapes: &[ShapeModel]) -> GrammarNode {
    let mut sorted: Vec<&ShapeModel> = shapes.iter().collect();
    sorted.sort_unstable_by(|a, b| a.skeleton.cmp(&b.skeleton));
    let mut nodes: Vec<GrammarNode> = sorted.iter().map(|shape| of_shape(shape)).collect();
    if nodes.len() == 1 {
        return nodes.remove(0);
    }
    let choice = Choice::new(sorted.iter().map(|shape| f64::from(shape.seen)));
    GrammarNode::Either { choice, nodes: nodes.into() }
}

fn of_shape(shape: &ShapeModel) -> GrammarNode {
    let cut: Cut = shape.cut.into();
    let mut parts = shape.parts.iter().peekable();
    let mut nodes: Vec<GrammarNode> = Vec::new();
    let mut text = String::new();
    for (place, symbol) in cut::places(&shape.skeleton, cut).zip(shape.skeleton.chars()) {
        let is_title = cut == Cut::Runs && symbol == cut::TITLE;
        let node = match (place, parts.next_if(|_| place == SplitPlace::Text)) {
            (SplitPlace::Mark(mark), _) => GrammarNode::Text(mark.to_string().into()),
            (SplitPlace::Text, Some(part)) if is_title => title(part),
            (SplitPlace::Text, part) => {
                part.map_or(GrammarNode::Text("".into()), GrammarNode::compile)
            }
        };
        match node {
            GrammarNode::Text(own) => text.push_str(&own),
            node => {
                if !text.is_empty() {
                    nodes.push(GrammarNode::Text(std::mem::take(&mut text).into()));
                }
                nodes.push(node);
            }
        }
    }
    if !text.is_empty() {
        nodes.push(GrammarNode::Text(text.into()));
    }
    match nodes.len() {
        1 => nodes.remove(0),
        _ => GrammarNode::Sequence(nodes.into()),
    }
}

/// A word with a capital: letters as they come do not keep to that.
fn title(part: &SegmentModel) -> GrammarNode {
    match nature(part) {
        Nature::Words => words(part),
        _ => GrammarNode::Word {
            lengths: Lengths::new(&part.characters.sizes()),
            case: LetterCase::Title,
        },
    }
}

fn of_known(known: &KnownModel, characters: &Characters) -> GrammarNode {
    match known.format.drawing() {
        Drawing::Made(make) => {
            let has = |range: std::ops::RangeInclusive<u8>| {
                characters.all.bytes().any(|byte| range.contains(&byte))
            };
            GrammarNode::Made { make, is_upper: has(b'A'..=b'F') && !has(b'a'..=b'f') }
        }
        Drawing::Time { .. } => {
            let mut styles: Vec<(&str, f64)> =
                known.styles.weights().map(|(style, weight)| (&**style, weight)).collect();
            styles.sort_unstable_by(|a, b| a.0.cmp(b.0));
            GrammarNode::Time {
                choice: Choice::new(styles.iter().map(|style| style.1)),
                styles: styles.iter().map(|style| style.0.into()).collect(),
                times: Times::of_offsets(&known.offsets),
            }
        }
        Drawing::Pattern(_) => self::characters(characters, LetterCase::Lower),
    }
}

impl LetterCase {
    /// Appends a word of so many letters.
    pub fn write_word(self, length: usize, stream: &mut KeyedRng, out: &mut Vec<u8>) {
        let start = out.len();
        filler::word(stream, length, out);
        let word = out.get_mut(start..).unwrap_or_default();
        match self {
            Self::Lower => {}
            Self::Upper => word.make_ascii_uppercase(),
            Self::Title => word.iter_mut().take(1).for_each(u8::make_ascii_uppercase),
        }
    }

    fn of(segment: &SegmentModel) -> Self {
        let all = segment.characters.all;
        let is = |test: fn(&u8) -> bool| all.bytes().any(|byte| test(&byte));
        match (is(u8::is_ascii_lowercase), is(u8::is_ascii_uppercase)) {
            (false, true) => Self::Upper,
            (true, true) => Self::Title,
            _ => Self::Lower,
        }
    }
}

/// Longest word of a language that is written; longer runs of letters are none.
const WORD_LETTERS_MAX: usize = 14;

fn characters(characters: &Characters, case: LetterCase) -> GrammarNode {
    let lengths = Lengths::new(&characters.sizes());
    let is_short = lengths.most() <= WORD_LETTERS_MAX;
    let is_letters = characters.all.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_letters && is_short && characters.are_words() && characters.varied_lengths() {
        return GrammarNode::Word { lengths, case };
    }
    GrammarNode::Characters(CharactersNode::compile(characters, lengths))
}

impl Characters {
    /// Words of a language have many lengths; codes have one.
    fn varied_lengths(&self) -> bool {
        self.lengths.len() > 2
    }
}
