use super::*;
use crate::domain::body::BodyKind;
use crate::domain::random::seed::hash_text;

type Lines = Vec<(String, String)>;

/// Learns `count` answers, each made by `answer` from its number.
fn learn(count: u64, answer: impl Fn(u64) -> Lines) -> HeaderModel {
    learn_from(count, |_| Vec::new(), answer)
}

fn learn_from(
    count: u64,
    request: impl Fn(u64) -> Lines,
    answer: impl Fn(u64) -> Lines,
) -> HeaderModel {
    let mut model = HeaderModel::default();
    for at in 0..count {
        observe(&mut model, &request(at), &answer(at), at_ms(at));
    }
    model
}

/// Half a second between two answers, from a day in 2026 on.
fn at_ms(at: u64) -> i64 {
    1_795_000_000_000 + at as i64 * 500
}

fn borrowed(lines: &Lines) -> Vec<(&str, &[u8])> {
    lines.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

fn observe(model: &mut HeaderModel, request: &Lines, answer: &Lines, at_ms: i64) {
    let request = borrowed(request);
    let request = RequestView { path: "/v1/orders", headers: &request, ..Default::default() };
    model.observe(&borrowed(answer), &request, at_ms, &HeaderLimits::default());
}

fn lines(pairs: &[(&str, &str)]) -> Lines {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn draw_with(model: &HeaderModel, context: &HeaderContext<'_>) -> Lines {
    draw_for(model, &RequestView::default(), context)
}

fn draw_for(model: &HeaderModel, request: &RequestView<'_>, context: &HeaderContext<'_>) -> Lines {
    let program = model.compile();
    let mut out = Vec::new();
    program.draw(request, context, &mut out);
    let text = |value: &HeaderText<'_>| String::from_utf8(value.as_bytes().to_vec()).unwrap();
    out.iter().map(|line| (line.name.to_owned(), text(&line.value))).collect()
}

/// The values of one header over a thousand answers.
fn draws(model: &HeaderModel, name: &str) -> Vec<Vec<String>> {
    (0..1_000)
        .map(|seed| {
            let context =
                HeaderContext { seed, now_ms: at_ms(5_000), sequence: seed, ..Default::default() };
            let drawn = draw_with(model, &context);
            drawn.into_iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect()
        })
        .collect()
}

fn kind_of(model: &HeaderModel, name: &str) -> &'static str {
    model.describe().iter().find(|header| header.name == name).map_or("absent", |h| h.kind)
}

fn hex(at: u64) -> String {
    format!("{:016x}{:016x}", hash_text(&at.to_le_bytes()), hash_text(&(!at).to_le_bytes()))
}

fn uuid(at: u64) -> String {
    let hex = hex(at);
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

#[test]
fn constants_are_drawn_as_learned_and_framing_is_not() {
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("server", "nginx/1.25.3"),
        ("content-length", "7"),
        ("transfer-encoding", "chunked"),
        ("content-encoding", "gzip"),
        ("date", "Sun, 22 Nov 2026 10:00:00 GMT"),
        ("connection", "keep-alive"),
    ];
    let model = learn(10, |_| lines(&headers));
    let drawn = draw_with(&model, &HeaderContext::default());
    assert_eq!(drawn, lines(&headers[..2]));
    assert_eq!(kind_of(&model, "server"), "constant");
}

#[test]
fn a_content_type_is_known_from_the_first_answer() {
    let model = learn(1, |_| lines(&[("content-type", "application/problem+json")]));
    let drawn = draw_with(&model, &HeaderContext::default());
    assert_eq!(drawn, lines(&[("content-type", "application/problem+json")]));
}

#[test]
fn vocabularies_keep_their_shares() {
    let model =
        learn(1_000, |at| lines(&[("x-cache", ["MISS", "HIT", "HIT", "HIT"][at as usize % 4])]));
    assert_eq!(kind_of(&model, "x-cache"), "vocabulary");
    let hits = draws(&model, "x-cache").iter().filter(|values| values[0] == "HIT").count();
    // Three standard deviations of 1,000 draws are 41.
    assert!(hits.abs_diff(750) < 42, "{hits}");
}

#[test]
fn headers_that_come_together_are_drawn_together() {
    let model = learn(1_000, |at| match at % 10 {
        0..3 => lines(&[("x-cache", "HIT"), ("age", "7")]),
        3..9 => lines(&[("x-cache", "MISS")]),
        _ => lines(&[("server", "origin")]),
    });
    let mut aged = 0;
    for seed in 0..1_000 {
        let drawn = draw_with(&model, &HeaderContext { seed, ..Default::default() });
        let has = |name: &str| drawn.iter().any(|(other, _)| other == name);
        assert!(!has("age") || has("x-cache"));
        assert_ne!(has("server"), has("x-cache"));
        aged += u32::from(has("age"));
    }
    assert!(aged.abs_diff(300) < 44, "{aged}");
}

#[test]
fn repeated_lines_stay_repeated_and_in_order() {
    let headers = [("vary", "Origin"), ("x-a", "1"), ("vary", "Accept-Encoding")];
    let model = learn(10, |_| lines(&headers));
    let drawn = draw_with(&model, &HeaderContext::default());
    assert_eq!(drawn, lines(&[("vary", "Origin"), ("vary", "Accept-Encoding"), ("x-a", "1")]));
}

#[test]
fn request_ids_are_new_each_time_and_never_one_that_was_seen() {
    let model = learn(200, |at| lines(&[("x-request-id", &uuid(at)), ("x-trace", &hex(at))]));
    let seen: Vec<String> = (0..200).flat_map(|at| [uuid(at), hex(at)]).collect();
    for name in ["x-request-id", "x-trace"] {
        assert_eq!(kind_of(&model, name), "pattern");
        let mut drawn: Vec<String> = draws(&model, name).concat();
        assert!(drawn.iter().all(|id| !seen.contains(id) && id.len() == seen_length(name)));
        drawn.sort();
        drawn.dedup();
        assert_eq!(drawn.len(), 1_000);
    }
    let stored = serde_json::to_string(&model).unwrap();
    assert!(seen.iter().all(|id| !stored.contains(&id[..8])));
}

fn seen_length(name: &str) -> usize {
    if name == "x-request-id" { 36 } else { 32 }
}

#[test]
fn request_ids_that_were_repeated_are_repeated() {
    let request = |at| lines(&[("x-request-id", &uuid(at))]);
    let model = learn_from(50, request, |at| lines(&[("x-request-id", &uuid(at))]));
    assert_eq!(kind_of(&model, "x-request-id"), "echo");
    let headers: [(&str, &[u8]); 1] = [("x-request-id", b"mine")];
    let request = RequestView { path: "/", headers: &headers, ..Default::default() };
    let drawn = draw_for(&model, &request, &HeaderContext::default());
    assert_eq!(drawn, lines(&[("x-request-id", "mine")]));
}

/// Answers of a backend that allows these origins and no others.
fn cors(origins: &[&str], allowed: impl Fn(&str) -> bool) -> HeaderModel {
    let origin = |at: u64| origins[at as usize % (origins.len() + 1) % origins.len()].to_owned();
    learn_from(
        60,
        |at| if at % 3 == 0 { Vec::new() } else { lines(&[("origin", &origin(at))]) },
        |at| match origin(at) {
            origin if at % 3 != 0 && allowed(&origin) => lines(&[
                ("access-control-allow-origin", &origin),
                ("access-control-allow-credentials", "true"),
                ("vary", "Origin"),
            ]),
            _ => lines(&[("vary", "Origin")]),
        },
    )
}

fn allowed_origin(model: &HeaderModel, origin: Option<&str>) -> Option<String> {
    let headers: Vec<(&str, &[u8])> =
        origin.map(|o| ("origin", o.as_bytes())).into_iter().collect();
    let request = RequestView { path: "/", headers: &headers, ..Default::default() };
    let drawn = draw_for(model, &request, &HeaderContext::default());
    let found = drawn.into_iter().find(|(name, _)| name == "access-control-allow-origin");
    found.map(|(_, value)| value)
}

#[test]
fn any_origin_is_reflected_where_every_origin_was() {
    let model = cors(&["https://a.test", "https://b.test"], |_| true);
    for origin in ["https://a.test", "https://never-seen.test"] {
        assert_eq!(allowed_origin(&model, Some(origin)).as_deref(), Some(origin));
    }
    assert_eq!(allowed_origin(&model, None), None);
}

#[test]
fn a_wildcard_origin_stays_a_wildcard() {
    let model = learn(5, |_| lines(&[("access-control-allow-origin", "*")]));
    assert_eq!(allowed_origin(&model, Some("https://a.test")).as_deref(), Some("*"));
}

#[test]
fn dates_move_with_the_clock() {
    let model = learn(50, |at| {
        let mut date = Vec::new();
        clock::write_http_date(at_ms(at) + 3_600_000, &mut date);
        lines(&[("expires", std::str::from_utf8(&date).unwrap())])
    });
    assert_eq!(kind_of(&model, "expires"), "date");
    for drawn in draws(&model, "expires").concat() {
        let ahead_ms = clock::parse_http_date(&drawn).unwrap() - at_ms(5_000);
        assert!((3_598_000..=3_602_000).contains(&ahead_ms), "{drawn}");
    }
}

#[test]
fn a_date_that_stands_still_is_kept() {
    let headers = [("expires", "Thu, 01 Jan 1970 00:00:00 GMT")];
    let model = learn(50, |_| lines(&headers));
    assert_eq!(draws(&model, "expires")[0], [headers[0].1]);
}

#[test]
fn quotas_count_down_and_their_window_ends_ahead() {
    let model = learn(200, |at| {
        let reset = at_ms(at) / 60_000 * 60 + 60;
        lines(&[
            ("x-ratelimit-limit", "60"),
            ("x-ratelimit-remaining", &(59 - at % 60).to_string()),
            ("x-ratelimit-reset", &reset.to_string()),
        ])
    });
    assert_eq!(kind_of(&model, "x-ratelimit-remaining"), "countdown");
    assert_eq!(kind_of(&model, "x-ratelimit-reset"), "time");
    let remaining: Vec<u64> = draws(&model, "x-ratelimit-remaining")
        .concat()
        .iter()
        .map(|n| n.parse().unwrap())
        .collect();
    assert!(remaining.windows(2).all(|two| two[1] + 1 == two[0] || (two[0] == 0 && two[1] == 59)));
    for reset in draws(&model, "x-ratelimit-reset").concat() {
        let ahead_s = reset.parse::<i64>().unwrap() - at_ms(5_000) / 1_000;
        assert!((0..=61).contains(&ahead_s), "{ahead_s}");
    }
    assert_eq!(draws(&model, "x-ratelimit-limit")[0], ["60"]);
}

#[test]
fn validators_change_exactly_with_the_body() {
    let model = learn(40, |at| lines(&[("etag", &format!("W/\"{}\"", &hex(at % 3)[..12]))]));
    assert_eq!(kind_of(&model, "etag"), "validator");
    let etag = |seed, body: &[u8]| {
        let context = HeaderContext { seed, body: Some(body), ..Default::default() };
        draw_with(&model, &context)[0].1.clone()
    };
    assert_eq!(etag(1, b"7"), etag(2, b"7"));
    assert_ne!(etag(1, b"7"), etag(1, b"8"));
    assert!(etag(1, b"7").starts_with("W/\"") && etag(1, b"7").len() == 16, "{}", etag(1, b"7"));
}

#[test]
fn the_location_of_what_was_created_names_its_id() {
    for origin in ["", "http://shop.test"] {
        let request = |_| lines(&[("host", "shop.test")]);
        let answer =
            |at: u64| lines(&[("location", &format!("{origin}/v1/orders/{}", 1_000 + at))]);
        let model = learn_from(30, request, answer);
        assert_eq!(kind_of(&model, "location"), "created");
        let headers: [(&str, &[u8]); 1] = [("host", b"localhost:8000")];
        let request =
            RequestView { path: "/v1/users/7/orders", headers: &headers, ..Default::default() };
        let context = HeaderContext { created_id: Some("81-x"), ..Default::default() };
        let host = if origin.is_empty() { "" } else { "http://localhost:8000" };
        let expected = format!("{host}/v1/users/7/orders/81-x");
        assert_eq!(draw_for(&model, &request, &context), lines(&[("location", &expected)]));
    }
}

#[test]
fn a_location_elsewhere_is_a_template() {
    let model = learn(30, |at| lines(&[("location", &format!("/jobs/{}/status", 5_000 + at))]));
    let context = HeaderContext { created_id: Some("77"), ..Default::default() };
    assert_eq!(draw_with(&model, &context), lines(&[("location", "/jobs/77/status")]));
}

#[test]
fn cookies_keep_names_and_attributes_and_make_up_values() {
    let model = learn(60, |at| {
        let mut headers = vec![(
            "set-cookie".to_owned(),
            format!("sid={}; Path=/; HttpOnly; SameSite=Lax", hex(at)),
        )];
        if at % 2 == 0 {
            headers.push(("set-cookie".to_owned(), format!("theme=dark{at}; Max-Age=3600")));
        }
        headers
    });
    assert_eq!(kind_of(&model, "set-cookie"), "cookies");
    let drawn = draws(&model, "set-cookie");
    let themed = drawn.iter().flatten().filter(|line| line.starts_with("theme=")).count();
    assert!(themed.abs_diff(500) < 50, "{themed}");
    for line in drawn.iter().flatten() {
        let (pair, attributes) = line.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        match name {
            "sid" => assert!(value.len() == 32 && attributes == " Path=/; HttpOnly; SameSite=Lax"),
            _ => assert!(attributes == " Max-Age=3600" && value.len() >= 4, "{line}"),
        }
        assert!((0..60).all(|at| value != hex(at)));
    }
}

#[test]
fn retry_after_is_drawn_from_its_seconds() {
    let model = learn(90, |at| lines(&[("retry-after", ["1", "5", "30"][at as usize % 3])]));
    assert!(draws(&model, "retry-after").iter().all(|v| ["1", "5", "30"].contains(&v[0].as_str())));
}

#[test]
fn no_canary_is_kept_wherever_it_comes() {
    let canary = |at: u64| format!("canary{}", &hex(at)[..20]);
    let model = learn(40, |at| {
        let canary = canary(at);
        lines(&[
            ("server", &canary),
            ("content-type", &format!("application/{canary}")),
            (&format!("x-{canary}"), "1"),
            ("x-user", &canary),
            ("x-plain", &format!("word {canary}@example.org")),
            ("set-cookie", &format!("{canary}=1; Path=/")),
            ("set-cookie", &format!("sid={canary}; Domain={canary}.test; Path=/{canary}")),
            ("location", &format!("/v1/orders/{canary}")),
            ("link", &format!("</x?cursor={canary}>; rel=\"next\"")),
            ("etag", &format!("\"{canary}\"")),
        ])
    });
    let stored = serde_json::to_string(&model).unwrap();
    let shown = serde_json::to_string(&model.describe()).unwrap();
    for at in 0..40 {
        assert!(!stored.contains(&canary(at)) && !shown.contains(&canary(at)));
        assert!(!stored.contains(&hex(at)[..20]), "{stored}");
        for seed in 0..20 {
            let drawn = draw_with(&model, &HeaderContext { seed, ..Default::default() });
            assert!(drawn.iter().all(|(_, value)| !value.contains(&canary(at))));
        }
    }
}

#[test]
fn secrets_that_never_change_are_not_kept_either() {
    let model = learn(100, |_| {
        lines(&[
            ("x-api-key", "letmein"),
            ("x-contact", "ann.smith@example.org"),
            ("x-account", "4111 1111 1111 1111"),
        ])
    });
    let stored = serde_json::to_string(&model).unwrap();
    for secret in ["letmein", "ann", "smith", "4111"] {
        assert!(!stored.contains(secret), "{secret} in {stored}");
    }
}

#[test]
fn merging_equals_having_seen_both() {
    let answer = |at: u64| {
        lines(&[
            ("server", "nginx"),
            ("x-cache", ["MISS", "HIT", "HIT", "HIT"][at as usize % 4]),
            ("x-request-id", &uuid(at)),
        ])
    };
    let both = learn(400, answer);
    let mut merged = learn(200, answer);
    let mut second = HeaderModel::default();
    for at in 200..400 {
        observe(&mut second, &Vec::new(), &answer(at), at_ms(at));
    }
    merged.merge(&second, &HeaderLimits::default());
    assert_eq!(merged.observations(), both.observations());
    let (merged, both) = (merged.describe(), both.describe());
    for (merged, both) in merged.iter().zip(&both) {
        assert_eq!((&merged.name, merged.kind), (&both.name, both.kind));
        assert!((merged.presence - both.presence).abs() < 0.01);
    }
}

#[test]
fn everything_stays_within_bounds() {
    let model = learn(3_000, |at| {
        lines(&[
            (&format!("x-{}", at % 500), &hex(at)),
            ("x-many", &hex(at).replace(['1', '2', 'a'], "-")),
            ("set-cookie", &format!("c{}={at}", at % 300)),
            ("link", &"a,".repeat(at as usize % 2_000)),
        ])
    });
    let stored = serde_json::to_string(&model).unwrap();
    assert!(stored.len() < 200_000, "{}", stored.len());
    assert!(model.fields.len() <= HeaderLimits::default().names_max);
}

#[test]
fn stored_models_draw_the_same_and_old_ones_are_read() {
    let model = learn(50, |at| lines(&[("server", "nginx"), ("x-request-id", &uuid(at))]));
    let stored = serde_json::to_string(&model).unwrap();
    let read: HeaderModel = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, model);
    let context = HeaderContext { seed: 3, ..Default::default() };
    assert_eq!(draw_with(&read, &context), draw_with(&model, &context));
    let sparse = r#"{"answers":3,"novelty":1,"fields":[{"name":"server","present":3}]}"#;
    assert_eq!(serde_json::from_str::<HeaderModel>(sparse).unwrap().observations(), 3);
}

