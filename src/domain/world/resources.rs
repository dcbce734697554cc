//! The resources of a site: which paths are items, what creates and lists them, and their parts.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::batch::WriteBatch;
use super::call::{Call, as_called};
use super::clock_member::ClockMember;
use super::computation::{Computation, Tally};
use super::entity::EntityKey;
use super::form::TextForm;
use super::group_number::GroupNumber;
use super::item_mask::ItemMasks;
use super::list_resource::ListResource;
use super::member_default::MemberDefault;
use super::merging::Merging;
use super::message::{Document, Request, SiteExchange};
use super::own_path::OwnPath;
use super::part_view::{EmbeddedRows, PartView};
use super::placement::Placement;
use super::pointer::{Pointer, as_segment, at, is_written};
use super::second_name::SecondName;
use super::site_place::SitePlace;
use super::sweep::Sweep;
use super::template::{SiteTemplate, SiteTemplates};

/// Stands for an id where the path alone matters: no template has it as a literal.
pub const NO_ID: &str = "\u{1f}";

/// An item's template: how its entity stands in answers.
#[derive(Debug, Clone, Default)]
pub struct Item {
    /// Where the entity stands in an answer.
    pub envelope: Pointer,
    /// The member that is the last segment of the path.
    pub id: Option<Box<str>>,
    /// Kinds of ids that were accepted.
    pub looks: FxHashSet<(TextForm, bool)>,
    /// Members that change by a DELETE after which the item stays readable; `None` is its moment.
    pub soft_deletion: Option<Vec<(Box<str>, Option<Value>)>>,
    /// Members that become the moment of such a DELETE where they lie ahead of it.
    pub brought_forward: Vec<Box<str>>,
    /// Members that follow the clock.
    pub clocks: Vec<ClockMember>,
    /// Members that every write changes by itself.
    pub versions: Vec<Box<str>>,
    /// Those of them that are one higher after each write: `3` after `2`, `3-7f…` after `2-c0…`.
    pub raised: Vec<Box<str>>,
    /// Members that writes leave as they are where they do not name them.
    pub steady: FxHashSet<Box<str>>,
    /// The highest id that was given, where one counter serves all collections of such items.
    pub counter: Option<u64>,
    /// Members that most readings have.
    pub common: FxHashSet<Box<str>>,
    /// Members that writes name by an id.
    pub placed: Vec<Placement>,
    /// Members that are computed, and how.
    pub derived: Vec<(Box<str>, Computation)>,
    /// Arrays of rows of another kind.
    pub embedded: Vec<(Box<str>, EmbeddedRows)>,
    /// Members that count items within something.
    pub numbered: Vec<GroupNumber>,
    /// Members that count what lies below the item, with the template of that.
    pub counts: Vec<(Box<str>, SiteTemplate)>,
    /// Whether no path addresses it: lists alone show it.
    pub is_unaddressed: bool,
    /// Whether, though no path addresses it, paths below such a one act on it.
    pub is_acted_on: bool,
}

impl Item {
    /// Whether it shows something of what lies below it or names it.
    #[must_use]
    pub fn shows_below(&self) -> bool {
        !self.counts.is_empty() || !self.embedded.is_empty()
    }
}

/// Where the id of what was created stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdPlace {
    /// A place in the answer.
    Body(Pointer),
    /// The last segment of `Location`.
    Location,
    /// A place in the body of the request: the client chooses it, and the answer does not say it.
    Sent(Pointer),
}

/// What an endpoint creates.
#[derive(Debug, Clone)]
pub struct Make {
    /// Template of the items.
    pub item: SiteTemplate,
    /// Where the new id stands in the answer.
    pub id: IdPlace,
    /// Where the body of a request may choose it.
    pub given: Option<Pointer>,
    /// The member of the body by which what is there already is found: whoever sends it again
    /// changes that, and makes nothing new.
    pub same: Option<Box<str>>,
}

/// The members of a row that is nothing but an id.
static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

/// Where a member comes from that the answer to a write does not show.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberSource {
    /// From the request, as sent.
    Sent,
    /// It stays as it was.
    Kept,
    /// From a place in the answer.
    Answer(Pointer),
    /// The last segment of the path.
    Segment,
    /// The moment of the write.
    Now,
    /// The same for all.
    Constant(Value),
}

/// An answer that shows the entity whose credential asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnView {
    /// Template of the entities.
    pub item: SiteTemplate,
    /// Where its id stands in the answer that issued the credential.
    pub id: Pointer,
}

