//! The pieces of a string drawn from a pattern: words, digits, letters, and what stands as it is.

use crate::domain::formats::PatternRules;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::value::string::grammar::grammar_node::LetterCase;
use crate::domain::value::string::model::{StringClass, StringModel};
use crate::domain::value::string::pattern;
use crate::domain::value::string::pattern::{CharRun, SCRIPTS};
use crate::domain::words::filler;
use crate::domain::words::names::{self, NameKind};

/// A piece of a string.
#[derive(Debug, Clone)]
pub enum Piece {
    /// JSON text as it is, escaped.
    Literal(Box<[u8]>),
    /// A made-up word.
    Word {
        /// Letters.
        length: usize,
        /// How it is written.
        case: LetterCase,
    },
    /// Decimal digits.
    Digits {
        /// How many.
        count: usize,
        /// Whether the first may be zero.
        zero_first: bool,
    },
    /// Characters of an alphabet.
    Random {
        /// ASCII bytes, each as likely as the others.
        alphabet: &'static [u8],
        /// How many.
        count: usize,
    },
    /// Letters of a script: its row in [`SCRIPTS`].
    Script {
        /// Index in [`SCRIPTS`].
        row: usize,
        /// How many letters.
        count: usize,
    },
    /// So many characters of words.
    Prose(usize),
    /// One of these names, all of one length.
    Name(&'static [&'static str]),
}

const HEX_LOWER: &[u8] = b"0123456789abcdef";
const HEX_UPPER: &[u8] = b"0123456789ABCDEF";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE36_LOWER: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE36_UPPER: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// One word, or of a person two, and blanks between them.
pub fn name(pieces: &mut [Piece], called: NameKind) {
    let is_blank = |piece: &Piece| matches!(piece, Piece::Literal(bytes) if **bytes == *b" ");
    let letters = |piece: &Piece| match piece {
        Piece::Word { length, case: LetterCase::Title } => Some(*length),
        _ => None,
    };
    let (first, last) = match pieces {
        [word] => (word, None),
        [first, blank, last] if called == NameKind::Person && is_blank(blank) => {
            (first, Some(last))
        }
        _ => return,
    };
    let find = |called: NameKind, piece: &Piece| {
        letters(piece).map(|letters| names::of_length(called, letters)).filter(|n| !n.is_empty())
    };
    let Some(names) = find(called, first) else { return };
    if let Some(last) = last {
        let Some(names) = find(NameKind::Family, last) else { return };
        *last = Piece::Name(names);
    }
    *first = Piece::Name(names);
}

/// Pieces under construction; neighbouring literals join.
#[derive(Default)]
pub struct Pieces {
    pieces: Vec<Piece>,
    literal: String,
}

impl Pieces {
    fn literal(&mut self, text: &str) {
        self.literal.push_str(text);
    }

    fn push(&mut self, piece: Piece) {
        self.flush();
        self.pieces.push(piece);
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            let escaped = escape(&self.literal);
            self.pieces.push(Piece::Literal(escaped.into()));
            self.literal.clear();
        }
    }

    /// All of them.
    pub fn finish(mut self) -> Box<[Piece]> {
        self.flush();
        self.pieces.into()
    }

    /// Adds the runs of a mask, token by token: one that mixes letters and digits is an id, whose
    /// letters are no words. Each run comes with the text that is known to stand there.
    fn tokens<'t>(&mut self, runs: impl Iterator<Item = (CharRun, Option<&'t str>)>) {
        let mut runs = runs.peekable();
        let mut token: Vec<CharRun> = Vec::new();
        while let Some((first, known)) = runs.next() {
            if let Some(known) = known {
                self.literal(known);
                continue;
            }
            token.clear();
            token.push(first);
            let class = |run: &CharRun| matches!(run, CharRun::Class('a' | 'A' | 'd' | 'z', _));
            while class(&first)
                && let Some((next, _)) = runs.next_if(|(run, known)| class(run) && known.is_none())
            {
                token.push(next);
            }
            let digits = token.iter().any(|run| matches!(run, CharRun::Class('d' | 'z', _)));
            let is_id = digits && token.len() > 2;
            for run in &token {
                match *run {
                    CharRun::Class('a', count) if is_id => {
                        self.push(Piece::Random { alphabet: LOWER, count });
                    }
                    CharRun::Class('A', count) if is_id => {
                        self.push(Piece::Random { alphabet: UPPER, count });
                    }
                    run => self.run(run),
                }
            }
        }
    }

    /// Adds what a run of the mask stands for; a title-case word joins its capital.
    fn run(&mut self, run: CharRun) {
        match run {
            CharRun::Literal(symbol) => self.literal.push(symbol),
            CharRun::Stem(_) => {}
            CharRun::Rest(count) => self.push(Piece::Prose(count)),
            CharRun::Class(class, count) => {
                let joins = class == 'a' && self.literal.is_empty();
                if joins
                    && let Some(Piece::Word { length: 1, case: case @ LetterCase::Upper }) =
                        self.pieces.last_mut()
                {
                    *case = LetterCase::Title;
                    if let Some(Piece::Word { length, .. }) = self.pieces.last_mut() {
                        *length += count;
                    }
                    return;
                }
                let piece = piece_of(class, count);
                self.push(piece);
            }
        }
    }
}

