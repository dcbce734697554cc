//! Members that follow the clock: what they say depends on which times of the same entity have
//! passed. A booking is ahead, runs, is over; a draft is published at its date.

use serde_json::{Map, Value};

use super::instant::unix_ms;

/// A member that follows the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct ClockMember {
    /// Its name.
    pub name: Box<str>,
    /// The members that are times.
    pub times: Vec<Box<str>>,
    /// What it says, by how many of them have passed.
    pub values: Vec<Option<Value>>,
}

impl ClockMember {
    /// Sets the member to what it says at a moment.
    pub fn set(&self, object: &mut Map<String, Value>, now_ms: i64) {
        let passed = passed(&self.times, object, now_ms);
        if let Some(Some(value)) = passed.and_then(|passed| self.values.get(passed)) {
            object.insert(self.name.to_string(), value.clone());
        }
    }
}

/// How many of some times have passed; none where one of them is not there.
#[must_use]
pub fn passed(times: &[Box<str>], object: &Map<String, Value>, now_ms: i64) -> Option<usize> {
    let ms = times.iter().map(|name| unix_ms(object.get(&**name)?)).collect::<Option<Vec<_>>>()?;
    Some(ms.into_iter().filter(|ms| *ms <= now_ms).count())
}
