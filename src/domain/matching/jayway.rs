//! JSONPath as the Jayway library of Java reads it, which WireMock and the stubs of Spring Cloud
//! Contract are written for.
//!
//! It differs from RFC 9535 where people meet it: a filter of an object asks the object itself
//! (`$[?(@.size == 'SMALL')]` is true of `{"size": "SMALL"}`), a filter of an array asks its items,
//! `=~ /…/` asks for a pattern, and a dot may stand before a bracket. A path is cut at its filters;
//! the pieces are paths of RFC 9535. What remains unlike, such as `length()` or `in`, is refused.

use std::sync::LazyLock;

use regex::Regex;
use rustc_hash::FxHashSet;
use serde_json::Value;
use serde_json_path::JsonPath;

/// A path ready to be asked.
#[derive(Debug)]
pub struct JaywayPath(Vec<Step>);

#[derive(Debug)]
enum Step {
    /// From each value on.
    Path(JsonPath),
    /// Whether a value, as the only item of an array, is found.
    Filter(JsonPath),
}

impl JaywayPath {
    /// `None` for what cannot be read.
    pub fn parse(path: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = path.strip_prefix('$')?;
        while let Some(at) = filter_at(rest) {
            let (before, behind) = rest.split_at(at);
            if !before.is_empty() {
                steps.push(Step::Path(relative(before)?));
            }
            let end = closing(behind)?;
            let (filter, after) = behind.split_at(end + 1);
            let asked = with_patterns(&without_dots(filter));
            steps.push(Step::Filter(JsonPath::parse(&format!("${asked}")).ok()?));
            rest = after;
        }
        if !rest.is_empty() || steps.is_empty() {
            steps.push(Step::Path(relative(rest)?));
        }
        Some(Self(steps))
    }

    /// The values that it finds.
    pub fn query<'v>(&self, body: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![body];
        for step in &self.0 {
            found = match step {
                Step::Path(path) => {
                    found.into_iter().flat_map(|value| path.query(value).all()).collect()
                }
                Step::Filter(filter) => {
                    let asked = found.into_iter().flat_map(|value| match value {
                        Value::Array(items) => items.iter().collect(),
                        other => vec![other],
                    });
                    asked.filter(|value| holds(filter, value)).collect()
                }
            };
            // An item is found by itself and with its array where a step looks at all below.
            let mut seen = FxHashSet::default();
            found.retain(|value| seen.insert(std::ptr::from_ref::<Value>(*value)));
        }
        found
    }
}

/// Whether a filter holds of a value itself.
fn holds(filter: &JsonPath, value: &Value) -> bool {
    !filter.query(&Value::Array(vec![value.clone()])).is_empty()
}

/// A piece without filters, from any value on. What follows `..` is asked of all that lies below.
fn relative(piece: &str) -> Option<JsonPath> {
    let piece = without_dots(piece);
    let piece = piece.strip_suffix('.').map_or_else(
        || piece.clone(),
        |below| match below {
            below if below.ends_with('.') => format!("{below}.*"),
            below => below.to_owned(),
        },
    );
    JsonPath::parse(&format!("${piece}")).ok()
}

/// Where the first filter begins.
fn filter_at(path: &str) -> Option<usize> {
    outside_texts(path).find(|(at, _)| path[*at..].starts_with("[?")).map(|(at, _)| at)
}

/// Where the bracket that a filter begins with is closed.
fn closing(filter: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, sign) in outside_texts(filter) {
        match sign {
            '[' => open += 1,
            ']' if open == 1 => return Some(at),
            ']' => open -= 1,
            _ => {}
        }
    }
    None
}

