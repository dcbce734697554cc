//! Path templates learned from traffic: streaming, revisable, explainable.
//!
//! ```text
//! observe ─▶ evidence ─▶ infer ─▶ trie ─▶ PathTree (snapshot) ─▶ identify, explain, nearest
//!            distinct     verdict: literal or value,
//!            paths        one position at a time
//! ```
//!
//! [`PathLearner`] is the one writer. It keeps a bounded set of distinct paths with their counts
//! (`evidence`) and works the templates out from them (`infer`), so that the order of arrival
//! does not matter in the end and every decision can be revised and explained. [`PathTree`] is
//! the snapshot the request path reads. This room must not know where sightings come from, what
//! is learned per template, or the clock.

mod capture;
mod classify;
mod evidence;
mod explain;
mod features;
mod group;
mod infer;
pub mod kind;
mod learner;
mod limits;
mod nearest;
mod observed_path;
mod parameter_values;
mod pattern;
mod pin;
mod shape;
mod siblings;
mod state;
mod template;
mod template_change;
mod tree;
mod trie;

pub use capture::Captured;
pub use explain::SegmentExplanation;
pub use learner::{PathLearner, PathObservation};
pub use limits::PathLimits;
pub use parameter_values::ParameterValues;
pub use pin::{Pin, PinError};
pub use shape::BodyShape;
pub use state::PathState;
pub use template::{Parameter, PathTemplate};
pub use template_change::TemplateChange;
pub use tree::{Identified, PathTree};

#[cfg(test)]
mod evidence_tests;
#[cfg(test)]
mod tests;
