//! API Access: the list of tokens. Its filters, order and page stand in the address; what is selected does not.
//!
//! Rows have no handlers of their own: the table hears of every click and key in it, so that fifty rows cost
//! fifty rows and nothing more.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast as _;
use wire::{
    Attention, AttentionFilter, BulkToken, InterfaceView, Kind, Page, Permission, Status, TokenListQuery,
    TokenSort, TokenView,
};

use super::bulk::BulkAct;
use super::token_acts::{Act, ActDialogs, Acts, Done, TokenMenu};
use crate::api;
use crate::components::chips::{Rights, States, attention_words, kind_words, status_words};
use crate::components::head::Head;
use crate::components::icon::{Icon, icon};
use crate::components::list::empty;
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::menu::{Menu, MenuItem, RowMenu, close_menus};
use crate::components::pager::Pager;
use crate::components::time::{Ago, Day};
use crate::context::{Around, around};
use crate::dom::{Dom, after, view};
use crate::format;
use crate::lazy::{ManyPlace, Place, lazily};
use crate::model::query::{
    SORTS, attention_of, export_address, is_filtered, kind_of, permission_of, read_tokens, sort_of,
    sort_word, status_of, write_tokens,
};
use crate::model::selection::{MOST, Selection};
use crate::router;
use crate::text::t;

/// Milliseconds after the last key before the search begins.
const PAUSE: u64 = 250;

/// Where the bar of the selection is, for those who come there by the menu of a row.
const BAR: &str = "selection";

fn sort_words(sort: TokenSort) -> &'static str {
    match sort {
        TokenSort::Name => t!(tokens.sort_name),
        TokenSort::NameDescending => t!(tokens.sort_name_down),
        TokenSort::CreatedDescending => t!(tokens.sort_newest),
        TokenSort::Created => t!(tokens.sort_oldest),
        TokenSort::LastUsedDescending => t!(tokens.sort_used),
        TokenSort::LastUsed => t!(tokens.sort_unused),
        TokenSort::SecretAge => t!(tokens.sort_secret_age),
    }
}

fn address(query: &TokenListQuery) -> String {
    format!("/tokens{}", write_tokens(query))
}

/// The list's state, in the address and nowhere else.
#[derive(Clone, Copy)]
struct Listing {
    query: Memo<TokenListQuery>,
    around: Around,
}

impl Listing {
    /// Changes the query; another filter begins at the first page again.
    fn change(self, change: impl FnOnce(&mut TokenListQuery)) {
        let mut query = self.query.get_untracked();
        query.page = None;
        change(&mut query);
        self.show(&query);
    }

    /// Each choice is a step that Back leads away from; while somebody goes on typing it is the same one.
    fn show(self, query: &TokenListQuery) {
        let now = self.query.get_untracked();
        if now == *query {
            return;
        }
        let typing = now.q != query.q && now.q.is_some() && query.q.is_some();
        if typing {
            self.around.rewrite(&address(query));
        } else {
            self.around.step(&address(query));
        }
    }
}

/// All that the parts of the page share.
#[derive(Clone, Copy)]
struct List {
    listing: Listing,
    tokens: Loaded<Page<TokenView>>,
    chosen: RwSignal<Selection>,
    acts: Acts,
    menu: StoredValue<RowMenu, LocalStorage>,
    /// The row that the menu is for.
    menu_of: RwSignal<Option<TokenView>>,
}

impl List {
    /// The rows that are shown, as an act names them.
    fn rows(&self) -> Vec<BulkToken> {
        self.tokens.with(|page| {
            page.map(|page| page.items.iter().map(as_bulk).collect())
                .unwrap_or_default()
        })
    }

    fn token(&self, id: &str) -> Option<TokenView> {
        untrack(|| {
            self.tokens.with(|page| {
                let items = &page?.items;
                items.iter().find(|token| token.id.as_str() == id).cloned()
            })
        })
    }

    /// Changes the selection, and says where it is full.
    fn choose(&self, change: impl FnOnce(&mut Selection) -> bool) {
        let mut room = true;
        self.chosen.update(|chosen| room = change(chosen));
        if !room {
            self.listing
                .around
                .say(t!(bulk.full, most = format::count(MOST as u64)));
        }
    }
}

fn as_bulk(token: &TokenView) -> BulkToken {
    BulkToken {
        id: token.id.clone(),
        version: token.version,
    }
}

