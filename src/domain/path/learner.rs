//! The one writer of the templates: takes sightings, keeps evidence, publishes snapshots.

use std::sync::Arc;

use super::change::{Moves, TemplateChange};
use super::evidence::Evidence;
use super::infer::{Inference, infer};
use super::limits::PathLimits;
use super::pin::{Pin, PinError};
use super::sample::{Sample, method_bit};
use super::shape::BodyShape;
use super::state::{PathSeen, PathState};
use super::template::PathTemplate;
use super::tree::PathTree;

/// What the learner is told of one exchange.
#[derive(Debug, Clone)]
pub struct Sighting<'a> {
    pub method: &'a str,
    /// Raw and undecoded, without the query.
    pub path: &'a str,
    pub status: u16,
    /// The structure of the answer, where it is JSON.
    pub shape: Option<BodyShape>,
}

impl Sighting<'_> {
    /// Whether the answer shows that the path exists: redirects and successes do; what a client
    /// made up gets 4xx, and 5xx says nothing about paths.
    fn teaches(&self) -> bool {
        self.status < 400
    }
}

/// Learns path templates from a stream of sightings.
///
/// Templates are a function of the kept evidence (see `infer`), worked out anew when enough of it
/// is new: at once while little is known, after a few per cent of growth later. Between two
/// inferences a path that fits no template gets one of its own at once.
#[derive(Debug, Clone)]
pub struct PathLearner {
    limits: PathLimits,
    evidence: Evidence,
    tree: Arc<PathTree>,
    pins: Vec<Pin>,
    changes: Vec<TemplateChange>,
    version: u64,
    /// Sightings that taught, so far: the learner's clock.
    sightings: u64,
    /// Paths since the last inference that fitted no template.
    strangers: usize,
    /// Distinct paths since the last inference that fitted one.
    newcomers: usize,
    /// `sightings` at the last inference.
    inferred_at: u64,
}

/// An inference is due when one in this many kept paths is a stranger: the cost of inference for
/// one stranger is then that many times its share of one inference, a few microseconds each.
const STRANGER_SHARE: usize = 24;
/// The same for paths that fit a template and only add to its counts.
const NEWCOMER_SHARE: usize = 8;
/// Eight of them are worth an inference from the start.
const NEWCOMERS_MIN: usize = 64;
/// Known paths alone cause an inference when the sightings have doubled, and this many more: how
/// often a path is seen is evidence too, but what it decides is decided logarithmically often.
const SIGHTINGS_MIN: u64 = 64;

impl PathLearner {
    pub fn new(limits: PathLimits) -> Self {
        Self {
            tree: Arc::new(PathTree::new(&limits)),
            limits,
            evidence: Evidence::default(),
            pins: Vec::new(),
            changes: Vec::new(),
            version: 0,
            sightings: 0,
            strangers: 0,
            newcomers: 0,
            inferred_at: 0,
        }
    }

    /// Takes note of one exchange and answers the template it belongs to now. Answers of 4xx and
    /// 5xx are identified and teach nothing; [`PathLearner::leaf`] tells whether the template is
    /// a learned one or a guess.
    pub fn observe(&mut self, sighting: &Sighting<'_>) -> PathTemplate {
        if sighting.teaches() {
            self.learn(sighting);
        }
        if let Some(sample) = self.evidence.get_mut(sighting.path)
            && let Some(template) = self.tree.template(sample.leaf)
        {
            return template.clone();
        }
        self.tree.identify(sighting.path).template.into_owned()
    }

    /// Takes note of a path although its answer was an error: the caller knows from elsewhere that
    /// the path exists, because it keeps giving the same kind of error.
    pub fn vouch(&mut self, sighting: &Sighting<'_>) -> PathTemplate {
        self.observe(&Sighting { status: 200, ..sighting.clone() })
    }

