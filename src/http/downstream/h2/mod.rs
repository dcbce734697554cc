//! HTTP/2 from the clients: each stream becomes an exchange of HTTP/1.1 in memory, and goes the way
//! of every other.
//!
//! ```text
//! connection ─ FrameWatch ─ h2 ─┬─ stream: request_head ──pipe──▶ ClientSocket ─ actix-http ─ App
//!                               │          AnswerReader ◀──pipe──      (as over HTTP/1.1)
//!                               └─ stream: …
//! ```
//!
//! So that nothing is promised to HTTP/1.1 alone: what reads strictly, times, tracks, cuts and
//! streams there does so here, and what is smuggled meets the same reader a second time. The price
//! is a copy of each byte and the work of a head in both directions; docs/decisions says why it is
//! paid.
//!
//! | for | see |
//! | --- | --- |
//! | the life of a connection: streams begin, pauses, its end | [`serve_connection`] |
//! | the life of a stream | [`serve_stream`] |
//! | a request as HTTP/1.1, and what is no request | [`request_head`] |
//! | the answer, read back | [`AnswerReader`](answer_reader::AnswerReader) |
//! | frames without end, clients that do not read, what is out | [`frame_watch`] |
//! | clients that open streams to cancel them | [`ResetBudget`](reset_budget::ResetBudget) |
//! | who is told that the double stops | [`Http2Connections`] |

mod answer_reader;
mod frame_scanner;
mod frame_watch;
mod http2_connections;
mod request_head;
mod reset_budget;
mod sent_bytes;
pub mod serve_connection;
mod serve_stream;

pub use self::http2_connections::Http2Connections;
