//! The question which temporary tokens of a token are to be stopped, and the request behind it: all of them, those of
//! one subject, or a single one.
//!
//! Nobody keeps a list of temporary tokens, so none can be shown here to choose from.

use leptos::prelude::*;
use wire::{FieldError, TokenView};

use super::token_acts::{Acts, Done};
use super::{Attempt, act};
use crate::api;
use crate::components::dialog::Modal;
use crate::components::field::{Errors, TextField, focus_field};
use crate::components::problem::Refusal;
use crate::context::around;
use crate::dom::{Dom, view};
use crate::model::stop_draft::{StopDraft, StopScope};
use crate::text::t;

/// The dialog.
#[component]
pub(crate) fn StopTemporary(acts: Acts, token: TokenView) -> impl IntoView {
    let around = around();
    let draft = RwSignal::new(StopDraft::default());
    let errors: Errors = RwSignal::new(Vec::<FieldError>::new());
    let attempt = Attempt::new();
    let (id, name) = (token.id, token.name);
    let title = t!(confirm.stop_title, name = name);
    // There is one field at most, so what is wrong with it needs no list at the top.
    let point = move || {
        let first = errors.try_with_untracked(|errors| errors.first().map(|error| error.field.clone()));
        if let Some(field) = first.flatten() {
            focus_field(&field);
        }
    };
    let stop = move || {
        let (id, name) = (id.clone(), name.clone());
        act(async move {
            attempt.start();
            errors.set(Vec::new());
            let request = match draft.with_untracked(StopDraft::request) {
                Ok(request) => request,
                Err(error) => {
                    errors.set(vec![error]);
                    attempt.end(None);
                    return point();
                }
            };
            let said = match (&request.subject, &request.jti) {
                (Some(subject), _) => t!(confirm.stopped_subject, name = name, subject = subject),
                (_, Some(jti)) => t!(confirm.stopped_one, name = name, id = jti),
                (None, None) => t!(confirm.stopped_all, name = name),
            };
            match api::tokens::stop_temporary(id, request).await {
                Ok(_) => {
                    attempt.end(None);
                    acts.close();
                    around.say(said);
                    acts.end(Done::Changed);
                }
                Err(error) => {
                    attempt.refuse(errors, error);
                    point();
                }
            }
        });
    };
    let scope = Memo::new(move |_| draft.with(|draft| draft.scope));
    let choice = move |one: StopScope, label: &'static str, help: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="stop"
                    autofocus={one == StopScope::All}
                    prop:checked=move || scope.get() == one
                    on:change=move |_| {
                        draft.update(|draft| draft.scope = one);
                        // They are about a field that is not there any more.
                        errors.set(Vec::new());
                    }
                />
                <span>{label} <small>{help}</small></span>
            </label>
        }
    };
    let field = move || match scope.get() {
        StopScope::All => Dom::empty(),
        StopScope::Subject => view! {
            <TextField
                field="subject"
                label=t!(activity.field_subject)
                hint=t!(confirm.stop_subject_hint)
                value=Signal::derive(move || draft.with(|draft| draft.subject.clone()))
                on_input=move |text| draft.update(|draft| draft.subject = text)
                errors
            />
        }
        .into_any(),
        StopScope::One => view! {
            <TextField
                field="jti"
                label=t!(confirm.stop_id)
                class="mono"
                hint=t!(confirm.stop_id_hint)
                value=Signal::derive(move || draft.with(|draft| draft.jti.clone()))
                on_input=move |text| draft.update(|draft| draft.jti = text)
                errors
            />
        }
        .into_any(),
    };
    let facts = move || {
        facts(scope.get())
            .map(|fact| view! { <li>{fact}</li> })
            .into_iter()
            .collect::<Vec<_>>()
    };
    view! {
        <Modal labelled_by="stop-title" on_cancel=move |()| acts.close() small=true>
            <header><h2 id="stop-title">{title}</h2></header>
            <section class="form">
                <fieldset class="field">
                    <legend>{t!(confirm.stop_which)}</legend>
                    <div class="choices">
                        {choice(StopScope::All, t!(confirm.stop_all), t!(confirm.stop_all_help))}
                        {choice(StopScope::Subject, t!(confirm.stop_subject), t!(confirm.stop_subject_help))}
                        {choice(StopScope::One, t!(confirm.stop_one), t!(confirm.stop_one_help))}
                    </div>
                </fieldset>
                {field}
                <ul class="keep-list" aria-live="polite">{facts}</ul>
                <Refusal text=attempt.refusal />
            </section>
            <footer>
                <button type="button" class="btn quiet" on:click=move |_| acts.close()>{t!(common.cancel)}</button>
                <button
                    type="button"
                    class="btn grave"
                    aria-busy=move || attempt.busy.get().to_string()
                    on:click=move |_| {
                        if !attempt.busy.get_untracked() {
                            stop();
                        }
                    }
                >
                    {move || if scope.get() == StopScope::One { t!(confirm.stop_it) } else { t!(confirm.stop) }}
                </button>
            </footer>
        </Modal>
    }
}

/// What happens, and what goes on.
fn facts(scope: StopScope) -> [&'static str; 3] {
    match scope {
        StopScope::All => [
            t!(confirm.stop_now),
            t!(confirm.stop_pages),
            t!(confirm.stop_keeps),
        ],
        StopScope::Subject => [
            t!(confirm.stop_subject_now),
            t!(confirm.stop_subject_others),
            t!(confirm.stop_keeps),
        ],
        StopScope::One => [
            t!(confirm.stop_one_now),
            t!(confirm.stop_one_others),
            t!(confirm.stop_one_unknown),
        ],
    }
}
