//! The shape of values that are new each time: punctuation kept, words described.
//!
//! `req-7f3a-00042` is the skeleton `0-0-0` with three words, each with the characters and lengths
//! it was seen with. A word stays literal only where it never changed and tells nothing; then
//! `/orders/1042` is known as `/orders/` and a number.

use serde::{Deserialize, Serialize};

use super::names::is_standard_word;
use crate::domain::privacy::is_sensitive_value;
use crate::domain::random::seed::hash_text;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// Skeletons of one header told apart; values with more different ones are of no fixed shape.
const TEMPLATES_MAX: usize = 4;

/// Words in a value. A content security policy has some dozens, pagination links about twenty.
const WORDS_MAX: usize = 64;

/// Sightings after which a word that never changed may be kept, and the longest such word.
const WORD_SUPPORT: u64 = 3;
const WORD_BYTES_MAX: usize = 32;

/// Constant numbers of more digits may be ids: only versions and sizes are kept as they are.
const CONSTANT_DIGITS_MAX: usize = 3;

/// Stands for a word in a skeleton, in which letters and digits never occur otherwise.
const WORD: char = '0';

/// Shapes of one header's values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Templates {
    pub(super) items: Vec<ValueTemplate>,
    /// Values whose skeleton found no room.
    pub(super) shapeless: u64,
}

heap_bytes!(Templates { items, shapeless });

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ValueTemplate {
    pub(super) skeleton: String,
    pub(super) count: u64,
    /// Something in such a value looked personal or secret: no word of it is kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
    pub(super) words: Vec<Word>,
}

heap_bytes!(ValueTemplate { skeleton, count, sensitive, words });

/// What is known of the word at one position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Word {
    hash: u64,
    /// It was not always the same.
    varies: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) literal: Option<String>,
    /// The characters it was made of, as the bits of [`class_of`].
    pub(super) classes: u8,
    pub(super) length_min: u16,
    pub(super) length_max: u16,
    /// Least and greatest number, where it is made of digits alone.
    pub(super) number_min: u64,
    pub(super) number_max: u64,
}

heap_bytes!(Word {
    hash,
    varies,
    literal,
    classes,
    length_min,
    length_max,
    number_min,
    number_max,
});

pub(super) const DIGIT: u8 = 1;
pub(super) const HEX_LOWER: u8 = 2;
pub(super) const LOWER: u8 = 4;
pub(super) const HEX_UPPER: u8 = 8;
pub(super) const UPPER: u8 = 16;
const OTHER: u8 = 32;

fn class_of(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'a'..=b'f' => HEX_LOWER,
        b'g'..=b'z' => LOWER,
        b'A'..=b'F' => HEX_UPPER,
        b'G'..=b'Z' => UPPER,
        _ => OTHER,
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

fn words_of(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| !is_word(c)).filter(|word| !word.is_empty())
}

impl Templates {
    /// Learns the shape of a value. Of one that is `sensitive` no word is kept, not even its hash.
    pub(super) fn observe(&mut self, value: &str, sensitive: bool) {
        match self.find(value) {
            Some(at) => self.items[at].observe(value, sensitive),
            None => self.shapeless += 1,
        }
    }

