//! One token: its facts, its rights, its secrets (never their values), and what can be done with it.

use leptos::prelude::*;
use wire::{Attention, Kind, SecretView, SourceKind, Status, TokenId, TokenView, UsageSource, UsageView};

use super::runbook::runbook;
use super::token_acts::{Act, ActDialogs, Acts, Done, TokenMenu, copy};
use super::token_claim::TokenClaim;
use super::{Attempt, act};
use crate::api;
use crate::components::changes::rate_words;
use crate::components::chart::Chart;
use crate::components::chips::{Rights, States, attention_words};
use crate::components::dialog::Confirm;
use crate::components::head::Head;
use crate::components::icon::{Icon, icon};
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::menu::Menu;
use crate::components::problem::words;
use crate::components::time::{Ago, Moment};
use crate::context::around;
use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// Added to the address of a token that was just made: its secret is handed over at once.
pub(crate) const HAND_OVER: &str = "?handover";

/// The page.
#[component]
pub(crate) fn TokenPage(id: TokenId) -> impl IntoView {
    let around = around();
    let place = format!("/tokens/{id}");
    let (of_usage, claimed) = (id.clone(), id.clone());
    let token = Loaded::new(move || {
        around.changed.track();
        around.alarmed.track();
        api::tokens::find_token(id.clone())
    });
    let usage = Loaded::new(move || api::tokens::find_usage(of_usage.clone()));
    let acts = Acts::new(move |done: Done| match done {
        Done::Changed => token.refetch(),
        Done::Deleted => around.go("/tokens"),
    });
    let ending = RwSignal::new(None::<(TokenId, SecretView)>);
    // Once only: going back, or loading the page anew, asks for nothing.
    let hand_over = window().location().search().is_ok_and(|query| query == HAND_OVER);
    if hand_over {
        around.rewrite(&place);
    }
    let hand_over = StoredValue::new(hand_over);
    let show = move |token: TokenView| {
        if hand_over.get_value() {
            hand_over.set_value(false);
            acts.ask(Act::Handover, token.clone());
        }
        show(token, usage, acts, ending).into_any()
    };
    let ended = move |()| {
        ending.set(None);
        token.refetch();
    };
    view! {
        <TokenClaim id=claimed token />
        <Load from=token show waiting=|| skeleton(4) />
        <ActDialogs acts />
        {move || ending.get().map(|(token, secret)| view! { <EndSecret token secret ending ended /> })}
    }
}

fn show(
    token: TokenView,
    usage: Loaded<UsageView>,
    acts: Acts,
    ending: RwSignal<Option<(TokenId, SecretView)>>,
) -> Dom {
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
    let (name, secrets_shown, notice_shown, exposed, attention) = (
        token.name.clone(),
        secrets(&token, ending),
        notice(&token),
        runbook(&token, acts),
        attention(&token, acts),
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
        {attention}
        <div class="two">
            <div class="stack">
                <section class="card" aria-labelledby="rights">
                    <header><h2 id="rights">{t!(token.rights)}</h2></header>
                    <div class="pad">
                        <Rights grants=token.grants.clone() all=true />
                        {nothing.then(|| view! { <p class="hint">{t!(token.rights_none)}</p> })}
                        {(!token.write_reason.is_empty())
                            .then(|| {
                                view! {
                                    <p class="lines">
                                        <small>{t!(token_form.write_reason)}</small>
                                        {token.write_reason.clone()}
                                    </p>
                                }
                            })}
                    </div>
                </section>
                <section class="card" aria-labelledby="secrets">
                    <header><h2 id="secrets">{t!(token.secrets)}</h2></header>
                    <div class="pad">{secrets_shown}</div>
                </section>
                <section class="card" aria-labelledby="usage">
                    <header><h2 id="usage">{t!(usage.title)}</h2></header>
                    <Load from=usage show=|usage: UsageView| used(usage).into_any() waiting=Dom::empty />
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

/// Why somebody should look at it, what to do, and the button that does it. Exposure has its own, louder words.
fn attention(token: &TokenView, acts: Acts) -> Option<Dom> {
    let around = around();
    let items: Vec<_> = token
        .attention
        .iter()
        .copied()
        .filter(|reason| *reason != Attention::Exposed)
        .map(|reason| {
            let (title, help) = attention_words(reason);
            let (label, act) = match reason {
                Attention::RotationDue | Attention::Exposed => (t!(tokens.replace), Some(Act::Handover)),
                Attention::NeverUsed | Attention::Unused => (t!(tokens.deactivate), Some(Act::Deactivate)),
                Attention::ExpiresSoon => (t!(attention.change_expiry), None),
                Attention::BroadRights => (t!(attention.narrow), None),
            };
            let token = token.clone();
            let run = move |_| match act {
                Some(act) => acts.ask(act, token.clone()),
                None => around.go(&format!("/tokens/{}/edit", token.id)),
            };
            view! {
                <li>
                    <div><span class="state due">{title}</span> <p>{help}</p></div>
                    <button type="button" class="btn small" on:click=run>{label}</button>
                </li>
            }
        })
        .collect();
    (!items.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="attention">
                <header><h2 id="attention">{t!(attention.title)}</h2></header>
                <ul class="reasons">{items}</ul>
            </section>
        }
    })
}

