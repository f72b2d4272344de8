//! `POST /claim`: a server exchanges a one-time code for a secret that is made at that moment. Beside the strongroom's
//! document the only answer that holds a permanent secret; a browser never gets it.
//!
//! **Never look at the buckets before the code.** Throttling answers wrong codes only, or a stranger behind the same
//! address could use up the ten minutes of a right one.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{RequestExt, RequestPartsExt, Router};
use serde::{Deserialize, Serialize};
use wire::{FieldError, FieldErrorCode};

use super::app::App;
use super::client::Client;
use super::error::ApiError;
use super::headers::Headers;
use super::outgoing::HandsOver;
use super::{Shared, body, client};
use crate::domain::refusal::Refusal;
use crate::secret::{CodeDigest, PlainToken};
use crate::store::{ClaimRefusal, Claimant, NewSecret, SecretSource, StoreError};

/// The route.
pub(super) fn router() -> Router<Shared> {
    Router::new().route("/claim", post(post_claim))
}

/// What is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimForm {
    #[serde(default)]
    code: String,
}

/// The answer to who asks for JSON. The one JSON answer of Daypass that holds a permanent secret.
#[derive(Serialize)]
struct Claimed<'a> {
    secret: &'a str,
}

/// Reads the code: a form, or JSON, told apart by the first character, since `curl --data` calls everything a form.
async fn read_code(request: Request) -> Result<CodeDigest, ApiError> {
    let bytes = body::read(request).await?;
    let form: ClaimForm = if body::is_object(&bytes) {
        body::parse_json(&bytes)?
    } else {
        body::parse_form(&bytes)?
    };
    if form.code.trim().is_empty() {
        return Err(Refusal::fields(vec![FieldError::new("code", FieldErrorCode::Required)]).into());
    }
    Ok(CodeDigest::of(&form.code))
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json"))
}

/// Answers.
async fn post_claim(State(app): State<Shared>, mut request: Request) -> Result<Response, ApiError> {
    let mut parts = request
        .extract_parts::<axum::http::request::Parts>()
        .await
        .map_err(|_| ApiError::Internal("parts"))?;
    let Ok(Client(address)) = parts.extract_with_state::<Client, Shared>(&app).await;
    let code = read_code(request).await?;
    let by = Claimant {
        address,
        browser: client::surroundings(Headers::of(&parts.headers), address, app.now()).is_browser(),
    };
    let value = match claim(&app, &code, by).await {
        Ok(value) => value,
        Err(ApiError::Store(StoreError::Claim(ClaimRefusal::Unknown))) => return Err(wrong_code(&app, by)),
        Err(other) => return Err(other),
    };
    let value = value.expose_to_claimant();
    let mut response = if wants_json(&parts.headers) {
        Json(Claimed { secret: value }).into_response()
    } else {
        value.to_owned().into_response()
    };
    response.extensions_mut().insert(HandsOver);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A code that nobody issued. Who sends many of them has to wait.
fn wrong_code(app: &App, by: Claimant) -> ApiError {
    match app.throttle.wrong_claim(by.address) {
        Ok(()) => StoreError::Claim(ClaimRefusal::Unknown).into(),
        Err(seconds) => Refusal::wait(
            seconds,
            "Nobody issued this code, like many others that came from your address. Wait a little, then copy the whole command again from the dialog in Daypass.",
        )
        .into(),
    }
}

/// Makes a secret and stores it in the transaction that uses the code.
///
/// # Errors
/// When the code opens nothing, or the store fails: then the value is wiped, and nobody ever had it.
async fn claim(app: &App, code: &CodeDigest, by: Claimant) -> Result<PlainToken, ApiError> {
    let kind = app
        .store
        .find_claimed_kind(code)
        .await?
        .ok_or(StoreError::Claim(ClaimRefusal::Unknown))?;
    let value = PlainToken::generate(kind, app.index.settings().key_length, &*app.entropy);
    let pepper = app.keyring.pepper();
    let new = NewSecret {
        digest: pepper.digest(&value),
        pepper_id: pepper.id().to_owned(),
        hint: value.hint(),
        source: SecretSource::Generated,
        leak_prefix: Some(value.leak_prefix()),
    };
    app.store.claim_secret(code, by, new).await?;
    Ok(value)
}
