//! What rules do to one answer: drawn once, in `decide`, and only carried out afterwards.
//!
//! Plain data. Delays add up; of everything else the first rule that asks decides, and a later one
//! is *shadowed*. Order of carrying out: wait `delay_us`; `hang_ms` or a cut before the head end
//! the exchange; then `answer` replaces, `stale`, `corrupt`, `truncate` and `header_edits` change,
//! and `throttle` or a later cut paces or ends the bytes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::fault::corrupt::CorruptionKind;
use super::rule_id::RuleId;

/// Everything that is done to one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// Added to whatever the answer takes by itself.
    pub delay_us: u64,
    /// Stands in for the answer's status, headers and body; the backend is not asked. Shared, since
    /// a rule that answers a given error always answers the same.
    pub answer: Option<Arc<ReplacedResponse>>,
    /// Never answer; give up after so many milliseconds.
    pub hang_ms: Option<u64>,
    pub cut: Option<Abort>,
    pub throttle: Option<BodyPace>,
    pub truncate: Option<Truncation>,
    pub corrupt: Option<Corruption>,
    pub header_edits: SmallVec<[HeaderEdit; 2]>,
    /// Answer with the previous version of the mock entity.
    pub stale: bool,
    /// Which rules did this, in order.
    pub hits: SmallVec<[Hit; 2]>,
}

/// A rule that acted, for the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub rule: RuleId,
    /// How many requests the rule had counted before this one: names the draw.
    pub ticket: u64,
}

/// An answer made by chaos.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplacedResponse {
    /// The `type` of the fault that did this.
    pub cause: &'static str,
    pub status: u16,
    /// Lowercase names. Framing and `content-type` are not among them.
    pub headers: SmallVec<[(Cow<'static, str>, Cow<'static, str>); 2]>,
    pub body: ReplacedBody,
}

/// The body of an answer made by chaos.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplacedBody {
    Empty,
    Given {
        content_type: Cow<'static, str>,
        bytes: Bytes,
    },
    /// What the endpoint's model draws for this status, else (never observed) `otherwise`, a
    /// problem document.
    Learned {
        otherwise: Bytes,
    },
}

/// The connection ends early.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Abort {
    pub at: CutPoint,
    pub how: CloseKind,
}

/// Where a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CutPoint {
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
    pub chunk_bytes: u64,
    pub every_us: u64,
}

/// The body ends early and its framing agrees with that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Truncation {
    Bytes(u64),
    /// Share of the body that is kept, 0 to 1.
    Ratio(f64),
}

/// The body is corrupted by the first of `kinds` that applies to it; see [`super::fault::corrupt`].
/// Whoever does it narrows `kinds` to the one that did, so that the report tells what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corruption {
    pub kinds: SmallVec<[CorruptionKind; 4]>,
    pub seed: u64,
}

/// One change to the response headers. Names are lowercase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum HeaderEdit {
    /// Removes every value.
    Drop { name: String },
    /// Replaces every value, or adds one.
    Set { name: String, value: String },
    /// Sends the header once more: with the first value it has, or with `value`.
    Duplicate {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
}

impl Effects {
    /// The value of `X-Mock-Chaos`: a list of RFC 9651 items, e.g. `latency;ms=250,
    /// status;code=503`.
    pub fn report(&self) -> String {
        let mut out = String::new();
        if self.delay_us > 0 {
            let _ = write!(item(&mut out), "latency;ms={}", self.delay_us as f64 / 1000.0);
        }
        if let Some(hang_ms) = self.hang_ms {
            let _ = write!(item(&mut out), "hang;ms={hang_ms}");
        }
        if let Some(answer) = &self.answer {
            let _ = write!(item(&mut out), "{};code={}", answer.cause, answer.status);
        }
        if let Some(cut) = self.cut {
            let at = match cut.at {
                CutPoint::BeforeHead => "before_head",
                CutPoint::MidHead => "mid_head",
                CutPoint::MidBody(_) => "mid_body",
            };
            let how = if cut.how == CloseKind::Fin { "fin" } else { "reset" };
            let _ = write!(item(&mut out), "connection;at={at};how={how}");
        }
        if let Some(BodyPace { chunk_bytes, every_us }) = self.throttle {
            let every_ms = every_us as f64 / 1000.0;
            let _ = write!(item(&mut out), "throttle;bytes={chunk_bytes};every_ms={every_ms}");
        }
        if let Some(truncation) = self.truncate {
            let _ = match truncation {
                Truncation::Bytes(bytes) => write!(item(&mut out), "truncate;bytes={bytes}"),
                Truncation::Ratio(ratio) => write!(item(&mut out), "truncate;ratio={ratio}"),
            };
        }
        if let Some(kind) = self.corrupt.as_ref().and_then(|corruption| corruption.kinds.first()) {
            let _ = write!(item(&mut out), "corrupt;kind={}", kind.name());
        }
        if !self.header_edits.is_empty() {
            let _ = write!(item(&mut out), "headers;edits={}", self.header_edits.len());
        }
        if self.stale {
            let _ = write!(item(&mut out), "stale");
        }
        out
    }
}

/// Begins the next item of the list. Writing to a `String` cannot fail.
fn item(out: &mut String) -> &mut String {
    if !out.is_empty() {
        out.push_str(", ");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(effects: Effects, expected: &str) {
        assert_eq!(effects.report(), expected);
    }

    #[test]
    fn the_report_names_each_effect() {
        let answer = ReplacedResponse {
            cause: "status",
            status: 503,
            headers: SmallVec::new(),
            body: ReplacedBody::Empty,
        };
        check(Effects::default(), "");
        check(
            Effects {
                delay_us: 250_000,
                answer: Some(Arc::new(answer.clone())),
                ..Default::default()
            },
            "latency;ms=250, status;code=503",
        );
        let limited = ReplacedResponse { cause: "rate_limit", status: 429, ..answer };
        check(
            Effects { answer: Some(Arc::new(limited)), ..Default::default() },
            "rate_limit;code=429",
        );
        let cut = Abort { at: CutPoint::MidBody(None), how: CloseKind::Reset };
        check(
            Effects { cut: Some(cut), hang_ms: Some(5), stale: true, ..Default::default() },
            "hang;ms=5, connection;at=mid_body;how=reset, stale",
        );
        let throttle = BodyPace { chunk_bytes: 1, every_us: 500 };
        check(
            Effects {
                throttle: Some(throttle),
                truncate: Some(Truncation::Ratio(0.5)),
                corrupt: Some(Corruption {
                    kinds: SmallVec::from_slice(&[CorruptionKind::Null]),
                    seed: 1,
                }),
                ..Default::default()
            },
            "throttle;bytes=1;every_ms=0.5, truncate;ratio=0.5, corrupt;kind=null",
        );
        check(Effects { delay_us: 1500, ..Default::default() }, "latency;ms=1.5");
    }
}
