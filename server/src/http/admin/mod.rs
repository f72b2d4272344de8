//! `/api/admin/v1`: what the app's pages ask for. Session cookie and own origin only; no token opens anything here, so
//! no token can make another one.

mod activity;
mod alarms;
mod claims;
mod export;
mod import;
mod interfaces;
mod overview;
mod settings;
mod signing_keys;
mod sites;
mod tokens;
mod users;

use std::str::FromStr;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::routing::{any, delete, get, patch, post};
use tower_http::set_header::SetResponseHeaderLayer;
use wire::{FieldError, FieldErrorCode, PageQuery};

use super::Shared;
use super::error::{ApiError, method_not_allowed, nothing_here};
use super::session::get_current_session;
use crate::domain::refusal::Refusal;

/// The routes.
pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/tokens", get(tokens::list_tokens).post(tokens::create_token))
        .route("/tokens/export", get(export::export_tokens))
        .route("/tokens/import", post(import::import_tokens))
        .route(
            "/tokens/{id}",
            get(tokens::find_token)
                .patch(tokens::update_token)
                .delete(tokens::delete_token),
        )
        .route("/tokens/bulk", post(tokens::change_tokens))
        .route("/tokens/{id}/usage", get(tokens::get_usage))
        .route("/tokens/{id}/secrets/{secret_id}", delete(tokens::end_secret))
        .route(
            "/tokens/{id}/claim",
            get(claims::find_claim).delete(claims::cancel_claim),
        )
        .route("/tokens/{id}/handover", post(tokens::create_handover))
        .route("/tokens/{id}/activate", post(tokens::activate_token))
        .route("/tokens/{id}/deactivate", post(tokens::deactivate_token))
        .route(
            "/tokens/{id}/deal-with-exposures",
            post(tokens::deal_with_exposures),
        )
        .route("/tokens/{id}/stop-temporary", post(tokens::stop_temporary_tokens))
        .route(
            "/interfaces",
            get(interfaces::list_interfaces).post(interfaces::create_interface),
        )
        .route(
            "/interfaces/{id}",
            get(interfaces::find_interface)
                .patch(interfaces::update_interface)
                .delete(interfaces::delete_interface),
        )
        .route("/overview", get(overview::get_overview))
        .route("/activity", get(activity::list_activity))
        .route("/alarms", get(alarms::list_alarms))
        .route(
            "/settings",
            get(settings::find_settings).patch(settings::update_settings),
        )
        .route("/settings/preview", post(settings::preview_settings))
        .route("/signing-keys", get(signing_keys::list_signing_keys))
        .route("/signing-keys/rotate", post(signing_keys::rotate_signing_key))
        .route("/sites", get(sites::list_sites).post(sites::create_site))
        .route(
            "/sites/{id}",
            patch(sites::update_site).delete(sites::delete_site),
        )
        .route("/sites/{id}/search", post(sites::search_site))
        .route("/sessions/current", get(get_current_session))
        .route("/users/current", patch(users::update_current_user))
        // A route, not a fallback: the reference answers every other address under /api.
        .route("/{*rest}", any(nothing_here))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

/// An id in the path. One that cannot be an id names nothing.
pub(super) struct Id<T>(pub(super) T);

impl<T: FromStr> FromRequestParts<Shared> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| ApiError::NotFound("resource"))?;
        text.parse().map(Self).map_err(|_| ApiError::NotFound("resource"))
    }
}

/// Two ids in the path, the second of something that belongs to the first.
pub(super) struct Ids<T, U>(pub(super) T, pub(super) U);

impl<T: FromStr, U: FromStr> FromRequestParts<Shared> for Ids<T, U> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let nothing = || ApiError::NotFound("resource");
        let Path((first, second)) = Path::<(String, String)>::from_request_parts(parts, app)
            .await
            .map_err(|_| nothing())?;
        match (first.parse(), second.parse()) {
            (Ok(first), Ok(second)) => Ok(Self(first, second)),
            _ => Err(nothing()),
        }
    }
}

/// Checks the numbers of a page.
///
/// # Errors
/// The field that is out of range.
pub(super) fn check_page(page: u32, per_page: u32) -> Result<PageQuery, ApiError> {
    let refuse = |field: &str, detail: &str| -> ApiError {
        Refusal::fields(vec![FieldError {
            detail: detail.to_owned(),
            ..FieldError::new(field, FieldErrorCode::OutOfRange)
        }])
        .into()
    };
    if !(1..=1_000_000).contains(&page) {
        return Err(refuse("page", "pages are counted from 1"));
    }
    if !(1..=200).contains(&per_page) {
        return Err(refuse("per_page", "a page has 1 to 200 entries"));
    }
    Ok(PageQuery { page, per_page })
}
