//! A page of a shop: what the benches learn and draw.

use std::fmt::Write;

/// A page of `items` orders of about 230 bytes each; `n` tells pages apart.
pub fn page(n: usize, items: usize) -> String {
    let mut text = String::from("{\"items\":[");
    for item in 0..items {
        let id = 1000 + n * 31 + item * 7;
        if item > 0 {
            text.push(',');
        }
        let status = ["open", "paid", "shipped", "cancelled"][id % 4];
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "{{\"id\":{id},\"reference\":\"ord_{:08x}\",\"status\":\"{status}\",\"total\":{}.{:02},\
             \"currency\":\"EUR\",\"created_at\":\"2026-{:02}-{:02}T{:02}:15:30Z\",\
             \"customer\":{{\"id\":{},\"email\":\"user{id}@example.com\"}},\"tags\":[\"t{}\"],\
             \"express\":{}}}",
            id * 2_654_435,
            id % 997,
            id % 100,
            1 + id % 12,
            1 + id % 28,
            id % 24,
            id % 5000,
            id % 9,
            id.is_multiple_of(3)
        );
    }
    let _ = write!(text, "],\"page\":{},\"total\":{}}}", n % 10, n * items);
    text
}
