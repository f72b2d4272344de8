//! Bodies and queries as typed values, with errors that name the field.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use wire::{ErrorCode, FieldError, FieldErrorCode, LIMITS};
use zeroize::Zeroizing;

use super::error::ApiError;
use crate::domain::refusal::Refusal;

/// A JSON body of at most 64 KiB.
pub(super) struct JsonBody<T>(pub(super) T);

/// A JSON body that may be left out.
pub(super) struct OptionalJsonBody<T>(pub(super) T);

/// A query string.
pub(super) struct Query<T>(pub(super) T);

/// A body of a form, as pairs; read by the handlers that know their fields.
pub(super) struct FormBody<T>(pub(super) T);

/// A table: a body of `text/csv`, the one that may be larger than others.
pub(super) struct TableBody(pub(super) Bytes);

/// Reads a body of at most 64 KiB.
///
/// # Errors
/// When it is larger, ends before it is complete, or takes too long.
pub(super) async fn read(request: Request<Body>) -> Result<Bytes, ApiError> {
    read_up_to(request, LIMITS.body).await
}

/// So long a body may take. Who sends one byte now and then would keep a connection, and what it takes, for good.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most bytes of a report of leaked secrets.
const LARGEST_REPORT: usize = 1024 * 1024;

/// Reads a report of leaked secrets. It is wiped when it was read.
///
/// # Errors
/// When it is larger than a mebibyte, ends before it is complete, or takes too long.
pub(super) async fn read_report(request: Request<Body>) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    Ok(Zeroizing::new(read_up_to(request, LARGEST_REPORT).await?.into()))
}

async fn read_up_to(request: Request<Body>, most: usize) -> Result<Bytes, ApiError> {
    read_within(PATIENCE, request.into_body(), most).await
}

async fn read_within(patience: Duration, body: Body, most: usize) -> Result<Bytes, ApiError> {
    let reading = axum::body::to_bytes(body, most);
    // Not 408: after that one browsers send the same again by themselves.
    let read = tokio::time::timeout(patience, reading).await.map_err(|_| {
        let seconds = patience.as_secs();
        Refusal::new(
            ErrorCode::InvalidRequest,
            format!("The body was not complete after {seconds} seconds. Send all of it at once."),
        )
    })?;
    read.map_err(|error| {
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            if inner.to_string().contains("length limit exceeded") {
                return ApiError::TooLarge(most);
            }
            source = inner.source();
        }
        Refusal::new(
            ErrorCode::InvalidRequest,
            "The body ended before it was complete.",
        )
        .into()
    })
}

/// How messages start that say "this is no number", "this is no time" and the like.
const OF_ANOTHER_TYPE: [&str; 6] = [
    "invalid type",
    "invalid value",
    "unknown variant",
    "invalid digit",
    "cannot parse integer",
    "not a time",
];

/// The rule that a message of serde tells of.
fn rule(message: &str) -> FieldErrorCode {
    if message.starts_with("unknown field") {
        FieldErrorCode::UnknownField
    } else if message.starts_with("missing field") {
        FieldErrorCode::Required
    } else if message.starts_with("duplicate field") {
        FieldErrorCode::Duplicate
    } else if OF_ANOTHER_TYPE.iter().any(|start| message.starts_with(start)) {
        FieldErrorCode::WrongType
    } else {
        // The newtypes of `wire` put the rule's own sentence into the message.
        [
            FieldErrorCode::Required,
            FieldErrorCode::ControlCharacter,
            FieldErrorCode::ContainsToken,
            FieldErrorCode::NotAnOrigin,
            FieldErrorCode::NotANetwork,
        ]
        .into_iter()
        .find(|code| message.starts_with(code.detail()))
        .unwrap_or(if message.contains("characters are allowed") {
            FieldErrorCode::TooLong
        } else {
            FieldErrorCode::OutOfRange
        })
    }
}

/// The name between backticks in serde's message.
fn named(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}

fn field_error(path: &str, message: &str) -> Refusal {
    // Serde ends messages with " at line 1 column 2", which says nothing to people.
    let message = message.rfind(" at line ").map_or(message, |at| &message[..at]);
    let code = rule(message);
    let parent = if path == "." { "" } else { path };
    let field = match (code, named(message)) {
        (FieldErrorCode::UnknownField | FieldErrorCode::Required | FieldErrorCode::Duplicate, Some(name))
            if !parent.ends_with(name) =>
        {
            if parent.is_empty() {
                name.to_owned()
            } else {
                format!("{parent}.{name}")
            }
        }
        _ => parent.to_owned(),
    };
    let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected);
    // What was sent does not come back: it may be a secret in the wrong place.
    let detail = match (code, expected) {
        (FieldErrorCode::UnknownField, Some(expected)) => format!("{}; expected {expected}", code.detail()),
        (FieldErrorCode::UnknownField | FieldErrorCode::Duplicate, _) => code.detail().to_owned(),
        (_, Some(expected)) => format!("expected {expected}"),
        (_, None) => message.to_owned(),
    };
    Refusal::fields(vec![FieldError { field, code, detail }])
}

