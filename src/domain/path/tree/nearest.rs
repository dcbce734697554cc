//! "Did you mean": the learned templates nearest to a path.

use crate::domain::path::evidence::observed_path::split;
use crate::domain::path::tree::path_tree::PathTree;
use crate::domain::path::tree::template::PathTemplate;

/// Bytes of a segment that are compared. The comparison is quadratic in them, and names that
/// agree this far are near enough.
const COMPARED_MAX: usize = 32;
/// Segments that are compared.
const DEPTH_COMPARED_MAX: usize = 16;
/// What a segment costs that stands on one side only, against 1 for two segments without a
/// common letter.
const MISSING_COST: f32 = 1.0;
/// What a parameter costs: less than a literal with a typo, more than the literal itself.
const PARAMETER_COST: f32 = 0.15;

impl PathTree {
    /// Up to `n` templates, nearest first. Work is bounded: each template costs at most sixteen
    /// comparisons of 32 bytes.
    pub fn nearest(&self, path: &str, n: usize) -> Vec<&PathTemplate> {
        let wanted: Vec<&str> = split(path).iter().take(DEPTH_COMPARED_MAX).collect();
        let mut ranked: Vec<(f32, &PathTemplate)> = self
            .templates()
            .map(|(_, template)| (distance(&wanted, template.as_str()), template))
            .collect();
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
        ranked.into_iter().take(n).map(|(_, template)| template).collect()
    }
}

fn distance(wanted: &[&str], template: &str) -> f32 {
    let mut known = split(template).iter().take(DEPTH_COMPARED_MAX);
    let mut cost = 0.0;
    for text in wanted {
        cost += match known.next() {
            Some(step) if step.contains('{') => PARAMETER_COST,
            Some(step) => dissimilarity(text.as_bytes(), step.as_bytes()),
            None => MISSING_COST,
        };
    }
    cost + known.map(|_| MISSING_COST).sum::<f32>()
}

/// Levenshtein distance in proportion to the longer text, 0 to 1.
fn dissimilarity(a: &[u8], b: &[u8]) -> f32 {
    let (a, b) = (&a[..a.len().min(COMPARED_MAX)], &b[..b.len().min(COMPARED_MAX)]);
    let mut row: [usize; COMPARED_MAX + 1] = std::array::from_fn(|at| at);
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    // At most 32: exact in an f32.
    row[b.len()] as f32 / a.len().max(b.len()).max(1) as f32
}
