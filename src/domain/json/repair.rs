//! Nearly JSON, made JSON: what lenient writers write and lenient readers read.
//!
//! Asked only when a strict parser has refused the text. Values that JSON has no word for become
//! what `JSON.stringify` makes of them (ECMA-262, section 25.5.2: `NaN` is `null`), numbers beyond
//! every range the largest of their sign, and broken pieces of strings U+FFFD.

use super::unreadable::Unreadable;

/// A number that stands for all beyond the range of binary64, far enough from its end that sums of
/// it stay finite.
const HUGE: &str = "1e300";

/// Containers within each other that are followed: what `serde_json` follows, too.
const DEPTH_MAX: usize = 127;

/// JSON that says what `text` says.
///
/// # Errors
/// [`Unreadable`]: it is no JSON even so.
pub(super) fn repaired(text: &str) -> Result<String, Unreadable> {
    let mut repair = Repair { rest: text, out: String::with_capacity(text.len() + 16), depth: 0 };
    repair.skip_guard();
    while let Some(next) = repair.rest.chars().next() {
        repair.step(next)?;
    }
    if repair.depth == 0 { Ok(repair.out) } else { Err(Unreadable::Syntax) }
}

struct Repair<'t> {
    rest: &'t str,
    out: String,
    depth: usize,
}

impl<'t> Repair<'t> {
    /// Steps over the prefix by which answers are kept from being run as a script.
    fn skip_guard(&mut self) {
        let text = self.rest.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        let guard = [")]}',", ")]}'", "while(1);", "for(;;);"];
        let behind = guard.into_iter().find_map(|guard| text.strip_prefix(guard));
        self.rest = behind.unwrap_or(text);
    }