/// The page.
#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    let around = around();
    let query = around
        .router
        .query(router::Page::Tokens, |field| read_tokens(field));
    let listing = Listing { query, around };
    let tokens = Loaded::new(move || {
        around.changed.track();
        around.alarmed.track();
        api::tokens::list_tokens(query.get())
    });
    let interfaces = Loaded::new(api::interfaces::list_interfaces);
    let acts = Acts::new(move |_: Done| tokens.refetch());
    let chosen = RwSignal::new(Selection::default());
    let menu_of = RwSignal::new(None);
    let menu = StoredValue::new_local(RowMenu::new());
    let list = List {
        listing,
        tokens,
        chosen,
        acts,
        menu,
        menu_of,
    };
    let asked = StoredValue::new(false);
    after(move || {
        let last = tokens.with(|page| page.map(|page| (page.items.is_empty(), page.total, page.per_page)));
        let Some((empty, total, per_page)) = last else {
            return;
        };
        // What was on the last page may have been deleted: the list ends earlier now.
        if empty && total > 0 {
            let mut query = query.get_untracked();
            query.page = u32::try_from(total.div_ceil(per_page.max(1).into())).ok();
            around.rewrite(&address(&query));
        }
        let rows = untrack(|| list.rows());
        chosen.update(|chosen| chosen.renew(&rows));
        if asked.get_value() {
            asked.set_value(false);
            around.say(t!(tokens.updated));
        }
    });
    let update = move |_| {
        asked.set_value(true);
        tokens.refetch();
    };
    let export = move |format: &'static str| move || query.with(|query| export_address(query, format));
    let act = RwSignal::new(None::<BulkAct>);
    let close = move |done: bool| {
        act.set(None);
        if done {
            chosen.set(Selection::default());
            tokens.refetch();
        }
    };
    let show = move |page: Page<TokenView>| rows(page, &list).into_any();
    view! {
        <Head title=t!(tokens.title) lead=t!(tokens.lead)>
            <button type="button" class="btn" on:click=update>{icon(Icon::Turn)} {t!(common.update)}</button>
            <Menu
                label=t!(tokens.tables)
                class="btn"
                face={view! { {icon(Icon::Download)} {t!(tokens.tables)} }}
                speaks=true
            >
                <a href=export("csv") download="">{t!(tokens.export_csv)}</a>
                <a href=export("json") download="">{t!(tokens.export_json)}</a>
                <p class="hint">{t!(tokens.export_help)}</p>
                <hr />
                <a href="/tokens/import">{t!(tokens.import)}</a>
            </Menu>
            <button type="button" class="btn first" on:click=move |_| around.go("/tokens/new")>
                {icon(Icon::Plus)}
                {t!(tokens.add)}
            </button>
        </Head>
        <Tools listing interfaces />
        <Load from=tokens show waiting=|| skeleton(5) />
        {bar(&list, act)}
        {menu.with_value(|menu| menu.view(t!(common.actions), move || menu_of.get().map(|token| row_menu(token, &list))))}
        <ActDialogs acts />
        {move || {
            act.get()
                .map(|act| {
                    let tokens = chosen.with_untracked(|chosen| chosen.tokens().to_vec());
                    let on_close = Callback::new(close);
                    lazily(Place::Many(ManyPlace::Bulk { act, tokens, interfaces, on_close }))
                })
        }}
    }
}

/// A choice among words: how it is read from the query, and written there.
struct Facet {
    label: &'static str,
    read: fn(&TokenListQuery) -> &str,
    write: fn(&mut TokenListQuery, &str),
    /// Where nothing is chosen; without it there is always a choice.
    all: bool,
}

type Options = Vec<(String, String)>;

