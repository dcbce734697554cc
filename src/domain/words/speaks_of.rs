//! Whether a sentence of software speaks of a member of a document.

use super::split::split;

/// Letters from which a name that is written as one word is looked for as several.
const JOINED_MIN: usize = 6;

/// Letters of a word of which a plural is told.
const SINGULAR_MIN: usize = 3;

/// Words of a text that may be one word of a name.
const JOINED_WORDS_MAX: usize = 3;

/// Whether a text in lower case speaks of a member, as it is called or as frameworks put names into
/// words: `first_name` and `firstName` are `First name`, `project_id` is `Project`, `lastname` is
/// `Last name`, `mail` is `Email`.
pub fn speaks_of(text: &str, name: &str) -> bool {
    let lower = name.to_lowercase();
    if has_word(text, &lower) {
        return true;
    }
    let own: Vec<String> = split(name).map(|word| mail(&word.to_lowercase()).to_owned()).collect();
    let own = match own.split_last() {
        Some((last, rest)) if !rest.is_empty() && matches!(&**last, "id" | "ids") => rest,
        _ => &own,
    };
    let joined = own.concat();
    let words: Vec<&str> = words_of(text).map(mail).collect();
    let is_run = |at: usize| {
        let rest = &words[at..];
        let is_same = rest.len() >= own.len() && own.iter().zip(rest).all(|(a, b)| is(a, b));
        is_same
            || (joined.len() >= JOINED_MIN
                && (2..=JOINED_WORDS_MAX.min(rest.len())).any(|n| rest[..n].concat() == joined))
    };
    !own.is_empty() && (0..words.len()).any(is_run)
}

/// Whether a text holds another one that no letter or digit touches.
pub fn has_word(text: &str, word: &str) -> bool {
    let outside = |byte: Option<&u8>| !byte.is_some_and(u8::is_ascii_alphanumeric);
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let bytes = text.as_bytes();
            outside(at.checked_sub(1).and_then(|before| bytes.get(before)))
                && outside(bytes.get(at + word.len()))
        })
}

/// The words of a sentence.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether two words are the same, or one is the plural of the other.
fn is(one: &str, other: &str) -> bool {
    let is_plural = |many: &str, one: &str| {
        one.len() >= SINGULAR_MIN && many.strip_suffix('s').is_some_and(|stem| stem == one)
    };
    one == other || is_plural(one, other) || is_plural(other, one)
}

/// Letters have two names.
fn mail(word: &str) -> &str {
    if word == "mail" { "email" } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_spoken_of_in_the_words_of_frameworks() {
        for (text, name) in [
            ("last name cannot be blank", "lastname"),
            ("the first name field is required.", "first_name"),
            ("first name is too long", "firstName"),
            ("email is invalid", "mail"),
            ("not a valid e-mail address", "email"),
            ("project must exist", "project_id"),
            ("at least one label pair required", "labels"),
            ("\"due_date\" is no date", "due_date"),
        ] {
            assert!(speaks_of(text, name), "{text}: {name}");
        }
        for (text, name) in [
            ("last name cannot be blank", "firstname"),
            ("identifier is invalid", "id"),
            ("not a valid address", "mail"),
            ("the projector is off", "project_id"),
        ] {
            assert!(!speaks_of(text, name), "{text}: {name}");
        }
    }
}
