//! What a request asks a list for: its parameters, of a parameter that is a JSON document the
//! leaves, terms of a small language in one parameter, a relation that stands before a value, for
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

/// Bytes of a parameter that may be a JSON document; longer ones do not fit into an address.
const DOCUMENT_BYTES_MAX: usize = 16 * 1024;

/// Signs between a name and a value in a term, the longer ones first.
const SIGNS: [&str; 11] = ["==", "!=", "=~", "!~", ">=", "<=", "=", ">", "<", ":", "~"];

/// Words between a name and a value in a term, in lower case.
const SIGN_WORDS: [&str; 9] = ["eq", "ne", "ge", "gt", "le", "lt", "like", "ilike", "is"];

/// Signs and words before a value that say its relation: `>3`, `!x`, `gte.18`.
const RELATIONS: [&str; 12] = [">=", "<=", "!=", "==", "=~", "!~", ">", "<", "!", "=", ":", "~"];
const RELATION_WORDS: [&str; 17] = [
    "eq", "ne", "neq", "not", "gt", "gte", "ge", "lt", "lte", "le", "like", "ilike", "contains",
    "in", "nin", "is", "match",
];

/// The request with everything that it asks for as parameters of their own; `above` are the places
/// of the segments that choose among the items.
#[must_use]
pub fn asked<'r>(request: &'r Request, above: &[usize]) -> Cow<'r, Request> {
    let (_, text) = request.target.split_once('?').unwrap_or_default();
    let mut wishes = Wishes::default();
    for (n, segment) in above.iter().filter_map(|n| Some((n, request.segments.get(*n)?))) {
        wishes.0.push((format!("{ABOVE}{n}"), segment.clone()));
    }
    wishes.of_query(text);
    // A list that a procedure shows is read as one, whatever asks for it.
    if let Some(body) = request.body.tree() {
        wishes.of_document("", body);
    }
    let mut query = wishes.0;
    query.truncate(WISHES_MAX);
    if query == request.query {
        return Cow::Borrowed(request);
    }
    Cow::Owned(Request { query, ..request.clone() })
}

/// Whether a name is that of something above the list, and no parameter.
#[must_use]
pub fn is_above(name: &str) -> bool {
    name.starts_with(ABOVE)
}

/// What the query of an address asks for.
#[must_use]
pub fn asked_by(query: &str) -> Vec<(String, String)> {
    let mut wishes = Wishes::default();
    wishes.of_query(query);
    wishes.0
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

/// The document that a parameter is.
#[must_use]
pub fn document(value: &str) -> Option<Value> {
    let looks = value.starts_with(['{', '[']) && value.len() <= DOCUMENT_BYTES_MAX;
    let read = looks.then(|| serde_json::from_str(value).ok()).flatten();
    read.filter(|value: &Value| value.is_object() || value.is_array())
}

/// What is asked for, by name; of one name several values are separated by commas.
#[derive(Default)]
struct Wishes(Vec<(String, String)>);

impl Wishes {
    fn of_query(&mut self, text: &str) {
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()).take(WISHES_MAX) {
            match document(&value) {
                Some(document) => self.of_document(&name, &document),
                None => self.add(&name, &value),
            }
        }
    }

    /// Leaves of a document; an array of scalars is one, its items separated by commas.
    fn of_document(&mut self, prefix: &str, document: &Value) {
        for (place, value) in leaves(document) {
            let end = match place.split_last() {
                Some((PointerStep::Item(_), array)) => array,
                _ => &place,
            };
            let name = match (prefix, dotted(end)) {
                ("", own) => own,
                (prefix, own) if own.is_empty() => prefix.to_owned(),
                (prefix, own) => format!("{prefix}.{own}"),
            };
            match value.as_str() {
                Some(text) => self.add(&name, text),
                None => match sort_by_name(&name, &value.to_string()) {
                    Some((sort, wish)) => self.put(sort.to_owned(), &wish),
                    None => self.put(name, &value.to_string()),
                },
            }
        }
    }

    fn add(&mut self, name: &str, value: &str) {
        if let Some((sort, wish)) = sort_by_name(name, value) {
            self.put(sort.to_owned(), &wish);
        } else if let Some(terms) = terms(value) {
            for (own, sign, wanted) in terms {
                self.0.push((format!("{name}.{own}{sign}"), wanted.to_owned()));
            }
        } else if let Some((sign, wanted)) = relation(value) {
            self.put(format!("{name}{sign}"), wanted);
        } else {
            self.put(name.to_owned(), value);
        }
    }

    fn put(&mut self, name: String, value: &str) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, all)) if all == value => {}
            Some((_, all)) => {
                all.push(',');
                all.push_str(value);
            }
            None => self.0.push((name, value.to_owned())),
        }
    }
}

