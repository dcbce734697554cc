//! How well chance explains that something came more or less often than before.

/// Chance below which a difference is none of chance's: a member that was always there and is gone
/// is noticed within five exchanges, and a thousand members may be looked at a hundred times.
pub const CHANCE_MIN: f64 = 1e-5;

/// Counts beyond which more of them say nothing new.
const COUNTED_MAX: f64 = 2_000.0;

/// The chance of as many as `hits` of `trials` or a more extreme number, after `hits_before` of
/// `trials_before`: the tail of the beta-binomial distribution with Jeffreys' prior.
#[must_use]
pub fn chance(hits_before: u64, trials_before: u64, hits: u64, trials: u64) -> f64 {
    if trials == 0 {
        return 1.0;
    }
    let (before_hits, before) = scaled(hits_before, trials_before);
    let (seen, of) = scaled(hits, trials);
    let (alpha, beta) = (before_hits + 0.5, (before - before_hits).max(0.0) + 0.5);
    let mass = |k: f64| {
        let choose = ln_gamma(of + 1.0) - ln_gamma(k + 1.0) - ln_gamma(of - k + 1.0);
        (choose + ln_beta(k + alpha, of - k + beta) - ln_beta(alpha, beta)).exp()
    };
    let seen = seen.round().min(of);
    let sum = |from: u32, to: u32| (from..=to).map(|k| mass(f64::from(k))).sum::<f64>();
    let mean = alpha / (alpha + beta) * of;
    let below = seen < mean;
    let (seen, of) = (seen as u32, of as u32);
    if below { sum(0, seen) } else { sum(seen, of) }.min(1.0)
}

fn scaled(hits: u64, trials: u64) -> (f64, f64) {
    let (hits, trials) = (hits.min(trials) as f64, trials as f64);
    let factor = (COUNTED_MAX / trials.max(1.0)).min(1.0);
    (hits * factor, (trials * factor).floor())
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// Stirling's series, after moving the argument to where it is exact to ten digits.
fn ln_gamma(mut x: f64) -> f64 {
    let mut moved = 0.0;
    while x < 8.0 {
        moved -= x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series = (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse / 1_260.0)) / x;
    moved + (x - 0.5) * x.ln() - x + 0.918_938_533_204_672_8 + series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_always_there_is_missed_soon_and_what_varies_is_not() {
        assert!(chance(100, 100, 0, 1) > CHANCE_MIN);
        assert!(chance(100, 100, 0, 4) < CHANCE_MIN);
        assert!(chance(20, 20, 0, 8) < CHANCE_MIN);
        assert!(chance(50, 100, 12, 20) > 0.1);
        assert!(chance(0, 1_000, 1, 20) > 1e-3);
        assert!((chance(5, 10, 0, 0) - 1.0).abs() < 1e-12);
    }
}
