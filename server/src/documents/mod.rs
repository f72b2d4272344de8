//! The script-less documents: set-up, sign-in, strongroom, error pages. Each function takes what is to be said
//! and gives back the whole document as HTML.
//!
//! Leptos components rendered to plain HTML: everything is escaped, nothing hydrates, and **no document holds a
//! script or a style attribute**. Pure: no I/O, no store, no types of HTTP may enter, and no decision either (who
//! may see what is decided before one of these functions is called). Here, and in the answer to a claim, is where a
//! permanent secret leaves Daypass: only [`strongroom::shown`] is ever given one.

mod error;
mod login;
mod parts;
mod setup;
pub mod strongroom;
mod texts;

pub use error::{ErrorPage, NothingHerePage, TlsPage, error, nothing_here, tls};
pub use login::{LoginPage, LoginState, SignedInPage, local_path, login, signed_in};
pub use parts::{Place, Site};
pub use setup::{SetupPage, SetupProblem, SetupState, setup};

/// What every document but the strongroom's may load and where it may stand: our style sheet and icon, no frame.
pub const CSP_DOCUMENT: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                                base-uri 'none'; frame-ancestors 'none'";

/// The strongroom's. `sandbox` gives the document an origin of its own in any frame or window, so that not even a
/// script of ours can reach into it; `allow-forms` lets a key be typed.
pub const CSP_STRONGROOM: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
                                  frame-ancestors 'self'; sandbox allow-forms";

/// For documents with forms. `no-referrer` would be tighter, but then our own forms send `Origin: null`.
pub const REFERRER_POLICY: &str = "same-origin";

#[cfg(test)]
mod tests;
