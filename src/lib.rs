//! `stunt-double`: a learning proxy for backend APIs that can play the backend's part.
//!
//! The rooms, and who may import whom (a test reads the source tree and enforces it):
//!
//! ```text
//! main -> app -> { http, runtime, store, config, demo }
//! http   -> runtime (handles), domain, config
//! runtime -> domain, store (trait and errors), config
//! store  -> domain, config
//! domain -> nothing of ours
//! demo   -> nothing of ours
//! ```
//!
//! Reading order: [`domain::endpoint`] (what is learned), [`http::exchange`] (the life of a
//! request), [`runtime`] (who owns what, and when it runs), [`store`] (what survives a restart),
//! [`app`] (how it is put together and taken down).

pub mod app;
pub mod config;
pub mod demo;
pub mod domain;
pub mod http;
pub mod runtime;
pub mod store;
