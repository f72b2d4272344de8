//! Interfaces: the list, and the dialogs in which one is made, changed and deleted.

use leptos::prelude::*;
use wire::{ErrorCode, FieldError, InterfaceView, Kind, Page, TokenView};

use super::{Attempt, act};
use crate::api::{self, ApiError};
use crate::components::changes::value_words;
use crate::components::compare::{Compare, Difference};
use crate::components::dialog::{Confirm, Modal};
use crate::components::field::{CheckField, Errors, Summary, TextField};
use crate::components::head::Head;
use crate::components::icon::{Icon, icon};
use crate::components::list::{empty, table};
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::menu::{Menu, MenuItem};
use crate::components::problem::{Refusal, words};
use crate::components::time::Day;
use crate::context::around;
use crate::dom::{Dom, view};
use crate::format;
use crate::model::interface_draft::InterfaceDraft;
use crate::model::query::write;
use crate::text::t;

/// Which dialog is open.
#[derive(Clone)]
enum Open {
    Nothing,
    New,
    Edit(InterfaceView),
    Delete(InterfaceView),
}

/// The page.
#[component]
pub(crate) fn InterfacesPage() -> impl IntoView {
    let interfaces = Loaded::new(api::interfaces::list_interfaces);
    let open = RwSignal::new(Open::Nothing);
    let done = Callback::new(move |()| {
        open.set(Open::Nothing);
        interfaces.refetch();
    });
    let show = move |list: Vec<InterfaceView>| rows(list, open).into_any();
    view! {
        <Head title=t!(interfaces.title) lead=t!(interfaces.lead)>
            <button type="button" class="btn first" on:click=move |_| open.set(Open::New)>
                {icon(Icon::Plus)}
                {t!(interfaces.add)}
            </button>
        </Head>
        <Load
            from=interfaces
            show=show
            waiting=|| skeleton(3)
        />
        {move || match open.get() {
            Open::Nothing => Dom::empty(),
            Open::New => view! { <Form was=None open done /> }.into_any(),
            Open::Edit(was) => view! { <Form was=Some(was) open done /> }.into_any(),
            Open::Delete(was) if was.token_count > 0 => view! { <Granted was open /> }.into_any(),
            Open::Delete(was) => view! { <Delete was open done /> }.into_any(),
        }}
    }
}

fn rows(list: Vec<InterfaceView>, open: RwSignal<Open>) -> Dom {
    if list.is_empty() {
        return empty(t!(interfaces.empty_title), t!(interfaces.empty_text), None);
    }
    let columns = [
        t!(interfaces.col_name),
        t!(interfaces.col_public),
        t!(interfaces.col_tokens),
        t!(interfaces.col_created),
    ];
    let rows = list.into_iter().map(|interface| row(interface, open)).collect();
    table(t!(interfaces.caption), &columns, rows)
}

fn row(interface: InterfaceView, open: RwSignal<Open>) -> Dom {
    let around = around();
    let tokens = format!("/tokens{}", write(&[("interface", Some(&interface.name))]));
    let granted = interface.token_count > 0;
    let count = format::count(interface.token_count);
    let (edit, delete) = (interface.clone(), interface.clone());
    let to_tokens = tokens.clone();
    view! {
        <tr data-interface-id=interface.id.to_string()>
            <th scope="row">
                <span class="name">{interface.name.clone()}</span>
                {(!interface.description.is_empty())
                    .then(|| view! { <small>{interface.description.clone()}</small> })}
            </th>
            <td data-label=t!(interfaces.col_public)>
                {if interface.public {
                    view! { <span class="chip">{icon(Icon::Eye)}{t!(interfaces.public_chip)}</span> }.into_any()
                } else {
                    Dom::text(t!(interfaces.not_public))
                }}
            </td>
            <td data-label=t!(interfaces.col_tokens)>
                {if granted {
                    view! { <a href=tokens>{count}</a> }.into_any()
                } else {
                    Dom::text(t!(common.none))
                }}
            </td>
            <td data-label=t!(interfaces.col_created) class="fit"><Day at=interface.created_at /></td>
            <td class="end">
                <Menu
                    label=t!(common.actions_for, name = interface.name)
                    class="icon-btn"
                    face=icon(Icon::Dots)
                >
                    <MenuItem label=t!(common.edit) on_click=move |()| open.set(Open::Edit(edit.clone())) />
                    <MenuItem label=t!(interfaces.show_tokens) on_click=move |()| around.go(&to_tokens) />
                    <hr />
                    <MenuItem
                        label=t!(interfaces.delete)
                        on_click=move |()| open.set(Open::Delete(delete.clone()))
                    />
                </Menu>
            </td>
        </tr>
    }
}

