//! Words for synthesised text: Latin filler where one fits, syllables for any other length.
//!
//! Filler rather than a language's dictionary: nobody takes it for somebody's words.

use crate::domain::random::keyed_rng::KeyedRng;

/// Filler words by length, 2 to 12.
const WORDS: [&[&str]; 13] = [
    &[],
    &["a", "e", "o"],
    &["ad", "at", "et", "ex", "id", "in", "ut", "ab", "de", "ac"],
    &["sit", "sed", "est", "non", "qui", "nec", "pro", "per", "mea", "duo", "vim", "eos"],
    &["amet", "elit", "enim", "quis", "nisi", "aute", "esse", "vero", "modo", "nibh", "cibo"],
    &["lorem", "ipsum", "dolor", "magna", "minim", "irure", "velit", "culpa", "anime", "porta"],
    &["tempor", "labore", "aliqua", "veniam", "fugiat", "mollit", "cursus", "mattis", "turpis"],
    &["eiusmod", "dolores", "ullamco", "laboris", "aliquip", "commodo", "officia", "gravida"],
    &["nostrud", "pariatur", "occaecat", "sapiente", "deserunt", "voluptas", "pulvinar"],
    &["consequat", "excepteur", "cupidatat", "perferend", "molestiae", "phasellus"],
    &["adipiscing", "incididunt", "voluptates", "ultricesqu", "consectetu", "vestibulum"],
    &["consectetur", "exercitatio", "repudiandae", "suspendisse", "malesuadaqu"],
    &["exercitation", "pellentesque", "condimentume", "sollicitudin", "ullamcorperi"],
];

const CONSONANTS: &[u8; 16] = b"bcdfglmnprstvmns";
const VOWELS: &[u8; 8] = b"aeiouaei";

/// Writes a lower-case word of exactly `length` letters.
pub fn word(stream: &mut KeyedRng, length: usize, out: &mut Vec<u8>) {
    if let Some(words) = WORDS.get(length)
        && let Some(word) = words.get(stream.below(words.len() as u32) as usize)
        && word.len() == length
    {
        out.extend_from_slice(word.as_bytes());
        return;
    }
    syllables(stream, length, out);
}

/// Writes a pronounceable lower-case name of exactly `length` letters: new where a filler word
/// would repeat.
pub fn syllables(stream: &mut KeyedRng, length: usize, out: &mut Vec<u8>) {
    let mut bits = stream.word();
    let mut left = 8;
    for at in 0..length {
        if left == 0 {
            (bits, left) = (stream.word(), 8);
        }
        let index = (bits & 0xFF) as usize;
        bits >>= 8;
        left -= 1;
        out.push(if at % 2 == 0 { CONSONANTS[index & 15] } else { VOWELS[index & 7] });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_the_length_asked_for() {
        for length in 0..40 {
            for seed in 0..50 {
                let mut out = Vec::new();
                word(&mut KeyedRng::new(seed), length, &mut out);
                assert_eq!(out.len(), length);
                assert!(out.iter().all(u8::is_ascii_lowercase));
            }
        }
    }
}
