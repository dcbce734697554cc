//! The owner of the tape: records, learns when it has paused, publishes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use arc_swap::ArcSwap;
use bytes::Bytes;

use super::SiteHandle;
use crate::domain::content_coding::decode;
use crate::domain::endpoint::{Body, Observation};
use crate::domain::site::{Site, Tape, TapeLimits, stored_tape};
use crate::domain::world::{Request, SiteExchange};
use crate::runtime::catalog::Catalog;
use crate::runtime::persistence::PersistenceHandle;
use crate::runtime::persistence::pending_writes::PendingWrite;

/// The name under which the tape is stored.
pub const STORED_AS: &str = "site_tape";

/// Pause between two saves that nobody asked for: the tape is one text of up to 4 MiB.
const SAVE_PAUSE: Duration = Duration::from_secs(60);

/// Batches that may wait; each is what one drain of the directory brought.
const MAILBOX_MAX: usize = 256;

/// Shortest pause between two rounds of learning.
const PAUSE_MIN: Duration = Duration::from_secs(2);

/// The pause is this many times as long as learning took, so that it takes a twentieth of a core.
const PAUSE_PER_COST: u32 = 20;

/// Records exchanges.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Record(pub Vec<Observation>);

/// Learns what was recorded, now.
#[derive(Message)]
#[rtype(result = "()")]
pub struct LearnSite;

/// Forgets everything.
#[derive(Message)]
#[rtype(result = "()")]
pub struct ForgetSite;

/// The owner of a site's tape.
pub struct SiteActor {
    handle: SiteHandle,
    tape: Tape,
    limits: TapeLimits,
    key: u64,
    is_stale: bool,
    is_scheduled: bool,
    is_unsaved: bool,
    persistence: PersistenceHandle,
    catalog: Arc<ArcSwap<Catalog>>,
    cost: Duration,
}

impl SiteActor {
    /// An owner that publishes by `handle`; `key` keys the stand-ins for private values.
    #[must_use]
    pub fn new(
        handle: SiteHandle,
        (limits, key): (TapeLimits, u64),
        persistence: PersistenceHandle,
        catalog: Arc<ArcSwap<Catalog>>,
    ) -> Self {
        Self {
            handle,
            tape: Tape::new(limits),
            is_unsaved: false,
            persistence,
            catalog,
            limits,
            key,
            is_stale: false,
            is_scheduled: false,
            cost: Duration::ZERO,
        }
    }

    /// Reads a stored tape back and learns it, so that the first request finds what was known.
    pub fn restore(&mut self, text: &str) {
        let (exchanges, unread) = stored_tape::read(text);
        if unread > 0 {
            log::warn!("{unread} stored exchanges could not be read and were skipped");
        }
        self.is_stale = !exchanges.is_empty();
        exchanges.into_iter().for_each(|exchange| self.tape.record(exchange));
        self.learn();
        self.is_unsaved = false;
    }

    /// Hands the tape to the persistence, behind the veil of what is known now.
    fn save(&mut self) {
        if std::mem::take(&mut self.is_unsaved) {
            let catalog = self.catalog.load();
            let literals = |path: &str| {
                let place = catalog.identify(path);
                let template = place.template.as_str().trim_matches('/');
                let literal = |segment: &str| !segment.contains('{');
                place.is_learned().then(|| template.split('/').map(literal).collect())
            };
            let text = stored_tape::write(&self.handle.site(), &self.tape, literals);
            self.persistence.write(PendingWrite::Setting(STORED_AS, text));
        }
    }

    fn learn(&mut self) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        self.is_unsaved = true;
        let began = Instant::now();
        let exchanges = self.tape.exchanges();
        let key = self.key;
        // Odd traffic must not end learning: what was published stays.
        match catch_unwind(AssertUnwindSafe(|| Site::learn(&exchanges, key))) {
            Ok(site) => self.handle.publish(site),
            Err(_panic) => log::error!("the site could not be learned; what was known stays"),
        }
        self.cost = began.elapsed();
    }
}

impl Actor for SiteActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_MAX);
        ctx.run_interval(SAVE_PAUSE, |actor, _ctx| actor.save());
    }
}

impl Handler<Record> for SiteActor {
    type Result = ();

    fn handle(&mut self, message: Record, ctx: &mut Self::Context) {
        for observation in message.0 {
            if let Some(exchange) = exchange(observation, self.limits.body_bytes_max) {
                self.tape.record(exchange);
                self.is_stale = true;
            }
        }
        if self.is_stale && !self.is_scheduled {
            self.is_scheduled = true;
            ctx.run_later(PAUSE_MIN.max(self.cost * PAUSE_PER_COST), |actor, _ctx| {
                actor.is_scheduled = false;
                actor.learn();
            });
        }
    }
}

impl Handler<LearnSite> for SiteActor {
    type Result = ();

    fn handle(&mut self, _message: LearnSite, _ctx: &mut Self::Context) {
        self.learn();
        self.save();
    }
}

impl Handler<ForgetSite> for SiteActor {
    type Result = ();

    fn handle(&mut self, _message: ForgetSite, _ctx: &mut Self::Context) {
        self.tape.clear();
        self.is_stale = false;
        self.is_unsaved = false;
        self.persistence.write(PendingWrite::Setting(STORED_AS, String::new()));
        self.handle.forget();
    }
}

/// An observation as the site looks at it; `None` where a body cannot be read.
fn exchange(observation: Observation, bytes_max: usize) -> Option<SiteExchange> {
    let sample = observation.sample?;
    let plain = |body: &Body| {
        let decoded = decode(body.content_encoding.as_deref(), &body.bytes, bytes_max);
        decoded.ok().map(std::borrow::Cow::into_owned)
    };
    let (sent, answered) = (plain(&sample.request_body)?, plain(&sample.response_body)?);
    let elapsed_ms = i64::try_from(observation.total_us / 1_000).unwrap_or(0);
    let head = (&*observation.method, &*observation.path, &*sample.query);
    let sent_at_ms = observation.at_ms - elapsed_ms;
    let request = Request::read(head, texts(&sample.request_headers), &sent, sent_at_ms);
    let headers = texts(&sample.response_headers);
    let read = SiteExchange::read(Arc::new(request), observation.status, headers, &answered);
    Some(read.hostless().paced(observation.first_byte_us, observation.total_us))
}

fn texts(headers: &[(Box<str>, Bytes)]) -> Vec<(Box<str>, String)> {
    let text = |value: &Bytes| String::from_utf8_lossy(value).into_owned();
    headers.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}
