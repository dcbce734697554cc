//! The compiled form of a body, and its writing.

use super::draw::{Choice, EntitySeed};
use super::numeric::NumberNode;
use super::pattern::{Clock, Patterns};
use crate::domain::body::echo::{EchoSource, EchoSources};
use smallvec::SmallVec;

use crate::domain::schema::array::Order;
use crate::domain::schema::hash;

/// Index of a node within its program.
pub type NodeId = u32;

/// A position of the document.
#[derive(Debug, Clone, Default)]
pub struct Slot {
    /// Hash of the path.
    pub key: u64,
    /// Hash of the source that is written back here, if any.
    pub echo: Option<u64>,
    /// Whether echoed values are written as strings.
    pub echo_as_text: bool,
    /// What stands here where no row decides.
    pub choice: Choice,
    pub alternatives: Box<[Emit]>,
}

/// One thing to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emit {
    Absent,
    /// Bytes as they are: null, true, false, a member of a vocabulary.
    Literal(u32),
    Node(NodeId),
    /// An array of this many items.
    Array(NodeId, u32),
    /// An object of this class.
    Object(NodeId, u8),
}

/// What can stand at a position.
#[derive(Debug, Clone)]
pub enum Node {
    /// One of the literals.
    Pick {
        choice: Choice,
        literals: Box<[u32]>,
    },
    Number(NumberNode),
    Text(Patterns),
    Array(ArrayNode),
    Object(ObjectNode),
    Entity(EntityNode),
    Map(MapNode),
}

#[derive(Debug, Clone)]
pub struct ArrayNode {
    pub choice: Choice,
    pub lengths: Box<[u32]>,
    pub item: Slot,
    pub order: Option<Order>,
    pub echo: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct ObjectNode {
    pub members: Box<[MemberSlot]>,
    pub rows: Box<[Row]>,
    /// Over all rows.
    pub choice: Choice,
    /// Rows of one class: class, first row, choice among them. Sorted by class, as the rows are.
    pub classes: Box<[(u8, u32, Choice)]>,
}

#[derive(Debug, Clone)]
pub struct MemberSlot {
    /// `"name":`, escaped.
    pub name: Box<[u8]>,
    pub slot: Slot,
    /// The member whose items this one counts.
    pub counts: Option<u32>,
}

/// An object that shows an entity of a resource: drawn by resource and id, wherever it stands.
#[derive(Debug, Clone)]
pub struct EntityNode {
    /// Hash of the resource.
    pub resource: u64,
    /// The member that identifies it, among `members`, and how ids are drawn here.
    pub id: u32,
    /// The entity as its own endpoint knows it: an [`ObjectNode`].
    pub entity: NodeId,
    /// What the entity's times are counted from, unix seconds.
    pub anchor_s: i64,
    /// The object as this endpoint knows it.
    pub own: ObjectNode,
    /// For each own member, the same member of the entity, if it has it.
    pub members: Box<[Option<u32>]>,
}

/// The members one object has.
#[derive(Debug, Clone)]
pub struct Row {
    pub cells: Box<[(u32, Emit)]>,
}

#[derive(Debug, Clone)]
pub struct MapNode {
    pub choice: Choice,
    pub sizes: Box<[u32]>,
    pub keys: Slot,
    pub value: Slot,
}

/// The nodes of a program.
#[derive(Debug, Clone, Default)]
pub struct Nodes {
    pub nodes: Vec<Node>,
    pub literals: Vec<Box<[u8]>>,
    pub root: Slot,
    pub has_echoes: bool,
}

/// What the writing of one body needs.
#[derive(Clone, Copy)]
pub struct Writing<'a> {
    pub nodes: &'a Nodes,
    pub sources: &'a EchoSources<'a>,
    pub clock: Clock,
    /// The seed all entities start from.
    pub base: u64,
}

/// Array items written at most, whatever a request asks for: a page, not a flood.
const ECHOED_ITEMS_MAX: u32 = 1000;

