//! The keys that sign temporary tokens, a card on the page of the settings: which there are, and a new one.
//!
//! Not a part of the settings' form: what is done here is done at once, and has no version. No key comes here, only
//! its id and its times.

use std::time::Duration;

use leptos::prelude::*;
use wire::{ErrorCode, FieldError, FieldErrorCode, SigningKeyState, SigningKeyView, Timestamp};

use super::{Attempt, act};
use crate::api;
use crate::components::dialog::Confirm;
use crate::components::field::{Errors, TextField, focus_field};
use crate::components::icon::{Icon, icon};
use crate::components::load::{Load, Loaded};
use crate::components::problem::words;
use crate::components::time::Moment;
use crate::context::around;
use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// Milliseconds that are waited at least before the keys are looked at again: the reader's clock may be ahead of the
/// server's.
const SHORTEST_WAIT: i64 = 15_000;

/// The field in which rotating at once is confirmed.
const CONFIRM: &str = "confirm";

/// Which dialog is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Rotate,
    RotateAtOnce,
}

/// When the key begins to sign that waits for it, if one does.
fn waiting(keys: &[SigningKeyView]) -> Option<Timestamp> {
    let next = keys.iter().find(|key| key.state == SigningKeyState::Next);
    next.map(|key| key.signs_from)
}

/// The card.
#[component]
pub(crate) fn SigningKeys() -> impl IntoView {
    let around = around();
    let keys = Loaded::new(api::signing_keys::list_signing_keys);
    let open = RwSignal::new(Open::Nothing);
    let attempt = Attempt::new();
    let begins = Memo::new(move |_| keys.with(|keys| waiting(keys.map(Vec::as_slice).unwrap_or_default())));
    let rotate = move |at_once: bool| {
        act(async move {
            attempt.start();
            match api::signing_keys::rotate_signing_key(at_once).await {
                Ok(now) => {
                    attempt.end(None);
                    let _ = open.try_set(Open::Nothing);
                    around.say(match waiting(&now) {
                        Some(from) => t!(signing_keys.rotated, when = format::moment(from)),
                        None => t!(signing_keys.rotated_at_once).to_owned(),
                    });
                    keys.refetch();
                }
                Err(error) if error.code() == Some(ErrorCode::Conflict) => {
                    attempt.end(Some(t!(signing_keys.waits).to_owned()));
                    keys.refetch();
                }
                Err(error) => attempt.end(Some(words(&error))),
            }
        });
    };
    let ask = move |what: Open| {
        attempt.reset();
        open.set(what);
    };
    let rows = move |list: Vec<SigningKeyView>| {
        if let Some(from) = waiting(&list) {
            look_again(from, keys);
        }
        table(list)
    };
    view! {
        <section class="card" aria-labelledby="signing-keys">
            <header><h2 id="signing-keys">{t!(signing_keys.title)}</h2></header>
            <div class="pad">
                <p>{t!(signing_keys.lead)}</p>
                {move || {
                    begins
                        .get()
                        .map(|from| {
                            view! {
                                <div class="alert note">
                                    {icon(Icon::Note)}
                                    <p>{t!(signing_keys.begins, when = format::moment(from))}</p>
                                </div>
                            }
                        })
                }}
                <div class="row">
                    <button
                        type="button"
                        class="btn"
                        aria-disabled=move || begins.with(Option::is_some).then_some("true")
                        on:click=move |_| {
                            if begins.with_untracked(Option::is_some) {
                                around.say(t!(signing_keys.waits));
                            } else {
                                ask(Open::Rotate);
                            }
                        }
                    >
                        {t!(signing_keys.rotate)}
                    </button>
                    <button type="button" class="btn" on:click=move |_| ask(Open::RotateAtOnce)>
                        {t!(signing_keys.rotate_at_once)}
                    </button>
                </div>
            </div>
            <Load from=keys show=rows waiting=on_their_way />
        </section>
        {move || match open.get() {
            Open::Nothing => Dom::empty(),
            Open::Rotate => {
                let facts = [t!(signing_keys.later_when), t!(signing_keys.later_breaks)];
                view! {
                    <Confirm
                        title=t!(signing_keys.later_title)
                        facts=facts.map(str::to_owned).to_vec()
                        action=t!(signing_keys.later_confirm)
                        busy=attempt.busy
                        refusal=attempt.refusal
                        on_confirm=move |()| rotate(false)
                        on_cancel=move |()| open.set(Open::Nothing)
                    />
                }
            }
            Open::RotateAtOnce => {
                view! { <AtOnce attempt on_confirm=move |()| rotate(true) on_cancel=move |()| open.set(Open::Nothing) /> }
            }
        }}
    }
}

