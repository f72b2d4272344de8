//! The strongroom: beside the claim the only answers that hold a permanent secret. Documents without any script, in an origin of their
//! own, opened once with a one-time ticket.
//!
//! **Never answer here to a script.** A `fetch` sends `Sec-Fetch-Dest: empty` and cannot forge another; a frame or a
//! window gets a sandboxed document that no script of ours can read.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use wire::{Network, Overlap, TokenId, TokenView};

use super::body::FormBody;
use super::client::Client;
use super::error::ApiError;
use super::outgoing::HandsOver;
use super::session::Admin;
use super::{Shared, origin, page, request};
use crate::documents::strongroom::{
    self, AlreadyShownPage, ClaimPage, ImportForm, ImportProblem, ImportedPage, Previous,
    Refusal as NoSecret, RefusedPage, ShownPage,
};
use crate::documents::{CSP_STRONGROOM, Place};
use crate::domain::refusal::Refusal;
use crate::secret::{CodeDigest, ImportError, OneTimeCode, PlainToken};
use crate::store::{CodePurpose, CodeRefusal, NewClaim, NewCode, NewSecret, SecretSource, StoreError};

/// A ticket lives so long, in seconds: ten minutes.
pub(super) const TICKET_SECONDS: i64 = 600;

/// `POST /strongroom/{token_id}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StrongroomForm {
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    overlap: Option<String>,
    /// Where a claim may be used from.
    #[serde(default)]
    network: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Generate,
    Import,
    Claim,
}

/// `POST /strongroom/{token_id}/import`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportKeyForm {
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    overlap: Option<String>,
}

/// A strongroom document: nobody keeps it, nothing runs in it.
fn document(status: StatusCode, html: String) -> Response {
    let mut response = page::document(status, html);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CSP_STRONGROOM),
    );
    response
}

/// Where the document will stand. Programs send no such header; scripts cannot send these values.
fn place(headers: &HeaderMap) -> Option<Place> {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    match (text("sec-fetch-dest"), text("sec-fetch-mode")) {
        (None, None) | (Some("document"), Some("navigate")) => Some(Place::Window),
        (Some("iframe"), Some("navigate")) => Some(Place::Frame),
        _ => None,
    }
}

fn refuse(status: StatusCode, place: Place, refusal: NoSecret) -> Response {
    document(
        status,
        strongroom::refused(&RefusedPage {
            site: page::assets(),
            place,
            refusal,
        }),
    )
}

fn overlap_of(text: Option<&str>) -> Result<Overlap, ApiError> {
    let seconds = match text.map(str::trim) {
        None | Some("") => Some(0),
        Some(text) => text.parse().ok(),
    };
    seconds.and_then(Overlap::from_seconds).ok_or_else(|| {
        Refusal::fields(vec![wire::FieldError {
            detail: format!(
                "an overlap is 0 to {} seconds (30 days)",
                wire::LIMITS.longest_overlap
            ),
            ..wire::FieldError::new("overlap", wire::FieldErrorCode::OutOfRange)
        }])
        .into()
    })
}

fn network_of(text: Option<&str>) -> Result<Option<Network>, ApiError> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => Network::parse(text)
            .map(Some)
            .map_err(|code| Refusal::fields(vec![wire::FieldError::new("network", code)]).into()),
    }
}

/// Shows and changes nothing: links and reloads come here.
pub(super) async fn get_strongroom(headers: HeaderMap) -> Response {
    refuse(
        StatusCode::OK,
        place(&headers).unwrap_or(Place::Window),
        NoSecret::NotFromHere,
    )
}

