//! Whether the double lives, and whether it is ready for work.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::Admin;
use super::output::rfc3339;
use crate::config::NO_TARGET;

/// The double serves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Liveness {
    /// `live`.
    #[schema(example = "live")]
    status: &'static str,
}

/// Answers as long as the double serves at all; needs no token.
#[utoipa::path(
    get, path = "/health/live", operation_id = "getLiveness", tag = "health", security(()),
    responses((status = 200, body = Liveness))
)]
pub async fn live() -> Json<Liveness> {
    Json(Liveness { status: "live" })
}

/// Whether the double is ready for work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready` or `unready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// Why it is not; empty when it is.
    reasons: Vec<UnreadyReason>,
    /// The backend; its failures are no reason to be unready, because mocks go on.
    backend: BackendState,
    /// The further backends, by the names of their routes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    routes: BTreeMap<String, BackendState>,
    /// What somebody who runs it should know; no reason to be unready.
    notices: Vec<Notice>,
}

/// Something worth knowing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notice {
    /// `no-target`, `endpoints-full` or `models-coarser`.
    #[schema(example = "no-target")]
    notice: &'static str,
    /// What that means, and what to do about it.
    detail: String,
}

/// Why the double is not ready.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnreadyReason {
    /// `stopping` or `database-failing`.
    #[schema(example = "database-failing")]
    reason: &'static str,
    /// What that means.
    detail: &'static str,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    since: Option<String>,
}

/// What is known of the backend.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackendState {
    /// False after failures in a row, until it answers again.
    up: bool,
}

/// Whether the double is ready for work; needs no token.
#[utoipa::path(
    get, path = "/health/ready", operation_id = "getReadiness", tag = "health", security(()),
    responses(
        (status = 200, body = Readiness),
        (status = 503, description = "Not ready, with reasons", body = Readiness)
    )
)]
pub async fn ready(admin: Data<Admin>) -> HttpResponse {
    let mut reasons = Vec::new();
    if admin.plane.stopping.load(Ordering::Acquire) {
        let detail = "the shutdown has begun";
        reasons.push(UnreadyReason { reason: "stopping", detail, since: None });
    }
    if let Some((_error, since_ms)) = admin.learning.persistence().health().failing() {
        // The error itself may name files and hosts, and this route needs no token.
        reasons.push(UnreadyReason {
            reason: "database-failing",
            detail: "what is learned is kept in memory and written when the database is back; \
                     the log says why it fails",
            since: rfc3339(since_ms),
        });
    }
    let (mut response, status) = match reasons.is_empty() {
        true => (HttpResponse::Ok(), "ready"),
        false => (HttpResponse::ServiceUnavailable(), "unready"),
    };
    let backend = BackendState { up: admin.routes.default_route().health.is_up() };
    let table = admin.routes.now();
    let routes = table.iter().filter(|route| route.spec.is_some());
    let routes = routes
        .map(|route| (route.name().to_owned(), BackendState { up: route.health.is_up() }))
        .collect();
    let mut notices = Vec::new();
    if !admin.plane.target_given {
        notices.push(Notice { notice: "no-target", detail: NO_TARGET.to_owned() });
    }
    notices.extend(full_table(&admin));
    notices.extend(tightened(&admin));
    response.json(Readiness { status, reasons, backend, routes, notices })
}

/// Says that endpoints made room, or that some were not learned, because the table is full.
fn full_table(admin: &Admin) -> Option<Notice> {
    let evicted = admin.counted(|counted| &counted.endpoints_evicted);
    let lost = admin.counted(|counted| &counted.evicted);
    let refused = admin.counted(|counted| &counted.dropped_endpoints);
    let detail = format!(
        "the table of endpoints or the memory of their models was full: {evicted} made room with \
         {lost} observations, and {refused} observations were not learned; see `--endpoints-max` \
         and `--model-max-bytes`"
    );
    (evicted + refused > 0).then_some(Notice { notice: "endpoints-full", detail })
}

/// Says that models became coarser, because they had outgrown their budget.
fn tightened(admin: &Admin) -> Option<Notice> {
    let times = admin.counted(|counted| &counted.models_tightened);
    let detail = format!(
        "models became coarser {times} times, because an endpoint had outgrown its memory; see \
         `--endpoint-model-max-bytes`"
    );
    (times > 0).then_some(Notice { notice: "models-coarser", detail })
}
