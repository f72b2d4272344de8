//! `GET /.well-known/jwks.json`: the public keys (RFC 7517), for those who check temporary tokens by themselves. They
//! see no stop before the end that way, so lifetimes have to be short.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::Shared;
use super::error::ApiError;
use super::signing_keys::KEY_SET_AGE;
use crate::secret::key_set;

/// Answers.
pub(super) async fn get_key_set(State(app): State<Shared>) -> Result<impl IntoResponse, ApiError> {
    let keys = app
        .index
        .keys()
        .ok_or(ApiError::Internal("there is no signing key"))?;
    let headers = [
        (header::CACHE_CONTROL, format!("public, max-age={KEY_SET_AGE}")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
        (header::CONTENT_TYPE, "application/jwk-set+json".to_owned()),
    ];
    Ok((
        headers,
        Json(key_set(&keys.verifying)).into_response().into_body(),
    ))
}
