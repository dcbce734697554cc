use proptest::prelude::*;

use super::*;
use crate::domain::latency::reference_distributions::{
    REFERENCE_DISTRIBUTIONS, ReferenceDistribution,
};
use crate::domain::random::seed;

const DRAWS: usize = 20_000;

fn uniforms(seed: u64) -> impl FnMut() -> f64 {
    let mut count = 0;
    move || {
        count += 1;
        seed::uniform(seed::mix(seed, count))
    }
}

/// A model that has seen `count` latencies of a law, ten a second.
fn learn(
    model: &mut LatencyModel,
    law: ReferenceDistribution,
    count: i64,
    uniform: &mut dyn FnMut() -> f64,
) {
    for at in 0..count {
        model.observe(law.draw_us(uniform), at * 100);
    }
}

fn draws(sampler: &LatencySampler, uniform: &mut dyn FnMut() -> f64) -> Vec<u64> {
    (0..DRAWS).map(|_| sampler.draw_us(uniform())).collect()
}

/// Distance to the truth of draws after 1,000 observations, and the relative error of their p99.
fn fidelity(law: ReferenceDistribution, seed: u64) -> (f64, f64) {
    let mut uniform = uniforms(seed);
    let mut model = LatencyModel::default();
    learn(&mut model, law, 1_000, &mut uniform);
    let mut drawn = draws(&model.compile(), &mut uniform);
    let distance = law.distance(&mut drawn);
    let p99 = drawn[DRAWS * 99 / 100] as f64 / law.quantile_us(0.99) as f64;
    (distance, (p99 - 1.0).abs())
}

/// Median and the greatest but two of what 25 seeds give. A single seed says more about its luck
/// than about the model: 1,000 observations of the truth itself lie 0.027 from it on average, and
/// beyond 0.035 in one of six cases.
fn spread(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[values.len() - 3])
}

const SEEDS: std::ops::Range<u64> = 0..25;

#[test]
fn draws_follow_each_law_after_a_thousand_observations() {
    for law in REFERENCE_DISTRIBUTIONS {
        let (median, worst) = spread(SEEDS.map(|seed| fidelity(law, seed).0));
        assert!(median <= 0.025 && worst <= 0.035, "{}: {median} {worst}", law.name);
    }
}

#[test]
fn the_99th_percentile_is_met_where_it_can_be_known() {
    for law in REFERENCE_DISTRIBUTIONS.into_iter().filter(|law| law.name != "Pareto 1.6") {
        let (median, worst) = spread(SEEDS.map(|seed| fidelity(law, seed).1));
        // The 99th percentile of the observations themselves errs by 4 % on average.
        assert!(median <= 0.04 && worst <= 0.09, "{}: {median} {worst}", law.name);
    }
}

#[test]
fn a_step_is_followed_within_200_observations() {
    for law in REFERENCE_DISTRIBUTIONS {
        let slower = law.scaled(2.5);
        let distances = (0..30).map(|seed| {
            let mut uniform = uniforms(seed);
            let mut model = LatencyModel::default();
            learn(&mut model, law, 1_000, &mut uniform);
            learn(&mut model, slower, 200, &mut uniform);
            assert!(model.shifted_since_at_ms().is_some(), "{} {seed}", law.name);
            let sampler = model.compile();
            let mut drawn: Vec<u64> = (0..5_000).map(|_| sampler.draw_us(uniform())).collect();
            slower.distance(&mut drawn)
        });
        let mut distances: Vec<f64> = distances.collect();
        distances.sort_by(f64::total_cmp);
        // 200 observations of the new law themselves lie beyond 0.096 in one case of twenty.
        let (middle, nine_of_ten) = (distances[15], distances[27]);
        assert!(middle < 0.065 && nine_of_ten < 0.10, "{}: {distances:?}", law.name);
    }
}

#[test]
fn a_stationary_law_never_looks_like_a_new_regime() {
    for law in REFERENCE_DISTRIBUTIONS {
        let mut uniform = uniforms(7);
        let mut model = LatencyModel::default();
        for at in 0..200_000 {
            model.observe(law.draw_us(&mut uniform), at * 10);
            assert_eq!(model.shifted_since_at_ms(), None, "{} at {at}", law.name);
        }
    }
}