/// Makes a secret and shows it, or answers the form in which an existing key is typed, or the command with which a server
/// fetches one.
pub(super) async fn post_strongroom(
    State(app): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    admin: Result<Admin, ApiError>,
    FormBody(form): FormBody<StrongroomForm>,
) -> Result<Response, ApiError> {
    let Some(place) = place(&headers) else {
        return Ok(refuse(
            StatusCode::FORBIDDEN,
            Place::Window,
            NoSecret::NotFromHere,
        ));
    };
    let admin = match admin {
        Ok(admin) => admin,
        Err(ApiError::Forbidden(_)) => {
            return Ok(refuse(StatusCode::FORBIDDEN, place, NoSecret::NotFromHere));
        }
        Err(ApiError::Unauthenticated) => {
            return Ok(refuse(StatusCode::UNAUTHORIZED, place, NoSecret::Foreign));
        }
        Err(other) => return Err(other),
    };
    let id: TokenId = id.parse().map_err(|_| ApiError::NotFound("token"))?;
    let overlap = overlap_of(form.overlap.as_deref())?;
    let network = network_of(form.network.as_deref())?;
    let ticket = CodeDigest::of(&form.ticket);
    let Some(before) = app.store.find_token(&id).await? else {
        return Ok(refuse(StatusCode::NOT_FOUND, place, NoSecret::TokenChanged));
    };
    match form.mode {
        Mode::Generate => {
            let value = PlainToken::generate(before.kind, app.index.settings().key_length, &*app.entropy);
            let new = NewSecret {
                digest: app.keyring.pepper().digest(&value),
                pepper_id: app.keyring.pepper().id().to_owned(),
                hint: value.hint(),
                source: SecretSource::Generated,
                leak_prefix: Some(value.leak_prefix()),
            };
            let made = app
                .store
                .replace_secret(&admin.actor, &id, &admin.session, &ticket, new, overlap)
                .await;
            let after = match made {
                Ok(after) => after,
                Err(error) => return not_opened(error, place, &before),
            };
            let html = strongroom::shown(&ShownPage {
                site: page::assets(),
                place,
                token_name: &after.name,
                kind: after.kind,
                grants: &after.grants,
                value: value.expose_in_strongroom(),
                previous: previous(&before, &after),
            });
            let mut response = document(StatusCode::OK, html);
            response.extensions_mut().insert(HandsOver);
            Ok(response)
        }
        Mode::Import => {
            let code = OneTimeCode::generate(&*app.entropy);
            let new = NewCode {
                digest: code.digest(),
                purpose: CodePurpose::Import,
                token: Some(id.clone()),
                session: Some(admin.session.clone()),
                expires_at: app.now().plus_seconds(TICKET_SECONDS),
            };
            if let Err(error) = app.store.exchange_ticket(&ticket, &admin.session, new).await {
                return not_opened(error, place, &before);
            }
            Ok(ask_for_key(
                &before,
                place,
                code.expose_to_its_owner(),
                overlap,
                None,
            ))
        }
        Mode::Claim => {
            let code = OneTimeCode::generate(&*app.entropy);
            let new = NewClaim {
                digest: code.digest(),
                token: id,
                network,
                overlap,
            };
            let issued = app
                .store
                .issue_claim_with_ticket(&admin.actor, &admin.session, &ticket, new)
                .await;
            let claim = match issued {
                Ok(claim) => claim,
                Err(error) => return not_opened(error, place, &before),
            };
            let html = strongroom::claim(&ClaimPage {
                site: page::assets(),
                place,
                token_name: &before.name,
                issuer: &app.site.issuer,
                code: code.expose_to_its_owner(),
                network: claim.network.as_ref(),
                overlap,
                replaces: !before.secrets.is_empty(),
                expires_at: claim.expires_at,
            });
            Ok(document(StatusCode::OK, html))
        }
    }
}

