//! Which part of a list is shown, and the way to the other parts.

use leptos::prelude::*;

use crate::dom::view;
use crate::format;
use crate::text::t;

/// The foot of a list.
#[component]
pub(crate) fn Pager(
    page: u32,
    per_page: u32,
    total: u64,
    #[prop(into)] label: String,
    #[prop(into)] on_page: Callback<u32>,
) -> impl IntoView {
    let before = u64::from(page.saturating_sub(1)) * u64::from(per_page);
    let last = (before + u64::from(per_page)).min(total);
    let range = t!(
        common.range,
        from = format::count((before + 1).min(total)),
        to = format::count(last),
        total = format::count(total)
    );
    view! {
        <nav class="pager" aria-label=label>
            <span>{range}</span>
            {(page > 1 || last < total)
                .then(|| {
                    view! {
                        <span class="row">
                            <button
                                type="button"
                                class="btn small"
                                disabled={page <= 1}
                                on:click=move |_| on_page.run(page - 1)
                            >
                                {t!(common.previous)}
                            </button>
                            <button
                                type="button"
                                class="btn small"
                                disabled={last >= total}
                                on:click=move |_| on_page.run(page + 1)
                            >
                                {t!(common.next)}
                            </button>
                        </span>
                    }
                })}
        </nav>
    }
}
