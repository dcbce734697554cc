//! Laws of a site where paths name projects by their id or their slug, writes answer nothing and
//! name by an id what tickets show as an object, and lists leave out what is closed.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use super::learn::Site;
use super::tests::{Asked, Recording, Said, ask};
use crate::domain::world::World;
use crate::domain::world::pointer::is_written;

const STATES: [&str; 4] = ["New", "Running", "Closed", "Rejected"];

/// The tracker.
#[derive(Default)]
struct Tracker {
    projects: Vec<Map<String, Value>>,
    tickets: Vec<(Value, usize, usize, Map<String, Value>)>,
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

impl Tracker {
    /// The number of the project that a text or a number names.
    fn project(&self, name: &Value) -> Option<usize> {
        let name = name.as_str().map_or_else(|| name.to_string(), ToOwned::to_owned);
        let is_it = |project: &Map<String, Value>| {
            is_written(&project["id"], &name) || project["slug"] == *name
        };
        self.projects.iter().position(is_it)
    }

    fn shown(&self, at: usize) -> Value {
        let (id, project, state, members) = &self.tickets[at];
        let project = &self.projects[*project];
        let mut shown = members.clone();
        shown.insert("id".into(), id.clone());
        shown.insert("project".into(), json!({"id": project["id"], "name": project["name"]}));
        let closed = *state > 1;
        let state = json!({"id": state + 1, "name": STATES[*state], "is_closed": closed});
        shown.insert("status".into(), state);
        json!({ "ticket": shown })
    }

    fn say(&mut self, (method, target, body): &Asked<'_>) -> Said {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let wish = |name: &str| {
            let wishes = query.split('&').filter_map(|wish| wish.split_once('='));
            wishes.filter(|(known, _)| *known == name).map(|(_, value)| value).next()
        };
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (*method, &segments[..]) {
            ("POST", ["projects"]) => {
                let mut project = object(&body["project"]);
                project.insert("id".into(), (self.projects.len() + 1).into());
                self.projects.push(project.clone());
                (201, json!({ "project": project }))
            }
            ("GET", ["projects", name]) => match self.project(&json!(name)) {
                Some(at) => (200, json!({ "project": self.projects[at] })),
                None => (404, json!({"error": "no such project"})),
            },
            ("POST", ["tickets"]) => {
                let mut sent = object(&body["ticket"]);
                let project = sent.remove("project_id").and_then(|name| self.project(&name));
                let Some(project) = project else { return (422, json!({"error": "no project"})) };
                let id = self.tickets.len() + 41;
                self.tickets.push((id.into(), project, 0, sent));
                (201, self.shown(self.tickets.len() - 1))
            }
            ("GET", ["tickets"]) => {
                let project = wish("project").and_then(|name| self.project(&json!(name)));
                let rows = (0..self.tickets.len()).filter(|at| {
                    let (_, own, state, _) = self.tickets[*at];
                    let is_asked = match wish("status") {
                        None | Some("open") => state < 2,
                        Some("closed") => state >= 2,
                        _ => true,
                    };
                    project.is_none_or(|project| project == own) && is_asked
                });
                let rows: Vec<Value> = rows.map(|at| self.shown(at)["ticket"].take()).collect();
                (200, json!({"total": rows.len(), "tickets": rows}))
            }
            (method, ["tickets", id]) => {
                let at = self.tickets.iter().position(|(own, ..)| is_written(own, id));
                let Some(at) = at else { return (404, json!({"error": "no such ticket"})) };
                if method == "PUT" {
                    let mut sent = object(&body["ticket"]);
                    if let Some(state) = sent.remove("status_id").and_then(|id| id.as_u64()) {
                        self.tickets[at].2 = state as usize - 1;
                    }
                    self.tickets[at].3.extend(sent);
                    return (204, Value::Null);
                }
                (200, self.shown(at))
            }
            _ => (404, json!({"error": "nothing here"})),
        }
    }
}

