//! The way to the backend: awc behind a socket of our own that repairs its framing.
//!
//! Send a request with a streamed body; get a head, a body stream and, on failure, a typed cause.
//! Nothing outside this room knows awc.
//!
//! ```text
//! UpstreamClient::send ─ ticket ─▶ awc (pool, scheduling, body stream)
//!        │                          │ one I/O type
//!        │  exchange: head, upload, ▼
//!        └────────────────────── CodecSocket ── framing (pure) ── Wire: TCP or TLS ──▶ backend
//!             limits, answer head, cause
//! ```
//!
//! awc by itself is not fit for a proxy that users share: an interim answer gives one user's answer
//! to another, a cut body looks complete, a body without length comes out empty, and an upload is
//! sent whole before an answer is read. All of that lies in what passes between awc and the
//! socket, so [`guard`] puts a transport of its own there, and awc keeps what it is good at:
//! pooling, scheduling, streaming.
//!
//! Why not another client: awc is the client of the design, and the part that is ours (framing,
//! timers, retry, tunnel) would be ours with any other, too. [`UpstreamClient`] is the seam at
//! which it could be exchanged.

mod client;
mod codec;
mod concurrency_limit;
mod dial;
mod error;
mod exchange;
pub mod headers;
mod message;
mod settings;
mod target;
mod tls;
mod transport;
mod worker;

pub use client::UpstreamClient;
pub use error::{InvalidAnswer, TlsFault, UpstreamError};
pub use message::{
    RequestBody, RequestStream, Timing, UpstreamBody, UpstreamRequest, UpstreamResponse,
};
pub use settings::{Upstream, UpstreamSettings, UpstreamSetupError};
pub use target::{Target, TargetError};
