//! Bodies of all kinds as trees of values, and trees as bodies again.
//!
//! Whatever learns from answers and fills them anew (places, sources, stand-ins) works on trees.
//! A medium says how the bytes of one content type become a tree and how a tree is written:
//!
//! | medium | content types | tree |
//! | --- | --- | --- |
//! | JSON | `…json` | itself |
//! | form | `application/x-www-form-urlencoded` | object of texts |
//! | parts | `multipart/form-data` | object of texts and of what is said of files |
//! | XML | `…xml` | elements by name, `@` before attributes |
//! | markup | `text/html`, and XML of mixed content | list of `{raw text before a value: value}` |
//! | events | `text/event-stream` | list of `{event, id, retry, data}` |
//! | lines | `application/x-ndjson` and its like | list |
//! | frames | `application/connect+…`, `application/grpc…` | list of `{flags: payload}` |
//! | fields | `application/proto` and its like | fields by number and wire type |

pub mod digest;
mod events;
pub mod form;
mod grpc_frames;
mod markup;
mod ndjson;
mod protobuf;
mod repeated;
mod xml;

use serde_json::Value;

/// A kind of body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Medium {
    /// JSON (RFC 8259).
    Json,
    /// A form as browsers send it (WHATWG URL, section 5).
    Form,
    /// A form with files (RFC 7578).
    Parts,
    /// XML of elements that hold either text or elements.
    Xml,
    /// HTML, or XML of any shape: what stands between values is kept as it is.
    Markup,
    /// Server-sent events (WHATWG HTML, section 9.2).
    Events,
    /// JSON texts, one a line or one a record (RFC 7464).
    Lines,
    /// Length-prefixed messages of gRPC, gRPC-web and Connect.
    Frames,
    /// One protobuf message.
    Fields,
}

impl Medium {
    /// The medium that a content type names; `None` for what has no structure that is known here.
    #[must_use]
    pub fn named(content_type: &str) -> Option<Self> {
        let lower = content_type.to_ascii_lowercase();
        let media = lower.split(';').next().unwrap_or_default().trim();
        let (_, subtype) = media.split_once('/')?;
        let ends = |suffix: &str| subtype == suffix || subtype.ends_with(&format!("+{suffix}"));
        Some(if media == "text/event-stream" {
            Self::Events
        } else if subtype.starts_with("connect+") || subtype.starts_with("grpc") {
            Self::Frames
        } else if matches!(subtype, "proto" | "protobuf" | "x-protobuf") || ends("protobuf") {
            Self::Fields
        } else if subtype.contains("ndjson")
            || subtype.contains("jsonl")
            || subtype.contains("json-lines")
            || matches!(subtype, "json-seq" | "stream+json" | "x-json-stream")
        {
            Self::Lines
        } else if ends("json") {
            Self::Json
        } else if media == "application/x-www-form-urlencoded" {
            Self::Form
        } else if media == "multipart/form-data" {
            Self::Parts
        } else if media == "text/html" {
            Self::Markup
        } else if ends("xml") {
            Self::Xml
        } else {
            return None;
        })
    }

    /// Whether the body is a row of messages that arrive one after the other.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Events | Self::Lines | Self::Frames)
    }

    /// Reads a body; the medium is another one where the bytes are not what they are called.
    #[must_use]
    pub fn read(bytes: &[u8], content_type: &str) -> Option<(Self, Value)> {
        let named = Self::named(content_type);
        let tree = match named? {
            Self::Json => {
                let whole = serde_json::from_slice(bytes).ok().map(|tree| (Self::Json, tree));
                return whole.or_else(|| Some((Self::Lines, ndjson::read(bytes)?)));
            }
            Self::Form => form::read_pairs(bytes),
            Self::Parts => form::read_parts(bytes, content_type)?,
            Self::Xml => {
                let tree = xml::read(bytes).map(|tree| (Self::Xml, tree));
                return tree.or_else(|| Some((Self::Markup, markup::read(bytes)?)));
            }
            Self::Markup => markup::read(bytes)?,
            Self::Events => events::read(bytes)?,
            Self::Lines => ndjson::read(bytes)?,
            Self::Frames => grpc_frames::read(bytes, content_type)?,
            Self::Fields => protobuf::read(bytes)?,
        };
        Some((named?, tree))
    }

    /// Writes a tree as a body of one piece a message; of other media there is one piece.
    #[must_use]
    pub fn write(self, tree: &Value, content_type: &str) -> Vec<Vec<u8>> {
        let json = |tree: &Value| serde_json::to_vec(tree).unwrap_or_default();
        match self {
            Self::Json => vec![json(tree)],
            Self::Form | Self::Parts => vec![form::write_pairs(tree)],
            Self::Xml => vec![xml::write(tree)],
            Self::Markup => vec![markup::write(tree)],
            Self::Events => messages(tree).iter().map(events::write).collect(),
            Self::Lines => messages(tree).iter().map(|m| ndjson::write(m, content_type)).collect(),
            Self::Frames => {
                messages(tree).iter().map(|m| grpc_frames::write(m, content_type)).collect()
            }
            Self::Fields => vec![protobuf::write(tree)],
        }
    }
}

fn messages(tree: &Value) -> &[Value] {
    tree.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::Medium;

    /// Reads and writes again.
    fn again(bytes: &[u8], content_type: &str) -> Vec<u8> {
        let (medium, tree) = Medium::read(bytes, content_type).expect("it can be read");
        medium.write(&tree, content_type).concat()
    }

    #[test]
    fn what_is_read_is_written_again() {
        for (content_type, body) in [
            ("application/json; charset=utf-8", r#"{"b":1,"a":[2]}"#),
            ("text/event-stream", "event: a\nid: 7\ndata: {\"x\":1}\n\n: wait\n\ndata: [DONE]\n\n"),
            ("application/x-ndjson", "{\"a\":1}\n{\"a\":2}\n"),
            ("application/json", "{\"a\":1}\n{\"a\":2}\n"),
            ("text/xml", "<?xml version=\"1.0\"?><a b=\"1\"><c>x &amp; y</c><c>z</c><d/></a>"),
            (
                "text/html",
                "<!doctype html><form><input name=\"t\" value=\"&lt;7\"><p>Hi</p></form>",
            ),
            ("application/soap+xml", "<a>one<b>two</b>three</a>"),
        ] {
            let written = again(body.as_bytes(), content_type);
            assert_eq!(String::from_utf8_lossy(&written), body, "{content_type}");
        }
    }

    #[test]
    fn framed_messages_are_read_and_written_again() {
        let message =
            b"\x0a\x05itm-1\x18\x09\x21\x00\x00\x00\x00\x00\x00\xf8\x3f\x2a\x01a\x2a\x01b";
        assert_eq!(again(message, "application/proto"), message);
        let mut framed = vec![0, 0, 0, 0, message.len() as u8];
        framed.extend_from_slice(message);
        framed.extend_from_slice(b"\x80\x00\x00\x00\x0egrpc-status: 0");
        assert_eq!(again(&framed, "application/grpc-web+proto"), framed);
    }

    #[test]
    fn what_is_broken_is_not_read() {
        for (content_type, body) in [
            ("application/json", &b"{"[..]),
            ("application/proto", b"\xff\xff"),
            ("application/grpc-web+proto", b"\x00\x00\x00\x00\x09a"),
            ("image/png", b"\x89PNG"),
            ("text/event-stream", b"\xff\xfe"),
        ] {
            assert_eq!(Medium::read(body, content_type), None, "{content_type}");
        }
    }
}
