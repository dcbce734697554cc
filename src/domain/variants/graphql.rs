//! GraphQL documents (October 2021): the operation as facts, and answers cut to what was selected.

use std::collections::BTreeMap;

use graphql_parser::query::{
    Definition, Document, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
    Value as Argument, parse_query,
};
use serde_json::{Map, Value};

/// Bytes of a document that is read.
const DOCUMENT_BYTES_MAX: usize = 64 << 10;

/// Depth of fragments within fragments.
const DEPTH_MAX: usize = 24;

type Fragments<'d> = BTreeMap<&'d str, &'d FragmentDefinition<'d, &'d str>>;

/// The operation that a text asks for, as facts: kind, name, selection and inline arguments.
/// `beside` holds what stands beside the text, where the name of the operation may be.
#[must_use]
pub(super) fn read(text: &str, beside: &Value) -> Option<Value> {
    if text.len() > DOCUMENT_BYTES_MAX || !text.contains('{') {
        return None;
    }
    let document = parse_query::<&str>(text).ok()?;
    let named = beside.get("operationName").and_then(Value::as_str);
    let (kind, name, set) = operation(&document, named)?;
    let fragments = fragments(&document);
    let mut selection = String::new();
    let mut arguments = Map::new();
    normalise((set, &fragments), &mut selection, "", &mut arguments, 0);
    let mut facts = Map::new();
    facts.insert("kind".to_owned(), kind.into());
    facts.insert("name".to_owned(), name.unwrap_or_default().into());
    facts.insert("selection".to_owned(), selection.into());
    if !arguments.is_empty() {
        facts.insert("arguments".to_owned(), Value::Object(arguments));
    }
    Some(Value::Object(facts))
}

/// Fields that are selected together.
type Set<'d> = SelectionSet<'d, &'d str>;

type Operation<'d> = (&'static str, Option<&'d str>, &'d Set<'d>);

fn operation<'d>(
    document: &'d Document<'d, &'d str>,
    named: Option<&str>,
) -> Option<Operation<'d>> {
    let operations = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Operation(operation) => Some(match operation {
            OperationDefinition::SelectionSet(set) => ("query", None, set),
            OperationDefinition::Query(query) => ("query", query.name, &query.selection_set),
            OperationDefinition::Mutation(m) => ("mutation", m.name, &m.selection_set),
            OperationDefinition::Subscription(s) => ("subscription", s.name, &s.selection_set),
        }),
        Definition::Fragment(_) => None,
    });
    let mut operations = operations.filter(|(_, name, _)| named.is_none() || *name == named);
    operations.next()
}

fn fragments<'d>(document: &'d Document<'d, &'d str>) -> Fragments<'d> {
    let fragments = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Fragment(fragment) => Some((fragment.name, fragment)),
        Definition::Operation(_) => None,
    });
    fragments.collect()
}

/// Fields in their order, with fragments in their place; arguments that stand in the text.
fn normalise<'d>(
    (set, fragments): (&Set<'d>, &Fragments<'d>),
    out: &mut String,
    at: &str,
    arguments: &mut Map<String, Value>,
    depth: usize,
) {
    if depth > DEPTH_MAX {
        return;
    }
    for selection in &set.items {
        match selection {
            Selection::Field(field) => {
                let key = field.alias.unwrap_or(field.name);
                out.push_str(key);
                if key != field.name {
                    out.push(':');
                    out.push_str(field.name);
                }
                let place = if at.is_empty() { key.to_owned() } else { format!("{at} {key}") };
                for (name, value) in &field.arguments {
                    if let Some(value) = literal(value) {
                        arguments.insert(format!("{place}({name})"), value);
                    }
                }
                if !field.selection_set.items.is_empty() {
                    out.push('{');
                    let inner = (&field.selection_set, fragments);
                    normalise(inner, out, &place, arguments, depth + 1);
                    out.push('}');
                }
                out.push(' ');
            }
            Selection::InlineFragment(fragment) => {
                let inner = (&fragment.selection_set, fragments);
                normalise(inner, out, at, arguments, depth + 1);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.get(spread.fragment_name) {
                    let inner = (&fragment.selection_set, fragments);
                    normalise(inner, out, at, arguments, depth + 1);
                }
            }
        }
    }
}

