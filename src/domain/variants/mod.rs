//! Which answer a request gets, where requests of one endpoint ask for different things.
//!
//! ```text
//! exchanges ──▶ Facts (what a request says, as one tree) ──▶ RequestFeatures (places with values)
//!    │                                                          │ code length: which places choose
//!    ▼                                                          ▼
//! skeletons (recorded answers behind the veil) ◀── groups of equal choice ── slots, by vote
//! request ──▶ the nearest skeleton of its status ──▶ slots filled ──▶ one coherent answer
//! ```
//!
//! Members of different answers are never mixed in one; see `docs/decisions/variants.md`.

mod accept_header;
pub mod batch;
mod facts;
mod features;
mod fill;
mod graphql;
mod model;
mod partition;
pub mod resume;
pub mod rows;
mod slots;
pub mod swap;

pub use facts::Facts;
pub use features::RequestFeatures;
pub use fill::{Filling, Reply};
pub use graphql::reshape;
pub use model::{Skeleton, VariantModel, VariantSubject};
pub use partition::{Partition, VariantSample};
