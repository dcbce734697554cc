//! One request of one consumer: what is known of it, and what is made of it.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::cause_finder::Subject;
use super::decide::{DecisionCase, StatusDecision};
use super::endpoint::EndpointKnowledge;
use super::learn::Site;
use super::note_asker::note_asker;
use crate::domain::outcome::Truths;
use crate::domain::random::seed::mix;
use crate::domain::variants::{Facts, RequestFeatures, VariantModel};
use crate::domain::world::pointer::{PointerStep, at, put_at};
use crate::domain::world::{
    Document, EntityKey, MessagePace, Request, Seen, SiteExchange, SitePlace, SiteTemplate, World,
    account_credentials, as_called, fingerprint,
};

/// One request of one consumer, about to be answered.
pub struct Turn<'t> {
    /// What is known of the backend.
    pub site: &'t Site,
    /// The consumer's world.
    pub world: &'t mut World,
    /// The request.
    pub request: Arc<Request>,
    /// Where it belongs.
    pub place: &'t Arc<SitePlace>,
    /// What is known of the endpoint.
    pub endpoint: &'t EndpointKnowledge,
    /// What holds for the request.
    pub truths: Truths,
    /// The moment of the answer, unix ms.
    pub now_ms: i64,
    /// State of the random numbers.
    pub seed: u64,
    /// Seed of what is the same for equal requests.
    pub process: u64,
    /// What the request says, where answers are chosen by it.
    pub asked: Option<Arc<AskedFacts>>,
}

/// What a request says, and what earlier ones did.
#[derive(Debug, Clone)]
pub struct AskedFacts {
    /// As a tree.
    pub facts: Facts,
    /// As places with values.
    pub features: RequestFeatures,
}

/// What keys the marks of requests that were asked for.
const AGAIN: u64 = 0x6167_6169_6e00_0001;

impl AskedFacts {
    /// Reads a request, and notes in the world that it was asked.
    pub(super) fn of(
        world: &mut World,
        request: &Request,
        place: &SitePlace,
        model: &VariantModel,
    ) -> Self {
        let mut facts = Facts::of(request, &place.template);
        facts.follow(world.memory.recall(request));
        let mut features = RequestFeatures::of(&facts);
        if !request.reads() || model.partition.minds_again() {
            let mark = mix(AGAIN, fingerprint(&[&place.to_string()]) ^ features.hash());
            if world.mark(mark).is_some() {
                facts.again();
                features = RequestFeatures::of(&facts);
            }
            world.set_mark(mark, None);
        }
        Self { facts, features }
    }
}

/// An answer of the site.
#[derive(Debug, Clone, Default)]
pub struct SiteAnswer {
    /// Headers that it sets, or takes away where there is no value.
    pub headers: Vec<(Box<str>, Option<String>)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// What they say.
    pub document: Option<Value>,
    /// Headers that it has where none of the name was drawn.
    pub offers: Vec<(Box<str>, String)>,
    /// Names of the headers that it has, where a drawn one of another name must go.
    pub keeps_only: Option<Arc<[Box<str>]>>,
    /// Lengths of its messages, where they come one after the other, and how.
    pub pieces: Vec<usize>,
    /// When they come.
    pub pace: MessagePace,
}

impl SiteAnswer {
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        self.headers.retain(|(known, _)| &**known != name);
        self.headers.push((name.into(), value));
    }
}

/// What was made of an exemplar for a request that went well.
pub(super) struct MadeAnswer {
    pub document: Value,
    pub key: Option<EntityKey>,
    pub object: Option<Map<String, Value>>,
    pub location: Option<String>,
    pub headers: Vec<(Box<str>, Option<String>)>,
}

impl MadeAnswer {
    pub(super) fn of(document: Value) -> Self {
        Self { document, key: None, object: None, location: None, headers: Vec::new() }
    }
}

