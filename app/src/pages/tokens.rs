//! API Access: the list of tokens. Its state stands in the address.

use leptos::prelude::*;
use wire::{
    Attention, AttentionFilter, InterfaceView, Kind, Page, Permission, Status, TokenListQuery, TokenSort,
    TokenView,
};

use super::token_acts::{Act, ActDialogs, Acts, Done, TokenMenu};
use crate::api;
use crate::components::chips::{Rights, States, attention_words, status_words};
use crate::components::head::Head;
use crate::components::icon::{Icon, icon};
use crate::components::load::{Load, Loaded, skeleton};
use crate::components::menu::Menu;
use crate::components::pager::Pager;
use crate::components::time::{Ago, Day};
use crate::context::{Around, around};
use crate::dom::{Dom, view};
use crate::format;
use crate::model::query::{
    SORTS, attention_of, is_filtered, kind_of, permission_of, read_tokens, sort_of, sort_word, status_of,
    write_tokens,
};
use crate::router;
use crate::text::t;

/// Milliseconds after the last key before the search begins.
const PAUSE: u64 = 250;

fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Secret => t!(kind.secret),
        Kind::Public => t!(kind.public),
    }
}

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
        if query != self.query.get_untracked() {
            self.show(&query);
        }
    }

    /// Each choice is a step that Back leads away from; while somebody goes on typing it is the same one.
    fn show(self, query: &TokenListQuery) {
        let address = format!("/tokens{}", write_tokens(query));
        let typing = self
            .query
            .with_untracked(|now| now.q != query.q && now.q.is_some() && query.q.is_some());
        if typing {
            self.around.rewrite(&address);
        } else {
            self.around.step(&address);
        }
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
        api::tokens::list_tokens(query.get())
    });
    let interfaces = Loaded::new(api::interfaces::list_interfaces);
    let acts = Acts::new(move |_: Done| tokens.refetch());
    let show = move |list: Page<TokenView>| rows(list, listing, acts).into_any();
    view! {
        <Head title=t!(tokens.title) lead=t!(tokens.lead)>
            <button type="button" class="btn" on:click=move |_| tokens.refetch()>
                {icon(Icon::Turn)}
                {t!(common.update)}
            </button>
            <button type="button" class="btn first" on:click=move |_| around.go("/tokens/new")>
                {icon(Icon::Plus)}
                {t!(tokens.add)}
            </button>
        </Head>
        <Tools listing interfaces />
        <Load from=tokens show waiting=|| skeleton(5) />
        <ActDialogs acts />
    }
}

