//! How well a model predicts exchanges before it learns them: prequential, fading, mergeable.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::random::seed::mix;
use crate::domain::sketch::heap_bytes::{heap_bytes, no_heap};

/// Scored exchanges after which an older one counts half: what the model did last week says little.
const HALF_LIFE: f64 = 500.0;

/// The same for the trend.
const TREND_HALF_LIFE: f64 = 50.0;

/// Scores below which there is no figure but "not enough".
const SCORES_MIN: f64 = 20.0;

/// Exchanges of an endpoint of which each is scored, and the share of the later ones.
const YOUNG_MAX: u64 = 500;
const ONE_IN: u64 = 16;

/// Bins of the probability integral transform.
const BINS: usize = 10;

/// 97.5 % of the normal distribution.
const Z: f64 = 1.96;

/// What one exchange says of its prediction, each from 0 to 1; absent where nothing was predicted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ExchangeScore {
    /// The probability that was given to the status that came.
    pub status: f64,
    /// The share of predicted times that lie below the one that came.
    pub latency: Option<f64>,
    /// The share of values of the body that are of a known type at a known place.
    pub shape: Option<f64>,
    /// The share of members that always were there and are there, and of unknown ones that are not.
    pub presence: Option<f64>,
}

/// A fading mean and what its interval needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct FadingMean {
    #[serde(rename = "w")]
    weight: f64,
    #[serde(rename = "s")]
    sum: f64,
    #[serde(rename = "q")]
    squares: f64,
}

/// The scores of one endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FidelityModel {
    #[serde(rename = "n")]
    scored: u64,
    #[serde(rename = "st")]
    status: FadingMean,
    #[serde(rename = "sh")]
    shape: FadingMean,
    #[serde(rename = "p")]
    presence: FadingMean,
    /// Times that came, by the quantile at which the model had them.
    #[serde(rename = "pit")]
    bins: Vec<f64>,
    /// The lately scored, over all parts but the latency.
    #[serde(rename = "r")]
    recent: FadingMean,
    #[serde(rename = "a")]
    all: FadingMean,
}

no_heap!(FadingMean);
heap_bytes!(FidelityModel { scored, status, shape, presence, bins, recent, all });

/// One part of the score.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FidelityPart {
    /// `status`, `shape`, `presence` or `latency`.
    #[schema(example = "status")]
    pub name: &'static str,
    /// 0 to 1.
    pub score: f64,
    /// Lower end of the 95 % interval, at least 0.
    pub low: f64,
    /// Upper end of the interval, at most 1.
    pub high: f64,
    /// Exchanges that it rests on, faded ones in part.
    pub samples: f64,
}

/// How good a model is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FidelityScore {
    /// 0 to 1: how far a mock agrees with what the backend would have answered.
    pub score: f64,
    /// Lower end of the 95 % interval, at least 0.
    pub low: f64,
    /// Upper end of the interval, at most 1.
    pub high: f64,
    /// What of it moved lately: the score of the last exchanges less that of all.
    pub trend: f64,
    /// Exchanges that were predicted and compared.
    pub scored: u64,
    /// The parts, the worst first.
    pub parts: Vec<FidelityPart>,
}

impl FadingMean {
    fn add(&mut self, value: f64, half_life: f64) {
        let kept = (-1.0 / half_life).exp2();
        self.weight = self.weight * kept + 1.0;
        self.sum = self.sum * kept + value;
        self.squares = self.squares * kept + value * value;
    }

    fn merge(&mut self, other: &Self) {
        self.weight += other.weight;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    fn mean(&self) -> f64 {
        self.sum / self.weight.max(f64::MIN_POSITIVE)
    }

    fn part(&self, name: &'static str) -> Option<FidelityPart> {
        if self.weight < SCORES_MIN {
            return None;
        }
        let mean = self.mean();
        let spread = (self.squares / self.weight - mean * mean).max(0.0);
        // As if one exchange more had gone wrong: without an error an interval has a width, too.
        let error = (spread / self.weight).sqrt().max(0.5 / (self.weight + 2.0));
        let (low, high) = ((mean - Z * error).max(0.0), (mean + Z * error).min(1.0));
        Some(FidelityPart { name, score: mean, low, high, samples: self.weight })
    }
}

impl FidelityModel {
    /// Whether nothing was scored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scored == 0
    }

    /// Whether the next exchange, the one after `observations`, is to be scored.
    #[must_use]
    pub fn wants(&self, observations: u64, at_ms: i64) -> bool {
        observations > 0
            && (observations < YOUNG_MAX || mix(observations, at_ms as u64).is_multiple_of(ONE_IN))
    }

