//! The chaos shorthand of an endpoint: one number instead of a rule.

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::Admin;
use super::super::chaos::{Caller, refused as edit_problem};
use super::super::input::{JsonBody, JsonForm, KnownEndpoint, NoQuery, Query, unknown_endpoint};
use super::super::output::rfc3339;
use super::super::problems::{BodyProblems, EndpointProblems, OrderProblems};
use crate::domain::chaos::{ChaosRule, RuleId};
use crate::domain::validation::ObjectReader;
use crate::http::error::Problem;
use crate::runtime::learning::snapshot::EndpointChaos;

/// The highest level: every answer fails.
const LEVEL_MAX: u8 = 100;

/// How much chaos an endpoint gets.
#[derive(Debug, ToSchema)]
pub struct ChaosLevel {
    /// Probability of a failure in percent, and a tenth of the milliseconds added to each answer.
    #[schema(minimum = 0, maximum = 100)]
    level: u8,
    /// Whether it acts.
    active: bool,
}

impl JsonForm for ChaosLevel {
    const FIELDS: &'static [&'static str] = &["level", "active"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        form.require("level");
        form.require("active");
        let level = form.integer("level", 0..=i64::from(LEVEL_MAX));
        let active = form.boolean("active");
        Some(Self { level: u8::try_from(level?).ok()?, active: active? })
    }
}

/// The chaos of an endpoint after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChaosChanged {
    /// Id of the endpoint.
    id: String,
    /// The level.
    level: u8,
    /// Whether it acts; it ends by itself.
    active: bool,
    /// When it ends; null when it does not act.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Ids of the rules that carry it out.
    rules: Vec<String>,
    /// Whether the change survives a restart already; otherwise it will as soon as the database
    /// can be written.
    stored: bool,
}

/// Lets answers of an endpoint come late and fail, for a while: `level` percent of them fail, and
/// all take ten times `level` milliseconds longer.
#[utoipa::path(
    post, path = "/endpoints/{id}/chaos", operation_id = "setEndpointChaos", tag = "endpoints",
    params(("id" = String, Path, description = "Id of the endpoint, or of one folded into it")),
    request_body = ChaosLevel,
    responses(
        (status = 200, body = ChaosChanged),
        EndpointProblems, BodyProblems, OrderProblems
    )
)]
pub async fn set_chaos(
    admin: Data<Admin>,
    KnownEndpoint(endpoint): KnownEndpoint,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    JsonBody(ChaosLevel { level, active }): JsonBody<ChaosLevel>,
) -> Result<Json<ChaosChanged>, Problem> {
    let id = endpoint.id();
    let board = &admin.chaos;
    let now_ms = board.clock().now_ms;
    let rules = ChaosRule::shorthand(id.as_str(), level, active, board.limits(), now_ms);
    let active = active && level > 0;
    let expires_at_ms = rules.iter().map(|rule| rule.lease.expires_at_ms).max().unwrap_or(now_ms);
    let ids: Vec<RuleId> = rules.iter().map(|rule| rule.id.clone()).collect();
    let told = EndpointChaos { level, active, expires_at_ms };
    if !admin.learning_of(&endpoint).control(id, |controls| controls.chaos = Some(told)) {
        return Err(unknown_endpoint(id.as_str()));
    }
    if active {
        board.put(rules, &caller).map_err(edit_problem)?;
    } else {
        board.remove(&ids, &caller);
    }
    Ok(Json(ChaosChanged {
        id: id.to_string(),
        level,
        active,
        expires_at: active.then(|| rfc3339(expires_at_ms)).flatten(),
        rules: if active { ids.iter().map(|id| id.as_str().to_owned()).collect() } else { vec![] },
        stored: admin.stored().await,
    }))
}
