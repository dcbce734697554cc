//! `stunt-double`: a learning proxy for backend APIs that can play the backend's part.
//!
//! The rooms, and who may import whom (a test reads the source tree and enforces it):
//!
//! ```text
//! main -> app -> { http, actors, store, config, demo }
//! http   -> actors (handles), domain, config
//! actors -> domain, store (trait and errors), config
//! store  -> domain, config
//! domain -> nothing of ours
//! demo   -> nothing of ours
//! ```
//!
//! Reading order: [`domain::endpoint`] (what is learned), [`http::intercept`] (the life of a
//! request), [`actors`] (who owns what, and when it runs), [`store`] (what survives a restart),
//! [`app`] (how it is put together and taken down).

pub mod actors;
pub mod app;
pub mod config;
pub mod demo;
pub mod domain;
pub mod http;
pub mod store;
