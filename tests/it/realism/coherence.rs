//! List, open every item, follow every id: all answers of the mock agree.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::double::Double;

/// Requests of the sample backend's own traffic: each endpoint some dozens of times.
const REQUESTS: usize = 1_600;

/// A double that has learned the sample shop, asked as a client of the mock.
struct Walk {
    double: Double,
    /// Values compared.
    compared: usize,
    /// Names by resource and id, as seen anywhere.
    names: BTreeMap<String, String>,
}

/// Paths of the details by the nouns that name them.
const DETAILS: [(&str, &str); 3] =
    [("user", "/users"), ("product", "/products"), ("order", "/orders")];

impl Walk {
    fn ok(&self, path: &str) -> Value {
        let steering = [("x-mock-enabled", "true"), ("x-mock-status", "200")];
        let answer = self.double.request("GET", path, &steering, b"");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// Every member that both have is the same.
    fn same(&mut self, shown: &Value, detail: &Value, place: &str) {
        for (name, value) in shown.as_object().expect("an object") {
            if let Some(other) = detail.get(name) {
                assert_eq!(value, other, "`{name}` of {place}");
                self.compared += 1;
            }
        }
    }

    /// Follows whatever names another thing.
    fn follow(&mut self, value: &Value, place: &str) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let noun = name.strip_suffix("_id").unwrap_or_default();
                    if let Some((_, path)) = DETAILS.iter().find(|known| known.0 == noun) {
                        let path = format!("{path}/{}", text(member));
                        let detail = self.ok(&path);
                        assert_eq!(&detail["id"], member, "{path} at {place}");
                        self.compared += 1;
                        if !members.contains_key("id")
                            && let Some(known) = members.get("name")
                        {
                            self.call(&path, known, place);
                            self.call(&path, &detail["name"], &path);
                        }
                    }
                    if name == "customer" {
                        let path = format!("/users/{}", text(&member["id"]));
                        let detail = self.ok(&path);
                        self.same(member, &detail, place);
                        assert_eq!(value["user_id"], member["id"], "the customer of {place}");
                    }
                    self.follow(member, place);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.follow(item, place)),
            _ => {}
        }
    }

    /// A thing has one name, wherever it is called by it.
    fn call(&mut self, thing: &str, name: &Value, place: &str) {
        let known = self.names.entry(thing.to_owned()).or_insert_with(|| text(name));
        assert_eq!(*known, text(name), "{thing} at {place}");
        self.compared += 1;
    }

    /// Opens every item of a list; how many there were.
    fn list(&mut self, path: &str, details: &str, id: &str) -> usize {
        let list = self.ok(path);
        let items = list["items"].as_array().expect("items");
        let mut ids: Vec<String> = items.iter().map(|item| text(&item[id])).collect();
        for (item, id) in items.iter().zip(&ids) {
            let detail = self.ok(&format!("{details}/{id}"));
            self.same(item, &detail, &format!("{id} in {path}"));
            self.follow(item, path);
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), items.len(), "{path} shows an item twice");
        items.len()
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn what_a_list_shows_is_what_each_detail_answers_and_every_id_leads_to_its_thing() {
    let double = Double::in_front_of_demo();
    double.learn_demo(REQUESTS);
    let mut walk = Walk { double, compared: 0, names: BTreeMap::new() };
    let mut items = 0;
    for page in 1..=3 {
        items += walk.list(&format!("/users?page={page}&per_page=10"), "/users", "id");
        items += walk.list(&format!("/products?page={page}"), "/products", "id");
    }
    items += walk.list("/orders?per_page=20", "/orders", "id");
    items += walk.list("/articles?per_page=50", "/articles", "slug");
    for user in 1..=12 {
        items += walk.list(&format!("/users/{user}/orders"), "/orders", "id");
    }
    assert!(items > 80, "{items} items");
    assert!(walk.compared > 500, "{} values compared", walk.compared);
    assert!(walk.names.len() > 10, "{} things have names", walk.names.len());
}
