//! Archives whose entries have stand-ins: ZIP (PKWARE APPNOTE 6.3) and gzip (RFC 1952).

use std::io::{Read as _, Write as _};

use super::reading::{bytes, le16, le32, u32_of};
use super::{FileKind, FilePattern, office};

/// Entries at most.
const ENTRIES_MAX: usize = 1_000;

/// Decoded bytes of one archive at most.
const DECODED_BYTES_MAX: usize = 1 << 20;

/// Bytes of the heads of one entry: the local one and the one in the directory.
const ENTRY_HEADS_BYTES: usize = 30 + 46;

/// Bytes of the end of the directory, and of a comment there at most.
const END_BYTES: usize = 22;
const COMMENT_BYTES_MAX: usize = 0xffff;

/// An entry of an archive.
struct ZipEntry {
    name: String,
    /// Its content, decoded; `None` where it is too large or damaged.
    content: Option<Vec<u8>>,
    /// Bytes that it had.
    bytes: usize,
}

/// A ZIP with the entries of the recorded one; the smallest document of its kind where it is one
/// of Office Open XML.
pub fn zip(pattern: &FilePattern<'_>) -> Vec<u8> {
    let entries = entries(pattern.like);
    let names: Vec<&str> = entries.iter().map(|entry| &*entry.name).collect();
    if let Some(parts) = office::parts(&names, pattern.media) {
        return written(parts.iter().map(|(n, c)| (*n, c.as_bytes())), pattern.bytes);
    }
    let mut shown: Vec<(String, Vec<u8>)> = Vec::with_capacity(entries.len());
    for entry in &entries {
        let content = match &entry.content {
            Some(content) => self::content(pattern, content),
            None => vec![0; entry.bytes.min(DECODED_BYTES_MAX)],
        };
        let mut name = name(pattern, &entry.name);
        if shown.iter().any(|(known, _)| *known == name) {
            name = format!("{}-{name}", shown.len());
        }
        shown.push((name, content));
    }
    if shown.is_empty() {
        let frame = ENTRY_HEADS_BYTES + 2 * "file.txt".len() + END_BYTES;
        let size = pattern.bytes.saturating_sub(frame);
        shown.push(("file.txt".to_owned(), vec![b'\n'; size]));
    }
    written(shown.iter().map(|(name, content)| (&**name, &**content)), pattern.bytes)
}

/// The entries of a directory.
fn entries(like: &[u8]) -> Vec<ZipEntry> {
    let mut found = Vec::new();
    let end = memchr::memmem::rfind(like, b"PK\x05\x06");
    let mut decoded = 0;
    let mut at = end.and_then(|end| le32(like, end + 16));
    while let Some(here) = at.filter(|here| bytes(like, *here) == Some(*b"PK\x01\x02")) {
        let fields = || {
            let lengths = le16(like, here + 28)?;
            let name = like.get(here + 46..here + 46 + lengths)?;
            let next = here + 46 + lengths + le16(like, here + 30)? + le16(like, here + 32)?;
            let (method, coded) = (le16(like, here + 10)?, le32(like, here + 20)?);
            Some((name, next, method, coded, le32(like, here + 24)?, le32(like, here + 42)?))
        };
        let Some((name, next, method, coded, size, local)) = fields() else { break };
        let left = DECODED_BYTES_MAX - decoded;
        let content = (size <= left).then(|| inflated(like, local, (method, coded, size)));
        let content = content.flatten();
        decoded += content.as_ref().map_or(0, Vec::len);
        let name = String::from_utf8_lossy(name).into_owned();
        found.push(ZipEntry { name, content, bytes: size });
        at = Some(next).filter(|_| found.len() < ENTRIES_MAX);
    }
    found
}

/// The content behind a local head, by its method, its bytes here and those decoded.
fn inflated(
    like: &[u8],
    local: usize,
    (method, coded, size): (usize, usize, usize),
) -> Option<Vec<u8>> {
    let from = local.checked_add(30)? + le16(like, local + 26)? + le16(like, local + 28)?;
    let data = like.get(from..from.checked_add(coded)?)?;
    match method {
        0 => Some(data.to_vec()),
        8 => {
            let mut out = Vec::new();
            let mut decoder = flate2::read::DeflateDecoder::new(data).take(size as u64);
            decoder.read_to_end(&mut out).ok().map(|_| out)
        }
        _ => None,
    }
}

