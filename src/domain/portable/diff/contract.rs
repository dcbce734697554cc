//! What an API has shown or promises: its operations, statuses and the shape of its bodies.

use std::collections::BTreeMap;

use crate::domain::body::BodyModel;
use crate::domain::endpoint::EndpointModel;
use crate::domain::formats::Format;
use crate::domain::portable::portable_model::{PortableModel, shape_of_path};
use crate::domain::value::ValueModel;

/// How often something counts that a document promises.
pub const PROMISED: u64 = 1_000;

/// Depth of shapes that is looked at.
const DEPTH_MAX: usize = 24;

/// What an API has shown or promises.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// By method and path without the names of parameters.
    pub operations: BTreeMap<(String, String), OperationContract>,
    /// Whether what it does not name does not exist: true of documents.
    pub is_complete: bool,
}

/// One operation.
#[derive(Debug, Clone, Default)]
pub struct OperationContract {
    /// `GET /users/{id}`
    pub label: String,
    /// Shape of request bodies; `None` where none was seen or promised.
    pub request: Option<PlaceContract>,
    /// By status code.
    pub statuses: BTreeMap<u16, StatusContract>,
    /// Median of the latency and how many exchanges it rests on.
    pub latency: Option<(f64, u64)>,
}

/// The answers with one status.
#[derive(Debug, Clone, Default)]
pub struct StatusContract {
    /// Answers with this status; [`PROMISED`] of a document's.
    pub seen: u64,
    /// Shape of its bodies; `None` where they are no JSON or none was seen.
    pub body: Option<PlaceContract>,
}

/// The shape of the bodies at one place: what was seen there, and how often.
#[derive(Debug, Clone, Default)]
pub struct PlaceContract {
    /// Values seen.
    pub seen: u64,
    /// Values by JSON type.
    pub kinds: BTreeMap<&'static str, u64>,
    /// The format of nearly all strings.
    pub format: Option<&'static str>,
    /// Objects seen, and their named members.
    pub objects: u64,
    /// By name; empty while `is_open` for the names being values.
    pub members: BTreeMap<String, MemberContract>,
    /// The names of members are values, or not told.
    pub is_open: bool,
    /// All items of all arrays as one shape; `None` where no item was seen.
    pub items: Option<Box<PlaceContract>>,
}

/// One member.
#[derive(Debug, Clone, Default)]
pub struct MemberContract {
    /// Objects that had it.
    pub present: u64,
    /// A document says that it may be missing: how often it is there is not known.
    pub is_optional: bool,
    /// What its values were.
    pub shape: PlaceContract,
}

impl Contract {
    /// What a model has seen.
    #[must_use]
    pub fn of_model(model: &PortableModel) -> Self {
        let mut contract = Self::default();
        for endpoint in &model.endpoints {
            let place = (endpoint.method.clone(), shape_of_path(endpoint.template.as_str()));
            let operation = OperationContract::of_model(endpoint.label(), &endpoint.model);
            contract.operations.insert(place, operation);
        }
        contract
    }

    /// What was seen since `before`, where this has grown out of it: counts are taken away.
    /// Operations of which nothing was seen since are left out.
    #[must_use]
    pub fn since(mut self, before: &Self) -> Self {
        self.operations.retain(|place, operation| {
            if let Some(before) = before.operations.get(place) {
                operation.take_away(before);
            }
            operation.statuses.values().any(|status| status.seen > 0)
        });
        self
    }
}

impl OperationContract {
    fn of_model(label: String, model: &EndpointModel) -> Self {
        let statuses = model.answers.iter().map(|(status, answer)| {
            let body = shape_of_body(&answer.body);
            (*status, StatusContract { seen: answer.observations, body })
        });
        let median = model.latency.summary().p50_ms;
        Self {
            label,
            request: shape_of_body(&model.request),
            statuses: statuses.collect(),
            latency: (model.observations > 0).then_some((median, model.observations)),
        }
    }

