//! A JSON text as a list of places: where each value stands, and what the schema says of it.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::Value;

/// A JSON text and its values in order of appearance; the first is the root.
#[derive(Debug)]
pub struct ParsedDocument<'a> {
    /// The document as it came.
    pub text: &'a str,
    /// Its values, each after the one that holds it.
    pub nodes: Vec<ParsedValue<'a>>,
}

/// One value.
#[derive(Debug)]
pub struct ParsedValue<'a> {
    /// Its bytes in the text; empty for a container whose end was not reached.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// Index of the value that holds it; `None` for the whole document.
    pub parent: Option<usize>,
    /// Its raw name with quotes, as a member of an object.
    pub name: Option<Range<usize>>,
    /// Its number among its siblings.
    pub index: usize,
    /// Values directly inside.
    pub children: usize,
    /// The learned schema of its place, where there is one.
    pub schema: Option<&'a Value>,
}

/// The type of a value; from `String` on its text has a closing mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// Values looked at in one body; of longer ones only the beginning is damaged.
const NODES_MAX: usize = 20_000;

impl<'a> ParsedDocument<'a> {
    /// `None` for what is not JSON.
    pub fn read(body: &'a [u8], schema: Option<&'a Value>) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        // From here on the text is known to be well formed, and nested at most 128 deep.
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        let mut document = Self { text, nodes: Vec::new() };
        document.walk(schema);
        (!document.nodes.is_empty()).then_some(document)
    }

    /// The text of a span of the document.
    pub fn slice(&self, span: &Range<usize>) -> &'a str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// The text with `span` replaced.
    pub fn replaced(&self, span: &Range<usize>, with: &str) -> Vec<u8> {
        let before = self.text.get(..span.start).unwrap_or_default();
        let after = self.text.get(span.end..).unwrap_or_default();
        [before, with, after].concat().into_bytes()
    }

    /// A member's name, unescaped.
    pub fn name(&self, node: &ParsedValue<'_>) -> Option<Cow<'a, str>> {
        let quoted = self.slice(node.name.as_ref()?);
        if quoted.contains('\\') {
            return serde_json::from_str(quoted).ok().map(Cow::Owned);
        }
        quoted.get(1..quoted.len().saturating_sub(1)).map(Cow::Borrowed)
    }

    /// RFC 6901.
    pub fn pointer(&self, mut at: usize) -> String {
        let mut steps = Vec::new();
        while let Some(node) = self.nodes.get(at)
            && let Some(parent) = node.parent
        {
            let name = self.name(node);
            steps.push(name.map_or_else(
                || node.index.to_string(),
                |name| name.replace('~', "~0").replace('/', "~1"),
            ));
            at = parent;
        }
        steps.iter().rev().map(|step| format!("/{step}")).collect()
    }

    /// Whether the byte at `at` is text of a string value (not of a name, an escape or a quote).
    pub fn is_inside_string(&self, at: usize) -> bool {
        // Values stand in order, so the last one that begins at or before `at` decides.
        let before = self.nodes.partition_point(|node| node.span.start <= at);
        let node = before.checked_sub(1).and_then(|last| self.nodes.get(last));
        node.is_some_and(|node| {
            node.kind == Kind::String
                && at + 1 < node.span.end
                && !self.slice(&node.span).contains('\\')
        })
    }

    fn walk(&mut self, schema: Option<&'a Value>) {
        let bytes = self.text.as_bytes();
        let mut open: Vec<usize> = Vec::new();
        let mut name = None;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let parent = open.last().copied();
            match byte {
                b'}' | b']' => {
                    at += 1;
                    let closed = open.pop().and_then(|node| self.nodes.get_mut(node));
                    if let Some(node) = closed {
                        node.span.end = at;
                    }
                }
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => at += 1,
                b'"' if name.is_none() && self.is_object(parent) => {
                    let end = string_end(bytes, at);
                    name = Some(at..end);
                    at = end;
                }
                _ => {
                    let (kind, end) = extent(bytes, at);
                    if self.nodes.len() == NODES_MAX {
                        break;
                    }
                    self.add(at..end, kind, parent, name.take(), schema);
                    if matches!(kind, Kind::Array | Kind::Object) {
                        open.push(self.nodes.len() - 1);
                    }
                    at = end;
                }
            }
        }
        // Containers still open when the walk stopped have no known end: nothing is done to them.
        for node in open {
            if let Some(node) = self.nodes.get_mut(node) {
                node.span.end = node.span.start;
            }
        }
    }

    fn is_object(&self, node: Option<usize>) -> bool {
        node.and_then(|node| self.nodes.get(node)).is_some_and(|node| node.kind == Kind::Object)
    }

    fn add(
        &mut self,
        span: Range<usize>,
        kind: Kind,
        parent: Option<usize>,
        name: Option<Range<usize>>,
        root: Option<&'a Value>,
    ) {
        let (index, of_parent) = match parent.and_then(|parent| self.nodes.get_mut(parent)) {
            Some(parent) => {
                parent.children += 1;
                (parent.children - 1, parent.schema)
            }
            None => (0, None),
        };
        let mut node = ParsedValue { span, kind, parent, name, index, children: 0, schema: root };
        if parent.is_some() {
            node.schema = match self.name(&node) {
                Some(name) => of_parent.and_then(|schema| {
                    let known = schema.get("properties").and_then(|all| all.get(&*name));
                    known.or_else(|| schema.get("additionalProperties"))
                }),
                None => of_parent.and_then(|schema| schema.get("items")),
            };
        }
        node.schema = node.schema.and_then(|schema| alternative(schema, kind));
        self.nodes.push(node);
    }
}

impl Kind {
    /// The type's name in JSON Schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// Whether a schema allows a type; one that says nothing about types allows all.
pub fn allows(schema: &Value, kind: Kind) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("integer") => kind == Kind::Number,
        name => name == Some(kind.name()),
    };
    if let Some(Value::Array(alternatives)) = schema.get("anyOf") {
        return alternatives.iter().any(|schema| allows(schema, kind));
    }
    match schema.get("type") {
        Some(Value::Array(names)) => names.iter().any(is),
        Some(name) => is(name),
        None => true,
    }
}

/// Of a schema's alternatives the one this value belongs to; else the schema itself, which still
/// tells which types are allowed.
fn alternative(schema: &Value, kind: Kind) -> Option<&Value> {
    if !schema.is_object() {
        return None;
    }
    let Some(Value::Array(alternatives)) = schema.get("anyOf") else { return Some(schema) };
    let structured = matches!(kind, Kind::Array | Kind::Object);
    let of_kind = alternatives.iter().find(|alternative| allows(alternative, kind));
    if structured { of_kind } else { Some(schema) }
}

/// The kind of the value at `at`, and where it ends; a container ends after its bracket for now.
fn extent(bytes: &[u8], at: usize) -> (Kind, usize) {
    let bare = || {
        let rest = bytes.iter().skip(at);
        at + rest.take_while(|byte| !b",]} \t\r\n".contains(byte)).count().max(1)
    };
    match bytes.get(at) {
        Some(b'{') => (Kind::Object, at + 1),
        Some(b'[') => (Kind::Array, at + 1),
        Some(b'"') => (Kind::String, string_end(bytes, at)),
        Some(b'n') => (Kind::Null, bare()),
        Some(b't' | b'f') => (Kind::Boolean, bare()),
        _ => (Kind::Number, bare()),
    }
}

/// Just after the closing quote of the string that opens at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'"' => return end + 1,
            b'\\' => end += 2,
            _ => end += 1,
        }
    }
    bytes.len()
}
