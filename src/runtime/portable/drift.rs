//! What the backend has changed since a named model was kept.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::baselines::Baseline;
use super::exports::catalog_model;
use crate::domain::portable::diff::{Contract, DriftFinding, Severity, compare};
use crate::domain::portable::{PortableError, PortableModel};
use crate::runtime::catalog::Catalog;

/// What has changed since a baseline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Drift {
    /// Name of the baseline.
    pub against: String,
    /// When it was kept.
    #[schema(format = DateTime)]
    pub since: Option<String>,
    /// The worst severity; null where nothing has changed.
    pub severity: Option<Severity>,
    /// Endpoints that were asked since.
    pub endpoints: usize,
    /// What has changed, the worst first.
    pub findings: Vec<DriftFinding>,
}

impl Drift {
    /// Compares what `catalog` has published with a baseline; it takes up to some hundred
    /// milliseconds, so it is for a thread that may be kept waiting.
    ///
    /// # Errors
    /// [`PortableError`] of the baseline's file.
    pub fn since(baseline: &Baseline, catalog: &Catalog) -> Result<Self, PortableError> {
        let before = PortableModel::read(&baseline.file).map(|model| Contract::of_model(&model))?;
        let now = Contract::of_model(&catalog_model(catalog)).since(&before);
        let mut findings = compare(&before, &now);
        // That nobody asked is nothing that the backend has changed.
        findings.retain(|finding| finding.code != "endpoint-not-seen");
        let since = Timestamp::from_millisecond(baseline.created_at_ms).ok();
        Ok(Self {
            against: baseline.name.clone(),
            since: since.map(|time| time.to_string()),
            severity: findings.iter().map(|finding| finding.severity).max(),
            endpoints: now.operations.len(),
            findings,
        })
    }

    /// Findings of this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}
