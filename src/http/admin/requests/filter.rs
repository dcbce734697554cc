//! Which exchanges of the journal are meant: read from parameters or a body, asked of entries.

use serde_json::Value;
use utoipa::IntoParams;

use super::super::input::{QueryFields, QueryForm, problem_of};
use crate::domain::endpoint::EndpointId;
use crate::domain::matching::PathPattern;
use crate::domain::matching::path_pattern::CompiledPath;
use crate::domain::validation::{FieldErrors, ObjectReader};
use crate::http::error::{Problem, ProblemKind};
use crate::http::exchange::response::ResponseSource;
use crate::runtime::catalog::Catalog;
use crate::runtime::journal::JournalEntry;

/// What an `X-Mock-Reason` of an override begins with.
const OF_OVERRIDE: &str = "override;id=";

/// Longest text of a condition.
const TEXT_BYTES_MAX: usize = 512;

/// Conditions on an exchange; all that are given must hold.
#[derive(Debug, Default)]
pub struct ExchangeFilter {
    endpoint: Option<String>,
    method: Option<String>,
    path: Option<(String, CompiledPath)>,
    status: Option<u16>,
    source: Option<String>,
    session: Option<String>,
    rule: Option<String>,
    by_override: Option<String>,
    since_ms: Option<i64>,
}

/// The parameters that name exchanges.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `ExchangeFilter` reads")]
pub struct FilterParameters {
    /// Those of one endpoint, by id or as `METHOD /template`.
    #[param(required = false, example = "GET /users/{id}")]
    endpoint: Option<String>,
    /// Those of one method.
    #[param(required = false, example = "GET")]
    method: Option<String>,
    /// Those whose path or template matches: literal segments, `{id}`, `*`, `**`.
    #[param(required = false, example = "/users/*")]
    path: Option<String>,
    /// Those answered with this status.
    #[param(required = false, example = 200)]
    status: Option<u16>,
    /// Those answered by `upstream`, `mock`, `failover`, `override`, `chaos` or `double`.
    #[param(required = false)]
    source: Option<String>,
    /// Those of one consumer, by its `X-Mock-Session`.
    #[param(required = false)]
    session: Option<String>,
    /// Those that one chaos rule hit, by its id.
    #[param(required = false)]
    rule: Option<String>,
    /// Those that one override answered, by its id.
    #[param(required = false, example = "the-cart-is-empty")]
    r#override: Option<String>,
    /// Those that arrived at this time or later.
    #[param(required = false, format = DateTime, example = "2026-01-31T12:00:00Z")]
    since: Option<String>,
}

