//! The one writer of the templates: takes observations, keeps evidence, publishes snapshots.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::path::evidence::Evidence;
use crate::domain::path::evidence::body_shape::BodyShape;
use crate::domain::path::evidence::observed_path::{ObservedPath, method_bit, path_hash, split};
use crate::domain::path::existence::{Existence, UnknownPaths};
use crate::domain::path::infer::{Inference, infer};
use crate::domain::path::kind::SegmentKind;
use crate::domain::path::kind::pattern::FORMAT;
use crate::domain::path::path_limits::PathLimits;
use crate::domain::path::path_state::{Numbering, PathState, SegmentState, TemplateState};
use crate::domain::path::template_change::{Moves, TemplateChange};
use crate::domain::path::tree::path_tree::PathTree;
use crate::domain::path::tree::pin::{Pin, PinError};
use crate::domain::path::tree::segment_reason::{Basis, SegmentReason};
use crate::domain::path::tree::template::PathTemplate;
use crate::domain::path::tree::trie::Step;

/// What the learner is told of one exchange.
#[derive(Debug, Clone)]
pub struct PathObservation<'a> {
    /// As sent; which methods a path answers is evidence of what it is.
    pub method: &'a str,
    /// Raw and undecoded, without the query.
    pub path: &'a str,
    /// Of the answer: it says whether the path exists (see [`Existence`]).
    pub status: u16,
    /// The `Content-Type` of the answer, where it is known.
    pub media: Option<&'a str>,
    /// The structure of the answer, where it is JSON.
    pub shape: Option<BodyShape>,
}

/// Learns path templates from a stream of observations.
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
    /// Observations that taught, so far: the learner's clock.
    seen: u64,
    /// Errors on paths that belong to no template.
    unknown: UnknownPaths,
    /// Paths since the last inference that fitted no template.
    unmatched: usize,
    /// Distinct paths since the last inference that fitted one.
    newcomers: usize,
    /// `seen` at the last inference.
    inferred_at: u64,
}

/// An inference is due when one in this many kept paths fits no template: the cost of inference for
/// one of them is then that many times its share of one inference, a few microseconds each.
const UNMATCHED_SHARE: usize = 24;
/// With more kept paths than any but the largest API shows, most such paths are made up, and an
/// inference costs tens of milliseconds.
const CROWDED: usize = 4_096;
const UNMATCHED_SHARE_CROWDED: usize = 6;
/// The same for paths that fit a template and only add to its counts.
const NEWCOMER_SHARE: usize = 8;
/// Eight of them are worth an inference from the start.
const NEWCOMERS_MIN: usize = 64;
/// Known paths alone cause an inference when the observations have doubled, and this many more: how
/// often a path is seen is evidence too, but what it decides is decided logarithmically often.
const SEEN_MIN: u64 = 64;

impl PathLearner {
    /// Knows nothing: no template, no pin, version 0.
    pub fn new(limits: PathLimits) -> Self {
        Self {
            tree: Arc::new(PathTree::new(&limits)),
            limits,
            evidence: Evidence::default(),
            pins: Vec::new(),
            changes: Vec::new(),
            version: 0,
            seen: 0,
            unknown: UnknownPaths::default(),
            unmatched: 0,
            newcomers: 0,
            inferred_at: 0,
        }
    }

    /// Takes note of one exchange and answers the template it belongs to now. Answers of 4xx and
    /// 5xx are identified and teach nothing; [`PathLearner::leaf`] tells whether the template is
    /// a learned one or a guess.
    pub fn observe(&mut self, observation: &PathObservation<'_>) -> PathTemplate {
        if Existence::by_status(observation.status) == Existence::Shown {
            self.learn(observation);
        }
        self.tree.identify(observation.path).template.into_owned()
    }

    /// Takes note of one exchange and answers the learned template it belongs to; `None` while
    /// nothing but errors was seen of its path, and not often enough to show that it exists.
    pub fn place(&mut self, observation: &PathObservation<'_>) -> Option<PathTemplate> {
        let template = self.observe(observation);
        if self.leaf(&template).is_some() {
            return Some(template);
        }
        let PathObservation { method, path, status, .. } = *observation;
        if !self.unknown.is_established(method, &template, status) {
            return None;
        }
        self.learn(observation);
        Some(self.tree.identify(path).template.into_owned())
    }

