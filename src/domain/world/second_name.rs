//! Another member of an item by which paths name it: `/projects/7` is `/projects/shop-one`.

use serde_json::Value;
use url::form_urlencoded;

use super::message::{Document, Request};
use super::pointer::{Pointer, as_segment};
use super::template::SiteTemplate;

/// Two members of an item that both name it; one of them is its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondName {
    /// The item.
    pub item: SiteTemplate,
    /// Where the entity stands in answers.
    pub envelope: Pointer,
    /// The member that is the id.
    pub id: Box<str>,
    /// The other one.
    pub member: Box<str>,
}

/// Says the id for the number of a second name, a path and a text.
type IdOf<'f> = dyn Fn(usize, &[String], &str) -> Option<Value> + 'f;

/// Reads a request that names items by their second name as one that names them by their id. False
/// where nothing changed.
pub fn read_by_id(names: &[SecondName], request: &mut Request, id_of: &IdOf<'_>) -> bool {
    let (mut is_read, mut is_asked) = (false, false);
    for (n, name) in names.iter().enumerate() {
        if name.item.begins(&request.segments) {
            let at = name.item.0.len() - 1;
            let id = id_of(n, &request.segments, &request.segments[at]);
            if let Some(id) = id.as_ref().and_then(as_segment) {
                request.segments[at] = id;
                is_read = true;
            }
        }
        for (_, value) in
            request.query.iter_mut().filter(|(called, _)| name.item.is_meant_by(called))
        {
            let id = id_of(n, &request.segments, value);
            if let Some(id) = id.as_ref().and_then(as_segment) {
                *value = id;
                is_asked = true;
            }
        }
        if let Document::Json(body) = &mut request.body {
            let id_of = |text: &str| id_of(n, &request.segments, text);
            is_read |= read_members(name, body, &id_of, 2);
        }
    }
    if is_asked {
        // What a list is asked for is read from the address.
        let path = request.target.split('?').next().unwrap_or_default();
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.query).finish();
        request.target = format!("{path}?{query}").into();
    }
    is_read || is_asked
}

/// The same for the members of a body, `depth` objects deep.
fn read_members(
    name: &SecondName,
    body: &mut Value,
    id_of: &dyn Fn(&str) -> Option<Value>,
    depth: usize,
) -> bool {
    let Value::Object(members) = body else { return false };
    let mut is_read = false;
    for (called, value) in members {
        let id = value.as_str().filter(|_| name.item.is_meant_by(called)).and_then(id_of);
        match id {
            Some(id) => {
                *value = id;
                is_read = true;
            }
            None if depth > 1 => is_read |= read_members(name, value, id_of, depth - 1),
            None => {}
        }
    }
    is_read
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::world::segments;

    fn name_of(path: &str) -> SecondName {
        let segment = |part: &String| (part != "{}").then(|| part.as_str().into());
        SecondName {
            item: SiteTemplate(segments(path).iter().map(segment).collect()),
            envelope: Pointer::new(),
            id: "id".into(),
            member: "slug".into(),
        }
    }

    #[test]
    fn a_request_is_read_by_the_id_in_path_query_and_body() {
        let names = [name_of("/projects/{}")];
        let headers = vec![("content-type".into(), "application/json".to_owned())];
        let body = br#"{"issue": {"project_id": "shop", "subject": "shop"}}"#;
        let head = ("POST", "/projects/shop/issues", "projectId=shop&q=shop");
        let mut request = Request::read(head, headers, body, 0);
        let id_of = |_: usize, _: &[String], text: &str| (text == "shop").then(|| 7.into());
        assert!(read_by_id(&names, &mut request, &id_of));
        assert_eq!(request.segments, ["projects", "7", "issues"]);
        assert_eq!(request.parameter("projectId"), Some("7"));
        assert_eq!(request.parameter("q"), Some("shop"));
        let read = serde_json::json!({"issue": {"project_id": 7, "subject": "shop"}});
        assert_eq!(request.body.json(), Some(&read));
        assert!(!read_by_id(&names, &mut request, &id_of), "it is read already");
    }

    #[test]
    fn parameters_are_meant_that_are_called_like_the_items() {
        let (project, category) = (name_of("/projects/{}"), name_of("/shop/categories/{}"));
        for meant in ["project", "project_id", "projectId", "projects"] {
            assert!(project.item.is_meant_by(meant), "{meant}");
        }
        assert!(category.item.is_meant_by("category_id"));
        for other in ["id", "project_name", "subproject", "q"] {
            assert!(!project.item.is_meant_by(other), "{other}");
        }
    }
}
