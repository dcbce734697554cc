use super::*;

const MINUTE_US: u64 = 60_000_000;
const YEAR_MS: i64 = 365 * 24 * 3_600_000;
const START: ClockReading = ClockReading { now_ms: 1_700_000_000_000, mono_us: 5_000_000 };

fn lease() -> Lease {
    let created_at_ms = START.now_ms;
    let expires_at_ms = created_at_ms + 15 * 60_000;
    Lease { created_at_ms, starts_at_ms: created_at_ms, expires_at_ms, max_hits: None }
}

fn later(minutes: u64, wall_jump_ms: i64) -> ClockReading {
    let now_ms = START.now_ms + minutes as i64 * 60_000 + wall_jump_ms;
    ClockReading { now_ms, mono_us: START.mono_us + minutes * MINUTE_US }
}

/// A process started at `wall_ms`: its monotonic clock has an origin of its own.
fn restarted(counters: &RuleCounters, saved: ClockReading, now_ms: i64) -> RuleCounters {
    let text = serde_json::to_string(&counters.snapshot(saved)).expect("stored");
    let snapshot = serde_json::from_str(&text).expect("read");
    RuleCounters::restore(&lease(), &snapshot, ClockReading { now_ms, mono_us: 17 })
}

#[test]
fn a_lease_ends_on_time() {
    let counters = RuleCounters::begin(&lease(), START);
    assert_eq!(counters.state(&lease(), later(14, 0)), RuleState::Active);
    assert!(!counters.runs(&lease(), later(15, 0)));
    assert_eq!(counters.state(&lease(), later(15, 0)), RuleState::Expired);
}

#[test]
fn a_wall_clock_that_jumps_back_extends_nothing() {
    let counters = RuleCounters::begin(&lease(), START);
    assert!(counters.runs(&lease(), later(14, 0)));
    assert!(!counters.runs(&lease(), later(15, -YEAR_MS)));
}

#[test]
fn a_wall_clock_that_jumps_ahead_ends_the_lease_for_good() {
    let counters = RuleCounters::begin(&lease(), START);
    assert!(!counters.runs(&lease(), later(1, YEAR_MS)));
    assert!(!counters.runs(&lease(), later(2, 0)), "the end is kept when the clock returns");
}

#[test]
fn a_restart_extends_nothing() {
    let counters = RuleCounters::begin(&lease(), START);
    let saved = later(10, 0);
    let minutes_on = |minutes: i64| restarted(&counters, saved, saved.now_ms + minutes * 60_000);
    let at = |minutes_up: u64, since_ms: i64| ClockReading {
        now_ms: since_ms,
        mono_us: 17 + minutes_up * MINUTE_US,
    };
    let soon = minutes_on(1);
    assert!(soon.runs(&lease(), at(3, saved.now_ms + 4 * 60_000)));
    assert!(!soon.runs(&lease(), at(4, saved.now_ms + 4 * 60_000)));
    assert_eq!(minutes_on(6).state(&lease(), at(0, saved.now_ms)), RuleState::Expired);
    // The wall clock was set back while the process was down: the time slept is unknown.
    let back = restarted(&counters, saved, saved.now_ms - YEAR_MS);
    assert!(!back.runs(&lease(), at(0, saved.now_ms - YEAR_MS)));
    // A small step back is NTP: the spent time still counts.
    let step = restarted(&counters, saved, saved.now_ms - 5_000);
    assert!(step.runs(&lease(), at(4, saved.now_ms - 5_000)));
    assert!(!step.runs(&lease(), at(5, saved.now_ms - 5_000)));
}

#[test]
fn an_end_survives_a_restart() {
    let expired = RuleCounters::begin(&lease(), START);
    assert!(!expired.runs(&lease(), later(1, YEAR_MS)));
    let again = restarted(&expired, later(1, 0), later(1, 0).now_ms);
    assert_eq!(again.state(&lease(), later(1, 0)), RuleState::Expired);

    let stopped = RuleCounters::begin(&lease(), START);
    stopped.stop();
    let again = restarted(&stopped, later(1, 0), later(1, 0).now_ms);
    assert_eq!(again.state(&lease(), later(1, 0)), RuleState::Stopped);
}

#[test]
fn a_scheduled_lease_waits_on_both_clocks() {
    let lease = Lease {
        starts_at_ms: START.now_ms + 10 * 60_000,
        expires_at_ms: START.now_ms + 20 * 60_000,
        ..lease()
    };
    let counters = RuleCounters::begin(&lease, START);
    assert_eq!(counters.state(&lease, later(9, 0)), RuleState::Scheduled);
    let ahead = later(1, 10 * 60_000);
    assert_eq!(counters.state(&lease, ahead), RuleState::Scheduled, "only the wall clock says so");
    assert_eq!(counters.state(&lease, later(10, 0)), RuleState::Active);
    assert_eq!(counters.elapsed_s(&lease, later(12, 0)), 120.0);
    assert_eq!(counters.state(&lease, later(20, 0)), RuleState::Expired);
}

#[test]
fn hits_are_exact_under_concurrency_and_across_a_restart() {
    let lease = Lease { max_hits: Some(1000), ..lease() };
    let counters = RuleCounters::begin(&lease, START);
    let taken: usize = std::thread::scope(|scope| {
        let worker = || (0..400).filter(|_| counters.take_hit(&lease, 1)).count();
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).sum()
    });
    assert_eq!(taken, 1000);
    assert_eq!(counters.state(&lease, later(1, 0)), RuleState::Exhausted);
    let again = RuleCounters::restore(&lease, &counters.snapshot(later(1, 0)), later(1, 0));
    assert_eq!(again.state(&lease, later(1, 0)), RuleState::Exhausted);
    assert!(!again.take_hit(&lease, 1));
}

#[test]
fn recent_hits_are_the_last_ones() {
    let counters = RuleCounters::begin(&lease(), START);
    (1..=20).for_each(|at| assert!(counters.take_hit(&lease(), at)));
    assert_eq!(counters.recent_hits_at_ms(), [20, 19, 18, 17, 16, 15, 14, 13]);
}

#[test]
fn a_snapshot_of_another_version_is_read() {
    let snapshot: CountersSnapshot =
        serde_json::from_str(r#"{"hits": 3, "colour": "red"}"#).expect("tolerant");
    assert_eq!((snapshot.hits, snapshot.matched), (3, 0));
}

#[test]
fn an_edit_keeps_the_count_and_a_renewal_starts_anew() {
    let counters = Arc::new(RuleCounters::begin(&lease(), START));
    assert!(counters.take_hit(&lease(), 1));
    let budget = Lease { max_hits: Some(5), ..lease() };
    let edited = counters.carried_over(&lease(), &budget, later(1, 0));
    assert_eq!(edited.hits(), 1);
    counters.stop();
    assert_eq!(edited.state(&budget, later(1, 0)), RuleState::Stopped);
    let renewed = Lease { expires_at_ms: budget.expires_at_ms + 60_000, ..budget };
    let renewed_counters = counters.carried_over(&budget, &renewed, later(1, 0));
    assert_eq!(renewed_counters.hits(), 0);
    assert_eq!(renewed_counters.state(&renewed, later(1, 0)), RuleState::Active);
}
