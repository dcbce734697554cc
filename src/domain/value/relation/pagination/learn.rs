//! Pages of a list: which members of a document say how many items there are, which page this is
//! and whether there are more.
//!
//! Every scalar near the list is taken for each [`Role`] until a page contradicts: a total is not
//! below what was shown up to here, and the last page shows the rest of it. What was never
//! contradicted over pages that differ is believed. Only what requests say of pages counts as a
//! page: of lists that were never asked for by page, nothing is claimed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::json::Json;
use crate::domain::random::hash;
use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};
use crate::domain::sketch::number_code::{self, NUMBER_CODES};
use crate::domain::sketch::priority_sample::PrioritySample;
use crate::domain::value::relation::pagination::page_request::{PageRequest, page_ask};
use crate::domain::words::split::is_called;

/// What a member says of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Items of all pages.
    Total,
    /// Items a page has at most.
    Size,
    /// The number of the page.
    Page,
    /// Items before the page.
    Offset,
    /// Pages.
    Pages,
    /// Whether there are items after the page.
    More,
    /// Whether there are items before the page.
    Earlier,
    /// The page after it or a link to it; nothing where there is none.
    Next,
    /// The page before it or a link to it; nothing where there is none.
    Previous,
}

/// Every role, in the order in which a member takes the first that fits.
const ROLES: [Role; 9] = [
    Role::Total,
    Role::Size,
    Role::Page,
    Role::Offset,
    Role::Pages,
    Role::More,
    Role::Earlier,
    Role::Next,
    Role::Previous,
];

/// The pages of the documents of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pagination {
    /// Path hash of the array that is paged.
    #[serde(rename = "l")]
    pub list: u64,
    /// Pages that were asked for by number, offset or size.
    #[serde(rename = "n")]
    asked: u32,
    /// Items of a page when no size is asked for; 0 while unknown.
    #[serde(rename = "d")]
    pub size_default: u32,
    /// Items a page has however many are asked for; 0 while unknown.
    #[serde(rename = "x")]
    pub size_max: u32,
    /// The first page is number 0.
    #[serde(rename = "z")]
    pub is_zero_based: bool,
    #[serde(rename = "m")]
    members: Vec<PageMember>,
    /// Totals of whole lists, as number codes.
    #[serde(rename = "t")]
    pub totals: PrioritySample<i32>,
}

heap_bytes!(Pagination { list, asked, size_default, size_max, is_zero_based, members, totals });

/// A scalar near the list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct PageMember {
    /// Path hash.
    #[serde(rename = "k")]
    key: u64,
    #[serde(rename = "n")]
    pages: u32,
    /// Roles it contradicted, a bit each, and roles in which it showed something.
    #[serde(rename = "c")]
    contradicted: u16,
    #[serde(rename = "s")]
    shown: u16,
    /// It is called as totals are.
    #[serde(rename = "t", skip_serializing_if = "std::ops::Not::not")]
    is_called_total: bool,
}

no_heap!(PageMember);

/// Scalars compared: envelopes have a handful.
const MEMBERS_MAX: usize = 16;

/// Pages asked for, and pages seen, before roles are believed.
const PAGES_MIN: u32 = 4;

/// How deep below the root list and totals may stand: `{"meta": {"page": {"total": 3}}}`.
const DEPTH_MAX: usize = 2;

/// Names under which a total that never was reached is believed, in lower case and without
/// separators.
const TOTALS: &[&str] = &[
    "total",
    "totalcount",
    "totalitems",
    "totalresults",
    "totalelements",
    "totalrecords",
    "count",
];

/// What is known of one page while its members are judged.
struct Judged {
    ask: PageRequest,
    offset: i64,
    length: i64,
    size: Option<i64>,
    total: Option<i64>,
    first_page: i64,
}

/// What a value tells of a role.
#[derive(PartialEq)]
enum Verdict {
    Contradicts,
    Fits,
    /// It fits, and would not by chance.
    Shows,
}

