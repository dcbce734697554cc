//! What may be kept as text: the one place where learning asks about privacy.
//!
//! A literal needs support (two different bodies) and no sign of being personal or secret; or it
//! is an identifier made of words that every API uses, which says nothing about anybody. Later on a
//! vocabulary that turns out to be open drops all its texts (`vocabulary`).

use crate::domain::privacy;
use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::domain::sketch::categories::STANDING_BODIES_MIN;
use crate::domain::words::given_names;
use crate::domain::words::own_address;
use crate::domain::words::public::is_public_identifier;

/// May this value of a vocabulary be kept, seen in `bodies` different bodies?
pub fn may_keep_value(text: &str, bodies: u32) -> bool {
    if text == own_address::STAND_IN {
        return true;
    }
    match bodies {
        0 => false,
        1 => is_public_identifier(text),
        _ => {
            !privacy::is_sensitive_value(text)
                || (bodies >= STANDING_BODIES_MIN && privacy::is_content(text))
        }
    }
}

/// May this member name be kept? A name is a value unless it recurs or is made of public words.
pub fn may_keep_name(name: &str, bodies: u32) -> bool {
    may_keep_value(name, bodies)
}

/// May this leading part of values be kept? Directories of one user's files may not.
pub fn may_keep_stem(stem: &str, bodies: u32) -> bool {
    if own_address::is_own_origin(stem) {
        return true;
    }
    bodies >= STEM_BODIES_MIN
        && !privacy::is_sensitive_value(stem)
        && !has_id_segment(stem)
        && !is_part_of_address(stem)
}

/// Bodies that must share a stem before it is kept.
const STEM_BODIES_MIN: u32 = 3;

/// The beginning of an e-mail address (`ann@example.`), which is none yet.
fn is_part_of_address(stem: &str) -> bool {
    stem.find('@').is_some_and(|at| stem[..at].ends_with(|c: char| c.is_alphanumeric()))
}

/// Does a text end in a domain that somebody may get mail at? Names made up in front of it would
/// be somebody's addresses. Domains of examples (RFC 2606) are nobody's.
pub fn has_reachable_mailbox(text: &str) -> bool {
    const NOBODYS: [&str; 5] =
        ["example.com", "example.org", "example.net", ".example", ".invalid"];
    let domain = text.rsplit_once('@').map(|(_, domain)| domain);
    domain
        .is_some_and(|domain| domain.contains('.') && !NOBODYS.iter().any(|d| domain.ends_with(d)))
}

/// Digits from which a path segment is taken for an id: versions and ports have fewer.
const ID_DIGITS_MIN: usize = 5;

fn has_id_segment(stem: &str) -> bool {
    stem.split('/').any(|part| part.bytes().filter(u8::is_ascii_digit).count() >= ID_DIGITS_MIN)
}

/// Is this the name of a person, judged by the member it stands under and by its look? Something
/// named with words that every API uses is none: `name: "Apache License"`.
pub fn is_person(name: &str, text: &str) -> bool {
    privacy::is_person(name, text) && !text.split(' ').any(is_public_identifier)
}

/// The parts of a text from which no word may be kept, however often it stands there: what a
/// detector refuses whole would be put together again from its words.
pub fn may_keep_words(text: &str) -> impl Fn(usize) -> bool {
    let refused = privacy::is_sensitive_value(text);
    let chunk = move |at: usize| {
        let from = text.get(..at).and_then(|t| t.rfind(char::is_whitespace)).map_or(0, |a| a + 1);
        let rest = text.get(from..).unwrap_or_default();
        rest.split(char::is_whitespace).find(|part| !part.is_empty()).unwrap_or_default()
    };
    // Where no part is sensitive by itself, the parts are so together: `Bearer` and what follows.
    let together = refused && !text.split_whitespace().any(privacy::is_sensitive_value);
    move |at| !refused || (!together && !privacy::is_sensitive_value(chunk(at)))
}

/// What may be kept of the parts of a string: of `arn:aws:sqs:eu-west-1:329096296588:9f86d081…`
/// the words, and not the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartRetention {
    /// What may be kept by itself.
    All,
    /// Words and short numbers: a token stands in the string.
    Words,
    /// None but a few digits that stand in many: a detector refuses the string for more than a
    /// token in it.
    Nothing,
}

impl PartRetention {
    /// Of this string.
    pub fn of(text: &str) -> Self {
        match privacy::is_sensitive_value(text) {
            false => Self::All,
            true if privacy::is_token(text) => Self::Words,
            true => Self::Nothing,
        }
    }

    /// Of what stands in `whole` between what other members say. The domain of a mailbox whose
    /// name another member says is judged by itself; nothing else of what a detector refuses is.
    pub fn of_gap(gap: &str, whole: &str) -> Self {
        let is_kept = may_keep_gap(gap, whole) && !has_reachable_mailbox(gap);
        if is_kept && !is_person(PERSON, gap.trim()) { Self::of(gap) } else { Self::Nothing }
    }

