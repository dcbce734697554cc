//! HTTP/1.1 response framing without I/O: where a head ends, what its body's boundary is, and
//! where a chunked body ends.
//!
//! Bytes in, decisions out; nothing here reads, writes, waits or knows a client.
//! The rules are those of RFC 9112, section 6.3, read as a proxy that shares its connections
//! between users has to read them: whatever leaves room for two opinions is an error.

pub mod chunked;
pub mod head;

pub use chunked::{ChunkFault, ChunkPiece, ChunkScanner};
pub use head::{AnswerHead, Framing, HeadContext, HeadFault, HeadOutcome, parse_head};
