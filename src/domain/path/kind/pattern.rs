//! Parameters inside a segment: `{id}.json`, `report.{format}`, `{base}...{head}`.

use crate::domain::path::kind::is_extension;

/// What a segment is joined of, as far as it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Form {
    /// One piece.
    #[default]
    Plain,
    /// A name and one of the known extensions.
    Extension(&'static str),
    /// Two names around one of [`JOINTS`].
    Joined(&'static str),
}

/// What joins two values in one segment.
const JOINTS: [&str; 2] = ["...", "@"];

/// Share of the distinct values at a place that must have the same form, in percent, for the form
/// to be part of the template …
const SHARE_PERCENT_MIN: u32 = 90;
/// … and their number: two may be chance.
const VALUES_MIN: u32 = 3;

impl Form {
    /// The form of a segment; one pass for each joint.
    pub fn of(text: &str) -> Self {
        if let Some(joint) = JOINTS.into_iter().find(|joint| joins(text, joint)) {
            return Self::Joined(joint);
        }
        match text.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => {
                is_extension(extension).map_or(Self::Plain, Self::Extension)
            }
            _ => Self::Plain,
        }
    }

    /// The form with this joint, or with this extension when it is one.
    pub fn by_name(name: &str, extension: Option<&'static str>) -> Self {
        let joint = JOINTS.into_iter().find(|joint| *joint == name).map(Self::Joined);
        joint.or(extension.map(Self::Extension)).unwrap_or_default()
    }

    /// The text of a parameter segment of this form; `placeholder` is the name in the braces.
    pub fn template(self, placeholder: &str) -> String {
        match self {
            Self::Plain => format!("{{{placeholder}}}"),
            Self::Extension(extension) => format!("{{{placeholder}}}.{extension}"),
            Self::Joined("...") => "{base}...{head}".to_owned(),
            Self::Joined(_) => "{name}@{version}".to_owned(),
        }
    }

    /// The form that nearly all values have; `forms` holds one for each, and how many values it
    /// stands for.
    pub fn shared(forms: impl Iterator<Item = (Self, u32)> + Clone) -> Self {
        let all = forms.clone().map(|(_, values)| values).fold(0, u32::saturating_add);
        if all < VALUES_MIN {
            return Self::Plain;
        }
        let Some((first, _)) = forms.clone().find(|(form, _)| *form != Self::Plain) else {
            return Self::Plain;
        };
        let same = forms.filter(|(form, _)| *form == first).map(|(_, values)| values);
        let same = u64::from(same.fold(0, u32::saturating_add));
        if same * 100 >= u64::from(all) * u64::from(SHARE_PERCENT_MIN) {
            first
        } else {
            Self::Plain
        }
    }
}

/// Whether `joint` stands once between two names. What looks like a host after an `@` is none.
fn joins(text: &str, joint: &str) -> bool {
    let Some((before, after)) = text.split_once(joint) else { return false };
    let version = after.starts_with(|c: char| c.is_ascii_digit());
    let host = joint == "@" && after.contains('.') && !version;
    let names = [before, after].iter().all(|name| !name.is_empty());
    names && !after.contains(joint) && !host
}

/// Stands in a template for the extension of a file name.
pub const FORMAT: &str = "{format}";

/// Extensions in which APIs offer one resource in several representations.
const REPRESENTATIONS: [&str; 15] = [
    "atom", "csv", "html", "ics", "js", "json", "jsonp", "md", "pdf", "rss", "tsv", "txt", "xml",
    "yaml", "yml",
];

/// Whether APIs answer in this format.
pub fn is_representation(extension: &str) -> bool {
    REPRESENTATIONS.contains(&extension)
}

/// Distinct extensions of one stem from which they are one parameter: `report.json` and
/// `report.xml` are representations of one resource; of other files two may be siblings by chance.
const REPRESENTATIONS_MIN: usize = 2;
/// The same when not all of them are representations.
const EXTENSIONS_MIN: usize = 4;

