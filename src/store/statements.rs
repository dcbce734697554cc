//! The statements of both databases, written once.
//!
//! This file is compiled twice: `sqlite` and `postgres` each include it as a child module and
//! name their `Connection` type. Generic functions would need a page of trait bounds per
//! statement (diesel proves each query against a backend), and its `MultiConnection` has no
//! `ON CONFLICT`; plain code under one test suite stays readable.
//!
//! Rows go in by the hundred per statement: over a network the round trips would cost more than
//! everything else.

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::Connection;
use crate::store::batch::{fits, latest};
use crate::store::endpoint_rows::assemble;
use crate::store::records::{
    AuditRecord, BaselineRecord, Batch, Change, ChaosRuleRecord, DocumentRecord, EndpointRecord,
    OverrideRecord, PinRecord, Stored,
};
use crate::store::rows::{
    AuditRow, BaselineRow, ChaosRuleRow, DocumentRow, EndpointBackendRow, EndpointChaosRow,
    EndpointRow, OverrideRow, PinRow, RedirectRow, SchemaRow, SettingRow, StatusRow,
};
use crate::store::schema::{
    audit, baselines, chaos_rules, documents, endpoint_backends, endpoint_chaos, endpoints,
    overrides, pins, redirects, schemas, settings, statuses,
};
use crate::store::{AUDIT_ROWS_MAX, REDIRECTS_MAX};

/// Rows per statement: with 16 columns far below the limits on bound values (SQLite 32,766,
/// PostgreSQL 65,535), and a statement with large models stays within some megabytes.
const ROWS_PER_STATEMENT: usize = 100;

/// Name of the path learner's document.
const PATH_STATE: &str = "path_state";

/// `column = excluded.column` for each: the row being written replaces the row that stands.
macro_rules! replace {
    ($table:ident: $($column:ident),+ $(,)?) => {
        ($($table::$column.eq(excluded($table::$column)),)+)
    };
}

/// Writes the batch; the caller holds the transaction.
pub(super) fn write(conn: &mut Connection, batch: &Batch) -> QueryResult<()> {
    if batch.reset {
        forget_everything(conn)?;
    }
    forget(conn, &batch.forgotten)?;
    write_endpoints(conn, batch)?;
    write_redirects(conn, &batch.redirects)?;
    write_settings(conn, &batch.settings)?;
    write_pins(conn, &batch.pins)?;
    write_chaos_rules(conn, &batch.chaos_rules)?;
    write_overrides(conn, &batch.overrides)?;
    write_baselines(conn, &batch.baselines)?;
    if let Some(state) = &batch.path_state {
        write_document(conn, PATH_STATE, state)?;
    }
    append_audit(conn, &batch.audit)
}

/// Reads everything a start needs; the caller holds a transaction, so that it fits together.
pub(super) fn load(conn: &mut Connection) -> QueryResult<Stored> {
    let (rows, damaged_rows) = readable(
        endpoints::table
            .select(EndpointRow::as_select())
            .load_iter::<EndpointRow<'_>, DefaultLoadingMode>(conn)?,
    )?;
    let (status_rows, damaged_statuses) = readable(
        statuses::table
            .select(StatusRow::as_select())
            .load_iter::<StatusRow<'_>, DefaultLoadingMode>(conn)?,
    )?;
    let (schema_rows, damaged_schemas) = readable(
        schemas::table
            .select(SchemaRow::as_select())
            .load_iter::<SchemaRow<'_>, DefaultLoadingMode>(conn)?,
    )?;
    let damaged = if damaged_rows + damaged_statuses + damaged_schemas > 0 {
        damaged(conn, &rows, &status_rows, &schema_rows)?
    } else {
        Vec::new()
    };
    let (endpoints, skipped) = assemble(
        rows,
        endpoint_backends::table.select(EndpointBackendRow::as_select()).load(conn)?,
        endpoint_chaos::table.select(EndpointChaosRow::as_select()).load(conn)?,
        status_rows,
        schema_rows,
    );
    skipped.warn();
    let mut stored = Stored {
        endpoints,
        redirects: read(redirects::table.select(RedirectRow::as_select()).load(conn)?),
        settings: read(settings::table.select(SettingRow::as_select()).load(conn)?),
        pins: read(pins::table.select(PinRow::as_select()).load(conn)?),
        chaos_rules: read(chaos_rules::table.select(ChaosRuleRow::as_select()).load(conn)?),
        overrides: read(overrides::table.select(OverrideRow::as_select()).load(conn)?),
        baselines: read(baselines::table.select(BaselineRow::as_select()).load(conn)?),
        path_state: read_document(conn, PATH_STATE)?,
        damaged,
    };
    // Sorted here and not by the database: PostgreSQL's order of text depends on its locale.
    stored.redirects.sort_unstable();
    stored.settings.sort_unstable();
    stored.pins.sort_unstable_by(|a, b| a.template.cmp(&b.template));
    stored.chaos_rules.sort_unstable_by(|a, b| (a.position, &a.id).cmp(&(b.position, &b.id)));
    stored.overrides.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    stored.baselines.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(stored)
}

