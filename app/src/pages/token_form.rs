//! The form in which a token is made and changed. What is typed is a `TokenDraft`; the rules are wire's.

use leptos::prelude::*;
use wire::{ErrorCode, FieldError, InterfaceView, Kind, TokenId, TokenView};

use super::{Attempt, act};
use crate::api::{self, ApiError};
use crate::components::field::{Errors, GroupError, TextField, error_text, focus_first_error};
use crate::components::head::Head;
use crate::components::icon::{Icon, icon};
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::matrix::Matrix;
use crate::components::problem::{Refusal, words};
use crate::context::around;
use crate::dom::view;
use crate::format;
use crate::model::token_draft::{LifetimeChoice, RateChoice, TokenDraft};
use crate::text::t;

/// What the form starts from.
#[derive(Clone)]
struct Start {
    interfaces: Vec<InterfaceView>,
    /// The token that is changed; nothing where one is made.
    token: Option<TokenView>,
}

/// Makes a token.
#[component]
pub(crate) fn NewToken() -> impl IntoView {
    let start = Loaded::new(|| async {
        Ok::<_, ApiError>(Start {
            interfaces: api::interfaces::list_interfaces().await?,
            token: None,
        })
    });
    view! {
        <Head title=t!(token_form.new_title) lead=t!(token_form.new_lead) />
        <Load
            from=start
            show=move |start: Start| view! { <Form start again=move |()| () /> }.into_any()
            waiting=|| skeleton(4)
        />
    }
}

/// Changes a token.
#[component]
pub(crate) fn EditToken(id: TokenId) -> impl IntoView {
    let start = Loaded::new(move || {
        let id = id.clone();
        async move {
            let token = api::tokens::find_token(id).await?;
            Ok::<_, ApiError>(Start {
                interfaces: api::interfaces::list_interfaces().await?,
                token: Some(token),
            })
        }
    });
    let loaded = start;
    let show = move |start: Start| {
        let name = start
            .token
            .as_ref()
            .map(|token| token.name.clone())
            .unwrap_or_default();
        view! {
            <Head title=t!(token_form.edit_title, name = name) lead=t!(token_form.edit_lead) />
            <Form start again=move |()| loaded.refetch() />
        }
        .into_any()
    };
    view! { <Load from=start show waiting=|| skeleton(4) /> }
}

/// What came of sending the form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// Somebody else was first.
    Conflict,
}

#[component]
fn Form(
    start: Start,
    /// Loads the present version in place of what is typed.
    #[prop(into)]
    again: Callback<()>,
) -> impl IntoView {
    let around = around();
    let Start { interfaces, token } = start;
    let draft = RwSignal::new(match &token {
        Some(token) => TokenDraft::of(token, format::to_local),
        None => TokenDraft::default(),
    });
    let errors: Errors = RwSignal::new(Vec::<FieldError>::new());
    let attempt = Attempt::new();
    let trouble = RwSignal::new(Trouble::None);
    let back = token
        .as_ref()
        .map_or_else(|| "/tokens".to_owned(), |token| format!("/tokens/{}", token.id));
    let was = StoredValue::new(token);

    let failed = move |found: Vec<FieldError>| {
        errors.set(found);
        attempt.end(Some(t!(errors.check_fields).to_owned()));
        focus_first_error();
    };
    let save = move |draft: TokenDraft| {
        act(async move {
            attempt.start();
            errors.set(Vec::new());
            trouble.set(Trouble::None);
            let sent = match was.get_value() {
                None => match draft.create(format::now(), format::from_local) {
                    Ok(request) => api::tokens::create_token(request).await,
                    Err(found) => return failed(found),
                },
                Some(was) => match draft.patch(&was, format::now(), format::from_local, format::to_local) {
                    Ok(request) => api::tokens::patch_token(was.id.clone(), request).await,
                    Err(found) => return failed(found),
                },
            };
            match sent {
                Ok(token) => {
                    attempt.end(None);
                    let new = was.with_value(Option::is_none);
                    around.say(if new {
                        t!(tokens.created, name = token.name)
                    } else {
                        t!(tokens.saved, name = token.name)
                    });
                    around.go(&format!("/tokens/{}", token.id));
                }
                Err(ApiError::Refused(problem)) if !problem.errors.is_empty() => failed(problem.errors),
                Err(error)
                    if error.code() == Some(ErrorCode::Conflict) && was.with_value(Option::is_some) =>
                {
                    attempt.end(None);
                    trouble.set(Trouble::Conflict);
                }
                Err(error) => attempt.end(Some(words(&error))),
            }
        });
    };
    let submit = move |event: leptos::ev::Event| {
        event.prevent_default();
        if !attempt.busy.get_untracked() {
            save(draft.get_untracked());
        }
    };
    let new = was.with_value(Option::is_none);
    view! {
        <form class="stack" novalidate on:submit=submit>
            <section class="card">
                <div class="pad form">
                    <TextField
                        field="name"
                        label=t!(token_form.name)
                        hint=t!(token_form.name_help)
                        value=Signal::derive(move || draft.with(|draft| draft.name.clone()))
                        on_input=move |text| draft.update(|draft| draft.name = text)
                        errors
                        focus=new
                    />
                    {new.then(|| view! { <KindChoice draft /> })}
                    <Lifetime draft errors />
                </div>
            </section>
            <section class="card" aria-labelledby="rights">
                <header>
                    <h2 id="rights">{t!(token_form.rights)}</h2>
                    <p>{t!(token_form.rights_help)}</p>
                </header>
                <div class="pad">
                    <GroupError field="grants" errors />
                    {if interfaces.is_empty() {
                        view! {
                            <p class="hint">{t!(token_form.rights_no_interface)}</p>
                            <p><a class="btn" href="/interfaces">{t!(shell.interfaces)}</a></p>
                        }
                            .into_any()
                    } else {
                        view! { <Matrix interfaces draft /> }.into_any()
                    }}
                </div>
            </section>
            <Limits draft errors open=!new />
            {move || (trouble.get() == Trouble::Conflict).then(|| view! { <Conflict again /> })}
            <Refusal text=attempt.refusal />
            <div class="row foot">
                <button type="submit" class="btn first" aria-busy=move || attempt.busy.get().to_string()>
                    {move || if attempt.busy.get() { t!(common.saving) } else { t!(common.save) }}
                </button>
                <button type="button" class="btn quiet" on:click=move |_| around.go(&back)>
                    {t!(common.cancel)}
                </button>
            </div>
        </form>
    }
}

