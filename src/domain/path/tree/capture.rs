//! The values a path gives to the parameters of a template it belongs to.

use smallvec::SmallVec;

use crate::domain::path::tree::template::PathTemplate;

/// Raw values of parameters, from left to right.
pub type Captured<'p> = SmallVec<[&'p str; 8]>;

impl PathTemplate {
    /// The raw values that `path` (undecoded, without query) gives to this template's
    /// placeholders, from left to right; `None` when the path does not have its form.
    ///
    /// A placeholder takes the shortest text up to the literal that follows it and stays within
    /// its segment; one that ends the template takes all that is left, but for a trailing slash.
    #[must_use]
    pub fn capture<'p>(&self, path: &'p str) -> Option<Captured<'p>> {
        let mut values = Captured::new();
        let mut template = self.as_str();
        let mut rest = path;
        while let Some((literal, after)) = template.split_once('{') {
            rest = rest.strip_prefix(literal)?;
            let (_placeholder, tail) = after.split_once('}')?;
            let following = tail.split('{').next().unwrap_or_default();
            let end = if tail.is_empty() {
                rest.strip_suffix('/').unwrap_or(rest).len()
            } else if following.is_empty() || following.starts_with('/') {
                rest.find('/').unwrap_or(rest.len())
            } else {
                let segment_end = rest.find('/').unwrap_or(rest.len());
                let within = following.split('/').next().unwrap_or_default();
                rest.get(..segment_end)?.find(within)?
            };
            let (value, left) = rest.split_at_checked(end)?;
            values.push(value);
            rest = left;
            template = tail;
        }
        // A trailing slash is no difference (one template stands for both spellings).
        let slashless = |text: &'p str| text.strip_suffix('/').unwrap_or(text);
        let equal = rest == template || slashless(rest) == template.trim_end_matches('/');
        equal.then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_captured_from_left_to_right() {
        for (template, path, expected) in [
            ("/users/{id}", "/users/42", Some(&["42"][..])),
            ("/users/{id}", "/users/42/", Some(&["42"])),
            ("/users/{id}/posts/{id}", "/users/4/posts/p-1", Some(&["4", "p-1"])),
            ("/repos/{a}/{b}", "/repos/x/y", Some(&["x", "y"])),
            ("/report.{format}", "/report.json", Some(&["json"])),
            ("/compare/{a}...{b}", "/compare/v1...v2", Some(&["v1", "v2"])),
            ("/files/{path}", "/files/a/b/c.txt", Some(&["a/b/c.txt"])),
            ("/users", "/users", Some(&[])),
            ("/users", "/orders", None),
            ("/users/{id}/x", "/users/42/y", None),
        ] {
            let captured = PathTemplate::new(template).capture(path);
            assert_eq!(captured.as_deref(), expected, "{template} {path}");
        }
    }
}
