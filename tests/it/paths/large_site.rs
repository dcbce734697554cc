//! A site of many endpoints that differ by their members alone: as long as there is room, each
//! stays what it is, however large the table grows.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use stunt_double::domain::endpoint::{BackendId, Body, ExchangeSample, Observation, Provenance};
use stunt_double::runtime::learning::LearningHandle;

use crate::support::double::Double;

/// Areas of the site and resources of each: 1,980 endpoints, just below the default limit.
const AREAS: usize = 36;
const RESOURCES: usize = 55;

/// Requests for each resource, each with another id.
const ROUNDS: usize = 3;

/// A word that looks like a name of a resource and is no other number's.
fn word(n: usize) -> String {
    const HEADS: [&str; 9] = ["bri", "cal", "dor", "fen", "gal", "hol", "jur", "kel", "lum"];
    const TAILS: [&str; 8] = ["ages", "ders", "ies", "ings", "ons", "ments", "ras", "sets"];
    format!("{}{}", HEADS[n % 9], TAILS[n / 9 % 8])
}

fn observe(learning: &LearningHandle, path: &str, name: &str) {
    let body = format!(r#"{{"{name}_id":1,"{name}_state":"ok","{name}_at":3,"{name}_of":[1]}}"#);
    let response_body = Body {
        content_type: Some("application/json".into()),
        complete: true,
        total_bytes: body.len() as u64,
        bytes: body.into_bytes(),
        ..Body::default()
    };
    let sample = ExchangeSample { response_body, ..ExchangeSample::default() };
    let observation = Observation {
        backend: BackendId::ONLY,
        at_ms: 1_700_000_000_000,
        provenance: Provenance::Upstream,
        method: "GET".into(),
        path: path.into(),
        status: 200,
        first_byte_us: 900,
        total_us: 1_000,
        sample: Some(Box::new(sample)),
    };
    learning.observe(observation, None);
}

#[test]
fn a_full_table_takes_newcomers_however_many_have_made_room() {
    let double = Double::with(&["--endpoints-max", "64"]).start();
    let learning = double.learning();
    // More templates than are known at once, over all that came.
    for area in 0..48 {
        for resource in 0..RESOURCES {
            let (area_name, name) = (word(area), word(resource));
            for id in [17, 23, 31] {
                let path = format!("/portal/{area_name}/{id}/{name}");
                observe(learning, &path, &format!("{area_name}_{name}"));
            }
        }
        if area % 8 == 7 {
            double.flush();
            let mock = double.mock(&format!("/portal/{}/5/{}", word(area), word(RESOURCES - 1)));
            assert_eq!(mock.status, 200, "after {} templates", (area + 1) * RESOURCES);
        }
    }
    assert!(learning.catalog_full().endpoints().count() <= 64);
}

#[test]
fn two_thousand_endpoints_with_members_of_their_own_stay_apart() {
    let double = Double::in_front_of_demo();
    let learning = double.learning();
    let mut sent = 0;
    for area in 0..AREAS {
        for round in 0..ROUNDS {
            for resource in 0..RESOURCES {
                let (area_name, name) = (word(area), word(resource));
                let id = 100 + round * 7 + resource;
                let path = format!("/portal/{area_name}/{id}/{name}");
                observe(learning, &path, &format!("{area_name}_{name}"));
                sent += 1;
            }
        }
        // The table grows in steps, as over the weeks of a site.
        if area % 9 == 8 {
            double.flush();
        }
    }
    let known: BTreeMap<String, u64> = {
        let catalog = learning.catalog_full();
        let of = |handle: &std::sync::Arc<_>| {
            let handle: &stunt_double::runtime::learning::endpoint_handle::EndpointHandle = handle;
            (handle.key().to_string(), handle.published().snapshot.model.observations)
        };
        catalog.endpoints().map(of).collect()
    };
    let evicted = learning.counters().evicted.load(Ordering::Relaxed);
    assert_eq!(known.values().sum::<u64>() + evicted, sent, "nothing is lost");
    let mut merged = Vec::new();
    for area in 0..AREAS {
        for resource in 0..RESOURCES {
            let label = format!("GET /portal/{}/{{id}}/{}", word(area), word(resource));
            if known.get(&label) != Some(&(ROUNDS as u64)) {
                merged.push(label);
            }
        }
    }
    let share = merged.len() as f64 / (AREAS * RESOURCES) as f64;
    println!("{} of {} endpoints are not apart", merged.len(), AREAS * RESOURCES);
    assert!(share <= 0.02, "{share}: {} endpoints, lost {:?}", known.len(), &merged[..5]);
    // And each answers with members of its own.
    let last = format!("{}_{}", word(AREAS - 1), word(RESOURCES - 1));
    let mock = double.mock(&format!("/portal/{}/5/{}", word(AREAS - 1), word(RESOURCES - 1)));
    assert!(mock.json().get(format!("{last}_id")).is_some(), "{}", mock.text());
}
