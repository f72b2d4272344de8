//! The path rules, a part of the settings' form: an ordered list, and a line to try it with.
//!
//! The form owns the draft, saves it and takes it back. Which rule answers is decided by the same function as on the
//! server.

use leptos::prelude::*;
use wire::{InterfaceView, LONGEST_PATH_RULES, Method, Permission};

use crate::api;
use crate::components::field::{Errors, focus_field, focus_id};
use crate::components::icon::{Icon, icon};
use crate::components::load::Loaded;
use crate::components::problem::field_words;
use crate::dom::{Dom, view};
use crate::format;
use crate::model::error_of;
use crate::model::path_rules::{RuleDraft, RulesDraft, Verdict};
use crate::model::settings_draft::SettingsDraft;
use crate::text::t;

const ADD: &str = "rules-add";

/// What every row needs.
#[derive(Clone, Copy)]
struct Rules {
    draft: RwSignal<SettingsDraft>,
    errors: Errors,
    interfaces: Loaded<Vec<InterfaceView>>,
    /// What would happen to the request that somebody tries.
    verdict: Memo<Option<Verdict>>,
    /// What was done last, for those who do not see it.
    said: RwSignal<String>,
}

impl Rules {
    /// Changes the list. Errors name rules by their place, so they are out of date then.
    fn arrange<R>(self, change: impl FnOnce(&mut RulesDraft) -> R) -> Option<R> {
        let changed = self.draft.try_update(|draft| change(&mut draft.path_rules));
        let ours = |field: &str| field.starts_with("path_rules");
        if self
            .errors
            .with_untracked(|all| all.iter().any(|e| ours(&e.field)))
        {
            self.errors.update(|all| all.retain(|e| !ours(&e.field)));
        }
        changed
    }

    /// Something of a rule, for as long as it is there.
    fn read<R>(self, number: u32, read: impl FnOnce(&RuleDraft) -> R) -> Option<R> {
        self.draft
            .with(|draft| draft.path_rules.find(number).map(|(_, rule)| read(rule)))
    }

    fn edit(self, number: u32, change: impl FnOnce(&mut RuleDraft)) {
        self.draft.update(|draft| draft.path_rules.change(number, change));
    }

    fn shift(self, number: u32, down: bool) {
        if let Some(to) = self.arrange(|rules| rules.shift(number, down)).flatten() {
            self.said.set(t!(path_rules.moved, number = (to + 1)));
            let last = self.draft.with_untracked(|draft| draft.path_rules.len()) - 1;
            // At an end its button is off: the other one takes the focus.
            let way = if to == 0 || (down && to < last) {
                "down"
            } else {
                "up"
            };
            focus_id(&format!("rule-{number}-{way}"));
        }
    }

    fn remove(self, number: u32) {
        let next = self.arrange(|rules| rules.remove(number)).flatten();
        self.said.set(t!(path_rules.removed).to_owned());
        focus_id(&next.map_or_else(|| ADD.to_owned(), |next| format!("rule-{next}-remove")));
    }
}

/// The rules and the line to try them with.
#[component]
pub(crate) fn PathRules(
    draft: RwSignal<SettingsDraft>,
    errors: Errors,
    /// What the change comes to.
    #[prop(into)]
    says: Signal<String>,
) -> impl IntoView {
    let (path, method) = (RwSignal::new(String::new()), RwSignal::new(Method::Get));
    let verdict = Memo::new(move |_| {
        let path = path.get();
        (!path.trim().is_empty()).then(|| draft.with(|draft| draft.path_rules.verdict(&path, method.get())))
    });
    let rules = Rules {
        draft,
        errors,
        interfaces: Loaded::new(api::interfaces::list_interfaces),
        verdict,
        said: RwSignal::new(String::new()),
    };
    let numbers = Memo::new(move |_| draft.with(|draft| draft.path_rules.numbers()));
    let list = move || {
        let numbers = numbers.get();
        if numbers.is_empty() {
            return view! {
                <div class="alert note">
                    {icon(Icon::Note)}
                    <div>
                        <p><strong>{t!(path_rules.empty_title)}</strong></p>
                        <p>{t!(path_rules.empty_text)}</p>
                    </div>
                </div>
            };
        }
        let count = numbers.len();
        let rows = numbers
            .into_iter()
            .enumerate()
            .map(|(at, number)| row(rules, at, count, number))
            .collect::<Vec<_>>();
        view! { <ol class="rules">{rows}</ol> }
    };
    let whole = move || {
        errors.with(|errors| {
            let found = errors.iter().find(|error| error.field == "path_rules")?;
            Some(view! { <p class="error">{field_words(found, "")}</p> })
        })
    };
    let add = move |_| {
        if numbers.with_untracked(Vec::len) < LONGEST_PATH_RULES {
            rules.arrange(RulesDraft::add);
            let last = numbers.with_untracked(Vec::len).saturating_sub(1);
            focus_field(&format!("path_rules[{last}].path"));
        } else {
            rules.said.set(t!(path_rules.full, most = LONGEST_PATH_RULES));
        }
    };
    view! {
        <div class="form" id="f-path_rules" tabindex="-1">
            <p class="hint">{t!(path_rules.lead)}</p>
            {list}
            <div class="row">
                <button type="button" class="btn" id=ADD on:click=add>{icon(Icon::Plus)} {t!(path_rules.add)}</button>
            </div>
            {move || {
                (numbers.with(Vec::len) >= LONGEST_PATH_RULES)
                    .then(|| view! { <p class="hint">{t!(path_rules.full, most = LONGEST_PATH_RULES)}</p> })
            }}
            <p class="sr" role="status">{move || rules.said.get()}</p>
            <p class="says" aria-live="polite">{move || says.get()}</p>
            {whole}
            {trial(rules, path, method)}
        </div>
    }
}

