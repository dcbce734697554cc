//! `throttle`: the body comes slowly, at a bandwidth or in drips.

use serde::{Deserialize, Serialize};

use super::{Decision, FaultDescriptor, Plan, PlanContext, optional};
use crate::domain::chaos::plan::{ChaosPlan, BodyPace};
use crate::domain::validation::ObjectReader;

/// Either `bytes_per_s`, or `chunk_bytes` with `every_ms`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Throttle {
    /// So many bytes a second.
    Bandwidth {
        /// 1 to [`BYTES_PER_S_MAX`]; slices of 20 ms.
        bytes_per_s: u64 },
    /// A piece, a pause, a piece.
    Drip {
        /// Bytes of one piece, 1 to [`CHUNK_BYTES_MAX`].
        chunk_bytes: u64,
        /// Pause after each piece, 1 to [`EVERY_MS_MAX`] ms.
        every_ms: u64 },
}

/// The row of the catalogue.
pub const DESCRIPTOR: FaultDescriptor = FaultDescriptor {
    name: "throttle",
    summary: "paces the body: `bytes_per_s`, or `chunk_bytes` every `every_ms`",
    fields: &[
        optional("bytes_per_s", "bandwidth, 1 to 1000000000 bytes per second"),
        optional("chunk_bytes", "slow drip: bytes at a time, 1 to 1000000"),
        optional("every_ms", "slow drip: pause after each, 1 to 60000 milliseconds"),
    ],
    example: r#"{"type": "throttle", "bytes_per_s": 50000}"#,
};

/// Beyond a gigabyte per second nothing is throttled.
const BYTES_PER_S_MAX: i64 = 1_000_000_000;
/// A drip of more than this is a bandwidth.
const CHUNK_BYTES_MAX: i64 = 1_000_000;
/// A minute between bytes ends every idle time-out.
const EVERY_MS_MAX: i64 = 60_000;
/// A bandwidth is served in slices of 20 ms: smooth to a client, few wake-ups for us.
const SLICES_PER_S: u64 = 50;

impl Throttle {
    /// Reads its fields; `None` when one is wrong, which is then among the reader's problems.
    pub fn parse(fault: &ObjectReader<'_>) -> Option<Self> {
        let bytes_per_s = fault.integer("bytes_per_s", 1..=BYTES_PER_S_MAX);
        let chunk_bytes = fault.integer("chunk_bytes", 1..=CHUNK_BYTES_MAX);
        let every_ms = fault.integer("every_ms", 1..=EVERY_MS_MAX);
        let given = ["bytes_per_s", "chunk_bytes", "every_ms"].map(|name| fault.has(name));
        match given {
            [true, false, false] => {
                Some(Self::Bandwidth { bytes_per_s: bytes_per_s?.unsigned_abs() })
            }
            [false, true, true] => Some(Self::Drip {
                chunk_bytes: chunk_bytes?.unsigned_abs(),
                every_ms: every_ms?.unsigned_abs(),
            }),
            _ => {
                let expected = "either `bytes_per_s`, or `chunk_bytes` with `every_ms`";
                fault.problems().add(fault.path(), format!("expected {expected}"));
                None
            }
        }
    }
}

impl Plan for Throttle {
    fn decides(&self) -> Option<Decision> {
        Some(Decision::Pace)
    }

    fn applies(&self, _: &PlanContext<'_>, effects: &ChaosPlan) -> bool {
        effects.throttle.is_none()
    }

    fn plan(&self, _: &mut PlanContext<'_>, effects: &mut ChaosPlan) {
        effects.throttle = Some(match *self {
            Self::Bandwidth { bytes_per_s } => {
                let bytes_per_s = bytes_per_s.max(1);
                let chunk_bytes = (bytes_per_s / SLICES_PER_S).max(1);
                BodyPace { chunk_bytes, every_us: chunk_bytes * 1_000_000 / bytes_per_s }
            }
            Self::Drip { chunk_bytes, every_ms } => {
                BodyPace { chunk_bytes: chunk_bytes.max(1), every_us: every_ms * 1000 }
            }
        });
    }
}
