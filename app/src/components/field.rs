//! One field of a form: label, hint and error, tied together for screen readers.
//!
//! Owns nothing that is typed: the page gives the value and takes the changes.

use leptos::prelude::*;
use wire::FieldError;

use super::problem::field_words;
use crate::dom::{Dom, view};
use crate::model::error_of;
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
    /// `text`, `datetime-local`, …; `lines` is a text area.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional)] optional: bool,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] focus: bool,
) -> impl IntoView {
    let id = format!("f-{field}");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let error = error_text(errors, field, value);
    let has_hint = !hint.is_empty();
    let described = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || {
            let error = error.with(Option::is_some).then_some(error_id.as_str());
            let ids: Vec<_> = has_hint
                .then_some(hint_id.as_str())
                .into_iter()
                .chain(error)
                .collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
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
                type=kind
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
            {has_hint.then(|| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || error.get().map(|text| view! { <p class="error" id=error_id.clone()>{text}</p> })}
        </div>
    }
}

/// An error that belongs to a group of controls.
#[component]
pub(crate) fn GroupError(field: &'static str, errors: Errors) -> impl IntoView {
    let error = error_text(errors, field, Signal::derive(String::new));
    Dom::of(move || {
        error
            .get()
            .map(|text| view! { <p class="error" role="alert">{text}</p> })
    })
}

/// Moves the focus to the first field that is marked, once the page has drawn the marks.
pub(crate) fn focus_first_error() {
    request_animation_frame(|| {
        let marked = document()
            .query_selector("[aria-invalid=true], .error")
            .ok()
            .flatten();
        if let Some(marked) = marked {
            use wasm_bindgen::JsCast as _;
            // The sentence of a group has no focus of its own; it is scrolled to instead.
            if marked.class_name() == "error" {
                marked.scroll_into_view();
            } else if let Some(marked) = marked.dyn_ref::<web_sys::HtmlElement>() {
                let _ = marked.focus();
            }
        }
    });
}
