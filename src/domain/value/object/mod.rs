//! Objects: members, which of them come together, maps with open keys, and objects drawn.
//!
//! - [`model`]: the objects of one position;
//! - [`presence`]: the members that one object had, as a short string;
//! - [`raking`]: sampled objects weighted so that every member is as frequent as it was;
//! - [`draw`]: which members a drawn object has;
//! - [`record_pool`]: records that are kept whole, [`member_presence`]
//!   which members decide what others
//!   are there, [`pool_node`] and [`pooled_record`] how they are drawn.

pub mod draw;
pub mod member_presence;
pub mod model;
pub mod pool_node;
pub mod pooled_record;
pub mod presence;
pub mod raking;
pub mod record_pool;
