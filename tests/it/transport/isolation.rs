//! No answer ever reaches another request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::backend::Backend;
use crate::support::client::RawClient;
use crate::support::double::Double;

/// Clients at the same time, each with this many requests in a row.
const CLIENTS: usize = 1000;
const REQUESTS: usize = 3;

#[test]
fn a_thousand_parallel_clients_get_their_own_answers() {
    let backend = Backend::start(|connection| {
        while let Some((head, _)) = connection.read_request() {
            let tag = head.path().to_owned();
            // Two thirds of the answers have interim ones before them.
            let number: usize = tag.rsplit('/').next().unwrap().parse().unwrap();
            let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(number % 3);
            let answer = format!("{hints}HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", tag.len());
            connection.write(answer.as_bytes());
            connection.write(tag.as_bytes());
        }
    });
    let limit = (2 * CLIENTS).to_string();
    let flags = ["--max-connections", "--max-connections-per-peer", "--max-upstream-connections"];
    let flags: Vec<&str> = flags.iter().flat_map(|flag| [*flag, limit.as_str()]).collect();
    let double = Double::with(&flags).target(backend.url()).start();
    let own = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (addr, own) = (double.addr, Arc::clone(&own));
            std::thread::Builder::new()
                .stack_size(128 * 1024)
                .spawn(move || {
                    let mut connection = RawClient::connect(addr);
                    for request in 0..REQUESTS {
                        let tag = format!("/{client}/{}", client * REQUESTS + request);
                        let answer = connection.get(&tag);
                        assert_eq!((answer.status, answer.text()), (200, tag));
                        own.fetch_add(1, Ordering::Relaxed);
                    }
                })
                .unwrap()
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
    assert_eq!(own.load(Ordering::Relaxed), CLIENTS * REQUESTS);
}
