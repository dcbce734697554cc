//! Learned endpoints: looked at, amended, forgotten.

mod body_view;
pub mod chaos;
mod conversation_view;
mod detail;
pub mod patch;
pub mod sample;
pub mod schema;
pub mod series;
mod stats;
mod summary;

use actix_web::web::{Data, Json};

use super::Admin;
use super::input::{KnownEndpoint, NoQuery, Query};
use super::problems::{EndpointProblems, QueryProblems};
use crate::http::admin::paging::{Page, Paging};
pub use chaos::set_chaos;
pub use detail::EndpointDetail;
pub use patch::{amend, forget};
pub use sample::sample;
pub use schema::schema;
pub use series::series;
pub use stats::EndpointStats;
pub use summary::EndpointSummary;

/// Learned endpoints, by path and method.
#[utoipa::path(
    get, path = "/endpoints", operation_id = "listEndpoints", tag = "endpoints",
    params(Paging),
    responses((status = 200, body = Page<EndpointSummary>), QueryProblems)
)]
pub async fn list(admin: Data<Admin>, Query(paging): Query<Paging>) -> Json<Page<EndpointSummary>> {
    let endpoints = admin.all_endpoints();
    let mut found: Vec<_> = endpoints
        .iter()
        .filter(|endpoint| {
            let key = endpoint.key();
            // As `X-Mock-Endpoint` names it: method and template together, or either.
            let label = format!("{} {}", key.method, key.template.as_str());
            paging.finds(&[&label, endpoint.id().as_str(), key.backend.as_str()])
        })
        .collect();
    found.sort_unstable_by_key(|endpoint| {
        let key = endpoint.key();
        (&key.backend, &key.template, &key.method)
    });
    Json(paging.page(&found, |endpoint| EndpointSummary::of(endpoint, &admin.chaos)))
}

/// Everything that is known of an endpoint.
#[utoipa::path(
    get, path = "/endpoints/{id}", operation_id = "getEndpoint", tag = "endpoints",
    params(("id" = String, Path, description = "Id of the endpoint, or of one folded into it")),
    responses((status = 200, body = EndpointDetail), EndpointProblems)
)]
pub async fn detail(
    admin: Data<Admin>,
    KnownEndpoint(endpoint): KnownEndpoint,
    _query: Query<NoQuery>,
) -> Json<EndpointDetail> {
    Json(EndpointDetail::of(&endpoint, admin.learning_of(&endpoint).catalog().tree(), &admin.chaos))
}

/// The figures of an endpoint alone: moving averages and quantiles, per status and in all.
#[utoipa::path(
    get, path = "/endpoints/{id}/stats", operation_id = "getEndpointStats", tag = "endpoints",
    params(("id" = String, Path, description = "Id of the endpoint, or of one folded into it")),
    responses((status = 200, body = EndpointStats), EndpointProblems)
)]
pub async fn stats(
    KnownEndpoint(endpoint): KnownEndpoint,
    _query: Query<NoQuery>,
) -> Json<EndpointStats> {
    Json(EndpointStats::of(&endpoint))
}
