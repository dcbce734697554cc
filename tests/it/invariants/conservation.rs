//! Invariant 11: what was accepted is learned, or counted under the name of its loss.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use stunt_double::domain::endpoint::{BackendId, Body, ExchangeSample, Observation, Provenance};
use stunt_double::runtime::learning::LearningHandle;
use stunt_double::runtime::learning::endpoint_handle::EndpointHandle;

use crate::support::double::Double;

/// Sites of one run.
const SITES: u64 = 2_000;

/// `SplitMix64`, so that a run is the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// One way a site answers.
#[derive(Clone)]
struct Route {
    method: &'static str,
    path: String,
    status: u16,
    media: &'static str,
    body: String,
}

const NAMES: [&str; 12] = [
    "login", "logout", "profile", "users", "orders", "teams", "search", "status", "reports",
    "invoices", "alpha", "omega",
];
const WORDS: [&str; 8] = ["otter", "falcon", "badger", "heron", "lynx", "stoat", "red", "blue"];
const FILES: [(&str, &str); 4] =
    [("css", "text/css"), ("js", "text/javascript"), ("png", "image/png"), ("html", "text/html")];

/// A site of one to six resources, some of which answer alike and some of which do not.
fn site(numbers: &mut Numbers) -> Vec<Route> {
    let prefix = ["", "/api", "/api/v2", "/shop"][numbers.below(4)];
    let alike = numbers.one_in(3);
    let mut routes = Vec::new();
    for at in 0..=numbers.below(6) {
        let name = NAMES[numbers.below(NAMES.len())];
        let body = if alike {
            "{\"ok\":true}".to_owned()
        } else {
            format!("{{\"{name}_id\":{at},\"{name}_at\":\"x\",\"{name}_of\":[1]}}")
        };
        let route = |path: String| Route {
            method: "GET",
            path,
            status: 200,
            media: "application/json",
            body: body.clone(),
        };
        let base = format!("{prefix}/{name}");
        routes.push(route(base.clone()));
        match numbers.below(6) {
            0 => routes.extend((1..4).map(|id| route(format!("{base}/{id}")))),
            1 => routes.extend(WORDS.iter().take(5).map(|word| route(format!("{base}/{word}")))),
            2 => {
                let item = |word: &&str| route(format!("{base}/{word}/items"));
                routes.extend(WORDS.iter().take(3).map(item));
                routes.push(Route { method: "POST", status: 201, ..route(base.clone()) });
            }
            3 => {
                for (extension, media) in FILES {
                    for word in WORDS.iter().take(3) {
                        let file = route(format!("{base}/{word}.{extension}"));
                        routes.push(Route { media, body: "x".to_owned(), ..file });
                    }
                }
            }
            4 => routes.push(Route { status: 301, body: String::new(), ..route(base + "/") }),
            _ => routes.push(Route { method: "DELETE", status: 204, ..route(base + "/7") }),
        }
    }
    routes
}

fn observe(learning: &LearningHandle, route: &Route) {
    let response_body = Body {
        content_type: Some(route.media.into()),
        bytes: route.body.clone().into_bytes(),
        complete: true,
        total_bytes: route.body.len() as u64,
        ..Body::default()
    };
    let sample = ExchangeSample { response_body, ..ExchangeSample::default() };
    let observation = Observation {
        backend: BackendId::ONLY,
        at_ms: 1_700_000_000_000,
        provenance: Provenance::Upstream,
        method: route.method.into(),
        path: route.path.as_str().into(),
        status: route.status,
        first_byte_us: 900,
        total_us: 1_000,
        sample: Some(Box::new(sample)),
    };
    learning.observe(observation, None);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// What was accepted so far, less what was lost by a counted reason.
fn expected(learning: &LearningHandle) -> u64 {
    let counted = learning.counters();
    let lost = [
        &counted.unplaced,
        &counted.dropped_endpoints,
        &counted.dropped_provenance,
        &counted.lost_in_panics,
        &counted.evicted,
        &counted.forgotten,
    ];
    let come = read(&counted.accepted) + read(&counted.imported);
    come - lost.into_iter().map(read).sum::<u64>()
}

fn kept(learning: &LearningHandle) -> BTreeMap<String, u64> {
    let catalog = learning.catalog_full();
    let of = |handle: &std::sync::Arc<EndpointHandle>| {
        (handle.key().to_string(), handle.published().snapshot.model.observations)
    };
    catalog.endpoints().map(of).collect()
}

/// Plays one site in one order and says what is wrong afterwards.
fn play(double: &Double, seed: u64) -> Result<u64, String> {
    let learning = double.learning();
    let mut numbers = Numbers(seed);
    let routes = site(&mut numbers);
    let exchanges = 1 + numbers.below(40);
    let mut seen: Vec<Route> = Vec::new();
    for _exchange in 0..exchanges {
        let route = routes[numbers.below(routes.len())].clone();
        observe(learning, &route);
        seen.push(route);
        if numbers.one_in(12) {
            double.flush();
        }
    }
    double.flush();
    let kept = kept(learning);
    let (sum, expected) = (kept.values().sum::<u64>(), expected(learning));
    if sum != expected {
        return Err(format!("seed {seed}: {sum} observations of {expected} are kept: {kept:?}"));
    }
    let catalog = learning.catalog_full();
    for route in seen.iter().filter(|route| route.status < 300) {
        let place = catalog.identify(&route.path);
        let endpoint = catalog.endpoint(route.method, &place);
        let Some(endpoint) = endpoint else {
            let Route { method, path, .. } = route;
            return Err(format!("seed {seed}: no mock of {method} {path}, known {kept:?}"));
        };
        let version = endpoint.published();
        if !version.snapshot.model.answers.contains_key(&route.status) {
            return Err(format!("seed {seed}: {} never answers so: {kept:?}", route.path));
        }
    }
    Ok(exchanges as u64)
}

#[test]
fn invariant_11_observations_are_kept_or_counted_in_every_order() {
    let double = Double::with(&["--mode", "proxy"]).start();
    let mut exchanges = 0;
    let mut wrong = Vec::new();
    for seed in 0..SITES {
        match play(&double, seed) {
            Ok(played) => exchanges += played,
            Err(message) => wrong.push(message),
        }
        assert_eq!(double.admin("POST", "/reset?confirm=true").status, 200, "a new site begins");
    }
    println!("{SITES} sites, {exchanges} exchanges, {} losses", wrong.len());
    assert!(wrong.is_empty(), "{} of {SITES}: {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
}
