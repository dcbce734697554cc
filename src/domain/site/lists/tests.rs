//! Laws of lists: what parameters mean is learned, however they are written and wherever the
//! members stand, and addresses beside the rows lead to the pages that they name.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{KnownRow, ListSample, Program, asked, asked_exchange, learn};
use crate::domain::world::pointer::member;
use crate::domain::world::{ListResource, Request, SiteExchange, SiteTemplate, pairs};

/// Numbers without an order.
const fn mix(n: u64, key: u64) -> u64 {
    let spread =
        (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ key.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (spread ^ (spread >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 16
}

const CITIES: [&str; 4] = ["Graz", "Linz", "bern", "Chur"];

/// A box with what it is made of some levels deep.
fn boxed(n: u64) -> Value {
    let dice = mix(n, 5);
    let title = format!("{} {n}", ["amber", "Birch", "cedar", "Dune"][(dice % 4) as usize]);
    json!({
        "id": format!("b-{:06}", mix(n, 7) % 1_000_000),
        "attributes": {
            "title": title,
            "city": CITIES[(dice / 8 % 4) as usize],
            "price": dice / 64 % 50,
        },
        "relations": {"maker": {"data": {"id": format!("m-{}", dice / 4096 % 5)}}},
    })
}

fn text<'v>(row: &'v Value, name: &str) -> &'v str {
    row["attributes"][name].as_str().unwrap_or_default()
}

fn price(row: &Value) -> u64 {
    row["attributes"]["price"].as_u64().unwrap_or_default()
}

/// Sorts by keys such as `city,-price`; texts without case.
fn sort(rows: &mut [Value], keys: &str) {
    let compare = |a: &Value, b: &Value, key: &str| {
        let name = key.trim_start_matches('-');
        let order = match name {
            "price" => price(a).cmp(&price(b)),
            name => text(a, name).to_lowercase().cmp(&text(b, name).to_lowercase()),
        };
        if key.starts_with('-') { order.reverse() } else { order }
    };
    let all = |a: &Value, b: &Value| {
        keys.split(',').fold(std::cmp::Ordering::Equal, |old, key| old.then(compare(a, b, key)))
    };
    rows.sort_by(all);
}

fn number(all: &[(String, String)], name: &str) -> Option<usize> {
    all.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.parse().ok())
}

/// The answer of the backend to `/boxes`, with the `Link` header.
fn listed(rows: &[Value], target: &str) -> (Value, String) {
    let (_, query) = target.split_once('?').unwrap_or((target, ""));
    let mut all = pairs(query);
    let nested = all.iter().find(|(name, _)| name == "filter").map(|(_, text)| text.clone());
    if let Some(nested) = nested.and_then(|text| serde_json::from_str::<Value>(&text).ok()) {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), Into::into);
        let own = nested.as_object().into_iter().flatten();
        let own = own.filter(|(name, _)| *name != "where");
        all.extend(own.map(|(name, value)| (name.clone(), plain(value))));
        for (name, value) in nested["where"].as_object().into_iter().flatten() {
            let greater = value.get("gt").map(|least| format!(">{least}"));
            all.push((format!("f[{name}]"), greater.unwrap_or_else(|| plain(value))));
        }
    }
    let mut rows: Vec<Value> = rows.to_vec();
    for (name, value) in &all {
        rows.retain(|row| match (name.as_str(), value.strip_prefix('>')) {
            ("f[price]", Some(least)) => least.parse().is_ok_and(|least: u64| price(row) > least),
            ("f[city]", _) => value.split(',').any(|one| text(row, "city") == one),
            ("f[title]", _) => text(row, "title") == value,
            ("f[maker]", _) => row["relations"]["maker"]["data"]["id"] == json!(value),
            _ => true,
        });
    }
    if let Some((_, keys)) = all.iter().find(|(name, _)| name == "sort") {
        sort(&mut rows, keys);
    }
    let total = rows.len();
    let size = number(&all, "limit").or_else(|| number(&all, "page[limit]"));
    let from = number(&all, "skip").or_else(|| number(&all, "page[offset]")).unwrap_or(0);
    let after = all.iter().find(|(name, _)| name == "starting_after");
    let from = after.map_or(from, |(_, id)| {
        rows.iter().position(|row| row["id"] == json!(id)).map_or(total, |at| at + 1)
    });
    let page: Vec<Value> = rows.into_iter().skip(from).take(size.unwrap_or(total)).collect();
    if page.is_empty() {
        return (json!({}), String::new());
    }
    let kept: Vec<String> = all
        .iter()
        .filter(|(name, _)| name != "page[offset]")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let link = |offset: usize| format!("/boxes?{}&page[offset]={offset}", kept.join("&"));
    let mut document = json!({"data": page, "total": total});
    let mut header = String::new();
    if let Some(size) = size.filter(|_| target.contains("page[")) {
        let mut links = json!({"first": link(0), "last": link((total - 1) / size * size)});
        if from + size < total {
            links["next"] = json!(link(from + size));
            header = format!("<{}>; rel=\"next\"", link(from + size));
        }
        if from > 0 {
            links["prev"] = json!(link(from.saturating_sub(size)));
        }
        if !header.is_empty() {
            header.push_str(", ");
        }
        header.push_str(&format!("<{}>; rel=\"first\"", link(0)));
        document["links"] = links;
    }
    (document, header)
}

