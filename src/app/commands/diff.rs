//! `diff`: what differs between two models, or a model and an OpenAPI document.

use std::path::Path;
use std::process::ExitCode;

use super::{Ended, finish};
use crate::app::EXIT_FAILURE;
use crate::config::{DiffArgs, DriftGate};
use crate::domain::portable::PortableModel;
use crate::domain::portable::diff::{Contract, DriftFinding, Severity, compare};
use crate::domain::portable::import::ImportFormat;
use crate::domain::portable::portable_model::unpacked;

/// Bytes of a document, unpacked.
const BYTES_MAX: u64 = 256 << 20;

/// Says what differs; exits with 1 when it is told to and something does.
pub fn run(args: &DiffArgs) -> ExitCode {
    let findings = match (contract(&args.older), contract(&args.newer)) {
        (Ok(older), Ok(newer)) => compare(&older, &newer),
        (Err(ended), _) | (_, Err(ended)) => return finish(Err(ended)),
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&findings).unwrap_or_default());
    } else if findings.is_empty() {
        println!("no difference");
    } else {
        findings.iter().for_each(|finding| println!("{}", finding.line()));
    }
    let fails = args.fail_on.is_some_and(|gate| findings.iter().any(|f| is_failing(f, gate)));
    if fails { ExitCode::from(EXIT_FAILURE) } else { ExitCode::SUCCESS }
}

/// Whether a finding lets a gate fail.
pub fn is_failing(finding: &DriftFinding, gate: DriftGate) -> bool {
    // That something was not asked for is no difference of the backend's.
    gate == DriftGate::Any && finding.code != "endpoint-not-seen"
        || finding.severity == Severity::Breaking
}

fn contract(file: &Path) -> Result<Contract, Ended> {
    let named = |problem: String| Ended::usage(format!("{}: {problem}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| named(error.to_string()))?;
    let bytes = unpacked(&bytes, BYTES_MAX).map_err(|error| named(error.to_string()))?;
    if ImportFormat::of_head(&bytes) == Some(ImportFormat::Openapi) {
        return Contract::of_document(&bytes).map_err(|error| named(error.to_string()));
    }
    let model = PortableModel::read(&bytes).map_err(|error| named(error.to_string()))?;
    Ok(Contract::of_model(&model))
}
