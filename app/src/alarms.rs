//! What an administrator should know at once, wherever they are in the app: a bar with a sentence, the page or file that
//! it is about, and the way to the token.
//!
//! Owns the one request of the app that waits: only while somebody can see the page (a hidden one would hold one of the
//! few connections that a browser has for a site), and never after the session has ended.

use leptos::prelude::*;
use wire::{ActivityId, ActivityView};

use crate::api;
use crate::components::changes::value_words;
use crate::components::icon::{Icon, icon};
use crate::components::log::told;
use crate::context::{Around, around};
use crate::dom::{Dom, spawn, view};
use crate::text::t;

/// Milliseconds between an answer and the next question.
const PAUSE: u64 = 500;
/// The same while nobody looks: whoever comes back is told soon.
const SOON: u64 = 1000;
/// The same after a question that failed.
const LONG_PAUSE: u64 = 5000;
/// So many stand side by side; the activity list has all.
const SHOWN: usize = 3;

#[derive(Clone, Copy)]
struct Watch {
    around: Around,
    shown: RwSignal<Vec<ActivityView>>,
    cursor: StoredValue<Option<ActivityId>>,
    /// Takes the waiting request back.
    waiting: StoredValue<Option<web_sys::AbortController>, LocalStorage>,
}

/// The bars.
#[component]
pub(crate) fn Alarms() -> impl IntoView {
    let watch = Watch {
        around: around(),
        shown: RwSignal::new(Vec::new()),
        cursor: StoredValue::new(None),
        waiting: StoredValue::new_local(None),
    };
    watch.ask();
    let hidden = window_event_listener_untyped("visibilitychange", move |_| {
        if document().hidden() {
            watch.take_back();
        }
    });
    on_cleanup(move || {
        watch.take_back();
        hidden.remove();
    });
    let shown = watch.shown;
    view! {
        <div>
            {move || shown.get().into_iter().map(|entry| bar(entry, shown)).collect::<Vec<_>>()}
        </div>
    }
}

fn bar(entry: ActivityView, shown: RwSignal<Vec<ActivityView>>) -> Dom {
    let id = entry.id.clone();
    let said = entry.changes.first();
    let said = said.and_then(|change| Some((change.field.clone(), change.after.clone()?)));
    // Where it was seen is an address; why a code was refused is a word.
    let said = said.map(|(field, value)| {
        if field == "reason" {
            view! { <small>{value_words(&field, &value)}</small> }
        } else {
            view! { <code>{value}</code> }
        }
    });
    let close = move |_| shown.update(|list| list.retain(|entry| entry.id != id));
    view! {
        <div class="banner alarm" role="alert">
            {icon(Icon::Warn)}
            <p>{told(entry)} " " {said}</p>
            <button type="button" class="btn small" on:click=close>{t!(alarms.seen)}</button>
        </div>
    }
}

impl Watch {
    /// Asks, and asks again when there was an answer.
    fn ask(self) {
        let line = api::line();
        let silent = line.signed_out.try_get_untracked() != Some(false)
            || line.gone.try_get_untracked() != Some(false)
            || document().hidden();
        let Some(controller) = web_sys::AbortController::new().ok().filter(|_| !silent) else {
            return self.ask_later(SOON);
        };
        let Some(after) = self.cursor.try_get_value() else {
            return;
        };
        let taken_back = controller.signal();
        self.waiting.set_value(Some(controller));
        spawn(Box::pin(async move {
            let first = after.is_none();
            let pause = match api::alarms::wait_for_alarms(after, &taken_back).await {
                Ok(found) => {
                    let _ = self.cursor.try_set_value(Some(found.cursor));
                    // What was before the app was opened stands in the list and in the overview.
                    if !first && !found.items.is_empty() {
                        self.tell(found.items);
                    }
                    PAUSE
                }
                Err(_) => LONG_PAUSE,
            };
            if !self.shown.is_disposed() {
                self.ask_later(pause);
            }
        }));
    }

    fn ask_later(self, pause: u64) {
        set_timeout(move || self.ask(), std::time::Duration::from_millis(pause));
    }

    fn tell(self, news: Vec<ActivityView>) {
        let _ = self.shown.try_update(|shown| {
            // One bar for each token and kind of alarm: the latest.
            shown.retain(|old| {
                let same = |new: &ActivityView| new.action == old.action && new.subject.id == old.subject.id;
                !news.iter().any(same)
            });
            shown.splice(0..0, news);
            shown.truncate(SHOWN);
        });
        // The page that is open may be about that token. It is not taken from under somebody who is at work in it.
        let busy = document().query_selector("dialog[open], main :focus");
        if busy.ok().flatten().is_none() {
            self.around.alarmed.update(|times| *times += 1);
        }
    }

    fn take_back(self) {
        if let Some(controller) = self.waiting.try_update_value(Option::take).flatten() {
            controller.abort();
        }
    }
}
