//! A learned path template, as text.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A path template such as `/users/{id}`. Only the path room makes one; cloning shares the text.
///
/// Placeholders stand in braces and need not be unique: [`PathTemplate::parameters`] gives each
/// a name of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PathTemplate(Arc<str>);

/// One parameter of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Unique within the template: `id`, or `user_id` and `post_id` when two are called `id`.
    pub name: String,
    /// What stands in the braces.
    pub placeholder: String,
    /// The segment it stands in, counted from 0.
    pub segment: usize,
}

impl PathTemplate {
    pub(in crate::domain::path) fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// As shown: `/users/{id}`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parameters from left to right, each with a name that is unique in this template.
    /// A placeholder that occurs more than once takes the literal before it: `user_id`.
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut found: Vec<(Parameter, Option<&str>)> = Vec::new();
        let mut literal = None;
        for (segment, text) in self.0.split('/').skip(1).enumerate() {
            let placeholders = placeholders(text);
            for placeholder in &placeholders {
                let name = (*placeholder).to_owned();
                let parameter = Parameter { placeholder: name.clone(), name, segment };
                found.push((parameter, literal));
            }
            if placeholders.is_empty() && !text.is_empty() {
                literal = Some(text);
            }
        }
        name_uniquely(found)
    }
}

fn name_uniquely(found: Vec<(Parameter, Option<&str>)>) -> Vec<Parameter> {
    let shared = |name: &str| found.iter().filter(|(p, _)| p.placeholder == name).count() > 1;
    let mut named: Vec<Parameter> = Vec::with_capacity(found.len());
    for (parameter, literal) in &found {
        let mut parameter = parameter.clone();
        if let (true, Some(literal)) = (shared(&parameter.placeholder), literal) {
            parameter.name = format!("{}_{}", singular(literal), parameter.placeholder);
        }
        let base = parameter.name.clone();
        let mut number = 2;
        while named.iter().any(|earlier| earlier.name == parameter.name) {
            parameter.name = format!("{base}{number}");
            number += 1;
        }
        named.push(parameter);
    }
    named
}

/// The texts in braces, in order.
fn placeholders(segment: &str) -> Vec<&str> {
    segment
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(placeholder, _)| placeholder)
        .collect()
}

/// A lower-case snake-case name for one member of the collection `literal`.
fn singular(literal: &str) -> String {
    let mut name = String::with_capacity(literal.len());
    for character in literal.chars() {
        if character.is_ascii_uppercase() && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        let plain = character.is_ascii_alphanumeric();
        name.push(if plain { character.to_ascii_lowercase() } else { '_' });
    }
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for (plural, ending) in [("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")] {
        if let Some(stem) = name.strip_suffix(plural) {
            return format!("{stem}{ending}");
        }
    }
    match name.strip_suffix('s') {
        Some(stem) if !stem.is_empty() && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => name,
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for PathTemplate {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, expected: &[&str]) {
        let names: Vec<_> =
            PathTemplate::new(template).parameters().into_iter().map(|p| p.name).collect();
        assert_eq!(names, expected, "{template}");
    }

    #[test]
    fn parameters_have_unique_names() {
        check("/users", &[]);
        check("/users/{id}", &["id"]);
        check("/users/{id}/posts/{id}", &["user_id", "post_id"]);
        check("/{id}/{id}", &["id", "id2"]);
        check("/users/{id}/posts/{slug}", &["id", "slug"]);
        check("/categories/{id}/boxes/{id}", &["category_id", "box_id"]);
        check("/range/{id}-{id}", &["range_id", "range_id2"]);
    }

    #[test]
    fn template_is_its_text_in_json() {
        let template = PathTemplate::new("/users/{id}");
        assert_eq!(serde_json::to_string(&template).unwrap(), "\"/users/{id}\"");
    }
}
