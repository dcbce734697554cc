//! Who is told that the backend has moved away: the watch that the settings ask for.

use std::time::Duration;

use super::ask::{Asked, ask};
use crate::config::{Settings, WebhookUrl};
use crate::runtime::learning::LearningHandle;
use crate::runtime::portable::baselines::BaselinesHandle;
use crate::runtime::portable::drift_watch::{DriftWatch, DriftWatchConfig, PostDocument};

/// Time that a webhook may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks for drift, where the settings name a baseline.
pub fn watch(
    settings: &Settings,
    learning: &LearningHandle,
    baselines: &BaselinesHandle,
) -> Option<DriftWatch> {
    let against = settings.drift.against.clone()?;
    let config = DriftWatchConfig { against, interval: settings.drift.interval };
    let post = settings.drift.webhook.clone().map(posting_to);
    Some(DriftWatch::start(config, learning.clone(), baselines.clone(), post))
}

fn posting_to(webhook: WebhookUrl) -> PostDocument {
    let (origin, path) = (webhook.origin(), webhook.path_and_query());
    let headers = [
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("User-Agent".to_owned(), concat!("stunt-double/", env!("CARGO_PKG_VERSION")).to_owned()),
    ];
    Box::new(move |body| {
        let asked =
            Asked { method: "POST", path: &path, headers: &headers, body, patience: PATIENCE };
        ask(&origin, &asked).map(|(status, _)| status).map_err(|error| error.to_string())
    })
}
