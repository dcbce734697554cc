//! Times, as text or number: how far from their observation they lie, and drawn at that distance.

pub mod draw_clock;
pub mod timestamp;
pub mod unix_times;
