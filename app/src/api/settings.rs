//! Settings of the API as a whole.

use http::Method;
use wire::{PatchSettingsRequest, SettingsEffects, SettingsView};

use super::{ApiError, get, send};

/// The settings in force.
pub(crate) async fn find_settings() -> Result<SettingsView, ApiError> {
    get("settings".to_owned()).await
}

/// Changes settings.
pub(crate) async fn patch_settings(request: PatchSettingsRequest) -> Result<SettingsView, ApiError> {
    send(Method::PATCH, "settings".to_owned(), &request).await
}

/// How many tokens a change would affect; it changes nothing.
pub(crate) async fn preview_settings(request: PatchSettingsRequest) -> Result<SettingsEffects, ApiError> {
    send(Method::POST, "settings/preview".to_owned(), &request).await
}
