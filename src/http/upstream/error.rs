//! Why the backend gave no (whole) answer: one typed cause, whose it is, and what it is to clients.
//!
//! The texts here are for the double's log. What a client sees is the slug and the status; neither
//! says where the backend is.

use std::io;
use std::time::Duration;

use actix_web::error::PayloadError;
use thiserror::Error;

use super::super::framing::{ChunkError, HeadError};
use crate::http::error::ProblemKind;

/// A failure on the way to the backend, or of the backend as an HTTP speaker.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UpstreamError {
    /// TCP RST in answer to the SYN: nothing listens there.
    #[error("connection refused")]
    Refused,
    /// DNS failed or gave no address.
    #[error("host name not resolvable")]
    Unresolvable,
    /// The system has no route, or ICMP said so.
    #[error("host or network unreachable")]
    Unreachable,
    /// Name resolution, TCP and TLS together took longer than `connect_timeout`.
    #[error("no connection within the connect timeout")]
    ConnectTimeout,
    /// The handshake ended without a connection.
    #[error("TLS failed: {0}")]
    Tls(TlsFailure),
    /// Closed or reset before any byte of an answer.
    #[error("connection closed before an answer")]
    Reset,
    /// Closed or reset in the middle of an answer.
    #[error("answer cut off")]
    Truncated,
    /// Counted from the end of the upload.
    #[error("no answer within the first-byte timeout")]
    FirstByteTimeout,
    /// Counted anew with each byte of the answer.
    #[error("no further byte within the idle timeout")]
    IdleTimeout,
    /// The backend keeps its receive window shut; counted anew with each byte it takes.
    #[error("request bytes not taken within the write-stall timeout")]
    WriteStall,
    /// The bytes cannot be trusted to frame an answer; the connection is closed.
    #[error("invalid answer: {0}")]
    Invalid(InvalidResponse),
    /// The limit of connections in use is reached.
    #[error("too many requests in flight to the backend")]
    Overloaded {
        /// What `Retry-After` says, in whole seconds.
        retry_after: Duration,
    },
    /// This process cannot open a socket (descriptors, ports or memory used up).
    #[error("no socket available: {0:?}")]
    NoSocket(io::ErrorKind),
    /// The client's upload broke off, so that nobody waits for an answer any more.
    #[error("client went away during its upload")]
    ClientGone,
    /// Nothing came within the time that an upload may be silent.
    #[error("client sent nothing more of its upload")]
    ClientStalled,
    /// Its chunked coding is broken.
    #[error("client sent a malformed body")]
    ClientInvalid,
    /// The request cannot be written as HTTP/1.1 (only a programming error leads here).
    #[error("request not expressible: {0}")]
    Request(&'static str),
    /// awc did something the codec does not expect: its version and the codec no longer fit.
    #[error("transport invariant broken: {0}")]
    Transport(&'static str),
}

/// What about an answer was not HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidResponse {
    /// The status line or the fields.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The chunked coding of the body.
    #[error(transparent)]
    Chunk(#[from] ChunkError),
}

/// What about TLS failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TlsFailure {
    /// The validity period does not hold now.
    #[error("certificate expired or not yet valid (--target-insecure accepts it)")]
    Expired,
    /// No subject alternative name is the target's host.
    #[error("certificate not valid for this name (--target-insecure accepts it)")]
    WrongName,
    /// No chain leads to a trusted root.
    #[error("certificate issuer unknown (--target-ca names its authority)")]
    UnknownIssuer,
    /// Another reason of rustls: signature, usage, encoding.
    #[error(
        "certificate not acceptable (--target-ca names its authority, --target-insecure accepts it)"
    )]
    Certificate,
    /// ALPN (RFC 7301) chose something else.
    #[error("peer offers another application protocol than HTTP/1.1")]
    Protocol,
    /// Any other alert or error, such as no common version or cipher.
    #[error("handshake failed (is it TLS that the target speaks on this port?)")]
    Handshake,
}

/// Whose failure an [`UpstreamError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultOrigin {
    /// The client's.
    Downstream,
    /// The backend's, or of the way to it: it says something about the backend's health.
    Upstream,
    /// This process's, or its limits'.
    Internal,
}

impl UpstreamError {
    /// What a client is told: slug, status and title stand in the row of this kind.
    pub fn kind(&self) -> ProblemKind {
        match self {
            Self::Refused => ProblemKind::UpstreamRefused,
            Self::Unresolvable => ProblemKind::UpstreamUnresolvable,
            Self::Unreachable => ProblemKind::UpstreamUnreachable,
            Self::ConnectTimeout
            | Self::FirstByteTimeout
            | Self::IdleTimeout
            | Self::WriteStall => ProblemKind::UpstreamTimeout,
            Self::Tls(_) => ProblemKind::UpstreamTls,
            Self::Reset | Self::Truncated => ProblemKind::UpstreamReset,
            Self::Invalid(_) => ProblemKind::UpstreamInvalid,
            Self::Overloaded { .. } | Self::NoSocket(_) => ProblemKind::Overloaded,
            Self::ClientGone => ProblemKind::ClientGone,
            Self::ClientStalled => ProblemKind::ClientTimeout,
            Self::ClientInvalid => ProblemKind::RequestInvalid,
            Self::Request(_) | Self::Transport(_) => ProblemKind::Internal,
        }
    }

    /// Whose failure it is.
    pub fn origin(&self) -> FaultOrigin {
        match self {
            Self::Refused
            | Self::Unresolvable
            | Self::Unreachable
            | Self::ConnectTimeout
            | Self::Tls(_)
            | Self::Reset
            | Self::Truncated
            | Self::FirstByteTimeout
            | Self::IdleTimeout
            | Self::WriteStall
            | Self::Invalid(_) => FaultOrigin::Upstream,
            Self::ClientGone | Self::ClientStalled | Self::ClientInvalid => FaultOrigin::Downstream,
            Self::Overloaded { .. } | Self::NoSocket(_) | Self::Request(_) | Self::Transport(_) => {
                FaultOrigin::Internal
            }
        }
    }

    /// After how long the client may try again, for `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Overloaded { retry_after } => Some(*retry_after),
            Self::NoSocket(_) => Some(NO_SOCKET_RETRY_AFTER),
            _ => None,
        }
    }

    /// Why the client's upload did not come to its end.
    pub(super) fn of_upload(error: &PayloadError) -> Self {
        match error {
            PayloadError::EncodingCorrupted => Self::ClientInvalid,
            PayloadError::Incomplete(Some(io)) if io.kind() == io::ErrorKind::TimedOut => {
                Self::ClientStalled
            }
            _ => Self::ClientGone,
        }
    }

    /// The cause as it travels through awc, which knows only I/O errors.
    pub(super) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// The cause inside an I/O error, if the codec put one there.
    pub(super) fn from_io(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref::<Self>().cloned()
    }
}

/// Descriptors come back as soon as some connection ends: the shortest wait `Retry-After` can say.
const NO_SOCKET_RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<HeadError> for UpstreamError {
    fn from(fault: HeadError) -> Self {
        Self::Invalid(fault.into())
    }
}

impl From<ChunkError> for UpstreamError {
    fn from(fault: ChunkError) -> Self {
        Self::Invalid(fault.into())
    }
}
