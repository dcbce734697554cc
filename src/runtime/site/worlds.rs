//! The worlds of all consumers: sharded, bounded, the least recently used makes room.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::site::Site;
use crate::domain::world::{World, fingerprint};

/// Shards of the table; requests of different consumers hardly ever meet in one.
const SHARDS: usize = 16;

/// Consumers in one shard: 16 x 640 is a little more than 10,000.
const CONSUMERS_PER_SHARD_MAX: usize = 640;

/// Bytes that all consumers together may hold of their own. 512 MiB: 10,000 consumers with 1,000
/// small entities each are about 5 GiB, so that the busiest of them make room; whoever needs more
/// runs more doubles.
const BYTES_MAX: u64 = 512 << 20;

/// When room is made, this share of the bound is freed at once, in 1/16.
const FREED_SIXTEENTHS: u64 = 2;

/// Names of a shard that are remembered as evicted, as hashes.
const EVICTED_MAX: usize = 4_096;

/// Time without use after which a session ends, unless set otherwise.
const TTL: Duration = Duration::from_secs(86_400);

/// How a request found its session, as `X-Mock-Session-State` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It begins with this request.
    New,
    /// It was there.
    Kept,
    /// It was there once, and had to make room: what it had written is gone.
    Evicted,
}

impl SessionState {
    /// The word of the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Kept => "kept",
            Self::Evicted => "evicted",
        }
    }
}

/// A session was to be based on one that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownSession;

/// Figures of the worlds.
#[derive(Debug, Default)]
pub struct WorldCounters {
    /// Consumers that made room for others.
    pub evicted: AtomicU64,
    /// Sessions that ended because nobody used them.
    pub expired: AtomicU64,
}

/// The session of one consumer.
#[derive(Debug)]
pub struct Session {
    /// Its name.
    pub name: Arc<str>,
    /// When it began, unix ms.
    pub began_ms: i64,
    used_ms: AtomicI64,
    /// Its place in the order of use.
    turn: AtomicU64,
    requests: AtomicU64,
    bytes: AtomicU64,
    world: Mutex<World>,
}

impl Session {
    /// Its world. Whoever locks it does so for one request, and nobody else is kept waiting but
    /// requests of the same consumer.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock()
    }

    /// When it was last used, unix ms.
    #[must_use]
    pub fn used_ms(&self) -> i64 {
        self.used_ms.load(Ordering::Relaxed)
    }

    /// Requests that it has seen.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Bytes that it holds of its own, roughly.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Shard {
    sessions: FxHashMap<Arc<str>, Arc<Session>>,
    evicted: FxHashSet<u64>,
}

/// The worlds of all consumers.
pub struct Worlds {
    shards: [Mutex<Shard>; SHARDS],
    clock: AtomicU64,
    bytes: AtomicU64,
    ttl_ms: AtomicI64,
    counters: WorldCounters,
}

