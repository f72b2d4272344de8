//! The runbook of an exposed token: what was seen, and what to do about it, one click each.
//!
//! Nothing here acts by itself. Each step leads to what does it already (the handover, the forms); the code that it shows
//! is the same that the refusal of the request has in it.

use leptos::prelude::*;
use wire::{
    DealWithExposuresRequest, Door, ExposureView, HelpLanguage, Kind, Permission, Reason, Status, TokenView,
};

use super::token_acts::{Act, Acts, Done, not_undone};
use super::{Attempt, act};
use crate::api;
use crate::components::icon::{Icon, icon};
use crate::components::problem::{Refusal, words};
use crate::context::around;
use crate::dom::{Dom, view};
use crate::format;
use crate::model::query::write;
use crate::text::t;

/// The most characters of a proposed name.
const LONGEST_NAME: usize = 100;

/// Where it was seen, in a sentence.
fn exposure_words(exposure: &ExposureView) -> String {
    let (count, when) = (
        format::count(exposure.count),
        format::relative(exposure.last_seen_at),
    );
    let unknown = || t!(token.exposed_unknown).to_owned();
    let place = || exposure.place.clone().unwrap_or_else(unknown);
    match exposure.door {
        Door::Browser => {
            let page = exposure.page.clone().unwrap_or_else(unknown);
            t!(token.exposed_browser, origin = page, count = count, when = when)
        }
        Door::Url => match &exposure.page {
            Some(page) => t!(token.exposed_url_page, page = page, count = count, when = when),
            None => t!(token.exposed_url, count = count, when = when),
        },
        Door::Site => t!(token.exposed_site, place = place(), when = when),
        Door::Report => t!(token.exposed_report, place = place(), when = when),
    }
}

fn line(token: &TokenView, exposure: &ExposureView) -> Dom {
    let works = token
        .secrets
        .iter()
        .find(|secret| secret.id == exposure.secret_id)
        .filter(|_| token.status != Status::Inactive);
    let state = match works {
        None => t!(runbook.secret_ended).to_owned(),
        Some(secret) => match secret.expires_at {
            Some(at) => t!(runbook.secret_ends, when = format::moment(at)),
            None => t!(runbook.secret_works).to_owned(),
        },
    };
    let address = exposure.address.clone();
    view! {
        <li>
            {exposure_words(exposure)}
            " "
            <small>
                {address.map(|address| t!(runbook.from, address = address))} " " {state}
            </small>
        </li>
    }
}

/// Open exposures with what to do, and those that somebody has dealt with.
pub(super) fn runbook(token: &TokenView, acts: Acts) -> Option<Dom> {
    let (open, dealt_with): (Vec<_>, Vec<_>) = token
        .exposures
        .iter()
        .partition(|exposure| exposure.dealt_with.is_none());
    if open.is_empty() {
        return (!dealt_with.is_empty()).then(|| dealt(token, &dealt_with, acts));
    }
    let lines: Vec<_> = open.iter().map(|exposure| line(token, exposure)).collect();
    let proxy = open.iter().all(|exposure| exposure.door == Door::Browser);
    Some(view! {
        <section class="card exposed" aria-labelledby="exposed">
            <div class="alert" role="alert">
                {icon(Icon::Warn)}
                <div>
                    <p><strong id="exposed">{t!(token.exposed_title)}</strong></p>
                    <ul>{lines}</ul>
                    {proxy.then(|| view! { <p><small>{t!(runbook.proxy)}</small></p> })}
                </div>
            </div>
            <ol class="runbook">
                {replace(token, acts)}
                {narrow(token)}
                {temporary()}
                {public(token, &open)}
                <Deal token=token.clone() acts />
            </ol>
        </section>
    })
}

fn step(title: &'static str, help: &'static str, control: Dom) -> Dom {
    view! {
        <li>
            <div><strong>{title}</strong> <p>{help}</p></div>
            {control}
        </li>
    }
}

fn replace(token: &TokenView, acts: Acts) -> Option<Dom> {
    let asked = token.clone();
    (token.status != Status::Inactive).then(|| {
        let button = view! {
            <button type="button" class="btn first" on:click=move |_| acts.ask(Act::Handover, asked.clone())>
                {t!(tokens.replace)}
            </button>
        };
        step(t!(runbook.replace), t!(runbook.replace_help), button)
    })
}

fn narrow(token: &TokenView) -> Dom {
    let edit = format!("/tokens/{}/edit", token.id);
    let link = view! { <a class="btn" href=edit>{t!(runbook.narrow_button)}</a> };
    step(t!(runbook.narrow), t!(runbook.narrow_help), link)
}

