use super::*;

const LIMITS: fn() -> BodyLimits = BodyLimits::default;

fn sample(text: &str) -> BodySample<'_> {
    BodySample {
        content_type: Some("application/json"),
        bytes: text.as_bytes(),
        complete: true,
        total_bytes: text.len() as u64,
    }
}

fn learn(bodies: impl IntoIterator<Item = String>) -> BodyModel {
    let mut model = BodyModel::default();
    for body in bodies {
        model.observe(&sample(&body), &RequestFacts::default(), &LIMITS());
    }
    model
}

fn draw(program: &BodyProgram, seed: u64, facts: RequestFacts<'_>) -> String {
    let mut out = Vec::new();
    program.write(&SynthContext { seed, now_ms: 1_800_000_000_000, kind: None, facts }, &mut out);
    String::from_utf8(out).unwrap()
}

fn user(n: u64) -> String {
    format!(
        r#"{{"id":{n},"name":"Name{n}x","state":"{}","ratio":{}.5,"tags":["a{n}"],"note":null}}"#,
        ["active", "closed"][n as usize % 2],
        n * 3
    )
}

#[test]
fn drawn_bodies_are_json_of_the_learned_shape() {
    let program = learn((1000..1060).map(user)).compile(&ResourceLinks::default());
    for seed in 0..100 {
        let body: serde_json::Value =
            serde_json::from_str(&draw(&program, seed, RequestFacts::default())).unwrap();
        assert!(body["id"].is_u64() && body["ratio"].is_f64() && body["note"].is_null(), "{body}");
        assert!(["active", "closed"].contains(&body["state"].as_str().unwrap()));
        assert!(body["name"].as_str().unwrap().starts_with(|c: char| c.is_ascii_uppercase()));
        assert_eq!(body["tags"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn stored_and_restored_models_draw_the_same_bytes() {
    let model = learn((1000..1060).map(user));
    let stored = serde_json::to_vec(&model).unwrap();
    let restored: BodyModel = serde_json::from_slice(&stored).unwrap();
    assert_eq!(restored, model);
    let (a, b) =
        (model.compile(&ResourceLinks::default()), restored.compile(&ResourceLinks::default()));
    for seed in 0..50 {
        let facts = RequestFacts::default();
        assert_eq!(draw(&a, seed, facts), draw(&b, seed, facts));
    }
}

#[test]
fn a_path_id_is_echoed_with_its_type() {
    let mut model = BodyModel::default();
    for n in 1000..1020 {
        let raw = n.to_string();
        let params = [("id", raw.as_str())];
        let facts = RequestFacts { params: &params, ..RequestFacts::default() };
        model.observe(&sample(&user(n)), &facts, &LIMITS());
    }
    let params = [("id", "4711")];
    let facts = RequestFacts { params: &params, ..RequestFacts::default() };
    let body = draw(&model.compile(&ResourceLinks::default()), 7, facts);
    assert!(body.contains(r#""id":4711,"#), "{body}");
    let findings = model.echoes();
    assert!(findings.iter().any(|f| f.pointer == "/id" && f.name == "id" && f.active));
}

#[test]
fn a_request_header_is_found_in_the_body() {
    let mut model = BodyModel::default();
    let observe = |model: &mut BodyModel, id: &str| {
        let headers: [(&str, &[u8]); 2] =
            [("x-request-id", id.as_bytes()), ("user-agent", b"curl/8")];
        let facts = RequestFacts { headers: &headers, ..RequestFacts::default() };
        let body = format!(r#"{{"meta":{{"trace":"{id}","user_agent":"curl/8"}}}}"#);
        model.observe(&sample(&body), &facts, &LIMITS());
    };
    (0..8).for_each(|n| observe(&mut model, &format!("{n}canary{n}")));
    assert!(!serde_json::to_string(&model).unwrap().contains("canary"));
    let headers: [(&str, &[u8]); 2] = [("x-request-id", b"mine"), ("user-agent", b"wget/1")];
    let facts = RequestFacts { headers: &headers, ..RequestFacts::default() };
    let body = draw(&model.compile(&ResourceLinks::default()), 7, facts);
    // One that is called as its header needs no second value to be believed.
    assert_eq!(body, r#"{"meta":{"trace":"mine","user_agent":"wget/1"}}"#);
    let found = model.echoes();
    assert!(found.iter().any(|f| f.pointer == "/meta/trace" && f.origin == EchoOrigin::Header));
}

#[test]
fn a_query_limit_sets_the_length_of_the_list() {
    let mut model = BodyModel::default();
    for n in [3usize, 5, 8, 2, 6] {
        let body = format!(r#"{{"items":[{}]}}"#, vec!["{\"a\":1}"; n].join(","));
        let query = format!("limit={n}&sort=asc");
        let facts = RequestFacts { query: &query, ..RequestFacts::default() };
        model.observe(&sample(&body), &facts, &LIMITS());
    }
    let facts = RequestFacts { query: "limit=11", ..RequestFacts::default() };
    let body: serde_json::Value =
        serde_json::from_str(&draw(&model.compile(&ResourceLinks::default()), 1, facts)).unwrap();
    assert_eq!(body["items"].as_array().unwrap().len(), 11);
}

#[test]
fn bodies_that_are_not_json_keep_type_and_size() {
    let mut model = BodyModel::default();
    let page = format!("<html>{}</html>", "x".repeat(500));
    for _ in 0..5 {
        let sample = BodySample { content_type: Some("text/html; charset=utf-8"), ..sample(&page) };
        model.observe(&sample, &RequestFacts::default(), &LIMITS());
    }
    assert_eq!(model.kind(), BodyKind::Html);
    assert_eq!(model.json_schema(), None);
    let body = draw(&model.compile(&ResourceLinks::default()), 3, RequestFacts::default());
    assert!(body.starts_with("<!doctype html>") && body.ends_with("</html>"));
    assert!((510..=515).contains(&body.len()), "{}", body.len());
}

#[test]
fn empty_bodies_stay_empty() {
    let mut model = BodyModel::default();
    let facts = RequestFacts::default();
    model.observe(&BodySample { content_type: None, ..sample("") }, &facts, &LIMITS());
    assert_eq!(model.kind(), BodyKind::Empty);
    assert_eq!(draw(&model.compile(&ResourceLinks::default()), 1, facts), "");
    assert_eq!(draw(&BodyModel::default().compile(&ResourceLinks::default()), 1, facts), "");
}

#[test]
fn an_incomplete_body_teaches_type_and_size_alone() {
    let mut model = BodyModel::default();
    let cut = BodySample { complete: false, total_bytes: 9000, ..sample("{\"secret\":") };
    model.observe(&cut, &RequestFacts::default(), &LIMITS());
    assert_eq!((model.kind(), model.observations()), (BodyKind::Json, 1));
    assert_eq!(model.json_schema(), None);
}

#[test]
fn a_count_agrees_with_the_items_it_counts() {
    let model = learn((0..40).map(|n| {
        let items = vec!["7"; n % 6].join(",");
        format!(r#"{{"count":{},"items":[{items}],"total":{}}}"#, n % 6, n * 13)
    }));
    let program = model.compile(&ResourceLinks::default());
    for seed in 0..50 {
        let body: serde_json::Value =
            serde_json::from_str(&draw(&program, seed, RequestFacts::default())).unwrap();
        assert_eq!(body["count"], body["items"].as_array().unwrap().len(), "{body}");
    }
}

#[test]
fn sorted_numbers_stay_sorted() {
    let model = learn((1..40).map(|n| {
        format!(r#"{{"up":[{n},{}.5,{}],"down":[{},{n},-{n}]}}"#, n + 3, n * 7 + 9, n * 4 + 2)
    }));
    let program = model.compile(&ResourceLinks::default());
    for seed in 0..50 {
        let body: serde_json::Value =
            serde_json::from_str(&draw(&program, seed, RequestFacts::default())).unwrap();
        let numbers = |name: &str| -> Vec<f64> {
            body[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
        };
        assert!(numbers("up").is_sorted(), "{body}");
        assert!(numbers("down").is_sorted_by(|a, b| a >= b), "{body}");
    }
}
