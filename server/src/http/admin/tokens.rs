//! `/api/admin/v1/tokens`. No answer in here has room for a secret.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wire::{
    BulkRequest, BulkResponse, CreateTokenRequest, DealWithExposuresRequest, FieldError, FieldErrorCode,
    HandoverResponse, Page, PageQuery, PatchTokenRequest, SecretId, StopTemporaryRequest, TokenId,
    TokenListQuery, TokenView, UsageQuery, UsageView, VersionRequest,
};

use super::{Id, Ids, check_page};
use crate::domain::refusal::Refusal;
use crate::http::Shared;
use crate::http::body::{JsonBody, OptionalJsonBody, Query};
use crate::http::error::ApiError;
use crate::http::session::Admin;
use crate::http::strongroom::TICKET_SECONDS;
use crate::secret::OneTimeCode;
use crate::store::{CodePurpose, NewCode};

/// The longest text that is searched for, in characters.
const LONGEST_SEARCH: usize = 200;

/// The most days of use that are asked for at once: 13 months, as long as they are kept.
const LONGEST_USAGE: u16 = 395;

pub(super) async fn list_tokens(
    State(app): State<Shared>,
    _: Admin,
    Query(query): Query<TokenListQuery>,
) -> Result<Json<Page<TokenView>>, ApiError> {
    check_page(
        query.page.unwrap_or(1),
        query.per_page.unwrap_or(PageQuery::default().per_page),
    )?;
    check_search(query.q.as_deref())?;
    Ok(Json(app.store.list_tokens(&query).await?))
}

/// Checks what is searched for.
///
/// # Errors
/// When it is too long.
pub(super) fn check_search(text: Option<&str>) -> Result<(), ApiError> {
    if text.is_some_and(|q| q.chars().count() > LONGEST_SEARCH) {
        return Err(Refusal::fields(vec![FieldError::new("q", FieldErrorCode::TooLong)]).into());
    }
    Ok(())
}

pub(super) async fn create_token(
    State(app): State<Shared>,
    admin: Admin,
    JsonBody(request): JsonBody<CreateTokenRequest>,
) -> Result<(StatusCode, Json<TokenView>), ApiError> {
    Ok((
        StatusCode::CREATED,
        Json(app.store.create_token(&admin.actor, &request).await?),
    ))
}

pub(super) async fn find_token(
    State(app): State<Shared>,
    _: Admin,
    Id(id): Id<TokenId>,
) -> Result<Json<TokenView>, ApiError> {
    app.store
        .find_token(&id)
        .await?
        .map(Json)
        .ok_or(ApiError::NotFound("token"))
}

pub(super) async fn update_token(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<TokenId>,
    JsonBody(patch): JsonBody<PatchTokenRequest>,
) -> Result<Json<TokenView>, ApiError> {
    Ok(Json(app.store.update_token(&admin.actor, &id, &patch).await?))
}

pub(super) async fn activate_token(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<TokenId>,
    OptionalJsonBody(VersionRequest { version }): OptionalJsonBody<VersionRequest>,
) -> Result<Json<TokenView>, ApiError> {
    Ok(Json(app.store.activate_token(&admin.actor, &id, version).await?))
}

pub(super) async fn deactivate_token(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<TokenId>,
    OptionalJsonBody(VersionRequest { version }): OptionalJsonBody<VersionRequest>,
) -> Result<Json<TokenView>, ApiError> {
    Ok(Json(
        app.store.deactivate_token(&admin.actor, &id, version).await?,
    ))
}

pub(super) async fn stop_temporary_tokens(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<TokenId>,
    OptionalJsonBody(request): OptionalJsonBody<StopTemporaryRequest>,
) -> Result<Json<TokenView>, ApiError> {
    let (store, actor, version) = (&app.store, &admin.actor, request.version);
    match (&request.subject, &request.jti) {
        (None, None) => return Ok(Json(store.stop_temporary_tokens(actor, &id, version).await?)),
        (Some(subject), None) => store.stop_subject(actor, &id, subject, version).await?,
        (None, Some(jti)) => store.stop_temporary_token(actor, &id, jti, version).await?,
        (Some(_), Some(_)) => {
            return Err(Refusal::fields(vec![FieldError::new("jti", FieldErrorCode::Excludes)]).into());
        }
    }
    find_token(State(app), admin, Id(id)).await
}

/// Marks its exposures as dealt with, or takes that back. Whatever the version is: nothing about the token changes.
pub(super) async fn deal_with_exposures(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<TokenId>,
    JsonBody(request): JsonBody<DealWithExposuresRequest>,
) -> Result<Json<TokenView>, ApiError> {
    let (store, actor) = (&app.store, &admin.actor);
    Ok(Json(if request.dealt_with {
        store.deal_with_exposures(actor, &id, &request.reason).await?
    } else {
        store.reopen_exposures(actor, &id).await?
    }))
}

/// The version stands in the query: many clients send no body with DELETE.
pub(super) async fn delete_token(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<TokenId>,
    Query(VersionRequest { version }): Query<VersionRequest>,
) -> Result<StatusCode, ApiError> {
    app.store.delete_token(&admin.actor, &id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Nothing can be chosen yet; an unknown field is refused all the same.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandoverOptions {}

/// Gives a ticket that opens one strongroom document for this token, in this session.
pub(super) async fn create_handover(
    State(app): State<Shared>,
    admin: Admin,
    Id(id): Id<TokenId>,
    OptionalJsonBody(HandoverOptions {}): OptionalJsonBody<HandoverOptions>,
) -> Result<(StatusCode, Json<HandoverResponse>), ApiError> {
    let code = OneTimeCode::generate(&*app.entropy);
    let expires_at = app.now().plus_seconds(TICKET_SECONDS);
    let new = NewCode {
        digest: code.digest(),
        purpose: CodePurpose::Handover,
        token: Some(id),
        session: Some(admin.session),
        expires_at,
    };
    app.store.create_ticket(&admin.actor, new).await?;
    let ticket = code.expose_to_its_owner().to_owned();
    Ok((StatusCode::CREATED, Json(HandoverResponse { ticket, expires_at })))
}

/// What a token is used for.
pub(super) async fn get_usage(
    State(app): State<Shared>,
    _: Admin,
    Id(id): Id<TokenId>,
    Query(UsageQuery { days }): Query<UsageQuery>,
) -> Result<Json<UsageView>, ApiError> {
    if !(1..=LONGEST_USAGE).contains(&days) {
        return Err(Refusal::fields(vec![FieldError {
            detail: format!("a number from 1 to {LONGEST_USAGE} is needed"),
            ..FieldError::new("days", FieldErrorCode::OutOfRange)
        }])
        .into());
    }
    Ok(Json(app.store.find_usage(&id, days).await?))
}

/// Ends a replaced secret early.
pub(super) async fn end_secret(
    State(app): State<Shared>,
    admin: Admin,
    Ids(token, secret): Ids<TokenId, SecretId>,
) -> Result<StatusCode, ApiError> {
    app.store.end_secret(&admin.actor, &token, &secret).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One act on many tokens, or its preview.
pub(super) async fn change_tokens(
    State(app): State<Shared>,
    admin: Admin,
    JsonBody(request): JsonBody<BulkRequest>,
) -> Result<Json<BulkResponse>, ApiError> {
    Ok(Json(app.store.change_tokens(&admin.actor, &request).await?))
}
