//! What there is behind an API: resources, entities and what consumers made of them.
//!
//! Resources are found by the flow of values: a value of an answer that later is the last segment
//! of a path connects the two, whatever the member is called. One function, [`World::observe`],
//! moves the state, fed with the backend's answer while learning and with the double's own answer
//! while mocking; so whatever a mock says is true for the next request of the same consumer.

mod discover;
mod entity;
mod follow;
pub mod form;
pub mod instant;
mod layer;
mod message;
pub mod observe;
pub mod pointer;
mod resources;
mod session_memory;
mod template;

pub use discover::{by_place, discover};
pub use entity::{Entity, EntityKey};
pub use follow::{NOW_MS, follow};
pub use layer::{EntityPresence, Layer, World};
pub use message::{
    Document, MessagePace, Request, Sent, SiteExchange, fingerprint, pairs, segments,
    without_extension,
};
pub use resources::{
    IdPlace, Item, ListResource, Make, MemberSource, Resources, Seen, SitePlace,
    last_segment as path_last,
};
pub use session_memory::SessionMemory;
pub use template::{SiteTemplate, SiteTemplates};
