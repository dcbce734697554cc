//! Which paths exist: what the status of an answer says of it, and what repeated errors say.
//!
//! Errors create no structure at first sight: anybody can ask for `/wp-login.php`. But an endpoint
//! that answers every request with 401, 409 or 500 exists all the same, and shows it by answering
//! the same path with something other than "no such thing" again and again.

use rustc_hash::FxHashMap;

use crate::domain::path::tree::template::PathTemplate;

/// What one answer says about whether its path, asked with its method, exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existence {
    /// Successes and redirects show it.
    Shown,
    /// There is no such resource or method, or the request was not understood at all (RFC 9110
    /// section 15.5 and 15.6.2).
    Denied,
    /// An error that says nothing about paths by itself.
    Open,
}

impl Existence {
    /// What an answer with this status says.
    #[must_use]
    pub const fn by_status(status: u16) -> Self {
        match status {
            ..400 => Self::Shown,
            400 | 404 | 405 | 410 | 414 | 421 | 431 | 501 => Self::Denied,
            _ => Self::Open,
        }
    }
}

/// Whether an answer says that the method is not served, here (405) or anywhere (501): what is
/// refused so is no endpoint of its own (RFC 9110 sections 15.5.6 and 15.6.2).
#[must_use]
pub const fn refuses_method(status: u16) -> bool {
    matches!(status, 405 | 501)
}

/// Errors on one path after which it counts as an endpoint: once is a probe, twice a reload.
const ERRORS_MIN: u8 = 3;

/// Paths that are counted at the same time; beyond it the count starts anew.
const COUNTED_MAX: usize = 1_024;

/// Counts of errors on paths that belong to no template.
#[derive(Debug, Clone, Default)]
pub struct UnknownPaths {
    errors: FxHashMap<(Box<str>, PathTemplate), u8>,
}

impl UnknownPaths {
    /// Counts an error; true once the path has shown that it exists.
    pub fn is_established(&mut self, method: &str, template: &PathTemplate, status: u16) -> bool {
        if Existence::by_status(status) == Existence::Denied {
            return false;
        }
        if self.errors.len() >= COUNTED_MAX {
            self.errors.clear();
        }
        let key = (method.into(), template.clone());
        let count = self.errors.entry(key).or_default();
        *count = count.saturating_add(1);
        *count >= ERRORS_MIN
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::path::{PathLearner, PathLimits, PathObservation};

    #[test]
    fn a_path_is_established_by_repeated_errors_that_do_not_deny_it() {
        let mut paths = PathLearner::new(PathLimits::default());
        let mut place = |method, status| {
            let observation =
                PathObservation { method, path: "/vault", status, media: None, shape: None };
            paths.place(&observation).is_some()
        };
        for (status, placed) in [(401, false), (404, false), (401, false)] {
            assert_eq!(place("GET", status), placed, "{status}");
        }
        assert!(!place("PUT", 500), "each method for itself");
        assert!(place("GET", 403));
        assert!(place("GET", 401), "from here on it is known");
    }
}
