//! Learns a site from its tape: one pass after the other, each over all exchanges.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::accepted::Accepted;
use super::cause_finder::{CauseFinder, Subject};
use super::compound::Compound;
use super::corrections::{ReasonCorrection, ReasonRule, SiteCorrections};
use super::decided_values::{DecidedValue, decided_values};
use super::digest_headers::DigestHeaders;
use super::endpoint::{Answers, EndpointKnowledge, Exemplar};
use super::expansion::{Expansion, learn_expansions};
use super::find_resources::find_resources;
use super::induce::{Pooled, induce};
use super::learn_lists::{learn_lists, learn_selections, learn_visibility};
use super::query_causes::is_beyond;
use super::query_causes::query_document;
use super::refusal_frame::RefusalFrame;
use super::replies;
use super::snapshot::Snapshot;
use super::sources;
use super::unsent::Unsent;
use super::uploads::Uploads;
use super::veil::Veil;
use super::walk::{Walk, walk};
use crate::domain::outcome::{Cause, Causes, Truths};
use crate::domain::world::pointer::{leaves, members};
use crate::domain::world::{
    Layer, MemberDefault, People, Resources, Seen, SiteExchange, SitePlace, SiteTemplate, World,
    by_place, fingerprint,
};

/// Recorded answers of one endpoint and status over which sources are voted.
const VOTING_MAX: usize = 300;

/// Recorded answers of one endpoint and status that are kept as patterns.
const EXEMPLARS_MAX: usize = 48;

/// Everything learned of a backend; immutable.
#[derive(Debug, Default)]
pub struct Site {
    /// Its resources.
    pub resources: Resources,
    /// Its endpoints.
    pub endpoints: FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    /// The numbering of truths.
    pub causes: Causes,
    /// What all consumers share.
    pub base: Arc<Layer>,
    /// What truths meant at other endpoints.
    pub(super) pooled: Pooled,
    /// What may be shown of what was seen.
    pub veil: Veil,
    /// Whether answers hold what earlier requests of the same consumer said.
    pub remembers: bool,
    /// Objects that stand beside others.
    pub(super) compound: Compound,
    /// Headers that are digests of bodies.
    pub digest_headers: DigestHeaders,
    /// Whose the credentials are.
    pub(super) people: People,
    /// Where files are uploaded and downloaded again.
    pub(super) uploads: Uploads,
    /// What parameters add to items, by their kind.
    pub(super) expansions: FxHashMap<SiteTemplate, Vec<Expansion>>,
}

impl Site {
    /// Learns from exchanges in the order of time; `key` keys the stand-ins for private values.
    #[must_use]
    pub fn learn(exchanges: &[Arc<SiteExchange>], key: u64, said: &SiteCorrections) -> Self {
        let (mut resources, whole, seen) = find_resources(exchanges, said);
        let mut endpoints = bodies(&resources, &seen);
        let keeping = endpoints.iter().filter(|(_, endpoint)| endpoint.unsent.merges);
        resources.keeping = keeping.map(|(place, _)| Arc::clone(place)).collect();
        let mut causes = Causes::default();
        let Walk { mut truths, mut snapshots, owners, world } =
            walk(&mut resources, &endpoints, &mut causes, &seen);
        learn_visibility(&resources, &mut endpoints, &seen, (&mut snapshots, &owners));
        learn_lists(&resources, &mut endpoints, &seen, &snapshots);
        learn_selections(&resources, &mut endpoints, &seen);
        if let Some(beyond) = causes.number(Cause::PageBeyond) {
            tell_pages_beyond(beyond, (&resources, &endpoints), (&seen, &snapshots), &mut truths);
        }
        // An item of a batch is no evidence beside its batch.
        let sampled = replies::sampled(&whole);
        let veil = Veil::learn(&resources, &whole, replies::service_words(&sampled), key);
        correct_reasons(&mut endpoints, (&resources, &causes, &veil), &said.reasons);
        for rule in endpoints.values_mut().filter_map(|endpoint| endpoint.visibility.as_mut()) {
            rule.put_behind(&veil);
        }
        let pooled = induce(&mut endpoints, &causes, &seen, &truths);
        let people = world.people.clone();
        learn_answers((&resources, &world), &mut endpoints, (&seen, &truths, &causes), &veil);
        let expansions = learn_expansions(&resources, &world, &seen);
        let base = Arc::new(veil.layer(&resources, world.into_own()));
        let remembers = remember(&endpoints);
        let compound = Compound::learn(&seen, &veil);
        let uploads = Uploads::learn(&whole);
        let digest_headers = DigestHeaders::learn(&whole);
        let mut site = Self {
            resources,
            endpoints,
            causes,
            base,
            pooled,
            veil,
            remembers,
            compound,
            digest_headers,
            people,
            uploads,
            expansions,
        };
        site.learn_replies(sampled);
        site.veil_ranges();
        site.attend(&whole);
        site
    }

