//! The dialogs in which something is done to one token, and the requests behind them: they say what breaks, and where
//! somebody else was first, the next try starts from what is there now.

use leptos::prelude::*;
use wire::{ErrorCode, TokenView};

use super::token_acts::{Act, Acts, Done, not_undone};
use super::token_claim::Claim;
use super::token_stop::StopTemporary;
use super::{Attempt, act};
use crate::api::{self, ApiError};
use crate::components::breaks::{Breaks, Used};
use crate::components::dialog::Confirm;
use crate::components::problem::words;
use crate::components::strongroom::Strongroom;
use crate::context::{Around, around};
use crate::dom::{Dom, view};
use crate::text::t;

/// An open question.
#[derive(Clone, Copy)]
struct Dialog {
    acts: Acts,
    token: StoredValue<TokenView>,
    attempt: Attempt,
    /// What breaks.
    used: RwSignal<Used>,
    /// The version that the act starts from: the one that was shown.
    version: RwSignal<i64>,
    around: Around,
}

/// The dialog of an act.
pub(crate) fn token_dialog(acts: Acts, asked: Act, token: Box<TokenView>) -> Dom {
    if asked == Act::Stop {
        return Dom::of(view! { <StopTemporary acts token=*token /> });
    }
    let dialog = Dialog {
        acts,
        attempt: Attempt::new(),
        used: RwSignal::new(None),
        version: RwSignal::new(token.version),
        around: around(),
        token: StoredValue::new(*token),
    };
    dialog.look();
    if asked == Act::Handover {
        return handover(&dialog);
    }
    let Question { title, facts, action } = dialog.token.with_value(|token| question(asked, token));
    view! {
        <Confirm
            title
            facts
            action
            busy=dialog.attempt.busy
            refusal=dialog.attempt.refusal
            on_confirm=move |()| act(dialog.perform(asked))
            on_cancel=move |()| acts.close()
        >
            <Breaks used=dialog.used.into() />
        </Confirm>
    }
}

/// The dialog that hands the secret over.
fn handover(dialog: &Dialog) -> Dom {
    let dialog = *dialog;
    let ticket = RwSignal::new(None::<String>);
    let token = dialog.token.get_value();
    let (id, name) = (token.id.clone(), token.name.clone());
    let claim = Claim::new(token.id.clone());
    let ask = move |()| {
        let id = id.clone();
        act(async move {
            dialog.attempt.start();
            // The claim of before is asked for first, so that it is told apart from the one that comes.
            let started = match api::tokens::find_claim(id.clone()).await {
                Ok(before) => api::tokens::start_handover(id)
                    .await
                    .map(|response| (before, response.ticket)),
                Err(error) => Err(error),
            };
            match started {
                Ok((before, opens)) => {
                    dialog.attempt.end(None);
                    let _ = claim.latest.try_set(before);
                    let _ = ticket.try_set(Some(opens));
                }
                Err(error) => dialog.attempt.end(Some(words(&error))),
            }
        });
    };
    let close = move |stored: bool| {
        let opened = ticket.try_with_untracked(Option::is_some);
        dialog.acts.close();
        if stored {
            dialog.around.say(t!(handover.done, name = name));
        }
        if opened == Some(true) {
            dialog.acts.end(Done::Changed);
        }
    };
    view! {
        <Strongroom
            token
            ticket=ticket.into()
            busy=dialog.attempt.busy.into()
            refusal=dialog.attempt.refusal.into()
            used=dialog.used.into()
            claim=claim.latest.into()
            on_ask=Callback::new(ask)
            on_look=Callback::new(move |()| claim.look())
            on_withdraw=Callback::new(move |()| claim.withdraw())
            on_close=Callback::new(close)
        />
    }
}

impl Dialog {
    /// Asks what the token was used for.
    fn look(self) {
        let id = self.token.with_value(|token| token.id.clone());
        act(async move {
            let found = api::tokens::find_usage(id).await;
            let _ = self.used.try_set(Some(found.map_err(|error| words(&error))));
        });
    }

    /// Does what was asked for.
    async fn perform(self, act: Act) {
        self.attempt.start();
        let (id, version) = (
            self.token.with_value(|token| token.id.clone()),
            self.version.get_untracked(),
        );
        let result = match act {
            Act::Deactivate => api::tokens::deactivate_token(id, version).await.map(|token| {
                offer_activation(self.around, &token);
                (None, Done::Changed)
            }),
            Act::Delete => {
                let deleted = api::tokens::delete_token(id).await;
                deleted.map(|()| (Some(t!(tokens.deleted)), Done::Deleted))
            }
            // They have dialogs of their own.
            Act::Stop | Act::Handover => return self.attempt.end(None),
        };
        match result {
            Ok((said, done)) => {
                self.attempt.end(None);
                self.acts.close();
                if let Some(said) = said {
                    self.around.say(said);
                }
                self.acts.end(done);
            }
            Err(error) => self.refuse(&error),
        }
    }

    /// Says why not. Where somebody else was first, the token is looked at anew, and the next try is about that.
    fn refuse(self, error: &ApiError) {
        if error.code() != Some(ErrorCode::Conflict) {
            return self.attempt.end(Some(words(error)));
        }
        let Some(id) = self.token.try_with_value(|token| token.id.clone()) else {
            return;
        };
        act(async move {
            let said = match api::tokens::find_token(id).await {
                Ok(token) => {
                    let _ = self.version.try_set(token.version);
                    t!(confirm.conflict).to_owned()
                }
                Err(error) => words(&error),
            };
            self.attempt.end(Some(said));
            self.acts.end(Done::Changed);
        });
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
        Act::Deactivate | Act::Stop | Act::Handover => (
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
