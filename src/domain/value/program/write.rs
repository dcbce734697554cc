//! A program run: its nodes written, one after the other, as bytes.

use smallvec::SmallVec;

use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::random::keyed_rng::KeyedRng;
use crate::domain::value::object::draw::{DrawnField, DrawnObject, ObjectNode};
use crate::domain::value::program::{
    Constraint, Field, LAW, LAW_DRAWS_MAX, LENGTH, MapNode, MemberSlot, Node, NodeId, Output,
    Writing,
};
use crate::domain::value::relation::echo::{EchoKind, EchoSource};
use crate::domain::value::time::timestamp::{OwnTimestamp, Timestamp};

impl Writing<'_> {
    /// Writes the whole document.
    pub fn write(&self, seed: EntitySeed, out: &mut Vec<u8>) {
        self.slot(&self.nodes.root, seed, out);
    }

    pub(in crate::domain::value) fn slot(&self, slot: &Field, seed: EntitySeed, out: &mut Vec<u8>) {
        let drawn = slot.choice.draw(seed.at(slot.key ^ SLOT));
        let emit = slot.alternatives.get(drawn.at).copied();
        self.emit(slot, emit.unwrap_or(Output::Absent), seed.nth(drawn.index()), out);
    }

    pub(in crate::domain::value) fn emit(
        &self,
        slot: &Field,
        emit: Output,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        if !self.echo(slot, out) {
            self.emit_given(slot, emit, None, seed, out);
        }
    }

    /// Writes what the request says of a position; false when it says nothing.
    pub(in crate::domain::value) fn echo(&self, slot: &Field, out: &mut Vec<u8>) -> bool {
        (slot.echo.and_then(|echo| self.sources.find(echo)))
            .is_some_and(|source| write_echo(source, slot.echo_as_text, out))
    }

    /// `fixed`: a member of the object that is written, and what it is.
    fn emit_given(
        &self,
        slot: &Field,
        emit: Output,
        fixed: Option<(u32, &[u8])>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        match emit {
            Output::Absent => out.extend_from_slice(b"null"),
            Output::Literal(at) => self.literal(Some(at), out),
            Output::Node(id) => {
                self.node(id, slot.key, Constraint { count: None, fixed }, seed, out);
            }
            Output::Array(id, length) => {
                self.node(id, slot.key, Constraint::count(length), seed, out);
            }
            Output::Object(id, class) => {
                let given = Constraint { count: Some(u32::from(class)), fixed };
                self.node(id, slot.key, given, seed, out);
            }
        }
    }

    fn literal(&self, at: Option<u32>, out: &mut Vec<u8>) {
        if let Some(bytes) = at.and_then(|at| self.nodes.literals.get(at as usize)) {
            out.extend_from_slice(bytes);
        }
    }

    fn node(
        &self,
        id: NodeId,
        key: u64,
        given: Constraint<'_>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let Some(node) = self.nodes.nodes.get(id as usize) else { return };
        match node {
            Node::Pick { choice, literals } => {
                let at = choice.draw(seed.at(key)).at;
                self.literal(literals.get(at).copied(), out);
            }
            Node::Number(number) => {
                number.write(seed.at(key), self.clock, out);
            }
            Node::Text(patterns) => patterns.write(seed, key, self.clock, out),
            Node::Array(array) => self.array(array, key, given.count, seed, out),
            Node::Object(object) => self.object(object, key, given, seed, out),
            Node::Entity(entity) => self.entity(entity, key, given, seed, out),
            Node::Map(map) => self.map(map, key, seed, out),
        }
    }

    /// Writes an object that keeps its laws: of several draws the first that can.
    pub(in crate::domain::value) fn object(
        &self,
        object: &ObjectNode,
        key: u64,
        given: Constraint<'_>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        if self.pooled(object, key, given, seed, out) {
            return;
        }
        let Some(laws) = &object.laws else { return self.members(object, key, given, seed, out) };
        let fixed = given.path_in(object);
        let start = out.len();
        for attempt in 0..LAW_DRAWS_MAX {
            out.truncate(start);
            let seed = seed.attempt(key ^ LAW, attempt);
            self.members(object, key, given, seed, out);
            let mut stream = seed.at(key ^ LAW).stream();
            if laws.repair(fixed, &mut stream, self.clock, start, out) {
                return;
            }
        }
    }

    /// Writes an object in one draw, whatever comes of it: of an entity everybody must draw the
    /// same, whether they look at its laws or at one member alone.
    pub(in crate::domain::value) fn lawful(
        &self,
        object: &ObjectNode,
        key: u64,
        given: Constraint<'_>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        if self.pooled(object, key, given, seed, out) {
            return;
        }
        let start = out.len();
        self.members(object, key, given, seed, out);
        if let Some(laws) = &object.laws {
            let mut stream = seed.at(key ^ LAW).stream();
            laws.repair(given.path_in(object), &mut stream, self.clock, start, out);
        }
    }

    pub(in crate::domain::value) fn members(
        &self,
        object: &ObjectNode,
        key: u64,
        given: Constraint<'_>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        out.push(b'{');
        if let Some(of) = object.instance(key, given.count, seed) {
            let start = out.len();
            for cell in &of.row.cells {
                let Some(member) = object.members.get(cell.member as usize) else { continue };
                if self.leads_nowhere(member) && object.is_sparse(cell.member) {
                    continue;
                }
                if out.len() > start {
                    out.push(b',');
                }
                out.extend_from_slice(&member.name);
                match given.bytes_of(cell.member) {
                    Some(bytes) => out.extend_from_slice(bytes),
                    None => self.member(&of, member, cell, out),
                }
            }
            if self.page.is_some() {
                self.missing_members(&of, start, out);
            }
        }
        out.push(b'}');
    }

    /// Writes members that this page has although the row has not: what leads to the next one.
    fn missing_members(&self, of: &DrawnObject<'_>, start: usize, out: &mut Vec<u8>) {
        for (at, member) in of.object.members.iter().enumerate() {
            if self.leads_on(member) && of.cell(at as u32).is_none() {
                if out.len() > start {
                    out.push(b',');
                }
                out.extend_from_slice(&member.name);
                self.page_member(of, member, None, out);
            }
        }
    }

    fn member(
        &self,
        of: &DrawnObject<'_>,
        member: &MemberSlot,
        cell: &DrawnField,
        out: &mut Vec<u8>,
    ) {
        if !self.page_member(of, member, Some(cell), out) && !self.echo(&member.slot, out) {
            self.unechoed_member(of, member, cell, out);
        }
    }

    /// Writes the value of a member of an object.
    pub(in crate::domain::value) fn unechoed_member(
        &self,
        of: &DrawnObject<'_>,
        member: &MemberSlot,
        cell: &DrawnField,
        out: &mut Vec<u8>,
    ) {
        let seed = of.part(cell);
        if let Some(items) = member.counts.and_then(|array| self.counted(of, array, out)) {
            out.extend_from_slice(itoa::Buffer::new().format(items).as_bytes());
        } else if let Some(twin) = member.twin
            && let Some(bytes) = self.scalar(of, twin.source, out)
        {
            let fixed = Some((twin.inner, bytes.as_slice()));
            self.emit_given(&member.slot, cell.emit, fixed, seed, out);
        } else if let Some(moment) = self.moment_of(of, member) {
            self.write_moment(&member.slot, cell.emit, moment, seed, out);
        } else {
            self.emit_given(&member.slot, cell.emit, None, seed, out);
        }
    }

    /// The time of a member among the times of its object.
    fn moment_of(&self, of: &DrawnObject<'_>, member: &MemberSlot) -> Option<Timestamp> {
        let timed = member.timed.as_ref()?;
        timed.draw(|member| {
            let slot = &of.object.members.get(member as usize)?.slot;
            let cell = of.cell(member)?;
            self.own_moment(slot, cell.emit, of.part(cell))
        })
    }

    /// The time that a position would show by itself.
    fn own_moment(
        &self,
        slot: &Field,
        emit: Output,
        seed: EntitySeed,
    ) -> Option<(OwnTimestamp, KeyedRng)> {
        let Output::Node(id) = emit else { return None };
        match self.nodes.nodes.get(id as usize)? {
            Node::Text(patterns) => patterns.moment(seed.at(slot.key), self.clock),
            Node::Number(number) => number.moment(seed.at(slot.key), self.clock),
            _ => None,
        }
    }

    fn write_moment(
        &self,
        slot: &Field,
        emit: Output,
        moment: Timestamp,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let Output::Node(id) = emit else { return };
        match self.nodes.nodes.get(id as usize) {
            Some(Node::Text(patterns)) => patterns.write_moment(seed.at(slot.key), moment, out),
            Some(Node::Number(number)) => number.write_moment(seed.at(slot.key), moment, out),
            _ => {}
        }
    }

    /// What a member of this object is, whether it was written already or not: what is drawn
    /// hangs on the place alone. `out` serves as a scratch pad.
    fn scalar(
        &self,
        of: &DrawnObject<'_>,
        member: u32,
        out: &mut Vec<u8>,
    ) -> Option<SmallVec<[u8; 48]>> {
        let cell = of.cell(member)?;
        let slot = &of.object.members.get(member as usize)?.slot;
        let start = out.len();
        self.emit(slot, cell.emit, of.part(cell), out);
        Some(out.drain(start..).collect())
    }

    fn map(&self, map: &MapNode, key: u64, seed: EntitySeed, out: &mut Vec<u8>) {
        let (size, first) = map.sizes.draw(seed.at(key ^ LENGTH));
        let seed = seed.nth(first);
        out.push(b'{');
        for ordinal in 0..size {
            if ordinal > 0 {
                out.push(b',');
            }
            let part = seed.part(key, ordinal);
            self.slot(&map.keys, part, out);
            out.push(b':');
            self.slot(&map.value, part, out);
        }
        out.push(b'}');
    }
}

/// Salts that keep the draws of one position apart.
const SLOT: u64 = 0x51;

/// Writes a value of the request; false when it cannot stand here.
fn write_echo(source: &EchoSource<'_>, as_text: bool, out: &mut Vec<u8>) -> bool {
    if source.kind == EchoKind::Part {
        out.extend_from_slice(source.value.as_bytes());
        return !source.value.is_empty();
    }
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
