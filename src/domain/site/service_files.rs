//! Files that are the service's own, and nobody else's: they may be shown as they are.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::body::BodyKind;
use crate::domain::files::{FileKind, FilePattern, is_structured, stand_in};
use crate::domain::privacy::is_sensitive_value;
use crate::domain::random::hash::hash_bytes;
use crate::domain::random::seed::mix;
use crate::domain::world::{Document, Seen, SiteExchange, by_place};

/// Answers that must be equal before a file is taken to be the same for everybody.
const EVIDENCE_MIN: usize = 4;

/// Letters in a row that are taken for a text inside a file: compressed bytes seldom have as many.
const TEXT_BYTES_MIN: usize = 16;

/// Letters in a row that may be a mailbox.
const MAILBOX_BYTES_MIN: usize = 6;

/// What is known of the files that answers were.
#[derive(Debug, Clone, Default)]
pub struct ServiceFiles {
    /// Files that never changed, by their hash.
    constant: FxHashSet<u64>,
}

impl ServiceFiles {
    /// Learns which endpoints answer everybody with one and the same file.
    #[must_use]
    pub fn learn(seen: &[Seen]) -> Self {
        let mut constant = FxHashSet::default();
        for (place, own) in by_place(seen) {
            if !matches!(&*place.method, "GET" | "HEAD") {
                continue;
            }
            let is_file = |one: &&&Seen| {
                one.exchange.is_ok()
                    && one.exchange.body == Document::None
                    && !one.exchange.bytes.is_empty()
            };
            let files: Vec<&Seen> = own.iter().filter(is_file).copied().collect();
            let Some(first) = files.first() else { continue };
            let bytes = &first.exchange.bytes;
            let is_same = files.iter().all(|one| one.exchange.bytes == *bytes);
            let is_text = str::from_utf8(bytes).is_ok() && FileKind::of_bytes(bytes).is_none();
            if files.len() >= EVIDENCE_MIN && is_same && !is_text && is_for_all(&files) {
                constant.insert(hash_bytes(bytes));
            }
        }
        Self { constant }
    }

    /// A body without structure as it is shown: a text with stand-ins, a file of the same kind that
    /// says nothing, noise where noise is promised; empty where nothing can stand in for it.
    #[must_use]
    pub fn shown(
        &self,
        exchange: &SiteExchange,
        key: u64,
        text: &dyn Fn(&str) -> String,
    ) -> Vec<u8> {
        let bytes = &*exchange.bytes;
        let media = exchange.header("content-type").unwrap_or_default();
        if exchange.is_veiled || self.may_show(bytes, media) {
            return bytes.to_vec();
        }
        let seed = mix(key, hash_bytes(bytes));
        if let Some(file) = stand_in(&FilePattern::after(bytes, media, seed, text)) {
            return file;
        }
        match str::from_utf8(bytes) {
            Ok(known) => text(known).into_bytes(),
            Err(_) if is_structured(media) => Vec::new(),
            Err(_) => (0..bytes.len() as u64).map(|at| mix(seed, at) as u8).collect(),
        }
    }

    /// Whether a file may be shown: it is the same for everybody, or a font or code, and says
    /// nothing of a person.
    #[must_use]
    pub fn may_show(&self, bytes: &[u8], media: &str) -> bool {
        let is_asset = FileKind::of_bytes(bytes) == Some(FileKind::Font)
            || FileKind::of_media(media) == Some(FileKind::Font)
            || bytes.starts_with(b"\0asm");
        let is_known = self.constant.contains(&hash_bytes(bytes)) && is_structured(media);
        (is_asset || is_known) && !tells(bytes)
    }
}

/// Whether nothing could stand in for the body of an answer. Of one that was stored nothing but
/// its type may be left.
#[must_use]
pub fn is_lost(exchange: &SiteExchange, shown: &SiteExchange) -> bool {
    let had_bytes = !exchange.bytes.is_empty() || (exchange.is_veiled && promises(exchange));
    had_bytes && shown.bytes.is_empty()
}

/// Whether an answer without bytes should have had some that nothing can stand in for.
fn promises(exchange: &SiteExchange) -> bool {
    let Some(media) = exchange.header("content-type") else { return false };
    let kind = FileKind::of_media(media).filter(|kind| *kind != FileKind::Font);
    exchange.is_ok()
        && &*exchange.request.method != "HEAD"
        && exchange.body == Document::None
        && kind.is_none()
        && is_structured(media)
        && BodyKind::declared_by(media) == Some(BodyKind::Binary)
}

/// Whether somebody got the file without saying who they are, or several got it who did.
fn is_for_all(files: &[&Seen]) -> bool {
    let mut who: FxHashMap<(Option<u64>, Option<&str>), u32> = FxHashMap::default();
    for one in files {
        let request = &one.exchange.request;
        let principal = request.credential.as_ref().map(|sent| sent.principal);
        *who.entry((principal, request.header("cookie"))).or_default() += 1;
    }
    who.contains_key(&(None, None)) || who.len() > 1
}

/// Whether the texts inside a file tell of a person: what cameras and programs write down.
fn tells(bytes: &[u8]) -> bool {
    let texts = bytes.split(|byte| !(b' '..=b'~').contains(byte));
    let texts = texts.filter_map(|text| str::from_utf8(text).ok());
    texts.filter(|text| text.len() >= MAILBOX_BYTES_MIN).any(|text| {
        let mut words = text.split([' ', '"', '\'', '<', '>', '(', ')', '=', ';', ',']);
        let is_text = text.len() >= TEXT_BYTES_MIN;
        words.any(|word| (is_text || word.contains('@')) && is_sensitive_value(word))
    })
}
