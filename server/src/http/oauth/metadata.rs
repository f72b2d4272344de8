//! `GET /.well-known/oauth-authorization-server` (RFC 8414): where the doors are and what they understand.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::http::Shared;

#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    token_endpoint: String,
    introspection_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    service_documentation: String,
    /// There is no authorization endpoint, so none. The claim is required all the same, and libraries insist on it.
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 4],
}

/// Answers. Interfaces are nobody's business who has no token, so there is no list of scopes.
pub(in crate::http) async fn get_metadata(State(app): State<Shared>) -> Response {
    let issuer = app.site.issuer.as_str();
    let headers = [
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    let metadata = Metadata {
        issuer,
        token_endpoint: format!("{issuer}/oauth2/token"),
        introspection_endpoint: format!("{issuer}/oauth2/introspect"),
        revocation_endpoint: format!("{issuer}/oauth2/revoke"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        service_documentation: format!("{issuer}/api"),
        response_types_supported: [],
        grant_types_supported: [
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        // "none": a token exchange needs no client beside its subject_token.
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
        // "Bearer" stands in the registry of token types, which the claim allows too.
        introspection_endpoint_auth_methods_supported: [
            "client_secret_basic",
            "client_secret_post",
            "Bearer",
        ],
        // "none": whoever holds a token may end it.
        revocation_endpoint_auth_methods_supported: [
            "client_secret_basic",
            "client_secret_post",
            "Bearer",
            "none",
        ],
    };
    (headers, Json(metadata)).into_response()
}
