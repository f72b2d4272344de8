//! What commands on this machine ask of the running server, over a socket that only its own user reaches: the use cases
//! that the app's pages ask for, with the command line as the actor.
//!
//! **Never into the router that listens on a port**: nothing in here asks who somebody is.

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use wire::{
    CreateTokenRequest, FieldError, FieldErrorCode, LIMITS, Overlap, Page, TokenId, TokenListQuery, TokenView,
};

use super::app::App;
use super::body::{JsonBody, OptionalJsonBody, Query};
use super::error::ApiError;
use super::{Shared, claim, error};
use crate::domain::activity::{Actor, Who};
use crate::domain::refusal::Refusal;
use crate::secret::OneTimeCode;
use crate::store::NewClaim;

/// Whoever may use the socket.
const ACTOR: Actor = Actor {
    who: Who::CommandLine,
    address: None,
};

/// The routes. A secret leaves by the claim alone, here as elsewhere.
pub fn command_line_router(app: Shared) -> Router {
    Router::new()
        .route("/command-line/tokens", get(list_tokens).post(create_token))
        .route("/command-line/tokens/{token}/claim", post(issue_claim))
        .route("/command-line/tokens/{token}/deactivate", post(deactivate_token))
        .merge(claim::router())
        .fallback(any(error::nothing_here))
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(LIMITS.body))
        .with_state(app)
}

async fn list_tokens(
    State(app): State<Shared>,
    Query(query): Query<TokenListQuery>,
) -> Result<Json<Page<TokenView>>, ApiError> {
    Ok(Json(app.store.list_tokens(&query).await?))
}

async fn create_token(
    State(app): State<Shared>,
    JsonBody(request): JsonBody<CreateTokenRequest>,
) -> Result<(StatusCode, Json<TokenView>), ApiError> {
    let made = app.store.create_token(&ACTOR, &request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// A token by its id or its name: people know names.
async fn find(app: &App, token: &str) -> Result<TokenId, ApiError> {
    if let Ok(id) = token.parse() {
        return Ok(id);
    }
    let found = app.store.find_token_named(token).await?;
    found.ok_or(ApiError::NotFound("token"))
}

/// How a claim is wanted.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    #[serde(default)]
    overlap: i64,
}

/// The code, for the command that uses it at once.
#[derive(Serialize)]
struct Issued {
    code: String,
}

async fn issue_claim(
    State(app): State<Shared>,
    Path(token): Path<String>,
    OptionalJsonBody(Wish { overlap }): OptionalJsonBody<Wish>,
) -> Result<(StatusCode, Json<Issued>), ApiError> {
    let overlap = Overlap::from_seconds(overlap)
        .ok_or_else(|| Refusal::fields(vec![FieldError::new("overlap", FieldErrorCode::OutOfRange)]))?;
    let token = find(&app, &token).await?;
    let code = OneTimeCode::generate(&*app.entropy);
    let new = NewClaim {
        digest: code.digest(),
        token,
        network: None,
        overlap,
    };
    app.store.issue_claim(&ACTOR, new).await?;
    let issued = Issued {
        code: code.expose_to_its_owner().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(issued)))
}

async fn deactivate_token(
    State(app): State<Shared>,
    Path(token): Path<String>,
) -> Result<Json<TokenView>, ApiError> {
    let token = find(&app, &token).await?;
    Ok(Json(app.store.deactivate_token(&ACTOR, &token, None).await?))
}
