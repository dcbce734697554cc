//! Truths about two members of one body, or about one of them and the clock.

use serde_json::Value;

use crate::domain::outcome::Cause;
use crate::domain::world::Request;
use crate::domain::world::instant::unix_ms;
use crate::domain::world::pointer::{last_member, leaves};

/// Times of one body that are compared.
const TIMES_MAX: usize = 4;

/// Members of a body up to which pairs of them are compared.
const PAIRED_MEMBERS_MAX: usize = 8;

/// Gives the pairs of texts of a body that hold the same.
pub fn same_members(body: &Value, put: &mut dyn FnMut(Cause)) {
    let Some(members) = body.as_object().filter(|members| members.len() <= PAIRED_MEMBERS_MAX)
    else {
        return;
    };
    let texts =
        || members.iter().filter(|(_, value)| value.as_str().is_some_and(|t| !t.is_empty()));
    for (n, (name, value)) in texts().enumerate() {
        for (other, _) in texts().skip(n + 1).filter(|(_, twin)| *twin == value) {
            put(Cause::SameMembers(name.as_str().into(), other.as_str().into()));
        }
    }
}

/// Gives the times of a body that lie in the past, or not before another.
pub fn times(request: &Request, body: &Value, put: &mut dyn FnMut(Cause)) {
    let found: Vec<(String, i64)> = leaves(body)
        .iter()
        .filter_map(|(place, value)| {
            Some((last_member(place).unwrap_or_default().to_owned(), unix_ms(value)?))
        })
        .take(TIMES_MAX)
        .collect();
    for (n, (name, ms)) in found.iter().enumerate() {
        if *ms < request.at_ms - 1_000 {
            put(Cause::TimePast(name.as_str().into()));
        }
        for (other, later) in &found[n + 1..] {
            if ms >= later {
                put(Cause::TimeOrder(name.as_str().into(), other.as_str().into()));
            }
        }
    }
}
