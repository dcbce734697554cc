//! The tape as it is kept over restarts: exchanges behind the veil, the newest first to be kept.

use std::io::Read as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::learn::Site;
use super::tape::Tape;
use crate::domain::body::content_coding::ContentCoding;
use crate::domain::files::FILE_BYTES_MAX;
use crate::domain::media::Medium;
use crate::domain::world::pointer::leaves;
use crate::domain::world::{
    Document, MessagePace, Request, Sent, SiteExchange, account_credentials, fingerprint,
};

/// Bytes of a stored tape.
const STORED_BYTES_MAX: usize = 4 << 20;

/// A document that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Absent {
    None,
    Unparsable,
}

/// What a body says, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum StoredDocument {
    Json { json: Value },
    Other { absent: Absent },
}

/// One exchange as it is stored; values that could be anybody's are stand-ins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StoredExchange {
    method: Box<str>,
    segments: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    query: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    asked: Vec<(Box<str>, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credential: Option<(Box<str>, u64, u64)>,
    has_body: bool,
    sent: StoredDocument,
    at_ms: i64,
    status: u16,
    headers: Vec<(Box<str>, String)>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
    /// What is no text: gzip in base64, since stand-ins of files are mostly empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    file: String,
    answered: StoredDocument,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    issued: Vec<u64>,
    #[serde(default, skip_serializing_if = "is_at_once")]
    pace: (u64, u64),
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_endless: bool,
}

fn is_at_once(pace: &(u64, u64)) -> bool {
    *pace == (0, 0)
}

impl StoredDocument {
    fn of(document: &Document) -> Self {
        match document {
            Document::Json(json) | Document::Other(_, json) => Self::Json { json: json.clone() },
            Document::None => Self::Other { absent: Absent::None },
            Document::Unparsable => Self::Other { absent: Absent::Unparsable },
        }
    }

    fn document(self) -> Document {
        match self {
            Self::Json { json } => Document::Json(json),
            Self::Other { absent: Absent::None } => Document::None,
            Self::Other { absent: Absent::Unparsable } => Document::Unparsable,
        }
    }
}

/// The tape as a text to be stored; what the site learned says what may be shown.
///
/// `literals` says of a raw path which of its segments are literals of a template that is stored
/// anyway; an exchange on a path that belongs to none is left out.
#[must_use]
pub fn write(site: &Site, tape: &Tape, literals: impl Fn(&str) -> Option<Vec<bool>>) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut bytes = 0;
    for exchange in tape.exchanges().iter().rev() {
        let mut template = site.resources.templates.of(&exchange.request.segments);
        let path = exchange.request.target.split('?').next().unwrap_or_default();
        // What was read back from where it was stored may be stored again.
        let stored_before = || exchange.is_veiled.then(|| vec![true; template.0.len()]);
        let Some(known) = literals(path).or_else(stored_before) else { continue };
        if known.len() != template.0.len() {
            continue;
        }
        for (segment, is_literal) in template.0.iter_mut().zip(known) {
            if !is_literal {
                *segment = None;
            }
        }
        let veiled = site.veil.exchange(exchange, &template);
        let stored = store(exchange, veiled);
        // It is made of texts, numbers and JSON: nothing that could not be written.
        let Ok(line) = serde_json::to_string(&stored) else { continue };
        bytes += line.len() + 1;
        if bytes > STORED_BYTES_MAX {
            break;
        }
        lines.push(line);
    }
    lines.reverse();
    lines.join("\n")
}

fn packed(bytes: &[u8]) -> String {
    STANDARD.encode(ContentCoding::Gzip.encode(bytes))
}

/// What was packed; nothing where that is damaged.
fn unpacked(text: &str) -> Vec<u8> {
    let coded = STANDARD.decode(text).unwrap_or_default();
    let mut bytes = Vec::new();
    let decoder = flate2::read::GzDecoder::new(&*coded);
    decoder
        .take(FILE_BYTES_MAX as u64)
        .read_to_end(&mut bytes)
        .map_or_else(|_| Vec::new(), |_| bytes)
}

