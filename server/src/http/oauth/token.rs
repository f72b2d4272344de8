//! `POST /oauth2/token`: the same minting as `GetTemporaryToken`, for OAuth libraries: `client_credentials` (RFC 6749,
//! section 4.4) and token exchange (RFC 8693).

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use wire::{MintRequest, Network, Origin, Subject};

use super::caller::{self, Ways};
use super::error::{About, OAuthError, Word, never_stored};
use super::parameters::Asked;
use crate::domain::scope;
use crate::domain::verification::{Credential, Holder, Purpose};
use crate::http::app::App;
use crate::http::form::Form;
use crate::http::minting::{self, Says, Signed};
use crate::http::{Shared, holder};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The kinds of token that there are (RFC 8693, section 3). A temporary token is both, a permanent one an access token.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// An access token: the same value as `GetTemporaryToken` gives. It may stand in a page; no permanent one ever does.
#[derive(Serialize)]
struct Granted<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    scope: String,
}

/// Answers.
pub(in crate::http) async fn post_token(State(app): State<Shared>, request: Request) -> Response {
    match answer(&app, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn answer(app: &App, request: Request) -> Result<Response, OAuthError> {
    let asked = Asked::read(app, request).await?;
    holder::require_api(app).map_err(|refusal| OAuthError::refused(&refusal, About::Client))?;
    let form = asked.form(app).await?;
    // Of an exchange it is the subject_token that counts, as minting: questions that are used up keep nobody from it.
    let purpose = match form.get("grant_type") {
        Some(EXCHANGE) => Purpose::Application,
        _ => Purpose::Mint,
    };
    let client = caller::authenticate(app, &asked, &form, Ways::Client, purpose).await?;
    match form.get("grant_type") {
        Some("client_credentials") => {
            let who = client.ok_or_else(|| {
                OAuthError::client(
                    "Authenticate with Basic, or with client_id and client_secret in the body: the token's id and its secret.",
                )
            })?;
            let wanted = wanted(app, &form).map_err(|e| e.telling(&who.standings))?;
            granted(app, &asked, &who, &wanted, None)
        }
        Some(EXCHANGE) => exchange(app, &asked, &form, client.as_ref()).await,
        Some(_) => Err(OAuthError::new(
            Word::UnsupportedGrantType,
            format!("grant_type is client_credentials or {EXCHANGE}."),
        )),
        None => Err(OAuthError::new(
            Word::InvalidRequest,
            format!("grant_type is missing: client_credentials or {EXCHANGE}."),
        )),
    }
}

async fn exchange(
    app: &App,
    asked: &Asked,
    form: &Form<'_>,
    client: Option<&Holder>,
) -> Result<Response, OAuthError> {
    let invalid = |text: &str| OAuthError::new(Word::InvalidRequest, text);
    if form.get("actor_token").is_some() || form.get("actor_token_type").is_some() {
        return Err(invalid(
            "actor_token is not supported: use subject to say who a token is for.",
        ));
    }
    let value = form
        .get("subject_token")
        .ok_or_else(|| invalid("subject_token is missing: the token that is to be narrowed."))?;
    let kind = form.get("subject_token_type").ok_or_else(|| {
        invalid("subject_token_type is missing: urn:ietf:params:oauth:token-type:access_token.")
    })?;
    let issued = match form.get("requested_token_type") {
        None | Some(ACCESS_TOKEN) => ACCESS_TOKEN,
        Some(JWT) => JWT,
        Some(_) => {
            return Err(invalid(
                "requested_token_type is urn:ietf:params:oauth:token-type:access_token or ...:jwt.",
            ));
        }
    };
    let wanted = wanted(app, form)?;
    let credential = Credential { value, in_url: false };
    let who = holder::accept_value(app, credential, Purpose::Mint, &asked.around())
        .await
        .map_err(|rejected| OAuthError::refused(&rejected.refusal, About::Subject))?;
    if !(kind == ACCESS_TOKEN || (kind == JWT && who.claims.is_some())) {
        return Err(invalid(
            "subject_token_type is urn:ietf:params:oauth:token-type:access_token; of a temporary token also ...:jwt.",
        ));
    }
    if client.is_some_and(|client| client.state.id != who.state.id) {
        return Err(invalid(
            "The subject_token belongs to another client than the one that asks.",
        ));
    }
    let by_server = who.by_server || client.is_some_and(|client| client.by_server);
    granted(app, asked, &Holder { by_server, ..who }, &wanted, Some(issued))
}

fn granted(
    app: &App,
    asked: &Asked,
    who: &Holder,
    wanted: &MintRequest,
    issued: Option<&'static str>,
) -> Result<Response, OAuthError> {
    // A scope is the only way to ask for rights here.
    let says = match wanted.grants {
        Some(_) => Says::ScopeToo,
        None => Says::Grants,
    };
    let Signed {
        token,
        minted,
        standings,
    } = minting::from_any(app, &asked.around(), who, wanted, says)
        .map_err(|e| OAuthError::of(e, About::Wish).telling(&who.standings))?;
    let mut response = Json(Granted {
        access_token: &token,
        issued_token_type: issued,
        token_type: "Bearer",
        expires_in: minted.expires_in,
        scope: scope::write(&minted.grants),
    })
    .into_response();
    never_stored(response.headers_mut());
    holder::tell_limits(response.headers_mut(), &standings);
    Ok(response)
}

/// What is asked for. `scope` and the targets are OAuth's; `lifetime`, `origins`, `network` and `subject` are ours, as
/// in the body of `GetTemporaryToken`.
fn wanted(app: &App, form: &Form<'_>) -> Result<MintRequest, OAuthError> {
    // We issue for ourselves, who answer for the protected API.
    let issuer = app.site.issuer.as_str();
    let is_us = |target: &str| target.strip_suffix('/').unwrap_or(target) == issuer;
    if !form.all("resource").chain(form.all("audience")).all(is_us) {
        return Err(OAuthError::new(
            Word::InvalidTarget,
            format!(
                "resource and audience are {issuer}: Daypass answers for the API that it protects. Narrow the rights by scope."
            ),
        ));
    }
    let invalid = |text: String| OAuthError::new(Word::InvalidRequest, text);
    let grants = form
        .get("scope")
        .map(scope::parse)
        .transpose()
        .map_err(|e| OAuthError::new(Word::InvalidScope, e.to_string()))?
        .filter(|grants| !grants.is_empty());
    let lifetime = form
        .get("lifetime")
        .map(str::parse)
        .transpose()
        .map_err(|_| invalid("lifetime is a number of seconds, from 1.".to_owned()))?;
    let origins = form
        .get("origins")
        .map(|list| {
            list.split(' ')
                .filter(|o| !o.is_empty())
                .map(Origin::parse)
                .collect()
        })
        .transpose()
        .map_err(|e| invalid(format!("origins is a list with spaces between: {e}.")))?;
    let network = form
        .get("network")
        .map(Network::parse)
        .transpose()
        .map_err(|e| invalid(format!("network: {e}.")))?;
    let subject = form
        .get("subject")
        .map(Subject::parse)
        .transpose()
        .map_err(|e| invalid(format!("subject: {e}.")))?;
    Ok(MintRequest {
        lifetime,
        grants,
        origins,
        network,
        subject,
        ..MintRequest::default()
    })
}
