//! The audit trail: who changed which chaos rule, override or setting, and how.

use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Admin;
use super::input::Query;
use super::output::rfc3339;
use super::problems::{OrderProblems, QueryProblems};
use crate::http::admin::paging::{Page, Paging};
use crate::http::error::{Problem, ProblemKind};

/// Entries that are looked through: all that are kept.
const ENTRIES_MAX: usize = 10_000;

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// When.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Who: the address the order came from.
    actor: String,
    /// What was done: `create`, `replace`, `amend`, `delete`, `stop`.
    #[schema(example = "create")]
    action: String,
    /// To what.
    #[schema(example = "chaos/rules/checkout-is-flaky")]
    subject: String,
    /// The rule, override or setting `before` and `after`, as far as there was one.
    #[schema(value_type = Object)]
    change: Value,
}

/// Changes of chaos rules, overrides and settings, newest first.
#[utoipa::path(
    get, path = "/audit", operation_id = "listAudit", tag = "chaos",
    params(Paging),
    responses((status = 200, body = Page<AuditEntry>), QueryProblems, OrderProblems)
)]
pub async fn list(
    admin: Data<Admin>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let entries = admin.learning.persistence().audit(ENTRIES_MAX).await.map_err(|error| {
        log::warn!("audit trail: {error}");
        Problem::new(ProblemKind::StoreUnavailable, "the database cannot be read now")
    })?;
    let found: Vec<_> = entries
        .iter()
        .filter(|entry| paging.finds(&[&entry.actor, &entry.action, &entry.subject]))
        .collect();
    Ok(Json(paging.page(&found, |entry| AuditEntry {
        at: rfc3339(entry.at_ms),
        actor: entry.actor.clone(),
        action: entry.action.clone(),
        subject: entry.subject.clone(),
        change: serde_json::from_str(&entry.document.json).unwrap_or_default(),
    })))
}
