//! Templates as a function of the evidence: top down, one position at a time.
//!
//! At each position the samples that agree so far are grouped by their next segment, and every
//! group is judged to be a literal or a value (see `classify`). The values become one parameter,
//! and what lies below them is looked at together. The result depends on the kept paths and
//! their counts, not on the order in which they came.
//!
//! ```text
//! group       the paths that share a segment          word_stats  the same words elsewhere
//! position    the groups at one place                 features    what speaks for a value
//! siblings    the words of a place, compared          classify    the judgement
//!                                                     responses   whose answers are alike
//! ```
//! Each imports only those before it in this order: `word_stats`, `group`, `position`, `features`,
//! `siblings`, `responses`, `classify`.

mod classify;
mod features;
mod group;
mod position;
mod responses;
mod siblings;
mod word_stats;

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::path::evidence::observed_path::ObservedPath;
use crate::domain::path::evidence::response_marks::ResponseMarks;
use crate::domain::path::infer::classify::SegmentClass;
use crate::domain::path::infer::group::Group;
use crate::domain::path::infer::position::Position;
use crate::domain::path::infer::word_stats::WordStats;
use crate::domain::path::kind::pattern::{FORMAT, Form, are_formats, is_representation};
use crate::domain::path::kind::{SegmentKind, SegmentPrior};
use crate::domain::path::tree::segment_reason::{Basis, SegmentReason};
use crate::domain::path::tree::trie::{ROOT, Tail, Trie};

/// What the evidence says.
pub struct Inference {
    /// The tree; the `leaf` of its nodes is an index into `templates`.
    pub trie: Trie,
    pub templates: Vec<String>,
    /// For each sample, the template it belongs to.
    pub of_sample: Vec<u32>,
}

/// Infers the templates of the `members` of `samples`.
pub fn infer(samples: &[ObservedPath], members: &[u32]) -> Inference {
    let (_, lexicon) = run(samples, members, &WordStats::default());
    run(samples, members, &lexicon).0
}

fn run(samples: &[ObservedPath], members: &[u32], lexicon: &WordStats) -> (Inference, WordStats) {
    let inference = Inference {
        trie: Trie::default(),
        templates: Vec::new(),
        of_sample: vec![u32::MAX; samples.len()],
    };
    let mut growth =
        Growth { samples, lexicon, seen: WordStats::default(), inference, text: String::new() };

    growth.grow(ROOT, members.to_vec(), 0, None, false);
    (growth.inference, growth.seen)
}

