//! `/api/admin/v1/settings`.

use axum::Json;
use axum::extract::State;
use wire::{PatchSettingsRequest, SettingsEffects, SettingsView};

use crate::http::Shared;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::session::Admin;

pub(super) async fn find_settings(State(app): State<Shared>, _: Admin) -> Json<SettingsView> {
    Json(app.index.settings().view())
}

pub(super) async fn update_settings(
    State(app): State<Shared>,
    admin: Admin,
    JsonBody(patch): JsonBody<PatchSettingsRequest>,
) -> Result<Json<SettingsView>, ApiError> {
    Ok(Json(
        app.store.update_settings(&admin.actor, &patch).await?.view(),
    ))
}

/// Says how many tokens a change would affect, and changes nothing.
pub(super) async fn preview_settings(
    State(app): State<Shared>,
    _: Admin,
    JsonBody(patch): JsonBody<PatchSettingsRequest>,
) -> Result<Json<SettingsEffects>, ApiError> {
    Ok(Json(app.store.preview_settings(&patch).await?))
}
