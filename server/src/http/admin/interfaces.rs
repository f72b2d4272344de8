//! `/api/admin/v1/interfaces`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wire::{CreateInterfaceRequest, InterfaceId, InterfaceView, Page, PageQuery, PatchInterfaceRequest};

use super::{Id, check_page};
use crate::http::Shared;
use crate::http::body::{JsonBody, Query};
use crate::http::error::ApiError;
use crate::http::session::Admin;

pub(super) async fn list_interfaces(
    State(app): State<Shared>,
    _: Admin,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<InterfaceView>>, ApiError> {
    let query = check_page(query.page, query.per_page)?;
    Ok(Json(app.store.list_interfaces(query).await?))
}

pub(super) async fn create_interface(
    State(app): State<Shared>,
    admin: Admin,
    JsonBody(request): JsonBody<CreateInterfaceRequest>,
) -> Result<(StatusCode, Json<InterfaceView>), ApiError> {
    Ok((
        StatusCode::CREATED,
        Json(app.store.create_interface(&admin.actor, &request).await?),
    ))
}

pub(super) async fn find_interface(
    State(app): State<Shared>,
    _: Admin,
    Id(id): Id<InterfaceId>,
) -> Result<Json<InterfaceView>, ApiError> {
    app.store
        .find_interface(&id)
        .await?
        .map(Json)
        .ok_or(ApiError::NotFound("interface"))
}

pub(super) async fn update_interface(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<InterfaceId>,
    JsonBody(patch): JsonBody<PatchInterfaceRequest>,
) -> Result<Json<InterfaceView>, ApiError> {
    Ok(Json(app.store.update_interface(&admin.actor, &id, &patch).await?))
}

pub(super) async fn delete_interface(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<InterfaceId>,
) -> Result<StatusCode, ApiError> {
    app.store.delete_interface(&admin.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
