//! How the templates moved: what holders of per-template state must do.

use rustc_hash::FxHashMap;

use crate::domain::path::tree::template::PathTemplate;

/// A change of the learned templates. A holder of a map keyed by template that applies the changes
/// in order, and then adds the template `observe` answered when it has a leaf, holds learned
/// templates alone. It need not know every template named here: one that fell out of a dissolved
/// template is not announced before it is seen again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateChange {
    /// The templates `from` are gone; what was learned under them belongs to `into`, which may
    /// be new or have been there before.
    Merged { from: Vec<PathTemplate>, into: PathTemplate },
    /// `into` became a template of its own; its paths belonged to `from`, which lives on.
    Split { from: PathTemplate, into: PathTemplate },
    /// Nothing of `template` is left, or it fell apart into several: what was learned under it is a
    /// mixture that belongs to none of them.
    Dropped { template: PathTemplate },
}

/// Where the samples of each template went: for each `(old, new)` pair, how many.
#[derive(Debug, Default)]
pub struct Moves {
    counts: FxHashMap<(u32, u32), u32>,
}

impl Moves {
    /// A sample that stands for `hits` exchanges went from `old` to `new`.
    pub fn add(&mut self, old: u32, new: u32, hits: u32) {
        let count = self.counts.entry((old, new)).or_default();
        *count = count.saturating_add(hits.max(1));
    }

    /// For each old template, the new ones its samples went to and how many, most samples first.
    fn by_old(&self) -> FxHashMap<u32, Vec<(u32, u32)>> {
        let mut rows: Vec<(u32, u32, u32)> =
            self.counts.iter().map(|(&(old, new), &count)| (old, count, new)).collect();
        rows.sort_unstable_by_key(|&(old, count, new)| (old, std::cmp::Reverse(count), new));
        let mut by_old: FxHashMap<u32, Vec<(u32, u32)>> = FxHashMap::default();
        for (old, count, new) in rows {
            by_old.entry(old).or_default().push((new, count));
        }
        by_old
    }

    /// The changes from the templates `old` to the templates `new`, both lists of
    /// `(index, template)`; `lives` tells whether a text is among the new ones.
    pub fn changes(
        &self,
        old: &[(u32, PathTemplate)],
        new: &[PathTemplate],
        lives: impl Fn(&PathTemplate) -> bool,
        lived: impl Fn(&PathTemplate) -> bool,
    ) -> Vec<TemplateChange> {
        let by_old = self.by_old();
        let mut merged: Vec<(u32, Vec<PathTemplate>)> = Vec::new();
        let mut rest = Vec::new();
        for (index, template) in old {
            let targets = by_old.get(index).map_or(&[][..], Vec::as_slice);
            if lives(template) {
                for &(target, _) in targets {
                    rest.push((template.clone(), target));
                }
            } else if let Some((main, others)) = heir(targets) {
                match merged.iter_mut().find(|(into, _)| *into == main) {
                    Some((_, from)) => from.push(template.clone()),
                    None => merged.push((main, vec![template.clone()])),
                }
                let Some(source) = new.get(main as usize) else { continue };
                rest.extend(others.iter().map(|&(target, _)| (source.clone(), target)));
            } else {
                rest.push((template.clone(), u32::MAX));
            }
        }
        let mut changes = Vec::new();
        let mut known: Vec<&PathTemplate> = Vec::new();
        for (into, from) in merged {
            let Some(into) = new.get(into as usize) else { continue };
            known.push(into);
            changes.push(TemplateChange::Merged { from, into: into.clone() });
        }
        for (from, into) in rest {
            match new.get(into as usize) {
                None => changes.push(TemplateChange::Dropped { template: from }),
                Some(into) if lived(into) || known.contains(&into) => {}
                Some(into) => {
                    known.push(into);
                    changes.push(TemplateChange::Split { from, into: into.clone() });
                }
            }
        }
        changes
    }
}

/// Share of a dissolved template's samples that must stay together, in percent: below it, what was
/// learned under it would tell each of the new templates about the others.
const HEIR_PERCENT_MIN: u64 = 80;

/// The template that inherits what was learned under one that is gone, and the others that took
/// some of its samples.
fn heir(targets: &[(u32, u32)]) -> Option<(u32, &[(u32, u32)])> {
    let (&(main, count), others) = targets.split_first()?;
    let all: u64 = targets.iter().map(|&(_, count)| u64::from(count)).sum();
    (u64::from(count) * 100 >= all * HEIR_PERCENT_MIN).then_some((main, others))
}
