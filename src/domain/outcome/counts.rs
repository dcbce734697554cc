//! How long a sequence of statuses is to write down.

/// Causes found at endpoints of this site, with how many endpoints share each.
pub type KnownCauses = rustc_hash::FxHashMap<(u16, u16), u32>;

/// Statuses with their counts, few of them, in the order of first sight.
pub type StatusCounts = smallvec::SmallVec<[(u16, u32); 8]>;

/// Adds `n` of a status.
pub fn add(counts: &mut StatusCounts, status: u16, n: u32) {
    match counts.iter_mut().find(|(known, _)| *known == status) {
        Some((_, count)) => *count += n,
        None => counts.push((status, n)),
    }
}

/// The sum of all counts.
pub fn total(counts: &StatusCounts) -> u32 {
    counts.iter().map(|(_, n)| n).sum()
}

/// The count of one status.
pub fn count(counts: &StatusCounts, status: u16) -> u32 {
    counts.iter().find(|(known, _)| *known == status).map_or(0, |(_, n)| *n)
}

/// The most frequent status and its count; of equals the lowest, so that it does not depend on
/// the order of sight.
pub fn top(counts: &StatusCounts) -> Option<(u16, u32)> {
    counts.iter().copied().max_by_key(|(status, n)| (*n, std::cmp::Reverse(*status)))
}

/// What is left of `all` without `part`.
pub fn without(all: &StatusCounts, part: &StatusCounts) -> StatusCounts {
    all.iter().map(|(s, n)| (*s, n.saturating_sub(count(part, *s)))).filter(|e| e.1 > 0).collect()
}

/// Length in bits of a sequence of statuses with these counts among `kinds` possible ones, under
/// the Dirichlet-multinomial with all parameters 1/2 (Krichevsky and Trofimov, 1981).
pub fn bits(counts: &StatusCounts, kinds: usize) -> f64 {
    const ALPHA: f64 = 0.5;
    let n = f64::from(total(counts));
    let prior = ALPHA * kinds as f64;
    let each: f64 =
        counts.iter().map(|(_, c)| ln_gamma(f64::from(*c) + ALPHA) - ln_gamma(ALPHA)).sum();
    (ln_gamma(n + prior) - ln_gamma(prior) - each) / std::f64::consts::LN_2
}

/// Natural logarithm of the gamma function for positive arguments, by Stirling's series after
/// shifting the argument above 8 (Abramowitz and Stegun, 6.1.41); exact to about 1e-10.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 1.0_f64);
    while x < 8.0 {
        shift *= x;
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0)));
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - shift.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_gamma_is_that_of_factorials_and_of_a_half() {
        for (x, expected) in [(1.0, 1.0_f64), (5.0, 24.0), (11.0, 3_628_800.0)] {
            assert!((ln_gamma(x) - expected.ln()).abs() < 1e-8, "{x}");
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-8);
    }

    #[test]
    fn a_pure_sequence_is_shorter_than_a_mixed_one() {
        let pure: StatusCounts = [(200, 20)].into_iter().collect();
        let mixed: StatusCounts = [(200, 10), (404, 10)].into_iter().collect();
        assert!(bits(&pure, 3) < 8.0);
        assert!(bits(&mixed, 3) > 20.0);
    }
}
