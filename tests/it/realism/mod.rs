//! What a client sees of mocked answers: they agree with each other, and give nobody away.

mod canaries;
mod coherence;
mod echoes;
mod lists;
mod planted_secrets;