#[test]
fn a_request_header_of_another_name_is_found_to_be_repeated() {
    let request = |at: u64| match at % 5 {
        // Whoever sends none gets an id of the backend's own.
        0 => lines(&[("accept", "*/*")]),
        _ => lines(&[("x-correlation-id", &hex(at)), ("accept", "*/*")]),
    };
    let answer =
        |at: u64| lines(&[("x-trace", &if at.is_multiple_of(5) { uuid(at) } else { hex(at) })]);
    let model = learn_from(50, request, answer);
    let described = model.describe();
    assert_eq!(
        (described[0].kind, described[0].pattern.as_deref()),
        ("echo", Some("x-correlation-id"))
    );
    let headers: [(&str, &[u8]); 1] = [("x-correlation-id", b"mine")];
    let request = RequestView { path: "/", headers: &headers, ..Default::default() };
    let drawn = draw_for(&model, &request, &HeaderContext::default());
    assert_eq!(drawn, lines(&[("x-trace", "mine")]));
    let drawn = draw_with(&model, &HeaderContext::default());
    assert_eq!(drawn.len(), 1, "an id of its own");
    let stored = serde_json::to_string(&model).unwrap();
    assert!((0..50).all(|at| !stored.contains(&hex(at)[..8])));
}

#[test]
fn what_is_sent_as_a_credential_is_not_even_compared() {
    let secret = |at: u64| format!("Bearer {}", hex(at));
    let both = |name: &'static str| move |at: u64| lines(&[(name, &secret(at))]);
    let model = learn_from(50, both("authorization"), both("x-seen"));
    assert_eq!(kind_of(&model, "x-seen"), "pattern");
    assert!(!serde_json::to_string(&model).unwrap().contains("found"));
}

#[test]
fn the_content_type_says_what_the_body_is() {
    let types = ["application/json", "text/html; charset=utf-8"];
    let model = learn(60, |at| lines(&[("content-type", types[at as usize % 2])]));
    for (kind, expected) in [(BodyKind::Json, types[0]), (BodyKind::Html, types[1])] {
        for seed in 0..20 {
            let representation = Representation { kind: Some(kind), ..Default::default() };
            let context = HeaderContext { seed, representation, ..Default::default() };
            assert_eq!(draw_with(&model, &context), lines(&[("content-type", expected)]));
        }
    }
}
