//! HAR 1.2 archives, entry by entry: exchanges with their bodies and timings.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufReader, Read};
use std::rc::Rc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{DocumentReport, Taker};
use crate::domain::body::BodyKind;
use crate::domain::endpoint::{BackendId, Body, ExchangeSample, Observation, Provenance};

/// Bytes of one entry. 32 MiB: bodies longer than a tenth of it teach nothing but their length.
const ENTRY_BYTES_MAX: u64 = 32 << 20;

/// Origins told apart when the API's is looked for.
const ORIGINS_MAX: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: String,
    #[serde(default)]
    time: f64,
    request: HarRequest,
    response: HarResponse,
    #[serde(default)]
    timings: Option<Timings>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Line>,
    #[serde(default)]
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct HarResponse {
    status: i64,
    #[serde(default)]
    headers: Vec<Line>,
    #[serde(default)]
    content: Content,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Content {
    size: i64,
    mime_type: String,
    text: Option<String>,
    encoding: Option<String>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}

impl Default for Timings {
    fn default() -> Self {
        Self { send: -1.0, wait: -1.0, receive: -1.0 }
    }
}

/// The origin of the API in an archive: the one with the most JSON answers, else the most answers.
///
/// # Errors
/// Why it is no archive.
pub fn main_origin(archive: impl Read) -> Result<Option<String>, String> {
    let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    each_entry(archive, &mut |entry| {
        let origin = split_url(&entry.request.url).0;
        let json = BodyKind::declared_by(&entry.response.content.mime_type) == Some(BodyKind::Json);
        if counts.len() < ORIGINS_MAX || counts.contains_key(origin) {
            let count = counts.entry(origin.to_owned()).or_default();
            *count = (count.0 + u64::from(json), count.1 + 1);
        }
        true
    })?;
    Ok(counts.into_iter().max_by_key(|(_, count)| *count).map(|(origin, _)| origin))
}

/// Reads an archive: what was asked of `origin`, or of any where that is not given.
///
/// # Errors
/// Why it is no archive; what came before the error was taken.
pub fn read(
    archive: impl Read,
    origin: Option<&str>,
    now_ms: i64,
    report: &mut DocumentReport,
    take: &mut Taker<'_>,
) -> Result<(), String> {
    each_entry(archive, &mut |entry| {
        let asked = split_url(&entry.request.url).0.to_owned();
        if origin.is_some_and(|origin| origin != asked) {
            report.leave(format!("asked of {asked}"));
            return true;
        }
        match observation(entry, now_ms) {
            Ok(observation) => {
                report.take("exchanges", 1);
                take(observation)
            }
            Err(why) => {
                report.leave(why);
                true
            }
        }
    })
}

/// Origin, path and query of a URL, as they stand there.
pub(super) fn split_url(url: &str) -> (&str, &str, &str) {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let path_at =
        url[after_scheme..].find(['/', '?', '#']).map_or(url.len(), |at| after_scheme + at);
    let (origin, rest) = url.split_at(path_at);
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (origin, if path.is_empty() { "/" } else { path }, query)
}

fn observation(entry: Entry, now_ms: i64) -> Result<Observation, &'static str> {
    let Entry { started_date_time, time, request, response, timings } = entry;
    let status = u16::try_from(response.status).ok().filter(|s| (100..1000).contains(s));
    let status = status.ok_or("no answer, or none with a status")?;
    let (_, path, query) = split_url(&request.url);
    if !path.starts_with('/') || path.bytes().any(|byte| byte <= b' ') {
        return Err("no path that a request could have");
    }
    let method = request.method.to_ascii_uppercase();
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err("no method that a request could have");
    }
    let (first_byte_us, total_us) = durations(time, timings.unwrap_or_default());
    let started = started_date_time.parse::<Timestamp>().ok();
    let at_ms = started.map_or(now_ms, |at| at.as_millisecond() + (total_us / 1_000) as i64);
    let request_body = request.post_data.map(|data| body(data.text.into_bytes(), data.mime_type));
    Ok(Observation {
        at_ms,
        provenance: Provenance::Upstream,
        backend: BackendId::ONLY,
        method: method.into(),
        path: path.into(),
        status,
        first_byte_us,
        total_us,
        sample: Some(Box::new(ExchangeSample {
            query: query.into(),
            request_headers: lines(request.headers),
            request_body: request_body.unwrap_or_else(|| body(Vec::new(), String::new())),
            response_headers: lines(response.headers),
            response_body: content(response.content),
            conversation: None,
        })),
    })
}

/// First and last byte, µs, from the request leaving.
fn durations(time: f64, timings: Timings) -> (u64, u64) {
    let known = |ms: f64| if ms.is_finite() && ms > 0.0 { ms.min(86_400e3) } else { 0.0 };
    let wait = known(timings.wait);
    let parts = wait + known(timings.receive);
    let total = if parts > 0.0 { parts } else { known(time) };
    let first = if wait > 0.0 { wait } else { total };
    ((first * 1e3) as u64, (total * 1e3) as u64)
}

/// What belongs to the connection or to how bytes were sent is not part of the message here: the
/// archive holds bodies decoded.
fn lines(headers: Vec<Line>) -> Vec<(Box<str>, Bytes)> {
    const LEFT: [&str; 7] = [
        "content-encoding",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "upgrade",
        "te",
    ];
    let own = headers.into_iter().map(|line| (line.name.to_ascii_lowercase(), line.value));
    own.filter(|(name, _)| !name.starts_with(':') && !LEFT.contains(&name.as_str()))
        .map(|(name, value)| (name.into(), Bytes::from(value)))
        .collect()
}

