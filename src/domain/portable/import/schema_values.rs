//! Values that a schema of an OpenAPI document allows, made by number: the first from its examples.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Value, json};

use crate::domain::random::seed::mix;

/// Depth of a value: beyond half of it only what is required is made.
const DEPTH_MAX: usize = 10;

/// Values made for one body.
const NODES_MAX: usize = 3_000;

/// References followed one after the other.
const REFERENCES_MAX: usize = 32;

/// Makes values of the schemas of one document.
pub struct SchemaValues<'d> {
    document: &'d Value,
    nodes_left: usize,
    /// Which value of a schema is made: 0 is the one of the examples.
    number: u64,
    /// Members that only the other side may send are left out.
    left_out: &'static str,
    is_sparse: bool,
}

impl<'d> SchemaValues<'d> {
    /// Values number `number` for answers, or for requests.
    #[must_use]
    pub fn new(document: &'d Value, number: u64, for_answers: bool) -> Self {
        let left_out = if for_answers { "writeOnly" } else { "readOnly" };
        Self { document, nodes_left: NODES_MAX, number, left_out, is_sparse: false }
    }

    /// The same with nothing that is not required.
    #[must_use]
    pub fn sparse(self) -> Self {
        Self { is_sparse: true, ..self }
    }

    /// A value of `schema`; `None` when none can be made within the bounds.
    pub fn make(&mut self, schema: &'d Value) -> Option<Value> {
        self.value(schema, 0, 1)
    }

    fn value(&mut self, schema: &'d Value, depth: usize, place: u64) -> Option<Value> {
        self.nodes_left = self.nodes_left.checked_sub(1)?;
        let schema = resolve(self.document, schema)?;
        if depth > DEPTH_MAX {
            return None;
        }
        if schema == &Value::Bool(true) {
            return Some(json!({}));
        }
        if let Some(value) = schema.get("const") {
            return Some(value.clone());
        }
        if self.number == 0 {
            let examples = schema.get("examples").and_then(|all| all.get(0));
            if let Some(value) = schema.get("example").or(examples) {
                return Some(value.clone());
            }
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            return values.get(self.pick(place, values.len())).cloned();
        }
        if let Some(Value::Array(parts)) = schema.get("allOf") {
            return self.all_of(schema, parts, depth, place);
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(Value::Array(alternatives)) = schema.get(word)
                && !alternatives.is_empty()
            {
                let from = self.pick(place, alternatives.len());
                let mut order = (0..alternatives.len()).map(|at| (at + from) % alternatives.len());
                let made = order.find_map(|at| self.value(&alternatives[at], depth, place));
                let own = schema.get("properties").map(|_| self.object(schema, depth, place));
                return match (made, own) {
                    (Some(Value::Object(mut made)), Some(own)) => {
                        made.extend(own?.as_object().cloned().unwrap_or_default());
                        Some(Value::Object(made))
                    }
                    (made, _) => made,
                };
            }
        }
        match self.kind(schema, place) {
            "object" => self.object(schema, depth, place),
            "array" => self.array(schema, depth, place),
            "string" => self.text(schema, place),
            "integer" => number(schema, self.dice(place), true),
            "number" => number(schema, self.dice(place), false),
            "boolean" => Some(json!(self.dice(place).is_multiple_of(2))),
            "null" => Some(Value::Null),
            _ => Some(json!({})),
        }
    }

