//! Dialogs: the browser's own modal `dialog`, which keeps the focus inside by itself, and gives it back here.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast as _;

use super::problem::Refusal;
use crate::text::t;

/// A modal sheet, open as long as it is mounted.
#[component]
pub(crate) fn Modal(
    /// The heading's id, by which the dialog is named.
    labelled_by: &'static str,
    /// Escape was pressed. The dialog stays open until its owner takes it away.
    #[prop(into)]
    on_cancel: Callback<()>,
    #[prop(optional)] small: bool,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let before = document()
        .active_element()
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    let before = StoredValue::new_local(before);
    Effect::new(move |_| {
        dialog.track();
        open_dialog(dialog);
    });
    on_cleanup(move || {
        let give_back = before.try_get_value().flatten();
        request_animation_frame(move || {
            let heading = || {
                document()
                    .query_selector("main h1")
                    .ok()
                    .flatten()
                    .and_then(|h| h.dyn_into().ok())
            };
            // The row that asked may have been drawn anew meanwhile; the page's heading is the next best place.
            let there = give_back
                .filter(|element| element.is_connected())
                .or_else(heading);
            if let Some(element) = there {
                let _ = element.focus();
            }
        });
    });
    view! {
        <dialog
            node_ref=dialog
            class="sheet"
            class:small=small
            aria-labelledby=labelled_by
            on:cancel=move |event: leptos::ev::Event| {
                event.prevent_default();
                on_cancel.run(());
            }
            on:close=move |_| {
                // Pressed twice, Escape closes a dialog whatever it says. Its owner decides all the same.
                on_cancel.run(());
                request_animation_frame(move || open_dialog(dialog));
            }
        >
            {children()}
        </dialog>
    }
}

fn open_dialog(dialog: NodeRef<html::Dialog>) {
    let there = dialog.try_get_untracked().flatten();
    if let Some(dialog) = there.filter(|dialog| dialog.is_connected() && !dialog.open()) {
        // It is in the document and not open, so it can be shown.
        let _ = dialog.show_modal();
    }
}

/// Asks before something that has consequences: what breaks, and the two ways out.
#[component]
pub(crate) fn Confirm(
    #[prop(into)] title: String,
    /// What happens, one sentence per line.
    facts: Vec<String>,
    /// The button that does it.
    #[prop(into)]
    action: String,
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] refusal: Signal<Option<String>>,
    #[prop(into)] on_confirm: Callback<()>,
    #[prop(into)] on_cancel: Callback<()>,
) -> impl IntoView {
    view! {
        <Modal labelled_by="confirm-title" on_cancel small=true>
            <header><h2 id="confirm-title">{title}</h2></header>
            <section>
                <ul class="keep-list">{facts.into_iter().map(|fact| view! { <li>{fact}</li> }).collect_view()}</ul>
                <Refusal text=refusal />
            </section>
            <footer>
                <button type="button" class="btn quiet" autofocus=true on:click=move |_| on_cancel.run(())>
                    {t!(common.cancel)}
                </button>
                <button
                    type="button"
                    class="btn grave"
                    aria-busy=move || busy.get().to_string()
                    on:click=move |_| {
                        if !busy.get_untracked() {
                            on_confirm.run(());
                        }
                    }
                >
                    {action}
                </button>
            </footer>
        </Modal>
    }
}
