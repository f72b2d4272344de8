//! `/setup`: the first administrator, with the one-time code that the server printed.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use wire::{FieldErrorCode, UserName};

use super::app::App;
use super::body::{FormBody, Query};
use super::client::Client;
use super::error::ApiError;
use super::{Shared, origin, page, session};
use crate::documents::{self, SetupPage, SetupProblem, SetupState};
use crate::domain::activity::{Actor, Who};
use crate::secret::{CodeDigest, OneTimeCode, PlainPassword, check_password};
use crate::store::{CodeRefusal, NewUser, StoreError};

/// A set-up code lives so long, in seconds: an hour.
const CODE_SECONDS: i64 = 3600;

#[derive(Debug, Default, Deserialize)]
pub(super) struct SetupQuery {
    #[serde(default)]
    code: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetupForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
    password: PlainPassword,
    #[serde(default)]
    password_again: Option<PlainPassword>,
}

/// Issues a new set-up code, unless an administrator exists.
///
/// # Errors
/// When the store fails.
pub async fn issue_code(app: &App) -> Result<Option<OneTimeCode>, StoreError> {
    if app.store.has_user().await? {
        return Ok(None);
    }
    let code = OneTimeCode::generate_readable(&*app.entropy);
    app.store
        .create_set_up_code(code.digest(), app.now().plus_seconds(CODE_SECONDS))
        .await?;
    Ok(Some(code))
}

fn show(status: StatusCode, state: SetupState<'_>) -> Response {
    page::document(
        status,
        documents::setup(&SetupPage {
            site: page::assets(),
            state,
        }),
    )
}

/// The form.
pub(super) async fn get_setup(
    State(app): State<Shared>,
    Query(query): Query<SetupQuery>,
) -> Result<Response, ApiError> {
    if app.store.has_user().await? {
        return Ok(show(StatusCode::OK, SetupState::Closed));
    }
    Ok(show(
        StatusCode::OK,
        SetupState::Open {
            code: &query.code,
            name: "",
            problems: &[],
        },
    ))
}

/// Creates the first administrator and signs in.
pub(super) async fn post_setup(
    State(app): State<Shared>,
    client: Client,
    headers: HeaderMap,
    FormBody(form): FormBody<SetupForm>,
) -> Result<Response, ApiError> {
    origin::require_own(&headers, &app.site)?;
    if app.store.has_user().await? {
        return Ok(show(StatusCode::CONFLICT, SetupState::Closed));
    }
    let again = |status, problems: &[SetupProblem]| {
        show(
            status,
            SetupState::Open {
                code: &form.code,
                name: &form.name,
                problems,
            },
        )
    };
    if let Err(seconds) = app.throttle.attempt_code(client.0) {
        let mut response = again(
            StatusCode::TOO_MANY_REQUESTS,
            &[SetupProblem::TooManyCodes(seconds)],
        );
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let name = UserName::parse(&form.name);
    let mut problems = Vec::new();
    if let Err(error) = &name {
        problems.push(SetupProblem::Name(*error));
    }
    match check_password(&form.password, form.name.trim()) {
        Ok(()) => {}
        Err(FieldErrorCode::TooLong) => problems.push(SetupProblem::PasswordTooLong),
        Err(FieldErrorCode::Weak) => problems.push(SetupProblem::PasswordWeak),
        Err(_) => problems.push(SetupProblem::PasswordTooShort),
    }
    if form
        .password_again
        .as_ref()
        .is_some_and(|second| !second.is_same_as(&form.password))
    {
        problems.push(SetupProblem::PasswordsDiffer);
    }
    let Some(name) = name.ok().filter(|_| problems.is_empty()) else {
        return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, &problems));
    };
    let (typed_code, typed_name) = (form.code.clone(), form.name.clone());
    let password_hash = app.passwords.hash(form.password, &*app.entropy).await?;
    let actor = Actor {
        who: Who::System,
        address: client.0,
    };
    let code = CodeDigest::of_typed(&typed_code);
    let made = app
        .store
        .set_up(&actor, &code, NewUser { name, password_hash })
        .await;
    match made {
        Ok(_) => {}
        Err(StoreError::AlreadySetUp) => return Ok(show(StatusCode::CONFLICT, SetupState::Closed)),
        Err(StoreError::Code(CodeRefusal::Expired)) => {
            return Ok(show(StatusCode::FORBIDDEN, SetupState::CodeExpired));
        }
        Err(StoreError::Code(_)) => {
            let state = SetupState::Open {
                code: "",
                name: &typed_name,
                problems: &[SetupProblem::WrongCode],
            };
            return Ok(show(StatusCode::FORBIDDEN, state));
        }
        Err(other) => return Err(other.into()),
    }
    let user = app
        .store
        .find_user(typed_name.trim())
        .await?
        .ok_or(ApiError::Internal("the new administrator is gone"))?;
    let cookie = session::open(&app, &user, client).await?;
    Ok((CookieJar::new().add(cookie), Redirect::to("/")).into_response())
}
