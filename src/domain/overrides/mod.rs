//! Overrides: people's word over the model's. Whom one means, what is answered then.
//!
//! ```text
//! JSON ──parse──▶ OverrideRule ─┐                     ┌─▶ matching(): which would act
//!                               ├─ OverrideSet::new ──┤
//! OverrideCounters ─────────────┘   indexed, immutable └─▶ choose(): OverrideChoice ──▶ answer
//! ```
//!
//! An [`OverrideRule`] says *whom* ([`OverrideMatch`]), *until when* (a lease of the chaos room,
//! or for good) and *what* (steps of [`OverrideAnswer`]): exactly this answer, or the learned one
//! changed. Of all that match, the first in order answers; hints about members of bodies are given
//! by every one that matches, and shape whatever the model draws. A call that an override lets
//! pass falls through to the next.
//!
//! This room knows no HTTP server: it gives status, headers and bytes, and is given time and seeds.
//!
//! Reading order: [`override_rule`], [`override_match`], [`answer`], [`override_set`],
//! [`change`], [`template`].

pub mod answer;
pub mod change;
pub mod counters;
pub mod member;
pub mod override_match;
pub mod override_rule;
pub mod override_set;
pub mod template;
pub mod wiremock;

pub use answer::{ExactAnswer, OverrideAnswer};
pub use counters::{NearestMiss, OverrideCounters};
pub use override_match::OverrideMatch;
pub use override_rule::OverrideRule;
pub use override_set::{OverrideChoice, OverrideSet, OverrideSubject};