#[component]
fn Form(was: Option<InterfaceView>, open: RwSignal<Open>, done: Callback<()>) -> impl IntoView {
    let around = around();
    let title = match &was {
        Some(was) => t!(interfaces.edit_title, name = was.name),
        None => t!(interfaces.new_title).to_owned(),
    };
    let name_help = if was.is_some() {
        t!(interfaces.name_help_edit)
    } else {
        t!(interfaces.name_help)
    };
    let draft = RwSignal::new(was.as_ref().map(InterfaceDraft::of).unwrap_or_default());
    let errors: Errors = RwSignal::new(Vec::<FieldError>::new());
    let attempt = Attempt::new();
    // The version that somebody else has saved meanwhile.
    let other = RwSignal::new(None::<InterfaceView>);
    // The name by which its tokens are found: the one that is saved.
    let saved_name = was.as_ref().map(|was| was.name.clone()).unwrap_or_default();
    let was_public = was.as_ref().is_some_and(|was| was.public);
    let new = was.is_none();
    let was = StoredValue::new(was);
    let failed = move |found: Vec<FieldError>| {
        let _ = errors.try_set(found);
        attempt.end(None);
    };
    let save = move |draft: InterfaceDraft| {
        act(async move {
            attempt.start();
            errors.set(Vec::new());
            let sent = match was.get_value() {
                None => match draft.create() {
                    Ok(request) => api::interfaces::create_interface(request).await,
                    Err(found) => return failed(found),
                },
                Some(was) => match draft.patch(&was) {
                    Ok(request) => api::interfaces::patch_interface(was.id.clone(), request).await,
                    Err(found) => return failed(found),
                },
            };
            match sent {
                Ok(interface) => {
                    around.say(if new {
                        t!(interfaces.created, name = interface.name)
                    } else {
                        t!(interfaces.saved, name = interface.name)
                    });
                    done.run(());
                }
                Err(ApiError::Refused(problem)) if problem.in_the_way.is_some() => {
                    attempt.end(Some(t!(interfaces.in_use_public).to_owned()));
                }
                Err(error) if error.code() == Some(ErrorCode::Conflict) && !new => {
                    let id = was.with_value(|was| was.as_ref().map(|was| was.id.clone()));
                    match api::interfaces::list_interfaces().await {
                        Ok(list) => {
                            attempt.end(None);
                            match list.into_iter().find(|there| Some(&there.id) == id.as_ref()) {
                                Some(there) => {
                                    let _ = other.try_set(Some(there));
                                }
                                // Somebody has deleted it.
                                None => done.run(()),
                            }
                        }
                        Err(error) => attempt.end(Some(words(&error))),
                    }
                }
                Err(error) => attempt.refuse(errors, error),
            }
        });
    };
    let submit = move |event: leptos::ev::Event| {
        event.prevent_default();
        if !attempt.busy.get_untracked() {
            other.set(None);
            save(draft.get_untracked());
        }
    };
    let compare = move || {
        other.get().map(|there| {
            let theirs = InterfaceDraft::of(&there);
            let mine = draft.get_untracked();
            let base = was.with_value(|was| was.as_ref().map(InterfaceDraft::of).unwrap_or_default());
            let here = mine.differences(&base);
            let differences = mine
                .differences(&theirs)
                .into_iter()
                .map(|field| Difference {
                    field: field.to_owned(),
                    mine: value_words(field, &mine.value(field)),
                    theirs: value_words(field, &theirs.value(field)),
                    changed_here: here.contains(&field),
                })
                .collect::<Vec<_>>();
            let choose = move |fields: Vec<String>| {
                draft.update(|draft| {
                    for field in &fields {
                        draft.take(field, &theirs);
                    }
                });
                was.set_value(Some(there.clone()));
                other.set(None);
                save(draft.get_untracked());
            };
            view! { <Compare differences busy=attempt.busy on_choose=choose /> }
        })
    };
    // Taking the flag away is possible only when no public token reaches it: said while it is being taken away.
    let unflagged = Memo::new(move |_| was_public && draft.with(|draft| !draft.public));
    let affected = move || {
        unflagged
            .get()
            .then(|| view! { <Reaching name=saved_name.clone() kind=Some(Kind::Public) /> })
    };
    let typed = move |field: String| draft.with_untracked(|draft| draft.value(&field));
    let close = move || open.set(Open::Nothing);
    view! {
        <Modal labelled_by="interface-title" on_cancel=move |()| close() small=true>
            <form novalidate on:submit=submit>
                <header><h2 id="interface-title">{title}</h2></header>
                <section class="form">
                    <Summary errors typed />
                    {compare}
                    <Refusal text=attempt.refusal />
                    <TextField
                        field="name"
                        label=t!(interfaces.name)
                        hint=name_help
                        value=Signal::derive(move || draft.with(|draft| draft.name.clone()))
                        on_input=move |text| draft.update(|draft| draft.name = text)
                        errors
                        focus=true
                    />
                    <TextField
                        field="description"
                        kind="lines"
                        label=t!(interfaces.description)
                        optional=true
                        value=Signal::derive(move || draft.with(|draft| draft.description.clone()))
                        on_input=move |text| draft.update(|draft| draft.description = text)
                        errors
                    />
                    <CheckField
                        field="public"
                        label=t!(interfaces.public)
                        hint=t!(interfaces.public_help)
                        value=Signal::derive(move || draft.with(|draft| draft.public))
                        on_input=move |public| draft.update(|draft| draft.public = public)
                        errors
                    />
                    {affected}
                </section>
                <footer>
                    <button type="button" class="btn quiet" on:click=move |_| close()>{t!(common.cancel)}</button>
                    <button type="submit" class="btn first" aria-busy=move || attempt.busy.get().to_string()>
                        {t!(common.save)}
                    </button>
                </footer>
            </form>
        </Modal>
    }
}

