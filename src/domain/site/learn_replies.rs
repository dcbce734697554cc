//! Learns of every endpoint which answers its requests choose.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::learn::Site;
use super::replies::SampledReplies;
use crate::domain::variants::{VariantModel, VariantSubject};
use crate::domain::world::{SitePlace, SiteTemplate};

impl Site {
    /// Learns which answers the requests of each endpoint choose.
    pub(super) fn learn_replies(&mut self, sampled: FxHashMap<Arc<SitePlace>, SampledReplies>) {
        for (place, SampledReplies { samples, partition }) in sampled {
            let Some(endpoint) = self.endpoints.get(&place) else { continue };
            let exchange = |exchange: &_| self.veil.pattern(exchange, &place.template);
            let document = |document: &_| self.veil.document(document);
            let lists_others = self.lists_others(&place.template);
            let subject = VariantSubject {
                template: &place.template,
                is_stateful: self.is_stateful(&place),
                is_list: endpoint.program.is_some() || lists_others,
                is_made: endpoint.is_executed || self.is_written(&place) || lists_others,
                exchange: &exchange,
                document: &document,
            };
            let model = VariantModel::learn((&samples, partition), &subject);
            self.remembers |= model.remembers();
            let model = model.is_telling().then(|| Arc::new(model));
            if let Some(endpoint) = self.endpoints.get_mut(&place) {
                endpoint.variants = model;
            }
        }
    }
    /// Whether a list shows items that have their address elsewhere: `/users/{}/orders` shows what
    /// `/orders/{}` does. What was recorded here need not agree with what is made there.
    pub(super) fn lists_others(&self, list: &SiteTemplate) -> bool {
        let is_elsewhere =
            |item: &SiteTemplate| item.noun() == list.noun() && !item.is_item_of(list);
        !list.ends_in_variable() && self.resources.items.keys().any(is_elsewhere)
    }
}