impl Writing<'_> {
    /// Writes the whole document.
    pub fn write(&self, seed: EntitySeed, out: &mut Vec<u8>) {
        self.slot(&self.nodes.root, seed, out);
    }

    fn slot(&self, slot: &Slot, seed: EntitySeed, out: &mut Vec<u8>) {
        let unit = seed.at(slot.key ^ SLOT).unit();
        let emit = slot.alternatives.get(slot.choice.pick(unit)).copied();
        self.emit(slot, emit.unwrap_or(Emit::Absent), seed, out);
    }

    fn emit(&self, slot: &Slot, emit: Emit, seed: EntitySeed, out: &mut Vec<u8>) {
        if let Some(echo) = slot.echo
            && let Some(source) = self.sources.find(echo)
            && write_echo(source, slot.echo_as_text, out)
        {
            return;
        }
        self.emit_unechoed(slot, emit, seed, out);
    }

    fn emit_unechoed(&self, slot: &Slot, emit: Emit, seed: EntitySeed, out: &mut Vec<u8>) {
        match emit {
            Emit::Absent => out.extend_from_slice(b"null"),
            Emit::Literal(at) => self.literal(Some(at), out),
            Emit::Node(id) => self.node(id, slot.key, None, seed, out),
            Emit::Array(id, length) => self.node(id, slot.key, Some(length), seed, out),
            Emit::Object(id, class) => {
                self.node(id, slot.key, Some(u32::from(class)), seed, out);
            }
        }
    }

    fn literal(&self, at: Option<u32>, out: &mut Vec<u8>) {
        if let Some(bytes) = at.and_then(|at| self.nodes.literals.get(at as usize)) {
            out.extend_from_slice(bytes);
        }
    }

    /// `given`: the length of an array or the class of an object, where the row says it.
    fn node(&self, id: NodeId, key: u64, given: Option<u32>, seed: EntitySeed, out: &mut Vec<u8>) {
        let Some(node) = self.nodes.nodes.get(id as usize) else { return };
        match node {
            Node::Pick { choice, literals } => {
                let at = choice.pick(seed.at(key).unit());
                self.literal(literals.get(at).copied(), out);
            }
            Node::Number(number) => {
                let place = seed.at(key);
                number.write(place.unit(), &mut place.stream(), out);
            }
            Node::Text(patterns) => patterns.write(seed, key, self.clock, out),
            Node::Array(array) => self.array(array, key, given, seed, out),
            Node::Object(object) => self.object(object, key, given, seed, out),
            Node::Entity(entity) => self.entity(entity, key, seed, out),
            Node::Map(map) => self.map(map, key, seed, out),
        }
    }

    fn array(
        &self,
        array: &ArrayNode,
        key: u64,
        given: Option<u32>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let length = self.length(array, key, given, seed);
        out.push(b'[');
        for ordinal in 0..length {
            if ordinal > 0 {
                out.push(b',');
            }
            let part = seed.part(key, u64::from(ordinal));
            match (array.order, self.plain_number(&array.item)) {
                (Some(order), Some(number)) => {
                    let place = part.at(array.item.key);
                    let rank = match order {
                        Order::Ascending => ordinal,
                        Order::Descending => length - 1 - ordinal,
                    };
                    // The ranks divide the distribution evenly, as order statistics do on average.
                    let share = u64::from(u32::MAX) / u64::from(length);
                    let unit = share * u64::from(rank) + ((u64::from(place.unit()) * share) >> 32);
                    number.write_ordered(unit as u32, out);
                }
                _ => self.slot(&array.item, part, out),
            }
        }
        out.push(b']');
    }

    /// Items of an array: as the request asked, as the row says, or as drawn.
    fn length(&self, array: &ArrayNode, key: u64, given: Option<u32>, seed: EntitySeed) -> u32 {
        let echoed = (array.echo.and_then(|key| self.sources.find(key)))
            .and_then(|source| source.value.parse::<u32>().ok())
            .map(|length| length.min(ECHOED_ITEMS_MAX));
        echoed.or(given).unwrap_or_else(|| {
            let at = array.choice.pick(seed.at(key ^ LENGTH).unit());
            array.lengths.get(at).copied().unwrap_or(0)
        })
    }

    /// The histogram of a position that holds numbers and nothing else.
    fn plain_number(&self, slot: &Slot) -> Option<&NumberNode> {
        match *slot.alternatives {
            [Emit::Node(id)] => match self.nodes.nodes.get(id as usize)? {
                Node::Number(number) => Some(number),
                _ => None,
            },
            _ => None,
        }
    }

    /// The number of items of a member of the same object, where this member counts them.
    fn counted(&self, object: &ObjectNode, row: &Row, of: u32, seed: EntitySeed) -> Option<u32> {
        let slot = &object.members.get(of as usize)?.slot;
        let (id, given) = match row.cell(of)? {
            Emit::Array(id, length) => (id, Some(length)),
            Emit::Node(id) => (id, None),
            _ => return None,
        };
        match self.nodes.nodes.get(id as usize)? {
            Node::Array(array) => Some(self.length(array, slot.key, given, seed)),
            _ => None,
        }
    }

    fn object(
        &self,
        object: &ObjectNode,
        key: u64,
        given: Option<u32>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        out.push(b'{');
        if let Some(row) = object.row(key, given, seed) {
            for (ordinal, (member, emit)) in row.cells.iter().enumerate() {
                let Some(member) = object.members.get(*member as usize) else { continue };
                if ordinal > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(&member.name);
                match member.counts.and_then(|of| self.counted(object, row, of, seed)) {
                    Some(items) => {
                        out.extend_from_slice(itoa::Buffer::new().format(items).as_bytes());
                    }
                    None => self.emit(&member.slot, *emit, seed, out),
                }
            }
        }
        out.push(b'}');
    }

    /// Writes the id as this place has it, then everything else from the entity it identifies.
    fn entity(&self, node: &EntityNode, key: u64, seed: EntitySeed, out: &mut Vec<u8>) {
        let (Some(Node::Object(entity)), Some(id)) =
            (self.nodes.nodes.get(node.entity as usize), node.own.members.get(node.id as usize))
        else {
            return self.object(&node.own, key, None, seed, out);
        };
        let start = out.len();
        self.slot(&id.slot, seed, out);
        let id_json: SmallVec<[u8; 48]> = out.drain(start..).collect();
        let id_text = id_json.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
        let id_hash = hash::hash_bytes(id_text.unwrap_or(&id_json));
        let of_entity =
            EntitySeed::new(hash::combine(hash::combine(self.base, node.resource), id_hash));
        let clock = Clock { anchor_s: node.anchor_s, ..self.clock };
        let theirs_writing = Writing { clock, ..*self };
        let row = entity.row(node.resource, None, of_entity);
        let own_row = node.own.row(key, None, of_entity);
        out.push(b'{');
        let mut first = true;
        for (at, member) in node.own.members.iter().enumerate() {
            let is_id = at == node.id as usize;
            let theirs = node.members.get(at).copied().flatten();
            let theirs = theirs.and_then(|at| Some((at, entity.members.get(at as usize)?)));
            let (writing, slot, cell) = match theirs {
                Some((at, member)) => {
                    (&theirs_writing, &member.slot, row.and_then(|row| row.cell(at)))
                }
                None => (self, &member.slot, own_row.and_then(|row| row.cell(at as u32))),
            };
            if (cell.is_none() && !is_id) || member.name.is_empty() {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            out.extend_from_slice(&member.name);
            match cell {
                _ if is_id => out.extend_from_slice(&id_json),
                Some(emit) => {
                    // What this request says of the member wins over what the entity is.
                    let echo = member.slot.echo.and_then(|echo| self.sources.find(echo));
                    let as_text = member.slot.echo_as_text;
                    if echo.is_none_or(|source| !write_echo(source, as_text, out)) {
                        writing.emit_unechoed(slot, emit, of_entity, out);
                    }
                }
                None => {}
            }
        }
        out.push(b'}');
    }

    fn map(&self, map: &MapNode, key: u64, seed: EntitySeed, out: &mut Vec<u8>) {
        let at = map.choice.pick(seed.at(key ^ LENGTH).unit());
        let size = map.sizes.get(at).copied().unwrap_or(0);
        out.push(b'{');
        for ordinal in 0..size {
            if ordinal > 0 {
                out.push(b',');
            }
            let part = seed.part(key, u64::from(ordinal));
            self.slot(&map.keys, part, out);
            out.push(b':');
            self.slot(&map.value, part, out);
        }
        out.push(b'}');
    }
}