#[component]
fn Conflict(again: Callback<()>) -> impl IntoView {
    view! {
        <div class="alert warn" role="alert">
            {icon(Icon::Warn)}
            <div>
                <p><strong>{t!(token_form.conflict_title)}</strong></p>
                <p>{t!(token_form.conflict_text)}</p>
            </div>
            <button type="button" class="btn" on:click=move |_| again.run(())>
                {t!(token_form.conflict_load)}
            </button>
        </div>
    }
}

#[component]
fn KindChoice(draft: RwSignal<TokenDraft>) -> impl IntoView {
    let choice = move |kind: Kind, title: &'static str, help: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="kind"
                    prop:checked=move || draft.with(|draft| draft.kind) == kind
                    on:change=move |_| draft.update(|draft| draft.kind = kind)
                />
                <span>{title}<small>{help}</small></span>
            </label>
        }
    };
    view! {
        <fieldset class="field">
            <legend>{t!(token_form.kind)}</legend>
            <div class="choices">
                {choice(Kind::Secret, t!(kind.secret_title), t!(kind.secret_help))}
                {choice(Kind::Public, t!(kind.public_title), t!(kind.public_help))}
            </div>
        </fieldset>
    }
}

#[component]
fn Lifetime(draft: RwSignal<TokenDraft>, errors: Errors) -> impl IntoView {
    let around = around();
    let chosen = move || draft.with(|draft| draft.lifetime);
    let radio = move |choice: LifetimeChoice| {
        view! {
            <input
                type="radio"
                name="lifetime"
                prop:checked=move || chosen() == choice
                on:change=move |_| draft.update(|draft| draft.lifetime = choice)
            />
        }
    };
    let error = error_text(errors, "temporary_lifetime", Signal::derive(String::new));
    let equals = move || {
        (chosen() == LifetimeChoice::Own)
            .then(|| draft.with(TokenDraft::lifetime))
            .flatten()
            .map(|lifetime| {
                t!(
                    token_form.lifetime_equals,
                    words = format::length(lifetime.number())
                )
            })
    };
    let default = move || {
        t!(
            token_form.lifetime_default,
            words = format::length(around.default_lifetime())
        )
    };
    let endless_allowed = around.session.with_untracked(|session| {
        session
            .as_ref()
            .is_some_and(|session| session.allow_endless_temporary_tokens)
    });
    let endless = endless_allowed || draft.with_untracked(|draft| draft.lifetime == LifetimeChoice::Endless);
    view! {
        <fieldset class="field">
            <legend>{t!(token_form.lifetime)}</legend>
            <p class="hint">{t!(token_form.lifetime_help)}</p>
            <div class="choices">
                <label class="choice">{radio(LifetimeChoice::Default)} <span>{default}</span></label>
                <div class="beside">
                    <label class="choice">{radio(LifetimeChoice::Own)} <span>{t!(token_form.lifetime_own)}</span></label>
                    <input
                        class="input number"
                        inputmode="numeric"
                        autocomplete="off"
                        aria-label=t!(token_form.lifetime_seconds)
                        aria-invalid=move || error.with(Option::is_some).then_some("true")
                        prop:value=move || draft.with(|draft| draft.seconds.clone())
                        on:input:target=move |event| {
                            let text = event.target().value();
                            draft
                                .update(|draft| {
                                    draft.seconds = text;
                                    draft.lifetime = LifetimeChoice::Own;
                                });
                        }
                    />
                    <span>{t!(token_form.lifetime_unit)}</span>
                    <span class="hint" aria-live="polite">{equals}</span>
                </div>
                {endless
                    .then(|| {
                        view! {
                            <label class="choice">
                                {radio(LifetimeChoice::Endless)}
                                <span>
                                    {t!(token_form.lifetime_endless)}
                                    <small>{t!(token_form.lifetime_endless_help)}</small>
                                </span>
                            </label>
                        }
                    })}
            </div>
            {move || error.get().map(|text| view! { <p class="error">{text}</p> })}
        </fieldset>
    }
}

