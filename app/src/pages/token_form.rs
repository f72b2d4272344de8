//! The form in which a token is made and changed. What is typed is a `TokenDraft`; the rules are wire's.
//!
//! Owns what is typed until it is saved: nothing that the server or somebody else does may take it away.

use leptos::prelude::*;
use wire::{
    ErrorCode, FieldError, InterfaceView, Kind, PatchTokenRequest, TemporaryLifetime, TokenId, TokenView,
};

use super::token_acts::not_undone;
use super::{Attempt, act};
use crate::api::{self, ApiError};
use crate::components::changes::{permission_words, rate_words};
use crate::components::compare::{Compare, Difference};
use crate::components::field::{Errors, GroupError, Summary, TextField, error_text, focus_field};
use crate::components::head::Head;
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::matrix::Matrix;
use crate::components::problem::{Refusal, words};
use crate::components::rate::RateNumbers;
use crate::context::{Around, around};
use crate::dom::view;
use crate::format;
use crate::leaving::keep_typed;
use crate::model::token_draft::{RateChoice, TokenDraft, USUAL_NAMES, undo};
use crate::text::t;

/// Milliseconds after the last key before names in use are looked up.
const PAUSE: u64 = 250;

/// What the form starts from.
#[derive(Clone)]
struct Start {
    interfaces: Vec<InterfaceView>,
    /// The token that is changed; nothing where one is made.
    token: Option<TokenView>,
}

/// What a new token starts from: nothing, or what the address proposes.
fn proposed(interfaces: &[InterfaceView]) -> TokenDraft {
    let query = window().location().search().unwrap_or_default();
    let fields = web_sys::UrlSearchParams::new_with_str(&query).ok();
    let field = |name: &str| fields.as_ref().and_then(|fields| fields.get(name));
    let grants = field("grants").unwrap_or_default();
    match field("kind").as_deref() {
        Some("public") => TokenDraft::public(
            field("name").unwrap_or_default(),
            field("origins").unwrap_or_default(),
            interfaces
                .iter()
                .filter(|interface| grants.split('\n').any(|name| name == interface.name)),
        ),
        _ => TokenDraft::default(),
    }
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
        <Head title=t!(token_form.new_title) lead=t!(token_form.new_lead) form=true />
        <Load from=start show=move |start: Start| view! { <Form start /> }.into_any() waiting=|| skeleton(4) />
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
    let show = move |start: Start| {
        let name = start
            .token
            .as_ref()
            .map(|token| token.name.clone())
            .unwrap_or_default();
        view! {
            <Head title=t!(token_form.edit_title, name = name) lead=t!(token_form.edit_lead) form=true />
            <Form start />
        }
        .into_any()
    };
    view! { <Load from=start show waiting=|| skeleton(4) /> }
}

/// Says that a change was saved, and offers to take it back.
fn offer_undo(around: Around, sent: PatchTokenRequest, was: TokenView, now: &TokenView) {
    let (id, back) = (now.id.clone(), undo(&sent, &was, now.version));
    around.offer_undo(t!(tokens.saved, name = now.name), move || {
        let (id, back) = (id.clone(), back.clone());
        act(async move {
            match api::tokens::patch_token(id, back).await {
                Ok(token) => {
                    around.change();
                    around.say(t!(token_form.undone, name = token.name));
                }
                Err(error) => around.say(not_undone(&error)),
            }
        });
    });
}

