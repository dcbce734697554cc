//! A protobuf message without its schema: fields by number and wire type.
//!
//! A member is called by its number and what it holds: `v` a varint, `d` eight bytes read as a
//! double, `f` four bytes read as a float, `s` a text, `m` a message, `b` bytes in base64. Of
//! length-delimited fields the wire does not tell which; a message that begins like a text and a
//! text that reads like a message are told by their first byte.
//! (Protocol Buffers documentation, "Encoding".)

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

use super::repeated::add;

/// Depth up to which messages are looked into.
const DEPTH_MAX: usize = 16;

/// Reads a message; `None` when the bytes are none.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    read_at(bytes, 0).map(Value::Object)
}

fn read_at(mut bytes: &[u8], depth: usize) -> Option<Map<String, Value>> {
    let mut fields = Map::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let (number, wire) = (key >> 3, key & 7);
        if number == 0 || number > 1 << 29 {
            return None;
        }
        let (kind, value) = match wire {
            0 => ('v', Value::from(varint(&mut bytes)?)),
            1 => ('d', double(take(&mut bytes, 8)?)),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                delimited(take(&mut bytes, length)?, depth)
            }
            5 => ('f', float(take(&mut bytes, 4)?)),
            _ => return None,
        };
        let name = format!("{number}{kind}");
        add(&mut fields, name, value);
    }
    Some(fields)
}

/// What a length-delimited field holds.
fn delimited(bytes: &[u8], depth: usize) -> (char, Value) {
    let message = || {
        let fields = (depth < DEPTH_MAX && !bytes.is_empty()).then(|| read_at(bytes, depth + 1));
        fields.flatten().map(|fields| ('m', Value::Object(fields)))
    };
    let is_printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    let text = || {
        let text = str::from_utf8(bytes).ok().filter(|text| text.chars().all(is_printable));
        text.map(|text| ('s', text.into()))
    };
    // Keys of the first fields are control characters, which texts seldom begin with.
    let found = match bytes.first() {
        Some(first) if *first < 0x20 => message().or_else(text),
        _ => text().or_else(message),
    };
    found.unwrap_or_else(|| ('b', STANDARD.encode(bytes).into()))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// A double; what is no number in JSON stands as its bits.
fn double(bytes: &[u8]) -> Value {
    let bits = bytes.iter().rev().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    Number::from_f64(f64::from_bits(bits)).map_or_else(|| format!("{bits:x}").into(), Value::Number)
}

fn float(bytes: &[u8]) -> Value {
    let bits = bytes.iter().rev().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
    let number = Number::from_f64(f64::from(f32::from_bits(bits)));
    number.map_or_else(|| format!("{bits:x}").into(), Value::Number)
}

/// Writes a message; members that are no fields are left out.
pub(super) fn write(tree: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in tree.as_object().into_iter().flatten() {
        let Some(kind) = name.chars().next_back() else { continue };
        let Ok(number) = name[..name.len() - kind.len_utf8()].parse::<u64>() else { continue };
        match value {
            Value::Array(values) => values.iter().for_each(|v| field(number, kind, v, &mut out)),
            one => field(number, kind, one, &mut out),
        }
    }
    out
}

fn field(number: u64, kind: char, value: &Value, out: &mut Vec<u8>) {
    let mut key = |wire: u64| put_varint(number << 3 | wire, out);
    match kind {
        'v' => {
            key(0);
            let signed = value.as_i64().map(i64::cast_unsigned);
            put_varint(value.as_u64().or(signed).unwrap_or(0), out);
        }
        'd' => {
            key(1);
            let special = value.as_str().and_then(|bits| u64::from_str_radix(bits, 16).ok());
            let bits = value.as_f64().map(f64::to_bits).or(special).unwrap_or(0);
            out.extend(bits.to_le_bytes());
        }
        'f' => {
            key(5);
            let special = value.as_str().and_then(|bits| u32::from_str_radix(bits, 16).ok());
            let bits = value.as_f64().map(|number| (number as f32).to_bits()).or(special);
            out.extend(bits.unwrap_or(0).to_le_bytes());
        }
        _ => {
            key(2);
            let bytes = match (kind, value) {
                ('m', message) => write(message),
                ('b', Value::String(text)) => STANDARD.decode(text).unwrap_or_default(),
                (_, Value::String(text)) => text.clone().into_bytes(),
                (_, other) => other.to_string().into_bytes(),
            };
            put_varint(bytes.len() as u64, out);
            out.extend(bytes);
        }
    }
}

fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let low = (value & 0x7f) as u8; // seven bits
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}
