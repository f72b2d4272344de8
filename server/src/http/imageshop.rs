//! Imageshop's forms of our methods, for integrations that were written for it: the token in the header `Token` or as
//! `token` in the query or a form; answers are a JSON string, a JSON boolean, or a `<string>` of XML from `.asmx`.
//!
//! The `privateKey` that they send beside it is taken and means nothing here: one secret is enough. Rules about tokens
//! must not enter; the one about secrets in URLs holds here too.

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use wire::{MintRequest, Permission};

use super::error::ApiError;
use super::form::{Form, is_form};
use super::holder::{self, Visit};
use super::minting::{self, Signed};
use super::vimp::answered;
use super::{Shared, body};
use crate::domain::index::Outcome;
use crate::domain::limits::Standings;
use crate::domain::verification::{Holder, Purpose, Surroundings};

const NO_STORE: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// The methods.
pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route(
            "/Login/GetTemporaryToken",
            get(get_temporary_token).post(get_temporary_token),
        )
        .route("/Login/WhoAmI", get(who_am_i).post(who_am_i))
        .route("/Login/CanUpload", get(can_upload).post(can_upload))
        .route(
            "/V4.asmx/GetTemporaryToken",
            get(get_temporary_token_as_xml).post(get_temporary_token_as_xml),
        )
}

/// A request that was read.
struct Asked {
    parts: Parts,
    content: Bytes,
}

impl Asked {
    /// Bodies that are no form say nothing: these integrations send an empty one as JSON.
    async fn read(request: Request) -> Result<Self, ApiError> {
        let (parts, content) = request.into_parts();
        let content = body::read(Request::new(content)).await?;
        let content = if is_form(&parts.headers) {
            content
        } else {
            Bytes::new()
        };
        Ok(Self { parts, content })
    }

    async fn holder(
        &self,
        app: &Shared,
        purpose: Purpose,
        around: &Surroundings<'_>,
    ) -> Result<Holder, ApiError> {
        Ok(holder::accept_with_form(app, &self.parts, &Form::parse(&self.content), purpose, around).await?)
    }
}

async fn minted(app: &Shared, request: Request) -> Result<Signed, ApiError> {
    let asked = Asked::read(request).await?;
    let around = Visit::of(&asked.parts, app).around;
    let who = asked.holder(app, Purpose::Mint, &around).await?;
    let minted = minting::from_permanent(app, &around, &who, &MintRequest::default());
    minted.map_err(|e| e.telling(&who.standings))
}

async fn known(app: &Shared, request: Request) -> Result<Holder, ApiError> {
    let asked = Asked::read(request).await?;
    let around = Visit::of(&asked.parts, app).around;
    let who = asked.holder(app, Purpose::Verify, &around).await?;
    holder::count(app, &who, Outcome::Allowed, &around);
    Ok(who)
}

/// What every answer says: not to be kept, and how the limits stand.
fn said(standings: &Standings, answer: impl IntoResponse) -> Response {
    let mut response = ([NO_STORE], answer).into_response();
    holder::tell_limits(response.headers_mut(), standings);
    response
}

async fn get_temporary_token(State(app): State<Shared>, request: Request) -> Response {
    let token = minted(&app, request).await;
    answered(token.map(|signed| said(&signed.standings, Json(&signed.token))))
}

/// The token's name.
async fn who_am_i(State(app): State<Shared>, request: Request) -> Response {
    let who = known(&app, request).await;
    answered(who.map(|who| said(&who.standings, Json(&who.state.name))))
}

/// Whether it may upload anywhere; where, says `WhoAmI` of ours.
async fn can_upload(State(app): State<Shared>, request: Request) -> Response {
    let who = known(&app, request).await;
    answered(who.map(|who| {
        let may = who
            .rights()
            .any(|(_, permissions)| permissions.contains(Permission::Upload));
        said(&who.standings, Json(may))
    }))
}

async fn get_temporary_token_as_xml(State(app): State<Shared>, request: Request) -> Response {
    let xml = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    let token = minted(&app, request).await;
    answered(token.map(|signed| {
        // A signed token has no character that XML would have to escape. The namespace is what those who read it know.
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<string xmlns=\"http://imageshop.no/V4\">{}</string>",
            signed.token
        );
        said(&signed.standings, ([xml], body))
    }))
}
