//! Resources that were found behind the endpoints, and people's word over them.

use actix_web::web::{Data, Json};
use actix_web::{FromRequest, HttpRequest, dev};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::future::{Ready, ready};
use utoipa::ToSchema;

use super::Admin;
use super::input::{JsonBody, JsonForm, NoQuery, Query};
use super::learning::problem_of;
use super::paging::{Page, Paging};
use super::problems::{BodyProblems, OrderProblems, QueryProblems, ResourceProblems, RoomProblems};
use crate::domain::site::corrections::ResourceCorrection;
use crate::domain::site::resource_description::{ResourceDescription, ResourceOperation};
use crate::domain::validation::ObjectReader;
use crate::http::error::{Problem, ProblemKind};

/// Longest name of a member, and of members on the way to one, in characters.
const MEMBER_CHARS_MAX: usize = 256;

/// What one endpoint does with a resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationShown {
    /// Method of the endpoint.
    #[schema(example = "POST")]
    method: String,
    /// Template of the endpoint.
    #[schema(example = "/notes")]
    path: String,
    /// `creates`, `lists`, `reads`, `replaces`, `changes`, `deletes` or `acts`.
    #[schema(example = "creates")]
    does: &'static str,
}

impl OperationShown {
    fn of(operation: &ResourceOperation) -> Self {
        let ResourceOperation { method, path, does } = operation.clone();
        Self { method, path, does }
    }
}

/// A resource: things of one kind, and what is done with them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceShown {
    /// Made of the template: `*` for parameters, `.` between segments.
    #[schema(example = "notes.*")]
    id: String,
    /// Template of its items.
    #[schema(example = "/notes/{id}")]
    path: String,
    /// `learned`; `off` where a person wants no memory of it; `pinned` where it stays though
    /// traffic no longer shows it; `corrected` where a person said where something stands.
    #[schema(example = "learned")]
    state: &'static str,
    /// Whether mocks remember what is written.
    stateful: bool,
    /// The member that is the id; null where it is not shown.
    #[schema(example = "id")]
    id_member: Option<String>,
    /// Members on the way to the entity in an answer, separated by dots; empty where the answer
    /// is the entity.
    #[schema(example = "data")]
    envelope: String,
    /// Who chooses the id of a new one: `backend`, `request`, or `unknown` where none was made.
    #[schema(example = "backend")]
    ids: &'static str,
    /// What endpoints do with it.
    operations: Vec<OperationShown>,
    /// Exchanges that were looked at.
    #[schema(example = 120)]
    evidence: u32,
    /// From 0 to 1, by that evidence.
    #[schema(example = 0.94)]
    confidence: f64,
}

impl ResourceShown {
    fn of(found: &ResourceDescription) -> Self {
        Self {
            id: found.name(),
            path: found.path.clone(),
            state: state(found.said.as_ref()),
            stateful: found.is_stateful,
            id_member: found.id.clone(),
            envelope: found.envelope.clone(),
            ids: found.ids,
            operations: found.operations.iter().map(OperationShown::of).collect(),
            evidence: found.exchanges,
            confidence: (found.confidence() * 100.0).round() / 100.0,
        }
    }
}

fn state(said: Option<&ResourceCorrection>) -> &'static str {
    match said {
        None => "learned",
        Some(said) if said.is_off => "off",
        Some(said) if said.is_pinned => "pinned",
        Some(_) => "corrected",
    }
}

fn found(admin: &Admin) -> Vec<ResourceDescription> {
    let handle = admin.learning.site();
    let catalog = admin.learning.catalog_full();
    let known: Vec<(String, String)> = catalog
        .endpoints()
        .map(|endpoint| {
            let key = endpoint.key();
            (key.method.to_string(), key.template.as_str().to_owned())
        })
        .collect();
    handle.site().described_resources(&handle.said(), &known)
}

/// The resources that were found, with what endpoints do with them.
#[utoipa::path(
    get, path = "/resources", operation_id = "listResources", tag = "resources",
    params(Paging),
    responses((status = 200, body = Page<ResourceShown>), QueryProblems)
)]
pub async fn list(admin: Data<Admin>, Query(paging): Query<Paging>) -> Json<Page<ResourceShown>> {
    let mut found = found(&admin);
    found.retain(|one| paging.finds(&[&one.path]));
    Json(paging.page(&found, ResourceShown::of))
}

/// The id in the path.
pub struct ResourceName(String);

