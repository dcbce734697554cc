//! What a request asks for of a list: which page, of which size, and what it selects.

use crate::domain::random::hash;
use crate::domain::words::split::is_called;

/// What a request asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// Items a page may have; `None` when the query does not say.
    pub size: Option<u32>,
    /// Number of the page, from 0 or 1 as the API has it.
    pub page: Option<u32>,
    /// Items to leave out before the page.
    pub offset: Option<u32>,
    /// It asks for a part of the list by something else, too.
    pub selects: bool,
}

/// Names of parameters that say which page it is, and how many items to leave out.
const PAGES: &[&str] = &["page", "pagenumber", "pageno", "pageindex", "p"];
const OFFSETS: &[&str] = &["offset", "skip", "start", "startindex"];

/// Reads what a query asks for; `selects`: does a parameter that is none of a page, `name=value`,
/// choose among the items?
pub fn page_ask(query: &str, selects: impl Fn(&str) -> bool) -> PageRequest {
    let mut ask = PageRequest::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let number = || value.parse::<u32>().ok();
        if is_page_size(name) {
            ask.size = ask.size.or_else(number);
            continue;
        }
        if is_called(name, PAGES) {
            ask.page = ask.page.or_else(number);
        } else if is_called(name, OFFSETS) {
            ask.offset = ask.offset.or_else(number);
        } else {
            ask.selects |= selects(pair);
        }
    }
    ask
}

/// Names of query parameters that say how many items a page has, in lower case and without
/// separators: RFC-less custom of published APIs (GitHub `per_page`, Stripe `limit`, Google
/// `pageSize` and `maxResults`, OData `$top`, Spring `size`, JSON:API `page[size]`).
const PAGE_SIZES: &[&str] = &[
    "perpage",
    "limit",
    "pagesize",
    "size",
    "maxresults",
    "top",
    "first",
    "take",
    "rows",
    "count",
    "pagelimit",
    "max",
];

/// Names of parameters that say which page it is, with the value that means the first.
const FIRST_PAGES: &[(&str, &str)] =
    &[("page", "1"), ("pagenumber", "1"), ("offset", "0"), ("skip", "0"), ("start", "0")];

/// Does a query parameter of this name bound the items of a page?
pub fn is_page_size(name: &str) -> bool {
    is_called(name, PAGE_SIZES)
}

/// Hash of what a query selects: the order of its pairs, the size of a page and the first page
/// make no difference.
pub fn selection(query: &str) -> u64 {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let hashes = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_first =
            |(known, first): &(&str, &str)| *first == value && is_called(name, &[*known]);
        let selects = !FIRST_PAGES.iter().any(is_first) && !is_page_size(name);
        if selects { hash::hash_bytes(pair.as_bytes()) } else { 0 }
    });
    hashes.fold(0, u64::wrapping_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_page_and_its_size_select_nothing() {
        assert_eq!(selection(""), 0);
        assert_eq!(selection("page=1&per_page=5&limit=3&page%5Bsize%5D=9&$top=2"), 0);
        assert_ne!(selection("page=2"), selection("page=3"));
        assert_eq!(selection("a=1&b=2"), selection("b=2&page=1&a=1"));
    }
}