/// The characters that stand in no quotes and in no pattern, with their places.
fn outside_texts(path: &str) -> impl Iterator<Item = (usize, char)> {
    let mut within: Option<char> = None;
    let mut escaped = false;
    let mut before = ' ';
    path.char_indices().filter(move |&(_, sign)| {
        let plain = within.is_none();
        match within {
            Some(_) if escaped => escaped = false,
            Some(_) if sign == '\\' => escaped = true,
            Some(end) if sign == end => within = None,
            None if matches!(sign, '\'' | '"') || (sign == '/' && before == '~') => {
                within = Some(sign);
            }
            _ => {}
        }
        if !sign.is_whitespace() {
            before = sign;
        }
        plain && within.is_none()
    })
}

/// `$.['a']` and `@.['a']` without the dot.
fn without_dots(path: &str) -> String {
    let dots: Vec<usize> = outside_texts(path)
        .filter(|(at, sign)| *sign == '.' && path[at + 1..].starts_with('['))
        // `..[` asks for all below.
        .filter(|(at, _)| !path[..*at].ends_with('.'))
        .map(|(at, _)| at)
        .collect();
    path.char_indices().filter(|(at, _)| !dots.contains(at)).map(|(_, sign)| sign).collect()
}

/// `@.a =~ /b.*/i` as the function of RFC 9535, which asks for the whole value, too.
fn with_patterns(filter: &str) -> String {
    static PATTERN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(@[^\s=&|()]*)\s*=~\s*/((?:[^/\\]|\\.)*)/([a-z]*)").ok());
    let Some(pattern) = &*PATTERN else { return filter.to_owned() };
    let written = |found: &regex::Captures<'_>| {
        // Java's letters for flags that this engine has, too; `s` is "a dot is any character".
        let flags: String = found[3].chars().filter(|flag| "imsx".contains(*flag)).collect();
        let flags = if flags.is_empty() { flags } else { format!("(?{flags})") };
        let text = format!("{flags}{}", found[2].replace("\\/", "/"));
        let text = text.replace('\\', "\\\\").replace('\'', "\\'");
        format!("match({}, '{text}')", &found[1])
    };
    pattern.replace_all(filter, written).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(path: &str, body: Value, expected: usize) {
        let parsed = JaywayPath::parse(path).unwrap_or_else(|| panic!("{path}"));
        assert_eq!(parsed.query(&body).len(), expected, "{path} of {body}");
    }

    #[test]
    fn a_filter_asks_an_object_itself_and_the_items_of_an_array() {
        let loan = json!({"loanAmount": 99999, "clientId": "1234567890", "of": {"kind": "gold"}});
        check("$[?(@.['loanAmount'] == 99999)]", loan.clone(), 1);
        check("$[?(@.['loanAmount'] == 1)]", loan.clone(), 0);
        check("$[?(@.clientId =~ /([0-9]{10})/)]", loan.clone(), 1);
        check("$[?(@.clientId =~ /[0-9]{9}/)]", loan.clone(), 0);
        check("$.of[?(@.kind == 'gold')].kind", loan.clone(), 1);
        check("$.['of'].['kind']", loan.clone(), 1);
        check("$.of[?(@.kind =~ /GO.*/i && @.kind != 'x')]", loan, 1);
        let list = json!([{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": []}]);
        check("$[*][?(@.id == 2)]", list.clone(), 1);
        check("$[?(@.id > 0)].tags[?(@ == 'b')]", list.clone(), 1);
        check("$..[?(@.id == 1)]", json!({"in": list.clone()}), 1);
        check("$.[?(@.id == 3)]", list, 0);
        check("$.[?(@.query =~ /.*query Work\\(.*/s)]", json!({"query": "a\nquery Work(1)"}), 1);
        check("$[?(@.a == 'x]y/z')]", json!({"a": "x]y/z"}), 1);
    }

    #[test]
    fn what_cannot_be_read_is_no_path() {
        for odd in ["", "a", "$[?(@.a in ['b'])]", "$[?(", "$.a.length()", "$[?(@.a =~ /x)]"] {
            assert!(JaywayPath::parse(odd).is_none(), "{odd}");
        }
    }
}
