//! Bodies that are not JSON: known by type and size, and by their text where that is one of a few.

use serde::{Deserialize, Serialize};

use super::BodyKind;
use crate::domain::files::{FILE_BYTES_MAX, FileKind, FilePattern};
use crate::domain::privacy::retention;
use crate::domain::random::choice::Choice;
use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::sketch::categories::{Categories, Novelty, ValueObservation};
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::PrioritySample;
use crate::domain::value::limits::ValueLimits;
use crate::domain::words::filler;

/// Sizes of the bodies of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpaqueModel {
    /// Bodies observed.
    #[serde(rename = "n")]
    pub seen: u64,
    /// Sizes in bytes, as number codes.
    #[serde(rename = "l")]
    pub sizes: PrioritySample<i32>,
    /// The whole text, where it is one of a few short ones: `ok`, `pong`, a line of help.
    #[serde(rename = "v")]
    pub texts: Categories,
    /// Kinds of file, as places in [`FileKind::NUMBERED`], with how often each came.
    #[serde(rename = "f", skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(u8, u64)>,
}

heap_bytes!(OpaqueModel { seen, sizes, texts, files });

/// Different whole texts told apart, and the longest of them, bytes: more is a document.
const TEXTS_MAX: usize = 16;
const TEXT_BYTES_MAX: usize = 512;

impl OpaqueModel {
    /// Keeps within tighter limits.
    pub fn tighten(&mut self, limits: &ValueLimits) {
        self.sizes.tighten(limits.number_codes());
        self.texts.tighten(limits.vocabulary_max);
    }

    /// `bytes`: the whole body, or as much of it as is known; `body`: its ordinal.
    pub fn observe(&mut self, bytes: &[u8], complete: bool, total_bytes: u64, body: u64) {
        self.seen += 1;
        self.sizes.add(number_code::code_of(total_bytes as f64), number_code::NUMBER_CODES);
        let kind = FileKind::of_bytes(bytes);
        let number = kind.and_then(|kind| FileKind::NUMBERED.iter().position(|k| *k == kind));
        if let Some(file) = number {
            match self.files.iter_mut().find(|(known, _)| usize::from(*known) == file) {
                Some((_, count)) => *count += 1,
                None => self.files.push((file as u8, 1)),
            }
        }
        let text = std::str::from_utf8(bytes).ok().filter(|_| complete);
        // What is not a short text makes the vocabulary open, as one more text would.
        let long = text.is_none_or(|text| text.len() > TEXT_BYTES_MAX);
        self.texts.observe(
            &ValueObservation {
                text: if long { "" } else { text.unwrap_or_default() },
                body,
                candidates_max: if long { 0 } else { TEXTS_MAX },
                text_bytes_max: TEXT_BYTES_MAX,
                novelty: Novelty::VALUE,
            },
            retention::may_keep_value,
        );
    }

    /// Adds what another model of the same kind of body saw: counts add up, samples stay bounded.
    pub fn merge(&mut self, other: Self) {
        self.seen += other.seen;
        self.sizes.merge(other.sizes, number_code::NUMBER_CODES);
        self.texts.merge(other.texts, TEXTS_MAX);
        for (file, count) in other.files {
            match self.files.iter_mut().find(|(known, _)| *known == file) {
                Some((_, own)) => *own += count,
                None => self.files.push((file, count)),
            }
        }
    }

    /// Makes what writes such bodies; they are random bytes or filler text, never learned bytes,
    /// unless a few whole texts are all that ever came.
    pub fn compile(&self, kind: BodyKind) -> OpaqueProgram {
        let mut weighted: Vec<(i32, f64)> = self.sizes.weights().map(|(c, w)| (*c, w)).collect();
        weighted.sort_unstable_by_key(|w| w.0);
        let sizes = weighted.iter().map(|w| number_code::value_of(w.0).0.round() as usize);
        let texts = self.texts.candidates().iter().filter(|_| self.texts.is_closed());
        let texts: Vec<(Box<str>, f64)> =
            texts.filter_map(|text| Some((text.text.clone()?, f64::from(text.count)))).collect();
        let most = self.files.iter().max_by_key(|(_, count)| *count);
        let is_most = |(_, count): &&(u8, u64)| count * 2 > self.seen;
        let file = most.filter(is_most);
        let file = file.and_then(|(file, _)| FileKind::NUMBERED.get(usize::from(*file)));
        OpaqueProgram {
            text_choice: Choice::new(texts.iter().map(|text| text.1)),
            texts: texts.into_iter().map(|text| text.0).collect(),
            file: file.copied(),
            kind,
            choice: Choice::new(weighted.iter().map(|w| w.1)),
            sizes: sizes.collect(),
        }
    }
}

