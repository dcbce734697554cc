//! How well exchanges were predicted before they were learned.

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::Admin;
use super::input::{KnownEndpoint, NoQuery, Query};
use super::paging::{Page, Paging};
use super::problems::{EndpointProblems, QueryProblems};
use crate::domain::endpoint::FidelityScore;
use crate::runtime::learning::endpoint_handle::EndpointHandle;

/// How good the model of an endpoint is.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointFidelity {
    /// Id of the endpoint.
    id: String,
    /// Method and path.
    #[schema(example = "GET /users/{id}")]
    endpoint: String,
    /// Exchanges learned.
    observations: u64,
    /// `measured`, or `not enough` while too few exchanges were predicted.
    verdict: &'static str,
    /// The figures; null while there is not enough.
    fidelity: Option<FidelityScore>,
}

impl EndpointFidelity {
    fn of(endpoint: &EndpointHandle) -> Self {
        let published = endpoint.published();
        let model = &published.snapshot.model;
        let fidelity = model.fidelity.score();
        Self {
            id: endpoint.id().to_string(),
            endpoint: endpoint.key().to_string(),
            observations: model.observations,
            verdict: if fidelity.is_some() { "measured" } else { "not enough" },
            fidelity,
        }
    }
}

/// How good the models of all endpoints are.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeFidelity {
    /// The mean over the endpoints that have a score, by their traffic; null while none has.
    score: Option<f64>,
    /// Endpoints that have a score.
    measured: usize,
    /// Endpoints of which there is not enough.
    not_enough: usize,
    /// The endpoints, the worst first and those without a score last.
    endpoints: Page<EndpointFidelity>,
}

/// The mean score by traffic, how many endpoints have one, and how many do not.
pub fn whole<'e>(
    endpoints: impl Iterator<Item = &'e std::sync::Arc<EndpointHandle>>,
) -> (Option<f64>, usize, usize) {
    let (mut sum, mut weight, mut measured, mut rest) = (0.0, 0.0, 0, 0);
    for endpoint in endpoints {
        let published = endpoint.published();
        let model = &published.snapshot.model;
        match model.fidelity.score() {
            Some(known) => {
                let share = model.observations as f64;
                (sum, weight) = (sum + known.score * share, weight + share);
                measured += 1;
            }
            None => rest += 1,
        }
    }
    ((weight > 0.0).then(|| sum / weight), measured, rest)
}

/// How well the models predicted real exchanges before they learned them.
#[utoipa::path(
    get, path = "/fidelity", operation_id = "getFidelity", tag = "portable",
    params(Paging),
    responses((status = 200, body = WholeFidelity), QueryProblems)
)]
pub async fn all(admin: Data<Admin>, Query(paging): Query<Paging>) -> Json<WholeFidelity> {
    let catalog = admin.learning.catalog_full();
    let (score, measured, not_enough) = whole(catalog.endpoints());
    let mut found: Vec<EndpointFidelity> = catalog
        .endpoints()
        .map(|endpoint| EndpointFidelity::of(endpoint))
        .filter(|known| paging.finds(&[&known.endpoint, &known.id]))
        .collect();
    let key = |known: &EndpointFidelity| known.fidelity.as_ref().map_or(2.0, |f| f.score);
    found.sort_by(|a, b| key(a).total_cmp(&key(b)).then_with(|| a.endpoint.cmp(&b.endpoint)));
    let endpoints = paging.page(&found, |known| EndpointFidelity {
        id: known.id.clone(),
        endpoint: known.endpoint.clone(),
        observations: known.observations,
        verdict: known.verdict,
        fidelity: known.fidelity.clone(),
    });
    Json(WholeFidelity { score, measured, not_enough, endpoints })
}

/// How well the model of an endpoint predicted real exchanges before it learned them.
#[utoipa::path(
    get, path = "/endpoints/{id}/fidelity", operation_id = "getEndpointFidelity",
    tag = "portable",
    params(("id" = String, Path, description = "Id of the endpoint, or of one folded into it")),
    responses((status = 200, body = EndpointFidelity), EndpointProblems)
)]
pub async fn one(
    KnownEndpoint(endpoint): KnownEndpoint,
    _query: Query<NoQuery>,
) -> Json<EndpointFidelity> {
    Json(EndpointFidelity::of(&endpoint))
}
