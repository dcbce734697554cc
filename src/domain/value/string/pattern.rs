//! The shape of a string without its content: `Karl-42` becomes `A1a3-d2`.
//!
//! A mask keeps punctuation, white space, the case and length of words and the length of numbers,
//! and nothing that names anybody. Hashes and long payloads get a class of their own (`h12`: twelve
//! lower-case hex digits), so that a thousand hashes share one mask.
//!
//! ```text
//! a lower   A upper   d digits (first not 0)   z digits (first 0)
//! h H hex   w W letters of one case with digits   m letters of both cases with digits
//! é É α Σ я Я ש ع 漢 あ 한 ก अ  letters of that script      \u{1} \u{2} ends of the two stems
//! ```

/// Longest mask kept, bytes. A longer text ends in `~N`: N further characters of words.
pub const PATTERN_BYTES_MAX: usize = 320;

/// Scripts beyond ASCII: the class letter, and the range its letters are drawn from.
pub const SCRIPTS: &[(char, u32, u32)] = &[
    ('É', 0xC0, 0xD6),
    ('é', 0xE0, 0xF6),
    ('Σ', 0x3A3, 0x3A9),
    ('α', 0x3B1, 0x3C9),
    ('Я', 0x410, 0x42F),
    ('я', 0x430, 0x44F),
    ('ש', 0x5D0, 0x5EA),
    ('ع', 0x62A, 0x63A),
    ('अ', 0x905, 0x939),
    ('ก', 0xE01, 0xE2E),
    ('あ', 0x3042, 0x3093),
    ('漢', 0x4E00, 0x9FA5),
    ('한', 0xAC00, 0xD7A3),
];

/// Appends the mask of `text` to `out`. `stems` are byte lengths of leading parts to mark.
pub fn write_pattern(text: &str, stems: [usize; 2], out: &mut String) {
    write_with(text, stems, write_token, out);
}

/// The same, with the class of each character even in random-looking tokens: for the stand-in of
/// one value, which should be as long and look as dense as that.
pub fn write_exact_pattern(text: &str, stems: [usize; 2], out: &mut String) {
    write_with(text, stems, write_runs, out);
}

fn write_with(text: &str, stems: [usize; 2], token: fn(&[u8], &mut String), out: &mut String) {
    let start = out.len();
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut marked = 0;
    while at < bytes.len() {
        while marked < 2 && stems[marked] <= at {
            if stems[marked] > 0 && stems[marked] == at {
                out.push(if marked == 0 { '\u{1}' } else { '\u{2}' });
            }
            marked += 1;
        }
        if out.len() - start > PATTERN_BYTES_MAX {
            let rest = text.get(at..).map_or(0, |rest| rest.chars().count());
            out.push('~');
            push_number(rest, out);
            return;
        }
        let byte = bytes[at];
        if let Some(word) = markup_word(bytes, at) {
            out.push_str(word);
            at += word.len();
        } else if byte.is_ascii_alphanumeric() {
            let end = bytes[at..].iter().position(|b| !b.is_ascii_alphanumeric());
            let mut end = end.map_or(bytes.len(), |n| at + n);
            for stem in stems {
                if stem > at && stem < end {
                    end = stem;
                }
            }
            token(&bytes[at..end], out);
            at = end;
        } else if byte.is_ascii() {
            out.push(byte as char);
            at += 1;
        } else {
            at = write_foreign(text, at, out);
        }
    }
}

/// Elements and attributes of HTML that stay as they are: letters alone, as a digit behind one
/// would read as a count.
const ELEMENTS: &[&str] = &[
    "a",
    "article",
    "b",
    "blockquote",
    "body",
    "br",
    "button",
    "code",
    "div",
    "em",
    "figure",
    "form",
    "head",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "label",
    "li",
    "link",
    "ol",
    "option",
    "p",
    "path",
    "pre",
    "script",
    "section",
    "select",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "title",
    "tr",
    "u",
    "ul",
    "video",
];
const ATTRIBUTES: &[&str] = &[
    "allow",
    "alt",
    "class",
    "content",
    "frameborder",
    "height",
    "href",
    "id",
    "name",
    "rel",
    "scrolling",
    "src",
    "style",
    "target",
    "title",
    "type",
    "value",
    "width",
];

