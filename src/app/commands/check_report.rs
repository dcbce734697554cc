//! What a check found, as JUnit XML and as Markdown.

use std::fmt::Write;

use super::check::{Checked, CheckedEndpoint, FailedGate};

/// Text in XML: escaped, and without the characters that XML has no way to write.
fn escaped(text: &str) -> String {
    let plain: String =
        text.chars().filter(|c| *c >= ' ' || matches!(c, '\t' | '\n' | '\r')).collect();
    quick_xml::escape::escape(plain.as_str()).into_owned()
}

/// JUnit XML: a case for each endpoint and gate.
pub fn junit(checked: &Checked) -> String {
    let gates = ["fidelity", "observations", "drift"];
    let mut cases: Vec<(&str, &str)> = Vec::new();
    for endpoint in &checked.endpoints {
        cases.extend(gates.iter().map(|gate| (endpoint.endpoint.as_str(), *gate)));
    }
    for FailedGate { gate, endpoint, .. } in &checked.failures {
        if !cases.contains(&(endpoint.as_str(), *gate)) {
            cases.push((endpoint, gate));
        }
    }
    let (mut body, mut failed) = (String::new(), 0);
    for (endpoint, gate) in &cases {
        let failures: Vec<&str> = checked
            .failures
            .iter()
            .filter(|failure| failure.endpoint == **endpoint && failure.gate == *gate)
            .map(|failure| failure.text.as_str())
            .collect();
        let (name, class) = (escaped(gate), escaped(endpoint));
        let _ = write!(body, "  <testcase name=\"{name}\" classname=\"{class}\"");
        if let Some(first) = failures.first() {
            failed += 1;
            let (message, text) = (escaped(first), escaped(&failures.join("\n")));
            let _ = write!(
                body,
                ">\n    <failure message=\"{message}\">{text}</failure>\n  </testcase>\n"
            );
        } else {
            body.push_str("/>\n");
        }
    }
    let total = cases.len();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites><testsuite name=\"stunt-double check\" tests=\"{total}\" \
         failures=\"{failed}\">\n{body}</testsuite></testsuites>\n"
    )
}

/// Text in a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

/// Markdown: what failed, then the endpoints.
pub fn markdown(checked: &Checked) -> String {
    let mut text = String::from("# stunt-double check\n\n");
    if checked.failures.is_empty() {
        text.push_str("Passed.\n\n");
    } else {
        text.push_str("| gate | endpoint | finding |\n| --- | --- | --- |\n");
        for FailedGate { gate, endpoint, text: found } in &checked.failures {
            let _ = writeln!(text, "| {gate} | `{}` | {} |", cell(endpoint), cell(found));
        }
        text.push('\n');
    }
    text.push_str("| endpoint | exchanges | learned before | fidelity |\n");
    text.push_str("| --- | --- | --- | --- |\n");
    for CheckedEndpoint { endpoint, exchanges, observations, fidelity } in &checked.endpoints {
        let shown = fidelity.as_ref().map_or_else(
            || "not enough".to_owned(),
            |known| format!("{:.3} ({:.3} to {:.3})", known.score, known.low, known.high),
        );
        let _ = writeln!(text, "| `{}` | {exchanges} | {observations} | {shown} |", cell(endpoint));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_stand_in_both_reports() {
        let failure = FailedGate {
            gate: "drift",
            endpoint: "GET /a".to_owned(),
            text: "response 200 /x: renamed <b>".to_owned(),
        };
        let checked = Checked { failures: vec![failure], endpoints: vec![], findings: vec![] };
        let xml = junit(&checked);
        assert!(xml.contains("failures=\"1\"") && xml.contains("renamed &lt;b&gt;"), "{xml}");
        assert!(markdown(&checked).contains("| drift | `GET /a` |"));
    }
}
