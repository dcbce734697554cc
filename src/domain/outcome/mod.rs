//! Why an answer has the status it has: truths about a request, evidence, and reasons induced.
//!
//! ```text
//! request ──▶ Literal… ──numbered by Literals──▶ Truths (bits) ──▶ ReasonTree ──▶ Decision
//!                                                    ▲
//!                    Evidence: (truths, status) in the order of time
//! ```
//!
//! A reason is claimed only where the statuses of the evidence get shorter to write down by more
//! than the reason costs, on both sides, and also when bursts are thinned out; the rest is chance.
//! Nothing here knows where truths come from.

mod counts;
mod literal;
mod price;
pub mod protocol;
mod split;
mod tree;
mod truths;

#[cfg(test)]
mod tests;

pub use counts::KnownCauses;
pub use counts::StatusCounts;
pub use literal::{Credential, Literal, LiteralGroup, Validator, VersionSent, Violation};
pub use split::Induction;
pub use tree::{Leaf, ReasonTree};
pub use truths::{Example, Literals, Truths};
