//! HTTP/1.1 to the backend: awc, and the transport of our own below it.
//!
//! A request in the order in which it comes by:
//!
//! 1. [`client`] writes the whole head, asks for a place in flight, and hands awc a request that
//!    carries nothing but the number of a [`ticket`].
//! 2. awc takes a pooled socket, or has [`connector`] dial one.
//! 3. [`codec`] takes the number out of what awc writes, finds the [`exchange`] of it, and sends
//!    the real head and upload over the [`connection`].
//! 4. It reads the answer's head into the exchange and hands awc a plain head and body, which come
//!    back as [`body`].
//! 5. Idle sockets are looked after by [`worker`].

pub mod body;
pub mod client;
mod codec;
pub mod connection;
mod connector;
mod exchange;
mod ticket;
pub mod worker;

pub use body::UpstreamBody;
pub use client::UpstreamClient;
