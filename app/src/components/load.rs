//! The one way in which data comes onto a page: skeletons first, old rows while new ones load, an error with a
//! Retry where it fails.
//!
//! It knows nothing about what is loaded. A page says how to fetch it and gives the view. (Leptos' resources with
//! Transition, `ErrorBoundary` and Suspend did the same for 50 kB of WebAssembly more; the budget of a first visit
//! has no room for them.)

use std::{any::Any, marker::PhantomData, rc::Rc};

use leptos::prelude::*;

use super::dialog::keep_focus;
use super::problem::Failed;
use crate::api::{self, ApiError};
use crate::dom::{Dom, Task, after, spawn, view};

/// What came, whatever it is. Everything below the surface handles only this, so that the machinery of loading is
/// in the bundle once and not once for each kind of data.
type Parcel = Rc<dyn Any>;
type Deliver = Box<dyn FnOnce(Result<Parcel, ApiError>)>;
type Fetch = Box<dyn Fn(Deliver) -> Task>;

/// The state of what is loaded.
#[derive(Clone, Copy)]
struct Store {
    /// The last that came.
    parcel: RwSignal<Option<Parcel>, LocalStorage>,
    /// Why nothing came after that.
    error: RwSignal<Option<ApiError>>,
    pending: RwSignal<bool>,
    /// Counts requests; an answer that was overtaken by a later request is not shown.
    turn: StoredValue<u32>,
    fetch: StoredValue<Fetch, LocalStorage>,
}

impl Store {
    fn new(fetch: Fetch) -> Self {
        let store = Self {
            parcel: RwSignal::new_local(None),
            error: RwSignal::new(None),
            pending: RwSignal::new(false),
            turn: StoredValue::new(0),
            fetch: StoredValue::new_local(fetch),
        };
        // At once, and again when a signal that the request is made from has changed.
        crate::dom::follow(Box::new(move || store.start()));
        // What has failed is tried again as soon as the line is good again.
        let back = api::line().back;
        let mut seen = back.get_untracked();
        after(move || {
            let times = back.get();
            if times != seen && store.error.with_untracked(Option::is_some) {
                store.again();
            }
            seen = times;
        });
        store
    }

    fn again(self) {
        untrack(move || self.start());
    }

    fn start(self) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        let task = self.fetch.with_value(|fetch| {
            fetch(Box::new(move |answer| {
                // The page may be gone, or a later request under way.
                if self.turn.try_get_value() != Some(turn) {
                    return;
                }
                match answer {
                    Ok(parcel) => {
                        self.error.set(None);
                        self.parcel.set(Some(parcel));
                    }
                    Err(error) => self.error.set(Some(error)),
                }
                self.pending.set(false);
            }))
        });
        untrack(move || self.pending.set(true));
        spawn(task);
    }
}

/// What a page loads.
pub(crate) struct Loaded<T> {
    store: Store,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loaded<T> {}

impl<T: 'static> Loaded<T> {
    /// Loads now, and anew when a signal that `fetch` reads has changed.
    pub(crate) fn new<F: Future<Output = Result<T, ApiError>> + 'static>(
        fetch: impl Fn() -> F + 'static,
    ) -> Self {
        let fetch: Fetch = Box::new(move |deliver| {
            let answer = fetch();
            Box::pin(async move { deliver(answer.await.map(|data| Rc::new(data) as Parcel)) })
        });
        Self {
            store: Store::new(fetch),
            of: PhantomData,
        }
    }

    /// Loads anew.
    pub(crate) fn refetch(self) {
        self.store.again();
    }

    /// Reads what is there, if it has come.
    pub(crate) fn with<R>(self, read: impl FnOnce(Option<&T>) -> R) -> R {
        let parcel = self.store.parcel.get();
        read(parcel.as_ref().and_then(|parcel| parcel.downcast_ref()))
    }
}

/// Shows what `from` brings.
#[component]
pub(crate) fn Load<T: Clone + 'static>(
    /// What is loaded.
    from: Loaded<T>,
    /// The view of it.
    #[prop(into)]
    show: Callback<T, Dom>,
    /// What stands there before the first answer.
    waiting: fn() -> Dom,
) -> impl IntoView {
    let show = move |parcel: Parcel| match parcel.downcast_ref::<T>() {
        Some(data) => show.run(data.clone()),
        None => Dom::empty(),
    };
    unpack(from.store, Box::new(show), waiting)
}

fn unpack(store: Store, show: Box<dyn Fn(Parcel) -> Dom>, waiting: fn() -> Dom) -> Dom {
    let Store {
        parcel,
        error,
        pending,
        ..
    } = store;
    let mut shown = false;
    let content = move || match parcel.get() {
        Some(parcel) => {
            if shown {
                keep_focus();
            }
            shown = true;
            // The view reads signals for what it shows now; what it follows, it follows by itself.
            untrack(|| show(parcel))
        }
        None if error.with(Option::is_none) => waiting(),
        None => Dom::empty(),
    };
    view! {
        <div
            class="stack"
            class:stale=move || pending.get() && parcel.with(Option::is_some)
            aria-busy=move || pending.get().to_string()
        >
            <Failed error=error retry=move |()| store.again() />
            {content}
        </div>
    }
}

/// Rows that are on their way.
pub(crate) fn skeleton(rows: usize) -> Dom {
    view! {
        <div class="card late" aria-hidden="true">
            {(0..rows)
                .map(|_| {
                    view! { <div class="pad"><span class="skel long"></span><span class="skel"></span></div> }
                })
                .collect::<Vec<_>>()}
        </div>
    }
    .into_any()
}
