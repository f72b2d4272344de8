//! `/api/admin/v1/overview`: how many tokens there are, and which of them need attention.

use axum::Json;
use axum::extract::State;
use wire::OverviewView;

use crate::http::Shared;
use crate::http::error::ApiError;
use crate::http::session::Admin;

pub(super) async fn get_overview(
    State(app): State<Shared>,
    _: Admin,
) -> Result<Json<OverviewView>, ApiError> {
    Ok(Json(app.store.count_tokens().await?))
}
