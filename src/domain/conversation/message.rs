//! One message: its kind, and the JSON document that models learn of it.
//!
//! | said | form | document | kind |
//! | --- | --- | --- | --- |
//! | `{"type":"get","id":7}` | object | itself | `type=get` |
//! | `["1","2","room","phx_join",{}]` | tuple | `{"0":"1","1":"2",…}` | `phx_join` |
//! | `[{…},{…}]` | list | `{"list":[…]}` | `list` |
//! | `42["chat",…]`, `4217["chat",…]` | packet | `{"ack":17,"data":{"0":"chat",…}}` | `42 chat` |
//! | `PING`, `hello` | text | `{"text":"hello"}` | `PING`, `text` |
//! | bytes | binary | none | `binary` |
//!
//! Packets are those of Engine.IO, which only a query with `EIO` announces: elsewhere a number in
//! front of a text is just a text.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::transcript::UtteranceBody;
use crate::domain::privacy;
use crate::domain::random::seed::{hash_text, mix};
use crate::domain::sketch::heap_bytes::{HeapBytes, no_heap};
use crate::domain::words::public::is_public_identifier;

/// How a message is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageForm {
    /// A JSON object.
    Object,
    /// A JSON array whose items each have a meaning of their own.
    Tuple,
    /// A JSON array of items that are alike.
    List,
    /// A packet of Engine.IO and Socket.IO, which begins with these digits and namespace.
    Packet(Box<str>),
    /// Bytes.
    Binary,
    /// A close frame with this code; 1005 for one without (RFC 6455, section 7.1.5).
    Close(u16),
    /// Any other text.
    #[default]
    #[serde(other)]
    Text,
}

impl MessageForm {
    /// The word for people.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Tuple => "tuple",
            Self::List => "list",
            Self::Packet(_) => "packet",
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Close(_) => "close",
        }
    }
}

impl HeapBytes for MessageForm {
    fn heap_bytes(&self) -> usize {
        match self {
            Self::Packet(prefix) => prefix.heap_bytes(),
            _ => 0,
        }
    }
}

no_heap!(Speaks);

/// How messages of an endpoint are framed above WebSocket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaks {
    /// JSON, text or bytes, each message for itself.
    #[default]
    Plain,
    /// Packets of Engine.IO.
    EngineIo,
}

impl Speaks {
    /// What a handshake with this query announces.
    #[must_use]
    pub fn of_query(query: &str) -> Self {
        let is_engine = query.split('&').any(|pair| pair.starts_with("EIO="));
        if is_engine { Self::EngineIo } else { Self::Plain }
    }
}

/// A message as models see it.
#[derive(Debug, Clone)]
pub struct Message {
    /// How it is written.
    pub form: MessageForm,
    /// What tells its kind, for people.
    pub kind: String,
    /// Hash of form and kind.
    pub hash: u64,
    /// The parts of the kind that are values, each judged for itself before it is kept.
    pub words: Vec<String>,
    /// The document of a message that is no binary one.
    pub document: Option<Value>,
    /// The message as it was said.
    pub raw: Vec<u8>,
}

/// Kind of texts that are no commands.
pub const TEXT: &str = "text";

/// Members that tell what an object is about, in the order of how much they say.
const DISCRIMINATORS: [&str; 14] = [
    "type",
    "event",
    "op",
    "method",
    "action",
    "cmd",
    "command",
    "kind",
    "message_type",
    "messageType",
    "request",
    "t",
    "e",
    "msg",
];

/// Members that together tell a kind: `{"type":"message","event":"typing"}`.
const DISCRIMINATORS_MAX: usize = 2;

/// Members named in the kind of an object that has no discriminator.
const SHAPE_MEMBERS_MAX: usize = 10;

/// Items of a tuple; more are a list.
const TUPLE_ITEMS_MAX: usize = 8;

impl Message {
    /// Reads what is said; `None` for what cannot be looked at.
    #[must_use]
    pub fn read(words: &UtteranceBody, speaks: Speaks) -> Option<Self> {
        match words {
            UtteranceBody::Text(text) => Some(Self::of_text(text, speaks)),
            UtteranceBody::Binary(bytes) => {
                let kind = ("binary".to_owned(), Vec::new());
                Some(Self::new(MessageForm::Binary, kind, None, bytes))
            }
            UtteranceBody::Unread(_) | UtteranceBody::Ping => None,
        }
    }

