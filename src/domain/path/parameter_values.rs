//! How the values of a template's parameters look, and a path made up of such values.
//!
//! Observed values are never shown: they may be somebody's. The kind of each is known, and every
//! kind has samples of its own.

use crate::domain::path::kind::SegmentKind;
use crate::domain::path::tree::path_tree::PathTree;
use crate::domain::path::tree::template::{Parameter, PathTemplate};
use crate::domain::path::tree::trie::{ParameterEdge, ROOT, Step, TAIL, Trie, kind_bit};

/// What is known of the values of one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterValues {
    /// The parameter.
    pub parameter: Parameter,
    /// Names of the kinds of values seen; empty when only the template is known.
    pub kinds: Vec<&'static str>,
    /// A made-up value of such a kind.
    pub example: &'static str,
}

/// Stands for a value of which no kind is known.
const ANY_VALUE: &str = "value";

impl PathTree {
    /// How the values of each parameter of `template` look, from left to right.
    #[must_use]
    pub fn parameter_looks(&self, template: &PathTemplate) -> Vec<ParameterValues> {
        let learned = edges(&self.learned, template);
        let edges = learned.or_else(|| edges(&self.pinned, template)).unwrap_or_default();
        let look = |parameter: Parameter| {
            let edge = edges.iter().find(|(segment, _)| *segment == parameter.segment);
            let kinds: Vec<SegmentKind> = edge.map_or_else(Vec::new, |(_, edge)| kinds_of(edge));
            // Inside a segment no kinds are kept; the name in the braces comes from one.
            let named = || SegmentKind::with_placeholder(&parameter.placeholder);
            let first = kinds.first().copied().or_else(|| named().first().copied());
            ParameterValues {
                example: first.and_then(example).unwrap_or(ANY_VALUE),
                kinds: kinds.into_iter().map(SegmentKind::name).collect(),
                parameter,
            }
        };
        template.parameters().into_iter().map(look).collect()
    }

    /// A path that fits `template`, with made-up values of the kinds seen.
    #[must_use]
    pub fn example_path(&self, template: &PathTemplate) -> String {
        let looks = self.parameter_looks(template);
        let mut examples = looks.iter().map(|look| look.example);
        let mut path = String::new();
        let mut rest = template.as_str();
        while let Some((literal, after)) = rest.split_once('{') {
            path.push_str(literal);
            path.push_str(examples.next().unwrap_or(ANY_VALUE));
            rest = after.split_once('}').map_or("", |(_placeholder, rest)| rest);
        }
        path + rest
    }
}

/// The parameter edges along a template, by segment; `None` when the tree does not hold it.
fn edges(trie: &Trie, template: &PathTemplate) -> Option<Vec<(usize, ParameterEdge)>> {
    let mut at = ROOT;
    let mut edges = Vec::new();
    for (segment, text) in template.as_str().split('/').skip(1).enumerate() {
        // A trailing slash is no segment of its own.
        if text.is_empty() {
            continue;
        }
        if text == TAIL && trie.node(at).tail.is_some() {
            break;
        }
        if let (Step::Parameter(_), Some(edge)) = (Step::of(text), trie.node(at).parameter) {
            edges.push((segment, edge));
        }
        at = trie.step(at, text)?;
    }
    Some(edges)
}

/// The kinds seen, the most telling (the first of the kind table) first.
fn kinds_of(edge: &ParameterEdge) -> Vec<SegmentKind> {
    SegmentKind::ALL.iter().copied().filter(|kind| edge.kinds & kind_bit(*kind) != 0).collect()
}

/// A sample of the kind that needs no escaping.
fn example(kind: SegmentKind) -> Option<&'static str> {
    let plain = |text: &&&str| !text.is_empty() && text.is_ascii() && !text.contains(['%', '[']);
    kind.row().samples.iter().find(plain).copied()
}

#[cfg(test)]
mod tests {
    use crate::domain::path::{PathLearner, PathLimits, PathObservation};

    #[test]
    fn examples_look_like_what_was_seen_and_are_nobodys() {
        let mut learner = PathLearner::new(PathLimits::default());
        for n in 100..160 {
            for path in [
                format!("/users/{n}/orders"),
                format!("/products/5f94c37e-826f-4ecb-9c36-7c9bc0d1e{n}"),
            ] {
                let sighting = PathObservation {
                    method: "GET",
                    path: &path,
                    status: 200,
                    media: None,
                    shape: None,
                };
                learner.observe(&sighting);
            }
        }
        learner.settle();
        let tree = learner.tree();
        let mut shown: Vec<String> = tree
            .templates()
            .map(|(_, template)| {
                let looks = tree.parameter_looks(template);
                let path = tree.example_path(template);
                assert_eq!(tree.identify(&path).template.as_str(), template.as_str(), "{path}");
                format!("{template} {} {path}", looks[0].kinds.join(","))
            })
            .collect();
        shown.sort();
        assert_eq!(
            shown,
            [
                "/products/{id} uuid /products/5f94c37e-826f-4ecb-9c36-7c9bc0d1e2f3",
                "/users/{id}/orders integer /users/7/orders",
            ]
        );
    }
}
