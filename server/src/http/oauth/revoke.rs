//! `POST /oauth2/revoke` (RFC 7009): a client ends a token of its own, or whoever holds a token ends that one.
//!
//! The same act as `RevokeToken`. A client speaks for its tokens from anywhere; without one the token itself is the
//! credential, with all that is asked of a credential.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use wire::{ErrorCode, Kind};

use super::caller::{self, Ways};
use super::error::{About, OAuthError, Word, never_stored};
use super::parameters::Asked;
use crate::domain::verification::{Credential, Holder, Purpose, Rejected};
use crate::http::revoke::revoke;
use crate::http::{Shared, holder};

/// Answers. A token that can never be accepted again is what was wanted: 200, as for one that was ended just now.
pub(in crate::http) async fn post_revoke(State(app): State<Shared>, request: Request) -> Response {
    match answer(&app, request).await {
        Ok(()) => {
            let mut response = StatusCode::OK.into_response();
            never_stored(response.headers_mut());
            response
        }
        Err(error) => error.into_response(),
    }
}

async fn answer(app: &Shared, request: Request) -> Result<(), OAuthError> {
    let asked = Asked::read(app, request).await?;
    holder::require_api(app).map_err(|refusal| OAuthError::refused(&refusal, About::Client))?;
    let found = find(app, &asked).await?;
    let Some(who) = found else { return Ok(()) };
    revoke(app, &who, asked.address, asked.now)
        .await
        .map_err(|e| OAuthError::of(e, About::Subject))
}

/// The token that is to be ended; `None` for one that can never be accepted again. What is refused only for now is
/// ended like any other, or it would come back after a 200.
async fn find(app: &Shared, asked: &Asked) -> Result<Option<Holder>, OAuthError> {
    let form = asked.form(app).await?;
    let caller = caller::authenticate(app, asked, &form, Ways::ClientOrBearer, Purpose::Revoke).await?;
    let value = form.get("token").ok_or_else(|| {
        OAuthError::new(
            Word::InvalidRequest,
            "token is missing: the token that is to be ended.",
        )
    })?;
    let who = if caller.is_some() {
        holder::identify_value(app, value, asked.now).await
    } else {
        let credential = Credential { value, in_url: false };
        holder::accept_value(app, credential, Purpose::Revoke, &asked.around()).await
    };
    let who = match who {
        Ok(who) => who,
        Err(rejected) if has_ended(&rejected) => return Ok(None),
        Err(rejected) => return Err(OAuthError::refused(&rejected.refusal, About::Subject)),
    };
    let by_server = who.by_server || caller.as_ref().is_some_and(|caller| caller.by_server);
    if caller.is_some_and(|caller| caller.state.id != who.state.id) {
        return Err(OAuthError::new(
            Word::UnauthorizedClient,
            "The token belongs to another client than the one that asks.",
        ));
    }
    if who.claims.is_none() && who.state.kind == Kind::Public {
        return Err(OAuthError::new(
            Word::UnsupportedTokenType,
            "A public token is in the hands of every visitor, so none of them can end it. Ask an administrator.",
        ));
    }
    Ok(Some(Holder { by_server, ..who }))
}

fn has_ended(rejected: &Rejected) -> bool {
    matches!(
        rejected.refusal.code,
        ErrorCode::TokenMalformed
            | ErrorCode::TokenUnknown
            | ErrorCode::TokenExpired
            | ErrorCode::TemporaryTokenStopped
    )
}
