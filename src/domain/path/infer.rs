//! Templates as a function of the evidence: top down, one position at a time.
//!
//! At each position the samples that agree so far are grouped by their next segment, and every
//! group is judged to be a literal or a value (see `verdict`). The values become one parameter,
//! and what lies below them is looked at together. The result depends on the kept paths and
//! their counts, not on the order in which they came.

use rustc_hash::FxHashMap;

use super::group::{Group, Lexicon};
use super::kind::SegmentKind;
use super::sample::Sample;
use super::trie::{ROOT, Reason, Trie};
use super::verdict::{Position, Verdict};

/// What the evidence says.
pub struct Inference {
    /// The tree; the `leaf` of its nodes is an index into `templates`.
    pub trie: Trie,
    pub templates: Vec<String>,
    /// For each sample, the template it belongs to.
    pub of_sample: Vec<u32>,
}

/// Infers the templates of the `members` of `samples`.
pub fn infer(samples: &[Sample], members: &[u32]) -> Inference {
    let (_, lexicon) = run(samples, members, &Lexicon::default());
    run(samples, members, &lexicon).0
}

fn run(samples: &[Sample], members: &[u32], lexicon: &Lexicon) -> (Inference, Lexicon) {
    let inference = Inference {
        trie: Trie::default(),
        templates: Vec::new(),
        of_sample: vec![u32::MAX; samples.len()],
    };
    let mut growth =
        Growth { samples, lexicon, seen: Lexicon::default(), inference, text: String::new() };

    growth.grow(ROOT, members.to_vec(), 0, None, false);
    (growth.inference, growth.seen)
}

struct Growth<'a> {
    samples: &'a [Sample],
    /// What the run before learned about words and places.
    lexicon: &'a Lexicon,
    /// What this run learns.
    seen: Lexicon,
    inference: Inference,
    /// The template down to the current node.
    text: String,
}

impl<'a> Growth<'a> {
    /// Recursion is bounded by the depth of the samples, which is bounded by `depth_max`.
    fn grow(
        &mut self,
        at: u32,
        members: Vec<u32>,
        depth: usize,
        previous: Option<&'a str>,
        adjacent: bool,
    ) {
        let samples = self.samples;
        let (ended, deeper): (Vec<u32>, Vec<u32>) =
            members.into_iter().partition(|&m| samples[m as usize].depth() == depth);
        self.end(at, &ended);
        if deeper.is_empty() {
            return;
        }
        let groups = group(samples, &deeper, depth);
        let position =
            Position { groups: &groups, depth, previous, adjacent, lexicon: self.lexicon };
        let verdicts = position.judge();
        self.seen.record(&position, &verdicts);
        let held = self.text.len();
        let mut values = Vec::new();
        for (group, verdict) in groups.iter().zip(&verdicts) {
            if verdict.parameter {
                values.push((group, verdict));
                continue;
            }
            let child = self.inference.trie.literal_or_insert(at, group.text, verdict.reason);
            self.text.push('/');
            self.text.push_str(group.text);
            self.grow(child, group.members.clone(), depth + 1, Some(group.text), true);
            self.text.truncate(held);
        }
        if !values.is_empty() {
            self.parameter(at, &values, depth, previous);
        }
    }

    fn parameter(
        &mut self,
        at: u32,
        values: &[(&Group<'a>, &Verdict)],
        depth: usize,
        previous: Option<&'a str>,
    ) {
        let held = self.text.len();
        let mut members = Vec::new();
        let mut child = ROOT;
        // The first value in the order of the groups, the strongest, names the parameter.
        for (group, verdict) in values {
            child = self.inference.trie.parameter_or_insert(at, group.kind, verdict.reason);
            members.extend_from_slice(&group.members);
        }
        let hits = values.iter().map(|(group, _)| group.hits).sum();
        let ground = values[0].1.reason.ground;
        let reason = Reason { ground, values: values.len() as u32, hits };
        self.inference.trie.node_mut(child).reason = reason;
        let placeholder = main_placeholder(values);
        if let Some(edge) = &mut self.inference.trie.node_mut(at).parameter {
            edge.placeholder = placeholder;
        }
        self.text.push_str("/{");
        self.text.push_str(placeholder);
        self.text.push('}');
        self.grow(child, members, depth + 1, previous, false);
        self.text.truncate(held);
    }

    fn end(&mut self, at: u32, ended: &[u32]) {
        if ended.is_empty() {
            return;
        }
        let slash = ended.iter().all(|&m| self.samples[m as usize].trailing_slash);
        let template = self.inference.templates.len() as u32;
        let mut text = self.text.clone();
        if slash || text.is_empty() {
            text.push('/');
        }
        self.inference.templates.push(text);
        self.inference.trie.node_mut(at).leaf = Some(template);
        for &member in ended {
            self.inference.of_sample[member as usize] = template;
        }
    }
}

/// The placeholder most values agree on; a tie goes to the general `id`, then to the alphabet.
fn main_placeholder(values: &[(&Group<'_>, &Verdict)]) -> &'static str {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for (group, _) in values {
        let placeholder = group.kind.placeholder();
        match counts.iter_mut().find(|(known, _)| *known == placeholder) {
            Some((_, count)) => *count += 1,
            None => counts.push((placeholder, 1)),
        }
    }
    let id = SegmentKind::Integer.placeholder();
    counts.sort_unstable_by_key(|&(name, count)| (std::cmp::Reverse(count), name != id, name));
    counts.first().map_or(id, |&(name, _)| name)
}

/// Groups samples by their segment at `depth`, in an order that depends on the groups alone.
fn group<'a>(samples: &'a [Sample], members: &[u32], depth: usize) -> Vec<Group<'a>> {
    let mut places: FxHashMap<u64, usize> = FxHashMap::default();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for &member in members {
        let sample = &samples[member as usize];
        let Some(segment) = sample.segment(depth) else { continue };
        let place = *places.entry(segment.hash).or_insert_with(|| {
            groups.push(Group::new(sample.text(depth), segment.kind, segment.hash));
            groups.len() - 1
        });
        groups[place].add(member, sample, depth);
    }
    for group in &mut groups {
        group.finish();
    }
    groups.sort_unstable_by(|a, b| b.hits.cmp(&a.hits).then_with(|| a.text.cmp(b.text)));
    groups
}
