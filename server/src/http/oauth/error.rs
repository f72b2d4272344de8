//! Errors in OAuth's words (RFC 6749 section 5.2, RFC 6750, RFC 8693, RFC 8707), one exhaustive match from ours to
//! theirs. `error_uri` leads to our own code, `error_description` says what to do.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use wire::ErrorCode;

use crate::domain::limits::Standings;
use crate::domain::refusal::Refusal;
use crate::domain::scope;
use crate::http::error::ApiError;
use crate::http::{Shared, holder, preflight};

/// The words of the registry that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    InvalidRequest,
    InvalidClient,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedTokenType,
    InvalidScope,
    InvalidTarget,
    InvalidToken,
    InsufficientScope,
    TemporarilyUnavailable,
    ServerError,
}

impl Word {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// Whose fault a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The caller's own credentials, as a client's id and secret.
    Client,
    /// The caller's own credential, as a bearer token.
    Bearer,
    /// A token that the request is about.
    Subject,
    /// What is asked for.
    Wish,
}

/// An error of these doors.
#[derive(Debug)]
pub(super) struct OAuthError {
    status: StatusCode,
    word: Word,
    description: String,
    code: Option<ErrorCode>,
    retry_after: Option<u64>,
    /// The limits that the answer tells of.
    limits: Option<Box<Standings>>,
    about: About,
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_uri: Option<String>,
}

impl OAuthError {
    /// An error of the request's form.
    pub(super) fn new(word: Word, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            word,
            description: description.into(),
            code: None,
            retry_after: None,
            limits: None,
            about: About::Wish,
        }
    }

    /// A client that said nothing of itself, or not what it should.
    pub(super) fn client(description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            about: About::Client,
            ..Self::new(Word::InvalidClient, description)
        }
    }

    /// A refusal of the other doors, in OAuth's words.
    pub(super) fn refused(refusal: &Refusal, about: About) -> Self {
        let (status, word) = translated(refusal.code, about);
        let mut description = format!("{}: {}", refusal.code, refusal.detail);
        if !refusal.missing.is_empty() {
            description.push_str(" Missing: ");
            description.push_str(&scope::write(&refusal.missing));
        }
        Self {
            status,
            word,
            description,
            code: Some(refusal.code),
            retry_after: refusal.retry_after,
            limits: refusal.limits.clone(),
            about,
        }
    }

    /// The same, telling of the limits of whoever asks.
    pub(super) fn telling(self, standings: &Standings) -> Self {
        Self {
            limits: Some(Box::new(*standings)),
            ..self
        }
    }

    /// An error of the shared parts.
    pub(super) fn of(error: ApiError, about: About) -> Self {
        match error {
            ApiError::Refused(refusal) => Self::refused(&refusal, about),
            ApiError::TooLarge(_) => Self {
                status: StatusCode::PAYLOAD_TOO_LARGE,
                ..Self::new(
                    Word::InvalidRequest,
                    "The body is larger than 65536 bytes (64 KiB).",
                )
            },
            other => {
                // Writes the reason to the log; the answer says nothing of it.
                let (status, refusal) = other.refusal();
                match status {
                    // RFC 7009, section 2.2.1: the token is still there, and the client may try again.
                    StatusCode::SERVICE_UNAVAILABLE => Self {
                        status,
                        retry_after: refusal.retry_after,
                        ..Self::new(
                            Word::TemporarilyUnavailable,
                            "The database does not answer. Nothing was changed; try again soon.",
                        )
                    },
                    _ => Self {
                        status: StatusCode::INTERNAL_SERVER_ERROR,
                        ..Self::new(
                            Word::ServerError,
                            "Something went wrong on our side. The server's log has the reason.",
                        )
                    },
                }
            }
        }
    }

    /// Whether nobody has such a token.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(
            self.code,
            Some(ErrorCode::TokenUnknown | ErrorCode::TokenMalformed)
        )
    }

    fn challenge(&self) -> Option<&'static str> {
        match (self.about, self.status, self.word) {
            (About::Bearer, StatusCode::UNAUTHORIZED, _) => {
                Some("Bearer realm=\"Daypass\", error=\"invalid_token\"")
            }
            (_, _, Word::InsufficientScope) => Some("Bearer realm=\"Daypass\", error=\"insufficient_scope\""),
            (_, StatusCode::UNAUTHORIZED, _) => Some("Basic realm=\"Daypass\", charset=\"UTF-8\""),
            _ => None,
        }
    }
}

