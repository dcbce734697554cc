//! The transport, byte for byte, against a scripted backend and a raw client: the gate for every
//! bump of awc, actix-http, actix-tls.
//!
//! | case | test |
//! | --- | --- |
//! | 103 once, thrice, glued; 102; 100 | `framing::interim_answers_are_no_answers`, `interim` |
//! | `Expect: 100-continue`: refused, asked for, not answered | `interim` |
//! | proxies of the environment, credentials, client certificates | `egress`, `tls::a_backend_that_asks…` |
//! | lines in the log | `log` |
//! | trailers, both ways | `trailers` |
//! | clients that close their side, or leave at once | `half_closed` |
//! | `Upgrade: h2c`, by hand, curl and the JDK | `upgrade_offers` |
//! | HTTP/2 of clients | the room `http2` beside this one |
//! | 101 nobody asked for | `framing::an_unsolicited_protocol_switch_is_refused` |
//! | 1,000 in parallel, three times, with interim answers | `isolation` |
//! | reuse counted | `basics`, `tls::a_connection_is_reused` |
//! | no length and close; reset in a body; short length | `framing::answers_without_length…`, `…reset…`, `a_length_that_is_not_reached…` |
//! | chunked cut at every offset; bad chunk | `framing::a_chunked_body_cut_at_any_offset…`, `bad_chunks…` |
//! | 304, 204, HEAD with length or bytes | `framing::answers_without_a_body…`, `head_and_not_modified…` |
//! | CL and TE; repeated CL; foreign TE | `framing::contradicting_lengths…` |
//! | surplus bytes, at once and late | `framing::bytes_beyond_the_end…`, `a_late_answer_to_nothing…` |
//! | stall in head and body | `timers` |
//! | closed right after each answer, 300 GET, 300 POST | `reuse::a_backend_that_closes_after_each_answer…` |
//! | early 413 in 20 MB, both endings | `uploads::an_early_answer_is_delivered…` |
//! | upload reaches the backend at once; full duplex | `uploads::an_upload_reaches…`, `both_directions_flow…` |
//! | 64 MB up, 200 MB down, one side asleep | `memory` (RSS of a process), `uploads`, `streams` (bytes taken) |
//! | events one by one; client leaving | `streams`, `uploads::a_client_that_leaves…` |
//! | 300 open streams beside normal traffic | `reuse::three_hundred_open_streams…` |
//! | WebSocket: early bytes, echo, refusal | `tunnel`; frames, 16 MiB, close codes, compression | `socket_relay` |
//! | TLS: reuse, wrong name, expired, stalled handshake, cut body | `tls` |
//! | smuggling: known classes, seeded mutations | `smuggling` |
//! | path bytes, absolute form, odd hosts | `paths`; spellings of the admin: `admin::access` |
//! | faults, their status and slug, no address | `faults`, `dialling` |
//! | slow heads, bodies, readers; caps; CONNECT, TRACE, HTTP/1.0 | `clients` |

mod basics;
mod clients;
mod dialling;
mod egress;
mod faults;
mod framing;
mod half_closed;
mod https;
mod interim;
mod isolation;
mod log;
mod memory;
mod paths;
mod reuse;
mod smuggling;
mod socket_relay;
mod streams;
mod timers;
mod tls;
mod trailers;
mod tunnel;
mod upgrade_offers;
mod uploads;
