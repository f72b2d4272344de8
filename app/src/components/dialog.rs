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
    let before = document().active_element().and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    let before = StoredValue::new_local(before);
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            if !dialog.open() {
                // It is in the document and not open, so it can be shown.
                let _ = dialog.show_modal();
            }
        }
    });
    let give_back = before.get_value();
    on_cleanup({
        let give_back = send_wrapper::SendWrapper::new(give_back);
        move || {
            request_animation_frame(move || {
                if let Some(element) = give_back.take().filter(|element| element.is_connected()) {
                    let _ = element.focus();
                }
            });
        }
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
        >
            {children()}
        </dialog>
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
