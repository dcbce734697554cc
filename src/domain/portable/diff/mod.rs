//! What differs between two models, or a model and a document.
//!
//! Both sides are read into a [`Contract`]: which operations there are, with which statuses, and
//! how often each member of each body was there and of what type. A difference is a finding when
//! chance explains it in less than one case in 10^5 ([`chance`]); values are never compared, so
//! that what changes from answer to answer cannot alarm.

pub mod chance;
mod compare;
pub mod contract;
mod document;
pub mod drift_alarm;
pub mod drift_finding;

pub use compare::compare;
pub use contract::Contract;
pub use drift_finding::{DriftFinding, Severity};
