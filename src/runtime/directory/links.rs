//! What endpoints know of each other, worked out from what all of them published.
//!
//! The item of a list must be the entity that its detail endpoint answers, so both draw it from
//! the same model. Which endpoints belong together is learned now and then, not per request; after
//! that, every endpoint compiles its programs with the same links.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::DirectoryActor;
use crate::domain::value::relation::resource_links::EndpointView;
use crate::domain::value::relation::resource_links::ResourceLinks;
use crate::runtime::learning::endpoint::Recompile;
use crate::runtime::learning::snapshot::EndpointSnapshot;

/// Shortest pause between two rounds.
pub const LINKS_PAUSE_MIN: Duration = Duration::from_secs(2);

/// Rounds may take one part in this many of the time while somebody reads what is compiled with
/// them: 2 % of the learning thread.
const COST_FACTOR_READ: u32 = 50;

/// The same while nobody does: 10 µs a request at 100 requests a second.
const COST_FACTOR_UNREAD: u32 = 1_000;

/// Learns the links between endpoints.
#[must_use]
pub fn learn<'a>(snapshots: impl Iterator<Item = &'a Arc<EndpointSnapshot>>) -> ResourceLinks {
    let views: Vec<EndpointView<'_>> = snapshots
        .flat_map(|snapshot| {
            snapshot.model.answers.iter().map(|(status, answer)| EndpointView {
                method: &snapshot.key.method,
                template: snapshot.key.template.as_str(),
                status: *status,
                model: answer.body.schema(),
                anchor_ms: answer.body.anchor_ms(),
            })
        })
        .collect();
    ResourceLinks::learn(&views)
}

impl DirectoryActor {
    /// Learns the links anew and lets all endpoints compile with them; nothing to do while no
    /// endpoint is known to be another's detail.
    pub(super) fn relink(&mut self) {
        let began = Instant::now();
        let snapshots: Vec<_> =
            self.endpoints.values().map(|handle| handle.published().snapshot.clone()).collect();
        let links = learn(snapshots.iter());
        let known = links.templates().next().is_some();
        let before = self.shared.links.swap(Arc::new(links));
        if known || before.templates().next().is_some() {
            for handle in self.endpoints.values() {
                if let Some(addr) = handle.addr.load_full() {
                    // A full mailbox compiles with the new links at its next publication.
                    let _sent = addr.try_send(Recompile);
                }
            }
        }
        let is_read = self.endpoints.values().any(|handle| handle.published().was_read());
        let factor = if is_read { COST_FACTOR_READ } else { COST_FACTOR_UNREAD };
        self.links_changed.set_pause((began.elapsed() * factor).max(LINKS_PAUSE_MIN));
    }
}