fn piece_of(class: char, count: usize) -> Piece {
    let random = |alphabet| Piece::Random { alphabet, count };
    match class {
        'A' => Piece::Word { length: count, case: LetterCase::Upper },
        'd' => Piece::Digits { count, zero_first: false },
        'z' => Piece::Digits { count, zero_first: true },
        'h' => random(HEX_LOWER),
        'H' => random(HEX_UPPER),
        'w' => random(BASE36_LOWER),
        'W' => random(BASE36_UPPER),
        'm' => random(BASE62),
        'a' => Piece::Word { length: count, case: LetterCase::Lower },
        script => match SCRIPTS.iter().position(|row| row.0 == script) {
            Some(row) => Piece::Script { row, count },
            None => Piece::Word { length: count, case: LetterCase::Lower },
        },
    }
}

/// Pieces of a mask, its longest known stem written out.
pub fn pieces(pattern: &StringClass, text: &StringModel, rules: &PatternRules) -> Pieces {
    let known = |which: usize| {
        let fingerprint = pattern.stems[which];
        (text.stems[which].candidates().iter())
            .find(|c| fingerprint != 0 && c.fingerprint == fingerprint)
            .and_then(|c| c.text.as_deref())
    };
    let stem = known(1).map(|stem| (1, stem)).or(known(0).map(|stem| (0, stem)));
    let mut pieces = Pieces::default();
    let runs: Vec<CharRun> = pattern::runs(&pattern.mask).collect();
    let words = text.words.placed(&runs);
    let mut runs = runs.into_iter().zip(words).peekable();
    match stem {
        Some((which, stem)) => {
            pieces.literal(stem);
            let rest = runs.skip_while(|(run, _)| *run != CharRun::Stem(which)).skip(1);
            pieces.tokens(rest);
        }
        None => {
            if let Some((CharRun::Class('a', length), _)) = runs.peek().copied()
                && let Some(scheme) = rules.schemes.iter().find(|s| s.len() == length)
            {
                pieces.literal(scheme);
                runs.next();
            }
            pieces.tokens(runs);
        }
    }
    pieces
}

/// A mailbox of the same local shape at this domain, about as long as it was.
pub fn mailbox_pieces(mask: &str, domain: &str) -> Box<[Piece]> {
    let runs: Vec<CharRun> = pattern::runs(mask).collect();
    let at = runs.iter().position(|run| *run == CharRun::Literal('@')).unwrap_or(runs.len());
    let length = |runs: &[CharRun]| -> usize {
        runs.iter().map(|run| if let CharRun::Class(_, n) = run { *n } else { 1 }).sum()
    };
    let seen = length(runs.get(at + 1..).unwrap_or_default());
    let mut surplus = seen as isize - domain.len() as isize;
    let mut pieces = Pieces::default();
    for run in runs.iter().take(at) {
        match *run {
            CharRun::Class('a', count) if count > 1 && surplus != 0 => {
                let fitted = (count as isize + surplus).max(2);
                surplus -= fitted - count as isize;
                pieces.run(CharRun::Class('a', fitted as usize));
            }
            run => pieces.run(run),
        }
    }
    pieces.literal("@");
    pieces.literal(domain);
    pieces.finish()
}

impl Piece {
    /// Appends the piece, escaped.
    pub fn write(&self, stream: &mut KeyedRng, out: &mut Vec<u8>) {
        match self {
            Piece::Literal(bytes) => out.extend_from_slice(bytes),
            Piece::Word { length, case } => case.write_word(*length, stream, out),
            Piece::Digits { count, zero_first } => write_digits(*count, *zero_first, stream, out),
            Piece::Random { alphabet, count } => {
                let (mut bits, mut left) = (stream.word(), 4);
                for _ in 0..*count {
                    if left == 0 {
                        (bits, left) = (stream.word(), 4);
                    }
                    let at = ((bits & 0xFFFF) * alphabet.len() as u64) >> 16;
                    out.push(alphabet[at as usize]); // `at` is below the length
                    bits >>= 16;
                    left -= 1;
                }
            }
            Piece::Script { row, count } => {
                let Some((_, from, to)) = SCRIPTS.get(*row) else { return };
                for _ in 0..*count {
                    let code = from + stream.below(to - from + 1);
                    let letter = char::from_u32(code).unwrap_or('a');
                    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            Piece::Name(names) => {
                let at = stream.below(names.len() as u32) as usize;
                out.extend_from_slice(names.get(at).copied().unwrap_or_default().as_bytes());
            }
            Piece::Prose(count) => write_prose(*count, stream, out),
        }
    }
}

fn write_digits(count: usize, zero_first: bool, stream: &mut KeyedRng, out: &mut Vec<u8>) {
    let (mut bits, mut left) = (stream.word(), 6);
    for at in 0..count {
        if left == 0 {
            (bits, left) = (stream.word(), 6);
        }
        let random = bits & 0x3FF;
        bits >>= 10;
        left -= 1;
        out.push(match at {
            0 if zero_first => b'0',
            0 if count > 1 => b'1' + ((random * 9) >> 10) as u8,
            _ => b'0' + ((random * 10) >> 10) as u8,
        });
    }
}

/// Mean word length of running text in European languages is about five letters.
fn write_prose(count: usize, stream: &mut KeyedRng, out: &mut Vec<u8>) {
    let mut left = count;
    while left > 0 {
        if left < count && left > 1 {
            out.push(b' ');
            left -= 1;
        }
        let length = (2 + stream.below(7) as usize).min(left);
        filler::word(stream, length, out);
        left -= length;
    }
}

/// Text as it stands between the quotes of a JSON string.
pub fn escape(text: &str) -> Vec<u8> {
    // Serialising a string cannot fail.
    let mut quoted = serde_json::to_vec(text).unwrap_or_default();
    quoted.pop();
    if !quoted.is_empty() {
        quoted.remove(0);
    }
    quoted
}
