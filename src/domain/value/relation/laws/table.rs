//! Values that always go with others: a sample of the records by their few-valued columns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::sketch::priority_sample::{PrioritySample, SampleBounds};
use crate::domain::value::relation::laws::column::Column;

/// Which values of some columns came together, by fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LawTable {
    #[serde(rename = "n")]
    seen: u32,
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    columns: Vec<TableColumn>,
    /// A value for each column, 0 where there is none.
    #[serde(rename = "r", skip_serializing_if = "PrioritySample::is_empty")]
    rows: PrioritySample<Box<[u32]>>,
}

heap_bytes!(LawTable { seen, columns, rows });

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct TableColumn {
    #[serde(rename = "p")]
    path: u32,
    #[serde(rename = "n")]
    seen: u32,
    /// Different values, ascending.
    #[serde(rename = "v", skip_serializing_if = "Vec::is_empty")]
    values: Vec<u32>,
    /// Too many different values, or none that goes with another's.
    #[serde(rename = "o", skip_serializing_if = "is_false")]
    is_out: bool,
}

heap_bytes!(TableColumn { path, seen, values, is_out });

fn is_false(value: &bool) -> bool {
    !*value
}

/// One column goes with another.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependency {
    /// Path hash of the column that decides.
    pub on: u32,
    /// Path hash of the column that follows.
    pub of: u32,
    /// Different values of the column that it hangs on.
    pub distinct: usize,
    /// The value of the one for each of the other.
    pub pairs: Vec<(u32, u32)>,
}

/// Columns of a table, values of a column, and rows.
const COLUMNS_MAX: usize = 32;
const VALUES_MAX: usize = 256;
const ROWS: SampleBounds = SampleBounds { entries_max: 256, bytes_max: 32 * 1024 };

/// Values from which a column is judged, and how many of its sightings may be new, percent.
const JUDGED_FROM: usize = 64;
const NEW_PERCENT_MAX: u64 = 80;

/// Records after which, and after each doubling, columns without a dependency go.
const PRUNED_FROM: u32 = 64;

/// Sightings of a value that came before with the same company, and contradictions that accident
/// would have brought.
const CONFIRMED_MIN: f64 = 6.0;
const SURPRISE_MIN: f64 = 4.0;

