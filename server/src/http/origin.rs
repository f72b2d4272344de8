//! Our own origin: which host we answer pages on, and which pages may change anything.
//!
//! Cookies know no ports, so another program on the same host name gets ours too: SameSite=Strict alone is not
//! enough, and every change needs our own origin.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::Site;
use super::error::ApiError;
use super::{Shared, page};
use crate::documents;

/// Whether a request that changes something comes from a page of ours: a present `Origin` must be ours, a `null` or
/// absent one needs `Sec-Fetch-Site: same-origin`.
///
/// # Errors
/// [`ApiError::Forbidden`].
pub(super) fn require_own(headers: &HeaderMap, site: &Site) -> Result<(), ApiError> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let origin = origins.next().map(|o| o.to_str().unwrap_or("?"));
    let same_origin = headers.get("sec-fetch-site").is_some_and(|v| v == "same-origin");
    let own = match origin {
        None | Some("null") => same_origin,
        Some(origin) => site.own_origins.iter().any(|o| o.as_str() == origin),
    };
    if own && origins.next().is_none() {
        return Ok(());
    }
    Err(ApiError::Forbidden(
        "The request comes from another origin. From a program, send the header Origin with this server's own address.",
    ))
}

/// Whether a request that reads is not another site's: browsers say so.
///
/// # Errors
/// [`ApiError::Forbidden`].
pub(super) fn refuse_cross_site(headers: &HeaderMap) -> Result<(), ApiError> {
    let foreign = headers
        .get("sec-fetch-site")
        .is_some_and(|v| v != "same-origin" && v != "none");
    if foreign {
        Err(ApiError::Forbidden("The request comes from another site."))
    } else {
        Ok(())
    }
}

/// Pages and the administrators' API are answered under our own name only. Over plain http anywhere else browsers
/// would drop the session cookie without a word, so say what to do instead.
pub(super) async fn require_own_host(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let site = &app.site;
    // Behind TLS a proxy may name us as it likes; the origin is checked where something is changed.
    let behind_tls = site.issuer.as_str().starts_with("https://");
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|h| h.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let is_own = || {
        site.own_origins.iter().any(|o| {
            o.as_str()
                .strip_prefix("http://")
                .is_some_and(|own| own.eq_ignore_ascii_case(&host))
        })
    };
    if behind_tls || is_own() {
        return next.run(request).await;
    }
    if request.uri().path().starts_with("/api/") {
        return ApiError::Forbidden(
            "This server is not set up for this host name. Set public_url to its https:// address.",
        )
        .into_response();
    }
    let html = documents::tls(&documents::TlsPage {
        site: page::assets(),
        host: &host,
        listen: &site.listen,
    });
    page::document(StatusCode::MISDIRECTED_REQUEST, html)
}
