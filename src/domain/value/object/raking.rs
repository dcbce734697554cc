//! The weights of kept rows, fitted to what is known exactly.
//!
//! An object keeps a bounded sample of its rows, but exact counts of each member, each entry of a
//! vocabulary, each truth value and each array length. Iterative proportional fitting (Deming and
//! Stephan 1940) scales the weights of the sampled rows until their margins are the exact ones, so
//! that the joint mix comes from the sample and every single frequency from the counts.

use crate::domain::sketch::categories::Categories;
use crate::domain::value::object::model::{Member, ObjectModel};
use crate::domain::value::object::presence;
use crate::domain::value::object::presence::{CLASSES, FieldState};

/// Rounds over all members: the margins agree within a percent after a handful.
const ROUNDS: usize = 8;

/// A row may gain or lose this much in one step: a category that the sample hardly saw must not
/// be carried by a single row.
const STEP_MAX: f64 = 4.0;

/// Entries of a vocabulary that a cell can tell apart.
const CELL_INDEXES: usize = CLASSES as usize;

/// Each kept row with its cells and its weight.
pub fn weighted_rows(object: &ObjectModel) -> Vec<(&str, Vec<FieldState>, f64)> {
    let mut rows: Vec<(&str, Vec<FieldState>, f64)> = object
        .rows
        .weights()
        .map(|(row, weight)| (row.as_ref(), presence::decode(row), weight))
        .collect();
    if object.rows.is_exact() {
        return rows;
    }
    // The order of learning must not show in the rounding.
    rows.sort_unstable_by(|a, b| a.0.cmp(b.0));
    for _ in 0..ROUNDS {
        for (at, member) in object.members.iter().enumerate() {
            fit(&mut rows, at, member, object.seen);
        }
    }
    rows
}

/// Scales the rows so that one member has its known frequencies.
fn fit(rows: &mut [(&str, Vec<FieldState>, f64)], at: usize, member: &Member, seen: u64) {
    let cell = |row: &(&str, Vec<FieldState>, f64)| row.1.get(at).copied().unwrap_or_default();
    let total: f64 = rows.iter().map(|row| row.2).sum();
    let mut sums: Vec<(FieldState, f64)> = Vec::new();
    for row in rows.iter() {
        let cell = category(cell(row), member);
        match sums.iter_mut().find(|(known, _)| *known == cell) {
            Some((_, sum)) => *sum += row.2,
            None => sums.push((cell, row.2)),
        }
    }
    let targets: Vec<f64> = sums.iter().map(|(cell, _)| target(*cell, member, seen)).collect();
    let target_total: f64 = targets.iter().sum();
    if target_total <= 0.0 || total <= 0.0 {
        return;
    }
    for row in rows.iter_mut() {
        let cell = category(cell(row), member);
        let Some(which) = sums.iter().position(|(known, _)| *known == cell) else { continue };
        let (sum, target) = (sums[which].1, targets[which]); // `which` was found in `sums`
        if sum > 0.0 && target > 0.0 {
            let factor = (target / target_total) / (sum / total);
            row.2 *= factor.clamp(1.0 / STEP_MAX, STEP_MAX);
        }
    }
}

/// Cells that are counted together: entries of a vocabulary only while it is closed.
fn category(cell: FieldState, member: &Member) -> FieldState {
    let shape = &member.shape;
    match cell {
        FieldState::Object(_) => FieldState::Object(None),
        FieldState::Number(_) if shape.number.as_ref().is_none_or(|n| n.vocabulary.is_open()) => {
            FieldState::Number(None)
        }
        FieldState::Text(_) if shape.text.as_ref().is_none_or(|t| t.vocabulary.is_open()) => {
            FieldState::Text(None)
        }
        cell => cell,
    }
}

/// How often entries of a vocabulary are known to have occurred.
fn entries<S: Default>(vocabulary: &Categories<S>, seen: u64, index: Option<u8>) -> f64 {
    match index {
        _ if vocabulary.is_open() => seen as f64,
        Some(at) => {
            vocabulary.candidates().get(usize::from(at)).map_or(0.0, |c| f64::from(c.count))
        }
        // Entries beyond what a cell can hold.
        None => vocabulary.candidates().iter().skip(CELL_INDEXES).map(|c| f64::from(c.count)).sum(),
    }
}

/// How often a cell is known to have occurred.
fn target(cell: FieldState, member: &Member, seen: u64) -> f64 {
    let shape = &member.shape;
    match cell {
        FieldState::Absent => seen.saturating_sub(member.count) as f64,
        FieldState::Null => shape.nulls as f64,
        FieldState::Bool(true) => shape.trues as f64,
        FieldState::Bool(false) => shape.falses as f64,
        FieldState::Number(index) => {
            shape.number.as_ref().map_or(0.0, |n| entries(&n.vocabulary, n.seen, index))
        }
        FieldState::Text(index) => {
            shape.text.as_ref().map_or(0.0, |t| entries(&t.vocabulary, t.seen, index))
        }
        FieldState::Array(length) => shape.array.as_ref().map_or(0.0, |array| {
            let mut lengths = array.lengths.weights();
            match length {
                Some(length) => lengths.find(|l| *l.0 == i32::from(length)).map_or(0.0, |l| l.1),
                None => lengths.filter(|l| *l.0 >= CELL_INDEXES as i32).map(|l| l.1).sum(),
            }
        }),
        FieldState::Object(_) => shape.object.as_ref().map_or(0.0, |object| object.seen as f64),
    }
}