impl Pagination {
    /// Learns one document that answers a request with this query.
    pub fn observe(&mut self, document: &Json<'_>, query: &str) {
        let Json::Object(root) = document else { return };
        let mut found = Found::default();
        found.walk(root, hash::ROOT, 0);
        let list = found.lists.iter().find(|(key, _)| self.list == 0 || *key == self.list);
        let Some((list, length)) = list.copied() else { return };
        self.list = list;
        let ask = page_ask(query, |_| true);
        let is_asked = ask.size.is_some() || ask.page.is_some() || ask.offset.is_some();
        self.asked = self.asked.saturating_add(u32::from(is_asked));
        self.is_zero_based |= ask.page == Some(0);
        for (key, name, _) in &found.scalars {
            if self.members.len() < MEMBERS_MAX && self.members.iter().all(|m| m.key != *key) {
                let is_called_total = is_called(name, TOTALS);
                let member = PageMember { key: *key, is_called_total, ..PageMember::default() };
                self.members.push(member);
            }
        }
        let value = |key: u64| found.scalars.iter().find(|s| s.0 == key).map(|s| s.2);
        let total = self.total_key().and_then(value).and_then(integer);
        let judged = self.judged(ask, i64::from(length), total);
        for member in &mut self.members {
            member.judge(value(member.key), &judged);
        }
        let Some(total) = total.filter(|_| self.total_key().is_some()) else { return };
        self.learn_sizes(&judged, total);
        if !ask.selects {
            self.totals.add(number_code::code_of(total as f64), NUMBER_CODES);
        }
    }

    fn judged(&self, ask: PageRequest, length: i64, total: Option<i64>) -> Judged {
        let first_page = i64::from(!self.is_zero_based);
        let size = self.size(ask).map(i64::from);
        let pages_before = ask.page.map_or(0, |page| i64::from(page) - first_page);
        // A page of unknown size: what it shows is a page.
        let by_page = pages_before.max(0) * size.unwrap_or(length);
        let offset = ask.offset.map_or(by_page, i64::from);
        Judged { ask, offset, length, size, total, first_page }
    }

    /// Items of a page that is asked for so; `None` while that is unknown.
    pub fn size(&self, ask: PageRequest) -> Option<u32> {
        let known = |size: u32| (size > 0).then_some(size);
        match (ask.size, known(self.size_max)) {
            (Some(asked), Some(most)) => Some(asked.min(most)),
            (Some(asked), None) => Some(asked),
            (None, _) => known(self.size_default),
        }
    }

    /// A page that is not the last is full: that is the size it has.
    fn learn_sizes(&mut self, judged: &Judged, total: i64) {
        let length = u32::try_from(judged.length).unwrap_or(0);
        if judged.offset + judged.length >= total || length == 0 {
            return;
        }
        match judged.ask.size {
            None if judged.ask.page.is_none_or(|p| i64::from(p) == judged.first_page) => {
                self.size_default = length;
            }
            Some(asked) if asked > length => self.size_max = length,
            _ => {}
        }
    }

    /// The member that is the total, as far as is known.
    fn total_key(&self) -> Option<u64> {
        let is_total = |m: &&PageMember| {
            let shows = has(m.shown, Role::Total) || m.is_called_total;
            shows && !has(m.contradicted, Role::Total)
        };
        let mut totals: Vec<&PageMember> = self.members.iter().filter(is_total).collect();
        // The size of a full first page equals a total that is reached by it.
        totals.sort_by_key(|m| (!m.is_called_total, !has(m.contradicted, Role::Size)));
        totals.first().map(|m| m.key)
    }

    /// Members with the role that each of them has; empty as long as pages were not asked for.
    pub fn roles(&self) -> Vec<(u64, Role)> {
        if self.asked < PAGES_MIN {
            return Vec::new();
        }
        let Some(total) = self.total_key() else { return Vec::new() };
        let role = |m: &PageMember| {
            if m.key == total {
                return (m.pages >= PAGES_MIN).then_some((m.key, Role::Total));
            }
            let fits = |role: &&Role| {
                **role != Role::Total
                    && m.pages >= PAGES_MIN
                    && !has(m.contradicted, **role)
                    && has(m.shown, **role)
            };
            ROLES.iter().find(fits).map(|role| (m.key, *role))
        };
        self.members.iter().filter_map(role).collect()
    }