#[test]
fn a_passing_disturbance_hands_back_to_the_settled_regime() {
    let law = REFERENCE_DISTRIBUTIONS[0];
    let mut uniform = uniforms(3);
    let mut model = LatencyModel::default();
    learn(&mut model, law, 5_000, &mut uniform);
    let before = model.compile().quantile_us(0.5);
    learn(&mut model, law.scaled(4.0), 300, &mut uniform);
    assert!(model.compile().quantile_us(0.5) > 3 * before);
    learn(&mut model, law, 300, &mut uniform);
    assert_eq!(model.shifted_since_at_ms(), None);
    // The old regime is back with all it knew, not learned anew from 300 observations.
    assert!(law.distance(&mut draws(&model.compile(), &mut uniform)) < 0.025);
}

#[test]
fn a_lasting_regime_becomes_the_settled_one() {
    let (law, slower) = (REFERENCE_DISTRIBUTIONS[1], REFERENCE_DISTRIBUTIONS[1].scaled(2.5));
    let mut uniform = uniforms(4);
    let mut model = LatencyModel::default();
    learn(&mut model, law, 2_000, &mut uniform);
    // Ten a second: 1,000 observations and ten minutes are over after 6,100.
    for at in 2_000..9_000 {
        model.observe(slower.draw_us(&mut uniform), at * 100);
    }
    assert_eq!(model.shifted_since_at_ms(), None);
    assert!(slower.distance(&mut draws(&model.compile(), &mut uniform)) < 0.025);
}

#[test]
fn the_ranks_of_new_values_are_evenly_spread() {
    for law in REFERENCE_DISTRIBUTIONS {
        let (mut uniform, mut model) = (uniforms(17), LatencyModel::default());
        assert_eq!(model.rank(1), None, "before anything was learned");
        learn(&mut model, law, 2_000, &mut uniform);
        let ranks: Vec<f64> =
            (0..2_000).filter_map(|_| model.rank(law.draw_us(&mut uniform))).collect();
        let mean = ranks.iter().sum::<f64>() / ranks.len() as f64;
        assert!((mean - 0.5).abs() < 0.04, "{law:?}: {mean}");
        assert_eq!((model.rank(0), model.rank(LATENCY_US_MAX)), (Some(0.0), Some(1.0)), "{law:?}");
    }
}

#[test]
fn few_distinct_values_are_kept_exactly() {
    let mut model = LatencyModel::default();
    for at in 0..3_000 {
        model.observe([5_000, 40_123, 30_000_017][at as usize % 3], at);
    }
    let sampler = model.compile();
    for (q, expected) in [(0.1, 5_000), (0.5, 40_123), (0.9, 30_000_017)] {
        assert_eq!(sampler.quantile_us(q), expected);
    }
}

#[test]
fn whole_milliseconds_stay_whole() {
    let mut uniform = uniforms(5);
    let mut model = LatencyModel::default();
    learn(&mut model, REFERENCE_DISTRIBUTIONS[4].scaled(20.0), 5_000, &mut uniform);
    assert!(draws(&model.compile(), &mut uniform).iter().all(|us| us % 1_000 == 0));
}

#[test]
fn an_empty_model_draws_nothing() {
    let model = LatencyModel::default();
    assert!(model.compile().is_empty());
    assert_eq!(model.compile().draw_us(0.7), 0);
    assert_eq!(model.summary(), LatencySummary::default());
}

#[test]
fn the_mean_of_the_first_samples_is_theirs_and_follows_the_present_later() {
    let mut model = LatencyModel::default();
    for (at_ms, us) in [(0, 1_000), (1, 2_000), (2, 3_000)] {
        model.observe(us, at_ms);
    }
    let summary = model.summary();
    assert!((summary.mean_ms - 2.0).abs() < 1e-4, "{summary:?}");
    assert!((summary.std_dev_ms - 1.0).abs() < 1e-4, "{summary:?}");
    for at in 0..10_000 {
        model.observe(50_000, 3_600_000 + at * 100);
    }
    assert!((model.summary().mean_ms - 50.0).abs() < 0.1, "{:?}", model.summary());
}

#[test]
fn rare_traffic_is_averaged_over_many_answers() {
    let mut model = LatencyModel::default();
    for at in 0..1_000 {
        model.observe(if at % 2 == 0 { 10_000 } else { 30_000 }, at * 86_400_000);
    }
    let summary = model.summary();
    assert!((summary.mean_ms - 20.0).abs() < 0.5, "{summary:?}");
    assert!((summary.std_dev_ms - 10.0).abs() < 0.5, "{summary:?}");
}

