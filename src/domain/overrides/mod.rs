//! Overrides: people's word over the model's. Whom one means, what is answered then.
//!
//! ```text
//! JSON ──parse──▶ Override ──┐                      ┌─▶ matching(): which would act (explain)
//!                            ├─ OverrideSet::new ──┤
//! OverrideCounters ──────────┘   indexed, immutable └─▶ choose(): Choice ──▶ answer, hints
//! ```
//!
//! An [`Override`] says *whom* ([`OverrideMatch`]), *until when* (a lease of the chaos room, or for
//! good) and *what* (steps of [`OverrideAnswer`]): exactly this answer, or the learned one changed.
//! Of all that match, the first in order answers; hints about members of bodies are given by every
//! one that matches, and shape whatever the model draws. A call that an override lets pass falls
//! through to the next.
//!
//! This room knows no HTTP server: it gives status, headers and bytes, and is given time and seeds.
//!
//! Reading order: [`rule`], [`pattern`], [`answer`], [`override_set`], [`change`], [`templating`].

pub mod answer;
pub mod change;
pub mod counters;
pub mod member;
pub mod override_set;
pub mod pattern;
pub mod rule;
pub mod templating;
pub mod wiremock;

pub use answer::{ExactAnswer, OverrideAnswer};
pub use counters::{NearestMiss, OverrideCounters};
pub use override_set::{Choice, OverrideSet, OverrideSubject};
pub use pattern::OverrideMatch;
pub use rule::Override;
