//! What there is behind an API: resources, entities and what consumers made of them.
//!
//! Resources are found by the flow of values: a value of an answer that later is the last segment
//! of a path connects the two, whatever the member is called. One function, [`World::observe`],
//! moves the state, fed with the backend's answer while learning and with the double's own answer
//! while mocking; so whatever a mock says is true for the next request of the same consumer.

mod batch;
mod call;
mod cascades;
mod clock_member;
mod computation;
mod deriver;
mod discover;
mod embedded_rows;
mod entity;
mod find_aliases;
mod find_batches;
mod find_calls;
mod find_clocks;
mod find_counters;
mod find_defaults;
mod find_group_numbers;
mod find_holders;
mod find_ids;
mod find_listed;
mod find_masks;
mod find_merging;
mod find_own_paths;
mod find_owners;
mod find_placements;
mod find_references;
mod find_renames;
mod find_revokers;
mod find_sameness;
mod find_second_names;
mod find_sweeps;
mod first_sight;
pub mod form;
mod group_number;
pub mod instant;
mod item_mask;
mod layer;
mod list_resource;
mod listed_later;
mod member_default;
mod merging;
mod message;
pub mod observe;
mod own_path;
mod part_view;
mod people;
mod placement;
pub mod pointer;
mod resources;
mod second_name;
mod secrets;
mod session_memory;
mod site_place;
mod stored_world;
mod sweep;
mod template;
mod uploaded_files;
mod write_effects;
mod written_entity;

pub use batch::{ItemAnswers, WriteBatch};
pub use call::{Call, CallKind, as_called, beside, read_call};
pub use cascades::Cascades;
pub use clock_member::ClockMember;
pub use computation::{Computation, Tally, length_of, objects};
pub use deriver::{Deriver, single_kinds};
pub use discover::discover;
pub use entity::{Entity, EntityKey};
pub use find_batches::{batches, played};
pub use find_calls::{find_calls, read_calls};
pub use find_clocks::learn_clocks;
pub use find_counters::learn_counters;
pub use find_defaults::learn_defaults;
pub use find_group_numbers::learn_group_numbers;
pub use find_holders::learn_holders;
pub use find_masks::learn_masks;
pub use find_merging::learn_merging;
pub use find_own_paths::{
    account, askers, issued_by, named, own_paths, read_own, recognise, shown_account,
};
pub use find_owners::learn_owners;
pub use find_placements::learn_placements;
pub use find_renames::{learn_renames, new_id};
pub use find_revokers::learn_revokers;
pub use find_sameness::learn_sameness;
pub use find_second_names::{find_second_names, read_second_names};
pub use find_sweeps::learn_sweeps;
pub use group_number::GroupNumber;
pub use item_mask::{ItemMask, mask_of};
pub use layer::{EntityPresence, Layer, World};
pub use list_resource::ListResource;
pub use member_default::MemberDefault;
pub use merging::Merging;
pub use message::{
    Document, MessagePace, Request, Sent, SiteExchange, fingerprint, pairs, segments,
    without_extension,
};
pub use own_path::{Askers, OwnPath};
pub use part_view::{EmbeddedRows, PartView, below, ids_in, with_part};
pub use people::People;
pub use resources::{
    IdPlace, Item, Make, MemberSource, NO_ID, OwnView, Resources, joined, last_segment as path_last,
};
pub use second_name::{SecondName, read_by_id};
pub use session_memory::{SessionMemory, WHO, account_credentials, is_secret};
pub use site_place::{Seen, SitePlace, by_place};
pub use stored_world::{read_world, write_world};
pub use sweep::Sweep;
pub use template::{SiteTemplate, SiteTemplates};
pub use uploaded_files::{UploadedFile, UploadedFiles};
pub use write_effects::{NOW_MS, follow};
pub use written_entity::acted_on;
