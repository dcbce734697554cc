//! A learned shape made into a program.

use crate::domain::random::choice::{Choice, Sizes};
use crate::domain::random::hash;
use crate::domain::sketch::categories::{COMPLETE_UNSEEN_MAX, Categories, Category};
use crate::domain::sketch::number_code;
use crate::domain::sketch::priority_sample::PrioritySample;
use crate::domain::value::ValueModel;
use crate::domain::value::array::draw::PageSize;
use crate::domain::value::array::model::{ArrayModel, PageBound};
use crate::domain::value::array::sorted;
use crate::domain::value::number::draw::NumberNode;
use crate::domain::value::number::model::NumberModel;
use crate::domain::value::object::draw::ObjectNode;
use crate::domain::value::object::model::{MapModel, ObjectModel};
use crate::domain::value::object::pool_node::PoolNode;
use crate::domain::value::object::presence::FieldState;
use crate::domain::value::program::column_values::ColumnValues;
use crate::domain::value::program::{
    ArrayNode, EntityNode, EqualNode, Field, Filter, MapNode, MemberSlot, Node, NodeId, Nodes,
    Output,
};
use crate::domain::value::relation::echo;
use crate::domain::value::relation::echo::{Echo, EchoOrigin};
use crate::domain::value::relation::following_now::{following_now, follows_now};
use crate::domain::value::relation::laws::column;
use crate::domain::value::relation::laws::plan::{KnownColumns, LawPlan};
use crate::domain::value::relation::pagination::draw::PaginationNode;
use crate::domain::value::relation::pagination::learn::Pagination;
use crate::domain::value::relation::resource_links;
use crate::domain::value::relation::resource_links::Resource;
use crate::domain::value::relation::resource_links::ResourceLinks;
use crate::domain::value::relation::time_order::TimeOrder;
use crate::domain::value::string::draw::{StringNode, stand_in};
use crate::domain::value::string::model::StringClass;
use crate::domain::value::string::name_kind;
use crate::domain::value::string::pieces::escape;
use crate::domain::words::names::NameKind;

/// Compiles the shape of a whole body.
pub fn compile(shape: &ValueModel, paging: &Pagination, links: &ResourceLinks) -> Nodes {
    let nodes = Nodes { paging: PaginationNode::compile(paging), ..Nodes::default() };
    let mut compiler = Compiler {
        nodes,
        links,
        entities: Vec::new(),
        within: Vec::new(),
        follows: false,
        called: None,
    };
    let root = compiler.position(shape, ROOT, "");
    compiler.nodes.root = root.slot;
    compiler.nodes
}

struct Compiler<'a> {
    nodes: Nodes,
    links: &'a ResourceLinks,
    /// Entities compiled so far, by resource.
    entities: Vec<(u64, NodeId)>,
    /// Resources being compiled: an entity within itself is drawn as a plain object.
    within: Vec<u64>,
    /// The times of the next position go with the request, as those beside it do.
    follows: bool,
    /// What the next position is called, as a person's or a place's name is.
    called: Option<NameKind>,
}

/// A compiled position: its slot, and the parts a row may point at.
#[derive(Default)]
struct Position {
    slot: Field,
    array: Option<NodeId>,
    object: Option<NodeId>,
    /// Literals of the vocabularies, by index; empty while a vocabulary is not closed.
    numbers: Vec<Option<u32>>,
    texts: Vec<Option<u32>>,
    /// Draws from a closed vocabulary where a row knows no entry of it.
    any_number: Option<NodeId>,
    any_text: Option<NodeId>,
    null: u32,
    truth: u32,
    falsehood: u32,
}

