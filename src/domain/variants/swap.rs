//! Texts of a recorded request inside its answer, with those of this request in their place.

/// Replaces whole words: `old` where neither a letter nor a digit stands beside it.
#[must_use]
pub fn swapped(text: &str, old: &str, new: &str) -> Option<String> {
    if old.is_empty() || old == new || !text.contains(old) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    let mut found = false;
    for (at, _) in text.match_indices(old) {
        if at < from || !stands_alone(text, at, old.len()) {
            continue;
        }
        out.push_str(&text[from..at]);
        out.push_str(new);
        from = at + old.len();
        found = true;
    }
    out.push_str(&text[from..]);
    found.then_some(out)
}

/// Whether `part` stands somewhere in a text as whole words.
#[must_use]
pub fn holds(text: &str, part: &str) -> bool {
    !part.is_empty() && text.match_indices(part).any(|(at, _)| stands_alone(text, at, part.len()))
}

fn stands_alone(text: &str, at: usize, length: usize) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let inner = &text[at..at + length];
    let before = joins(text[..at].chars().next_back()) && joins(inner.chars().next());
    let after = joins(text[at + length..].chars().next()) && joins(inner.chars().next_back());
    !before && !after
}

#[cfg(test)]
mod tests {
    use super::{holds, swapped};

    #[test]
    fn whole_words_are_replaced() {
        assert_eq!(swapped("/a/7/17?x=7", "7", "9").as_deref(), Some("/a/9/17?x=9"));
        assert_eq!(swapped("renewal", "new", "old"), None);
        assert!(holds("id 'zz5'", "zz5"));
        assert!(!holds("zz55", "zz5"));
    }
}
