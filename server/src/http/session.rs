//! Signed-in administrators: the session cookie, and the extractor without which no handler acts for one.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum_extra::extract::cookie::{Cookie, SameSite};
use wire::{CurrentSession, UserView};

use super::client::Client;
use super::error::ApiError;
use super::{Shared, origin};
use crate::domain::activity::{Actor, Who};
use crate::secret::{CodeDigest, OneTimeCode};
use crate::store::{NewSession, Session, User};

/// `__Host-`: Secure, no Domain, path `/`; browsers enforce it.
const COOKIE: &str = "__Host-daypass";

/// A session ends after so many seconds, whatever happens: half a day.
const SESSION_SECONDS: i64 = 43_200;

/// A signed-in administrator whose request comes from our own pages. Authority is this argument: a handler that
/// forgets it has nobody to act for.
#[derive(Debug, Clone)]
pub(super) struct Admin {
    /// Who.
    pub(super) user: UserView,
    /// Which session.
    pub(super) session: CodeDigest,
    /// When the session ends whatever happens.
    pub(super) expires_at: wire::Timestamp,
    /// Who and from where, for the activity list.
    pub(super) actor: Actor,
}

/// The session cookie of a request from our own pages.
fn of_our_own(parts: &Parts, app: &Shared) -> Result<CodeDigest, ApiError> {
    let digest = digest(&parts.headers).ok_or(ApiError::Unauthenticated)?;
    if matches!(parts.method, Method::GET | Method::HEAD) {
        origin::refuse_cross_site(&parts.headers)?;
    } else {
        origin::require_own(&parts.headers, &app.site)?;
    }
    Ok(digest)
}

/// A signed-in administrator's app that asks by itself, with nobody at it perhaps. It may look, and it keeps no session
/// open that nobody uses; it does nothing in anybody's name.
#[derive(Debug)]
pub(super) struct Onlooker(CodeDigest);

impl FromRequestParts<Shared> for Onlooker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let onlooker = Self(of_our_own(parts, app)?);
        onlooker.look_again(app).await?;
        Ok(onlooker)
    }
}

impl Onlooker {
    /// Asks whether the session is still open: for whoever has waited meanwhile.
    ///
    /// # Errors
    /// When it has ended, or the store fails.
    pub(super) async fn look_again(&self, app: &Shared) -> Result<(), ApiError> {
        let session = app.store.peek_session(&self.0).await?;
        session.map(|_| ()).ok_or(ApiError::Unauthenticated)
    }
}

impl FromRequestParts<Shared> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let digest = of_our_own(parts, app)?;
        let session = app
            .store
            .find_session(&digest)
            .await?
            .ok_or(ApiError::Unauthenticated)?;
        let Ok(Client(address)) = Client::from_request_parts(parts, app).await;
        Ok(Self::of(session, digest, address))
    }
}

impl Admin {
    /// The administrator of an open session.
    pub(super) fn of(session: Session, digest: CodeDigest, address: Option<std::net::IpAddr>) -> Self {
        let who = Who::User {
            id: session.user.id.clone(),
            name: session.user.name.clone(),
        };
        Self {
            user: session.user,
            session: digest,
            expires_at: session.expires_at,
            actor: Actor { who, address },
        }
    }
}

/// The digest of the session cookie; `None` when it is missing or there twice.
pub(super) fn digest(headers: &axum::http::HeaderMap) -> Option<CodeDigest> {
    // As they were sent: a jar keeps one of two with the same name, and whose that is nobody knows.
    let mut own = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| {
            pair.trim_ascii()
                .strip_prefix(COOKIE.as_bytes())?
                .strip_prefix(b"=")
        });
    let value = own.next()?;
    if own.next().is_some() {
        return None;
    }
    std::str::from_utf8(value).ok().map(CodeDigest::of)
}

/// Opens a session and gives its cookie.
///
/// # Errors
/// When the store fails.
pub(super) async fn open(app: &Shared, user: &User, client: Client) -> Result<Cookie<'static>, ApiError> {
    let code = OneTimeCode::generate(&*app.entropy);
    let new = NewSession {
        digest: code.digest(),
        user: user.id.clone(),
        user_name: user.name.clone(),
        expires_at: app.now().plus_seconds(SESSION_SECONDS),
        address: client.0,
    };
    app.store.create_session(new).await?;
    Ok(cookie(code.expose_to_its_owner().to_owned()))
}

fn cookie(value: String) -> Cookie<'static> {
    Cookie::build((COOKIE, value))
        .path("/")
        .http_only(true)
        .secure(true)
        .same_site(SameSite::Strict)
        .build()
}

/// The cookie that takes the session's away.
pub(super) fn removal() -> Cookie<'static> {
    let mut gone = cookie(String::new());
    gone.make_removal();
    gone
}

/// `GET /api/admin/v1/sessions/current`.
pub(super) async fn get_current_session(State(app): State<Shared>, admin: Admin) -> Json<CurrentSession> {
    let settings = app.index.settings();
    Json(CurrentSession {
        user: admin.user,
        expires_at: admin.expires_at,
        api_enabled: settings.api_enabled,
        default_temporary_lifetime: settings.default_temporary_lifetime,
        allow_endless_temporary_tokens: settings.allow_endless_temporary_tokens,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn one_cookie_is_ours_and_two_are_nobodys() {
        let read = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
                headers.append(header::COOKIE, line);
            }
            digest(&headers)
        };
        let one = Some(CodeDigest::of("abc"));
        for lines in [
            &["__Host-daypass=abc"][..],
            &["a=b; __Host-daypass=abc;c=d"],
            &["a=b", "__Host-daypass=abc"],
            // Cookies do not know ports: others on this host name set theirs too, in any letters.
            &["a=ø; __Host-daypass=abc; __Host-daypass2=x; daypass=y"],
        ] {
            assert!(read(lines) == one, "{lines:?}");
        }
        for lines in [
            &["__Host-daypass=abc; __Host-daypass=abd"][..],
            &["__Host-daypass=abd; a=b; __Host-daypass=abc"],
            &["__Host-daypass=abc; __Host-daypass=abc"],
            &["__Host-daypass=abc", "__Host-daypass=abd"],
            &["__Host-daypass"],
            &["a=b"],
            &[],
        ] {
            assert!(read(lines).is_none(), "{lines:?}");
        }
    }
}
