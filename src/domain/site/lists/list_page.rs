//! Makes a list from the collection as it is now.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::order::sort;
use super::pages::{PagesCounted, figure_like, start};
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

/// Where the list continues.
struct Link(String);

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
        let mut rows = self.filtered(request, collection, None);
        for (name, value) in request.query.iter().filter(|(name, _)| self.role(name).is_none()) {
            if let Some((operator, member)) = self.named_alike(name) {
                rows.retain(|(_, row)| operator.holds(row, &member, value));
            }
        }
        sort(&mut rows, &self.order_of(request));
        self.sort_as_asked(request, &mut rows);
        let total = rows.len();
        let (from, size) = self.slice(request);
        let page: Vec<ListRow<'_>> =
            rows.into_iter().skip(from).take(size.unwrap_or(usize::MAX)).collect();
        let envelope = listing.place_in(&pattern);
        let shown = self.show((listing, item), at(&pattern, &envelope), &page);
        let mut document = put_at(pattern, &envelope, Value::Array(shown));
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
        let more = size.filter(|size| from + size < total).map(|size| from + size);
        self.continue_at(request, listing, more, &mut document, &mut headers);
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

    /// Rows to leave out, and the size of the page.
    pub(super) fn slice(&self, request: &Request) -> (usize, Option<usize>) {
        let mut size = self.limit(request).or(self.size);
        let mut from = 0;
        for (name, value) in &request.query {
            match (self.role(name), value.parse::<usize>()) {
                (
                    Some(role @ (ParameterRole::Page(_, default) | ParameterRole::Offset(default))),
                    Ok(value),
                ) => {
                    size = size.or(Some(*default).filter(|default| *default > 0));
                    from = start(role, value, size.unwrap_or(0));
                }
                (Some(ParameterRole::Cursor), _) => from = cursor_of(value).unwrap_or(0),
                _ => {}
            }
        }
        (from, size)
    }

    /// Whether a request asks for a page behind the last one.
    #[must_use]
    pub fn is_beyond(&self, request: &Request, rows: Vec<ListRow<'_>>) -> bool {
        let (from, _) = self.slice(request);
        from > 0 && from >= self.filtered(request, rows, None).len()
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

    fn continue_at(
        &self,
        request: &Request,
        listing: &ListResource,
        more: Option<usize>,
        document: &mut Value,
        headers: &mut Vec<(Box<str>, Option<String>)>,
    ) {
        let Some((spot, parameter)) = &self.next else { return };
        let link = more.map(|from| self.link(request, parameter, from));
        match spot {
            Spot::Header(name) => headers.push((name.clone(), link.map(|link| link.0))),
            Spot::Body(place) => {
                let inside = !listing.envelope.is_empty() && place.starts_with(&listing.envelope);
                if !inside
                    && document.is_object()
                    && (link.is_some() || at(document, place).is_some())
                {
                    let value = link.map_or(Value::Null, |link| link.0.into());
                    *document = put_at(document.take(), place, value);
                }
            }
        }
    }

    fn link(&self, request: &Request, parameter: &str, from: usize) -> Link {
        let value = match self.role(parameter) {
            Some(ParameterRole::Offset(_)) => from.to_string(),
            Some(ParameterRole::Page(base, _)) => {
                let now = request.parameter(parameter).and_then(|value| value.parse().ok());
                (now.unwrap_or(*base) + 1).to_string()
            }
            _ => cursor(from),
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let mut stands = false;
        for (name, old) in &request.query {
            let is_own = name == parameter;
            stands |= is_own;
            query.append_pair(name, if is_own { &value } else { old });
        }
        if !stands {
            query.append_pair(parameter, &value);
        }
        let path = request.target.split('?').next().unwrap_or_default();
        let own = || format!("http://{}", request.header("host").unwrap_or("localhost"));
        let authority = self.authority.as_deref().map_or_else(own, ToOwned::to_owned);
        Link(format!("{authority}{path}?{}", query.finish()))
    }
}

/// A cursor of the double's own: opaque, and nothing but the rows that lie before it.
fn cursor(from: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("c:{from}"))
}

fn cursor_of(text: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
    String::from_utf8(bytes).ok()?.strip_prefix("c:")?.parse().ok()
}
