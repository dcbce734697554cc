//! Documents of others, taken in.

use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::dev::Payload;
use actix_web::web::{Data, Json};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use utoipa::IntoParams;

use super::Admin;
use super::chaos::Caller;
use super::input::{Query, QueryFields, QueryForm};
use super::problems::{BodyProblems, QueryProblems};
use crate::domain::portable::import::{
    DOCUMENT_BYTES_MAX, DocumentReport, ImportError, ImportFormat,
};
use crate::http::error::{Problem, ProblemKind};
use crate::runtime::portable::imports::ImportSource;

/// Time between two pieces of a document.
const PIECE_TIMEOUT: Duration = Duration::from_secs(30);

/// How to read it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PortableQuery {
    /// `model`, `openapi`, `har`, `postman`, `wiremock` or `access-log`; by default what the
    /// document says that it is.
    #[param(inline, value_type = String, required = false, example = "openapi")]
    format: Option<ImportFormat>,
}

impl QueryForm for PortableQuery {
    fn read(fields: &mut QueryFields) -> Result<Self, Problem> {
        Ok(Self { format: fields.word("format", &ImportFormat::NAMED)? })
    }
}

/// A body as it is, of any media type but those that pages send without asking.
pub struct DocumentBody(pub Vec<u8>);

impl FromRequest for DocumentBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        let is_asked_for = needs_preflight(request);
        Box::pin(async move {
            let document = read(payload).await?;
            if !document.is_empty() && !is_asked_for {
                let detail = "the document needs a `Content-Type` of its own: `application/json`, \
                              `application/yaml` or `application/octet-stream`";
                return Err(Problem::new(ProblemKind::NotJson, detail));
            }
            Ok(Self(document))
        })
    }
}

/// Types that a page of any origin may send without asking; nothing at all is one of them (Fetch
/// standard, CORS-safelisted request-header).
const SAFELISTED: [&str; 3] =
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];

/// Whether a browser asks before it sends a request with this body to another origin.
fn needs_preflight(request: &HttpRequest) -> bool {
    let kind = request.content_type().trim();
    !kind.is_empty() && !SAFELISTED.iter().any(|simple| kind.eq_ignore_ascii_case(simple))
}

async fn read(mut payload: Payload) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    loop {
        let piece = tokio::time::timeout(PIECE_TIMEOUT, payload.next()).await;
        let piece = piece.map_err(|_elapsed| {
            Problem::new(ProblemKind::ClientTimeout, "the document did not go on arriving")
        })?;
        let Some(piece) = piece else { return Ok(bytes) };
        let piece = piece.map_err(|error| {
            Problem::new(ProblemKind::ClientGone, format!("the body was broken off: {error}"))
        })?;
        if bytes.len() + piece.len() > DOCUMENT_BYTES_MAX as usize {
            let detail = format!(
                "the document is longer than {DOCUMENT_BYTES_MAX} bytes; the command \
                 `stunt-double import` reads longer ones"
            );
            return Err(Problem::new(ProblemKind::TooLarge, detail));
        }
        bytes.extend_from_slice(&piece);
    }
}

/// Takes a document in: a model is merged, an OpenAPI document holds until traffic has shown
/// otherwise, archives, collections and logs are learned like traffic, mappings become overrides.
/// The same document is taken once.
#[utoipa::path(
    post, path = "/import", operation_id = "importDocument", tag = "portable",
    params(PortableQuery),
    request_body(content = String, description = "The document, also packed with gzip",
        content_type = "application/octet-stream"),
    responses((status = 200, body = DocumentReport), QueryProblems, BodyProblems)
)]
pub async fn import(
    admin: Data<Admin>,
    Caller(caller): Caller,
    Query(query): Query<PortableQuery>,
    DocumentBody(document): DocumentBody,
) -> Result<Json<DocumentReport>, Problem> {
    let source = ImportSource::Bytes(document);
    let report = admin.imports.import(source, query.format, &caller).await;
    report.map(Json).map_err(|error| {
        let kind = match error {
            ImportError::TooLarge(_) => ProblemKind::TooLarge,
            ImportError::Unknown(_) | ImportError::Unreadable(_) => ProblemKind::Unprocessable,
        };
        Problem::new(kind, error.to_string())
    })
}
