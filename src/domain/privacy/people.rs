//! Names of people, told by the member they stand under and by their look together: neither alone
//! says enough. `owner: "Ann Lee"` is a person; `status: "Not Found"` and `owner: "platform"` are
//! not.

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

/// See [`super::is_person`].
pub(super) fn is_person(member: &str, text: &str) -> bool {
    looks_like_a_person(text) && stands_for_people(member)
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
    use super::is_person;

    #[test]
    fn a_person_stands_under_a_name_for_people_and_looks_like_one() {
        for member in ["owner", "name", "createdBy", "reviewers", "display_name", "x-owner"] {
            for text in ["Ann Lee", "Zoë O’Hara", "J. van der Berg", "Jean-Luc Picard"] {
                assert!(is_person(member, text), "{member}: {text}");
            }
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
