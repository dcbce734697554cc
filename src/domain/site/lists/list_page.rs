//! Makes a list from the collection as it is now.

use serde_json::{Map, Value};

use super::cursor::cursor_of;
use super::figures::{PagesCounted, figure_like};
use super::links::{LinkedPage, without};
use super::pages::{beside, number, start};
use super::{ListRow, ListSample, ParameterRole, Program, Spot};
use crate::domain::world::pointer::{at, put_at};
use crate::domain::world::{Item, ListResource, Request};

/// Recorded answers that are made again, and share of them that must come out as they were.
const MADE_LOOKED_AT: usize = 60;
const MADE_SHARE: f64 = 0.9;

/// A page of a list, and what stands beside it.
pub struct ListPage {
    /// The document.
    pub document: Value,
    /// Headers that say numbers of the list, and where it continues; `None` takes one away.
    pub headers: Vec<(Box<str>, Option<String>)>,
}

/// Whether two pages have the same rows, and beside them the same members of the same types: how
/// an address of the next page is written makes no other page.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, one)| b.get(name).is_some_and(|other| alike(one, other)))
        }
        (Value::Array(a), Value::Array(b)) => a == b,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

impl Program {
    /// Makes the answer after the document of an exemplar, from the rows of the collection.
    #[must_use]
    pub fn run(
        &self,
        (listing, item): (&ListResource, Option<&Item>),
        request: &Request,
        pattern: Value,
        collection: Vec<ListRow<'_>>,
    ) -> ListPage {
        let all = collection.len();
        let rows = self.filtered_alike(request, self.filtered(request, collection, None));
        let total = rows.len();
        let mut rows = self.sorted(request, rows, self.needed(request));
        self.sort_as_asked(request, &mut rows);
        let (from, size) = self.slice(request, &rows);
        let page: Vec<ListRow<'_>> =
            rows.into_iter().skip(from).take(size.unwrap_or(usize::MAX)).collect();
        let envelope = listing.place_in(&pattern);
        let mut document = match self.hides_empty && page.is_empty() {
            true => without(pattern, &envelope),
            false => {
                let shown = self.show((listing, item), at(&pattern, &envelope), &page);
                put_at(pattern, &envelope, Value::Array(shown))
            }
        };
        let last = page.last().map(|(id, _)| *id);
        let counted = PagesCounted { filtered: total, shown: page.len(), all, from };
        let figures = self.figures_of(request, counted);
        let mut headers = vec![("link".into(), None)];
        for (spot, figure) in &self.figures {
            let value = figures.iter().find(|(known, _)| known == figure).map(|(_, value)| *value);
            let Some(value) = value else { continue };
            match spot {
                Spot::Header(name) => headers.push((name.clone(), Some(value.to_string()))),
                Spot::Body(place) => {
                    if let Some(old) = at(&document, place) {
                        let new = figure_like(value, Some(old));
                        document = put_at(document, place, new);
                    }
                }
            }
        }
        let page = LinkedPage { from, size, total, last };
        self.put_links(request, &page, &mut document, &mut headers);
        ListPage { document, headers }
    }

    /// Whether it makes the recorded answers as they were, rows and what stands beside them.
    #[must_use]
    pub fn makes(
        &self,
        listing: &ListResource,
        item: Option<&Item>,
        samples: &[ListSample<'_>],
    ) -> bool {
        let (mut made, mut all) = (0_usize, 0_usize);
        for pair in samples.windows(2).rev().take(MADE_LOOKED_AT) {
            let [pattern, sample] = pair else { continue };
            let (Some(pattern), Some(document)) = (pattern.exchange.json(), sample.exchange.json())
            else {
                continue;
            };
            // Made after another answer, as a mock is.
            let asked = sample.request();
            let page = self.run((listing, item), asked, pattern.clone(), sample.all());
            all += 1;
            made += usize::from(alike(&page.document, document));
        }
        all > 0 && made as f64 >= MADE_SHARE * all as f64
    }

    /// Rows to leave out of those that pass, and the size of the page.
    pub(super) fn slice(&self, request: &Request, rows: &[ListRow<'_>]) -> (usize, Option<usize>) {
        use ParameterRole::{After, Before, Cursor, Offset, Page};
        let mut size = self.limit(request).or(self.size);
        let mut from = 0;
        for (name, value) in &request.query {
            match (self.role(name), number(request, name)) {
                (Some(role @ (Page(_, default) | Offset(default))), Some(value)) => {
                    size = size.or(Some(*default).filter(|default| *default > 0));
                    from = start(role, value, size.unwrap_or(0));
                }
                (Some(Cursor), _) => from = cursor_of(value).unwrap_or(0),
                (Some(role @ (After | Before)), _) => {
                    let most = size.unwrap_or(usize::MAX);
                    if let Some((begin, end)) = beside(role, value, rows, most) {
                        from = begin;
                        size = Some(end - begin).filter(|_| *role == Before).or(size);
                    }
                }
                _ => {}
            }
        }
        (from, size)
    }

    /// How many rows have to be in order: those of the page and before it, where no row says where
    /// it begins, and none is asked for by its name.
    fn needed(&self, request: &Request) -> usize {
        use ParameterRole::{After, Before};
        let is_keyed =
            request.query.iter().any(|(name, _)| matches!(self.role(name), Some(After | Before)));
        match self.slice(request, &[]) {
            (from, Some(size)) if !is_keyed && !self.as_asked => from.saturating_add(size),
            _ => usize::MAX,
        }
    }

    /// Whether a request asks for a page behind the last one.
    #[must_use]
    pub fn is_beyond(&self, request: &Request, rows: Vec<ListRow<'_>>) -> bool {
        let rows = self.filtered(request, rows, None);
        let (from, _) = self.slice(request, &rows);
        from > 0 && from >= rows.len()
    }

    /// Whether a request asks for a page.
    #[must_use]
    pub fn is_paged(&self, request: &Request) -> bool {
        request.query.iter().any(|(name, _)| {
            matches!(
                self.role(name),
                Some(ParameterRole::Page(..) | ParameterRole::Offset(_) | ParameterRole::Cursor)
            )
        })
    }

    fn show(
        &self,
        (listing, item): (&ListResource, Option<&Item>),
        pattern: Option<&Value>,
        page: &[ListRow<'_>],
    ) -> Vec<Value> {
        if listing.is_bare() {
            return page.iter().map(|(id, _)| Value::from(*id)).collect();
        }
        // Requests may choose among forms of rows: the one of the pattern's.
        let like = pattern.and_then(|rows| rows.as_array()?.first()?.as_object());
        let is_like = |names: &[Box<str>]| {
            like.is_some_and(|row| {
                names.len() == row.len() && names.iter().all(|name| row.contains_key(&**name))
            })
        };
        let alike = self.views.iter().find(|(names, _)| is_like(names));
        if let Some((_, view)) = alike.or_else(|| self.views.first()) {
            return page.iter().map(|row| view.row(&listing.id, *row)).collect();
        }
        // Members that readings have and lists never show.
        let hidden = |name: &str| {
            item.is_some_and(|item| item.common.contains(name)) && !self.shown.contains(name)
        };
        let row = |(_, row): &ListRow<'_>| {
            let members = row.iter().filter(|(name, _)| !hidden(name));
            Value::Object(members.map(|(n, v)| (n.clone(), v.clone())).collect::<Map<_, _>>())
        };
        page.iter().map(row).collect()
    }
}
