//! What is running.

use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::input::{NoQuery, Query};

/// What is running.
#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    /// `stunt-double`.
    #[schema(example = "stunt-double")]
    name: &'static str,
    /// Its version.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// Name and version of what is running.
#[utoipa::path(
    get, path = "/version", operation_id = "getVersion", tag = "about",
    responses((status = 200, body = Version))
)]
pub async fn version(_query: Query<NoQuery>) -> Json<Version> {
    Json(Version { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") })
}