impl LawTable {
    /// Learns one record's few-valued columns; those that take too many values are given up.
    pub fn observe(&mut self, columns: &[Column<'_>]) {
        self.seen = self.seen.saturating_add(1);
        let mut row = vec![0; self.columns.len()];
        for column in columns.iter().filter(|column| column.stands) {
            let known = self.columns.iter().position(|known| known.path == column.path);
            let at = match known {
                Some(at) => at,
                None if self.columns.len() < COLUMNS_MAX => {
                    self.columns.push(TableColumn { path: column.path, ..TableColumn::default() });
                    row.push(0);
                    self.columns.len() - 1
                }
                None => continue,
            };
            let Some(known) = self.columns.get_mut(at).filter(|known| !known.is_out) else {
                continue;
            };
            let value = column.value.fingerprint().max(1);
            known.observe(value);
            if let Some(cell) = row.get_mut(at).filter(|_| !known.is_out) {
                *cell = value;
            }
        }
        if row.iter().filter(|cell| **cell != 0).count() > 1 {
            self.rows.add(row.into(), ROWS);
        }
        if self.seen >= PRUNED_FROM && self.seen.is_power_of_two() {
            self.prune();
        }
    }

    /// Forgets columns that go with no other.
    fn prune(&mut self) {
        let dependencies = self.dependencies();
        for column in &mut self.columns {
            let takes_part = |d: &Dependency| d.on == column.path || d.of == column.path;
            if !column.is_out && !dependencies.iter().any(takes_part) {
                column.leave();
            }
        }
        let out: Vec<bool> = self.columns.iter().map(|column| column.is_out).collect();
        let mut rows = PrioritySample::default();
        for (row, weight) in self.rows.weights() {
            let cells = row.iter().enumerate();
            let kept = cells.map(|(at, cell)| if out.get(at) == Some(&true) { 0 } else { *cell });
            rows.add_count(kept.collect::<Box<[u32]>>(), weight.round() as u32, ROWS);
        }
        self.rows = rows;
    }

    /// Which columns hang on which others.
    pub fn dependencies(&self) -> Vec<Dependency> {
        let mut found = Vec::new();
        for (on, key) in self.columns.iter().enumerate().filter(|(_, column)| column.is_in()) {
            for (of, column) in self.columns.iter().enumerate().filter(|(_, c)| c.is_in()) {
                if on == of {
                    continue;
                }
                if let Some(pairs) = self.pairs(on, of) {
                    let (on, of) = (key.path, column.path);
                    let distinct = key.values.len();
                    found.push(Dependency { on, of, distinct, pairs });
                }
            }
        }
        found
    }

    fn pairs(&self, on: usize, of: usize) -> Option<Vec<(u32, u32)>> {
        let mut pairs: BTreeMap<u32, u32> = BTreeMap::new();
        let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
        let mut total = 0.0;
        for (row, weight) in self.rows.weights() {
            let (key, value) = (*row.get(on)?, row.get(of).copied().unwrap_or(0));
            if key == 0 {
                continue;
            }
            if *pairs.entry(key).or_insert(value) != value {
                return None;
            }
            *counts.entry(value).or_default() += weight;
            total += weight;
        }
        let confirmed = total - pairs.len() as f64;
        let agreement: f64 = counts.values().map(|count| (count / total).powi(2)).sum();
        let is_sure = confirmed >= CONFIRMED_MIN && confirmed * (1.0 - agreement) >= SURPRISE_MIN;
        is_sure.then(|| pairs.into_iter().filter(|(_, value)| *value != 0).collect())
    }

    /// Adds what another table saw; columns are told by their path hashes.
    pub fn merge(&mut self, other: Self) {
        self.seen = self.seen.saturating_add(other.seen);
        let mut places = Vec::with_capacity(other.columns.len());
        for column in other.columns {
            let at = self.columns.iter().position(|own| own.path == column.path);
            if let Some(own) = at.and_then(|at| self.columns.get_mut(at)) {
                own.merge(column);
                places.push(at);
            } else if self.columns.len() < COLUMNS_MAX {
                places.push(Some(self.columns.len()));
                self.columns.push(column);
            } else {
                places.push(None);
            }
        }
        for (row, weight) in other.rows.weights() {
            let mut cells = vec![0; self.columns.len()];
            for (cell, at) in row.iter().zip(&places) {
                if let Some(own) = at.and_then(|at| cells.get_mut(at)) {
                    *own = *cell;
                }
            }
            self.rows.add_count(cells.into(), weight.round() as u32, ROWS);
        }
    }
}

impl TableColumn {
    fn is_in(&self) -> bool {
        !self.is_out && self.values.len() > 1
    }

    fn observe(&mut self, value: u32) {
        self.seen = self.seen.saturating_add(1);
        if let Err(at) = self.values.binary_search(&value) {
            self.values.insert(at, value);
        }
        self.judge();
    }

    fn judge(&mut self) {
        let distinct = self.values.len();
        let is_new = distinct as u64 * 100 > u64::from(self.seen) * NEW_PERCENT_MAX;
        if distinct > VALUES_MAX || (distinct >= JUDGED_FROM && is_new) {
            self.leave();
        }
    }

    fn leave(&mut self) {
        self.is_out = true;
        self.values = Vec::new();
    }

    fn merge(&mut self, other: Self) {
        self.seen = self.seen.saturating_add(other.seen);
        if self.is_out || other.is_out {
            return self.leave();
        }
        for value in other.values {
            if let Err(at) = self.values.binary_search(&value) {
                self.values.insert(at, value);
            }
        }
        self.judge();
    }
}