impl FromRequest for ResourceName {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let raw = request.match_info().get("id").unwrap_or_default();
        let name = percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned();
        ready(Ok(Self(name)))
    }
}

/// What a person wants of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResourceWish {
    /// As learned: everything that was said of it is taken back.
    Learned,
    /// Its endpoints stay without memory.
    Off,
    /// It stays as it is, though later traffic may no longer show it.
    Pinned,
}

/// A change of a resource; what is not named stays.
#[derive(Debug, ToSchema)]
pub struct ResourceChange {
    /// What is to be done with it.
    #[schema(required = false, nullable = false)]
    state: Option<ResourceWish>,
    /// The member that is the id.
    #[schema(required = false, nullable = false, example = "id")]
    id_member: Option<String>,
    /// Members on the way to the entity in an answer, separated by dots.
    #[schema(required = false, nullable = false, example = "data")]
    envelope: Option<String>,
    /// Members on the way to the rows in the answer of a list, separated by dots.
    #[schema(required = false, nullable = false, example = "data.items")]
    rows: Option<String>,
}

impl JsonForm for ResourceChange {
    const FIELDS: &'static [&'static str] = &["state", "id_member", "envelope", "rows"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        let text = |name: &str| form.text(name, MEMBER_CHARS_MAX).map(ToOwned::to_owned);
        Some(Self {
            state: form.word("state"),
            id_member: text("id_member"),
            envelope: text("envelope"),
            rows: text("rows"),
        })
    }
}

impl ResourceChange {
    /// What is said from now on.
    fn over(self, found: &ResourceDescription) -> ResourceCorrection {
        let mut said = found.as_said();
        match self.state {
            Some(ResourceWish::Learned) => {
                said = ResourceCorrection { item: found.item.clone(), ..Default::default() };
            }
            Some(ResourceWish::Off) => (said.is_off, said.is_pinned) = (true, false),
            Some(ResourceWish::Pinned) => {
                (said.is_off, said.is_pinned) = (false, true);
                let of = |does: &str| {
                    let own = found.operations.iter().filter(|one| one.does == does);
                    own.map(|one| format!("{} {}", one.method, bare(&one.path))).collect()
                };
                (said.creates, said.lists) = (of("creates"), of("lists"));
                said.id = said.id.or_else(|| found.id.clone());
            }
            None => {}
        }
        said.id = self.id_member.or(said.id);
        said.envelope = self.envelope.or(said.envelope);
        said.rows = self.rows.or(said.rows);
        said
    }
}

/// A template without the names of its parameters.
fn bare(path: &str) -> String {
    let segment = |text: &str| if text.contains('{') { "{}".to_owned() } else { text.to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// A resource after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceChanged {
    #[serde(flatten)]
    resource: ResourceShown,
    /// Whether the change survives a restart already; otherwise it will as soon as the database
    /// can be written.
    stored: bool,
}

/// Switches a resource off, pins it, says where its id and its rows stand, or leaves it to learning
/// again. It acts at once, and outlives learning and restarts.
#[utoipa::path(
    patch, path = "/resources/{id}", operation_id = "changeResource", tag = "resources",
    params(("id" = String, Path, description = "Id of the resource")),
    request_body = ResourceChange,
    responses(
        (status = 200, body = ResourceChanged),
        ResourceProblems, BodyProblems, OrderProblems, RoomProblems
    )
)]
pub async fn amend(
    admin: Data<Admin>,
    ResourceName(name): ResourceName,
    _query: Query<NoQuery>,
    JsonBody(change): JsonBody<ResourceChange>,
) -> Result<Json<ResourceChanged>, Problem> {
    let named = |admin: &Admin| found(admin).into_iter().find(|one| one.name() == name);
    let known = named(&admin).ok_or_else(|| unknown(&name))?;
    let said = change.over(&known);
    let ordered = admin.learning.correct(move |all| all.set_resource(said)).await;
    if !ordered.map_err(|error| problem_of(&error))? {
        let detail = "as many resources are changed as may be";
        return Err(Problem::new(ProblemKind::Overloaded, detail));
    }
    let stored = admin.stored().await;
    let after = named(&admin).unwrap_or(known);
    Ok(Json(ResourceChanged { resource: ResourceShown::of(&after), stored }))
}

fn unknown(name: &str) -> Problem {
    // 64 characters show what was meant.
    let shown: String = name.chars().take(64).collect();
    let detail = format!("no resource has the id `{shown}`");
    Problem::new(ProblemKind::NotFound, detail).with("id", json!(shown))
}