#[component]
fn Tools(listing: Listing, interfaces: Loaded<Vec<InterfaceView>>) -> impl IntoView {
    let query = listing.query;
    let typed = RwSignal::new(query.get_untracked().q.unwrap_or_default());
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
    let filtered = move || query.with(is_filtered);
    let statuses = Status::ALL.map(|status| (status.as_str().to_owned(), status_words(status).to_owned()));
    let kinds =
        [Kind::Secret, Kind::Public].map(|kind| (kind.as_str().to_owned(), kind_words(kind).to_owned()));
    let permissions =
        Permission::ALL.map(|right| (right.as_str().to_owned(), format::permission(right).to_owned()));
    let reasons: Vec<_> = std::iter::once((AttentionFilter::Any, t!(tokens.attention_any)))
        .chain(Attention::ALL.map(|reason| (AttentionFilter::Only(reason), attention_words(reason).0)))
        .map(|(filter, words)| (filter.as_str().to_owned(), words.to_owned()))
        .collect();
    let names = Signal::derive(move || {
        let known = interfaces.with(|data| match data {
            Some(list) => list.iter().map(|interface| interface.name.clone()).collect(),
            None => Vec::new(),
        });
        // A filter in the address is shown even where the list has not come yet.
        let chosen = query
            .with(|query| query.interface.clone())
            .filter(|name| !known.contains(name));
        chosen
            .into_iter()
            .chain(known)
            .map(|name| (name.clone(), name))
            .collect::<Vec<_>>()
    });
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
            <Facet
                label=t!(tokens.status)
                options=Signal::stored(statuses.to_vec())
                value=Signal::derive(move || query.with(|q| q.status.map(Status::as_str).unwrap_or_default().to_owned()))
                on_choose=move |word: String| listing.change(|query| query.status = status_of(&word))
            />
            <Facet
                label=t!(tokens.kind)
                options=Signal::stored(kinds.to_vec())
                value=Signal::derive(move || query.with(|q| q.kind.map(Kind::as_str).unwrap_or_default().to_owned()))
                on_choose=move |word: String| listing.change(|query| query.kind = kind_of(&word))
            />
            <Facet
                label=t!(tokens.interface)
                options=names
                value=Signal::derive(move || query.with(|q| q.interface.clone().unwrap_or_default()))
                on_choose=move |word: String| {
                    listing.change(|query| query.interface = (!word.is_empty()).then_some(word));
                }
            />
            <Facet
                label=t!(tokens.permission)
                options=Signal::stored(permissions.to_vec())
                value=Signal::derive(move || query.with(|q| q.permission.map(Permission::as_str).unwrap_or_default().to_owned()))
                on_choose=move |word: String| listing.change(|query| query.permission = permission_of(&word))
            />
            <Facet
                label=t!(tokens.attention)
                options=Signal::stored(reasons)
                value=Signal::derive(move || query.with(|q| q.attention.map(AttentionFilter::as_str).unwrap_or_default().to_owned()))
                on_choose=move |word: String| listing.change(|query| query.attention = attention_of(&word))
            />
            <label class="facet">
                {t!(tokens.sort)}
                <select
                    prop:value=move || sort_word(query.with(|query| query.sort))
                    on:change:target=move |event| {
                        let sort = sort_of(&event.target().value());
                        listing.change(|query| query.sort = sort);
                    }
                >
                    {SORTS
                        .map(|(sort, word)| {
                            let chosen = query.with_untracked(|query| query.sort) == sort;
                            view! { <option value=word selected=chosen>{sort_words(sort)}</option> }
                        })
                        .into_iter()
                        .collect::<Vec<_>>()}
                </select>
            </label>
            {move || {
                filtered()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn quiet"
                                on:click=move |_| {
                                    typed.set(String::new());
                                    listing
                                        .change(|query| {
                                            *query = TokenListQuery { sort: query.sort, ..Default::default() };
                                        });
                                }
                            >
                                {t!(common.reset)}
                            </button>
                        }
                    })
            }}
        </search>
    }
}

#[component]
fn Facet(
    #[prop(into)] label: String,
    options: Signal<Vec<(String, String)>>,
    value: Signal<String>,
    #[prop(into)] on_choose: Callback<String>,
) -> impl IntoView {
    view! {
        <label class="facet" class:on=move || value.with(|value| !value.is_empty())>
            {label}
            <select on:change:target=move |event| on_choose.run(event.target().value())>
                <option value="" selected=move || value.with(String::is_empty)>{t!(tokens.all)}</option>
                {move || {
                    options
                        .get()
                        .into_iter()
                        .map(|(word, text)| {
                            let chosen = {
                                let word = word.clone();
                                move || value.with(|value| *value == word)
                            };
                            view! { <option value=word selected=chosen>{text}</option> }
                        })
                        .collect::<Vec<_>>()
                }}
            </select>
        </label>
    }
}