/// The last `limit` entries of the audit trail, newest first.
pub(super) fn read_audit(conn: &mut Connection, limit: usize) -> QueryResult<Vec<AuditRecord>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX).min(AUDIT_ROWS_MAX);
    let newest = audit::table.order(audit::position.desc()).limit(limit);
    Ok(read(newest.select(AuditRow::as_select()).load(conn)?))
}

/// The rows that can be read, and how many cannot: a flipped byte in one text must not keep the
/// others from being loaded.
fn readable<Row>(rows: impl Iterator<Item = QueryResult<Row>>) -> QueryResult<(Vec<Row>, usize)> {
    let (mut kept, mut damaged) = (Vec::new(), 0);
    for row in rows {
        match row {
            Ok(row) => kept.push(row),
            Err(diesel::result::Error::DeserializationError(_)) => damaged += 1,
            Err(error) => return Err(error),
        }
    }
    Ok((kept, damaged))
}

/// The names of the endpoints of which a row is there and was not read.
fn damaged(
    conn: &mut Connection,
    rows: &[EndpointRow<'_>],
    status_rows: &[StatusRow<'_>],
    schema_rows: &[SchemaRow<'_>],
) -> QueryResult<Vec<String>> {
    let names = endpoints::table.select((endpoints::id, endpoints::method, endpoints::template));
    let (names, nameless) =
        readable(names.load_iter::<(String, String, String), DefaultLoadingMode>(conn)?)?;
    let parts = statuses::table.select((statuses::endpoint_id, statuses::status));
    let (statuses, _) = readable(parts.load_iter::<(String, i32), DefaultLoadingMode>(conn)?)?;
    let parts = schemas::table.select((schemas::endpoint_id, schemas::side, schemas::status));
    let (schemas, _) =
        readable(parts.load_iter::<(String, String, i32), DefaultLoadingMode>(conn)?)?;
    let whole = |id: &str| rows.iter().any(|row| row.id == *id);
    let status_read = |id: &str, status: i32| {
        status_rows.iter().any(|row| row.endpoint_id == *id && row.status == status)
    };
    let schema_read = |id: &str, side: &str, status: i32| {
        let same = |row: &&SchemaRow<'_>| {
            row.endpoint_id == *id && row.side == *side && row.status == status
        };
        schema_rows.iter().any(|row| same(&row))
    };
    let mut damaged: Vec<String> = names
        .iter()
        .filter(|(id, ..)| {
            !whole(id)
                || statuses.iter().any(|(of, status)| of == id && !status_read(of, *status))
                || schemas.iter().any(|(of, side, at)| of == id && !schema_read(of, side, *at))
        })
        .map(|(_id, method, template)| format!("{method} {template}"))
        .collect();
    if nameless > 0 {
        damaged.push(format!("{nameless} endpoints whose names are damaged, too"));
    }
    Ok(damaged)
}

fn read<Row, Record: From<Row>>(rows: Vec<Row>) -> Vec<Record> {
    rows.into_iter().map(Record::from).collect()
}

fn forget_everything(conn: &mut Connection) -> QueryResult<()> {
    diesel::delete(endpoints::table).execute(conn)?; // what belongs to them goes with them
    diesel::delete(redirects::table).execute(conn)?;
    diesel::delete(documents::table.filter(documents::name.eq(PATH_STATE))).execute(conn)?;
    Ok(())
}

fn forget(conn: &mut Connection, ids: &[String]) -> QueryResult<()> {
    for ids in ids.chunks(ROWS_PER_STATEMENT) {
        let ids = ids.iter().map(|id| crate::store::nul::encode(id));
        diesel::delete(endpoints::table.filter(endpoints::id.eq_any(ids))).execute(conn)?;
    }
    Ok(())
}

fn write_endpoints(conn: &mut Connection, batch: &Batch) -> QueryResult<()> {
    let latest = latest(&batch.endpoints, |endpoint| &endpoint.id);
    let records: Vec<&EndpointRecord> = latest
        .into_iter()
        .map(|endpoint| &**endpoint)
        .filter(|endpoint| fits("an endpoint", &endpoint.id))
        .collect();
    for records in records.chunks(ROWS_PER_STATEMENT) {
        let rows: Vec<_> = records.iter().map(|record| EndpointRow::from(*record)).collect();
        diesel::insert_into(endpoints::table)
            .values(&rows)
            .on_conflict(endpoints::id)
            .do_update()
            .set(replace!(endpoints:
                method, template, mode, learn, observations, error_rate, latency_mean_ms,
                latency_std_dev_ms, latency_p50_ms, latency_p95_ms, latency_p99_ms,
                first_seen_at_ms, last_seen_at_ms, model_version, model,
            ))
            .execute(conn)?;
        replace_parts(conn, records, &rows)?;
    }
    Ok(())
}

/// Replaces what belongs to these endpoints as a whole, so that a status or schema that is no
/// longer learned goes.
fn replace_parts(
    conn: &mut Connection,
    records: &[&EndpointRecord],
    rows: &[EndpointRow<'_>],
) -> QueryResult<()> {
    let ids: Vec<&str> = rows.iter().map(|row| &*row.id).collect();
    diesel::delete(endpoint_backends::table.filter(endpoint_backends::endpoint_id.eq_any(&ids)))
        .execute(conn)?;
    diesel::delete(endpoint_chaos::table.filter(endpoint_chaos::endpoint_id.eq_any(&ids)))
        .execute(conn)?;
    diesel::delete(statuses::table.filter(statuses::endpoint_id.eq_any(&ids))).execute(conn)?;
    diesel::delete(schemas::table.filter(schemas::endpoint_id.eq_any(&ids))).execute(conn)?;

    let mut backend_rows = Vec::new();
    let mut chaos_rows = Vec::new();
    let mut status_rows = Vec::new();
    let mut schema_rows = Vec::new();
    for endpoint in records {
        backend_rows.extend(EndpointBackendRow::of(endpoint));
        chaos_rows.extend(EndpointChaosRow::of(endpoint));
        schema_rows.extend(SchemaRow::of_request(endpoint));
        for status in latest(&endpoint.statuses, |status| status.status) {
            status_rows.push(StatusRow::of(endpoint, status));
            schema_rows.extend(SchemaRow::of_response(endpoint, status));
        }
    }
    for rows in backend_rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(endpoint_backends::table).values(rows).execute(conn)?;
    }
    for rows in chaos_rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(endpoint_chaos::table).values(rows).execute(conn)?;
    }
    for rows in status_rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(statuses::table).values(rows).execute(conn)?;
    }
    for rows in schema_rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(schemas::table).values(rows).execute(conn)?;
    }
    Ok(())
}

