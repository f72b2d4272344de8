//! `POST /api/RevokeToken`: a holder ends what it holds. A server its secret (that version only), a page its temporary
//! token; a public token is in every visitor's hands, so nobody ends it here. What is switched off or over for now is
//! ended too: it could come back.
//!
//! A visitor can make new temporary tokens of one, and each end is written: so visitors end so many in a minute. No limit
//! stands in the way of a server.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wire::{ErrorCode, Kind, Timestamp};

use super::error::ApiError;
use super::holder::{self, Visit};
use super::{Shared, body};
use crate::domain::activity::{Actor, Who};
use crate::domain::refusal::Refusal;
use crate::domain::verification::{Holder, Purpose};
use crate::store::Ending;

/// Nothing can be chosen; an unknown field is refused all the same.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {}

/// Ends the token that it was sent with.
pub(super) async fn post_revoke_token(State(app): State<Shared>, request: Request) -> Response {
    match answer(&app, request).await {
        Ok(response) => response,
        Err(ApiError::Refused(refusal)) => holder::refuse(refusal, false),
        Err(other) => other.into_response(),
    }
}

async fn answer(app: &Shared, request: Request) -> Result<Response, ApiError> {
    // Switched off is switched off, whatever the body is like.
    holder::require_api(app)?;
    let (parts, content) = request.into_parts();
    // First: whoever holds the body back is judged when it is here, and not as of a moment long ago.
    let content = body::read(Request::new(content)).await?;
    let visit = Visit::of(&parts, app);
    let who = visit.accept(app, Purpose::Revoke).await?;
    let Options {} = body::parse_optional_json(&content)?;
    let address = visit.around.client;
    revoke(app, &who, address, visit.around.now)
        .await
        .inspect_err(|error| {
            if let ApiError::Refused(refusal) = error {
                holder::note_refusal(app, Some(&who), refusal.code, visit.around.now);
            }
        })?;
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::NO_CONTENT, no_store).into_response())
}

/// Ends what the holder holds; it is refused from the answer on. Every door ends through here.
///
/// # Errors
/// The refusal, for a public token, and for a visitor who ends too many; or when the store fails.
pub(super) async fn revoke(
    app: &Shared,
    who: &Holder,
    address: Option<IpAddr>,
    now: Timestamp,
) -> Result<(), ApiError> {
    let state = &who.state;
    let actor = Actor {
        who: Who::Token {
            id: state.id.clone(),
            name: state.name.clone(),
        },
        address,
    };
    if let Some(claims) = &who.claims {
        let by = if who.by_server {
            Ending::Server
        } else {
            app.index
                .endings
                .take(&state.id, address, now)
                .map_err(|empty| too_many(empty.wait))?;
            Ending::Visitor
        };
        app.store.revoke_temporary_token(&actor, claims, by).await?;
        return Ok(());
    }
    if state.kind == Kind::Public {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            "A public token is in the hands of every visitor, so none of them can end it. Ask an administrator.",
        )
        .into());
    }
    let secret = state.secrets[who.secret].id.clone();
    app.store.revoke_secret(&actor, &state.id, &secret).await?;
    Ok(())
}

fn too_many(wait: u64) -> Refusal {
    Refusal::wait(
        wait,
        format!(
            "So many temporary tokens were ended from this network that the next one has to wait. Try again in {wait} seconds, or let your server end it with its own secret."
        ),
    )
}
