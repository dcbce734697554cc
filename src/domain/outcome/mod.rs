//! Why an answer has the status it has: truths of the protocol, which need no evidence.

pub mod protocol;
