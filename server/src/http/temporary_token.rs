//! `POST /api/GetTemporaryToken`: a permanent token in, a temporary one out.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use wire::{FieldError, FieldErrorCode, MintRequest, MintResponse};

use super::app::App;
use super::error::ApiError;
use super::form::{Form, is_form};
use super::holder::{self, Visit};
use super::minting::{self, Signed};
use super::vimp::minted_by_form;
use super::{Shared, body};
use crate::domain::refusal::Refusal;
use crate::domain::verification::{Holder, Purpose, Surroundings};

/// Mints a temporary token.
pub(super) async fn post_temporary_token(State(app): State<Shared>, request: Request) -> Response {
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
    // Programs that are not told better call everything a form: as one, JSON would ask for nothing, and get all rights.
    if is_form(&parts.headers) && !body::is_object(&content) {
        return minted_by_form(app, &parts, &content).await;
    }
    let visit = Visit::of(&parts, app);
    let who = visit.accept(app, Purpose::Mint).await?;
    let wanted = refuse_wishes_in_query(&parts).map_err(ApiError::from);
    let wanted = wanted.and_then(|()| body::parse_optional_json(&content));
    handed_out(app, &visit.around, &who, wanted)
}

/// What can be asked for: the fields of [`MintRequest`].
pub(super) const WISHES: [&str; 7] = [
    "lifetime",
    "grants",
    "interfaces",
    "permissions",
    "origins",
    "network",
    "subject",
];

/// Refuses wishes in the query of a POST. By GET they stand there: whoever goes over from one to the other and leaves
/// them behind must not get more than was asked for.
///
/// # Errors
/// The refusal, naming the first one.
pub(super) fn refuse_wishes_in_query(parts: &Parts) -> Result<(), Refusal> {
    let query = parts.uri.query().unwrap_or_default();
    let query = Form::parse(query.as_bytes());
    let Some((name, _)) = query.everything().find(|(name, _)| WISHES.contains(name)) else {
        return Ok(());
    };
    Err(Refusal::fields(vec![FieldError {
        detail: "put it into the body; a POST asks for nothing in its address".to_owned(),
        ..FieldError::new(name, FieldErrorCode::UnknownField)
    }]))
}

/// Mints what is asked for: the answer with a temporary token in it.
///
/// # Errors
/// Why it cannot be asked for, or the refusal; both tell how the limits stand.
pub(super) fn handed_out(
    app: &App,
    around: &Surroundings<'_>,
    who: &Holder,
    wanted: Result<MintRequest, ApiError>,
) -> Result<Response, ApiError> {
    let signed = wanted.and_then(|wanted| minting::from_permanent(app, around, who, &wanted));
    let Signed {
        token,
        minted,
        standings,
    } = signed.map_err(|error| error.telling(&who.standings))?;
    let body = MintResponse {
        token,
        token_type: "Bearer".to_owned(),
        expires_in: minted.expires_in,
        expires_at: minted.expires_at,
        grants: minted.grants,
        origins: minted.claims.origins,
        network: minted.claims.network,
        subject: minted.claims.subject,
    };
    let mut response = Json(body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    holder::tell_limits(headers, &standings);
    Ok(response)
}
