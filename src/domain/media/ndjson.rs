//! JSON texts one after the other: a line each, or a record each (RFC 7464).

use serde_json::Value;

/// What a record of RFC 7464 begins with.
const RECORD: u8 = 0x1e;

/// Reads a row of texts; `None` when one of them is none.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let parts = bytes.split(|byte| matches!(*byte, b'\n' | RECORD));
    let texts = parts.filter(|part| !part.iter().all(u8::is_ascii_whitespace));
    let items: Option<Vec<Value>> = texts.map(|text| serde_json::from_slice(text).ok()).collect();
    items.filter(|items| !items.is_empty()).map(Value::Array)
}

/// Writes one of them.
pub(super) fn write(message: &Value, content_type: &str) -> Vec<u8> {
    let mut out = Vec::new();
    if content_type.contains("json-seq") {
        out.push(RECORD);
    }
    out.extend(serde_json::to_vec(message).unwrap_or_default());
    out.push(b'\n');
    out
}
