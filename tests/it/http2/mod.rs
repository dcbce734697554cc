//! Clients that speak HTTP/2, to the double and through it.
//!
//! | case | test |
//! | --- | --- |
//! | GET, POST, HEAD, 204, 304, mocks, what the backend sees | `exchanges` |
//! | 100 streams at once; large bodies, windows, stalled readers, cancelled streams | `streams` |
//! | malformed requests, floods, limits, time-outs, mutated frames | `abuse` |
//! | chaos, idle connections, stop, TLS and ALPN, HTTP/1.1 beside it | `ends` |

mod abuse;
mod ends;
mod exchanges;
mod streams;