fn literal<'d>(value: &Argument<'d, &'d str>) -> Option<Value> {
    match value {
        Argument::Int(number) => number.as_i64().map(Into::into),
        Argument::Float(number) => serde_json::Number::from_f64(*number).map(Value::Number),
        Argument::String(text) => Some(text.as_str().into()),
        Argument::Boolean(value) => Some((*value).into()),
        Argument::Enum(name) => Some((*name).into()),
        Argument::Null => Some(Value::Null),
        Argument::Variable(_) | Argument::List(_) | Argument::Object(_) => None,
    }
}

/// What other answers of the endpoint hold, where this one lacks a field that is asked for.
pub type GraphqlLender<'l> = &'l dyn Fn(&str, &Map<String, Value>) -> Option<Value>;

/// The data of an answer with exactly the fields that a document selects: aliases renamed, others
/// left out, missing ones lent. `None` where something that nothing is known of is asked for.
#[must_use]
pub fn reshape(text: &str, beside: &Value, data: &Value, lend: GraphqlLender<'_>) -> Option<Value> {
    let document = parse_query::<&str>(text).ok()?;
    let named = beside.get("operationName").and_then(Value::as_str);
    let (_, _, set) = operation(&document, named)?;
    let fragments = fragments(&document);
    selected((set, &fragments), data, lend, 0)
}

fn selected<'d>(
    (set, fragments): (&Set<'d>, &Fragments<'d>),
    data: &Value,
    lend: GraphqlLender<'_>,
    depth: usize,
) -> Option<Value> {
    match data {
        Value::Array(items) => {
            items.iter().map(|item| selected((set, fragments), item, lend, depth)).collect()
        }
        Value::Object(members) => {
            let mut out = Map::new();
            fields((set, fragments), members, lend, &mut out, depth)?;
            Some(Value::Object(out))
        }
        other => Some(other.clone()),
    }
}

fn fields<'d>(
    (set, fragments): (&Set<'d>, &Fragments<'d>),
    data: &Map<String, Value>,
    lend: GraphqlLender<'_>,
    out: &mut Map<String, Value>,
    depth: usize,
) -> Option<()> {
    if depth > DEPTH_MAX {
        return None;
    }
    for selection in &set.items {
        match selection {
            Selection::Field(field) => {
                let key = field.alias.unwrap_or(field.name);
                let known = data.get(key).or_else(|| data.get(field.name)).cloned();
                let value = known.or_else(|| lend(field.name, data))?;
                let value = if field.selection_set.items.is_empty() {
                    value
                } else {
                    selected((&field.selection_set, fragments), &value, lend, depth + 1)?
                };
                out.insert(key.to_owned(), value);
            }
            // Which type an object has is seldom said: of a fragment those fields are taken that
            // are there.
            Selection::InlineFragment(fragment) => {
                present((&fragment.selection_set, fragments), data, lend, out, depth + 1);
            }
            Selection::FragmentSpread(spread) => {
                let fragment = fragments.get(spread.fragment_name)?;
                let inner = (&fragment.selection_set, fragments);
                if inner.0.items.iter().all(|item| is_there(item, data)) {
                    fields(inner, data, lend, out, depth + 1)?;
                } else {
                    present(inner, data, lend, out, depth + 1);
                }
            }
        }
    }
    Some(())
}

fn is_there<'d>(selection: &Selection<'d, &'d str>, data: &Map<String, Value>) -> bool {
    match selection {
        Selection::Field(field) => data.contains_key(field.alias.unwrap_or(field.name)),
        Selection::InlineFragment(_) | Selection::FragmentSpread(_) => true,
    }
}

fn present<'d>(
    (set, fragments): (&Set<'d>, &Fragments<'d>),
    data: &Map<String, Value>,
    lend: GraphqlLender<'_>,
    out: &mut Map<String, Value>,
    depth: usize,
) {
    for selection in set.items.iter().filter(|selection| is_there(selection, data)) {
        let one = SelectionSet { span: set.span, items: vec![selection.clone()] };
        // A field of another type that happens to be called alike is left out.
        let _lacks = fields((&one, fragments), data, lend, out, depth);
    }
}
