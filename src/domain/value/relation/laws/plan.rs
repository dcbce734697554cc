//! Laws in an order in which each can be kept: what others follow from comes first.

use rustc_hash::FxHashMap;

use crate::domain::value::relation::laws::arithmetic::{Arithmetic, Operation};
use crate::domain::value::relation::laws::column::Scalar;
use crate::domain::value::relation::laws::derivation::DerivedPiece;
use crate::domain::value::relation::laws::model::LawModel;
use crate::domain::value::relation::laws::order::OrderLaw;
use crate::domain::value::relation::laws::table::Dependency;
use crate::domain::value::relation::laws::transform::Transform;
use crate::domain::value::string::grammar::grammar_node::GrammarNode;

/// What a drawn record is made to keep.
#[derive(Debug, Clone, Default)]
pub struct LawPlan {
    /// In an order in which what others follow from comes first; each target once.
    pub steps: Box<[LawStep]>,
    /// What is kept by drawing anew.
    pub orders: Box<[OrderLaw]>,
}

/// One column, and what it must be.
#[derive(Debug, Clone)]
pub struct LawStep {
    /// Path hash of the column that is written.
    pub target: u32,
    /// How its value is found.
    pub rule: Rule,
}

/// How a column follows from others.
#[derive(Debug, Clone)]
pub enum Rule {
    /// A text of these pieces, in order.
    Text(Box<[TextPiece]>),
    /// A number or truth worked out from one or two columns.
    Number(Arithmetic),
    /// The value of this column, by fingerprint, tells it.
    Lookup {
        /// Path hash of the column that is looked at.
        on: u32,
        /// The value to write, by the fingerprint of the other.
        values: FxHashMap<u32, Scalar<'static>>,
    },
}

/// A piece of a text that follows from columns.
#[derive(Debug, Clone)]
pub enum TextPiece {
    /// The column with this path hash, transformed.
    From(u32, Transform),
    /// The same in every record.
    Constant(Box<str>),
    /// Drawn, since it differed from record to record and follows from nothing.
    Varying(Box<GrammarNode>),
}

/// What a plan must know of the columns.
pub struct KnownColumns<'a> {
    /// Paths in the order of the document.
    pub paths: &'a [u32],
    /// The value of a column with this fingerprint, where it may be kept.
    pub value: &'a dyn Fn(u32, u32) -> Option<Scalar<'static>>,
    /// What something else decides: the request, the page.
    pub is_decided: &'a dyn Fn(u32) -> bool,
    /// What is drawn with the other times of its object: it yields to what another column tells
    /// whole, and to nothing else.
    pub is_timed: &'a dyn Fn(u32) -> bool,
}

/// A law that may become a step: how much it is to be preferred, the least first.
struct Candidate {
    rank: (u8, usize),
    sources: Vec<u32>,
    step: LawStep,
}

impl LawPlan {
    /// `None` where nothing is to be kept.
    pub fn compile(laws: &LawModel, known: &KnownColumns<'_>) -> Option<Self> {
        let mut candidates = Vec::new();
        derivations(laws, &mut candidates);
        numbers(&laws.arithmetic, known, &mut candidates);
        dependencies(&laws.table.dependencies(), known, &mut candidates);
        candidates.retain(|candidate| {
            let target = candidate.step.target;
            let is_free = !(known.is_timed)(target) || is_of_list(candidate, known);
            !(known.is_decided)(target) && is_free
        });
        candidates.sort_by_key(|candidate| (candidate.rank, candidate.step.target));
        let mut chosen: Vec<Candidate> = Vec::new();
        for candidate in candidates {
            let is_new = chosen.iter().all(|known| known.step.target != candidate.step.target);
            if is_new && !closes_a_ring(&candidate, &chosen) {
                chosen.push(candidate);
            }
        }
        let is_free = |order: &&OrderLaw| {
            let is_told = |path| (known.is_decided)(path) || (known.is_timed)(path);
            order.is_law() && !(is_told(order.low) && is_told(order.high))
        };
        let orders: Vec<OrderLaw> = laws.orders.iter().filter(is_free).cloned().collect();
        let steps = in_order(chosen);
        (!steps.is_empty() || !orders.is_empty())
            .then(|| Self { steps: steps.into(), orders: orders.into() })
    }
}

/// Is it told by what a list comes to alone, which is no column of the record?
fn is_of_list(candidate: &Candidate, known: &KnownColumns<'_>) -> bool {
    candidate.sources.iter().all(|source| !known.paths.contains(source))
}