struct Growth<'a> {
    samples: &'a [ObservedPath],
    /// What the run before learned about words and places.
    lexicon: &'a WordStats,
    /// What this run learns.
    seen: WordStats,
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
        if is_file_tree(samples, &deeper, depth, adjacent) {
            self.tail(at, &groups, &deeper);
            return;
        }
        let position =
            Position { groups: &groups, depth, previous, adjacent, lexicon: self.lexicon };
        let verdicts = position.judge();
        let words =
            groups.iter().zip(&verdicts).map(|(group, class)| (group.hash, class.parameter));
        self.seen.record(position.before(), words);
        let (values, literals): (Vec<Judged<'_, 'a>>, Vec<_>) =
            groups.iter().zip(&verdicts).partition(|(_, verdict)| verdict.parameter);
        let stems = stems(&literals);
        for (group, verdict) in &literals {
            if stems.values().any(|files| files.iter().any(|(g, _)| g.hash == group.hash)) {
                continue;
            }
            let child = self.inference.trie.literal_or_insert(at, group.text, verdict.reason);
            let members = group.members.clone();
            self.below(child, group.text, members, depth, Some(group.text), true);
        }
        for (stem, files) in &stems {
            self.pattern(at, &format!("{stem}.{FORMAT}"), files, depth, previous);
        }
        if !values.is_empty() {
            self.parameter(at, &values, depth, previous);
        }
    }

    /// Grows what lies below a segment that stands in the template as `text`.
    fn below(
        &mut self,
        child: u32,
        text: &str,
        members: Vec<u32>,
        depth: usize,
        previous: Option<&'a str>,
        adjacent: bool,
    ) {
        let held = self.text.len();
        self.text.push('/');
        self.text.push_str(text);
        self.grow(child, members, depth + 1, previous, adjacent);
        self.text.truncate(held);
    }

    fn parameter(
        &mut self,
        at: u32,
        values: &[Judged<'_, 'a>],
        depth: usize,
        previous: Option<&'a str>,
    ) {
        let form = Form::shared(values.iter().map(|(group, _)| (group.form, group.texts)));
        let mut formed: BTreeMap<Form, Vec<Judged<'_, 'a>>> = BTreeMap::new();
        let mut plain = Vec::new();
        let by_extension = are_of_several_types(values);
        for judged in values.iter().copied() {
            match judged.0.form {
                own @ Form::Extension(_) if by_extension => {
                    formed.entry(own).or_default().push(judged);
                }
                own if own != Form::Plain && own == form => {
                    formed.entry(own).or_default().push(judged);
                }
                _ => plain.push(judged),
            }
        }
        for (form, formed) in &formed {
            let text = form.template(main_placeholder(formed, |group| group.stem));
            self.pattern(at, &text, formed, depth, previous);
        }
        let Some((first, _)) = plain.first() else { return };
        let placeholder = main_placeholder(&plain, |group| group.kind);
        let reason = reason_of(&plain);
        let trie = &mut self.inference.trie;
        let child = trie.parameter_or_insert(at, first.kind, reason);
        for (group, _) in &plain {
            trie.parameter_or_insert(at, group.kind, reason);
        }
        if let Some(edge) = &mut trie.node_mut(at).parameter {
            edge.placeholder = placeholder;
        }
        let members = members_of(&plain);
        self.below(child, &format!("{{{placeholder}}}"), members, depth, previous, false);
    }

    /// Values that share a form, as one segment of the template that is literal in part.
    fn pattern(
        &mut self,
        at: u32,
        text: &str,
        values: &[Judged<'_, 'a>],
        depth: usize,
        previous: Option<&'a str>,
    ) {
        let words = values.iter().any(|(group, _)| group.stem.lean() != SegmentPrior::Value);
        let reason = reason_of(values);
        // The text is one that forms and stems make, so it is a pattern.
        let Some(child) = self.inference.trie.pattern_or_insert(at, text, words, reason) else {
            return;
        };
        self.below(child, text, members_of(values), depth, previous, false);
    }

    /// Everything below `at` is one parameter that goes to the end of the path.
    fn tail(&mut self, at: u32, groups: &[Group<'a>], members: &[u32]) {
        let template = self.inference.templates.len() as u32;
        self.inference.templates.push(format!("{}/{{path}}", self.text));
        let hits = groups.iter().map(|group| group.hits).fold(0, u32::saturating_add);
        let node = self.inference.trie.node_mut(at);
        let reason = SegmentReason { ground: Basis::FileTree, values: members.len() as u32, hits };
        node.tail = Some(Tail { leaf: template, reason });
        for &member in members {
            self.inference.of_sample[member as usize] = template;
        }
    }

    /// The templates that end at `at`: one for both spellings, with and without a slash at the end,
    /// as long as they answer alike.
    fn end(&mut self, at: u32, ended: &[u32]) {
        let samples = self.samples;
        let (slashed, bare): (Vec<u32>, Vec<u32>) =
            ended.iter().partition(|&&m| samples[m as usize].trailing_slash);
        if !slashed.is_empty() && !bare.is_empty() && !answer_alike(samples, &slashed, &bare) {
            let (bare, slashed) = (self.leaf(&bare, false), self.leaf(&slashed, true));
            let node = self.inference.trie.node_mut(at);
            (node.leaf, node.slash_leaf) = (Some(bare), Some(slashed));
        } else if !ended.is_empty() {
            let leaf = self.leaf(ended, bare.is_empty());
            self.inference.trie.node_mut(at).leaf = Some(leaf);
        }
    }

    /// A template for the paths `ended`, which end at the current node.
    fn leaf(&mut self, ended: &[u32], slash: bool) -> u32 {
        let template = self.inference.templates.len() as u32;
        let mut text = self.text.clone();
        if slash || text.is_empty() {
            text.push('/');
        }
        self.inference.templates.push(text);
        for &member in ended {
            self.inference.of_sample[member as usize] = template;
        }
        template
    }
}

/// Whether nothing in the answers tells the paths `a` from the paths `b`.
fn answer_alike(samples: &[ObservedPath], a: &[u32], b: &[u32]) -> bool {
    let marks = |members: &[u32]| {
        let mut all = ResponseMarks::default();
        members.iter().for_each(|&m| all.absorb(&samples[m as usize].response));
        all
    };
    marks(a).agreement(&marks(b)).is_none_or(|agreement| agreement >= 0.0)
}