    fn learn(&mut self, observation: &PathObservation<'_>) {
        self.seen += 1;
        let mut unmatched = false;
        let hash = path_hash(observation.path);
        if self.evidence.get_mut(hash).is_none() {
            unmatched = self.keep(observation.path);
        }
        let Some(sample) = self.evidence.get_mut(hash) else { return };
        sample.hits = sample.hits.saturating_add(1);
        let method = method_bit(observation.method);
        sample.methods |= method;
        sample.seen_at = self.seen;
        let PathObservation { status, media, shape, .. } = observation;
        sample.response.note(method, *status, *media, shape.as_ref());
        let kept = self.evidence.samples().len();
        let share = if kept > CROWDED { UNMATCHED_SHARE_CROWDED } else { UNMATCHED_SHARE };
        if self.unmatched * share > kept
            || self.newcomers * NEWCOMER_SHARE > kept + NEWCOMERS_MIN
            || self.seen > 2 * self.inferred_at + SEEN_MIN
        {
            self.relearn();
        } else if unmatched {
            self.adopt(observation.path);
        }
    }

    /// Keeps a path that was not seen before; true when it fits no template and has none yet.
    fn keep(&mut self, path: &str) -> bool {
        let Some(mut sample) = ObservedPath::new(path, &self.limits) else { return false };
        if self.evidence.is_full(&self.limits) {
            let tree = &self.tree;
            self.evidence.shed(&self.limits, |leaf| Some(parameters(tree.template(leaf)?)));
            self.relearn();
        }
        let found = self.tree.find(path);
        if let Some((leaf, _)) = found {
            sample.leaf = leaf;
            self.newcomers += 1;
            let template = self.tree.template(leaf).map_or("", PathTemplate::as_str);
            if sample.trailing_slash != template.ends_with('/') {
                // Whether both spellings answer alike is to be found out soon.
                self.unmatched += 1;
            }
        } else {
            let full = self.tree.leaves.len() >= self.limits.templates_max
                || self.tree.learned.len() + sample.depth() > self.limits.nodes_max;
            if full {
                return false;
            }
            self.unmatched += 1;
        }
        let unmatched = found.is_none();
        self.evidence.insert(sample);
        unmatched
    }

    /// Gives a kept path that fits no template one of its own, until the next inference.
    fn adopt(&mut self, path: &str) {
        let leaf = Arc::make_mut(&mut self.tree).adopt(path);
        self.version += 1;
        if let Some(sample) = self.evidence.get_mut(path_hash(path)) {
            sample.leaf = leaf;
        }
    }

    /// Decides everything that is pending now, so that the templates are what the evidence says.
    pub fn settle(&mut self) {
        if self.seen > self.inferred_at {
            self.relearn();
        }
    }

    fn relearn(&mut self) {
        self.unmatched = 0;
        self.newcomers = 0;
        self.inferred_at = self.seen;
        let tree = Arc::clone(&self.tree);
        let (mut pinned, mut free) = (Vec::new(), Vec::new());
        for (at, sample) in self.evidence.samples().iter().enumerate() {
            match tree.pinned_leaf_of(sample) {
                Some(leaf) => pinned.push((at as u32, leaf)),
                None => free.push(at as u32),
            }
        }
        let inference = infer(self.evidence.samples(), &free);
        self.publish(inference, &pinned);
    }

