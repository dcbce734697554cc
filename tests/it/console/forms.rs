//! The forms of the console: what is entered or clicked is what the double does then.

use serde_json::{Value, json};

use super::{opened, run};
use crate::support::browser::Browser;
use crate::support::double::Double;
use crate::support::notes::{TOKEN, learned, notes, send};

/// Chooses what a select offers.
const CHOOSE: &str = "
    const choose = async (label, value) => {
        const field = document.querySelector(`select[aria-label='${label}']`)
            ?? document.getElementById((await find('label', label)).htmlFor);
        field.value = value;
        field.dispatchEvent(new Event('change', { bubbles: true }));
    };";

fn do_here(browser: &Browser, script: &str, given: &[Value]) -> Value {
    run(browser, &format!("{CHOOSE} {script}"), given)
}

#[test]
fn an_endpoint_is_looked_at_tried_switched_pinned_and_forgotten() {
    let (double, browser) = opened();
    double.mock("/users/3");
    let id = double.endpoint_id("GET /users/{id}");
    let shown = do_here(
        &browser,
        "await page('endpoints/' + given[0], 'Endpoint');
        await find('h2', 'Latency, learned and answered'); await find('h2', 'Reasons');
        await find('.rule, .empty-title'); await find('h2', 'Fidelity');
        await find('.endpoint-name', 'GET /users/{id}');
        await click('button', 'Sample'); await find('h3', 'Sample'); await find('h3', 'Newest real answer');
        await click('button', 'Ask the double'); await find('h3', 'Answer');
        return all('.schema code').map(one => one.textContent);",
        &[json!(id)],
    );
    assert!(shown.to_string().contains("email"), "the schema is a tree of members: {shown}");
    do_here(&browser, "await choose('Mode', 'mock');", &[]);
    let source = |path: &str| double.get(path).get("x-mock-source").map(str::to_owned);
    let switched =
        "await until('switched', () => all('select').some(one => one.value === given[0]));";
    do_here(&browser, switched, &[json!("mock")]);
    let detail = || double.admin("GET", &format!("/endpoints/{id}")).json();
    until(|| detail()["mode"] == "mock");
    assert_eq!(source("/users/3").as_deref(), Some("mock"));
    do_here(&browser, "await click('label', 'learn');", &[]);
    until(|| detail()["learn"] == false);
    // What would fold is told before it does.
    let preview = do_here(
        &browser,
        "await fill('Template', '/{kind}/{id}'); await click('button', 'What would fold?');
        await find('h3', 'Would be folded into it');
        return all('.preview .lines li').map(one => one.textContent);",
        &[],
    );
    assert!(preview.to_string().contains("GET /users/{id}"), "{preview}");
    assert_eq!(double.admin("GET", "/templates").json()["total"], 0);
    do_here(
        &browser,
        "await fill('Template', '/users/{user}'); await click('button', 'Pin');
        await find('.notice', '/users/{user} is pinned');",
        &[],
    );
    assert_eq!(double.admin("GET", "/templates").json()["items"][0]["path"], "/users/{user}");
    do_here(
        &browser,
        "window.confirm = () => true; await page('endpoints', 'Endpoints');
        await fill('Search endpoints', 'GET /users/{user}'); await click('.vbody .vrow', 'GET /users/{user}');
        await find('.endpoint-name', 'GET /users/{user}'); await click('button', 'Forget');
        await find('h1', 'Endpoints');",
        &[],
    );
    until(|| double.admin("GET", &format!("/endpoints/{id}")).status == 404);
    // What the page was still loading of it when it was forgotten is not there, and nothing else.
    let told = browser.complaints();
    assert!(told.iter().all(|one| one.contains("/endpoints/") && one.contains("404")), "{told:?}");
}

