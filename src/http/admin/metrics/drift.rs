//! Figures of the drift that is looked for while the double runs.

use prometheus::proto::{MetricFamily, MetricType};

use super::families::{counters, family, level};
use crate::domain::portable::diff::Severity;
use crate::http::admin::Admin;

/// None unless a baseline is named at the start.
pub fn families(admin: &Admin) -> Vec<MetricFamily> {
    let Some(watch) = &admin.drift_watch else { return Vec::new() };
    let (posted, failed) = watch.told();
    let mut families = vec![counters(
        "stunt_double_drift_webhook_total",
        "News of drift, by what became of them at the webhook.",
        "result",
        &[("posted", posted), ("failed", failed)],
    )];
    // While there is no such baseline there is no figure.
    if let Some(drift) = watch.latest() {
        let severities = [Severity::Info, Severity::Warning, Severity::Breaking];
        let samples = severities.map(|severity| {
            let labels = [("baseline", drift.against.as_str()), ("severity", severity.as_str())];
            level(&labels, drift.count(severity) as f64)
        });
        families.push(family(
            "stunt_double_drift",
            "Findings of the last look for drift against the baseline.",
            MetricType::GAUGE,
            samples.into(),
        ));
    }
    families
}
