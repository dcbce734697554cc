//! Delays by the thousand: pending ones cost no thread, and end with their rule.

use std::time::{Duration, Instant};

use actix::Arbiter;
use serde_json::json;
use stunt_double::domain::chaos::plan::Hit;
use stunt_double::domain::chaos::{ChaosLimits, ChaosPlan};
use stunt_double::http::chaos::AppliedChaos;
use stunt_double::runtime::chaos::ChaosHandle;
use stunt_double::runtime::persistence::PersistenceHandle;
use stunt_double::store::{FailingStore, Stored};

const PENDING: usize = 10_000;

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

#[actix_rt::test]
async fn ten_thousand_pending_delays_cost_no_thread_and_are_freed_by_stop() {
    let arbiter = Arbiter::new();
    let store = Box::new(FailingStore::new([]));
    let pause = Duration::from_secs(3_600);
    let persistence = PersistenceHandle::start(store, pause, &arbiter.handle());
    let board = ChaosHandle::start(ChaosLimits::default(), &Stored::default(), persistence);
    let rule = json!({"name": "slow", "scope": {"everything": true},
        "faults": [{"type": "latency", "distribution": {"type": "fixed", "ms": 600_000}}]});
    let held = board.create(&rule, "test").expect("a rule");
    let since = board.cancellations();
    let threads_before = threads();
    let pending = (0..PENDING).map(|ticket| {
        let hit = Hit { rule: held.rule.id.clone(), ticket: ticket as u64 };
        let plan = ChaosPlan {
            delay_us: 600_000_000,
            hits: smallvec::smallvec![hit],
            ..ChaosPlan::default()
        };
        let withdrawal = board.watch(&plan, since);
        let mut disturbance = AppliedChaos::new(Box::new(plan), withdrawal);
        actix_rt::spawn(async move {
            disturbance.delay(Instant::now()).await;
            disturbance
        })
    });
    let pending: Vec<_> = pending.collect();
    for _ in 0..10 {
        actix_rt::task::yield_now().await;
    }
    assert!(pending.iter().all(|task| !task.is_finished()));
    // Other tests of this process may start threads of theirs; ten thousand they do not.
    assert!(threads() < threads_before + PENDING / 10, "a delay costs no thread");
    let began = Instant::now();
    assert_eq!(board.stop("test").len(), 1);
    for task in pending {
        let disturbance = task.await.expect("it ends");
        assert!(disturbance.held < Duration::from_secs(600));
        assert_eq!(disturbance.plan.answer, None, "what was not done yet is not done");
    }
    println!("{PENDING} delays freed in {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(60), "not one by one: {:?}", began.elapsed());
    arbiter.stop();
}
