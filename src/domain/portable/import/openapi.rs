//! OpenAPI 3.x and Swagger 2 documents as priors: every operation can be mocked at once.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::schema_values::{SchemaValues, resolve};
use super::{DocumentReport, ImportError};
use crate::domain::body::BodyKind;
use crate::domain::endpoint::{
    BackendId, Body, EndpointModel, ExchangeSample, ModelLimits, Observation, Prior, PriorBodies,
    Provenance,
};
use crate::domain::path::Pin;

/// Operations of one document.
const OPERATIONS_MAX: usize = 10_000;

/// Bodies made for the usual status, and for each other one.
const MAIN_BODIES: u64 = 6;
const OTHER_BODIES: u64 = 2;

/// Bytes of one such body; a longer one is made again with nothing but what is required.
const BODY_BYTES_MAX: usize = 16 << 10;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// An operation of a document, as far as answers can be made of it.
#[derive(Debug)]
pub struct OpenapiOperation {
    /// In capitals.
    pub method: String,
    /// The path as the document writes it, with parameters in braces.
    pub path: String,
    /// Learned from bodies made after the document's schemas and examples.
    pub model: Arc<EndpointModel>,
}

/// Reads a document, JSON or YAML.
///
/// # Errors
/// [`ImportError`] when it is none.
pub fn read(
    text: &[u8],
    at_ms: i64,
    limits: &ModelLimits,
    report: &mut DocumentReport,
) -> Result<Vec<OpenapiOperation>, ImportError> {
    let document = parse(text)?;
    let is_swagger = document.get("swagger").is_some();
    let paths = document.get("paths").and_then(Value::as_object);
    let paths =
        paths.ok_or_else(|| ImportError::Unreadable("no OpenAPI document: no `paths`".into()))?;
    if let Some(base) = base_path(&document) {
        report.note(format!("paths are taken as they stand, without the base path {base}"));
    }
    let mut found = Vec::new();
    for (path, item) in paths {
        let Some(item) = resolve(&document, item).and_then(Value::as_object) else { continue };
        if let Err(error) = Pin::new(path.as_str()).segments() {
            report.leave(error.to_string());
            continue;
        }
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            if found.len() >= OPERATIONS_MAX {
                report.leave(format!("more than {OPERATIONS_MAX} operations"));
                continue;
            }
            let method = method.to_ascii_uppercase();
            let reading = Reading { document: &document, is_swagger, at_ms, limits };
            match reading.prior(&method, path, operation, report) {
                Some(prior) => {
                    let model =
                        EndpointModel { prior: Some(Box::new(prior)), ..EndpointModel::default() };
                    report.take("operations", 1);
                    found.push(OpenapiOperation {
                        method,
                        path: path.clone(),
                        model: Arc::new(model),
                    });
                }
                None => report.leave("an operation without a usable response"),
            }
        }
    }
    Ok(found)
}

/// Reads JSON or YAML; YAML within the budget of its reader (aliases, depth, nodes).
///
/// # Errors
/// [`ImportError::Unreadable`] with what the reader says, or that it is no UTF-8.
pub fn parse(text: &[u8]) -> Result<Value, ImportError> {
    if text.trim_ascii_start().starts_with(b"{") {
        let unreadable = |error: serde_json::Error| ImportError::Unreadable(error.to_string());
        return serde_json::from_slice(text).map_err(unreadable);
    }
    let text = std::str::from_utf8(text);
    let text = text.map_err(|_error| ImportError::Unreadable("not UTF-8".to_owned()))?;
    serde_saphyr::from_str(text).map_err(|error| {
        let first = error.to_string().lines().next().unwrap_or_default().to_owned();
        ImportError::Unreadable(format!("neither JSON nor YAML: {first}"))
    })
}

fn base_path(document: &Value) -> Option<String> {
    let server = document.pointer("/servers/0/url").and_then(Value::as_str);
    let base = match (document.get("basePath").and_then(Value::as_str), server) {
        (Some(base), _) => base,
        (None, Some(url)) => super::har::split_url(url).1,
        (None, None) => return None,
    };
    let base = base.trim_end_matches('/');
    (!base.is_empty()).then(|| base.to_owned())
}

/// What is read of one document.
struct Reading<'d> {
    document: &'d Value,
    is_swagger: bool,
    at_ms: i64,
    limits: &'d ModelLimits,
}

