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

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use wire::{BulkToken, InterfaceView, TokenId, TokenView};

use crate::alarms::Alarms;
use crate::api;
use crate::components::icon::{Icon, icon};
use crate::components::load::{Loaded, skeleton};
use crate::dom::{Dom, follow, spawn, view};
use crate::pages::activity::ActivityPage;
use crate::pages::bulk::{BulkAct, BulkDialog};
use crate::pages::import::ImportTokens;
use crate::pages::interfaces::InterfacesPage;
use crate::pages::settings::SettingsPage;
use crate::pages::sites::SitesPage;
use crate::pages::token::TokenPage;
use crate::pages::token_acts::{Act, Acts};
use crate::pages::token_dialogs::token_dialog;
use crate::pages::token_form::{EditToken, NewToken};
use crate::text::{self, t};

/// Milliseconds after which the parts are fetched that nobody has asked for yet.
const QUIET: u64 = 3000;
/// The same after they did not come.
const AGAIN: u64 = 60_000;

/// A part or its texts did not come.
struct NotFetched;

/// Something of a part, or why the part could not be fetched.
type Fetched = Result<Dom, SplitLoaderError>;

/// What is shown of a part.
#[derive(Clone)]
pub(crate) enum Place {
    Token(TokenPlace),
    Around(AroundPlace),
    Many(ManyPlace),
}

/// What a reader does with one token: its pages, and the dialogs over them and over the list.
#[derive(Clone)]
pub(crate) enum TokenPlace {
    Page(TokenId),
    New,
    Edit(TokenId),
    Ask(Acts, Act, Box<TokenView>),
}

/// What is around the tokens, and what watches for alarms.
#[derive(Clone, Copy)]
pub(crate) enum AroundPlace {
    Interfaces,
    Activity,
    Settings,
    Sites,
    Alarms,
}

/// What a reader does with many tokens at once: a dialog over the list, or the page where a table comes in.
#[derive(Clone)]
pub(crate) enum ManyPlace {
    Bulk {
        act: BulkAct,
        tokens: Vec<BulkToken>,
        interfaces: Loaded<Vec<InterfaceView>>,
        on_close: Callback<bool>,
    },
    Import,
}

// One function for each part: each has a memory of its own of whether the part is there.

#[wasm_split(token, preload(fetch_token), fallible)]
fn open_token(place: TokenPlace) -> Fetched {
    Ok(match place {
        TokenPlace::Page(id) => Dom::of(view! { <TokenPage id /> }),
        TokenPlace::New => Dom::of(view! { <NewToken /> }),
        TokenPlace::Edit(id) => Dom::of(view! { <EditToken id /> }),
        TokenPlace::Ask(acts, act, token) => token_dialog(acts, act, token),
    })
}

#[wasm_split(around, preload(fetch_around), fallible)]
fn open_around(place: AroundPlace) -> Fetched {
    Ok(match place {
        AroundPlace::Interfaces => Dom::of(view! { <InterfacesPage /> }),
        AroundPlace::Activity => Dom::of(view! { <ActivityPage /> }),
        AroundPlace::Settings => Dom::of(view! { <SettingsPage /> }),
        AroundPlace::Sites => Dom::of(view! { <SitesPage /> }),
        AroundPlace::Alarms => Dom::of(view! { <Alarms /> }),
    })
}

#[wasm_split(many, preload(fetch_many), fallible)]
fn open_many(place: ManyPlace) -> Fetched {
    Ok(match place {
        ManyPlace::Bulk {
            act,
            tokens,
            interfaces,
            on_close,
        } => Dom::of(view! { <BulkDialog act tokens interfaces on_close /> }),
        ManyPlace::Import => Dom::of(view! { <ImportTokens /> }),
    })
}

/// A part of the app.
#[derive(Clone, Copy)]
enum Part {
    Token,
    Around,
    Many,
}

impl Part {
    /// Fetches it, and the texts that only parts show. In a box, so that it stands in the app once.
    fn fetch(self) -> Pin<Box<dyn Future<Output = Result<(), NotFetched>>>> {
        Box::pin(async move {
            if !text::has_later() && !text::install_later(api::later_texts().await.map_err(|_| NotFetched)?) {
                return Err(NotFetched);
            }
            let fetched = match self {
                Self::Token => fetch_token().await,
                Self::Around => fetch_around().await,
                Self::Many => fetch_many().await,
            };
            fetched.map_err(|_| NotFetched)
        })
    }
}

impl Place {
    fn part(&self) -> Part {
        match self {
            Self::Token(_) => Part::Token,
            Self::Around(_) => Part::Around,
            Self::Many(_) => Part::Many,
        }
    }

    /// Makes it. It comes at once when the part was fetched before.
    async fn open(self) -> Fetched {
        match self {
            Self::Token(place) => open_token(place).await,
            Self::Around(place) => open_around(place).await,
            Self::Many(place) => open_many(place).await,
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
    let part = place.part();
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
            let opened = fetched.map(|()| owner.with(|| at_once(place.open())));
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

/// Fetches all parts once the first page has had its time, so that the next one opens at once. Says when the one is there
/// that nobody opens: what watches for alarms.
pub(crate) fn fetch_later() -> ReadSignal<bool> {
    let (there, set_there) = signal(false);
    fetch_after(QUIET, set_there);
    there
}

fn fetch_after(millis: u64, there: WriteSignal<bool>) {
    let fetch = move || {
        spawn(Box::pin(async move {
            for part in [Part::Around, Part::Token, Part::Many] {
                // Whoever opens a page of a part that did not come is told, and can try again.
                let fetched = part.fetch().await.is_ok();
                match part {
                    Part::Around if fetched => drop(there.try_set(true)),
                    Part::Around => fetch_after(AGAIN, there),
                    Part::Token | Part::Many => {}
                }
            }
        }));
    };
    set_timeout(fetch, Duration::from_millis(millis));
}