fn rows(list: Page<TokenView>, listing: Listing, acts: Acts) -> Dom {
    let around = listing.around;
    if list.total == 0 {
        let plain = !listing.query.with_untracked(is_filtered);
        let (title, text) = if plain {
            (t!(tokens.empty_title), t!(tokens.empty_text))
        } else {
            (t!(tokens.no_match_title), t!(tokens.no_match_text))
        };
        return view! {
            <div class="card empty">
                <h2>{title}</h2>
                <p>{text}</p>
                {plain
                    .then(|| {
                        view! {
                            <p class="row"><a class="btn first" href="/tokens/new">{t!(tokens.add)}</a></p>
                        }
                    })}
            </div>
        }
        .into_any();
    }
    let to = move |page: u32| {
        let mut query = listing.query.get_untracked();
        query.page = Some(page);
        listing.show(&query);
    };
    let sort = listing.query.with_untracked(|query| query.sort);
    let head = |label: &'static str, up: TokenSort, down: TokenSort| {
        let (order, next) = if sort == up {
            ("ascending", down)
        } else if sort == down {
            ("descending", up)
        } else {
            ("none", up)
        };
        let sign = match order {
            "ascending" => Some(Icon::Up),
            "descending" => Some(Icon::Down),
            _ => None,
        };
        view! {
            <th scope="col" aria-sort=order>
                <button type="button" class="sort" on:click=move |_| listing.change(|query| query.sort = next)>
                    {label}
                    {sign.map(icon)}
                </button>
            </th>
        }
    };
    view! {
        <div class="card">
            <table class="list cards">
                <caption class="sr">{t!(tokens.caption)}</caption>
                <thead>
                    <tr>
                        {head(t!(tokens.col_name), TokenSort::Name, TokenSort::NameDescending)}
                        <th scope="col" class="wide">{t!(tokens.col_rights)}</th>
                        <th scope="col">{t!(tokens.col_pass)}</th>
                        {head(t!(tokens.col_created), TokenSort::CreatedDescending, TokenSort::Created)}
                        {head(t!(tokens.col_used), TokenSort::LastUsedDescending, TokenSort::LastUsed)}
                        <th scope="col">{t!(tokens.col_status)}</th>
                        <th scope="col"><span class="sr">{t!(tokens.col_actions)}</span></th>
                    </tr>
                </thead>
                <tbody>
                    {list.items.into_iter().map(|token| row(token, around, acts)).collect::<Vec<_>>()}
                </tbody>
            </table>
            <Pager page=list.page per_page=list.per_page total=list.total label=t!(tokens.pages) on_page=to />
        </div>
    }
    .into_any()
}

fn row(token: TokenView, around: Around, acts: Acts) -> Dom {
    let pass = match token.kind {
        Kind::Secret => format::lifetime(token.temporary_lifetime, around.default_lifetime()),
        Kind::Public => t!(lifetime.not_needed).to_owned(),
    };
    let hint = match &token.hint {
        Some(hint) => view! { <code>{hint.clone()}</code> }.into_any(),
        None => Dom::text(t!(tokens.no_secret)),
    };
    let ends = token.expires_at.filter(|_| token.status != Status::Expired);
    let in_menu = token.clone();
    let waits = token.status == Status::AwaitingSecret;
    let handover = {
        let token = token.clone();
        move |_| acts.ask(Act::Handover, token.clone())
    };
    view! {
        <tr data-token-id=token.id.to_string()>
            <th scope="row">
                <a class="name" href=format!("/tokens/{}", token.id)>{token.name.clone()}</a>
                <small>{hint} " · " {kind_words(token.kind)}</small>
            </th>
            <td data-label=t!(tokens.col_rights)><Rights grants=token.grants.clone() /></td>
            <td data-label=t!(tokens.col_pass) class="pass">{pass}</td>
            <td data-label=t!(tokens.col_created) class="fit"><Day at=token.created_at /></td>
            <td data-label=t!(tokens.col_used) class="fit"><Ago at=token.last_used_at /></td>
            <td data-label=t!(tokens.col_status)>
                <States token=token.clone() />
                {waits
                    .then(|| {
                        view! {
                            <small>
                                <button type="button" class="link" on:click=handover>{t!(tokens.handover)}</button>
                            </small>
                        }
                    })}
                {ends
                    .map(|at| view! { <small>{t!(tokens.ends, when = format::relative(at))}</small> })}
            </td>
            <td class="end">
                <Menu
                    label=t!(common.actions_for, name = token.name)
                    class="icon-btn"
                    face=icon(Icon::Dots)
                >
                    <TokenMenu token=in_menu acts />
                </Menu>
            </td>
        </tr>
    }
}
