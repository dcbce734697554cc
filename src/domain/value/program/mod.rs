//! From model to bytes: a model compiled into a program that writes values.
//!
//! The program is immutable and shared by all workers. It keeps no tree of values: it walks its
//! nodes once and appends to the output. Each draw hangs on the seed of the entity and the path of
//! the field, never on what was written before.

pub mod column_values;
pub mod compile;
pub mod entity;
pub mod pooled;
pub mod write;

use crate::domain::random::choice::{Choice, Sizes};
use crate::domain::random::hash;
use crate::domain::value::array::draw::PageSize;
use crate::domain::value::array::model::Order;
use crate::domain::value::array::sorted::SortKey;
use crate::domain::value::number::draw::NumberNode;
use crate::domain::value::object::draw::ObjectNode;
use crate::domain::value::relation::echo::{EchoSources, WantedSources};
use crate::domain::value::relation::laws::column;
use crate::domain::value::relation::pagination::draw::{DrawnPage, PaginationNode};
use crate::domain::value::relation::pagination::learn::Role;
use crate::domain::value::relation::time_order::Timed;
use crate::domain::value::string::draw::StringNode;
use crate::domain::value::time::draw_clock::DrawClock;

/// Index of a node within its program.
pub type NodeId = u32;

/// A position of the document.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// Hash of the path.
    pub key: u64,
    /// Hash of the source that is written back here, if any.
    pub echo: Option<u64>,
    /// Whether echoed values are written as strings.
    pub echo_as_text: bool,
    /// What stands here where no row decides.
    pub choice: Choice,
    /// What `choice` chooses among.
    pub alternatives: Box<[Output]>,
}

/// One thing to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Output {
    /// Nothing: a member that is left out; alone it is written as null.
    Absent,
    /// Bytes as they are: null, true, false, a member of a vocabulary.
    Literal(u32),
    /// What the node draws.
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
        /// Over `literals`, by how often each came.
        choice: Choice,
        /// Indices into [`Nodes::literals`].
        literals: Box<[u32]>,
    },
    /// A number, or a time as a number.
    Number(NumberNode),
    /// A string, quotes included.
    Text(StringNode),
    /// A list of items of one position.
    Array(ArrayNode),
    /// An object with known members.
    Object(ObjectNode),
    /// An object that is the same wherever its id is shown.
    Entity(EntityNode),
    /// An object whose keys are drawn.
    Map(MapNode),
}

/// A list, and what its items have to do with each other.
#[derive(Debug, Clone)]
pub struct ArrayNode {
    /// How many items, where no row says it.
    pub lengths: Sizes,
    /// What each item is.
    pub item: Field,
    /// What stands at each place of a tuple; empty for a list.
    pub places: Box<[Field]>,
    /// The order of scalars, or of objects by their id; `None` as they come.
    pub order: Option<Order>,
    /// Members by which the items are in order, or different ones.
    pub sorted: Box<[SortKey]>,
    /// Hash of the source of the request that says how many items there are.
    pub echo: Option<u64>,
    /// Hash of the query parameter that bounds the items.
    pub page_size: Option<PageSize>,
}

/// A member of an object, as a program writes it.
#[derive(Debug, Clone, Default)]
pub struct MemberSlot {
    /// `"name":`, escaped.
    pub name: Box<[u8]>,
    /// As the laws of the record know it.
    pub path: u32,
    /// What stands behind the name.
    pub slot: Field,
    /// The member whose items this one counts.
    pub counts: Option<u32>,
    /// What it says of the page of a list.
    pub role: Option<Role>,
    /// The place among the times of the object, where they keep an order.
    pub timed: Option<Timed>,
    /// The scalar beside this object that one of the object's own members repeats.
    pub twin: Option<EqualNode>,
}

impl MemberSlot {
    /// Is this its name?
    pub fn is_called(&self, name: &str) -> bool {
        self.path == column::short(column::step(hash::ROOT, name))
    }
}

