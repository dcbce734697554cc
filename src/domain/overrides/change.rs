//! What an override makes of an answer, as plain values: status, headers, body.

use serde_json::Value;

use super::answer::{AnswerParts, ChangedAnswer, ExactAnswer};
use super::member::{MemberHint, MemberSeed};
use super::template::{TemplateError, Writer};

/// Why an override cannot give its answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChangeError {
    /// A template could not be filled: an unknown name, or too much work.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// An operation of the JSON Patch finds nothing to work on, or its test failed.
    #[error("JSON Patch: {0}")]
    Patch(String),
}

/// The body of an exact answer, and the media type that goes with it.
#[derive(Debug, Clone, PartialEq)]
pub struct ExactBody {
    /// As they are sent, without content coding.
    pub bytes: Vec<u8>,
    /// `None` for no body, and for one of which nothing is known.
    pub media_type: Option<&'static str>,
}

/// Names and values of headers.
pub type HeaderLines = Vec<(String, String)>;

impl ExactAnswer {
    /// The body of this answer; `writer` fills its templates, when it has any.
    ///
    /// # Errors
    /// A template that cannot be written.
    pub fn body(&self, writer: &Writer) -> Result<ExactBody, ChangeError> {
        let template = self.common.template;
        let (bytes, media_type) = match (&self.json, &self.text, self.decoded()) {
            (Some(json), _, _) => {
                let json = if template { writer.json(json)? } else { json.clone() };
                (json.to_string().into_bytes(), Some("application/json"))
            }
            (None, Some(text), _) => {
                let text = if template { writer.text(text)? } else { text.clone() };
                (text.into_bytes(), Some("text/plain; charset=utf-8"))
            }
            (None, None, Some(bytes)) => (bytes, Some("application/octet-stream")),
            (None, None, None) => (Vec::new(), None),
        };
        Ok(ExactBody { bytes, media_type })
    }
}

impl AnswerParts {
    /// The headers of this answer, its templates filled.
    ///
    /// # Errors
    /// A template that cannot be written.
    pub fn written_headers(&self, writer: &Writer) -> Result<HeaderLines, ChangeError> {
        let line = |(name, value): (&str, &str)| {
            let value = if self.template { writer.text(value)? } else { value.to_owned() };
            Ok((name.to_ascii_lowercase(), value))
        };
        self.header_lines().map(line).collect()
    }
}

impl ChangedAnswer {
    /// The learned `body`, changed.
    ///
    /// # Errors
    /// A template that cannot be written, a patch that does not fit.
    pub fn change(
        &self,
        body: &mut Value,
        writer: &Writer,
        seed: MemberSeed,
    ) -> Result<(), ChangeError> {
        if let Some(patch) = &self.merge_patch {
            match self.common.template {
                true => json_patch::merge(body, &writer.json(patch)?),
                false => json_patch::merge(body, patch),
            }
        }
        if let Some(patch) = &self.json_patch {
            let failed = |error: json_patch::PatchError| ChangeError::Patch(error.to_string());
            json_patch::patch(body, patch).map_err(failed)?;
        }
        correct(body, &self.members, seed);
        Ok(())
    }
}