/// Salts that keep the draws of one position apart.
const SLOT: u64 = 0x51;
const LENGTH: u64 = 0x1E;
const ROW: u64 = 0x20;

/// Writes a value of the request; false when it cannot stand here.
fn write_echo(source: &EchoSource<'_>, as_text: bool, out: &mut Vec<u8>) -> bool {
    if as_text {
        // Serialising a string into a `Vec` cannot fail.
        return serde_json::to_writer(out, source.value.as_ref()).is_ok();
    }
    let is_json_scalar = matches!(source.value.as_ref(), "true" | "false")
        || source.value.parse::<serde_json::Number>().is_ok();
    if is_json_scalar {
        out.extend_from_slice(source.value.as_bytes());
    }
    is_json_scalar
}

impl ObjectNode {
    /// The row an object takes, one of its class where that is given.
    fn row(&self, key: u64, given: Option<u32>, seed: EntitySeed) -> Option<&Row> {
        let unit = seed.at(key ^ ROW).unit();
        let class = given.and_then(|class| {
            let at = self.classes.binary_search_by_key(&class, |c| u32::from(c.0)).ok()?;
            self.classes.get(at)
        });
        self.rows.get(match class {
            Some((_, first, choice)) => *first as usize + choice.pick(unit),
            None => self.choice.pick(unit),
        })
    }
}

impl Row {
    fn cell(&self, member: u32) -> Option<Emit> {
        let at = self.cells.binary_search_by_key(&member, |cell| cell.0).ok()?;
        self.cells.get(at).map(|cell| cell.1)
    }
}

impl Clock {
    /// From milliseconds, as callers have them.
    pub fn new(now_ms: i64, anchor_ms: i64) -> Self {
        Self { now_s: now_ms.div_euclid(1000), anchor_s: anchor_ms.div_euclid(1000) }
    }
}
