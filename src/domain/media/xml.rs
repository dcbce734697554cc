//! XML of elements that hold either a text or elements, as an object by name.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use super::repeated::add;

/// Depth up to which elements are looked into.
const DEPTH_MAX: usize = 64;

/// The member that holds the declaration.
const DECLARATION: &str = "?";

/// The member that holds the text of an element with attributes.
const TEXT: &str = "#text";

/// Reads a document; `None` where it is broken, or where its order would be lost: text beside
/// elements, and elements of one name with others between them.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let text = str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text);
    let mut root = Map::new();
    let mut open: Vec<(String, Map<String, Value>, String, String)> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Decl(declaration) => {
                let said = str::from_utf8(&declaration).ok()?.to_owned();
                root.insert(DECLARATION.to_owned(), said.into());
            }
            Event::Start(start) if open.len() < DEPTH_MAX => {
                let (name, attributes) = begun(&start)?;
                open.push((name, attributes, String::new(), String::new()));
            }
            Event::Empty(start) => {
                let (name, attributes) = begun(&start)?;
                let value =
                    if attributes.is_empty() { Value::Null } else { Value::Object(attributes) };
                place(&mut open, &mut root, name, value)?;
            }
            Event::End(_) => {
                let (name, object, text, _) = open.pop()?;
                let value = ended(object, &text)?;
                place(&mut open, &mut root, name, value)?;
            }
            Event::Text(run) => text_of(&mut open, &run.decode().ok()?)?,
            Event::CData(run) => text_of(&mut open, str::from_utf8(&run).ok()?)?,
            Event::GeneralRef(entity) => {
                let named = match entity.resolve_char_ref().ok()? {
                    Some(character) => character.to_string(),
                    None => {
                        let name = entity.decode().ok()?;
                        quick_xml::escape::resolve_predefined_entity(&name)?.to_owned()
                    }
                };
                text_of(&mut open, &named)?;
            }
            Event::Eof => break,
            _ => return None,
        }
    }
    (open.is_empty() && root.keys().any(|name| name != DECLARATION)).then_some(Value::Object(root))
}

fn begun(start: &BytesStart<'_>) -> Option<(String, Map<String, Value>)> {
    let name = str::from_utf8(start.name().into_inner()).ok()?.to_owned();
    let mut attributes = Map::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let name = str::from_utf8(attribute.key.into_inner()).ok()?;
        let value = attribute.unescape_value().ok()?.into_owned();
        attributes.insert(format!("@{name}"), value.into());
    }
    Some((name, attributes))
}

fn text_of(open: &mut [(String, Map<String, Value>, String, String)], run: &str) -> Option<()> {
    match open.last_mut() {
        Some((_, _, text, _)) => text.push_str(run),
        None if run.trim().is_empty() => {}
        None => return None,
    }
    Some(())
}

fn ended(mut object: Map<String, Value>, text: &str) -> Option<Value> {
    let has_elements = object.keys().any(|name| !name.starts_with('@'));
    if has_elements {
        return text.trim().is_empty().then_some(Value::Object(object));
    }
    if object.is_empty() {
        return Some(text.into());
    }
    object.insert(TEXT.to_owned(), text.into());
    Some(Value::Object(object))
}

/// Puts an element into its parent; elements of one name must stand together.
fn place(
    open: &mut [(String, Map<String, Value>, String, String)],
    root: &mut Map<String, Value>,
    name: String,
    value: Value,
) -> Option<()> {
    let Some((_, parent, _, last)) = open.last_mut() else {
        root.insert(name, value);
        return Some(());
    };
    if parent.contains_key(&name) && *last != name {
        return None;
    }
    last.clone_from(&name);
    add(parent, name, value);
    Some(())
}

/// Writes a document.
pub(super) fn write(tree: &Value) -> Vec<u8> {
    let mut out = String::new();
    for (name, value) in tree.as_object().into_iter().flatten() {
        if name == DECLARATION {
            out.push_str("<?");
            out.push_str(value.as_str().unwrap_or_default());
            out.push_str("?>");
        } else {
            element(name, value, &mut out);
        }
    }
    out.into_bytes()
}

fn element(name: &str, value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| element(name, item, out)),
        Value::Null => {
            out.push('<');
            out.push_str(name);
            out.push_str("/>");
        }
        Value::Object(members) => {
            out.push('<');
            out.push_str(name);
            for (attribute, value) in members.iter().filter(|(name, _)| name.starts_with('@')) {
                out.push(' ');
                out.push_str(&attribute[1..]);
                out.push_str("=\"");
                out.push_str(&escaped(value));
                out.push('"');
            }
            let mut inner = members.iter().filter(|(name, _)| !name.starts_with('@')).peekable();
            if inner.peek().is_none() {
                return out.push_str("/>");
            }
            out.push('>');
            for (inner, value) in inner {
                match inner == TEXT {
                    true => out.push_str(&escaped(value)),
                    false => element(inner, value, out),
                }
            }
            closed(name, out);
        }
        text => {
            out.push('<');
            out.push_str(name);
            out.push('>');
            out.push_str(&escaped(text));
            closed(name, out);
        }
    }
}

fn closed(name: &str, out: &mut String) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn escaped(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    quick_xml::escape::partial_escape(&*text).replace('"', "&quot;")
}