/// Everything known of the resources of a site; immutable once learned.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    /// Paths of the site.
    pub templates: SiteTemplates,
    /// Items by their template.
    pub items: FxHashMap<SiteTemplate, Item>,
    /// Kinds of items that have an address elsewhere, with the kind that they are there.
    pub aliases: FxHashMap<SiteTemplate, SiteTemplate>,
    /// What creates.
    pub makes: FxHashMap<Arc<SitePlace>, Make>,
    /// What acts on an item from below its path: segments of the item's path.
    pub actions: FxHashMap<Arc<SitePlace>, usize>,
    /// Actions after which the item is gone.
    pub removers: FxHashSet<Arc<SitePlace>>,
    /// What writes several at once.
    pub batches: FxHashMap<Arc<SitePlace>, WriteBatch>,
    /// What deletes rows of lists.
    pub sweeps: FxHashMap<Arc<SitePlace>, Sweep>,
    /// What lists.
    pub lists: FxHashMap<Arc<SitePlace>, ListResource>,
    /// Members of request bodies that name items, by endpoint.
    pub references: FxHashMap<(Arc<SitePlace>, Pointer), SiteTemplate>,
    /// Members of request bodies that name items by what a member of theirs holds, by endpoint.
    pub named_by: FxHashMap<(Arc<SitePlace>, Pointer), (SiteTemplate, Box<str>)>,
    /// Members that hold the id of whoever an item belongs to.
    pub owners: FxHashMap<SiteTemplate, Box<str>>,
    /// Paths at which whoever asks finds their own entity.
    pub own_paths: Vec<OwnPath>,
    /// Paths that are called as procedures.
    pub calls: Vec<Call>,
    /// Items that paths name in two ways.
    pub second_names: Vec<SecondName>,
    /// Members of bodies that have one text in all of an endpoint's requests.
    pub constants: FxHashMap<Arc<SitePlace>, Vec<Pointer>>,
    /// Answers that show the entity of who asks.
    pub own_views: FxHashMap<Arc<SitePlace>, OwnView>,
    /// Where the entity stands in the body of a write.
    pub sent_envelopes: FxHashMap<Arc<SitePlace>, Pointer>,
    /// Writes whose answer shows a part of the entity only.
    pub partial: FxHashSet<Arc<SitePlace>>,
    /// PUTs that leave what they do not name.
    pub keeping: FxHashSet<Arc<SitePlace>>,
    /// Lists whose rows show something else than the entity.
    pub views: FxHashSet<Arc<SitePlace>>,
    /// Parameters that hide members of items.
    pub masks: ItemMasks,
    /// Writes that move an item to another id.
    pub movers: FxHashSet<Arc<SitePlace>>,
    /// Members that writes merge into what is there, by endpoint.
    pub merges: FxHashMap<Arc<SitePlace>, Vec<(Box<str>, Merging)>>,
    /// What readings below an item show of it, by their path, with the number of segments of the
    /// item's.
    pub part_views: FxHashMap<SiteTemplate, (usize, PartView)>,
    /// Numbers of answers that count entities.
    pub tallies: FxHashMap<Arc<SitePlace>, Vec<(Pointer, Tally)>>,
    /// Kinds whose entities go with one of another kind that they name: that kind, theirs, the
    /// member.
    pub cascades: Vec<(SiteTemplate, SiteTemplate, Box<str>)>,
    /// Members of the entity that is read after a write, by endpoint.
    pub constructors: FxHashMap<Arc<SitePlace>, Vec<(Box<str>, MemberSource)>>,
    /// Members of what an endpoint makes that neither the request nor the answer says.
    pub defaults: FxHashMap<Arc<SitePlace>, Vec<(Box<str>, MemberDefault)>>,
    /// Ranges of numeric ids without gaps, by collection.
    pub dense: FxHashMap<Box<str>, (u64, u64)>,
    /// Endpoints that refuse credentials.
    pub guarded: FxHashSet<Arc<SitePlace>>,
    /// Endpoints after which the credential that asked is refused: logouts.
    pub revokers: FxHashSet<Arc<SitePlace>>,
    /// Who asks often, where those are few: they may differ in what they may do.
    pub askers: Vec<u64>,
    /// Whether answers that issue credentials say words of who gets them.
    pub askers_told: bool,
    /// Exchanges that show an entity, up to three.
    pub shown_by: FxHashMap<EntityKey, smallvec::SmallVec<[u32; 3]>>,
    /// Entities that were there before anybody wrote.
    pub seeded: FxHashSet<EntityKey>,
}

