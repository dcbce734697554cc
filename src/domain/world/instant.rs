//! Points in time as they stand in documents: read, and written anew in the same way.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// How a point in time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Milliseconds,
    Seconds,
    Text,
}

fn read(value: &Value) -> Option<(i64, Notation)> {
    match value {
        Value::Number(number) => {
            let number = number.as_f64()?;
            if (1e12..3e12).contains(&number) {
                return Some((number as i64, Notation::Milliseconds)); // inside i64
            }
            (1e9..3e9).contains(&number).then_some(((number * 1e3) as i64, Notation::Seconds))
        }
        Value::String(text) => Some((read_text(text)?, Notation::Text)),
        _ => None,
    }
}

fn read_text(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 16
        && bytes.len() <= 40
        && bytes[4] == b'-'
        && bytes[13] == b':'
        && matches!(bytes[10], b'T' | b' ')
        && bytes[0].is_ascii_digit();
    if !shaped {
        return None;
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_millisecond());
    }
    let civil = text.parse::<DateTime>().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// The point in time that a value says, unix ms.
#[must_use]
pub fn unix_ms(value: &Value) -> Option<i64> {
    read(value).map(|(ms, _)| ms)
}

/// The moment `at_ms` written as `like` is; `like` itself when it is no point in time.
#[must_use]
pub fn written_like(like: &Value, at_ms: i64) -> Value {
    let Some((_, notation)) = read(like) else { return like.clone() };
    match (notation, like) {
        (Notation::Milliseconds, _) => at_ms.into(),
        (Notation::Seconds, _) => (at_ms / 1_000).into(),
        (Notation::Text, Value::String(text)) => text_like(text, at_ms).into(),
        (Notation::Text, _) => like.clone(),
    }
}

fn text_like(like: &str, at_ms: i64) -> String {
    let Ok(moment) = Timestamp::from_millisecond(at_ms) else { return like.to_owned() };
    let separator = char::from(like.as_bytes()[10]); // read_text saw a `T` or a space there
    let mut out = moment.strftime(&format!("%Y-%m-%d{separator}%H:%M:%S")).to_string();
    let rest = like.get(19..).unwrap_or_default();
    let fraction = rest.strip_prefix('.').unwrap_or_default();
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count().min(9);
    if digits > 0 {
        let nanos = format!("{:09}", moment.subsec_nanosecond().unsigned_abs());
        out.push('.');
        out.push_str(&nanos[..digits]);
    }
    if rest.ends_with('Z') {
        out.push('Z');
    } else if rest.contains(['+', '-']) {
        out.push_str("+00:00");
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn now_is_written_as_the_example_is() {
        let at_ms = 1_790_000_000_123;
        for (like, expected) in [
            (json!("2026-01-02T03:04:05.000Z"), json!("2026-09-21T14:13:20.123Z")),
            (json!("2026-01-02 03:04:05+00:00"), json!("2026-09-21 14:13:20+00:00")),
            (json!(1_700_000_000_000_i64), json!(1_790_000_000_123_i64)),
            (json!(1_700_000_000), json!(1_790_000_000)),
            (json!("soon"), json!("soon")),
        ] {
            assert_eq!(written_like(&like, at_ms), expected);
        }
    }
}
