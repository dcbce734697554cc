//! What a request asks a list for: its parameters, terms of a small language in one parameter, for
//! a list that is asked for by POST the leaves of the body, and for a list of items that have their
//! address elsewhere what stands above it (`/users/7/orders` asks for the orders of user 7).

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::domain::world::pointer::{PointerStep, dotted, leaves};
use crate::domain::world::{Request, SiteExchange};

/// Begins the names of what stands above a list; no parameter of a query has a blank in its name
/// that begins it.
const ABOVE: &str = " above ";

/// Wishes of one request.
const WISHES_MAX: usize = 64;

/// Signs between a name and a value in a term, the longer ones first.
const SIGNS: [&str; 17] = [
    " eq ", " ne ", " ge ", " gt ", " le ", " lt ", "==", "!=", "=~", "!~", ">=", "<=", "=", ">",
    "<", ":", "~",
];

/// The request with everything that it asks for as parameters of their own; `above` are the places
/// of the segments that choose among the items.
#[must_use]
pub fn asked<'r>(request: &'r Request, above: &[usize]) -> Cow<'r, Request> {
    let (_, text) = request.target.split_once('?').unwrap_or_default();
    let mut query: Vec<(String, String)> = Vec::new();
    let mut is_changed = !above.is_empty();
    for (n, segment) in above.iter().filter_map(|n| Some((n, request.segments.get(*n)?))) {
        query.push((format!("{ABOVE}{n}"), segment.clone()));
    }
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()).take(WISHES_MAX) {
        let terms: Option<Vec<_>> = value.split(" and ").map(term).collect();
        match terms {
            Some(terms) => {
                is_changed = true;
                let wish = |(own, sign, wanted): (&str, &str, &str)| {
                    (format!("{name}.{own}{sign}"), wanted.to_owned())
                };
                query.extend(terms.into_iter().map(wish));
            }
            // Of equal names the last one counts, as everywhere.
            None => {
                query.retain(|(known, _)| *known != name);
                query.push((name.into_owned(), value.into_owned()));
            }
        }
    }
    if !request.reads()
        && let Some(body) = request.body.tree()
    {
        is_changed = true;
        wishes(body, &mut query);
    }
    if !is_changed {
        return Cow::Borrowed(request);
    }
    query.truncate(WISHES_MAX);
    Cow::Owned(Request { query, ..request.clone() })
}

/// The same of a recorded exchange.
#[must_use]
pub fn asked_exchange(exchange: &Arc<SiteExchange>, above: &[usize]) -> Arc<SiteExchange> {
    match asked(&exchange.request, above) {
        Cow::Borrowed(_) => Arc::clone(exchange),
        Cow::Owned(request) => {
            Arc::new(SiteExchange { request: Arc::new(request), ..(**exchange).clone() })
        }
    }
}

/// Leaves of a body as parameters; an array of scalars is one, its items separated by commas.
fn wishes(body: &Value, query: &mut Vec<(String, String)>) {
    for (place, value) in leaves(body) {
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        match place.split_last() {
            Some((PointerStep::Item(_), array)) => {
                let name = dotted(array);
                match query.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, all)) => {
                        all.push(',');
                        all.push_str(&text);
                    }
                    None => query.push((name, text)),
                }
            }
            _ => query.push((dotted(&place), text)),
        }
    }
}

/// A term such as `state="open"`, `age>3` or `name eq 'x'`: name, sign and value.
fn term(text: &str) -> Option<(&str, &str, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))?;
    let (name, rest) = text.split_at(end);
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
    let value = rest[sign.len()..].trim();
    let quoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q));
    let is_direction = ["asc", "desc"].contains(&value.to_lowercase().as_str());
    let is_plain = !value.is_empty()
        && !is_direction
        && !value.starts_with(['/', '=', '"', '\''])
        && !value.contains([' ', ',', '&', '{', '[', ':']);
    (starts && (quoted.is_some() || is_plain)).then(|| (name, *sign, quoted.unwrap_or(value)))
}

/// Whether the value of a parameter is made of terms.
#[must_use]
pub fn is_term(value: &str) -> bool {
    value.split(" and ").all(|one| term(one).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::world::Document;

    fn names(target: &str) -> Vec<(String, String)> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        asked(&Request::read(("GET", path, query), Vec::new(), b"", 0), &[]).query.clone()
    }

    #[test]
    fn terms_are_wishes_of_their_own_though_the_parameter_repeats() {
        let found = names("/a?f=team%3D%22db%22&f=age%3E3&sort=name:asc&at=12:30&q=http://x.y");
        let wanted = [("f.team=", "db"), ("f.age>", "3"), ("sort", "name:asc")];
        let others = [("at", "12:30"), ("q", "http://x.y")];
        let wanted: Vec<(String, String)> =
            wanted.iter().chain(&others).map(|(a, b)| ((*a).into(), (*b).into())).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_body_asks_by_its_leaves() {
        let mut request = Request::read(("POST", "/find", ""), Vec::new(), b"", 0);
        request.body = Document::Json(serde_json::json!({"where": {"kind": "a"}, "ids": [1, 2]}));
        let found = asked(&request, &[]).query.clone();
        let has = |name: &str, text: &str| found.contains(&(name.into(), text.into()));
        assert!(has("where.kind", "a") && has("ids", "1,2"), "{found:?}");
    }

    #[test]
    fn what_stands_above_asks_where_the_items_live_elsewhere() {
        let request = Request::read(("GET", "/users/7/orders", "page=2"), Vec::new(), b"", 0);
        let found = asked(&request, &[1]).query.clone();
        assert_eq!(found[0], (" above 1".to_owned(), "7".to_owned()));
        assert_eq!(found[1], ("page".to_owned(), "2".to_owned()));
    }
}
