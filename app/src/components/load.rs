//! The one way in which data comes onto a page: skeletons first, old rows while new ones load, an error with a
//! Retry where it fails.
//!
//! It knows nothing about what is loaded. A page makes the resource and gives the view.

use leptos::prelude::*;

use super::problem::Failed;
use crate::api::{self, ApiError};

/// What a page loads.
pub(crate) type Loaded<T> = LocalResource<Result<T, ApiError>>;

/// Shows what `from` brings.
#[component]
pub(crate) fn Load<T: Clone + 'static>(
    /// What is loaded.
    from: Loaded<T>,
    /// The view of it.
    #[prop(into)]
    show: Callback<T, AnyView>,
    /// What stands there before the first answer.
    #[prop(optional, into)]
    waiting: ViewFnOnce,
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
    view! {
        <div class="stack" class:stale=pending aria-busy=move || pending.get().to_string()>
            <Transition fallback=waiting set_pending=set_pending>
                <ErrorBoundary fallback=move |errors| {
                    let error = Signal::derive(move || {
                        errors.with(|errors| {
                            errors.iter().find_map(|(_, error)| error.downcast_ref::<ApiError>().cloned())
                        })
                    });
                    view! { <Failed error retry=move |()| from.refetch() /> }
                }>
                    {move || Suspend::new(async move { from.await.map(|data| show.run(data)) })}
                </ErrorBoundary>
            </Transition>
        </div>
    }
}

/// Rows that are on their way.
pub(crate) fn skeleton(rows: usize) -> impl IntoView {
    view! {
        <div class="card late" aria-hidden="true">
            {(0..rows)
                .map(|_| {
                    view! { <div class="pad"><span class="skel long"></span><span class="skel"></span></div> }
                })
                .collect_view()}
        </div>
    }
}