/// Whether a body begins like a JSON object, whatever it says of itself.
pub(super) fn is_object(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{")
}

/// Reads JSON.
pub(super) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Refusal::new(ErrorCode::InvalidRequest, "The body is not UTF-8."))?;
    // Serde would take a list for a struct, its fields by position.
    if !text.trim_start().is_empty() && !text.trim_start().starts_with('{') {
        return Err(Refusal::new(
            ErrorCode::InvalidRequest,
            "The body is not JSON of the right form: it has to be an object, in braces.",
        )
        .into());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner();
        if inner.is_syntax() || inner.is_eof() {
            Refusal::new(
                ErrorCode::InvalidRequest,
                format!("The body is not JSON: {inner}."),
            )
        } else {
            field_error(&path, &inner.to_string())
        }
    })?;
    json.end().map_err(|error| {
        Refusal::new(
            ErrorCode::InvalidRequest,
            format!("The body is not JSON: {error}."),
        )
    })?;
    Ok(value)
}

/// Reads JSON that may be left out.
pub(super) fn parse_optional_json<T: DeserializeOwned + Default>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        Ok(T::default())
    } else {
        parse_json(bytes)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        parse_json(&read(request).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        parse_optional_json(&read(request).await?).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for TableBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let is_table = kind
            .and_then(|k| k.to_str().ok())
            .and_then(|k| k.split(';').next())
            .is_some_and(|k| k.trim().eq_ignore_ascii_case("text/csv"));
        if !is_table {
            return Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "The body has to be a table: CSV, sent as text/csv.",
            )
            .into());
        }
        read_up_to(request, LIMITS.table).await.map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FormBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        parse_form(&read(request).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parse_form(parts.uri.query().unwrap_or_default().as_bytes()).map(Self)
    }
}

/// Reads a form.
pub(super) fn parse_form<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(bytes));
    serde_path_to_error::deserialize(pairs)
        .map_err(|error| field_error(&error.path().to_string(), &error.inner().to_string()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{CreateTokenRequest, TokenListQuery};

    fn refused<T: DeserializeOwned>(text: &str) -> Refusal {
        match parse_json::<T>(text.as_bytes()) {
            Err(ApiError::Refused(refusal)) => refusal,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("accepted"),
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let soon = Duration::ZERO;
        let never = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let begun = futures_util::stream::once(std::future::ready(Ok(Bytes::from_static(b"{"))));
        let begun = futures_util::StreamExt::chain(begun, never);
        let Err(ApiError::Refused(refusal)) = read_within(soon, Body::from_stream(begun), 10).await else {
            panic!("it was waited for");
        };
        assert_eq!(refusal.code, ErrorCode::InvalidRequest);
        // What is here already takes no time.
        assert_eq!(read_within(soon, Body::from("{}"), 10).await.unwrap(), "{}");
    }

    #[test]
    fn names_the_field() {
        for (body, field, code) in [
            (
                r#"{"name":"x","colour":1}"#,
                "colour",
                FieldErrorCode::UnknownField,
            ),
            (r"{}", "name", FieldErrorCode::Required),
            (r#"{"name":7}"#, "name", FieldErrorCode::WrongType),
            (r#"{"name":" "}"#, "name", FieldErrorCode::Required),
            (
                r#"{"name":"x","kind":"other"}"#,
                "kind",
                FieldErrorCode::WrongType,
            ),
            (
                r#"{"name":"x","temporary_lifetime":-5}"#,
                "temporary_lifetime",
                FieldErrorCode::OutOfRange,
            ),
            (
                r#"{"name":"x","allowed_origins":["nope"]}"#,
                "allowed_origins[0]",
                FieldErrorCode::NotAnOrigin,
            ),
            (
                r#"{"name":"x","grants":[{"interface":"a","permissions":["read"],"more":1}]}"#,
                "grants[0].more",
                FieldErrorCode::UnknownField,
            ),
        ] {
            let refusal = refused::<CreateTokenRequest>(body);
            assert_eq!(
                (refusal.errors[0].field.as_str(), refusal.errors[0].code),
                (field, code),
                "{body}"
            );
        }
        assert!(refused::<CreateTokenRequest>("{").errors.is_empty());
        assert!(
            refused::<CreateTokenRequest>(r#"{"name":"x"} {}"#)
                .errors
                .is_empty()
        );
    }

    #[test]
    fn queries_are_strict_too() {
        assert!(parse_form::<TokenListQuery>(b"q=a%20b&status=active&page=2").is_ok());
        for wrong in [&b"colour=1"[..], b"status=x", b"page=-1"] {
            assert!(parse_form::<TokenListQuery>(wrong).is_err());
        }
    }
}
