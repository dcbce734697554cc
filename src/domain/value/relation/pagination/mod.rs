//! Pages of a list: what documents say of them, learned and written.

pub mod draw;
pub mod learn;
pub mod page_request;
