//! Names of people, told by the member they stand under and by their look together: neither alone
//! says enough. `owner: "Ann Lee"` is a person; `status: "Not Found"` and `owner: "platform"` are
//! not.

use crate::domain::words::filler;
use crate::domain::words::split::split;

/// Last words of member names under which people stand.
const PEOPLE: &[&str] = &[
    "owner",
    "author",
    "creator",
    "assignee",
    "reviewer",
    "approver",
    "manager",
    "employee",
    "customer",
    "contact",
    "patient",
    "guest",
    "recipient",
    "sender",
    "member",
    "user",
    "person",
    "by",
    "name",
    "attendee",
    "signatory",
    "beneficiary",
    "cardholder",
    "holder",
];

/// Words of a person's name at most: given names, particles, family names.
const WORDS_MAX: usize = 4;

/// Longest name of a person, bytes: what is longer is a sentence.
const BYTES_MAX: usize = 64;

/// Small words between the names of a person.
const PARTICLES: &[&str] = &["van", "von", "de", "da", "del", "der", "di", "al", "bin", "la", "le"];

/// Words that no person is called by, and that places and houses are.
const PLACES: &[&str] = &[
    "airport",
    "avenue",
    "bank",
    "city",
    "county",
    "hotel",
    "inn",
    "island",
    "islands",
    "kingdom",
    "new",
    "province",
    "republic",
    "resort",
    "saint",
    "states",
    "street",
    "united",
    "university",
];

/// Everyday words that people are called by as well.
const NAMES_TOO: &[&str] = &[
    "april", "autumn", "baker", "black", "blue", "book", "bridge", "brown", "city", "cloud",
    "cook", "day", "dream", "farm", "field", "fine", "flower", "forest", "fox", "garden", "good",
    "green", "guide", "hand", "hill", "house", "king", "land", "light", "little", "long", "major",
    "maple", "march", "mark", "may", "moon", "north", "ocean", "page", "park", "play", "power",
    "price", "rain", "rich", "river", "road", "room", "rose", "silver", "small", "snow", "south",
    "star", "stone", "street", "strong", "sugar", "summer", "tree", "valley", "view", "west",
    "white", "winter", "wood", "word", "young",
];

/// First words of names of members that are of people, whatever they look like.
const OF_PEOPLE: &[&str] = &[
    "full",
    "display",
    "real",
    "user",
    "nick",
    "given",
    "family",
    "first",
    "last",
    "middle",
    "sur",
    "maiden",
    "legal",
    "preferred",
    "screen",
    "login",
];

/// See [`super::may_name_things`].
pub(super) fn may_name_things(member: &str) -> bool {
    let mut words: Vec<String> = split(member).map(str::to_lowercase).collect();
    let is_name = words.pop().is_some_and(|last| matches!(&*last, "name" | "names"));
    let is_of_people = |word: &String| {
        let word = word.strip_suffix('s').unwrap_or(word);
        PEOPLE.contains(&word) || OF_PEOPLE.contains(&word)
    };
    is_name && !words.iter().any(is_of_people)
}

/// Is a text of several words the name of a place or a thing: a word of it says so, or all are
/// everyday words that hardly anybody is called by?
fn is_of_things(text: &str) -> bool {
    let mut words = text.split([' ', '-']).map(str::to_lowercase);
    let is_thing = |word: &String| filler::is_word(word) && !NAMES_TOO.contains(&word.as_str());
    let says_so = |word: &str| PLACES.contains(&word);
    text.split(' ').any(|word| says_so(&word.to_lowercase())) || words.all(|word| is_thing(&word))
}

/// See [`super::is_person`].
pub(super) fn is_person(member: &str, text: &str) -> bool {
    looks_like_a_person(text) && stands_for_people(member) && !is_of_things(text)
}

/// Whether the last word of a member's name is one under which people stand, in whatever case and
/// with whatever separators: `owner`, `createdBy`, `reviewers`, `display_name`.
fn stands_for_people(member: &str) -> bool {
    let Some(end) = member.rfind(|c: char| c.is_ascii_alphabetic()) else { return false };
    let bare = member.get(..=end).unwrap_or_default();
    let is_start = |(at, c): (usize, char)| {
        let before = bare.get(..at).and_then(|before| before.chars().next_back());
        let after_other = before.is_none_or(|before| !before.is_ascii_alphabetic());
        after_other || (c.is_ascii_uppercase() && before.is_some_and(|b| b.is_ascii_lowercase()))
    };
    let start = bare.char_indices().rev().find(|found| is_start(*found)).map_or(0, |(at, _)| at);
    let last = bare.get(start..).unwrap_or_default().to_ascii_lowercase();
    let singular = last.strip_suffix('s').unwrap_or(&last);
    PEOPLE.contains(&singular) || PEOPLE.contains(&last.as_str())
}

/// Two to four words that begin with a capital and hold nothing but letters.
fn looks_like_a_person(text: &str) -> bool {
    if text.len() > BYTES_MAX || !text.contains(' ') {
        return false;
    }
    let is_name = |word: &str| {
        word.chars().next().is_some_and(char::is_uppercase)
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.'))
            && !word.chars().skip(1).all(char::is_uppercase)
            || word.len() <= 2 && word.ends_with('.')
    };
    let words = || text.split(' ').filter(|word| !PARTICLES.contains(word));
    (2..=WORDS_MAX).contains(&words().count()) && words().all(is_name)
}

#[cfg(test)]
mod tests {
    use super::{is_person, may_name_things};

    #[test]
    fn a_person_stands_under_a_name_for_people_and_looks_like_one() {
        for member in ["owner", "name", "createdBy", "reviewers", "display_name", "x-owner"] {
            for text in ["Ann Lee", "Zoë O’Hara", "J. van der Berg", "Jean-Luc Picard"] {
                assert!(is_person(member, text), "{member}: {text}");
            }
        }
    }

    #[test]
    fn things_have_names_as_people_do() {
        for member in ["name", "hotel_name", "countryName", "names"] {
            assert!(may_name_things(member), "{member}");
        }
        for member in ["owner", "fullName", "user_name", "customerName", "createdBy", "title"] {
            assert!(!may_name_things(member), "{member}");
        }
    }

    #[test]
    fn states_codes_and_teams_are_none() {
        for (member, text) in [
            ("status", "Not Found"),
            ("owner", "platform"),
            ("owner", "Platform"),
            ("name", "USB cable"),
            ("name", "Room 7"),
            ("name", "A sentence of many words that goes on and on"),
            ("title", "Ann Lee"),
            ("filename_2", "a b"),
            ("", "Ann Lee"),
        ] {
            assert!(!is_person(member, text), "{member}: {text}");
        }
    }
}
