//! The worlds of all consumers: sharded, bounded, the least recently used makes room.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::domain::site::Site;
use crate::domain::world::World;

/// Shards of the table; requests of different consumers hardly ever meet in one.
const SHARDS: usize = 16;

/// Consumers in one shard: 16 x 640 is a little more than 10,000.
const CONSUMERS_PER_SHARD_MAX: usize = 640;

/// Figures of the worlds.
#[derive(Debug, Default)]
pub struct WorldCounters {
    /// Consumers that made room for others.
    pub evicted: AtomicU64,
}

struct Held {
    name: Arc<str>,
    used: u64,
    world: Arc<Mutex<World>>,
}

/// The worlds of all consumers.
#[derive(Default)]
pub struct Worlds {
    shards: [Mutex<FxHashMap<Arc<str>, Held>>; SHARDS],
    clock: AtomicU64,
    counters: WorldCounters,
}

impl Worlds {
    /// The world of a consumer, made over the site's when it is new. Whoever locks it does so for
    /// one request, and nobody else is kept waiting but requests of the same consumer.
    #[must_use]
    pub fn of(&self, consumer: &str, site: &Site) -> Arc<Mutex<World>> {
        let used = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut shard = self.shard(consumer).lock();
        if let Some(held) = shard.get_mut(consumer) {
            held.used = used;
            return Arc::clone(&held.world);
        }
        if shard.len() >= CONSUMERS_PER_SHARD_MAX {
            let oldest = shard.values().min_by_key(|held| held.used).map(|held| held.name.clone());
            if let Some(oldest) = oldest {
                shard.remove(&oldest);
                self.counters.evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
        let name: Arc<str> = consumer.into();
        let world = Arc::new(Mutex::new(World::over(Arc::clone(&site.base))));
        shard.insert(name.clone(), Held { name, used, world: Arc::clone(&world) });
        world
    }

    /// The world of a consumer that has one.
    #[must_use]
    pub fn find(&self, consumer: &str) -> Option<Arc<Mutex<World>>> {
        self.shard(consumer).lock().get(consumer).map(|held| Arc::clone(&held.world))
    }

    /// A copy of a consumer's world, or a new one: for looking.
    #[must_use]
    pub fn copy(&self, consumer: Option<&str>, site: &Site) -> World {
        let found = self.find(consumer.unwrap_or_default());
        found.map_or_else(|| World::over(Arc::clone(&site.base)), |world| world.lock().clone())
    }

    /// Names of all consumers, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = Vec::new();
        for shard in &self.shards {
            names.extend(shard.lock().keys().cloned());
        }
        names.sort();
        names
    }

    /// Forgets what a consumer wrote; false when it had nothing.
    pub fn remove(&self, consumer: &str) -> bool {
        self.shard(consumer).lock().remove(consumer).is_some()
    }

    /// Forgets what all consumers wrote.
    pub fn clear(&self) {
        self.shards.iter().for_each(|shard| shard.lock().clear());
    }

    /// Figures.
    #[must_use]
    pub const fn counters(&self) -> &WorldCounters {
        &self.counters
    }

    fn shard(&self, consumer: &str) -> &Mutex<FxHashMap<Arc<str>, Held>> {
        let hash = crate::domain::world::fingerprint(&[consumer]);
        // Upper bits: the lower ones choose the slot in the shard's own table.
        &self.shards[(hash >> 32) as usize % SHARDS]
    }
}