/// Two members that are always equal: one of an object, and one of an object in it.
#[derive(Debug, Clone, Copy)]
pub struct EqualNode {
    /// The member of the outer object.
    pub source: u32,
    /// The member of the inner one.
    pub inner: u32,
}

/// An object that shows an entity of a resource: drawn by resource and id, wherever it stands.
#[derive(Debug, Clone)]
pub struct EntityNode {
    /// Hash of the resource.
    pub resource: u64,
    /// The member that identifies it, among `members`, and how ids are drawn here.
    pub id: u32,
    /// The same among the members of the entity.
    pub their_id: Option<u32>,
    /// The entity as its own endpoint knows it: an [`ObjectNode`].
    pub entity: NodeId,
    /// What the entity's times are counted from, unix seconds.
    pub anchor_s: i64,
    /// The object as this endpoint knows it.
    pub own: ObjectNode,
    /// For each own member, the same member of the entity, if it has it.
    pub members: Box<[Option<u32>]>,
    /// Own members that echo the request, with the same members of the entity.
    pub filters: Box<[Filter]>,
}

/// A member of an entity that an answer may be asked for: the owner, the state.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Index of the member here.
    pub own: u32,
    /// Index of the same among the members of the entity.
    pub theirs: u32,
    /// It has few values: of those that nothing was found for, there is nothing.
    pub is_narrow: bool,
}

/// An object whose keys are values.
#[derive(Debug, Clone)]
pub struct MapNode {
    /// How many keys.
    pub sizes: Sizes,
    /// What each key is, a string.
    pub keys: Field,
    /// What stands behind each key.
    pub value: Field,
}

/// The nodes of a program.
#[derive(Debug, Clone, Default)]
pub struct Nodes {
    /// A [`NodeId`] is an index into these.
    pub nodes: Vec<Node>,
    /// JSON text, escaped and with quotes: an [`Output::Literal`] is an index into these.
    pub literals: Vec<Box<[u8]>>,
    /// The document itself.
    pub root: Field,
    /// What is repeated of the request.
    pub asked: WantedSources,
    /// Where the document has pages: totals, sizes, and what its members say of them.
    pub paging: Option<PaginationNode>,
}

/// What the writing of one body needs.
#[derive(Clone, Copy)]
pub struct Writing<'a> {
    /// The program that is written.
    pub nodes: &'a Nodes,
    /// What the request says, to be repeated.
    pub sources: &'a EchoSources<'a>,
    /// From where times are counted.
    pub clock: DrawClock,
    /// The seed all entities start from.
    pub base: u64,
    /// Hash of what the query selects; 0 where it selects nothing, and within entities.
    pub selection: u64,
    /// The page that is asked for, of documents that have pages.
    pub page: Option<&'a DrawnPage<'a>>,
}

/// What a node is told by the object around it.
#[derive(Clone, Copy, Default)]
pub struct Constraint<'g> {
    /// The length of an array or the class of an object.
    pub count: Option<u32>,
    /// A member of an object, and the JSON it has.
    pub fixed: Option<(u32, &'g [u8])>,
}

impl Constraint<'_> {
    /// Says the length of an array or the class of an object, and nothing of members.
    pub fn count(count: u32) -> Self {
        Self { count: Some(count), fixed: None }
    }

    /// The path of the member that is told.
    pub(in crate::domain::value) fn path_in(&self, object: &ObjectNode) -> Option<u32> {
        let (member, _) = self.fixed?;
        object.members.get(member as usize).map(|member| member.path)
    }

    pub(in crate::domain::value) fn bytes_of(&self, member: u32) -> Option<&[u8]> {
        self.fixed.filter(|(at, _)| *at == member).map(|(_, bytes)| bytes)
    }
}

/// Salt of the draw of a length, apart from what else is drawn at a position.
pub(in crate::domain::value) const LENGTH: u64 = 0x1E;
pub(in crate::domain::value) const LAW: u64 = 0x1A;

/// Draws of a record until it is in the order that it must be in.
pub(in crate::domain::value) const LAW_DRAWS_MAX: u32 = 6;
