//! Bodies that are not JSON: known by content type and size alone.

use serde::{Deserialize, Serialize};

use super::BodyKind;
use crate::domain::schema::number;
use crate::domain::schema::tally::Tally;
use crate::domain::synth::draw::{Choice, EntitySeed, Stream};
use crate::domain::synth::words;

/// Sizes of the bodies of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpaqueShape {
    #[serde(rename = "n")]
    pub seen: u64,
    /// Sizes in bytes, as number codes.
    #[serde(rename = "l")]
    pub sizes: Tally<i32>,
}

impl OpaqueShape {
    pub fn observe(&mut self, total_bytes: u64) {
        self.seen += 1;
        self.sizes.add(number::code_of(total_bytes as f64), number::NUMBER_CODES);
    }

    pub fn merge(&mut self, other: Self) {
        self.seen += other.seen;
        self.sizes.merge(other.sizes, number::NUMBER_CODES);
    }

    pub fn compile(&self, kind: BodyKind) -> OpaqueProgram {
        let mut weighted: Vec<(i32, f64)> = self.sizes.weights().map(|(c, w)| (*c, w)).collect();
        weighted.sort_unstable_by_key(|w| w.0);
        let sizes = weighted.iter().map(|w| number::value_of(w.0).0.round() as usize);
        OpaqueProgram {
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
}

/// Largest body made up, bytes: a stand-in needs no more to be one, and memory stays bounded.
const WRITTEN_BYTES_MAX: usize = 4 << 20;

impl OpaqueProgram {
    pub fn write(&self, seed: EntitySeed, out: &mut Vec<u8>) {
        let place = seed.at(self.kind as u64);
        let size = self.sizes.get(self.choice.pick(place.unit())).copied().unwrap_or(0);
        let size = size.min(WRITTEN_BYTES_MAX);
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
            BodyKind::Binary => write_bytes(size, &mut stream, out),
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

fn write_bytes(size: usize, stream: &mut Stream, out: &mut Vec<u8>) {
    out.reserve(size);
    let end = out.len() + size;
    while out.len() < end {
        let word = stream.bits().to_le_bytes();
        let take = (end - out.len()).min(word.len());
        out.extend_from_slice(&word[..take]); // `take` is at most its length
    }
}

fn write_words(size: usize, gap: u8, stream: &mut Stream, out: &mut Vec<u8>) {
    out.reserve(size);
    let end = out.len() + size;
    while out.len() < end {
        let left = end - out.len();
        let length = (3 + stream.below(7) as usize).min(left);
        words::word(stream, length, out);
        if out.len() < end {
            out.push(gap);
        }
    }
}
