//! Laws of the reasons on generated endpoints: what is a cause is found, what is chance is not.

use rustc_hash::FxHashSet;

use super::*;

/// Small deterministic random numbers.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = crate::domain::random::seed::mix(self.0, 1);
        self.0
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    fn share(&mut self, share: f64) -> bool {
        crate::domain::random::seed::uniform(self.next()) < share
    }
}

/// Causes that vary beside the cause, as they do in traffic.
fn others() -> Vec<Cause> {
    let names = ["page", "sort", "state", "q", "limit", "fields", "expand"];
    let query = names.iter().map(|name| Cause::Query((*name).into()));
    let more = [
        Cause::Credential(Credential::Known),
        Cause::Owner(true),
        Cause::Entity(true),
        Cause::BodyNone,
        Cause::Header("origin".into()),
        Cause::State("state".into(), "open".into()),
    ];
    query.chain(more).collect()
}

fn request(dice: &mut Dice, causes: &mut Causes, cause: Option<&Cause>) -> Truths {
    let mut truths = Truths::default();
    for other in others() {
        if cause != Some(&other) && dice.one_in(3) {
            truths.insert(causes.number(other).unwrap());
        }
    }
    truths
}

fn learn(examples: &[Example], causes: &Causes) -> ReasonTree {
    let known = KnownCauses::default();
    let examples: Vec<&Example> = examples.iter().collect();
    ReasonTree::induce(
        &examples,
        &Induction {
            causes,
            known: &known,
            named: &FxHashSet::default(),
            forbidden: &[],
            is_open: false,
        },
    )
}

/// Whether a planted cause is followed in new requests, learned from `k` examples on each side.
fn follows(cause: &Cause, status: u16, k: usize, noise: f64, seed: u64) -> bool {
    let (mut dice, mut causes) = (Dice(seed), Causes::default());
    let number = causes.number(cause.clone()).unwrap();
    let mut draw = |dice: &mut Dice, holds: bool| {
        let mut truths = request(dice, &mut causes, Some(cause));
        if holds {
            truths.insert(number);
        }
        truths
    };
    let mut examples: Vec<Example> = Vec::new();
    for n in 0..2 * k {
        let holds = n % 2 == 0;
        let truths = draw(&mut dice, holds);
        let strays = dice.share(noise);
        let status = if holds == strays { 200 } else { status };
        examples.push(Example { truths, status });
    }
    let new: Vec<(bool, Truths)> =
        (0..100).map(|n| (n % 2 == 0, draw(&mut dice, n % 2 == 0))).collect();
    let tree = learn(&examples, &causes);
    let right = new.iter().filter(|(holds, truths)| {
        let top = tree.leaf(truths).0.top().map(|(status, _)| status);
        top == Some(if *holds { status } else { 200 })
    });
    right.count() >= 97
}

#[test]
fn every_kind_of_cause_is_found_with_twenty_examples_on_each_side() {
    let causes = [
        (Cause::Credential(Credential::None), 401),
        (Cause::Owner(false), 403),
        (Cause::Entity(false), 404),
        (Cause::EntityGone, 410),
        (Cause::Parent(false), 404),
        (Cause::Condition(Validator::MatchMiss), 412),
        (Cause::AnyViolation, 422),
        (Cause::AnyUsed, 409),
        (Cause::Together("all".into()), 400),
        (Cause::Query("forbidden".into()), 400),
        (Cause::State("state".into(), "paid".into()), 409),
        (Cause::Header("content-type=text/plain".into()), 415),
    ];
    for (noise, least) in [(0.0, 0.95), (0.02, 0.95), (0.1, 0.95)] {
        for (cause, status) in &causes {
            let sites = 40;
            let found =
                (0..sites).filter(|n| follows(cause, *status, 20, noise, *n * 7 + 1)).count();
            let share = found as f64 / f64::from(sites as u32);
            assert!(share >= least, "{cause} {status} at noise {noise}: {share}");
        }
    }
}

#[test]
fn within_one_stage_the_better_reason_stays_first() {
    let mut causes = Causes::default();
    let owner = causes.number(Cause::Owner(false)).unwrap();
    let known = causes.number(Cause::Credential(Credential::Known)).unwrap();
    let town = causes.number(Cause::Asker("town".into(), "x".into())).unwrap();
    let mut examples = Vec::new();
    for n in 0..48 {
        let is_other = n % 2 == 0;
        let mut truths = Truths::default();
        truths.insert(known);
        // Some of the others are let in; those of one town were all refused.
        if is_other {
            truths.insert(owner);
        }
        if is_other && n % 10 == 4 {
            truths.insert(town);
        }
        let status = if is_other && n % 14 != 8 { 403 } else { 200 };
        examples.push(Example { truths, status });
    }
    let tree = learn(&examples, &causes);
    let mut stranger = Truths::default();
    stranger.insert(known);
    stranger.insert(owner);
    assert_eq!(tree.leaf(&stranger).0.top().map(|(status, _)| status), Some(403));
}

#[test]
fn pure_chance_gets_a_reason_at_most_five_times_in_a_thousand() {
    let mut dice = Dice(3);
    let (mut found, endpoints) = (0, 1_000);
    for n in 0..endpoints {
        let mut causes = Causes::default();
        let share = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3][n % 7];
        let status = [500, 503, 404, 401, 422, 429, 400, 403][n % 8];
        let length = [1.0, 3.0, 10.0][n % 3];
        let mut on = false;
        let examples: Vec<Example> = (0..[30, 100, 300][n / 3 % 3])
            .map(|_| {
                // A chain of two states whose runs are `length` long on average.
                on = match (on, length > 1.0) {
                    (true, true) => !dice.share(1.0 / length),
                    (false, true) => dice.share(share / (1.0 - share) / length),
                    _ => dice.share(share),
                };
                let truths = request(&mut dice, &mut causes, None);
                Example { truths, status: if on { status } else { 200 } }
            })
            .collect();
        found += usize::from(learn(&examples, &causes).explains());
    }
    assert!(found <= 5, "{found} of {endpoints}");
}

#[test]
fn a_known_credential_beats_a_present_one_once_a_forged_one_was_refused() {
    let mut causes = Causes::default();
    let mut example = |held: &[Cause], status| {
        let mut truths = Truths::default();
        held.iter().for_each(|l| truths.insert(causes.number(l.clone()).unwrap()));
        Example { truths, status }
    };
    let known = [Cause::Credential(Credential::Known), Cause::Scheme("bearer".into())];
    let forged = [Cause::Credential(Credential::Strange), Cause::Scheme("bearer".into())];
    let none = [Cause::Credential(Credential::None)];
    let mut examples = Vec::new();
    for _ in 0..10 {
        examples.push(example(&known, 200));
        examples.push(example(&none, 401));
    }
    examples.extend((0..4).map(|_| example(&forged, 401)));
    let asked = example(&forged, 0).truths;
    let tree = learn(&examples, &causes);
    assert_eq!(tree.leaf(&asked).0.top().map(|(status, _)| status), Some(401));
}
