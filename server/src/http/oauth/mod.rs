//! The doors of OAuth 2.0: existing clients and libraries mint, ask and revoke without knowing Daypass.
//!
//! Thin adapters: parameters in, one call of the same functions as every other door, the answer in OAuth's words.
//! A token here is what the other doors call one: the client's id is a token's id, its secret is that token's secret.
//! Rules about rights and lifetimes must not enter.

mod caller;
mod error;
mod introspect;
mod metadata;
mod parameters;
mod revoke;
mod token;

use axum::Router;
use axum::routing::{get, post};

use super::Shared;

pub(super) use introspect::post_introspect;

/// What is asked again and again: without spans and layers.
pub(super) fn hot() -> Router<Shared> {
    Router::new()
        .route("/oauth2/token", post(token::post_token))
        .route("/oauth2/introspect", post(post_introspect))
        .route("/oauth2/revoke", post(revoke::post_revoke))
        .method_not_allowed_fallback(error::post_only)
}

/// What is read once.
pub(super) fn documented() -> Router<Shared> {
    Router::new().route(
        "/.well-known/oauth-authorization-server",
        get(metadata::get_metadata),
    )
}
