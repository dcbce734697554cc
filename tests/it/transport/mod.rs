//! The transport to the backend, byte for byte: the gate for every bump of awc, actix-http,
//! actix-tls.

mod basics;
mod clients;
mod dialling;
mod framing;
mod isolation;
mod paths;
mod reuse;
mod smuggling;
mod streams;
mod timers;
mod tls;
mod tunnel;
mod uploads;
