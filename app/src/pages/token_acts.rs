//! What can be done to one token, from its row and from its own page alike: the menu, and which question is open. The
//! dialogs that ask, and the requests behind them, are `token_dialogs`.

use leptos::prelude::*;
use wire::{ErrorCode, Status, TokenView};

use super::act;
use crate::api::{self, ApiError};
use crate::components::menu::MenuItem;
use crate::components::problem::words;
use crate::context::{Around, around};
use crate::dom::{Dom, view};
use crate::lazy::{Place, TokenPlace, lazily};
use crate::text::t;

/// What asks before it acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Deactivate,
    Delete,
    Stop,
    Handover,
}

/// What came of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// The token is another one now; load it anew.
    Changed,
    /// There is no such token any more.
    Deleted,
}

/// Which question is open.
#[derive(Clone, Copy)]
pub(crate) struct Acts {
    asked: RwSignal<Option<(Act, TokenView)>>,
    around: Around,
    on_done: Callback<Done>,
}

impl Acts {
    pub(crate) fn new(on_done: impl Fn(Done) + Send + Sync + 'static) -> Self {
        Self {
            asked: RwSignal::new(None),
            around: around(),
            on_done: Callback::new(on_done),
        }
    }

    /// Opens the question.
    pub(crate) fn ask(self, act: Act, token: TokenView) {
        self.asked.set(Some((act, token)));
    }

    /// Takes the question away.
    pub(crate) fn close(self) {
        let _ = self.asked.try_set(None);
    }

    /// The token is another one now, or gone; whoever shows it loads it anew.
    pub(crate) fn end(self, done: Done) {
        self.on_done.run(done);
    }

    /// Switches a token on; nothing breaks by that, so nothing is asked.
    pub(crate) fn activate(self, token: TokenView) {
        act(async move {
            match api::tokens::activate_token(token.id, token.version).await {
                Ok(_) => self.around.say(t!(tokens.activated)),
                Err(error) => self.around.say(words(&error)),
            }
            self.end(Done::Changed);
        });
    }
}

/// The dialogs. Stand once on a page.
#[component]
pub(crate) fn ActDialogs(acts: Acts) -> impl IntoView {
    Dom::of(move || {
        let (act, token) = acts.asked.get()?;
        Some(lazily(Place::Token(TokenPlace::Ask(acts, act, Box::new(token)))))
    })
}

/// Why something was not taken back.
pub(crate) fn not_undone(error: &ApiError) -> String {
    if error.code() == Some(ErrorCode::Conflict) {
        t!(tokens.undo_conflict).to_owned()
    } else {
        words(error)
    }
}

/// The items of a token's menu, the same everywhere.
#[component]
pub(crate) fn TokenMenu(token: TokenView, acts: Acts) -> impl IntoView {
    let around = around();
    let ask = {
        let token = token.clone();
        move |act| {
            let token = token.clone();
            Callback::new(move |()| acts.ask(act, token.clone()))
        }
    };
    let handover = if token.secrets.is_empty() {
        t!(tokens.handover)
    } else {
        t!(tokens.replace)
    };
    let inactive = token.status == Status::Inactive;
    let edit = format!("/tokens/{}/edit", token.id);
    let id = token.id.to_string();
    let switch = if inactive {
        let token = token.clone();
        view! { <MenuItem label=t!(tokens.activate) on_click=move |()| acts.activate(token.clone()) /> }
            .into_any()
    } else {
        view! { <MenuItem label=t!(tokens.deactivate) on_click=ask(Act::Deactivate) /> }.into_any()
    };
    view! {
        <MenuItem label=t!(common.edit) on_click=move |()| around.go(&edit) />
        <MenuItem label=handover on_click=ask(Act::Handover) />
        {(!token.secrets.is_empty())
            .then(|| view! { <MenuItem label=t!(tokens.stop) on_click=ask(Act::Stop) /> })}
        <MenuItem label=t!(common.copy_id) on_click=move |()| copy(around, &id) />
        <hr />
        {switch}
        <MenuItem
            label=t!(tokens.delete)
            on_click=ask(Act::Delete)
            not_yet=(!inactive).then(|| t!(tokens.delete_not_yet).to_owned())
        />
    }
}

/// Puts an id on the clipboard. Ids are no secrets.
pub(crate) fn copy(around: Around, id: &str) {
    let _promise = window().navigator().clipboard().write_text(id);
    around.say(t!(common.copied));
}
