//! `Location` of what a request created: the request's own path and the new id behind it.

use serde::{Deserialize, Serialize};

use super::template::Templates;
use crate::domain::request::RequestView;
use crate::domain::sketch::heap_bytes::heap_bytes;

/// Locations right below the requested path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct LocationTails {
    pub(super) count: u64,
    /// Those written as full URLs on the requested host, by scheme.
    pub(super) http: u64,
    pub(super) https: u64,
    /// Those ending with a slash.
    pub(super) slashed: u64,
    /// The shape of the id, for answers whose body has none.
    pub(super) ids: Templates,
}

heap_bytes!(LocationTails { count, http, https, slashed, ids });

impl LocationTails {
    /// Learns a location if it lies right below the requested path, on the requested host or with
    /// none named.
    pub(super) fn observe(&mut self, value: &str, request: &RequestView<'_>) -> bool {
        let Some((scheme, path)) = own_path(value, request) else { return false };
        let below = path.strip_prefix(request.path.trim_end_matches('/'));
        let Some(tail) = below.and_then(|below| below.strip_prefix('/')) else { return false };
        let id = tail.strip_suffix('/').unwrap_or(tail);
        if id.is_empty() || id.contains(['/', '?', '#', '\n']) {
            return false;
        }
        self.count += 1;
        self.slashed += u64::from(id.len() < tail.len());
        self.http += u64::from(scheme == Some("http"));
        self.https += u64::from(scheme == Some("https"));
        // The id names an entity: none of its words is kept.
        self.ids.observe(id, true);
        true
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.http += other.http;
        self.https += other.https;
        self.slashed += other.slashed;
        self.ids.merge(&other.ids);
    }
}

/// Scheme and path of a location on the requested host; a bare path has no scheme.
fn own_path<'v>(value: &'v str, request: &RequestView<'_>) -> Option<(Option<&'v str>, &'v str)> {
    if value.starts_with('/') && !value.starts_with("//") {
        return Some((None, value));
    }
    let (scheme, rest) = value.split_once("://")?;
    let (host, _) = rest.split_at(rest.find('/')?);
    let own = request.header("host")?.eq_ignore_ascii_case(host.as_bytes());
    own.then_some((Some(scheme), &rest[host.len()..]))
}
