//! JSON pointers (RFC 6901), built step by step.

/// Appends the step to a member: `/` and its name, with `~` and `/` escaped.
pub fn push_member(pointer: &mut String, name: &str) {
    pointer.push('/');
    for letter in name.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            letter => pointer.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_slashes_stay_one_step() {
        let mut pointer = String::from("/a");
        push_member(&mut pointer, "b/c~d");
        assert_eq!(pointer, "/a/b~1c~0d");
    }
}
