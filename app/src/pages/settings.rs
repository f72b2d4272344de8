//! Configuration → API: API access as a whole, the rules that hold for every token, and the keys that sign temporary ones.

use leptos::prelude::*;
use wire::{ErrorCode, FieldError, PatchSettingsRequest, SettingsEffects, SettingsView};

use super::path_rules::PathRules;
use super::signing_keys::SigningKeys;
use super::token_acts::not_undone;
use super::{Attempt, act};
use crate::api;
use crate::components::changes::value_words;
use crate::components::compare::{Compare, Difference};
use crate::components::dialog::Confirm;
use crate::components::field::{CheckField, Errors, Summary, TextField, error_text};
use crate::components::head::Head;
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::problem::{Refusal, words};
use crate::components::rate::RateNumbers;
use crate::context::{Around, around};
use crate::dom::{Dom, after, view};
use crate::format;
use crate::leaving::keep_typed;
use crate::model::settings_draft::{SettingsDraft, is_empty, undo};
use crate::text::t;

/// Milliseconds after the last key before the server is asked what a change would affect.
const PAUSE: u64 = 300;

/// The page.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let around = around();
    let settings = Loaded::new(move || {
        around.changed.track();
        api::settings::find_settings()
    });
    let show = move |settings: SettingsView| {
        // Both halves change the same settings, so they share their version.
        let present = RwSignal::new(settings);
        view! {
            <Switch present />
            <Form present />
        }
        .into_any()
    };
    view! {
        <Head title=t!(settings.title) lead=t!(settings.lead)>
            <a class="btn" href="/settings/sites">{t!(sites.title)}</a>
        </Head>
        <Load from=settings show waiting=|| skeleton(4) />
        <SigningKeys />
    }
}

/// Everything around the pages knows some of the settings.
async fn tell(around: Around) {
    if let Ok(session) = api::sessions::find_current_session().await {
        around.session.set(Some(session));
    }
}

/// Says that settings were saved, and offers to take it back.
fn offer(around: Around, said: &'static str, sent: PatchSettingsRequest, was: SettingsView, version: i64) {
    around.offer_undo(said, move || {
        let back = undo(&sent, &was, version);
        act(async move {
            match api::settings::patch_settings(back).await {
                Ok(_) => {
                    tell(around).await;
                    around.change();
                    around.say(t!(settings.undone));
                }
                Err(error) => around.say(not_undone(&error)),
            }
        });
    });
}

/// API access as a whole. Switching it off asks first, because every program that uses the API stops working.
#[component]
fn Switch(present: RwSignal<SettingsView>) -> impl IntoView {
    let around = around();
    let attempt = Attempt::new();
    // What the question says, while it is asked.
    let asked = RwSignal::new(None::<Vec<String>>);
    let on = Memo::new(move |_| present.with(|settings| settings.api_enabled));
    let request = move || {
        present.with_untracked(|settings| PatchSettingsRequest {
            version: settings.version,
            api_enabled: Some(!settings.api_enabled),
            ..PatchSettingsRequest::default()
        })
    };
    let switch = move || {
        act(async move {
            attempt.start();
            let (patch, was) = (request(), present.get_untracked());
            match api::settings::patch_settings(patch.clone()).await {
                Ok(saved) => {
                    attempt.end(None);
                    let _ = asked.try_set(None);
                    let said = if saved.api_enabled {
                        t!(settings.switched_on)
                    } else {
                        t!(settings.switched_off)
                    };
                    offer(around, said, patch, was, saved.version);
                    let _ = present.try_set(saved);
                    tell(around).await;
                }
                Err(error) => attempt.end(Some(words(&error))),
            }
        });
    };
    let ask = move || {
        act(async move {
            attempt.start();
            let effects = api::settings::preview_settings(request()).await;
            attempt.end(None);
            // Without the number the question is still the right one.
            let count = effects.ok().map(|effects| effects.api_enabled);
            let facts = [t!(settings.off_now), t!(settings.off_keeps)]
                .map(str::to_owned)
                .into_iter()
                .chain(count.map(|count| t!(settings.off_count, count = format::count(count))))
                .collect();
            let _ = asked.try_set(Some(facts));
        });
    };
    view! {
        <section class="card" aria-labelledby="api-access">
            <header>
                <h2 id="api-access">{t!(settings.api_enabled)}</h2>
                {move || {
                    if on.get() {
                        view! { <span class="state active">{t!(shell.api_on)}</span> }
                    } else {
                        view! { <span class="state inactive">{t!(shell.api_off)}</span> }
                    }
                }}
            </header>
            <div class="pad">
                <p>{move || if on.get() { t!(settings.on_text) } else { t!(settings.off_text) }}</p>
                {move || asked.with(Option::is_none).then(|| view! { <Refusal text=attempt.refusal /> })}
                <div class="row">
                    <button
                        type="button"
                        class="btn"
                        class:first=move || !on.get()
                        aria-busy=move || attempt.busy.get().to_string()
                        on:click=move |_| {
                            if attempt.busy.get_untracked() {
                                return;
                            }
                            if on.get_untracked() { ask() } else { switch() }
                        }
                    >
                        {move || if on.get() { t!(settings.switch_off) } else { t!(settings.switch_on) }}
                    </button>
                </div>
            </div>
        </section>
        {move || {
            asked
                .get()
                .map(|facts| {
                    view! {
                        <Confirm
                            title=t!(settings.off_title)
                            facts
                            action=t!(settings.off_confirm)
                            busy=attempt.busy
                            refusal=attempt.refusal
                            on_confirm=move |()| switch()
                            on_cancel=move |()| asked.set(None)
                        />
                    }
                })
        }}
    }
}