    /// A close frame as the last message of a turn.
    #[must_use]
    pub fn close(code: u16) -> Self {
        let kind = (format!("close {code}"), Vec::new());
        Self::new(MessageForm::Close(code), kind, None, &[])
    }

    /// Reads a text message.
    #[must_use]
    pub fn of_text(text: &str, speaks: Speaks) -> Self {
        if speaks == Speaks::EngineIo
            && let Some(packet) = Self::of_packet(text)
        {
            return packet;
        }
        let first = text.trim_start().as_bytes().first();
        let tree = matches!(first, Some(b'{' | b'[')).then(|| serde_json::from_str(text).ok());
        match tree.flatten() {
            Some(tree @ Value::Object(_)) => {
                let kind = kind_of_object(&tree);
                Self::new(MessageForm::Object, kind, Some(tree), text.as_bytes())
            }
            Some(Value::Array(items)) if is_tuple(&items) => {
                let kind = kind_of_tuple(&items);
                let tree = by_position(items);
                Self::new(MessageForm::Tuple, kind, Some(tree), text.as_bytes())
            }
            Some(list @ Value::Array(_)) => {
                let kind = ("list".to_owned(), Vec::new());
                let tree = json!({ "list": list });
                Self::new(MessageForm::List, kind, Some(tree), text.as_bytes())
            }
            _ => {
                let command = command(text);
                let words = command.map(str::to_owned).into_iter().collect();
                let kind = (command.unwrap_or(TEXT).to_owned(), words);
                let tree = json!({ "text": text });
                Self::new(MessageForm::Text, kind, Some(tree), text.as_bytes())
            }
        }
    }

    /// `42/admin,17["chat",{…}]`: digits, namespace, number of the acknowledgement, data.
    fn of_packet(text: &str) -> Option<Self> {
        let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
        // Engine.IO has types 0 to 6; within a message (4) Socket.IO has 0 to 6 of its own.
        let digits = if text.starts_with('4') { digits } else { digits.min(1) };
        let (kind, mut rest) =
            text.split_at_checked(digits).filter(|(kind, _)| !kind.is_empty())?;
        let mut prefix = kind.to_owned();
        if rest.starts_with('/') {
            let end = rest.find(',').map_or(rest.len(), |at| at + 1);
            let (namespace, behind) = rest.split_at(end);
            prefix.push_str(namespace);
            rest = behind;
        }
        let number = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (ack, data) = rest.split_at(number);
        let mut tree = Map::new();
        if let Ok(ack) = ack.parse::<u64>() {
            tree.insert("ack".to_owned(), ack.into());
        }
        let mut words = Vec::new();
        let mut shown = prefix.clone();
        if !data.is_empty() {
            let data = match serde_json::from_str(data) {
                Ok(Value::Array(items)) => {
                    if let Some(Value::String(event)) = items.first()
                        && is_identifier(event)
                        && kind == "42"
                    {
                        shown.push(' ');
                        shown.push_str(event);
                        words.push(event.clone());
                    }
                    by_position(items)
                }
                Ok(other) => other,
                Err(_) => Value::String(data.to_owned()),
            };
            tree.insert("data".to_owned(), data);
        }
        let form = MessageForm::Packet(prefix.into());
        Some(Self::new(form, (shown, words), Some(Value::Object(tree)), text.as_bytes()))
    }

    fn new(
        form: MessageForm,
        (kind, words): (String, Vec<String>),
        document: Option<Value>,
        raw: &[u8],
    ) -> Self {
        let salt = match &form {
            MessageForm::Object => 1,
            MessageForm::Tuple => 2,
            MessageForm::List => 3,
            MessageForm::Packet(prefix) => hash_text(prefix.as_bytes()),
            MessageForm::Text => 5,
            MessageForm::Binary => 6,
            MessageForm::Close(code) => mix(7, u64::from(*code)),
        };
        let hash = mix(hash_text(kind.as_bytes()), salt);
        Self { form, kind, hash, words, document, raw: raw.to_vec() }
    }

    /// The document as a body; empty for a binary message.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let body = self.document.as_ref().map(|tree| serde_json::to_vec(tree).unwrap_or_default());
        body.unwrap_or_default()
    }

    /// Whether it says that something failed.
    #[must_use]
    pub fn is_error(&self) -> bool {
        let kind = self.kind.to_ascii_lowercase();
        ["error", "invalid", "unknown", "unsupported"].iter().any(|word| kind.contains(word))
    }
}

