//! One token: its facts, its rights, its secrets (never their values), and what can be done with it.

use leptos::prelude::*;
use wire::{ExposureView, Kind, MaybeRateLimit, SecretView, Status, TokenId, TokenView};

use super::token_acts::{Act, ActDialogs, Acts, Done, TokenMenu, copy};
use crate::api;
use crate::components::chips::{Rights, States};
use crate::components::head::Head;
use crate::components::icon::{Icon, icon};
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::menu::Menu;
use crate::components::time::{Ago, Moment};
use crate::context::around;
use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// The page.
#[component]
pub(crate) fn TokenPage(id: TokenId) -> impl IntoView {
    let around = around();
    let token = Loaded::new(move || {
        around.changed.track();
        api::tokens::find_token(id.clone())
    });
    let acts = Acts::new(move |done: Done| match done {
        Done::Changed => token.refetch(),
        Done::Deleted => around.go("/tokens"),
    });
    view! {
        <Load from=token show=move |token: TokenView| show(token, acts).into_any() waiting=|| skeleton(4) />
        <ActDialogs acts />
    }
}

fn show(token: TokenView, acts: Acts) -> Dom {
    let around = around();
    let ask = {
        let token = token.clone();
        move |act| {
            let token = token.clone();
            move |_| acts.ask(act, token.clone())
        }
    };
    let in_menu = token.clone();
    let nothing = token.grants.is_empty();
    let has_secret = !token.secrets.is_empty();
    let handover = if has_secret {
        t!(tokens.replace)
    } else {
        t!(tokens.handover)
    };
    let lead = match token.kind {
        Kind::Secret => t!(token.lead_secret),
        Kind::Public => t!(token.lead_public),
    };
    let inactive = token.status == Status::Inactive;
    let edit = format!("/tokens/{}/edit", token.id);
    let switch = if inactive {
        let token = token.clone();
        view! {
            <button type="button" class="btn" on:click=move |_| acts.activate(token.clone())>
                {t!(tokens.activate)}
            </button>
        }
        .into_any()
    } else {
        view! {
            <button type="button" class="btn" on:click=ask(Act::Deactivate)>{t!(tokens.deactivate)}</button>
        }
        .into_any()
    };
    let (name, secrets_shown, notice_shown, exposed) = (
        token.name.clone(),
        secrets(&token.secrets),
        notice(&token),
        exposures(&token.exposures),
    );
    view! {
        <Head title=token.name.clone() lead=lead>
            <button type="button" class="btn" on:click=move |_| around.go(&edit)>
                {icon(Icon::Pencil)}
                {t!(common.edit)}
            </button>
            {switch}
            {(!inactive)
                .then(|| {
                    view! {
                        <button type="button" class="btn" class:first=!has_secret on:click=ask(Act::Handover)>
                            {handover}
                        </button>
                    }
                })}
            {inactive
                .then(|| {
                    view! {
                        <button type="button" class="btn" on:click=ask(Act::Delete)>{t!(tokens.delete)}</button>
                    }
                })}
            <Menu label=t!(common.actions_for, name = name) class="btn" face=icon(Icon::Dots)>
                <TokenMenu token=in_menu acts />
            </Menu>
        </Head>
        {notice_shown}
        {exposed}
        <div class="two">
            <div class="stack">
                <section class="card" aria-labelledby="rights">
                    <header><h2 id="rights">{t!(token.rights)}</h2></header>
                    <div class="pad">
                        <Rights grants=token.grants.clone() all=true />
                        {nothing.then(|| view! { <p class="hint">{t!(token.rights_none)}</p> })}
                    </div>
                </section>
                <section class="card" aria-labelledby="secrets">
                    <header><h2 id="secrets">{t!(token.secrets)}</h2></header>
                    <div class="pad">{secrets_shown}</div>
                </section>
            </div>
            <section class="card" aria-labelledby="facts">
                <header><h2 id="facts">{t!(token.facts)}</h2><States token=token.clone() /></header>
                <div class="pad">{facts(token.clone())}</div>
            </section>
        </div>
    }
}

/// What must be known before anything else.
fn notice(token: &TokenView) -> Option<Dom> {
    let (class, title, text) = match token.status {
        Status::AwaitingSecret => ("alert note", t!(token.awaiting_title), t!(token.awaiting_text)),
        Status::Inactive => ("alert plain", t!(token.inactive_title), t!(token.inactive_text)),
        Status::Expired => ("alert warn", t!(token.expired_title), t!(token.expired_text)),
        Status::Active => return None,
    };
    Some(view! {
        <div class=class>
            {icon(Icon::Note)}
            <div><p><strong>{title}</strong></p><p>{text}</p></div>
        </div>
    })
}

