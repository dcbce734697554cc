//! Length-prefixed messages: one byte of flags, four of length, the message. So do gRPC over
//! HTTP (its protocol description, "Length-Prefixed-Message"), gRPC-web, whose trailers are a
//! message with the highest flag set, and the streams of Connect, whose last message has flag 2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::protobuf;

/// Bytes before each message.
const PREFIX_BYTES: usize = 5;

/// Flag of a message that holds trailers, as in a head of HTTP.
const TRAILERS: u8 = 0x80;

/// Flag of the JSON message that ends a stream of Connect.
const END_OF_STREAM: u8 = 0x02;

/// Reads all messages; `None` where the last one is cut or one is compressed.
pub(super) fn read(bytes: &[u8], content_type: &str) -> Option<Value> {
    let decoded;
    let mut rest = if is_text(content_type) {
        decoded = STANDARD.decode(bytes).ok()?;
        &decoded[..]
    } else {
        bytes
    };
    let mut messages = Vec::new();
    while !rest.is_empty() {
        let (prefix, after) = rest.split_at_checked(PREFIX_BYTES)?;
        let length = u32::from_be_bytes(prefix[1..].try_into().ok()?) as usize;
        let (message, after) = after.split_at_checked(length)?;
        rest = after;
        let flags = prefix[0];
        if flags & 1 != 0 {
            return None;
        }
        let payload = if flags & TRAILERS != 0 {
            str::from_utf8(message).ok()?.into()
        } else if flags & END_OF_STREAM != 0 || content_type.contains("json") {
            serde_json::from_slice(message).ok()?
        } else {
            protobuf::read(message)?
        };
        messages.push(Value::Object(Map::from_iter([(format!("f{flags}"), payload)])));
    }
    Some(Value::Array(messages))
}

/// Writes one message.
pub(super) fn write(message: &Value, content_type: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for (flags, payload) in message.as_object().into_iter().flatten() {
        let flags: u8 = flags.trim_start_matches('f').parse().unwrap_or(0);
        let bytes = match payload {
            Value::String(text) if flags & TRAILERS != 0 => text.clone().into_bytes(),
            json if flags & END_OF_STREAM != 0 || content_type.contains("json") => {
                serde_json::to_vec(json).unwrap_or_default()
            }
            tree => protobuf::write(tree),
        };
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        out.push(flags);
        out.extend(length.to_be_bytes());
        out.extend(bytes);
    }
    if is_text(content_type) { STANDARD.encode(out).into_bytes() } else { out }
}

/// Whether the frames are written in base64, as `application/grpc-web-text` says.
fn is_text(content_type: &str) -> bool {
    content_type.contains("grpc-web-text")
}