    /// Adds what another model learned.
    pub fn merge(&mut self, other: Self) {
        if self.list == 0 {
            *self = other;
            return;
        }
        if self.list != other.list {
            return;
        }
        self.asked = self.asked.saturating_add(other.asked);
        self.size_default = self.size_default.max(other.size_default);
        self.size_max = self.size_max.max(other.size_max);
        self.is_zero_based |= other.is_zero_based;
        self.totals.merge(other.totals, NUMBER_CODES);
        for theirs in other.members {
            match self.members.iter_mut().find(|own| own.key == theirs.key) {
                Some(own) => {
                    own.pages = own.pages.saturating_add(theirs.pages);
                    own.contradicted |= theirs.contradicted;
                    own.shown |= theirs.shown;
                }
                None => self.members.push(theirs),
            }
        }
        self.members.truncate(MEMBERS_MAX);
    }
}

/// Whether a set of roles, a bit each, holds this one.
fn has(roles: u16, role: Role) -> bool {
    roles & (1 << role as u16) != 0
}

impl PageMember {
    fn judge(&mut self, value: Option<&Json<'_>>, page: &Judged) {
        self.pages = self.pages.saturating_add(1);
        for role in ROLES {
            match page.verdict(role, value) {
                Verdict::Contradicts => self.contradicted |= 1 << role as u16,
                Verdict::Shows => self.shown |= 1 << role as u16,
                Verdict::Fits => {}
            }
        }
    }
}

impl Judged {
    fn verdict(&self, role: Role, value: Option<&Json<'_>>) -> Verdict {
        use Verdict::{Contradicts, Fits, Shows};
        let end = self.offset + self.length;
        let equal = |wanted: Option<i64>, shows: bool| match (value.and_then(integer), wanted) {
            (Some(value), Some(wanted)) if value == wanted => {
                if shows {
                    Shows
                } else {
                    Fits
                }
            }
            // Nothing is known to compare with: a later page will tell.
            (Some(_), None) => Fits,
            _ => Contradicts,
        };
        let said = |wanted: Option<bool>, shows: bool| match (value, wanted) {
            (Some(Json::Bool(value)), Some(wanted)) if *value == wanted => {
                if shows {
                    Shows
                } else {
                    Fits
                }
            }
            (Some(Json::Bool(_)), None) => Fits,
            _ => Contradicts,
        };
        let leads = |wanted: Option<bool>, to: Option<i64>| {
            let is_there = !matches!(value, None | Some(Json::Null));
            match (wanted, value) {
                (None, _) => Fits,
                (Some(wanted), _) if wanted != is_there => Contradicts,
                (Some(true), Some(Json::Str(_))) => Shows,
                (Some(true), Some(Json::Int(value))) if Some(*value) == to => Shows,
                (Some(true), _) => Contradicts,
                _ => Fits,
            }
        };
        let is_more = self.total.map(|total| end < total);
        let page = self.page();
        match role {
            Role::Total => self.total_verdict(value.and_then(integer), end),
            Role::Size => equal(self.size, self.ask.size.is_some()),
            Role::Page => equal(page, page != Some(self.first_page)),
            Role::Offset => equal(Some(self.offset), self.offset > 0),
            Role::Pages => {
                let pages = self.size.filter(|s| *s > 0).zip(self.total);
                equal(pages.map(|(size, total)| (total + size - 1) / size), true)
            }
            // A list that is never at its end would make any truth a sign of more.
            Role::More => said(is_more, is_more == Some(false)),
            Role::Earlier => said(Some(self.offset > 0), self.offset > 0),
            Role::Next => leads(is_more, page.map(|page| page + 1)),
            Role::Previous => leads(Some(self.offset > 0), page.map(|page| page - 1)),
        }
    }

    /// The number of the page, where pages are asked for by number or not at all.
    fn page(&self) -> Option<i64> {
        match (self.ask.page, self.ask.offset) {
            (Some(page), _) => Some(i64::from(page)),
            (None, None | Some(0)) => Some(self.first_page),
            (None, Some(_)) => None,
        }
    }

