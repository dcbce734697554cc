//! The state of one walk over a body.

use crate::domain::value::limits::ValueLimits;
use crate::domain::value::relation::echo::EchoSources;

/// What every position needs while a body is learned.
pub struct ObserveContext<'a> {
    /// How much may be kept.
    pub limits: &'a ValueLimits,
    /// Ordinal of the body within its model.
    pub body: u64,
    /// When the body came, unix milliseconds: times are kept as distances from here.
    pub at_ms: i64,
    /// What the request said, to be found again in the answer.
    pub sources: &'a EchoSources<'a>,
    /// Positions that may still be created.
    pub nodes_left: usize,
    /// Arrays and objects around the position.
    pub depth: usize,
    /// The value that is learned belongs to an object around it, over objects alone.
    pub is_part: bool,
    /// The member that is learned holds names of people, of which no text is kept.
    pub is_person: bool,
    /// What looks like the name of a person there may be that of a thing.
    pub is_thing: bool,
    /// The unix second that the scalar learned last stands for, if it is a time.
    pub moment: Option<i64>,
    /// A buffer reused for masks and rows.
    pub scratch: String,
}