#[component]
fn Form(start: Start) -> impl IntoView {
    let around = around();
    let Start { interfaces, token } = start;
    let draft = RwSignal::new(match &token {
        Some(token) => TokenDraft::of(token, format::to_local),
        None => proposed(&interfaces),
    });
    let errors: Errors = RwSignal::new(Vec::<FieldError>::new());
    let attempt = Attempt::new();
    // The version that somebody else has saved meanwhile.
    let other = RwSignal::new(None::<TokenView>);
    let back = token
        .as_ref()
        .map_or_else(|| "/tokens".to_owned(), |token| format!("/tokens/{}", token.id));
    let new = token.is_none();
    // The version that the change starts from; for a new token, what the address proposes, which nobody has typed.
    let was = RwSignal::new(token);
    let begun = StoredValue::new(draft.get_untracked());
    let base = move || {
        was.with(|was| match was {
            Some(was) => TokenDraft::of(was, format::to_local),
            None => begun.get_value(),
        })
    };
    keep_typed(move || draft.with_untracked(|draft| *draft != untrack(base)));

    let failed = move |found: Vec<FieldError>| {
        let _ = errors.try_set(found);
        attempt.end(None);
    };
    let save = move |draft: TokenDraft, hand_over: bool| {
        act(async move {
            attempt.start();
            errors.set(Vec::new());
            let (now, moment) = (format::now(), format::from_local);
            let sent = match was.get_untracked() {
                None => match draft.create(now, moment) {
                    Ok(request) => api::tokens::create_token(request).await,
                    Err(found) => return failed(found),
                },
                Some(was) => match draft.patch(&was, now, moment, format::to_local) {
                    Ok(request) => {
                        let sent = api::tokens::patch_token(was.id.clone(), request.clone()).await;
                        if let Ok(token) = &sent {
                            offer_undo(around, request, was, token);
                        }
                        sent
                    }
                    Err(found) => return failed(found),
                },
            };
            match sent {
                Ok(token) => {
                    attempt.end(None);
                    if new {
                        around.say(t!(tokens.created, name = token.name));
                    }
                    let then = if hand_over { super::token::HAND_OVER } else { "" };
                    around.go(&format!("/tokens/{}{then}", token.id));
                }
                Err(error) if error.code() == Some(ErrorCode::Conflict) && !new => {
                    let id = was.with_untracked(|was| was.as_ref().map(|was| was.id.clone()));
                    let Some(id) = id else { return };
                    match api::tokens::find_token(id).await {
                        Ok(there) => {
                            attempt.end(None);
                            let _ = other.try_set(Some(there));
                        }
                        Err(error) => attempt.end(Some(words(&error))),
                    }
                }
                Err(error) => attempt.refuse(errors, error),
            }
        });
    };
    let send = move |hand_over: bool| {
        if !attempt.busy.get_untracked() {
            other.set(None);
            save(draft.get_untracked(), hand_over);
        }
    };
    let submit = move |event: leptos::ev::Event| {
        event.prevent_default();
        send(false);
    };
    let compare = move || {
        other.get().map(|there| {
            let theirs = TokenDraft::of(&there, format::to_local);
            let (mine, base) = (draft.get_untracked(), untrack(base));
            let here = mine.differences(&base);
            let differences = mine
                .differences(&theirs)
                .into_iter()
                .map(|field| Difference {
                    mine: shown(&mine, &field),
                    theirs: shown(&theirs, &field),
                    changed_here: here.contains(&field),
                    field,
                })
                .collect::<Vec<_>>();
            let choose = move |fields: Vec<String>| {
                draft.update(|draft| {
                    for field in &fields {
                        draft.take(field, &theirs);
                    }
                });
                was.set(Some(there.clone()));
                send(false);
            };
            view! { <Compare differences busy=attempt.busy on_choose=choose /> }
        })
    };
    let typed = move |field: String| draft.with_untracked(|draft| typed(draft, &field));
    // A token without rights to write needs no reason; one that was given stays in sight.
    let asks_why = Memo::new(move |_| draft.with(|draft| draft.writes() || !draft.write_reason.is_empty()));
    let must_say_why = Memo::new(move |_| draft.with(|draft| draft.writes_more(&base().grants)));
    view! {
        <form class="stack" novalidate on:submit=submit>
            <Summary errors typed />
            {compare}
            <Refusal text=attempt.refusal />
            <section class="card">
                <div class="pad form">
                    <Name draft errors new />
                    {new.then(|| view! { <KindChoice draft /> })}
                    <Lifetime draft errors />
                    <div class="pair">
                        <TextField
                            field="contact"
                            label=t!(token_form.contact)
                            hint=t!(token_form.contact_help)
                            optional=true
                            value=Signal::derive(move || draft.with(|draft| draft.contact.clone()))
                            on_input=move |text| draft.update(|draft| draft.contact = text)
                            errors
                        />
                        <TextField
                            field="note"
                            kind="lines"
                            label=t!(token_form.note)
                            hint=t!(token_form.note_help)
                            optional=true
                            value=Signal::derive(move || draft.with(|draft| draft.note.clone()))
                            on_input=move |text| draft.update(|draft| draft.note = text)
                            errors
                        />
                    </div>
                </div>
            </section>
            <section class="card" aria-labelledby="rights">
                <header>
                    <h2 id="rights">{t!(token_form.rights)}</h2>
                    <p>{t!(token_form.rights_help)}</p>
                </header>
                <div class="pad" id="f-grants" tabindex="-1" role="group" aria-labelledby="rights">
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
                    {move || {
                        asks_why
                            .get()
                            .then(|| {
                                view! {
                                    <TextField
                                        field="write_reason"
                                        kind="lines"
                                        label=t!(token_form.write_reason)
                                        hint=t!(token_form.write_reason_help)
                                        optional=!must_say_why.get()
                                        value=Signal::derive(move || draft.with(|draft| draft.write_reason.clone()))
                                        on_input=move |text| draft.update(|draft| draft.write_reason = text)
                                        errors
                                    />
                                }
                            })
                    }}
                </div>
            </section>
            <Limits draft errors open=!new />
            <div class="row foot">
                <button type="submit" class="btn first" aria-busy=move || attempt.busy.get().to_string()>
                    {move || if attempt.busy.get() { t!(common.saving) } else { t!(common.save) }}
                </button>
                {new
                    .then(|| {
                        view! {
                            <button type="button" class="btn" on:click=move |_| send(true)>
                                {t!(token_form.create_hand_over)}
                            </button>
                        }
                    })}
                <button type="button" class="btn quiet" on:click=move |_| around.go(&back)>
                    {t!(common.cancel)}
                </button>
            </div>
        </form>
    }
}