impl<'d> Reading<'d> {
    fn prior(
        &self,
        method: &str,
        path: &str,
        operation: &'d Value,
        report: &mut DocumentReport,
    ) -> Option<Prior> {
        let responses = operation.get("responses").and_then(Value::as_object)?;
        let mut known: Vec<(u16, &'d Value)> = Vec::new();
        for (name, response) in responses {
            let Some(response) = resolve(self.document, response) else {
                report.leave("a response whose `$ref` leads out of the document");
                continue;
            };
            if let Some(status) = status_of(name) {
                known.push((status, response));
            }
        }
        let default = responses.get("default").and_then(|r| resolve(self.document, r));
        if let Some(default) = default {
            // What a document says of all other answers: of success where it names none.
            let status = if known.iter().any(|(status, _)| *status < 400) { 500 } else { 200 };
            if known.iter().all(|(known, _)| *known != status) {
                known.push((status, default));
            }
        }
        let success = known.iter().map(|(status, _)| *status).filter(|s| (200..300).contains(s));
        let main = success.min().or_else(|| known.iter().map(|(status, _)| *status).min())?;
        let source = operation.get("operationId").and_then(Value::as_str);
        let mut prior =
            Prior { source: source.unwrap_or_default().into(), main, ..Prior::default() };
        for (status, response) in known {
            let bodies = self.bodies(operation, response, status, main, report);
            self.learn(&mut prior, (method, path), status, &bodies);
            prior.bodies.insert(status, bodies);
        }
        Some(prior)
    }

    /// Shows the bodies to a model, so that shapes and media types are known like learned ones.
    fn learn(&self, prior: &mut Prior, asked: (&str, &str), status: u16, bodies: &PriorBodies) {
        let mut apart = EndpointModel::default();
        let empty = Box::from("");
        let texts =
            if bodies.texts.is_empty() { std::slice::from_ref(&empty) } else { &bodies.texts };
        // Once more than there are bodies: a media type needs two answers to be believed.
        for text in texts.iter().chain(texts.first()) {
            let media: &str = &bodies.media;
            let headers = (!media.is_empty() && !text.is_empty())
                .then(|| ("content-type".into(), Bytes::from(media.to_owned())));
            let observation = Observation {
                at_ms: self.at_ms,
                provenance: Provenance::Upstream,
                backend: BackendId::ONLY,
                method: asked.0.into(),
                path: asked.1.into(),
                status,
                first_byte_us: 0,
                total_us: 0,
                sample: Some(Box::new(ExchangeSample {
                    response_headers: headers.into_iter().collect(),
                    response_body: Body {
                        is_endless: false,
                        content_type: (!media.is_empty()).then(|| media.into()),
                        content_encoding: None,
                        bytes: text.as_bytes().to_vec(),
                        complete: true,
                        total_bytes: text.len() as u64,
                    },
                    ..ExchangeSample::default()
                })),
            };
            apart.observe(&observation, &[], self.limits);
        }
        if status == prior.main {
            let others = std::mem::take(&mut prior.model.answers);
            prior.model = apart;
            prior.model.answers.extend(others);
        } else {
            prior.model.answers.extend(apart.answers);
        }
    }

    fn bodies(
        &self,
        operation: &'d Value,
        response: &'d Value,
        status: u16,
        main: u16,
        report: &mut DocumentReport,
    ) -> PriorBodies {
        let Some((media, content)) = self.content(operation, response) else {
            return PriorBodies::default();
        };
        if matches!(status, 100..200 | 204 | 205 | 304) {
            return PriorBodies::default();
        }
        let is_json = BodyKind::declared_by(media) == Some(BodyKind::Json);
        let mut texts: Vec<Box<str>> = Vec::new();
        for example in examples(self.document, content, is_json) {
            if example.len() <= BODY_BYTES_MAX && !texts.contains(&example) {
                texts.push(example);
            }
        }
        let count = if status == main { MAIN_BODIES } else { OTHER_BODIES };
        let schema = content.get("schema").filter(|_| is_json);
        if let Some(schema) = schema {
            for number in 0..count {
                let fits = |value: Value| {
                    Some(value.to_string()).filter(|text| text.len() <= BODY_BYTES_MAX)
                };
                let whole = SchemaValues::new(self.document, number, true).make(schema);
                let text = whole.and_then(fits).or_else(|| {
                    let sparse = SchemaValues::new(self.document, number, true).sparse();
                    { sparse }.make(schema).and_then(fits)
                });
                match text {
                    Some(text) if !texts.iter().any(|known| **known == *text) => {
                        texts.push(text.into());
                    }
                    Some(_) => {}
                    None => report.leave("a schema of which no value could be made"),
                }
            }
        } else if texts.is_empty() && BodyKind::declared_by(media) != Some(BodyKind::Binary) {
            report.note(format!("answers of {media} are empty until traffic shows some"));
        }
        PriorBodies { media: media.into(), texts }
    }

    /// Media type and description of a response's body; JSON where there is a choice.
    fn content(&self, operation: &'d Value, response: &'d Value) -> Option<(&'d str, &'d Value)> {
        if self.is_swagger {
            let produced = operation.get("produces").or_else(|| self.document.get("produces"));
            let listed = produced.and_then(Value::as_array).into_iter().flatten();
            let mut media: Vec<&str> = listed.filter_map(Value::as_str).collect();
            media.sort_by_key(|media| BodyKind::declared_by(media) != Some(BodyKind::Json));
            let media = media.first().copied().unwrap_or("application/json");
            return response.get("schema").or(response.get("examples")).map(|_| (media, response));
        }
        let content = response.get("content").and_then(Value::as_object)?;
        let is_json = |media: &str| BodyKind::declared_by(media) == Some(BodyKind::Json);
        let first = content.iter().min_by_key(|(media, _)| !is_json(media))?;
        // `*/*` and `application/*` are no types that an answer could have.
        let media = if first.0.contains('*') { "application/json" } else { first.0 };
        Some((media, first.1))
    }
}

/// `200`, or the first of `2XX`.
fn status_of(name: &str) -> Option<u16> {
    let digits = name.to_ascii_uppercase().replace("XX", "00");
    digits.parse().ok().filter(|status| (100..600).contains(status))
}

/// The examples of a body, as text.
fn examples(document: &Value, content: &Value, is_json: bool) -> Vec<Box<str>> {
    let named = content.get("examples").and_then(Value::as_object);
    let named = named.into_iter().flatten().filter_map(|(name, example)| {
        let example = resolve(document, example)?;
        // Swagger 2 lists bodies by media type, OpenAPI 3 objects with a `value`.
        example.get("value").or(if name.contains('/') { Some(example) } else { None })
    });
    let text = |value: &Value| -> Option<Box<str>> {
        match value {
            // An example of JSON that is written as text.
            Value::String(text) if is_json => {
                let parsed: Value = serde_json::from_str(text).ok()?;
                Some(parsed.to_string().into())
            }
            Value::String(text) => Some(text.as_str().into()),
            value => is_json.then(|| value.to_string().into()),
        }
    };
    content.get("example").into_iter().chain(named).filter_map(text).take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "
openapi: 3.0.3
servers: [{url: 'https://api.test/v1'}]
paths:
  /pets/{petId}:
    get:
      operationId: showPet
      responses:
        '200':
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Pet'}
        default: {description: error}
  'bad':
    get: {responses: {'200': {description: x}}}
components:
  schemas:
    Pet:
      type: object
      required: [id]
      properties: {id: {type: integer, minimum: 1}, tag: {type: string, enum: [cat, dog]}}
";

    #[test]
    fn operations_become_priors_and_what_cannot_is_named() {
        let mut report = DocumentReport::of("openapi");
        let limits = ModelLimits::new(1 << 20);
        let found = read(YAML.as_bytes(), 7, &limits, &mut report).unwrap();
        assert_eq!((found.len(), report.taken_of("operations")), (1, 1));
        assert_eq!(report.left_out.len(), 1, "{report:?}");
        assert!(report.notes[0].contains("/v1"), "{report:?}");
        let prior = found[0].model.prior.as_deref().unwrap();
        assert_eq!((prior.main, found[0].model.observations), (200, 0));
        assert_eq!(prior.bodies.keys().copied().collect::<Vec<_>>(), [200, 500]);
        let body: Value = serde_json::from_str(&prior.bodies[&200].texts[0]).unwrap();
        assert!(body["id"].as_i64().is_some_and(|id| id >= 1), "{body}");
    }
}
