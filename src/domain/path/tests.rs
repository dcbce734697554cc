//! Facts about the learner as a whole.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn learner() -> PathLearner {
    PathLearner::new(PathLimits::default())
}

fn see(learner: &mut PathLearner, path: &str) -> PathTemplate {
    learner.observe(&PathObservation { method: "GET", path, status: 200, media: None, shape: None })
}

fn template(learner: &PathLearner, path: &str) -> String {
    learner.tree().identify(path).template.to_string()
}

fn check(paths: &[&str], path: &str, expected: &str) {
    let mut learner = learner();
    for path in paths {
        see(&mut learner, path);
    }
    learner.settle();
    assert_eq!(template(&learner, path), expected, "{paths:?}");
}

#[test]
fn identifiers_are_parameters_at_first_sight() {
    check(&["/users/123"], "/users/123", "/users/{id}");
    check(&["/users/123"], "/users/456", "/users/{id}");
    check(&[], "/users/456", "/users/{id}");
    check(&["/"], "/", "/");
    check(&["/v1/users/me"], "/v1/users/me", "/v1/users/me");
    check(&["/2010-04-01/Accounts"], "/2010-04-01/Accounts", "/2010-04-01/Accounts");
    check(&["/days/2010-04-01/sales"], "/days/2010-04-01/sales", "/days/{date}/sales");
}

#[test]
fn trailing_slash_is_no_difference() {
    check(&["/users/1", "/users/2/"], "/users/3/", "/users/{id}");
    check(&["/users/1/", "/users/2/"], "/users/3", "/users/{id}/");
}

#[test]
fn malformed_value_stands_for_the_parameter() {
    check(&["/users/1/posts", "/users/2/posts"], "/users/undefined/posts", "/users/{id}/posts");
    check(&["/users/1", "/users/2"], "/users/null", "/users/{id}");
}

#[test]
fn errors_create_no_structure() {
    let mut learner = learner();
    for path in ["/wp-login.php", "/.env", "/a/b"] {
        let guess = learner.observe(&PathObservation {
            method: "GET",
            path,
            status: 404,
            media: None,
            shape: None,
        });
        assert_eq!(learner.leaf(&guess), None);
    }
    assert_eq!(learner.tree().templates().count(), 0);
}

const OWNERS: [&str; 12] = [
    "octocat",
    "torvalds",
    "hubber",
    "mojombo",
    "defunkt",
    "pjhyett",
    "wycats",
    "ezmobius",
    "ivey",
    "evanphx",
    "vanpelt",
    "wayneeseguin",
];

#[test]
fn words_that_share_what_lies_below_are_one_parameter() {
    let mut learner = learner();
    for (at, owner) in OWNERS.iter().enumerate() {
        for below in ["", "/repos", "/followers", "/gists"] {
            see(&mut learner, &format!("/users/{owner}{below}"));
        }
        see(&mut learner, &format!("/repos/{owner}/p{at}x/issues/{at}"));
        see(&mut learner, &format!("/repos/{owner}/p{at}x/pulls"));
        see(&mut learner, "/search/issues");
        see(&mut learner, "/search/users");
    }
    learner.settle();
    let templates: BTreeSet<String> =
        learner.tree().templates().map(|(_, template)| template.to_string()).collect();
    let expected = [
        "/repos/{name}/{name}/issues/{id}",
        "/repos/{name}/{name}/pulls",
        "/search/issues",
        "/search/users",
        "/users/{name}",
        "/users/{name}/followers",
        "/users/{name}/gists",
        "/users/{name}/repos",
    ];
    assert_eq!(templates, expected.map(str::to_owned).into());
}