#[test]
fn stored_models_are_small_and_draw_the_same() {
    for law in REFERENCE_DISTRIBUTIONS {
        let mut uniform = uniforms(6);
        let mut model = LatencyModel::default();
        learn(&mut model, law, 20_000, &mut uniform);
        learn(&mut model, law.scaled(2.5), 500, &mut uniform);
        let stored = serde_json::to_string(&model).unwrap();
        assert!(stored.len() < 5 * 1_024, "{}: {} bytes", law.name, stored.len());
        let read: LatencyModel = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, model);
    }
}

#[test]
fn old_and_newer_and_broken_forms_are_read() {
    let check = |json: &str, observations: u64| {
        let model: LatencyModel = serde_json::from_str(json).unwrap();
        assert_eq!(model.observations(), observations, "{json}");
        let _ = model.compile().draw_us(0.5);
    };
    check("{}", 0);
    check(r#"{"observations":3,"recent":[5,6,7],"novelty":{"a":1}}"#, 3);
    check(r#"{"settled":{"precision":200,"bins":[4294967295,4294967295,1,2,3]}}"#, 0);
    check(r#"{"settled":{"precision":0,"whole_ms":99,"bins":[1,1,4294967295,0,0,7,9,9,0]}}"#, 0);
}

#[test]
fn samplers_are_shared_between_threads() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<LatencySampler>();
}

fn sketch(values: &[u32]) -> QuantileSketch {
    let mut sketch = QuantileSketch::default();
    values.iter().for_each(|&us| sketch.add(us));
    sketch
}

proptest! {
    /// Below the weight at which the sketch forgets, merging is exact.
    #[test]
    fn merging_sketches_equals_having_seen_both(
        a in prop::collection::vec(0_u32..4_000_000_000, 0..600),
        b in prop::collection::vec(0_u32..50_000, 0..600),
    ) {
        let mut merged = sketch(&a);
        merged.merge(&sketch(&b));
        let both = sketch(&[a, b].concat());
        prop_assert_eq!(merged, both);
    }

    #[test]
    fn merging_models_keeps_every_observation(
        a in prop::collection::vec(1_u64..1_000_000, 1..400),
        b in prop::collection::vec(1_u64..1_000_000, 1..400),
    ) {
        let learn = |values: &[u64]| {
            let mut model = LatencyModel::default();
            values.iter().zip(0..).for_each(|(&us, at_ms)| model.observe(us, at_ms));
            model
        };
        let mut merged = learn(&a);
        merged.merge(&learn(&b));
        prop_assert_eq!(merged.observations(), (a.len() + b.len()) as u64);
        let mut all = [a, b].concat();
        all.sort_unstable();
        let sampler = merged.compile();
        if merged.shifted_since_at_ms().is_none() {
            prop_assert_eq!(sampler.quantile_us(0.0), all[0]);
            prop_assert_eq!(sampler.quantile_us(1.0), all[all.len() - 1]);
        }
    }

    #[test]
    fn quantiles_rise_and_stay_within_what_was_seen(
        values in prop::collection::vec(0_u32..u32::MAX, 1..500),
        mut points in prop::collection::vec(-0.5_f64..1.5, 2..50),
    ) {
        let sampler = LatencySampler::smoothed(&sketch(&values));
        points.sort_by(f64::total_cmp);
        let quantiles: Vec<u64> = points.iter().map(|&q| sampler.quantile_us(q)).collect();
        prop_assert!(quantiles.is_sorted());
        let (min, max) = (*values.iter().min().unwrap(), *values.iter().max().unwrap());
        prop_assert!(quantiles.iter().all(|&us| (u64::from(min)..=u64::from(max)).contains(&us)));
    }

    /// The guarantee of the sketch: with 128 bins over 32 octaves no bin is wider than the value.
    #[test]
    fn quantiles_err_by_less_than_a_bin(values in prop::collection::vec(1_u32..u32::MAX, 50..800)) {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let sampler = LatencySampler::counted(&sketch(&values));
        for q in [0.1, 0.5, 0.9, 0.99] {
            let rank = (q * sorted.len() as f64) as usize;
            let truth = f64::from(sorted[rank.min(sorted.len() - 1)]);
            let drawn = sampler.quantile_us(q) as f64;
            prop_assert!((drawn / truth - 1.0).abs() <= 0.25, "{q}: {drawn} for {truth}");
        }
    }
}
