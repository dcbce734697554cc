//! Values as learned and drawn, a folder for each kind of value.
//!
//! A [`ValueModel`] is what one position of a document has held: counts per kind and, per
//! kind, a bounded sketch. Models nest as documents do, merge (`merge(a, b)` = having seen both
//! streams) and hold no text that was not seen in several bodies.
//!
//! ```text
//! {"id": 7, "tags": ["x"]}      ValueModel: object
//!                                ├─ "id"    number: histogram, decimals, categories
//!                                ├─ "tags"  array: lengths ─ items: string: patterns, …
//!                                └─ rows    which members came together, and with what values
//! ```
//!
//! The same five verbs stand in each folder:
//!
//! | verb | takes | where |
//! | --- | --- | --- |
//! | observe | one value of one body | `<kind>/model` |
//! | merge | what another model learned | `<kind>/model` |
//! | compile | the model, into nodes of a program | [`program::compile`], `<kind>/draw` |
//! | draw | a seed and a place, into bytes | `<kind>/draw`, [`program::write`] |
//! | export | the model, as JSON Schema | [`export`] |
//!
//! What members have to do with each other and with the request is in [`relation`]. What a string
//! may be (a UUID, a time) is a row of [`formats`](crate::domain::formats).

pub mod array;
pub mod export;
pub mod forget;
pub mod limits;
pub mod number;
pub mod object;
pub mod observe_context;
pub mod program;
pub mod relation;
pub mod string;
mod tighten;
pub mod time;

use serde::{Deserialize, Serialize};

use crate::domain::json::Json;
use crate::domain::privacy::retention;
use crate::domain::random::hash;
use crate::domain::sketch::categories::{Novelty, ValueObservation};
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::value::array::model::ArrayModel;
use crate::domain::value::limits::ValueLimits;
use crate::domain::value::number::model::NumberModel;
use crate::domain::value::object::model::ObjectModel;
use crate::domain::value::object::presence::FieldState;
use crate::domain::value::observe_context::ObserveContext;
use crate::domain::value::relation::echo::{Echo, merge_echoes, observe_echo};
use crate::domain::value::string::model::StringModel;
use crate::domain::value::time::unix_times::UnixTimes;

/// Everything seen at one position, by type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ValueModel {
    /// Times it was null.
    #[serde(rename = "n", skip_serializing_if = "is_zero")]
    pub nulls: u64,
    /// Times it was true.
    #[serde(rename = "t", skip_serializing_if = "is_zero")]
    pub trues: u64,
    /// Times it was false.
    #[serde(rename = "f", skip_serializing_if = "is_zero")]
    pub falses: u64,
    /// What its numbers were; `None` while it never was one.
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    pub number: Option<Box<NumberModel>>,
    /// What its strings were; `None` while it never was one.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub text: Option<Box<StringModel>>,
    /// What its arrays were; `None` while it never was one.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub array: Option<Box<ArrayModel>>,
    /// What its objects were; `None` while it never was one.
    #[serde(rename = "o", skip_serializing_if = "Option::is_none")]
    pub object: Option<Box<ObjectModel>>,
    /// Values of the request that it repeats, with the evidence.
    #[serde(rename = "e", skip_serializing_if = "Vec::is_empty")]
    pub echoes: Vec<Echo>,
}

heap_bytes!(ValueModel { nulls, trues, falses, number, text, array, object, echoes });

fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// Where the vocabularies of a merged shape went, so that rows can follow.
#[derive(Debug, Default)]
pub struct IndexRemap {
    /// For each entry of the other vocabulary of numbers, its index in this one.
    pub numbers: Vec<usize>,
    /// For each entry of the other vocabulary of strings, its index in this one.
    pub texts: Vec<usize>,
}