impl ExchangeFilter {
    /// Members of the conditions in a body.
    pub const FIELDS: [&'static str; 9] =
        ["endpoint", "method", "path", "status", "source", "session", "rule", "override", "since"];

    /// Reads conditions from an object, reporting every mistake.
    pub fn parse(value: &Value, path: &str, problems: &FieldErrors) -> Option<Self> {
        let reader = ObjectReader::open(value, path, &Self::FIELDS, problems)?;
        let text = |name| reader.text(name, TEXT_BYTES_MAX).map(str::to_owned);
        let source = text("source");
        if source.as_deref().is_some_and(|word| !is_source(word)) {
            reader.problem("source", "is no word of `X-Mock-Source`");
        }
        let since_ms = match text("since") {
            Some(text) => Some(instant(&text).or_else(|| {
                reader.problem("since", EXPECTED_TIME);
                None
            })?),
            None => None,
        };
        let pattern = reader.value("path");
        let at = reader.at("path");
        let pattern = pattern.and_then(|value| PathPattern::parse(value, &at, None, problems));
        let status = reader.integer("status", 100..=599);
        Some(Self {
            endpoint: text("endpoint"),
            method: text("method").map(|method| method.to_ascii_uppercase()),
            path: pattern.as_ref().and_then(compiled),
            status: status.and_then(|status| u16::try_from(status).ok()),
            source,
            session: text("session"),
            rule: text("rule"),
            by_override: text("override"),
            since_ms,
        })
    }

    /// The same, with the id of an endpoint that was folded replaced by the one it leads to.
    pub fn resolved(mut self, catalog: &Catalog) -> Self {
        let known = |given: &String| {
            let endpoint = catalog.by_id(&EndpointId::from_text(given));
            endpoint.map(|endpoint| endpoint.id().to_string())
        };
        self.endpoint = self.endpoint.map(|given| known(&given).unwrap_or(given));
        self
    }

    /// Whether an exchange is meant.
    pub fn matches(&self, entry: &JournalEntry) -> bool {
        self.unmet(entry).next().is_none()
    }

    /// The conditions that an exchange does not meet.
    pub fn unmet(&self, entry: &JournalEntry) -> impl Iterator<Item = &'static str> {
        let id = entry.endpoint.as_ref().map(EndpointId::as_str);
        let label = String::from_utf8_lossy(&entry.label);
        let (method, template) = label.split_once(' ').unwrap_or((&label, ""));
        let endpoint = is(self.endpoint.as_deref(), |given| {
            id == Some(given) || entry.label == given.as_bytes()
        });
        let path = self.path.as_ref().is_none_or(|(written, pattern)| {
            template == written || pattern.matches(&entry.path, id.map(|_| template))
        });
        let rule = is(self.rule.as_deref(), |rule| {
            let chaos = entry.chaos.as_ref();
            chaos.is_some_and(|chaos| chaos.hits.iter().any(|hit| hit.rule.as_str() == rule))
        });
        let by_override = is(self.by_override.as_deref(), |id| {
            let reason = entry.reason.as_deref().unwrap_or_default();
            reason.strip_prefix(OF_OVERRIDE) == Some(id)
        });
        [
            (endpoint, "the endpoint differs"),
            (is(self.method.as_deref(), |given| method == given), "the method differs"),
            (path, "the path differs"),
            (self.status.is_none_or(|status| entry.status == Some(status)), "the status differs"),
            (is(self.source.as_deref(), |source| entry.source == source), "the source differs"),
            (
                is(self.session.as_deref(), |given| entry.session.as_deref() == Some(given)),
                "the session differs",
            ),
            (rule, "the chaos rule did not hit"),
            (by_override, "the override did not answer"),
            (self.since_ms.is_none_or(|since| entry.at_ms >= since), "it came before `since`"),
        ]
        .into_iter()
        .filter_map(|(holds, what)| (!holds).then_some(what))
    }
}

impl QueryForm for ExchangeFilter {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        let sources = ResponseSource::ALL.map(|source| (source.as_str(), source.as_str()));
        let since_ms = match fields.text("since")? {
            Some(text) => Some(instant(&text).ok_or_else(|| {
                Problem::field(ProblemKind::Unprocessable, "since", EXPECTED_TIME)
            })?),
            None => None,
        };
        let path = match fields.text("path")? {
            Some(text) => {
                let problems = FieldErrors::default();
                let pattern = PathPattern::parse(&Value::String(text), "path", None, &problems);
                compiled(&problems.or(pattern).map_err(|errors| problem_of(&errors))?)
            }
            None => None,
        };
        let status = fields.whole("status", 100..=599)?;
        Ok(Self {
            endpoint: fields.text("endpoint")?,
            method: fields.text("method")?.map(|method| method.to_ascii_uppercase()),
            path,
            status: status.and_then(|status| u16::try_from(status).ok()),
            source: fields.word("source", &sources)?.map(str::to_owned),
            session: fields.text("session")?,
            rule: fields.text("rule")?,
            by_override: fields.text("override")?,
            since_ms,
        })
    }
}

const EXPECTED_TIME: &str = "expected an RFC 3339 time such as `2026-01-31T12:00:00Z`";

fn instant(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn is_source(word: &str) -> bool {
    ResponseSource::ALL.iter().any(|source| source.as_str() == word)
}

fn compiled(pattern: &PathPattern) -> Option<(String, CompiledPath)> {
    let written = match pattern {
        PathPattern::Glob(glob) => glob.clone(),
        PathPattern::Regex { regex } => regex.clone(),
    };
    CompiledPath::new(pattern).map(|compiled| (written, compiled))
}

fn is(wanted: Option<&str>, holds: impl FnOnce(&str) -> bool) -> bool {
    wanted.is_none_or(holds)
}