fn exposures(all: &[ExposureView]) -> Option<Dom> {
    let sentences: Vec<_> = all
        .iter()
        .map(|exposure| {
            let (count, when) = (
                format::count(exposure.count),
                format::relative(exposure.last_seen_at),
            );
            if exposure.door == "url" {
                return t!(token.exposed_url, count = count, when = when);
            }
            let origin = exposure
                .origin
                .clone()
                .unwrap_or_else(|| t!(token.exposed_unknown).to_owned());
            t!(token.exposed_browser, origin = origin, count = count, when = when)
        })
        .collect();
    (!sentences.is_empty()).then(|| {
        view! {
            <div class="alert" role="alert">
                {icon(Icon::Warn)}
                <div>
                    <p><strong>{t!(token.exposed_title)}</strong></p>
                    <ul>{sentences.into_iter().map(|text| view! { <li>{text}</li> }).collect::<Vec<_>>()}</ul>
                    <p>{t!(token.exposed_do)}</p>
                </div>
            </div>
        }
    })
}

fn secrets(all: &[SecretView]) -> Dom {
    if all.is_empty() {
        return view! { <p class="hint">{t!(token.secrets_none)}</p> }.into_any();
    }
    let tickets = all
        .iter()
        .enumerate()
        .map(|(at, secret)| {
            let title = if at == 0 { t!(token.secret_current) } else { t!(token.secret_previous) };
            let used = match secret.last_used_at {
                Some(at) => t!(token.secret_used, when = format::relative(at)),
                None => t!(token.secret_unused).to_owned(),
            };
            view! {
                <div class="ticket">
                    <div class="in">
                        <p class="row"><strong>{title}</strong> <code class="hinted">{secret.hint.clone()}</code></p>
                        <small>
                            {t!(token.secret_made, when = format::moment(secret.created_at))} " · " {used}
                            {secret
                                .expires_at
                                .map(|at| view! { " · " <b>{t!(token.secret_ends, when = format::moment(at))}</b> })}
                        </small>
                    </div>
                </div>
            }
        })
        .collect::<Vec<_>>();
    Dom::of(tickets)
}

fn lines(all: Vec<String>) -> Dom {
    if all.is_empty() {
        return Dom::text(t!(common.any));
    }
    Dom::of(
        all.into_iter()
            .map(|line| view! { <div>{line}</div> })
            .collect::<Vec<_>>(),
    )
}

fn facts(token: TokenView) -> Dom {
    let around = around();
    let kind = match token.kind {
        Kind::Secret => t!(kind.secret),
        Kind::Public => t!(kind.public),
    };
    let pass = match token.kind {
        Kind::Secret => format::lifetime(token.temporary_lifetime, around.default_lifetime()),
        Kind::Public => t!(lifetime.not_needed).to_owned(),
    };
    let rate = match token.rate_limit {
        MaybeRateLimit::Default => t!(token.rate_default).to_owned(),
        MaybeRateLimit::Unlimited => t!(token.rate_unlimited).to_owned(),
        MaybeRateLimit::Limited(limit) => t!(
            token.rate_own,
            requests = format::count(limit.requests.into()),
            period = format::length(limit.per_seconds.into())
        ),
    };
    let created = match &token.created_by {
        Some(who) => t!(
            token.created_by,
            when = format::moment(token.created_at),
            who = who
        ),
        None => format::moment(token.created_at),
    };
    let id = token.id.to_string();
    view! {
        <dl class="facts">
            <dt>{t!(token.kind)}</dt>
            <dd>{kind}</dd>
            <dt>{t!(token.pass)}</dt>
            <dd>{pass} <small>{t!(token.pass_help)}</small></dd>
            <dt>{t!(token.expires)}</dt>
            <dd>
                {match token.expires_at {
                    Some(at) => view! { <Moment at /> }.into_any(),
                    None => Dom::text(t!(common.never)),
                }}
            </dd>
            <dt>{t!(token.origins)}</dt>
            <dd>{lines(token.allowed_origins.iter().map(ToString::to_string).collect())}</dd>
            <dt>{t!(token.networks)}</dt>
            <dd>{lines(token.allowed_networks.iter().map(ToString::to_string).collect())}</dd>
            <dt>{t!(token.rate)}</dt>
            <dd>{rate}</dd>
            <dt>{t!(token.used)}</dt>
            <dd><Ago at=token.last_used_at /></dd>
            <dt>{t!(token.created)}</dt>
            <dd>{created}</dd>
            <dt>{t!(token.id)}</dt>
            <dd>
                <code>{id.clone()}</code> " "
                <button type="button" class="link" on:click=move |_| copy(around, &id)>{t!(common.copy_id)}</button>
            </dd>
        </dl>
    }
}