    /// Takes back one value that turned out to belong to a closed vocabulary.
    pub(super) fn forget(&mut self, value: &str, times: u64) {
        let skeleton = skeleton_of(value);
        if let Some(at) = self.items.iter().position(|item| item.skeleton == skeleton) {
            self.items[at].count = self.items[at].count.saturating_sub(times);
            if self.items[at].count == 0 {
                self.items.remove(at);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.shapeless += other.shapeless;
        for theirs in &other.items {
            match self.items.iter().position(|item| item.skeleton == theirs.skeleton) {
                Some(at) => self.items[at].merge(theirs),
                None if self.items.len() < TEMPLATES_MAX => self.items.push(theirs.clone()),
                None => self.shapeless += theirs.count,
            }
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.items.iter().map(|item| item.count).sum()
    }

    fn find(&mut self, value: &str) -> Option<usize> {
        if words_of(value).nth(WORDS_MAX).is_some() {
            return None;
        }
        let skeleton = skeleton_of(value);
        let known = self.items.iter().position(|item| item.skeleton == skeleton);
        known.or_else(|| {
            (self.items.len() < TEMPLATES_MAX).then(|| {
                self.items.push(ValueTemplate { skeleton, ..ValueTemplate::default() });
                self.items.len() - 1
            })
        })
    }
}

impl ValueTemplate {
    /// The value as a sequence: literal punctuation and words, in order.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Result<char, &Word>> {
        let mut words = self.words.iter();
        self.skeleton.chars().filter_map(move |c| match c {
            WORD => words.next().map(Err),
            c => Some(Ok(c)),
        })
    }

    fn observe(&mut self, value: &str, sensitive: bool) {
        self.count += 1;
        self.sensitive |= sensitive;
        for (at, text) in words_of(value).enumerate() {
            if at == self.words.len() {
                self.words.push(Word::first(text));
            }
            let word = &mut self.words[at];
            word.observe(text);
            let tells_nothing = || is_telling_nothing(text) || is_port(value, text);
            let keep = is_standard_word(text)
                || (self.count >= WORD_SUPPORT && !self.sensitive && tells_nothing());
            if word.varies || !keep {
                word.literal = None;
            } else if word.literal.is_none() {
                word.literal = Some(text.to_owned());
            }
        }
        self.words.iter_mut().filter(|_| self.sensitive).for_each(Word::withhold);
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sensitive |= other.sensitive;
        for (ours, theirs) in self.words.iter_mut().zip(&other.words) {
            ours.merge(theirs);
        }
        self.words.iter_mut().filter(|_| self.sensitive).for_each(Word::withhold);
    }

    /// 8-4-4-4-12 hexadecimal digits (RFC 9562).
    pub(super) fn is_uuid(&self) -> bool {
        const LENGTHS: [u16; 5] = [8, 4, 4, 4, 12];
        const HEX: u8 = DIGIT | HEX_LOWER | HEX_UPPER;
        self.skeleton == "0-0-0-0-0"
            && self.words.iter().zip(LENGTHS).all(|(word, length)| {
                word.length_min == length && word.length_max == length && word.classes & !HEX == 0
            })
    }
}

impl Word {
    fn first(text: &str) -> Self {
        Self {
            hash: hash_text(text.as_bytes()),
            length_min: u16::MAX,
            number_min: u64::MAX,
            ..Self::default()
        }
    }

    fn observe(&mut self, text: &str) {
        self.varies |= self.hash != hash_text(text.as_bytes());
        self.classes |= text.bytes().fold(0, |classes, byte| classes | class_of(byte));
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        self.length_min = self.length_min.min(length);
        self.length_max = self.length_max.max(length);
        match text.parse() {
            Ok(number) if self.number_max < u64::MAX => {
                let (at_least, at_most) = rounded(number);
                self.number_min = self.number_min.min(at_least);
                self.number_max = self.number_max.max(at_most);
            }
            // Too long for a number, or none: drawn character by character.
            _ => self.no_number(),
        }
    }

    fn no_number(&mut self) {
        (self.number_min, self.number_max) = (u64::MAX, u64::MAX);
    }

    /// Forgets everything but length and characters, unless it is a word of the protocol.
    fn withhold(&mut self) {
        if !self.literal.as_deref().is_some_and(is_standard_word) {
            self.literal = None;
            self.hash = 0;
            self.varies = true;
            self.no_number();
        }
    }

    fn merge(&mut self, other: &Self) {
        self.varies |= other.varies || self.hash != other.hash;
        self.classes |= other.classes;
        self.length_min = self.length_min.min(other.length_min);
        self.length_max = self.length_max.max(other.length_max);
        self.number_min = self.number_min.min(other.number_min);
        self.number_max = self.number_max.max(other.number_max);
        if self.number_max == u64::MAX {
            self.no_number();
        }
        if self.varies {
            self.literal = None;
        } else if self.literal.is_none() {
            self.literal.clone_from(&other.literal);
        }
    }

    /// The numbers it was, where it was always one.
    pub(super) fn numbers(&self) -> Option<(u64, u64)> {
        (self.classes == DIGIT && self.number_max < u64::MAX)
            .then_some((self.number_min, self.number_max))
    }
}

/// The range of numbers with the same first three digits: a range is learned, not its ends, which
/// would be observed values.
pub(super) fn rounded(number: u64) -> (u64, u64) {
    const FIRST_DIGITS: u32 = 3;
    let digits = number.checked_ilog10().map_or(1, |log| log + 1);
    let grain = 10_u64.pow(digits.saturating_sub(FIRST_DIGITS));
    let at_least = number / grain * grain;
    (at_least, at_least.saturating_add(grain - 1))
}

fn skeleton_of(value: &str) -> String {
    let mut skeleton = String::new();
    let mut within = false;
    for c in value.chars() {
        if !is_word(c) {
            skeleton.push(c);
        } else if !within {
            skeleton.push(WORD);
        }
        within = is_word(c);
    }
    skeleton
}

/// Is `word` of `value` the port of a URL? It belongs to a service, and none must be made up.
fn is_port(value: &str, word: &str) -> bool {
    const PORT_DIGITS_MAX: usize = 5;
    let at = (word.as_ptr() as usize).saturating_sub(value.as_ptr() as usize);
    let host = value.get(..at).and_then(|before| before.strip_suffix(':'));
    let host = host.and_then(|before| before.rsplit_once("://")).map(|(_, host)| host);
    word.len() <= PORT_DIGITS_MAX
        && word.bytes().all(|byte| byte.is_ascii_digit())
        && host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', ':']))
}

fn is_telling_nothing(word: &str) -> bool {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    word.len() <= WORD_BYTES_MAX
        && word.is_ascii()
        && (!digits || word.len() <= CONSTANT_DIGITS_MAX)
        && !is_sensitive_value(word)
}