/// A backend of boxes, and what was recorded of its list.
struct BoxBackend {
    rows: Vec<Value>,
    recorded: Vec<(Arc<SiteExchange>, usize)>,
}

fn listing() -> ListResource {
    ListResource { item: SiteTemplate(Vec::new()), envelope: member("data"), id: "id".into() }
}

fn request(target: &str) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request::read(("GET", path, query), Vec::new(), b"", 0)
}

fn known(rows: &[Value]) -> Vec<KnownRow> {
    let row = |row: &Value| {
        let id = row["id"].as_str().unwrap_or_default();
        (id.into(), Arc::new(row.as_object().cloned().unwrap_or_default()))
    };
    rows.iter().map(row).collect()
}

impl BoxBackend {
    fn new() -> Self {
        let mut boxes = Self { rows: Vec::new(), recorded: Vec::new() };
        for n in 0..30 {
            boxes.rows.push(boxed(n));
            if n % 4 == 0 {
                boxes.get("/boxes");
            }
        }
        boxes
    }

    fn get(&mut self, target: &str) {
        let (document, header) = listed(&self.rows, target);
        self.note(target, document, header);
    }

    fn note(&mut self, target: &str, document: Value, header: String) {
        let mut headers = vec![("content-type".into(), "application/json".to_owned())];
        if !header.is_empty() {
            headers.push(("link".into(), header));
        }
        let request = Arc::new(request(target));
        let bytes = document.to_string();
        let exchange = SiteExchange::read(request, 200, headers, bytes.as_bytes());
        self.recorded.push((asked_exchange(&Arc::new(exchange), &[]), self.rows.len()));
    }

    /// The program that is learned, and the boxes with some new ones.
    fn learn(&self) -> (Program, Vec<Value>) {
        let collection = known(&self.rows);
        let mut samples: Vec<ListSample<'_>> = Vec::new();
        for (exchange, there) in &self.recorded {
            let rows = exchange.json().and_then(|document| document["data"].as_array());
            let rows: Vec<&Map<String, Value>> =
                rows.into_iter().flatten().filter_map(Value::as_object).collect();
            let ids = rows.iter().filter_map(|row| Some(row["id"].as_str()?.to_owned())).collect();
            samples.push(ListSample { exchange, collection: &collection[..*there], ids, rows });
        }
        let mut rows = self.rows.clone();
        rows.extend((100..112).map(boxed));
        (learn(&listing(), &samples, false), rows)
    }
}

/// What the program answers, with its `Link` header; made after an answer with every link.
fn answered(program: &Program, rows: &[Value], target: &str) -> (Value, String) {
    let link = json!("/boxes?page[offset]=9");
    let pattern = json!({"data": [boxed(1)], "total": 5,
        "links": {"first": link, "last": link, "next": link, "prev": link}});
    let pattern = if target.contains("page[") { pattern } else { json!({"data": [], "total": 5}) };
    let known = known(rows);
    let rows = known.iter().map(|(id, row)| (&**id, &**row)).collect();
    let request = request(target);
    let page = program.run((&listing(), None), &asked(&request, &[]), pattern, rows);
    let header = page.headers.into_iter().find(|(name, _)| &**name == "link");
    (page.document, header.and_then(|(_, value)| value).unwrap_or_default())
}

fn ids(document: &Value) -> Vec<&str> {
    let rows = document["data"].as_array().into_iter().flatten();
    rows.filter_map(|row| row["id"].as_str()).collect()
}

#[track_caller]
fn check(program: &Program, rows: &[Value], target: &str) {
    let (wanted, _) = listed(rows, target);
    let (got, _) = answered(program, rows, target);
    assert_eq!(ids(&got), ids(&wanted), "{target} {:?}", program.roles);
}

