//! HTTP/1.1 framing without I/O, for both sides: where a head ends, what its body's boundary is,
//! where a chunked body ends.
//!
//! Bytes in, decisions out; nothing here reads, writes, waits or knows a client.
//! The rules are those of RFC 9112, section 6, read as a proxy that shares its connections between
//! users has to read them: whatever leaves room for two opinions is an error.
//!
//! [`head`] reads answers, [`request`] the clients' requests, [`chunk_scanner`] the
//! bodies of both; [`content`] says which responses have one at all.

pub mod chunk_scanner;
pub mod content;
pub mod head;
pub mod request;

pub use chunk_scanner::{ChunkError, ChunkPiece, ChunkScanner};
pub use content::{may_have_content, status_has_content};
pub use head::{
    Framing, HeadContext, HeadError, HeadOutcome, ResponseHead, parse_head, parse_own_head,
};
pub use request::{HeadFacts, RequestError, RequestScanner};