/// How many tokens a change of this field affects.
fn affected(effects: &SettingsEffects, field: &str) -> Option<u64> {
    Some(match field {
        "default_temporary_lifetime" => effects.default_temporary_lifetime,
        "maximum_temporary_lifetime" => effects.maximum_temporary_lifetime,
        "rotation_age_days" => effects.rotation_age_days,
        "allow_endless_temporary_tokens" => effects.allow_endless_temporary_tokens,
        "allow_token_in_url" => effects.allow_token_in_url,
        "default_rate_limit" => effects.default_rate_limit,
        "path_rules" => effects.path_rules,
        _ => return None,
    })
}

#[component]
fn Form(present: RwSignal<SettingsView>) -> impl IntoView {
    let around = around();
    let was = present;
    let draft = RwSignal::new(was.with_untracked(SettingsDraft::of));
    let errors: Errors = RwSignal::new(Vec::<FieldError>::new());
    let attempt = Attempt::new();
    let other = RwSignal::new(None::<SettingsView>);
    let effects = RwSignal::new(None::<SettingsEffects>);
    let changed =
        Memo::new(move |_| draft.with(|draft| was.with(|was| draft.differences(&SettingsDraft::of(was)))));
    keep_typed(move || changed.with_untracked(|changed| !changed.is_empty()));

    // What a change would affect is asked for when the typing rests; only the last answer counts.
    let turn = StoredValue::new(0_u32);
    after(move || {
        let patch = draft.with(|draft| was.with(|was| draft.patch(was)));
        let mine = turn.get_value() + 1;
        turn.set_value(mine);
        // What is being saved would be compared with itself; asked again when that is over.
        if attempt.busy.get() {
            return;
        }
        let Some(patch) = patch.ok().filter(|patch| !is_empty(patch)) else {
            effects.set(None);
            return;
        };
        set_timeout(
            move || {
                let last = move || turn.try_get_value() == Some(mine);
                if last() {
                    act(async move {
                        let found = api::settings::preview_settings(patch).await;
                        if last() {
                            // A value that the server does not take affects nobody; saving says why.
                            effects.set(found.ok());
                        }
                    });
                }
            },
            std::time::Duration::from_millis(PAUSE),
        );
    });

    let save = move || {
        act(async move {
            attempt.start();
            errors.set(Vec::new());
            let Some(present) = was.try_get_untracked() else {
                return;
            };
            let patch = match draft.with_untracked(|draft| draft.patch(&present)) {
                Ok(patch) => patch,
                Err(found) => {
                    errors.set(found);
                    return attempt.end(None);
                }
            };
            if is_empty(&patch) {
                attempt.end(None);
                return around.say(t!(settings.nothing_changed));
            }
            match api::settings::patch_settings(patch.clone()).await {
                Ok(saved) => {
                    attempt.end(None);
                    offer(around, t!(settings.saved), patch, present, saved.version);
                    let _ = other.try_set(None);
                    // The page stays as it is, so that nobody loses their place.
                    let _ = draft.try_set(SettingsDraft::of(&saved));
                    let _ = was.try_set(saved);
                    tell(around).await;
                }
                Err(error) if error.code() == Some(ErrorCode::Conflict) => {
                    match api::settings::find_settings().await {
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
    let choose = move |theirs: Vec<String>| {
        let Some(there) = other.get_untracked() else {
            return;
        };
        draft.update(|draft| {
            for field in &theirs {
                draft.take(field, &SettingsDraft::of(&there));
            }
        });
        was.set(there);
        other.set(None);
        save();
    };
    let compare = move || {
        other.get().map(|there| {
            let (mine, theirs, base) = draft.with_untracked(|draft| {
                (
                    draft.clone(),
                    SettingsDraft::of(&there),
                    was.with_untracked(SettingsDraft::of),
                )
            });
            let here = mine.differences(&base);
            let differences = mine
                .differences(&theirs)
                .into_iter()
                .map(|field| Difference {
                    mine: value_words(&field, &mine.value(&field)),
                    theirs: value_words(&field, &theirs.value(&field)),
                    changed_here: here.contains(&field),
                    field,
                })
                .collect::<Vec<_>>();
            view! { <Compare differences busy=attempt.busy on_choose=choose /> }
        })
    };
    let effect = move |field: &'static str| {
        let differs = changed.with(|changed| changed.iter().any(|there| there == field));
        differs
            .then(|| effects.with(|effects| effects.as_ref().and_then(|effects| affected(effects, field))))
            .flatten()
            .map(|count| t!(settings.affects, count = format::count(count)))
    };
    let number = move |field: &'static str,
                       label: &'static str,
                       hint: &'static str,
                       get: fn(&SettingsDraft) -> &String,
                       set: fn(&mut SettingsDraft) -> &mut String| {
        let value = Signal::derive(move || draft.with(|draft| get(draft).clone()));
        let says = Signal::derive(move || {
            let typed = value.get();
            let typed = typed.trim();
            // Days and characters have no better words.
            let lifetime = field.ends_with("lifetime");
            let said = lifetime
                .then(|| value_words(field, typed))
                .filter(|said| said != typed);
            let said = said.map(|words| t!(token_form.lifetime_equals, words = words));
            said.into_iter()
                .chain(effect(field))
                .collect::<Vec<_>>()
                .join(" · ")
        });
        view! {
            <TextField
                field
                kind="number"
                class="number"
                label
                hint
                value
                says
                on_input=move |text| draft.update(|draft| *set(draft) = text)
                errors
            />
        }
    };
    let switch = move |field: &'static str,
                       label: &'static str,
                       hint: &'static str,
                       get: fn(&SettingsDraft) -> bool,
                       set: fn(&mut SettingsDraft, bool)| {
        view! {
            <CheckField
                field
                label
                hint
                value=Signal::derive(move || draft.with(get))
                says=Signal::derive(move || effect(field).unwrap_or_default())
                on_input=move |on| draft.update(|draft| set(draft, on))
                errors
            />
        }
    };
    let rate_error = error_text(errors, "default_rate_limit", Signal::derive(String::new));
    let radio = move |limited: bool| {
        view! {
            <input
                type="radio"
                name="default_rate_limit"
                prop:checked=move || draft.with(|draft| draft.limited) == limited
                on:change=move |_| draft.update(|draft| draft.limited = limited)
            />
        }
    };
    let typed = move |field: String| draft.with_untracked(|draft| draft.value(&field));
    let submit = move |event: leptos::ev::Event| {
        event.prevent_default();
        if !attempt.busy.get_untracked() {
            save();
        }
    };
    let card = |id: &'static str, title: &'static str, fields: Dom| {
        view! {
            <section class="card" aria-labelledby=id>
                <header><h2 id=id>{title}</h2></header>
                <div class="pad form">{fields}</div>
            </section>
        }
    };
    let temporary = view! {
        {number(
            "default_temporary_lifetime",
            t!(settings.default_temporary_lifetime),
            t!(settings.default_help),
            |draft| &draft.default_temporary_lifetime,
            |draft| &mut draft.default_temporary_lifetime,
        )}
        {number(
            "maximum_temporary_lifetime",
            t!(settings.maximum_temporary_lifetime),
            t!(settings.maximum_help),
            |draft| &draft.maximum_temporary_lifetime,
            |draft| &mut draft.maximum_temporary_lifetime,
        )}
        {switch(
            "allow_endless_temporary_tokens",
            t!(settings.allow_endless_temporary_tokens),
            t!(settings.endless_help),
            |draft| draft.allow_endless_temporary_tokens,
            |draft, on| draft.allow_endless_temporary_tokens = on,
        )}
    };
    let secrets = view! {
        {number(
            "key_length",
            t!(settings.key_length),
            t!(settings.key_help),
            |draft| &draft.key_length,
            |draft| &mut draft.key_length,
        )}
        {number(
            "rotation_age_days",
            t!(settings.rotation_age_days),
            t!(settings.rotation_help),
            |draft| &draft.rotation_age_days,
            |draft| &mut draft.rotation_age_days,
        )}
        {switch(
            "allow_token_in_url",
            t!(settings.allow_token_in_url),
            t!(settings.url_help),
            |draft| draft.allow_token_in_url,
            |draft, on| draft.allow_token_in_url = on,
        )}
        {switch(
            "deactivate_exposed",
            t!(settings.deactivate_exposed),
            t!(settings.deactivate_exposed_help),
            |draft| draft.deactivate_exposed,
            |draft, on| draft.deactivate_exposed = on,
        )}
    };
    let requests = view! {
        <fieldset class="field" id="f-default_rate_limit" tabindex="-1">
            <legend>{t!(settings.default_rate_limit)}</legend>
            <div class="choices">
                <label class="choice">{radio(false)} <span>{t!(token_form.rate_unlimited)}</span></label>
                <div class="beside">
                    <label class="choice">{radio(true)} <span>{t!(settings.rate_limited)}</span></label>
                    <RateNumbers
                        requests=Signal::derive(move || draft.with(|draft| draft.requests.clone()))
                        per_seconds=Signal::derive(move || draft.with(|draft| draft.per_seconds.clone()))
                        wrong=Signal::derive(move || rate_error.with(Option::is_some))
                        on_requests=move |text| {
                            draft
                                .update(|draft| {
                                    draft.requests = text;
                                    draft.limited = true;
                                });
                        }
                        on_per_seconds=move |text| {
                            draft
                                .update(|draft| {
                                    draft.per_seconds = text;
                                    draft.limited = true;
                                });
                        }
                    />
                </div>
            </div>
            <p class="says" aria-live="polite">{move || effect("default_rate_limit")}</p>
            <p class="hint">{t!(settings.rate_help)}</p>
            {move || rate_error.get().map(|text| view! { <p class="error">{text}</p> })}
        </fieldset>
        {switch(
            "forward_preflight",
            t!(settings.forward_preflight),
            t!(settings.preflight_help),
            |draft| draft.forward_preflight,
            |draft, on| draft.forward_preflight = on,
        )}
    };
    let rules = view! {
        <PathRules
            draft
            errors
            says=Signal::derive(move || effect("path_rules").unwrap_or_default())
        />
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            <Summary errors typed />
            {compare}
            <Refusal text=attempt.refusal />
            {card("temporary", t!(settings.temporary), temporary)}
            {card("secrets", t!(settings.secrets), secrets)}
            {card("requests", t!(settings.requests), requests)}
            {card("paths", t!(path_rules.title), rules)}
            <div class="row foot">
                <button type="submit" class="btn first" aria-busy=move || attempt.busy.get().to_string()>
                    {move || if attempt.busy.get() { t!(common.saving) } else { t!(common.save) }}
                </button>
                {move || {
                    changed
                        .with(|changed| !changed.is_empty())
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="btn quiet"
                                    on:click=move |_| {
                                        draft.set(was.with_untracked(SettingsDraft::of));
                                        errors.set(Vec::new());
                                    }
                                >
                                    {t!(settings.discard)}
                                </button>
                            }
                        })
                }}
            </div>
        </form>
    }
}