    fn take_away(&mut self, before: &Self) {
        for (status, known) in &mut self.statuses {
            let Some(earlier) = before.statuses.get(status) else { continue };
            // Fewer than before: forgotten and learned anew, all of it since.
            if known.seen < earlier.seen {
                continue;
            }
            known.seen -= earlier.seen;
            if let (Some(body), Some(earlier)) = (&mut known.body, &earlier.body) {
                body.take_away(earlier);
            }
        }
        self.statuses.retain(|_, status| status.seen > 0);
        if let (Some(request), Some(earlier)) = (&mut self.request, &before.request) {
            request.take_away(earlier);
        }
        // Quantiles cannot be taken away from quantiles.
        self.latency = None;
    }
}

fn shape_of_body(body: &BodyModel) -> Option<PlaceContract> {
    let shape = body.schema();
    (shape.seen() > 0).then(|| PlaceContract::of_model(shape, 0))
}

impl PlaceContract {
    fn of_model(model: &ValueModel, depth: usize) -> Self {
        let mut shape = Self { seen: model.seen(), ..Self::default() };
        let mut count = |kind: &'static str, seen: u64| {
            if seen > 0 {
                shape.kinds.insert(kind, seen);
            }
        };
        count("null", model.nulls);
        count("boolean", model.trues + model.falses);
        if let Some(number) = &model.number {
            count("number", number.floats);
            count("integer", number.seen.saturating_sub(number.floats));
        }
        count("string", model.text.as_ref().map_or(0, |text| text.seen));
        count("array", model.array.as_ref().map_or(0, |array| array.seen));
        count("object", model.object.as_ref().map_or(0, |object| object.seen));
        if let Some(text) = &model.text {
            let most = text.formats.iter().max_by_key(|(_, seen)| *seen);
            let most = most
                .filter(|(format, seen)| *format != Format::Plain && seen * 100 >= text.seen * 99);
            shape.format = most.and_then(|(format, _)| format_name(*format));
        }
        if depth >= DEPTH_MAX {
            shape.is_open = true;
            return shape;
        }
        if let Some(array) = model.array.as_ref().filter(|array| array.item.seen() > 0) {
            shape.items = Some(Box::new(Self::of_model(&array.item, depth + 1)));
        }
        if let Some(object) = &model.object {
            shape.objects = object.seen;
            shape.is_open = object.map.is_some();
            for member in object.members.iter().filter(|_| object.map.is_none()) {
                let Some(name) = &member.name else { continue };
                let inner = Self::of_model(&member.shape, depth + 1);
                let (present, shape_inner) = (member.count, inner);
                shape.members.insert(
                    name.to_string(),
                    MemberContract { present, is_optional: false, shape: shape_inner },
                );
            }
        }
        shape
    }

    fn take_away(&mut self, before: &Self) {
        if self.seen < before.seen {
            return;
        }
        self.seen -= before.seen;
        self.objects = self.objects.saturating_sub(before.objects);
        for (kind, seen) in &mut self.kinds {
            *seen = seen.saturating_sub(before.kinds.get(kind).copied().unwrap_or_default());
        }
        self.kinds.retain(|_, seen| *seen > 0);
        for (name, member) in &mut self.members {
            let Some(earlier) = before.members.get(name) else { continue };
            member.present = member.present.saturating_sub(earlier.present);
            member.shape.take_away(&earlier.shape);
        }
        self.members.retain(|_, member| member.present > 0);
        if let (Some(items), Some(earlier)) = (&mut self.items, &before.items) {
            items.take_away(earlier);
        }
        // What most strings are was counted with those before.
        self.format = None;
    }
}

fn format_name(format: Format) -> Option<&'static str> {
    use crate::domain::formats::{SchemaKeyword, row};
    match row(format)?.schema {
        SchemaKeyword::Format(name) => Some(name),
        SchemaKeyword::Pattern(_) | SchemaKeyword::None => None,
    }
}
