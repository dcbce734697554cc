//! A learned shape as JSON Schema 2020-12, neither too loose nor too tight.
//!
//! What was always so is required, what never was is refused; numbers and lengths get head room,
//! as the largest value seen is rarely the largest there is.

use serde_json::{Map, Value, json};

use crate::domain::formats::{self, Drawing, Format, SchemaKeyword};
use crate::domain::sketch::number_code;
use crate::domain::value::ValueModel;
use crate::domain::value::array::model::ArrayModel;
use crate::domain::value::number::model::NumberModel;
use crate::domain::value::object::model::ObjectModel;
use crate::domain::value::string::grammar::regex;
use crate::domain::value::string::model::{GRAMMAR_SAMPLED_FROM, StringModel};
use crate::domain::value::string::structure::has_structure;

/// The dialect of what is written.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Writes the schema of a whole body.
pub fn json_schema(shape: &ValueModel) -> Value {
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), DIALECT.into());
    if let Value::Object(rest) = schema_of(shape) {
        schema.extend(rest);
    }
    Value::Object(schema)
}

fn schema_of(shape: &ValueModel) -> Value {
    let mut alternatives: Vec<Map<String, Value>> = Vec::new();
    if let Some(object) = &shape.object {
        alternatives.push(object_schema(object));
    }
    if let Some(array) = &shape.array {
        alternatives.push(array_schema(array));
    }
    if let Some(text) = &shape.text {
        alternatives.push(text_schema(text));
    }
    if let Some(number) = &shape.number {
        alternatives.push(number_schema(number));
    }
    if shape.trues + shape.falses > 0 {
        alternatives.push(typed("boolean"));
    }
    match (alternatives.len(), shape.nulls > 0) {
        (0, false) => json!({}),
        (0, true) => json!({"type": "null"}),
        (1, null) => {
            let mut only = alternatives.swap_remove(0);
            if null {
                allow_null(&mut only);
            }
            Value::Object(only)
        }
        (_, null) => {
            if null {
                alternatives.push(typed("null"));
            }
            json!({"anyOf": alternatives})
        }
    }
}

fn typed(name: &str) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), name.into())])
}

fn allow_null(schema: &mut Map<String, Value>) {
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
}