#[test]
fn resource_that_answers_differently_is_its_own_endpoint() {
    let team = r#"{"id":1,"name":"a","members":[{"id":1}],"owner":"o","created":1,"slug":"a"}"#;
    let search = r#"{"query":"","hits":[],"took":1,"page":1,"pages":1,"next":null}"#;
    let grouped = |search: &str| {
        let mut learner = learner();
        let teams = ["otter", "falcon", "badger", "heron", "lynx", "stoat", "marten"];
        for name in teams.iter().chain(&["search"]).cycle().take(4 * 8) {
            let body = if *name == "search" { search } else { team };
            let shape = BodyShape::of_json(body.as_bytes());
            let path = format!("/teams/{name}");
            learner.observe(&PathObservation {
                method: "GET",
                path: &path,
                status: 200,
                media: None,
                shape,
            });
        }
        learner.settle();
        (template(&learner, "/teams/otter"), template(&learner, "/teams/search"))
    };
    assert_eq!(grouped(search), ("/teams/{name}".into(), "/teams/search".into()));
    // The same paths with one structure of answers are one endpoint: only the bodies differ.
    assert_eq!(grouped(team).1, "/teams/{name}");
}

#[test]
fn pin_wins_and_unpin_gives_back() {
    let mut learner = learner();
    for path in ["/teams/1", "/teams/2", "/teams/3"] {
        see(&mut learner, path);
    }
    learner.pin(Pin::new("/teams/{team}")).unwrap();
    assert_eq!(template(&learner, "/teams/anything"), "/teams/{team}");
    learner.pin(Pin::new("/teams/3")).unwrap();
    assert_eq!(template(&learner, "/teams/3"), "/teams/3");
    assert!(learner.unpin("/teams/{team}"));
    assert!(!learner.unpin("/teams/{team}"));
    see(&mut learner, "/teams/1");
    assert_eq!(template(&learner, "/teams/1"), "/teams/{id}");
    assert_eq!(template(&learner, "/teams/3"), "/teams/3");
    assert_eq!(learner.pins(), [Pin::new("/teams/3")]);
}

#[test]
fn what_is_seen_while_pinned_is_learned_for_later() {
    let mut learner = learner();
    learner.pin(Pin::new("/{a}/{b}")).unwrap();
    for n in 0..20 {
        assert_eq!(see(&mut learner, &format!("/users/{n}")).as_str(), "/{a}/{b}");
    }
    learner.settle();
    learner.take_changes();
    assert!(learner.unpin("/{a}/{b}"));
    let changes = learner.take_changes();
    let merged = |change: &TemplateChange| match change {
        TemplateChange::Merged { from, into } => {
            from.iter().any(|t| t.as_str() == "/{a}/{b}") && into.as_str() == "/users/{id}"
        }
        _ => false,
    };
    assert!(changes.iter().any(merged), "{changes:?}");
    assert_eq!(template(&learner, "/users/7"), "/users/{id}");
}

#[test]
fn nearest_in_a_wide_tree_is_found_by_looking_names_up() {
    let mut learner = learner();
    for n in 0..2_000 {
        let (a, b) = (n % 45, n / 45);
        let letters = |n: usize| char::from(b'a' + (n % 26) as u8);
        let name =
            format!("{}{}resource{}{}", letters(a), letters(a / 2), letters(b), letters(b / 2));
        learner.pin(Pin::new(format!("/{name}"))).ok();
    }
    learner.pin(Pin::new("/health")).unwrap();
    let tree = learner.tree();
    for path in ["/helth", "/heallth", "/heatlh", "/heakth"] {
        assert_eq!(tree.nearest(path, 1)[0].as_str(), "/health", "{path}");
    }
}

#[test]
fn bad_pins_are_refused() {
    let mut learner = learner();
    for bad in ["teams", "/teams/{", "/teams/{}", "/teams/{a}{b}", "/te}ms"] {
        assert!(learner.pin(Pin::new(bad)).is_err(), "{bad}");
    }
    for other in ["/teams/:name", "/teams/<name>", "/teams/<int:name>"] {
        let refused = learner.pin(Pin::new(other)).unwrap_err();
        assert!(refused.to_string().contains("as in `{name}`"), "{refused}");
    }
    learner.pin(Pin::new("/projects/x:search")).unwrap();
    learner.pin(Pin::new("/teams/{a}")).unwrap();
    assert!(matches!(learner.pin(Pin::new("/teams/{b}")), Err(PinError::Conflict(..))));
}