/// Takes over a typed key. Inside the sandbox no cookie is sent and the origin is `null`: the form's own ticket stands
/// in their place, and the session that it was given to must still be open.
pub(super) async fn post_import(
    State(app): State<Shared>,
    Path(id): Path<String>,
    client: Client,
    headers: HeaderMap,
    FormBody(form): FormBody<ImportKeyForm>,
) -> Result<Response, ApiError> {
    let Some(place) = place(&headers) else {
        return Ok(refuse(
            StatusCode::FORBIDDEN,
            Place::Window,
            NoSecret::NotFromHere,
        ));
    };
    let sandboxed = headers.get(header::ORIGIN).is_some_and(|o| o == "null");
    if !sandboxed && origin::require_own(&headers, &app.site).is_err() {
        return Ok(refuse(StatusCode::FORBIDDEN, place, NoSecret::NotFromHere));
    }
    let foreign = || refuse(StatusCode::FORBIDDEN, place, NoSecret::Foreign);
    let id: TokenId = id.parse().map_err(|_| ApiError::NotFound("token"))?;
    let overlap = overlap_of(form.overlap.as_deref())?;
    let ticket = CodeDigest::of(&form.ticket);
    let issued = app.store.find_ticket(&ticket, CodePurpose::Import).await?;
    let Some(digest) = issued
        .filter(|t| t.token.as_ref() == Some(&id))
        .and_then(|t| t.session)
    else {
        return Ok(foreign());
    };
    let Some(session) = app.store.find_session(&digest).await? else {
        return Ok(foreign());
    };
    // No cookie came, so nobody knew who reads this.
    request::speak(session.user.language);
    let admin = Admin::of(session, digest, client.0);
    let Some(before) = app.store.find_token(&id).await? else {
        return Ok(refuse(StatusCode::NOT_FOUND, place, NoSecret::TokenChanged));
    };
    let length = form.key.trim().len();
    let value = match PlainToken::import(form.key) {
        Ok(value) => value,
        Err(error) => {
            let problem = match error {
                ImportError::Length if length == 0 => ImportProblem::Required,
                ImportError::Length if length < 20 => ImportProblem::TooShort,
                ImportError::Length => ImportProblem::TooLong,
                ImportError::Characters => ImportProblem::NotPrintable,
                ImportError::Reserved => ImportProblem::OwnPrefix,
                ImportError::Weak => ImportProblem::Weak,
            };
            return Ok(ask_for_key(&before, place, &form.ticket, overlap, Some(problem)));
        }
    };
    let hint = value.hint();
    let new = NewSecret {
        digest: app.keyring.pepper().digest(&value),
        pepper_id: app.keyring.pepper().id().to_owned(),
        hint: hint.clone(),
        source: SecretSource::Imported,
        leak_prefix: None,
    };
    match app
        .store
        .replace_secret(&admin.actor, &id, &admin.session, &ticket, new, overlap)
        .await
    {
        Ok(after) => {
            let html = strongroom::imported(&ImportedPage {
                site: page::assets(),
                place,
                token_name: &after.name,
                hint: &hint,
                previous: previous(&before, &after),
            });
            Ok(document(StatusCode::OK, html))
        }
        Err(StoreError::KeyInUse) => Ok(ask_for_key(
            &before,
            place,
            &form.ticket,
            overlap,
            Some(ImportProblem::InUse),
        )),
        Err(error) => not_opened(error, place, &before),
    }
}

fn ask_for_key(
    token: &TokenView,
    place: Place,
    ticket: &str,
    overlap: Overlap,
    problem: Option<ImportProblem>,
) -> Response {
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let html = strongroom::import_form(&ImportForm {
        site: page::assets(),
        place,
        token_id: &token.id,
        token_name: &token.name,
        ticket,
        overlap,
        replaces: !token.secrets.is_empty(),
        problem,
    });
    document(status, html)
}

/// What is said of the secret that was there before.
fn previous<'a>(before: &'a TokenView, after: &'a TokenView) -> Previous<'a> {
    match (before.secrets.first(), after.secrets.get(1)) {
        (None, _) => Previous::None,
        (Some(_), Some(old)) => match old.expires_at {
            Some(at) => Previous::Until { hint: &old.hint, at },
            None => Previous::Stopped { hint: &old.hint },
        },
        (Some(old), None) => Previous::Stopped { hint: &old.hint },
    }
}

/// A ticket that opens nothing: nothing was changed.
fn not_opened(error: StoreError, place: Place, token: &TokenView) -> Result<Response, ApiError> {
    Ok(match error {
        StoreError::Code(CodeRefusal::Used) => {
            let page = AlreadyShownPage {
                site: page::assets(),
                place,
                token_name: &token.name,
            };
            document(StatusCode::CONFLICT, strongroom::already_shown(&page))
        }
        StoreError::Code(CodeRefusal::Expired) => refuse(StatusCode::FORBIDDEN, place, NoSecret::Expired),
        StoreError::Code(CodeRefusal::Unknown) => refuse(StatusCode::FORBIDDEN, place, NoSecret::Foreign),
        StoreError::NotFound(_) => refuse(StatusCode::NOT_FOUND, place, NoSecret::TokenChanged),
        other => return Ok(ApiError::from(other).into_response()),
    })
}