/// The name of an element or of an attribute that starts here.
fn markup_word(bytes: &[u8], at: usize) -> Option<&'static str> {
    let before = |n: usize| at.checked_sub(n).and_then(|at| bytes.get(at)).copied();
    let rest = bytes.get(at..)?;
    let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let (word, after) = (rest.get(..length)?, rest.get(length..)?);
    let is_element =
        before(1) == Some(b'<') || (before(1) == Some(b'/') && before(2) == Some(b'<'));
    let (table, ends) = if is_element {
        (ELEMENTS, matches!(after.first(), Some(b'>' | b' ' | b'/')))
    } else {
        (ATTRIBUTES, before(1) == Some(b' ') && after.starts_with(b"=\""))
    };
    if !ends {
        return None;
    }
    table.iter().find(|known| known.as_bytes() == word).copied()
}

/// Length from which a token of hex digits is taken for a hash rather than for a word.
const RANDOM_TOKEN_MIN: usize = 6;

fn write_token(token: &[u8], out: &mut String) {
    let (mut lower, mut upper, mut digit, mut hex, mut runs, mut odd) = (0, 0, 0, 0, 0, 0);
    for run in token.chunk_by(|a, b| class_of(*a) == class_of(*b)) {
        let (class, len) = (run.first().map_or('a', |b| class_of(*b)), run.len());
        runs += 1;
        match class {
            'd' => digit += len,
            'a' => lower += len,
            _ => upper += len,
        }
        // What `camelCase` never does, and random letters do all the time.
        odd += usize::from((class == 'a' && len == 1) || (class == 'A' && len > 1));
    }
    hex += token.iter().filter(|b| b.is_ascii_hexdigit()).count();
    let len = token.len();
    let class = if digit == len {
        if len > 1 && token[0] == b'0' { 'z' } else { 'd' }
    } else if len >= RANDOM_TOKEN_MIN && digit > 0 && hex == len && (lower == 0 || upper == 0) {
        if upper > 0 { 'H' } else { 'h' }
    } else if len <= EXACT_TOKEN_MAX {
        // As many digits and capitals, and where, as the service itself gives.
        return write_runs(token, out);
    } else if digit > 0 && (runs - 1) * 5 > len * 2 {
        match (lower > 0, upper > 0) {
            (true, true) => 'm',
            (true, false) => 'w',
            _ => 'W',
        }
    } else if lower > 0 && upper > 0 && odd >= 2 {
        'm'
    } else {
        return write_runs(token, out);
    };
    out.push(class);
    push_number(len, out);
}

/// Tokens of letters and digits up to this length keep the class of each character: ids are
/// shorter, what is longer is a payload.
const EXACT_TOKEN_MAX: usize = 40;

fn class_of(byte: u8) -> char {
    match byte {
        b'0'..=b'9' => 'd',
        b'a'..=b'z' => 'a',
        _ => 'A',
    }
}

fn write_runs(token: &[u8], out: &mut String) {
    for run in token.chunk_by(|a, b| class_of(*a) == class_of(*b)) {
        let class = run.first().map_or('a', |b| class_of(*b));
        out.push(if class == 'd' && run.len() > 1 && run[0] == b'0' { 'z' } else { class });
        push_number(run.len(), out);
    }
}

fn write_foreign(text: &str, at: usize, out: &mut String) -> usize {
    let mut chars = text.get(at..).unwrap_or_default().chars();
    let Some(first) = chars.next() else { return text.len() };
    let Some(script) = script_of(first) else {
        out.push(first);
        return at + first.len_utf8();
    };
    let mut end = at + first.len_utf8();
    let mut run = 1;
    for next in chars {
        if next.is_ascii() || script_of(next) != Some(script) {
            break;
        }
        end += next.len_utf8();
        run += 1;
    }
    out.push(script);
    push_number(run, out);
    end
}

