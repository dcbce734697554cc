//! `latency`: the answer takes longer.

use serde::{Deserialize, Serialize};

use super::{FaultDescriptor, Plan, PlanContext, required};
use crate::domain::chaos::distribution::Distribution;
use crate::domain::chaos::plan::ChaosPlan;
use crate::domain::validation::ObjectReader;

/// Latency that is added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// How much, drawn for each hit.
    pub distribution: Distribution,
}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "latency",
    summary: "adds to the time the answer takes by itself; the delays of several rules add up",
    fields: &[required(
        "distribution",
        "`fixed` {ms}, `uniform` {min_ms, max_ms}, `normal` {mean_ms, std_dev_ms}, `log_normal` \
         {median_ms, sigma}, `pareto` {scale_ms, shape} or `learned` {quantile, factor}; \
         up to 600000 ms",
    )],
    example: r#"{"type": "latency", "distribution": {"type": "fixed", "ms": 250}}"#,
};

impl Latency {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        let value = fault.value("distribution")?;
        let at = fault.at("distribution");
        Some(Self { distribution: Distribution::parse(value, &at, fault.problems())? })
    }
}

impl Plan for Latency {
    fn applies(&self, context: &PlanContext<'_>, _: &ChaosPlan) -> bool {
        // Only learned latency can be missing; the other distributions ignore the stream they would
        // draw from.
        let Distribution::Learned { .. } = self.distribution else { return true };
        self.distribution.draw_us(&mut context.draws.clone(), context.subject.learned).is_some()
    }

    fn plan(&self, context: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        let drawn = self.distribution.draw_us(&mut context.draws, context.subject.learned);
        effects.delay_us = effects.delay_us.saturating_add(drawn.unwrap_or(0));
    }
}
