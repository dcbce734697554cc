use proptest::prelude::*;

use super::names::NAME_RULES;
use super::values::{TOKEN_RULES, VALUE_RULES};
use super::*;

#[test]
fn every_name_rule_hits_its_samples_and_spares_the_others() {
    for rule in NAME_RULES {
        for name in rule.matching {
            assert!(is_sensitive_name(name), "`{name}` should be sensitive");
        }
        for name in rule.other {
            assert!(!is_sensitive_name(name), "`{name}` should not be sensitive");
        }
    }
}

#[test]
fn every_value_rule_hits_its_samples_and_spares_the_others() {
    for rule in VALUE_RULES.iter().chain(TOKEN_RULES) {
        for value in rule.matching {
            assert!((rule.detect)(value.as_bytes()), "{}: `{value}` should match", rule.name);
            assert!(is_sensitive_value(value), "{}: `{value}` is skipped", rule.name);
        }
        for value in rule.other {
            assert!(!(rule.detect)(value.as_bytes()), "{}: `{value}` should not", rule.name);
        }
    }
}

#[test]
fn ordinary_values_are_no_secrets() {
    let ordinary = [
        "",
        "active",
        "EUR",
        "en-US",
        "application/json; charset=utf-8",
        "1.2.3-beta.4",
        "true",
        "no-cache, no-store, must-revalidate",
        "2026-11-22",
        "2026-11-22T10:20:30+01:00",
        "42",
        "Sun, 22 Nov 2026 10:20:30 GMT",
        "nginx/1.25.3",
        "https://example.org/users?page=2",
        "Hello, world",
        "3.14159",
        "eu-central-1a",
        "W/\"abc\"",
        "Ünïcödé Straße 5",
        "10.5 kg",
        "order_created",
        "ORDER_STATUS_PENDING_REVIEW",
        "#ff8800",
        "1,234,567.89",
        "-122.4194",
    ];
    for value in ordinary {
        let hit = VALUE_RULES.iter().find(|rule| (rule.detect)(value.as_bytes()));
        assert!(!is_sensitive_value(value), "`{value}` hits {:?}", hit.map(|rule| rule.name));
    }
}

#[test]
fn a_literal_needs_support_a_harmless_name_and_a_harmless_value() {
    let enough = Support { occurrences: 10, distinct: 3, total: 40 };
    let check = |name: &str, value: &str, support: Support, expected: bool| {
        assert_eq!(may_keep_literal(name, value, support), expected, "{name}={value} {support:?}");
    };
    check("state", "active", enough, true);
    check("password", "active", enough, false);
    check("state", "ann@example.org", enough, false);
    check("state", &"x".repeat(LITERAL_BYTES_MAX + 1), enough, false);
    check("state", "active", Support { occurrences: 1, ..enough }, false);
    check("state", "active", Support { distinct: 30, ..enough }, false);
}

#[test]
fn long_names_are_content() {
    assert!(is_sensitive_name(&"a".repeat(200)));
}

proptest! {
    #[test]
    fn detectors_take_any_text(text in "\\PC{0,80}") {
        let _ = (is_sensitive_name(&text), is_sensitive_value(&text));
    }

    #[test]
    fn detectors_take_any_separators(text in "[0-9@:+. ()/=-]{0,60}") {
        let _ = (is_sensitive_name(&text), is_sensitive_value(&text));
    }

    #[test]
    fn random_hashes_are_withheld(bytes in prop::array::uniform16(any::<u8>())) {
        let hash: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        // A hash of hardly any changes between letters and digits cannot be told from words and
        // numbers; of random ones it is one in millions.
        let digits: Vec<bool> = hash.bytes().map(|byte| byte.is_ascii_digit()).collect();
        prop_assume!(digits.windows(2).filter(|pair| pair[0] != pair[1]).count() >= 4);
        prop_assert!(is_sensitive_value(&hash));
    }

    #[test]
    fn secrets_are_found_within_text(before in "[a-z ]{0,20}", after in "[a-z ]{0,20}") {
        let text = format!("{before} ann@example.org {after}");
        prop_assert!(is_sensitive_value(&text));
        let text = format!("{before} 4111111111111111 {after}");
        prop_assert!(is_sensitive_value(&text));
    }
}

#[test]
fn an_asset_is_content_and_a_key_or_a_person_is_not() {
    let hash = "9f86d081884c7d659a2feaa0c55ad015";
    for value in [
        &format!("https://cdn.example.com/assets/{hash}.png"),
        &format!("/uploads/{hash}"),
        &format!("<iframe src=\"https://example.com/embed/{hash}\"></iframe>"),
        "http://localhost:3000/username391/the-moving-toyshop179-10fb",
        &format!("Look at https://img2.example.com/{hash}!"),
    ] {
        assert!(is_sensitive_value(value) && is_content(value), "{value}");
    }
    for value in [
        hash,
        &format!("https://example.com/reset?t={hash}"),
        &format!("https://example.com/reset/{hash}"),
        &format!("/d/{hash}"),
        &format!("https://cdn.example.com/private/{hash}.png"),
        &format!("https://cdn.example.com/{hash}.png?Expires=1790000000&Key-Pair-Id=APKA"),
        &format!("<a href=\"https://example.com/d/{hash}\">yours</a>"),
        &format!("<p>{hash}</p>"),
        "wJalrXUtnFEMI/K7MDENG9/b1PxR2fiCY3EXAMPL4EKEY",
        "/mail/ann@example.org",
        "https://ann:pw@example.org/",
        "<p>+49 30 901820</p>",
    ] {
        assert!(!is_content(value), "{value}");
    }
}