    /// Adds what one exchange says.
    pub fn add(&mut self, score: &ExchangeScore) {
        self.scored += 1;
        self.status.add(score.status, HALF_LIFE);
        let (mut sum, mut parts) = (score.status, 1.0);
        for (mean, part) in [(&mut self.shape, score.shape), (&mut self.presence, score.presence)] {
            if let Some(part) = part {
                mean.add(part, HALF_LIFE);
                (sum, parts) = (sum + part, parts + 1.0);
            }
        }
        self.recent.add(sum / parts, TREND_HALF_LIFE);
        self.all.add(sum / parts, HALF_LIFE);
        if let Some(quantile) = score.latency {
            self.bins.resize(BINS, 0.0);
            let kept = (-1.0 / HALF_LIFE).exp2();
            self.bins.iter_mut().for_each(|bin| *bin *= kept);
            let at = ((quantile * BINS as f64) as usize).min(BINS - 1);
            if let Some(bin) = self.bins.get_mut(at) {
                *bin += 1.0;
            }
        }
    }

    /// Adds the scores of another model.
    pub fn merge(&mut self, other: &Self) {
        self.scored += other.scored;
        self.status.merge(&other.status);
        self.shape.merge(&other.shape);
        self.presence.merge(&other.presence);
        self.recent.merge(&other.recent);
        self.all.merge(&other.all);
        if !other.bins.is_empty() {
            self.bins.resize(BINS, 0.0);
        }
        self.bins.iter_mut().zip(&other.bins).for_each(|(own, other)| *own += other);
    }

    /// The score; `None` while there is not enough to say.
    #[must_use]
    pub fn score(&self) -> Option<FidelityScore> {
        let mut parts: Vec<FidelityPart> = [
            self.status.part("status"),
            self.shape.part("shape"),
            self.presence.part("presence"),
            self.latency(),
        ]
        .into_iter()
        .flatten()
        .collect();
        if self.status.weight < SCORES_MIN {
            return None;
        }
        let count = parts.len().max(1) as f64;
        let mean = |of: fn(&FidelityPart) -> f64| parts.iter().map(of).sum::<f64>() / count;
        let score = mean(|part| part.score);
        // The parts are of the same exchanges: their errors are added in squares.
        let error = |of: fn(&FidelityPart) -> f64| {
            parts.iter().map(|part| of(part).powi(2)).sum::<f64>().sqrt() / count
        };
        let low = (score - error(|part| part.score - part.low)).max(0.0);
        let high = (score + error(|part| part.high - part.score)).min(1.0);
        let trend = self.recent.mean() - self.all.mean();
        parts.sort_by(|a, b| a.score.total_cmp(&b.score));
        Some(FidelityScore { score, low, high, trend, scored: self.scored, parts })
    }

    /// One less the largest distance between the times that came and those predicted.
    fn latency(&self) -> Option<FidelityPart> {
        let total: f64 = self.bins.iter().sum();
        if total < SCORES_MIN {
            return None;
        }
        let (mut below, mut distance) = (0.0, 0.0_f64);
        for (at, bin) in self.bins.iter().enumerate() {
            below += bin / total;
            distance = distance.max((below - (at + 1) as f64 / BINS as f64).abs());
        }
        // What chance alone makes of a perfect model (Kolmogorov, the mean).
        let noise = 0.87 / total.sqrt();
        let score = 1.0 - (distance - noise).max(0.0);
        let width = 0.68 / total.sqrt();
        let (low, high) = ((score - width).max(0.0), (score + width).min(1.0));
        Some(FidelityPart { name: "latency", score, low, high, samples: total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_scores_are_not_enough_and_the_worst_part_comes_first() {
        let mut model = FidelityModel::default();
        let exchange = ExchangeScore { status: 0.5, latency: Some(0.5), ..Default::default() };
        for _ in 0..10 {
            model.add(&ExchangeScore { shape: Some(1.0), ..exchange });
        }
        assert_eq!(model.score(), None);
        for n in 0..90 {
            let latency = Some(f64::from(n % 10) / 10.0);
            model.add(&ExchangeScore { shape: Some(1.0), latency, ..exchange });
        }
        let score = model.score().unwrap();
        assert_eq!(score.parts.first().map(|part| part.name), Some("status"));
        assert!(score.low < score.score && score.score < score.high, "{score:?}");
        assert!((0.7..0.9).contains(&score.score), "{score:?}");
    }

    #[test]
    fn two_halves_merge_into_the_whole() {
        let exchange = ExchangeScore { status: 0.9, shape: Some(0.8), ..Default::default() };
        let (mut half, mut whole) = (FidelityModel::default(), FidelityModel::default());
        (0..30).for_each(|_| half.add(&exchange));
        (0..60).for_each(|_| whole.add(&exchange));
        let other = half.clone();
        half.merge(&other);
        let (merged, whole) = (half.score().unwrap(), whole.score().unwrap());
        assert!((merged.score - whole.score).abs() < 1e-9 && merged.scored == whole.scored);
    }
}
