use serde_json::json;

use super::*;
use crate::domain::validation::FieldError;

fn parse(fault: &Value) -> Result<Fault, Vec<FieldError>> {
    let problems = FieldErrors::default();
    let parsed = Fault::parse(fault, "faults[0]", &problems);
    problems.or(parsed)
}

#[test]
fn every_example_of_the_catalogue_is_a_fault_of_its_row() {
    for descriptor in CATALOGUE {
        let example = serde_json::from_str(descriptor.example).expect("JSON");
        let fault = parse(&example).unwrap_or_else(|errors| panic!("{example}: {errors:?}"));
        assert_eq!(fault.name(), descriptor.name);
        let stored = serde_json::to_value(&fault).expect("stored");
        assert_eq!(stored["type"], descriptor.name);
        assert_eq!(serde_json::from_value::<Fault>(stored).expect("read"), fault);
    }
}

#[test]
fn every_field_of_the_catalogue_is_read() {
    for descriptor in CATALOGUE {
        for field in descriptor.fields {
            // No field takes an object whose one member is unknown.
            let mut fault = json!({"type": descriptor.name});
            fault[field.name] = json!({"\u{0}": true});
            let errors = parse(&fault).expect_err("refused");
            let at = format!("faults[0].{}", field.name);
            assert!(errors.iter().any(|error| error.field.starts_with(&at)), "{fault}: {errors:?}");
        }
    }
}

#[test]
fn required_fields_are_required() {
    for descriptor in CATALOGUE {
        let bare = parse(&json!({"type": descriptor.name}));
        for field in descriptor.fields.iter().filter(|field| field.required) {
            let errors = bare.as_ref().expect_err("refused");
            let at = format!("faults[0].{}", field.name);
            assert!(errors.iter().any(|error| error.field == at), "{}: {errors:?}", field.name);
        }
    }
}

fn check_refused(fault: Value, field: &str) {
    let errors = parse(&fault).expect_err("refused");
    let found = errors.iter().any(|error| error.field == field && !error.problem.is_empty());
    assert!(found, "{fault}: {errors:?}");
}

#[test]
fn a_malformed_fault_names_its_field() {
    check_refused(json!(7), "faults[0]");
    check_refused(json!({}), "faults[0].type");
    check_refused(json!({"type": "explode"}), "faults[0].type");
    check_refused(json!({"type": "status", "status": 99}), "faults[0].status");
    check_refused(json!({"type": "status", "status": 600}), "faults[0].status");
    check_refused(json!({"type": "status", "status": "503"}), "faults[0].status");
    check_refused(json!({"type": "status", "status": 503.5}), "faults[0].status");
    check_refused(json!({"type": "status", "status": 503, "code": 1}), "faults[0].code");
    let negative = json!({"type": "status", "status": 503, "retry_after_s": -1});
    check_refused(negative, "faults[0].retry_after_s");
    let delay = |distribution: Value| json!({"type": "latency", "distribution": distribution});
    let at = |field: &str| format!("faults[0].distribution.{field}");
    check_refused(delay(json!({"type": "fixed", "ms": -1})), &at("ms"));
    check_refused(delay(json!({"type": "fixed", "ms": 1e9})), &at("ms"));
    check_refused(delay(json!({"type": "fixed", "ms": "NaN"})), &at("ms"));
    check_refused(delay(json!({"type": "fixed"})), &at("ms"));
    check_refused(delay(json!({"type": "fixed", "ms": 1, "s": 1})), &at("s"));
    check_refused(delay(json!({"type": "zipf"})), &at("type"));
    let upside_down = json!({"type": "uniform", "min_ms": 5, "max_ms": 4});
    check_refused(delay(upside_down), &at("max_ms"));
    check_refused(delay(json!({"type": "learned", "quantile": 2, "factor": 1})), &at("quantile"));
    check_refused(json!({"type": "rate_limit", "limit": 0}), "faults[0].limit");
    let slow = json!({"type": "rate_limit", "limit": 1, "per_s": 86400, "burst": 100});
    check_refused(slow, "faults[0].burst");
    check_refused(json!({"type": "connection", "at": "tail"}), "faults[0].at");
    let early = json!({"type": "connection", "at": "before_head", "after_bytes": 1});
    check_refused(early, "faults[0].after_bytes");
    check_refused(json!({"type": "throttle"}), "faults[0]");
    check_refused(json!({"type": "throttle", "bytes_per_s": 0}), "faults[0].bytes_per_s");
    check_refused(json!({"type": "throttle", "bytes_per_s": 1, "every_ms": 1}), "faults[0]");
    let both = json!({"type": "truncate", "keep_bytes": 1, "keep_ratio": 0.5});
    check_refused(both, "faults[0].keep_ratio");
    check_refused(json!({"type": "corrupt", "kinds": ["melt"]}), "faults[0].kinds[0]");
    let edit = |edit: Value| json!({"type": "headers", "edits": [edit]});
    let at = |field: &str| format!("faults[0].edits[0].{field}");
    check_refused(edit(json!({"action": "melt"})), &at("action"));
    check_refused(edit(json!({"action": "drop"})), &at("name"));
    check_refused(edit(json!({"action": "drop", "name": "Content-Length"})), &at("name"));
    check_refused(edit(json!({"action": "drop", "name": "X-Mock-Chaos"})), &at("name"));
    check_refused(edit(json!({"action": "set", "name": "a"})), &at("value"));
    let smuggled = json!({"action": "set", "name": "a", "value": "b\r\nc: d"});
    check_refused(edit(smuggled), &at("value"));
}

#[test]
fn several_mistakes_are_reported_together() {
    let fault = json!({"type": "status", "status": 99, "retry_after_s": -1, "colour": "red"});
    let errors = parse(&fault).expect_err("refused");
    let mut fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["faults[0].colour", "faults[0].retry_after_s", "faults[0].status"]);
}
