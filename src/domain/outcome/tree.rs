//! Reasons as a binary tree over causes: what is split is explained, what is not is chance.

use super::counts::{self, StatusCounts};
use super::split::{self, Induction};
use super::truths::{Example, Truths};

/// Deepest chain of reasons; the price stops long before.
const DEPTH_MAX: usize = 16;

/// Share of a status in a leaf from which it is what the leaf answers.
const OWNED_SHARE: f64 = 0.6;

/// Share from which a leaf's status is the effect of the reason above it.
const CAUSE_SHARE: f64 = 0.9;

/// Reasons of one endpoint, immutable.
#[derive(Debug, Clone)]
pub struct ReasonTree {
    root: Node,
    owned: Vec<u16>,
}

#[derive(Debug, Clone)]
struct Node {
    leaf: Leaf,
    below: Option<Box<Branch>>,
}

#[derive(Debug, Clone)]
struct Branch {
    cause: u16,
    gain: f64,
    yes: Node,
    no: Node,
}

/// The examples that share the same reasons.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// How many of each status.
    pub counts: StatusCounts,
    /// The causes above with whether they hold, the first one first.
    pub reasons: Vec<(u16, bool)>,
}

impl Leaf {
    /// The most frequent status and its share, 0 to 1.
    #[must_use]
    pub fn top(&self) -> Option<(u16, f64)> {
        let all = counts::total(&self.counts);
        counts::top(&self.counts).map(|(status, n)| (status, f64::from(n) / f64::from(all.max(1))))
    }

    /// Number of examples.
    #[must_use]
    pub fn size(&self) -> u32 {
        counts::total(&self.counts)
    }
}

impl ReasonTree {
    /// Induces the reasons of examples in the order of time.
    #[must_use]
    pub fn induce(examples: &[&Example], how: &Induction<'_>) -> Self {
        let root = Node::induce(examples, how, &[], DEPTH_MAX);
        let mut owned = Vec::new();
        root.owned(&mut owned);
        Self { root, owned }
    }

    /// A tree without reasons: everything is chance.
    #[must_use]
    pub fn chance(examples: &[&Example]) -> Self {
        let leaf = Leaf { counts: split::counts_of(examples), reasons: Vec::new() };
        Self { root: Node { leaf, below: None }, owned: Vec::new() }
    }

    /// The leaf of a request, with a number that tells leaves of this tree apart.
    #[must_use]
    pub fn leaf(&self, truths: &Truths) -> (&Leaf, u32) {
        let (mut node, mut number) = (&self.root, 1);
        while let Some(branch) = &node.below {
            let yes = truths.contains(branch.cause);
            number = number * 2 + u32::from(yes);
            node = if yes { &branch.yes } else { &branch.no };
        }
        (&node.leaf, number)
    }

    /// Whether there is any reason.
    #[must_use]
    pub fn explains(&self) -> bool {
        self.root.below.is_some()
    }

    /// Whether a status is what some leaf answers: elsewhere it is noise.
    #[must_use]
    pub fn owns(&self, status: u16) -> bool {
        self.owned.contains(&status)
    }

    /// The pairs of cause and status that this tree takes for cause and effect.
    #[must_use]
    pub fn causes(&self) -> Vec<(u16, u16)> {
        let mut found = Vec::new();
        self.root.causes(&mut found);
        found
    }

    /// The splits with their gains in bits, and the counts on both sides, from the root down.
    pub fn splits(&self) -> Vec<(u16, f64, &StatusCounts, &StatusCounts)> {
        let mut found = Vec::new();
        self.root.splits(&mut found);
        found
    }
}

impl Node {
    fn induce(
        examples: &[&Example],
        how: &Induction<'_>,
        reasons: &[(u16, bool)],
        depth: usize,
    ) -> Self {
        let counts = split::counts_of(examples);
        let found =
            if depth == 0 || counts.len() < 2 { None } else { split::best(examples, &counts, how) };
        let below = found.map(|found| {
            let side = |holds: bool| {
                let part: Vec<&Example> = examples
                    .iter()
                    .copied()
                    .filter(|example| example.truths.contains(found.cause) == holds)
                    .collect();
                let reasons: Vec<_> =
                    reasons.iter().copied().chain([(found.cause, holds)]).collect();
                Self::induce(&part, how, &reasons, depth - 1)
            };
            Box::new(Branch {
                cause: found.cause,
                gain: found.gain,
                yes: side(true),
                no: side(false),
            })
        });
        Self { leaf: Leaf { counts, reasons: reasons.to_vec() }, below }
    }

    fn owned(&self, found: &mut Vec<u16>) {
        if let Some(branch) = &self.below {
            branch.yes.owned(found);
            branch.no.owned(found);
            return;
        }
        let all = f64::from(self.leaf.size());
        let owned = self.leaf.counts.iter().filter(|(_, n)| f64::from(*n) >= OWNED_SHARE * all);
        found.extend(owned.map(|(status, _)| *status));
    }

    fn causes(&self, found: &mut Vec<(u16, u16)>) {
        let Some(branch) = &self.below else { return };
        for side in [&branch.yes, &branch.no] {
            if let Some((status, share)) = side.leaf.top()
                && status >= 300
                && share >= CAUSE_SHARE
                && !found.contains(&(branch.cause, status))
            {
                found.push((branch.cause, status));
            }
            side.causes(found);
        }
    }

    fn splits<'n>(&'n self, found: &mut Vec<(u16, f64, &'n StatusCounts, &'n StatusCounts)>) {
        let Some(branch) = &self.below else { return };
        found.push((branch.cause, branch.gain, &branch.yes.leaf.counts, &branch.no.leaf.counts));
        branch.yes.splits(found);
        branch.no.splits(found);
    }
}