impl Compiler<'_> {
    fn literal(&mut self, bytes: &[u8]) -> u32 {
        let at = self.nodes.literals.iter().position(|known| **known == *bytes);
        let at = at.unwrap_or_else(|| {
            self.nodes.literals.push(bytes.into());
            self.nodes.literals.len() - 1
        });
        at as u32
    }

    fn node(&mut self, node: Node) -> NodeId {
        self.nodes.nodes.push(node);
        (self.nodes.nodes.len() - 1) as NodeId
    }

    /// `name`: of the member that holds the position, through arrays; empty at the root.
    fn position(&mut self, shape: &ValueModel, key: u64, name: &str) -> Position {
        let mut position = Position {
            null: self.literal(b"null"),
            truth: self.literal(b"true"),
            falsehood: self.literal(b"false"),
            ..Position::default()
        };
        let mut weighted: Vec<(Output, f64)> = vec![
            (Output::Literal(position.null), shape.nulls as f64),
            (Output::Literal(position.truth), shape.trues as f64),
            (Output::Literal(position.falsehood), shape.falses as f64),
        ];
        let follows = std::mem::take(&mut self.follows) || follows_now(shape);
        let called = self.called.take();
        if let Some(number) = &shape.number {
            let id = self.node(number_node(number));
            if !follows && number.vocabulary.unseen_share() <= NUMBERS_UNSEEN_MAX {
                let quote = |c: &Category| c.text.as_ref().map(|text| text.as_bytes().to_vec());
                position.numbers = self.vocabulary(&number.vocabulary, quote);
            }
            let entries = draws(&number.vocabulary, &position.numbers, number.seen, id);
            position.any_number = Some(self.any_of(&entries, id));
            weighted.extend(entries);
        }
        if let Some(text) = &shape.text {
            let patterns = StringNode::compile(text, called);
            let id = self.node(Node::Text(patterns));
            let quote = |c: &Category<StringClass>| {
                let text = match (&c.text, &c.stand_in) {
                    (Some(text), _) => escape(text),
                    (None, pattern) => stand_in(pattern.as_deref()?, text, key, c),
                };
                Some([b"\"", text.as_slice(), b"\""].concat())
            };
            if !follows {
                position.texts = self.vocabulary(&text.vocabulary, quote);
            }
            let entries = draws(&text.vocabulary, &position.texts, text.seen, id);
            position.any_text = Some(self.any_of(&entries, id));
            weighted.extend(entries);
        }
        if let Some(array) = &shape.array {
            let id = self.array(array, (key, hash::combine(key, ITEM)), name);
            position.array = Some(id);
            weighted.push((Output::Node(id), array.seen as f64));
        }
        if let Some(object) = &shape.object {
            let id = self.object(object, key, name);
            position.object = Some(id);
            weighted.push((Output::Node(id), object.seen as f64));
        }
        weighted.retain(|w| w.1 > 0.0);
        let echo = self.echo(&shape.echoes, name);
        position.slot = Field {
            key,
            echo,
            echo_as_text: shape.text.as_ref().map_or(0, |t| t.seen) * 2 > shape.seen(),
            choice: Choice::new(weighted.iter().map(|w| w.1)),
            alternatives: weighted.iter().map(|w| w.0).collect(),
        };
        position
    }

    /// The source that a position repeats. `name`: of the member at this position; one that is
    /// called as the parameter or header it repeats needs no second value to be believed.
    fn echo(&mut self, echoes: &[Echo], name: &str) -> Option<u64> {
        let header = name.to_ascii_lowercase().replace('_', "-");
        let alike = [(EchoOrigin::Query, name), (EchoOrigin::Header, &header)]
            .map(|(origin, name)| echo::source_key(origin, name));
        let is_alike = |echo: &Echo| alike.contains(&echo.key) && echo.is_constant();
        // A whole URL is equal to the one asked for by no chance, even if only one was asked for.
        let is_own_url = |echo: &Echo| echo.origin == EchoOrigin::Url && echo.is_constant();
        let is_repeated = |echo: &&Echo| echo.is_active() || is_alike(echo) || is_own_url(echo);
        let active = echoes.iter().filter(is_repeated);
        let best = active.max_by_key(|echo| (echo.hits, echo.key))?;
        self.nodes.asked.add(best.origin, best.key);
        Some(best.key)
    }

    /// A node that draws one of the entries of a vocabulary.
    fn any_of(&mut self, entries: &[(Output, f64)], open: NodeId) -> NodeId {
        let literals = entries.iter().filter_map(|entry| match entry.0 {
            Output::Literal(at) => Some(at),
            _ => None,
        });
        let literals: Box<[u32]> = literals.collect();
        // What a row knows no entry of is free text in a mix, or a rare entry of a complete list.
        if literals.len() < entries.len() {
            return open;
        }
        let choice = Choice::new(entries.iter().map(|e| e.1));
        self.node(Node::Pick { choice, literals })
    }

    /// Literals of a closed vocabulary, by index; empty when it is open.
    fn vocabulary<S: Default>(
        &mut self,
        vocabulary: &Categories<S>,
        quote: impl Fn(&Category<S>) -> Option<Vec<u8>>,
    ) -> Vec<Option<u32>> {
        if !vocabulary.is_closed() {
            return Vec::new();
        }
        let texts = vocabulary.candidates().iter().map(quote);
        texts.map(|text| text.map(|text| self.literal(&text))).collect()
    }

    /// `list`, `key`: path hashes of the array and of its items.
    fn array(&mut self, array: &ArrayModel, (list, key): (u64, u64), name: &str) -> NodeId {
        let item = self.position(&array.item, key, name).slot;
        let places = array.tuple().iter().enumerate();
        let places: Box<[Field]> = places
            .map(|(at, place)| self.position(place, column::tuple_step(key, at), name).slot)
            .collect();
        let echo = self.echo(&array.echoes, "");
        let page = array.page.filter(PageBound::is_active);
        let page_size =
            page.map(|page| PageSize { source: page.source, is_filled: page.is_filled() });
        if let Some(page) = &page_size {
            self.nodes.asked.add(EchoOrigin::Query, page.source);
        }
        let can_hold = array.item.seen() > 0;
        let lengths = if can_hold { sizes(&array.lengths) } else { Sizes::default() };
        let order = array.order();
        let sorted = sorted::keys(&array.sorted).into();
        let node = ArrayNode { lengths, item, places, order, sorted, echo, page_size };
        let id = self.node(Node::Array(node));
        if let Some(paging) = self.nodes.paging.as_mut().filter(|paging| paging.list() == list) {
            paging.array = Some(id);
        }
        id
    }

    fn object(&mut self, object: &ObjectModel, key: u64, name: &str) -> NodeId {
        if let Some(map) = &object.map {
            return self.map(map, key);
        }
        let links = self.links;
        let found = links.find(object, name).map(|resource| (resource, resource.id));
        let found = found.or_else(|| links.find_referenced(object));
        match found.filter(|(resource, _)| !self.within.contains(&resource.key)) {
            Some((resource, id)) => self.entity(object, resource, id, key),
            None => {
                let node = self.record(object, key);
                self.node(Node::Object(node))
            }
        }
    }

    /// `id`: fingerprint of the member that identifies the entity here.
    fn entity(&mut self, object: &ObjectModel, resource: &Resource, id: u32, key: u64) -> NodeId {
        self.within.push(resource.key);
        let known = self.entities.iter().find(|(of, _)| *of == resource.key).map(|e| e.1);
        let entity = known.unwrap_or_else(|| {
            let node = self.record(&resource.entity, resource.key);
            let id = self.node(Node::Object(node));
            self.entities.push((resource.key, id));
            id
        });
        let own = self.record(object, key);
        self.within.pop();
        // The answer of a collection is a list, or what was just put into it.
        let is_write = key == ROOT && self.links.is_seen_from_collection_of(resource);
        let members = object.members.iter().map(|m| {
            let theirs = &resource.entity.members;
            let at = theirs.iter().position(|their| their.fingerprint == m.fingerprint)?;
            // What happens right now happens in this answer, whatever the record says later.
            let is_now = is_write && m.shape.is_now() && !theirs.get(at)?.shape.is_now();
            let shown = id == resource.id || resource_links::describes(m);
            // So does what the request itself says of a part.
            let is_told = m.shape.object.as_ref().is_some_and(|part| {
                part.members.iter().any(|m| m.shape.echoes.iter().any(Echo::is_active))
            });
            (shown && !is_now && !is_told).then_some(at as u32)
        });
        let members: Box<[Option<u32>]> = members.collect();
        let id = object.members.iter().position(|m| m.fingerprint == id).unwrap_or(0);
        let filters =
            own.members.iter().zip(&members).enumerate().filter_map(|(at, (m, theirs))| {
                let theirs = theirs.filter(|_| at != id && m.slot.echo.is_some())?;
                let shape = &resource.entity.members.get(theirs as usize)?.shape;
                Some(Filter { own: at as u32, theirs, is_narrow: is_narrow(shape) })
            });
        let filters = filters.collect();
        let their_id = resource.entity.members.iter().position(|m| m.fingerprint == resource.id);
        self.node(Node::Entity(EntityNode {
            resource: resource.key,
            id: id as u32,
            their_id: their_id.map(|at| at as u32),
            entity,
            anchor_s: resource.anchor_ms.div_euclid(1000),
            own,
            members,
            filters,
        }))
    }

    fn record(&mut self, object: &ObjectModel, key: u64) -> ObjectNode {
        let mut positions = Vec::with_capacity(object.members.len());
        for (member, follows) in object.members.iter().zip(following_now(object)) {
            positions.push(member.name.as_deref().map(|name| {
                self.follows = follows;
                self.called = name_kind::called(object, name);
                let key = hash::combine(key, u64::from(member.fingerprint));
                (name, self.position(&member.shape, key, name))
            }));
        }
        let at_of = |fingerprint: u32| {
            object.members.iter().position(|m| m.fingerprint == fingerprint).map(|at| at as u32)
        };
        let counts = object.members.iter().map(|m| {
            let counter = object.counters.iter().find(|c| c.names.member == m.fingerprint);
            at_of(counter.filter(|c| c.is_active())?.names.array)
        });
        let twins = object.members.iter().map(|m| {
            let twin = object.twins.iter().find(|t| t.names.object == m.fingerprint)?;
            let inner = m.shape.object.as_ref()?.members.iter();
            let inner =
                inner.clone().position(|inner| inner.fingerprint == twin.names.inner)? as u32;
            let source = at_of(twin.names.member).filter(|_| twin.is_active())?;
            Some(EqualNode { source, inner })
        });
        let paging = &self.nodes.paging;
        let slots = positions.iter().zip(counts).zip(twins).zip(TimeOrder::compile(object));
        let members = slots.map(|(((position, counts), twin), timed)| match position {
            Some((name, position)) => MemberSlot {
                counts,
                role: paging.as_ref().and_then(|paging| paging.role(position.slot.key)),
                timed,
                twin,
                path: column::short(column::step(hash::ROOT, name)),
                name: [b"\"", escape(name).as_slice(), b"\":"].concat().into(),
                slot: position.slot.clone(),
            },
            None => MemberSlot::default(),
        });
        let members: Box<[MemberSlot]> = members.collect();
        let laws = self.laws(object, &members);
        let mut node = ObjectNode::new(object, members, |at, cell| {
            // A member whose name is not known cannot be written.
            let position = positions.get(at).and_then(Option::as_ref);
            position.map_or(Output::Absent, |(_, position)| emit_of(cell, position))
        });
        node.laws = laws;
        let has_roles = node.members.iter().any(|member| member.role.is_some());
        let pool = object.pool.as_deref().filter(|_| !has_roles);
        node.pool = pool.and_then(|pool| PoolNode::compile(pool, object)).map(Box::new);
        node
    }

    fn laws(&self, object: &ObjectModel, members: &[MemberSlot]) -> Option<Box<LawPlan>> {
        let mut columns = ColumnValues::of(object);
        self.decide_entities(object, members, hash::ROOT, &mut columns);
        let is_twin = |member: &MemberSlot| {
            let is_source = |twin: &EqualNode| {
                members.get(twin.source as usize).is_some_and(|m| m.path == member.path)
            };
            members.iter().filter_map(|other| other.twin.as_ref()).any(is_source)
        };
        let any = |path: u32, test: &dyn Fn(&MemberSlot) -> bool| {
            members.iter().any(|member| member.path == path && test(member))
        };
        let known = KnownColumns {
            paths: columns.paths(),
            value: &|path, fingerprint| columns.value(path, fingerprint),
            is_decided: &|path| {
                columns.is_decided(path) || any(path, &|m| m.role.is_some() || is_twin(m))
            },
            // Times of one object are drawn together, with their order and their distances.
            is_timed: &|path| any(path, &|member| member.timed.is_some()),
        };
        LawPlan::compile(object.laws.as_deref()?, &known).map(Box::new)
    }

    /// What is shown of entities, their own records tell.
    fn decide_entities(
        &self,
        object: &ObjectModel,
        members: &[MemberSlot],
        path: u64,
        columns: &mut ColumnValues,
    ) {
        for (member, slot) in object.members.iter().zip(members) {
            let (Some(name), Some(part)) = (&member.name, &member.shape.object) else { continue };
            let path = column::step(path, name);
            for emit in &slot.slot.alternatives {
                let Output::Node(id) = emit else { continue };
                match self.nodes.nodes.get(*id as usize) {
                    Some(Node::Entity(_)) => columns.decide_all(part, path),
                    Some(Node::Object(node)) => {
                        self.decide_entities(part, &node.members, path, columns);
                    }
                    _ => {}
                }
            }
        }
    }

    fn map(&mut self, map: &MapModel, key: u64) -> NodeId {
        let keys = ValueModel { text: Some(Box::new(map.keys.clone())), ..ValueModel::default() };
        let keys = self.position(&keys, hash::combine(key, KEY), "").slot;
        let value = self.position(&map.value, hash::combine(key, VALUE), "").slot;
        self.node(Node::Map(MapNode { sizes: sizes(&map.sizes), keys, value }))
    }
}

