//! Faults of the learning side that tests plan by name; not in a release build.

use std::time::Duration;

/// Faults that tests plan by name.
#[derive(Debug, Clone, Default)]
pub struct PlannedFaults {
    /// Learning one exchange takes this long.
    pub stall: Option<Duration>,
    /// Learning an exchange on this path panics.
    pub panic_on_path: Option<String>,
}

impl PlannedFaults {
    /// What a load test plans from outside: `STUNT_DOUBLE_STALL_LEARNER_MS` makes learning each
    /// exchange take that long. Not a setting: it exists so that overload can be shown on a
    /// binary that was built with the feature `test-util`.
    #[must_use]
    pub fn from_environment() -> Self {
        let stall = std::env::var("STUNT_DOUBLE_STALL_LEARNER_MS").ok();
        let stall = stall.and_then(|ms| ms.parse().ok()).map(Duration::from_millis);
        if let Some(stall) = stall {
            log::warn!("STUNT_DOUBLE_STALL_LEARNER_MS: learning an exchange takes {stall:?}");
        }
        Self { stall, ..Self::default() }
    }

    /// Does what was planned for an exchange on `path`.
    pub(in crate::runtime) fn inject(&self, path: &str) {
        if let Some(stall) = self.stall {
            std::thread::sleep(stall);
        }
        assert!(
            self.panic_on_path.as_deref() != Some(path),
            "planned fault: learning `{path}` panics"
        );
    }
}
