//! The documentation page, under any prefix and with a token set.

use super::problem;
use crate::support::double::Double;

#[test]
fn the_page_is_found_from_any_prefix_and_its_files_are_named_relative_to_it() {
    for prefix in ["/admin", "/_double/ops"] {
        let double = Double::with(&["--admin-prefix", prefix]).start();
        let entry = double.admin("GET", "/docs");
        assert_eq!((entry.status, entry.get("location")), (308, Some("docs/")));
        let page = double.admin("GET", "/docs/");
        assert_eq!(page.status, 200);
        assert_eq!(page.get("content-type"), Some("text/html"));
        for file in ["index.html", "swagger-ui.css", "swagger-ui-bundle.js"] {
            assert_eq!(double.admin("GET", &format!("/docs/{file}")).status, 200, "{file}");
        }
        let script = double.admin("GET", "/docs/swagger-initializer.js");
        assert_eq!(script.get("content-type"), Some("text/javascript"));
        assert!(script.text().contains("../openapi.json"));
        problem(&double.admin("GET", "/docs/no-such-file.js"), 404, "not-found");
        problem(&double.admin("GET", "/docs/../../etc/passwd"), 404, "not-found");
        problem(&double.admin("POST", "/docs/"), 405, "method-not-allowed");
    }
}

#[test]
fn the_page_is_open_while_the_description_needs_the_token() {
    let double = Double::with(&["--admin-token", "geheim"]).start();
    for path in ["/docs", "/docs/", "/docs/swagger-initializer.js"] {
        let answer = double.get(&format!("/admin{path}"));
        assert!(answer.status == 200 || answer.status == 308, "{path}: {}", answer.status);
        assert!(!answer.text().contains("geheim"));
    }
    problem(&double.get("/admin/openapi.json"), 401, "unauthorized");
    problem(&double.get("/admin/docsx"), 401, "unauthorized");
    problem(&double.get("/admin/docs/../settings"), 404, "not-found");
}