    /// The type, guessed from the keywords where it is not said; of several one that is not null.
    fn kind(&self, schema: &'d Value, place: u64) -> &'d str {
        match schema.get("type") {
            Some(Value::String(name)) => name,
            Some(Value::Array(names)) => {
                let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
                let solid: Vec<&str> = names.iter().copied().filter(|n| *n != "null").collect();
                solid.get(self.pick(place, solid.len())).copied().unwrap_or("null")
            }
            _ if schema.get("properties").is_some() => "object",
            _ if schema.get("items").is_some() => "array",
            _ if schema.get("format").or(schema.get("pattern")).is_some() => "string",
            _ if schema.get("minimum").or(schema.get("maximum")).is_some() => "number",
            _ => "object",
        }
    }

    fn dice(&self, place: u64) -> u64 {
        mix(place, self.number)
    }

    fn pick(&self, place: u64, of: usize) -> usize {
        (self.dice(place) % of.max(1) as u64) as usize
    }

    fn all_of(
        &mut self,
        schema: &'d Value,
        parts: &'d [Value],
        depth: usize,
        place: u64,
    ) -> Option<Value> {
        let mut whole = Map::new();
        let mut other = None;
        for part in parts {
            match self.value(part, depth, place)? {
                Value::Object(members) => whole.extend(members),
                // `{"nullable": true}` and the like say nothing of the value.
                value if other.is_none() => other = Some(value),
                _ => {}
            }
        }
        if schema.get("properties").is_some()
            && let Some(Value::Object(own)) = self.object(schema, depth, place)
        {
            whole.extend(own);
        }
        match other {
            Some(value) if whole.is_empty() => Some(value),
            _ => Some(Value::Object(whole)),
        }
    }

    fn object(&mut self, schema: &'d Value, depth: usize, place: u64) -> Option<Value> {
        let required: Vec<&str> = match schema.get("required") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut made = Map::new();
        let members = schema.get("properties").and_then(Value::as_object);
        for (at, (name, member)) in members.into_iter().flatten().enumerate() {
            let must = required.contains(&name.as_str());
            let inner = place.wrapping_mul(31).wrapping_add(at as u64 + 1);
            let hidden = resolve(self.document, member)
                .is_some_and(|member| member.get(self.left_out) == Some(&Value::Bool(true)));
            let rare = self.is_sparse
                || depth > DEPTH_MAX / 2
                || (self.number > 0 && self.dice(inner ^ 0x5eed).is_multiple_of(4));
            if hidden || (rare && !must) {
                continue;
            }
            match self.value(member, depth + 1, inner) {
                Some(value) => drop(made.insert(name.clone(), value)),
                None if must => return None,
                None => {}
            }
        }
        for name in required {
            // Required and described nowhere: anything will do.
            if !made.contains_key(name) && members.is_none_or(|all| !all.contains_key(name)) {
                made.insert(name.to_owned(), json!("value"));
            }
        }
        let values = schema.get("additionalProperties").filter(|values| values.is_object());
        if let (true, Some(values)) = (members.is_none() && !self.is_sparse, values)
            && let Some(value) = self.value(values, depth + 1, place.wrapping_mul(37))
        {
            made.insert("key".to_owned(), value);
        }
        Some(Value::Object(made))
    }

    fn array(&mut self, schema: &'d Value, depth: usize, place: u64) -> Option<Value> {
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
        let least = bound("minItems").unwrap_or(0).min(100);
        let most = bound("maxItems").unwrap_or(u64::MAX);
        let wish = if self.is_sparse || depth > DEPTH_MAX / 2 { 0 } else { 1 + self.number % 3 };
        let length = wish.max(least).min(most);
        let anything = &Value::Bool(true);
        let item = schema.get("items").unwrap_or(anything);
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let mut items: Vec<Value> = Vec::new();
        for at in 0..length {
            let inner = place.wrapping_mul(41).wrapping_add(at);
            match self.value(item, depth + 1, inner) {
                Some(value) if unique && items.contains(&value) => {}
                Some(value) => items.push(value),
                None => break,
            }
        }
        ((items.len() as u64) >= least).then_some(Value::Array(items))
    }

    fn text(&self, schema: &Value, place: u64) -> Option<Value> {
        let dice = self.dice(place);
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
        let least = bound("minLength").unwrap_or(0).min(4_096) as usize;
        let most = bound("maxLength").unwrap_or(u64::MAX) as usize;
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
            return of_pattern(pattern, dice, least, most).map(Value::from);
        }
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        let mut text = of_format(format, dice);
        if format.is_empty() || text.is_empty() {
            const WORDS: [&str; 6] = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"];
            text = String::from(WORDS[(dice % 6) as usize]);
        }
        while text.chars().count() < least {
            text.push('x');
        }
        Some(text.chars().take(most).collect::<String>().into())
    }
}

