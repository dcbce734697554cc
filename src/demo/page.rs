//! Pages of a list: `?page=&per_page=` in, items with a total out.

use serde::{Deserialize, Serialize};

/// Items a page has unless the client asks otherwise.
const PER_PAGE_DEFAULT: usize = 10;
/// The largest page; more is cut to this, as most public APIs do.
const PER_PAGE_MAX: usize = 100;

/// The query parameters of a list.
#[derive(Debug, Deserialize)]
pub(super) struct PageQuery {
    page: Option<usize>,
    per_page: Option<usize>,
}

impl PageQuery {
    pub(super) fn page(&self) -> HtmlPage {
        HtmlPage {
            page: self.page.unwrap_or(1).max(1),
            per_page: self.per_page.unwrap_or(PER_PAGE_DEFAULT).clamp(1, PER_PAGE_MAX),
        }
    }
}

/// Which part of a list is wanted: a page counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct HtmlPage {
    pub(super) page: usize,
    pub(super) per_page: usize,
}

impl HtmlPage {
    pub(super) fn skipped(self) -> usize {
        (self.page - 1).saturating_mul(self.per_page)
    }
}

/// One page of a list, as it is sent.
#[derive(Debug, Serialize)]
pub(super) struct Listing<V> {
    pub(super) items: Vec<V>,
    pub(super) page: usize,
    pub(super) per_page: usize,
    pub(super) total: usize,
}