/// Writes the document of a message of this form as it is said.
#[must_use]
pub fn said(form: &MessageForm, document: Value) -> String {
    let text = |tree: &Value| serde_json::to_string(tree).unwrap_or_default();
    match (form, document) {
        (MessageForm::Tuple, tree) => text(&as_items(tree)),
        (MessageForm::List, Value::Object(mut tree)) => {
            text(&tree.remove("list").unwrap_or(Value::Array(Vec::new())))
        }
        (MessageForm::Packet(prefix), Value::Object(mut tree)) => {
            let ack = tree.remove("ack").map_or_else(String::new, |ack| text(&ack));
            let data = match tree.remove("data") {
                None => String::new(),
                Some(Value::String(data)) => data,
                Some(tree) => text(&as_items(tree)),
            };
            format!("{prefix}{ack}{data}")
        }
        (MessageForm::Text, Value::Object(mut tree)) => match tree.remove("text") {
            Some(Value::String(said)) => said,
            other => other.map(|tree| text(&tree)).unwrap_or_default(),
        },
        (_, tree) => text(&tree),
    }
}

/// The items of an array as members named by their position, so that each is learned for itself.
fn by_position(items: Vec<Value>) -> Value {
    Value::Object(items.into_iter().enumerate().map(|(at, v)| (at.to_string(), v)).collect())
}

/// The array again; an object that is none stays.
fn as_items(tree: Value) -> Value {
    let Value::Object(mut members) = tree else { return tree };
    if members.is_empty() || members.keys().any(|name| name.parse::<usize>().is_err()) {
        return Value::Object(members);
    }
    let items = (0..members.len()).map_while(|at| members.remove(&at.to_string()));
    Value::Array(items.collect())
}

/// Whether the items of an array each have a meaning of their own.
fn is_tuple(items: &[Value]) -> bool {
    let is_mixed = items
        .windows(2)
        .any(|pair| std::mem::discriminant(&pair[0]) != std::mem::discriminant(&pair[1]));
    let is_named = matches!(items.first(), Some(Value::String(name)) if is_identifier(name));
    !items.is_empty() && items.len() <= TUPLE_ITEMS_MAX && (is_mixed || is_named)
}

fn kind_of_object(tree: &Value) -> (String, Vec<String>) {
    let Value::Object(members) = tree else { return Default::default() };
    let (mut kind, mut words) = (String::new(), Vec::new());
    for name in DISCRIMINATORS {
        let value = match members.get(name) {
            Some(Value::String(text)) if is_identifier(text) && !is_talk(name, text, members) => {
                text.clone()
            }
            Some(Value::Number(number)) if number.as_u64().is_some_and(|n| n < 1_000) => {
                number.to_string()
            }
            _ => continue,
        };
        if !kind.is_empty() {
            kind.push(' ');
        }
        kind.push_str(&format!("{name}={value}"));
        words.push(value);
        if words.len() == DISCRIMINATORS_MAX {
            break;
        }
    }
    if let Some(operation) = operation(members) {
        kind.push_str(&format!(" {operation}"));
        words.push(operation);
    }
    if words.is_empty() {
        let mut names: Vec<&str> = members.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.truncate(SHAPE_MEMBERS_MAX);
        words = names.iter().map(|name| (*name).to_owned()).collect();
        kind = format!("{{{}}}", names.join(","));
    }
    (kind, words)
}

/// Whether what looks like a discriminator may be what somebody says: `{"user":"a","msg":"hello"}`,
/// other than `{"msg":"connect","version":"1"}`.
fn is_talk(name: &str, text: &str, members: &Map<String, Value>) -> bool {
    let is_first = members.keys().next().is_some_and(|first| first == name);
    name == "msg" && !(is_first && members.len() > 1 && is_public_identifier(text))
}

/// The operation of a GraphQL message (`graphql-transport-ws`): its name, or a number of its text.
fn operation(members: &Map<String, Value>) -> Option<String> {
    let payload = members.get("payload")?.as_object()?;
    let query = payload.get("query")?.as_str()?;
    if let Some(Value::String(name)) = payload.get("operationName") {
        return Some(name.clone());
    }
    let words: Vec<&str> = query.split_whitespace().collect();
    Some(format!("q{:06x}", hash_text(words.join(" ").as_bytes()) >> 40))
}