/// A field of a draft in words, for comparing two versions.
fn shown(draft: &TokenDraft, field: &str) -> String {
    match field {
        "temporary_lifetime" => match draft.lifetime() {
            Some(lifetime) => format::lifetime(lifetime, around().default_lifetime()),
            None => draft.lifetime.clone(),
        },
        "rate_limit" => draft.rate_limit().map_or_else(
            || format!("{} / {}", draft.requests, draft.per_seconds),
            rate_words,
        ),
        "expires_at" => format::from_local(&draft.expires).map_or_else(
            || {
                if draft.expires.is_empty() {
                    t!(common.never).to_owned()
                } else {
                    draft.expires.clone()
                }
            },
            format::moment,
        ),
        field => match field.strip_prefix("grants: ") {
            Some(interface) => permission_words(draft.permissions(interface)),
            None => typed(draft, field),
        },
    }
}

/// What a field holds, as it was typed.
fn typed(draft: &TokenDraft, field: &str) -> String {
    match field {
        "name" => &draft.name,
        "contact" => &draft.contact,
        "note" => &draft.note,
        "write_reason" => &draft.write_reason,
        "allowed_origins" => &draft.origins,
        "allowed_networks" => &draft.networks,
        _ => "",
    }
    .to_owned()
}

/// The name, with names that are in use and usual ones offered while it is typed.
#[component]
fn Name(draft: RwSignal<TokenDraft>, errors: Errors, new: bool) -> impl IntoView {
    let in_use = RwSignal::new(Vec::<String>::new());
    let later = StoredValue::new_local(None::<TimeoutHandle>);
    let look_up = move |text: String| {
        if let Some(handle) = later.get_value() {
            handle.clear();
        }
        let look = move || {
            act(async move {
                // Only a help while typing: without an answer nothing is offered.
                if let Ok(names) = api::tokens::find_names(text).await {
                    let _ = in_use.try_set(names);
                }
            });
        };
        let pause = std::time::Duration::from_millis(PAUSE);
        later.set_value(set_timeout_with_handle(look, pause).ok());
    };
    let value = Signal::derive(move || draft.with(|draft| draft.name.clone()));
    let offers = Signal::derive(move || {
        let there = in_use
            .get()
            .into_iter()
            .map(|name| (name, t!(token_form.name_in_use).to_owned()));
        let usual = USUAL_NAMES.map(|name| (name.to_owned(), String::new()));
        there.chain(usual).collect::<Vec<_>>()
    });
    view! {
        <TextField
            field="name"
            label=t!(token_form.name)
            hint=t!(token_form.name_help)
            value
            on_input=move |text: String| {
                if new {
                    look_up(text.clone());
                }
                draft.update(|draft| draft.name = text);
            }
            offers
            errors
            focus=true
        />
    }
}

