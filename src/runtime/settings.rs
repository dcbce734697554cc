//! Settings that people change while the double runs: applied at once, kept over restarts.

use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::clock::now_ms;
use super::edit::{EditAction, audit_entry, next_revision};
use super::persistence::PersistenceHandle;
use crate::config::{Explicit, Seed};
use crate::domain::mode::Mode;
use crate::domain::privacy::privacy_level::PrivacyLevel;
use crate::runtime::persistence::pending_writes::PendingWrite;
use crate::store::Stored;

const MODE: &str = "mode";
const SEED: &str = "seed";
const LEARN: &str = "learn";
const LATENCY_SCALE: &str = "latency_scale";

/// Largest factor on simulated latency: beyond a thousand an answer never comes.
pub const LATENCY_SCALE_MAX: f64 = 1_000.0;

/// The settings in force.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct RuntimeSettings {
    /// Who answers.
    pub mode: Mode,
    /// Whether proxied traffic teaches.
    pub learn: bool,
    /// Factor on simulated latency; 0 answers at once.
    pub latency_scale: f64,
    /// What of real values may be kept, as the start said.
    pub privacy: PrivacyLevel,
}

/// A change of the settings; what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsPatch {
    /// Who answers.
    pub mode: Option<Mode>,
    /// Whether proxied traffic teaches.
    pub learn: Option<bool>,
    /// Factor on simulated latency, 0 to 1000.
    #[schema(minimum = 0, maximum = 1000)]
    pub latency_scale: Option<f64>,
}

/// The seed of everything drawn: what the start says, otherwise what an earlier run left, so that a
/// restart shows the same world; a new one is kept.
#[must_use]
pub fn seed(started: &Explicit<Seed>, stored: &Stored, persistence: &PersistenceHandle) -> String {
    let kept = stored.settings.iter().find(|(name, _)| name == SEED).map(|(_, value)| value);
    let seed = match kept {
        Some(kept) if !started.given => kept.clone(),
        _ => started.value.0.clone(),
    };
    if kept.is_none() {
        persistence.write(PendingWrite::Setting(SEED, seed.clone()));
    }
    seed
}

/// The board on which the settings stand; read wait-free by every request.
#[derive(Clone)]
pub struct SettingsHandle {
    current: Arc<ArcSwap<RuntimeSettings>>,
    /// The revision of the last change; held while one is made, so that each entry of the audit
    /// trail begins where the one before ended.
    revision: Arc<Mutex<u64>>,
    persistence: PersistenceHandle,
}

impl SettingsHandle {
    /// What a start says, and where it is silent, what an earlier run left.
    #[must_use]
    pub fn start(
        mode: Explicit<Mode>,
        learn: Explicit<bool>,
        latency_scale: Explicit<f64>,
        privacy: PrivacyLevel,
        stored: &Stored,
        persistence: PersistenceHandle,
    ) -> Self {
        let current = RuntimeSettings {
            mode: chosen(mode, stored, MODE, |text| text.parse().ok()),
            learn: chosen(learn, stored, LEARN, |text| text.parse().ok()),
            latency_scale: chosen(latency_scale, stored, LATENCY_SCALE, |text| {
                text.parse().ok().filter(|scale| (0.0..=LATENCY_SCALE_MAX).contains(scale))
            }),
            privacy,
        };
        Self {
            current: Arc::new(ArcSwap::from_pointee(current)),
            revision: Arc::default(),
            persistence,
        }
    }

    /// The settings in force.
    #[must_use]
    pub fn now(&self) -> RuntimeSettings {
        **self.current.load()
    }

    /// Applies a change of `actor` and hands it to the persistence, with an entry in the audit
    /// trail for each setting that is another now.
    pub fn apply(&self, patch: SettingsPatch, actor: &str) -> RuntimeSettings {
        let mut revision = self.revision.lock();
        let before = self.now();
        let after = RuntimeSettings {
            mode: patch.mode.unwrap_or(before.mode),
            learn: patch.learn.unwrap_or(before.learn),
            latency_scale: patch.latency_scale.unwrap_or(before.latency_scale),
            privacy: before.privacy,
        };
        self.current.store(Arc::new(after));
        if patch.mode.is_some() {
            self.persistence.write(PendingWrite::Setting(MODE, after.mode.as_str().into()));
        }
        if patch.learn.is_some() {
            self.persistence.write(PendingWrite::Setting(LEARN, after.learn.to_string()));
        }
        if patch.latency_scale.is_some() {
            let scale = after.latency_scale.to_string();
            self.persistence.write(PendingWrite::Setting(LATENCY_SCALE, scale));
        }
        for (name, was, is) in [
            (MODE, json!(before.mode), json!(after.mode)),
            (LEARN, json!(before.learn), json!(after.learn)),
            (LATENCY_SCALE, json!(before.latency_scale), json!(after.latency_scale)),
        ] {
            if was != is {
                let edit = (actor, EditAction::Amend, next_revision(&mut revision, now_ms()));
                let entry = audit_entry(edit, format!("settings/{name}"), Some(&was), Some(&is));
                self.persistence.write(PendingWrite::Audit(entry));
            }
        }
        after
    }
}

/// A value given at the start beats the stored one, which beats the default.
fn chosen<T: Copy>(
    start: Explicit<T>,
    stored: &Stored,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> T {
    let kept = stored.settings.iter().find(|(known, _)| known == name);
    match kept {
        Some((_, text)) if !start.given => read(text).unwrap_or_else(|| {
            log::warn!("stored setting `{name}` = `{text}` is not usable and was skipped");
            start.value
        }),
        _ => start.value,
    }
}
