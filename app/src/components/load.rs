//! The one way in which data comes onto a page: skeletons first, old rows while new ones load, an error with a
//! Retry where it fails.
//!
//! It knows nothing about what is loaded. A page makes the resource and gives the view.

use std::{any::Any, marker::PhantomData, pin::Pin, rc::Rc};

use leptos::prelude::*;

use super::dialog::keep_focus;
use super::problem::Failed;
use crate::api::{self, ApiError};
use crate::dom::{Dom, view};

/// What came, whatever it is. Everything below the surface handles only this, so that the machinery of loading is
/// in the bundle once and not once for each kind of data.
type Parcel = Rc<dyn Any>;
type Fetch = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Parcel, ApiError>>>>>;

/// What a page loads.
pub(crate) struct Loaded<T> {
    parcel: LocalResource<Result<Parcel, ApiError>>,
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
        let fetch: Fetch = Rc::new(move || {
            let answer = fetch();
            Box::pin(async move { answer.await.map(|data| Rc::new(data) as Parcel) })
        });
        Self {
            parcel: resource(fetch),
            of: PhantomData,
        }
    }

    /// Loads anew.
    pub(crate) fn refetch(self) {
        self.parcel.refetch();
    }

    /// Reads what is there, if it has come.
    pub(crate) fn with<R>(self, read: impl FnOnce(Option<&T>) -> R) -> R {
        let data = self.parcel.get().and_then(Result::ok);
        read(data.as_ref().and_then(|data| data.downcast_ref()))
    }
}

fn resource(fetch: Fetch) -> LocalResource<Result<Parcel, ApiError>> {
    LocalResource::new(move || fetch())
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
    let show = Callback::new(move |parcel: Parcel| {
        parcel
            .downcast_ref::<T>()
            .map_or_else(|| Dom::empty(), |data| show.run(data.clone()))
    });
    view! { <Unpack from=from.parcel show waiting /> }
}

#[component]
fn Unpack(
    from: LocalResource<Result<Parcel, ApiError>>,
    show: Callback<Parcel, Dom>,
    waiting: fn() -> Dom,
) -> impl IntoView {
    let (pending, set_pending) = signal(false);
    // What has failed is tried again as soon as the line is good again; what is there stays, so that nothing
    // that is typed into it is lost.
    let back = api::line().back;
    Effect::new(move |seen: Option<u32>| {
        let times = back.get();
        if seen.is_some_and(|seen| seen != times) && from.with_untracked(|data| matches!(data, Some(Err(_))))
        {
            from.refetch();
        }
        times
    });
    // What is shown lives until something else takes its place, and not only until that begins to load.
    let own = StoredValue::new_local(Owner::current());
    let shown = StoredValue::new_local(None::<Owner>);
    let open = move |parcel| {
        let owner = own.get_value().as_ref().map_or_else(Owner::new, Owner::child);
        let dom = owner.with(|| show.run(parcel));
        if let Some(before) = shown.try_update_value(|shown| shown.replace(owner)).flatten() {
            before.cleanup();
            keep_focus();
        }
        dom
    };
    // Leptos' own markup: what these three take as children is not an element.
    let inside = leptos::view! {
        <Transition fallback=waiting set_pending=set_pending>
            <ErrorBoundary fallback=move |errors| {
                let error = Signal::derive(move || {
                    errors
                        .with(|errors| errors.iter().find_map(|(_, error)| error.downcast_ref::<ApiError>().cloned()))
                });
                view! { <Failed error retry=move |()| from.refetch() /> }
            }>{move || Suspend::new(async move { from.await.map(open) })}</ErrorBoundary>
        </Transition>
    }
    .into_any();
    view! {
        <div class="stack" class:stale=move || pending.get() aria-busy=move || pending.get().to_string()>
            {inside}
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