/// The tokens that reach an interface, with links; nothing where there is none.
#[component]
fn Reaching(
    /// The interface.
    name: String,
    /// Only those of this kind.
    kind: Option<Kind>,
) -> impl IntoView {
    let all = format!(
        "/tokens{}",
        write(&[("kind", kind.map(Kind::as_str)), ("interface", Some(&name))])
    );
    let tokens = Loaded::new(move || api::tokens::list_reaching(name.clone(), kind));
    let show = move |page: Page<TokenView>| {
        if page.items.is_empty() {
            return Dom::empty();
        }
        let rest = page.total.saturating_sub(page.items.len() as u64);
        let items = page
            .items
            .into_iter()
            .map(|token| view! { <li><a href=format!("/tokens/{}", token.id)>{token.name}</a></li> })
            .collect::<Vec<_>>();
        let lead = match kind {
            Some(Kind::Public) => t!(interfaces.in_use_public),
            _ => t!(interfaces.granted),
        };
        view! {
            <div class="alert warn">
                {icon(Icon::Warn)}
                <div>
                    <p>{lead}</p>
                    <ul class="keep-list">{items}</ul>
                    {(rest > 0).then(|| view! { <p>{t!(common.more, count = format::count(rest))}</p> })}
                    <p><a href=all.clone()>{t!(interfaces.show_tokens)}</a></p>
                </div>
            </div>
        }
    };
    view! { <Load from=tokens show waiting=Dom::empty /> }
}

/// Why it cannot be deleted yet, and which tokens are in the way.
#[component]
fn Granted(was: InterfaceView, open: RwSignal<Open>) -> impl IntoView {
    let close = move || open.set(Open::Nothing);
    view! {
        <Modal labelled_by="granted-title" on_cancel=move |()| close() small=true>
            <header><h2 id="granted-title">{t!(interfaces.granted_title, name = was.name)}</h2></header>
            <section><Reaching name=was.name kind=None /></section>
            <footer>
                <button type="button" class="btn" autofocus=true on:click=move |_| close()>{t!(common.close)}</button>
            </footer>
        </Modal>
    }
}

#[component]
fn Delete(was: InterfaceView, open: RwSignal<Open>, done: Callback<()>) -> impl IntoView {
    let around = around();
    let attempt = Attempt::new();
    let id = was.id.clone();
    let delete = move || {
        let id = id.clone();
        act(async move {
            attempt.start();
            match api::interfaces::delete_interface(id).await {
                Ok(()) => {
                    attempt.end(None);
                    around.say(t!(interfaces.deleted));
                    done.run(());
                }
                Err(error) if error.code() == Some(ErrorCode::Conflict) => {
                    attempt.end(Some(t!(interfaces.granted).to_owned()));
                }
                Err(error) => attempt.end(Some(words(&error))),
            }
        });
    };
    view! {
        <Confirm
            title=t!(interfaces.delete_title, name = was.name)
            facts=vec![t!(interfaces.delete_text).to_owned()]
            action=t!(interfaces.delete_confirm)
            busy=attempt.busy
            refusal=attempt.refusal
            on_confirm=move |()| delete()
            on_cancel=move |()| open.set(Open::Nothing)
        />
    }
}
