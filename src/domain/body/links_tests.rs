use serde_json::Value;

use super::*;
use crate::domain::value::relation::resource_links::EndpointView;

/// Bodies of a small service: users in detail and in a list, posts with their authors.
fn service() -> (BodyModel, BodyModel, BodyModel) {
    let (mut detail, mut list, mut post) = Default::default();
    let limits = ValueLimits::default();
    let observe = |model: &mut BodyModel, body: &str, params: &[(&str, &str)]| {
        let sample = BodySample {
            content_type: Some("application/json"),
            bytes: body.as_bytes(),
            complete: true,
            total_bytes: body.len() as u64,
        };
        let at_ms = 1_790_000_000_000;
        let facts = RequestView { params, at_ms, ..RequestView::default() };
        model.observe(&sample, &facts, &limits);
    };
    for n in 100u64..160 {
        let city = ["Rome", "Oslo", "Bern"][n as usize % 3];
        let optional = if n % 2 == 0 { ",\"vip\":true" } else { "" };
        let user = format!(
            "{{\"id\":{n},\"name\":\"Namen {n}a\",\"city\":\"{city}\",\
             \"created_at\":\"2024-03-{:02}T10:00:00Z\",\"tags\":[\"x{n}\"]{optional}}}",
            1 + n % 28
        );
        let short = format!(r#"{{"id":{n},"name":"Namen {n}a","city":"{city}"{optional}}}"#);
        let id = n.to_string();
        observe(&mut detail, &user, &[("id", &id)]);
        observe(&mut list, &format!(r#"{{"items":[{short},{short}],"total":{n}}}"#), &[]);
        let author = format!(r#"{{"id":{n},"name":"Namen {n}a"}}"#);
        let body = format!(r#"{{"id":"p{n}x","title":"T {n}","author":{author}}}"#);
        observe(&mut post, &body, &[]);
    }
    (detail, list, post)
}

fn links(detail: &BodyModel, list: &BodyModel) -> ResourceLinks {
    ResourceLinks::learn(&[view("/users", list), view("/users/{id}", detail)])
}

fn view<'a>(template: &'a str, model: &'a BodyModel) -> EndpointView<'a> {
    let (model, anchor_ms) = (model.schema(), model.anchor_ms());
    EndpointView { method: "GET", template, status: 200, model, anchor_ms }
}

fn draw(program: &BodyProgram, seed: u64, params: &[(&str, &str)]) -> Value {
    let facts = RequestView { params, ..RequestView::default() };
    let mut out = Vec::new();
    program.write(
        &SynthContext { seed, now_ms: 1_800_000_000_000, kind: None, request: &facts },
        &mut out,
    );
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn an_item_of_a_list_is_what_its_detail_answers() {
    let (detail, list, _) = service();
    let links = links(&detail, &list);
    assert_eq!(links.templates().collect::<Vec<_>>(), ["/users/{id}"]);
    let detail = detail.compile(&links.seen_from("/users/{id}"));
    let list = list.compile(&links.seen_from("/users"));
    let mut compared = 0;
    for seed in 0..20 {
        for item in draw(&list, seed, &[])["items"].as_array().unwrap() {
            let id = item["id"].to_string();
            let opened = draw(&detail, seed, &[("id", &id)]);
            for (name, value) in item.as_object().unwrap() {
                assert_eq!(&opened[name], value, "{name} of {opened}");
                compared += 1;
            }
            assert_eq!(item.get("vip"), opened.get("vip"));
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn an_author_has_the_name_of_the_user() {
    let (detail, list, post) = service();
    let links = links(&detail, &list);
    let detail = detail.compile(&links.seen_from("/users/{id}"));
    let post = post.compile(&links.seen_from("/posts/{id}"));
    for seed in 0..20 {
        let author = &draw(&post, seed, &[])["author"];
        let id = author["id"].to_string();
        assert_eq!(draw(&detail, seed, &[("id", &id)])["name"], author["name"]);
    }
}

#[test]
fn the_same_request_gives_the_same_entity_and_another_seed_another() {
    let (detail, list, _) = service();
    let program = detail.compile(&links(&detail, &list).seen_from("/users/{id}"));
    let user = |seed, id| draw(&program, seed, &[("id", id)]);
    assert_eq!(user(1, "7"), user(1, "7"));
    assert_ne!(user(1, "7"), user(1, "8"));
    assert_ne!(user(1, "7"), user(2, "7"));
}

#[test]
fn an_object_that_only_has_an_id_is_no_entity() {
    let (detail, list, _) = service();
    let links = links(&detail, &list);
    let mut other = BodyModel::default();
    for n in 0..20 {
        let body = format!(r#"{{"id":{n},"amount":{n}5.5,"currency":"EUR"}}"#);
        let sample = BodySample {
            content_type: None,
            bytes: body.as_bytes(),
            complete: true,
            total_bytes: body.len() as u64,
        };
        other.observe(&sample, &RequestView::default(), &ValueLimits::default());
    }
    let object = other.schema().object.as_deref().unwrap();
    assert!(links.find(object, "").is_none());
}
