//! The first page: how many tokens there are and in which state, what to do first, what happened last.

use leptos::prelude::*;
use wire::{Activity, Status};

use crate::api::{self, ApiError};
use crate::components::chips::status_words;
use crate::components::head::Head;
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::log::Log;
use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// Entries of the activity list that are shown here.
const LATEST: u32 = 6;

#[derive(Clone)]
struct Sums {
    all: u64,
    by_status: Vec<(Status, u64)>,
    interfaces: usize,
    used: bool,
    latest: Activity,
}

async fn load() -> Result<Sums, ApiError> {
    let all = api::tokens::count_tokens(None).await?;
    let mut by_status = Vec::new();
    for status in Status::ALL {
        // Where there is none at all there is none of any state.
        let count = if all == 0 {
            0
        } else {
            api::tokens::count_tokens(Some(status)).await?
        };
        by_status.push((status, count));
    }
    let used = all > 0 && {
        let query = wire::TokenListQuery {
            sort: wire::TokenSort::LastUsedDescending,
            ..Default::default()
        };
        let page = api::tokens::list_tokens(query).await?;
        page.items.iter().any(|token| token.last_used_at.is_some())
    };
    Ok(Sums {
        all,
        by_status,
        interfaces: api::interfaces::list_interfaces().await?.len(),
        used,
        latest: api::activity::list_activity(1, LATEST).await?,
    })
}

/// The page.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let sums = Loaded::new(load);
    view! {
        <Head title=t!(overview.title) lead=t!(overview.lead) />
        <Load from=sums show=|sums: Sums| show(sums).into_any() waiting=|| skeleton(3) />
    }
}

fn show(sums: Sums) -> Dom {
    let of = |status| {
        sums.by_status
            .iter()
            .find(|(there, _)| *there == status)
            .map_or(0, |(_, count)| *count)
    };
    let has_secret = sums.all > of(Status::AwaitingSecret);
    let steps = [
        (
            sums.interfaces > 0,
            t!(overview.step_interface),
            t!(overview.step_interface_help),
            "/interfaces",
            t!(interfaces.add),
        ),
        (
            sums.all > 0,
            t!(overview.step_token),
            t!(overview.step_token_help),
            "/tokens/new",
            t!(tokens.add),
        ),
        (
            has_secret,
            t!(overview.step_secret),
            t!(overview.step_secret_help),
            "/tokens?status=awaiting_secret",
            t!(shell.api_access),
        ),
        (
            sums.used,
            t!(overview.step_use),
            t!(overview.step_use_help),
            "/api",
            t!(overview.read_reference),
        ),
    ];
    let first = steps.iter().position(|(done, ..)| !done);
    let figures = sums.by_status.iter().map(|(status, count)| {
        view! {
            <a class="figure" href=format!("/tokens?status={}", status.as_str())>
                <b>{format::count(*count)}</b>
                <span>{status_words(*status)}</span>
            </a>
        }
    });
    view! {
        {first
            .map(|first| {
                view! {
                    <section class="card" aria-labelledby="steps">
                        <header>
                            <h2 id="steps">{t!(overview.steps)}</h2>
                            <p>{t!(overview.steps_lead)}</p>
                        </header>
                        <ol class="steps">
                            {steps
                                .into_iter()
                                .enumerate()
                                .map(|(at, (done, title, help, to, label))| {
                                    let rel = to.starts_with("/api").then_some("external");
                                    view! {
                                        <li class:done=done>
                                            <div><strong>{title}</strong><p>{help}</p></div>
                                            {(at == first)
                                                .then(|| view! { <a class="btn first" href=to rel=rel>{label}</a> })}
                                        </li>
                                    }
                                })
                                .collect::<Vec<_>>()}
                        </ol>
                    </section>
                }
            })}
        <nav class="figures" aria-label=t!(overview.all)>
            <a class="figure" href="/tokens"><b>{format::count(sums.all)}</b><span>{t!(overview.all)}</span></a>
            {figures.collect::<Vec<_>>()}
            <a class="figure" href="/interfaces">
                <b>{format::count(sums.interfaces as u64)}</b>
                <span>{t!(shell.interfaces)}</span>
            </a>
        </nav>
        {(!sums.latest.items.is_empty())
            .then(|| {
                view! {
                    <section class="card" aria-labelledby="latest">
                        <header>
                            <h2 id="latest">{t!(overview.latest)}</h2>
                            <a href="/activity">{t!(overview.all_activity)}</a>
                        </header>
                        <Log entries=sums.latest.items />
                    </section>
                }
            })}
    }
}
