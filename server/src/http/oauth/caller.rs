//! Who asks: a client by its id and secret (RFC 6749, section 2.3.1), in the Authorization header or in the body, or
//! the holder of a bearer token.

use std::borrow::Cow;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wire::ErrorCode;

use super::error::{About, OAuthError, Word};
use super::parameters::Asked;
use crate::domain::refusal::Refusal;
use crate::domain::verification::{Credential, Holder, Purpose};
use crate::http::app::App;
use crate::http::form::Form;
use crate::http::holder;

/// How callers may say who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ways {
    /// By a client's id and secret.
    Client,
    /// By a client's id and secret, or by a bearer token.
    ClientOrBearer,
}

/// What was presented.
enum Presented<'r> {
    Client {
        id: Cow<'r, str>,
        secret: Cow<'r, str>,
        raw: Option<(String, String)>,
    },
    Bearer(&'r str),
}

/// Finds out who asks; `None` where the request says nothing of that.
///
/// # Errors
/// `invalid_client` or `invalid_token` for wrong credentials, `invalid_request` for more than one way at once.
pub(super) async fn authenticate(
    app: &App,
    asked: &Asked,
    form: &Form<'_>,
    ways: Ways,
    purpose: Purpose,
) -> Result<Option<Holder>, OAuthError> {
    match presented(&asked.parts().headers, form, ways)? {
        None => Ok(None),
        Some(Presented::Bearer(value)) => accept(app, asked, value, purpose)
            .await
            .map(Some)
            .map_err(|refusal| OAuthError::refused(&refusal, About::Bearer)),
        Some(Presented::Client { id, secret, raw }) => {
            let first = accept_client(app, asked, &id, &secret, purpose).await;
            match (first, raw) {
                // Many programs (curl's -u among them) send id and secret as they are, not form-encoded.
                (Err(error), Some((id, secret))) if error.is_unknown() => {
                    accept_client(app, asked, &id, &secret, purpose).await
                }
                (other, _) => other,
            }
            .map(Some)
        }
    }
}

async fn accept(app: &App, asked: &Asked, value: &str, purpose: Purpose) -> Result<Holder, Refusal> {
    let credential = Credential { value, in_url: false };
    holder::accept_value(app, credential, purpose, &asked.around())
        .await
        .map_err(|r| r.refusal)
}

async fn accept_client(
    app: &App,
    asked: &Asked,
    id: &str,
    secret: &str,
    purpose: Purpose,
) -> Result<Holder, OAuthError> {
    let who = accept(app, asked, secret, purpose)
        .await
        .map_err(|refusal| OAuthError::refused(&refusal, About::Client))?;
    if who.claims.is_some() {
        holder::note_refusal(app, Some(&who), ErrorCode::Forbidden, asked.now);
        return Err(OAuthError::client(
            "A temporary token is no client secret. Narrow it by a token exchange, as subject_token.",
        ));
    }
    if who.state.id.as_str() != id {
        holder::note_refusal(app, Some(&who), ErrorCode::TokenUnknown, asked.now);
        return Err(OAuthError::client(
            "The client id is not that of the token whose secret was sent. A token's id stands on its page and in the answer of WhoAmI.",
        ));
    }
    Ok(who)
}

fn presented<'r>(
    headers: &'r HeaderMap,
    form: &'r Form<'_>,
    ways: Ways,
) -> Result<Option<Presented<'r>>, OAuthError> {
    let twice = || {
        OAuthError::new(
            Word::InvalidRequest,
            "The request says in more than one way who asks. Send the Authorization header, or client_id and client_secret in the body.",
        )
    };
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let from_header = match values.next() {
        Some(_) if values.next().is_some() => return Err(twice()),
        Some(value) => Some(in_header(value.to_str().unwrap_or_default(), ways)?),
        None => None,
    };
    let in_body = (form.get("client_id"), form.get("client_secret"));
    match (from_header, in_body) {
        (Some(_), (_, Some(_))) => Err(twice()),
        // Some programs repeat the id in the body.
        (Some(Presented::Client { id, .. }), (Some(other), None)) if id != other => Err(twice()),
        (Some(found), _) => Ok(Some(found)),
        (None, (Some(id), Some(secret))) => Ok(Some(Presented::Client {
            id: Cow::Borrowed(id),
            secret: Cow::Borrowed(secret),
            raw: None,
        })),
        (None, (None, Some(_))) => Err(OAuthError::client(
            "client_secret needs client_id: the token's id.",
        )),
        (None, (_, None)) => Ok(None),
    }
}

fn in_header(value: &str, ways: Ways) -> Result<Presented<'_>, OAuthError> {
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD
            .decode(rest)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| {
                text.split_once(':')
                    .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
            })
            .ok_or_else(|| {
                OAuthError::client(
                    "Basic authentication is the base64 of id:secret, each of them form-encoded.",
                )
            })?;
        let (id, secret) = (decoded(&pair.0), decoded(&pair.1));
        let raw = (id != pair.0 || secret != pair.1).then_some(pair);
        return Ok(Presented::Client {
            id: Cow::Owned(id),
            secret: Cow::Owned(secret),
            raw,
        });
    }
    if scheme.eq_ignore_ascii_case("bearer") && ways == Ways::ClientOrBearer && !rest.is_empty() {
        return Ok(Presented::Bearer(rest));
    }
    Err(OAuthError::client(match ways {
        Ways::Client => "Authenticate with Basic: the token's id and its secret.",
        Ways::ClientOrBearer => "Authenticate with Basic (the token's id and its secret) or with Bearer.",
    }))
}

/// A text out of its form encoding (RFC 6749, appendix B).
fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), Cow::into_owned)
}
