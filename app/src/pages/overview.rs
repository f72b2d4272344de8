//! The first page: how many tokens there are and in which state, which of them need attention and why, what to do
//! first, what happened last.

use leptos::prelude::*;
use wire::{Activity, Attention, AttentionCount, OverviewView, StateCount, Status};

use crate::api;
use crate::components::chips::{attention_words, status_words};
use crate::components::head::Head;
use crate::components::icon::{Icon, icon};
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::log::Log;
use crate::context::around;
use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// Entries of the activity list that are shown here.
const LATEST: u32 = 6;

/// The page.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let around = around();
    let sums = Loaded::new(move || {
        around.changed.track();
        around.alarmed.track();
        api::overview::find_overview()
    });
    let latest = Loaded::new(|| api::activity::list_activity(1, LATEST));
    view! {
        <Head title=t!(overview.title) lead=t!(overview.lead) />
        <Load from=sums show=|sums: OverviewView| show(&sums).into_any() waiting=|| skeleton(3) />
        <Load from=latest show=log waiting=Dom::empty />
    }
}

fn log(latest: Activity) -> Dom {
    Dom::of((!latest.items.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="latest">
                <header>
                    <h2 id="latest">{t!(overview.latest)}</h2>
                    <a href="/activity">{t!(overview.all_activity)}</a>
                </header>
                <Log entries=latest.items />
            </section>
        }
    }))
}

/// What needs attention and why, each a link to the list of just those.
fn attention(sums: &OverviewView) -> Dom {
    if sums.attention.is_empty() {
        return Dom::of((sums.total > 0).then(|| {
            view! { <p class="alert good">{icon(Icon::Shield)}<span>{t!(overview.all_well)}</span></p> }
        }));
    }
    let reasons = sums
        .attention
        .iter()
        .map(|AttentionCount { reason, count }| {
            let (title, help) = attention_words(*reason);
            let look = if *reason == Attention::Exposed {
                "state exposed"
            } else {
                "state due"
            };
            view! {
                <li>
                    <a href=format!("/tokens?attention={}", reason.as_str())>
                        <b>{format::count(*count)}</b>
                        <span class=look>{title}</span>
                        <span class="why">{help}</span>
                    </a>
                </li>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <section class="card" aria-labelledby="attention">
            <header>
                <h2 id="attention">{t!(attention.title)}</h2>
                <a href="/tokens?attention=any">
                    {t!(overview.show_all, count = format::count(sums.needs_attention))}
                </a>
            </header>
            <ul class="reasons links">{reasons}</ul>
        </section>
    }
}

fn show(sums: &OverviewView) -> Dom {
    let of = |status| {
        sums.states
            .iter()
            .find(|there| there.status == status)
            .map_or(0, |there| there.count)
    };
    let has_secret = sums.total > of(Status::AwaitingSecret);
    let steps = [
        (
            sums.interfaces > 0,
            t!(overview.step_interface),
            t!(overview.step_interface_help),
            "/interfaces",
            t!(interfaces.add),
        ),
        (
            sums.total > 0,
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
    let figures = sums.states.iter().map(|StateCount { status, count }| {
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
            <a class="figure" href="/tokens"><b>{format::count(sums.total)}</b><span>{t!(overview.all)}</span></a>
            {figures.collect::<Vec<_>>()}
            <a class="figure" href="/interfaces">
                <b>{format::count(sums.interfaces)}</b>
                <span>{t!(shell.interfaces)}</span>
            </a>
        </nav>
        {attention(sums)}
    }
}
