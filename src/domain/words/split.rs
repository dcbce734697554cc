//! Names cut into their words, however they are written: `user_id`, `userId`, `IDToken`, `line2`.

/// The words of a name, as they are written. A word ends at punctuation, at a hump (`userId`),
/// before the last capital of an acronym (`IDToken` is `ID` and `Token`), and where digits begin
/// or end. Letters beyond ASCII belong to the word they stand in.
pub fn split(name: &str) -> impl Iterator<Item = &str> {
    let bytes = name.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at + bytes.get(at..)?.iter().position(|byte| !is_separator(*byte))?;
        let rest = bytes.get(from + 1..)?;
        let length = (0..rest.len()).position(|end| {
            let (previous, byte) = (bytes[from + end], rest[end]); // within `bytes` and `rest`
            let next = rest.get(end + 1).copied().unwrap_or(b'_');
            is_separator(byte) || starts_word(previous, byte, next)
        });
        at = length.map_or(bytes.len(), |length| from + 1 + length);
        // Words end at ASCII characters.
        name.get(from..at)
    })
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

fn starts_word(previous: u8, byte: u8, next: u8) -> bool {
    let is_hump = byte.is_ascii_uppercase()
        && (previous.is_ascii_lowercase()
            || (previous.is_ascii_uppercase() && next.is_ascii_lowercase()));
    is_hump || byte.is_ascii_digit() != previous.is_ascii_digit()
}

/// Is a name the same as one of these, which are in lower case and without separators? Percent
/// escapes stand for punctuation, as in the name of a query parameter: `page%5Bsize%5D`.
pub fn is_called(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| letters(name).eq(known.bytes()))
}

/// The letters and digits of a name in lower case.
fn letters(name: &str) -> impl Iterator<Item = u8> + '_ {
    let mut bytes = name.bytes();
    std::iter::from_fn(move || {
        loop {
            match bytes.next()? {
                b'%' => drop((bytes.next(), bytes.next())),
                byte if byte.is_ascii_alphanumeric() => return Some(byte.to_ascii_lowercase()),
                _ => {}
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_separators_humps_acronyms_and_digits() {
        let check = |name: &str, words: &[&str]| {
            assert_eq!(split(name).collect::<Vec<_>>(), words, "{name}");
        };
        check("user_id", &["user", "id"]);
        check("userId", &["user", "Id"]);
        check("X-Auth-Token", &["X", "Auth", "Token"]);
        check("IDToken", &["ID", "Token"]);
        check("addressLine2", &["address", "Line", "2"]);
        check("GRÖSSE_größe", &["GRÖSSE", "größe"]);
        check("__", &[]);
        check("", &[]);
        check("a", &["a"]);
    }

    #[test]
    fn a_name_is_called_so_however_it_is_written() {
        assert!(is_called("perPage", &["page", "perpage"]));
        assert!(is_called("page%5Bsize%5D", &["pagesize"]));
        assert!(!is_called("pages", &["page"]));
    }
}
