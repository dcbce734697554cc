//! Facts about what is kept of the paths: how much, how little, and over a restart.

use proptest::prelude::*;

use crate::domain::path::*;

fn see(learner: &mut PathLearner, path: &str) -> PathTemplate {
    learner.observe(&PathObservation { method: "GET", path, status: 200, media: None, shape: None })
}

fn learned(paths: &[String]) -> PathLearner {
    let mut learner = PathLearner::new(PathLimits::default());
    for path in paths {
        see(&mut learner, path);
    }
    learner
}

fn restarted(learner: &PathLearner) -> PathLearner {
    let json = serde_json::to_string(&learner.state()).unwrap();
    PathLearner::restore(PathLimits::default(), &serde_json::from_str(&json).unwrap())
}

fn template(learner: &PathLearner, path: &str) -> String {
    learner.tree().identify(path).template.to_string()
}

fn templates(learner: &PathLearner) -> Vec<String> {
    let mut texts: Vec<String> = learner.tree().templates().map(|(_, t)| t.to_string()).collect();
    texts.sort();
    texts
}

#[test]
fn segments_with_a_clear_form_are_parameters_in_part() {
    let names = ["otter", "falcon", "badger", "heron", "lynx", "stoat"];
    let mut paths = vec!["/report.json".to_owned(), "/report.csv".to_owned(), "/about.html".into()];
    for (n, name) in names.iter().enumerate() {
        paths.push(format!("/posts/{}.json", 40 + n));
        paths.push(format!("/compare/v1.{n}...v2.{n}"));
        paths.push(format!("/packages/{name}@{n}.3.0"));
        paths.push(format!("/images/{n}/{name}.png"));
        paths.push(format!("/images/{n}/{name}.svg"));
    }
    let mut learner = learned(&paths);
    learner.settle();
    for learner in [&learner, &restarted(&learner)] {
        for (path, expected) in [
            ("/posts/7.json", "/posts/{id}.json"),
            ("/report.xml", "/report.{format}"),
            ("/report.json", "/report.{format}"),
            ("/about.html", "/about.html"),
            ("/compare/a...b", "/compare/{base}...{head}"),
            ("/packages/left-pad@1.3.0", "/packages/{name}@{version}"),
        ] {
            let tree = learner.tree();
            let identified = tree.identify(path);
            assert_eq!(identified.template.as_str(), expected, "{path}");
            let captured = identified.template.capture(path).expect(path);
            assert_eq!(captured.as_slice(), identified.values.as_slice(), "{path}");
            let example = tree.example_path(&identified.template);
            assert_eq!(tree.identify(&example).template, identified.template, "{example}");
            assert!(tree.explain(path).iter().all(|segment| !segment.why.is_empty()));
        }
    }
    let values = learner.tree().identify("/compare/a...b").values.to_vec();
    assert_eq!(values, ["a", "b"]);
}

#[test]
fn a_tree_of_files_is_one_parameter_to_the_end() {
    let mut paths = vec!["/raw/README.md".to_owned()];
    for (n, name) in ["main", "lib", "learner", "evidence"].iter().enumerate() {
        paths.push(format!("/raw/src/{name}.rs"));
        paths.push(format!("/raw/src/domain/{name}/mod.rs"));
        paths.push(format!("/raw/web/{name}.css"));
        paths.push(format!("/raw/web/img/icons/{name}-{n}.png"));
    }
    let mut learner = learned(&paths);
    learner.settle();
    for learner in [&learner, &restarted(&learner)] {
        assert_eq!(template(learner, "/raw/docs/a/b/c/d.txt"), "/raw/{path}");
        let why = &learner.tree().explain("/raw/src/main.rs")[2].why;
        assert!(why.contains("files at several depths"), "{why}");
    }
    assert_eq!(templates(&learner), ["/raw/{path}"]);
}

#[test]
fn what_looks_personal_is_never_the_name_of_a_resource() {
    for secret in
        ["555-123-4567", "ann@example.com", "sk_live_4eC39HqLyjWD", "AKIAIOSFODNN7EXAMPLE"]
    {
        let mut learner = learned(&[]);
        let seen = see(&mut learner, &format!("/call/{secret}"));
        assert!(!seen.as_str().contains(secret), "{seen}");
    }
}

