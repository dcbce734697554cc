//! What was learned about each header, decided: how its value is made.

use bytes::Bytes;
use serde::Serialize;
use utoipa::ToSchema;

use super::cookie::CookieJar;
use super::header_rule::{CookieValue, HeaderPiece, HeaderRule};
use super::names::{echoed_from, is_standard_name};
use super::program::{HeaderField as DrawnField, HeaderProgram, NameSets};
use super::template::{DIGIT, HEX_LOWER, HEX_UPPER, LOWER, UPPER, ValueTemplate, Word};
use super::value::HeaderValue;
use super::{ALLOW_ORIGIN, HeaderField, HeaderModel, SET_COOKIE};

/// What is known of one header, for people.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HeaderDescription {
    /// Lowercase name.
    pub name: String,
    /// How its value is made: `constant`, `vocabulary`, `echo`, `date`, `time`, `countdown`,
    /// `validator`, `pattern`, `created` (the location of what was created), `cookies`, or
    /// `unknown` while there is too little to go by.
    pub kind: &'static str,
    /// Share of answers that carry it, 0 to 1.
    pub presence: f64,
    /// The values that may be shown, most frequent first; for cookies their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ShownValue>,
    /// The shape of made-up values, e.g. `req-{hex}-{number}`; the request header for an echo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// A value that may be shown, and its share of the answers that carry the header.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ShownValue {
    /// The literal; several lines of one header are separated by line feeds.
    pub value: String,
    /// 0 to 1.
    pub share: f64,
}

/// Shares are decided by what nearly always holds: nine answers in ten.
fn nearly_all(part: u64, whole: u64) -> bool {
    part > 0 && part.saturating_mul(10) >= whole.saturating_mul(9)
}

pub(super) fn compile(model: &HeaderModel) -> HeaderProgram {
    let mut program = HeaderProgram::default();
    for (bit, field) in model.fields.iter().enumerate() {
        let value = match field.name.as_str() {
            SET_COOKIE => Some(cookies(&model.cookies)),
            name => rule(name, &field.value),
        };
        if let Some(value) = value {
            let presence = presence(field, model);
            program.fields.push(DrawnField::new(&field.name, bit, presence, value));
            program.names.push(field.name.clone());
        }
    }
    let sets =
        |with_origin| shares(model.presence.sets(with_origin).into_iter().map(|(m, n)| (n, m)));
    program.sets = NameSets {
        with_origin: sets(true),
        without_origin: sets(false),
        scattered: model.presence.scattered() as f64 / model.answers.max(1) as f64,
    };
    program
}

fn presence(field: &HeaderField, model: &HeaderModel) -> f64 {
    field.present as f64 / model.answers.max(1) as f64
}

/// Counts turned into shares up to and including each.
fn shares<T>(counted: impl Iterator<Item = (u64, T)>) -> Vec<(f64, T)> {
    let mut sum = 0;
    let summed: Vec<(u64, T)> = counted
        .map(|(count, item)| {
            sum += count;
            (sum, item)
        })
        .collect();
    summed.into_iter().map(|(up_to, item)| (up_to as f64 / sum.max(1) as f64, item)).collect()
}

fn rule(name: &str, model: &HeaderValue) -> Option<HeaderRule> {
    // An origin that is kept out shows nothing: what counts are those that were let in.
    let picks_origins = name == ALLOW_ORIGIN && nearly_all(model.echo.echoed, model.total);
    if picks_origins || nearly_all(model.echo.echoed, model.echo.asked) {
        // A refused origin shows that not everyone is let in: then only those that were.
        let refused = model.echo.echoed < model.echo.asked;
        return Some(HeaderRule::Echo {
            source: echoed_from(name).to_owned(),
            only: refused.then(|| model.echo.hashes.clone()),
            otherwise: own_rule(name, model).map(Box::new),
        });
    }
    let found = model.found.iter().filter(|echo| echo.is_active());
    if let Some(source) = found.max_by_key(|echo| echo.hits).and_then(|echo| echo.name.as_ref()) {
        return Some(HeaderRule::Echo {
            source: source.to_string(),
            only: None,
            otherwise: own_rule(name, model).map(Box::new),
        });
    }
    if nearly_all(model.tails.count, model.total) {
        let tails = &model.tails;
        let scheme = if nearly_all(tails.https, tails.count) {
            Some("https")
        } else {
            nearly_all(tails.http, tails.count).then_some("http")
        };
        let ids = tails.ids.items.iter().map(|ids| (ids.count, HeaderRule::Pieces(pieces(ids))));
        let slash = nearly_all(tails.slashed, tails.count);
        return Some(HeaderRule::Created {
            scheme,
            slash,
            id: mixture(ids.collect()).map(Box::new),
        });
    }
    own_rule(name, model)
}

