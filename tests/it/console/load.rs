//! The console under load: two thousand endpoints, and five hundred requests a second.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, json};

use super::{keep_picture, run};
use crate::support::browser::Browser;
use crate::support::client::RawClient;
use crate::support::double::Double;

const ENDPOINTS: usize = 2_000;

/// Requests a second of the traffic that the page watches, over so many connections.
const RATE: u64 = 500;
const CONNECTIONS: u64 = 10;

/// How long the page watches; `CONSOLE_TRAFFIC_S` says otherwise, for a run by hand.
const WATCHED_S: u64 = 40;

/// A double that knows 2,000 endpoints from an OpenAPI document.
fn large() -> Double {
    let schema = json!({"type": "object", "required": ["id", "name"], "properties": {
        "id": {"type": "integer"}, "name": {"type": "string"}}});
    let answer = json!({"200": {"description": "one", "content": {
        "application/json": {"schema": schema}}}});
    let mut paths = Map::new();
    for n in 0..ENDPOINTS {
        let path = format!("/area{}/a-collection-with-a-long-name-{n}/{{id}}", n % 40);
        let id = json!([{"name": "id", "in": "path", "required": true,
            "schema": {"type": "integer"}}]);
        paths.insert(path, json!({"get": {"parameters": id, "responses": answer}}));
    }
    let document = json!({"openapi": "3.1.0", "info": {"title": "large", "version": "1"},
        "paths": paths});
    let double = Double::with(&["--mode", "mock"]).start();
    let imported = double.admin_json("POST", "/import?format=openapi", &document);
    assert_eq!(imported.status, 200, "{}", imported.text());
    double.flush();
    let total = double.admin("GET", "/endpoints?per_page=1").json()["total"].as_u64();
    assert_eq!(total, Some(ENDPOINTS as u64));
    double
}

