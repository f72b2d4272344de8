//! Watched sites: which are searched for secrets, and what was found there. Values are shown by their hints; nothing else
//! of them ever comes here.

use std::time::Duration;

use leptos::prelude::*;
use wire::{
    CreateSiteRequest, FieldError, Origin, PatchSettingsRequest, PatchSiteRequest, SiteFinding, SiteSearch,
    SiteView,
};

use super::{Attempt, act};
use crate::api;
use crate::components::dialog::{Confirm, Modal};
use crate::components::field::{CheckField, Errors, Summary, TextField};
use crate::components::head::Head;
use crate::components::icon::{Icon, icon};
use crate::components::list::{empty, table};
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::menu::{Menu, MenuItem};
use crate::components::problem::{Refusal, words};
use crate::components::time::Ago;
use crate::context::around;
use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// How often is looked whether a search is over.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Which dialog is open.
#[derive(Clone)]
enum Open {
    Nothing,
    New,
    Delete(SiteView),
}

/// The page.
#[component]
pub(crate) fn SitesPage() -> impl IntoView {
    let sites = Loaded::new(api::sites::list_sites);
    let open = RwSignal::new(Open::Nothing);
    let alive = RwSignal::new(());
    let done = Callback::new(move |()| {
        open.set(Open::Nothing);
        sites.refetch();
    });
    let show = move |list: Vec<SiteView>| {
        if list.iter().any(|site| site.searching) {
            look_again(list.clone(), sites, alive);
        }
        rows(list, open, sites).into_any()
    };
    view! {
        <Head title=t!(sites.title) lead=t!(sites.lead)>
            <button type="button" class="btn first" on:click=move |_| open.set(Open::New)>
                {icon(Icon::Plus)}
                {t!(sites.add)}
            </button>
        </Head>
        <Daily />
        <Load from=sites show=show waiting=|| skeleton(3) />
        {move || match open.get() {
            Open::Nothing => Dom::empty(),
            Open::New => view! { <Form open done /> }.into_any(),
            Open::Delete(site) => view! { <Delete site open done /> }.into_any(),
        }}
    }
}

/// Looks whether a search is over, and draws the list anew when something has changed: a row that is being read, or has the
/// focus, stays.
fn look_again(shown: Vec<SiteView>, sites: Loaded<Vec<SiteView>>, alive: RwSignal<()>) {
    let look = move || {
        // The page may be gone.
        if alive.is_disposed() {
            return;
        }
        act(async move {
            let now = api::sites::list_sites().await;
            if alive.is_disposed() {
                return;
            }
            match now {
                Ok(now) if now != shown => sites.refetch(),
                _ => look_again(shown, sites, alive),
            }
        });
    };
    set_timeout(look, LOOK_AGAIN);
}

/// The switch of the daily search.
#[component]
fn Daily() -> impl IntoView {
    let around = around();
    let settings = Loaded::new(api::settings::find_settings);
    // They outlive the answer that draws the switch anew.
    let errors: Errors = RwSignal::new(Vec::<FieldError>::new());
    let attempt = Attempt::new();
    let show = move |now: wire::SettingsView| {
        let on = RwSignal::new(now.watch_sites);
        let version = StoredValue::new(now.version);
        let change = move |to: bool| {
            if attempt.busy.get_untracked() {
                // The browser has ticked the box already.
                on.notify();
                return;
            }
            act(async move {
                attempt.start();
                on.set(to);
                let request = PatchSettingsRequest {
                    version: version.get_value(),
                    watch_sites: Some(to),
                    ..PatchSettingsRequest::default()
                };
                match api::settings::patch_settings(request).await {
                    Ok(saved) => {
                        attempt.end(None);
                        version.set_value(saved.version);
                        around.say(t!(settings.saved));
                    }
                    Err(error) => {
                        attempt.end(Some(words(&error)));
                        // Somebody may have saved other settings meanwhile.
                        settings.refetch();
                    }
                }
            });
        };
        view! {
            <div class="card">
                <div class="form pad">
                    <CheckField
                        field="watch_sites"
                        label=t!(sites.watch)
                        hint=t!(sites.watch_help)
                        value=on
                        on_input=change
                        errors
                    />
                    <Refusal text=attempt.refusal />
                </div>
            </div>
        }
        .into_any()
    };
    view! { <Load from=settings show waiting=|| skeleton(1) /> }
}

fn rows(list: Vec<SiteView>, open: RwSignal<Open>, sites: Loaded<Vec<SiteView>>) -> Dom {
    if list.is_empty() {
        return empty(t!(sites.empty_title), t!(sites.empty_text), None);
    }
    let columns = [t!(sites.col_origin), t!(sites.col_searched), t!(sites.col_found)];
    let rows = list.into_iter().map(|site| row(site, open, sites)).collect();
    table(t!(sites.title), &columns, rows)
}