    /// What only learning needs is forgotten; ranges of ids and words that are counted are held as
    /// entities are.
    fn veil_ranges(&mut self) {
        let dense = std::mem::take(&mut self.resources.dense);
        let shown = |(collection, range): (Box<str>, (u64, u64))| {
            (self.veil.collection(&self.resources, &collection), range)
        };
        self.resources.dense = dense.into_iter().map(shown).collect();
        let veil = &self.veil;
        let told = self.resources.tallies.values_mut().flatten();
        for (name, value) in told.filter_map(|(_, tally)| tally.with.as_mut()) {
            let one: Map<String, Value> = [(name.to_string(), value.take())].into_iter().collect();
            *value =
                veil.object(&one).into_iter().map(|(_, value)| value).next().unwrap_or_default();
        }
        let programs = self.endpoints.values_mut().filter_map(|known| known.program.as_mut());
        for usual in programs.filter_map(|program| program.usual.as_mut()) {
            usual.show(|members| veil.object(members));
        }
        for (name, default) in self.resources.defaults.values_mut().flatten() {
            let show = |value: Value| {
                let one: Map<String, Value> = [(name.to_string(), value)].into_iter().collect();
                veil.object(&one).into_iter().map(|(_, value)| value).next().unwrap_or_default()
            };
            let held = std::mem::replace(default, MemberDefault::Constant(Value::Null));
            *default = held.shown(show);
        }
        self.resources.seeded.clear();
        self.resources.shown_by.clear();
    }

    /// Marks the endpoints whose mocks look at the world of their consumer: those with reasons or
    /// entities, those that issue credentials, and where anything has a reason, all writes.
    fn attend(&mut self, seen: &[Seen]) {
        let used: FxHashSet<u64> = seen
            .iter()
            .filter_map(|one| one.exchange.request.credential.as_ref())
            .map(|sent| sent.token)
            .collect();
        let mut issuing: FxHashSet<&Arc<SitePlace>> = FxHashSet::default();
        for one in seen.iter().filter(|one| one.exchange.is_ok()) {
            let issues = |document: &Value| {
                leaves(document)
                    .iter()
                    .filter_map(|(_, value)| value.as_str())
                    .any(|text| used.contains(&fingerprint(&[text])))
            };
            if !used.is_empty() && one.exchange.json().is_some_and(issues) {
                issuing.insert(&one.place);
            }
        }
        let explains = self.endpoints.values().any(EndpointKnowledge::is_explained);
        let mut attended: Vec<(Arc<SitePlace>, bool, bool)> = Vec::new();
        for (place, endpoint) in &self.endpoints {
            let issues = issuing.contains(place);
            let writes = explains && !matches!(&*place.method, "GET" | "HEAD" | "OPTIONS");
            let acts = issues || writes || self.engages(place, endpoint);
            attended.push((Arc::clone(place), issues, acts));
        }
        for (place, issues, acts) in attended {
            if let Some(endpoint) = self.endpoints.get_mut(&place) {
                let tells = endpoint.variants.is_some() || self.remembers;
                let tells = tells || self.uploads.concern(&place);
                (endpoint.issues, endpoint.attends) = (issues, acts || tells);
                endpoint.is_drawn = !acts;
            }
        }
    }

    /// How a truth is named outside: `X-Mock-Reason`, the admin. Values in it are stand-ins where
    /// they are somebody's.
    #[must_use]
    pub fn slug(&self, number: u16) -> Option<String> {
        Some(self.veil.cause(self.causes.get(number)?).slug())
    }

    /// The truths about a request in a world.
    #[must_use]
    pub fn truths(
        &self,
        world: &World,
        subject: Subject<'_>,
        endpoint: &EndpointKnowledge,
    ) -> Truths {
        let mut truths = Truths::default();
        let veil = Some(&self.veil);
        let view = CauseFinder { resources: &self.resources, endpoint, world, veil };
        view.truths(subject, &mut |cause| {
            if let Some(number) = self.causes.find(&cause) {
                truths.insert(number);
            }
        });
        truths
    }
}

