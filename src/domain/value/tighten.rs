//! Models of values made smaller, when a model has outgrown its budget of memory.
//!
//! What is drawn afterwards is of the same types and ranges: samples keep their heaviest entries,
//! large vocabularies are taken for open ones, and positions beyond the number of those that may be
//! told apart are forgotten, the latest first.

use crate::domain::sketch::priority_sample::SampleBounds;
use crate::domain::value::ValueModel;
use crate::domain::value::array::model::ArrayModel;
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::number::model::NumberModel;
use crate::domain::value::object::model::{MapModel, ObjectModel};
use crate::domain::value::object::presence::{self, FieldState};
use crate::domain::value::string::model::StringModel;

impl ValueModel {
    /// Keeps within tighter limits; `nodes_left` is the number of positions that may still be kept
    /// within this one, and is used up.
    pub fn tighten(&mut self, limits: &ValueLimits, nodes_left: &mut usize) {
        if let Some(number) = &mut self.number {
            number.tighten(limits);
        }
        if let Some(text) = &mut self.text {
            text.tighten(limits);
        }
        if let Some(array) = &mut self.array {
            array.tighten(limits, nodes_left);
        }
        if let Some(object) = &mut self.object {
            object.tighten(limits, nodes_left);
        }
        self.echoes.shrink_to_fit();
    }
}

impl NumberModel {
    fn tighten(&mut self, limits: &ValueLimits) {
        self.keys.tighten(limits.number_codes());
        self.vocabulary.tighten(limits.vocabulary_max);
        if let Some(times) = &mut self.epochs {
            times.offsets.tighten(limits.number_codes());
        }
    }
}

impl StringModel {
    fn tighten(&mut self, limits: &ValueLimits) {
        self.vocabulary.tighten(limits.vocabulary_max);
        self.stems.iter_mut().for_each(|stems| stems.tighten(limits.vocabulary_max));
        self.tighten_patterns(limits);
        self.lengths.tighten(limits.number_codes());
        self.offsets.tighten(limits.number_codes());
        if !limits.learns_details {
            // The patterns above draw strings without it.
            self.grammar = None;
        }
    }
}

impl ArrayModel {
    fn tighten(&mut self, limits: &ValueLimits, nodes_left: &mut usize) {
        self.lengths.tighten(limits.number_codes());
        self.item.tighten(limits, nodes_left);
        if limits.learns_details {
            self.places.iter_mut().for_each(|place| place.tighten(limits, nodes_left));
        } else {
            self.places = Vec::new();
        }
    }
}

impl MapModel {
    fn tighten(&mut self, limits: &ValueLimits, nodes_left: &mut usize) {
        self.keys.tighten(limits);
        self.sizes.tighten(limits.number_codes());
        self.value.tighten(limits, nodes_left);
    }
}

impl ObjectModel {
    fn tighten(&mut self, limits: &ValueLimits, nodes_left: &mut usize) {
        let mut kept = 0;
        for member in &mut self.members {
            let Some(left) = nodes_left.checked_sub(1) else { break };
            *nodes_left = left;
            member.shape.tighten(limits, nodes_left);
            kept += 1;
        }
        self.members.truncate(kept);
        self.members.shrink_to_fit();
        let rows = SampleBounds { entries_max: limits.rows_max, bytes_max: limits.row_bytes_max };
        if *nodes_left == 0 {
            // Members went, here or within: rows are of the first ones, and no class is theirs.
            let whole = std::mem::take(&mut self.rows);
            self.rows.merge(whole.map_keys(|row| cut(&row, kept)), rows);
        }
        self.rows.tighten(rows);
        for lapse in &mut self.lapses {
            lapse.lapses.tighten(limits.number_codes());
        }
        if !limits.learns_details {
            self.laws = None;
            self.pool = None;
        }
        if let Some(map) = &mut self.map {
            map.tighten(limits, nodes_left);
        }
    }
}

/// The row of an object of which the first `kept` members are left.
fn cut(row: &str, kept: usize) -> Box<str> {
    let cells = presence::decode(row).into_iter().take(kept).map(|cell| match cell {
        FieldState::Object(_) => FieldState::Object(None),
        cell => cell,
    });
    let mut out = String::new();
    presence::encode(&cells.collect::<Vec<_>>(), &mut out);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::body::{BodyModel, BodySample, SynthContext};
    use crate::domain::request::RequestView;
    use crate::domain::sketch::heap_bytes::HeapBytes;
    use crate::domain::value::relation::resource_links::ResourceLinks;

    /// A wide and deep document of which no two are alike.
    fn body(n: usize) -> String {
        let member = |at: usize| {
            let number = n * 7919 + at;
            format!(r#""member_{at}": {{"id": {number}, "name": "n{number}", "on": [{n}, {at}]}}"#)
        };
        let members: Vec<String> = (0..60).map(member).collect();
        format!("{{{}}}", members.join(","))
    }

    fn learn(model: &mut BodyModel, n: usize, limits: &ValueLimits) {
        let text = body(n);
        let sample = BodySample {
            content_type: Some("application/json"),
            bytes: text.as_bytes(),
            complete: true,
            total_bytes: text.len() as u64,
        };
        model.observe(&sample, &RequestView::default(), limits);
    }

    #[test]
    fn each_step_makes_a_model_smaller_and_it_still_draws_documents() {
        let limits = ValueLimits::default();
        let mut model = BodyModel::default();
        (0..300).for_each(|n| learn(&mut model, n, &limits));
        let mut before = model.heap_bytes();
        for steps in 1..=8 {
            let tighter = limits.tightened(steps);
            model.tighten(&tighter);
            let bytes = model.heap_bytes();
            assert!(bytes < before, "step {steps}: {before} bytes before, {bytes} now");
            before = bytes;
            (300..310).for_each(|n| learn(&mut model, n, &tighter));
            model.tighten(&tighter);
            let program = model.compile(&ResourceLinks::default());
            let request = RequestView::default();
            let ctx = SynthContext { seed: 7, now_ms: 0, kind: None, request: &request };
            let mut drawn = Vec::new();
            program.write(&ctx, &mut drawn);
            let drawn: serde_json::Value = serde_json::from_slice(&drawn).expect("JSON");
            assert!(drawn["member_0"]["id"].is_number(), "{drawn}");
        }
        assert!(before < 16 * 1024, "{before} bytes after eight steps");
    }

    #[test]
    fn a_model_within_its_limits_stays_as_it_is() {
        let limits = ValueLimits::default();
        let mut model = BodyModel::default();
        (0..5).for_each(|n| learn(&mut model, n, &limits));
        let before = model.clone();
        model.tighten(&limits);
        assert_eq!(model, before);
    }
}
