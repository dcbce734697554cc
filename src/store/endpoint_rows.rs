//! Endpoints put together from the rows of four tables.
//!
//! What this version does not know (a mode, the side of a schema, a status out of range) is
//! skipped and reported, never an error: a database written by a later version or edited by
//! hand must not keep the double from starting.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::records::{ChaosRecord, DocumentRecord, EndpointRecord, MODES, StatusRecord};
use super::rows::{
    EndpointBackendRow, EndpointChaosRow, EndpointRow, REQUEST, RESPONSE, SchemaRow, StatusRow,
};

/// Statuses of HTTP that can be represented at all (RFC 9110 section 15).
const STATUSES: std::ops::RangeInclusive<i32> = 100..=999;

/// What was skipped: how often, by what it was.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SkippedEndpointRows(BTreeMap<String, u64>);

impl SkippedEndpointRows {
    fn add(&mut self, what: String) {
        *self.0.entry(what).or_default() += 1;
    }

    /// One warning for each unknown name, however many rows hold it.
    pub(super) fn warn(&self) {
        for (what, times) in &self.0 {
            log::warn!("skipped {what}, stored {times} times: unknown to this version");
        }
    }
}

/// Endpoints by id, their statuses in ascending order, and what had to be skipped.
pub(super) fn assemble(
    endpoints: Vec<EndpointRow<'_>>,
    backends: Vec<EndpointBackendRow<'_>>,
    chaos: Vec<EndpointChaosRow<'_>>,
    statuses: Vec<StatusRow<'_>>,
    schemas: Vec<SchemaRow<'_>>,
) -> (Vec<EndpointRecord>, SkippedEndpointRows) {
    let mut skipped = SkippedEndpointRows::default();
    let mut backends: FxHashMap<String, String> =
        backends.into_iter().map(|row| (row.endpoint_id.to_string(), row.into_name())).collect();
    let chaos: FxHashMap<_, _> =
        chaos.iter().map(|row| (&*row.endpoint_id, ChaosRecord::from(row))).collect();
    let (mut requests, mut responses) = sort_schemas(schemas, &mut skipped);
    let mut parts = sort_statuses(statuses, &mut responses, &mut skipped);

    let mut records: Vec<_> = endpoints
        .into_iter()
        .map(|row| {
            let backend = backends.remove(&*row.id).unwrap_or_default();
            let chaos = chaos.get(&*row.id).copied();
            let request_schema = requests.remove(&*row.id);
            let statuses = parts.remove(&*row.id).unwrap_or_default();
            let record = EndpointRecord { backend, chaos, request_schema, statuses, ..row.into() };
            with_known_mode(record, &mut skipped)
        })
        .collect();
    records.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    (records, skipped)
}

type RequestSchemas = FxHashMap<String, DocumentRecord>;
type ResponseSchemas = FxHashMap<(String, i32), DocumentRecord>;

fn sort_schemas(
    rows: Vec<SchemaRow<'_>>,
    skipped: &mut SkippedEndpointRows,
) -> (RequestSchemas, ResponseSchemas) {
    let (mut requests, mut responses) = (RequestSchemas::default(), ResponseSchemas::default());
    for row in rows {
        let id = row.endpoint_id.to_string();
        match &*row.side {
            REQUEST => drop(requests.insert(id, row.into())),
            RESPONSE => drop(responses.insert((id, row.status), row.into())),
            other => skipped.add(format!("a schema of side {other:?}")),
        }
    }
    (requests, responses)
}

fn sort_statuses(
    rows: Vec<StatusRow<'_>>,
    responses: &mut ResponseSchemas,
    skipped: &mut SkippedEndpointRows,
) -> FxHashMap<String, Vec<StatusRecord>> {
    let mut parts: FxHashMap<String, Vec<StatusRecord>> = FxHashMap::default();
    for row in rows {
        if !STATUSES.contains(&row.status) {
            skipped.add(format!("status {}", row.status));
            continue;
        }
        let id = row.endpoint_id.to_string();
        let schema = responses.remove(&(id.clone(), row.status));
        let record = StatusRecord { schema, ..row.into() };
        parts.entry(id).or_default().push(record);
    }
    for statuses in parts.values_mut() {
        statuses.sort_unstable_by_key(|status| status.status);
    }
    parts
}

/// An endpoint with a mode this version does not know keeps all it has learned and follows the
/// global mode.
fn with_known_mode(
    mut record: EndpointRecord,
    skipped: &mut SkippedEndpointRows,
) -> EndpointRecord {
    if !MODES.contains(&record.mode.as_str()) {
        skipped.add(format!("mode {:?}", record.mode));
        record.mode = String::from(MODES[0]);
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_mode_is_reported_once_and_the_endpoints_are_kept() {
        let record = |id: &str, mode: &str| EndpointRecord {
            id: id.to_owned(),
            mode: mode.to_owned(),
            observations: 7,
            ..EndpointRecord::default()
        };
        let records = [record("b", "teleport"), record("a", "teleport"), record("c", "mock")];
        let rows = records.iter().map(EndpointRow::from).collect();
        let (endpoints, skipped) = assemble(rows, vec![], vec![], vec![], vec![]);
        assert_eq!(
            endpoints,
            [record("a", "inherit"), record("b", "inherit"), record("c", "mock")]
        );
        assert_eq!(
            skipped.0.into_iter().collect::<Vec<_>>(),
            [("mode \"teleport\"".to_owned(), 2)]
        );
    }

    #[test]
    fn parts_whose_endpoint_is_not_there_are_left_out() {
        let orphan = EndpointRecord {
            id: "gone".to_owned(),
            statuses: vec![StatusRecord { status: 200, ..StatusRecord::default() }],
            ..EndpointRecord::default()
        };
        let statuses = orphan.statuses.iter().map(|status| StatusRow::of(&orphan, status));
        let (endpoints, skipped) = assemble(vec![], vec![], vec![], statuses.collect(), vec![]);
        assert_eq!((endpoints, skipped), (vec![], SkippedEndpointRows::default()));
    }
}