    /// May this part be kept, seen in so many bodies?
    pub fn may_keep(self, part: &str, bodies: u32) -> bool {
        match self {
            // What stands in so many different ones is nobody's: `978` of a book, `+49`.
            Self::Nothing => bodies >= STANDING_BODIES_MIN && is_small_number(part),
            Self::Words => {
                part.split(['-', '_', '.']).all(is_plain_part) && may_keep_value(part, bodies)
            }
            Self::All => may_keep_value(part, bodies) && !has_id_segment(part),
        }
    }
}

/// A member that people stand under: what looks like a person is judged as if it stood there.
pub const PERSON: &str = "name";

/// May a text between what other members say be kept, of a whole that may be refused? What a
/// detector refuses for more than a token is so in all its parts but punctuation and domains.
pub fn may_keep_gap(gap: &str, whole: &str) -> bool {
    let are_plain = || gap.split(|c: char| !c.is_alphanumeric()).all(is_plain_part);
    gap.starts_with('@')
        || !gap.chars().any(char::is_alphanumeric)
        || match PartRetention::of(whole) {
            PartRetention::All => true,
            PartRetention::Words => are_plain(),
            PartRetention::Nothing => false,
        }
}

/// How often a record must be seen before it is kept whole at a level: in answers to so many
/// different requests.
pub fn record_support(level: PrivacyLevel) -> u32 {
    match level {
        PrivacyLevel::Strict => 3,
        PrivacyLevel::Vocabulary => 2,
        PrivacyLevel::Open => 1,
    }
}

/// Longest text of a record that is kept as vocabulary, bytes.
const RECORD_TEXT_MAX: usize = 160;

/// Whether what looks like the name of a person may be that of a thing where those beside it are:
/// by the member it stands under, and because no word of it is a given name.
pub fn is_thing(name: &str, text: &str) -> bool {
    privacy::may_name_things(name) && !text.split([' ', '-']).any(given_names::is_given_name)
}

/// Are names that look like people's those of things? So many there are, and so many of them may be
/// of things: of people most have a common given name, of towns and currencies one in ten.
pub fn are_things([names, things]: [u32; 2]) -> bool {
    names >= NAMES_MIN && (names - things.min(names)) * GIVEN_PER_NAMES <= names
}

/// Names before they are judged, and how many there must be for each with a given name.
pub const NAMES_MIN: u32 = 8;
const GIVEN_PER_NAMES: u32 = 5;

/// May this member of a record be kept, where the whole record has its support? `are_things`: what
/// looks like people beside it are hardly ever called as people are.
pub fn may_keep_member(name: &str, text: &str, level: PrivacyLevel, are_things: bool) -> bool {
    let is_secret = is_secret_name(name, false) || privacy::is_secret_value(text);
    match level {
        PrivacyLevel::Open => !privacy::is_secret_name(name) && !privacy::is_secret_value(text),
        PrivacyLevel::Vocabulary => {
            !is_secret && text.len() <= RECORD_TEXT_MAX && !privacy::is_sensitive_value(text)
        }
        PrivacyLevel::Strict => {
            !is_secret
                && text.len() <= RECORD_TEXT_MAX
                && !privacy::is_sensitive_value(text)
                && (!is_person(name, text) || (are_things && is_thing(name, text)))
        }
    }
}

/// Longest word that stands beside a token and is none of its pieces, bytes, and the digits that
/// may follow it: `macie2`, `sha256`.
const PLAIN_WORD_MAX: usize = 20;
const PLAIN_DIGITS_MAX: usize = 4;

fn is_small_number(part: &str) -> bool {
    !part.is_empty()
        && part.len() <= PLAIN_DIGITS_MAX
        && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters of one case, or one capital, and a few digits.
fn is_plain_part(part: &str) -> bool {
    let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let rest = word.get(1..).unwrap_or_default();
    let is = |text: &str, test: fn(&u8) -> bool| text.as_bytes().iter().all(test);
    part.len() - word.len() <= PLAIN_DIGITS_MAX
        && word.len() <= PLAIN_WORD_MAX
        && is(word, u8::is_ascii_alphabetic)
        && (is(rest, u8::is_ascii_lowercase) || is(word, u8::is_ascii_uppercase))
}

/// Is a field of this name never kept as text, whatever it holds? Inside something secret all
/// is, but for what only speaks about it: `credentials[].type` as little as `credential_type`.
pub fn is_secret_name(name: &str, inside_secret: bool) -> bool {
    privacy::is_sensitive_name(name)
        || (inside_secret && privacy::is_sensitive_name(&format!("secret_{name}")))
}
