//! The answers of lists, and the numbers that count what they would show.

use std::sync::Arc;

use serde_json::Value;

use super::expansion::{expand, wishes};
use super::lists::ListRow;
use super::selection::select_rows;
use super::turn::{MadeAnswer, Turn};
use super::visibility::{asker, owners};
use crate::domain::world::pointer::{at, put_at};
use crate::domain::world::{Deriver, EntityKey, ListResource};

impl Turn<'_> {
    /// `None` for the rows of something never seen that nobody writes: that there are none is not
    /// known.
    pub(super) fn list(&self, listing: &ListResource, document: Value) -> Option<MadeAnswer> {
        let resources = &self.site.resources;
        let Some(program) = &self.endpoint.program else { return Some(MadeAnswer::of(document)) };
        let collection = resources.collection(&listing.item, &self.request.segments);
        let is_view = resources.views.contains(self.place);
        let mut rows = super::snapshot::snapshot(self.world, &collection, is_view, &listing.id);
        if rows.is_empty() && self.is_unheard_of(listing) {
            return None;
        }
        if let Some(rule) = &self.endpoint.visibility {
            let world = (&*self.world, resources);
            let owners = owners(world, (&listing.item, &collection), &rows, &self.request);
            rule.keep(&mut rows, &owners, &self.request);
        }
        self.keep_named(&listing.id, &mut rows);
        let item = resources.items.get(&listing.item);
        let clocks = item.map_or(&[][..], |item| &item.clocks);
        for (_, row) in rows.iter_mut().filter(|_| !clocks.is_empty()) {
            let row = Arc::make_mut(row);
            clocks.iter().for_each(|clock| clock.set(row, self.now_ms));
        }
        if let Some(item) = item.filter(|item| item.shows_below()) {
            for (id, row) in &mut rows {
                let key = EntityKey { collection: collection.clone(), id: (**id).into() };
                self.show_below(item, &key, Arc::make_mut(row));
            }
        }
        if let Some(mut deriver) = Deriver::of(resources, self.world, &listing.item) {
            rows.iter_mut().for_each(|(id, row)| deriver.set(id, Arc::make_mut(row)));
        }
        if let Some(expansions) = self.site.expansions.get(resources.canonical(&listing.item)) {
            let (world, wishes) = ((resources, &*self.world), wishes(&self.request));
            for (id, row) in &mut rows {
                let key = EntityKey { collection: collection.clone(), id: (**id).into() };
                expand(expansions, world, &wishes, (&key, Arc::make_mut(row)));
            }
        }
        let rows: Vec<ListRow<'_>> = rows
            .iter()
            .filter(|(_, row)| row.contains_key(&*listing.id))
            .map(|(id, row)| (&**id, &**row))
            .collect();
        let asked = self.asked_of_list();
        let page = program.run((listing, item), &asked, document, rows);
        let mut document = page.document;
        let wish = (&*self.request, listing);
        select_rows(&self.endpoint.selections, wish, &mut document);
        Some(MadeAnswer { headers: page.headers, ..MadeAnswer::of(document) })
    }

    /// Whether a list is told from others of its kind by its path, this one was not recorded, and
    /// nothing but such lists shows its rows or writes them.
    fn is_unheard_of(&self, listing: &ListResource) -> bool {
        let resources = &self.site.resources;
        self.place.template.variables() > 0
            && !resources.items.contains_key(&listing.item)
            && !self.site.is_written(self.place)
            && !self.is_recorded(200)
    }

    /// A document with the numbers that count entities.
    pub(super) fn tallied(&self, mut document: Value) -> Value {
        let resources = &self.site.resources;
        for (place, tally) in resources.tallies.get(self.place).into_iter().flatten() {
            if at(&document, place).is_some() {
                let lists = resources.lists.iter().find(|(_, list)| list.item == tally.item);
                // Without a wish all are counted.
                let lists = lists.filter(|_| !self.request.query.is_empty());
                let known = lists.and_then(|(place, _)| self.site.endpoints.get(place));
                let program = known.and_then(|known| known.program.as_ref());
                let asked = program.map(|program| program.asked_as_list(&self.request));
                let keeps = |object: &serde_json::Map<String, Value>| {
                    let row: ListRow<'_> = ("", object);
                    let passes = program.zip(asked.as_ref());
                    passes.is_none_or(|(p, asked)| !p.filtered(asked, vec![row], None).is_empty())
                };
                let whose = (&*self.request.segments, asker(&self.request));
                let count = tally.count(resources, self.world, whose, &keeps);
                document = put_at(document, place, count.into());
            }
        }
        document
    }
}