/// The line to try the rules with.
fn trial(rules: Rules, path: RwSignal<String>, method: RwSignal<Method>) -> Dom {
    let answer = move || match rules.verdict.get() {
        None => String::new(),
        Some(Verdict::Uncovered) => t!(path_rules.try_none).to_owned(),
        Some(Verdict::Ambiguous) => t!(path_rules.try_odd).to_owned(),
        Some(Verdict::Rule(at)) => rules.draft.with(|draft| {
            let number = draft.path_rules.numbers().get(at).copied();
            let found = number.and_then(|number| draft.path_rules.find(number));
            found.map_or_else(String::new, |(_, rule)| {
                t!(
                    path_rules.try_rule,
                    number = (at + 1),
                    interface = rule.interface,
                    permission = format::permission(rule.permission)
                )
            })
        }),
    };
    let methods = Method::ALL
        .map(|one| view! { <option value=one.as_str()>{one.as_str()}</option> })
        .into_iter()
        .collect::<Vec<_>>();
    view! {
        <fieldset class="field try">
            <legend>{t!(path_rules.try_title)}</legend>
            <div class="beside">
                <select
                    class="input"
                    aria-label=t!(path_rules.try_method)
                    on:change:target=move |event| {
                        let word = event.target().value();
                        if let Some(found) = Method::ALL.into_iter().find(|one| one.as_str() == word) {
                            method.set(found);
                        }
                    }
                >
                    {methods}
                </select>
                <input
                    class="input middle mono"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="/press/rocket.webp"
                    aria-label=t!(path_rules.try_path)
                    prop:value=move || path.get()
                    on:input:target=move |event| path.set(event.target().value())
                    on:keydown=move |event| {
                        use wasm_bindgen::JsCast as _;
                        let event: web_sys::KeyboardEvent = event.unchecked_into();
                        // Trying is no saving.
                        if event.key() == "Enter" {
                            event.prevent_default();
                        }
                    }
                />
            </div>
            <p class="says" role="status">{answer}</p>
        </fieldset>
    }
}

/// One rule, at its place among so many.
fn row(rules: Rules, at: usize, count: usize, number: u32) -> Dom {
    let place = at + 1;
    let hit = move || rules.verdict.with(|verdict| *verdict == Some(Verdict::Rule(at)));
    let button = |way: &'static str, picture: Icon, label: String, off: bool, act: fn(Rules, u32)| {
        view! {
            <button
                type="button"
                class="btn small quiet"
                id=format!("rule-{number}-{way}")
                aria-label=label
                disabled=off
                on:click=move |_| act(rules, number)
            >
                {icon(picture)}
            </button>
        }
    };
    view! {
        <li>
            <div class="rule" class:hit=hit role="group" aria-label=t!(path_rules.rule, number = place)>
                <div class="row head">
                    <strong>{t!(path_rules.rule, number = place)}</strong>
                    <span class="row">
                        {button("up", Icon::Up, t!(path_rules.up, number = place), at == 0, |rules, n| rules.shift(n, false))}
                        {button(
                            "down",
                            Icon::Down,
                            t!(path_rules.down, number = place),
                            place == count,
                            |rules, n| rules.shift(n, true),
                        )}
                        {button("remove", Icon::Trash, t!(path_rules.remove, number = place), false, Rules::remove)}
                    </span>
                </div>
                {path_field(rules, at, number)}
                {methods_field(rules, number)}
                <div class="pair">
                    {interface_field(rules, at, number)}
                    {permission_field(rules, at, number)}
                </div>
            </div>
        </li>
    }
}

