//! WebSocket (RFC 6455): reading what is relayed on a side copy, and speaking as a server in mocks.
//!
//! ```text
//! relayed:  client ◀── bytes as they are ──▶ backend          mocked:  client ◀──▶ playing
//!                        │ copy of each piece                            FrameReader, Dialogue
//!                        ▼                                               frame_head::write
//!              FrameReader (one a direction) ──▶ Transcript ──▶ learning
//! ```
//!
//! The relay is never held up and never changed: what cannot be read teaches its handshake alone.
//!
//! Frames are read here and not by `actix_http::ws`, whose parser keeps each frame whole, refuses
//! those of an extension (`permessage-deflate`) and waits for a frame of any announced length; a
//! side copy must step over what is too long, and a server must refuse it by its head. The key of
//! the handshake and the payload of close frames are judged by `actix_http::ws`.

pub mod conversation_tap;
pub mod frame_head;
pub mod frame_reader;
pub mod handshake;
mod inflater;
pub mod playing;
