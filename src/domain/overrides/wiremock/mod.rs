//! WireMock stub mappings as overrides: what can be carried over is, what cannot is named.
//!
//! ```text
//! {"request": …, "response": …}          ──▶ one override
//! {"mappings": […]} with scenarios       ──▶ one override a request, its states as a sequence
//! ```
//!
//! A mapping of which a condition cannot be carried over is left out, since without it the override
//! would mean more requests than the mapping did; one of which only something about the answer
//! cannot be carried over is imported, and the report says what is missing.

mod request;
mod response;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::override_rule::OverrideRule;
use crate::domain::chaos::{ChaosLimits, RuleId};

/// Mappings of one import.
const MAPPINGS_MAX: usize = 1_000;

/// The state in which a scenario begins.
const STARTED: &str = "Started";

/// What an import makes of mappings.
#[derive(Debug, Default)]
pub struct WiremockImport {
    /// Documents of overrides, as people write them.
    pub overrides: Vec<Value>,
    /// One for each mapping, in order.
    pub reports: Vec<MappingReport>,
}

/// What became of one mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MappingReport {
    /// Its name, or its method and URL.
    pub mapping: String,
    /// False when nothing of it was taken; `missing` says why.
    pub imported: bool,
    /// What of it was not carried over, and why.
    pub missing: Vec<String>,
}

/// Notes on what cannot be carried over.
#[derive(Debug, Default)]
struct Notes {
    /// Of the answer: the mapping is imported without it.
    missing: Vec<String>,
    /// Of the conditions: the mapping is left out.
    blocking: Vec<String>,
}

/// A mapping, read.
struct Mapping {
    name: String,
    whom: Value,
    answer: Value,
    priority: i64,
    scenario: Option<Scenario>,
    notes: Notes,
}

struct Scenario {
    name: String,
    required: Option<String>,
    next: Option<String>,
}

/// Reads one mapping or `{"mappings": […]}`.
///
/// # Errors
/// When the document is neither.
pub fn import(document: &Value, limits: &ChaosLimits) -> Result<WiremockImport, String> {
    let mappings: Vec<&Value> = match (document.get("mappings"), document.get("request")) {
        (Some(Value::Array(mappings)), _) => mappings.iter().collect(),
        (None, Some(_)) => vec![document],
        _ => return Err("expected a mapping or a list of them under `mappings`".to_owned()),
    };
    if mappings.len() > MAPPINGS_MAX {
        return Err(format!("expected at most {MAPPINGS_MAX} mappings"));
    }
    let mut read: Vec<Mapping> = mappings.into_iter().map(Mapping::read).collect();
    let mut import = WiremockImport::default();
    let sequences = sequences(&mut read);
    for (at, mapping) in read.iter().enumerate() {
        let Notes { missing, blocking } = &mapping.notes;
        let mut missing: Vec<String> = blocking.iter().chain(missing).cloned().collect();
        let steps = sequences.iter().find(|steps| steps.contains(&at));
        let is_first = steps.is_none_or(|steps| steps.first() == Some(&at));
        let mut imported = blocking.is_empty();
        if imported && is_first {
            let steps = steps.map(|steps| steps.iter().filter_map(|at| read.get(*at)).collect());
            let document = mapping.document(steps);
            // An expression of another dialect, a header that the double keeps to itself.
            match OverrideRule::parse(&document, limits, 0, RuleId::new("draft")) {
                Ok(_) => import.overrides.push(document),
                Err(errors) => {
                    imported = false;
                    missing.extend(errors.iter().map(ToString::to_string));
                }
            }
        }
        import.reports.push(MappingReport { mapping: mapping.name.clone(), imported, missing });
    }
    Ok(import)
}

