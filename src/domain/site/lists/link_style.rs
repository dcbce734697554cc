//! How a backend writes the addresses of pages: where they begin, in which order their parameters
//! stand, and which signs it leaves as they are.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::asked;
use crate::domain::world::pointer::{PointerStep, put_at, typed_like};
use crate::domain::world::{Request, segments};

/// Share of the addresses that must agree on an order.
const ORDER_SHARE: f64 = 0.8;

/// Names that are remembered in the order in which addresses have them.
const NAMES_MAX: usize = 64;

/// Where addresses begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkStart {
    /// With a scheme and a host.
    #[default]
    Host,
    /// With the path.
    Path,
    /// With the query.
    Query,
}

/// In which order parameters stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LinkOrder {
    /// As they were asked for; new ones last, in the order in which they were recorded.
    #[default]
    Asked,
    /// By name.
    Sorted,
    /// As recorded.
    Known,
}

/// How a backend writes the addresses of pages.
#[derive(Debug, Clone, Default)]
pub struct LinkStyle {
    /// Where they begin.
    pub start: LinkStart,
    /// Scheme and host, where they are not those of the request.
    pub authority: Option<Box<str>>,
    /// In which order their parameters stand.
    pub order: LinkOrder,
    /// Names of parameters in the order in which addresses mostly have them.
    pub places: Vec<Box<str>>,
    /// Signs that stand as they are.
    pub literal: FxHashSet<u8>,
    /// Whether a blank is `%20`, and not `+`.
    pub blank_is_escaped: bool,
    /// Whether the first page is the one without a parameter.
    pub drops_first: bool,
    /// Whether answers to requests that ask for no page have no links.
    pub needs_page: bool,
    /// Parameters that addresses have though requests do not, with their value.
    pub added: Vec<(Box<str>, Box<str>)>,
}

/// An address that leads to the list that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct ListAddress<'a> {
    /// Where it begins.
    pub start: LinkStart,
    /// Scheme with host, and the host alone.
    pub authority: Option<(&'a str, &'a str)>,
    /// What is behind the path.
    pub query: &'a str,
}

impl<'a> ListAddress<'a> {
    /// Reads an address; nothing where it leads elsewhere.
    #[must_use]
    pub fn of(request: &Request, address: &'a str) -> Option<Self> {
        let address = address.split('#').next().unwrap_or_default();
        let (before, query) = address.split_once('?').unwrap_or((address, ""));
        let (start, authority, path) = match before.find("://") {
            Some(at) => {
                let at = at + "://".len();
                let end = before[at..].find('/').map_or(before.len(), |n| at + n);
                let authority = Some((&before[..end], &before[at..end]));
                (LinkStart::Host, authority, &before[end..])
            }
            None if before.is_empty() => {
                return (!query.is_empty()).then_some(Self {
                    start: LinkStart::Query,
                    authority: None,
                    query,
                });
            }
            None => (LinkStart::Path, None, before.strip_prefix('/').map(|_| before)?),
        };
        (segments(path) == request.segments).then_some(Self { start, authority, query })
    }
}

/// Parameters of a raw query, each as it is sent.
fn raw_pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn raw_query(request: &Request) -> &str {
    request.target.split_once('?').unwrap_or_default().1
}