#[test]
fn state_brings_the_templates_back() {
    let mut first = learner();
    for n in 0..50 {
        see(&mut first, &format!("/users/{n}/posts/{}", n * 7));
        see(&mut first, "/users/search");
    }
    first.settle();
    let mut json = serde_json::to_value(first.state()).unwrap();
    json["later"] = 1.into();
    let state: PathState = serde_json::from_value(json).unwrap();
    let second = PathLearner::restore(PathLimits::default(), &state);
    let names = |learner: &PathLearner| -> BTreeSet<String> {
        learner.tree().templates().map(|(_, template)| template.to_string()).collect()
    };
    assert_eq!(names(&first), names(&second));
    assert!(serde_json::from_str::<PathState>("{}").is_ok());
}

#[test]
fn explanation_names_kinds_and_counts() {
    let mut learner = learner();
    for n in 0..5 {
        see(&mut learner, &format!("/users/{n}"));
    }
    learner.settle();
    let segments = learner.tree().explain("/users/3");
    assert_eq!((segments[0].text.as_str(), segments[0].kind), ("users", "literal"));
    assert_eq!((segments[1].text.as_str(), segments[1].kind), ("3", "integer"));
    assert_eq!(segments[1].why, "looks like an integer; 5 values in 5 requests");
}

#[test]
fn nearest_template_comes_first() {
    let mut learner = learner();
    for path in ["/users/1", "/users/1/posts", "/orders/1", "/health"] {
        see(&mut learner, path);
    }
    let tree = learner.tree();
    assert_eq!(tree.nearest("/user/1/posts", 1)[0].as_str(), "/users/{id}/posts");
    assert_eq!(tree.nearest("/helth", 2)[0].as_str(), "/health");
    assert_eq!(tree.nearest("/x", 100).len(), 4);
}

#[test]
fn hostile_paths_age_out_and_real_endpoints_stay() {
    let limits = PathLimits {
        samples_max: 600,
        templates_max: 200,
        nodes_max: 2_000,
        samples_per_template_max: 64,
        ..PathLimits::default()
    };
    let mut learner = PathLearner::new(limits.clone());
    let real = ["/users", "/users/search", "/orders/latest", "/health/live"];
    let mut noise = 0x9e37_79b9_7f4a_7c15u64;
    for n in 0..12_000u64 {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(n);
        let word: String =
            (0..8).map(|at| char::from(b'a' + (noise >> (at * 7) & 15) as u8)).collect();
        see(&mut learner, &format!("/{word}/{}", &word[2..6]));
        if n % 50 == 0 {
            for path in real {
                see(&mut learner, path);
            }
            see(&mut learner, &format!("/orders/{n}"));
        }
    }
    learner.settle();
    let tree = learner.tree();
    assert!(learner.state().samples.len() <= limits.samples_max);
    assert!(tree.templates().count() <= limits.templates_max);
    for path in real {
        assert_eq!(tree.identify(path).template.as_str(), path);
    }
    assert_eq!(tree.identify("/orders/77").template.as_str(), "/orders/{id}");
}

#[test]
fn worst_segments_are_identified() {
    let long = "a".repeat(65_536);
    let slashes = "/".repeat(65_536);
    let escapes = "%zz%".repeat(16_384);
    let mut learner = learner();
    for path in [
        "",
        "/",
        "//",
        "a",
        "/;a=b;c",
        "/a;m=1/b",
        "/\u{1F980}/\u{fc}",
        "/%",
        "/%2",
        "/{id}",
        "/{",
        "/a//b",
        "/..",
        "/a?b",
        &long,
        &slashes,
        &escapes,
        &format!("/{long}/x"),
        &format!("/a/{escapes}"),
        &long.replace('a', "-"),
        &long.replace('a', "@"),
    ] {
        see(&mut learner, path);
        let tree = learner.tree();
        let identified = tree.identify(path);
        assert!(identified.template.as_str().starts_with('/'));
        tree.explain(path);
        tree.nearest(path, 3);
    }
}