#[component]
fn Limits(draft: RwSignal<TokenDraft>, errors: Errors, open: bool) -> impl IntoView {
    let limited = draft.with_untracked(|draft| {
        *draft
            != TokenDraft {
                name: draft.name.clone(),
                kind: draft.kind,
                lifetime: draft.lifetime,
                seconds: draft.seconds.clone(),
                grants: draft.grants.clone(),
                ..TokenDraft::default()
            }
    });
    let from_start = open && limited;
    // An error in here must not be hidden, and a public token needs what is in here.
    let open = move || {
        from_start
            || draft.with(|draft| draft.kind == Kind::Public)
            || errors.with(|errors| {
                let inside = ["expires_at", "allowed_origins", "allowed_networks", "rate_limit"];
                inside
                    .iter()
                    .any(|field| crate::model::error_of(errors, field).is_some())
            })
    };
    view! {
        <details class="more card" open=open>
            <summary>{t!(token_form.limits)} <small>{t!(token_form.limits_note)}</small></summary>
            <div class="form">
                <TextField
                    field="expires_at"
                    kind="datetime-local"
                    class="middle"
                    label=t!(token_form.expires)
                    hint=t!(token_form.expires_help)
                    value=Signal::derive(move || draft.with(|draft| draft.expires.clone()))
                    on_input=move |text| draft.update(|draft| draft.expires = text)
                    errors
                />
                <div class="pair">
                    <TextField
                        field="allowed_origins"
                        kind="lines"
                        class="mono"
                        label=t!(token_form.origins)
                        hint=t!(token_form.origins_help)
                        value=Signal::derive(move || draft.with(|draft| draft.origins.clone()))
                        on_input=move |text| draft.update(|draft| draft.origins = text)
                        errors
                    />
                    <TextField
                        field="allowed_networks"
                        kind="lines"
                        class="mono"
                        label=t!(token_form.networks)
                        hint=t!(token_form.networks_help)
                        value=Signal::derive(move || draft.with(|draft| draft.networks.clone()))
                        on_input=move |text| draft.update(|draft| draft.networks = text)
                        errors
                    />
                </div>
                <Rate draft errors />
            </div>
        </details>
    }
}

#[component]
fn Rate(draft: RwSignal<TokenDraft>, errors: Errors) -> impl IntoView {
    let error = error_text(errors, "rate_limit", Signal::derive(String::new));
    let radio = move |choice: RateChoice| {
        view! {
            <input
                type="radio"
                name="rate"
                prop:checked=move || draft.with(|draft| draft.rate) == choice
                on:change=move |_| draft.update(|draft| draft.rate = choice)
            />
        }
    };
    let number =
        move |label: &'static str, get: fn(&TokenDraft) -> String, set: fn(&mut TokenDraft, String)| {
            view! {
                <input
                    class="input number"
                    inputmode="numeric"
                    autocomplete="off"
                    aria-label=label
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    prop:value=move || draft.with(get)
                    on:input:target=move |event| {
                        let text = event.target().value();
                        draft
                            .update(|draft| {
                                set(draft, text);
                                draft.rate = RateChoice::Own;
                            });
                    }
                />
            }
        };
    view! {
        <fieldset class="field">
            <legend>{t!(token_form.rate)}</legend>
            <div class="choices">
                <label class="choice">{radio(RateChoice::Default)} <span>{t!(token_form.rate_default)}</span></label>
                <label class="choice">
                    {radio(RateChoice::Unlimited)} <span>{t!(token_form.rate_unlimited)}</span>
                </label>
                <div class="beside">
                    <label class="choice">{radio(RateChoice::Own)} <span>{t!(token_form.rate_own)}</span></label>
                    {number(
                        t!(token_form.rate_requests),
                        |draft| draft.requests.clone(),
                        |draft, text| draft.requests = text,
                    )}
                    <span>{t!(token_form.rate_in)}</span>
                    {number(
                        t!(token_form.rate_seconds),
                        |draft| draft.per_seconds.clone(),
                        |draft, text| draft.per_seconds = text,
                    )}
                    <span>{t!(token_form.rate_unit)}</span>
                </div>
            </div>
            {move || error.get().map(|text| view! { <p class="error">{text}</p> })}
        </fieldset>
    }
}
