//! Errors as answers: one exhaustive match from what went wrong to a problem document (RFC 9457).
//!
//! Internal text goes to the log under the request id, never to a client.

use std::any::Any;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wire::{ClaimEnd, ErrorCode, FieldError, FieldErrorCode, Help, Problem, TokensInTheWay};

use super::request;
use crate::domain::limits::Standings;
use crate::domain::refusal::Refusal;
use crate::secret::PasswordError;
use crate::store::{ClaimRefusal, CodeRefusal, StoreError};

/// Why a request is not answered with what it asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// The domain refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store refuses or fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No session, or one that has ended.
    #[error("no session")]
    Unauthenticated,
    /// A cross-origin request with our cookie, or a script where only a form may ask.
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// There is nothing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The resource exists, the method does not.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// A body beyond the limit, in bytes.
    #[error("body too large")]
    TooLarge(usize),
    /// Our fault.
    #[error("{0}")]
    Internal(&'static str),
}

impl From<PasswordError> for ApiError {
    fn from(_: PasswordError) -> Self {
        Self::Internal("passwords cannot be compared")
    }
}

/// The message of tokens that are in the way.
fn in_the_way(tokens: &TokensInTheWay) -> String {
    let shown: Vec<_> = tokens
        .items
        .iter()
        .take(10)
        .map(|t| format!("“{}”", t.name))
        .collect();
    let more = tokens.total.saturating_sub(10);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "{} {}{more} {} rights on it. Take them away first.",
        if tokens.total == 1 {
            "The token"
        } else {
            "The tokens"
        },
        shown.join(", "),
        if tokens.total == 1 { "has" } else { "have" },
    )
}

/// What is said to the person at the shell whose code opens nothing.
const fn of_claim(refusal: ClaimRefusal) -> (ErrorCode, &'static str) {
    match refusal {
        ClaimRefusal::Unknown => (
            ErrorCode::Forbidden,
            "Nobody issued this code. Copy the whole command again from the dialog in Daypass; it works once, within ten minutes.",
        ),
        ClaimRefusal::Expired => (
            ErrorCode::Forbidden,
            "The ten minutes of this code are over, and nothing was changed. Start the handover again on the token's page in Daypass.",
        ),
        ClaimRefusal::Misused(ClaimEnd::Browser) => (
            ErrorCode::ExposedInBrowser,
            "A browser sent this code, and a browser must never see a secret. Nothing was given out, the code is void now, and the administrators are told. Start the handover again on the token's page, and run the command on the server.",
        ),
        ClaimRefusal::Misused(ClaimEnd::WrongNetwork) => (
            ErrorCode::NetworkNotAllowed,
            "This code may be used from another network only. Nothing was given out, the code is void now, and the administrators are told. Start the handover again on the token's page, for the network that this server is in.",
        ),
        ClaimRefusal::Misused(_) => (
            ErrorCode::Conflict,
            "The secret was fetched with this code already, and nothing is given out twice. The administrators are told. If it was not you who fetched it, somebody else has the secret: replace it on the token's page at once.",
        ),
        ClaimRefusal::Ended(ClaimEnd::Superseded) => (
            ErrorCode::Conflict,
            "A newer handover has taken the place of this code. Use the newer command, or start again on the token's page in Daypass.",
        ),
        ClaimRefusal::Ended(ClaimEnd::Cancelled) => (
            ErrorCode::Conflict,
            "An administrator has cancelled this code. Start the handover again on the token's page in Daypass.",
        ),
        ClaimRefusal::Ended(ClaimEnd::TokenOff) => (
            ErrorCode::Conflict,
            "The token was deactivated or deleted after this code was issued, so no secret is made for it.",
        ),
        ClaimRefusal::Ended(_) => (
            ErrorCode::Conflict,
            "This code was used before where it must not be, which made it void. Start the handover again on the token's page in Daypass.",
        ),
    }
}

