//! The only room that knows actix-web and awc.

pub mod admin;
pub mod backend_routes;
pub mod chaos;
pub mod data_plane;
pub mod delay;
pub mod downstream;
pub mod error;
pub mod exchange;
pub mod framing;
pub mod log_limiter;
pub mod server;
pub mod upstream;
pub mod websocket;