impl Mapping {
    fn read(value: &Value) -> Self {
        let mut notes = Notes::default();
        let known = [
            "id",
            "uuid",
            "name",
            "request",
            "response",
            "priority",
            "scenarioName",
            "requiredScenarioState",
            "newScenarioState",
            "persistent",
            "metadata",
            // The order in which a server took them, which the file's own order is.
            "insertionIndex",
        ];
        for name in value.as_object().into_iter().flatten().map(|(name, _)| name) {
            if !known.contains(&name.as_str()) {
                notes.missing.push(format!("`{name}`: the double has nothing like it"));
            }
        }
        let empty = Value::Object(Map::new());
        let asked = value.get("request").unwrap_or(&empty);
        let whom = request::conditions(asked, &mut notes);
        let answer = response::answer(value.get("response").unwrap_or(&empty), &mut notes);
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let scenario = text("scenarioName").map(|name| Scenario {
            name,
            required: text("requiredScenarioState"),
            next: text("newScenarioState"),
        });
        // WireMock's first is 1 and its default 5; here higher ones come first.
        let priority = -value.get("priority").and_then(Value::as_i64).unwrap_or(5);
        let name = text("name").unwrap_or_else(|| request::name(asked));
        Self { name, whom, answer, priority, scenario, notes }
    }

    fn document(&self, steps: Option<Vec<&Self>>) -> Value {
        let mut document = json!({
            "name": self.name,
            "reason": "imported from WireMock",
            "priority": self.priority.clamp(-1_000_000, 1_000_000),
            "match": self.whom,
        });
        match steps {
            Some(steps) => {
                let last = steps.len().saturating_sub(1);
                let answers = steps.iter().enumerate().map(|(at, step)| {
                    let mut answer = step.answer.clone();
                    if at < last {
                        answer["times"] = json!(1);
                    }
                    answer
                });
                document["answers"] = answers.collect();
            }
            None => document["answer"] = self.answer.clone(),
        }
        document
    }
}

/// Scenarios as sequences: the mappings of each, from `Started` on. A scenario whose mappings ask
/// for different requests moves by one and shows in another, which a sequence cannot.
fn sequences(mappings: &mut [Mapping]) -> Vec<Vec<usize>> {
    let mut names: Vec<String> = Vec::new();
    for mapping in mappings.iter() {
        if let Some(scenario) = &mapping.scenario
            && !names.contains(&scenario.name)
        {
            names.push(scenario.name.clone());
        }
    }
    let mut sequences = Vec::new();
    for name in names {
        let is_of = |mapping: &Mapping| {
            mapping.scenario.as_ref().is_some_and(|scenario| scenario.name == name)
        };
        let members: Vec<usize> =
            mappings.iter().enumerate().filter(|(_, one)| is_of(one)).map(|(at, _)| at).collect();
        match chain(mappings, &members) {
            Ok(steps) => sequences.push(steps),
            Err(why) => {
                let note = format!("scenario `{name}`: {why}");
                for at in members {
                    if let Some(mapping) = mappings.get_mut(at) {
                        mapping.notes.blocking.push(note.clone());
                    }
                }
            }
        }
    }
    sequences
}

fn chain(mappings: &[Mapping], members: &[usize]) -> Result<Vec<usize>, &'static str> {
    let whom = |at: &usize| mappings.get(*at).map(|mapping| &mapping.whom);
    if members.iter().any(|at| whom(at) != members.first().and_then(whom)) {
        return Err("its mappings ask for different requests, and a sequence has one");
    }
    if members
        .iter()
        .any(|at| mappings.get(*at).is_some_and(|mapping| !mapping.notes.blocking.is_empty()))
    {
        return Err("one of its mappings cannot be carried over");
    }
    let mut steps = Vec::new();
    let mut state = STARTED.to_owned();
    loop {
        let next = members.iter().find(|at| {
            let scenario = mappings.get(**at).and_then(|mapping| mapping.scenario.as_ref());
            scenario
                .is_some_and(|scenario| scenario.required.as_deref().unwrap_or(STARTED) == state)
        });
        let Some(at) = next else { break };
        if steps.contains(at) {
            return Err("its states go round, which is not carried over");
        }
        steps.push(*at);
        let scenario = mappings.get(*at).and_then(|mapping| mapping.scenario.as_ref());
        match scenario.and_then(|scenario| scenario.next.clone()) {
            Some(next) => state = next,
            None => break,
        }
    }
    if steps.len() != members.len() {
        return Err("a state of it cannot be reached from `Started` by these mappings");
    }
    Ok(steps)
}
