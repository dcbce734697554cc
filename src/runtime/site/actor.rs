//! The owner of the tape: records, learns when it has paused and somebody reads, publishes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix::prelude::*;
use arc_swap::ArcSwap;
use bytes::Bytes;

use super::SiteHandle;
use super::kept_sessions::{self, STORED_AS as SESSIONS_STORED_AS};
use crate::domain::body::content_coding::decode;
use crate::domain::endpoint::{BackendId, Body, Observation};
use crate::domain::json::reading;
use crate::domain::site::corrections::SiteCorrections;
use crate::domain::site::{Site, Tape, TapeLimits, Taped, group_of, stored_exchanges};
use crate::domain::words::own_address;
use crate::domain::world::{Request, SiteExchange, account_credentials};
use crate::runtime::catalog::Catalog;
use crate::runtime::clock::now_ms;
use crate::runtime::persistence::PersistenceHandle;
use crate::runtime::persistence::pending_writes::PendingWrite;

/// The name under which the tape is stored.
pub const STORED_AS: &str = "site_tape";

/// The name under which people's word is stored.
pub const CORRECTIONS_STORED_AS: &str = "site_corrections";

/// Pause between two saves that nobody asked for: the tape is one text of up to 4 MiB.
const SAVE_PAUSE: Duration = Duration::from_secs(60);

/// Batches that may wait; each is what some drains of the directory brought.
const MAILBOX_MAX: usize = 256;

/// Shortest pause between two rounds of learning.
const PAUSE_MIN: Duration = Duration::from_secs(2);

/// Shortest time in which exchanges gather before the site is learned from them.
const GATHERING_MIN: Duration = Duration::from_millis(500);

/// While the site is read, the pause is this many times as long as learning took, so that it takes
/// a twentieth of a core at most.
const PAUSE_PER_COST_READ: u32 = 20;

/// While nobody reads it, a thousandth of a core: at 100 requests a second that is 10 µs a request,
/// and a first reader finds what was known a while ago.
const PAUSE_PER_COST_UNREAD: u32 = 1_000;

/// Share of the tape's bytes in which exchanges wait to be read: a part in four.
const WAITING_PART: usize = 4;

/// Records exchanges.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Record(pub Vec<Arc<Observation>>);

/// Learns what was recorded; false when that is left for later.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct LearnSite {
    /// Now, whatever it costs; otherwise as soon as the rounds before leave time for it.
    pub now: bool,
}

/// Somebody reads the site: what was recorded since it was learned is to be learned soon.
#[derive(Message)]
#[rtype(result = "()")]
pub struct FollowTraffic;
/// Changes what people say of the site, and learns it anew; the answer is whether there was room.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct Correct(pub Box<dyn FnOnce(&mut SiteCorrections) -> bool + Send>);

/// Forgets everything.
#[derive(Message)]
#[rtype(result = "()")]
pub struct ForgetSite;

/// The owner of a site's tape.
pub struct SiteActor {
    handle: SiteHandle,
    /// Exchanges as they came: read when the site is learned, those that are left by then.
    waiting: Tape<Observation>,
    tape: Tape,
    body_bytes_max: usize,
    key: u64,
    said: SiteCorrections,
    /// Whether sessions are stored, and the turn of the worlds when they last were.
    sessions_at: Option<u64>,
    is_stale: bool,
    is_unsaved: bool,
    backend: BackendId,
    persistence: PersistenceHandle,
    catalog: Arc<ArcSwap<Catalog>>,
    timer: Option<SpawnHandle>,
    learned_at: Instant,
    cost: Duration,
}

impl Taped for Observation {
    fn group(&self) -> u64 {
        group_of(&self.method, self.path.trim_matches('/').split('/'), self.status)
    }

    fn weight(&self) -> usize {
        self.weight()
    }

    fn body_bytes(&self) -> usize {
        self.sample.as_ref().map_or(0, |sample| sample.response_body.bytes.len())
    }
}

impl SiteActor {
    /// An owner that publishes by `handle`; `key` keys the stand-ins for private values.
    #[must_use]
    pub fn new(
        handle: SiteHandle,
        (limits, key): (TapeLimits, u64),
        backend: BackendId,
        persistence: PersistenceHandle,
        catalog: Arc<ArcSwap<Catalog>>,
    ) -> Self {
        let waiting = TapeLimits { bytes_max: limits.bytes_max / WAITING_PART, ..limits };
        let read = TapeLimits { bytes_max: limits.bytes_max - waiting.bytes_max, ..limits };
        Self {
            handle,
            waiting: Tape::new(waiting),
            tape: Tape::new(read),
            is_unsaved: false,
            backend,
            persistence,
            catalog,
            body_bytes_max: limits.body_bytes_max,
            key,
            said: SiteCorrections::default(),
            sessions_at: None,
            is_stale: false,
            timer: None,
            learned_at: Instant::now(),
            cost: Duration::ZERO,
        }
    }

