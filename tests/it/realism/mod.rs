//! What a client sees of mocked answers: they agree with each other, and give nobody away.

mod canaries;
mod chromium;
mod coherence;
mod conditions;
mod conversations;
mod echoes;
mod files;
mod flows;
mod front_end;
mod hanging;
mod lists;
mod locations;
mod odd_json;
mod origins;
mod planted_secrets;
mod privacy_levels;
mod variants;