/// The parameter and the wish where the name of a parameter holds the member to sort by, and its
/// value the direction: `sort[age]=-1`, `order[name]=desc`, `sort={"age": 1}`. What the words mean
/// is learned.
fn sort_by_name<'n>(name: &'n str, value: &str) -> Option<(&'n str, String)> {
    let bracketed = || name.strip_suffix(']')?.split_once('[');
    let (sort, member) = bracketed().or_else(|| name.split_once('.'))?;
    let lower = sort.to_ascii_lowercase();
    if !lower.contains("sort") && !lower.contains("order") {
        return None;
    }
    // A number is a direction where the name says `sort`; `order.id=1` may well be an id.
    let is_sort = lower.contains("sort");
    let word = match value.to_ascii_lowercase().as_str() {
        "1" if is_sort => "asc",
        "-1" if is_sort => "desc",
        "asc" | "ascending" => "asc",
        "desc" | "descending" => "desc",
        _ => return None,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let is_word = ["by", "dir", "direction", "order"].contains(&&*member.to_ascii_lowercase());
    let is_member = !member.is_empty() && member.chars().all(plain) && !is_word;
    is_member.then(|| (sort, format!("{member}:{word}")))
}

/// A relation that stands before a value, as it goes on a name, and the value.
fn relation(value: &str) -> Option<(String, &str)> {
    if let Some(sign) = RELATIONS.iter().find(|sign| value.starts_with(**sign)) {
        let rest = value[sign.len()..].trim();
        return (!rest.is_empty()).then(|| ((*sign).to_owned(), rest));
    }
    let (word, rest) = value.split_once('.').filter(|(_, rest)| !rest.is_empty())?;
    let listed = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    // Many names begin like this one, that of a file among them.
    let is_relation = RELATION_WORDS.contains(&word) && (word != "in" || listed.is_some());
    is_relation.then(|| (format!(".{word}."), listed.unwrap_or(rest)))
}

type Term<'t> = (&'t str, Cow<'static, str>, &'t str);

fn terms(value: &str) -> Option<Vec<Term<'_>>> {
    value.split(" and ").flat_map(|part| part.split(" AND ")).map(term).collect()
}

/// A term such as `state="open"`, `age > 3` or `name eq 'x'`: name, sign and value.
fn term(text: &str) -> Option<Term<'_>> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))?;
    let (name, rest) = text.split_at(end);
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let bare = rest.trim_start();
    let is_apart = bare.len() < rest.len();
    let sign = SIGNS.iter().find(|sign| bare.starts_with(**sign) && (!is_apart || **sign != ":"));
    let (sign, value): (Cow<'static, str>, &str) = match sign {
        Some(sign) => ((*sign).into(), &bare[sign.len()..]),
        None => {
            let (word, value) = bare.split_once(' ').filter(|_| is_apart)?;
            let word = SIGN_WORDS.iter().find(|known| known.eq_ignore_ascii_case(word))?;
            (format!(" {word} ").into(), value)
        }
    };
    let value = value.trim();
    let quoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q));
    let is_direction = ["asc", "desc"].contains(&value.to_lowercase().as_str());
    let is_plain = !value.is_empty()
        && !is_direction
        && !value.starts_with(['/', '=', '"', '\''])
        && !value.contains([' ', ',', '&', '{', '[', ':']);
    (starts && (quoted.is_some() || is_plain)).then(|| (name, sign, quoted.unwrap_or(value)))
}

/// Whether the value of a parameter is made of terms.
#[must_use]
pub fn is_term(value: &str) -> bool {
    terms(value).is_some()
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

    #[track_caller]
    fn check(target: &str, wanted: &[(&str, &str)]) {
        let wanted: Vec<(String, String)> =
            wanted.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        assert_eq!(names(target), wanted, "{target}");
    }

    #[test]
    fn a_parameter_that_is_a_document_asks_by_its_leaves() {
        let filter = r#"{"where":{"city":"Linz","price":{"gt":5}},"order":["a ASC","b"],"skip":6}"#;
        check(
            &format!("/a?filter={filter}&range=[0,9]&odd={{city:"),
            &[
                ("filter.where.city", "Linz"),
                ("filter.where.price.gt", "5"),
                ("filter.order", "a ASC,b"),
                ("filter.skip", "6"),
                ("range", "0,9"),
                ("odd", "{city:"),
            ],
        );
    }

    #[test]
    fn a_member_to_sort_by_may_stand_in_the_name() {
        check("/a?$sort[age]=-1&$sort[name]=1", &[("$sort", "age:desc,name:asc")]);
        check("/a?order[born.at]=DESC&order[0]=x", &[("order", "born.at:desc"), ("order[0]", "x")]);
        check(r#"/a?sort={"age":1}&sort.dir=asc"#, &[("sort", "age:asc"), ("sort.dir", "asc")]);
        check("/a?price[gt]=1&ids[]=1", &[("price[gt]", "1"), ("ids[]", "1")]);
        check("/a?order.id=1", &[("order.id", "1")]);
    }

    #[test]
    fn a_relation_before_a_value_is_part_of_the_name() {
        check(
            "/a?views=%3E50&title=:word&name=!x",
            &[("views>", "50"), ("title:", "word"), ("name!", "x")],
        );
        check(
            "/a?age=gte.18&name=like.*x*&id=in.(1,2)",
            &[("age.gte.", "18"), ("name.like.", "*x*"), ("id.in.", "1,2")],
        );
        check(
            "/a?age=gte:18&file=in.txt&sort=-age",
            &[("age.gte:", "18"), ("file", "in.txt"), ("sort", "-age")],
        );
        check(
            "/a?q=tags.team = 'db'&p=loss < 0.5 AND name LIKE 'x%25'",
            &[("q.tags.team=", "db"), ("p.loss<", "0.5"), ("p.name like ", "x%")],
        );
    }

    #[test]
    fn a_parameter_that_repeats_has_several_values() {
        check("/a?tag=a&tag=b&n=1&n=1", &[("tag", "a,b"), ("n", "1")]);
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