fn object_schema(object: &ObjectModel) -> Map<String, Value> {
    let mut schema = typed("object");
    if let Some(map) = &object.map {
        schema.insert("additionalProperties".to_owned(), schema_of(&map.value));
        if map.keys.seen >= KEYS_SEEN_MIN
            && let Some(pattern) = key_pattern(&map.keys)
        {
            schema.insert("propertyNames".to_owned(), json!({"pattern": pattern}));
        }
        return schema;
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut unnamed = 0;
    for member in &object.members {
        let Some(name) = &member.name else {
            unnamed += member.count;
            continue;
        };
        properties.insert(name.to_string(), schema_of(&member.shape));
        if member.count == object.seen && object.seen >= REQUIRED_SEEN_MIN {
            required.push(Value::from(name.as_ref()));
        }
    }
    if !properties.is_empty() {
        schema.insert("properties".to_owned(), Value::Object(properties));
    }
    if !required.is_empty() {
        schema.insert("required".to_owned(), Value::Array(required));
    }
    // Members too rare to be named exist; where they are common, the object is open.
    if object.seen >= CLOSED_SEEN_MIN && unnamed * UNNAMED_PER <= object.seen {
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    schema
}

/// Keys of a map seen before their characters are demanded.
const KEYS_SEEN_MIN: u64 = 20;

/// Objects seen before a member that was always there is required.
const REQUIRED_SEEN_MIN: u64 = 8;

/// Objects seen before unknown members are refused.
const CLOSED_SEEN_MIN: u64 = 3;

/// One member without a name in so many objects leaves it closed.
const UNNAMED_PER: u64 = 20;

fn array_schema(array: &ArrayModel) -> Map<String, Value> {
    let mut schema = typed("array");
    if array.item.seen() > 0 {
        schema.insert("items".to_owned(), schema_of(&array.item));
    }
    schema
}

/// Sightings a vocabulary needs before it is written as an `enum`, in all and per value.
const ENUM_SEEN_MIN: u64 = 20;
const ENUM_SEEN_PER_VALUE: u64 = 3;

/// Sightings before the characters of a vocabulary are demanded, in all and per value.
const PATTERN_SEEN_MIN: u64 = 8;
const PATTERN_SEEN_PER_VALUE: u64 = 2;

/// Strings seen before the empty one is refused.
const LENGTH_SEEN_MIN: u64 = 20;

/// Chance of an unseen value up to which a vocabulary is written as an `enum`.
const ENUM_UNSEEN_MAX: f64 = 0.0;

fn text_schema(text: &StringModel) -> Map<String, Value> {
    let mut schema = typed("string");
    let vocabulary = &text.vocabulary;
    if vocabulary.is_closed()
        && vocabulary.total() >= ENUM_SEEN_MIN
        && vocabulary.total() >= ENUM_SEEN_PER_VALUE * vocabulary.candidates().len() as u64
        && vocabulary.unseen_share() <= ENUM_UNSEEN_MAX
        && vocabulary.candidates().iter().all(|c| c.text.is_some())
    {
        let mut values: Vec<&str> =
            vocabulary.candidates().iter().filter_map(|c| c.text.as_deref()).collect();
        values.sort_unstable();
        schema.insert("enum".to_owned(), json!(values));
        return schema;
    }
    if vocabulary.is_closed()
        && vocabulary.total() >= PATTERN_SEEN_MIN
        && vocabulary.total() >= PATTERN_SEEN_PER_VALUE * vocabulary.candidates().len() as u64
        && text.formats.iter().all(|(format, _)| *format == Format::Plain)
        && let Some(pattern) = character_pattern(text, b"")
    {
        schema.insert("pattern".to_owned(), pattern.into());
        return schema;
    }
    if let Some(pattern) = grammar_pattern(text) {
        schema.insert("pattern".to_owned(), pattern.into());
        return schema;
    }
    let row = formats::row(text.format()).filter(|_| text.seen >= FORMAT_SEEN_MIN);
    let keyword = match row.map_or(SchemaKeyword::None, |row| row.schema) {
        SchemaKeyword::Format(format) => Some(("format", format)),
        SchemaKeyword::Pattern(pattern) => Some(("pattern", pattern)),
        SchemaKeyword::None => None,
    };
    if let Some((keyword, value)) = keyword {
        schema.insert(keyword.to_owned(), value.into());
    } else if text.chars_min > 0 && text.seen >= LENGTH_SEEN_MIN {
        schema.insert("minLength".to_owned(), 1.into());
    }
    schema
}

/// The grammar of strings that are all known by it.
fn grammar_pattern(text: &StringModel) -> Option<String> {
    let structured = |format: &Format| match format.drawing() {
        Drawing::Pattern(rules) => rules.is_structured,
        _ => false,
    };
    let grammar = text.grammar.as_deref()?;
    // What is known by its text is drawn as that, and came to the grammar only while it was not.
    let known = text.vocabulary.candidates().iter().any(|known| known.text.is_some());
    let learned = u64::from(grammar.seen) >= text.seen.min(u64::from(GRAMMAR_SAMPLED_FROM));
    let all = !known
        && learned
        && text.formats.iter().all(|(format, _)| structured(format))
        && text.patterns.keys().all(|class| has_structure(&class.mask));
    regex::pattern(grammar).filter(|_| all)
}

/// Which characters the keys of a map are made of: digits and the usual separators come and go,
/// the case of letters does not.
fn key_pattern(keys: &StringModel) -> Option<String> {
    character_pattern(keys, b"0-._:/")
}

/// Which characters strings are made of besides those given; `None` beyond ASCII.
fn character_pattern(text: &StringModel, besides: &[u8]) -> Option<String> {
    let has = |byte: u8| {
        besides.contains(&byte) || text.alphabet[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    };
    let any = |mut range: std::ops::RangeInclusive<u8>| range.any(has);
    let mut class = String::new();
    for (range, written) in [(b'a'..=b'z', "a-z"), (b'A'..=b'Z', "A-Z"), (b'0'..=b'9', "0-9")] {
        if any(range) {
            class.push_str(written);
        }
    }
    for byte in (b' '..=b'~').filter(|b| !b.is_ascii_alphanumeric() && has(*b)) {
        if b"\\]^-[".contains(&byte) {
            class.push('\\');
        }
        class.push(char::from(byte));
    }
    let ascii_only = text.patterns.keys().all(|p| p.mask.is_ascii());
    let repeat = if text.chars_min == 0 { '*' } else { '+' };
    (ascii_only && !class.is_empty() && !any(0..=31)).then(|| format!("^[{class}]{repeat}$"))
}

/// Strings of one format before it is demanded.
const FORMAT_SEEN_MIN: u64 = 3;

/// Numbers before a range is demanded.
const RANGE_SEEN_MIN: u64 = 6;

fn number_schema(number: &NumberModel) -> Map<String, Value> {
    let mut schema = typed(if number.floats == 0 { "integer" } else { "number" });
    if number.seen >= RANGE_SEEN_MIN {
        let (min, _) = number_code::value_of(number.min_code);
        let (max, _) = number_code::value_of(number.max_code);
        let bound = room_above(min.abs().max(max.abs()));
        let minimum = if min >= 0.0 { Some(0) } else { bound.map(|b| -b) };
        schema.extend(minimum.map(|min| ("minimum".to_owned(), Value::from(min))));
        schema.extend(bound.map(|max| ("maximum".to_owned(), Value::from(max))));
    }
    schema
}

/// The power of ten two orders of magnitude above: counters and amounts grow, units do not change
/// by accident. `None` where that is no bound worth naming.
fn room_above(magnitude: f64) -> Option<i64> {
    let bound = 10f64.powi(magnitude.max(1.0).log10().ceil() as i32 + 2);
    (bound < 1e15).then_some((bound as i64).max(1000))
}
