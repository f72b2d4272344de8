//! `/login` and `/logout`: script-less documents and plain forms, usable from a program too.
//!
//! Unknown names are answered like wrong passwords, in the same words and the same time: the same is asked of the
//! database for both. Whoever has to wait is told so before anything is looked up, whoever it may be.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use wire::UserName;

use super::body::{FormBody, Query};
use super::client::Client;
use super::error::ApiError;
use super::session::{self, Admin};
use super::{Shared, origin, page};
use crate::documents::{self, LoginPage, LoginState, SignedInPage};
use crate::domain::activity::{Actor, Who};
use crate::domain::name::name_key;
use crate::secret::PlainPassword;

/// `GET /login`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct LoginQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    signed_out: Option<String>,
    #[serde(default)]
    again: Option<String>,
}

/// `POST /login`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginForm {
    #[serde(default)]
    name: String,
    password: PlainPassword,
    #[serde(default)]
    next: String,
}

/// The sign-in document.
pub(super) async fn get_login(
    State(app): State<Shared>,
    Query(query): Query<LoginQuery>,
) -> Result<Response, ApiError> {
    if !app.store.has_user().await? {
        return Ok(Redirect::to("/setup").into_response());
    }
    let state = match query {
        LoginQuery {
            signed_out: Some(_), ..
        } => LoginState::SignedOut,
        LoginQuery { again: Some(_), .. } => LoginState::Again,
        _ => LoginState::First,
    };
    let html = documents::login(&LoginPage {
        site: page::assets(),
        state,
        name: "",
        next: &query.next,
    });
    Ok(page::document(StatusCode::OK, html))
}

/// Whom somebody names. What is longer than any name is nobody's, so all of that is one: how much a stranger types
/// decides neither how much is compared nor how much is remembered of it.
fn named(typed: &str) -> &str {
    let name = typed.trim();
    if name.chars().nth(UserName::MAX).is_some() {
        ""
    } else {
        name
    }
}

/// Signs in.
pub(super) async fn post_login(
    State(app): State<Shared>,
    client: Client,
    headers: HeaderMap,
    FormBody(form): FormBody<LoginForm>,
) -> Result<Response, ApiError> {
    origin::require_own(&headers, &app.site)?;
    let again = |state, status| {
        let name: String = form.name.chars().take(UserName::MAX).collect();
        let html = documents::login(&LoginPage {
            site: page::assets(),
            state,
            name: &name,
            next: &form.next,
        });
        page::document(status, html)
    };
    let wait = |seconds| {
        let mut response = again(LoginState::Throttled { seconds }, StatusCode::TOO_MANY_REQUESTS);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        response
    };
    let name = named(&form.name);
    let account = name_key(name);
    if let Err(seconds) = app.throttle.attempt(&account, client.0) {
        return Ok(wait(seconds));
    }
    let user = app.store.find_user(name).await?;
    let known = match client.0 {
        Some(address) => {
            let user = user.as_ref().map(|user| &user.id);
            app.store.knows_place(user, address).await?
        }
        None => false,
    };
    if !known && let Err(seconds) = app.throttle.attempt_from_elsewhere(&account) {
        return Ok(wait(seconds));
    }
    let hash = user.as_ref().map(|u| u.password_hash.clone());
    let right = app.passwords.matches(form.password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
        tracing::info!(client.address = ?client.0, "sign-in failed");
        let name: String = form.name.chars().take(UserName::MAX).collect();
        let page = LoginPage {
            site: page::assets(),
            state: LoginState::Failed,
            name: &name,
            next: &form.next,
        };
        return Ok(page::document(StatusCode::UNAUTHORIZED, documents::login(&page)));
    };
    let cookie = session::open(&app, &user, client).await?;
    Ok((
        CookieJar::new().add(cookie),
        Redirect::to(documents::local_path(&form.next)),
    )
        .into_response())
}

/// What a tab that was opened only to sign in again shows afterwards.
pub(super) async fn get_done(admin: Admin) -> Response {
    let html = documents::signed_in(&SignedInPage {
        site: page::assets(),
        name: &admin.user.name,
    });
    page::document(StatusCode::OK, html)
}

/// Signs out.
pub(super) async fn post_logout(
    State(app): State<Shared>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    origin::require_own(&headers, &app.site)?;
    if let Some(digest) = session::digest(&headers)
        && let Some(session) = app.store.find_session(&digest).await?
    {
        let who = Who::User {
            id: session.user.id,
            name: session.user.name,
        };
        app.store
            .end_session(
                &Actor {
                    who,
                    address: client.0,
                },
                &digest,
            )
            .await?;
    }
    let clear = [(header::HeaderName::from_static("clear-site-data"), "\"cache\"")];
    Ok((
        clear,
        CookieJar::new().add(session::removal()),
        Redirect::to("/login?signed_out=yes"),
    )
        .into_response())
}