/// Makes the members of `body` what is said of them.
pub fn correct(body: &mut Value, members: &[MemberHint], seed: MemberSeed) {
    members.iter().for_each(|member| member.apply(body, seed));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::overrides::OverrideAnswer;
    use crate::domain::overrides::answer::AnswerStep;
    use crate::domain::random::keyed_rng::KeyedRng;
    use crate::domain::request::RequestView;
    use crate::domain::validation::FieldErrors;

    const SEED: MemberSeed = MemberSeed { seed: 7, now_s: 0 };

    fn step(document: &Value) -> AnswerStep {
        let problems = FieldErrors::default();
        let parsed = AnswerStep::parse(document, "answer", &problems);
        let step = problems.or(parsed).unwrap_or_else(|errors| panic!("{document}: {errors:?}"));
        let stored = serde_json::to_value(&step).expect("stored");
        assert_eq!(serde_json::from_value::<AnswerStep>(stored).expect("read"), step);
        step
    }

    fn writer(entity: Option<&Value>) -> Writer {
        let request = RequestView { params: &[("id", "7")], ..RequestView::default() };
        Writer::new(&request, None, entity, KeyedRng::keyed(1, 1))
    }

    #[track_caller]
    fn check_change(change: Value, expected: Result<Value, &str>) {
        let OverrideAnswer::Changed(changed) = step(&change).answer else { panic!("{change}") };
        let mut body = json!({"id": 1, "name": "Ann", "tags": ["a"], "deep": {"x": 1, "y": 2}});
        let writer = writer(Some(&body));
        let done = changed.change(&mut body, &writer, SEED);
        match (done, expected) {
            (Ok(()), Ok(expected)) => assert_eq!(body, expected),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (done, _) => panic!("{done:?}: {body}"),
        }
    }

    #[test]
    fn a_learned_body_is_merged_patched_and_corrected() {
        check_change(
            json!({"type": "changed", "merge_patch": {"name": null, "deep": {"x": 9}}}),
            Ok(json!({"id": 1, "tags": ["a"], "deep": {"x": 9, "y": 2}})),
        );
        check_change(
            json!({"type": "changed", "json_patch": [
                {"op": "test", "path": "/id", "value": 1},
                {"op": "add", "path": "/tags/-", "value": "b"},
                {"op": "remove", "path": "/deep"},
                {"op": "copy", "from": "/id", "path": "/copy"}]}),
            Ok(json!({"id": 1, "name": "Ann", "tags": ["a", "b"], "copy": 1})),
        );
        let misfit = json!([{"op": "remove", "path": "/none"}]);
        check_change(json!({"type": "changed", "json_patch": misfit}), Err("JSON Patch"));
        check_change(
            json!({"type": "changed", "template": true,
                "merge_patch": {"id": "{{ request.params.id | int }}", "was": "{{ entity.name }}"},
                "members": [{"at": "/deep", "absent": true}]}),
            Ok(json!({"id": 7, "name": "Ann", "tags": ["a"], "was": "Ann"})),
        );
    }

    #[track_caller]
    fn check_exact(answer: Value, body: &str, media_type: Option<&str>) {
        let OverrideAnswer::Exactly(exact) = step(&answer).answer else { panic!("{answer}") };
        let made = exact.body(&writer(None)).expect("written");
        assert_eq!(String::from_utf8_lossy(&made.bytes), body);
        assert_eq!(made.media_type, media_type);
    }

    #[test]
    fn an_exact_body_is_json_text_or_bytes() {
        check_exact(json!({"type": "exactly"}), "", None);
        let json = json!({"type": "exactly", "json": {"a": [1, null]}});
        check_exact(json, r#"{"a":[1,null]}"#, Some("application/json"));
        let text = json!({"type": "exactly", "text": "id {{ request.params.id }}"});
        check_exact(text.clone(), "id {{ request.params.id }}", Some("text/plain; charset=utf-8"));
        let mut template = text;
        template["template"] = json!(true);
        check_exact(template, "id 7", Some("text/plain; charset=utf-8"));
        let bytes = json!({"type": "exactly", "base64": "AAEC"});
        check_exact(bytes, "\0\u{1}\u{2}", Some("application/octet-stream"));
    }

    #[test]
    fn mistakes_are_named() {
        for (answer, field) in [
            (json!({}), "a.type"),
            (json!({"type": "exact"}), "a.type"),
            (json!({"type": "exactly", "status": 99}), "a.status"),
            (json!({"type": "exactly", "text": "a", "json": 1}), "a.json"),
            (json!({"type": "exactly", "base64": "?"}), "a.base64"),
            (json!({"type": "exactly", "headers": {"a b": "c"}}), "a.headers.a b"),
            (json!({"type": "exactly", "headers": {"a": "c\nd"}}), "a.headers.a"),
            (
                json!({"type": "exactly", "headers": {"Content-Length": "1"}}),
                "a.headers.Content-Length",
            ),
            (json!({"type": "exactly", "template": true, "text": "{{ a"}), "a.text"),
            (json!({"type": "exactly", "template": true, "json": ["{% x %}"]}), "a.json"),
            (json!({"type": "exactly", "latency": {"type": "fixed"}}), "a.latency.ms"),
            (json!({"type": "changed", "json_patch": [{"op": "move"}]}), "a.json_patch"),
            (json!({"type": "changed", "text": "a"}), "a.text"),
            (json!({"type": "hints"}), "a.members"),
            (json!({"type": "pass", "status": 200}), "a.status"),
            (json!({"type": "pass", "times": 0}), "a.times"),
        ] {
            let problems = FieldErrors::default();
            let parsed = AnswerStep::parse(&answer, "a", &problems);
            let errors = problems.or(parsed).expect_err("refused");
            assert_eq!(errors[0].field, field, "{answer}: {errors:?}");
        }
    }
}
