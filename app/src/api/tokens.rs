//! Tokens. No answer here can hold a secret: the types have no room for one.

use http::Method;
use wire::{
    BulkRequest, BulkResponse, ClaimResponse, ClaimView, CreateTokenRequest, DealWithExposuresRequest,
    HandoverResponse, ImportResponse, Kind, Page, PatchTokenRequest, SecretId, StopTemporaryRequest, TokenId,
    TokenListQuery, TokenView, UsageView, VersionRequest,
};

use super::{ApiError, delete, get, send, upload};
use crate::model::query::{PER_PAGE, write_tokens};

/// One page of the list.
pub(crate) async fn list_tokens(query: TokenListQuery) -> Result<Page<TokenView>, ApiError> {
    let query = TokenListQuery {
        per_page: Some(PER_PAGE),
        ..query
    };
    get(format!("tokens{}", write_tokens(&query))).await
}

/// One token.
pub(crate) async fn find_token(id: TokenId) -> Result<TokenView, ApiError> {
    get(format!("tokens/{id}")).await
}

/// A few names in use that contain a text.
pub(crate) async fn find_names(text: String) -> Result<Vec<String>, ApiError> {
    let query = TokenListQuery {
        q: Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        per_page: Some(6),
        ..TokenListQuery::default()
    };
    let page: Page<TokenView> = get(format!("tokens{}", write_tokens(&query))).await?;
    Ok(page.items.into_iter().map(|token| token.name).collect())
}

/// A few tokens with rights on an interface, of one kind or of any, and how many there are.
pub(crate) async fn list_reaching(
    interface: String,
    kind: Option<Kind>,
) -> Result<Page<TokenView>, ApiError> {
    let query = TokenListQuery {
        interface: Some(interface),
        kind,
        per_page: Some(20),
        ..TokenListQuery::default()
    };
    get(format!("tokens{}", write_tokens(&query))).await
}

/// Ends a replaced secret before its overlap is over.
pub(crate) async fn end_secret(id: TokenId, secret: SecretId) -> Result<(), ApiError> {
    delete(format!("tokens/{id}/secrets/{secret}")).await
}

/// Makes a token.
pub(crate) async fn create_token(request: CreateTokenRequest) -> Result<TokenView, ApiError> {
    send(Method::POST, "tokens".to_owned(), &request).await
}

/// Changes a token.
pub(crate) async fn patch_token(id: TokenId, request: PatchTokenRequest) -> Result<TokenView, ApiError> {
    send(Method::PATCH, format!("tokens/{id}"), &request).await
}

/// An act that starts from a version.
async fn post(path: String, version: i64) -> Result<TokenView, ApiError> {
    let version = Some(version);
    send(Method::POST, path, &VersionRequest { version }).await
}

/// Switches a token off, if nobody has changed it meanwhile.
pub(crate) async fn deactivate_token(id: TokenId, version: i64) -> Result<TokenView, ApiError> {
    post(format!("tokens/{id}/deactivate"), version).await
}

/// Switches a token on, if nobody has changed it meanwhile.
pub(crate) async fn activate_token(id: TokenId, version: i64) -> Result<TokenView, ApiError> {
    post(format!("tokens/{id}/activate"), version).await
}

/// Stops its temporary tokens: all of them, those of a subject, or one.
pub(crate) async fn stop_temporary(
    id: TokenId,
    request: StopTemporaryRequest,
) -> Result<TokenView, ApiError> {
    send(Method::POST, format!("tokens/{id}/stop-temporary"), &request).await
}

/// Marks its exposures as dealt with, or takes the last marking back.
pub(crate) async fn deal_with_exposures(
    id: TokenId,
    request: DealWithExposuresRequest,
) -> Result<TokenView, ApiError> {
    send(Method::POST, format!("tokens/{id}/deal-with-exposures"), &request).await
}

/// Deletes an inactive token.
pub(crate) async fn delete_token(id: TokenId) -> Result<(), ApiError> {
    delete(format!("tokens/{id}")).await
}

/// Where the latest claim of a token stands. Its code never comes here.
pub(crate) async fn find_claim(id: TokenId) -> Result<Option<ClaimView>, ApiError> {
    let response: ClaimResponse = get(format!("tokens/{id}/claim")).await?;
    Ok(response.claim)
}

/// Cancels it where it is open. The activity list says who did.
pub(crate) async fn cancel_claim(id: TokenId) -> Result<(), ApiError> {
    delete(format!("tokens/{id}/claim")).await
}

/// Asks for a ticket that opens the strongroom once. A ticket is no secret.
pub(crate) async fn start_handover(id: TokenId) -> Result<HandoverResponse, ApiError> {
    send(
        Method::POST,
        format!("tokens/{id}/handover"),
        &VersionRequest::default(),
    )
    .await
}

/// What a token was used for in the last 30 days.
pub(crate) async fn find_usage(id: TokenId) -> Result<UsageView, ApiError> {
    get(format!("tokens/{id}/usage?days=30")).await
}

/// One act on many tokens, or what it would do.
pub(crate) async fn act_on_tokens(request: BulkRequest) -> Result<BulkResponse, ApiError> {
    send(Method::POST, "tokens/bulk".to_owned(), &request).await
}

/// Makes tokens of a table, or says what would be made. The file goes to the server as it is; nobody here reads it.
pub(crate) async fn import_tokens(file: web_sys::File, dry_run: bool) -> Result<ImportResponse, ApiError> {
    upload(format!("tokens/import?dry_run={dry_run}"), "text/csv", file).await
}
