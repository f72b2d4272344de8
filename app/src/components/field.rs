//! One field of a form: label, hint and error, tied together for screen readers.
//!
//! Owns nothing that is typed: the page gives the value and takes the changes.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wire::FieldError;

use super::changes::field_name;
use super::icon::{Icon, icon};
use super::problem::field_words;
use crate::dom::{Dom, view};
use crate::model::{entry_of, error_of};
use crate::text::t;

/// The errors of a form.
pub(crate) type Errors = RwSignal<Vec<FieldError>>;

/// The sentence about a field, if there is one.
pub(crate) fn error_text(
    errors: Errors,
    field: &'static str,
    typed: Signal<String>,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        errors.with(|errors| error_of(errors, field).map(|error| field_words(error, &typed.read())))
    })
}

/// A text field.
#[component]
pub(crate) fn TextField(
    /// The field as the contract names it; its error is found by it.
    field: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
    errors: Errors,
    #[prop(optional, into)] hint: String,
    /// `text`, `number`, `datetime-local`, …; `lines` is a text area.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional)] optional: bool,
    #[prop(optional)] class: &'static str,
    /// Takes the focus when it appears.
    #[prop(optional)]
    focus: bool,
    /// What is typed, said in other words: "15 minutes" for 900.
    #[prop(optional, into)]
    says: Option<Signal<String>>,
    /// Values that are offered while something is typed, with words for each.
    #[prop(optional, into)]
    offers: Option<Signal<Vec<(String, String)>>>,
) -> impl IntoView {
    let id = format!("f-{field}");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let (says_id, list_id) = (format!("{id}-says"), format!("{id}-list"));
    let error = error_text(errors, field, value);
    let has_hint = !hint.is_empty();
    let described = {
        let (hint_id, error_id, says_id) = (hint_id.clone(), error_id.clone(), says_id.clone());
        move || {
            let ids: Vec<_> = [
                says.is_some().then_some(says_id.as_str()),
                has_hint.then_some(hint_id.as_str()),
                error.with(Option::is_some).then_some(error_id.as_str()),
            ]
            .into_iter()
            .flatten()
            .collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    if focus {
        focus_field(field);
    }
    let invalid = move || error.with(Option::is_some).then_some("true");
    let control = if kind == "lines" {
        view! {
            <textarea
                id=id.clone()
                class=format!("input {class}")
                rows="3"
                spellcheck="false"
                prop:value=move || value.get()
                aria-invalid=invalid
                aria-describedby=described
                on:input:target=move |event| on_input.run(event.target().value())
            ></textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                id=id.clone()
                class=format!("input {class}")
                type=if kind == "number" { "text" } else { kind }
                inputmode=(kind == "number").then_some("numeric")
                list=offers.is_some().then(|| list_id.clone())
                autocomplete="off"
                autofocus=focus
                prop:value=move || value.get()
                aria-invalid=invalid
                aria-describedby=described
                on:input:target=move |event| on_input.run(event.target().value())
            />
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label for=id>
                {label}
                {optional.then(|| view! { " " <span class="optional" aria-hidden="true">{t!(common.optional)}</span> })}
            </label>
            {control}
            {says
                .map(|says| {
                    view! { <p class="says" id=says_id aria-live="polite">{move || says.get()}</p> }
                })}
            {offers
                .map(|offers| {
                    view! {
                        <datalist id=list_id>
                            {move || {
                                offers
                                    .get()
                                    .into_iter()
                                    .map(|(value, words)| view! { <option value=value>{words}</option> })
                                    .collect::<Vec<_>>()
                            }}
                        </datalist>
                    }
                })}
            {has_hint.then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || error.get().map(|text| view! { <p class="error" id=error_id.clone()>{text}</p> })}
        </div>
    }
}

/// An error that belongs to a group of controls.
#[component]
pub(crate) fn GroupError(field: &'static str, errors: Errors) -> impl IntoView {
    let error = error_text(errors, field, Signal::derive(String::new));
    Dom::of(move || error.get().map(|text| view! { <p class="error">{text}</p> }))
}

/// A switch: one box with a word, and what it changes.
#[component]
pub(crate) fn CheckField(
    /// The field as the contract names it.
    field: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<bool>,
    #[prop(into)] on_input: Callback<bool>,
    errors: Errors,
    #[prop(optional, into)] hint: String,
    /// What the choice comes to.
    #[prop(optional, into)]
    says: Option<Signal<String>>,
) -> impl IntoView {
    let id = format!("f-{field}");
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label class="check">
                <input
                    id=id
                    type="checkbox"
                    aria-describedby=hint_id.clone()
                    prop:checked=move || value.get()
                    on:change:target=move |event| on_input.run(event.target().checked())
                />
                {label}
            </label>
            {says.map(|says| view! { <p class="says" aria-live="polite">{move || says.get()}</p> })}
            <p class="hint" id=hint_id>{hint}</p>
            <GroupError field errors />
        </div>
    }
}

/// Everything that is wrong with a form, at its top, each a link to its field. Takes the focus when it appears.
#[component]
pub(crate) fn Summary(
    errors: Errors,
    /// What a field holds, to quote the line at fault.
    #[prop(into)]
    typed: Callback<String, String>,
) -> impl IntoView {
    Dom::of(move || {
        let items: Vec<_> = errors
            .get()
            .into_iter()
            .map(|error| {
                let root = error
                    .field
                    .split(['[', '.'])
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let name = match entry_of(&error) {
                    Some(at) if root == "path_rules" => t!(path_rules.rule, number = (at + 1)),
                    _ => field_name(&root),
                };
                let text = t!(
                    common.and_that,
                    first = name,
                    rest = field_words(&error, &typed.run(root.clone()))
                );
                // A field of an entry, where it has one of its own.
                let exact = document()
                    .get_element_by_id(&format!("f-{}", error.field))
                    .is_some();
                let to = if exact { error.field } else { root.clone() };
                view! {
                    <li>
                        <a
                            href=format!("#f-{root}")
                            on:click=move |event| {
                                event.prevent_default();
                                focus_field(&to);
                            }
                        >
                            {text}
                        </a>
                    </li>
                }
            })
            .collect();
        (!items.is_empty()).then(|| {
            focus_id(SUMMARY);
            view! {
                <div class="alert warn" role="alert" id=SUMMARY tabindex="-1">
                    {icon(Icon::Warn)}
                    <div>
                        <p><strong>{t!(errors.check_fields)}</strong></p>
                        <ul class="summary">{items}</ul>
                    </div>
                </div>
            }
        })
    })
}

const SUMMARY: &str = "summary";

/// Moves the focus to a field, or to the group of fields of that name, once it is drawn.
pub(crate) fn focus_field(field: &str) {
    focus_id(&format!("f-{field}"));
}

/// Moves the focus to an element, once it is drawn.
pub(crate) fn focus_id(id: &str) {
    let id = id.to_owned();
    request_animation_frame(move || {
        let found = document().get_element_by_id(&id).and_then(|element| {
            // Inside of something that is folded away it could not take the focus.
            if let Some(folded) = element.closest("details:not([open])").ok().flatten() {
                let _ = folded.set_attribute("open", "");
            }
            element.dyn_into::<web_sys::HtmlElement>().ok()
        });
        if let Some(found) = found {
            let _ = found.focus();
        }
    });
}
