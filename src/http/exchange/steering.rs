//! Request headers that steer one request: read here, never forwarded, never learned.

use std::borrow::Cow;

use actix_web::http::header::{HeaderMap, HeaderName};

use crate::http::error::{Problem, ProblemKind};

/// Longest `X-Mock-Session`, in characters (contract).
const SESSION_CHARS_MAX: usize = 128;

/// Longest `X-Mock-Latency`, ms: an hour; no client waits longer, and a typo must not hang one.
const LATENCY_MS_MAX: f64 = 3_600_000.0;

const ENABLED: HeaderName = HeaderName::from_static("x-mock-enabled");
const STATUS: HeaderName = HeaderName::from_static("x-mock-status");
const SEED: HeaderName = HeaderName::from_static("x-mock-seed");
const LATENCY: HeaderName = HeaderName::from_static("x-mock-latency");
const SESSION: HeaderName = HeaderName::from_static("x-mock-session");
const CHAOS_LEVEL: HeaderName = HeaderName::from_static("x-chaos-level");

/// What the names of the double's own headers begin with.
const PREFIX: &str = "x-mock-";

/// Longest name of a header shown in an error.
const NAME_CHARS_MAX: usize = 64;

/// Every steering header; none of them reaches the backend or a model.
pub const STEERING_HEADERS: [HeaderName; 6] =
    [ENABLED, STATUS, SEED, LATENCY, SESSION, CHAOS_LEVEL];

/// What the request asks for itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Steering<'a> {
    /// `X-Mock-Enabled`: mock (true) or proxy (false) this request.
    pub mock: Option<bool>,
    /// `X-Mock-Status`: draw everything conditional on this status.
    pub status: Option<u16>,
    /// `X-Mock-Seed`: the whole answer depends on this text, the model and the request.
    pub seed: Option<Cow<'a, str>>,
    /// `X-Mock-Latency`.
    pub latency: SimulatedLatency,
    /// `X-Mock-Session`: names the consumer.
    pub session: Option<Cow<'a, str>>,
    /// `from` in `X-Mock-Session`: the session that a new one begins as.
    pub from: Option<Cow<'a, str>>,
    /// `X-Chaos-Level`, 0 to 100, when clients may set it.
    pub chaos_level: Option<u8>,
    /// `X-Chaos-Level` was given and clients may not set it.
    pub level_ignored: bool,
}

/// How long a mock waits.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum SimulatedLatency {
    /// As learned.
    #[default]
    Learned,
    /// Not at all.
    Off,
    /// This long, µs.
    Fixed(u64),
}

impl<'a> Steering<'a> {
    /// Reads the steering headers.
    ///
    /// # Errors
    /// A 400 problem naming the header and what was expected, never what it said.
    pub fn read(headers: &'a HeaderMap, chaos_headers_allowed: bool) -> Result<Self, Problem> {
        let mut steering = Self::default();
        let mut any = false;
        for name in headers.keys() {
            let known = STEERING_HEADERS.contains(name);
            if !known && name.as_str().starts_with(PREFIX) {
                return Err(unknown(name));
            }
            any |= known;
        }
        if !any {
            return Ok(steering);
        }
        steering.mock = parse(headers, &ENABLED, "true or false", parse_switch)?;
        steering.status = parse(headers, &STATUS, "a status code from 200 to 599", |text| {
            text.parse().ok().filter(|status| (200..=599).contains(status))
        })?;
        steering.seed = text(headers, &SEED)?;
        let latency = "`learned`, `off` or milliseconds up to 3600000";
        steering.latency = parse(headers, &LATENCY, latency, parse_latency)?.unwrap_or_default();
        (steering.session, steering.from) = session(text(headers, &SESSION)?)?;
        if chaos_headers_allowed {
            let expected = "a whole number from 0 to 100";
            steering.chaos_level = parse(headers, &CHAOS_LEVEL, expected, |text| {
                text.parse().ok().filter(|level| *level <= 100)
            })?;
        } else {
            steering.level_ignored = headers.contains_key(CHAOS_LEVEL);
        }
        Ok(steering)
    }