impl ValueModel {
    /// Learns one value; gives its cell for the row of the object around it.
    pub fn observe(
        &mut self,
        json: &Json<'_>,
        secret: bool,
        cx: &mut ObserveContext<'_>,
    ) -> FieldState {
        match json {
            Json::Null => {
                self.nulls += 1;
                FieldState::Null
            }
            Json::Bool(value) => {
                let count = if *value { &mut self.trues } else { &mut self.falses };
                *count += 1;
                let text: &[u8] = if *value { b"true" } else { b"false" };
                observe_echo(&mut self.echoes, hash::hash_bytes(text), cx.sources);
                FieldState::Bool(*value)
            }
            Json::Int(value) => {
                let number = self.number.get_or_insert_default();
                number.observe_int(*value);
                cx.moment = number.observe_time(*value as f64, cx.at_ms);
                let mut buffer = itoa::Buffer::new();
                self.observe_number_text(buffer.format(*value), secret, cx)
            }
            Json::Float(value) => {
                let number = self.number.get_or_insert_default();
                number.observe_float(*value);
                cx.moment = number.observe_time(*value, cx.at_ms);
                let mut buffer = ryu::Buffer::new();
                self.observe_number_text(buffer.format(*value), secret, cx)
            }
            Json::Str(text) => {
                observe_echo(&mut self.echoes, hash::hash_bytes(text.as_bytes()), cx.sources);
                let shape = self.text.get_or_insert_default();
                FieldState::Text(FieldState::index(shape.observe(text, secret, cx)))
            }
            Json::Array(items) => {
                self.observe_parts(json, cx);
                self.array.get_or_insert_default().observe(items, secret, cx);
                FieldState::Array(FieldState::index(Some(items.len())))
            }
            Json::Object(members) => {
                self.observe_parts(json, cx);
                let shape = self.object.get_or_insert_default();
                FieldState::Object(shape.observe(members, secret, cx))
            }
        }
    }

    /// Compares an array or object as a whole, where the request has such.
    fn observe_parts(&mut self, json: &Json<'_>, cx: &ObserveContext<'_>) {
        if cx.sources.has_parts() {
            observe_echo(&mut self.echoes, json.stable_hash(), cx.sources);
        }
    }

    fn observe_number_text(
        &mut self,
        text: &str,
        secret: bool,
        cx: &ObserveContext<'_>,
    ) -> FieldState {
        observe_echo(&mut self.echoes, hash::hash_bytes(text.as_bytes()), cx.sources);
        let Some(number) = self.number.as_mut().filter(|_| !secret) else {
            return FieldState::Number(None);
        };
        let sighting = ValueObservation {
            text,
            body: cx.body,
            candidates_max: cx.limits.vocabulary_max,
            text_bytes_max: cx.limits.text_bytes_max,
            novelty: Novelty::VALUE,
        };
        let at = number.vocabulary.observe(&sighting, retention::may_keep_value);
        FieldState::Number(FieldState::index(at))
    }

    /// Adds what another shape saw.
    pub fn merge(&mut self, other: Self, limits: &ValueLimits) -> IndexRemap {
        let mut moved = IndexRemap::default();
        self.nulls += other.nulls;
        self.trues += other.trues;
        self.falses += other.falses;
        if let Some(number) = other.number {
            let own = self.number.get_or_insert_default();
            moved.numbers = own.merge(*number, limits.vocabulary_max);
        }
        if let Some(text) = other.text {
            moved.texts = self.text.get_or_insert_default().merge(*text, limits);
        }
        if let Some(array) = other.array {
            self.array.get_or_insert_default().merge(*array, limits);
        }
        if let Some(object) = other.object {
            self.object.get_or_insert_default().merge(*object, limits);
        }
        merge_echoes(&mut self.echoes, other.echoes);
        moved
    }

    /// Values seen, of any type.
    pub fn seen(&self) -> u64 {
        self.nulls
            + self.trues
            + self.falses
            + self.number.as_ref().map_or(0, |n| n.seen)
            + self.text.as_ref().map_or(0, |t| t.seen)
            + self.array.as_ref().map_or(0, |a| a.seen)
            + self.object.as_ref().map_or(0, |o| o.seen)
    }

    /// Is it a time that is always about now?
    pub fn is_now(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.is_near())
            || self.number.as_ref().is_some_and(|n| n.epochs().is_some_and(UnixTimes::is_near))
    }

    /// Positions in this shape, itself included.
    pub fn nodes(&self) -> usize {
        1 + self.array.as_ref().map_or(0, |array| array.item.nodes())
            + self.object.as_ref().map_or(0, |object| object.nodes())
    }
}
