//! Paths that only ever gave errors: scanner probes, or endpoints that refuse this client?
//!
//! Errors create no structure at first sight: anybody can ask for `/wp-login.php`. But an endpoint
//! that answers every request with 401, 409 or 500 exists all the same, and shows it by answering
//! the same path with something other than "no such thing" again and again.

use rustc_hash::FxHashMap;

use crate::domain::path::PathTemplate;

/// Errors on one path after which it counts as an endpoint: once is a probe, twice a reload.
const SIGHTINGS_MIN: u8 = 3;

/// Paths that are counted at the same time; beyond it the count starts anew.
const STRANGERS_MAX: usize = 1_024;

/// Counts of errors on paths that belong to no endpoint.
#[derive(Default)]
pub struct UnknownPaths {
    seen: FxHashMap<(Box<str>, PathTemplate), u8>,
}

impl UnknownPaths {
    /// Counts an error; true once the path has shown that it exists.
    pub fn is_established(&mut self, method: &str, template: &PathTemplate, status: u16) -> bool {
        if denies_existence(status) {
            return false;
        }
        if self.seen.len() >= STRANGERS_MAX {
            self.seen.clear();
        }
        let key = (method.into(), template.clone());
        let count = self.seen.entry(key).or_default();
        *count = count.saturating_add(1);
        *count >= SIGHTINGS_MIN
    }
}

/// Whether a status says that there is no such resource or method, or that the request was not
/// understood at all (RFC 9110 section 15.5).
fn denies_existence(status: u16) -> bool {
    matches!(status, 400 | 404 | 405 | 410 | 414 | 421 | 431 | 501)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::path::{PathLearner, PathLimits, PathObservation};

    #[test]
    fn a_path_is_established_by_repeated_errors_that_do_not_deny_it() {
        let mut paths = PathLearner::new(PathLimits::default());
        let sighting = PathObservation { method: "GET", path: "/vault", status: 401, shape: None };
        let template = paths.observe(&sighting);
        let mut strangers = UnknownPaths::default();
        for (status, established) in [(401, false), (404, false), (401, false), (403, true)] {
            assert_eq!(strangers.is_established("GET", &template, status), established, "{status}");
        }
        assert!(!strangers.is_established("PUT", &template, 500), "each method for itself");
        assert!(paths.leaf(&template).is_none());
        let vouched = paths.vouch(&sighting);
        assert!(paths.leaf(&vouched).is_some());
    }
}
