//! The console in a real browser: what people click, and what the double does then.
//!
//! Pages are asked, not waited for: `until` looks anew whenever the page changes. With
//! `CONSOLE_PICTURES` naming a folder, the pictures of the documentation are made on the way.

mod forms;
mod load;

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::double::Double;

/// Pages and the word that stands above each.
const PAGES: [(&str, &str); 7] = [
    ("", "Overview"),
    ("endpoints", "Endpoints"),
    ("traffic", "Traffic"),
    ("chaos", "Chaos"),
    ("overrides", "Overrides"),
    ("world", "World"),
    ("settings", "Settings"),
];

/// What opens over a page or in its place, beside the pages themselves.
const DIALOGS: [(&str, &str, &str); 6] = [
    ("chaos", "Chaos", "await click('button', 'New rule'); await find('dialog[open] legend');"),
    ("chaos", "Chaos", "await click('button', 'Start'); await find('dialog[open] legend');"),
    (
        "overrides",
        "Overrides",
        "await click('button', 'New override'); await find('dialog[open]');",
    ),
    ("world", "World", "await click('button', 'Load a fixture'); await find('dialog[open]');"),
    ("traffic", "Traffic", "await click('.vbody .vrow'); await find('dialog[open] pre');"),
    ("endpoints", "Endpoints", "await click('button', 'Tree'); await find('.twist');"),
];

/// Helpers for scripts in the page.
const TOOLS: &str = r"
    const all = (selector, text) => [...document.querySelectorAll(selector)]
        .filter(one => text === undefined || one.textContent.trim().startsWith(text));
    const until = (what, holds) => new Promise((done, failed) => {
        const late = setTimeout(
            () => failed(new Error(`not in time: ${what}: ${document.body.innerText}`)), 60000);
        const look = () => {
            let found;
            try { found = holds(); } catch { found = undefined; }
            if (found) { clearTimeout(late); watcher.disconnect(); done(found); }
        };
        const watcher = new MutationObserver(look);
        watcher.observe(document, { subtree: true, childList: true, characterData: true,
            attributes: true });
        look();
    });
    const find = (selector, text) => until(`${selector} ${text ?? ''}`,
        () => all(selector, text)[0]);
    const click = async (selector, text) => (await find(selector, text)).click();
    const fill = async (label, value) => {
        const named = await find('label', label);
        const field = document.getElementById(named.htmlFor);
        const kind = Object.getPrototypeOf(field);
        Object.getOwnPropertyDescriptor(kind, 'value').set.call(field, value);
        field.dispatchEvent(new Event('input', { bubbles: true }));
        field.dispatchEvent(new Event('change', { bubbles: true }));
    };
    const page = async (path, title) => {
        location.hash = `#/${path}`;
        await find('h1', title);
    };
";

fn run(browser: &Browser, script: &str, given: &[Value]) -> Value {
    browser.run(&format!("{TOOLS}{script}"), given)
}

/// A double with something to see, and a browser that has its console open.
fn opened() -> (Double, Browser) {
    let double = Double::in_front_of_demo();
    double.learn_demo(400);
    let browser = Browser::start();
    browser.open(&format!("http://{}/admin/", double.admin_addr));
    (double, browser)
}