/// What stands in for the content of an entry.
pub fn content(pattern: &FilePattern<'_>, content: &[u8]) -> Vec<u8> {
    if let Some(kind) = FileKind::of_bytes(content) {
        let inner = pattern.within(content).and_then(|inner| kind.make(&inner));
        return inner.unwrap_or_else(|| vec![0; content.len()]);
    }
    let Ok(text) = str::from_utf8(content) else { return vec![0; content.len()] };
    match serde_json::from_str(text) {
        Ok(tree) => json(pattern, tree).to_string().into_bytes(),
        Err(_) if text.trim_start().starts_with("<?xml") => {
            b"<?xml version=\"1.0\"?><root/>".into()
        }
        Err(_) => (pattern.text)(text).into_bytes(),
    }
}

/// A tree with stand-ins for its texts and for the names of its members.
fn json(pattern: &FilePattern<'_>, tree: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match tree {
        Value::String(text) => (pattern.text)(&text).into(),
        Value::Number(number) => {
            let shown = (pattern.text)(&number.to_string());
            serde_json::from_str(&shown).unwrap_or(Value::Null)
        }
        Value::Array(items) => items.into_iter().map(|item| json(pattern, item)).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| ((pattern.text)(&name), json(pattern, value)))
            .collect(),
        other => other,
    }
}

/// Bytes of what a name ends with at most, so that it says the kind of the file.
const EXTENSION_BYTES_MAX: usize = 5;

/// What stands in for the name of an entry: what it ends with stays.
pub fn name(pattern: &FilePattern<'_>, name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if (1..=EXTENSION_BYTES_MAX).contains(&extension.len())
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            format!("{}.{extension}", (pattern.text)(stem))
        }
        _ => (pattern.text)(name),
    }
}

/// Bytes from which compressing makes room for what fills up the size.
const STORED_BYTES_MAX: usize = 64;

/// A ZIP of entries; a comment fills up the size.
fn written<'e>(entries: impl Iterator<Item = (&'e str, &'e [u8])>, bytes: usize) -> Vec<u8> {
    let (mut out, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
    for (name, content) in entries {
        // What has room is stored as it is, so that the size is what was asked for.
        let frame = ENTRY_HEADS_BYTES + 2 * name.len() + END_BYTES;
        let taken = out.len() + directory.len() + frame + content.len();
        let is_stored = content.len() <= STORED_BYTES_MAX || taken <= bytes;
        let coded = if is_stored { Vec::new() } else { deflate(content) };
        let is_coded = !coded.is_empty();
        let data = if is_coded { &coded } else { content };
        let mut sum = flate2::Crc::new();
        sum.update(content);
        // Version 2.0, the name in UTF-8, the method, and the first of January 1980.
        let mut head = vec![20, 0, 0, 8, if is_coded { 8 } else { 0 }, 0, 0, 0, 0x21, 0];
        head.extend(sum.sum().to_le_bytes());
        head.extend(u32_of(data.len()).to_le_bytes());
        head.extend(u32_of(content.len()).to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(u32_of(out.len()).to_le_bytes());
        directory.extend(name.bytes());
        out.extend(b"PK\x03\x04");
        out.extend(head);
        out.extend(name.bytes());
        out.extend(data);
        count += 1;
    }
    let (start, length) = (out.len(), directory.len());
    out.extend(directory);
    let comment = bytes.saturating_sub(out.len() + END_BYTES).min(COMMENT_BYTES_MAX);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend(u32_of(length).to_le_bytes());
    out.extend(u32_of(start).to_le_bytes());
    out.extend((comment as u16).to_le_bytes());
    out.resize(out.len() + comment, b' ');
    out
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let fast = flate2::Compression::fast();
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), fast);
    // Writing to memory does not fail.
    let _ = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}

/// A gzip of what stands in for its content; a comment fills up the size.
pub fn gzip(pattern: &FilePattern<'_>) -> Vec<u8> {
    const HEAD_BYTES: usize = 10;
    const SUM_BYTES: usize = 8;
    let mut inner = Vec::new();
    let decoder = flate2::read::GzDecoder::new(pattern.like);
    // What is cut or damaged says as much as could be read.
    let _ = decoder.take(DECODED_BYTES_MAX as u64).read_to_end(&mut inner);
    let inner = if inner.is_empty() { vec![b'\n'; 64] } else { content(pattern, &inner) };
    let data = deflate(&inner);
    let left = pattern.bytes.saturating_sub(HEAD_BYTES + data.len() + SUM_BYTES);
    // Method deflate, a comment where there is room for one, no time, unknown system.
    let has_comment = if left > 0 { 0x10 } else { 0 };
    let mut out = vec![0x1f, 0x8b, 8, has_comment, 0, 0, 0, 0, 0, 0xff];
    if left > 0 {
        out.extend(std::iter::repeat_n(b' ', left - 1));
        out.push(0);
    }
    out.extend(data);
    let mut sum = flate2::Crc::new();
    sum.update(&inner);
    out.extend(sum.sum().to_le_bytes());
    out.extend(sum.amount().to_le_bytes());
    out
}
