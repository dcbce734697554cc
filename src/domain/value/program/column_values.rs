//! The values of a record's columns that may be written, by fingerprint.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::domain::random::hash;
use crate::domain::value::ValueModel;
use crate::domain::value::object::model::ObjectModel;
use crate::domain::value::relation::echo::Echo;
use crate::domain::value::relation::laws::column;
use crate::domain::value::relation::laws::column::Scalar;

/// What the models of the members know of each column.
#[derive(Debug, Default)]
pub struct ColumnValues {
    paths: Vec<u32>,
    values: FxHashMap<(u32, u32), Scalar<'static>>,
    /// Columns that repeat what the request says.
    decided: Vec<u32>,
}

impl ColumnValues {
    /// Of a record, with all objects in it.
    pub fn of(object: &ObjectModel) -> Self {
        let mut own = Self::default();
        if object.laws.is_some() {
            own.collect(object, hash::ROOT);
        }
        own
    }

    /// In the order of the document.
    pub fn paths(&self) -> &[u32] {
        &self.paths
    }

    /// The value of a column with this fingerprint; `None` where it may not be kept, or is not
    /// known.
    pub fn value(&self, path: u32, fingerprint: u32) -> Option<Scalar<'static>> {
        self.values.get(&(path, fingerprint)).cloned()
    }

    /// Whether the request or an entity decides what stands in this column, and no law.
    pub fn is_decided(&self, path: u32) -> bool {
        self.decided.contains(&path)
    }

    /// All scalars of an object are decided: of an entity, its own record tells them.
    pub fn decide_all(&mut self, object: &ObjectModel, path: u64) {
        for member in &object.members {
            let Some(name) = &member.name else { continue };
            let path = column::step(path, name);
            self.decided.push(column::short(path));
            if let Some(object) = &member.shape.object {
                self.decide_all(object, path);
            }
        }
    }

    fn collect(&mut self, object: &ObjectModel, path: u64) {
        for member in &object.members {
            let Some(name) = &member.name else { continue };
            let path = column::step(path, name);
            self.paths.push(column::short(path));
            if member.shape.echoes.iter().any(Echo::is_active) {
                self.decided.push(column::short(path));
            }
            self.collect_values(&member.shape, column::short(path));
            if member.shape.array.as_ref().is_some_and(|array| array.tuple().is_empty()) {
                // Numbers of a list are what they are; only those of a tuple have each a meaning.
                let places = (0..column::TUPLE_MAX).map(|at| column::tuple_step(path, at));
                self.decided.extend(places.map(column::short));
            }
            if let Some(object) = &member.shape.object {
                self.collect(object, path);
            }
        }
    }

    fn collect_values(&mut self, shape: &ValueModel, path: u32) {
        if let Some(text) = &shape.text {
            for known in text.vocabulary.candidates() {
                if let Some(own) = &known.text {
                    let value = Scalar::Text(Cow::Owned(own.to_string()));
                    self.values.insert((path, known.fingerprint.max(1)), value);
                }
            }
        }
        if let Some(number) = &shape.number {
            for known in number.vocabulary.candidates() {
                let text = known.text.as_deref();
                let whole = text.and_then(|text| text.parse().ok()).map(Scalar::Int);
                let value =
                    whole.or_else(|| text.and_then(|text| text.parse().ok()).map(Scalar::Float));
                self.values.extend(value.map(|value| ((path, known.fingerprint.max(1)), value)));
            }
        }
        for value in [true, false] {
            let value = Scalar::Bool(value);
            self.values.insert((path, value.fingerprint().max(1)), value);
        }
    }
}