/// Status and word of a code, by whom it is about.
fn translated(code: ErrorCode, about: About) -> (StatusCode, Word) {
    use ErrorCode as C;
    match code {
        C::TokenMissing
        | C::TokenMalformed
        | C::TokenUnknown
        | C::TokenInactive
        | C::TokenExpired
        | C::TemporaryTokenStopped
        | C::TokenInUrl => match about {
            About::Client => (StatusCode::UNAUTHORIZED, Word::InvalidClient),
            About::Bearer => (StatusCode::UNAUTHORIZED, Word::InvalidToken),
            // RFC 8693, section 2.2.2: a subject token that is not accepted makes the request invalid.
            About::Subject | About::Wish => (StatusCode::BAD_REQUEST, Word::InvalidRequest),
        },
        C::InterfaceNotGranted | C::PermissionNotGranted => match about {
            About::Wish | About::Subject => (StatusCode::BAD_REQUEST, Word::InvalidScope),
            About::Client | About::Bearer => (StatusCode::FORBIDDEN, Word::InsufficientScope),
        },
        C::OriginNotAllowed if about == About::Wish => (StatusCode::BAD_REQUEST, Word::InvalidRequest),
        // Who it is is known, but it must not ask in this way: also for all methods while API access is off.
        C::OriginNotAllowed
        | C::NetworkNotAllowed
        | C::ExposedInBrowser
        | C::ApiDisabled
        | C::Forbidden
        | C::Unauthenticated
        | C::ReauthenticationRequired => (StatusCode::FORBIDDEN, Word::UnauthorizedClient),
        C::RateLimited => (StatusCode::TOO_MANY_REQUESTS, Word::TemporarilyUnavailable),
        C::InvalidRequest | C::NotFound | C::Conflict | C::TokenNotInactive => {
            (StatusCode::BAD_REQUEST, Word::InvalidRequest)
        }
        C::Internal => (StatusCode::INTERNAL_SERVER_ERROR, Word::ServerError),
    }
}

/// A sentence in the characters that RFC 6749 allows in a description.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '“' | '”' | '\\' => plain.push('\''),
            '…' => plain.push_str("..."),
            ' '..='~' => plain.push(c),
            _ => plain.push('?'),
        }
    }
    plain
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::with_capacity(8);
        never_stored(&mut headers);
        if let Some(challenge) = self.challenge() {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(limits) = &self.limits {
            holder::tell_limits(&mut headers, limits);
        }
        if let Some(code) = self.code {
            let name = HeaderName::from_static("x-daypass-code");
            headers.insert(name, HeaderValue::from_static(code.as_str()));
        }
        let body = Body {
            error: self.word.as_str(),
            error_description: plain(&self.description),
            error_uri: self.code.map(|code| format!("/api/errors#{code}")),
        };
        (self.status, headers, Json(body)).into_response()
    }
}

/// Answers for methods that these doors do not have.
pub(super) async fn post_only(State(app): State<Shared>, method: Method, headers: HeaderMap) -> OAuthError {
    preflight::note(&app, &method, &headers);
    OAuthError {
        status: StatusCode::METHOD_NOT_ALLOWED,
        ..OAuthError::new(Word::InvalidRequest, "This address answers POST only.")
    }
}

