//! `/api/admin/v1/activity`.

use axum::Json;
use axum::extract::State;
use wire::{Activity, PageQuery};

use super::check_page;
use crate::http::Shared;
use crate::http::body::Query;
use crate::http::error::ApiError;
use crate::http::session::Admin;

pub(super) async fn list_activity(
    State(app): State<Shared>,
    _: Admin,
    Query(query): Query<PageQuery>,
) -> Result<Json<Activity>, ApiError> {
    let query = check_page(query.page, query.per_page)?;
    Ok(Json(app.store.list_activity(query).await?))
}