/// Adds to the truths of requests for pages that they lie behind the last one.
fn tell_pages_beyond(
    beyond: u16,
    (resources, endpoints): (&Resources, &FxHashMap<Arc<SitePlace>, EndpointKnowledge>),
    (seen, snapshots): (&[Seen], &FxHashMap<u32, Snapshot>),
    truths: &mut [Truths],
) {
    for (number, one) in seen.iter().enumerate() {
        let program = endpoints.get(&one.place).and_then(|known| known.program.as_ref());
        let listed = resources.lists.get(&one.place).zip(snapshots.get(&(number as u32)));
        let (Some(program), Some((listing, rows))) = (program, listed) else { continue };
        let request = &one.exchange.request;
        let subject = Subject { request, place: &one.place, training: None };
        if program.is_paged(request) && is_beyond(program, subject, listing, rows) {
            truths[number].insert(beyond);
        }
    }
}

/// Whether any answer holds what an earlier request of its consumer said.
fn remember(endpoints: &FxHashMap<Arc<SitePlace>, EndpointKnowledge>) -> bool {
    let answers = endpoints.values().flat_map(|endpoint| endpoint.answers.values());
    let is_earlier = |source: &sources::Source| matches!(source, sources::Source::Earlier(_));
    answers.flat_map(|answers| answers.sources.values()).any(is_earlier)
}

/// Marks the reasons that people forbade or forced.
fn correct_reasons(
    endpoints: &mut FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    (resources, causes, veil): (&Resources, &Causes, &Veil),
    said: &[ReasonCorrection],
) {
    for (place, endpoint) in endpoints {
        let shown = resources.shown_place(place);
        for correction in said.iter().filter(|one| one.is_about(&shown)) {
            let named = causes
                .numbered()
                .filter(|(_, cause)| veil.cause(cause).slug() == correction.reason);
            for (number, _) in named {
                match correction.rule {
                    ReasonRule::Forbid => endpoint.forbidden.push(number),
                    ReasonRule::Force { status } => endpoint.forced.push((number, status)),
                }
            }
        }
    }
}

/// What accepted bodies have in common, and which refusals confirm what.
fn bodies(resources: &Resources, seen: &[Seen]) -> FxHashMap<Arc<SitePlace>, EndpointKnowledge> {
    let mut endpoints: FxHashMap<Arc<SitePlace>, EndpointKnowledge> = FxHashMap::default();
    let frame = RefusalFrame::learn(seen);
    for (place, own) in by_place(seen) {
        let mut accepted = Accepted::default();
        let mut accepted_query = Accepted::default();
        let mut endpoint = EndpointKnowledge { size: own.len() as u32, ..Default::default() };
        for one in &own {
            let request = &one.exchange.request;
            if let Some(body) = request.body.tree().filter(|_| one.exchange.is_ok()) {
                accepted.observe(body);
            }
            if let Some(query) = query_document(request).filter(|_| one.exchange.is_ok()) {
                accepted_query.observe(&query);
            }
            for (name, value) in &request.query {
                endpoint.query_words.observe(name, value);
                if one.exchange.is_ok() {
                    endpoint.query_words.accept(name, value);
                }
            }
        }
        for one in own.iter().filter(|one| is_about_body(&one.exchange)) {
            let request = &one.exchange.request;
            if let Some(body) = request.body.tree() {
                accepted.confirm(&one.exchange, body, &frame);
            }
            if let Some(query) = query_document(request) {
                accepted_query.confirm(&one.exchange, &query, &frame);
            }
            for (name, value) in &request.query {
                endpoint.query_words.refuse(name, value);
            }
        }
        endpoint.accepted = accepted;
        endpoint.accepted_query = accepted_query;
        let names = resources.references.keys().chain(resources.named_by.keys());
        endpoint.has_references = names.map(|(of, _)| of).any(|of| *of == place);
        endpoint.unsent = Unsent::learn(resources, &place, seen);
        endpoints.insert(place, endpoint);
    }
    endpoints
}

/// Whether a refusal may be about the body: one of who asks, of the method, of conditions, of the
/// media type or of the rate is not (RFC 9110, section 15.5; RFC 6585).
fn is_about_body(exchange: &SiteExchange) -> bool {
    match exchange.status {
        401 => exchange.request.credential.is_none(),
        405 | 406 | 412 | 415 | 416 | 417 | 428 | 429 => false,
        status => (400..500).contains(&status),
    }
}

