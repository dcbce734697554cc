//! What black-box tests are made of: a scripted backend, a raw client, a proxy between them.

#![allow(dead_code, reason = "a toolbox: not every test binary uses every tool")]

pub mod backend;
pub mod browser;
pub mod client;
pub mod double;
pub mod front;
pub mod http2;
pub mod json_schema;
pub mod notes;
pub mod process;
pub mod tls;
pub mod websocket;

/// Waits until `holds`, which others make true; fails after [`backend::PATIENCE`].
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed() < backend::PATIENCE, "not in time: {what}");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// Waits until a counter that others move has stood still for a while.
pub fn settles(counter: &std::sync::atomic::AtomicUsize) {
    let read = || counter.load(std::sync::atomic::Ordering::SeqCst);
    let (mut last, mut since) = (read(), std::time::Instant::now());
    while since.elapsed() < std::time::Duration::from_millis(300) {
        std::thread::sleep(std::time::Duration::from_millis(10));
        if read() != last {
            (last, since) = (read(), std::time::Instant::now());
        }
    }
}