/// What a schema refers to, within the document.
pub fn resolve<'d>(document: &'d Value, mut schema: &'d Value) -> Option<&'d Value> {
    for _ in 0..REFERENCES_MAX {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
            return Some(schema);
        };
        let pointer = reference.strip_prefix('#')?;
        let decoded = percent_encoding::percent_decode_str(pointer).decode_utf8().ok()?;
        schema = document.pointer(&decoded)?;
    }
    None
}

fn number(schema: &Value, dice: u64, whole: bool) -> Option<Value> {
    let get = |name: &str| schema.get(name).and_then(Value::as_f64);
    let is = |name: &str| schema.get(name) == Some(&Value::Bool(true));
    let step = get("multipleOf").filter(|step| *step > 0.0);
    let unit = step.unwrap_or(if whole { 1.0 } else { 0.25 });
    let mut low = get("minimum");
    let mut high = get("maximum");
    if is("exclusiveMinimum") || get("exclusiveMinimum").is_some() {
        low = get("exclusiveMinimum").or(low).map(|low| low + unit.min(gap(low, high)));
    }
    if is("exclusiveMaximum") || get("exclusiveMaximum").is_some() {
        high = get("exclusiveMaximum").or(high).map(|high| high - unit.min(gap(high, low)));
    }
    let base = low.unwrap_or_else(|| high.map_or(0.0, |high| high.min(0.0)));
    let room = high.map_or(100.0, |high| (high - base).clamp(0.0, 100.0));
    let steps = (room / unit).floor().max(0.0) as u64;
    let mut value = base + unit * (dice % (steps + 1)) as f64;
    if let Some(step) = step {
        value = (value / step).ceil() * step;
    }
    if whole {
        let value = value.ceil();
        let fits = value.abs() < 9e15 && high.is_none_or(|high| value <= high);
        return fits.then(|| json!(value as i64));
    }
    high.is_none_or(|high| value <= high).then(|| json!(value))
}

/// A small part of the way to the other bound, so that an open interval keeps room.
fn gap(from: f64, to: Option<f64>) -> f64 {
    to.map_or(f64::INFINITY, |to| ((to - from).abs() / 4.0).max(f64::MIN_POSITIVE))
}

/// A text of a format; empty for one that is not known.
fn of_format(format: &str, dice: u64) -> String {
    let day = 1 + dice % 28;
    let hex = |seed: u64| format!("{:016x}", mix(dice, seed));
    match format {
        "date-time" => format!("2025-06-{day:02}T{:02}:{:02}:00Z", dice % 24, dice / 7 % 60),
        "date" => format!("2025-06-{day:02}"),
        "time" => format!("{:02}:{:02}:00Z", dice % 24, dice / 7 % 60),
        "duration" => format!("PT{}S", dice % 90),
        "uuid" => {
            let (a, b) = (hex(1), hex(2));
            let tail = b.get(3..15).unwrap_or_default();
            let parts = (a.get(..8), a.get(8..12), a.get(12..15), b.get(..3));
            match parts {
                (Some(a), Some(b), Some(c), Some(d)) => format!("{a}-{b}-4{c}-8{d}-{tail}"),
                _ => String::new(),
            }
        }
        "email" | "idn-email" => format!("user{}@example.com", dice % 1_000),
        "uri" | "url" | "iri" => format!("https://example.com/{}", dice % 1_000),
        "uri-reference" | "iri-reference" => format!("/items/{}", dice % 1_000),
        "hostname" | "idn-hostname" => format!("host{}.example.com", dice % 1_000),
        "ipv4" | "ip" => format!("192.0.2.{}", dice % 256),
        "ipv6" => format!("2001:db8::{:x}", dice % 65_536),
        "byte" => "ZXhhbXBsZQ==".to_owned(),
        "json-pointer" => "/a/b".to_owned(),
        "regex" => "^a+$".to_owned(),
        _ => String::new(),
    }
}

