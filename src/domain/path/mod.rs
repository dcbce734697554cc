//! Path templates learned from traffic: streaming, revisable, explainable.
//!
//! ```text
//! observe ─▶ evidence ─▶ infer ─▶ tree (snapshot) ─▶ identify, explain, nearest
//!            distinct     literal or value,
//!            paths        one position at a time
//! ```
//!
//! [`PathLearner`] is the one writer. It keeps a bounded set of distinct paths with their counts
//! and works the templates out from them, so that the order of arrival does not matter in the end
//! and every decision can be revised and explained. [`PathTree`] is the snapshot the request path
//! reads. This module must not know where observations come from, what is learned per template, or
//! the clock.
//!
//! | to see | open |
//! | --- | --- |
//! | what one segment looks like by its bytes | `kind/` |
//! | what is kept of the paths that were seen | `evidence/` |
//! | how a segment is judged to be a literal or a value | `infer/`, from `classify.rs` |
//! | how a path finds its template on the request path | `tree/`, from `path_tree.rs` |
//! | when templates are worked out anew | `path_learner.rs` |
//! | which paths may become templates at all | `existence.rs` |
//! | what holders of per-template state are told | `template_change.rs` |
//! | what survives a restart | `path_state.rs` |

mod evidence;
mod existence;
mod infer;
pub mod kind;
mod parameter_values;
mod path_learner;
mod path_limits;
mod path_state;
mod template_change;
mod tree;

pub use evidence::body_shape::BodyShape;
pub use existence::refuses_method;
pub use parameter_values::ParameterValues;
pub use path_learner::{PathLearner, PathObservation};
pub use path_limits::PathLimits;
pub use path_state::PathState;
pub use template_change::TemplateChange;
pub use tree::capture::Captured;
pub use tree::explain::SegmentExplanation;
pub use tree::path_tree::{Identified, PathTree};
pub use tree::pin::{Pin, PinEffect, PinError};
pub use tree::template::{Parameter, PathTemplate};

#[cfg(test)]
mod tests;
