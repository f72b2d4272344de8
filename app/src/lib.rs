//! The administrators' single-page app.
//!
//! Owns the routes and what every page finds around it. Pages own their data (`pages`), parts show what they are
//! given (`components`), `api` alone talks to the server, `alarms` watches, `model` holds the rules without a browser. Never put a
//! permanent secret in here: the app has no type that could hold one, and the strongroom's frame is not readable
//! to it.

#![expect(
    unreachable_pub,
    clippy::must_use_candidate,
    reason = "the component macro makes public items and its own signatures"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "a view owns what it shows; a reference would only be cloned inside"
)]

mod alarms;
mod api;
mod components;
mod context;
mod dom;
mod format;
mod lazy;
mod leaving;
mod model;
mod pages;
mod router;
mod text;

use leptos::prelude::*;

use crate::components::problem::words;
use crate::components::shell::Shell;
use crate::context::Around;
use crate::dom::view;
use crate::lazy::{AroundPlace, ManyPlace, Place, TokenPlace, lazily};
use crate::pages::act;
use crate::pages::not_found::NotFound;
use crate::pages::overview::Overview;
use crate::pages::tokens::TokensPage;
use crate::router::Page;
use crate::text::t;

/// Takes the texts of the page's language, as the bundle tool wrote them. Before [`App`], which shows them. Says
/// whether they are those of this build.
pub fn install_texts(lines: String) -> bool {
    text::install(lines)
}

/// The app: asks who is signed in, now and whenever there is reason to ask again, and puts the pages into the
/// shell.
#[component]
pub fn App() -> impl IntoView {
    let around = Around::provide();
    let line = api::line();
    let check = move || {
        act(async move {
            if let Ok(session) = api::sessions::find_current_session().await {
                around.session.set(Some(session));
                if line.signed_out.get_untracked() {
                    line.signed_out.set(false);
                    line.back.update(|times| *times += 1);
                }
            }
        });
    };
    check();
    // "The server answers again" is worth a word; the session may have ended meanwhile, so it is asked for too.
    let mut before = false;
    dom::after(move || {
        let gone = line.gone.get();
        if before && !gone {
            around.say(t!(shell.back));
            check();
        }
        before = gone;
    });
    let on_check = move |()| check();
    let on_language = move |wish| {
        act(async move {
            match api::sessions::choose_language(wish).await {
                // The server gives the page in the language that it now knows. A browser that does not load it
                // shows it at the next visit.
                Ok(()) => drop(window().location().reload()),
                Err(error) => around.say(words(&error)),
            }
        });
    };
    view! {
        <Shell signed_out=line.signed_out.into() gone=line.gone.into() on_check on_language>
            {move || match around.router.page() {
                Page::Overview => view! { <Overview /> },
                Page::Tokens => view! { <TokensPage /> },
                Page::Nowhere => view! { <NotFound /> },
                // Everything else is a part of its own.
                Page::Token(id) => lazily(Place::Token(TokenPlace::Page(id))),
                Page::NewToken => lazily(Place::Token(TokenPlace::New)),
                Page::EditToken(id) => lazily(Place::Token(TokenPlace::Edit(id))),
                Page::ImportTokens => lazily(Place::Many(ManyPlace::Import)),
                Page::Interfaces => lazily(Place::Around(AroundPlace::Interfaces)),
                Page::Activity => lazily(Place::Around(AroundPlace::Activity)),
                Page::Settings => lazily(Place::Around(AroundPlace::Settings)),
                Page::Sites => lazily(Place::Around(AroundPlace::Sites)),
            }}
        </Shell>
    }
}