    /// What was asked for in vain, and how it is asked for; `mocked`: whether a mock answers.
    #[must_use]
    pub fn hint(&self, mocked: bool) -> Option<&'static str> {
        if self.level_ignored {
            return Some("X-Chaos-Level counts only with --allow-chaos-headers");
        }
        let shapes_mocks = self.status.is_some()
            || self.seed.is_some()
            || self.latency != SimulatedLatency::Learned;
        (shapes_mocks && !mocked).then_some(
            "X-Mock-Status, X-Mock-Seed and X-Mock-Latency act on mocks; \
             X-Mock-Enabled: true asks for one",
        )
    }

    /// Whether the request asked for an answer of a certain kind, so that the answer must not
    /// teach. Naming a session alone does not: it says who asks, not what to answer.
    #[must_use]
    pub fn steers(&self) -> bool {
        self.mock.is_some()
            || self.status.is_some()
            || self.seed.is_some()
            || self.latency != SimulatedLatency::Learned
            || self.chaos_level.is_some()
    }
}

/// A name as it was sent, or cut out of what was sent.
type SentName<'a> = Option<Cow<'a, str>>;

/// The name of a session, and behind `; from=` the one that it begins as.
fn session(given: SentName<'_>) -> Result<(SentName<'_>, SentName<'_>), Problem> {
    let Some(given) = given else { return Ok((None, None)) };
    let (name, from) = match given.rsplit_once(';') {
        Some((name, rest)) if rest.trim_start().starts_with("from=") => {
            let from = rest.trim_start().trim_start_matches("from=").trim();
            (name.trim().to_owned(), Some(from.to_owned()))
        }
        _ => {
            checked(&given)?;
            return Ok((Some(given), None));
        }
    };
    checked(&name)?;
    from.as_deref().map_or(Ok(()), checked)?;
    Ok((Some(Cow::Owned(name)), from.map(Cow::Owned)))
}

fn checked(name: &str) -> Result<(), Problem> {
    let fits = !name.is_empty() && name.chars().count() <= SESSION_CHARS_MAX;
    if fits { Ok(()) } else { Err(invalid(&SESSION, "1 to 128 characters")) }
}

fn parse_switch(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["true", "1", "on"]) {
        Some(true)
    } else if is(["false", "0", "off"]) {
        Some(false)
    } else {
        None
    }
}

fn parse_latency(text: &str) -> Option<SimulatedLatency> {
    if text.eq_ignore_ascii_case("learned") {
        Some(SimulatedLatency::Learned)
    } else if text.eq_ignore_ascii_case("off") {
        Some(SimulatedLatency::Off)
    } else {
        let ms: f64 = text.parse().ok()?;
        // In range, so the product fits; fractions of a microsecond are dropped.
        (0.0..=LATENCY_MS_MAX).contains(&ms).then_some(SimulatedLatency::Fixed((ms * 1e3) as u64))
    }
}

fn parse<T>(
    headers: &HeaderMap,
    name: &HeaderName,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    match text(headers, name)? {
        None => Ok(None),
        Some(value) => read(value.trim()).map(Some).ok_or_else(|| invalid(name, expected)),
    }
}

/// The value of a header that may stand once, as text.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<Cow<'a, str>>, Problem> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::new(
            ProblemKind::SteeringInvalid,
            format!("`{name}` stands more than once; expected one value"),
        ));
    }
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Ok(Some(Cow::Borrowed(text))),
        Err(_not_utf8) => Err(invalid(name, "text in UTF-8")),
    }
}

/// What a header said is not repeated: a session or a seed may be somebody's secret.
fn invalid(name: &HeaderName, expected: &str) -> Problem {
    let detail = format!("the value of `{name}` is not usable; expected {expected}");
    Problem::new(ProblemKind::SteeringInvalid, detail).with("header", name.as_str().into())
}

