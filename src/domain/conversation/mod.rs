//! Conversations over an upgraded connection (WebSocket, RFC 6455): who says what after what.
//!
//! A conversation is learned as turns. A turn begins with the opening or with a message of the
//! client, and holds what the server says because of it:
//!
//! ```text
//! open                     ─▶ welcome
//! {"type":"subscribe",id}  ─▶ ack · tick · tick · tick …            (goes on until `unsubscribe`)
//! {"type":"get",id}        ─▶ result                                (repeats the `id`)
//! {"type":"bye"}           ─▶ ended · close 1000
//! ```
//!
//! What begins a turn is told by its kind ([`message`]): the member that discriminates, the shape,
//! or the command. What follows is a script of answer kinds ([`turn_model`]), each a body model
//! like that of any HTTP body, with how often it is repeated and after which time
//! ([`answer_model`]). Privacy, bounds and echoes are those of bodies.
//!
//! ```text
//! Transcript ──turns──▶ ConversationModel ──compile──▶ ConversationProgram ──▶ Dialogue
//!                       (one writer)                   (immutable)            (one client's)
//! ```
//!
//! Nothing here knows sockets, frames or clocks: times are microseconds since the opening.

pub mod answer_model;
mod attribution;
mod cues;
pub mod dialogue;
pub mod kind_name;
pub mod message;
pub mod model;
pub mod program;
mod recollection;
mod running_counter;
pub mod transcript;
pub mod turn_model;

#[cfg(test)]
mod tests;