/// Does a position hold few values: truth values, a closed vocabulary, a short range of integers?
fn is_narrow(shape: &ValueModel) -> bool {
    let text = shape.text.as_ref().is_none_or(|text| text.vocabulary.is_closed());
    let number = shape.number.as_ref().is_none_or(|number| {
        let value = |code| number_code::value_of(code).0;
        number.floats == 0 && value(number.max_code) - value(number.min_code) <= NARROW_SPAN
    });
    text && number
}

/// Integers in a short range: as many as a list can be searched for.
const NARROW_SPAN: f64 = 1_000.0;

/// Path of the whole document.
const ROOT: u64 = hash::ROOT;

/// Path steps that have no name.
const ITEM: u64 = 1;
const KEY: u64 = 2;
const VALUE: u64 = 3;

/// What a position draws without a row: the entries of its vocabulary, or the node.
fn draws<S: Default>(
    vocabulary: &Categories<S>,
    literals: &[Option<u32>],
    seen: u64,
    id: NodeId,
) -> Vec<(Output, f64)> {
    let known: Vec<(Output, f64)> = (vocabulary.candidates().iter().zip(literals))
        .filter_map(|(c, literal)| literal.map(|at| (Output::Literal(at), f64::from(c.count))))
        .collect();
    if known.is_empty() {
        return vec![(Output::Node(id), seen as f64)];
    }
    let total: f64 = known.iter().map(|k| k.1).sum();
    if vocabulary.unseen_share() > COMPLETE_UNSEEN_MAX {
        let rest = (seen as f64 - total).max(0.0);
        return known.into_iter().chain([(Output::Node(id), rest)]).collect();
    }
    // Those of unknown text are left to the others.
    known.into_iter().map(|(emit, count)| (emit, count / total * seen as f64)).collect()
}