/// A holder of a map keyed by template, as the directory is one.
fn replay(keys: &mut BTreeSet<String>, changes: Vec<TemplateChange>) {
    for change in changes {
        match change {
            TemplateChange::Merged { from, into } => {
                let mut known = false;
                for template in from {
                    known |= keys.remove(template.as_str());
                }
                if known {
                    keys.insert(into.to_string());
                }
            }
            TemplateChange::Split { from, into } => {
                if keys.contains(from.as_str()) {
                    keys.insert(into.to_string());
                }
            }
            TemplateChange::Parted { from, into } => {
                if keys.remove(from.as_str()) {
                    keys.extend(into.iter().map(PathTemplate::to_string));
                }
            }
            TemplateChange::Dropped { template } => {
                keys.remove(template.as_str());
            }
        }
    }
}

fn any_segment() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]",
        "(users|posts|search|me|v1|settings)",
        "[0-9]{1,3}",
        "[a-z]{3,8}",
        "[a-z]{3,5}-[a-z]{3,5}",
    ]
}

fn any_paths() -> impl Strategy<Value = Vec<String>> {
    let path = prop::collection::vec(any_segment(), 0..4)
        .prop_map(|parts| parts.iter().fold(String::new(), |path, part| path + "/" + part));
    prop::collection::vec(path, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn replayed_changes_leave_learned_templates_alone(paths in any_paths(), every in 1..9usize) {
        let (samples_max, samples_per_template_max) = (60, 8);
        let limits =
            PathLimits { samples_max, samples_per_template_max, ..PathLimits::default() };
        let mut learner = PathLearner::new(limits);
        let mut keys = BTreeSet::new();
        for (at, path) in paths.iter().enumerate() {
            let template = see(&mut learner, path);
            replay(&mut keys, learner.take_changes());
            if learner.leaf(&template).is_some() {
                keys.insert(template.to_string());
            }
            if at % every == 0 {
                learner.settle();
                replay(&mut keys, learner.take_changes());
            }
        }
        learner.settle();
        replay(&mut keys, learner.take_changes());
        let learned: BTreeSet<String> =
            learner.tree().templates().map(|(_, template)| template.to_string()).collect();
        let orphans: Vec<_> = keys.difference(&learned).collect();
        prop_assert!(orphans.is_empty(), "{:?} are no templates", orphans);
        // What is seen from now on is known at once.
        for path in &paths {
            let template = see(&mut learner, path);
            replay(&mut keys, learner.take_changes());
            keys.insert(template.to_string());
        }
        learner.settle();
        replay(&mut keys, learner.take_changes());
        let learned: BTreeSet<String> =
            learner.tree().templates().map(|(_, template)| template.to_string()).collect();
        prop_assert!(keys.is_subset(&learned));
    }

    #[test]
    fn order_of_arrival_does_not_matter(paths in any_paths()) {
        let settled = |paths: &mut dyn Iterator<Item = &String>| {
            let mut learner = learner();
            for path in paths {
                see(&mut learner, path);
            }
            learner.settle();
            learner
        };
        let forth = settled(&mut paths.iter());
        let back = settled(&mut paths.iter().rev());
        for path in &paths {
            prop_assert_eq!(template(&forth, path), template(&back, path));
        }
    }

    #[test]
    fn leaf_stays_while_its_template_lives(paths in any_paths()) {
        let mut learner = learner();
        let mut leaves = std::collections::HashMap::new();
        for path in &paths {
            see(&mut learner, path);
            let now: std::collections::HashMap<_, _> =
                learner.tree().templates().map(|(leaf, t)| (t.clone(), leaf)).collect();
            for (template, leaf) in &now {
                if let Some(before) = leaves.get(template) {
                    prop_assert_eq!(before, leaf);
                }
            }
            leaves = now;
        }
    }

    #[test]
    fn any_path_is_identified(path in "\\PC{0,60}") {
        let mut learner = learner();
        see(&mut learner, &path);
        let tree = learner.tree();
        prop_assert!(tree.identify(&path).template.as_str().starts_with('/'));
        tree.explain(&path);
    }
}