#[test]
fn the_state_holds_no_text_of_a_path_but_its_templates() {
    let mut paths = Vec::new();
    let mut canaries = Vec::new();
    for (at, name) in
        ["zanzibar", "quetzal", "okapi", "wombat", "axolotl", "narwhal"].iter().enumerate()
    {
        let owned = [
            format!("{name}{name}"),
            format!("{name}.{at}@mail.example"),
            format!("cus_9s6XKzkNRiz8{at}3"),
            format!("5f94c37e-826f-4ecb-9c36-7c9bc0d1e2f{at}"),
            format!("{name}-is-a-long-story-of-{at}"),
            format!("30.26.71.18{at}"),
        ];
        paths.push(format!("/users/{}", owned[0]));
        paths.push(format!("/users/{}/orders", owned[0]));
        paths.push(format!("/users/{}/profile", owned[0]));
        paths.push(format!("/mail/{}/inbox", owned[1]));
        paths.push(format!("/customers/{}", owned[2]));
        paths.push(format!("/files/{}.json?token={name}secret", owned[3]));
        paths.push(format!("/stories/{}/{}", owned[4], owned[5]));
        canaries.extend(owned);
        canaries.push(format!("{name}secret"));
    }
    let mut learner = learned(&paths);
    learner.settle();
    assert_eq!(template(&learner, &paths[0]), "/users/{name}", "the crowd is seen through");
    let state = serde_json::to_string(&learner.state()).unwrap();
    for canary in &canaries {
        assert!(!state.contains(canary.as_str()), "{canary} in {state}");
    }
    assert!(state.contains("/users/{name}/orders"), "{state}");
}

#[test]
fn a_restarted_learner_goes_on_where_it_was() {
    let paths: Vec<String> = (0..60)
        .flat_map(|n| {
            [format!("/users/{n}/posts/{}", n * 7), "/users/search".into(), "/v1/me".into()]
        })
        .collect();
    let mut learner = learned(&paths);
    learner.settle();
    let mut second = restarted(&learner);
    assert_eq!(
        second.tree().explain("/users/3/posts/4"),
        learner.tree().explain("/users/3/posts/4")
    );
    assert!(second.take_changes().is_empty());
    for path in &paths {
        see(&mut second, path);
    }
    second.settle();
    assert_eq!(second.take_changes(), []);
    assert_eq!(templates(&second), templates(&learner));
}

#[test]
fn a_template_of_an_earlier_run_is_admitted_or_belongs_somewhere() {
    let paths: Vec<String> = (0..20).map(|n| format!("/users/{n}")).collect();
    let mut learner = learned(&paths);
    learner.settle();
    let mut admit = |text: &str| learner.admit(text, 40).map(|template| template.to_string());
    assert_eq!(admit("/users/{id}"), Some("/users/{id}".into()), "it is there");
    assert_eq!(admit("/users/7"), Some("/users/{id}".into()), "it belongs to another by now");
    assert_eq!(admit("/users/{slug}"), Some("/users/{id}".into()));
    assert_eq!(admit("/shelves/{id}/books"), Some("/shelves/{id}/books".into()), "it is new");
    assert_eq!(admit("/shelves/{crate}"), Some("/shelves/{crate}".into()));
    assert_eq!(admit("shelves"), None);
    assert_eq!(admit("/{"), None);
    // It is evidence too: the next inference does not drop it.
    see(&mut learner, "/users/77");
    learner.settle();
    assert_eq!(template(&learner, "/shelves/9/books"), "/shelves/{id}/books");
    assert!(learner.take_changes().iter().all(|c| !matches!(c, TemplateChange::Dropped { .. })));
}