/// Puts on the board what the pictures show.
fn furnish(double: &Double) {
    let rule = json!({"name": "checkout is flaky", "owner": "web-team", "reason": "retry test",
        "probability": 0.3, "ttl_s": 3600, "scope": {"paths": ["/orders/**"], "session": "ci-42"},
        "faults": [{"type": "status", "status": 503},
            {"type": "latency", "distribution": {"type": "fixed", "ms": 20}}]});
    assert_eq!(double.admin_json("POST", "/chaos/rules", &rule).status, 201);
    let said = json!({"name": "user 7 is gone", "owner": "web-team",
        "match": {"methods": ["GET"], "paths": ["/users/7"]},
        "answer": {"type": "exactly", "status": 410, "json": {"error": "gone"}}});
    assert_eq!(double.admin_json("POST", "/overrides", &said).status, 201);
    let near = json!({"name": "mobile sees an empty list",
        "match": {"paths": ["/users"], "headers": [{"name": "x-team", "equals": "mobile"}]},
        "answer": {"type": "changed", "merge_patch": {"items": []}}});
    assert_eq!(double.admin_json("POST", "/overrides", &near).status, 201);
    for n in 0..40 {
        double.mock_with(&format!("/orders/{n}"), &[("x-mock-session", "ci-42")]);
        double.mock_with(&format!("/users/{}", n % 9), &[("x-mock-session", "ana")]);
    }
    double.mock("/users");
    // A few seconds of traffic, so that the page has counted some of it.
    for n in 0..30 {
        let path = ["/users/3", "/products", "/articles", "/orders/4", "/users/7"][n % 5];
        if n % 3 == 0 {
            double.get(path);
        } else {
            double.mock_with(path, &[("x-mock-session", ["ana", "ci-42"][n % 2])]);
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

/// Nothing that axe calls serious keeps anybody from what the page shows now.
fn check_access(browser: &Browser, what: &str) {
    let axe = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("console/node_modules/axe-core/axe.min.js"),
    )
    .expect("the tools of the console are installed: npm ci --prefix console");
    let check = format!(
        "{axe}; const found = await axe.run(document, {{ runOnly: ['wcag2a', 'wcag2aa'] }});
         return found.violations.filter(one => ['serious', 'critical'].includes(one.impact))
            .map(one => `${{one.id}}: ${{one.nodes.map(node => node.html).slice(0, 3)}}`);"
    );
    assert_eq!(run(browser, &check, &[]), json!([]), "{what}");
}

/// Keeps what the window shows, where somebody wants it.
fn keep_picture(browser: &Browser, name: &str) {
    let picture = browser.picture();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 5_000, "{name}");
    if let Some(folder) = std::env::var_os("CONSOLE_PICTURES") {
        let path = std::path::Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(path, picture).expect("written");
    }
}

#[test]
fn every_page_opens_in_light_dark_and_on_a_phone_without_a_complaint() {
    let (double, browser) = opened();
    furnish(&double);
    let id = double.endpoint_id("GET /users/{id}");
    let detail = format!("endpoints/{id}");
    for (look, theme, (width, height)) in [
        ("light", "light", (1280, 1080)),
        ("dark", "dark", (1280, 1080)),
        ("phone", "light", (390, 844)),
    ] {
        browser.resize(width, height);
        if look == "phone" {
            browser.hide_scroll_bars();
        }
        let set = "document.documentElement.dataset.theme = given[0];";
        run(&browser, set, &[json!(theme)]);
        for (path, title) in PAGES.iter().chain(&[(detail.as_str(), "Endpoint")]) {
            run(&browser, "await page(given[0], given[1]);", &[json!(path), json!(title)]);
            let settled = "await until('data', () => !all('.loading').length && all('.card').length);
                await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
                return document.documentElement.scrollWidth <= window.innerWidth;";
            let fits = run(&browser, settled, &[]);
            assert_eq!(fits, json!(true), "{title} on {look} is wider than its window");
            check_access(&browser, &format!("{title} on {look}"));
            let name = if *path == detail { "endpoint" } else { path };
            let name = if name.is_empty() { "overview" } else { name };
            keep_picture(&browser, &format!("{name}-{look}"));
        }
    }
    for (path, title, opens) in DIALOGS {
        run(
            &browser,
            "await page('', 'Overview'); await page(given[0], given[1]);",
            &[json!(path), json!(title)],
        );
        run(&browser, opens, &[]);
        check_access(&browser, &format!("{title}, {opens}"));
        run(&browser, "all('dialog[open]').forEach(dialog => dialog.close());", &[]);
    }
    let loaded =
        "return performance.getEntriesByType('resource').map(one => new URL(one.name).host)
        .filter(host => host !== location.host);";
    assert_eq!(run(&browser, loaded, &[]), json!([]), "another host was asked");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_mode_is_switched_by_a_click_and_traffic_shows_it() {
    let (double, browser) = opened();
    run(&browser, "await page('traffic', 'Traffic'); await find('.vtable');", &[]);
    double.get("/users/3");
    let seen = "await until(given[0], () => all('.vbody .vrow')
        .some(row => row.textContent.includes('/users/3') && row.textContent.includes(given[0])));";
    run(&browser, seen, &[json!("upstream")]);
    run(
        &browser,
        "await page('', 'Overview'); await click('.mode[data-mode=mock]');
        await find('.mode[data-mode=mock][aria-checked=true]');",
        &[],
    );
    assert_eq!(double.get("/users/3").get("x-mock-source"), Some("mock"));
    run(&browser, "await page('traffic', 'Traffic');", &[]);
    run(&browser, seen, &[json!("mock")]);
}

#[test]
fn a_chaos_rule_made_by_clicking_hits_its_session_alone() {
    let (double, browser) = opened();
    let make = "await page('chaos', 'Chaos'); await click('button', 'New rule');
        await fill('Name', 'made by hand'); await fill('Session', 'hit-me');
        await click('button', 'Who would be hit?'); await find('.preview p');
        await find('label', 'status'); await fill('status', '599');
        await click('dialog button[type=submit]'); await find('.rule strong', 'made by hand');";
    run(&browser, make, &[]);
    let status =
        |session: &str| double.mock_with("/users/3", &[("x-mock-session", session)]).status;
    assert_eq!(status("hit-me"), 599);
    assert_ne!(status("other"), 599);
    run(
        &browser,
        "await click('button', 'Stop all');
        await until('stopped', () => all('.rule .tag', 'stopped')[0]);",
        &[],
    );
    assert_ne!(status("hit-me"), 599);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_override_made_of_an_exchange_answers_the_next_request() {
    let (double, browser) = opened();
    double.mock("/users/5");
    let make = "await page('traffic', 'Traffic');
        (await until('the exchange', () => all('.vbody .vrow')
            .find(row => row.textContent.includes('/users/5')))).click();
        await click('dialog a', 'Make an override of this'); await find('h1', 'Overrides');
        await fill('Answer', given[0]); await click('dialog button[type=submit]');
        await find('.rule strong', 'GET /users/5');";
    let answer = json!({"type": "exactly", "status": 418, "json": {"by": "hand"}}).to_string();
    run(&browser, make, &[json!(answer)]);
    let got = double.mock("/users/5");
    assert_eq!((got.status, got.get("x-mock-source")), (418, Some("override")));
    assert_eq!(got.json(), json!({"by": "hand"}));
    assert_ne!(double.mock("/users/6").status, 418);
    // A mistake is told at its field, and what was written stays.
    let wrong = "await click('button', 'New override'); await fill('Name', 'wrong');
        await fill('Answer', '{\"type\": \"exactly\", \"status\": 9}');
        await click('dialog button[type=submit]');
        return (await find('.failure code')).textContent;";
    assert_eq!(run(&browser, wrong, &[]), json!("answer.status"));
}

#[test]
fn with_a_token_the_page_asks_for_it_and_keeps_it_for_the_tab() {
    let double = Double::with(&["--admin-token", "geheim"]).start();
    let browser = Browser::start();
    let url = format!("http://{}/admin/", double.admin_addr);
    browser.open(&url);
    let enter = "await find('h1', 'Log in'); await fill('Admin token', given[0]);
        await click('button[type=submit]');";
    run(&browser, enter, &[json!("wrong")]);
    run(&browser, "await find('.failure');", &[]);
    check_access(&browser, "the login");
    run(&browser, enter, &[json!("geheim")]);
    run(&browser, "await find('h1', 'Overview'); await find('.connection.good');", &[]);
    browser.open(&url);
    run(&browser, "await find('h1', 'Overview');", &[]);
    let kept =
        "return [Object.values(sessionStorage), Object.values(localStorage), document.cookie];";
    let kept = run(&browser, kept, &[]);
    assert!(kept[0].to_string().contains("geheim"), "{kept}");
    assert!(!kept[1].to_string().contains("geheim") && kept[2] == "", "{kept}");
}

/// The page's types are made of this file (`npm run types`).
#[test]
fn the_page_is_typed_by_the_description_of_the_api() {
    let double = Double::in_front_of_demo();
    let description = double.admin("GET", "/openapi.json").json();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("console/openapi.json");
    if std::env::var_os("CONSOLE_DESCRIPTION").is_some_and(|order| order == "write") {
        let text = serde_json::to_string_pretty(&description).expect("JSON") + "\n";
        std::fs::write(&path, text).expect("written");
    }
    let known = std::fs::read(&path).expect("console/openapi.json");
    let known: Value = serde_json::from_slice(&known).expect("JSON");
    assert!(
        known == description,
        "the API has changed: CONSOLE_DESCRIPTION=write cargo test --test it the_page_is_typed, \
         then npm run --prefix console types && npm run --prefix console build"
    );
}

#[test]
fn the_page_says_what_it_may_load_and_is_found_from_any_prefix() {
    for prefix in ["/admin", "/_double/ops"] {
        let double = Double::with(&["--admin-prefix", prefix, "--admin-token", "t"]).start();
        let entry = double.get(prefix);
        let last = prefix.rsplit('/').next().expect("a name");
        assert_eq!((entry.status, entry.get("location")), (308, Some(format!("{last}/").as_str())));
        let page = double.get(&format!("{prefix}/"));
        assert_eq!(
            (page.status, page.get("content-type")),
            (200, Some("text/html; charset=utf-8"))
        );
        let policy = page.get("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        for file in ["console.js", "console.css"] {
            assert!(page.text().contains(&format!("./assets/{file}")));
            assert_eq!(double.get(&format!("{prefix}/assets/{file}")).status, 200);
        }
        assert_eq!(double.get(&format!("{prefix}/assets/none.js")).status, 404);
        assert_eq!(double.get(&format!("{prefix}/endpoints")).status, 401);
    }
}
