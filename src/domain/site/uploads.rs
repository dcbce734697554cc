//! What a consumer uploads is what it downloads, where the backend did so.
//!
//! A file is found again by the path that it was put under, by the address that the answer to its
//! upload led to, or by an id that stood in that answer. Which of them, and where downloads are,
//! is learned from downloads whose bytes were those of an earlier upload.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::domain::media::digest;
use crate::domain::world::pointer::{Pointer, as_segment, at, last_member, leaves};
use crate::domain::world::{Document, Request, Seen, SitePlace, fingerprint};

/// Downloads that must have been the upload, and share of them.
const DOWNLOADS_MIN: u32 = 3;
const DOWNLOADS_SHARE: f64 = 0.8;

/// Values of one answer that may be the name of an upload.
const VALUES_MAX: usize = 64;

/// Where the name of an upload stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum UploadName {
    /// The path of its request.
    Path,
    /// `Location` of its answer.
    Location,
    /// An address in its answer.
    Link(Pointer),
    /// An id in its answer.
    Member(Pointer),
}

/// The name of what is put under its path.
pub(super) const BY_PATH: &[UploadName] = &[UploadName::Path];

/// What is known of uploads and downloads.
#[derive(Debug, Clone, Default)]
pub struct Uploads {
    pub(super) names: FxHashMap<Arc<SitePlace>, Vec<UploadName>>,
    downloads: FxHashSet<Arc<SitePlace>>,
    /// Whether all over the site what was put under a path is got there.
    pub(super) by_path: bool,
    /// Headers of downloads that are those of the upload or of its answer, and beginnings of their
    /// names.
    pub(super) mirrored: FxHashSet<Box<str>>,
}

/// Hits and trials.
type Votes = (u32, u32);

/// Votes on one way from an upload to a download.
type Ways<'s> = FxHashMap<(&'s Arc<SitePlace>, &'s Arc<SitePlace>, UploadName), Votes>;

/// Headers that are of the message and not of the file.
const MESSAGE_HEADERS: [&str; 7] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "server",
    "transfer-encoding",
];

/// Headers that one file brings along, and bytes of each.
const HEADERS_MAX: usize = 32;
const HEADER_BYTES_MAX: usize = 1 << 10;

fn is_sure((hits, trials): Votes) -> bool {
    hits >= DOWNLOADS_MIN && f64::from(hits) >= DOWNLOADS_SHARE * f64::from(trials)
}

impl Uploads {
    /// Learns from exchanges in the order of time.
    #[must_use]
    pub fn learn(seen: &[Seen]) -> Self {
        let mut known: FxHashMap<u64, (&Seen, UploadName, String)> = FxHashMap::default();
        let mut ways: Ways<'_> = FxHashMap::default();
        let mut heads: FxHashMap<&str, Votes> = FxHashMap::default();
        for one in seen.iter().filter(|one| one.exchange.is_ok() && !one.exchange.is_veiled) {
            let exchange = &one.exchange;
            if !exchange.request.reads() {
                let Some(digest) = sent_digest(&exchange.request) else { continue };
                for (name, key) in names(&exchange.request, &exchange.headers, &exchange.body) {
                    known.insert(key, (one, name, digest.clone()));
                }
                continue;
            }
            // What came in part is no download.
            if exchange.bytes.is_empty() || exchange.status != 200 {
                continue;
            }
            let mut got: Option<String> = None;
            for key in asked(&exchange.request, &one.place) {
                let Some((upload, name, digest)) = known.get(&key) else { continue };
                let got = got.get_or_insert_with(|| digest_of(&exchange.bytes));
                let is_it = got == digest;
                let votes = ways.entry((&one.place, &upload.place, name.clone())).or_default();
                votes.0 += u32::from(is_it);
                votes.1 += 1;
                if is_it {
                    compare(upload, one, &mut heads);
                }
            }
        }
        Self::of(ways, &heads)
    }