fn body(bytes: Vec<u8>, media: String) -> Body {
    Body {
        is_endless: false,
        content_type: (!media.is_empty()).then(|| media.into()),
        content_encoding: None,
        total_bytes: bytes.len() as u64,
        bytes,
        complete: true,
    }
}

fn content(content: Content) -> Body {
    let Content { size, mime_type, text, encoding } = content;
    let size = u64::try_from(size).unwrap_or_default();
    let Some(text) = text else {
        // Left out by whoever recorded it: the length is all that is known.
        let mut unknown = body(Vec::new(), mime_type);
        (unknown.complete, unknown.total_bytes) = (size == 0, size);
        return unknown;
    };
    let bytes = match encoding.as_deref() {
        Some("base64") => BASE64_STANDARD.decode(text.as_bytes()).unwrap_or_default(),
        _ => text.into_bytes(),
    };
    body(bytes, mime_type)
}

/// Hands on the entries of an archive without holding more than one of them.
fn each_entry(archive: impl Read, take: &mut dyn FnMut(Entry) -> bool) -> Result<(), String> {
    let left = Rc::new(Cell::new(ENTRY_BYTES_MAX));
    let metered = Metered { inner: BufReader::new(archive), left: Rc::clone(&left) };
    let mut stopped = false;
    let mut reading = serde_json::Deserializer::from_reader(metered);
    let archive = ArchiveSeed { take, left: &left, stopped: &mut stopped, depth: 0 };
    match archive.deserialize(&mut reading) {
        Ok(()) => Ok(()),
        // Whoever takes the entries wanted no more.
        Err(_) if stopped => Ok(()),
        Err(error) => Err(format!("no HAR archive: {error}")),
    }
}

/// A reader that fails when one entry takes too much.
struct Metered<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        let left = self.left.get().checked_sub(read as u64);
        let too_long = || std::io::Error::other("an entry is too long");
        self.left.set(left.ok_or_else(too_long)?);
        Ok(read)
    }
}

/// Walks to `log.entries`.
struct ArchiveSeed<'s> {
    take: &'s mut dyn FnMut(Entry) -> bool,
    left: &'s Cell<u64>,
    stopped: &'s mut bool,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for ArchiveSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reading: D) -> Result<(), D::Error> {
        if self.depth < 2 { reading.deserialize_map(self) } else { reading.deserialize_seq(self) }
    }
}

impl<'de> Visitor<'de> for ArchiveSeed<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("`log` with a list `entries`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { take, left, stopped, depth } = self;
        let wanted = if depth == 0 { "log" } else { "entries" };
        let mut found = false;
        while let Some(name) = members.next_key::<String>()? {
            left.set(ENTRY_BYTES_MAX);
            if name == wanted {
                found = true;
                let inner = ArchiveSeed {
                    take: &mut *take,
                    left,
                    stopped: &mut *stopped,
                    depth: depth + 1,
                };
                members.next_value_seed(inner)?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        let missing = || serde::de::Error::custom(format!("`{wanted}` is missing"));
        if found { Ok(()) } else { Err(missing()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element::<Entry>()? {
            self.left.set(ENTRY_BYTES_MAX);
            if !(self.take)(entry) {
                *self.stopped = true;
                return Err(serde::de::Error::custom("enough"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(entries: &str) -> String {
        format!(r#"{{"log":{{"version":"1.2","creator":{{}},"entries":[{entries}]}}}}"#)
    }

    const ENTRY: &str = r#"{"startedDateTime":"2026-01-01T00:00:00Z","time":12.5,
        "request":{"method":"get","url":"http://api.test/users/7?x=%20","headers":[]},
        "response":{"status":200,"headers":[{"name":"Content-Type","value":"application/json"},
        {"name":"Content-Encoding","value":"gzip"}],
        "content":{"size":8,"mimeType":"application/json","text":"{\"id\":7}"}},
        "timings":{"send":0,"wait":10,"receive":2}}"#;

    #[test]
    fn an_entry_becomes_an_exchange_with_its_times() {
        let text = archive(ENTRY);
        let (mut report, mut taken) = (DocumentReport::of("har"), Vec::new());
        assert_eq!(main_origin(text.as_bytes()), Ok(Some("http://api.test".to_owned())));
        let done = read(text.as_bytes(), None, 0, &mut report, &mut |observation| {
            taken.push(observation);
            true
        });
        assert_eq!((done, taken.len()), (Ok(()), 1));
        let observation = &taken[0];
        assert_eq!((&*observation.path, observation.status), ("/users/7", 200));
        assert_eq!((observation.first_byte_us, observation.total_us), (10_000, 12_000));
        let sample = observation.sample.as_deref().unwrap();
        assert_eq!((&*sample.query, sample.response_headers.len()), ("x=%20", 1));
        assert_eq!(sample.response_body.bytes, br#"{"id":7}"#);
    }

    #[test]
    fn what_is_no_archive_or_has_an_endless_entry_is_refused() {
        let mut report = DocumentReport::of("har");
        let mut none = |_observation: Observation| true;
        assert!(read(&b"{\"log\":{}}"[..], None, 0, &mut report, &mut none).is_err());
        let long = archive(&ENTRY.replace("id", &"x".repeat(ENTRY_BYTES_MAX as usize)));
        let refused = read(long.as_bytes(), None, 0, &mut report, &mut none).unwrap_err();
        assert!(refused.contains("too long"), "{refused}");
    }
}