    fn take(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    fn step(&mut self, next: char) -> Result<(), Unreadable> {
        match next {
            '"' => return self.string(),
            '{' | '[' => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err(Unreadable::TooDeep);
                }
            }
            '}' | ']' => {
                self.depth = self.depth.checked_sub(1).ok_or(Unreadable::Syntax)?;
                let kept = self.out.trim_end();
                // A comma behind the last member.
                if let Some(kept) = kept.strip_suffix(',') {
                    self.out.truncate(kept.len());
                }
            }
            '/' => return self.comment(),
            '\0' | '\u{feff}' => {
                self.take(next.len_utf8());
                return Ok(());
            }
            ':' | ',' => {}
            _ if next.is_whitespace() => {
                self.take(next.len_utf8());
                self.out.push(' ');
                return Ok(());
            }
            _ => return self.word(),
        }
        self.take(next.len_utf8());
        self.out.push(next);
        Ok(())
    }

    fn comment(&mut self) -> Result<(), Unreadable> {
        let end = if self.rest.starts_with("//") {
            self.rest.find('\n').unwrap_or(self.rest.len())
        } else if self.rest.starts_with("/*") {
            self.rest.find("*/").ok_or(Unreadable::Syntax)? + 2
        } else {
            return Err(Unreadable::Syntax);
        };
        self.take(end);
        Ok(())
    }

    fn string(&mut self) -> Result<(), Unreadable> {
        self.take(1);
        self.out.push('"');
        loop {
            let plain = self.rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ');
            let plain = self.take(plain.ok_or(Unreadable::Syntax)?);
            self.out.push_str(plain);
            match self.rest.chars().next() {
                Some('\\') => self.escape()?,
                Some('"') | None => break,
                Some(control) => {
                    self.take(control.len_utf8());
                    self.out.push_str(&format!("\\u{:04x}", u32::from(control)));
                }
            }
        }
        self.take(1);
        self.out.push('"');
        Ok(())
    }

    /// An escape as it is, if it is one; half of a surrogate pair stands for nothing.
    fn escape(&mut self) -> Result<(), Unreadable> {
        let next = self.rest.chars().nth(1).ok_or(Unreadable::Syntax)?;
        let unit = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            u16::from_str_radix(digits, 16).ok()
        };
        match (next, unit(self.rest)) {
            ('u', Some(first @ 0xd800..=0xdbff)) => {
                let second = self.rest.get(6..).and_then(unit);
                if second.is_some_and(|second| (0xdc00..=0xdfff).contains(&second)) {
                    let pair = self.take(12);
                    self.out.push_str(pair);
                } else {
                    let _lone = (first, self.take(6));
                    self.out.push_str("\\ufffd");
                }
            }
            ('u', Some(0xdc00..=0xdfff)) => {
                self.take(6);
                self.out.push_str("\\ufffd");
            }
            ('u', Some(_)) => {
                let whole = self.take(6);
                self.out.push_str(whole);
            }
            ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't', _) => {
                let whole = self.take(2);
                self.out.push_str(whole);
            }
            // No escape of JSON: what stands behind the backslash is meant.
            _ => {
                self.take(1);
            }
        }
        Ok(())
    }

    /// A literal, a number, or the name of a member without quotes.
    fn word(&mut self) -> Result<(), Unreadable> {
        let ends = |c: char| c.is_whitespace() || ",:[]{}\"/\0".contains(c);
        let word = self.take(self.rest.find(ends).unwrap_or(self.rest.len()));
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
        if self.rest.trim_start().starts_with(':') && word.chars().all(is_name) {
            self.out.push_str(&format!("\"{word}\""));
            return Ok(());
        }
        match word {
            "true" | "false" | "null" => self.out.push_str(word),
            "True" => self.out.push_str("true"),
            "False" => self.out.push_str("false"),
            "NaN" | "nan" | "-NaN" | "undefined" | "None" => self.out.push_str("null"),
            "Infinity" | "+Infinity" | "inf" => self.out.push_str(HUGE),
            "-Infinity" | "-inf" => {
                self.out.push('-');
                self.out.push_str(HUGE);
            }
            _ => self.number(word)?,
        }
        Ok(())
    }

    fn number(&mut self, word: &str) -> Result<(), Unreadable> {
        let (sign, digits) = match word.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", word.strip_prefix('+').unwrap_or(word)),
        };
        let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
        let value = match hex {
            Some(hex) => {
                u64::from_str_radix(hex, 16).map_err(|_no_number| Unreadable::Syntax)? as f64
            }
            // Only what begins like a number: Rust reads words such as `infinity`, too.
            None if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
                digits.parse::<f64>().map_err(|_no_number| Unreadable::Syntax)?
            }
            None => return Err(Unreadable::Syntax),
        };
        self.out.push_str(sign);
        if !value.is_finite() {
            self.out.push_str(HUGE);
        } else if value == value.trunc() && value < 1e15 && !digits.contains(['.', 'e', 'E']) {
            self.out.push_str(&format!("{value:.0}"));
        } else {
            self.out.push_str(ryu::Buffer::new().format(value));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let strict = repaired(text).unwrap_or_else(|why| panic!("{text}: {why:?}"));
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text);
        assert_eq!(
            read(&strict).unwrap_or_else(|e| panic!("{strict}: {e}")),
            read(expected).unwrap()
        );
    }

    #[test]
    fn values_that_json_has_no_word_for() {
        check("[NaN, -NaN, undefined, None]", "[null, null, null, null]");
        check("[1e400, -1e999, Infinity, -Infinity]", "[1e300, -1e300, 1e300, -1e300]");
        check("[+1, .5, 5., 007, 0x1F, -2, 1E2]", "[1, 0.5, 5.0, 7, 31, -2, 100.0]");
        check("[True, False, true, null]", "[true, false, true, null]");
    }

    #[test]
    fn strings_that_are_broken_in_one_place() {
        check("[\"a\tb\nc\"]", r#"["a\tb\nc"]"#);
        check(
            r#"["\ud83d\ude00", "\ud83d", "\ude00x", "\ud83dx"]"#,
            r#"["😀", "\ufffd", "\ufffdx", "\ufffdx"]"#,
        );
        check(r#"["it\'s", "\x41", "\\", "\u00e9"]"#, r#"["it's", "x41", "\\", "é"]"#);
    }

    #[test]
    fn what_people_and_frameworks_put_around_it() {
        check(")]}',\n{\"a\":1}", "{\"a\":1}");
        check("\u{feff} {\"a\":1}\0\0", "{\"a\":1}");
        check("{a: 1, $b: [1,2,], } // end", "{\"a\":1,\"$b\":[1,2]}");
        check("/* c */ {\"a\": /* no */ 1}", "{\"a\":1}");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["{\"a\": hello}", "<html>", "{\"a\": \"x", "[1", "1]", "a/b"] {
            let refused = repaired(text).is_err();
            let parsed = repaired(text)
                .ok()
                .filter(|t| serde_json::from_str::<serde_json::Value>(t).is_ok());
            assert!(refused || parsed.is_none(), "{text}: {parsed:?}");
        }
        assert_eq!(repaired(&"[".repeat(200)), Err(Unreadable::TooDeep));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in ".*") {
            let _ = repaired(&text);
        }
    }
}
