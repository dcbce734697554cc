//! What the learner is told of one exchange.

use bytes::Bytes;

use super::BackendId;
use crate::domain::conversation::transcript::Transcript;

/// Bytes an observation without a sample occupies in a queue, beside its path and query: the
/// struct, its allocation headers and the slot it waits in, rounded up.
pub const UNSAMPLED_WEIGHT: usize = 256;

/// Status of the answer that switches protocols (RFC 9110, section 15.2.2).
const SWITCHING_PROTOCOLS: u16 = 101;

/// Where an answer came from. It travels with every observation, and only one kind teaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provenance {
    /// The backend's own, complete and undisturbed.
    Upstream,
    /// Synthesised on request.
    Mock,
    /// Synthesised because the backend was down.
    Failover,
    /// Changed by chaos.
    Disturbed,
    /// Cut short, by the backend or by the client.
    Truncated,
    /// The request steered itself by an `X-Mock-*` header.
    SelfSteered,
}

impl Provenance {
    /// Whether a model may learn from it: only real, undisturbed, complete answers.
    #[must_use]
    pub const fn teaches(self) -> bool {
        matches!(self, Self::Upstream)
    }
}

/// One exchange with the backend.
#[derive(Debug, Clone)]
pub struct Observation {
    /// When the answer was complete, unix ms.
    pub at_ms: i64,
    /// Who made the answer.
    pub provenance: Provenance,
    /// Backend it came from.
    pub backend: BackendId,
    /// Request method as sent, e.g. `GET`.
    pub method: Box<str>,
    /// Raw request path, undecoded, without query.
    pub path: Box<str>,
    /// Status code of the answer.
    pub status: u16,
    /// From the request leaving to the first byte of the answer, µs.
    pub first_byte_us: u64,
    /// From the request leaving to the last byte of the answer, µs.
    pub total_us: u64,
    /// Headers and bodies; absent when this exchange was counted only (under load).
    pub sample: Option<Box<ExchangeSample>>,
}

/// Headers and bodies of a sampled exchange.
#[derive(Debug, Clone, Default)]
pub struct ExchangeSample {
    /// Raw query string, without `?`.
    pub query: Box<str>,
    /// Request headers, names in lower case: answers may reflect them.
    pub request_headers: Vec<(Box<str>, Bytes)>,
    /// Request body as sent.
    pub request_body: Body,
    /// Response headers in order, names in lower case.
    pub response_headers: Vec<(Box<str>, Bytes)>,
    /// Response body as sent by the backend.
    pub response_body: Body,
    /// What went by after the protocol was switched; `None` where it was not.
    pub conversation: Option<Box<Transcript>>,
}

/// A body as it went by: perhaps coded, perhaps only its beginning.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// Value of `Content-Type`.
    pub content_type: Option<Box<str>>,
    /// Value of `Content-Encoding`.
    pub content_encoding: Option<Box<str>>,
    /// The bytes that were kept.
    pub bytes: Vec<u8>,
    /// Whether `bytes` is the whole body.
    pub complete: bool,
    /// Length of the whole body.
    pub total_bytes: u64,
    /// Whether it went on until the client ended it: `bytes` are the messages up to then.
    pub is_endless: bool,
}

impl Body {
    fn weight(&self) -> usize {
        self.bytes.capacity()
            + self.content_type.as_deref().map_or(0, str::len)
            + self.content_encoding.as_deref().map_or(0, str::len)
    }
}

impl Observation {
    /// Whether the exchange switched protocols: it is no answer to what the path names, and what
    /// followed it was no body.
    #[must_use]
    pub fn is_conversation(&self) -> bool {
        self.status == SWITCHING_PROTOCOLS
    }

    /// Bytes this observation occupies while it waits, for the queue's budget.
    #[must_use]
    pub fn weight(&self) -> usize {
        UNSAMPLED_WEIGHT
            + self.path.len()
            + self.sample.as_ref().map_or(0, |sample| {
                let headers: usize = sample
                    .response_headers
                    .iter()
                    .chain(&sample.request_headers)
                    .map(|(name, value)| name.len() + value.len() + 64)
                    .sum();
                size_of::<ExchangeSample>()
                    + sample.query.len()
                    + sample.request_body.weight()
                    + sample.response_body.weight()
                    + sample.conversation.as_ref().map_or(0, |spoken| spoken.weight())
                    + headers
            })
    }
}