/// The value as the backend makes it without repeating the request.
fn own_rule(name: &str, model: &HeaderValue) -> Option<HeaderRule> {
    let (dates, epochs, numbers) = (&model.dates, &model.epochs, &model.numbers);
    if nearly_all(dates.count, model.total) && dates.moves() {
        return Some(HeaderRule::Date { min_ms: dates.min_ms, max_ms: dates.max_ms });
    }
    if nearly_all(epochs.count, model.total) && epochs.moves() {
        let in_ms = nearly_all(epochs.in_ms, epochs.count);
        return Some(HeaderRule::Epoch { min_ms: epochs.min_ms, max_ms: epochs.max_ms, in_ms });
    }
    let quota = name.contains("remaining") || numbers.count_down();
    if nearly_all(numbers.count, model.total) && numbers.min < numbers.max && quota {
        return Some(HeaderRule::CountDown {
            min: numbers.min,
            max: numbers.max,
            step: numbers.step_down().min(numbers.max - numbers.min),
            with_time: name.contains("reset"),
        });
    }
    vocabulary_and_shapes(name, model)
}

/// Literals and shapes as often as they were seen. Shapes stand aside where literals are nearly
/// all, and where a made-up value would break the header's grammar.
fn vocabulary_and_shapes(name: &str, model: &HeaderValue) -> Option<HeaderRule> {
    let literals = model.vocabulary.literals();
    let known: u64 = literals.iter().map(|(_, count)| count).sum();
    let mut values: Vec<(u64, HeaderRule)> = literals
        .into_iter()
        .map(|(text, count)| {
            let line = |line: &str| Bytes::copy_from_slice(line.as_bytes());
            (count, HeaderRule::Literal(text.split('\n').map(line).collect()))
        })
        .collect();
    let unknown = model.templates.count();
    if !nearly_all(known, known + unknown) && !is_standard_name(name) {
        let created = name == "location";
        values.extend(model.templates.items.iter().map(|template| {
            let mut pieces = pieces(template);
            if created {
                mark_created_id(&mut pieces);
            }
            (template.count, HeaderRule::Pieces(pieces))
        }));
    }
    mixture(values)
}

fn mixture(mut values: Vec<(u64, HeaderRule)>) -> Option<HeaderRule> {
    values.retain(|(count, _)| *count > 0);
    if values.len() <= 1 {
        return values.pop().map(|(_, value)| value);
    }
    Some(HeaderRule::Mixture(shares(values.into_iter())))
}

