//! The way to the backend: awc behind a socket of our own that repairs its framing.
//!
//! Send a request with a streamed body; get a head, a body stream and, on failure, a typed cause.
//! Nothing outside `h1` knows awc; another version of HTTP would be a sibling of it.
//!
//! ```text
//! UpstreamClient::send ─ ticket ─▶ awc (pool, scheduling, body stream)
//!        │                          │ one I/O type
//!        │  exchange: head, upload, ▼
//!        └─────────── CodecSocket ── framing (pure) ── BackendConnection: TCP or TLS ──▶ backend
//!             limits, answer head, cause
//! ```
//!
//! Where to look:
//!
//! | for | see |
//! | --- | --- |
//! | where the backend is, and with which limits it is asked | [`Target`], [`UpstreamSettings`] |
//! | which fields pass, in both directions | [`headers`] |
//! | what goes in and what comes out | [`UpstreamRequest`], [`UpstreamResponse`] |
//! | names, addresses, a proxy on the way, the TLS handshake | `dial`, `egress_proxy`, `tls` |
//! | how many requests at the same time | `concurrency_limit` |
//! | HTTP/1.1 itself: sending, framing, timers, the pool, the one safe retry | `h1` |
//! | what went wrong | [`UpstreamError`] |
//!
//! awc by itself is not fit for a proxy that users share: an interim answer gives one user's answer
//! to another, a cut body looks complete, a body without length comes out empty, and an upload is
//! sent whole before an answer is read. All of that lies in what passes between awc and the
//! socket, so `h1::codec` puts a transport of its own there, and awc keeps what it is good at:
//! pooling, scheduling, streaming.
//!
//! Why not another client: awc is the client of the design, and the part that is ours (framing,
//! timers, retry, tunnel) would be ours with any other, too. [`UpstreamClient`] is the seam at
//! which it could be exchanged.

mod concurrency_limit;
mod dial;
mod egress_proxy;
mod error;
mod h1;
pub mod headers;
mod message;
mod settings;
mod target;
pub mod tls;
mod transport;

pub use egress_proxy::{EgressProxy, EgressProxyError};
pub use error::{FaultOrigin, InvalidResponse, TlsFailure, UpstreamError};
pub use h1::{UpstreamBody, UpstreamClient};
pub use message::{
    RequestBody, RequestStream, SideChannel, Timing, UpstreamRequest, UpstreamResponse,
};
pub use settings::{ClientIdentity, Upstream, UpstreamSettings, UpstreamSetupError};
pub use target::{Target, TargetError};
