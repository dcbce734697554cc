//! Profiles: named sets of rules, started with one call.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::Admin;
use super::super::input::{JsonDocument, NoQuery, Query};
use super::super::problems::{BodyProblems, ProfileProblems, QueryProblems, RoomProblems};
use super::form::{ProfileStart, RuleShown};
use super::{Caller, refused};
use crate::domain::chaos::Profile;
use crate::domain::chaos::profile::PROFILES;
use crate::http::admin::paging::{Page, Paging};
use crate::http::error::{Problem, ProblemKind};

/// A profile as it is listed.
#[derive(Serialize, ToSchema)]
pub struct ProfileShown {
    /// Its name in the path of a start.
    #[schema(example = "slow-network")]
    name: &'static str,
    /// What goes wrong.
    summary: &'static str,
    /// Its rules, without scope and lease: whoever starts it names these.
    #[schema(value_type = Vec<Object>)]
    rules: Value,
}

/// The rules that a start has made.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer that is written from borrowed rules")]
pub struct ProfileStarted {
    /// The rules, in the order in which they act.
    items: Vec<RuleShown>,
    /// Whether they survive a restart already.
    stored: bool,
}

/// Named sets of rules for common situations.
#[utoipa::path(
    get, path = "/chaos/profiles", operation_id = "listChaosProfiles", tag = "chaos",
    params(Paging),
    responses((status = 200, body = Page<ProfileShown>), QueryProblems)
)]
pub async fn list(Query(paging): Query<Paging>) -> Json<Page<ProfileShown>> {
    let found: Vec<&Profile> =
        PROFILES.iter().filter(|profile| paging.finds(&[profile.name, profile.summary])).collect();
    Json(paging.page(&found, |profile| ProfileShown {
        name: profile.name,
        summary: profile.summary,
        // A test walks all profiles and reads their rules.
        rules: serde_json::from_str(profile.rules).unwrap_or_default(),
    }))
}

/// Starts all rules of a profile, for a scope and a while.
#[utoipa::path(
    post, path = "/chaos/profiles/{name}/start", operation_id = "startChaosProfile", tag = "chaos",
    params(("name" = String, Path, description = "Name of the profile")),
    request_body = ProfileStart,
    responses((status = 201, body = ProfileStarted), ProfileProblems, BodyProblems, RoomProblems)
)]
pub async fn start(
    admin: Data<Admin>,
    name: Path<String>,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    JsonDocument(start): JsonDocument,
) -> Result<HttpResponse, Problem> {
    let profile = Profile::find(&name).ok_or_else(|| {
        let known: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
        Problem::new(ProblemKind::NotFound, "no profile has this name").with("known", json!(known))
    })?;
    let started = admin.chaos.start_profile(profile, &start, &caller).map_err(refused)?;
    let stored = admin.stored_soon().await;
    let clock = admin.chaos.clock();
    let items: Vec<_> = started.iter().map(|held| held.report(clock)).collect();
    Ok(HttpResponse::Created().json(json!({"items": items, "stored": stored})))
}
