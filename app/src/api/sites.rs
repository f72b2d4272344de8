//! Watched sites.

use http::Method;
use wire::{CreateSiteRequest, PatchSiteRequest, SiteId, SiteView};

use super::{ApiError, delete, get, send};

/// All of them.
pub(crate) async fn list_sites() -> Result<Vec<SiteView>, ApiError> {
    get("sites".to_owned()).await
}

/// Registers a site.
pub(crate) async fn create_site(request: CreateSiteRequest) -> Result<SiteView, ApiError> {
    send(Method::POST, "sites".to_owned(), &request).await
}

/// Pauses a site, or watches it again.
pub(crate) async fn patch_site(id: SiteId, request: PatchSiteRequest) -> Result<SiteView, ApiError> {
    send(Method::PATCH, format!("sites/{id}"), &request).await
}

/// Begins a search.
pub(crate) async fn search_site(id: SiteId) -> Result<SiteView, ApiError> {
    send(Method::POST, format!("sites/{id}/search"), &()).await
}

/// Forgets a site.
pub(crate) async fn delete_site(id: SiteId) -> Result<(), ApiError> {
    delete(format!("sites/{id}")).await
}