fn write_redirects(conn: &mut Connection, pairs: &[(String, String)]) -> QueryResult<()> {
    let pairs = latest(pairs, |(old_id, _)| old_id);
    let rows: Vec<_> = pairs
        .into_iter()
        .filter(|(old_id, _)| fits("a redirect", old_id))
        .map(RedirectRow::from)
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(redirects::table)
            .values(rows)
            .on_conflict(redirects::old_id)
            .do_update()
            .set(replace!(redirects: new_id))
            .execute(conn)?;
    }
    let newest = redirects::table
        .select(redirects::position)
        .order(redirects::position.desc())
        .offset(REDIRECTS_MAX)
        .first::<i64>(conn)
        .optional()?;
    if let Some(newest) = newest {
        diesel::delete(redirects::table.filter(redirects::position.le(newest))).execute(conn)?;
    }
    Ok(())
}

fn write_settings(conn: &mut Connection, pairs: &[(String, String)]) -> QueryResult<()> {
    let pairs = latest(pairs, |(name, _)| name);
    let rows: Vec<_> = pairs
        .into_iter()
        .filter(|(name, _)| fits("a setting", name))
        .map(SettingRow::from)
        .collect();
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(settings::table)
            .values(rows)
            .on_conflict(settings::name)
            .do_update()
            .set(replace!(settings: value))
            .execute(conn)?;
    }
    Ok(())
}