/// A header with the prefix of the double's own that is none of them: most likely mistyped.
fn unknown(name: &HeaderName) -> Problem {
    let headers = STEERING_HEADERS;
    let own = headers.iter().map(HeaderName::as_str);
    let nearest = own.min_by_key(|own| edits(own, name.as_str())).unwrap_or_default();
    // A name is the client's text as well, and is shown as far as a person would read it.
    let shown: String = name.as_str().chars().take(NAME_CHARS_MAX).collect();
    let detail = format!("`{shown}` is no header of the double; did you mean `{nearest}`?");
    Problem::new(ProblemKind::SteeringInvalid, detail)
        .with("header", shown.into())
        .with("nearest", nearest.into())
}

/// How many characters must be put in, taken out or changed to make one text of another
/// (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let (mut left, mut above_left) = (i + 1, i);
        for (above, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let cost = (above_left + usize::from(x != y)).min(*above + 1).min(left + 1);
            (above_left, *above, left) = (*above, cost, cost);
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("valid");
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    }

    #[test]
    fn switches_are_read_in_any_case_and_spelling() {
        for (value, expected) in [
            ("true", true),
            ("TRUE", true),
            ("1", true),
            ("On", true),
            ("0", false),
            ("off", false),
        ] {
            let headers = headers(&[("x-mock-enabled", value)]);
            assert_eq!(Steering::read(&headers, false).expect(value).mock, Some(expected));
        }
    }

    #[test]
    fn malformed_values_are_refused_with_the_header_named() {
        let long = "x".repeat(129);
        for (name, value) in [
            ("x-mock-enabled", "yes please"),
            ("x-mock-status", "99"),
            ("x-mock-status", "600"),
            ("x-mock-latency", "-1"),
            ("x-mock-latency", "NaN"),
            ("x-mock-latency", "soon"),
            ("x-mock-session", long.as_str()),
            ("x-mock-session", ""),
            ("x-chaos-level", "101"),
        ] {
            let headers = headers(&[(name, value)]);
            let problem = Steering::read(&headers, true).expect_err(value);
            assert_eq!(problem.response().status().as_u16(), 400);
            assert!(problem.to_string().contains(name));
            assert!(value.is_empty() || !problem.to_string().contains(&format!(": {value}")));
        }
        let twice = headers(&[("x-mock-enabled", "true"), ("x-mock-enabled", "false")]);
        Steering::read(&twice, false).expect_err("twice");
    }

    #[test]
    fn a_mistyped_header_is_refused_with_the_nearest_known_and_without_its_value() {
        for (name, nearest) in [
            ("x-mock-enable", "x-mock-enabled"),
            ("x-mock-sed", "x-mock-seed"),
            ("x-mock-latncy", "x-mock-latency"),
            ("x-mock-source", "x-mock-status"),
        ] {
            let problem = Steering::read(&headers(&[(name, "hidden-7")]), true).expect_err(name);
            let text = String::from_utf8(problem.body()).expect("text");
            assert!(text.contains(name) && text.contains(nearest), "{text}");
            assert!(!text.contains("hidden-7"), "{text}");
        }
        assert_eq!((edits("seed", "sed"), edits("", "ab"), edits("abc", "abc")), (1, 2, 0));
    }

    #[test]
    fn latency_is_learned_off_or_milliseconds() {
        for (value, expected) in [
            ("learned", SimulatedLatency::Learned),
            ("OFF", SimulatedLatency::Off),
            ("250", SimulatedLatency::Fixed(250_000)),
            ("0.5", SimulatedLatency::Fixed(500)),
        ] {
            let headers = headers(&[("x-mock-latency", value)]);
            assert_eq!(Steering::read(&headers, false).expect(value).latency, expected);
        }
    }

    #[test]
    fn chaos_level_counts_only_when_allowed_and_a_session_does_not_steer() {
        let headers = headers(&[("x-chaos-level", "50"), ("x-mock-session", "ci-42")]);
        let ignored = Steering::read(&headers, false).expect("valid");
        assert_eq!(ignored.chaos_level, None);
        assert!(!ignored.steers());
        let honoured = Steering::read(&headers, true).expect("valid");
        assert_eq!(honoured.chaos_level, Some(50));
        assert!(honoured.steers());
    }
}
