//! Bounds on everything that traffic can grow or delay, each with its unit and its reason.

use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;

/// A parser for milliseconds, counts or bytes between `min` and a day or a gigabyte.
fn at_least(min: u64) -> RangedU64ValueParser<u64> {
    RangedU64ValueParser::new().range(min..=1 << 40)
}

/// Named bounds; the help text of each carries the reason for its default.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Longest wait for a connection to the backend, TLS included, in ms.
    /// 5 s: a backend that cannot be dialled in that time is down for a person in front of a page.
    #[arg(long, env, default_value_t = 5_000, value_name = "MS", value_parser = at_least(1))]
    pub connect_timeout_ms: u64,

    /// Longest wait for the first byte of the backend's answer after the request was sent, in ms.
    /// 60 s: what load balancers in front of real backends commonly allow.
    #[arg(long, env, default_value_t = 60_000, value_name = "MS", value_parser = at_least(1))]
    pub first_byte_timeout_ms: u64,

    /// How many times the endpoint's learned p99 failover waits for a backend that hangs, before a
    /// mock answers in its place. 5: far beyond what one slow answer in a hundred takes.
    #[arg(long, env, default_value_t = 5, value_name = "N", value_parser = at_least(1))]
    pub failover_patience: u64,

    /// Least wait of failover for a backend that hangs, in ms.
    /// 1 s: a pause of a garbage collector is no outage.
    #[arg(long, env, default_value_t = 1_000, value_name = "MS", value_parser = at_least(1))]
    pub failover_patience_min_ms: u64,

    /// Longest pause between bytes of the backend's answer, in ms.
    /// 120 s: event streams usually send a heartbeat every 15 to 60 s.
    #[arg(long, env, default_value_t = 120_000, value_name = "MS", value_parser = at_least(1))]
    pub idle_timeout_ms: u64,

    /// Longest time a client may take to send a request head, in ms.
    /// 10 s: enough for a bad mobile line, short enough that slow heads cannot pile up.
    #[arg(long, env, default_value_t = 10_000, value_name = "MS", value_parser = at_least(1))]
    pub client_header_timeout_ms: u64,

    /// Longest pause of a client inside a body, while reading an answer, or between two requests
    /// of one connection, in ms.
    /// 75 s: longer than the keep-alive of common front ends (60 s), so that they close first.
    #[arg(long, env, default_value_t = 75_000, value_name = "MS", value_parser = at_least(1))]
    pub client_idle_timeout_ms: u64,

    /// Open client connections in all.
    /// 10,000: one shared staging instance; each costs two descriptors and some 10 KiB.
    #[arg(long, env, default_value_t = 10_000, value_name = "N", value_parser = at_least(1))]
    pub max_connections: u64,

    /// Open client connections of one peer address.
    /// 5,000: front ends in compose come through one reverse proxy, so one peer may be a team.
    #[arg(long, env, default_value_t = 5_000, value_name = "N", value_parser = at_least(1))]
    pub max_connections_per_peer: u64,

    /// Open streams of one HTTP/2 connection; 0: HTTP/2 is not spoken.
    /// 128: what common servers allow; each is a request in flight, and costs some 100 KiB at most.
    #[arg(long, env, default_value_t = 128, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub max_streams_per_connection: u32,

    /// Exchanges with the backend at the same time, over all workers; beyond it 503.
    /// 1,024: hundreds of open streams beside normal traffic, below common descriptor limits.
    #[arg(long, env, default_value_t = 1_024, value_name = "N", value_parser = at_least(1))]
    pub max_upstream_connections: u64,

    /// Longest part of a body that is looked at for learning, in bytes, before and after
    /// decompression; longer bodies teach their size and type only.
    /// 256 KiB: API answers rarely exceed it, and the shape of a longer list shows in shorter ones.
    #[arg(long, env, default_value_t = 256 << 10, value_name = "BYTES", value_parser = at_least(0))]
    pub learn_body_max_bytes: u64,

    /// Observations waiting to be learned, in bytes; what exceeds it is dropped and counted.
    /// 16 MiB: at 2 KiB an exchange, several seconds of a stalled learner at full load.
    #[arg(long, env, default_value_t = 16 << 20, value_name = "BYTES", value_parser = at_least(0))]
    pub learn_queue_max_bytes: u64,

    /// Endpoints learned; beyond it the least useful makes room, and what it knew is counted.
    /// 2,000: larger than the largest published APIs; `--model-max-bytes` bounds their memory.
    #[arg(long, env, default_value_t = 2_000, value_name = "N", value_parser = at_least(1))]
    pub endpoints_max: u64,

    /// Memory of one endpoint's model, in bytes; a model that outgrows it becomes coarser: rare
    /// values and late members go first.
    /// 384 KiB: what the grammars and laws of the largest records need; common answers take a
    /// tenth.
    #[arg(long, env, default_value_t = 384 << 10, value_name = "BYTES",
        value_parser = at_least(32 << 10))]
    pub endpoint_model_max_bytes: u64,

    /// Memory of the models of all endpoints, in bytes; beyond it the least useful endpoint makes
    /// room, as beyond `--endpoints-max`.
    /// 128 MiB: 2,000 endpoints of 64 KiB each, where most take a third of that.
    #[arg(long, env, default_value_t = 128 << 20, value_name = "BYTES",
        value_parser = at_least(64 << 10))]
    pub model_max_bytes: u64,

    /// Memory of the tape from which reasons, lists and entities are learned, in bytes: the last
    /// exchanges of the backend, 4,096 at most. Older ones make room, of busy endpoints first.
    /// 48 MiB: 4,096 exchanges of 2 KiB each, read.
    #[arg(long, env, default_value_t = 48 << 20, value_name = "BYTES", value_parser = at_least(0))]
    pub tape_max_bytes: u64,

    /// Templates pinned by people or imported.
    /// 4,096: twice the largest published API.
    #[arg(long, env, default_value_t = 4_096, value_name = "N", value_parser = at_least(0))]
    pub pins_max: u64,

    /// Exchanges kept in the request journal.
    /// 1,000: the last minutes of a person at work, at about 1 KiB each.
    #[arg(long, env, default_value_t = 1_000, value_name = "N", value_parser = at_least(0))]
    pub journal_max: u64,

    /// Longest lease of a chaos rule, in s; a week at most.
    /// A day: a working day and its night; whoever wants longer renews, and so remembers it.
    #[arg(long, env, default_value_t = 86_400, value_name = "S",
        value_parser = RangedU64ValueParser::<u64>::new().range(1..=604_800))]
    pub chaos_ttl_max_s: u64,

    /// Time between two writes of what was learned, in ms.
    /// 1 s: what a kill may cost at most, and one transaction a second is nothing to a disk.
    #[arg(long, env, default_value_t = 1_000, value_name = "MS", value_parser = at_least(10))]
    pub flush_interval_ms: u64,
}

impl Limits {
    /// [`Limits::flush_interval_ms`] as a duration.
    #[must_use]
    pub fn flush_interval(&self) -> Duration {
        Duration::from_millis(self.flush_interval_ms)
    }
}