fn write_pins(conn: &mut Connection, changes: &[Change<PinRecord>]) -> QueryResult<()> {
    let mut rows = Vec::new();
    for change in latest(changes, |change| change.key(|pin| &pin.template)) {
        match change {
            Change::Put(pin) if fits("a pin", &pin.template) => rows.push(PinRow::from(pin)),
            Change::Put(_) => {}
            Change::Remove(template) => {
                let template = crate::store::nul::encode(template);
                diesel::delete(pins::table.filter(pins::template.eq(template))).execute(conn)?;
            }
        }
    }
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(pins::table)
            .values(rows)
            .on_conflict(pins::template)
            .do_update()
            .set(replace!(pins: kind, created_at_ms))
            .execute(conn)?;
    }
    Ok(())
}

fn write_chaos_rules(
    conn: &mut Connection,
    changes: &[Change<ChaosRuleRecord>],
) -> QueryResult<()> {
    let mut rows = Vec::new();
    for change in latest(changes, |change| change.key(|rule| &rule.id)) {
        match change {
            Change::Put(rule) if fits("a chaos rule", &rule.id) => {
                rows.push(ChaosRuleRow::from(rule));
            }
            Change::Put(_) => {}
            Change::Remove(id) => {
                let id = crate::store::nul::encode(id);
                diesel::delete(chaos_rules::table.filter(chaos_rules::id.eq(id))).execute(conn)?;
            }
        }
    }
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(chaos_rules::table)
            .values(rows)
            .on_conflict(chaos_rules::id)
            .do_update()
            .set(replace!(chaos_rules:
                position, enabled, name, owner, expires_at_ms, hits, document_version, document,
            ))
            .execute(conn)?;
    }
    Ok(())
}

fn write_overrides(conn: &mut Connection, changes: &[Change<OverrideRecord>]) -> QueryResult<()> {
    let mut rows = Vec::new();
    for change in latest(changes, |change| change.key(|record| &record.id)) {
        match change {
            Change::Put(record) if fits("an override", &record.id) => {
                rows.push(OverrideRow::from(record));
            }
            Change::Put(_) => {}
            Change::Remove(id) => {
                let id = crate::store::nul::encode(id);
                diesel::delete(overrides::table.filter(overrides::id.eq(id))).execute(conn)?;
            }
        }
    }
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(overrides::table)
            .values(rows)
            .on_conflict(overrides::id)
            .do_update()
            .set(replace!(overrides:
                position, enabled, name, owner, hits, document_version, document,
            ))
            .execute(conn)?;
    }
    Ok(())
}

fn write_baselines(conn: &mut Connection, changes: &[Change<BaselineRecord>]) -> QueryResult<()> {
    for change in latest(changes, |change| change.key(|record| &record.name)) {
        match change {
            Change::Put(record) if fits("a baseline", &record.name) => {
                diesel::insert_into(baselines::table)
                    .values(BaselineRow::from(record))
                    .on_conflict(baselines::name)
                    .do_update()
                    .set(replace!(baselines:
                        created_at_ms, observations, document_version, document,
                    ))
                    .execute(conn)?;
            }
            Change::Put(_) => {}
            Change::Remove(name) => {
                let name = crate::store::nul::encode(name);
                diesel::delete(baselines::table.filter(baselines::name.eq(name))).execute(conn)?;
            }
        }
    }
    Ok(())
}

fn write_document(
    conn: &mut Connection,
    name: &'static str,
    record: &DocumentRecord,
) -> QueryResult<()> {
    diesel::insert_into(documents::table)
        .values(DocumentRow::named(name, record))
        .on_conflict(documents::name)
        .do_update()
        .set(replace!(documents: version, document))
        .execute(conn)?;
    Ok(())
}

fn read_document(conn: &mut Connection, name: &str) -> QueryResult<Option<DocumentRecord>> {
    let row = documents::table
        .filter(documents::name.eq(name))
        .select(DocumentRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(DocumentRecord::from))
}

fn append_audit(conn: &mut Connection, records: &[AuditRecord]) -> QueryResult<()> {
    let rows: Vec<_> = latest(records, |record| &record.id)
        .into_iter()
        .filter(|record| fits("an audit entry", &record.id))
        .map(AuditRow::from)
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        diesel::insert_into(audit::table)
            .values(rows)
            .on_conflict(audit::id)
            .do_nothing()
            .execute(conn)?;
    }
    let newest = audit::table
        .select(audit::position)
        .order(audit::position.desc())
        .offset(AUDIT_ROWS_MAX)
        .first::<i64>(conn)
        .optional()?;
    if let Some(newest) = newest {
        diesel::delete(audit::table.filter(audit::position.le(newest))).execute(conn)?;
    }
    Ok(())
}