    /// Reads back what people said.
    pub fn restore_corrections(&mut self, text: &str) {
        match serde_json::from_str(text) {
            Ok(said) => self.said = said,
            Err(error) => log::warn!("corrections of the site could not be read: {error}"),
        }
        self.handle.correct(self.said.clone());
    }

    /// Reads a stored tape back and learns it, so that the first request finds what was known.
    pub fn restore(&mut self, text: &str) {
        let (exchanges, unread) = stored_exchanges::read(text);
        if unread > 0 {
            log::warn!("{unread} stored exchanges could not be read and were skipped");
        }
        self.is_stale = !exchanges.is_empty();
        exchanges.into_iter().for_each(|exchange| self.tape.record(exchange));
        self.learn();
        self.is_unsaved = false;
    }

    fn keep(&self, name: &'static str, text: String) {
        self.persistence.write(PendingWrite::of_backend(&self.backend, name, text));
    }

    /// Stores sessions from here on, after those that were stored are put back; or forgets them.
    pub fn keep_sessions(&mut self, keeps: bool, stored: &str) {
        if !keeps {
            if !stored.is_empty() {
                self.keep(SESSIONS_STORED_AS, String::new());
            }
            return;
        }
        let worlds = self.handle.worlds();
        if !stored.is_empty() && !kept_sessions::restore(worlds, stored) {
            log::warn!("stored sessions could not be read");
        }
        self.sessions_at = Some(worlds.turn());
    }

    /// Hands what consumers wrote to the persistence, where that is wanted and anything is new.
    fn save_sessions(&mut self) {
        let worlds = self.handle.worlds();
        let turn = worlds.turn();
        if self.sessions_at.is_none_or(|saved| saved == turn) {
            return;
        }
        self.sessions_at = Some(turn);
        let text = kept_sessions::write(worlds);
        self.keep(SESSIONS_STORED_AS, text);
    }

    /// Hands the tape to the persistence, behind the veil of what is known now.
    fn save(&mut self) {
        self.save_sessions();
        if std::mem::take(&mut self.is_unsaved) {
            let catalog = self.catalog.load();
            let literals = |path: &str| {
                let place = catalog.identify(path);
                let template = place.template.as_str().trim_matches('/');
                let literal = |segment: &str| !segment.contains('{');
                place.is_learned().then(|| template.split('/').map(literal).collect())
            };
            let text = stored_exchanges::write(&self.handle.peek(), &self.tape, literals);
            self.keep(STORED_AS, text);
        }
    }

    fn learn(&mut self) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        self.is_unsaved = true;
        let began = Instant::now();
        for observation in self.waiting.take() {
            if let Some(exchange) = exchange(&observation, self.body_bytes_max) {
                self.tape.record(exchange);
            }
        }
        let exchanges = self.tape.exchanges();
        let (key, said) = (self.key, &self.said);
        // Odd traffic must not end learning: what was published stays.
        match catch_unwind(AssertUnwindSafe(|| Site::learn(&exchanges, key, said))) {
            Ok(site) => self.handle.publish(site),
            Err(_panic) => log::error!("the site could not be learned; what was known stays"),
        }
        self.handle.counters().learned.fetch_add(1, Ordering::Relaxed);
        self.learned_at = Instant::now();
        self.cost = began.elapsed();
        self.count();
    }

    /// Says how much is on the tape.
    fn count(&self) {
        let counters = self.handle.counters();
        let exchanges = self.tape.len() + self.waiting.len();
        counters.exchanges.store(exchanges as u64, Ordering::Relaxed);
        let bytes = self.tape.bytes() + self.waiting.bytes();
        counters.bytes.store(bytes as u64, Ordering::Relaxed);
    }

    /// Time until the next round of learning, `least` or more.
    fn left(&self, least: Duration) -> Duration {
        let per_cost =
            if self.handle.is_read() { PAUSE_PER_COST_READ } else { PAUSE_PER_COST_UNREAD };
        let pause = PAUSE_MIN.max(self.cost * per_cost);
        pause.saturating_sub(self.learned_at.elapsed()).max(least)
    }

    /// Plans the next round of learning, not before `least` from now.
    fn plan(&mut self, least: Duration, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        self.timer = Some(ctx.run_later(self.left(least), |actor, _ctx| {
            actor.timer = None;
            actor.learn();
        }));
    }
}