    fn learn(&mut self, sighting: &Sighting<'_>) {
        self.sightings += 1;
        let mut stranger = false;
        if self.evidence.get_mut(sighting.path).is_none() {
            stranger = self.keep(sighting.path);
        }
        let Some(sample) = self.evidence.get_mut(sighting.path) else { return };
        sample.hits = sample.hits.saturating_add(1);
        sample.methods |= method_bit(sighting.method);
        sample.seen_at = self.sightings;
        if let Some(shape) = &sighting.shape {
            sample.note_shape(shape);
        }
        let kept = self.evidence.samples().len();
        if self.strangers * STRANGER_SHARE > kept
            || self.newcomers * NEWCOMER_SHARE > kept + NEWCOMERS_MIN
            || self.sightings > 2 * self.inferred_at + SIGHTINGS_MIN
        {
            self.relearn();
        } else if stranger {
            self.adopt(sighting.path);
        }
    }

    /// Keeps a path that was not seen before; true when it fits no template and has none yet.
    fn keep(&mut self, path: &str) -> bool {
        let Some(mut sample) = Sample::new(path, &self.limits) else { return false };
        if self.evidence.is_full(&self.limits) {
            self.evidence.shed(&self.limits);
            self.relearn();
        }
        let found = self.tree.find(path);
        if let Some((leaf, _)) = found {
            sample.leaf = leaf;
            self.newcomers += 1;
        } else {
            let full = self.tree.leaves.len() >= self.limits.templates_max
                || self.tree.learned.len() + sample.depth() > self.limits.nodes_max;
            if full {
                return false;
            }
            self.strangers += 1;
        }
        let stranger = found.is_none();
        self.evidence.insert(sample);
        stranger
    }

    /// Gives a kept path that fits no template one of its own, until the next inference.
    fn adopt(&mut self, path: &str) {
        let leaf = Arc::make_mut(&mut self.tree).adopt(path);
        self.version += 1;
        if let Some(sample) = self.evidence.get_mut(path) {
            sample.leaf = leaf;
        }
    }

    /// Decides everything that is pending now, so that the templates are what the evidence says.
    pub fn settle(&mut self) {
        if self.sightings > self.inferred_at {
            self.relearn();
        }
    }

    fn relearn(&mut self) {
        self.strangers = 0;
        self.newcomers = 0;
        self.inferred_at = self.sightings;
        let tree = Arc::clone(&self.tree);
        let (pinned, free): (Vec<u32>, Vec<u32>) = (0..self.evidence.samples().len() as u32)
            .partition(|&at| {
                self.evidence.samples().get(at as usize).is_some_and(|s| tree.is_pinned(s.path()))
            });
        let inference = infer(self.evidence.samples(), &free);
        self.publish(inference, &pinned);
    }

    /// Replaces the learned tree and works out what became of the old templates.
    fn publish(&mut self, inference: Inference, pinned: &[u32]) {
        let old = Arc::clone(&self.tree);
        let tree = Arc::make_mut(&mut self.tree);
        let Inference { mut trie, templates, of_sample } = inference;
        let mut new: Vec<PathTemplate> = templates.iter().map(|t| PathTemplate::new(t)).collect();
        let inferred = new.len();
        let mut moves = Moves::default();
        for (sample, &target) in self.evidence.samples().iter().zip(&of_sample) {
            if target != u32::MAX {
                moves.add(sample.leaf, target, sample.hits);
            }
        }
        for &at in pinned {
            let Some(sample) = self.evidence.samples().get(at as usize) else { continue };
            let leaf = tree.pinned_leaf(sample.path());
            let Some(template) = leaf.and_then(|leaf| tree.leaves.get(leaf)) else {
                continue;
            };
            let known = new[inferred..].iter().position(|known| known == template);
            let place = known.map_or_else(
                || {
                    new.push(template.clone());
                    new.len() - 1
                },
                |at| at + inferred,
            );
            moves.add(sample.leaf, place as u32, sample.hits);
        }
        let pins = tree.pinned_leaves();
        let lives = |t: &PathTemplate| {
            new.contains(t) || tree.leaves.index(t).is_some_and(|leaf| pins.contains(&leaf))
        };
        let lived = |t: &PathTemplate| old.leaves.index(t).is_some();
        let before: Vec<(u32, PathTemplate)> =
            old.leaves.iter().map(|(leaf, template)| (leaf, template.clone())).collect();
        let changes = moves.changes(&before, &new, lives, lived);
        let gone: Vec<u32> =
            before.iter().filter(|(_, t)| !lives(t)).map(|&(leaf, _)| leaf).collect();
        for leaf in gone {
            tree.leaves.remove(leaf);
        }
        let leaves: Vec<u32> = new.iter().map(|t| tree.leaves.index_or_insert(t)).collect();
        trie.renumber_leaves(&leaves);
        tree.learned = trie;
        for (sample, &target) in self.evidence.samples_mut().iter_mut().zip(&of_sample) {
            if let Some(&leaf) = leaves.get(target as usize) {
                sample.leaf = leaf;
            }
        }
        for &at in pinned {
            if let Some(sample) = self.evidence.samples_mut().get_mut(at as usize)
                && let Some(leaf) = tree.pinned_leaf(sample.path())
            {
                sample.leaf = leaf;
            }
        }
        self.version += 1;
        self.changes.extend(changes);
    }