fn learn_answers(
    (resources, world): (&Resources, &World),
    endpoints: &mut FxHashMap<Arc<SitePlace>, EndpointKnowledge>,
    (seen, truths, causes): (&[Seen], &[Truths], &Causes),
    veil: &Veil,
) {
    for endpoint in endpoints.values_mut() {
        endpoint.unsent.resets = veil.object(&endpoint.unsent.resets);
    }
    let earlier = replies::earlier(seen);
    let mut groups: FxHashMap<(&Arc<SitePlace>, u16), Vec<u32>> = FxHashMap::default();
    for (number, one) in seen.iter().enumerate() {
        groups.entry((&one.place, one.exchange.status)).or_default().push(number as u32);
    }
    for ((place, status), numbers) in groups {
        let Some(endpoint) = endpoints.get_mut(place) else { continue };
        let newest = &numbers[numbers.len().saturating_sub(VOTING_MAX)..];
        let own: Vec<&Seen> = newest.iter().map(|n| &seen[*n as usize]).collect();
        let told: Vec<(&Seen, Option<&Value>)> =
            newest.iter().map(|n| (&seen[*n as usize], earlier[*n as usize].as_ref())).collect();
        if let Some(make) = resources.makes.get(place).filter(|_| (200..300).contains(&status)) {
            let shows = |one: &&Seen| {
                resources.entity(&make.item, one.exchange.json(), None).is_some_and(|o| o.len() > 1)
            };
            endpoint.shows_made = own.iter().all(shows);
        }
        let answers = Answers {
            sources: sources::find(place, (resources, world), &told),
            echoed: echoed(resources, place, &own),
            exemplars: exemplars(endpoint, (seen, truths), newest, &place.template, veil),
            decided: decided(resources, (place, status), (&own, newest, truths), causes)
                .into_iter()
                .map(|decided| decided.shown(|value| veil.document(value)))
                .collect(),
        };
        endpoint.answers.insert(status, answers);
    }
}

/// Values of answers that truths decide, where answers are not made of entities.
fn decided(
    resources: &Resources,
    (place, status): (&Arc<SitePlace>, u16),
    (own, newest, truths): (&[&Seen], &[u32], &[Truths]),
    causes: &Causes,
) -> Vec<DecidedValue> {
    let is_made = resources.lists.contains_key(place) || resources.makes.contains_key(place);
    let shows = own
        .iter()
        .any(|one| resources.entity(&one.place.template, one.exchange.json(), None).is_some());
    if is_made || shows || !(200..300).contains(&status) {
        return Vec::new();
    }
    let truths: Vec<&Truths> = newest.iter().map(|n| &truths[*n as usize]).collect();
    decided_values(own, &truths, causes)
}

/// The newest recorded answers, one for each leaf, truths and shape of the request.
fn exemplars(
    endpoint: &EndpointKnowledge,
    (seen, truths): (&[Seen], &[Truths]),
    newest: &[u32],
    template: &SiteTemplate,
    veil: &Veil,
) -> Vec<Exemplar> {
    let mut kept: Vec<Exemplar> = Vec::new();
    for &number in newest.iter().rev() {
        let (one, truths) = (&seen[number as usize], &truths[number as usize]);
        let body = one.exchange.request.body.json();
        let shape: FxHashSet<_> =
            body.map(members).unwrap_or_default().into_iter().map(|(place, _)| place).collect();
        let leaf = endpoint.reasons.as_ref().map_or(0, |tree| tree.leaf(truths).1);
        let is_known =
            |old: &Exemplar| old.leaf == leaf && old.truths == *truths && old.shape == shape;
        // A leaf without any comes in still: its answers are of their own kind.
        let is_full = kept.len() >= EXEMPLARS_MAX
            && (kept.len() >= 2 * EXEMPLARS_MAX || kept.iter().any(|old| old.leaf == leaf));
        if is_full || kept.iter().any(is_known) {
            continue;
        }
        let Some(exchange) = veil.pattern(&one.exchange, template) else { continue };
        let exchange = Arc::new(exchange);
        let target = fingerprint(&[&one.exchange.request.target]);
        kept.push(Exemplar { exchange, truths: truths.clone(), leaf, shape, number, target });
    }
    kept.reverse();
    kept
}

/// Members that were sent to a creation or another write and came back, with whether they mostly
/// did; what comes back as null does not.
fn echoed(
    resources: &Resources,
    place: &Arc<SitePlace>,
    own: &[&Seen],
) -> FxHashMap<Box<str>, bool> {
    let made = resources.makes.get(place).map(|make| &make.item);
    let Some(item) = made.or_else(|| resources.is_about_item(place).then_some(&place.template))
    else {
        return FxHashMap::default();
    };
    let mut counts: FxHashMap<Box<str>, (u32, u32)> = FxHashMap::default();
    for one in own {
        let sent = resources.sent(place, &one.exchange.request.body);
        let shown = resources.entity(item, one.exchange.json(), None);
        let (Some(sent), Some(shown)) = (sent, shown) else { continue };
        for (name, value) in sent {
            let counts = counts.entry(name.as_str().into()).or_default();
            let back = shown.get(name).is_some_and(|back| value.is_null() || !back.is_null());
            *(if back { &mut counts.0 } else { &mut counts.1 }) += 1;
        }
    }
    counts.into_iter().map(|(name, (back, lost))| (name, back > lost)).collect()
}