#[test]
fn two_thousand_endpoints_are_listed_searched_and_sorted_and_only_the_seen_rows_exist() {
    let double = large();
    let browser = Browser::start();
    browser.open(&format!("http://{}/admin/#/endpoints", double.admin_addr));
    let found = run(
        &browser,
        "await find('[role=status]', '2,000 of 2,000');
        const listed = performance.now();
        const paint = performance.getEntriesByName('first-contentful-paint')[0].startTime;
        const rows = all('.vbody .vrow').length;
        const body = document.querySelector('.vbody');
        body.scrollTop = body.scrollHeight;
        await until('the last row', () => all('.vbody .vrow')
            .some(row => row.getAttribute('aria-rowindex') === '2001'));
        const scrolled = all('.vbody .vrow').length;
        await fill('Search endpoints', 'name-1999'); await find('[role=status]', '1 of 2,000');
        await fill('Search endpoints', ''); await find('[role=status]', '2,000 of 2,000');
        await click('button', 'Tree'); await find('.vrow', '▸/area0');
        const branches = document.querySelector('.vtable').getAttribute('aria-rowcount') - 1;
        return { paint, listed, rows, scrolled, branches };",
        &[],
    );
    let number = |name: &str| found[name].as_f64().expect("a number");
    println!(
        "first paint {:.0} ms, 2,000 endpoints listed after {:.0} ms",
        number("paint"),
        number("listed")
    );
    assert!(number("rows") < 60.0 && number("scrolled") < 60.0, "{found}");
    assert_eq!(number("branches"), 40.0, "{found}");
    // The goal is 300 ms, which PERFORMANCE.md shows; here a machine under load must not fail.
    assert!(number("paint") < 5_000.0, "{found}");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn live_traffic_redraws_ten_times_a_second_at_most_and_takes_no_more_memory_with_time() {
    let double = large();
    let browser = Browser::start();
    browser.open(&format!("http://{}/admin/#/traffic", double.admin_addr));
    run(&browser, "await find('h1', 'Traffic'); await find('.connection.good');", &[]);
    let seconds = std::env::var("CONSOLE_TRAFFIC_S").ok().and_then(|text| text.parse().ok());
    let seconds = seconds.unwrap_or(WATCHED_S);
    let traffic = Traffic::start(&double);
    // The list fills and the engine compiles what is called often, before anything is compared.
    watch(&browser, seconds / 4);
    let (began, sent) = (Instant::now(), traffic.answered());
    let first = browser.heap_bytes();
    let mut repaints = 0;
    let mut heaps = Vec::new();
    for _ in 0..5 {
        repaints += watch(&browser, seconds * 3 / 20);
        heaps.push(browser.heap_bytes());
    }
    let watched = 5 * (seconds * 3 / 20);
    let rate = (traffic.answered() - sent) as f64 / began.elapsed().as_secs_f64();
    let per_second = repaints as f64 / watched as f64;
    println!(
        "{rate:.0} requests/s, {per_second:.1} repaints/s over {watched} s, heap {} KiB, then {:?}",
        first / 1024,
        heaps.iter().map(|bytes| bytes / 1024).collect::<Vec<_>>()
    );
    assert!(per_second <= 10.0, "{per_second} repaints a second");
    // As flat as a heap is that is looked at between two garbage collections.
    let last = heaps.last().expect("looked at");
    assert!(*last < first + first / 4 + (1 << 20), "{first} bytes, then {heaps:?}");
    // A person can still work with it.
    let found = run(
        &browser,
        "const began = performance.now();
        await fill('Method, path or template', 'name-7/');
        await until('filtered', () => all('.vbody .vrow').length
            && all('.vbody .vrow').every(row => row.textContent.includes('name-7/')));
        await click('button', 'Pause'); await find('button', 'Go on');
        return { took: performance.now() - began, rows: all('.vbody .vrow').length };",
        &[],
    );
    println!("filtered and paused after {} ms", found["took"]);
    assert!(found["rows"].as_u64() < Some(60), "{found}");
    assert!(rate > RATE as f64 * 0.5, "only {rate} requests a second came: the machine is busy");
    keep_picture(&browser, "traffic-busy");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// Frames of so many seconds in which the page had changed.
fn watch(browser: &Browser, seconds: u64) -> u64 {
    let count = "let changed = false, repaints = 0, over = false;
        const watcher = new MutationObserver(() => { changed = true; });
        watcher.observe(document, { subtree: true, childList: true, characterData: true,
            attributes: true });
        const frame = () => {
            if (changed) repaints += 1;
            changed = false;
            if (!over) requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
        await new Promise(wake => setTimeout(wake, given[0] * 1000));
        over = true;
        watcher.disconnect();
        return repaints;";
    // A script may run for two minutes, so that a long look is made of short ones.
    let mut left = seconds;
    let mut repaints = 0;
    while left > 0 {
        let now = left.min(60);
        repaints += run(browser, count, &[json!(now)]).as_u64().expect("a number");
        left -= now;
    }
    repaints
}

/// Requests at a steady rate, until dropped.
struct Traffic {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Traffic {
    fn start(double: &Double) -> Self {
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let addr = double.addr;
        let threads = (0..CONNECTIONS)
            .map(|number| {
                let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
                thread::spawn(move || {
                    let mut client = RawClient::connect(addr);
                    let pause = Duration::from_micros(1_000_000 * CONNECTIONS / RATE);
                    let mut due = Instant::now();
                    let mut n = number;
                    while !stop.load(Ordering::Relaxed) {
                        let at = n % ENDPOINTS as u64;
                        let area = at % 40;
                        client.get(&format!("/area{area}/a-collection-with-a-long-name-{at}/{n}"));
                        answered.fetch_add(1, Ordering::Relaxed);
                        n += CONNECTIONS;
                        due += pause;
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                    }
                })
            })
            .collect();
        Self { stop, answered, threads }
    }

    fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ended = thread.join();
        }
    }
}

#[test]
fn the_page_is_small() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("console/dist");
    let files = ["index.html", "assets/console.js", "assets/console.css"];
    let sizes = files.map(|file| {
        let bytes = std::fs::read(folder.join(file)).expect("a built file");
        let mut coder = GzEncoder::new(Vec::new(), Compression::default());
        coder.write_all(&bytes).expect("memory takes it");
        coder.finish().expect("memory takes it").len()
    });
    println!("{sizes:?} bytes gzipped");
    assert!(sizes.iter().sum::<usize>() < 250_000, "{sizes:?}");
}
