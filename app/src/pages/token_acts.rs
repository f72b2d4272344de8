//! What can be done to one token, from its row and from its own page alike: the dialogs that ask first, and the
//! requests behind them.

use leptos::prelude::*;
use wire::{ClaimView, ErrorCode, Status, TokenView};

use super::{Attempt, act};
use crate::api::{self, ApiError};
use crate::components::breaks::{Breaks, Used};
use crate::components::dialog::Confirm;
use crate::components::menu::MenuItem;
use crate::components::problem::words;
use crate::components::strongroom::Handover;
use crate::context::{Around, around};
use crate::dom::{Dom, view};
use crate::lazy::{Place, lazily};
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

/// What was asked about the token.
#[derive(Clone, Default)]
struct Known {
    /// What breaks.
    used: Used,
    /// Its latest claim.
    claim: Option<ClaimView>,
}

/// Which question is open.
#[derive(Clone, Copy)]
pub(crate) struct Acts {
    asked: RwSignal<Option<(Act, TokenView)>>,
    attempt: Attempt,
    ticket: RwSignal<Option<String>>,
    known: RwSignal<Known>,
    /// The version that the act starts from: the one that was shown.
    version: RwSignal<i64>,
    around: Around,
    on_done: Callback<Done>,
}

impl Acts {
    pub(crate) fn new(on_done: impl Fn(Done) + Send + Sync + 'static) -> Self {
        Self {
            asked: RwSignal::new(None),
            attempt: Attempt::new(),
            ticket: RwSignal::new(None),
            known: RwSignal::new(Known::default()),
            version: RwSignal::new(0),
            around: around(),
            on_done: Callback::new(on_done),
        }
    }

    /// Opens the question.
    pub(crate) fn ask(self, act: Act, token: TokenView) {
        self.attempt.reset();
        self.ticket.set(None);
        self.version.set(token.version);
        self.look(&token);
        self.asked.set(Some((act, token)));
    }

    /// Asks what the token was used for.
    fn look(self, token: &TokenView) {
        self.known.set(Known::default());
        let id = token.id.clone();
        act(async move {
            let found = api::tokens::find_usage(id.clone()).await;
            let same =
                |asked: &Option<(Act, TokenView)>| asked.as_ref().is_some_and(|(_, token)| token.id == id);
            // The dialog may be closed by now, or be about another token.
            if self.asked.try_with_untracked(same) == Some(true) {
                let found = Some(found.map_err(|error| words(&error)));
                self.known.update(|known| known.used = found);
            }
        });
    }

    /// Asks where the claim stands. An answer that does not come is no news; that nobody answers is said elsewhere.
    fn look_at_claim(self, token: &TokenView) {
        let id = token.id.clone();
        act(async move {
            if let Ok(found) = api::tokens::find_claim(id).await
                && self.known.try_with_untracked(|known| known.claim != found) == Some(true)
            {
                self.known.update(|known| known.claim = found);
            }
        });
    }

    fn withdraw(self, token: &TokenView) {
        let token = token.clone();
        act(async move {
            match api::tokens::cancel_claim(token.id.clone()).await {
                Ok(()) => self.look_at_claim(&token),
                Err(error) => self.around.say(words(&error)),
            }
        });
    }

    /// The token is another one now; whoever shows it loads it anew.
    pub(crate) fn changed(self) {
        self.on_done.run(Done::Changed);
    }

    fn close(self) {
        self.asked.set(None);
        self.ticket.set(None);
    }

    fn finish(self, result: Result<Option<&'static str>, ApiError>, done: Done) {
        match result {
            Ok(said) => {
                self.attempt.end(None);
                let _ = self.asked.try_set(None);
                if let Some(said) = said {
                    self.around.say(said);
                }
                self.on_done.run(done);
            }
            Err(error) => self.refuse(&error),
        }
    }

    /// Says why not. Where somebody else was first, the token is looked at anew, and the next try is about that.
    fn refuse(self, error: &ApiError) {
        if error.code() != Some(ErrorCode::Conflict) {
            return self.attempt.end(Some(words(error)));
        }
        let Some((_, token)) = self.asked.try_get_untracked().flatten() else {
            return;
        };
        act(async move {
            let said = match api::tokens::find_token(token.id).await {
                Ok(token) => {
                    let _ = self.version.try_set(token.version);
                    t!(confirm.conflict).to_owned()
                }
                Err(error) => words(&error),
            };
            self.attempt.end(Some(said));
            self.on_done.run(Done::Changed);
        });
    }

    /// Switches a token on; nothing breaks by that, so nothing is asked.
    pub(crate) fn activate(self, token: TokenView) {
        act(async move {
            match api::tokens::activate_token(token.id, token.version).await {
                Ok(_) => {
                    self.around.say(t!(tokens.activated));
                    self.on_done.run(Done::Changed);
                }
                Err(error) => {
                    self.around.say(words(&error));
                    self.on_done.run(Done::Changed);
                }
            }
        });
    }

