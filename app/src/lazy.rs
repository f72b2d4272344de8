//! Pages that are downloaded when they are first opened, or when the browser has nothing else to do.
//!
//! Owns where the WebAssembly is taken apart (the bundle tool does it) and what stands in a page's place until it
//! is there. A first visit downloads the overview and the list; whatever else has a size belongs into a part. The
//! functions of a part may be called only through here: a call from anywhere else brings them back into what
//! everybody downloads.

#![expect(
    clippy::unnecessary_wraps,
    reason = "the macro makes the result one of fetching the part, too"
)]

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use wire::{BulkToken, InterfaceView};

use crate::api;
use crate::components::icon::{Icon, icon};
use crate::components::load::{Loaded, skeleton};
use crate::components::strongroom::{Handover, Strongroom};
use crate::dom::{Dom, follow, spawn, view};
use crate::pages::activity::ActivityPage;
use crate::pages::bulk::{BulkAct, BulkDialog};
use crate::pages::import::ImportTokens;
use crate::pages::interfaces::InterfacesPage;
use crate::pages::settings::SettingsPage;
use crate::pages::sites::SitesPage;
use crate::pages::token::TokenPage;
use crate::pages::token_form::{EditToken, NewToken};
use crate::router::Page;
use crate::text::{self, t};

/// Milliseconds after which the parts are fetched that nobody has asked for yet.
const QUIET: u64 = 3000;

/// A part or its texts did not come.
struct NotFetched;

/// A page of a part, or why the part could not be fetched.
type Fetched = Result<Dom, SplitLoaderError>;

/// What a reader does with one token: its pages, and the dialog that hands its secret over. (One function for each part:
/// each has a memory of its own of whether the part is there.)
#[wasm_split(token, preload(fetch_token), fallible)]
fn open_token(place: Place) -> Fetched {
    let page = match place {
        Place::Handover(handover) => return Ok(Dom::of(view! { <Strongroom handover=*handover /> })),
        Place::Page(page) => page,
        Place::Many(_) => return Ok(Dom::empty()),
    };
    Ok(match page {
        Page::Token(id) => Dom::of(view! { <TokenPage id /> }),
        Page::NewToken => Dom::of(view! { <NewToken /> }),
        Page::EditToken(id) => Dom::of(view! { <EditToken id /> }),
        _ => Dom::empty(),
    })
}

/// What is around the tokens.
#[wasm_split(around, preload(fetch_around), fallible)]
fn open_around(page: Page) -> Fetched {
    Ok(match page {
        Page::Interfaces => Dom::of(view! { <InterfacesPage /> }),
        Page::Activity => Dom::of(view! { <ActivityPage /> }),
        Page::Settings => Dom::of(view! { <SettingsPage /> }),
        Page::Sites => Dom::of(view! { <SitesPage /> }),
        _ => Dom::empty(),
    })
}

/// An act on many tokens: what its dialog needs.
#[derive(Clone)]
pub(crate) struct Many {
    pub(crate) act: BulkAct,
    pub(crate) tokens: Vec<BulkToken>,
    pub(crate) interfaces: Loaded<Vec<InterfaceView>>,
    pub(crate) on_close: Callback<bool>,
}

/// What a reader does with many tokens at once: a dialog over the list, or the page where a table comes in.
#[wasm_split(many, preload(fetch_many), fallible)]
fn open_many(place: Place) -> Fetched {
    Ok(match place {
        Place::Many(Many {
            act,
            tokens,
            interfaces,
            on_close,
        }) => Dom::of(view! { <BulkDialog act tokens interfaces on_close /> }),
        Place::Page(_) | Place::Handover(_) => Dom::of(view! { <ImportTokens /> }),
    })
}

/// What is shown of a part.
#[derive(Clone)]
pub(crate) enum Place {
    Page(Page),
    Many(Many),
    Handover(Box<Handover>),
}

/// A part of the app.
#[derive(Clone, Copy)]
enum Part {
    Token,
    Around,
    Many,
}

impl Part {
    /// Where something is found that is not in the app's first part.
    fn of(place: &Place) -> Option<Self> {
        let page = match place {
            Place::Page(page) => page,
            Place::Many(_) => return Some(Self::Many),
            Place::Handover(_) => return Some(Self::Token),
        };
        match page {
            Page::ImportTokens => Some(Self::Many),
            Page::Token(_) | Page::NewToken | Page::EditToken(_) => Some(Self::Token),
            Page::Interfaces | Page::Activity | Page::Settings | Page::Sites => Some(Self::Around),
            Page::Overview | Page::Tokens | Page::Nowhere => None,
        }
    }

    /// Fetches it, and the texts that only parts show.
    async fn fetch(self) -> Result<(), NotFetched> {
        if !text::has_later() && !text::install_later(api::later_texts().await.map_err(|_| NotFetched)?) {
            return Err(NotFetched);
        }
        let fetched = match self {
            Self::Token => fetch_token().await,
            Self::Around => fetch_around().await,
            Self::Many => fetch_many().await,
        };
        fetched.map_err(|_| NotFetched)
    }

    /// Makes it. It comes at once when the part was fetched before.
    async fn open(self, place: Place) -> Fetched {
        match (self, place) {
            (Self::Token, place) => open_token(place).await,
            (Self::Around, Place::Page(page)) => open_around(page).await,
            (_, place) => open_many(place).await,
        }
    }
}

/// The state of a page that may have to be fetched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    OnItsWay,
    There,
    Failed,
}

/// A page or a dialog of a part.
pub(crate) fn lazily(place: Place) -> Dom {
    let Some(part) = Part::of(&place) else {
        return Dom::empty();
    };
    let state = RwSignal::new(State::OnItsWay);
    let dom = StoredValue::new_local(None::<Dom>);
    let attempt = RwSignal::new(());
    // The page belongs to the place that it is shown in, whatever runs when the part arrives.
    let owner = Owner::current().unwrap_or_default();
    follow(Box::new(move || {
        attempt.track();
        let (place, owner) = (place.clone(), owner.clone());
        untrack(|| state.set(State::OnItsWay));
        spawn(Box::pin(async move {
            let fetched = part.fetch().await;
            // Somebody may have gone on to another page meanwhile.
            if state.try_get_untracked().is_none() {
                return;
            }
            let opened = fetched.map(|()| owner.with(|| at_once(part.open(place))));
            state.set(match opened {
                Ok(Some(Ok(page))) => {
                    dom.set_value(Some(page));
                    State::There
                }
                _ => State::Failed,
            });
        }));
    }));
    Dom::of(move || match state.get() {
        State::OnItsWay => skeleton(3),
        State::There => dom
            .try_update_value(Option::take)
            .flatten()
            .unwrap_or_else(Dom::empty),
        State::Failed => view! {
            <div class="alert warn" role="alert">
                {icon(Icon::Warn)}
                <div>
                    <p><strong>{t!(errors.heading)}</strong></p>
                    <p>{t!(errors.part)}</p>
                </div>
                <button type="button" class="btn" on:click=move |_| attempt.set(())>{t!(common.retry)}</button>
            </div>
        },
    })
}

/// What a future gives that has nothing to wait for.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future)
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Fetches all parts once the first page has had its time, so that the next one opens at once.
pub(crate) fn fetch_later() {
    set_timeout(
        || {
            for part in [Part::Token, Part::Around, Part::Many] {
                // Whoever opens the page is told, and can try again.
                spawn(Box::pin(async move { drop(part.fetch().await) }));
            }
        },
        Duration::from_millis(QUIET),
    );
}
