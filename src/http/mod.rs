//! The only room that knows actix-web and awc.

pub mod account;
pub mod admin;
pub mod answer;
pub mod delay;
pub mod draws;
pub mod effects;
pub mod error;
pub mod framing;
pub mod inbound;
pub mod intercept;
pub mod mocking;
pub mod plane;
pub mod proxying;
pub mod received;
pub mod recorder;
pub mod server;
pub mod steering;
pub mod upstream;
