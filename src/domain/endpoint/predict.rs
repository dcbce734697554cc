//! What a model says of an exchange that it has not learned yet.

use super::fidelity_model::ExchangeScore;
use super::model::{EndpointModel, ModelLimits, decoded};
use super::observation::Observation;
use crate::domain::json::Json;
use crate::domain::value::ValueModel;

/// Values of a body that are compared: of a list of thousands the first say it.
const VALUES_MAX: usize = 500;

/// Objects seen before their members are expected.
const OBJECTS_MIN: u64 = 3;

/// Scores the prediction of `observation` by `model`; `None` for an exchange that does not teach,
/// and for a conversation.
#[must_use]
pub fn predict(
    model: &EndpointModel,
    observation: &Observation,
    limits: &ModelLimits,
) -> Option<ExchangeScore> {
    if !observation.provenance.teaches() || observation.is_conversation() {
        return None;
    }
    let mix = model.statuses.mix();
    let status = mix.iter().find(|(status, _)| *status == observation.status);
    let mut score =
        ExchangeScore { status: status.map_or(0.0, |(_, share)| *share), ..Default::default() };
    let Some(answer) = model.answers.get(&observation.status) else { return Some(score) };
    if observation.total_us > 0 {
        score.latency = answer.total.rank(observation.total_us);
    }
    let shape = answer.body.schema();
    let sample = observation.sample.as_deref();
    let body = sample.and_then(|sample| decoded(&sample.response_body, limits));
    if let Some(body) = body.filter(|_| shape.seen() > 0)
        && let Some(json) = Json::parse(&body)
    {
        let mut comparing = Comparison { left: VALUES_MAX, ..Comparison::default() };
        comparing.value(shape, &json);
        score.shape = comparing.known.share();
        score.presence = comparing.expected.share();
    }
    Some(score)
}

#[derive(Default)]
struct Tally {
    hits: u64,
    trials: u64,
}

impl Tally {
    fn add(&mut self, hit: bool) {
        self.hits += u64::from(hit);
        self.trials += 1;
    }

    fn share(&self) -> Option<f64> {
        (self.trials > 0).then(|| self.hits as f64 / self.trials as f64)
    }
}

#[derive(Default)]
struct Comparison {
    known: Tally,
    expected: Tally,
    left: usize,
}

impl Comparison {
    fn value(&mut self, shape: &ValueModel, json: &Json<'_>) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        let known = match json {
            Json::Null => shape.nulls > 0,
            Json::Bool(_) => shape.trues + shape.falses > 0,
            Json::Int(_) => shape.number.is_some(),
            Json::Float(_) => shape.number.as_ref().is_some_and(|number| number.floats > 0),
            Json::Str(_) => shape.text.is_some(),
            Json::Array(_) => shape.array.is_some(),
            Json::Object(_) => shape.object.is_some(),
        };
        self.known.add(known);
        match (json, &shape.array) {
            (Json::Array(items), Some(array)) if array.item.seen() > 0 => {
                items.iter().for_each(|item| self.value(&array.item, item));
            }
            (Json::Object(_), _) => self.object(shape, json),
            _ => {}
        }
    }

    fn object(&mut self, shape: &ValueModel, json: &Json<'_>) {
        let (Some(object), Json::Object(members)) = (&shape.object, json) else { return };
        if let Some(map) = &object.map {
            members.iter().for_each(|(_, value)| self.value(&map.value, value));
            return;
        }
        if object.seen < OBJECTS_MIN {
            return;
        }
        for known in &object.members {
            let Some(name) = known.name.as_deref() else { continue };
            match json.member(name) {
                Some(value) => {
                    self.expected.add(true);
                    self.value(&known.shape, value);
                }
                None if known.count == object.seen => self.expected.add(false),
                None => {}
            }
        }
        let is_named = |name: &str| {
            object.members.iter().any(|known| known.name.as_deref().is_none_or(|own| own == name))
        };
        for (name, _) in members {
            if !is_named(name) {
                self.expected.add(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::endpoint::{BackendId, Body, ExchangeSample, Provenance};

    fn exchange(body: &str) -> Observation {
        Observation {
            at_ms: 1_790_000_000_000,
            provenance: Provenance::Upstream,
            backend: BackendId::ONLY,
            method: "GET".into(),
            path: "/u".into(),
            status: 200,
            first_byte_us: 900,
            total_us: 1_000,
            sample: Some(Box::new(ExchangeSample {
                response_body: Body {
                    content_type: Some("application/json".into()),
                    bytes: body.as_bytes().to_vec(),
                    complete: true,
                    total_bytes: body.len() as u64,
                    ..Body::default()
                },
                ..ExchangeSample::default()
            })),
        }
    }

    #[test]
    fn what_was_learned_is_predicted_and_what_changed_is_not() {
        let limits = ModelLimits::new(1 << 20);
        let mut model = EndpointModel::default();
        for n in 0..20 {
            let learned = exchange(&format!(r#"{{"id":{n},"email":"a{n}@example.com"}}"#));
            assert!(model.observe(&learned, &[], &limits));
        }
        let same = predict(&model, &exchange(r#"{"id":7,"email":"x@example.com"}"#), &limits);
        let same = same.unwrap();
        assert_eq!((same.status, same.shape, same.presence), (1.0, Some(1.0), Some(1.0)));
        let other = predict(&model, &exchange(r#"{"id":"7"}"#), &limits).unwrap();
        assert_eq!((other.shape, other.presence), (Some(0.5), Some(0.5)));
    }
}
