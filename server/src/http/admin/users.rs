//! `/api/admin/v1/users`.

use axum::Json;
use axum::extract::State;
use wire::{PatchCurrentUserRequest, UserView};

use crate::http::Shared;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::session::Admin;

/// Changes the administrator who asks.
pub(super) async fn update_current_user(
    State(app): State<Shared>,
    admin: Admin,
    JsonBody(patch): JsonBody<PatchCurrentUserRequest>,
) -> Result<Json<UserView>, ApiError> {
    let mut user = admin.user;
    if let Some(language) = patch.language {
        app.store.choose_language(&user.id, language).await?;
        user.language = language;
    }
    Ok(Json(user))
}