/// Whether files called `stem.x` for each of `extensions` are one resource in several formats.
pub fn are_formats(extensions: &[&str]) -> bool {
    let known = extensions.iter().all(|extension| is_representation(extension));
    extensions.len() >= if known { REPRESENTATIONS_MIN } else { EXTENSIONS_MIN }
}

/// The literal text around the parameters of a template segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Text before the first parameter, between parameters, and after the last.
    pieces: Box<[Box<str>]>,
}

impl Pattern {
    /// The pattern of a template segment such as `{id}.json`. `None` when its braces are not
    /// balanced, a name is empty, or two parameters touch.
    pub fn parse(segment: &str) -> Option<Self> {
        let mut pieces: Vec<Box<str>> = Vec::new();
        let mut rest = segment;
        while let Some((literal, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}')?;
            let touches = !pieces.is_empty() && literal.is_empty();
            if touches || name.is_empty() || name.contains('{') || literal.contains('}') {
                return None;
            }
            pieces.push(Box::from(literal));
            rest = tail;
        }
        if rest.contains('}') {
            return None;
        }
        pieces.push(Box::from(rest));
        Some(Self { pieces: pieces.into_boxed_slice() })
    }

    /// Hands `text`'s values to `take`, from left to right; false when it does not have this form.
    /// Each value is the shortest that lets the rest fit, and is not empty. Linear in the text.
    pub fn capture<'p>(&self, text: &'p str, mut take: impl FnMut(&'p str)) -> bool {
        let Some((first, others)) = self.pieces.split_first() else { return false };
        let Some((last, inner)) = others.split_last() else { return &**first == text };
        let Some(mut rest) = text.strip_prefix(&**first).and_then(|t| t.strip_suffix(&**last))
        else {
            return false;
        };
        for piece in inner {
            // From the second byte on: a value has at least one character.
            let skipped = rest.chars().next().map_or(0, char::len_utf8);
            let Some(at) = rest.get(skipped..).and_then(|rest| rest.find(&**piece)) else {
                return false;
            };
            let (value, after) = rest.split_at(skipped + at);
            take(value);
            rest = after.strip_prefix(&**piece).unwrap_or(after);
        }
        if rest.is_empty() {
            return false;
        }
        take(rest);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_from_texts() {
        for (text, form) in [
            ("12.json", Form::Extension("json")),
            ("a.b.csv", Form::Extension("csv")),
            ("v1...v2", Form::Joined("...")),
            ("left-pad@1.3.0", Form::Joined("@")),
            ("name@beta", Form::Joined("@")),
            ("ann@example.com", Form::Plain),
            (".json", Form::Plain),
            ("1.2.3", Form::Plain),
            ("users", Form::Plain),
            ("@ann", Form::Plain),
            ("...", Form::Plain),
        ] {
            assert_eq!(Form::of(text), form, "{text}");
        }
    }

    fn check(pattern: &str, text: &str, expected: Option<&[&str]>) {
        let pattern = Pattern::parse(pattern).expect("a pattern");
        let mut values = Vec::new();
        let fits = pattern.capture(text, |value| values.push(value));
        assert_eq!(fits.then_some(&*values), expected, "{text}");
    }

    #[test]
    fn patterns_capture_their_values() {
        check("{id}.json", "12.json", Some(&["12"]));
        check("{id}.json", ".json", None);
        check("{id}.json", "12.xml", None);
        check("report.{format}", "report.csv", Some(&["csv"]));
        check("report.{format}", "report.", None);
        check("{base}...{head}", "v1...v2", Some(&["v1", "v2"]));
        check("{base}...{head}", "...v2", None);
        check("{base}...{head}", "\u{e9}...v2", Some(&["\u{e9}", "v2"]));
        check("v{major}.{minor}x", "v1.2x", Some(&["1", "2"]));
    }

    #[test]
    fn bad_patterns_are_refused() {
        for bad in ["{", "}", "{}", "{a}{b}", "{a", "a}", "{{a}}"] {
            assert!(Pattern::parse(bad).is_none(), "{bad}");
        }
    }
}