/// The exchanges of a stored tape; lines that cannot be read are left out and counted.
#[must_use]
pub fn read(text: &str) -> (Vec<SiteExchange>, usize) {
    let mut unread = 0;
    let exchanges = text.lines().filter(|line| !line.is_empty()).filter_map(|line| {
        let stored = serde_json::from_str::<StoredExchange>(line);
        unread += usize::from(stored.is_err());
        stored.ok().map(restore)
    });
    let exchanges: Vec<SiteExchange> = exchanges.collect();
    (exchanges, unread)
}

fn store(raw: &SiteExchange, veiled: SiteExchange) -> StoredExchange {
    let request = &veiled.request;
    let tokens = raw.json().map(leaves).unwrap_or_default();
    let mut issued: Vec<u64> = tokens
        .iter()
        .filter_map(|(_, value)| value.as_str())
        .filter(|text| crate::domain::world::form::is_token(text))
        .map(|text| fingerprint(&[text]))
        .collect();
    // A hash of a name with its password could be tried out: it is never stored, and known again
    // when somebody registers or logs in.
    let of_passwords = account_credentials(&raw.request, raw.status);
    issued.extend(raw.issued.iter().filter(|token| !of_passwords.contains(token)));
    let credential = raw.request.credential.as_ref();
    StoredExchange {
        method: request.method.clone(),
        segments: request.segments.clone(),
        query: request.query.clone(),
        asked: request.headers.clone(),
        credential: credential.map(|sent| (sent.scheme.clone(), sent.token, sent.principal)),
        has_body: request.has_body,
        sent: StoredDocument::of(&request.body),
        at_ms: request.at_ms,
        status: veiled.status,
        text: match veiled.body {
            Document::Json(_) | Document::Other(..) => String::new(),
            _ => str::from_utf8(&veiled.bytes).unwrap_or_default().to_owned(),
        },
        file: match veiled.body {
            Document::Json(_) | Document::Other(..) => String::new(),
            _ if str::from_utf8(&veiled.bytes).is_ok() => String::new(),
            _ => packed(&veiled.bytes),
        },
        answered: StoredDocument::of(&veiled.body),
        headers: veiled.headers,
        issued,
        pace: (veiled.pace.first_us, veiled.pace.gap_us),
        is_endless: veiled.pace.is_endless,
    }
}

fn restore(stored: StoredExchange) -> SiteExchange {
    let mut target = format!("/{}", stored.segments.join("/"));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    stored.query.iter().for_each(|(name, value)| {
        query.append_pair(name, value);
    });
    if !stored.query.is_empty() {
        target.push('?');
        target.push_str(&query.finish());
    }
    let kind = stored.headers.iter().find(|(name, _)| &**name == "content-type");
    let medium = kind.and_then(|(_, kind)| Medium::named(kind));
    let answered = match (stored.answered.document(), medium) {
        (Document::Json(tree), Some(medium)) if !matches!(medium, Medium::Json | Medium::Form) => {
            // What is called XML and has no order of its own was read as markup.
            let is_markup = medium == Medium::Xml && tree.is_array();
            Document::Other(if is_markup { Medium::Markup } else { medium }, tree)
        }
        (other, _) => other,
    };
    let bytes: Arc<[u8]> = match &answered {
        Document::Json(_) | Document::Other(..) => b"{}"[..].into(),
        _ if !stored.file.is_empty() => unpacked(&stored.file).into(),
        _ => stored.text.into_bytes().into(),
    };
    let sent = |(scheme, token, principal)| Sent { scheme, token, principal };
    let request = Request {
        method: stored.method,
        target: target.into(),
        segments: stored.segments,
        query: stored.query,
        headers: stored.asked,
        has_body: stored.has_body,
        body: stored.sent.document(),
        content: None,
        at_ms: stored.at_ms,
        credential: stored.credential.map(sent),
    };
    SiteExchange {
        request: Arc::new(request),
        status: stored.status,
        headers: stored.headers,
        bytes,
        body: answered,
        issued: stored.issued,
        is_veiled: true,
        pace: MessagePace {
            first_us: stored.pace.0,
            gap_us: stored.pace.1,
            is_endless: stored.is_endless,
        },
    }
}
