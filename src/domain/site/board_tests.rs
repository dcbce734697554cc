//! Laws of a site whose rows no path addresses: they are posted to a list and seen there alone.

use serde_json::{Map, Value, json};

use super::learn::Site;
use super::tests::{Asked, Recording, Said, ask};
use crate::domain::random::seed::mix;
use crate::domain::world::World;
use crate::domain::world::instant::unix_ms;

/// Notices on a board: who posts the same labels again changes the notice; what is over is hidden.
#[derive(Default)]
struct Board {
    notices: Vec<Map<String, Value>>,
    /// Whether the answer says the id of what was posted, and each posting is a new one.
    tells: bool,
}

fn at(ms: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(ms).expect("a moment");
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

impl Board {
    fn say(&mut self, now_ms: i64, (method, target, body): &Asked<'_>) -> Said {
        if *method == "POST" {
            let Some(sent) = body.as_array() else { return (400, json!("no array")) };
            let mut last = Value::Null;
            for one in sent {
                last = self.post(now_ms, one);
            }
            return if self.tells { (201, json!({"mark": last})) } else { (200, Value::Null) };
        }
        let wanted = target.split_once("team=").map(|(_, team)| team);
        let shown = self.notices.iter().filter(|notice| {
            let ends = unix_ms(&notice["ends"]).is_some_and(|ends| ends > now_ms);
            ends && wanted.is_none_or(|team| notice["labels"]["team"] == team)
        });
        let mut shown: Vec<Value> = shown.cloned().map(Value::Object).collect();
        shown.sort_by_key(|notice| notice["mark"].to_string());
        (200, Value::Array(shown))
    }

    fn post(&mut self, now_ms: i64, sent: &Value) -> Value {
        let known = self.notices.iter().position(|n| n["labels"] == sent["labels"]);
        let known = known.filter(|_| !self.tells);
        let place = known.unwrap_or_else(|| {
            let mark = format!("{:016x}", mix(self.notices.len() as u64, 3));
            let team = sent["labels"]["team"].as_str().unwrap_or_default();
            let desk = format!("desk of {team}");
            let new = json!({"mark": mark, "desk": desk, "since": at(now_ms), "labels": null});
            self.notices.push(new.as_object().cloned().expect("an object"));
            self.notices.len() - 1
        });
        let notice = &mut self.notices[place];
        notice.insert("ends".into(), at(now_ms + 300_000).into());
        notice.extend(sent.as_object().cloned().expect("an object"));
        notice["mark"].clone()
    }
}

const TEAMS: [&str; 3] = ["web", "db", "ops"];

/// Every second one says when it ends.
fn notice(n: usize, text: &str) -> Value {
    let labels = json!({"team": TEAMS[n % 3], "host": format!("host-{n}")});
    match n % 2 {
        0 => json!({"labels": labels, "text": text}),
        _ => json!({"labels": labels, "text": text, "ends": at(2_000_000_000_000)}),
    }
}

fn learned(tells: bool) -> Site {
    let mut board = Board { tells, ..Board::default() };
    let mut recording = Recording::new();
    let mut now_ms = 1_790_000_000_000;
    let mut say = |asked: Asked<'_>| {
        now_ms += 1_000;
        let said = board.say(now_ms, &asked);
        recording.note(&asked, &said);
    };
    for n in 0..18 {
        say(("POST", "/board", json!([notice(n, &format!("first words {n}"))])));
        say(("GET", "/board", Value::Null));
        let team = format!("/board?team={}", TEAMS[n % 3]);
        say(("GET", &team, Value::Null));
        if n % 2 == 0 {
            say(("POST", "/board", json!([notice(n, &format!("second words {n}"))])));
            say(("GET", "/board", Value::Null));
        }
        if n % 3 == 0 && !tells {
            let mut over = notice(n, "over");
            over["ends"] = at(1_790_000_000_000 - 60_000).into();
            say(("POST", "/board", json!([over])));
            say(("GET", "/board", Value::Null));
            say(("GET", &team, Value::Null));
        }
    }
    recording.learn()
}

fn marks(listed: &Said) -> Vec<String> {
    let rows = listed.1.as_array().expect("rows").iter();
    rows.map(|row| row["mark"].as_str().expect("a mark").to_owned()).collect()
}

#[test]
fn what_is_posted_is_listed_though_no_answer_and_no_path_names_it() {
    let site = learned(false);
    let mut world = World::over(std::sync::Arc::clone(&site.base));
    let before = marks(&ask(&site, &mut world, ("GET", "/board", Value::Null)));
    let said = ask(&site, &mut world, ("POST", "/board", json!([notice(104, "mine")])));
    assert_eq!(said, (200, Value::Null));
    let listed = ask(&site, &mut world, ("GET", "/board", Value::Null));
    let after = marks(&listed);
    assert_eq!(after.len(), before.len() + 1, "one more");
    assert!(after.is_sorted(), "in the order of the backend: {after:?}");
    let own = listed.1.as_array().expect("rows").iter();
    let own = own.filter(|row| row["labels"]["host"] == "host-104").collect::<Vec<_>>();
    let [own] = own[..] else { panic!("one of them: {own:?}") };
    assert_eq!((&own["text"], &own["desk"]), (&json!("mine"), &json!("desk of ops")));
    let ends = unix_ms(&own["ends"]).expect("a moment");
    assert!((ends - 1_800_000_300_000).abs() < 10_000, "as long as notices last: {own}");

    let team = ask(&site, &mut world, ("GET", "/board?team=ops", Value::Null));
    let teams = team.1.as_array().expect("rows").iter().map(|row| &row["labels"]["team"]);
    assert!(teams.clone().all(|team| team == "ops") && teams.count() > 1);
}

#[test]
fn the_same_labels_are_the_same_notice_and_what_is_over_is_not_shown() {
    let site = learned(false);
    let mut world = World::over(std::sync::Arc::clone(&site.base));
    let mut post = |body: Value| {
        ask(&site, &mut world, ("POST", "/board", json!([body])));
        let listed = ask(&site, &mut world, ("GET", "/board", Value::Null));
        let rows = listed.1.as_array().expect("rows").iter();
        rows.filter(|row| row["labels"]["host"] == "host-202").cloned().collect::<Vec<_>>()
    };
    let first = post(notice(202, "one"));
    let second = post(notice(202, "two"));
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(first[0]["mark"], second[0]["mark"]);
    assert_eq!(second[0]["text"], "two");
    let mut over = notice(202, "three");
    over["ends"] = at(1_800_000_000_000 - 60_000).into();
    assert_eq!(post(over), Vec::<Value>::new());
    assert_eq!(post(notice(202, "four")).len(), 1, "and is shown again");
}

#[test]
fn an_id_that_no_path_ever_had_is_that_of_a_row_all_the_same() {
    let site = learned(true);
    let mut world = World::over(std::sync::Arc::clone(&site.base));
    let (status, said) = ask(&site, &mut world, ("POST", "/board", json!([notice(7, "own")])));
    assert_eq!(status, 201);
    let own = said["mark"].as_str().expect("a mark").to_owned();
    let listed = ask(&site, &mut world, ("GET", "/board", Value::Null));
    assert!(marks(&listed).contains(&own), "{own} in {listed:?}");
}
