//! Lists and writes as a client expects them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::echoes::backend;
use crate::support::double::Double;

fn taught() -> Double {
    let double = Double::in_front_of_demo();
    double.learn_demo(600);
    double
}

fn ok(double: &Double, path: &str) -> Value {
    let steering = [("x-mock-enabled", "true"), ("x-mock-status", "200")];
    let answer = double.request("GET", path, &steering, b"");
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

#[test]
fn a_page_has_as_many_items_as_asked_for_and_the_next_page_has_others() {
    let double = taught();
    let page = |query: &str| ok(&double, &format!("/users?{query}"));
    let (three, ten) = (page("page=1&per_page=3"), page("page=1&per_page=10"));
    let items = |list: &Value| list["items"].as_array().expect("items").clone();
    assert_eq!(items(&three).len(), 3);
    assert_eq!(items(&ten).len(), 10);
    assert_eq!((&three["page"], &three["per_page"]), (&json!(1), &json!(3)));
    assert_eq!(page("page=2&per_page=3")["page"], 2);
    assert_ne!(items(&page("page=2&per_page=10")), items(&ten));
    assert_eq!(page("per_page=10&page=1"), ten, "the order of the query makes no difference");
    assert_eq!(three["total"], ten["total"]);
}

#[test]
fn the_location_of_what_was_created_names_the_id_in_the_body() {
    let double = taught();
    let steering = [
        ("x-mock-enabled", "true"),
        ("x-mock-status", "201"),
        ("content-type", "application/json"),
    ];
    let draft = json!({ "name": "Zoe", "email": "zoe@example.com" }).to_string();
    let answer = double.request("POST", "/users", &steering, draft.as_bytes());
    assert_eq!(answer.status, 201);
    let user = answer.json();
    assert_eq!(user["name"], "Zoe");
    assert_eq!(answer.get("location"), Some(format!("/users/{}", user["id"]).as_str()));
}

/// Tasks of the backend: every third is done.
const TASKS: usize = 47;

fn task(id: usize) -> Value {
    let state = if id.is_multiple_of(3) { "done" } else { "open" };
    json!({ "id": id, "title": format!("Task number {id}"), "state": state, "effort": id % 7 })
}

/// One page of the tasks, as `?page=&per_page=&state=` asks.
fn tasks(query: &str) -> Value {
    let asked = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.clone().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    let number = |name, default| asked(name).and_then(|n| n.parse().ok()).unwrap_or(default);
    let (page, size): (usize, usize) = (number("page", 1), number("per_page", 10));
    let state = asked("state");
    let all = (1..=TASKS).map(task);
    let all: Vec<Value> =
        all.filter(|task| state.as_ref().is_none_or(|state| task["state"] == **state)).collect();
    let offset = (page - 1) * size;
    let items: Vec<Value> = all.iter().skip(offset).take(size).cloned().collect();
    let more = offset + items.len() < all.len();
    let link = |page: usize| format!("http://tasks.example/tasks?page={page}&per_page={size}");
    json!({
        "items": items,
        "total": all.len(),
        "has_more": more,
        "next": more.then(|| link(page + 1)),
        "page": page,
    })
}

fn double_of_tasks() -> Double {
    let backend = backend(|head, _| {
        let (path, query) = head.path().split_once('?').unwrap_or((head.path(), ""));
        let body = match path.strip_prefix("/tasks/").and_then(|id| id.parse().ok()) {
            Some(id) => task(id),
            None => tasks(query),
        };
        ("content-type: application/json\r\n".to_owned(), body.to_string())
    });
    let double = Double::in_front_of(backend.url());
    (1..=TASKS).for_each(|id| assert_eq!(double.get(&format!("/tasks/{id}")).status, 200));
    for n in 0..40usize {
        let query = match n % 4 {
            0 => String::new(),
            1 => format!("?page={}&per_page=10", n / 4 % 6 + 1),
            2 => format!("?page={}&per_page=20", n / 4 % 3 + 1),
            _ => format!("?state={}", ["open", "done"][n / 4 % 2]),
        };
        double.get(&format!("/tasks{query}"));
    }
    double.flush();
    double
}

#[test]
fn pages_add_up_to_the_total_and_the_last_one_says_so() {
    let double = double_of_tasks();
    let list = |query: &str| ok(&double, &format!("/tasks{query}"));
    let first = list("");
    let total = first["total"].as_u64().expect("a number") as usize;
    assert!(total > 10, "{first}");
    assert_eq!(first, list("?page=1"), "no page is the first page");
    let mut ids: Vec<String> = Vec::new();
    for page in 1..=total.div_ceil(10) + 1 {
        let shown = list(&format!("?page={page}&per_page=10"));
        let items = shown["items"].as_array().expect("items");
        let left = total.saturating_sub((page - 1) * 10);
        assert_eq!(items.len(), left.min(10), "page {page}: {shown}");
        let more = left > 10;
        assert_eq!((&shown["total"], &shown["page"]), (&json!(total), &json!(page)));
        assert_eq!(shown["has_more"], more, "{shown}");
        let next = format!("http://tasks.example/tasks?page={}&per_page=10", page + 1);
        assert_eq!(shown["next"], if more { json!(next) } else { json!(null) });
        for item in items {
            assert_eq!(*item, ok(&double, &format!("/tasks/{}", item["id"])));
        }
        ids.extend(items.iter().map(|item| item["id"].to_string()));
    }
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), total, "every item once");
    let large = list("?page=1&per_page=20");
    let large = large["items"].as_array().expect("items").iter().map(|item| item["id"].to_string());
    assert_eq!(large.collect::<Vec<_>>(), ids[..20], "the same list, cut otherwise");
}

