use proptest::prelude::*;

use super::*;
use crate::domain::random::seed;

fn uniforms(seed: u64) -> impl FnMut() -> f64 {
    let mut count = 0;
    move || {
        count += 1;
        seed::uniform(seed::mix(seed, count))
    }
}

/// Statuses that fail at `rate` in runs of `run` on average.
fn bursts(rate: f64, run: f64, uniform: &mut dyn FnMut() -> f64) -> impl FnMut() -> u16 {
    let leave = 1.0 / run;
    let enter = rate * leave / (1.0 - rate);
    let mut failing = false;
    move || {
        failing = uniform() < if failing { 1.0 - leave } else { enter };
        if failing { 503 } else { 200 }
    }
}

/// Mean length of the runs of errors.
fn mean_run(statuses: &[u16]) -> f64 {
    let errors = statuses.iter().filter(|&&status| is_error(status)).count();
    let runs = statuses.chunk_by(|a, b| is_error(*a) == is_error(*b));
    errors as f64 / runs.filter(|run| is_error(run[0])).count() as f64
}

fn draw_many(sampler: &StatusSampler, count: usize, uniform: &mut dyn FnMut() -> f64) -> Vec<u16> {
    let mut chain = ChainState::START;
    let mut draw = || {
        let (status, next) = sampler.draw(chain, uniform(), uniform());
        // Through a byte, as callers keep it.
        chain = ChainState::from(u8::from(next));
        status
    };
    (0..count).map(|_| draw()).collect()
}

fn share(statuses: &[u16], wanted: u16) -> f64 {
    statuses.iter().filter(|&&status| status == wanted).count() as f64 / statuses.len() as f64
}

#[test]
fn an_empty_model_knows_nothing() {
    let model = StatusModel::default();
    assert_eq!(model.mix(), []);
    assert_eq!(model.error_rate(), 0.0);
    assert!(model.compile().is_empty());
    assert_eq!(model.compile().draw(ChainState::START, 0.5, 0.5), (200, ChainState::OK));
}

#[test]
fn one_answer_is_the_whole_mix() {
    for status in [200, 404, 503] {
        let mut model = StatusModel::default();
        model.observe(status, 1);
        assert_eq!(model.mix(), [(status, 1.0)]);
        assert!(draw_many(&model.compile(), 100, &mut uniforms(1)).iter().all(|s| *s == status));
    }
}

#[test]
fn errors_come_in_runs_as_long_as_they_came_in() {
    for run in [1.0, 2.0, 4.0, 10.0] {
        let mut uniform = uniforms(run as u64);
        let mut observed = Vec::new();
        {
            let mut next = bursts(0.03, run, &mut uniform);
            while observed.iter().filter(|status| is_error(**status)).count() < 100 {
                observed.push(next());
            }
        }
        let mut model = StatusModel::default();
        observed.iter().zip(0..).for_each(|(&status, at)| model.observe(status, at * 1_000));
        let drawn = draw_many(&model.compile(), 400_000, &mut uniforms(9));
        let (seen, drawn) = (mean_run(&observed), mean_run(&drawn));
        assert!((drawn / seen - 1.0).abs() < 0.15, "{run}: {drawn} for {seen}");
        assert!((model.mean_error_run() / seen - 1.0).abs() < 0.15);
    }
}

#[test]
fn three_percent_of_errors_show_as_three_percent() {
    for run in [1.0, 5.0, 20.0] {
        let mut uniform = uniforms(2);
        let mut model = StatusModel::default();
        {
            let mut next = bursts(0.03, run, &mut uniform);
            (0..200_000).for_each(|at| model.observe(next(), at));
        }
        assert!((model.error_rate() - 0.03).abs() < 0.004, "{}", model.error_rate());
        let drawn = draw_many(&model.compile(), 400_000, &mut uniforms(3));
        assert!((share(&drawn, 503) - model.error_rate()).abs() < 0.003, "{}", share(&drawn, 503));
    }
}

#[test]
fn statuses_within_a_run_repeat_as_they_did() {
    let mut model = StatusModel::default();
    for at in 0..10_000_i64 {
        // Runs of five, each of one status.
        let status = if at % 50 < 5 { [500, 502, 503][(at / 50 % 3) as usize] } else { 200 };
        model.observe(status, at);
    }
    let drawn = draw_many(&model.compile(), 100_000, &mut uniforms(4));
    let pairs = drawn.windows(2).filter(|two| is_error(two[0]) && is_error(two[1]));
    let (same, all) =
        pairs.fold((0, 0), |(same, all), two| (same + i32::from(two[0] == two[1]), all + 1));
    assert!(f64::from(same) / f64::from(all) > 0.98, "{same} of {all}");
    for status in [500, 502, 503] {
        assert!((share(&drawn, status) - 0.0333).abs() < 0.01, "{}", share(&drawn, status));
    }
}