    /// Replaces the learned tree and works out what became of the old templates.
    fn publish(&mut self, inference: Inference, pinned: &[(u32, u32)]) {
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
        for &(at, leaf) in pinned {
            let Some(sample) = self.evidence.samples().get(at as usize) else { continue };
            let Some(template) = tree.leaves.get(leaf) else { continue };
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
        let before: Vec<(u32, PathTemplate)> =
            old.leaves.iter().map(|(leaf, template)| (leaf, template.clone())).collect();
        let changes = moves.changes(&before, &new, lives);
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
        for &(at, leaf) in pinned {
            if let Some(sample) = self.evidence.samples_mut().get_mut(at as usize) {
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
    ///
    /// # Errors
    /// When the template is none, has no room, or matches the same paths as another pin.
    pub fn pin(&mut self, pin: Pin) -> Result<(), PinError> {
        self.restore_pin(pin)?;
        self.relearn();
        Ok(())
    }

    /// Pins what was pinned when the state was taken: the learned templates stay as they are.
    ///
    /// # Errors
    /// As [`PathLearner::pin`].
    pub fn restore_pin(&mut self, pin: Pin) -> Result<(), PinError> {
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

    /// Drops what was learned of some templates; pins stay.
    pub fn forget(&mut self, templates: &[PathTemplate]) {
        let leaves = templates.iter().filter_map(|template| self.tree.leaf(template));
        let leaves: FxHashSet<u32> = leaves.collect();
        if !leaves.is_empty() {
            self.evidence.retain(|sample| !leaves.contains(&sample.leaf));
            self.relearn();
        }
    }

    /// What has to be kept over a restart.
    pub fn state(&self) -> PathState {
        let mut numbers: FxHashMap<u32, u32> = FxHashMap::default();
        let mut templates = Vec::new();
        for (leaf, steps) in self.tree.learned.routes() {
            let Some(template) = self.tree.leaves.get(leaf) else { continue };
            numbers.insert(leaf, templates.len() as u32);
            let segments =
                steps.iter().map(|step| SegmentState::of(step.reason, step.kinds())).collect();
            templates.push(TemplateState { text: template.as_str().to_owned(), segments });
        }
        let mut samples: Vec<&ObservedPath> = self.evidence.samples().iter().collect();
        samples.sort_unstable_by_key(|sample| sample.seen_at);
        let mut numbering = Numbering::default();
        let samples = samples
            .into_iter()
            .filter_map(|sample| {
                let number = *numbers.get(&sample.leaf)?;
                let template = self.tree.leaves.get(sample.leaf)?;
                Some(numbering.sample(sample, number, template.as_str()))
            })
            .collect();
        PathState { templates, looks: numbering.looks, values: numbering.values, samples }
    }

    /// A learner that knows what `state` says, as far as `limits` allow, and has the same
    /// templates: they are read back, not worked out again. Pins are no part of it: whoever keeps
    /// them pins them again.
    pub fn restore(limits: PathLimits, state: &PathState) -> Self {
        let mut learner = Self::new(limits);
        let tree = Arc::make_mut(&mut learner.tree);
        let grown = state.templates.iter().take(learner.limits.templates_max).map(|known| {
            tree.grow(&known.text, |depth, step| {
                let segment = known.segments.get(depth).cloned().unwrap_or_default();
                let kinds = segment.kinds();
                let kinds = if kinds.is_empty() { kinds_of_step(step) } else { kinds };
                (kinds, segment.reason())
            })
        });
        let leaves: Vec<Option<u32>> = grown.collect();
        for (template, mut sample) in state.to_samples(learner.limits.segment_bytes_max) {
            let Some(&Some(leaf)) = leaves.get(template as usize) else { continue };
            if learner.evidence.is_full(&learner.limits) {
                break;
            }
            learner.seen += u64::from(sample.hits);
            sample.seen_at = learner.seen;
            sample.leaf = leaf;
            learner.evidence.insert(sample);
        }
        learner.inferred_at = learner.seen;
        learner
    }

    /// The template that `text`, a template of an earlier run, is or belongs to now, added when
    /// there is none; `None` when it is malformed or beyond the limits. `hits` exchanges taught it.
    pub fn admit(&mut self, text: &str, hits: u32) -> Option<PathTemplate> {
        let template = PathTemplate::new(text);
        if self.tree.leaf(&template).is_some() {
            return Some(template);
        }
        let example = self.tree.example_path(&template);
        if let Some((leaf, _)) = self.tree.find(&example) {
            return self.tree.template(leaf).cloned();
        }
        let mut sample = ObservedPath::new(&example, &self.limits)?;
        if self.tree.leaves.len() >= self.limits.templates_max || !text.starts_with('/') {
            return None;
        }
        let reason = SegmentReason { ground: Basis::FirstSight, values: 1, hits };
        let tree = Arc::make_mut(&mut self.tree);
        let leaf = tree.grow(text, |_, step| (kinds_of_step(step), reason))?;
        sample.hits = hits.max(1);
        sample.leaf = leaf;
        self.evidence.insert(sample);
        self.version += 1;
        self.tree.template(leaf).cloned()
    }
}

/// Which segments of `template` are values in the evidence.
fn parameters(template: &PathTemplate) -> Vec<bool> {
    let value = |step: &str| Step::of(step) != Step::Literal && !step.ends_with(FORMAT);
    split(template.as_str()).iter().map(value).collect()
}

/// The kinds of values that the parameter of a template segment is for, by its name.
fn kinds_of_step(step: &str) -> Vec<SegmentKind> {
    match Step::of(step) {
        Step::Parameter(name) => SegmentKind::with_placeholder(name),
        _ => vec![SegmentKind::Word],
    }
}