#[test]
fn templates_that_are_asked_for_by_ever_new_ids_all_stay() {
    const HEADS: [&str; 5] = ["order", "user", "team", "report", "invoice"];
    const TAILS: [&str; 5] = ["groups", "items", "settings", "templates", "versions"];
    const KINDS: [&str; 5] = ["", "admin-", "public-", "draft-", "shared-"];
    let names = || {
        let pairs = |kind| HEADS.iter().flat_map(move |head| TAILS.map(|tail| (kind, *head, tail)));
        KINDS.iter().flat_map(pairs).map(|(kind, head, tail)| format!("{kind}{head}-{tail}"))
    };
    let mut learner = PathLearner::new(PathLimits { samples_max: 1_024, ..PathLimits::default() });
    for id in 0..40 {
        for name in names() {
            see(&mut learner, &format!("/api/v1/{name}/{}", id * 7_919));
            see(&mut learner, &format!("/api/v1/{name}/{}/comments", id * 104_729));
        }
    }
    learner.settle();
    let dropped = |change: &TemplateChange| matches!(change, TemplateChange::Dropped { .. });
    assert_eq!(learner.take_changes().iter().filter(|change| dropped(change)).count(), 0);
    assert_eq!(templates(&learner).len(), 250);
    assert_eq!(template(&learner, "/api/v1/admin-team-items/1"), "/api/v1/admin-team-items/{id}");
}

/// Paths nobody asks for twice, of every depth and kind.
fn junk(n: u64, noise: &mut u64) -> String {
    const WORDS: [&str; 6] = ["api", "v1", "users", "files", "static", "tenants"];
    let mut draw = |below: u64| {
        *noise ^= *noise << 13;
        *noise ^= *noise >> 7;
        *noise ^= *noise << 17;
        (*noise >> 11) % below
    };
    let mut path = String::new();
    for _ in 0..=draw(5) {
        path.push('/');
        match draw(4) {
            0 => path.push_str(WORDS[draw(6) as usize]),
            1 => path.push_str(&format!("{:x}", draw(1 << 31))),
            2 => path.push_str(&draw(1_000_000).to_string()),
            _ => path.extend((0..4 + draw(9)).map(|_| char::from(b'a' + draw(26) as u8))),
        }
    }
    format!("{path}/{n:x}")
}

#[test]
fn a_known_endpoint_goes_on_learning_in_a_storm_of_made_up_paths() {
    let limits = PathLimits {
        samples_max: 800,
        templates_max: 200,
        nodes_max: 3_000,
        samples_per_template_max: 64,
        ..PathLimits::default()
    };
    let mut learner = PathLearner::new(limits.clone());
    for n in 0..200 {
        see(&mut learner, &format!("/known/shelf/{n}"));
    }
    learner.settle();
    learner.take_changes();
    let mut noise = 0x9e37_79b9_7f4a_7c15;
    for n in 1..15_000 {
        see(&mut learner, &junk(n, &mut noise));
        if n % 50 == 0 {
            let known = see(&mut learner, &format!("/known/shelf/{n}"));
            assert_eq!(known.as_str(), "/known/shelf/{id}", "after {n} paths");
        }
        for change in learner.take_changes() {
            let text = format!("{change:?}");
            assert!(!text.contains("/known/shelf/{id}"), "{n}: {text}");
        }
    }
    assert!(learner.state().samples() <= limits.samples_max);
    assert!(learner.tree().templates().count() <= limits.templates_max);
}

fn any_path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        "(users|posts|search|me|v1|settings|report)",
        "[0-9]{1,3}",
        "[0-9]{1,2}\\.json",
        "(report|list)\\.(json|csv|xml)",
        "[a-z]{3,8}",
        "[a-z]{3,5}@[0-9]",
        "\\PC{0,6}",
    ];
    prop::collection::vec(segment, 0..4)
        .prop_map(|parts| parts.iter().fold(String::new(), |path, part| path + "/" + part))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_restart_reproduces_templates_exactly(
        paths in prop::collection::vec(any_path(), 1..100),
        settled: bool,
    ) {
        let mut learner = learned(&paths);
        if settled {
            learner.settle();
        }
        let second = restarted(&learner);
        prop_assert_eq!(templates(&second), templates(&learner));
        for path in &paths {
            prop_assert_eq!(template(&second, path), template(&learner, path), "{}", path);
        }
        prop_assert_eq!(templates(&restarted(&second)), templates(&learner));
    }
}
