//! What a consumer uploads is what it downloads, where the backend did so.
//!
//! A file is found again by the path that it was put under, by the address that the answer to its
//! upload led to, or by an id that stood in that answer. Which of them, and where downloads are,
//! is learned from downloads whose bytes were those of an earlier upload.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::turn::{SiteAnswer, Turn};
use crate::domain::media::{digest, form};
use crate::domain::world::pointer::{Pointer, as_segment, at, last_member, leaves};
use crate::domain::world::{Document, Request, Seen, SitePlace, UploadedFile, fingerprint};

/// Downloads that must have been the upload, and share of them.
const DOWNLOADS_MIN: u32 = 3;
const DOWNLOADS_SHARE: f64 = 0.8;

/// Values of one answer that may be the name of an upload.
const VALUES_MAX: usize = 64;

/// Where the name of an upload stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum UploadName {
    /// The path of its request.
    Path,
    /// `Location` of its answer.
    Location,
    /// An address in its answer.
    Link(Pointer),
    /// An id in its answer.
    Member(Pointer),
}

/// What is known of uploads and downloads.
#[derive(Debug, Clone, Default)]
pub struct Uploads {
    names: FxHashMap<Arc<SitePlace>, Vec<UploadName>>,
    downloads: FxHashSet<Arc<SitePlace>>,
}

/// Hits and trials of one way from an upload to a download.
type Ways<'s> = FxHashMap<(&'s Arc<SitePlace>, &'s Arc<SitePlace>, UploadName), (u32, u32)>;

impl Uploads {
    /// Learns from exchanges in the order of time.
    #[must_use]
    pub fn learn(seen: &[Seen]) -> Self {
        type Known<'s> = (&'s Arc<SitePlace>, UploadName, String);
        let mut known: FxHashMap<u64, Known<'_>> = FxHashMap::default();
        let mut ways: Ways<'_> = FxHashMap::default();
        for one in seen.iter().filter(|one| one.exchange.is_ok() && !one.exchange.is_veiled) {
            let exchange = &one.exchange;
            if !exchange.request.reads() {
                let Some(digest) = sent_digest(&exchange.request) else { continue };
                for (name, key) in names(&exchange.request, &exchange.headers, &exchange.body) {
                    known.insert(key, (&one.place, name, digest.clone()));
                }
                continue;
            }
            if exchange.bytes.is_empty() {
                continue;
            }
            let hits = asked(&exchange.request, &one.place);
            let mut got: Option<String> = None;
            for (writer, name, digest) in hits.iter().filter_map(|key| known.get(key)) {
                let got = got.get_or_insert_with(|| digest_of(&exchange.bytes));
                let counts = ways.entry((&one.place, *writer, name.clone())).or_default();
                counts.0 += u32::from(got == digest);
                counts.1 += 1;
            }
        }
        let mut found = Self::default();
        for ((reader, writer, name), (hits, trials)) in ways {
            if hits >= DOWNLOADS_MIN && f64::from(hits) >= DOWNLOADS_SHARE * f64::from(trials) {
                found.downloads.insert(Arc::clone(reader));
                let names = found.names.entry(Arc::clone(writer)).or_default();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        found
    }

    /// Whether an endpoint takes uploads or gives downloads.
    #[must_use]
    pub fn concern(&self, place: &SitePlace) -> bool {
        self.names.contains_key(place) || self.gives(place)
    }

    /// Whether files are downloaded here; a HEAD asks for what its GET gives.
    fn gives(&self, place: &SitePlace) -> bool {
        if &*place.method == "HEAD" {
            let get = SitePlace { method: "GET".into(), template: place.template.clone() };
            return self.downloads.contains(&get);
        }
        self.downloads.contains(place)
    }
}

impl Turn<'_> {
    /// The file that the request asks for, where this consumer uploaded it.
    #[must_use]
    pub fn uploaded(&self) -> Option<SiteAnswer> {
        if !self.site.uploads.gives(self.place) {
            return None;
        }
        let keys = asked(&self.request, self.place);
        let file = keys.into_iter().find_map(|key| self.world.uploads.find(key))?;
        let mut answer = SiteAnswer { body: file.bytes.to_vec(), ..SiteAnswer::default() };
        if !file.media.is_empty() {
            answer.set("content-type", Some(file.media.to_string()));
        }
        if let Some(etag) = &file.etag {
            answer.set("etag", Some(etag.to_string()));
        }
        Some(answer)
    }