impl ApiError {
    /// The same, where it is a refusal telling how the limits stand that the request counted against.
    pub(super) fn telling(self, standings: &Standings) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(refusal.telling(standings)),
            other => other,
        }
    }

    /// Status and refusal of an error; `None` for our own faults.
    pub(super) fn refusal(self) -> (StatusCode, Refusal) {
        let status = |code: ErrorCode| {
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        };
        let usual = |refusal: Refusal| (status(refusal.code), refusal);
        let plain = |code: ErrorCode, detail: &'static str| usual(Refusal::new(code, detail));
        match self {
            Self::Refused(refusal) => usual(refusal),
            Self::Unauthenticated => plain(ErrorCode::Unauthenticated, "Sign in to go on."),
            Self::Forbidden(detail) => plain(ErrorCode::Forbidden, detail),
            Self::NotFound(what) => usual(Refusal::new(
                ErrorCode::NotFound,
                format!("There is no such {what}."),
            )),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                Refusal::new(
                    ErrorCode::NotFound,
                    "This address does not answer this method. See /api for what it answers.",
                ),
            ),
            Self::TooLarge(most) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Refusal::new(
                    ErrorCode::InvalidRequest,
                    format!("The body is larger than {most} bytes ({} KiB).", most / 1024),
                ),
            ),
            Self::Internal(text) => {
                tracing::error!(error = text, "internal error");
                plain(
                    ErrorCode::Internal,
                    "Something went wrong on our side. The server's log has the reason under the request id.",
                )
            }
            Self::Store(error) => match error {
                StoreError::Driver(_) | StoreError::Migration(_) | StoreError::Inconsistent(_) => {
                    let away = matches!(
                        &error,
                        StoreError::Driver(
                            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_)
                        )
                    );
                    tracing::error!(error = %error, "the store failed");
                    if away {
                        let refusal = Refusal {
                            retry_after: Some(5),
                            ..Refusal::new(
                                ErrorCode::Internal,
                                "The database does not answer. Nothing was changed; try again soon.",
                            )
                        };
                        (StatusCode::SERVICE_UNAVAILABLE, refusal)
                    } else {
                        plain(
                            ErrorCode::Internal,
                            "Something went wrong on our side. Nothing was changed. The server's log has the reason under the request id.",
                        )
                    }
                }
                StoreError::NotFound(what) => usual(Refusal::new(
                    ErrorCode::NotFound,
                    format!("There is no such {what}. It may have been deleted in the meantime."),
                )),
                StoreError::Stale => plain(
                    ErrorCode::Conflict,
                    "Somebody else changed it in the meantime. Load the present version and apply your change to that.",
                ),
                StoreError::NameTaken => usual(Refusal {
                    errors: vec![FieldError::new("name", FieldErrorCode::Taken)],
                    ..Refusal::new(ErrorCode::Conflict, "The name is taken. Choose another one.")
                }),
                StoreError::NotInactive => plain(
                    ErrorCode::TokenNotInactive,
                    "Only an inactive token can be deleted. Deactivate it first and see whether anything breaks.",
                ),
                StoreError::SecretIsCurrent => plain(
                    ErrorCode::Conflict,
                    "This is the token's current secret. Replace it, so that its holders can change over, or deactivate the token; only a replaced secret can be ended early.",
                ),
                StoreError::Rules(errors) => usual(Refusal::fields(errors)),
                StoreError::InTheWay(tokens) => usual(Refusal {
                    in_the_way: Some(Box::new(tokens.clone())),
                    ..Refusal::new(ErrorCode::Conflict, in_the_way(&tokens))
                }),
                StoreError::KeyInUse => plain(
                    ErrorCode::Conflict,
                    "This key is a token's secret already. Every token needs a key of its own.",
                ),
                StoreError::KeyWaits => plain(
                    ErrorCode::Conflict,
                    "A new signing key is in the key set already and waits for its moment. Try again when it signs, or rotate at once.",
                ),
                StoreError::Code(CodeRefusal::Used) => {
                    plain(ErrorCode::Conflict, "This was used already. Nothing was changed.")
                }
                StoreError::Code(CodeRefusal::Expired | CodeRefusal::Unknown) => plain(
                    ErrorCode::Forbidden,
                    "The one-time code is wrong or its time is over. Ask for a new one.",
                ),
                StoreError::Claim(refusal) => {
                    let (code, detail) = of_claim(refusal);
                    plain(code, detail)
                }
                StoreError::NotEmpty => plain(ErrorCode::Conflict, "The database is not empty."),
                StoreError::AlreadySetUp => plain(
                    ErrorCode::Conflict,
                    "An administrator exists already. Sign in instead.",
                ),
            },
        }
    }
}

/// The problem document of a refusal.
pub(super) fn problem(status: StatusCode, refusal: Refusal) -> Problem {
    Problem {
        kind: format!("/api/errors#{}", refusal.code),
        title: refusal.code.title().to_owned(),
        status: status.as_u16(),
        detail: refusal.detail.into_owned(),
        code: refusal.code,
        missing: refusal.missing,
        errors: refusal.errors,
        in_the_way: refusal.in_the_way.map(|tokens| *tokens),
        help: refusal.help.map(Help::in_language),
        request_id: request::id(),
    }
}

/// A refusal as an answer.
pub(super) fn refused(status: StatusCode, refusal: Refusal) -> Response {
    let retry_after = refusal.retry_after;
    let mut response = (status, Json(problem(status, refusal))).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headed(response, retry_after)
}

/// A refusal of which nobody would read the body, in status and headers alone.
pub(super) fn refused_without_body(status: StatusCode, refusal: &Refusal) -> Response {
    headed(status.into_response(), refusal.retry_after)
}

fn headed(mut response: Response, retry_after: Option<u64>) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, refusal) = self.refusal();
        refused(status, refusal)
    }
}

/// Answers for methods that a path does not have.
pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::MethodNotAllowed
}

/// Answers for paths that are not there.
pub(super) async fn nothing_here() -> ApiError {
    ApiError::NotFound("address")
}

/// Answers after a panic. Its text may hold anything, so it goes nowhere.
pub(super) fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::Internal("a handler panicked").into_response()
}
