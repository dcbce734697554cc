//! Laws of drawn strings that hold for every format.

use super::draw::StringNode;
use super::model::StringModel;
use crate::domain::formats::{self, FORMATS};
use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::observe_context::ObserveContext;
use crate::domain::value::relation::echo::EchoSources;
use crate::domain::value::time::draw_clock::DrawClock;

/// 2026-11-01.
const AT_MS: i64 = 1_793_491_200_000;

fn learn(texts: &[&str]) -> StringModel {
    let mut model = StringModel::default();
    let (limits, sources) = (ValueLimits::default(), EchoSources::none());
    for (body, text) in texts.iter().enumerate() {
        let mut cx = ObserveContext {
            limits: &limits,
            body: body as u64,
            at_ms: AT_MS,
            sources: &sources,
            nodes_left: 1,
            depth: 0,
            is_part: false,
            is_person: false,
            is_thing: false,
            moment: None,
            scratch: String::new(),
        };
        model.observe(text, false, &mut cx);
    }
    model
}

#[test]
fn what_is_drawn_of_a_format_is_of_that_format() {
    for (format, row) in FORMATS {
        let node = StringNode::compile(&learn(row.samples), None);
        for seed in 0..500 {
            let mut out = Vec::new();
            let clock = DrawClock::new(AT_MS, AT_MS);
            node.write_text(EntitySeed::new(seed).at(7), clock, &mut out);
            let text = String::from_utf8(out).unwrap();
            assert_eq!(formats::detect(&text), *format, "{}: {text}", row.name);
        }
    }
}

#[test]
fn what_a_format_withholds_is_never_kept() {
    for (_, row) in FORMATS.iter().filter(|(_, row)| formats::is_withheld(row.samples[0])) {
        // As often as it likes, in as many bodies.
        let texts: Vec<&str> = row.samples.iter().flat_map(|sample| [*sample; 20]).collect();
        let stored = serde_json::to_string(&learn(&texts)).unwrap();
        for sample in row.samples {
            assert!(!stored.contains(sample), "{}: {stored}", row.name);
        }
    }
}
