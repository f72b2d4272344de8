//! What stands around every page: rail, bar, your menu, the live region, and the two messages about the line to
//! the server.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast as _;
use wire::CurrentSession;

use super::dialog::{Modal, keep_focus};
use super::icon::{Icon, icon};
use super::language::{LanguageItems, LanguageQuestion, Switch, Wish};
use super::menu::{Menu, close_menus};
use crate::context::{Around, around};
use crate::dom::{Dom, after, view};
use crate::lazy::{AroundPlace, Place, fetch_later, lazily};
use crate::text::t;

/// Milliseconds for which a result is shown.
const SHOWN: u64 = 6000;

/// Milliseconds for which something can be taken back.
const OFFERED: u64 = 60_000;

const RAIL: &str = "rail";
const OFFERS: &str = "offers";

const SETTINGS: &str = "/settings/api";
const SITES: &str = "/settings/sites";

fn entries() -> [(&'static str, Icon, &'static str); 4] {
    [
        ("/", Icon::Home, t!(shell.overview)),
        ("/tokens", Icon::Key, t!(shell.api_access)),
        ("/interfaces", Icon::Grid, t!(shell.interfaces)),
        ("/activity", Icon::Log, t!(shell.activity)),
    ]
}

fn is_below(path: &str, root: &str) -> bool {
    if root == "/" {
        path == "/"
    } else {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// The frame.
#[component]
pub(crate) fn Shell(
    /// Whether the session has ended.
    signed_out: Signal<bool>,
    /// Whether the server is silent.
    gone: Signal<bool>,
    /// Looks again.
    #[prop(into)]
    on_check: Callback<()>,
    /// Another language was chosen.
    #[prop(into)]
    on_language: Callback<Wish>,
    children: Children,
) -> impl IntoView {
    let around = around();
    let path = around.router.path;
    let watches = fetch_later();
    let switch = Switch::new(on_language, path);
    let main = NodeRef::<html::Main>::new();
    after(move || {
        path.track();
        close_menus();
    });
    let skip = move |event: leptos::ev::Event| {
        event.prevent_default();
        if let Some(main) = main.get_untracked() {
            let _ = main.focus();
        }
    };
    let api_off = move || {
        around
            .session
            .with(|session| session.as_ref().is_some_and(|session| !session.api_enabled))
    };
    view! {
        <div class="shell">
            <div class="notices">
                {move || gone.get().then(|| view! { <Gone on_check /> })}
                {move || api_off().then(|| view! { <ApiOff /> })}
                {move || watches.get().then(|| lazily(Place::Around(AroundPlace::Alarms)))}
            </div>
            <header class="bar">
                <a class="skip" href="#main" on:click=skip>{t!(shell.skip)}</a>
                <button
                    type="button"
                    class="icon-btn open-rail"
                    popovertarget=RAIL
                    aria-label=t!(shell.open_navigation)
                >
                    {icon(Icon::Menu)}
                </button>
                <Trail path=path.into() />
                <div class="me">
                    {move || around.session.get().map(|session| view! { <Me session switch /> })}
                </div>
            </header>
            <aside class="rail" id=RAIL popover="auto" aria-label=t!(shell.navigation)>
                <a class="brand" href="/"><i></i>"Daypass"</a>
                <nav aria-label=t!(shell.navigation)>
                    <ul>
                        {entries()
                            .map(|(root, sign, label)| {
                                let current = move || is_below(&path.read(), root).then_some("page");
                                view! {
                                    <li><a href=root aria-current=current>{icon(sign)}{label}</a></li>
                                }
                            })
                            .into_iter()
                            .collect::<Vec<_>>()}
                    </ul>
                </nav>
                <footer>
                    {move || {
                        around
                            .session
                            .with(|session| session.as_ref().map(|session| session.api_enabled))
                            .map(api_state)
                    }}
                </footer>
            </aside>
            <Said />
            <main id="main" class="page" tabindex="-1" node_ref=main>{children()}</main>
        </div>
        <LanguageQuestion switch />
        {move || signed_out.get().then(|| view! { <SignedOut on_check /> })}
    }
}

fn api_state(on: bool) -> Dom {
    if on {
        view! { <a class="state active" href=SETTINGS>{t!(shell.api_on)}</a> }
    } else {
        view! { <a class="state inactive" href=SETTINGS>{t!(shell.api_off)}</a> }
    }
}

/// Where in the app this is.
#[component]
fn Trail(path: Signal<String>) -> impl IntoView {
    let places = Memo::new(move |_| {
        let path = path.read();
        // Watched sites stand below the API's settings, whatever their address says.
        let sites = is_below(&path, SITES);
        entries()
            .into_iter()
            .map(|(root, _, label)| (root, label))
            .chain([(SETTINGS, t!(shell.api)), (SITES, t!(sites.title))])
            .filter(|(root, _)| is_below(&path, root) || (sites && *root == SETTINGS))
            .map(|(root, label)| (root, label, path.trim_end_matches('/') == root || root == "/"))
            .collect::<Vec<_>>()
    });
    view! {
        <ol class="trail">
            <li class="root">{t!(shell.configuration)}</li>
            {move || {
                places
                    .get()
                    .into_iter()
                    .map(|(root, label, here)| {
                        if here {
                            view! { <li><span aria-current="location">{label}</span></li> }.into_any()
                        } else {
                            view! { <li><a href=root>{label}</a></li> }.into_any()
                        }
                    })
                    .collect::<Vec<_>>()
            }}
        </ol>
    }
}

fn initials(name: &str) -> String {
    let words = || {
        name.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    let letters = words()
        .take(1)
        .chain(words().skip(1).last())
        .filter_map(|word| word.chars().next());
    letters.flat_map(char::to_uppercase).collect()
}

/// Your menu.
#[component]
fn Me(session: CurrentSession, switch: Switch) -> impl IntoView {
    let chosen = session.user.language;
    let name = session.user.name;
    let face = view! {
        <span class="face" aria-hidden="true">{initials(&name)}</span>
        <span class="me-name">{name.clone()}</span>
        <span class="sr">{t!(shell.your_menu)}</span>
    }
    .into_any();
    view! {
        <Menu label=t!(shell.your_menu) class="me-btn" face speaks=true>
            <p class="who"><small>{t!(shell.signed_in_as)}</small><strong>{name.clone()}</strong></p>
            <hr />
            <h2>{t!(shell.configuration)}</h2>
            <a href="/tokens">{t!(shell.api_access)}</a>
            <a href=SETTINGS>{t!(shell.api)}</a>
            <a href="/api" rel="external">{t!(shell.reference)}</a>
            <hr />
            <LanguageItems chosen switch />
            <hr />
            <form method="post" action="/logout">
                <button type="submit">{t!(shell.sign_out)}</button>
            </form>
        </Menu>
    }
}

/// Results, for eyes and ears, and what can be taken back. Always there, so that screen readers listen to it, and
/// before the page, so that Undo is one step back from its heading.
#[component]
fn Said() -> impl IntoView {
    let around = around();
    let said = around.said;
    after(move || {
        if let Some((number, _)) = said.get() {
            set_timeout(
                move || {
                    if said
                        .try_with_untracked(|now| now.as_ref().map(|(now, _)| *now))
                        .flatten()
                        == Some(number)
                    {
                        said.set(None);
                    }
                },
                std::time::Duration::from_millis(SHOWN),
            );
        }
    });
    let mut newest = None;
    after(move || {
        let last = around.offers.with(|offers| offers.last().map(|last| last.number));
        if let Some(number) = last.filter(|_| last > newest) {
            end_later(around, number, OFFERED);
        }
        newest = last;
    });
    // As everywhere else on a computer; where text is typed it is the field's own.
    let keys = window_event_listener_untyped("keydown", move |event| {
        let event: web_sys::KeyboardEvent = event.unchecked_into();
        let typing = || {
            document()
                .query_selector(":is(input:not([type=checkbox], [type=radio]), textarea):focus, dialog[open]")
        };
        let wanted = (event.ctrl_key() || event.meta_key()) && !event.shift_key() && event.key() == "z";
        if wanted && typing().ok().flatten().is_none() {
            let last = around
                .offers
                .with_untracked(|offers| offers.last().map(|last| last.number));
            if let Some(number) = last {
                event.prevent_default();
                around.end_offer(number, true);
            }
        }
    });
    on_cleanup(move || keys.remove());
    let offers = move || {
        around
            .offers
            .get()
            .into_iter()
            .map(|offer| {
                let number = offer.number;
                let end = move |undo| {
                    around.end_offer(number, undo);
                    keep_focus();
                };
                view! {
                    <div class="toast">
                        <span>{offer.text}</span>
                        <button type="button" aria-keyshortcuts="Control+Z" on:click=move |_| end(true)>
                            {t!(shell.undo)}
                        </button>
                        <button type="button" aria-label=t!(common.close) on:click=move |_| end(false)>"✕"</button>
                    </div>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <div class="toasts">
            <div role="status">
                {move || said.get().map(|(_, text)| view! { <p class="toast">{text}</p> })}
            </div>
            <div role="status" id=OFFERS>{offers}</div>
        </div>
    }
}

/// Takes an offer away when its time is over, but never from under a pointer or the focus.
fn end_later(around: Around, number: u32, millis: u64) {
    let end = move || {
        let busy = document().query_selector(&format!("#{OFFERS}:is(:hover, :focus-within)"));
        if busy.ok().flatten().is_some() {
            end_later(around, number, SHOWN);
        } else {
            around.end_offer(number, false);
        }
    };
    set_timeout(end, std::time::Duration::from_millis(millis));
}

/// API access is off as a whole: whoever wonders why nothing works must see it, wherever they are.
#[component]
fn ApiOff() -> impl IntoView {
    view! {
        <div class="banner" role="status">
            <span>{t!(shell.api_off_text)}</span>
            <a class="btn small" href=SETTINGS>{t!(shell.api_off_link)}</a>
        </div>
    }
}

/// Seconds until the server is asked again: soon at first, then less and less often.
fn pause(tries: u32) -> u64 {
    (2_u64 << tries.min(5)).min(60)
}

/// The server is silent.
#[component]
fn Gone(on_check: Callback<()>) -> impl IntoView {
    let next = StoredValue::new_local(None::<TimeoutHandle>);
    ask_later(on_check, next, 0);
    on_cleanup(move || {
        if let Some(handle) = next.try_get_value().flatten() {
            handle.clear();
        }
    });
    view! {
        <div class="banner" role="alert">
            <span>{t!(shell.gone)}</span>
            <button type="button" class="btn small" on:click=move |_| on_check.run(())>{t!(common.retry)}</button>
        </div>
    }
}

fn ask_later(on_check: Callback<()>, next: StoredValue<Option<TimeoutHandle>, LocalStorage>, tries: u32) {
    let ask = move || {
        on_check.run(());
        ask_later(on_check, next, tries + 1);
    };
    let handle = set_timeout_with_handle(ask, std::time::Duration::from_secs(pause(tries)));
    let _ = next.try_set_value(handle.ok());
}

/// The session has ended. Nothing below it is touched, so that nothing typed is lost.
#[component]
fn SignedOut(on_check: Callback<()>) -> impl IntoView {
    let around = around();
    // On a first visit there is nothing to lose, so signing in may take this tab.
    let first = around.session.with_untracked(Option::is_none);
    // A tab that was opened only to sign in says so at its end, instead of becoming a second app.
    let sign_in = if first {
        "/login"
    } else {
        "/login?again=yes&next=/login/done"
    };
    let focus = window_event_listener_untyped("focus", move |_| on_check.run(()));
    on_cleanup(move || focus.remove());
    view! {
        <Modal labelled_by="signed-out-title" on_cancel=|()| () small=true>
            <header>
                <h2 id="signed-out-title">{t!(signed_out.title)}</h2>
                <p>{if first { t!(signed_out.first) } else { t!(signed_out.lead) }}</p>
            </header>
            <section>{(!first).then(|| view! { <p>{t!(signed_out.how)}</p> })}</section>
            <footer>
                {(!first)
                    .then(|| {
                        view! {
                            <button type="button" class="btn quiet" on:click=move |_| on_check.run(())>
                                {t!(signed_out.check)}
                            </button>
                        }
                    })}
                <a class="btn first" href=sign_in rel="external" target=(!first).then_some("_blank") autofocus=true>
                    {t!(signed_out.sign_in)}
                </a>
            </footer>
        </Modal>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_last_name() {
        assert_eq!(initials("Ingrid Lunde"), "IL");
        assert_eq!(initials("ada"), "A");
        assert_eq!(initials("Anne-Marie van Dam"), "AD");
        assert_eq!(initials("…"), "");
    }

    #[test]
    fn a_silent_server_is_asked_less_and_less_often() {
        let pauses: Vec<_> = (0..7).map(pause).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_page_is_below_its_root_only() {
        assert!(is_below("/tokens/new", "/tokens"));
        assert!(!is_below("/tokensets", "/tokens"));
        assert!(is_below("/", "/"));
        assert!(!is_below("/tokens", "/"));
    }
}
