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
    Merged {
        /// Those that are gone, `into` not among them.
        from: Vec<PathTemplate>,
        /// What was learned under them goes here.
        into: PathTemplate,
    },
    /// Some paths of `from`, which lives on, belong to `into` now.
    Split {
        /// Lives on with the paths that stay.
        from: PathTemplate,
        /// Takes the paths that leave; may be new.
        into: PathTemplate,
    },
    /// `from` is gone; its paths belong to several templates, those with most exchanges first.
    Parted {
        /// The one that is gone.
        from: PathTemplate,
        /// At least two.
        into: Vec<PathTemplate>,
    },
    /// Nothing of `template` is left.
    Dropped {
        /// The one whose state is to be forgotten.
        template: PathTemplate,
    },
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

    /// For each old template, the new ones its samples went to, those with most samples first.
    fn by_old(&self) -> FxHashMap<u32, Vec<u32>> {
        let mut rows: Vec<(u32, u32, u32)> =
            self.counts.iter().map(|(&(old, new), &count)| (old, count, new)).collect();
        rows.sort_unstable_by_key(|&(old, count, new)| (old, std::cmp::Reverse(count), new));
        let mut by_old: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (old, _, new) in rows {
            by_old.entry(old).or_default().push(new);
        }
        by_old
    }

    /// The changes from the templates `old` to the templates `new`, both lists of
    /// `(index, template)`; `lives` tells whether a text is among the new ones. Templates that are
    /// gone as a whole come first.
    pub fn changes(
        &self,
        old: &[(u32, PathTemplate)],
        new: &[PathTemplate],
        lives: impl Fn(&PathTemplate) -> bool,
    ) -> Vec<TemplateChange> {
        let by_old = self.by_old();
        let mut merged: Vec<(&PathTemplate, Vec<PathTemplate>)> = Vec::new();
        let mut rest = Vec::new();
        for (index, template) in old {
            let targets = by_old.get(index).map_or(&[][..], Vec::as_slice);
            let mut into = targets.iter().filter_map(|&target| new.get(target as usize));
            let from = template.clone();
            if lives(template) {
                let others = into.filter(|into| *into != template).cloned();
                rest.extend(others.map(|into| TemplateChange::Split { from: from.clone(), into }));
                continue;
            }
            match (into.next(), targets.len()) {
                (None, _) => rest.push(TemplateChange::Dropped { template: from }),
                (Some(main), 1) => match merged.iter_mut().find(|(into, _)| *into == main) {
                    Some((_, gone)) => gone.push(from),
                    None => merged.push((main, vec![from])),
                },
                (Some(main), _) => {
                    let into = [main].into_iter().chain(into).cloned().collect();
                    rest.push(TemplateChange::Parted { from, into });
                }
            }
        }
        let merged = merged
            .into_iter()
            .map(|(into, from)| TemplateChange::Merged { from, into: into.clone() });
        merged.chain(rest).collect()
    }
}
