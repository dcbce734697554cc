//! The writing of entities: objects that show the same thing wherever they stand.

use smallvec::SmallVec;

use crate::domain::json::Json;
use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::random::hash;
use crate::domain::value::object::draw::ObjectNode;
use crate::domain::value::program::{Constraint, EntityNode, Filter, LAW, Node, Writing};
use crate::domain::value::relation::echo::{EchoOrigin, EchoSource, EchoSources};
use crate::domain::value::time::draw_clock::DrawClock;

/// What a request says of an entity that stands in the answer to it: only the place tells.
static NOTHING: EchoSources<'static> = EchoSources::none();

impl Writing<'_> {
    /// The id an entity has at this place, as JSON; `out` serves as a scratch pad.
    pub(in crate::domain::value) fn entity_id(
        &self,
        node: &EntityNode,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) -> Option<SmallVec<[u8; 48]>> {
        let id = node.own.members.get(node.id as usize)?;
        let start = out.len();
        self.slot(&id.slot, seed, out);
        Some(out.drain(start..).collect())
    }

    fn entity_seed(&self, node: &EntityNode, id_json: &[u8]) -> EntitySeed {
        let id = hash::hash_bytes(unquoted(id_json));
        EntitySeed::new(hash::combine(hash::combine(self.base, node.resource), id))
    }

    /// What is written of an entity hangs on nothing around it.
    fn within(&self, node: &EntityNode) -> Self {
        let clock = DrawClock { anchor_s: node.anchor_s, ..self.clock };
        Writing { clock, selection: 0, sources: &NOTHING, page: None, ..*self }
    }

    /// What the request says of all entities of this position, by one of their members.
    pub(in crate::domain::value) fn asked(
        &self,
        node: &EntityNode,
        filter: &Filter,
    ) -> Option<&EchoSource<'_>> {
        self.sources.find(node.own.members.get(filter.own as usize)?.slot.echo?)
    }

    /// Is the entity with this id as the request says that all are: an order of this user, a
    /// paid one? Only what is said where `is_meant`. `out` serves as a scratch pad.
    pub(in crate::domain::value) fn agrees(
        &self,
        node: &EntityNode,
        id_json: &[u8],
        is_meant: impl Fn(EchoOrigin) -> bool,
        out: &mut Vec<u8>,
    ) -> bool {
        let Some(Node::Object(entity)) = self.nodes.nodes.get(node.entity as usize) else {
            return true;
        };
        let of_entity = self.entity_seed(node, id_json);
        let writing = self.within(node);
        node.filters.iter().all(|filter| {
            let source = self.asked(node, filter).filter(|source| is_meant(source.origin));
            let Some(source) = source else { return true };
            let theirs = &filter.theirs;
            let of = entity.instance(node.resource, None, of_entity);
            let found = of.as_ref().and_then(|of| Some((of, of.cell(*theirs)?)));
            let member = entity.members.get(*theirs as usize);
            let (Some((of, cell)), Some(member)) = (found, member) else { return false };
            let start = out.len();
            writing.unechoed_member(of, member, cell, out);
            let agrees = unquoted(&out[start..]) == source.value.as_bytes(); // only grew
            out.truncate(start);
            agrees
        })
    }

    /// Writes the id as this place has it, then everything else from the entity it identifies.
    pub(in crate::domain::value) fn entity(
        &self,
        node: &EntityNode,
        key: u64,
        given: Constraint<'_>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let fixed = given.bytes_of(node.id).map(SmallVec::from_slice);
        let id = fixed.or_else(|| self.entity_id(node, seed, out));
        let (Some(Node::Object(entity)), Some(id_json)) =
            (self.nodes.nodes.get(node.entity as usize), id)
        else {
            return self.object(&node.own, key, given, seed, out);
        };
        let of_entity = self.entity_seed(node, &id_json);
        if entity.laws.is_some() || entity.pool.is_some() {
            return self.lawful_entity(node, entity, (key, &id_json), of_entity, out);
        }
        let Some(laws) = node.own.laws.as_ref() else {
            return self.entity_members(node, entity, (key, &id_json), of_entity, out);
        };
        let given = node.own.members.get(node.id as usize).map(|member| member.path);
        let clock = self.within(node).clock;
        let start = out.len();
        self.entity_members(node, entity, (key, &id_json), of_entity, out);
        let mut stream = of_entity.at(node.resource ^ LAW).stream();
        laws.repair(given, &mut stream, clock, start, out);
    }

    /// The same of an entity with laws: all of it is drawn, so that what is shown of it is the
    /// same wherever it stands, and those members written that this place has.
    fn lawful_entity(
        &self,
        node: &EntityNode,
        entity: &ObjectNode,
        (key, id_json): (u64, &[u8]),
        of_entity: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        let fixed = node.their_id.map(|at| (at, id_json));
        let given = Constraint { count: None, fixed };
        self.within(node).lawful(entity, node.resource, given, of_entity, out);
        let drawn = out.split_off(start);
        let Some(Json::Object(drawn)) = Json::parse(&drawn) else { return };
        let own_of = node.own.instance(key, None, of_entity);
        out.push(b'{');
        for (at, member) in node.own.members.iter().enumerate() {
            let theirs = node.members.get(at).copied().flatten();
            let theirs = theirs.and_then(|at| entity.members.get(at as usize));
            let fixed = (at == node.id as usize).then_some(id_json);
            let shown = theirs.and_then(|theirs| drawn.iter().find(|(n, _)| theirs.is_called(n)));
            let own = own_of.as_ref().filter(|_| theirs.is_none());
            let own = own.and_then(|of| Some((of, of.cell(at as u32)?)));
            if member.name.is_empty() || (fixed.is_none() && shown.is_none() && own.is_none()) {
                continue;
            }
            if out.last() != Some(&b'{') {
                out.push(b',');
            }
            out.extend_from_slice(&member.name);
            match (fixed, shown, own) {
                (Some(id), _, _) => out.extend_from_slice(id),
                // What this request says of the member wins over what the entity is.
                _ if self.echo(&member.slot, out) => {}
                (_, Some((_, value)), _) => {
                    // Writing what was read as JSON into a `Vec` cannot fail.
                    let _ = serde_json::to_writer(&mut *out, value);
                }
                (_, _, Some((of, cell))) => self.unechoed_member(of, member, cell, out),
                _ => {}
            }
        }
        out.push(b'}');
    }

    fn entity_members(
        &self,
        node: &EntityNode,
        entity: &ObjectNode,
        (key, id_json): (u64, &[u8]),
        of_entity: EntitySeed,
        out: &mut Vec<u8>,
    ) {
        let theirs_writing = self.within(node);
        let entity_of = entity.instance(node.resource, None, of_entity);
        let own_of = node.own.instance(key, None, of_entity);
        out.push(b'{');
        let mut first = true;
        for (at, member) in node.own.members.iter().enumerate() {
            let is_id = at == node.id as usize;
            let theirs = node.members.get(at).copied().flatten();
            let theirs = theirs.and_then(|at| Some((at, entity.members.get(at as usize)?)));
            let (writing, of, at, slot) = match theirs {
                Some((at, member)) => (&theirs_writing, &entity_of, at, member),
                None => (self, &own_of, at as u32, member),
            };
            let cell = of.as_ref().and_then(|of| Some((of, of.cell(at)?)));
            if (cell.is_none() && !is_id) || member.name.is_empty() {
                continue;
            }
            if !first {
                out.push(b',');
            }
            first = false;
            out.extend_from_slice(&member.name);
            if is_id {
                out.extend_from_slice(id_json);
            } else if let Some((of, cell)) = cell
                // What this request says of the member wins over what the entity is.
                && !self.echo(&member.slot, out)
            {
                writing.unechoed_member(of, slot, cell, out);
            }
        }
        out.push(b'}');
    }
}

fn unquoted(json: &[u8]) -> &[u8] {
    json.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(json)
}
