//! Paths that are called as procedures: the verb is their last segment, and what it is done to
//! stands in the query or in the body. `POST /user/update {"id": 7}` is `PATCH /user/7`.

use serde_json::Value;

use super::message::{Document, Request};
use super::pointer::as_segment;

/// What a procedure does, in the terms of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallKind {
    /// Shows one item.
    Reads,
    /// Shows several.
    Lists,
    /// Makes one.
    Creates,
    /// Changes one.
    Updates,
    /// Removes one.
    Deletes,
    /// Does something else to one.
    Acts,
}

/// A procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method as it is asked for.
    pub method: Box<str>,
    /// The path as it is asked for: literals alone.
    pub path: Vec<String>,
    /// The path of the items' collection.
    pub collection: Vec<String>,
    /// What it does.
    pub kind: CallKind,
    /// The parameter, or the member of the body, that names the item.
    pub id: Option<Box<str>>,
}

impl Call {
    /// Whether a method on a path calls it.
    #[must_use]
    pub fn is_called(&self, method: &str, path: &[String]) -> bool {
        (*self.method == *method || (method == "HEAD" && &*self.method == "GET"))
            && self.path == path
    }

    /// The method as which it is read.
    #[must_use]
    pub fn read_method(&self) -> &str {
        match self.kind {
            CallKind::Reads | CallKind::Lists => "GET",
            CallKind::Creates => "POST",
            CallKind::Updates => "PATCH",
            CallKind::Deletes => "DELETE",
            CallKind::Acts => &self.method,
        }
    }

    /// The path as which it is read, for an item of this id where it names one.
    #[must_use]
    pub fn segments(&self, id: &str) -> Vec<String> {
        let id = self.id.as_ref().map(|_| id.to_owned());
        let verb = self.path.last().filter(|_| self.kind == CallKind::Acts).cloned();
        self.collection.iter().cloned().chain(id).chain(verb).collect()
    }

    /// Reads a request as one about a resource; false where it names no item and must.
    pub fn read(&self, request: &mut Request) -> bool {
        let id = match &self.id {
            Some(name) => match take(request, name) {
                Some(id) => id,
                None => return false,
            },
            None => String::new(),
        };
        request.segments = self.segments(&id);
        if &*request.method != "HEAD" {
            request.method = self.read_method().into();
        }
        let is_bare =
            matches!(&request.body, Document::Json(Value::Object(body)) if body.is_empty());
        if is_bare && matches!(self.kind, CallKind::Reads | CallKind::Deletes) {
            (request.has_body, request.body) = (false, Document::None);
        }
        true
    }
}

/// Takes the id out of the query, or out of the body.
fn take(request: &mut Request, name: &str) -> Option<String> {
    if let Some(at) =
        request.query.iter().position(|(known, value)| known == name && !value.is_empty())
    {
        return Some(request.query.remove(at).1);
    }
    let Document::Json(Value::Object(body)) = &mut request.body else { return None };
    let id = as_segment(body.get(name)?).filter(|id| !id.is_empty())?;
    body.remove(name);
    Some(id)
}

/// Stands behind the last name above a procedure that is about no item, so that what it is called
/// is not taken for the id of one.
const CALLED: &str = "()";

/// Reads a request as one about a resource, where it calls a procedure; other procedures beside
/// those stay what they are, away from the items.
pub fn read_call(calls: &[Call], request: &mut Request) -> bool {
    let called = calls.iter().find(|call| call.is_called(&request.method, &request.segments));
    if called.is_some_and(|call| call.read(request)) {
        return true;
    }
    let Some(segments) = beside(calls, &request.segments) else { return false };
    request.segments = segments;
    true
}

/// The path of a procedure that stands beside known ones, away from their items.
#[must_use]
pub fn beside(calls: &[Call], segments: &[String]) -> Option<Vec<String>> {
    let (last, above) = segments.split_last()?;
    let (own, rest) = above.split_last()?;
    let is_beside = |call: &Call| call.path.split_last().is_some_and(|(_, known)| known == above);
    calls.iter().any(is_beside).then(|| {
        let own = format!("{own}{CALLED}");
        rest.iter().cloned().chain([own, last.clone()]).collect()
    })
}

/// A literal as it is asked for.
#[must_use]
pub fn as_called(segment: &str) -> &str {
    segment.strip_suffix(CALLED).unwrap_or(segment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::world::segments;

    fn call(method: &str, path: &str, kind: CallKind, id: Option<&str>) -> Call {
        let path = segments(path);
        let collection = path[..path.len() - 1].to_vec();
        Call { method: method.into(), path, collection, kind, id: id.map(Into::into) }
    }

    fn request(method: &str, path: &str, query: &str, body: &str) -> Request {
        let headers = vec![("content-type".into(), "application/json".to_owned())];
        Request::read((method, path, query), headers, body.as_bytes(), 0)
    }

    #[test]
    fn a_call_is_read_as_a_request_about_an_item() {
        let calls = [
            call("GET", "/user/get", CallKind::Reads, Some("id")),
            call("POST", "/user/create", CallKind::Creates, None),
            call("POST", "/user/update", CallKind::Updates, Some("id")),
            call("POST", "/user/delete", CallKind::Deletes, Some("id")),
            call("POST", "/user/block", CallKind::Acts, Some("id")),
        ];
        for (mut asked, method, path, body) in [
            (request("GET", "/user/get", "id=7&view=short", ""), "GET", "user/7", None),
            (request("POST", "/user/create", "", r#"{"name":"a"}"#), "POST", "user", Some("name")),
            (
                request("POST", "/user/update", "", r#"{"id":7,"name":"b"}"#),
                "PATCH",
                "user/7",
                Some("name"),
            ),
            (request("POST", "/user/delete", "", r#"{"id":"7"}"#), "DELETE", "user/7", None),
            (request("POST", "/user/block", "", r#"{"id":7}"#), "POST", "user/7/block", None),
        ] {
            assert!(read_call(&calls, &mut asked), "{path}");
            assert_eq!((&*asked.method, asked.segments.join("/")), (method, path.to_owned()));
            let members = asked.body.json().and_then(Value::as_object);
            let first = members.and_then(|members| members.keys().next());
            assert_eq!(first.map(String::as_str), body);
            assert_eq!(asked.parameter("id"), None);
        }
    }

    #[test]
    fn a_call_without_the_id_that_it_must_name_stays_one() {
        let calls = [call("GET", "/user/get", CallKind::Reads, Some("id"))];
        for query in ["", "id=", "uid=7"] {
            let mut asked = request("GET", "/user/get", query, "");
            assert!(read_call(&calls, &mut asked));
            assert_eq!(asked.segments, ["user()", "get"]);
            assert_eq!(
                asked.segments.iter().map(|s| as_called(s)).collect::<Vec<_>>(),
                ["user", "get"]
            );
        }
        let other = &mut request("POST", "/user/search", "id=7", "");
        assert!(read_call(&calls, other));
        assert_eq!(other.segments, ["user()", "search"]);
        assert!(!read_call(&calls, &mut request("GET", "/shop/get", "id=7", "")), "of another one");
    }
}
