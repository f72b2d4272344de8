//! The page for addresses that lead nowhere.

use leptos::prelude::*;

use crate::components::head::Head;
use crate::dom::view;
use crate::text::t;

/// Nothing here.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! {
        <Head title=t!(not_found.title) lead=t!(not_found.text) />
        <p><a class="btn" href="/">{t!(not_found.home)}</a></p>
    }
}
