//! Nothing of a value that was seen once is found anywhere afterwards.

use proptest::prelude::*;

use super::*;

/// A document with a canary in each position: key, string, number, in arrays, maps and depth.
fn document(canaries: &[String; 8], number: u64) -> String {
    let [key, name, note, tag, deep, map_key, mail, path] = canaries;
    format!(
        r#"{{"id":"{name}","{key}":"{note}","number":{number},"fraction":{number}.25,
            "tags":["{tag}"],"owner":{{"name":"{deep} {note}","mail":"{mail}@{mail}.org"}},
            "labels":{{"{map_key}":"{tag}"}},"url":"https://host.example/{path}/{tag}",
            "state":"active"}}"#
    )
}

/// Letters and digits, long enough not to come about by chance.
fn canary() -> impl Strategy<Value = String> {
    "[a-z]{6}[a-zA-Z0-9]{8}"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_value_seen_once_is_found_nowhere(
        rounds in prop::collection::vec(
            (prop::array::uniform8(canary()), 1u64 << 40..1 << 52),
            1..40,
        )
    ) {
        let limits = ValueLimits::default();
        let mut model = BodyModel::default();
        for (canaries, number) in &rounds {
            let body = document(canaries, *number);
            let request = format!(r#"{{"{}":"{}"}}"#, canaries[0], canaries[2]);
            let query = format!("{}={}", canaries[5], canaries[3]);
            let params = [("id", canaries[1].as_str())];
            let headers = [("x-request-id", canaries[0].as_bytes())];
            let facts = RequestView {
                method: "POST",
                path: "/things",
                params: &params,
                query: &query,
                headers: &headers,
                body: Some(request.as_bytes()),
                at_ms: 1_790_000_000_000,
                ..RequestView::default()
            };
            let sample = BodySample {
                content_type: Some("application/json"),
                bytes: body.as_bytes(),
                complete: true,
                total_bytes: body.len() as u64,
            };
            model.observe(&sample, &facts, &limits);
        }
        let mut seen = serde_json::to_string(&model).unwrap();
        seen.push_str(&model.json_schema().unwrap().to_string());
        seen.push_str(&serde_json::to_string(&model.echoes()).unwrap());
        let program = model.compile(&ResourceLinks::default());
        seen.push_str(&format!("{program:?}"));
        let mut out = Vec::new();
        for seed in 0..50 {
            let facts = RequestView::default();
            program.write(&SynthContext { seed, now_ms: 0, kind: None, request: &facts }, &mut out);
        }
        seen.push_str(std::str::from_utf8(&out).unwrap());
        for (canaries, number) in &rounds {
            for canary in canaries {
                prop_assert!(!seen.contains(canary.as_str()), "{canary}");
            }
            prop_assert!(!seen.contains(&number.to_string()), "{number}");
        }
    }

    #[test]
    fn a_body_of_any_json_is_learned_and_drawn_without_panic(
        values in prop::collection::vec("[\\[\\]{}\",:a-c0-9.eé -]{0,40}", 1..30)
    ) {
        let mut model = BodyModel::default();
        for text in &values {
            let sample = BodySample {
                content_type: Some("application/json"),
                bytes: text.as_bytes(),
                complete: true,
                total_bytes: text.len() as u64,
            };
            model.observe(&sample, &RequestView::default(), &ValueLimits::default());
        }
        let program = model.compile(&ResourceLinks::default());
        for seed in 0..20 {
            let facts = RequestView::default();
            let context = SynthContext { seed, now_ms: 0, kind: None, request: &facts };
            program.write(&context, &mut Vec::new());
        }
    }

    #[test]
    fn merged_halves_know_what_the_whole_knows(split in 0usize..40) {
        let limits = ValueLimits::default();
        let body = |n: usize| format!(
            r#"{{"id":{n},"kind":"{}"{}}}"#,
            ["a", "b", "c"][n % 3],
            if n.is_multiple_of(4) { r#","extra":{"note":null,"list":[1,2]}"# } else { "" }
        );
        let (mut whole, mut left, mut right) =
            (BodyModel::default(), BodyModel::default(), BodyModel::default());
        for n in 0..40 {
            let body = body(n);
            let sample = BodySample {
                content_type: None,
                bytes: body.as_bytes(),
                complete: true,
                total_bytes: body.len() as u64,
            };
            let facts = RequestView::default();
            whole.observe(&sample, &facts, &limits);
            let half = if n < split { &mut left } else { &mut right };
            half.observe(&sample, &facts, &limits);
        }
        left.merge(&right, &limits);
        prop_assert_eq!(left.observations(), whole.observations());
        prop_assert_eq!(required(&left), required(&whole));
    }
}

/// Names of the members that the schema knows, and of those it requires.
fn required(model: &BodyModel) -> (Vec<String>, Vec<String>) {
    let schema = model.json_schema().unwrap();
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let known = schema["properties"].as_object().unwrap().keys().cloned().collect();
    let needed = schema["required"].as_array().unwrap().iter();
    (sorted(known), sorted(needed.map(|name| name.as_str().unwrap().to_owned()).collect()))
}

/// Keys that stand in one body after the other: whoever knows such an address is let in.
#[test]
fn a_key_in_an_address_is_not_kept_however_often_it_stands_there() {
    let long = "9f86d081884c7d659a2feaa0c55ad015";
    let keys = [long, "Q7f3kP0xW9zLm2Vb8Nc4", "k3yx7q"];
    let documents: Vec<String> = (keys.iter())
        .flat_map(|key| {
            [
                format!("https://example.com/reset/{key}"),
                format!("/account/verify/{key}/now"),
                format!("https://hooks.example.com/services/T0/{key}"),
                format!("<p>Hello, <a href=\"https://example.com/invite/{key}\">join</a></p>"),
                format!("Your link:\nhttps://example.com/magic/{key}\nis good for an hour"),
                format!("https://s3.example.com/a.pdf?X-Amz-Credential=A&X-Amz-Signature={key}"),
            ]
        })
        .chain([format!("/d/{long}"), format!("https://example.com/files/{long}")])
        .collect();
    let mut model = BodyModel::default();
    for n in 0..100 {
        let members: Vec<String> = (documents.iter().enumerate())
            .map(|(at, text)| format!("\"m{at}\":{}", serde_json::to_string(text).unwrap()))
            .collect();
        let body = format!(r#"{{"id":{n},{}}}"#, members.join(","));
        let sample = BodySample {
            content_type: Some("application/json"),
            bytes: body.as_bytes(),
            complete: true,
            total_bytes: body.len() as u64,
        };
        model.observe(&sample, &RequestView::default(), &ValueLimits::default());
    }
    let program = model.compile(&ResourceLinks::default());
    let mut seen = serde_json::to_string(&model).unwrap();
    seen.push_str(&model.json_schema().unwrap().to_string());
    for seed in 0..20 {
        let mut body = Vec::new();
        let facts = RequestView::default();
        program.write(&SynthContext { seed, now_ms: 0, kind: None, request: &facts }, &mut body);
        seen.push_str(&String::from_utf8(body).unwrap());
    }
    for key in keys {
        assert!(!seen.contains(key), "{key}");
    }
}
