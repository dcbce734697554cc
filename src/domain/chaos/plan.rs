//! What rules do to one answer: drawn once, in `decide`, and only carried out afterwards. What was
//! carried out of it stands in a [`ChaosReport`](super::ChaosReport).
//!
//! Plain data. Delays add up; of everything else the first rule that asks decides, and a later one
//! is *shadowed*. Order of carrying out: wait `delay_us`; `hang_ms` or a cut before the head end
//! the exchange; then `answer` replaces, `stale`, `corrupt`, `truncate` and `header_edits` change,
//! and `throttle` or a later cut paces or ends the bytes.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::fault::corrupt::CorruptionKind;
use super::rule_id::RuleId;

/// Everything that is done to one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChaosPlan {
    /// Added to whatever the answer takes by itself.
    pub delay_us: u64,
    /// Stands in for the answer's status, headers and body; the backend is not asked. Shared, since
    /// a rule that answers a given error always answers the same.
    pub answer: Option<Arc<ReplacedResponse>>,
    /// Never answer; give up after so many milliseconds.
    pub hang_ms: Option<u64>,
    /// The connection ends early.
    pub cut: Option<Abort>,
    /// The body's bytes are paced.
    pub throttle: Option<BodyPace>,
    /// The body ends early.
    pub truncate: Option<Truncation>,
    /// The body is damaged.
    pub corrupt: Option<Corruption>,
    /// Changes to the headers, in this order.
    pub header_edits: SmallVec<[HeaderEdit; 2]>,
    /// Answer with the previous version of the mock entity.
    pub stale: bool,
    /// Which rules did this, in order.
    pub hits: SmallVec<[Hit; 2]>,
}

/// A rule that acted, for the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The rule.
    pub rule: RuleId,
    /// How many requests the rule had counted before this one: names the draw.
    pub ticket: u64,
}

/// An answer made by chaos.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplacedResponse {
    /// The `type` of the fault that did this.
    pub cause: &'static str,
    /// Its status code.
    pub status: u16,
    /// Lowercase names. Framing and `content-type` are not among them.
    pub headers: SmallVec<[(Cow<'static, str>, Cow<'static, str>); 2]>,
    /// Its body.
    pub body: ReplacedBody,
}

/// The body of an answer made by chaos.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplacedBody {
    /// None.
    Empty,
    /// These bytes.
    Given {
        /// Field value of `Content-Type`.
        content_type: Cow<'static, str>,
        /// All of the body, without content coding.
        bytes: Bytes,
    },
    /// What the endpoint's model draws for this status, else (never observed) `otherwise`, a
    /// problem document.
    Learned {
        /// JSON of the problem document (RFC 9457).
        otherwise: Bytes,
    },
}

/// The connection ends early.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Abort {
    /// Where.
    pub at: CutPoint,
    /// How.
    pub how: CloseKind,
}

/// Where a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CutPoint {
    /// Before anything of the answer.
    BeforeHead,
    /// After about half of the head's bytes.
    MidHead,
    /// After so many bytes of the body, at most all but one; `None` is half of it, or, when its
    /// length is not known, its first chunk.
    MidBody(Option<u64>),
}

/// How a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloseKind {
    /// An orderly end (TCP FIN).
    Fin,
    /// TCP RST.
    Reset,
}

/// The body's bytes are paced: `chunk_bytes`, then `every_us` of silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyPace {
    /// Bytes of one piece.
    pub chunk_bytes: u64,
    /// Silence after each piece, µs.
    pub every_us: u64,
}

/// The body ends early and its framing agrees with that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Truncation {
    /// So many bytes are kept.
    Bytes(u64),
    /// Share of the body that is kept, 0 to 1.
    Ratio(f64),
}

/// The body is corrupted by the first of `kinds` that applies to it; see [`super::fault::corrupt`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corruption {
    /// How; the first that applies is used.
    pub kinds: SmallVec<[CorruptionKind; 4]>,
    /// What the damage is drawn from.
    pub seed: u64,
}

/// One change to the response headers. Names are lowercase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum HeaderEdit {
    /// Removes every value.
    Drop {
        /// Matched as a whole.
        name: String,
    },
    /// Replaces every value, or adds one.
    Set {
        /// As it is sent.
        name: String,
        /// One field line.
        value: String,
    },
    /// Sends the header once more: with the first value it has, or with `value`.
    Duplicate {
        /// Of the header to repeat.
        name: String,
        /// `None` repeats what is there; nothing happens where nothing is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
}

impl ChaosPlan {
    /// What is left of a plan whose rules were taken back: who had asked for it, and nothing to do.
    #[must_use]
    pub fn cancelled(self) -> Self {
        Self { hits: self.hits, ..Self::default() }
    }
}
