//! Settings that change while the double runs.

use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use super::Admin;
use super::chaos::Caller;
use super::input::{JsonBody, JsonForm, NoQuery, Query};
use super::problems::BodyProblems;
use crate::domain::mode::Mode;
use crate::domain::validation::ObjectReader;
use crate::http::error::Problem;
use crate::runtime::settings::{LATENCY_SCALE_MAX, RuntimeSettings, SettingsPatch};

/// The settings in force.
#[utoipa::path(
    get, path = "/settings", operation_id = "getSettings", tag = "settings",
    responses((status = 200, body = RuntimeSettings))
)]
pub async fn show(admin: Data<Admin>, _query: Query<NoQuery>) -> Json<RuntimeSettings> {
    Json(admin.settings.now())
}

/// A change of the settings; what is left out stays.
#[derive(Debug, ToSchema)]
pub struct SettingsChange {
    /// Who answers.
    #[schema(required = false, nullable = false)]
    mode: Option<Mode>,
    /// Whether proxied traffic teaches.
    #[schema(required = false, nullable = false)]
    learn: Option<bool>,
    /// Factor on simulated latency; 0 answers at once.
    #[schema(required = false, nullable = false, minimum = 0, maximum = 1000)]
    latency_scale: Option<f64>,
}

impl JsonForm for SettingsChange {
    const FIELDS: &'static [&'static str] = &["mode", "learn", "latency_scale"];

    fn read(form: &ObjectReader<'_>) -> Option<Self> {
        Some(Self {
            mode: form.word("mode"),
            learn: form.boolean("learn"),
            latency_scale: form.number("latency_scale", 0.0..=LATENCY_SCALE_MAX),
        })
    }
}

/// The settings after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsChanged {
    #[serde(flatten)]
    settings: RuntimeSettings,
    /// Whether the change survives a restart already; otherwise it will as soon as the database
    /// can be written.
    stored: bool,
}

/// Changes settings: at once, and kept over restarts.
#[utoipa::path(
    patch, path = "/settings", operation_id = "changeSettings", tag = "settings",
    request_body = SettingsChange,
    responses((status = 200, body = SettingsChanged), BodyProblems)
)]
pub async fn change(
    admin: Data<Admin>,
    Caller(caller): Caller,
    _query: Query<NoQuery>,
    JsonBody(change): JsonBody<SettingsChange>,
) -> Result<Json<SettingsChanged>, Problem> {
    let SettingsChange { mode, learn, latency_scale } = change;
    let settings = admin.settings.apply(SettingsPatch { mode, learn, latency_scale }, &caller);
    if mode.is_some_and(|mode| mode != Mode::Proxy) {
        admin.expect_readers();
    }
    Ok(Json(SettingsChanged { settings, stored: admin.stored().await }))
}
