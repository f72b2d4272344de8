//! HTTP: the router, what every request goes through, and one file per resource.
//!
//! A handler parses into domain types, makes one call, maps to a view. Decisions belong to `domain`, SQL to `store`.
//! Nothing imports this module but `main` and tests.

mod admin;
pub mod app;
mod assets;
mod body;
mod claim;
mod client;
mod command_line;
mod credential;
mod error;
mod form;
mod front;
mod headers;
mod holder;
mod imageshop;
mod key_set;
mod language;
mod leak_keys;
mod leak_report;
mod login;
mod minting;
mod oauth;
mod origin;
mod outgoing;
mod page;
mod preflight;
#[cfg(any(test, fuzzing))]
pub mod properties;
mod request;
mod revoke;
mod serving;
mod session;
mod setup;
mod signing_keys;
mod sites;
mod strongroom;
mod temporary_token;
mod throttle;
mod token_digests;
mod verify;
mod vimp;
mod who_am_i;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use tower::util::MapResponseLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use wire::LIMITS;

pub use app::App;
pub use command_line::command_line_router;
pub use front::Front;
pub use serving::{Patience, serve};
pub use setup::issue_code;
pub use signing_keys::PUBLISHED_BEFORE;
pub use throttle::Throttle;

/// The state of every handler.
pub type Shared = Arc<App>;

/// What is answered at one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doors {
    /// Everything.
    All,
    /// Everything else, where `/verify` has an address of its own.
    AllButVerify,
    /// `/verify` alone, for an address that only the proxy reaches.
    VerifyAlone,
}

impl Doors {
    const fn has_verify(self) -> bool {
        !matches!(self, Self::AllButVerify)
    }
}

/// Everything that Daypass answers at one address.
pub fn service(app: Shared, doors: Doors) -> Front {
    let router = match doors {
        Doors::All | Doors::AllButVerify => all(app.clone(), doors),
        Doors::VerifyAlone => verify_routes()
            .fallback(any(error::nothing_here))
            .layer(MapResponseLayer::new(outgoing::look))
            .with_state(app.clone()),
    };
    Front::new(app, doors, router)
}

fn all(app: Shared, doors: Doors) -> Router {
    let pages = Router::new()
        .nest("/api/admin/v1", admin::router())
        .route("/setup", get(setup::get_setup).post(setup::post_setup))
        .route("/login", get(login::get_login).post(login::post_login))
        .route("/login/done", get(login::get_done))
        .route("/logout", post(login::post_logout))
        .route(
            "/strongroom/{token_id}",
            get(strongroom::get_strongroom).post(strongroom::post_strongroom),
        )
        .route("/strongroom/{token_id}/import", post(strongroom::post_import))
        .merge(page::router())
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn(page::problems_as_documents))
        .layer(from_fn_with_state(app.clone(), origin::require_own_host))
        .fallback(page::not_found);
    let documented: Router<Shared> = Router::new()
        .merge(
            crate::reference::router(
                app.site.issuer.as_str(),
                assets::stylesheet_path(),
                assets::favicon_path(),
            )
            .with_state::<Shared>(()),
        )
        .route("/.well-known/jwks.json", get(key_set::get_key_set))
        .merge(oauth::documented())
        .merge(claim::router())
        .route("/api/TokenDigests", get(token_digests::get_token_digests))
        .route(
            "/api/ReportLeakedToken",
            post(leak_report::post_report_leaked_token),
        )
        .route("/health", get(page::health))
        .method_not_allowed_fallback(error::method_not_allowed);
    Router::new()
        .merge(pages)
        .merge(documented)
        .layer(MapResponseLayer::new(outgoing::look))
        .merge(assets::router())
        .layer(DefaultBodyLimit::max(LIMITS.body))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(CatchPanicLayer::custom(error::after_panic))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            outgoing::CSP_DEFAULT,
        ))
        .layer(from_fn_with_state(app.clone(), request::scope))
        .merge(hot(doors))
        .with_state(app)
}

/// What the protected API and web developers' servers ask again and again: no spans, and no layer but the last look at
/// what has a body.
fn hot(doors: Doors) -> Router<Shared> {
    let verify = if doors.has_verify() {
        verify_routes()
    } else {
        Router::new()
    };
    Router::new()
        .merge(verify)
        .merge(oauth::hot())
        .route(
            "/api/GetTemporaryToken",
            get(vimp::get_temporary_token).post(temporary_token::post_temporary_token),
        )
        .route(
            "/api/WhoAmI",
            get(who_am_i::get_who_am_i).post(vimp::post_who_am_i),
        )
        .route("/api/RevokeToken", post(revoke::post_revoke_token))
        .merge(imageshop::router())
        .method_not_allowed_fallback(preflight::method_not_allowed)
        .layer(MapResponseLayer::new(outgoing::look))
}

fn verify_routes() -> Router<Shared> {
    Router::new()
        .route("/verify", get(verify::verify).post(verify::verify))
        .method_not_allowed_fallback(preflight::method_not_allowed)
}