/// What was learned of the tracker.
static SITE: LazyLock<Site> = LazyLock::new(|| {
    let mut tracker = Tracker::default();
    let mut recording = Recording::new();
    let mut say = |asked: Asked<'_>| {
        let said = tracker.say(&asked);
        recording.note(&asked, &said);
        said.1
    };
    for n in 0..5 {
        let slug = format!("shop-{}", ["lime", "pear", "plum", "fig", "kiwi"][n]);
        let sent = json!({"name": format!("Shop {n}"), "slug": slug});
        let made = say(("POST", "/projects", json!({ "project": sent })));
        let id = made["project"]["id"].clone();
        say(("GET", &format!("/projects/{slug}"), Value::Null));
        say(("GET", &format!("/projects/{id}"), Value::Null));
        say(("GET", &format!("/projects/none-{n}"), Value::Null));
        for k in 0..6 {
            let project = if k % 2 == 0 { json!(slug) } else { id.clone() };
            let list = format!(
                "/tickets?project={}",
                if k % 3 == 0 { json!(n + 1).to_string() } else { slug.clone() }
            );
            let sent =
                json!({"project_id": project, "title": format!("ticket {n} {k}"), "note": "none"});
            let made = say(("POST", "/tickets", json!({ "ticket": sent })));
            let path = format!("/tickets/{}", made["ticket"]["id"]);
            say(("GET", &path, Value::Null));
            say(("GET", &list, Value::Null));
            say(("PUT", &path, json!({"ticket": {"title": format!("changed {n} {k}")}})));
            say(("GET", &path, Value::Null));
            say(("PUT", &path, json!({"ticket": {"status_id": 1 + (n + k) % 4}})));
            say(("GET", &path, Value::Null));
            say(("GET", &list, Value::Null));
            for status in ["closed", "open", "*"] {
                say(("GET", &format!("{list}&status={status}"), Value::Null));
            }
            say(("GET", &format!("/tickets/{}", 700 + n * 9 + k), Value::Null));
        }
    }
    recording.learn()
});

/// A new project in a world of its own: the world, its id and its slug.
fn project() -> (World, Value, &'static str) {
    let mut world = World::over(Arc::clone(&SITE.base));
    let sent = json!({"project": {"name": "Own", "slug": "own-one"}});
    let (status, made) = ask(&SITE, &mut world, ("POST", "/projects", sent));
    assert_eq!(status, 201, "{made}");
    (world, made["project"]["id"].clone(), "own-one")
}

/// A new ticket of a project: its path.
fn ticket(world: &mut World, project: Value, title: &str) -> String {
    let sent = json!({"ticket": {"project_id": project, "title": title, "note": "own"}});
    let (status, made) = ask(&SITE, world, ("POST", "/tickets", sent));
    assert_eq!(status, 201, "{made}");
    format!("/tickets/{}", made["ticket"]["id"])
}

#[test]
fn a_project_is_found_by_its_id_and_by_its_slug() {
    let (mut world, id, slug) = project();
    for name in [id.to_string(), slug.to_owned()] {
        let (status, shown) =
            ask(&SITE, &mut world, ("GET", &format!("/projects/{name}"), Value::Null));
        assert_eq!((status, &shown["project"]["id"]), (200, &id), "{name}: {shown}");
    }
    assert_eq!(ask(&SITE, &mut world, ("GET", "/projects/own-two", Value::Null)).0, 404);
}

#[test]
fn a_ticket_shows_the_project_that_a_write_names() {
    let (mut world, id, slug) = project();
    for name in [id.clone(), json!(slug)] {
        let path = ticket(&mut world, name, "first");
        let shown = ask(&SITE, &mut world, ("GET", &path, Value::Null)).1;
        assert_eq!(shown["ticket"]["project"], json!({"id": id, "name": "Own"}), "{shown}");
    }
}

#[test]
fn a_put_that_answers_nothing_changes_what_it_names() {
    let (mut world, id, _) = project();
    let path = ticket(&mut world, id.clone(), "first");
    let before = ask(&SITE, &mut world, ("GET", &path, Value::Null)).1;
    let put = ("PUT", &*path, json!({"ticket": {"title": "second"}}));
    assert_eq!(ask(&SITE, &mut world, put).0, 204);
    let mut expected = before;
    expected["ticket"]["title"] = "second".into();
    assert_eq!(ask(&SITE, &mut world, ("GET", &path, Value::Null)).1, expected);
    let put = ("PUT", &*path, json!({"ticket": {"status_id": 3}}));
    assert_eq!(ask(&SITE, &mut world, put).0, 204);
    expected["ticket"]["status"] = json!({"id": 3, "name": "Closed", "is_closed": true});
    assert_eq!(ask(&SITE, &mut world, ("GET", &path, Value::Null)).1, expected);
}

#[test]
fn a_list_leaves_out_what_is_closed_unless_it_is_asked_for() {
    let (mut world, id, slug) = project();
    let paths = ["one", "two", "three"].map(|title| ticket(&mut world, id.clone(), title));
    let put = ("PUT", &*paths[1], json!({"ticket": {"status_id": 4}}));
    assert_eq!(ask(&SITE, &mut world, put).0, 204);
    for (wish, expected) in [
        ("", &["one", "three"][..]),
        ("&status=open", &["one", "three"]),
        ("&status=closed", &["two"]),
        ("&status=*", &["one", "two", "three"]),
    ] {
        for name in [id.to_string(), slug.to_owned()] {
            let target = format!("/tickets?project={name}{wish}");
            let listed = ask(&SITE, &mut world, ("GET", &target, Value::Null)).1;
            let rows = listed["tickets"].as_array().into_iter().flatten();
            let titles: Vec<&str> = rows.filter_map(|row| row["title"].as_str()).collect();
            assert_eq!(titles, expected, "{target}: {listed}");
            assert_eq!(listed["total"], expected.len(), "{target}");
        }
    }
}
