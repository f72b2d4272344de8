//! The administrators' single-page app.
//!
//! Owns the routes and what every page finds around it. Pages own their data (`pages`), parts show what they are
//! given (`components`), `api` alone talks to the server, `model` holds the rules without a browser. Never put a
//! permanent secret in here: the app has no type that could hold one, and the strongroom's frame is not readable
//! to it.

mod api;
mod format;
mod model;
mod text;

#[expect(deprecated, reason = "its successor brings ICU's whole data tool into every build; this one reads the same catalogue")]
mod catalogue {
    leptos_i18n::load_locales!();
}
use catalogue::i18n;

use leptos::prelude::*;

/// The app.
#[component]
#[must_use]
pub fn App() -> impl IntoView {
    text::choose_locale();
    view! { <main><h1>{text::t!(tokens.title)}</h1></main> }
}