/// A template as text and made-up words, neighbouring texts joined.
fn pieces(template: &ValueTemplate) -> Vec<HeaderPiece> {
    if template.is_uuid() {
        return vec![HeaderPiece::Uuid];
    }
    let mut pieces: Vec<HeaderPiece> = Vec::new();
    let mut text = Vec::new();
    for piece in template.pieces() {
        match piece {
            Ok(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(Word { literal: Some(literal), .. }) => text.extend_from_slice(literal.as_bytes()),
            Err(word) => {
                if !text.is_empty() {
                    pieces.push(HeaderPiece::Text(std::mem::take(&mut text)));
                }
                pieces.push(made_up(word));
            }
        }
    }
    if !text.is_empty() {
        pieces.push(HeaderPiece::Text(text));
    }
    pieces
}

fn made_up(word: &Word) -> HeaderPiece {
    let (min, max) = (usize::from(word.length_min), usize::from(word.length_max));
    if let Some((number_min, number_max)) = word.numbers() {
        let width = if min == max { max } else { 0 };
        return HeaderPiece::Number { min: number_min, max: number_max, width };
    }
    let mut alphabet = Vec::new();
    let parts: [(u8, &[u8]); 5] = [
        (DIGIT, b"0123456789"),
        (HEX_LOWER | LOWER, b"abcdef"),
        (LOWER, b"ghijklmnopqrstuvwxyz"),
        (HEX_UPPER | UPPER, b"ABCDEF"),
        (UPPER, b"GHIJKLMNOPQRSTUVWXYZ"),
    ];
    for (classes, letters) in parts {
        if word.classes & classes != 0 {
            alphabet.extend_from_slice(letters);
        }
    }
    if alphabet.is_empty() {
        alphabet.extend_from_slice(b"abcdefghijklmnopqrstuvwxyz");
    }
    HeaderPiece::Token { alphabet, min: min.min(max), max }
}

/// The last word that varies in a location is the id of what it points to.
fn mark_created_id(pieces: &mut [HeaderPiece]) {
    if let Some(last) = pieces.iter_mut().rfind(|piece| !matches!(piece, HeaderPiece::Text(_))) {
        *last = HeaderPiece::CreatedId(Box::new(last.clone()));
    }
}

fn cookies(jar: &CookieJar) -> HeaderRule {
    let cookies = jar.cookies.iter().map(|cookie| {
        let shapes = cookie.values.items.iter().map(|t| (t.count, HeaderRule::Pieces(pieces(t))));
        let attributes = cookie.attributes.literals().into_iter().map(|(text, count)| {
            (count, HeaderRule::Literal(vec![Bytes::copy_from_slice(text.as_bytes())]))
        });
        CookieValue {
            name: cookie.name.clone(),
            presence: cookie.count as f64 / jar.answers.max(1) as f64,
            value: mixture(shapes.collect()),
            attributes: mixture(attributes.collect()),
            expires_min_ms: cookie.expires.min_ms,
            expires_max_ms: cookie.expires.max_ms,
        }
    });
    HeaderRule::Cookies(cookies.collect())
}

pub(super) fn describe(model: &HeaderModel) -> Vec<HeaderDescription> {
    let describe = |field: &HeaderField| {
        let value = match field.name.as_str() {
            SET_COOKIE => Some(cookies(&model.cookies)),
            name => rule(name, &field.value),
        };
        HeaderDescription {
            name: field.name.clone(),
            kind: value.as_ref().map_or("unknown", |value| kind(&field.name, value)),
            presence: presence(field, model),
            values: value.as_ref().map(shown).unwrap_or_default(),
            pattern: value.as_ref().and_then(pattern),
        }
    };
    model.fields.iter().map(describe).collect()
}

fn kind(name: &str, value: &HeaderRule) -> &'static str {
    match value {
        HeaderRule::Literal(_) => "constant",
        HeaderRule::Mixture(values)
            if values.iter().all(|(_, v)| matches!(v, HeaderRule::Literal(_))) =>
        {
            "vocabulary"
        }
        HeaderRule::Echo { .. } => "echo",
        HeaderRule::Date { .. } => "date",
        HeaderRule::Epoch { .. } => "time",
        HeaderRule::CountDown { .. } => "countdown",
        HeaderRule::Mixture(_) | HeaderRule::Pieces(_) if name == "etag" => "validator",
        HeaderRule::Mixture(_) | HeaderRule::Pieces(_) => "pattern",
        HeaderRule::Created { .. } => "created",
        HeaderRule::Cookies(_) => "cookies",
    }
}

fn shown(value: &HeaderRule) -> Vec<ShownValue> {
    let text = |lines: &[Bytes]| String::from_utf8_lossy(&lines.join(&b"\n"[..])).into_owned();
    match value {
        HeaderRule::Literal(lines) => vec![ShownValue { value: text(lines), share: 1.0 }],
        HeaderRule::Mixture(values) => {
            let mut before = 0.0;
            let mut shown = Vec::new();
            for (up_to, value) in values {
                if let HeaderRule::Literal(lines) = value {
                    shown.push(ShownValue { value: text(lines), share: up_to - before });
                }
                before = *up_to;
            }
            shown
        }
        HeaderRule::Cookies(cookies) => cookies
            .iter()
            .map(|cookie| ShownValue { value: cookie.name.clone(), share: cookie.presence })
            .collect(),
        _ => Vec::new(),
    }
}

fn pattern(value: &HeaderRule) -> Option<String> {
    match value {
        HeaderRule::Mixture(values) => values.iter().find_map(|(_, value)| pattern(value)),
        HeaderRule::Echo { source, .. } => Some(source.clone()),
        HeaderRule::CountDown { min, max, .. } => Some(format!("{min}..{max}")),
        HeaderRule::Pieces(pieces) => Some(pieces.iter().map(piece_name).collect()),
        _ => None,
    }
}

fn piece_name(piece: &HeaderPiece) -> String {
    match piece {
        HeaderPiece::Text(text) => String::from_utf8_lossy(text).into_owned(),
        HeaderPiece::Number { .. } => "{number}".to_owned(),
        HeaderPiece::Token { alphabet, .. } if alphabet.len() <= 16 => "{hex}".to_owned(),
        HeaderPiece::Token { .. } => "{token}".to_owned(),
        HeaderPiece::Uuid => "{uuid}".to_owned(),
        HeaderPiece::CreatedId(_) => "{id}".to_owned(),
    }
}
