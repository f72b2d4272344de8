//! Leaving a page while something is typed that is not saved: asked before the tab is closed or loaded anew, before a
//! link leads away, and before Back and Forward do.
//!
//! Owns the question. What is typed, and whether it differs from what is saved, is the page's.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;

use crate::text::t;

thread_local! {
    /// Says whether the page that is open has something to lose.
    static TYPED: RefCell<Option<Rc<dyn Fn() -> bool>>> = const { RefCell::new(None) };
}

fn is_typed() -> bool {
    // Not borrowed while the page answers.
    let typed = TYPED.with_borrow(Clone::clone);
    typed.is_some_and(|typed| typed())
}

/// Asks for the page that is being made, for as long as it is there.
pub(crate) fn keep_typed(typed: impl Fn() -> bool + 'static) {
    let typed: Rc<dyn Fn() -> bool> = Rc::new(typed);
    TYPED.set(Some(typed.clone()));
    let asked = window_event_listener_untyped("beforeunload", |event| {
        if is_typed() {
            event.prevent_default();
        }
    });
    let mine = StoredValue::new_local(typed);
    on_cleanup(move || {
        asked.remove();
        let mine = mine.try_get_value();
        TYPED.with_borrow_mut(|typed| {
            // The next page may be there already.
            if typed
                .as_ref()
                .zip(mine.as_ref())
                .is_some_and(|(one, other)| Rc::ptr_eq(one, other))
            {
                *typed = None;
            }
        });
    });
}

/// Somebody was asked in words of ours and agreed: nobody need ask again.
pub(crate) fn give_up_typed() {
    TYPED.set(None);
}

/// Whether the page may be left: there is nothing to lose, or the reader says so.
pub(crate) fn may_leave() -> bool {
    !is_typed() || window().confirm_with_message(t!(shell.leave)).unwrap_or(true)
}
