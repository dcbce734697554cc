//! What chaos did to one exchange: the value of `X-Mock-Chaos`.

use std::fmt;

use super::fault::corrupt::CorruptionKind;
use super::plan::{Abort, BodyPace, CloseKind, CutPoint, ReplacedResponse, Truncation};

/// What of a [`ChaosPlan`](super::ChaosPlan) was carried out. A plan may ask for more than there is
/// to act on: no body to corrupt, no such header, a rule that was taken back meanwhile.
///
/// Shown as a list of RFC 9651 items, e.g. `latency;ms=250, status;code=503`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChaosReport {
    /// How long the exchange was held up, µs.
    pub delay_us: u64,
    /// How long the client was left without an answer, ms.
    pub hang_ms: Option<u64>,
    /// The `type` of the fault that stood in for the answer, and the status it gave.
    pub replaced: Option<(&'static str, u16)>,
    /// How the connection ended early.
    pub abort: Option<Abort>,
    /// How the body was paced.
    pub pace: Option<BodyPace>,
    /// Where the body ended early.
    pub truncation: Option<Truncation>,
    /// How the body was corrupted.
    pub corruption: Option<CorruptionKind>,
    /// Edits that changed a header.
    pub header_edits: usize,
    /// Whether the previous version of the entity was shown.
    pub stale: bool,
}

impl ChaosReport {
    /// Whether nothing was done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Notes that `response` stood in for the answer.
    pub fn note_replaced(&mut self, response: &ReplacedResponse) {
        self.replaced = Some((response.cause, response.status));
    }

    /// Whether the answer is another than it would have been, its time and pace aside.
    #[must_use]
    pub fn changed_response(&self) -> bool {
        self.replaced.is_some()
            || self.corruption.is_some()
            || self.truncation.is_some()
            || self.stale
            || self.header_edits > 0
    }
}

impl fmt::Display for ChaosReport {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = Items { to, begun: false };
        if self.delay_us > 0 {
            list.item(format_args!("latency;ms={}", self.delay_us as f64 / 1000.0))?;
        }
        if let Some(hang_ms) = self.hang_ms {
            list.item(format_args!("hang;ms={hang_ms}"))?;
        }
        if let Some((cause, status)) = self.replaced {
            list.item(format_args!("{cause};code={status}"))?;
        }
        if let Some(Abort { at, how }) = self.abort {
            let at = match at {
                CutPoint::BeforeHead => "before_head",
                CutPoint::MidHead => "mid_head",
                CutPoint::MidBody(_) => "mid_body",
            };
            let how = if how == CloseKind::Fin { "fin" } else { "reset" };
            list.item(format_args!("connection;at={at};how={how}"))?;
        }
        if let Some(BodyPace { chunk_bytes, every_us }) = self.pace {
            let every_ms = every_us as f64 / 1000.0;
            list.item(format_args!("throttle;bytes={chunk_bytes};every_ms={every_ms}"))?;
        }
        match self.truncation {
            Some(Truncation::Bytes(bytes)) => list.item(format_args!("truncate;bytes={bytes}"))?,
            Some(Truncation::Ratio(ratio)) => list.item(format_args!("truncate;ratio={ratio}"))?,
            None => {}
        }
        if let Some(kind) = self.corruption {
            list.item(format_args!("corrupt;kind={}", kind.name()))?;
        }
        if self.header_edits > 0 {
            list.item(format_args!("headers;edits={}", self.header_edits))?;
        }
        if self.stale {
            list.item(format_args!("stale"))?;
        }
        Ok(())
    }
}

/// The items of a list, with a comma between them.
struct Items<'a, 'f> {
    to: &'a mut fmt::Formatter<'f>,
    begun: bool,
}

impl Items<'_, '_> {
    fn item(&mut self, item: fmt::Arguments<'_>) -> fmt::Result {
        if std::mem::replace(&mut self.begun, true) {
            self.to.write_str(", ")?;
        }
        self.to.write_fmt(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(report: ChaosReport, expected: &str) {
        assert_eq!(report.to_string(), expected);
        assert_eq!(report.is_empty(), expected.is_empty());
    }

    #[test]
    fn the_report_names_each_effect() {
        check(ChaosReport::default(), "");
        check(
            ChaosReport {
                delay_us: 250_000,
                replaced: Some(("status", 503)),
                ..Default::default()
            },
            "latency;ms=250, status;code=503",
        );
        check(
            ChaosReport { replaced: Some(("rate_limit", 429)), ..Default::default() },
            "rate_limit;code=429",
        );
        let abort = Abort { at: CutPoint::MidBody(None), how: CloseKind::Reset };
        check(
            ChaosReport { abort: Some(abort), hang_ms: Some(5), stale: true, ..Default::default() },
            "hang;ms=5, connection;at=mid_body;how=reset, stale",
        );
        check(
            ChaosReport {
                pace: Some(BodyPace { chunk_bytes: 1, every_us: 500 }),
                truncation: Some(Truncation::Ratio(0.5)),
                corruption: Some(CorruptionKind::Null),
                ..Default::default()
            },
            "throttle;bytes=1;every_ms=0.5, truncate;ratio=0.5, corrupt;kind=null",
        );
        check(ChaosReport { header_edits: 2, ..Default::default() }, "headers;edits=2");
        check(ChaosReport { delay_us: 1500, ..Default::default() }, "latency;ms=1.5");
    }
}
