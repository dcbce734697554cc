//! The writing of whole records of a pool, with what is new in them.

use crate::domain::json::Json;
use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::random::hash;
use crate::domain::value::object::draw::ObjectNode;
use crate::domain::value::object::pool_node::{POOL, fill};
use crate::domain::value::program::{Constraint, LAW, Writing};
use crate::domain::value::relation::laws::column;

impl Writing<'_> {
    /// Writes a record of the pool; false where there is none.
    pub(in crate::domain::value) fn pooled(
        &self,
        object: &ObjectNode,
        key: u64,
        given: Constraint<'_>,
        seed: EntitySeed,
        out: &mut Vec<u8>,
    ) -> bool {
        let Some(pool) = object.pool.as_deref() else { return false };
        let at = pool.choice.draw(seed.at(key ^ POOL)).at;
        let Some(record) = pool.records.get(at) else { return false };
        let mut stream = seed.at(key ^ POOL).stream();
        let mut mixed = Vec::new();
        let taken = pool.taken(record, &mut stream, &mut mixed);
        let mut drawn = Vec::new();
        if record.members.iter().any(|member| member.has_hole) {
            self.members(object, key, given, seed, &mut drawn);
        }
        let drawn = match Json::parse(&drawn) {
            Some(Json::Object(drawn)) => drawn,
            _ => Vec::new(),
        };
        let fresh = |path: u32| {
            let is_it = |name: &str| column::short(column::step(hash::ROOT, name)) == path;
            drawn.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value)
        };
        let fixed = given.path_in(object);
        let start = out.len();
        out.push(b'{');
        for member in &record.members {
            if out.len() > start + 1 {
                out.push(b',');
            }
            out.extend_from_slice(&member.name);
            let slot = object.members.iter().find(|slot| slot.path == member.path);
            let known = given.fixed.filter(|_| fixed == Some(member.path));
            if let Some((_, bytes)) = known {
                out.extend_from_slice(bytes);
            } else if slot.is_some_and(|slot| self.echo(&slot.slot, out)) {
            } else if let Some((_, json)) = taken.filter(|taken| taken.0 == member.path) {
                match member.has_hole {
                    true => fill(json, fresh(member.path), out),
                    false => out.extend_from_slice(json),
                }
            } else if member.has_hole {
                fill(&member.json, fresh(member.path), out);
            } else {
                out.extend_from_slice(&member.json);
            }
        }
        out.push(b'}');
        if let Some(laws) = &object.laws {
            let mut stream = seed.at(key ^ LAW).stream();
            laws.repair(fixed, &mut stream, self.clock, start, out);
        }
        true
    }
}
