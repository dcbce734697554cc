//! Who owns what, and when it runs.
//!
//! Actors own what changes and run on arbiters; everybody else holds a handle with verbs, or an
//! immutable value that the owner published. An `Addr` never leaves this room.
//!
//! | state | owner | runs on |
//! | --- | --- | --- |
//! | path learner, endpoints, redirects, pins | [`directory::DirectoryActor`] | first learner |
//! | the model of one endpoint | [`learning::endpoint::EndpointActor`] | learners, in turn |
//! | exchanges on their way to a model | [`learning::observation_queue`] | lock-free queue |
//! | what waits for the database, and it | [`persistence::PersistenceActor`] | arbiter of its own |
//! | what requests find endpoints by | [`catalog::Catalog`] | read wait-free |
//! | the tape of a backend; reasons and resources | [`site::SiteActor`] | last learner |
//! | what consumers wrote | [`site::Worlds`] | one short lock a consumer |
//! | chaos rules and their counters | [`chaos::ChaosHandle`] | a lock; read wait-free |
//! | overrides and their counters | [`overrides::OverridesHandle`] | a lock; read wait-free |
//! | routes that people add | [`route_book::RouteBook`] | with the settings, in the database |
//! | what was imported; named models | [`portable`] | a lock; read by the admin alone |
//! | settings changed at run time | [`settings::SettingsHandle`] | read wait-free |
//! | the last exchanges, without bodies | [`journal::Journal`] | a ring |
//!
//! What each may hold, and what happens when that is full:
//!
//! | owner | capacity | when full |
//! | --- | --- | --- |
//! | directory | `--endpoints-max` | the least useful makes room, counted |
//! | endpoint | `ModelLimits`; 1,024 batches wait | learned less exactly; dropped, counted |
//! | site | `tape_max_bytes`, 4,096 exchanges | the oldest of the busiest groups go |
//! | worlds | 10,240 consumers, 20,000 entities each | the least recently used goes |
//! | observation queue | `--learn-queue-max-bytes` | bodies spared, then dropped, counted |
//! | persistence | the newest of everything, 10,000 audit entries | newer replaces older |
//! | chaos | `RULES_MAX` rules | ended rules make room, then refused |
//! | overrides | `OVERRIDES_MAX`, `DOCUMENTS_BYTES_MAX` | ended ones make room, then refused |
//! | journal | `--journal-max` | the oldest goes |

pub mod catalog;
pub mod chaos;
pub mod clock;
mod counter_flusher;
pub mod debounced;
pub mod directory;
pub mod edit;
pub mod journal;
pub mod learning;
pub mod overrides;
pub mod persistence;
pub mod portable;
pub mod route_book;
pub mod settings;
pub mod site;
