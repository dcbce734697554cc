//! Chaos: rules, profiles, the catalogue of faults, and the one call that ends it all.

pub mod form;
pub mod preview;
pub mod profiles;
pub mod rules;

use std::time::Duration;

use actix_web::FromRequest;
use actix_web::dev::Payload;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::Admin;
use super::input::{NoQuery, Query};
use super::precondition::problem_of;
use crate::domain::chaos::fault::CATALOGUE;
use crate::http::error::Problem;
use crate::runtime::edit::EditError;

/// How long an edit waits to be durable before it is answered. A database that hangs must not hang
/// whoever wants to end chaos; 1 s is many writes of a healthy one.
const STORED_WAIT: Duration = Duration::from_secs(1);

/// Chaos has ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChaosStopped {
    /// Ids of the rules that could still have acted.
    stopped: Vec<String>,
    /// Whether this survives a restart already; otherwise it will as soon as the database can be
    /// written.
    stored: bool,
}

/// Ends all chaos at once: no rule acts any more, and delays, hangs and drips in flight end.
#[utoipa::path(
    post, path = "/chaos/stop", operation_id = "stopChaos", tag = "chaos",
    responses((status = 200, body = ChaosStopped))
)]
pub async fn stop(
    admin: Data<Admin>,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
) -> Json<ChaosStopped> {
    let stopped = admin.chaos.stop(&caller);
    let stopped = stopped.into_iter().map(|id| id.as_str().to_owned()).collect();
    Json(ChaosStopped { stopped, stored: admin.stored_soon().await })
}

/// The kinds of faults, with their fields and an example each.
#[utoipa::path(
    get, path = "/chaos/faults", operation_id = "listFaults", tag = "chaos",
    responses((status = 200, description = "The catalogue", body = Object))
)]
pub async fn faults(_query: Query<NoQuery>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"items": CATALOGUE, "total": CATALOGUE.len()}))
}

/// Who sent an order, for the audit trail: the address of the connection.
pub struct Caller(pub String);

impl FromRequest for Caller {
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical().to_string());
        std::future::ready(Ok(Self(peer.unwrap_or_else(|| "unknown".to_owned()))))
    }
}

impl Admin {
    /// Whether everything handed over so far became durable within [`STORED_WAIT`].
    pub(super) async fn stored_soon(&self) -> bool {
        tokio::time::timeout(STORED_WAIT, self.stored()).await.unwrap_or(false)
    }
}

/// What a client is told when a rule was not edited.
pub fn refused(error: EditError) -> Problem {
    problem_of(error, "chaos rule")
}