/// A group and the judgement of it.
type Judged<'g, 'a> = (&'g Group<'a>, &'g SegmentClass);

fn members_of(values: &[Judged<'_, '_>]) -> Vec<u32> {
    values.iter().flat_map(|(group, _)| group.members.iter().copied()).collect()
}

/// Why the values are one parameter: the ground of the strongest, and the counts of all.
fn reason_of(values: &[Judged<'_, '_>]) -> SegmentReason {
    let ground = values.first().map(|(_, verdict)| verdict.reason.ground).unwrap_or_default();
    let sum = |of: fn(&Group<'_>) -> u32| {
        values.iter().map(|(group, _)| of(group)).fold(0, u32::saturating_add)
    };
    SegmentReason { ground, values: sum(|group| group.texts), hits: sum(|group| group.hits) }
}

/// The placeholder most values agree on; a tie goes to the general `id`, then to the alphabet.
fn main_placeholder(
    values: &[Judged<'_, '_>],
    kind: fn(&Group<'_>) -> SegmentKind,
) -> &'static str {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for (group, _) in values {
        let placeholder = kind(group).placeholder();
        match counts.iter_mut().find(|(known, _)| *known == placeholder) {
            Some((_, count)) => *count += 1,
            None => counts.push((placeholder, 1)),
        }
    }
    let id = SegmentKind::Integer.placeholder();
    counts.sort_unstable_by_key(|&(name, count)| (std::cmp::Reverse(count), name != id, name));
    counts.first().map_or(id, |&(name, _)| name)
}

/// Whether the values are files that do not all answer with one media type: then the extension
/// tells them apart, and what stands before it is the parameter.
fn are_of_several_types(values: &[Judged<'_, '_>]) -> bool {
    let mut medias = values.iter().filter_map(|(group, _)| {
        let file = matches!(group.form, Form::Extension(_)) && group.ends;
        file.then(|| group.media()).flatten()
    });
    let Some(first) = medias.next() else { return false };
    medias.any(|media| media != first)
}

/// Literals that are one resource in several formats, by what stands before the extension.
fn stems<'g, 'a>(literals: &[Judged<'g, 'a>]) -> BTreeMap<&'a str, Vec<Judged<'g, 'a>>> {
    let mut stems: BTreeMap<&str, Vec<Judged<'_, '_>>> = BTreeMap::new();
    for &(group, verdict) in literals {
        if let (Form::Extension(_), Some((stem, _))) = (group.form, group.text.rsplit_once('.'))
            && !stem.contains(['{', '}'])
        {
            stems.entry(stem).or_default().push((group, verdict));
        }
    }
    stems.retain(|_, files| {
        let extensions: Vec<&str> = files
            .iter()
            .filter_map(|(group, _)| match group.form {
                Form::Extension(extension) => Some(extension),
                _ => None,
            })
            .collect();
        are_formats(&extensions) && !are_of_several_types(files)
    });
    stems
}

/// Depths at which a tree of files has some: a list and its items are two, and a deep API has files
/// at three only where they are what it serves.
const FILE_DEPTHS_MIN: usize = 3;
/// Extensions in it that are none of the formats in which an API answers, as those of half of its
/// files must be: an API that ends its paths in `.json` and `.xml` serves no files.
const FILE_EXTENSIONS_MIN: usize = 3;
/// Paths in it.
const FILES_MIN: usize = 8;
/// Share of its paths that end in a file name, in percent.
const FILES_PERCENT_MIN: usize = 90;

/// Whether what follows a literal is a path of its own: files of several types at several depths.
fn is_file_tree(samples: &[ObservedPath], members: &[u32], depth: usize, adjacent: bool) -> bool {
    if !adjacent || members.len() < FILES_MIN {
        return false;
    }
    let mut depths = FxHashSet::default();
    let mut extensions = FxHashSet::default();
    let (mut files, mut foreign) = (0, 0);
    for &member in members {
        let sample = &samples[member as usize];
        depths.insert(sample.depth() - depth);
        if let Some(Form::Extension(extension)) = sample.segments().last().map(|last| last.form) {
            if !is_representation(extension) {
                extensions.insert(extension);
                foreign += 1;
            }
            files += 1;
        }
    }
    // Files of several media types are no one endpoint: a style sheet is never an image.
    let mut medias = members.iter().filter_map(|&m| samples[m as usize].response.media());
    let first = medias.next();
    medias.all(|media| Some(media) == first)
        && depths.len() >= FILE_DEPTHS_MIN
        && extensions.len() >= FILE_EXTENSIONS_MIN
        && files * 100 >= members.len() * FILES_PERCENT_MIN
        && foreign * 2 >= files
}

/// Groups samples by their segment at `depth`, in an order that depends on the groups alone.
fn group<'a>(samples: &'a [ObservedPath], members: &[u32], depth: usize) -> Vec<Group<'a>> {
    let mut places: FxHashMap<u64, usize> = FxHashMap::default();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for &member in members {
        let sample = &samples[member as usize];
        let Some(segment) = sample.segment(depth) else { continue };
        let place = *places.entry(segment.hash).or_insert_with(|| {
            groups.push(Group::new(segment));
            groups.len() - 1
        });
        groups[place].add(member, sample, depth);
    }
    for group in &mut groups {
        group.finish();
    }
    groups.sort_unstable_by(|a, b| {
        b.hits.cmp(&a.hits).then_with(|| a.text.cmp(b.text)).then_with(|| a.hash.cmp(&b.hash))
    });
    groups
}