#[test]
fn runs_are_trusted_as_evidence_grows() {
    let mut model = StatusModel::default();
    (0..99).for_each(|at| model.observe(200, at));
    model.observe(500, 99);
    model.observe(500, 100);
    // A single pair of errors makes runs likely, not certain.
    assert!((1.5..4.0).contains(&model.mean_error_run()), "{}", model.mean_error_run());
}

#[test]
fn an_outage_fades_but_rare_errors_stay() {
    let mut model = StatusModel::default();
    (0..10_000).for_each(|at| model.observe(503, at));
    let next_day_ms = 86_400_000;
    (0..10_000).for_each(|at| model.observe(200, next_day_ms + at));
    assert!(model.error_rate() < 0.2, "{}", model.error_rate());
    assert_eq!((model.observations(503), model.observations(200)), (10_000, 10_000));

    let mut rare = StatusModel::default();
    (0..1_000).for_each(|at| rare.observe(if at % 100 == 0 { 500 } else { 200 }, at * next_day_ms));
    assert!((rare.error_rate() - 0.01).abs() < 1e-9, "{}", rare.error_rate());
}

#[test]
fn statuses_are_bounded() {
    let mut model = StatusModel::default();
    (0..5_000_u16).for_each(|at| model.observe(100 + at % 900, i64::from(at)));
    assert!(model.mix().len() <= STATUSES_MAX);
    let shares: f64 = model.mix().iter().map(|(_, share)| share).sum();
    assert!((shares - 1.0).abs() < 1e-9);
}

#[test]
fn stored_models_draw_the_same_and_sparse_ones_are_read() {
    let mut model = StatusModel::default();
    (0..500).for_each(|at| model.observe(if at % 7 < 2 { 502 } else { 200 }, at));
    let read: StatusModel = serde_json::from_str(&serde_json::to_string(&model).unwrap()).unwrap();
    assert_eq!(read.compile(), model.compile());
    let sparse = r#"{"statuses":[{"status":200,"weight":2.0}],"novelty":[]}"#;
    assert_eq!(serde_json::from_str::<StatusModel>(sparse).unwrap().mix(), [(200, 1.0)]);
}

fn statuses() -> impl Strategy<Value = Vec<u16>> {
    let status = prop_oneof![5 => Just(200_u16), 1 => Just(404), 2 => Just(500), 1 => Just(503)];
    prop::collection::vec(status, 1..300)
}

fn learned(statuses: &[u16]) -> StatusModel {
    let mut model = StatusModel::default();
    statuses.iter().zip(0..).for_each(|(&status, at)| model.observe(status, at));
    model
}

proptest! {
    // Each case draws 60,000 times.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_long_run_mix_is_the_learned_one(statuses in statuses(), seed in any::<u64>()) {
        let model = learned(&statuses);
        let sampler = model.compile();
        let drawn = draw_many(&sampler, 60_000, &mut uniforms(seed));
        // Runs make the draws dependent: their share varies as that of so many times fewer.
        let effective = 60_000.0 / (2.0 * model.mean_error_run().min(1e4));
        prop_assume!(effective > 200.0);
        for (status, expected) in model.mix() {
            let bound = 5.0 * (0.25 / effective).sqrt();
            prop_assert!((share(&drawn, status) - expected).abs() < bound);
        }
    }

}

proptest! {
    #[test]
    fn merging_equals_having_seen_both(a in statuses(), b in statuses()) {
        let mut merged = learned(&a);
        merged.merge(&learned(&b));
        let both = learned(&[a, b].concat());
        prop_assert_eq!(merged.total_observations(), both.total_observations());
        for (ours, theirs) in merged.mix().iter().zip(both.mix()) {
            prop_assert_eq!(ours.0, theirs.0);
            prop_assert!((ours.1 - theirs.1).abs() < 1e-6);
        }
        // The step from one stream to the other is the one that only the whole stream saw.
        prop_assert!((merged.after_error - both.after_error).abs() <= 1.0 + 1e-6);
    }

    #[test]
    fn any_byte_is_a_chain_state(statuses in statuses(), byte in any::<u8>(), u in 0.0..1.0_f64) {
        let (status, _) = learned(&statuses).compile().draw(ChainState::from(byte), u, u);
        prop_assert!(statuses.contains(&status));
    }
}

#[test]
fn statuses_beyond_the_limit_are_pooled_and_none_is_drawn_for_all_of_them() {
    let mut model = StatusModel::default();
    for round in 0..50_i64 {
        for status in 200..260 {
            model.observe(status, round);
        }
    }
    assert_eq!(model.total_observations(), 3_000, "none is lost");
    assert!(model.pooled_observations() > 0);
    let mix = model.mix();
    assert_eq!(mix.len(), STATUSES_MAX);
    assert!((mix.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-9);
    let largest = mix.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    assert!(largest < 0.06, "60 statuses are equally likely, one is drawn at {largest}");
}
