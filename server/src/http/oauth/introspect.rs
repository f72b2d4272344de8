//! `POST /oauth2/introspect` (RFC 7662): the protected API asks what a token that was sent to it may do.
//!
//! The token is accepted or refused by the same function, from the same facts, as at `/verify`. Facts that a caller
//! leaves out count as missing there too: a token bound to pages or networks is not active for a caller that does not
//! say where the request came from (`origin`, `client_ip`).

use std::net::IpAddr;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use wire::{ErrorCode, Grant, Origin, Timestamp};

use super::caller::{self, Ways};
use super::error::{About, OAuthError, Word, never_stored};
use super::parameters::Asked;
use crate::domain::index::Outcome;
use crate::domain::introspection::{require_introspect, visible};
use crate::domain::refusal::Refusal;
use crate::domain::scope;
use crate::domain::verification::{Credential, Holder, Purpose, Surroundings};
use crate::http::app::App;
use crate::http::{Shared, holder};

/// The answer for a token that this caller cannot see, and for every one that would be refused.
#[derive(Serialize)]
struct Unseen {
    active: bool,
}

/// The answer for a token that is accepted. The last four are ours; the first three of them as in the headers of
/// `/verify`.
#[derive(Serialize)]
struct Seen<'a> {
    active: bool,
    scope: String,
    client_id: &'a str,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    sub: &'a str,
    aud: &'a str,
    iss: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
    token_name: &'a str,
    token_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    grants: &'a [Grant],
}

/// Answers.
pub(in crate::http) async fn post_introspect(State(app): State<Shared>, request: Request) -> Response {
    match answer(&app, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn answer(app: &App, request: Request) -> Result<Response, OAuthError> {
    let asked = Asked::read(app, request).await?;
    holder::require_api(app).map_err(|refusal| OAuthError::refused(&refusal, About::Client))?;
    let form = asked.form(app).await?;
    let caller = caller::authenticate(app, &asked, &form, Ways::ClientOrBearer, Purpose::Verify)
        .await?
        .ok_or_else(|| {
            OAuthError::client("Authenticate with Basic (the token's id and its secret) or with Bearer.")
        })?;
    require_introspect(&caller).map_err(|refusal| {
        holder::note_refusal(app, Some(&caller), refusal.code, asked.now);
        OAuthError::refused(&refusal, About::Bearer).telling(&caller.standings)
    })?;
    let invalid = |text: &str| OAuthError::new(Word::InvalidRequest, text).telling(&caller.standings);
    let value = form
        .get("token")
        .ok_or_else(|| invalid("token is missing: the token that was sent to you."))?;
    let client = form
        .get("client_ip")
        .map(str::parse::<IpAddr>)
        .transpose()
        .map_err(|_| invalid("client_ip is the address of whoever sent you the token."))?;
    let origin = form.get("origin");
    if origin.is_some_and(|origin| origin != "null" && Origin::parse(origin).is_err()) {
        return Err(invalid(
            "origin is what stands in the header Origin of whoever sent you the token, like https://www.example.org. A whole address is a referer.",
        ));
    }
    let around = Surroundings {
        origin,
        referer: form.get("referer"),
        fetch_metadata: false,
        client: client.map(|address| address.to_canonical()),
        now: asked.now,
    };
    holder::count(app, &caller, Outcome::Allowed, &asked.around());
    let credential = Credential { value, in_url: false };
    let interfaces = app.index.interfaces();
    let callers = caller.grants();
    let mut response = match holder::accept_value(app, credential, Purpose::Verify, &around).await {
        Ok(who) => {
            let grants = interfaces.named(&visible(&callers, &who.grants()));
            if grants.is_empty() {
                Json(Unseen { active: false }).into_response()
            } else {
                holder::count(app, &who, Outcome::Allowed, &around);
                Json(view(&who, &grants, app.site.issuer.as_str())).into_response()
            }
        }
        Err(rejected) => {
            let seen = rejected
                .holder
                .as_ref()
                .is_some_and(|who| !visible(&callers, &who.grants()).is_empty());
            if let (true, ErrorCode::RateLimited, Some(wait)) =
                (seen, rejected.refusal.code, rejected.refusal.retry_after)
            {
                // "Not active" would make an API answer 401 where /verify says 429. How many requests it has is its
                // holder's business.
                let text =
                    format!("The token that you ask about is used too often. Try again in {wait} seconds.");
                let refusal = Refusal::wait(wait, text);
                return Err(OAuthError::refused(&refusal, About::Subject).telling(&caller.standings));
            }
            Json(Unseen { active: false }).into_response()
        }
    };
    never_stored(response.headers_mut());
    // Those of the caller, who may wait; how the token that it asks about stands is that one's holder's business.
    holder::tell_limits(response.headers_mut(), &caller.standings);
    Ok(response)
}

fn view<'a>(who: &'a Holder, grants: &'a [Grant], issuer: &'a str) -> Seen<'a> {
    let claims = who.claims.as_deref();
    let ends = [
        claims.and_then(|c| c.exp),
        who.state.expires_at.map(Timestamp::seconds),
        who.state.secrets[who.secret].expires_at.map(Timestamp::seconds),
    ];
    let id = who.state.id.as_str();
    Seen {
        active: true,
        scope: scope::write(grants),
        client_id: id,
        token_type: "Bearer",
        exp: ends.into_iter().flatten().min(),
        iat: claims.map(|c| c.iat),
        sub: id,
        aud: issuer,
        iss: issuer,
        jti: claims.map(|c| c.jti.as_str()),
        token_name: &who.state.name,
        token_kind: who.kind(),
        subject: claims.and_then(|c| c.subject.as_ref()).map(wire::Subject::as_str),
        grants,
    }
}
