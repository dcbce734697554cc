use proptest::prelude::*;

use super::*;

fn hits(pattern: &RatePattern, p: f64, n: usize, seed: u64) -> Vec<bool> {
    let state = RateState::default();
    (0..n).map(|_| state.draw(pattern, p, 0.0, seed).hit).collect()
}

fn count(hits: &[bool]) -> usize {
    hits.iter().filter(|hit| **hit).count()
}

#[test]
fn ten_percent_of_ten_is_one() {
    for seed in 0..1000 {
        let hits = hits(&RatePattern::Steady, 0.1, 100, seed);
        for ten in hits.chunks(10) {
            assert_eq!(count(ten), 1, "seed {seed}");
        }
    }
}

#[test]
fn every_request_has_the_same_chance() {
    const SEEDS: u64 = 20_000;
    for p in [0.1, 0.3, 0.7] {
        let mut at = [0_u32; 12];
        for seed in 0..SEEDS {
            for (at, hit) in at.iter_mut().zip(hits(&RatePattern::Steady, p, 12, seed)) {
                *at += u32::from(hit);
            }
        }
        let sigma = (SEEDS as f64 * p * (1.0 - p)).sqrt();
        for (position, hits) in at.iter().enumerate() {
            let off = (f64::from(*hits) - SEEDS as f64 * p).abs() / sigma;
            assert!(off < 4.0, "p {p}, position {position}: {off} sigma");
        }
    }
}

#[test]
fn hits_are_not_periodic() {
    // A client that loops over ten calls must not lose the same one each time.
    let hits = hits(&RatePattern::Steady, 0.1, 1000, 7);
    let mut places = [0; 10];
    for ten in hits.chunks(10) {
        let place = ten.iter().position(|hit| *hit).expect("one hit in ten");
        places[place] += 1;
    }
    assert!(places.iter().all(|count| (2..=25).contains(count)), "{places:?}");
}

#[test]
fn certain_and_impossible_are_exact() {
    assert_eq!(count(&hits(&RatePattern::Steady, 1.0, 1000, 3)), 1000);
    assert_eq!(count(&hits(&RatePattern::Steady, 0.0, 1000, 3)), 0);
}

#[test]
fn first_and_every_count_exactly() {
    let first = hits(&RatePattern::First { n: 3 }, 1.0, 100, 1);
    assert_eq!(first.iter().take(3).filter(|hit| **hit).count(), 3);
    assert_eq!(count(&first), 3);
    let every = hits(&RatePattern::Every { n: 4 }, 1.0, 100, 1);
    assert!(every.iter().enumerate().all(|(at, hit)| *hit == (at % 4 == 3)));
    assert_eq!(count(&hits(&RatePattern::Every { n: 4 }, 0.2, 100, 1)), 5);
}

#[test]
fn bursts_have_the_lengths_asked_for() {
    let pattern = RatePattern::Bursts { mean_on: 5.0, mean_off: 45.0 };
    let hits = hits(&pattern, 1.0, 400_000, 11);
    let share = count(&hits) as f64 / hits.len() as f64;
    assert!((share - 0.1).abs() < 0.005, "{share}");
    let runs: Vec<usize> =
        hits.chunk_by(|a, b| a == b).filter(|run| run[0]).map(<[bool]>::len).collect();
    let mean = runs.iter().sum::<usize>() as f64 / runs.len() as f64;
    assert!((mean - 5.0).abs() < 0.25, "{mean}");
}

#[test]
fn windows_and_ramps_follow_the_time_of_the_lease() {
    let window = RatePattern::Window { on_s: 10.0, off_s: 20.0 };
    let state = RateState::default();
    let at = |elapsed_s| state.draw(&window, 1.0, elapsed_s, 1).hit;
    assert_eq!([0.0, 9.9, 10.0, 29.9, 30.0, 45.0].map(at), [true, true, false, false, true, false]);

    let ramp = RatePattern::Ramp { from: 0.0, to: 1.0, over_s: 100.0 };
    let state = RateState::default();
    let hits = (0..1000).filter(|at| state.draw(&ramp, 1.0, f64::from(*at) / 10.0, 5).hit).count();
    assert!((499..=500).contains(&hits), "{hits}: the sum of all probabilities is 499.5");
    assert!(state.draw(&ramp, 1.0, 1e6, 5).hit);
}

#[test]
fn threads_share_one_exact_rate() {
    let state = RateState::default();
    let hits: usize = std::thread::scope(|scope| {
        let worker =
            || (0..2500).filter(|_| state.draw(&RatePattern::Steady, 0.1, 0.0, 9).hit).count();
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).sum()
    });
    assert_eq!(hits, 1000);
}

#[test]
fn a_restart_continues_the_sequence() {
    let whole = hits(&RatePattern::Steady, 0.37, 200, 4);
    let first = RateState::default();
    let mut split: Vec<bool> =
        (0..77).map(|_| first.draw(&RatePattern::Steady, 0.37, 0.0, 4).hit).collect();
    let (tickets, word) = first.parts();
    let second = RateState::from_parts(tickets, word);
    split.extend((77..200).map(|_| second.draw(&RatePattern::Steady, 0.37, 0.0, 4).hit));
    assert_eq!(split, whole);
}

#[test]
fn a_request_seed_decides_alone() {
    let state = RateState::default();
    let peek = |seed| state.peek(&RatePattern::Steady, 0.2, 0.0, seed).hit;
    let first: Vec<bool> = (0..10_000).map(peek).collect();
    assert_eq!(first, (0..10_000).map(peek).collect::<Vec<_>>());
    let off = (count(&first) as f64 - 2000.0).abs() / (10_000.0_f64 * 0.2 * 0.8).sqrt();
    assert!(off < 3.0, "{off} sigma");
    assert_eq!(state.parts(), (0, 0));
}

proptest! {
    #[test]
    fn the_count_is_never_a_whole_hit_off(p in 0.0..=1.0_f64, seed: u64) {
        let state = RateState::default();
        let mut hits = 0_u32;
        for n in 1..=300 {
            hits += u32::from(state.draw(&RatePattern::Steady, p, 0.0, seed).hit);
            prop_assert!((f64::from(hits) - p * f64::from(n)).abs() < 1.0 + 1e-9, "after {n}");
        }
    }

    #[test]
    fn any_word_read_back_from_storage_is_usable(word: u64, p in 0.0..=1.0_f64) {
        let state = RateState::from_parts(0, word);
        let hits = (0..100).filter(|_| state.draw(&RatePattern::Steady, p, 0.0, 1).hit).count();
        prop_assert!((hits as f64 - 100.0 * p).abs() < 3.0);
    }
}