impl<'t> Turn<'t> {
    /// Begins the turn of a request; `None` where its endpoint is not known.
    #[must_use]
    pub fn begin(
        site: &'t Site,
        world: &'t mut World,
        mut request: Request,
        now_ms: i64,
        seed: u64,
    ) -> Option<Self> {
        world.rebase(&site.base);
        site.read(world, &mut request);
        let (place, endpoint) = site.endpoint(&request)?;
        site.meet(world, place, &mut request);
        if !world.people.name(&mut request) {
            site.people.name(&mut request);
        }
        let subject = Subject { request: &request, place, training: None };
        let truths = site.truths(world, subject, endpoint);
        // With one seed, equal requests of one consumer still make different things.
        let (process, seed) = (seed, mix(seed, world.turn()));
        let model = endpoint.variants.as_deref();
        let asked = model.map(|model| Arc::new(AskedFacts::of(world, &request, place, model)));
        let request = Arc::new(request);
        Some(Self { site, world, request, place, endpoint, truths, now_ms, seed, process, asked })
    }

    /// Decides the status; `chance` is what the learned process of chance gives next.
    #[must_use]
    pub fn decide(&self, chance: u16) -> Option<StatusDecision> {
        if let Some(decided) = self.decide_items(chance) {
            return decided;
        }
        let decided = self.site.decide(&DecisionCase {
            place: self.place,
            endpoint: self.endpoint,
            request: &self.request,
            truths: &self.truths,
            chance,
            draw: mix(self.seed, 2),
        });
        if chance >= 500 || decided.as_ref().is_some_and(|decided| decided.is_reasoned) {
            return decided;
        }
        // What all requests of this kind were answered with is no chance.
        let by_kind = self
            .status_by_kind()
            .or_else(|| self.status_of_call())
            .map(|status| StatusDecision { status, reason: "variant".into(), is_reasoned: true });
        by_kind.or(decided)
    }
}

impl Turn<'_> {
    /// The status of a procedure that names no item, where it always had the same: beside those
    /// that do it would drown among theirs.
    fn status_of_call(&self) -> Option<u16> {
        let calls = &self.site.resources.calls;
        let is_other = |segment: &String| as_called(segment) != segment.as_str();
        if calls.is_empty() || !self.request.segments.iter().any(is_other) {
            return None;
        }
        let mut statuses = self.endpoint.statuses.iter();
        let (status, _) = statuses.next()?;
        statuses.next().is_none().then_some(*status)
    }

    /// A random number.
    pub(super) fn random(&mut self) -> u64 {
        self.seed = mix(self.seed, 1);
        self.seed
    }

    /// The template of the items that this endpoint is about.
    pub(super) fn item_template(&self) -> Option<&SiteTemplate> {
        let resources = &self.site.resources;
        let made = resources.makes.get(self.place).map(|make| &make.item);
        let own = resources.items.contains_key(&self.place.template);
        made.or_else(|| own.then_some(&self.place.template))
    }

    /// Takes in the answer as sent: from now on it is true for this consumer.
    ///
    /// A reading whose status a person forced is no evidence of anything: with the word taken back,
    /// the reason holds again.
    pub fn observe(&mut self, status: u16, headers: Vec<(Box<str>, String)>, answer: &SiteAnswer) {
        let is_forced =
            self.endpoint.forced.iter().any(|(number, _)| self.truths.contains(*number));
        if is_forced && self.request.reads() {
            return;
        }
        let body = answer.document.clone().map_or(Document::None, Document::Json);
        let exchange = SiteExchange {
            request: Arc::clone(&self.request),
            status,
            headers,
            bytes: answer.body.as_slice().into(),
            body,
            issued: account_credentials(&self.request, status),
            is_veiled: false,
            pace: MessagePace::default(),
        };
        if self.site.remembers {
            self.world.memory.note(&exchange);
        }
        let seen = Seen { exchange: Arc::new(exchange), place: Arc::clone(self.place) };
        self.world.observe(&self.site.resources, &seen, false);
        note_asker(&self.site.resources, self.world, Some(&self.site.veil), &seen);
    }

    /// Puts an object where the entity stands in a document.
    pub(super) fn placed(
        document: Value,
        envelope: &[PointerStep],
        object: Map<String, Value>,
    ) -> Value {
        if envelope.is_empty() || at(&document, envelope).is_some() {
            put_at(document, envelope, Value::Object(object))
        } else {
            Value::Object(object)
        }
    }
}