impl Default for Worlds {
    fn default() -> Self {
        let ttl_ms = AtomicI64::new(ms(TTL));
        let (clock, bytes) = Default::default();
        Self {
            shards: Default::default(),
            clock,
            bytes,
            ttl_ms,
            counters: WorldCounters::default(),
        }
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Worlds {
    /// Ends sessions that nobody has used for so long.
    pub fn set_ttl(&self, ttl: Duration) {
        self.ttl_ms.store(ms(ttl), Ordering::Relaxed);
    }

    /// The session of a consumer, begun where there is none: over the site's base, or with what
    /// the session `from` has written.
    ///
    /// # Errors
    /// [`UnknownSession`] when it is to be begun from one that does not exist.
    pub fn enter(
        &self,
        consumer: &str,
        from: Option<&str>,
        site: &Site,
        now_ms: i64,
    ) -> Result<(Arc<Session>, SessionState), UnknownSession> {
        let turn = self.clock.fetch_add(1, Ordering::Relaxed);
        if let Some(session) = self.find(consumer, now_ms) {
            session.used_ms.store(now_ms, Ordering::Relaxed);
            session.turn.store(turn, Ordering::Relaxed);
            session.requests.fetch_add(1, Ordering::Relaxed);
            return Ok((session, SessionState::Kept));
        }
        let world = match from {
            Some(from) => {
                let other = self.find(from, now_ms).ok_or(UnknownSession)?;
                let mut world = other.world().clone();
                world.rebase(&site.base);
                world
            }
            None => World::over(Arc::clone(&site.base)),
        };
        let session = self.put(consumer, world, now_ms);
        session.turn.store(turn, Ordering::Relaxed);
        session.requests.fetch_add(1, Ordering::Relaxed);
        let was_evicted = self.shard(consumer).lock().evicted.remove(&fingerprint(&[consumer]));
        let state = if was_evicted { SessionState::Evicted } else { SessionState::New };
        Ok((session, state))
    }

    /// Puts a world in the place of a consumer's.
    pub fn put(&self, consumer: &str, world: World, now_ms: i64) -> Arc<Session> {
        let bytes = world.weight();
        let name: Arc<str> = consumer.into();
        let session = Arc::new(Session {
            name: Arc::clone(&name),
            began_ms: now_ms,
            used_ms: AtomicI64::new(now_ms),
            turn: AtomicU64::new(self.clock.fetch_add(1, Ordering::Relaxed)),
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(bytes),
            world: Mutex::new(world),
        });
        let mut shard = self.shard(consumer).lock();
        if shard.sessions.len() >= CONSUMERS_PER_SHARD_MAX && !shard.sessions.contains_key(&name) {
            self.evict_oldest(&mut shard);
        }
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if let Some(old) = shard.sessions.insert(name, Arc::clone(&session)) {
            self.bytes.fetch_sub(old.bytes(), Ordering::Relaxed);
        }
        drop(shard);
        self.make_room();
        session
    }

    /// Notes what a session holds after a request.
    pub fn settle(&self, session: &Arc<Session>, bytes: u64) {
        if session.bytes() == bytes {
            return;
        }
        {
            let shard = self.shard(&session.name).lock();
            // One that was removed meanwhile counts no more.
            let is_held =
                shard.sessions.get(&session.name).is_some_and(|held| Arc::ptr_eq(held, session));
            let old = session.bytes.swap(bytes, Ordering::Relaxed);
            if is_held {
                self.bytes.fetch_add(bytes, Ordering::Relaxed);
                self.bytes.fetch_sub(old, Ordering::Relaxed);
            }
        }
        self.make_room();
    }

    /// While all together hold too much, the least recently used sessions go.
    fn make_room(&self) {
        if self.bytes.load(Ordering::Relaxed) <= BYTES_MAX {
            return;
        }
        let wanted = BYTES_MAX / 16 * (16 - FREED_SIXTEENTHS);
        let mut all = self.sessions();
        all.sort_by_key(|session| session.turn.load(Ordering::Relaxed));
        // The last one is who asks for the room.
        all.pop();
        for session in all {
            if self.bytes.load(Ordering::Relaxed) <= wanted {
                return;
            }
            let mut shard = self.shard(&session.name).lock();
            self.evict(&mut shard, &session.name);
        }
    }

    fn evict_oldest(&self, shard: &mut Shard) {
        let oldest = shard.sessions.values().min_by_key(|held| held.turn.load(Ordering::Relaxed));
        if let Some(name) = oldest.map(|oldest| Arc::clone(&oldest.name)) {
            self.evict(shard, &name);
        }
    }

    fn evict(&self, shard: &mut Shard, name: &str) {
        if self.take(shard, name) {
            if shard.evicted.len() >= EVICTED_MAX {
                shard.evicted.clear();
            }
            shard.evicted.insert(fingerprint(&[name]));
            self.counters.evicted.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn take(&self, shard: &mut Shard, name: &str) -> bool {
        let Some(old) = shard.sessions.remove(name) else { return false };
        self.bytes.fetch_sub(old.bytes(), Ordering::Relaxed);
        true
    }

    /// The session of a consumer that has one and used it lately.
    #[must_use]
    pub fn find(&self, consumer: &str, now_ms: i64) -> Option<Arc<Session>> {
        let mut shard = self.shard(consumer).lock();
        let session = Arc::clone(shard.sessions.get(consumer)?);
        if self.is_over(&session, now_ms) {
            self.take(&mut shard, consumer);
            self.counters.expired.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(session)
    }

    fn is_over(&self, session: &Session, now_ms: i64) -> bool {
        now_ms.saturating_sub(session.used_ms()) > self.ttl_ms.load(Ordering::Relaxed)
    }

    /// A copy of a consumer's world, or a new one: for looking.
    #[must_use]
    pub fn copy(&self, consumer: &str, site: &Site, now_ms: i64) -> World {
        let found = self.find(consumer, now_ms);
        let new = || World::over(Arc::clone(&site.base));
        found.map_or_else(new, |session| session.world().clone())
    }

    /// Ends every session that nobody has used for too long.
    pub fn sweep(&self, now_ms: i64) {
        for shard in &self.shards {
            let mut shard = shard.lock();
            let over: Vec<Arc<str>> = shard
                .sessions
                .values()
                .filter(|session| self.is_over(session, now_ms))
                .map(|session| Arc::clone(&session.name))
                .collect();
            for name in over {
                self.take(&mut shard, &name);
                self.counters.expired.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// A number that rises with every use and every change.
    #[must_use]
    pub fn turn(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// All sessions, the one used last first.
    #[must_use]
    pub fn by_use(&self) -> Vec<Arc<Session>> {
        let mut found = self.sessions();
        found.sort_by_key(|session| std::cmp::Reverse(session.turn.load(Ordering::Relaxed)));
        found
    }

    /// Puts a session back that was kept.
    pub fn restore(&self, name: &str, world: World, (began_ms, used_ms): (i64, i64)) {
        let session = self.put(name, world, began_ms);
        session.used_ms.store(used_ms, Ordering::Relaxed);
    }

    /// All sessions, by name.
    #[must_use]
    pub fn sessions(&self) -> Vec<Arc<Session>> {
        let mut found: Vec<Arc<Session>> = Vec::new();
        for shard in &self.shards {
            found.extend(shard.lock().sessions.values().cloned());
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// Forgets what a consumer wrote; false when it had nothing.
    pub fn remove(&self, consumer: &str) -> bool {
        // What is kept of it elsewhere is old from here on.
        self.clock.fetch_add(1, Ordering::Relaxed);
        let mut shard = self.shard(consumer).lock();
        self.take(&mut shard, consumer)
    }

    /// Forgets what all consumers wrote.
    pub fn clear(&self) {
        for session in self.sessions() {
            self.remove(&session.name);
        }
    }

    /// Bytes that all sessions hold, roughly.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Figures.
    #[must_use]
    pub const fn counters(&self) -> &WorldCounters {
        &self.counters
    }

    fn shard(&self, consumer: &str) -> &Mutex<Shard> {
        let hash = fingerprint(&[consumer]);
        // Upper bits: the lower ones choose the slot in the shard's own table.
        &self.shards[(hash >> 32) as usize % SHARDS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    #[test]
    fn a_session_is_new_then_kept_and_ends_unused() {
        let (worlds, site) = (Worlds::default(), Site::default());
        let enter = |name, now| worlds.enter(name, None, &site, now).expect("from nobody").1;
        assert_eq!(enter("ana", 1_000), SessionState::New);
        assert_eq!(enter("ana", 2_000), SessionState::Kept);
        assert_eq!(enter("ana", 2_000 + DAY_MS), SessionState::Kept);
        assert_eq!(enter("ana", 2_001 + 2 * DAY_MS), SessionState::New, "nobody used it");
        worlds.sweep(10 * DAY_MS);
        assert!(worlds.sessions().is_empty());
        assert_eq!(worlds.counters().expired.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn the_least_recently_used_makes_room_and_is_told() {
        let (worlds, site) = (Worlds::default(), Site::default());
        let enter = |name: &str| worlds.enter(name, None, &site, 1_000).expect("from nobody").1;
        for n in 0..SHARDS * CONSUMERS_PER_SHARD_MAX * 2 {
            enter(&format!("consumer-{n}"));
        }
        assert!(worlds.sessions().len() <= SHARDS * CONSUMERS_PER_SHARD_MAX);
        assert_eq!(enter("consumer-0"), SessionState::Evicted);
        assert_eq!(enter("consumer-0"), SessionState::Kept);
    }

    #[test]
    fn ten_thousand_consumers_with_a_thousand_writes_each_stay_within_the_memory() {
        const WRITE_BYTES: u64 = 550;
        let (worlds, site) = (Worlds::default(), Site::default());
        for n in 0..10_000 {
            let (session, _) = worlds.enter(&format!("c{n}"), None, &site, 1_000).expect("new");
            let before = session.bytes();
            for writes in (100..=1_000).step_by(100) {
                worlds.settle(&session, before + writes * WRITE_BYTES);
                assert!(worlds.bytes() <= BYTES_MAX, "consumer {n}");
            }
        }
        let held: u64 = worlds.sessions().iter().map(|session| session.bytes()).sum();
        assert_eq!(held, worlds.bytes(), "what is counted is what is held");
        assert!(worlds.counters().evicted.load(Ordering::Relaxed) > 8_000);
        let state = |name: &str| worlds.enter(name, None, &site, 1_000).expect("known").1;
        assert_eq!(state("c9999"), SessionState::Kept, "the last one used");
    }

    #[test]
    fn a_session_is_based_on_another_that_exists() {
        let (worlds, site) = (Worlds::default(), Site::default());
        assert!(worlds.enter("ci", Some("fixture"), &site, 1_000).is_err());
        worlds.enter("fixture", None, &site, 1_000).expect("from nobody");
        assert!(worlds.enter("ci", Some("fixture"), &site, 1_000).is_ok());
    }
}