/// The class of a letter beyond ASCII; `None` for punctuation and symbols, which stay.
fn script_of(letter: char) -> Option<char> {
    if !letter.is_alphanumeric() {
        return None;
    }
    let upper = letter.is_uppercase();
    Some(match letter as u32 {
        0..0x370 | 0x1E00..0x1F00 => {
            if upper {
                'É'
            } else {
                'é'
            }
        }
        0x370..0x400 | 0x1F00..0x2000 => {
            if upper {
                'Σ'
            } else {
                'α'
            }
        }
        0x400..0x530 => {
            if upper {
                'Я'
            } else {
                'я'
            }
        }
        0x590..0x600 => 'ש',
        0x600..0x780 => 'ع',
        0x900..0x0E00 => 'अ',
        0x0E00..0x0E80 => 'ก',
        0x3040..0x3100 => 'あ',
        0xAC00..0xD7B0 | 0x1100..0x1200 => '한',
        _ => '漢',
    })
}

fn push_number(number: usize, out: &mut String) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// One step of a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharRun {
    /// `count` characters of a class.
    Class(char, usize),
    /// A character as it is.
    Literal(char),
    /// End of the first (0) or second (1) stem.
    Stem(usize),
    /// This many further characters of words.
    Rest(usize),
}

/// Reads a mask back, run by run.
pub fn runs(mask: &str) -> impl Iterator<Item = CharRun> + '_ {
    let mut chars = mask.chars().peekable();
    std::iter::from_fn(move || {
        let class = chars.next()?;
        let mut count: Option<usize> = None;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            chars.next();
            count = Some(count.unwrap_or(0).saturating_mul(10).saturating_add(digit as usize));
        }
        // A run longer than any text kept can only come from a damaged model.
        let count = count.map(|n| n.min(1 << 20));
        Some(match (class, count) {
            ('\u{1}', _) => CharRun::Stem(0),
            ('\u{2}', _) => CharRun::Stem(1),
            ('~', Some(n)) => CharRun::Rest(n),
            (class, Some(n)) => CharRun::Class(class, n),
            (literal, None) => CharRun::Literal(literal),
        })
    })
}

/// Characters of the texts that have this mask.
pub fn chars_of(mask: &str) -> usize {
    let chars = runs(mask).map(|run| match run {
        CharRun::Class(_, n) | CharRun::Rest(n) => n,
        CharRun::Literal(_) => 1,
        CharRun::Stem(_) => 0,
    });
    chars.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut mask = String::new();
        write_pattern(text, [0, 0], &mut mask);
        assert_eq!(mask, expected, "{text}");
    }

    #[test]
    fn masks_keep_shape_and_nothing_else() {
        check("Karl-42", "A1a3-d2");
        check("obj_uaLOMvsyALKh", "a3_a2A3a3A3a1");
        check(&"xY3".repeat(20), "m60");
        check("6d291e33b640", "h12");
        check("a1b2c3zz9", "a1d1a1d1a1d1a2d1");
        check("vherve2", "a6d1");
        check("0.1", "d1.d1");
        check("007", "z3");
        check("Привет, мир", "Я1я5, я3");
        check("コピー", "あ3");
        check("camelCaseName", "a5A1a3A1a3");
        check("<p>Hallo <a href=\"x\">b</a></p>", "<p>A1a4 <a href=\"a1\">a1</a></p>");
        check("<karl>", "<a4>");
        check("", "");
    }

    #[test]
    fn stems_are_marked() {
        let mut mask = String::new();
        write_pattern("https://x.io/a/b7", [13, 15], &mut mask);
        assert_eq!(mask, "a5://a1.a2/\u{1}a1/\u{2}a1d1");
    }

    #[test]
    fn every_class_reads_back() {
        let mut mask = String::new();
        write_pattern("Ab 12 x", [0, 0], &mut mask);
        let read: Vec<_> = runs(&mask).collect();
        assert_eq!(
            read,
            [
                CharRun::Class('A', 1),
                CharRun::Class('a', 1),
                CharRun::Literal(' '),
                CharRun::Class('d', 2),
                CharRun::Literal(' '),
                CharRun::Class('a', 1)
            ]
        );
    }
}
