//! The checks of the fuzz targets (`fuzz/`), on inputs that are mutated from good ones by a seed: a
//! stable compiler's part of what `cargo fuzz` does.
//!
//! `STUNT_DOUBLE_FUZZ_ROUNDS` sets how many inputs each target gets.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

#[path = "../../fuzz/checks/chunked.rs"]
mod chunked;
#[path = "../../fuzz/checks/head.rs"]
mod head;
#[path = "../../fuzz/checks/paths.rs"]
mod paths;
#[path = "../../fuzz/checks/request.rs"]
mod request;

const ROUNDS: u32 = 20_000;

/// What separates, ends or contradicts something in HTTP.
const SPICES: [&[u8]; 18] = [
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"\0",
    b":",
    b";",
    b",",
    b"0",
    b"f",
    b"/",
    b"%2F",
    b"\r\n\r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"5\r\n",
    b"\xff",
];

/// Runs `check` on mutations of `seeds`, two at most glued together, the first byte at random.
fn run(seeds: &[&str], divisor: u32, check: fn(&[u8])) {
    let rounds = std::env::var("STUNT_DOUBLE_FUZZ_ROUNDS").map_or(ROUNDS, |n| n.parse().unwrap());
    let mut random = SmallRng::seed_from_u64(1);
    for _ in 0..rounds / divisor {
        let mut input = vec![random.random()];
        for _ in 0..random.random_range(1..=2) {
            input.extend(seeds[random.random_range(0..seeds.len())].bytes());
        }
        for _ in 0..random.random_range(0..=4) {
            let at = random.random_range(0..input.len());
            let end = (at + random.random_range(1..24)).min(input.len());
            match random.random_range(0..5) {
                0 => drop(input.drain(at..end.min(input.len() - 1).max(at))),
                1 => input[at] = random.random(),
                2 => {
                    let piece = input[at..end].to_vec();
                    let to = random.random_range(0..=input.len());
                    drop(input.splice(to..to, piece));
                }
                3 => input.truncate(at.max(1)),
                _ => {
                    let spice = SPICES[random.random_range(0..SPICES.len())];
                    drop(input.splice(at..at, spice.iter().copied()));
                }
            }
        }
        // A panic shows the input by its message alone where the check says so; this always does.
        let shown = std::panic::catch_unwind(|| check(&input));
        assert!(shown.is_ok(), "input: {}", input.escape_ascii());
    }
}

#[test]
fn chunks() {
    let seeds = ["5\r\nhello\r\n0\r\n\r\n", "a;x=\"y\"\r\n0123456789\r\n00\r\nX-T: 1\r\n\r\n"];
    run(&seeds, 1, chunked::check);
}

#[test]
fn answer_heads() {
    let seeds = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
    ];
    run(&seeds, 1, head::check);
}

#[test]
fn requests() {
    let seeds = [
        "GET /a?b HTTP/1.1\r\nHost: d\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: d\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nraw",
    ];
    run(&seeds, 1, request::check);
}

#[test]
fn learned_paths() {
    let seeds = ["/users/7/orders\n", "/a%2Fb//..;x/\n", "/f47ac10b-58cc-4372-a567-0e02b2c3d479\n"];
    // Learning a path costs a hundred times as much as scanning a head.
    run(&seeds, 100, paths::check);
}