fn row(site: SiteView, open: RwSignal<Open>, sites: Loaded<Vec<SiteView>>) -> Dom {
    let around = around();
    let (id, version, paused) = (site.id.clone(), site.version, site.paused);
    let searched = site.id.clone();
    let search = move || {
        let id = searched.clone();
        act(async move {
            match api::sites::search_site(id).await {
                Ok(_) => sites.refetch(),
                Err(error) => around.say(words(&error)),
            }
        });
    };
    let pause = move || {
        let id = id.clone();
        act(async move {
            let request = PatchSiteRequest {
                version,
                paused: Some(!paused),
            };
            if let Err(error) = api::sites::patch_site(id, request).await {
                around.say(words(&error));
            }
            sites.refetch();
        });
    };
    let last = site.last_search.as_ref().map(|search| search.ended_at);
    let gone = site.clone();
    view! {
        <tr data-site-id=site.id.to_string()>
            <th scope="row">
                <span class="name">{site.origin.to_string()}</span>
                {paused.then(|| view! { <span class="chip">{t!(sites.paused)}</span> })}
            </th>
            <td data-label=t!(sites.col_searched) class="fit">
                {if site.searching { Dom::text(t!(sites.searching)) } else { view! { <Ago at=last /> }.into_any() }}
            </td>
            <td data-label=t!(sites.col_found)><div>{site.last_search.map(result)}</div></td>
            <td class="end">
                <Menu
                    label=t!(common.actions_for, name = site.origin.to_string())
                    class="icon-btn"
                    face=icon(Icon::Dots)
                >
                    <MenuItem label=t!(sites.search) on_click=move |()| search() />
                    <MenuItem
                        label=if paused { t!(sites.resume) } else { t!(sites.pause) }
                        on_click=move |()| pause()
                    />
                    <hr />
                    <MenuItem label=t!(sites.delete) on_click=move |()| open.set(Open::Delete(gone.clone())) />
                </Menu>
            </td>
        </tr>
    }
}

/// What a search found.
fn result(search: SiteSearch) -> Dom {
    if let Some(failure) = search.failure {
        return Dom::text(&t!(sites.failed, reason = failure));
    }
    let files = format::count(search.files);
    let summary = if search.total == 0 {
        t!(sites.nothing, files = files)
    } else {
        t!(sites.found, count = format::count(search.total), files = files)
    };
    let findings = search.findings.into_iter().map(finding).collect::<Vec<_>>();
    let notes = search.not_searched;
    view! {
        <p>{summary}</p>
        <ul class="keep-list">{findings}</ul>
        {(!notes.is_empty())
            .then(|| {
                let notes = notes.into_iter().map(|note| view! { <li>{note}</li> }).collect::<Vec<_>>();
                view! {
                    <details>
                        <summary>{t!(sites.not_searched)}</summary>
                        <ul class="keep-list">{notes}</ul>
                    </details>
                }
            })}
    }
    .into_any()
}

fn finding(finding: SiteFinding) -> Dom {
    let place = if finding.line > 0 {
        format!("{}:{}", finding.place, finding.line)
    } else {
        finding.place
    };
    let token = match finding.token {
        Some(token) => view! { <a href=format!("/tokens/{}", token.id)>{token.name}</a> }.into_any(),
        None => Dom::text(t!(sites.unknown_token)),
    };
    view! {
        <li>
            {token}
            " "
            <code>{finding.hint}</code>
            " "
            <small>{place}</small>
        </li>
    }
}

#[component]
fn Form(open: RwSignal<Open>, done: Callback<()>) -> impl IntoView {
    let around = around();
    let origin = RwSignal::new(String::new());
    let errors: Errors = RwSignal::new(Vec::<FieldError>::new());
    let attempt = Attempt::new();
    let save = move || {
        act(async move {
            attempt.start();
            errors.set(Vec::new());
            let request = match Origin::parse(&origin.get_untracked()) {
                Ok(origin) => CreateSiteRequest { origin },
                Err(code) => {
                    errors.set(vec![FieldError::new("origin", code)]);
                    return attempt.end(None);
                }
            };
            match api::sites::create_site(request).await {
                Ok(site) => {
                    around.say(t!(sites.created, name = site.origin.to_string()));
                    done.run(());
                }
                Err(error) => attempt.refuse(errors, error),
            }
        });
    };
    let submit = move |event: leptos::ev::Event| {
        event.prevent_default();
        if !attempt.busy.get_untracked() {
            save();
        }
    };
    let typed = move |_: String| origin.get_untracked();
    let close = move || open.set(Open::Nothing);
    view! {
        <Modal labelled_by="site-title" on_cancel=move |()| close() small=true>
            <form novalidate on:submit=submit>
                <header><h2 id="site-title">{t!(sites.add)}</h2></header>
                <section class="form">
                    <Summary errors typed />
                    <Refusal text=attempt.refusal />
                    <TextField
                        field="origin"
                        label=t!(sites.origin)
                        hint=t!(sites.origin_help)
                        value=origin
                        on_input=move |text| origin.set(text)
                        errors
                        focus=true
                    />
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

#[component]
fn Delete(site: SiteView, open: RwSignal<Open>, done: Callback<()>) -> impl IntoView {
    let around = around();
    let attempt = Attempt::new();
    let id = site.id.clone();
    let delete = move || {
        let id = id.clone();
        act(async move {
            attempt.start();
            match api::sites::delete_site(id).await {
                Ok(()) => {
                    attempt.end(None);
                    around.say(t!(sites.deleted));
                    done.run(());
                }
                Err(error) => attempt.end(Some(words(&error))),
            }
        });
    };
    view! {
        <Confirm
            title=t!(sites.delete_title, name = site.origin.to_string())
            facts=vec![t!(sites.delete_text).to_owned()]
            action=t!(sites.delete)
            busy=attempt.busy
            refusal=attempt.refusal
            on_confirm=move |()| delete()
            on_cancel=move |()| open.set(Open::Nothing)
        />
    }
}