    /// Does what was asked for.
    async fn perform(self, act: Act, token: TokenView) {
        self.attempt.start();
        let (id, version) = (token.id, self.version.get_untracked());
        match act {
            Act::Deactivate => {
                let result = api::tokens::deactivate_token(id, version).await;
                if let Ok(token) = &result {
                    offer_activation(self.around, token);
                }
                self.finish(result.map(|_| None), Done::Changed);
            }
            Act::Stop => {
                let result = api::tokens::stop_temporary(id).await;
                self.finish(result.map(|_| Some(t!(tokens.stopped))), Done::Changed);
            }
            Act::Delete => {
                let result = api::tokens::delete_token(id).await;
                self.finish(result.map(|()| Some(t!(tokens.deleted))), Done::Deleted);
            }
            Act::Handover => match api::tokens::start_handover(id.clone()).await {
                Ok(response) => {
                    // The claim of before, so that it is told apart from the one that comes.
                    let before = api::tokens::find_claim(id).await.unwrap_or_default();
                    let _ = self.known.try_update(|known| known.claim = before);
                    self.attempt.end(None);
                    let _ = self.ticket.try_set(Some(response.ticket));
                }
                Err(error) => self.attempt.end(Some(words(&error))),
            },
        }
    }
}

/// Says that a token was switched off, and offers to switch it on again.
fn offer_activation(around: Around, token: &TokenView) {
    let (id, name, version) = (token.id.clone(), token.name.clone(), token.version);
    around.offer_undo(t!(tokens.deactivated_undo, name = name), move || {
        let (id, name) = (id.clone(), name.clone());
        act(async move {
            let said = match api::tokens::activate_token(id, version).await {
                Ok(_) => t!(tokens.deactivated_undone, name = name),
                Err(error) => not_undone(&error),
            };
            around.say(said);
            around.change();
        });
    });
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

/// The dialogs. Stand once on a page.
#[component]
pub(crate) fn ActDialogs(acts: Acts) -> impl IntoView {
    Dom::of(move || {
        acts.asked.get().map(|(asked, token)| {
            let subject = token.clone();
            let run = Callback::new(move |()| act(acts.perform(asked, subject.clone())));
            if asked == Act::Handover {
                let name = token.name.clone();
                let close = move |stored: bool| {
                    let opened = acts.ticket.with_untracked(Option::is_some);
                    acts.close();
                    if stored {
                        acts.around.say(t!(handover.done, name = name));
                    }
                    if opened {
                        acts.on_done.run(Done::Changed);
                    }
                };
                let (seen, withdrawn) = (token.clone(), token.clone());
                return lazily(Place::Handover(Box::new(Handover {
                    token,
                    ticket: acts.ticket.into(),
                    busy: acts.attempt.busy.into(),
                    refusal: acts.attempt.refusal.into(),
                    used: Signal::derive(move || acts.known.with(|known| known.used.clone())),
                    claim: Signal::derive(move || acts.known.with(|known| known.claim.clone())),
                    on_ask: run,
                    on_look: Callback::new(move |()| acts.look_at_claim(&seen)),
                    on_withdraw: Callback::new(move |()| acts.withdraw(&withdrawn)),
                    on_close: Callback::new(close),
                })));
            }
            let Question { title, facts, action } = question(asked, &token);
            view! {
                <Confirm
                    title
                    facts
                    action
                    busy=acts.attempt.busy
                    refusal=acts.attempt.refusal
                    on_confirm=run
                    on_cancel=move |()| acts.close()
                >
                    {(asked != Act::Stop).then(|| {
                        let used = Signal::derive(move || acts.known.with(|known| known.used.clone()));
                        view! { <Breaks used /> }
                    })}
                </Confirm>
            }
            .into_any()
        })
    })
}

struct Question {
    title: String,
    facts: Vec<String>,
    action: &'static str,
}

/// What happens. What breaks by it is loaded, and stands below.
fn question(act: Act, token: &TokenView) -> Question {
    let name = &token.name;
    let (title, facts, action) = match act {
        Act::Delete => (
            t!(confirm.delete_title, name = name),
            vec![t!(confirm.delete_text), t!(confirm.delete_back)],
            t!(confirm.delete),
        ),
        Act::Stop => (
            t!(confirm.stop_title, name = name),
            vec![
                t!(confirm.stop_now),
                t!(confirm.stop_pages),
                t!(confirm.stop_keeps),
            ],
            t!(confirm.stop),
        ),
        Act::Deactivate | Act::Handover => (
            t!(confirm.deactivate_title, name = name),
            vec![
                t!(confirm.deactivate_now),
                t!(confirm.deactivate_temporary),
                t!(confirm.deactivate_back),
            ],
            t!(confirm.deactivate),
        ),
    };
    Question {
        title,
        facts: facts.into_iter().map(ToOwned::to_owned).collect(),
        action,
    }
}