/// The sentence about a field of a rule.
fn wrong(rules: Rules, field: String) -> impl Fn() -> Option<String> + Clone + 'static {
    move || {
        rules
            .errors
            .with(|errors| error_of(errors, &field).map(|error| field_words(error, "")))
    }
}

/// A field with its label, and its error below it.
fn labelled(rules: Rules, field: &str, label: &'static str, control: Dom) -> Dom {
    let error = wrong(rules, field.to_owned());
    let (id, error_id) = (format!("f-{field}"), format!("e-{field}"));
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {control}
            {move || error().map(|text| view! { <p class="error" id=error_id.clone()>{text}</p> })}
        </div>
    }
}

fn path_field(rules: Rules, at: usize, number: u32) -> Dom {
    let field = format!("path_rules[{at}].path");
    let error = wrong(rules, field.clone());
    let described = error.clone();
    let error_id = format!("e-{field}");
    let control = view! {
        <input
            id=format!("f-{field}")
            class="input mono"
            autocomplete="off"
            spellcheck="false"
            placeholder="/press/*"
            aria-invalid=move || error().is_some().then_some("true")
            aria-describedby=move || described().is_some().then(|| error_id.clone())
            prop:value=move || rules.read(number, |rule| rule.path.clone()).unwrap_or_default()
            on:input:target=move |event| {
                let typed = event.target().value();
                rules.edit(number, |rule| rule.path = typed);
            }
        />
    };
    labelled(rules, &field, t!(path_rules.path), control)
}

fn methods_field(rules: Rules, number: u32) -> Dom {
    let boxes = Method::ALL
        .map(|method| {
            view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        prop:checked=move || {
                            rules.read(number, |rule| rule.methods.contains(&method)).unwrap_or_default()
                        }
                        on:change:target=move |event| {
                            let on = event.target().checked();
                            rules.edit(number, |rule| rule.set_method(method, on));
                        }
                    />
                    <span>{method.as_str()}</span>
                </label>
            }
        })
        .into_iter()
        .collect::<Vec<_>>();
    view! {
        <fieldset class="field">
            <legend>{t!(path_rules.methods)}</legend>
            <div class="choices across">{boxes}</div>
            <p class="hint">{t!(path_rules.methods_hint)}</p>
        </fieldset>
    }
}

fn interface_field(rules: Rules, at: usize, number: u32) -> Dom {
    let field = format!("path_rules[{at}].interface");
    let error = wrong(rules, field.clone());
    let described = error.clone();
    let error_id = format!("e-{field}");
    let chosen = Memo::new(move |_| {
        rules
            .read(number, |rule| rule.interface.clone())
            .unwrap_or_default()
    });
    let options = move || {
        let chosen = chosen.get();
        let mut names: Vec<String> = rules.interfaces.with(|all| {
            let all = all.map(Vec::as_slice).unwrap_or_default();
            all.iter().map(|one| one.name.clone()).collect()
        });
        // A former name will do, and one that is not there any more is for the reader to change.
        if !chosen.is_empty() && !names.contains(&chosen) {
            names.push(chosen.clone());
        }
        let first = view! { <option value="" selected=chosen.is_empty()>{t!(bulk.choose)}</option> };
        let others = names.into_iter().map(|name| {
            let selected = name == chosen;
            view! { <option value=name.clone() selected=selected>{name}</option> }
        });
        std::iter::once(first).chain(others).collect::<Vec<_>>()
    };
    let control = view! {
        <select
            id=format!("f-{field}")
            class="input"
            aria-invalid=move || error().is_some().then_some("true")
            aria-describedby=move || described().is_some().then(|| error_id.clone())
            on:change:target=move |event| {
                let name = event.target().value();
                rules.edit(number, |rule| rule.interface = name);
            }
        >
            {options}
        </select>
    };
    labelled(rules, &field, t!(token_form.interface), control)
}

fn permission_field(rules: Rules, at: usize, number: u32) -> Dom {
    let field = format!("path_rules[{at}].permission");
    let chosen = Memo::new(move |_| rules.read(number, |rule| rule.permission));
    let options = move || {
        let chosen = chosen.get();
        Permission::ALL
            .map(|one| {
                view! {
                    <option value=one.as_str() selected=chosen == Some(one)>{format::permission(one)}</option>
                }
            })
            .into_iter()
            .collect::<Vec<_>>()
    };
    let control = view! {
        <select
            id=format!("f-{field}")
            class="input"
            on:change:target=move |event| {
                if let Ok(permission) = event.target().value().parse() {
                    rules.edit(number, |rule| rule.permission = permission);
                }
            }
        >
            {options}
        </select>
    };
    labelled(rules, &field, t!(path_rules.permission), control)
}