/// What every answer of these doors says (RFC 6749, section 5.1).
pub(super) fn never_stored(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::reference::oauth_words;

    /// What the reference says of each door is what is answered there. Which codes meet whom at a door is listed here,
    /// and which words a door says by itself; what becomes of the codes is not.
    #[test]
    fn the_reference_says_what_is_answered() {
        use About::{Bearer, Client, Subject, Wish};
        use ErrorCode as C;

        let ended = &[
            C::TokenMalformed,
            C::TokenUnknown,
            C::TokenExpired,
            C::TemporaryTokenStopped,
        ][..];
        let now = &[C::TokenInactive, C::RateLimited][..];
        let here = &[
            C::OriginNotAllowed,
            C::NetworkNotAllowed,
            C::ExposedInBrowser,
            C::Internal,
        ][..];
        let off = &[C::ApiDisabled][..];
        let wish = &[
            C::InterfaceNotGranted,
            C::PermissionNotGranted,
            C::OriginNotAllowed,
            C::NetworkNotAllowed,
            C::InvalidRequest,
            C::Forbidden,
            C::Internal,
        ][..];
        let refused = [
            (
                "token",
                vec![
                    (Client, [ended, now, here, off].concat()),
                    (Subject, [ended, now, here].concat()),
                    (Wish, wish.to_vec()),
                ],
            ),
            (
                "introspect",
                vec![
                    (Client, [ended, now, here, off].concat()),
                    (Bearer, [ended, now, here, &[C::PermissionNotGranted]].concat()),
                    (Subject, vec![C::RateLimited]),
                ],
            ),
            (
                "revoke",
                vec![
                    (Client, [ended, here, off].concat()),
                    (Bearer, [ended, here].concat()),
                    (Subject, [here, &[C::RateLimited]].concat()),
                ],
            ),
        ];
        let everywhere: [(Word, u16); 5] = [
            (Word::InvalidRequest, 400),
            (Word::InvalidRequest, 413),
            (Word::InvalidClient, 401),
            // The database does not answer.
            (Word::TemporarilyUnavailable, 503),
            (Word::ServerError, 500),
        ];
        for (door, refused) in refused {
            let own: &[(Word, u16)] = match door {
                "token" => &[
                    (Word::InvalidScope, 400),
                    (Word::InvalidTarget, 400),
                    (Word::UnsupportedGrantType, 400),
                ],
                "revoke" => &[(Word::UnauthorizedClient, 400), (Word::UnsupportedTokenType, 400)],
                _ => &[],
            };
            let mut answered: BTreeMap<(&str, u16), BTreeSet<&str>> = BTreeMap::new();
            for (about, codes) in refused {
                for code in codes {
                    let (status, word) = translated(code, about);
                    let behind = answered.entry((word.as_str(), status.as_u16()));
                    behind.or_default().insert(code.as_str());
                }
            }
            for (word, status) in everywhere.iter().chain(own) {
                answered.entry((word.as_str(), *status)).or_default();
            }
            let described: BTreeMap<(&str, u16), BTreeSet<&str>> = oauth_words(door)
                .into_iter()
                .map(|(word, status, codes)| {
                    let codes = codes.iter().map(|code| code.as_str()).collect();
                    ((word, status), codes)
                })
                .collect();
            assert_eq!(described, answered, "{door}");
        }
    }

    #[test]
    fn descriptions_keep_to_the_allowed_characters() {
        let text = plain("a “b” \"c\" \\ … ø\n");
        assert_eq!(text, "a 'b' 'c' ' ... ??");
        for code in ErrorCode::ALL {
            for about in [About::Client, About::Bearer, About::Subject, About::Wish] {
                let (status, _) = translated(*code, about);
                assert!(status.is_client_error() || *code == ErrorCode::Internal, "{code}");
                assert_eq!(
                    status == StatusCode::UNAUTHORIZED,
                    code.status() == 401
                        && *code != ErrorCode::Unauthenticated
                        && matches!(about, About::Client | About::Bearer),
                    "{code} {about:?}"
                );
            }
        }
    }
}
