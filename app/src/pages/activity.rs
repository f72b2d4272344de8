//! The activity list: every change in a sentence, latest first.

use leptos::prelude::*;
use wire::Activity;

use crate::api;
use crate::components::head::Head;
use crate::components::list::empty;
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::log::Log;
use crate::components::pager::Pager;
use crate::context::around;
use crate::dom::view;
use crate::model::query::{PER_PAGE, write};
use crate::router::Page;
use crate::text::t;

/// The page.
#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
    let around = around();
    let page = around.router.query(Page::Activity, |field| {
        field("page").and_then(|page| page.parse().ok()).unwrap_or(1)
    });
    let entries = Loaded::new(move || api::activity::list_activity(page.get(), PER_PAGE));
    let show = move |list: Activity| {
        if list.items.is_empty() {
            return empty(t!(activity.empty_title), t!(activity.empty_text), None);
        }
        let to = move |page: u32| {
            let page = (page > 1).then(|| page.to_string());
            around.rewrite(&format!("/activity{}", write(&[("page", page.as_deref())])));
        };
        view! {
            <div class="card">
                <Log entries=list.items />
                <Pager page=list.page per_page=list.per_page total=list.total label=t!(activity.pages) on_page=to />
            </div>
        }
        .into_any()
    };
    view! {
        <Head title=t!(activity.title) lead=t!(activity.lead) />
        <Load from=entries show waiting=|| skeleton(6) />
    }
}
