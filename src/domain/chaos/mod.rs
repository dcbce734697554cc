//! Chaos rules: scopes, leases, rates and faults as data, and the effects they draw.
//!
//! ```text
//! JSON ──parse──▶ ChaosRule ──┐                      ┌─▶ matching(): which would act (explain)
//!                             ├─ RuleSet::compile ──┤
//! RuleCounters (atomics) ─────┘   immutable          └─▶ draw(): ChaosPlan, carried out elsewhere
//!                                                                 ChaosReport: what was done of it
//! ```
//!
//! A [`ChaosRule`] says *whom* ([`Scope`]), *how often* (`probability`, [`RatePattern`]), *until
//! when* ([`Lease`]) and *what* ([`Fault`]). Targeting and probability live in the rule, never in
//! the fault. A [`ChaosPlan`] is drawn once, when a request is decided, and never redrawn; it is
//! plain data, so this room needs no socket, clock or timer to be tested.
//!
//! Two clocks are read for every decision ([`ClockReading`]): a rule acts only while *both* say
//! that its lease runs, so neither a jump of the wall clock nor a restart revives one.
//!
//! Reading order: [`rule`], [`scope`], [`rate`], [`fault`], [`plan`], [`rule_set`].

pub mod chaos_report;
pub mod counters;
pub mod distribution;
pub mod fault;
pub mod lease;
pub mod plan;
pub mod profile;
pub mod rate;
pub mod rule;
pub mod rule_id;
pub mod rule_report;
pub mod rule_set;
pub mod scope;
pub mod subject;
pub mod token_buckets;

pub use chaos_report::ChaosReport;
pub use counters::{CountersSnapshot, RuleCounters, RuleState};
pub use fault::{Fault, FaultDescriptor};
pub use lease::{ChaosLimits, ClockReading, Lease};
pub use plan::ChaosPlan;
pub use profile::Profile;
pub use rate::RatePattern;
pub use rule::ChaosRule;
pub use rule_id::RuleId;
pub use rule_report::RuleReport;
pub use rule_set::{RuleMatch, RuleSet};
pub use scope::Scope;
pub use subject::{ChaosDrawContext, ChaosSeed, ChaosSubject, LearnedLatency, Responder};
