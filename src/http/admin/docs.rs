//! The documentation page: Swagger UI over this API's own description.
//!
//! The page itself needs no token, because a browser can give none with a page. The description
//! and the API do, so the page asks for the token and then carries it.

use std::sync::Arc;

use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;

use super::outside;
use crate::http::error::{Problem, ProblemKind};

/// The script that starts the page.
const INITIALIZER: &str = "swagger-initializer.js";

/// Our own, because the description is fetched with the token.
const INITIALIZER_TEXT: &str = include_str!("docs.js");

/// Sends to the page, whose files are named relative to it.
pub async fn entry() -> HttpResponse {
    // Relative to the path asked for (RFC 9110 section 10.2.2), wherever the admin is.
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "docs/")).finish()
}

/// A file of the page.
pub async fn file(request: HttpRequest) -> HttpResponse {
    let name = request.match_info().get("file").unwrap_or_default();
    if name == INITIALIZER {
        return HttpResponse::Ok().content_type("text/javascript").body(INITIALIZER_TEXT);
    }
    match utoipa_swagger_ui::serve(name, Arc::new(Config::default())) {
        Ok(Some(file)) => {
            let mut response = HttpResponse::Ok();
            if file.gzpipped {
                // Every browser takes it; unpacked, the files would add 3 MiB to the binary.
                response.insert_header(ContentEncoding::Gzip);
            }
            response.content_type(file.content_type).body(file.bytes.into_owned())
        }
        Ok(None) => outside().await,
        Err(error) => {
            log::error!("documentation page: {error}");
            Problem::new(ProblemKind::Internal, "the page could not be read").response()
        }
    }
}
