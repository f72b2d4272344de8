//! "600 requests in 60 seconds": the two numbers of a rate limit. The page owns what is typed.

use leptos::prelude::*;

use crate::dom::{Dom, view};
use crate::text::t;

/// The two fields, beside the choice that they belong to.
#[component]
pub(crate) fn RateNumbers(
    #[prop(into)] requests: Signal<String>,
    #[prop(into)] per_seconds: Signal<String>,
    /// Whether the limit is marked as wrong.
    #[prop(into)]
    wrong: Signal<bool>,
    #[prop(into)] on_requests: Callback<String>,
    #[prop(into)] on_per_seconds: Callback<String>,
) -> impl IntoView {
    view! {
        {number(t!(token_form.rate_requests), requests, wrong, on_requests)}
        <span>{t!(token_form.rate_in)}</span>
        {number(t!(token_form.rate_seconds), per_seconds, wrong, on_per_seconds)}
        <span>{t!(token_form.rate_unit)}</span>
    }
}

fn number(
    label: &'static str,
    value: Signal<String>,
    wrong: Signal<bool>,
    on_input: Callback<String>,
) -> Dom {
    view! {
        <input
            class="input number"
            inputmode="numeric"
            autocomplete="off"
            aria-label=label
            aria-invalid=move || wrong.get().then_some("true")
            prop:value=move || value.get()
            on:input:target=move |event| on_input.run(event.target().value())
        />
    }
}
