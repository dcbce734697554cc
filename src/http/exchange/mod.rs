//! The life of one request on the data plane, from its head to the last byte of its response.
//!
//! [`intercept`] is the one place that chooses, and its phases are the order to read in: receive
//! ([`incoming_request`], [`steering`]), identify, decide, answer ([`overridden`] by people,
//! [`proxy`] with its [`recorder`], or [`mock`] with its [`session_seeds`]), disturb
//! ([`chaos`](crate::http::chaos)), reply ([`response`]). [`exchange_log`] counts and journals
//! what happened. Nothing here waits for learning or touches the database.

pub mod collect;
pub mod consumer;
mod converse;
pub mod cors;
pub mod exchange_log;
pub mod incoming_request;
pub mod intercept;
pub mod message_stream;
pub mod mock;
pub mod overridden;
pub mod proxy;
pub mod recorder;
pub mod response;
pub mod session_seeds;
pub mod stateful_mock;
pub mod steering;