/// A text that a pattern matches; `None` when none was found that fits the bounds.
fn of_pattern(pattern: &str, dice: u64, least: usize, most: usize) -> Option<String> {
    // 64 KiB of program: patterns of documents are a line.
    let test = regex::RegexBuilder::new(pattern).size_limit(64 << 10).build().ok()?;
    let tree = regex_syntax::Parser::new().parse(pattern).ok()?;
    (0..8_u64).find_map(|more| {
        let mut text = String::new();
        write_match(&tree, dice.wrapping_add(more), more as u32, &mut text, 0);
        let length = text.chars().count();
        ((least..=most).contains(&length) && test.is_match(&text)).then_some(text)
    })
}

/// Characters of a made-up match.
const MATCH_BYTES_MAX: usize = 4_096;

fn write_match(tree: &Hir, dice: u64, more: u32, out: &mut String, depth: usize) {
    if out.len() > MATCH_BYTES_MAX || depth > 64 {
        return;
    }
    let next = mix(dice, out.len() as u64 + 1);
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.extend(of_class(class, next)),
        HirKind::Repetition(repeated) => {
            let most = repeated.max.unwrap_or(u32::MAX);
            let times = repeated.min.saturating_add(more * 4).max(1).min(most).max(repeated.min);
            for at in 0..times.min(1_000) {
                write_match(&repeated.sub, mix(next, u64::from(at)), more, out, depth + 1);
            }
        }
        HirKind::Capture(group) => write_match(&group.sub, next, more, out, depth + 1),
        HirKind::Concat(parts) => {
            parts.iter().for_each(|part| write_match(part, next, more, out, depth + 1));
        }
        HirKind::Alternation(parts) => {
            if let Some(part) = parts.get(next as usize % parts.len().max(1)) {
                write_match(part, next, more, out, depth + 1);
            }
        }
    }
}

/// A character of a class, a plain one where there is one.
fn of_class(class: &Class, dice: u64) -> Option<char> {
    let Class::Unicode(class) = class else {
        let Class::Bytes(class) = class else { return None };
        return class.ranges().first().map(|range| char::from(range.start()));
    };
    let plain: Vec<char> = ('a'..='z')
        .chain('0'..='9')
        .chain('A'..='Z')
        .filter(|c| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(c)))
        .collect();
    let first = || class.ranges().first().map(regex_syntax::hir::ClassUnicodeRange::start);
    plain.get(dice as usize % plain.len().max(1)).copied().or_else(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(schema: &Value, number: u64) -> Value {
        SchemaValues::new(schema, number, true).make(schema).unwrap()
    }

    #[test]
    fn values_meet_their_keywords() {
        let test = regex::Regex::new("^[A-Z]{2}-[0-9]{4,6}$").unwrap();
        for number in 0..40 {
            let text = made(&json!({"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4,6}$"}), number);
            assert!(test.is_match(text.as_str().unwrap()), "{text}");
            let bounded = json!({"type": "integer", "minimum": 3, "exclusiveMaximum": 9});
            let value = made(&bounded, number).as_i64().unwrap();
            assert!((3..9).contains(&value), "{value}");
            let step = made(&json!({"type": "number", "multipleOf": 0.5, "minimum": 1}), number);
            assert_eq!(step.as_f64().unwrap() * 2.0 % 1.0, 0.0);
            let one = made(&json!({"enum": ["a", "b"]}), number);
            assert!(one == "a" || one == "b");
        }
    }

    #[test]
    fn schemas_without_an_end_come_to_one() {
        let document = json!({"$defs": {"node": {"type": "object", "properties": {
            "next": {"$ref": "#/$defs/node"}, "also": {"$ref": "#/$defs/node"}}}}});
        let schema = json!({"$ref": "#/$defs/node"});
        let mut values = SchemaValues::new(&document, 1, true);
        assert!(values.make(&schema).unwrap().is_object());
        let looping = json!({"$ref": "#"});
        assert_eq!(SchemaValues::new(&looping, 0, true).make(&looping), None);
    }
}
