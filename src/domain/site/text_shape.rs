//! Texts that are made of a text of the request: `salt-and-pepper` of a title, `/articles/…` of
//! it.

use serde_json::Value;

use crate::domain::privacy::is_sensitive_value;
use crate::domain::world::form::slug;
use crate::domain::world::pointer::{Pointer, at};

/// Bytes from which a text of the request is looked for.
const TEXT_BYTES_MIN: usize = 3;

/// Bytes of what stands around it.
const AROUND_BYTES_MAX: usize = 40;

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextWriting {
    /// As it is.
    Plain,
    /// In lower case.
    Lower,
    /// As it stands in addresses.
    Slug,
}

impl TextWriting {
    const ALL: [Self; 3] = [Self::Plain, Self::Lower, Self::Slug];

    fn write(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Lower => text.to_lowercase(),
            Self::Slug => slug(text),
        }
    }
}

/// A text made of one of the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextShape {
    /// Where that stands in the body.
    from: Pointer,
    writing: TextWriting,
    before: Box<str>,
    behind: Box<str>,
}

impl TextShape {
    /// The shapes that make a text of the texts of a body; a text that is one of them is none.
    pub fn all(text: &str, sent: &[(Pointer, &Value)]) -> Vec<Self> {
        let mut found = Vec::new();
        for (from, own) in sent {
            let Some(own) = own.as_str().filter(|own| own.len() >= TEXT_BYTES_MIN) else {
                continue;
            };
            for writing in TextWriting::ALL {
                let written = writing.write(own);
                if written.is_empty()
                    || own == text
                    || (writing != TextWriting::Plain && written == *own)
                {
                    continue;
                }
                let Some(at) = text.find(&written) else { continue };
                let (before, behind) = (&text[..at], &text[at + written.len()..]);
                let is_short = before.len() + behind.len() <= AROUND_BYTES_MAX;
                if is_short && !before.contains("://") && is_public(before) && is_public(behind) {
                    let (before, behind) = (before.into(), behind.into());
                    found.push(Self { from: from.clone(), writing, before, behind });
                }
            }
        }
        found
    }

    /// The text that a body makes.
    #[must_use]
    pub fn make(&self, body: &Value) -> Option<String> {
        let own = self.writing.write(at(body, &self.from)?.as_str()?);
        Some(format!("{}{own}{}", self.before, self.behind))
    }
}

/// Whether a text may stand around another one: it is the same for all, and nobody's.
pub fn is_public(text: &str) -> bool {
    text.is_empty() || !is_sensitive_value(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::world::pointer::leaves;

    #[test]
    fn a_slug_is_made_of_another_title() {
        let (one, two) = (json!({ "title": "Salt & Pepper" }), json!({ "title": "Old  Maps 3" }));
        let shapes = TextShape::all("/posts/salt-pepper", &leaves(&one));
        let made: Vec<_> = shapes.iter().filter_map(|shape| shape.make(&two)).collect();
        assert_eq!(made, ["/posts/old-maps-3"]);
    }
}
