//! The choice of the language: the entries in your menu, and the question before what was typed would be lost.
//!
//! The page around the app is in one language, and its texts came with it: another language means another page,
//! which the server gives once it knows the choice.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wire::Language;

use super::dialog::Confirm;
use super::menu::MenuItem;
use crate::dom::{Dom, view};
use crate::leaving::give_up_typed;
use crate::text::{own_name, t};

/// A language, or that of the browser.
pub(crate) type Wish = Option<Language>;

/// What was wished for, and what stands in its way.
#[derive(Clone, Copy)]
pub(crate) struct Switch {
    /// Waits for the answer to the question.
    asked: RwSignal<Option<Wish>>,
    /// Something was typed into a form of this page.
    typed: RwSignal<bool>,
    change: Callback<Wish>,
}

impl Switch {
    /// Watches what is typed. `change` tells the server and loads the page anew.
    pub(crate) fn new(change: Callback<Wish>, path: RwSignal<String>) -> Self {
        let typed = RwSignal::new(false);
        for event in ["input", "change"] {
            let heard = window_event_listener_untyped(event, move |event| {
                let field = event.target().and_then(|target| target.dyn_into().ok());
                let field: Option<web_sys::Element> = field;
                if field.is_some_and(|field| matches!(field.closest("main form"), Ok(Some(_)))) {
                    typed.set(true);
                }
            });
            on_cleanup(move || heard.remove());
        }
        // Another page starts with nothing typed.
        crate::dom::after(move || {
            path.track();
            typed.set(false);
        });
        Self {
            asked: RwSignal::new(None),
            typed,
            change,
        }
    }

    fn wish(self, wish: Wish) {
        if self.typed.get_untracked() {
            self.asked.set(Some(wish));
        } else {
            self.change.run(wish);
        }
    }
}

/// The entries in your menu.
#[component]
pub(crate) fn LanguageItems(
    /// What was chosen before.
    chosen: Wish,
    switch: Switch,
) -> impl IntoView {
    let item = move |wish: Wish| {
        let label = wish.map_or(t!(language.browser), own_name);
        let lang = wish.map(Language::tag);
        view! { <MenuItem label lang current=wish == chosen on_click=move |()| switch.wish(wish) /> }
    };
    view! {
        <h2>{t!(language.heading)}</h2>
        {Language::ALL.into_iter().map(|language| item(Some(language))).collect::<Vec<_>>()}
        {item(None)}
    }
}

/// The question, while there is one.
#[component]
pub(crate) fn LanguageQuestion(switch: Switch) -> impl IntoView {
    let none: Signal<Option<String>> = Signal::stored(None);
    Dom::of(move || {
        switch.asked.get().map(|wish| {
            view! {
                <Confirm
                    title=t!(language.leave_title)
                    facts=vec![t!(language.leave_text).to_owned()]
                    action=t!(language.leave)
                    busy=Signal::stored(false)
                    refusal=none
                    on_confirm=move |()| {
                        switch.asked.set(None);
                        give_up_typed();
                        switch.change.run(wish);
                    }
                    on_cancel=move |()| switch.asked.set(None)
                />
            }
        })
    })
}
