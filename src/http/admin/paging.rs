//! Lists, a page at a time.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::input::{QueryFields, QueryForm};
use crate::http::error::Problem;

/// Entries of a page unless asked otherwise.
const PER_PAGE: u64 = 50;

/// Entries of the largest page: a few hundred KiB of JSON, some milliseconds of work.
const PER_PAGE_MAX: u64 = 500;

/// Which part of a list.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Number of the page, from 1.
    #[param(minimum = 1, default = 1, nullable = false, required = false)]
    pub page: u64,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 500, default = 50, nullable = false, required = false)]
    pub per_page: u64,
    /// Text that the entries must contain, in any case.
    #[param(required = false)]
    pub search: Option<String>,
}

impl QueryForm for Paging {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        Ok(Self {
            page: fields.whole("page", 1..=u64::from(u32::MAX))?.unwrap_or(1),
            per_page: fields.whole("per_page", 1..=PER_PAGE_MAX)?.unwrap_or(PER_PAGE),
            search: fields.text("search")?.map(|text| text.to_lowercase()),
        })
    }
}

impl Paging {
    /// Whether one of the `texts` contains what is searched for.
    pub fn finds(&self, texts: &[&str]) -> bool {
        let Some(search) = &self.search else { return true };
        texts.iter().any(|text| text.to_lowercase().contains(search))
    }

    /// The page of `all`, each entry shown by `show`.
    pub fn page<'e, E, T>(&self, all: &'e [E], show: impl FnMut(&'e E) -> T) -> Page<T> {
        let total = all.len() as u64;
        // Both factors are below 2^32, so the product fits.
        let start = ((self.page - 1) * self.per_page).min(total);
        let end = (start + self.per_page).min(total);
        // Bounded by `all.len()`, so the numbers fit a usize.
        let items = all[start as usize..end as usize].iter().map(show).collect();
        Page { items, page: self.page, per_page: self.per_page, total }
    }
}

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Number of this page, from 1.
    pub page: u64,
    /// Entries a page has at most.
    pub per_page: u64,
    /// Entries of all pages together.
    pub total: u64,
}
