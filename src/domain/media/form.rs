//! Forms: pairs in a line (WHATWG URL, section 5.1), or parts between boundaries (RFC 7578).

use serde_json::{Map, Value};

use super::digest::said_of;
use super::repeated::add;

/// Bytes of a part that is no file up to which it is a value.
const VALUE_BYTES_MAX: usize = 16 << 10;

/// Reads pairs as an object of texts.
pub(super) fn read_pairs(bytes: &[u8]) -> Value {
    let mut object = Map::new();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        add(&mut object, name.into_owned(), value.into_owned().into());
    }
    Value::Object(object)
}

/// Writes an object as pairs.
pub(super) fn write_pairs(tree: &Value) -> Vec<u8> {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in tree.as_object().into_iter().flatten() {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            match value {
                Value::String(text) => out.append_pair(name, text),
                other => out.append_pair(name, &other.to_string()),
            };
        }
    }
    out.finish().into_bytes()
}

/// A part between boundaries.
struct FormPart<'b> {
    name: String,
    /// The name of the file that it is.
    filename: Option<String>,
    media: String,
    body: &'b [u8],
}

/// The parts of a form; `None` where it is none or broken.
fn parts<'b>(bytes: &'b [u8], content_type: &str) -> Option<Vec<FormPart<'b>>> {
    let boundary = parameter(content_type, "boundary")?;
    let delimiter = format!("--{boundary}").into_bytes();
    let mut starts = memchr::memmem::find_iter(bytes, &delimiter).map(|at| at + delimiter.len());
    let mut found = Vec::new();
    let mut from = starts.next()?;
    for next in starts {
        let part = bytes.get(from..next - delimiter.len())?;
        from = next;
        let split = memchr::memmem::find(part, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&part[..split]);
        let body = part.get(split + 4..part.len().saturating_sub(2)).unwrap_or_default();
        let line = |name: &str| {
            let found = head.lines().find(|l| {
                l.split_once(':').is_some_and(|(known, _)| known.eq_ignore_ascii_case(name))
            });
            found.and_then(|l| l.split_once(':')).map(|(_, value)| value.trim().to_owned())
        };
        let said = line("content-disposition")?;
        found.push(FormPart {
            name: parameter(&said, "name")?,
            filename: parameter(&said, "filename"),
            media: line("content-type").unwrap_or_default(),
            body,
        });
    }
    Some(found)
}

/// Reads parts: values as texts, files by name, type, length and digests.
pub(super) fn read_parts(bytes: &[u8], content_type: &str) -> Option<Value> {
    let mut object = Map::new();
    for part in parts(bytes, content_type)? {
        let value = match (part.filename, str::from_utf8(part.body)) {
            (None, Ok(text)) if text.len() <= VALUE_BYTES_MAX => text.into(),
            (file, _) => {
                let mut said = said_of(part.body);
                said.insert("filename".to_owned(), file.unwrap_or_default().into());
                said.insert("type".to_owned(), part.media.into());
                Value::Object(said)
            }
        };
        add(&mut object, part.name, value);
    }
    Some(Value::Object(object))
}

/// The files of a form of parts with their media types; `None` where it is no such form.
#[must_use]
pub fn files<'b>(bytes: &'b [u8], content_type: &str) -> Option<Vec<(String, &'b [u8])>> {
    if !content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        return None;
    }
    let files = parts(bytes, content_type)?.into_iter().filter(|part| part.filename.is_some());
    Some(files.map(|part| (part.media, part.body)).collect())
}

/// A parameter of a header's value, without its quotes.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|pair| {
        let (known, value) = pair.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read_parts;

    #[test]
    fn parts_are_texts_and_files() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
                    --x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\n\
                    content-type: text/plain\r\n\r\nfour\r\n--x--\r\n";
        let read = read_parts(body.as_bytes(), "multipart/form-data; boundary=x");
        let read = read.expect("it is a form");
        assert_eq!((&read["a"], &read["f"]["filename"]), (&json!("1"), &json!("n.txt")));
        assert_eq!((&read["f"]["type"], &read["f"]["size"]), (&json!("text/plain"), &json!(4)));
        assert_eq!(read["f"]["md5"], "8cbad96aced40b3838dd9f07f6ef5772");
        assert_eq!(
            read_parts(b"--x\r\nno head", "multipart/form-data; boundary=x"),
            Some(json!({}))
        );
        assert_eq!(read_parts(b"", "multipart/form-data"), None);
    }
}
