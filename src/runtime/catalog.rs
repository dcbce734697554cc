//! What the request path reads to find an endpoint: immutable, swapped as a whole.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::directory::lenders::Lenders;
use super::directory::pins::PinnedTemplates;
use crate::domain::endpoint::EndpointId;
use crate::domain::path::{Identified, PathTree};
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// Longest chain of redirects that is followed: endpoints are folded seldom, and a cycle must end.
const REDIRECTS_FOLLOWED_MAX: usize = 16;

/// The endpoints of one template, by method. Most templates have one to four methods.
type Methods = SmallVec<[Arc<EndpointHandle>; 2]>;

/// All endpoints known at one moment, and the tree that finds them.
pub struct Catalog {
    tree: Arc<PathTree>,
    by_leaf: Vec<Methods>,
    by_id: FxHashMap<EndpointId, Arc<EndpointHandle>>,
    redirects: FxHashMap<EndpointId, EndpointId>,
    pins: PinnedTemplates,
}

impl Catalog {
    /// Builds the tables from the tree and all handles.
    #[must_use]
    pub fn new<'a>(
        tree: Arc<PathTree>,
        handles: impl Iterator<Item = &'a Arc<EndpointHandle>>,
        redirects: FxHashMap<EndpointId, EndpointId>,
        pins: PinnedTemplates,
    ) -> Self {
        let leaves: FxHashMap<_, _> =
            tree.templates().map(|(leaf, template)| (template.clone(), leaf as usize)).collect();
        let size = leaves.values().max().map_or(0, |leaf| leaf + 1);
        let mut by_leaf: Vec<Methods> = vec![Methods::new(); size];
        let mut by_id = FxHashMap::default();
        for handle in handles {
            by_id.insert(handle.id().clone(), Arc::clone(handle));
            let leaf = leaves.get(&handle.key().template).and_then(|leaf| by_leaf.get_mut(*leaf));
            if let Some(methods) = leaf {
                methods.push(Arc::clone(handle));
            }
        }
        Self { tree, by_leaf, by_id, redirects, pins }
    }

    /// Lets endpoints answer for templates that have none of their own for their method.
    #[must_use]
    pub fn lending(mut self, lenders: &Lenders) -> Self {
        for (template, ids) in lenders {
            let Some(leaf) = self.tree.leaf(template) else { continue };
            for id in ids {
                let Some(lender) = self.by_id(id).cloned() else { continue };
                let Some(methods) = self.by_leaf.get_mut(leaf as usize) else { continue };
                if methods.iter().all(|own| own.key().method != lender.key().method) {
                    methods.push(lender);
                }
            }
        }
        self
    }

    /// Where `path` belongs; wait-free and without allocation for learned templates.
    #[must_use]
    pub fn identify<'t, 'p>(&'t self, path: &'p str) -> Identified<'t, 'p> {
        self.tree.identify(path)
    }

    /// The endpoint of `method` at an identified place.
    #[must_use]
    pub fn endpoint(
        &self,
        method: &str,
        place: &Identified<'_, '_>,
    ) -> Option<&Arc<EndpointHandle>> {
        let methods = self.by_leaf.get(place.leaf? as usize)?;
        methods.iter().find(|handle| &*handle.key().method == method)
    }

    /// The endpoints of all methods at an identified place.
    #[must_use]
    pub fn siblings(&self, place: &Identified<'_, '_>) -> &[Arc<EndpointHandle>] {
        let methods = place.leaf.and_then(|leaf| self.by_leaf.get(leaf as usize));
        methods.map_or(&[], |methods| methods)
    }

    /// The endpoint with `id`, or the one it was folded into.
    #[must_use]
    pub fn by_id(&self, id: &EndpointId) -> Option<&Arc<EndpointHandle>> {
        let mut id = id;
        for _ in 0..REDIRECTS_FOLLOWED_MAX {
            if let Some(handle) = self.by_id.get(id) {
                return Some(handle);
            }
            id = self.redirects.get(id)?;
        }
        None
    }

    /// The learned endpoints most like `path`, as `METHOD /template`; of those that are near, the
    /// ones of the same method come first.
    #[must_use]
    pub fn nearest(&self, method: &str, path: &str, n: usize) -> Vec<String> {
        let templates = self.tree.nearest(path, 2 * n);
        let leaves = templates.into_iter().filter_map(|template| self.tree.leaf(template));
        let mut near: Vec<&Arc<EndpointHandle>> =
            leaves.filter_map(|leaf| self.by_leaf.get(leaf as usize)).flatten().collect();
        near.sort_by_key(|handle| &*handle.key().method != method);
        near.into_iter().map(|handle| handle.key().to_string()).take(n).collect()
    }

    /// All endpoints, in no particular order.
    pub fn endpoints(&self) -> impl Iterator<Item = &Arc<EndpointHandle>> {
        self.by_id.values()
    }

    /// Number of endpoints.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether nothing is learned yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The pinned templates, sorted by text.
    #[must_use]
    pub fn pins(&self) -> &PinnedTemplates {
        &self.pins
    }

    /// The tree.
    #[must_use]
    pub fn tree(&self) -> &Arc<PathTree> {
        &self.tree
    }
}
