//! `/api/admin/v1/sites`: sites that are watched.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wire::{CreateSiteRequest, PatchSiteRequest, SiteId, SiteView};

use super::Id;
use crate::http::Shared;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::session::Admin;

pub(super) async fn list_sites(State(app): State<Shared>, _: Admin) -> Result<Json<Vec<SiteView>>, ApiError> {
    let sites = app.store.list_sites().await?;
    Ok(Json(sites.into_iter().map(|site| app.site_view(site)).collect()))
}

pub(super) async fn create_site(
    State(app): State<Shared>,
    admin: Admin,
    JsonBody(request): JsonBody<CreateSiteRequest>,
) -> Result<(StatusCode, Json<SiteView>), ApiError> {
    let site = app.store.create_site(&admin.actor, &request).await?;
    Ok((StatusCode::CREATED, Json(site)))
}

pub(super) async fn update_site(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<SiteId>,
    JsonBody(patch): JsonBody<PatchSiteRequest>,
) -> Result<Json<SiteView>, ApiError> {
    let site = app.store.update_site(&admin.actor, &id, &patch).await?;
    Ok(Json(app.site_view(site)))
}

pub(super) async fn delete_site(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<SiteId>,
) -> Result<StatusCode, ApiError> {
    app.store.delete_site(&admin.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins a search; its result stands in the list when it is over.
pub(super) async fn search_site(
    State(app): State<Shared>,
    _: Admin,
    Id(id): Id<SiteId>,
) -> Result<(StatusCode, Json<SiteView>), ApiError> {
    let mut site = app
        .store
        .find_site(&id)
        .await?
        .ok_or(ApiError::NotFound("site"))?;
    site.searching = true;
    let searcher = app.clone();
    tokio::spawn(async move {
        if let Err(error) = searcher.search_site(&id).await {
            tracing::warn!(error = %error, "a site could not be searched");
        }
    });
    Ok((StatusCode::ACCEPTED, Json(site)))
}