impl LinkStyle {
    /// Learns it from addresses with the requests whose answers show them.
    #[must_use]
    pub fn learn(parameter: &str, seen: &[(&Request, ListAddress<'_>)]) -> Self {
        let mut style = Self::default();
        let mut starts: BTreeMap<LinkStart, u32> = BTreeMap::new();
        for (request, address) in seen {
            *starts.entry(address.start).or_default() += 1;
            if let Some((whole, host)) = address.authority {
                let is_own = request.header("host") == Some(host);
                style.authority = (!is_own).then(|| whole.into());
            }
            let plain = |byte: &u8| {
                !byte.is_ascii_alphanumeric() && !matches!(byte, b'&' | b'=' | b'%' | b'#')
            };
            style.literal.extend(address.query.bytes().filter(plain));
            style.blank_is_escaped |= address.query.contains("%20");
        }
        style.literal.remove(&b'+');
        if let Some((start, _)) = starts.into_iter().max_by_key(|(_, n)| *n) {
            style.start = start;
        }
        (style.order, style.places) = order(seen);
        style.added = added(parameter, seen);
        style
    }

    /// The address of the list with another value of a parameter: none takes it away.
    #[must_use]
    pub fn address(&self, request: &Request, change: Option<(&str, Option<&str>)>) -> String {
        let mut query = raw_pairs(raw_query(request));
        for (name, value) in &self.added {
            if change.is_some() && query.iter().all(|(known, _)| **known != **name) {
                query.push((name.to_string(), value.to_string()));
            }
        }
        let asked = names(raw_query(request));
        if let Some((name, value)) = change {
            put(&mut query, name, value);
        }
        let place = |own: &str| {
            self.places.iter().position(|name| **name == *own).unwrap_or(self.places.len())
        };
        match &self.order {
            LinkOrder::Asked => {
                query.sort_by_key(|(own, _)| (!asked.contains(own)).then(|| place(own)));
            }
            LinkOrder::Sorted => query.sort_by(|(a, _), (b, _)| a.cmp(b)),
            LinkOrder::Known => query.sort_by_key(|(own, _)| place(own)),
        }
        let path = request.target.split('?').next().unwrap_or_default();
        let own = || format!("http://{}", request.header("host").unwrap_or("localhost"));
        let mut text = match self.start {
            LinkStart::Host => self.authority.as_deref().map_or_else(own, ToOwned::to_owned) + path,
            LinkStart::Path => path.to_owned(),
            LinkStart::Query => String::new(),
        };
        for (nth, (name, value)) in query.iter().enumerate() {
            text.push(if nth == 0 { '?' } else { '&' });
            self.escape(name, &mut text);
            text.push('=');
            self.escape(value, &mut text);
        }
        text
    }

    fn escape(&self, part: &str, text: &mut String) {
        use std::fmt::Write as _;
        for byte in part.bytes() {
            let is_plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            match byte {
                b' ' if !self.blank_is_escaped => text.push('+'),
                byte if is_plain || (byte.is_ascii_graphic() && self.literal.contains(&byte)) => {
                    text.push(char::from(byte));
                }
                // Writing into a string does not fail.
                byte => _ = write!(text, "%{byte:02X}"),
            }
        }
    }
}

/// Puts a value into a query, or into the document that one of its parameters is.
fn put(query: &mut Vec<(String, String)>, name: &str, value: Option<&str>) {
    let at = query.iter().position(|(known, _)| known == name);
    let parted = |(own, _): &(String, String)| {
        let rest = name.strip_prefix(own.as_str())?.strip_prefix('.')?;
        Some(rest.split('.').map(|step| PointerStep::Member(step.into())).collect::<Vec<_>>())
    };
    match (at, value) {
        (Some(at), Some(value)) => value.clone_into(&mut query[at].1),
        (Some(at), None) => _ = query.remove(at),
        (None, Some(value)) => {
            let inside = query.iter_mut().find_map(|pair| {
                let document = asked::document(&pair.1)?;
                Some((parted(pair)?, document, &mut pair.1))
            });
            match inside {
                Some((place, document, text)) => {
                    let value = typed_like(value, Some(&0.into()));
                    *text = put_at(document, &place, value).to_string();
                }
                None => query.push((name.to_owned(), value.to_owned())),
            }
        }
        (None, None) => {}
    }
}

fn names(query: &str) -> Vec<String> {
    raw_pairs(query).into_iter().map(|(name, _)| name).collect()
}

fn order(seen: &[(&Request, ListAddress<'_>)]) -> (LinkOrder, Vec<Box<str>>) {
    let (mut asked, mut sorted, mut all) = (0_u32, 0_u32, 0_u32);
    let mut places: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (request, address) in seen {
        let own = names(address.query);
        for (at, name) in own.iter().enumerate() {
            if places.len() < NAMES_MAX || places.contains_key(name) {
                let place = places.entry(name.clone()).or_default();
                *place = (place.0 + at, place.1 + 1);
            }
        }
        let mut wanted = names(raw_query(request));
        wanted.retain(|name| own.contains(name));
        wanted
            .extend(own.iter().filter(|name| !wanted.contains(name)).cloned().collect::<Vec<_>>());
        if own.len() > 1 {
            all += 1;
            asked += u32::from(wanted == own);
            sorted += u32::from(own.is_sorted());
        }
    }
    let mut known: Vec<(usize, String)> =
        places.into_iter().map(|(name, (sum, n))| (sum * 1_000 / n.max(1), name)).collect();
    known.sort();
    let known = known.into_iter().map(|(_, name)| name.into()).collect();
    let enough = |n: u32| f64::from(n) >= ORDER_SHARE * f64::from(all);
    let order = if asked >= sorted && enough(asked) {
        LinkOrder::Asked
    } else if enough(sorted) {
        LinkOrder::Sorted
    } else {
        LinkOrder::Known
    };
    (order, known)
}

/// Parameters that addresses have and their requests do not, always with one value.
fn added(parameter: &str, seen: &[(&Request, ListAddress<'_>)]) -> Vec<(Box<str>, Box<str>)> {
    let mut found: BTreeMap<String, (u32, FxHashSet<String>)> = BTreeMap::new();
    let mut lacks: BTreeMap<String, u32> = BTreeMap::new();
    for (request, address) in seen {
        let asked = names(raw_query(request));
        for (name, value) in raw_pairs(address.query) {
            if name != parameter && !asked.contains(&name) {
                let (times, values) = found.entry(name).or_default();
                *times += 1;
                values.insert(value);
            }
        }
    }
    for (request, _) in seen {
        let asked = names(raw_query(request));
        for name in found.keys().filter(|name| !asked.contains(name)) {
            *lacks.entry(name.clone()).or_default() += 1;
        }
    }
    let always = found.into_iter().filter(|(name, (times, values))| {
        let all = lacks.get(name).copied().unwrap_or(0);
        values.len() == 1 && f64::from(*times) >= ORDER_SHARE * f64::from(all)
    });
    let value = |values: FxHashSet<String>| values.into_iter().next().unwrap_or_default();
    always.map(|(name, (_, values))| (name.into(), value(values).into())).collect()
}