/// Numbers are drawn from a vocabulary only when it looks complete: a histogram of three digits
/// loses less than leaving out the rare ones would.
const NUMBERS_UNSEEN_MAX: f64 = 0.01;

fn emit_of(cell: FieldState, position: &Position) -> Output {
    let entry = |index: Option<u8>, literals: &[Option<u32>]| {
        index.and_then(|at| literals.get(usize::from(at)).copied().flatten())
    };
    let node = |id: Option<NodeId>| id.map_or(Output::Absent, Output::Node);
    match cell {
        FieldState::Absent => Output::Absent,
        FieldState::Null => Output::Literal(position.null),
        FieldState::Bool(true) => Output::Literal(position.truth),
        FieldState::Bool(false) => Output::Literal(position.falsehood),
        FieldState::Number(index) => {
            entry(index, &position.numbers).map_or(node(position.any_number), Output::Literal)
        }
        FieldState::Text(index) => {
            entry(index, &position.texts).map_or(node(position.any_text), Output::Literal)
        }
        FieldState::Array(length) => match (position.array, length) {
            (Some(id), Some(length)) => Output::Array(id, u32::from(length)),
            (id, _) => node(id),
        },
        FieldState::Object(class) => match (position.object, class) {
            (Some(id), Some(class)) => Output::Object(id, class),
            (id, _) => node(id),
        },
    }
}

fn number_node(shape: &NumberModel) -> Node {
    Node::Number(NumberNode::compile(shape, shape.vocabulary.unseen_share() >= NUMBERS_SPREAD_MIN))
}

/// Chance of an unseen number from which what lies between the seen ones is taken to occur, too.
const NUMBERS_SPREAD_MIN: f64 = 0.3;

fn sizes(tally: &PrioritySample<i32>) -> Sizes {
    let weighted =
        tally.weights().map(|(size, weight)| (u32::try_from(*size).unwrap_or(0), weight));
    let mut weighted: Vec<(u32, f64)> = weighted.collect();
    weighted.sort_unstable_by_key(|w| w.0);
    Sizes::new(&weighted)
}
