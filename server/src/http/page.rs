//! The app's page under all its routes, documents' headers, and what is answered where there is nothing.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use wire::Problem;

use super::error::ApiError;
use super::language::language;
use super::{Shared, assets as built, request, session};
use crate::documents::{self, CSP_DOCUMENT, ErrorPage, NothingHerePage, REFERRER_POLICY, Site};

/// Where the built assets are, and the language of whoever asks.
pub(super) fn assets() -> Site<'static> {
    Site {
        stylesheet: built::stylesheet_path(),
        favicon: built::favicon_path(),
        language: request::language(),
    }
}

/// A script-less document with its headers.
pub(super) fn document(status: StatusCode, html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept-language, cookie"),
        (header::CONTENT_SECURITY_POLICY, CSP_DOCUMENT),
        (header::REFERRER_POLICY, REFERRER_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, html).into_response()
}

/// The routes of the app. Each is the same page; the app looks at the address by itself.
pub(super) fn router() -> Router<Shared> {
    [
        "/",
        "/tokens",
        "/tokens/{*rest}",
        "/interfaces",
        "/interfaces/{*rest}",
        "/activity",
        "/settings/api",
        "/settings/sites",
        "/users",
        "/account",
    ]
    .into_iter()
    .fold(Router::new(), |router, path| router.route(path, get(get_app)))
}

/// The app, for those who are signed in; the way to sign in, or to set up, for everybody else.
async fn get_app(
    State(app): State<Shared>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let open = match session::digest(&headers) {
        Some(digest) => app.store.find_session(&digest).await?,
        None => None,
    };
    if let Some(session) = open {
        return Ok(built::get_app(
            language(session.user.language, &headers),
            &headers,
        ));
    }
    if !app.store.has_user().await? {
        return Ok(Redirect::to("/setup").into_response());
    }
    let wanted = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let next: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("next", wanted)
        .finish();
    let to = if wanted == "/" {
        "/login".to_owned()
    } else {
        format!("/login?{next}")
    };
    let mut response = Redirect::to(&to).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Whether the server answers. Tells nothing else.
pub(super) async fn health() -> &'static str {
    "ok\n"
}

/// The most bytes of a problem that is shown as a document.
const LONGEST_PROBLEM: usize = 65_536;

/// Shows problems to people as documents: a form that was refused must not answer a page of JSON.
pub(super) async fn problems_as_documents(request: Request, next: Next) -> Response {
    let person = !request.uri().path().starts_with("/api/") && wants_html(request.headers());
    let response = next.run(request).await;
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|t| t == "application/problem+json");
    if !person || !is_problem {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, LONGEST_PROBLEM).await else {
        return ApiError::Internal("a problem could not be read").into_response();
    };
    let Ok(problem) = serde_json::from_slice::<Problem>(&bytes) else {
        return Response::from_parts(parts, axum::body::Body::from(bytes));
    };
    let html = documents::error(&ErrorPage {
        site: assets(),
        status: problem.status,
        code: problem.code,
        title: &problem.title,
        detail: &problem.detail,
        request_id: problem.request_id.as_deref(),
    });
    let mut shown = document(parts.status, html);
    if let Some(wait) = parts.headers.get(header::RETRY_AFTER) {
        shown.headers_mut().insert(header::RETRY_AFTER, wait.clone());
    }
    shown
}

/// Whether a person's browser asks, and not a program.
fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("text/html"))
}

/// Nothing is here: a document for people, a problem for programs.
pub(super) async fn not_found(request: Request) -> Response {
    if !wants_html(request.headers()) || request.uri().path().starts_with("/api/") {
        return ApiError::NotFound("address").into_response();
    }
    let id = request::id();
    let html = documents::nothing_here(&NothingHerePage {
        site: assets(),
        request_id: id.as_deref(),
    });
    document(StatusCode::NOT_FOUND, html)
}
