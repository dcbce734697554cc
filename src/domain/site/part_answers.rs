//! Answers that show what the item above names or holds.

use serde_json::{Map, Value};

use super::lists::KnownRow;
use super::turn::Turn;
use crate::domain::world::pointer::{Pointer, PointerStep, as_segment, at, put_at};
use crate::domain::world::{EntityKey, PartView, SiteTemplate, ids_in, with_part};

impl Turn<'_> {
    /// An entity of a kind as the world holds it: gone, or as it is.
    pub(super) fn held(&self, kind: &SiteTemplate, id: &str) -> Option<Option<Value>> {
        let collection = self.site.resources.collection(kind, &self.request.segments);
        let held = self.world.entity(&EntityKey { collection, id: id.into() })?;
        if held.is_gone {
            return Some(None);
        }
        // An object that is only an id says nothing.
        let whole = held.object.as_deref().filter(|object| object.len() > 2)?;
        Some(Some(Value::Object(whole.clone())))
    }

    /// What is shown here of the item above; what is read here is what is written here.
    fn view(&self) -> Option<&(usize, PartView)> {
        self.site.resources.part_views.get(&self.place.template)
    }

    /// The item above the place of this request, of which it has `n` segments.
    fn item_above(&self, n: usize) -> Option<&Map<String, Value>> {
        let key = self.site.resources.key(self.request.segments.get(..n)?)?;
        self.world.living(&key)?.object.as_deref()
    }

    /// The item above, and what is shown of it here.
    fn above(&self) -> Option<(Value, &PartView)> {
        let (n, view) = self.view()?;
        Some((Value::Object(self.item_above(*n)?.clone()), view))
    }

    /// Whether the answer shows or changes a part of the item above.
    pub(super) fn shows_part(&self) -> bool {
        self.view().is_some_and(|(n, view)| {
            !matches!(view, PartView::Rows(_)) && self.item_above(*n).is_some()
        })
    }

    /// A document that shows what the item above names or holds.
    pub(super) fn part(&self, document: &Value) -> Option<Value> {
        let resources = &self.site.resources;
        let (above, view) = self.above()?;
        match view {
            PartView::Rows(_) => None,
            PartView::Part(place, envelope) if place.is_empty() => {
                self.whole(above.as_object()?, document, envelope)
            }
            PartView::Part(place, envelope) if self.request.reads() => {
                let part = at(&above, place).cloned().unwrap_or_default();
                Some(put_at(document.clone(), envelope, part))
            }
            PartView::Part(place, envelope) => {
                // Where the answer to a write shows nothing of it, it goes on to.
                at(document, envelope)?;
                let sent = self.request.body.json().and_then(|body| at(body, envelope));
                let object = with_part(above.as_object()?, (place, sent), &self.request.method)?;
                let part = at(&Value::Object(object), place)?.clone();
                Some(put_at(document.clone(), envelope, part))
            }
            PartView::Entity(..) if !self.request.reads() => None,
            PartView::Entity(place, kind) => {
                let envelope = &resources.items.get(kind)?.envelope;
                let object = at(&above, place).and_then(as_segment).and_then(|id| {
                    let collection = resources.collection(kind, &[]);
                    self.world.living(&EntityKey { collection, id: id.into() })?.object.clone()
                });
                let shown = object.map_or(Value::Null, |object| Value::Object((*object).clone()));
                Some(put_at(document.clone(), envelope, shown))
            }
        }
    }

    /// The item above itself, where this path leads whoever asks to it; with what was sent after a
    /// write.
    fn whole(
        &self,
        held: &Map<String, Value>,
        document: &Value,
        envelope: &[PointerStep],
    ) -> Option<Value> {
        let mut shown = at(document, envelope)?.as_object()?.clone();
        let sent = self.request.body.json().filter(|_| !self.request.reads());
        let sent = sent.and_then(|body| at(body, envelope)).cloned();
        let part = (&Pointer::new(), sent.as_ref());
        let written = with_part(held, part, &self.request.method);
        for (name, value) in written.as_ref().unwrap_or(held) {
            if let Some(own) = shown.get_mut(name) {
                *own = value.clone();
            }
        }
        Some(put_at(document.clone(), envelope, Value::Object(shown)))
    }

    /// Keeps the rows that the item above names, where a list shows those.
    pub(super) fn keep_named(&self, id: &str, rows: &mut Vec<KnownRow>) {
        let Some((_, PartView::Rows(_))) = self.view() else { return };
        let Some((above, PartView::Rows(place))) = self.above() else { return };
        let named =
            at(&above, place).and_then(|named| ids_in(named, id).or_else(|| ids_in(named, "id")));
        let named = named.unwrap_or_default();
        rows.retain(|(id, _)| named.iter().any(|known| **known == **id));
    }
}
