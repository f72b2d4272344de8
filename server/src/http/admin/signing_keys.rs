//! `/api/admin/v1/signing-keys`: which keys sign temporary tokens, and a new one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wire::{RotateSigningKeyRequest, SigningKeyView};

use crate::http::Shared;
use crate::http::app::StartError;
use crate::http::body::OptionalJsonBody;
use crate::http::error::ApiError;
use crate::http::session::Admin;

pub(super) async fn list_signing_keys(
    State(app): State<Shared>,
    _: Admin,
) -> Result<Json<Vec<SigningKeyView>>, ApiError> {
    Ok(Json(app.store.list_signing_keys().await?.view(app.now())))
}

pub(super) async fn rotate_signing_key(
    State(app): State<Shared>,
    admin: Admin,
    OptionalJsonBody(request): OptionalJsonBody<RotateSigningKeyRequest>,
) -> Result<(StatusCode, Json<Vec<SigningKeyView>>), ApiError> {
    let keys = app
        .rotate_signing_key(&admin.actor, request.at_once)
        .await
        .map_err(|error| match error {
            StartError::Store(error) => ApiError::Store(error),
            other => {
                tracing::error!(error = %other, "the signing key could not be rotated");
                ApiError::Internal("the signing key could not be rotated")
            }
        })?;
    Ok((StatusCode::CREATED, Json(keys)))
}