/// Looks at the keys again when one of them has begun to sign.
fn look_again(from: Timestamp, keys: Loaded<Vec<SigningKeyView>>) {
    let wait = (from.millis() - format::now().millis()).max(SHORTEST_WAIT);
    let wait = Duration::from_millis(wait.unsigned_abs());
    let timer = set_timeout_with_handle(move || keys.refetch(), wait).ok();
    on_cleanup(move || {
        if let Some(timer) = timer {
            timer.clear();
        }
    });
}

/// The question before all temporary tokens end. It has no way back and concerns every token, so a click by mistake is
/// not enough.
#[component]
fn AtOnce(
    attempt: Attempt,
    #[prop(into)] on_confirm: Callback<()>,
    #[prop(into)] on_cancel: Callback<()>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let errors: Errors = RwSignal::new(Vec::<FieldError>::new());
    let phrase = t!(signing_keys.phrase);
    let confirm = move || {
        if typed.with_untracked(|typed| typed.trim().eq_ignore_ascii_case(phrase)) {
            errors.set(Vec::new());
            on_confirm.run(());
        } else {
            errors.set(vec![FieldError::new(CONFIRM, FieldErrorCode::Required)]);
            focus_field(CONFIRM);
        }
    };
    let facts = [
        t!(signing_keys.at_once_why),
        t!(signing_keys.at_once_now),
        t!(signing_keys.at_once_offline),
        t!(signing_keys.at_once_back),
    ];
    view! {
        <Confirm
            title=t!(signing_keys.at_once_title)
            facts=facts.map(str::to_owned).to_vec()
            action=t!(signing_keys.at_once_confirm)
            busy=attempt.busy
            refusal=attempt.refusal
            on_confirm=move |()| confirm()
            on_cancel
        >
            <TextField
                field=CONFIRM
                label=t!(signing_keys.type_phrase, phrase = phrase)
                value=typed
                on_input=move |text| typed.set(text)
                errors
            />
        </Confirm>
    }
}

/// What stands there before the keys have come.
fn on_their_way() -> Dom {
    view! { <div class="pad late" aria-hidden="true"><span class="skel long"></span></div> }
}

fn table(keys: Vec<SigningKeyView>) -> Dom {
    let columns = [
        t!(signing_keys.col_key),
        t!(signing_keys.col_state),
        t!(signing_keys.col_from),
        t!(signing_keys.col_until),
    ];
    let heads = columns
        .map(|column| view! { <th scope="col">{column}</th> })
        .into_iter()
        .collect::<Vec<_>>();
    let rows = keys.into_iter().map(row).collect::<Vec<_>>();
    view! {
        <table class="list cards">
            <caption class="sr">{t!(signing_keys.title)}</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(key: SigningKeyView) -> Dom {
    let (look, words) = match key.state {
        SigningKeyState::Next => ("state awaiting_secret", t!(signing_keys.next)),
        SigningKeyState::Signing => ("state active", t!(signing_keys.signing)),
        SigningKeyState::Verifying => ("state inactive", t!(signing_keys.verifying)),
    };
    let until = match (key.verifies_until, key.state) {
        (Some(until), _) => view! { <Moment at=until /> }.into_any(),
        // It may have signed temporary tokens without an end.
        (None, SigningKeyState::Verifying) => Dom::text(t!(lifetime.endless)),
        (None, _) => Dom::text(t!(signing_keys.until_replaced)),
    };
    view! {
        <tr>
            <th scope="row"><code>{key.id}</code></th>
            <td data-label=t!(signing_keys.col_state)><span class=look>{words}</span></td>
            <td data-label=t!(signing_keys.col_from)><Moment at=key.signs_from /></td>
            <td data-label=t!(signing_keys.col_until)>{until}</td>
        </tr>
    }
}
