//! An endpoint as documents name it: its path with unique parameters, its name, its bodies.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::body::{BodyKind, BodyModel};
use crate::domain::portable::portable_model::{PortableEndpoint, PortableModel, shape_of_path};

/// An endpoint with the names that documents give it.
pub struct NamedOperation<'m> {
    pub endpoint: &'m PortableEndpoint,
    /// Unique in the document, in camel case: `getUsersById`.
    pub name: String,
    /// The template with a name of its own for each parameter.
    pub path: String,
    pub parameters: Vec<String>,
}

/// The endpoints that requests of the usual methods reach; of several backends the first that has
/// the path.
pub fn operations(model: &PortableModel) -> Vec<NamedOperation<'_>> {
    const METHODS: [&str; 8] =
        ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    for endpoint in &model.endpoints {
        let nothing = endpoint.model.observations == 0 && endpoint.model.prior.is_none();
        if !METHODS.contains(&endpoint.method.as_str()) || nothing {
            continue;
        }
        let (path, parameters) = named_path(endpoint);
        if !places.insert((endpoint.method.clone(), shape_of_path(&path))) {
            continue;
        }
        let base = camel(&endpoint.method.to_lowercase(), &path);
        let mut name = base.clone();
        let mut number = 2;
        while !names.insert(name.clone()) {
            name = format!("{base}{number}");
            number += 1;
        }
        found.push(NamedOperation { endpoint, name, path, parameters });
    }
    found
}

/// `/users/{id}/posts/{id}` as `/users/{user_id}/posts/{post_id}`, and the names.
fn named_path(endpoint: &PortableEndpoint) -> (String, Vec<String>) {
    let mut names: Vec<String> = Vec::new();
    for parameter in endpoint.template.parameters() {
        // What stands in braces in other documents is a name.
        let plain: String = parameter
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' })
            .collect();
        let mut name = plain.clone();
        while names.contains(&name) {
            name.push('_');
        }
        names.push(name);
    }
    let (mut path, mut rest, mut given) = (String::new(), endpoint.template.as_str(), names.iter());
    while let Some((literal, after)) = rest.split_once('{') {
        path.push_str(literal);
        let (_placeholder, after) = after.split_once('}').unwrap_or((after, ""));
        path.push_str(&format!("{{{}}}", given.next().map_or("value", String::as_str)));
        rest = after;
    }
    (path + rest, names)
}

fn camel(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for segment in path.split('/') {
        let is_parameter = segment.contains('{');
        let mut upper = true;
        if is_parameter {
            name.push_str("By");
        }
        for character in segment.chars() {
            if !character.is_ascii_alphanumeric() {
                upper = true;
            } else if std::mem::replace(&mut upper, false) {
                name.push(character.to_ascii_uppercase());
            } else {
                name.push(character);
            }
        }
    }
    name
}

/// The schema of a body as it stands inside of another document.
pub fn schema_of(body: &BodyModel) -> Option<Value> {
    let mut schema = body.json_schema()?;
    if let Some(members) = schema.as_object_mut() {
        members.remove("$schema");
    }
    Some(schema)
}

/// The media type of request bodies.
pub fn request_media(body: &BodyModel) -> Option<&'static str> {
    Some(match body.kind() {
        BodyKind::Empty => return None,
        BodyKind::Json => "application/json",
        BodyKind::Form => "application/x-www-form-urlencoded",
        BodyKind::Text => "text/plain",
        BodyKind::Html => "text/html",
        BodyKind::Xml => "application/xml",
        BodyKind::Binary => "application/octet-stream",
    })
}

/// The status that most answers have; a success where there is one.
pub fn main_status(endpoint: &PortableEndpoint) -> Option<u16> {
    let model = &endpoint.model;
    let answers = model.answers.iter();
    let known = answers.max_by_key(|(status, answer)| (**status < 400, answer.observations));
    let prior = || model.prior.as_ref().map(|prior| prior.main);
    known.map(|(status, _)| *status).or_else(prior)
}