#[test]
fn a_parameter_that_is_a_document_filters_sorts_and_cuts() {
    let mut boxes = BoxBackend::new();
    for n in 0..12 {
        let city = CITIES[n % 4];
        boxes.get(&format!("/boxes?filter={{\"where\":{{\"city\":\"{city}\"}}}}"));
        boxes.get(&format!("/boxes?filter={{\"where\":{{\"price\":{{\"gt\":{}}}}}}}", 3 * n + 5));
        boxes.get(&format!(
            "/boxes?filter={{\"sort\":\"{}\"}}",
            ["price", "-price", "title"][n % 3]
        ));
        let skip = [0, 2, 4, 8][n % 4];
        boxes.get(&format!("/boxes?filter={{\"limit\":{},\"skip\":{skip}}}", [2, 3, 5][n % 3]));
    }
    let (program, rows) = boxes.learn();
    for filter in [
        r#"{"where":{"city":"Chur"},"sort":"-price","limit":3}"#,
        r#"{"where":{"city":"Graz","price":{"gt":20}}}"#,
        r#"{"sort":"price","limit":4,"skip":12}"#,
        r#"{"limit":7,"skip":36}"#,
    ] {
        check(&program, &rows, &format!("/boxes?filter={filter}"));
    }
}

#[test]
fn members_some_levels_deep_filter_and_sort_and_a_relation_may_stand_before_a_value() {
    let mut boxes = BoxBackend::new();
    for n in 0..12 {
        boxes.get(&format!("/boxes?f[city]={}", CITIES[n % 4]));
        boxes.get(&format!("/boxes?f[price]=%3E{}", 4 * n));
        boxes.get(&format!("/boxes?f[maker]=m-{}", n % 5));
        boxes.get(&format!("/boxes?f[city]=Nowhere{n}"));
        boxes.get(&format!("/boxes?sort={}", ["title", "-title", "price", "city,-price"][n % 4]));
    }
    let (program, rows) = boxes.learn();
    for query in [
        "f[city]=Linz",
        "f[city]=Linz,bern",
        "f[price]=%3E33",
        "f[maker]=m-2&f[city]=Graz",
        "sort=title",
        "sort=-city,title",
        "f[maker]=m-3&sort=-price",
        // Nobody ever asked by the title.
        "f[title]=Dune+7",
    ] {
        check(&program, &rows, &format!("/boxes?{query}"));
    }
    let (none, _) = answered(&program, &rows, "/boxes?f[city]=Nowhere");
    assert_eq!(none.get("data"), None, "{none}");
}

#[test]
fn offsets_are_told_from_limits_and_links_lead_to_the_pages_that_they_name() {
    let mut boxes = BoxBackend::new();
    for n in 0..8 {
        boxes.get(&format!("/boxes?sort=title&page[limit]=5&page[offset]={}", 5 * (n % 4)));
        boxes.get(&format!("/boxes?page[limit]={}", 3 + n % 4));
        boxes.get("/boxes?page[limit]=5&page[offset]=200");
    }
    let (program, rows) = boxes.learn();
    for offset in [0, 4, 20, 40] {
        let target = format!("/boxes?sort=title&page[limit]=4&page[offset]={offset}");
        let (wanted, header) = listed(&rows, &target);
        let (got, own) = answered(&program, &rows, &target);
        assert_eq!(got, wanted, "{target}");
        assert_eq!(own, header, "{target}");
    }
}

#[test]
fn a_page_may_begin_behind_the_row_that_is_named() {
    let mut boxes = BoxBackend::new();
    for n in 0..6 {
        let id = boxes.rows[3 * n + 1]["id"].as_str().expect("a text").to_owned();
        boxes.get(&format!("/boxes?limit=4&starting_after={id}"));
        boxes.get(&format!("/boxes?limit={}", 3 + n));
    }
    let (program, rows) = boxes.learn();
    for at in [2, 30, 38] {
        let id = rows[at]["id"].as_str().expect("a text");
        check(&program, &rows, &format!("/boxes?limit=5&starting_after={id}"));
    }
}

#[test]
fn a_bare_cursor_beside_the_rows_is_the_parameter_of_the_next_page() {
    let mut backend = BoxBackend::new();
    let page = |rows: &[Value], from: usize| {
        let mut document = json!({"data": rows.iter().skip(from).take(4).collect::<Vec<_>>()});
        if from + 4 < rows.len() {
            document["token"] = json!(format!("opaque-{:x}", mix(from as u64, 3)));
        }
        document
    };
    for _round in 0..2 {
        for from in (0..30).step_by(4) {
            let token =
                format!("&token=opaque-{:x}", mix(from as u64 - 4 * u64::from(from > 3), 3));
            let target = format!("/boxes?limit=4{}", if from > 0 { &token } else { "" });
            let document = page(&backend.rows, from);
            backend.note(&target, document, String::new());
        }
    }
    let (program, rows) = backend.learn();
    let (mut seen, mut target) = (Vec::new(), "/boxes?limit=9".to_owned());
    loop {
        let (page, _) = answered(&program, &rows, &target);
        seen.extend(ids(&page).into_iter().map(ToOwned::to_owned));
        let Some(token) = page["token"].as_str() else { break };
        target = format!("/boxes?limit=9&token={token}");
    }
    let all: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(seen, all);
}