    /// The changes since the last call, in order.
    pub fn take_changes(&mut self) -> Vec<TemplateChange> {
        std::mem::take(&mut self.changes)
    }

    /// The current snapshot; cheap: it is shared, and copied only when something is learned while
    /// somebody still holds it.
    pub fn tree(&self) -> Arc<PathTree> {
        Arc::clone(&self.tree)
    }

    /// Moves whenever identification may answer differently.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The leaf index of a learned or pinned template; `None` for a guess.
    pub fn leaf(&self, template: &PathTemplate) -> Option<u32> {
        self.tree.leaf(template)
    }

    /// Gives the template of `pin` precedence over everything learned.
    pub fn pin(&mut self, pin: Pin) -> Result<(), PinError> {
        if self.pins.contains(&pin) {
            return Ok(());
        }
        if self.pins.len() >= self.limits.pins_max {
            return Err(PinError::TooMany(self.limits.pins_max));
        }
        if pin.template.len() > self.limits.path_bytes_max {
            return Err(PinError::TooLong(self.limits.path_bytes_max));
        }
        if pin.segments()?.len() > self.limits.depth_max {
            return Err(PinError::TooDeep(self.limits.depth_max));
        }
        Arc::make_mut(&mut self.tree).pin(&pin)?;
        self.pins.push(pin);
        self.pins.sort_unstable();
        self.relearn();
        Ok(())
    }

    /// Gives a pinned template back to learning; false when it is not pinned.
    pub fn unpin(&mut self, template: &str) -> bool {
        let Some(at) = self.pins.iter().position(|pin| pin.template == template) else {
            return false;
        };
        self.pins.remove(at);
        let tree = Arc::make_mut(&mut self.tree);
        tree.unpin_all();
        for pin in &self.pins {
            // Every one of them was accepted before, beside the one that is gone.
            let _ = tree.pin(pin);
        }
        self.relearn();
        true
    }

    /// The pins, sorted by template.
    pub fn pins(&self) -> &[Pin] {
        &self.pins
    }

    /// Drops what was learned of `template`; a pin stays.
    pub fn forget(&mut self, template: &PathTemplate) {
        let Some(leaf) = self.tree.leaf(template) else { return };
        self.evidence.retain(|sample| sample.leaf != leaf);
        self.relearn();
    }

    /// What has to be kept over a restart.
    pub fn state(&self) -> PathState {
        let seen = |sample: &Sample| PathSeen {
            path: sample.path().to_owned(),
            hits: sample.hits,
            methods: sample.methods,
            shape: sample.shape.as_deref().cloned(),
        };
        PathState { paths: self.evidence.samples().iter().map(seen).collect() }
    }

    /// A learner that knows what `state` says, as far as `limits` allow. Pins are no part of it:
    /// whoever keeps them pins them again.
    pub fn restore(limits: PathLimits, state: PathState) -> Self {
        let mut learner = Self::new(limits);
        for seen in state.paths {
            let Some(mut sample) = Sample::new(&seen.path, &learner.limits) else { continue };
            if learner.evidence.is_full(&learner.limits) {
                break;
            }
            learner.sightings += 1;
            sample.hits = seen.hits.max(1);
            sample.methods = seen.methods;
            sample.shape = seen.shape.map(Box::new);
            sample.seen_at = learner.sightings;
            learner.evidence.insert(sample);
        }
        learner.relearn();
        learner.changes.clear();
        learner
    }
}