impl Resources {
    /// Whether requests to a place are about the item that its path addresses.
    #[must_use]
    pub fn is_about_item(&self, place: &SitePlace) -> bool {
        self.items.contains_key(&place.template)
            && !self.makes.contains_key(place)
            && !self.lists.contains_key(place)
    }

    /// The segments of a request as they are read, where the path leads whoever asks to their own.
    #[must_use]
    pub fn read_own(&self, segments: &[String], id: Option<&str>) -> Option<Vec<String>> {
        self.own_paths.iter().find_map(|own| own.segments(segments, id))
    }

    /// The call that a method on a path is.
    #[must_use]
    pub fn call(&self, method: &str, segments: &[String]) -> Option<&Call> {
        self.calls.iter().find(|call| call.is_called(method, segments))
    }

    /// A place as it is asked for, where it is read as another one.
    #[must_use]
    pub fn shown_place<'p>(&self, place: &'p SitePlace) -> Cow<'p, SitePlace> {
        let is_called = |call: &&Call| {
            *call.read_method() == *place.method
                && self.templates.of(&call.segments(NO_ID)) == place.template
        };
        if let Some(call) = self.calls.iter().find(is_called) {
            let path = call.path.iter().map(|segment| Some(segment.as_str().into()));
            let template = SiteTemplate(path.collect());
            return Cow::Owned(SitePlace { method: call.method.clone(), template });
        }
        let segments = place.template.0.iter();
        if segments.flatten().any(|segment| as_called(segment) != &**segment) {
            let own = |segment: &Option<Box<str>>| segment.as_deref().map(|s| as_called(s).into());
            let template = SiteTemplate(place.template.0.iter().map(own).collect());
            return Cow::Owned(SitePlace { method: place.method.clone(), template });
        }
        match self.own_paths.iter().find_map(|own| own.shown(&place.template)) {
            Some(template) => Cow::Owned(SitePlace { method: place.method.clone(), template }),
            None => Cow::Borrowed(place),
        }
    }

    /// The strings of a body that are not the same in all of its endpoint's requests.
    #[must_use]
    pub fn is_constant(&self, place: &Arc<SitePlace>, pointer: &Pointer) -> bool {
        self.constants.get(place).is_some_and(|constant| constant.contains(pointer))
    }

    /// The item that an action is about, with the number of segments of its path.
    #[must_use]
    pub fn acted(&self, place: &SitePlace) -> Option<(SiteTemplate, usize)> {
        self.actions.get(place).map(|n| (place.template.prefix(*n), *n))
    }

    /// The key of the entity that a request to a place reads, writes or acts on.
    #[must_use]
    pub fn addressed(&self, place: &SitePlace, segments: &[String]) -> Option<EntityKey> {
        match self.actions.get(place) {
            Some(n) => self.key(segments.get(..*n)?),
            None if self.is_about_item(place) => self.key(segments),
            None => None,
        }
    }

    /// The key of what a path addresses.
    #[must_use]
    pub fn key(&self, segments: &[String]) -> Option<EntityKey> {
        let (id, collection) = segments.split_last()?;
        if !self.aliases.is_empty()
            && let Some(flat) = self.aliases.get(&self.templates.of(segments))
        {
            let collection = self.collection(flat, &[]);
            return Some(EntityKey { collection, id: id.as_str().into() });
        }
        Some(EntityKey { collection: joined(collection), id: id.as_str().into() })
    }

    /// The kind itself, or the one whose items its own are.
    #[must_use]
    pub fn canonical<'r>(&'r self, item: &'r SiteTemplate) -> &'r SiteTemplate {
        self.aliases.get(item).unwrap_or(item)
    }

    /// The concrete collection of an item's template, its variables filled from a request's path
    /// from left to right.
    #[must_use]
    pub fn collection(&self, item: &SiteTemplate, segments: &[String]) -> Box<str> {
        let own = self.templates.of(segments);
        let mut values =
            segments.iter().zip(&own.0).filter(|(_, known)| known.is_none()).map(|(s, _)| s);
        let filled = item.0[..item.0.len().saturating_sub(1)].iter().map(|segment| {
            segment
                .as_deref()
                .map_or_else(|| values.next().cloned().unwrap_or_default(), ToOwned::to_owned)
        });
        joined(&filled.collect::<Vec<String>>())
    }

    /// The entity in an answer of an item's template; with `segment`, only the one with this id.
    #[must_use]
    pub fn entity<'v>(
        &self,
        item: &SiteTemplate,
        document: Option<&'v Value>,
        segment: Option<&str>,
    ) -> Option<&'v Map<String, Value>> {
        let known = self.items.get(item)?;
        let fits = |object: &Map<String, Value>, bare: bool| match &known.id {
            None => bare && segment.is_some(),
            Some(id) => object
                .get(&**id)
                .is_some_and(|value| segment.is_none_or(|segment| is_written(value, segment))),
        };
        let document = document?;
        let in_envelope = at(document, &known.envelope).and_then(Value::as_object);
        if let Some(object) = in_envelope
            && fits(object, known.envelope.is_empty())
        {
            return Some(object);
        }
        document.as_object().filter(|object| fits(object, true))
    }

    /// The rows of a list with their ids.
    #[must_use]
    pub fn rows<'v>(
        &self,
        listing: &ListResource,
        document: Option<&'v Value>,
    ) -> Vec<(String, &'v Map<String, Value>)> {
        let Some(document) = document else { return Vec::new() };
        let rows = at(document, &listing.place_in(document)).and_then(Value::as_array);
        let row = |value: &'v Value| {
            if listing.is_bare() {
                return Some((as_segment(value)?, &*NOTHING));
            }
            let object = value.as_object()?;
            Some((as_segment(object.get(&*listing.id)?)?, object))
        };
        rows.map(|rows| rows.iter().filter_map(row).collect()).unwrap_or_default()
    }

    /// How a request writes several at once, where it does.
    #[must_use]
    pub fn batch(&self, place: &SitePlace, request: &Request) -> Option<&WriteBatch> {
        self.batches.get(place).filter(|batch| batch.items(request).is_some())
    }

    /// Whether an endpoint answers lists and writes nothing.
    #[must_use]
    pub fn is_list(&self, place: &SitePlace) -> bool {
        self.lists.contains_key(place) && !self.makes.contains_key(place)
    }

    /// The entity in the body of a write.
    #[must_use]
    pub fn sent<'v>(
        &self,
        place: &SitePlace,
        body: &'v Document,
    ) -> Option<&'v Map<String, Value>> {
        let document = body.json()?;
        match self.sent_envelopes.get(place) {
            Some(envelope) => at(document, envelope)?.as_object(),
            None => document.as_object(),
        }
    }

    /// What creates items of a template.
    #[must_use]
    pub fn maker(&self, item: &SiteTemplate) -> Option<&Arc<SitePlace>> {
        let makers = self.makes.iter().filter(|(_, make)| make.item == *item);
        makers.map(|(place, _)| place).min_by_key(|place| (&*place.method != "POST", *place))
    }

    /// The member that is the id of an item: as its readings show it, else as its creation does.
    #[must_use]
    pub fn id_member(&self, item: &SiteTemplate) -> Option<&str> {
        let own = self.items.get(item).and_then(|item| item.id.as_deref());
        own.or_else(|| match &self.makes.get(self.maker(item)?)?.id {
            IdPlace::Body(place) => place.last()?.member(),
            IdPlace::Location | IdPlace::Sent(_) => None,
        })
    }

    /// The id of what was created, as its answer says.
    #[must_use]
    pub fn created_id(&self, make: &Make, exchange: &SiteExchange) -> Option<String> {
        let in_body = match &make.id {
            IdPlace::Body(pointer) => {
                exchange.json().and_then(|document| as_segment(at(document, pointer)?))
            }
            IdPlace::Sent(pointer) => {
                exchange.request.body.json().and_then(|document| as_segment(at(document, pointer)?))
            }
            IdPlace::Location => None,
        };
        in_body.or_else(|| last_segment(exchange.header("location")?))
    }
}

/// The last decoded segment of an address.
#[must_use]
pub fn last_segment(address: &str) -> Option<String> {
    super::message::segments(path_of(address)).pop().filter(|segment| !segment.is_empty())
}

/// The path of an address, absolute or not.
#[must_use]
pub fn path_of(address: &str) -> &str {
    let rest = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => address,
    };
    rest.split(['?', '#']).next().unwrap_or_default()
}

/// Segments as one text; a sign that no path holds stands between them.
#[must_use]
pub fn joined(segments: &[String]) -> Box<str> {
    segments.join("\u{1f}").into()
}