fn derivations(laws: &LawModel, out: &mut Vec<Candidate>) {
    for law in laws.derivations.iter().filter(|law| law.is_law()) {
        let pieces = law.pieces.iter().map(|piece| match piece {
            DerivedPiece::From(path, how) => Some(TextPiece::From(*path, *how)),
            DerivedPiece::Gap(gap) => match (&gap.text, &gap.varying) {
                (Some(text), _) => Some(TextPiece::Constant(text.clone())),
                (None, Some(varying)) => {
                    Some(TextPiece::Varying(Box::new(GrammarNode::compile(varying))))
                }
                // A constant that may not be kept cannot be written.
                (None, None) => None,
            },
        });
        let Some(pieces) = pieces.collect::<Option<Box<[TextPiece]>>>() else { continue };
        let rank = match (law.is_whole(), law.is_part()) {
            _ if laws.is_circular(law) => 4,
            (true, false) => 0,
            (false, false) => 3,
            (_, true) => 4,
        };
        out.push(Candidate {
            rank: (rank, 0),
            sources: law.sources().collect(),
            step: LawStep { target: law.target, rule: Rule::Text(pieces) },
        });
    }
}

fn numbers(laws: &[Arithmetic], known: &KnownColumns<'_>, out: &mut Vec<Candidate>) {
    let at = |path: u32| known.paths.iter().position(|known| *known == path);
    for law in laws.iter().filter(|law| law.is_law()) {
        let sources =
            if law.operation.is_unary() { vec![law.first] } else { vec![law.first, law.second] };
        // What lists come to is no column, and stands before all.
        let follows = sources.iter().all(|source| at(*source) < at(law.target));
        let rank = if follows { 1 } else { 2 };
        out.push(Candidate {
            rank: (rank, operation_rank(law)),
            sources,
            step: LawStep { target: law.target, rule: Rule::Number(law.clone()) },
        });
    }
}

fn operation_rank(law: &Arithmetic) -> usize {
    match law.operation {
        Operation::Same | Operation::Rounded => 0,
        Operation::Sum
        | Operation::Product
        | Operation::Percent
        | Operation::Reduced
        | Operation::Greater
        | Operation::Lesser => 1,
        Operation::Days | Operation::Mean | Operation::Pages => 2,
        Operation::Times(_) | Operation::Over(_) | Operation::Factor => 3,
        Operation::More | Operation::AtLeast => 4,
        Operation::Difference | Operation::Ratio | Operation::Share => 5,
    }
}

/// Of all that a column hangs on the one with the fewest values; of two that tell each other,
/// the first tells the second.
fn dependencies(all: &[Dependency], known: &KnownColumns<'_>, out: &mut Vec<Candidate>) {
    let at = |path: u32| known.paths.iter().position(|known| *known == path);
    for dependency in all {
        let is_mutual =
            all.iter().any(|other| other.on == dependency.of && other.of == dependency.on);
        if is_mutual && at(dependency.on) > at(dependency.of) {
            continue;
        }
        let value = |(on, of): &(u32, u32)| Some((*on, (known.value)(dependency.of, *of)?));
        let values: FxHashMap<u32, Scalar<'static>> =
            dependency.pairs.iter().filter_map(value).collect();
        if values.is_empty() {
            continue;
        }
        out.push(Candidate {
            rank: (1, OF_TABLE + dependency.distinct),
            sources: vec![dependency.on],
            step: LawStep {
                target: dependency.of,
                rule: Rule::Lookup { on: dependency.on, values },
            },
        });
    }
}

/// Tables come behind the operations on numbers of the same rank.
const OF_TABLE: usize = 16;

/// Does a law follow, over those that were chosen, from what it tells?
fn closes_a_ring(candidate: &Candidate, chosen: &[Candidate]) -> bool {
    let mut open = candidate.sources.clone();
    let mut seen: Vec<u32> = Vec::new();
    while let Some(source) = open.pop() {
        if source == candidate.step.target {
            return true;
        }
        if seen.contains(&source) {
            continue;
        }
        seen.push(source);
        let tells = chosen.iter().filter(|known| known.step.target == source);
        open.extend(tells.flat_map(|known| known.sources.iter().copied()));
    }
    false
}

/// Each behind those that it follows from.
fn in_order(mut chosen: Vec<Candidate>) -> Vec<LawStep> {
    let mut steps: Vec<LawStep> = Vec::with_capacity(chosen.len());
    while !chosen.is_empty() {
        let waits = |candidate: &Candidate| {
            let is_open = |source: &u32| chosen.iter().any(|other| other.step.target == *source);
            candidate.sources.iter().any(is_open)
        };
        // There is no ring among them, so that one of them always waits for none.
        let at = chosen.iter().position(|candidate| !waits(candidate)).unwrap_or(0);
        steps.push(chosen.remove(at).step);
    }
    steps
}