/// The code that the site's server needs, in its language.
fn temporary() -> Dom {
    let shown = RwSignal::new(None::<HelpLanguage>);
    let buttons = HelpLanguage::ALL
        .map(|language| {
            let chosen = move || shown.get() == Some(language);
            view! {
                <button
                    type="button"
                    class="btn small"
                    aria-pressed=move || chosen().to_string()
                    on:click=move |_| shown.set((!chosen()).then_some(language))
                >
                    {language.name()}
                </button>
            }
        })
        .into_iter()
        .collect::<Vec<_>>();
    let code = move || {
        shown.get().map(|language| {
            view! {
                <div class="help" role="status">
                    <pre tabindex="0"><code>{language.code()}</code></pre>
                    <p><a href="/api" rel="external">{t!(runbook.guides)}</a></p>
                </div>
            }
        })
    };
    view! {
        <li>
            <div><strong>{t!(runbook.temporary)}</strong> <p>{t!(runbook.temporary_help)}</p></div>
            <div class="row">{buttons}</div>
            {code}
        </li>
    }
}

/// A public token beside it, for the pages that it was seen on. A token's kind never changes: what was handed over as a
/// secret stays one.
fn public(token: &TokenView, open: &[&ExposureView]) -> Option<Dom> {
    if token.kind == Kind::Public {
        return None;
    }
    let mut origins: Vec<&str> = open.iter().filter_map(|e| e.origin.as_deref()).collect();
    origins.sort_unstable();
    origins.dedup();
    let looks = token
        .grants
        .iter()
        .filter(|grant| grant.permissions.contains(Permission::Read))
        .map(|grant| grant.interface.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let name: String = t!(runbook.public_name, name = token.name)
        .chars()
        .take(LONGEST_NAME)
        .collect();
    let origins = origins.join("\n");
    let to = format!(
        "/tokens/new{}",
        write(&[
            ("kind", Some("public")),
            ("name", Some(&name)),
            ("origins", Some(&origins)),
            ("grants", Some(&looks)),
        ])
    );
    let link = view! { <a class="btn" href=to>{t!(runbook.public_button)}</a> };
    Some(step(t!(runbook.public), t!(runbook.public_help), link))
}

/// Says that it is dealt with, and why.
#[component]
fn Deal(token: TokenView, acts: Acts) -> impl IntoView {
    let around = around();
    let attempt = Attempt::new();
    let reason = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::Event| {
        event.prevent_default();
        if attempt.busy.get_untracked() {
            return;
        }
        let Ok(reason) = Reason::parse(&reason.get_untracked()) else {
            return attempt.end(Some(t!(runbook.reason_wrong).to_owned()));
        };
        let id = token.id.clone();
        act(async move {
            attempt.start();
            let request = DealWithExposuresRequest {
                dealt_with: true,
                reason,
            };
            match api::tokens::deal_with_exposures(id.clone(), request).await {
                Ok(_) => {
                    attempt.end(None);
                    around.offer_undo(t!(runbook.dealt), move || {
                        let id = id.clone();
                        act(async move {
                            let back = DealWithExposuresRequest::default();
                            match api::tokens::deal_with_exposures(id, back).await {
                                Ok(_) => around.change(),
                                Err(error) => around.say(not_undone(&error)),
                            }
                        });
                    });
                    acts.end(Done::Changed);
                }
                Err(error) => attempt.end(Some(words(&error))),
            }
        });
    };
    view! {
        <li>
            <div><strong>{t!(runbook.deal)}</strong> <p>{t!(runbook.deal_help)}</p></div>
            <form class="row" on:submit=submit>
                <label class="beside">
                    {t!(runbook.reason)}
                    <input
                        type="text"
                        class="input middle"
                        maxlength=Reason::MAX.to_string()
                        prop:value=move || reason.get()
                        on:input=move |event| reason.set(leptos::prelude::event_target_value(&event))
                    />
                </label>
                <button type="submit" class="btn" aria-busy=move || attempt.busy.get().to_string()>
                    {t!(runbook.deal_button)}
                </button>
            </form>
            <Refusal text=attempt.refusal />
        </li>
    }
}

/// What was dealt with, and the way back.
fn dealt(token: &TokenView, list: &[&ExposureView], acts: Acts) -> Dom {
    let around = around();
    let items: Vec<_> = list
        .iter()
        .map(|exposure| {
            let marked = exposure.dealt_with.as_ref();
            let by = marked
                .and_then(|marked| marked.by.clone())
                .unwrap_or_else(|| t!(activity.command_line).to_owned());
            let when = marked
                .map(|marked| format::relative(marked.at))
                .unwrap_or_default();
            let reason = marked.map(|marked| marked.reason.clone()).unwrap_or_default();
            view! {
                <li>
                    {exposure_words(exposure)} " " {t!(runbook.dealt_by, who = by, when = when)}
                    {(!reason.is_empty()).then(|| view! { " " <q>{reason}</q> })}
                </li>
            }
        })
        .collect();
    let id = token.id.clone();
    let reopen = move |_| {
        let id = id.clone();
        act(async move {
            match api::tokens::deal_with_exposures(id, DealWithExposuresRequest::default()).await {
                Ok(_) => acts.end(Done::Changed),
                Err(error) => around.say(words(&error)),
            }
        });
    };
    view! {
        <details class="card dealt">
            <summary>{t!(runbook.dealt_title)}</summary>
            <div class="pad">
                <ul>{items}</ul>
                <button type="button" class="btn small" on:click=reopen>{t!(runbook.reopen)}</button>
            </div>
        </details>
    }
}
