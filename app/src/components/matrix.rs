//! The matrix of rights: interfaces down, permissions across, one checkbox for each right.
//!
//! Each checkbox is named by its interface and permission. The page owns the draft.

use leptos::prelude::*;
use wire::{InterfaceView, Permission};

use crate::dom::{Dom, view};
use crate::format;
use crate::model::token_draft::{TokenDraft, may_grant};
use crate::text::t;

/// From how many interfaces on a filter helps.
const MANY: usize = 9;

/// The matrix.
#[component]
pub(crate) fn Matrix(interfaces: Vec<InterfaceView>, draft: RwSignal<TokenDraft>) -> impl IntoView {
    let filter = RwSignal::new(String::new());
    let many = interfaces.len() >= MANY;
    let heads = Permission::ALL
        .map(|permission| {
            view! { <th scope="col" class:write=permission.is_write()>{format::permission(permission)}</th> }
        })
        .into_iter()
        .collect::<Vec<_>>();
    let rows = interfaces
        .into_iter()
        .map(|interface| row(interface, filter, draft))
        .collect::<Vec<_>>();
    view! {
        {many
            .then(|| {
                view! {
                    <label class="field">
                        <span class="hint">{t!(token_form.rights_filter)}</span>
                        <input
                            class="input middle"
                            type="search"
                            autocomplete="off"
                            prop:value=move || filter.get()
                            on:input:target=move |event| filter.set(event.target().value())
                        />
                    </label>
                }
            })}
        <div class="matrix-scroll">
            <table class="matrix">
                <thead>
                    <tr>
                        <th scope="col">{t!(token_form.interface)}</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The browser has the tables for this; ours would be downloaded.
fn lower(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

fn row(interface: InterfaceView, filter: RwSignal<String>, draft: RwSignal<TokenDraft>) -> Dom {
    let InterfaceView {
        name,
        description,
        public,
        ..
    } = interface;
    let key = lower(&name);
    let hidden = move || filter.with(|filter| !key.contains(&lower(filter.trim())));
    let boxes = Permission::ALL
        .map(|permission| {
            let interface = StoredValue::new(name.clone());
            let has = move || {
                draft.with(|draft| interface.with_value(|name| draft.permissions(name)).contains(permission))
            };
            // What cannot be given can still be taken away.
            let blocked = move || !has() && !may_grant(draft.with(|draft| draft.kind), public, permission);
            let word = format::permission(permission);
            view! {
                <td class:write=permission.is_write()>
                    <label data-label=word>
                        <input
                            type="checkbox"
                            aria-label=t!(token_form.right, interface = name, permission = word)
                            prop:checked=has
                            disabled=blocked
                            on:change:target=move |event| {
                                let granted = event.target().checked();
                                interface
                                    .with_value(|name| draft.update(|draft| draft.set(name, permission, granted)));
                            }
                        />
                    </label>
                </td>
            }
        })
        .into_iter()
        .collect::<Vec<_>>();
    view! {
        <tr hidden=hidden>
            <th scope="row">
                {name.clone()} " "
                {public.then(|| view! { <span class="chip">{t!(token_form.public_mark)}</span> })}
                {(!description.is_empty()).then(|| view! { <small>{description}</small> })}
            </th>
            {boxes}
        </tr>
    }
}