impl Actor for SiteActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_MAX);
        ctx.run_interval(SAVE_PAUSE, |actor, _ctx| {
            actor.save();
            actor.handle.worlds().sweep(now_ms());
        });
        self.handle.owned_by(ctx.address());
    }
}

impl Handler<Record> for SiteActor {
    type Result = ();

    fn handle(&mut self, message: Record, ctx: &mut Self::Context) {
        self.is_stale |= !message.0.is_empty();
        message.0.into_iter().for_each(|observation| self.waiting.record(observation));
        self.count();
        if self.is_stale && self.timer.is_none() {
            self.plan(GATHERING_MIN, ctx);
        }
    }
}

impl Handler<FollowTraffic> for SiteActor {
    type Result = ();

    fn handle(&mut self, _message: FollowTraffic, ctx: &mut Self::Context) {
        if self.is_stale {
            self.plan(Duration::ZERO, ctx);
        }
    }
}

impl Handler<LearnSite> for SiteActor {
    type Result = bool;

    fn handle(&mut self, order: LearnSite, ctx: &mut Self::Context) -> bool {
        if !order.now && self.is_stale && !self.left(Duration::ZERO).is_zero() {
            self.plan(Duration::ZERO, ctx);
            return false;
        }
        // Whoever flushes relies on it that what comes next is answered by all that came before.
        self.learn();
        self.save();
        true
    }
}

impl Handler<Correct> for SiteActor {
    type Result = bool;

    fn handle(&mut self, message: Correct, _ctx: &mut Self::Context) -> bool {
        if !(message.0)(&mut self.said) {
            return false;
        }
        // It is made of texts, numbers and switches: nothing that could not be written.
        let text = serde_json::to_string(&self.said).unwrap_or_default();
        self.keep(CORRECTIONS_STORED_AS, text);
        self.handle.correct(self.said.clone());
        self.is_stale = true;
        self.learn();
        true
    }
}

impl Handler<ForgetSite> for SiteActor {
    type Result = ();

    fn handle(&mut self, _message: ForgetSite, _ctx: &mut Self::Context) {
        self.waiting.clear();
        self.tape.clear();
        self.is_stale = false;
        self.is_unsaved = false;
        self.keep(STORED_AS, String::new());
        self.handle.forget();
        self.count();
    }
}

/// An observation as the site looks at it; `None` where a body cannot be read.
fn exchange(observation: &Observation, bytes_max: usize) -> Option<SiteExchange> {
    let sample = observation.sample.as_ref()?;
    let plain = |body: &Body| {
        let decoded = decode(body.content_encoding.as_deref(), &body.bytes, bytes_max);
        decoded.ok().map(std::borrow::Cow::into_owned)
    };
    let (sent, answered) = (plain(&sample.request_body)?, plain(&sample.response_body)?);
    let hosts = sample.request_headers.iter().filter(|(name, _)| is_host(name));
    let hosts: Vec<&[u8]> = hosts.map(|(_, value)| &value[..]).collect();
    let answered = own_address::learned(answered.into(), hosts.iter().copied());
    let answered = reading::in_utf_8(sample.response_body.content_type.as_deref(), answered);
    let elapsed_ms = i64::try_from(observation.total_us / 1_000).unwrap_or(0);
    let head = (&*observation.method, &*observation.path, &*sample.query);
    let sent_at_ms = observation.at_ms - elapsed_ms;
    let request = Request::read(head, texts(&sample.request_headers), &sent, sent_at_ms);
    let headers = texts(&sample.response_headers).into_iter();
    let headers = headers.map(|(name, value)| (name, own_address::learned_header(value, &hosts)));
    let headers = headers.collect();
    let mut read = SiteExchange::read(Arc::new(request), observation.status, headers, &answered);
    read.issued = account_credentials(&read.request, read.status);
    read.pace.is_endless = sample.response_body.is_endless;
    Some(read.paced(observation.first_byte_us, observation.total_us))
}

fn is_host(name: &str) -> bool {
    own_address::HOST_HEADERS.contains(&name)
}

fn texts(headers: &[(Box<str>, Bytes)]) -> Vec<(Box<str>, String)> {
    let text = |value: &Bytes| String::from_utf8_lossy(value).into_owned();
    headers.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}
