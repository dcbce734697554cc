//! Words that stand for others and can be said: somebody who looks at a mocked name sees a name.

use crate::domain::random::seed::mix;

/// Characters from which a word can be said; shorter ones keep all letters, so that few of them
/// are alike.
const SPOKEN_MIN: usize = 4;

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const CONSONANTS: &[u8] = b"bcdfghjklmnprstvwxz";
const VOWELS: &[u8] = b"aeiouy";

/// A word drawn by `state`, of the same length, case and digits as `like`.
#[must_use]
pub fn spoken(like: &str, mut state: u64) -> String {
    let mut next = || {
        state = mix(state, 1);
        state
    };
    let is_long = like.chars().count() >= SPOKEN_MIN;
    // One word in four begins with a vowel.
    let mut is_vowel = next().is_multiple_of(4);
    let letter = |old: char| {
        let number = next();
        if old.is_ascii_digit() {
            return char::from(b'0' + (number % 10) as u8);
        }
        let letters = match (is_long, is_vowel) {
            (false, _) => LETTERS,
            (true, true) => VOWELS,
            (true, false) => CONSONANTS,
        };
        is_vowel = !is_vowel;
        let new = char::from(letters[number as usize % letters.len()]);
        if old.is_uppercase() { new.to_ascii_uppercase() } else { new }
    };
    like.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn length_case_and_digits_stay_and_vowels_come_in_turn() {
        for state in 0..200 {
            let new = spoken("McDonald7", state);
            let upper: Vec<bool> = new.chars().map(char::is_uppercase).collect();
            assert_eq!(upper, [true, false, true, false, false, false, false, false, false]);
            assert!(new.ends_with(|c: char| c.is_ascii_digit()), "{new}");
            let vowels: Vec<bool> =
                new.to_lowercase().bytes().take(8).map(|b| VOWELS.contains(&b)).collect();
            assert!(vowels.windows(2).all(|pair| pair[0] != pair[1]), "{new}");
        }
    }

    #[test]
    fn words_of_five_letters_are_seldom_alike() {
        let all: BTreeSet<String> = (0..500).map(|state| spoken("abcde", mix(state, 9))).collect();
        assert!(all.len() >= 498, "{}", all.len());
    }
}
