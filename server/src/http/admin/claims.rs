//! `/api/admin/v1/tokens/{id}/claim`: where a token's latest claim stands. Neither its code nor a secret is here.

use axum::Json;
use axum::extract::State;
use wire::{ClaimResponse, TokenId};

use super::Id;
use crate::http::Shared;
use crate::http::error::ApiError;
use crate::http::session::{Admin, Onlooker};

/// The latest claim; the app asks again and again while a server is expected, which keeps no session open.
pub(super) async fn find_claim(
    State(app): State<Shared>,
    _: Onlooker,
    Id(id): Id<TokenId>,
) -> Result<Json<ClaimResponse>, ApiError> {
    Ok(Json(app.store.find_claim(&id).await?))
}

/// Cancels it, where it is open. It says how it stands then: a server may have been faster.
pub(super) async fn cancel_claim(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<TokenId>,
) -> Result<Json<ClaimResponse>, ApiError> {
    Ok(Json(app.store.cancel_claim(&admin.actor, &id).await?))
}
