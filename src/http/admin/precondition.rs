//! `ETag` and `If-Match` (RFC 9110, sections 8.8.3 and 13.1.1): nobody overwrites what somebody
//! else has changed meanwhile.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};

use super::input::problem_of_kind;
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::edit::{EditError, Expected};

/// The revision that a change is based on; a change without one is refused.
pub struct IfMatch(pub Expected);

/// The `ETag` of a revision. It stands for what was asked for; counters move without it.
pub fn etag(revision: u64) -> String {
    format!("\"{revision:x}\"")
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let values = request.headers().get_all(header::IF_MATCH);
        let values: Vec<&str> = values.map(|value| value.to_str().unwrap_or("?")).collect();
        ready(read(&values).map(Self))
    }
}

/// What a client is told when an edit of a `thing` (`chaos rule`) was not made.
pub fn problem_of(error: EditError, thing: &str) -> Problem {
    match error {
        EditError::Unknown => {
            Problem::new(ProblemKind::NotFound, format!("no {thing} has this id"))
        }
        EditError::Stale => Problem::new(
            ProblemKind::PreconditionFailed,
            format!("the {thing} was changed since this `ETag` was given; get it again"),
        ),
        EditError::Invalid(errors) => problem_of_kind(ProblemKind::Unprocessable, &errors),
        EditError::Full => Problem::new(
            ProblemKind::Overloaded,
            format!("as many of the kind {thing} exist as may, and none has ended; delete some"),
        ),
    }
}

fn read(values: &[&str]) -> Result<Expected, Problem> {
    if values.is_empty() {
        let detail = "say which revision is meant: `If-Match` with its `ETag`, or `*`";
        return Err(Problem::new(ProblemKind::PreconditionRequired, detail));
    }
    if values.iter().any(|value| value.trim() == "*") {
        return Ok(Expected::Any);
    }
    let tags = values.iter().flat_map(|value| value.split(',')).map(str::trim);
    let revisions: Option<Vec<Option<u64>>> = tags.filter(|tag| !tag.is_empty()).map(tag).collect();
    match revisions {
        Some(revisions) => Ok(Expected::Revisions(revisions.into_iter().flatten().collect())),
        None => {
            let expected = "expected entity tags such as \"1a2b\", or `*`";
            Err(Problem::field(ProblemKind::Malformed, "If-Match", expected))
        }
    }
}

/// The revision of an entity tag; `None` inside for one that was never given out or is weak, which
/// matches nothing here, `None` for what is no entity tag.
fn tag(text: &str) -> Option<Option<u64>> {
    let (weak, quoted) = match text.strip_prefix("W/") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some(u64::from_str_radix(opaque, 16).ok().filter(|_| !weak))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[&str], expected: Result<Expected, ProblemKind>) {
        assert_eq!(read(values).map_err(|problem| problem.kind()), expected, "{values:?}");
    }

    #[test]
    fn tags_are_read_strictly() {
        check(&[], Err(ProblemKind::PreconditionRequired));
        check(&["*"], Ok(Expected::Any));
        check(&["\"1f\""], Ok(Expected::Revisions(vec![0x1f])));
        check(&["\"1\", \"2\"", "\"3\""], Ok(Expected::Revisions(vec![1, 2, 3])));
        check(&["W/\"1\""], Ok(Expected::Revisions(vec![])));
        check(&["\"not ours\""], Ok(Expected::Revisions(vec![])));
        check(&["1f"], Err(ProblemKind::Malformed));
        check(&["\"1f"], Err(ProblemKind::Malformed));
    }
}
