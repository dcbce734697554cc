//! Finds what ends a credential: after a logout the same one is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::resources::Resources;
use super::site_place::{Seen, SitePlace};

/// Credentials that were refused right after, from which a place ends them.
const REFUSED_MIN: u32 = 3;

/// How many times as often they must be refused as accepted.
const REFUSED_TIMES: u32 = 4;

/// Learns which places end the credential that they are asked with.
pub fn learn_revokers(resources: &mut Resources, seen: &[Seen]) {
    let mut last: FxHashMap<u64, &Arc<SitePlace>> = FxHashMap::default();
    let mut counts: BTreeMap<&Arc<SitePlace>, (u32, u32)> = BTreeMap::new();
    for one in seen {
        let exchange = &one.exchange;
        let Some(sent) = &exchange.request.credential else { continue };
        let is_refused = exchange.status == 401;
        if is_refused || exchange.is_ok() {
            // What follows a refusal says nothing of what came before it.
            if let Some(before) = last.remove(&sent.token) {
                let (refused, accepted) = counts.entry(before).or_default();
                *(if is_refused { refused } else { accepted }) += 1;
            }
        }
        if exchange.is_ok() && (resources.guarded.contains(&one.place) || !exchange.request.reads())
        {
            last.insert(sent.token, &one.place);
        }
    }
    let ends = |(place, (refused, accepted)): (&Arc<SitePlace>, (u32, u32))| {
        let often = refused >= REFUSED_MIN && refused >= REFUSED_TIMES * accepted;
        (often && !matches!(&*place.method, "GET" | "HEAD")).then(|| Arc::clone(place))
    };
    resources.revokers = counts.into_iter().filter_map(ends).collect();
}
