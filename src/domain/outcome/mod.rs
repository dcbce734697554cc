//! Why an answer has the status it has: truths about a request, evidence, and reasons induced.
//!
//! ```text
//! request ──▶ Cause… ──numbered by Causes──▶ Truths (bits) ──▶ ReasonTree ──▶ Decision
//!                                                    ▲
//!                    Evidence: (truths, status) in the order of time
//! ```
//!
//! A reason is claimed only where the statuses of the evidence get shorter to write down by more
//! than the reason costs, on both sides, and also when bursts are thinned out; the rest is chance.
//! Nothing here knows where truths come from.

mod cause;
mod counts;
mod price;
pub mod protocol;
mod split;
mod tree;
mod truths;

#[cfg(test)]
mod tests;

pub use cause::{Cause, CauseGroup, Credential, Validator, VersionSent, Violation};
pub use counts::KnownCauses;
pub use counts::StatusCounts;
pub use split::Induction;
pub use tree::{Leaf, ReasonTree};
pub use truths::{Causes, Example, Truths};
