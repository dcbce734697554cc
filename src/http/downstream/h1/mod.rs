//! HTTP/1.1 from the clients: what stands between a TCP connection and actix-http, and between
//! actix-http and the application.
//!
//! From the outside to the inside:
//!
//! 1. [`socket`] reads strictly (`framing::RequestScanner`), one request at a time, and times it.
//!    [`half_closed`] tells a client that has said all from one that left.
//! 2. [`reject`] writes the problem where nothing was to be served.
//! 3. [`abort`] ends a connection on purpose, at the place chaos planned.
//! 4. `service` wraps the application: it counts exchanges, watches bodies ([`payload`]), and
//!    decides how an answer is framed.
//! 5. [`exchange_tracker`] is what the socket and the service tell each other.

mod abort;
mod exchange_tracker;
pub mod guard_exchanges;
mod half_closed;
mod payload;
pub mod reject;
mod socket;

pub use abort::PlannedAbort;
pub use exchange_tracker::ExchangeTracker;
pub use socket::{ClientSocket, SLOW_HEAD};