#[component]
fn KindChoice(draft: RwSignal<TokenDraft>) -> impl IntoView {
    let is = move |kind: Kind| draft.with(|draft| draft.kind) == kind;
    let choice = move |kind: Kind, title: &'static str, help: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="kind"
                    prop:checked=move || is(kind)
                    on:change=move |_| draft.update(|draft| draft.kind = kind)
                />
                <span>{title}<small>{help}</small></span>
            </label>
        }
    };
    // What a public token needs, ticked off while it is filled in.
    let guardrails = move || {
        is(Kind::Public).then(|| {
            let items = draft
                .with(TokenDraft::guardrails)
                .into_iter()
                .map(|(field, done)| {
                    let words = match field {
                        "allowed_origins" => t!(kind.needs_origins),
                        "expires_at" => t!(kind.needs_expiry),
                        "rate_limit" => t!(kind.needs_rate),
                        _ => t!(kind.needs_reading),
                    };
                    view! {
                        <li class:done=done>
                            <a
                                href=format!("#f-{field}")
                                on:click=move |event| {
                                    event.prevent_default();
                                    focus_field(field);
                                }
                            >
                                {words}
                            </a>
                            {done.then(|| view! { " " <span class="sr">{t!(kind.done)}</span> })}
                        </li>
                    }
                })
                .collect::<Vec<_>>();
            view! {
                <div class="alert note">
                    <div>
                        <p><strong>{t!(kind.needs)}</strong></p>
                        <ul class="needs">{items}</ul>
                    </div>
                </div>
            }
        })
    };
    view! {
        <fieldset class="field">
            <legend>{t!(token_form.kind)}</legend>
            <div class="choices">
                {choice(Kind::Secret, t!(kind.secret_title), t!(kind.secret_help))}
                {choice(Kind::Public, t!(kind.public_title), t!(kind.public_help))}
            </div>
            {guardrails}
        </fieldset>
    }
}

#[component]
fn Lifetime(draft: RwSignal<TokenDraft>, errors: Errors) -> impl IntoView {
    let around = around();
    let in_words = move |lifetime: TemporaryLifetime| format::lifetime(lifetime, around.default_lifetime());
    let says = Signal::derive(move || {
        let lifetime = draft.with(TokenDraft::lifetime).map(in_words);
        lifetime.map_or_else(String::new, |words| t!(token_form.lifetime_equals, words = words))
    });
    let endless = around.session.with_untracked(|session| {
        session
            .as_ref()
            .is_some_and(|session| session.allow_endless_temporary_tokens)
    });
    let offers = Signal::derive(move || {
        [-1, 300, 900, 3600, 86_400]
            .into_iter()
            .chain(endless.then_some(0))
            .filter_map(|number| {
                Some((
                    number.to_string(),
                    in_words(TemporaryLifetime::from_number(number)?),
                ))
            })
            .collect::<Vec<_>>()
    });
    let hint = if endless {
        t!(token_form.lifetime_help_endless)
    } else {
        t!(token_form.lifetime_help)
    };
    view! {
        <TextField
            field="temporary_lifetime"
            kind="number"
            class="number"
            label=t!(token_form.lifetime)
            hint
            value=Signal::derive(move || draft.with(|draft| draft.lifetime.clone()))
            on_input=move |text| draft.update(|draft| draft.lifetime = text)
            says
            offers
            errors
        />
    }
}

#[component]
fn Limits(draft: RwSignal<TokenDraft>, errors: Errors, open: bool) -> impl IntoView {
    let limited = draft.with_untracked(|draft| {
        *draft
            != TokenDraft {
                name: draft.name.clone(),
                kind: draft.kind,
                lifetime: draft.lifetime.clone(),
                grants: draft.grants.clone(),
                note: draft.note.clone(),
                contact: draft.contact.clone(),
                write_reason: draft.write_reason.clone(),
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
    let choice = move |choice: RateChoice, label: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="rate"
                    prop:checked=move || draft.with(|draft| draft.rate) == choice
                    on:change=move |_| draft.update(|draft| draft.rate = choice)
                />
                <span>{label}</span>
            </label>
        }
    };
    let set = move |put: fn(&mut TokenDraft, String)| {
        move |text| {
            draft.update(|draft| {
                put(draft, text);
                draft.rate = RateChoice::Own;
            });
        }
    };
    view! {
        <fieldset class="field" id="f-rate_limit" tabindex="-1">
            <legend>{t!(token_form.rate)}</legend>
            <div class="choices">
                {choice(RateChoice::Default, t!(token_form.rate_default))}
                {choice(RateChoice::Unlimited, t!(token_form.rate_unlimited))}
                <div class="beside">
                    {choice(RateChoice::Own, t!(token_form.rate_own))}
                    <RateNumbers
                        requests=Signal::derive(move || draft.with(|draft| draft.requests.clone()))
                        per_seconds=Signal::derive(move || draft.with(|draft| draft.per_seconds.clone()))
                        wrong=Signal::derive(move || error.with(Option::is_some))
                        on_requests=set(|draft, text| draft.requests = text)
                        on_per_seconds=set(|draft, text| draft.per_seconds = text)
                    />
                </div>
            </div>
            {move || error.get().map(|text| view! { <p class="error">{text}</p> })}
        </fieldset>
    }
}