/// Looks until it holds, as a page that has just asked for it needs a moment.
fn until(holds: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !holds() {
        assert!(began.elapsed().as_secs() < 30, "not in time");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn templates_are_seen_as_a_tree_that_opens() {
    let (_double, browser) = opened();
    let shown = do_here(
        &browser,
        "await page('endpoints', 'Endpoints'); await click('button', 'Tree');
        await find('.vrow', '▾/articles, open');
        const count = () => Number(document.querySelector('.vtable').getAttribute('aria-rowcount'));
        const before = count();
        await click('.vrow', '▾/articles, open'); await find('.vrow', '▸/articles, closed');
        const closed = count();
        await click('.vrow', '▸/articles, closed'); await find('.vrow', '▾/articles, open');
        (await until('a leaf', () => all('.vbody .vrow').find(row => row.textContent.startsWith('GET'))))
            .click();
        await find('h1', 'Endpoint');
        return before > closed;",
        &[],
    );
    assert_eq!(shown, json!(true));
}

#[test]
fn reasons_show_their_evidence_and_heed_a_person() {
    let double = learned(&notes());
    let browser = Browser::start();
    browser.open(&format!("http://{}/admin/", double.admin_addr));
    let id = double.endpoint_id("GET /notes/{id}");
    let told = do_here(
        &browser,
        "await page('endpoints/' + given[0], 'Endpoint');
        const reason = await find('.rule', 'entity unknown → 404');
        return reason.textContent;",
        &[json!(id)],
    );
    let told = told.as_str().expect("a text");
    assert!(told.contains("exchanges for it") && told.contains("404 × "), "{told}");
    do_here(&browser, "await choose('What entity unknown does', 'forbid');", &[]);
    let path = format!("/endpoints/{id}/reasons?per_page=500");
    until(|| {
        let list = double.admin("GET", &path).json();
        let found = list["items"].as_array().expect("items").iter();
        found.clone().any(|one| one["reason"] == "entity-unknown" && one["state"] == "forbidden")
    });
    let headers = [("x-mock-enabled", "true"), ("authorization", TOKEN)];
    let answer = send(&double, ("GET", "/notes/9000"), &Value::Null, &headers);
    assert_ne!(answer.get("x-mock-reason"), Some("entity-unknown"));
}

#[test]
fn a_fixture_is_loaded_and_read_by_its_session_and_resources_are_corrected() {
    let double = learned(&notes());
    let browser = Browser::start();
    browser.open(&format!("http://{}/admin/", double.admin_addr));
    let fixture = json!({"entities": {"/notes": [{"id": 901, "title": "by hand", "done": true}]}});
    do_here(
        &browser,
        "await page('world', 'World'); await click('button', 'Load a fixture');
        await fill('Session', 'shop'); await fill('Fixture', given[0]);
        await click('dialog button[type=submit]'); await find('.lines strong', 'shop');
        await click('button', 'Entities'); await find('dialog pre', '{');",
        &[json!(fixture.to_string())],
    );
    let ask = |session: &str| {
        let headers =
            [("x-mock-enabled", "true"), ("x-mock-session", session), ("authorization", TOKEN)];
        send(&double, ("GET", "/notes/901"), &Value::Null, &headers)
    };
    assert_eq!(ask("shop").json()["title"], "by hand");
    assert_ne!(ask("other").status, 200);
    let found = double.admin("GET", "/resources").json();
    let resource = &found["items"][0];
    let path = resource["path"].as_str().expect("a path").to_owned();
    do_here(
        &browser,
        "all('dialog[open]').forEach(one => one.close());
        await find('h2', 'Resources'); await find('.rule strong', given[0]);
        await choose('What becomes of ' + given[0], 'off');",
        &[json!(path)],
    );
    until(|| double.admin("GET", "/resources").json()["items"][0]["state"] == "off");
    // A fixture that is none is refused, and what was written stays.
    let told = do_here(
        &browser,
        "await click('button', 'Load a fixture'); await fill('Session', 'odd');
        await fill('Fixture', '{\"entities\": 7}'); await click('dialog button[type=submit]');
        return (await find('dialog .failure')).textContent;",
        &[],
    );
    assert!(told.as_str().is_some_and(|told| told.contains("entities")), "{told}");
}

#[test]
fn a_profile_is_started_for_one_session_from_its_form() {
    let (double, browser) = opened();
    do_here(
        &browser,
        "await page('chaos', 'Chaos');
        (await until('the profile', () => all('.lines li').find(one => one.textContent.includes('database-down'))))
            .querySelector('button').click();
        await find('h2', 'Start database-down'); await fill('Session', 'p1');
        await click('button', 'Who would be hit?'); await find('.preview p');
        await click('dialog button[type=submit]'); await find('.rule .state-active');",
        &[],
    );
    let rules = double.admin("GET", "/chaos/rules").json();
    let rules = rules["items"].as_array().expect("rules").clone();
    assert!(!rules.is_empty() && rules.iter().all(|rule| rule["scope"]["session"] == "p1"));
    // One rule is stopped by itself.
    do_here(&browser, "await page('', 'Overview'); await click('.lines button', 'Stop');", &[]);
    until(|| double.admin("GET", "/chaos/rules").json()["items"][0]["state"] != "active");
}

#[test]
fn settings_say_who_set_them_and_since_when_backends_and_drift_are_shown() {
    let (double, browser) = opened();
    let told = do_here(
        &browser,
        "await page('settings', 'Settings'); await find('.hint', 'as the start said');
        await fill('Factor on simulated latency', '0.5');
        await find('.hint', '0 answers at once; set by 127.0.0.1');
        await choose('Mode', 'failover'); await find('.hint', 'set by 127.0.0.1');
        await fill('Name of the baseline', 'today'); await click('button', 'Keep what is known now');
        await find('.lines strong', 'today'); await click('button', 'What changed?');
        await find('h3', 'Since today');
        return (await until('the backends', () => all('.lines li').find(one => one.textContent.startsWith('default')))).textContent;",
        &[],
    );
    let told = told.as_str().expect("a text");
    assert!(told.contains("up") && told.contains("endpoints"), "{told}");
    let settings = double.admin("GET", "/settings").json();
    assert_eq!((&settings["mode"], &settings["latency_scale"]), (&json!("failover"), &json!(0.5)));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_empty_double_says_what_to_do_first_and_a_target_that_nobody_set() {
    let double = Double::without_target();
    let browser = Browser::start();
    browser.open(&format!("http://{}/admin/", double.admin_addr));
    let told = do_here(
        &browser,
        "await find('h2', 'First steps'); await find('.copy pre', 'curl ');
        return (await find('.notice')).textContent;",
        &[],
    );
    let told = told.as_str().expect("a text");
    assert!(told.contains("--target") && told.contains("demo"), "{told}");
    super::check_access(&browser, "an empty double");
}

#[test]
fn traffic_is_filtered_by_what_one_looks_for() {
    let (double, browser) = opened();
    double.mock_with("/users/3", &[("x-mock-session", "ana")]);
    double.get("/products");
    for (label, value, expected) in [
        ("Method, path or template", "GET /users/{id}", "/users/"),
        ("Who answered", "mock", "mock"),
        ("Session", "ana", "ana"),
        ("Status", "2xx", "2"),
    ] {
        let rows = do_here(
            &browser,
            "await page('', 'Overview'); await page('traffic', 'Traffic'); await find('.vbody .vrow');
            if (given[0] === 'Who answered') await choose(given[0], given[1]);
            else await fill(given[0], given[1]);
            await until('filtered', () => all('.vbody .vrow').length
                && all('.vbody .vrow').every(row => row.textContent.includes(given[2])));
            return all('.vbody .vrow').length;",
            &[json!(label), json!(value), json!(expected)],
        );
        assert!(rows.as_u64() >= Some(1), "{label}");
    }
}