fn kind_of_tuple(items: &[Value]) -> (String, Vec<String>) {
    let name = |at: usize| match items.get(at) {
        Some(Value::String(text)) if is_identifier(text) => Some(text.clone()),
        _ => None,
    };
    // Phoenix: [join_ref, ref, topic, event, payload].
    let phoenix = (items.len() == 5).then(|| name(3)).flatten();
    let words: Vec<String> = match (phoenix, items.first()) {
        (Some(event), _) => vec![event],
        // OCPP and WAMP: [code, id, name, …].
        (None, Some(Value::Number(code))) if code.as_u64().is_some_and(|n| n < 1_000) => {
            let action = name(2).filter(|_| items.len() > 3);
            [Some(code.to_string()), action].into_iter().flatten().collect()
        }
        (None, _) => name(0).into_iter().collect(),
    };
    let kind = if words.is_empty() { format!("[{}]", items.len()) } else { words.join(" ") };
    (kind, words)
}

/// The command that a text begins with (`SUBSCRIBE`, `PING`), or that it is (`ping`).
fn command(text: &str) -> Option<&str> {
    const BEATS: [&str; 4] = ["ping", "pong", "heartbeat", "hb"];
    let whole = text.trim_end();
    if BEATS.contains(&whole) {
        return Some(whole);
    }
    let word = text.split(|c: char| c.is_whitespace() || c == '\0').next()?;
    let is_loud = word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    ((2..=16).contains(&word.len()) && is_loud).then_some(word)
}

/// Longest text that may name a kind, bytes.
const IDENTIFIER_BYTES_MAX: usize = 64;

/// Digits that an identifier may hold: versions and small numbers; more are an id.
const IDENTIFIER_DIGITS_MAX: usize = 4;

/// Whether a text may name a kind: a word or several, and no id, sentence or secret.
fn is_identifier(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b"_-.:/$@".contains(&b);
    text.len() <= IDENTIFIER_BYTES_MAX
        && text.bytes().all(is_part)
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && text.bytes().filter(u8::is_ascii_digit).count() <= IDENTIFIER_DIGITS_MAX
        && !privacy::is_sensitive_value(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart_by_what_discriminates() {
        for (text, speaks, kind) in [
            (r#"{"type":"get","id":7}"#, Speaks::Plain, "type=get"),
            (r#"{"op":10,"t":null,"d":{}}"#, Speaks::Plain, "op=10"),
            (r#"{"type":"message","event":"typing"}"#, Speaks::Plain, "type=message event=typing"),
            (r#"{"jsonrpc":"2.0","id":1,"method":"eth_call"}"#, Speaks::Plain, "method=eth_call"),
            (r#"{"jsonrpc":"2.0","id":1,"result":"0x1"}"#, Speaks::Plain, "{id,jsonrpc,result}"),
            (r#"["1","2","room:lobby","phx_join",{}]"#, Speaks::Plain, "phx_join"),
            (r#"[2,"a8f3","BootNotification",{}]"#, Speaks::Plain, "2 BootNotification"),
            (r#"["REQ","sub-1",{"kinds":[1]}]"#, Speaks::Plain, "REQ"),
            ("[1,2,3]", Speaks::Plain, "list"),
            (r#"4217["chat",{"text":"hi"}]"#, Speaks::EngineIo, "42 chat"),
            ("2", Speaks::EngineIo, "2"),
            ("2", Speaks::Plain, "text"),
            ("PING 7", Speaks::Plain, "PING"),
            ("ping", Speaks::Plain, "ping"),
            ("hello there", Speaks::Plain, "text"),
        ] {
            assert_eq!(Message::of_text(text, speaks).kind, kind, "{text}");
        }
    }

    #[test]
    fn what_is_read_is_said_again() {
        for (text, speaks) in [
            (r#"{"type":"get","id":7}"#, Speaks::Plain),
            (r#"["1",null,"room:lobby","phx_join",{}]"#, Speaks::Plain),
            (r#"[{"a":1},{"a":2}]"#, Speaks::Plain),
            (r#"42/admin,17["chat",{"text":"hi"}]"#, Speaks::EngineIo),
            (r#"0{"sid":"x","upgrades":[]}"#, Speaks::EngineIo),
            ("2probe", Speaks::EngineIo),
            ("3", Speaks::EngineIo),
            ("hello \u{1f980}", Speaks::Plain),
        ] {
            let message = Message::of_text(text, speaks);
            assert_eq!(said(&message.form, message.document.unwrap()), text);
        }
    }
}
