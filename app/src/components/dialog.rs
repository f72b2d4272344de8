//! Dialogs: the browser's own modal `dialog`, which keeps the focus inside by itself, and gives it back here.

use std::cell::RefCell;

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast as _;

use super::problem::Refusal;
use crate::dom::{after, view};
use crate::text::t;

thread_local! {
    /// The row that the last dialog was opened from.
    static ROW: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What rows are told apart by.
const ROWS: [&str; 3] = ["data-token-id", "data-interface-id", "data-site-id"];

/// The selector of any row.
fn rows() -> String {
    ROWS.map(|name| format!("[{name}]")).join(",")
}

fn remember_row(from: &web_sys::HtmlElement) {
    let control = if from.has_type::<web_sys::HtmlInputElement>() {
        "input"
    } else {
        ".icon-btn"
    };
    let row = from.closest(&rows()).ok().flatten();
    let selector = row.and_then(|row| {
        ROWS.into_iter().find_map(|name| {
            row.get_attribute(name)
                .map(|id| format!("[{name}=\"{id}\"] {control}"))
        })
    });
    ROW.set(selector);
}

/// When what had the focus is drawn anew, the focus goes to what takes its place: the checkbox or the button of the
/// same row, or the heading. Nothing is scrolled by that: the reader looks where they looked before.
pub(crate) fn keep_focus() {
    let now = document()
        .query_selector(&format!(":is({}) :focus", rows()))
        .ok()
        .flatten();
    if let Some(now) = now.and_then(|now| now.dyn_into::<web_sys::HtmlElement>().ok()) {
        remember_row(&now);
    }
    request_animation_frame(|| {
        let body = document().body();
        let lost = document()
            .active_element()
            .is_none_or(|now| body.is_some_and(|body| *body == now));
        if lost && document().query_selector("dialog[open]").ok().flatten().is_none() {
            let find = |selector: &str| document().query_selector(selector).ok().flatten();
            let row = ROW.take().and_then(|selector| find(&selector));
            let there = row
                .or_else(|| find("#main h1"))
                .and_then(|there| there.dyn_into().ok());
            if let Some(there) = there {
                let there: web_sys::HtmlElement = there;
                let calmly = web_sys::FocusOptions::new();
                calmly.set_prevent_scroll(true);
                let _ = there.focus_with_options(&calmly);
            }
        }
    });
}

/// An item of a menu is out of sight when the dialog closes; the button that opens its menu is not.
fn opener(element: web_sys::Element) -> web_sys::Element {
    let menu = element.closest(".menu[popover]").ok().flatten();
    let button = menu.and_then(|menu| {
        let selector = format!("[popovertarget=\"{}\"]", menu.id());
        document().query_selector(&selector).ok().flatten()
    });
    button.unwrap_or(element)
}

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
        .and_then(|element| opener(element).dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(before) = &before {
        remember_row(before);
    }
    let before = StoredValue::new_local(before);
    after(move || {
        dialog.track();
        open_dialog(dialog);
        // What comes from a part of the app is made before it stands in the page.
        request_animation_frame(move || open_dialog(dialog));
    });
    on_cleanup(move || {
        let give_back = before.try_get_value().flatten();
        request_animation_frame(move || {
            let heading = || {
                document()
                    .query_selector("#main h1")
                    .ok()
                    .flatten()
                    .and_then(|h| h.dyn_into().ok())
            };
            // The row that asked may have been drawn anew meanwhile, or be hidden; the page's heading is the next
            // best place.
            let there = give_back.filter(|element| element.is_connected());
            if let Some(element) = &there {
                let _ = element.focus();
            }
            let arrived = there.is_some_and(|element| document().active_element().as_ref() == Some(&element));
            if let Some(heading) = heading().filter(|_| !arrived) {
                let heading: web_sys::HtmlElement = heading;
                let _ = heading.focus();
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
    /// What else has to be known before.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Modal labelled_by="confirm-title" on_cancel small=true>
            <header><h2 id="confirm-title">{title}</h2></header>
            <section>
                <ul class="keep-list">{facts.into_iter().map(|fact| view! { <li>{fact}</li> }).collect::<Vec<_>>()}</ul>
                {children.map(|children| children())}
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
