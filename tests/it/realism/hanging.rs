//! A backend that hangs: failover mocks in its place, and notices when it is back.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use crate::support::backend::Backend;
use crate::support::double::Double;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"id\": 7}";

#[test]
fn failover_mocks_within_a_multiple_of_the_p99_and_sends_nothing_twice() {
    let hangs = Arc::new(AtomicBool::new(false));
    let received = Arc::new(AtomicUsize::new(0));
    let (hanging, counted) = (Arc::clone(&hangs), Arc::clone(&received));
    let (done, until) = mpsc::channel::<()>();
    let until = std::sync::Mutex::new(until);
    let backend = Backend::start(move |connection| {
        while let Some((head, _)) = connection.read_request() {
            if head.line.starts_with("GET") {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            if hanging.load(Ordering::SeqCst) {
                // Silent, until the test is over or lets go.
                while hanging.load(Ordering::SeqCst) {
                    let waiting = until.lock().expect("one holder");
                    if waiting.recv_timeout(Duration::from_millis(20)).is_ok() {
                        return;
                    }
                }
                return;
            }
            let body = if head.line.starts_with("HEAD") { ANSWER.len() - 9 } else { ANSWER.len() };
            connection.write(&ANSWER[..body]);
        }
    });
    let flags = ["--mode", "failover", "--failover-patience-min-ms", "300"];
    let double = Double::with(&flags).target(backend.url()).start();
    (0..20).for_each(|_| drop(double.get("/users/7")));
    double.flush();
    hangs.store(true, Ordering::SeqCst);
    let before = received.load(Ordering::SeqCst);
    for n in 0..6 {
        let began = Instant::now();
        let answer = double.get("/users/7");
        assert_eq!((answer.status, answer.get("x-mock-source")), (200, Some("failover")), "{n}");
        // Far below the 60 s after which the transport itself gives up.
        assert!(began.elapsed() < Duration::from_secs(20), "{n}: {:?}", began.elapsed());
    }
    // Three opened the breaker; since then nobody's request was sent.
    assert_eq!(received.load(Ordering::SeqCst) - before, 3);
    hangs.store(false, Ordering::SeqCst);
    let began = Instant::now();
    while double.get("/users/7").get("x-mock-source") != Some("upstream") {
        assert!(began.elapsed() < Duration::from_secs(60), "the backend is back unnoticed");
    }
    drop(done);
}
