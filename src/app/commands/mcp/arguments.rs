//! Arguments of a tool: described for agents, and checked before anything is asked.

use serde_json::{Map, Value, json};

/// An argument as the input schema of a tool describes it.
pub struct Argument {
    pub name: &'static str,
    pub kind: ArgumentKind,
    pub required: bool,
    pub about: &'static str,
}

/// What an argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A string.
    Text,
    /// A whole number from 0 on.
    Count,
    /// True or false.
    Switch,
    /// An object that the admin reads, and reports every mistake in.
    Object,
    /// Any JSON.
    Any,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl Argument {
    /// One that may be left out.
    pub const fn optional(name: &'static str, kind: ArgumentKind, about: &'static str) -> Self {
        Self { name, kind, required: false, about }
    }

    /// One that must be given.
    pub const fn required(name: &'static str, kind: ArgumentKind, about: &'static str) -> Self {
        Self { name, kind, required: true, about }
    }
}

impl ArgumentKind {
    fn schema(self) -> Value {
        match self {
            Self::Text => json!({"type": "string"}),
            Self::Count => json!({"type": "integer", "minimum": 0}),
            Self::Switch => json!({"type": "boolean"}),
            Self::Object => json!({"type": "object"}),
            Self::Any => json!({}),
            Self::Word(words) => json!({"type": "string", "enum": words}),
        }
    }

    /// What was expected in the place of a value; `None` when it is what it should be.
    fn expected(self, value: &Value) -> Option<String> {
        let (fits, expected) = match self {
            Self::Text => (value.is_string(), "a string".to_owned()),
            Self::Count => (value.is_u64(), "a whole number from 0 on".to_owned()),
            Self::Switch => (value.is_boolean(), "true or false".to_owned()),
            Self::Object => (value.is_object(), "an object".to_owned()),
            Self::Any => (true, String::new()),
            Self::Word(words) => {
                let fits = value.as_str().is_some_and(|word| words.contains(&word));
                (fits, format!("one of {}", words.join(", ")))
            }
        };
        (!fits).then_some(expected)
    }
}

/// The input schema of a tool with these arguments.
pub fn input_schema(arguments: &[Argument]) -> Map<String, Value> {
    let mut members = Map::new();
    for Argument { name, kind, about, .. } in arguments {
        let mut schema = kind.schema();
        schema["description"] = json!(about);
        members.insert((*name).to_owned(), schema);
    }
    let required = arguments.iter().filter(|argument| argument.required);
    let required: Vec<&str> = required.map(|argument| argument.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(members));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
}

/// Arguments that were given, each known and of its kind.
pub struct GivenArguments(Map<String, Value>);

impl GivenArguments {
    /// Checks them; an error names every one that is wrong.
    pub fn check(mut given: Map<String, Value>, known: &[Argument]) -> Result<Self, String> {
        // Agents say null for what they leave out.
        given.retain(|_, value| !value.is_null());
        let mut wrong = Vec::new();
        for (name, value) in &given {
            match known.iter().find(|argument| argument.name == name) {
                None => {
                    let names: Vec<&str> = known.iter().map(|argument| argument.name).collect();
                    wrong.push(format!("`{name}` is unknown; known are: {}", names.join(", ")));
                }
                Some(argument) => {
                    let expected = argument.kind.expected(value);
                    wrong.extend(expected.map(|text| format!("`{name}`: expected {text}")));
                }
            }
        }
        let missing = known.iter().filter(|argument| argument.required);
        let missing = missing.filter(|argument| !given.contains_key(argument.name));
        wrong.extend(missing.map(|argument| format!("`{}` is missing", argument.name)));
        if wrong.is_empty() { Ok(Self(given)) } else { Err(wrong.join("; ")) }
    }

    /// A text, when it was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Any argument, when it was given.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Those of these names that were given, as one object.
    pub fn object(&self, names: &[&str]) -> Value {
        let given = self.0.iter().filter(|(name, _)| names.contains(&name.as_str()));
        Value::Object(given.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Those of these names that were given, as a query with its `?`; empty without any.
    pub fn query(&self, names: &[&str]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let mut any = false;
        for (name, value) in self.0.iter().filter(|(name, _)| names.contains(&name.as_str())) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            query.append_pair(name, &text);
            any = true;
        }
        if any { format!("?{}", query.finish()) } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Argument] = &[
        Argument::required("mode", ArgumentKind::Word(&["proxy", "mock"]), "who answers"),
        Argument::optional("status", ArgumentKind::Count, "a status"),
    ];

    fn check(given: Value) -> Result<String, String> {
        let Value::Object(given) = given else { panic!("an object") };
        GivenArguments::check(given, KNOWN).map(|given| given.query(&["mode", "status"]))
    }

    #[test]
    fn what_is_wrong_with_arguments_is_said_at_once() {
        let query = check(json!({"mode": "mock", "status": 200}));
        assert_eq!(query.as_deref(), Ok("?mode=mock&status=200"));
        assert_eq!(check(json!({"mode": "proxy", "status": null})).as_deref(), Ok("?mode=proxy"));
        let wrong = check(json!({"status": "x", "color": 1})).unwrap_err();
        for part in ["`mode` is missing", "`status`: expected a whole", "`color` is unknown"] {
            assert!(wrong.contains(part), "{wrong}");
        }
        assert!(check(json!({"mode": "shout"})).unwrap_err().contains("one of proxy, mock"));
    }

    #[test]
    fn the_schema_says_what_is_required_and_that_nothing_else_is_known() {
        let schema = Value::Object(input_schema(KNOWN));
        assert_eq!(schema["required"], json!(["mode"]));
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["status"]["description"], "a status");
    }
}
