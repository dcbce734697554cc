//! A drawn record made to keep its laws: read as columns, put right, and written again.

use std::borrow::Cow;

use crate::domain::json::Json;
use crate::domain::random::hash;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::value::relation::laws::column;
use crate::domain::value::relation::laws::column::{Column, Members, Scalar};
use crate::domain::value::relation::laws::plan::{LawPlan, LawStep, Rule, TextPiece};
use crate::domain::value::time::draw_clock::DrawClock;

impl LawPlan {
    /// Makes the record from `start` on keep the laws, but for the member whose value is
    /// `given`. False where the record cannot: another one must be drawn.
    pub fn repair(
        &self,
        given: Option<u32>,
        stream: &mut KeyedRng,
        clock: DrawClock,
        start: usize,
        out: &mut Vec<u8>,
    ) -> bool {
        let drawn = out.split_off(start);
        let Some(Json::Object(members)) = Json::parse(&drawn) else {
            out.extend_from_slice(&drawn);
            return true;
        };
        let mut columns = column::columns(&members);
        let mut changed: Vec<u32> = Vec::new();
        let mut is_likely = true;
        self.exchange(given, &mut columns, &mut changed);
        for step in self.steps.iter().filter(|step| Some(step.target) != given) {
            let Some(at) = columns.iter().position(|c| c.path == step.target) else { continue };
            let Some(value) = step.value(&columns, stream, clock) else { continue };
            let Some(column) = columns.get_mut(at).filter(|column| column.value != value) else {
                continue;
            };
            // Which members a record has hangs on its truths.
            is_likely &= !matches!(value, Scalar::Bool(_));
            column.value = value;
            changed.push(step.target);
        }
        if changed.is_empty() {
            out.extend_from_slice(&drawn);
        } else {
            write_members(
                &members,
                hash::ROOT,
                &Changes { columns: &columns, changed: &changed },
                out,
            );
        }
        is_likely && self.orders.iter().all(|order| order.holds(&columns))
    }
}

impl LawPlan {
    /// Two numbers that nothing else tells, in the wrong order, change places.
    fn exchange(&self, given: Option<u32>, columns: &mut [Column<'_>], changed: &mut Vec<u32>) {
        let is_told =
            |path: u32| given == Some(path) || self.steps.iter().any(|step| step.target == path);
        let mut wrong = self.orders.iter().filter(|order| !is_told(order.low));
        for order in wrong.by_ref().filter(|order| !is_told(order.high)) {
            if order.holds(columns) {
                continue;
            }
            let at = |path: u32| columns.iter().position(|column| column.path == path);
            let (Some(low), Some(high)) = (at(order.low), at(order.high)) else { continue };
            let same = match (columns.get(low), columns.get(high)) {
                (Some(low), Some(high)) => {
                    std::mem::discriminant(&low.value) == std::mem::discriminant(&high.value)
                        && !matches!(low.value, Scalar::Text(_))
                        && low.stands
                        && high.stands
                }
                _ => false,
            };
            if same && low != high {
                let (first, rest) = columns.split_at_mut(low.max(high));
                if let (Some(a), Some(b)) = (first.get_mut(low.min(high)), rest.first_mut()) {
                    std::mem::swap(&mut a.value, &mut b.value);
                    changed.extend([order.low, order.high]);
                }
            }
        }
    }
}

/// Is a text made of the pieces already, so that what varies in it may stay?
fn fits(text: &str, pieces: &[TextPiece], columns: &[Column<'_>]) -> bool {
    let made = |piece: &TextPiece| match piece {
        TextPiece::Constant(own) => Some(own.to_string()),
        TextPiece::From(path, how) => how.apply(column::find(columns, *path)?),
        TextPiece::Varying(_) => None,
    };
    let mut rest = text;
    let mut is_open = false;
    for piece in pieces {
        match (piece, made(piece)) {
            (TextPiece::Varying(_), _) => is_open = true,
            (_, None) => return false,
            (_, Some(made)) => {
                let at =
                    if is_open { rest.find(&made) } else { rest.starts_with(&made).then_some(0) };
                let Some(behind) = at.and_then(|at| rest.get(at + made.len()..)) else {
                    return false;
                };
                rest = behind;
                is_open = false;
            }
        }
    }
    is_open || rest.is_empty()
}

impl LawStep {
    /// What the column must be; `None` where it is not told.
    fn value(
        &self,
        columns: &[Column<'_>],
        stream: &mut KeyedRng,
        clock: DrawClock,
    ) -> Option<Scalar<'static>> {
        match &self.rule {
            Rule::Lookup { on, values } => {
                values.get(&column::find(columns, *on)?.fingerprint().max(1)).cloned()
            }
            Rule::Number(law) => {
                law.result(column::find(columns, law.first)?, column::find(columns, law.second)?)
            }
            Rule::Text(pieces)
                if pieces.iter().any(|piece| matches!(piece, TextPiece::Varying(_)))
                    && fits(&column::find(columns, self.target)?.text(), pieces, columns) =>
            {
                None
            }
            Rule::Text(pieces) => {
                let mut text = Vec::new();
                for piece in pieces {
                    match piece {
                        TextPiece::Constant(own) => text.extend_from_slice(own.as_bytes()),
                        TextPiece::From(path, how) => {
                            let made = how.apply(column::find(columns, *path)?)?;
                            text.extend_from_slice(made.as_bytes());
                        }
                        TextPiece::Varying(node) => node.write(None, stream, clock, &mut text),
                    }
                }
                let text = String::from_utf8(text).ok()?;
                match column::find(columns, self.target)? {
                    Scalar::Text(_) => Some(Scalar::Text(Cow::Owned(text))),
                    _ => text.parse().ok().map(Scalar::Int),
                }
            }
        }
    }
}

/// What is written instead of what was drawn.
struct Changes<'c, 'a> {
    columns: &'c [Column<'a>],
    changed: &'c [u32],
}

impl Changes<'_, '_> {
    /// Writes the value of a path that changed; false where it did not.
    fn write(&self, path: u64, out: &mut Vec<u8>) -> bool {
        let path = column::short(path);
        if !self.changed.contains(&path) {
            return false;
        }
        match column::find(self.columns, path) {
            Some(Scalar::Text(text)) => write_json(text.as_ref(), out),
            Some(value) => out.extend_from_slice(value.text().as_bytes()),
            None => return false,
        }
        true
    }
}

fn write_json<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // Writing what was read as JSON into a `Vec` cannot fail.
    let _ = serde_json::to_writer(out, value);
}

fn write_members(members: &Members<'_>, path: u64, changes: &Changes<'_, '_>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_json(name.as_ref(), out);
        out.push(b':');
        let path = column::step(path, name);
        match value {
            Json::Object(members) => write_members(members, path, changes, out),
            Json::Array(items) if column::is_tuple(items) => {
                write_tuple(items, path, changes, out);
            }
            value => {
                if !changes.write(path, out) {
                    write_json(value, out);
                }
            }
        }
    }
    out.push(b'}');
}

fn write_tuple(items: &[Json<'_>], path: u64, changes: &Changes<'_, '_>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if !changes.write(column::tuple_step(path, at), out) {
            write_json(item, out);
        }
    }
    out.push(b']');
}