    fn of(ways: Ways<'_>, heads: &FxHashMap<&str, Votes>) -> Self {
        let mut found = Self::default();
        let mut by_path = (0, 0);
        for ((reader, writer, name), votes) in ways {
            if name == UploadName::Path {
                by_path = (by_path.0 + votes.0, by_path.1 + votes.1);
            }
            if is_sure(votes) {
                found.downloads.insert(Arc::clone(reader));
                let names = found.names.entry(Arc::clone(writer)).or_default();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        found.by_path = is_sure(by_path);
        for (name, _) in heads.iter().filter(|(_, votes)| is_sure(**votes)) {
            found.mirrored.insert((*name).into());
            // `x-store-meta-owner` says what `x-store-meta-colour` would.
            let stem = name.rsplit_once('-').map(|(stem, _)| stem);
            if let Some(stem) = stem.filter(|stem| stem.matches('-').count() >= 2) {
                found.mirrored.insert(format!("{stem}-").into());
            }
        }
        found
    }

    /// Whether an endpoint takes uploads or gives downloads.
    #[must_use]
    pub fn concern(&self, place: &SitePlace) -> bool {
        let writes = matches!(&*place.method, "PUT" | "DELETE");
        self.names.contains_key(place) || self.gives(place) || (self.by_path && writes)
    }

    /// Whether files are downloaded here; a HEAD asks for what its GET gives.
    pub(super) fn gives(&self, place: &SitePlace) -> bool {
        if !matches!(&*place.method, "GET" | "HEAD") {
            return false;
        }
        let get = SitePlace { method: "GET".into(), template: place.template.clone() };
        self.by_path || self.downloads.contains(&get)
    }

    /// Whether a header comes back with the file that it came with.
    fn mirrors(&self, name: &str) -> bool {
        let stem = name.rsplit_once('-').map(|(stem, _)| format!("{stem}-"));
        self.mirrored.contains(name)
            || stem.is_some_and(|stem| self.mirrored.contains(stem.as_str()))
    }
}

/// Votes for the headers of a download that are those of its upload or of the answer to it.
fn compare<'s>(upload: &Seen, download: &'s Seen, heads: &mut FxHashMap<&'s str, Votes>) {
    let headers = download.exchange.headers.iter();
    for (name, value) in headers.filter(|(name, _)| !MESSAGE_HEADERS.contains(&&**name)) {
        let sent = upload.exchange.request.header(name);
        let answered = upload.exchange.header(name);
        if sent.is_none() && answered.is_none() {
            continue;
        }
        let votes = heads.entry(&**name).or_default();
        votes.0 += u32::from([sent, answered].contains(&Some(value.as_str())));
        votes.1 += 1;
    }
}

impl Uploads {
    /// Those of the headers that come back with a file; the first one of each name.
    pub(super) fn mirrored_of<'h>(
        &self,
        headers: impl Iterator<Item = &'h (Box<str>, String)>,
    ) -> Vec<(Box<str>, String)> {
        let mut kept: Vec<(Box<str>, String)> = Vec::new();
        for (name, value) in headers {
            let is_new = kept.iter().all(|(known, _)| known != name);
            let fits = kept.len() < HEADERS_MAX && value.len() <= HEADER_BYTES_MAX;
            if is_new && fits && !MESSAGE_HEADERS.contains(&&**name) && self.mirrors(name) {
                kept.push((name.clone(), value.clone()));
            }
        }
        kept
    }
}

/// All that may be the name of an upload, with the keys under which a download would ask for it.
pub(super) fn names(
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
pub(super) fn asked(request: &Request, place: &SitePlace) -> Vec<u64> {
    let variables = request.segments.iter().zip(&place.template.0).rev();
    let ids = variables.filter(|(_, literal)| literal.is_none()).map(|(id, _)| id_key(id));
    std::iter::once(path_key(&request.target)).chain(ids).collect()
}

/// The key of an address: its path, decoded, whatever host stands before it.
pub(super) fn path_key(address: &str) -> u64 {
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
