use super::*;
use crate::domain::words::names::{self, NameKind};

const LIMITS: fn() -> ValueLimits = ValueLimits::default;

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
        model.observe(&sample(&body), &RequestView::default(), &LIMITS());
    }
    model
}

fn draw(program: &BodyProgram, seed: u64, request: &RequestView<'_>) -> String {
    let mut out = Vec::new();
    program.write(&SynthContext { seed, now_ms: 1_800_000_000_000, kind: None, request }, &mut out);
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
            serde_json::from_str(&draw(&program, seed, &RequestView::default())).unwrap();
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
        let facts = RequestView::default();
        assert_eq!(draw(&a, seed, &facts), draw(&b, seed, &facts));
    }
}

#[test]
fn a_path_id_is_echoed_with_its_type() {
    let mut model = BodyModel::default();
    for n in 1000..1020 {
        let raw = n.to_string();
        let params = [("id", raw.as_str())];
        let facts = RequestView { params: &params, ..RequestView::default() };
        model.observe(&sample(&user(n)), &facts, &LIMITS());
    }
    let params = [("id", "4711")];
    let facts = RequestView { params: &params, ..RequestView::default() };
    let body = draw(&model.compile(&ResourceLinks::default()), 7, &facts);
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
        let facts = RequestView { headers: &headers, ..RequestView::default() };
        let body = format!(r#"{{"meta":{{"trace":"{id}","user_agent":"curl/8"}}}}"#);
        model.observe(&sample(&body), &facts, &LIMITS());
    };
    // What all have in common is no secret of one of them; what each has for itself is.
    let own = ["amberfin", "birchowl", "coralfox", "duskmoth", "elmraven", "fernhare", "goldnewt"];
    own.iter().for_each(|own| observe(&mut model, &format!("7{own}3")));
    observe(&mut model, "4hazelant9");
    let stored = serde_json::to_string(&model).unwrap();
    assert!(own.iter().chain(&["hazelant"]).all(|own| !stored.contains(own)), "{stored}");
    let headers: [(&str, &[u8]); 2] = [("x-request-id", b"mine"), ("user-agent", b"wget/1")];
    let facts = RequestView { headers: &headers, ..RequestView::default() };
    let body = draw(&model.compile(&ResourceLinks::default()), 7, &facts);
    // One that is called as its header needs no second value to be believed.
    assert_eq!(body, r#"{"meta":{"trace":"mine","user_agent":"wget/1"}}"#);
    let found = model.echoes();
    assert!(found.iter().any(|f| f.pointer == "/meta/trace" && f.origin == EchoOrigin::Header));
}

#[test]
fn arrays_and_objects_of_the_request_come_back_whole() {
    let mut model = BodyModel::default();
    for n in 0..8 {
        let request =
            format!(r#"{{"tags":["a{n}","b"],"options":{{"k{n}":{n},"deep":[{n}]}},"at":[{n}]}}"#);
        let facts = RequestView { body: Some(request.as_bytes()), ..RequestView::default() };
        let body = format!(
            r#"{{"id":{n},"data":{{"options":{{"deep":[{n}],"k{n}":{n}}},"tags":["a{n}","b"]}}}}"#
        );
        model.observe(&sample(&body), &facts, &LIMITS());
    }
    assert!(!serde_json::to_string(&model).unwrap().contains("a3"));
    let request = br#"{"tags":["x",null,{"y":1}],"options":{"any":"thing"}}"#;
    let facts = RequestView { body: Some(request), ..RequestView::default() };
    let body = draw(&model.compile(&ResourceLinks::default()), 7, &facts);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["data"]["tags"], serde_json::json!(["x", null, {"y": 1}]));
    assert_eq!(body["data"]["options"], serde_json::json!({"any": "thing"}));
    let found = model.echoes();
    assert!(found.iter().any(|f| f.pointer == "/data/tags" && f.name == "/tags" && f.active));
}

#[test]
fn a_query_limit_sets_the_length_of_the_list() {
    let mut model = BodyModel::default();
    for n in [3usize, 5, 8, 2, 6] {
        let body = format!(r#"{{"items":[{}]}}"#, vec!["{\"a\":1}"; n].join(","));
        let query = format!("limit={n}&sort=asc");
        let facts = RequestView { query: &query, ..RequestView::default() };
        model.observe(&sample(&body), &facts, &LIMITS());
    }
    let facts = RequestView { query: "limit=11", ..RequestView::default() };
    let body: serde_json::Value =
        serde_json::from_str(&draw(&model.compile(&ResourceLinks::default()), 1, &facts)).unwrap();
    assert_eq!(body["items"].as_array().unwrap().len(), 11);
}

#[test]
fn bodies_that_are_not_json_keep_type_and_size() {
    let mut model = BodyModel::default();
    let page = format!("<html>{}</html>", "x".repeat(500));
    for _ in 0..5 {
        let sample = BodySample { content_type: Some("text/html; charset=utf-8"), ..sample(&page) };
        model.observe(&sample, &RequestView::default(), &LIMITS());
    }
    assert_eq!(model.kind(), BodyKind::Html);
    assert_eq!(model.json_schema(), None);
    let body = draw(&model.compile(&ResourceLinks::default()), 3, &RequestView::default());
    assert!(body.starts_with("<!doctype html>") && body.ends_with("</html>"));
    assert!((510..=515).contains(&body.len()), "{}", body.len());
}

#[test]
fn empty_bodies_stay_empty() {
    let mut model = BodyModel::default();
    let facts = RequestView::default();
    model.observe(&BodySample { content_type: None, ..sample("") }, &facts, &LIMITS());
    assert_eq!(model.kind(), BodyKind::Empty);
    assert_eq!(draw(&model.compile(&ResourceLinks::default()), 1, &facts), "");
    assert_eq!(draw(&BodyModel::default().compile(&ResourceLinks::default()), 1, &facts), "");
}

#[test]
fn an_incomplete_body_teaches_type_and_size_alone() {
    let mut model = BodyModel::default();
    let cut = BodySample { complete: false, total_bytes: 9000, ..sample("{\"secret\":") };
    model.observe(&cut, &RequestView::default(), &LIMITS());
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
            serde_json::from_str(&draw(&program, seed, &RequestView::default())).unwrap();
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
            serde_json::from_str(&draw(&program, seed, &RequestView::default())).unwrap();
        let numbers = |name: &str| -> Vec<f64> {
            body[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
        };
        assert!(numbers("up").is_sorted(), "{body}");
        assert!(numbers("down").is_sorted_by(|a, b| a >= b), "{body}");
    }
}

/// Unix milliseconds of body `n`: hours apart.
fn hour(n: u64) -> i64 {
    1_790_000_000_000 + n as i64 * 3_600_000
}

fn observe_at(model: &mut BodyModel, body: &str, at_ms: i64) {
    let facts = RequestView { at_ms, ..RequestView::default() };
    model.observe(&sample(body), &facts, &LIMITS());
}

fn iso(epoch_s: i64) -> String {
    jiff::Timestamp::from_second(epoch_s).unwrap().to_string()
}

fn seconds(body: &serde_json::Value, name: &str) -> i64 {
    body[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second()
}

#[test]
fn times_of_one_object_keep_their_order_and_their_distances() {
    let mut model = BodyModel::default();
    for n in 0..60u64 {
        let created = hour(n) / 1000 - 86_400 - (n as i64 * 7_919) % 400_000;
        let updated = created + if n % 3 == 0 { 0 } else { (n as i64 * 104_729) % 80_000 };
        let (created_at, updated_at) = (iso(created), iso(updated));
        let expires = created + 7_200;
        let body = format!(
            r#"{{"expires":{expires},"updated_at":"{updated_at}","created_at":"{created_at}"}}"#
        );
        observe_at(&mut model, &body, hour(n));
    }
    let restored: BodyModel = serde_json::from_slice(&serde_json::to_vec(&model).unwrap()).unwrap();
    let program = restored.compile(&ResourceLinks::default());
    let mut equal = 0;
    for seed in 0..300 {
        let text = draw(&program, seed, &RequestView::default());
        let body: serde_json::Value = serde_json::from_str(&text).unwrap();
        let (created, updated) = (seconds(&body, "created_at"), seconds(&body, "updated_at"));
        assert!(created <= updated, "{body}");
        assert_eq!(body["expires"].as_i64().unwrap(), created + 7_200, "{body}");
        equal += u32::from(body["created_at"] == body["updated_at"]);
    }
    assert!((70..=130).contains(&equal), "{equal} of 300, a third was equal");
}

#[test]
fn numbers_that_are_now_move_with_now() {
    let mut model = BodyModel::default();
    for n in 0..40 {
        let (at_ms, at_s) = (hour(n), hour(n) as f64 / 1e3);
        let body = format!(
            r#"{{"ms":{},"s":{},"float":{:.1},"exp":{},"never":0,"born":{}}}"#,
            at_ms - 40,
            at_ms / 1000,
            at_s - 0.5,
            at_ms / 1000 + 3_600,
            1_500_000_000 + n * 1_234_567
        );
        observe_at(&mut model, &body, at_ms);
    }
    let program = model.compile(&ResourceLinks::default());
    // Fifteen years of days later, in the same unit and as far from now as ever.
    let now_s = 1_800_000_000;
    for seed in 0..50 {
        let text = draw(&program, seed, &RequestView::default());
        let body: serde_json::Value = serde_json::from_str(&text).unwrap();
        let near = |value: f64, wanted: f64| assert!((value - wanted).abs() <= 12.0, "{body}");
        near(body["ms"].as_i64().unwrap() as f64 / 1e3, f64::from(now_s));
        near(body["s"].as_i64().unwrap() as f64, f64::from(now_s));
        near(body["float"].as_f64().unwrap(), f64::from(now_s));
        near(body["exp"].as_i64().unwrap() as f64, f64::from(now_s) + 3_600.0);
        assert_eq!(body["never"], 0);
        let born = body["born"].as_i64().unwrap();
        assert!((1_495_000_000..1_555_000_000).contains(&born), "{body}");
    }
}

#[test]
fn a_burst_of_answers_within_a_second_is_not_taken_for_a_constant() {
    let mut model = BodyModel::default();
    for n in 0..30 {
        let at_ms = hour(0) + n * 30;
        let body = format!(
            r#"{{"at":"{}","epoch":{},"until":"{}","since":"2026-09-21T10:00:07Z"}}"#,
            iso(at_ms / 1000),
            at_ms / 1000,
            iso(at_ms / 1000 + 900)
        );
        observe_at(&mut model, &body, at_ms);
    }
    let body = draw(&model.compile(&ResourceLinks::default()), 3, &RequestView::default());
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert!((seconds(&body, "at") - 1_800_000_000).abs() <= 2, "{body}");
    assert!((body["epoch"].as_i64().unwrap() - 1_800_000_000).abs() <= 2, "{body}");
    assert_eq!(seconds(&body, "until"), seconds(&body, "at") + 900, "{body}");
    assert_eq!(body["since"], "2026-09-21T10:00:07Z");
}

#[test]
fn a_person_beside_an_address_has_a_name_and_a_city_is_one() {
    let names = ["Berta Kowal", "Timon Weiss", "Rieke Brand", "Ottil Fuchs", "Silke Vogel"];
    let bodies = (0..60usize).map(|n| {
        let (given, family) = names[n % 5].split_once(' ').unwrap();
        let [a, b] = [23, 19].map(|period| char::from(b'a' + (n % period) as u8));
        format!(r#"{{"name":"{given}{a} {family}","email":"a{n}@mail.test","city":"Qu{a}{b}"}}"#)
    });
    let program = learn(bodies).compile(&ResourceLinks::default());
    for seed in 0..20 {
        let body = draw(&program, seed, &RequestView::default());
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let (given, family) = body["name"].as_str().unwrap().split_once(' ').unwrap();
        assert!(names::of_length(NameKind::Given, 6).contains(&given), "{body}");
        assert!(names::of_length(NameKind::Family, 5).contains(&family), "{body}");
        assert!(
            names::of_length(NameKind::City, 4).contains(&body["city"].as_str().unwrap()),
            "{body}"
        );
    }
}

#[test]
fn the_places_of_a_tuple_are_told_apart_and_items_are_numbered() {
    let body = |n: u64| {
        let steps: Vec<String> =
            (1..=n % 5 + 2).map(|at| format!(r#"{{"step":{at},"ms":{}}}"#, at * n % 90)).collect();
        let (east, north) = (n * 13 % 360, n * 7 % 180);
        let steps = steps.join(",");
        format!(r#"{{"at":[{}.5,{}.25],"steps":[{steps}]}}"#, east as i64 - 180, north as i64 - 90)
    };
    let mut model = BodyModel::default();
    // At the beginning of time small numbers would be times.
    (0..60).for_each(|n| observe_at(&mut model, &body(n), 1_790_000_000_000));
    let program = model.compile(&ResourceLinks::default());
    for seed in 0..60 {
        let drawn = draw(&program, seed, &RequestView::default());
        let drawn: serde_json::Value = serde_json::from_str(&drawn).unwrap();
        let north = drawn["at"][1].as_f64().unwrap();
        assert!((-90.0..=90.25).contains(&north), "{drawn}");
        for (at, step) in drawn["steps"].as_array().unwrap().iter().enumerate() {
            assert_eq!(step["step"], at + 1, "{drawn}");
        }
    }
}
