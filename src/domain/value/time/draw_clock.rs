//! The two moments that drawn times are counted from.

/// What a written time is counted from.
#[derive(Debug, Clone, Copy)]
pub struct DrawClock {
    /// The moment of the request.
    pub now_s: i64,
    /// The moment up to which the model learned.
    pub anchor_s: i64,
}

impl DrawClock {
    /// From milliseconds, as callers have them.
    pub fn new(now_ms: i64, anchor_ms: i64) -> Self {
        Self { now_s: now_ms.div_euclid(1000), anchor_s: anchor_ms.div_euclid(1000) }
    }
}
