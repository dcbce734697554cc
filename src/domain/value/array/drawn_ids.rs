//! The ids of a list before it is written: none twice, and in the order of the list.

use smallvec::SmallVec;

use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::value::array::model::Order;

/// Array items written at most, whatever a request asks for: a page, not a flood.
pub(in crate::domain::value) const ECHOED_ITEMS_MAX: u32 = 1000;

/// Draws for a list of entities that are all alike in something: an owner among some hundreds is
/// found this way, in a tenth of a millisecond.
pub(in crate::domain::value) const FILTER_DRAWS_MAX: u32 = 1_500;

/// Ids as JSON, and the seed of each place.
pub type DrawnIds = SmallVec<[(SmallVec<[u8; 48]>, EntitySeed); 16]>;

pub(super) fn is_new(listed: &DrawnIds, id: &[u8]) -> bool {
    listed.iter().all(|(known, _)| **known != *id)
}

/// Sorts a list by id, where it came so.
pub(in crate::domain::value) fn sort(order: Option<Order>, listed: &mut DrawnIds) {
    match order {
        Some(Order::Ascending) => listed.sort_by(|a, b| compare_ids(&a.0, &b.0)),
        Some(Order::Descending) => listed.sort_by(|a, b| compare_ids(&b.0, &a.0)),
        None => {}
    }
}

/// Numbers by value, anything else as text.
fn compare_ids(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    let number = |id: &[u8]| str::from_utf8(id).ok()?.parse::<f64>().ok();
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    }
}