/// Writes a body of a learned kind and size.
#[derive(Debug, Clone)]
pub struct OpaqueProgram {
    kind: BodyKind,
    choice: Choice,
    sizes: Box<[usize]>,
    /// Whole texts, where there are only these.
    text_choice: Choice,
    texts: Box<[Box<str>]>,
    /// What kind of file a binary body is.
    file: Option<FileKind>,
}

impl OpaqueProgram {
    /// Appends one body; the same one for the same seed, at most [`FILE_BYTES_MAX`] long.
    pub fn write(&self, seed: EntitySeed, out: &mut Vec<u8>) {
        let place = seed.at(self.kind as u64);
        if let Some(text) = self.texts.get(self.text_choice.draw(place).at) {
            return out.extend_from_slice(text.as_bytes());
        }
        let size = self.sizes.get(self.choice.draw(place).at).copied().unwrap_or(0);
        let size = size.min(FILE_BYTES_MAX);
        let mut stream = place.stream();
        let (open, close): (&[u8], &[u8]) = match self.kind {
            BodyKind::Html => (b"<!doctype html><html><body><p>", b"</p></body></html>"),
            BodyKind::Xml => (b"<?xml version=\"1.0\"?><root>", b"</root>"),
            BodyKind::Form => (b"value=", b""),
            BodyKind::Empty | BodyKind::Json | BodyKind::Text | BodyKind::Binary => (b"", b""),
        };
        let frame = open.len() + close.len();
        match self.kind {
            BodyKind::Empty => {}
            BodyKind::Binary => {
                let pattern = FilePattern::sized("", size, stream.word());
                match self.file.and_then(|kind| kind.make(&pattern)) {
                    Some(file) => out.extend_from_slice(&file),
                    None => write_bytes(size, &mut stream, out),
                }
            }
            _ if size < frame => write_words(size, b' ', &mut stream, out),
            kind => {
                out.extend_from_slice(open);
                let gap = if kind == BodyKind::Form { b'+' } else { b' ' };
                write_words(size - frame, gap, &mut stream, out);
                out.extend_from_slice(close);
            }
        }
    }
}

fn write_bytes(size: usize, stream: &mut KeyedRng, out: &mut Vec<u8>) {
    out.reserve(size);
    let end = out.len() + size;
    while out.len() < end {
        let word = stream.word().to_le_bytes();
        let take = (end - out.len()).min(word.len());
        out.extend_from_slice(&word[..take]); // `take` is at most its length
    }
}

fn write_words(size: usize, gap: u8, stream: &mut KeyedRng, out: &mut Vec<u8>) {
    out.reserve(size);
    let end = out.len() + size;
    while out.len() < end {
        let left = end - out.len();
        let length = (3 + stream.below(7) as usize).min(left);
        filler::word(stream, length, out);
        if out.len() < end {
            out.push(gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(bodies: &[&[u8]], kind: BodyKind) -> Vec<u8> {
        let mut shape = OpaqueModel::default();
        for (n, bytes) in bodies.iter().enumerate() {
            shape.observe(bytes, true, bytes.len() as u64, n as u64 + 1);
        }
        let stored = serde_json::to_string(&shape).unwrap();
        let shape: OpaqueModel = serde_json::from_str(&stored).unwrap();
        let mut out = Vec::new();
        shape.compile(kind).write(EntitySeed::new(7), &mut out);
        out
    }

    #[test]
    fn a_text_that_is_always_the_same_comes_back_and_others_do_not() {
        assert_eq!(drawn(&[b"pong".as_slice(); 5], BodyKind::Text), b"pong");
        let letters: [&[u8]; 4] = [b"Dear Ann", b"Dear Bob", b"Dear Cid", b"Dear Dan"];
        let letter = drawn(&letters, BodyKind::Text);
        assert!(letter.len() == 8 && !letters.contains(&letter.as_slice()));
        let secret = b"sk_live_4eC39HqLyjWD";
        assert_ne!(drawn(&[secret.as_slice(); 5], BodyKind::Text), secret);
    }

    #[test]
    fn a_file_is_drawn_as_a_file_of_its_kind_and_size() {
        let image = [b"\x89PNG\r\n\x1a\n".as_slice(), &[3; 400]].concat();
        let drawn = drawn(&[image.as_slice(); 3], BodyKind::Binary);
        assert!(drawn.len().abs_diff(image.len()) <= 24, "{}", drawn.len());
        assert_eq!(FileKind::of_bytes(&drawn), Some(FileKind::Png));
        assert!(drawn.ends_with(b"IEND\xaeB`\x82"));
    }
}
