//! The public reference: `/api`, its errors and its guides, for web developers with a token in hand.
//!
//! Leptos pages served through `leptos_axum`. They are the same for everybody: nothing of a person, a session, a token
//! or the store may enter. They read without any script; the two inline ones that `leptos_axum` appends carry a nonce,
//! since the policy lets nothing else run.

#![expect(unreachable_pub, reason = "the component macro makes `pub` of `pub(super)`")]

mod catalogue;
mod claim;
mod code;
mod doors;
mod errors;
mod frame;
mod guides;
mod methods;
mod openapi;
mod overview;
mod scanners;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router as Routing, Routes};
use leptos_router::path;
use wire::{ErrorCode, Problem};

use errors::Errors;
use frame::NotFound;
use guides::{Gallery, Node, StaticSite, WordPress};
use overview::Overview;

/// What the pages need to know about the server they describe.
#[derive(Debug, Clone)]
struct Here {
    /// The address that examples call, without a slash at its end.
    base: Arc<str>,
    stylesheet: &'static str,
    favicon: &'static str,
}

/// What the page says that a method answers in OAuth's words: each word, its status, and our codes behind it.
#[cfg(test)]
pub(crate) fn oauth_words(id: &str) -> Vec<(&'static str, u16, &'static [ErrorCode])> {
    let words = catalogue::method(id).map_or(&[][..], |method| method.words());
    words
        .iter()
        .map(|word| (word.error, word.status, word.codes))
        .collect()
}

/// Where the server that is described can be reached, for examples.
fn base() -> Arc<str> {
    use_context::<Here>().map_or_else(Arc::default, |here| here.base)
}

/// Tools of other origins may read it: it says nothing that these pages do not.
const DESCRIPTION_HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
];

/// Serves `/api`, `/api/openapi.json`, `/api/errors`, `/api/guides/…`, and "there is nothing here" for all else under `/api/`.
///
/// To be merged into a router that has the methods themselves: their paths are more specific than the rest here.
/// `public_url` is the address that examples call.
pub fn router(public_url: &str, stylesheet: &'static str, favicon: &'static str) -> Router {
    let here = Here {
        base: public_url.trim_end_matches('/').into(),
        stylesheet,
        favicon,
    };
    let description = Bytes::from(format!("{:#}\n", openapi::document(&here.base)));
    let page = move || shell(here.clone());
    let options = LeptosOptions::builder().output_name("daypass").build();
    let routes = generate_route_list(page.clone());
    let missing = leptos_axum::render_app_async_with_context(set_headers, page.clone());
    Router::new()
        .leptos_routes_with_context(&options, routes, set_headers, page)
        .route("/api/", get(|| async { Redirect::permanent("/api") }))
        .route(
            "/api/openapi.json",
            get(async move || (DESCRIPTION_HEADERS, description)),
        )
        .route(
            "/api/{*path}",
            any(async move |request: Request<Body>| {
                if is_for_a_person(request.method(), request.headers()) {
                    missing(request).await
                } else {
                    no_such_method()
                }
            }),
        )
        .with_state(options)
}

/// Whether a browser opened the address, and not a program that mistyped a method.
fn is_for_a_person(method: &Method, headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    matches!(*method, Method::GET | Method::HEAD) && accepted.contains("text/html")
}

fn no_such_method() -> Response {
    let code = ErrorCode::NotFound;
    let problem = Problem {
        kind: format!("/api/errors#{code}"),
        title: code.title().to_owned(),
        status: code.status(),
        detail: "There is no such method. GET /api describes all of them; upper and lower case differ."
            .to_owned(),
        code,
        missing: Vec::new(),
        errors: Vec::new(),
        in_the_way: None,
        help: None,
        request_id: None,
    };
    let mut response = (StatusCode::NOT_FOUND, axum::Json(problem)).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}

/// Runs before a page is rendered, when its nonce is made already.
fn set_headers() {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    let nonce = use_nonce().map_or_else(String::new, |nonce| format!("script-src 'nonce-{nonce}'; "));
    let policy = format!(
        "default-src 'none'; {nonce}style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let fixed: [(HeaderName, &'static str); 3] = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        response.insert_header(name, HeaderValue::from_static(value));
    }
    // A nonce is base64url, so the policy is always a header value. Were it none, the page must not go out without.
    let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
}

/// The document around every page.
fn shell(here: Here) -> impl IntoView {
    let Here {
        stylesheet, favicon, ..
    } = here;
    provide_context(here);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=stylesheet />
                <link rel="icon" type="image/svg+xml" href=favicon />
                <MetaTags />
            </head>
            <body class="ref">
                <Pages />
            </body>
        </html>
    }
}

/// Which page stands at which address. Each is rendered as a whole: nothing on it is waited for.
#[component]
fn Pages() -> impl IntoView {
    provide_meta_context();
    view! {
        <Routing>
            <Routes fallback=NotFound>
                <Route path=path!("/api") view=Overview ssr=SsrMode::Async />
                <Route path=path!("/api/errors") view=Errors ssr=SsrMode::Async />
                <Route path=path!("/api/guides/gallery") view=Gallery ssr=SsrMode::Async />
                <Route path=path!("/api/guides/wordpress") view=WordPress ssr=SsrMode::Async />
                <Route path=path!("/api/guides/node") view=Node ssr=SsrMode::Async />
                <Route path=path!("/api/guides/static-site") view=StaticSite ssr=SsrMode::Async />
            </Routes>
        </Routing>
    }
}

#[cfg(test)]
mod tests;