    /// Keeps the file that was uploaded with success, and forgets what was deleted.
    pub fn keep_upload(
        &mut self,
        bytes: &[u8],
        (status, headers): (u16, &[(Box<str>, String)]),
        answer: &SiteAnswer,
    ) {
        if !(200..300).contains(&status) || self.request.reads() {
            return;
        }
        if &*self.request.method == "DELETE" {
            return self.world.uploads.forget(path_key(&self.request.target));
        }
        let Some(known) = self.site.uploads.names.get(self.place) else { return };
        let content_type = self.request.header("content-type").unwrap_or_default();
        let (media, bytes) = match form::files(bytes, content_type) {
            Some(files) => match files.as_slice() {
                [(media, bytes)] => (media.clone(), *bytes),
                _ => return,
            },
            None => (content_type.to_owned(), bytes),
        };
        let document = answer.document.clone().map_or(Document::None, Document::Json);
        let all = names(&self.request, headers, &document);
        let keys = all.into_iter().filter(|(name, _)| known.contains(name)).map(|(_, key)| key);
        let etag = headers.iter().find(|(name, _)| &**name == "etag");
        let file = UploadedFile {
            bytes: bytes.into(),
            media: media.into(),
            etag: etag.map(|(_, value)| value.as_str().into()),
        };
        self.world.uploads.keep(&keys.collect::<Vec<u64>>(), &file);
    }
}

/// All that may be the name of an upload, with the keys under which a download would ask for it.
fn names(
    request: &Request,
    headers: &[(Box<str>, String)],
    answer: &Document,
) -> Vec<(UploadName, u64)> {
    let mut found = vec![(UploadName::Path, path_key(&request.target))];
    let location = headers.iter().find(|(name, _)| &**name == "location");
    found.extend(location.map(|(_, address)| (UploadName::Location, path_key(address))));
    let Some(tree) = answer.tree_of_any() else { return found };
    for (place, value) in leaves(tree).into_iter().take(VALUES_MAX) {
        let Some(text) = at(tree, &place).and_then(as_segment) else { continue };
        if value.is_string() && text.contains('/') {
            found.push((UploadName::Link(place), path_key(&text)));
        } else if !text.is_empty() {
            found.push((UploadName::Member(place), id_key(&text)));
        }
    }
    found
}

/// The keys of what a request asks for: its path, and the ids in it, the last one first.
fn asked(request: &Request, place: &SitePlace) -> Vec<u64> {
    let variables = request.segments.iter().zip(&place.template.0).rev();
    let ids = variables.filter(|(_, literal)| literal.is_none()).map(|(id, _)| id_key(id));
    std::iter::once(path_key(&request.target)).chain(ids).collect()
}

/// The key of an address: its path, decoded, whatever host stands before it.
fn path_key(address: &str) -> u64 {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => path,
    };
    fingerprint(&["path", &percent_decode_str(path).decode_utf8_lossy()])
}

fn id_key(id: &str) -> u64 {
    fingerprint(&["id", id])
}

/// The digest of the one file that a request brings.
fn sent_digest(request: &Request) -> Option<String> {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    if let Some(content) = &request.content {
        return content.get("sha256").and_then(text);
    }
    let is_form = request.header("content-type")?.starts_with("multipart/");
    let tree = request.body.json().filter(|_| is_form)?;
    let is_digest = |place: &Pointer| last_member(place) == Some("sha256");
    let mut digests = leaves(tree).into_iter().filter(|(place, _)| is_digest(place));
    let first = digests.next().and_then(|(_, value)| text(value));
    first.filter(|_| digests.next().is_none())
}

fn digest_of(bytes: &[u8]) -> String {
    let said = digest::said_of(bytes);
    said.get("sha256").and_then(Value::as_str).unwrap_or_default().to_owned()
}