fn facet(facet: Facet, options: Box<dyn Fn() -> Options>, listing: Listing) -> Dom {
    let query = listing.query;
    let Facet {
        label,
        read,
        write,
        all,
    } = facet;
    let list = move || {
        let mut options = options();
        if all {
            options.insert(0, (String::new(), t!(tokens.all).to_owned()));
        }
        options
            .into_iter()
            .map(|(word, text)| {
                let mine = word.clone();
                let chosen = move || query.with(|query| read(query) == mine);
                view! { <option value=word prop:selected=chosen>{text}</option> }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <label class="facet" class:on=move || all && query.with(|query| !read(query).is_empty())>
            {label}
            <select aria-label=label on:change:target=move |event| listing.change(|query| write(query, &event.target().value()))>
                {list}
            </select>
        </label>
    }
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str, text: fn(T) -> &'static str) -> Options {
    all.iter()
        .map(|one| (word(*one).to_owned(), text(*one).to_owned()))
        .collect()
}

#[component]
fn Tools(listing: Listing, interfaces: Loaded<Vec<InterfaceView>>) -> impl IntoView {
    let query = listing.query;
    let typed = RwSignal::new(String::new());
    // The address may change without a key in this field: by Back, or by a link.
    after(move || {
        let asked = query.with(|query| query.q.clone().unwrap_or_default());
        if typed.with_untracked(|typed| typed.trim() != asked) {
            typed.set(asked);
        }
    });
    let later = StoredValue::new_local(None::<TimeoutHandle>);
    let search = move |text: String| {
        typed.set(text);
        if let Some(handle) = later.get_value() {
            handle.clear();
        }
        let handle = set_timeout_with_handle(
            move || {
                if let Some(text) = typed.try_get_untracked() {
                    let text = text.trim().to_owned();
                    listing.change(|query| query.q = (!text.is_empty()).then_some(text));
                }
            },
            std::time::Duration::from_millis(PAUSE),
        );
        later.set_value(handle.ok());
    };
    let names = move || {
        let mut names = interfaces.with(|data| match data {
            Some(list) => list.iter().map(|interface| interface.name.clone()).collect(),
            None => Vec::new(),
        });
        // A filter in the address is shown even where the list has not come yet.
        if let Some(chosen) = query.with(|query| query.interface.clone())
            && !names.contains(&chosen)
        {
            names.push(chosen);
        }
        names.into_iter().map(|name| (name.clone(), name)).collect()
    };
    let nothing = move || query.with(|query| !is_filtered(query)) && typed.with(String::is_empty);
    let reset = move |_| {
        typed.set(String::new());
        listing.change(|query| {
            *query = TokenListQuery {
                sort: query.sort,
                ..Default::default()
            }
        });
    };
    view! {
        <search class="tools" aria-label=t!(tokens.filters)>
            <label class="find">
                {icon(Icon::Find)}
                <input
                    type="search"
                    aria-label=t!(tokens.search)
                    placeholder=t!(tokens.search_placeholder)
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || typed.get()
                    on:input:target=move |event| search(event.target().value())
                />
            </label>
            {facet(
                Facet {
                    label: t!(tokens.status),
                    read: |query| query.status.map_or("", Status::as_str),
                    write: |query, word| query.status = status_of(word),
                    all: true,
                },
                Box::new(|| words(&Status::ALL, Status::as_str, status_words)),
                listing,
            )}
            {facet(
                Facet {
                    label: t!(tokens.kind),
                    read: |query| query.kind.map_or("", Kind::as_str),
                    write: |query, word| query.kind = kind_of(word),
                    all: true,
                },
                Box::new(|| words(&[Kind::Secret, Kind::Public], Kind::as_str, kind_words)),
                listing,
            )}
            {facet(
                Facet {
                    label: t!(tokens.interface),
                    read: |query| query.interface.as_deref().unwrap_or_default(),
                    write: |query, word| query.interface = (!word.is_empty()).then(|| word.to_owned()),
                    all: true,
                },
                Box::new(names),
                listing,
            )}
            {facet(
                Facet {
                    label: t!(tokens.permission),
                    read: |query| query.permission.map_or("", Permission::as_str),
                    write: |query, word| query.permission = permission_of(word),
                    all: true,
                },
                Box::new(|| words(&Permission::ALL, Permission::as_str, format::permission)),
                listing,
            )}
            {facet(
                Facet {
                    label: t!(tokens.attention),
                    read: |query| query.attention.map_or("", AttentionFilter::as_str),
                    write: |query, word| query.attention = attention_of(word),
                    all: true,
                },
                Box::new(|| {
                    let mut reasons = words(&Attention::ALL, Attention::as_str, |reason| attention_words(reason).0);
                    reasons.insert(0, ("any".to_owned(), t!(tokens.attention_any).to_owned()));
                    reasons
                }),
                listing,
            )}
            {facet(
                Facet {
                    label: t!(tokens.sort),
                    read: |query| sort_word(query.sort),
                    write: |query, word| query.sort = sort_of(word),
                    all: false,
                },
                Box::new(|| SORTS.iter().map(|(sort, word)| ((*word).to_owned(), sort_words(*sort).to_owned())).collect()),
                listing,
            )}
            <button
                type="button"
                class="btn quiet"
                aria-disabled=move || nothing().then_some("true")
                on:click=reset
            >
                {t!(common.reset)}
            </button>
        </search>
    }
}

fn nothing_there(filtered: bool) -> Dom {
    let (title, text) = if filtered {
        (t!(tokens.no_match_title), t!(tokens.no_match_text))
    } else {
        (t!(tokens.empty_title), t!(tokens.empty_text))
    };
    let add = (!filtered).then(|| {
        view! { <p class="row"><a class="btn first" href="/tokens/new">{t!(tokens.add)}</a></p> }
    });
    empty(title, text, add)
}

/// A heading by which the list is sorted, up and down.
fn sorter(listing: Listing, label: &'static str, [up, down]: [TokenSort; 2]) -> Dom {
    let sort = listing.query.with_untracked(|query| query.sort);
    let (sign, next) = if sort == up {
        (Some(Icon::Up), down)
    } else if sort == down {
        (Some(Icon::Down), up)
    } else {
        (None, up)
    };
    view! {
        <button type="button" class="sort" on:click=move |_| listing.change(|query| query.sort = next)>
            {label}
            {sign.map(icon)}
        </button>
    }
}

fn order(listing: Listing, up: &[TokenSort], down: TokenSort) -> &'static str {
    let sort = listing.query.with_untracked(|query| query.sort);
    if up.contains(&sort) {
        "ascending"
    } else if sort == down {
        "descending"
    } else {
        "none"
    }
}

fn rows(page: Page<TokenView>, list: &List) -> Dom {
    let list = *list;
    let listing = list.listing;
    if page.total == 0 {
        return nothing_there(listing.query.with_untracked(is_filtered));
    }
    let to = move |page: u32| {
        let mut query = listing.query.get_untracked();
        query.page = Some(page);
        listing.show(&query);
    };
    let here = StoredValue::new(page.items.iter().map(as_bulk).collect::<Vec<_>>());
    let body = NodeRef::<html::Tbody>::new();
    // One look at the selection for all rows.
    after(move || {
        list.chosen.with(|chosen| {
            if let Some(body) = body.get() {
                each_box(&body, |id, tick| tick.set_checked(chosen.has(id)));
            }
        });
    });
    let missing = move || {
        list.chosen.with(|chosen| {
            here.with_value(|here| here.iter().filter(|row| !chosen.has(row.id.as_str())).count())
        })
    };
    let all = here.with_value(Vec::len);
    let ups = [TokenSort::CreatedDescending, TokenSort::SecretAge];
    view! {
        <div class="card">
            <table class="list cards">
                <caption class="sr">{t!(tokens.caption)}</caption>
                <thead>
                    <tr>
                        <td class="pick">
                            <label>
                                <input
                                    type="checkbox"
                                    aria-label=t!(bulk.select_page)
                                    prop:checked=move || missing() == 0
                                    prop:indeterminate=move || (1..all).contains(&missing())
                                    on:change:target=move |event| {
                                        let on = event.target().checked();
                                        list.choose(|chosen| here.with_value(|here| chosen.set(here, on)));
                                    }
                                />
                            </label>
                        </td>
                        <th scope="col" aria-sort=order(listing, &[TokenSort::Name], TokenSort::NameDescending)>
                            {sorter(listing, t!(tokens.col_name), [TokenSort::Name, TokenSort::NameDescending])}
                        </th>
                        <th scope="col" class="wide">{t!(tokens.col_rights)}</th>
                        <th scope="col">{t!(tokens.col_pass)}</th>
                        <th scope="col" aria-sort=order(listing, &ups, TokenSort::Created)>
                            {sorter(listing, t!(tokens.col_created), [TokenSort::CreatedDescending, TokenSort::Created])}
                            {sorter(listing, t!(tokens.col_age), [TokenSort::SecretAge, TokenSort::SecretAge])}
                        </th>
                        <th scope="col" aria-sort=order(listing, &[TokenSort::LastUsedDescending], TokenSort::LastUsed)>
                            {sorter(listing, t!(tokens.col_used), [TokenSort::LastUsedDescending, TokenSort::LastUsed])}
                        </th>
                        <th scope="col">{t!(tokens.col_status)}</th>
                        <th scope="col"><span class="sr">{t!(common.actions)}</span></th>
                    </tr>
                </thead>
                <tbody
                    node_ref=body
                    on:click=move |event| clicked(&event, &list)
                    on:contextmenu=move |event| asked_for_menu(&event, &list)
                    on:keydown=move |event| walked(&event, &list)
                >
                    {page.items.into_iter().map(|token| row(token, &list)).collect::<Vec<_>>()}
                </tbody>
            </table>
            <Pager page=page.page per_page=page.per_page total=page.total label=t!(tokens.pages) on_page=to />
        </div>
    }
}

fn each_box(body: &web_sys::Element, mut see: impl FnMut(&str, &web_sys::HtmlInputElement)) {
    let Ok(boxes) = body.query_selector_all("input") else {
        return;
    };
    for at in 0..boxes.length() {
        let tick = boxes
            .item(at)
            .and_then(|node| node.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(tick) = tick {
            see(&tick.value(), &tick);
        }
    }
}

/// What an event in the table happened to, and the id of its row.
fn target(event: &web_sys::Event) -> Option<(web_sys::Element, web_sys::Element, String)> {
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let row = target.closest("tr[data-token-id]").ok().flatten()?;
    let id = row.get_attribute("data-token-id")?;
    Some((target, row, id))
}

fn clicked(event: &web_sys::Event, list: &List) {
    let Some((target, _, id)) = target(event) else {
        return;
    };
    if let Some(tick) = target.dyn_ref::<web_sys::HtmlInputElement>() {
        let (on, range) = (
            tick.checked(),
            event.unchecked_ref::<web_sys::MouseEvent>().shift_key(),
        );
        let rows = untrack(|| list.rows());
        list.choose(|chosen| chosen.click(&rows, &id, on, range));
        return;
    }
    let Some(button) = target.closest("button").ok().flatten() else {
        return;
    };
    let Some(token) = list.token(&id) else { return };
    if button.class_list().contains("link") {
        list.acts.ask(Act::Handover, token);
        return;
    }
    // The browser would open the menu for whichever row it was opened for last.
    event.prevent_default();
    let button: web_sys::HtmlElement = button.unchecked_into();
    list.menu.with_value(|menu| {
        if menu.is_open_for(&button) {
            close_menus();
        } else {
            list.menu_of.set(Some(token));
            menu.open(button, None);
        }
    });
}

/// The right button, a long touch, the menu key, Shift+F10: the browser makes one event of them all.
fn asked_for_menu(event: &web_sys::Event, list: &List) {
    let Some((_, row, id)) = target(event) else { return };
    let mouse: &web_sys::MouseEvent = event.unchecked_ref();
    let button = row.query_selector(".icon-btn").ok().flatten();
    let (Some(button), Some(token)) = (button, list.token(&id)) else {
        return;
    };
    // With Shift the browser's own menu is wanted; on a key, Shift says nothing.
    if mouse.shift_key() && mouse.button() == 2 {
        return;
    }
    event.prevent_default();
    let at = (f64::from(mouse.client_x()), f64::from(mouse.client_y()));
    list.menu_of.set(Some(token));
    list.menu
        .with_value(|menu| menu.open(button.unchecked_into(), (at != (0.0, 0.0)).then_some(at)));
}

/// From one checkbox to the next with the arrow keys; with Shift the selection goes along.
fn walked(event: &web_sys::Event, list: &List) {
    let key: &web_sys::KeyboardEvent = event.unchecked_ref();
    let down = key.key() == "ArrowDown";
    if !down && key.key() != "ArrowUp" {
        return;
    }
    let Some((target, row, _)) = target(event) else {
        return;
    };
    let Some(from) = target.dyn_ref::<web_sys::HtmlInputElement>() else {
        return;
    };
    let next = if down {
        row.next_element_sibling()
    } else {
        row.previous_element_sibling()
    };
    let next = next.and_then(|row| row.query_selector("input").ok().flatten());
    event.prevent_default();
    if let Some(next) = next.and_then(|next| next.dyn_into::<web_sys::HtmlInputElement>().ok()) {
        let _ = next.focus();
        if key.shift_key() {
            let (on, rows) = (from.checked(), untrack(|| list.rows()));
            list.choose(|chosen| chosen.click(&rows, &next.value(), on, false));
        }
    }
}

fn row(token: TokenView, list: &List) -> Dom {
    let pass = match token.kind {
        Kind::Secret => format::lifetime(token.temporary_lifetime, list.listing.around.default_lifetime()),
        Kind::Public => t!(lifetime.not_needed).to_owned(),
    };
    let hint = match &token.hint {
        Some(hint) => view! { <code>{hint.clone()}</code> },
        None => Dom::text(t!(tokens.no_secret)),
    };
    let ends = token.expires_at.filter(|_| token.status != Status::Expired);
    let waits = token.status == Status::AwaitingSecret;
    let id = token.id.to_string();
    let link = format!("/tokens/{id}");
    let about = [token.contact.as_str(), token.note.as_str()];
    let about: Vec<&str> = about.into_iter().filter(|text| !text.is_empty()).collect();
    let about = (!about.is_empty()).then(|| about.join("\n"));
    view! {
        <tr data-token-id=id.clone()>
            <td class="pick">
                <label>
                    <input type="checkbox" value=id aria-label=t!(bulk.select, name = token.name) />
                </label>
            </td>
            <th scope="row">
                <a class="name" href=link title=about>{token.name.clone()}</a>
                <small>{hint} " · " {kind_words(token.kind)}</small>
            </th>
            <td data-label=t!(tokens.col_rights)><Rights grants=token.grants.clone() /></td>
            <td data-label=t!(tokens.col_pass) class="pass">{pass}</td>
            <td data-label=t!(tokens.col_created) class="fit">
                <Day at=token.created_at />
                {token
                    .secrets
                    .first()
                    .map(|secret| {
                        let age = format::age(secret.created_at);
                        let words = age.map_or_else(
                            || t!(tokens.secret_new).to_owned(),
                            |age| t!(tokens.secret_age, age = age),
                        );
                        view! { <small title=format::exact(secret.created_at)>{words}</small> }
                    })}
            </td>
            <td data-label=t!(tokens.col_used) class="fit"><Ago at=token.last_used_at /></td>
            <td data-label=t!(tokens.col_status)>
                <States token=token.clone() />
                {waits
                    .then(|| {
                        view! { <small><button type="button" class="link">{t!(tokens.handover)}</button></small> }
                    })}
                {ends
                    .map(|at| view! { <small>{t!(tokens.ends, when = format::relative(at))}</small> })}
            </td>
            <td class="end">
                <button
                    type="button"
                    class="icon-btn"
                    aria-label=t!(common.actions_for, name = token.name)
                    aria-expanded="false"
                    popovertarget=list.menu.with_value(|menu| menu.id.clone())
                >
                    {icon(Icon::Dots)}
                </button>
            </td>
        </tr>
    }
}

/// What can be done to a row, below who it is: a title on hover is not for fingers and keys.
fn row_menu(token: TokenView, list: &List) -> Dom {
    let selected = list.chosen.with(|chosen| chosen.tokens().len());
    let open = format!("/tokens/{}", token.id);
    let line = |text: &str| (!text.is_empty()).then(|| view! { <small>{text.to_owned()}</small> });
    view! {
        <p class="who"><strong>{token.name.clone()}</strong> {line(&token.contact)} {line(&token.note)}</p>
        <hr />
        <a href=open>{t!(common.open)}</a>
        <TokenMenu token acts=list.acts />
        {(selected > 0)
            .then(|| {
                let go = move |()| {
                    let first = document().query_selector(&format!("#{BAR} button")).ok().flatten();
                    if let Some(first) = first.and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok()) {
                        let _ = first.focus();
                    }
                };
                let label = t!(bulk.go, count = format::count(selected as u64));
                view! { <hr /><MenuItem label on_click=go /> }
            })}
    }
}

/// What can be done to all that is selected. It stays in sight while the list is scrolled.
fn bar(list: &List, act: RwSignal<Option<BulkAct>>) -> Dom {
    let (chosen, list) = (list.chosen, *list);
    let count = move || chosen.with(|chosen| chosen.tokens().len());
    let words = move || {
        let count = count();
        if count == 0 {
            return String::new();
        }
        let rows = list.rows();
        match chosen.with(|chosen| chosen.elsewhere(&rows)) {
            0 => t!(bulk.selected, count = format::count(count as u64)),
            hidden => t!(
                bulk.selected_elsewhere,
                count = format::count(count as u64),
                hidden = format::count(hidden as u64)
            ),
        }
    };
    let some = Memo::new(move |_| count() > 0);
    let clear = move |_| {
        chosen.set(Selection::default());
        crate::components::dialog::keep_focus();
    };
    view! {
        <div class="bulk" id=BAR role="region" aria-label=t!(bulk.label) hidden=move || !some.get()>
            <p role="status">{words}</p>
            <div class="row">
                {BulkAct::ALL
                    .map(|one| {
                        view! {
                            <button type="button" class="btn small" on:click=move |_| act.set(Some(one))>
                                {one.words()}
                            </button>
                        }
                    })
                    .into_iter()
                    .collect::<Vec<_>>()}
                <button type="button" class="btn small quiet" on:click=clear>{t!(bulk.clear)}</button>
            </div>
        </div>
    }
}