#[test]
fn a_filter_leaves_the_part_of_the_list_of_which_it_is_true() {
    let double = double_of_tasks();
    let of = |query: &str| -> (usize, BTreeSet<String>) {
        let shown = ok(&double, &format!("/tasks{query}"));
        let items = shown["items"].as_array().expect("items").iter();
        let ids = items.clone().map(|item| item["id"].to_string()).collect();
        let states: BTreeSet<String> = items.map(|item| item["state"].to_string()).collect();
        assert!(query.is_empty() || states.len() <= 1, "{shown}");
        (shown["total"].as_u64().expect("a number") as usize, ids)
    };
    let (all, _) = of("");
    let (open, shown) = of("?state=open&per_page=100");
    let (done, others) = of("?state=done&per_page=100");
    assert_eq!((open, done), (shown.len(), others.len()));
    assert_eq!(open + done, all, "each item is one or the other");
    assert!(shown.is_disjoint(&others));
}

/// Charges after the last id that was seen, as `?limit=&starting_after=` asks; nothing else shows
/// one of them.
fn charges(query: &str) -> Value {
    let asked = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.clone().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    let limit: usize = asked("limit").and_then(|n| n.parse().ok()).unwrap_or(10);
    let after = asked("starting_after").and_then(|id| id.strip_prefix("ch_")?.parse().ok());
    let from = after.map_or(0, |after: usize| after + 1);
    let row = |n: usize| json!({ "id": format!("ch_{n:06}"), "amount": n * 100 });
    let rows: Vec<Value> = (from..(from + limit).min(CHARGES)).map(row).collect();
    json!({ "object": "list", "data": rows, "has_more": from + limit < CHARGES })
}

const CHARGES: usize = 35;

/// The ids of a walk, page after page by the last id.
fn walked(mut page: impl FnMut(&str) -> Value, limit: usize) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let mut query = format!("limit={limit}");
    for _ in 0..CHARGES {
        let shown = page(&query);
        let rows = shown["data"].as_array().expect("rows");
        ids.extend(rows.iter().filter_map(|row| Some(row["id"].as_str()?.to_owned())));
        if shown["has_more"] != true {
            return ids;
        }
        query = format!("limit={limit}&starting_after={}", ids.last().expect("an id"));
    }
    panic!("the walk does not end: {ids:?}");
}

#[test]
fn a_walk_by_the_last_id_ends_with_every_item_once() {
    let backend = backend(|head, _| {
        let query = head.path().split_once('?').map_or("", |(_, query)| query);
        ("content-type: application/json\r\n".to_owned(), charges(query).to_string())
    });
    let double = Double::in_front_of(backend.url());
    for n in 0..12 {
        walked(|query| double.get(&format!("/charges?{query}")).json(), [5, 10, 20][n % 3]);
    }
    double.flush();
    for limit in [5, 10, 20, 7] {
        let ids = walked(|query| ok(&double, &format!("/charges?{query}")), limit);
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), unique.len()), (CHARGES, CHARGES), "by {limit}: {ids:?}");
    }
}

#[test]
fn rows_of_something_never_seen_that_nobody_writes_are_drawn() {
    let backend = backend(|head, _| {
        let n: usize = head.path().rsplit('/').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        let points: Vec<Value> =
            (0..n % 4 + 2).map(|at| json!({ "t": n * 1000 + at, "value": n + at })).collect();
        let body = json!({ "host": format!("web-{}", n % 3), "points": points });
        ("content-type: application/json\r\n".to_owned(), body.to_string())
    });
    let double = Double::in_front_of(backend.url());
    for n in 100..160 {
        double.get(&format!("/metrics/{n}"));
    }
    double.flush();
    for n in 900..920 {
        let drawn = ok(&double, &format!("/metrics/{n}"));
        assert!(drawn["points"].as_array().is_some_and(|points| points.len() > 1), "{drawn}");
    }
}
