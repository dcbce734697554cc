//! An endpoint as the site sees it: a method on a template, and the exchanges that belong there.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::message::SiteExchange;
use super::template::SiteTemplate;

/// A method on a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SitePlace {
    /// Method as sent.
    pub method: Box<str>,
    /// The template of the path.
    pub template: SiteTemplate,
}

impl fmt::Display for SitePlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.method, self.template)
    }
}

/// An exchange with its place.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The exchange.
    pub exchange: Arc<SiteExchange>,
    /// Where it belongs.
    pub place: Arc<SitePlace>,
}

/// The exchanges of each endpoint, in the order of time.
#[must_use]
pub fn by_place(seen: &[Seen]) -> BTreeMap<Arc<SitePlace>, Vec<&Seen>> {
    let mut grouped: BTreeMap<Arc<SitePlace>, Vec<&Seen>> = BTreeMap::new();
    for one in seen {
        grouped.entry(Arc::clone(&one.place)).or_default().push(one);
    }
    grouped
}
