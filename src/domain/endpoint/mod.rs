//! An endpoint: its key, what is observed of it, its learned model and the behaviour it publishes.
//!
//! ```text
//! Observation ──observe──▶ EndpointModel ──compile──▶ Behavior ──draw──▶ a mocked answer
//!                          (one writer)               (immutable, read by many)
//! ```

mod backend_id;
mod behavior;
mod coding_choice;
mod fidelity_model;
mod key;
mod model;
mod negotiation;
mod observation;
mod predict;
mod refused_methods;
mod sequence_state;

pub use backend_id::BackendId;
pub use behavior::{Behavior, ResponseSeeds, SampledResponse, StatusDraw};
pub use fidelity_model::{ExchangeScore, FidelityModel, FidelityPart, FidelityScore};
pub use key::{EndpointId, EndpointKey};
pub use model::{EndpointModel, ModelLimits, Prior, PriorBodies, ResponseModel};
pub use negotiation::{Negotiation, NegotiationFinding};
pub use observation::{Body, ExchangeSample, Observation, Provenance, UNSAMPLED_WEIGHT};
pub use predict::predict;
pub use refused_methods::RefusedMethods;
pub use sequence_state::SequenceState;