    fn total_verdict(&self, value: Option<i64>, end: i64) -> Verdict {
        let Some(total) = value else { return Verdict::Contradicts };
        if self.length == 0 {
            let is_beyond = total <= self.offset || self.size == Some(0);
            return if is_beyond { Verdict::Fits } else { Verdict::Contradicts };
        }
        let is_full = self.size.is_none_or(|size| self.length >= size);
        match total.cmp(&end) {
            std::cmp::Ordering::Less => Verdict::Contradicts,
            std::cmp::Ordering::Equal if self.offset > 0 || !is_full => Verdict::Shows,
            std::cmp::Ordering::Equal => Verdict::Fits,
            // Before the end pages are full, or cut to the largest size there is.
            std::cmp::Ordering::Greater if is_full || self.ask.size.is_some() => Verdict::Fits,
            std::cmp::Ordering::Greater => Verdict::Contradicts,
        }
    }
}

/// Lists and scalars of a document, with their path hashes.
#[derive(Default)]
struct Found<'j> {
    lists: Vec<(u64, u32)>,
    scalars: Vec<(u64, &'j str, &'j Json<'j>)>,
}

impl<'j> Found<'j> {
    fn walk(&mut self, members: &'j [(Cow<'_, str>, Json<'j>)], key: u64, depth: usize) {
        for (name, value) in members {
            let key = hash::combine(key, u64::from(hash::fingerprint(name.as_bytes())));
            match value {
                Json::Array(items) => {
                    if items.iter().all(|item| matches!(item, Json::Object(_))) {
                        self.lists.push((key, u32::try_from(items.len()).unwrap_or(u32::MAX)));
                    }
                }
                Json::Object(inner) if depth < DEPTH_MAX => self.walk(inner, key, depth + 1),
                Json::Object(_) | Json::Float(_) => {}
                scalar => self.scalars.push((key, name, scalar)),
            }
        }
    }
}

fn integer(value: &Json<'_>) -> Option<i64> {
    match value {
        Json::Int(value) => Some(*value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Page `page` of `total` items, `size` each.
    fn document(total: u32, size: u32, page: u32) -> String {
        let offset = (page - 1) * size;
        let length = total.saturating_sub(offset).min(size);
        let items: Vec<String> = (0..length).map(|n| format!("{{\"id\":{n}}}")).collect();
        let more = offset + length < total;
        let next = if more { format!("{}", page + 1) } else { "null".to_owned() };
        format!(
            r#"{{"items":[{}],"meta":{{"total":{total},"size":{size},"page":{page},
            "pages":{},"more":{more},"earlier":{},"next":{next},"version":7}}}}"#,
            items.join(","),
            total.div_ceil(size),
            offset > 0
        )
    }

    fn key(names: &[&str]) -> u64 {
        names.iter().fold(hash::ROOT, |key, name| {
            hash::combine(key, u64::from(hash::fingerprint(name.as_bytes())))
        })
    }

    #[test]
    fn every_role_is_found_by_what_pages_show() {
        let mut paging = Pagination::default();
        for n in 0..24 {
            let (size, page) = ([5, 10][n % 2], (n % 6 + 1) as u32);
            let body = document(23, size, page);
            let query = format!("page={page}&per_page={size}");
            paging.observe(&Json::parse(body.as_bytes()).unwrap(), &query);
        }
        assert_eq!(paging.list, key(&["items"]));
        let roles = paging.roles();
        let check = |name: &str, role: Role| {
            assert!(roles.contains(&(key(&["meta", name]), role)), "{name}: {roles:?}");
        };
        check("total", Role::Total);
        check("size", Role::Size);
        check("page", Role::Page);
        check("pages", Role::Pages);
        check("more", Role::More);
        check("earlier", Role::Earlier);
        check("next", Role::Next);
        assert_eq!(roles.len(), 7, "the version is none: {roles:?}");
    }

    #[test]
    fn lists_that_were_never_asked_for_by_page_claim_nothing() {
        let mut paging = Pagination::default();
        for n in 0..24 {
            let body = document(n, 50, 1);
            paging.observe(&Json::parse(body.as_bytes()).unwrap(), "");
        }
        assert_eq!(paging.roles(), []);
    }
}