fn secrets(token: &TokenView, ending: RwSignal<Option<(TokenId, SecretView)>>) -> Dom {
    if token.secrets.is_empty() {
        return view! { <p class="hint">{t!(token.secrets_none)}</p> }.into_any();
    }
    let due = token.attention.contains(&Attention::RotationDue);
    let tickets = token
        .secrets
        .iter()
        .enumerate()
        .map(|(at, secret)| {
            let current = at == 0;
            let title = if current { t!(token.secret_current) } else { t!(token.secret_previous) };
            let used = match secret.last_used_at {
                Some(at) => t!(token.secret_used, when = format::relative(at)),
                None => t!(token.secret_unused).to_owned(),
            };
            let asked = (token.id.clone(), secret.clone());
            view! {
                <div class="ticket">
                    <div class="in">
                        <p class="row">
                            <strong>{title}</strong>
                            <code class="hinted">{secret.hint.clone()}</code>
                            {(current && due)
                                .then(|| view! { <span class="state due">{t!(attention.rotation_due)}</span> })}
                        </p>
                        <small>
                            {t!(token.secret_made, when = format::relative(secret.created_at))} " (" 
                            <Moment at=secret.created_at /> ") · " {used}
                            {secret
                                .expires_at
                                .map(|at| view! { " · " <b>{t!(token.secret_ends, when = format::moment(at))}</b> })}
                        </small>
                        {(!current)
                            .then(|| {
                                view! {
                                    <p>
                                        <button
                                            type="button"
                                            class="btn small"
                                            on:click=move |_| ending.set(Some(asked.clone()))
                                        >
                                            {t!(token.end_secret)}
                                        </button>
                                    </p>
                                }
                            })}
                    </div>
                </div>
            }
        })
        .collect::<Vec<_>>();
    Dom::of(tickets)
}

/// Asks before a replaced secret is ended: whether something still uses it is what counts.
#[component]
fn EndSecret(
    token: TokenId,
    secret: SecretView,
    ending: RwSignal<Option<(TokenId, SecretView)>>,
    #[prop(into)] ended: Callback<()>,
) -> impl IntoView {
    let around = around();
    let attempt = Attempt::new();
    let used = match secret.last_used_at {
        Some(at) => t!(token.end_used, when = format::relative(at)),
        None => t!(token.end_unused).to_owned(),
    };
    let hint = secret.hint.clone();
    let end = move || {
        let (token, secret) = (token.clone(), secret.id.clone());
        act(async move {
            attempt.start();
            match api::tokens::end_secret(token, secret).await {
                Ok(()) => {
                    attempt.end(None);
                    around.say(t!(token.ended));
                    ended.run(());
                }
                Err(error) => attempt.end(Some(words(&error))),
            }
        });
    };
    view! {
        <Confirm
            title=t!(token.end_title, hint = hint)
            facts=vec![used, t!(token.end_now).to_owned(), t!(token.end_keeps).to_owned()]
            action=t!(token.end_confirm)
            busy=attempt.busy
            refusal=attempt.refusal
            on_confirm=move |()| end()
            on_cancel=move |()| ending.set(None)
        />
    }
}

/// What it was used for in the last 30 days.
fn used(usage: UsageView) -> Dom {
    if usage.allowed + usage.refused + usage.minted == 0 && usage.sources.is_empty() {
        return view! { <p class="pad hint">{t!(usage.nothing)}</p> };
    }
    let figures = [
        (usage.allowed, t!(usage.allowed), "allowed"),
        (usage.refused, t!(usage.refused), "refused"),
        (usage.minted, t!(usage.minted), ""),
    ]
    .map(|(count, label, class)| {
        view! { <li class=class><b>{format::count(count)}</b> " " {label}</li> }
    })
    .into_iter()
    .collect::<Vec<_>>();
    let sources = usage.sources.into_iter().map(source).collect::<Vec<_>>();
    view! {
        <div class="pad">
            <ul class="key">{figures}</ul>
            <Chart days=usage.days />
        </div>
        {(!sources.is_empty())
            .then(|| {
                view! {
                    <table class="list cards">
                        <caption class="sr">{t!(usage.sources)}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{t!(usage.from)}</th>
                                <th scope="col">{t!(usage.last_seen)}</th>
                                <th scope="col">{t!(usage.count)}</th>
                            </tr>
                        </thead>
                        <tbody>{sources}</tbody>
                    </table>
                }
            })}
    }
}

fn source(source: UsageSource) -> Dom {
    let kind = match source.kind {
        SourceKind::Address => t!(usage.address),
        SourceKind::Origin => t!(usage.origin),
    };
    view! {
        <tr>
            <th scope="row">{source.value} <small>{kind}</small></th>
            <td data-label=t!(usage.last_seen)><Ago at=Some(source.last_seen_at) /></td>
            <td data-label=t!(usage.count)>{format::count(source.count)}</td>
        </tr>
    }
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
    let rate = rate_words(token.rate_limit);
    let created_by = token
        .created_by
        .as_ref()
        .map(|who| t!(token.created_by, who = who));
    let text = |label: &'static str, text: String| {
        (!text.is_empty()).then(|| view! { <dt>{label}</dt> <dd class="lines">{text}</dd> })
    };
    let id = token.id.to_string();
    view! {
        <dl class="facts">
            {text(t!(token_form.contact), token.contact.clone())}
            {text(t!(token_form.note), token.note.clone())}
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
            <dd><Moment at=token.created_at /> " " {created_by}</dd>
            <dt>{t!(token.id)}</dt>
            <dd>
                <code>{id.clone()}</code> " "
                <button type="button" class="link" on:click=move |_| copy(around, &id)>{t!(common.copy_id)}</button>
            </dd>
        </dl>
    }
}
