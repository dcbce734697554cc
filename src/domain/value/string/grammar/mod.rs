//! Strings as learned grammars: what stands in each part of a string, and strings made of such
//! parts.
//!
//! A string is cut in four steps, and what each cut leaves is learned by a segment of its own:
//!
//! ```text
//! arn:aws:sqs:us-east-1:329096296588:stage-orders-dlq
//! fields   arn │ aws │ sqs │ us-east-1 │ 329096296588 │ stage-orders-dlq     at : / ? & = …
//! labels   (web-1.eu-west.example: web-1│eu-west│example)                    at .
//! tokens                     us│east│1                  stage│orders│dlq     at - _ .
//! runs                                  (PT45M: PT│45│M)                     letters, digits
//! ```
//!
//! Where the texts of a segment are few, they are its words; where a cut gives few skeletons, it
//! is followed; elsewhere the characters are known: which alphabet, how many, which at the first
//! places, in what range as a number, with which check digit. UUIDs, dates and times within a
//! string are known as such and drawn by their own formats.
//!
//! No text is kept that was not seen in several bodies and harmless, and nothing of single
//! characters before a segment has shown [`segment::VARIED_FROM`] different texts: of a constant
//! that may not be kept, its alphabet and length are all that is known.
//!
//! - [`char_set`]: sets of characters, and the alphabets they come from;
//! - [`cut`]: the four cuts;
//! - [`characters`]: the characters of a segment;
//! - [`alphabets`]: the alphabet of each place;
//! - [`segment`]: a segment as learned;
//! - [`check_digit`]: digits that follow from the others;
//! - [`digit_dates`]: dates and times that are digits alone;
//! - [`lengths`]: how long its texts are;
//! - [`characters_node`], [`grammar_node`]: strings drawn;
//! - [`regex`]: the same as a regular expression.

pub mod alphabets;
pub mod char_set;
pub mod characters;
pub mod characters_node;
pub mod check_digit;
pub mod cut;
pub mod digit_dates;
pub mod grammar_node;
pub mod lengths;
pub mod regex;
pub mod segment;

#[cfg(test)]
mod tests;
