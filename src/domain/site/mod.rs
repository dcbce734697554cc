//! What is known of a backend as a whole, and the answers that follow from it.
//!
//! ```text
//! Tape (bounded, newest win) ──learn──▶ Site: resources, reasons, lists, patterns of answers
//!                                          │ immutable, published as a whole
//! request + World of its consumer ─────────┤ truths ─▶ decide ─▶ answer ─▶ World::observe
//! ```
//!
//! Learning and answering share their code: the same truths are read of a request, and the same
//! `observe` moves the state, with the backend's answer while learning and with the double's own
//! while mocking. Answers are made after recorded ones, whose values have been replaced by
//! stand-ins where privacy asks for it ([`veil`]).

mod accepted;
#[cfg(test)]
mod accepted_tests;
mod answer;
mod asker_words;
#[cfg(test)]
mod authors_tests;
mod batch;
#[cfg(test)]
mod board_tests;
#[cfg(test)]
mod calls_tests;
mod cause_finder;
#[cfg(test)]
mod club_tests;
mod compared_members;
mod compound;
pub mod corrections;
mod counted;
mod creation_answers;
mod credential_causes;
mod decide;
mod decided_values;
mod derived;
#[cfg(test)]
mod desk_tests;
mod digest_headers;
mod downloads;
mod endpoint;
mod expansion;
mod filled;
mod find_resources;
pub mod fixture;
mod header_causes;
mod holder;
mod induce;
mod interface_documents;
mod item_answers;
mod learn;
mod learn_lists;
mod learn_replies;
#[cfg(test)]
mod lending_tests;
#[cfg(test)]
mod library_tests;
mod list_answers;
mod lists;
mod member_support;
mod named_causes;
mod note_asker;
#[cfg(test)]
mod office_tests;
mod part_answers;
mod part_views;
mod query_causes;
mod read_request;
pub mod reason_description;
mod refusal_frame;
mod replies;
mod reply;
pub mod resource_description;
mod rivals;
mod selection;
mod service_files;
mod sibling_words;
mod snapshot;
mod sources;
mod spoken;
pub mod stored_exchanges;
#[cfg(test)]
mod studio_tests;
mod tape;
#[cfg(test)]
mod tests;
mod text_shape;
#[cfg(test)]
mod tracker_tests;
mod turn;
#[cfg(test)]
mod turning_tests;
mod unsent;
mod uploads;
mod vectors;
mod veil;
mod veiled_cause;
mod veiled_layer;
mod versions;
mod visibility;
mod walk;
mod word_run;
#[cfg(test)]
mod writes_tests;

pub use decide::StatusDecision;
pub use digest_headers::DigestHeaders;
pub use endpoint::EndpointKnowledge;
pub use learn::Site;
pub use tape::{Tape, TapeLimits, Taped, group_of};
pub use turn::{SiteAnswer, Turn};
pub use veil::Veil;
