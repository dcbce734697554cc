//! Why a path reads as the template it does, segment by segment, in plain words.

use crate::domain::path::evidence::observed_path::split;
use crate::domain::path::kind::SegmentKind;
use crate::domain::path::tree::path_tree::PathTree;
use crate::domain::path::tree::segment_reason::{Basis, SegmentReason};
use crate::domain::path::tree::trie::{ROOT, TAIL};

/// Why one segment of a path is a literal or a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentExplanation {
    /// The raw segment.
    pub text: String,
    /// `literal`, or the kind of the parameter's value.
    pub kind: &'static str,
    /// One sentence with the counts behind it.
    pub why: String,
}

impl PathTree {
    /// One explanation for each segment of `path`, from left to right.
    pub fn explain(&self, path: &str) -> Vec<SegmentExplanation> {
        let identified = self.identify(path);
        let trie = if self.is_pinned(path) { &self.pinned } else { &self.learned };
        let mut steps = split(identified.template.as_str()).iter().peekable();
        let mut at = Some(ROOT);
        let mut tail = None;
        let mut explanations = Vec::new();
        for text in split(path).iter() {
            let step = steps.next().unwrap_or(TAIL);
            let last = steps.peek().is_none();
            tail = tail.or_else(|| {
                let node = at.map(|at| trie.node(at))?;
                node.tail.filter(|_| last && step == TAIL).map(|tail| tail.reason)
            });
            at = at.and_then(|at| trie.step(at, step));
            let reason = tail.or_else(|| at.map(|at| trie.node(at).reason));
            explanations.push(self.explain_segment(text, step.contains('{'), reason));
        }
        explanations
    }

    fn explain_segment(
        &self,
        text: &str,
        parameter: bool,
        reason: Option<SegmentReason>,
    ) -> SegmentExplanation {
        let seen = SegmentKind::of(text, self.segment_bytes_max());
        let kind = if parameter { seen.name() } else { "literal" };
        let why = match reason {
            Some(reason) => because(reason, seen),
            None if parameter => format!("not seen here yet; it looks like {}", a(seen.name())),
            None => "not seen here yet; nothing speaks for a parameter".to_owned(),
        };
        SegmentExplanation { text: text.to_owned(), kind, why }
    }
}

fn because(reason: SegmentReason, kind: SegmentKind) -> String {
    let (values, hits) = (counted(reason.values, "value"), counted(reason.hits, "request"));
    match reason.ground {
        Basis::FirstSight => "first sight; nothing speaks for a parameter yet".to_owned(),
        Basis::Pinned => "pinned".to_owned(),
        Basis::Look => format!("looks like {}; {values} in {hits}", a(kind.name())),
        Basis::FixedLook => {
            format!("{} is part of the name of a resource; {hits}", a(kind.name()))
        }
        Basis::Crowd => {
            format!("{values} in {hits} behave alike, so they are one parameter")
        }
        Basis::Apart => {
            format!("seen again and again beside values that are seen once; {hits}")
        }
        Basis::SameAnswers => {
            format!("{values} in {hits} answer with the same structure, so they are one parameter")
        }
        Basis::OtherAnswers => {
            format!("answers with another structure than the values beside it; {hits}")
        }
        Basis::FileTree => {
            format!("{values} in {hits} are files at several depths, so they are one parameter")
        }
        Basis::FewSiblings => {
            format!("its siblings are resources of their own, and so is this; {hits}")
        }
    }
}

fn counted(count: u32, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}
