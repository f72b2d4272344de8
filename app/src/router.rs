//! Which page an address means, and the way from one to another without loading the app anew.
//!
//! Owns the address bar. (Leptos' router did the same for 55 kB of WebAssembly more than this; the budget of a
//! first visit has no room for it.) What stands on a page belongs to `pages`.

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wire::TokenId;

use crate::leaving::may_leave;

/// Gives the value of a parameter of the address.
type Parameters<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Page {
    Overview,
    Tokens,
    NewToken,
    ImportTokens,
    Token(TokenId),
    EditToken(TokenId),
    Interfaces,
    Activity,
    Settings,
    /// Watched sites.
    Sites,
    Nowhere,
}

impl Page {
    /// The page of a path.
    pub(crate) fn of(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let parts = [parts.next(), parts.next(), parts.next(), parts.next()];
        let id = || parts[1].and_then(|id| id.parse().ok());
        match parts {
            [None, ..] => Self::Overview,
            [Some("tokens"), None, ..] => Self::Tokens,
            [Some("tokens"), Some("new"), None, _] => Self::NewToken,
            [Some("tokens"), Some("import"), None, _] => Self::ImportTokens,
            [Some("tokens"), Some(_), None, _] => id().map_or(Self::Nowhere, Self::Token),
            [Some("tokens"), Some(_), Some("edit"), None] => id().map_or(Self::Nowhere, Self::EditToken),
            [Some("interfaces"), None, ..] => Self::Interfaces,
            [Some("activity"), None, ..] => Self::Activity,
            [Some("settings"), Some("api"), None, _] => Self::Settings,
            [Some("settings"), Some("sites"), None, _] => Self::Sites,
            _ => Self::Nowhere,
        }
    }
}

/// The address, as signals.
#[derive(Clone, Copy)]
pub(crate) struct Router {
    pub(crate) path: RwSignal<String>,
    /// With its question mark, or empty.
    query: RwSignal<String>,
    /// Counts arrivals at a page; the same page under another query is no arrival.
    page: RwSignal<Page>,
    /// The number of the entry of the history that is shown: each new one is one more, so that a step that was not to be
    /// taken can be taken back in its direction.
    at: StoredValue<i32>,
}

impl Router {
    /// Reads the address and follows it. Once, for as long as the app lives.
    pub(crate) fn start() -> Self {
        let router = Self {
            path: RwSignal::new(String::new()),
            query: RwSignal::new(String::new()),
            page: RwSignal::new(Page::Nowhere),
            at: StoredValue::new(entry()),
        };
        router.read();
        listen("popstate", move |_| router.step_in_history());
        listen("click", move |event| {
            if let Some(to) = inside(&event) {
                event.prevent_default();
                if may_leave() {
                    router.go(&to);
                }
            }
        });
        router
    }

    /// Back or Forward: the address has changed already.
    fn step_in_history(self) {
        let (from, to) = (self.at.get_value(), entry());
        let elsewhere = Page::of(&window().location().pathname().unwrap_or_default());
        if from != to && self.page.with_untracked(|page| *page != elsewhere) && !may_leave() {
            if let Ok(history) = window().history() {
                let _ = history.go_with_delta(from - to);
            }
            return;
        }
        self.at.set_value(to);
        self.read();
    }

    fn read(self) {
        let location = window().location();
        let path = location.pathname().unwrap_or_default();
        let query = location.search().unwrap_or_default();
        let page = Page::of(&path);
        if self.query.with_untracked(|now| *now != query) {
            self.query.set(query);
        }
        if self.path.with_untracked(|now| *now != path) {
            self.path.set(path);
        }
        if self.page.with_untracked(|now| *now != page) {
            self.page.set(page);
        }
    }

    /// Goes to another page of the app.
    pub(crate) fn go(self, to: &str) {
        self.write(to, false);
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }

    /// Writes another address for the same page, without an entry in the history.
    pub(crate) fn rewrite(self, to: &str) {
        self.write(to, true);
    }

    /// Writes another address for the same page, with an entry in the history; nothing is scrolled.
    pub(crate) fn step(self, to: &str) {
        self.write(to, false);
    }

    fn write(self, to: &str, replace: bool) {
        if let Ok(history) = window().history() {
            let at = self.at.get_value() + i32::from(!replace);
            let state = JsValue::from(at);
            // An address that the browser does not take leaves everything as it is.
            let written = if replace {
                history.replace_state_with_url(&state, "", Some(to))
            } else {
                history.push_state_with_url(&state, "", Some(to))
            };
            if written.is_ok() {
                self.at.set_value(at);
            }
        }
        self.read();
    }

    /// The page that is open.
    pub(crate) fn page(self) -> Page {
        self.page.get()
    }

    /// Follows the query while a page is open: its fields, and a memory of what was last, which stays when another
    /// page is on its way.
    pub(crate) fn query<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        of: Page,
        read: fn(&Parameters<'_>) -> T,
    ) -> Memo<T> {
        Memo::new(move |before: Option<&T>| {
            let query = self.query.get();
            match before {
                Some(before) if self.page.get() != of => before.clone(),
                _ => {
                    let fields = web_sys::UrlSearchParams::new_with_str(&query).ok();
                    read(&|name| fields.as_ref().and_then(|fields| fields.get(name)))
                }
            }
        })
    }
}

/// The number of the entry of the history that is shown; nothing is written on the one that the app was opened with.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a browser keeps no more entries than fit"
)]
fn entry() -> i32 {
    let state = window().history().and_then(|history| history.state());
    state
        .ok()
        .and_then(|state| state.as_f64())
        .map_or(0, |at| at as i32)
}

fn listen(event: &str, hear: impl FnMut(web_sys::MouseEvent) + 'static) {
    let hear = Closure::wrap(Box::new(hear) as Box<dyn FnMut(web_sys::MouseEvent)>);
    let _ = window().add_event_listener_with_callback(event, hear.as_ref().unchecked_ref());
    hear.forget();
}

/// Where a click leads, when it leads to a page of the app in this tab.
fn inside(event: &web_sys::MouseEvent) -> Option<String> {
    let held = event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
    if held || event.button() != 0 || event.default_prevented() {
        return None;
    }
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let link = target.closest("a[href]").ok()??;
    let plain = ["target", "download", "rel"]
        .iter()
        .all(|name| !link.has_attribute(name));
    let to = link.get_attribute("href")?;
    // Ours are written as paths.
    (plain && to.starts_with('/')).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_its_page() {
        let id: TokenId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        for (path, page) in [
            ("/", Page::Overview),
            ("/tokens", Page::Tokens),
            ("/tokens/", Page::Tokens),
            ("/tokens/new", Page::NewToken),
            ("/tokens/import", Page::ImportTokens),
            ("/tokens/01ARZ3NDEKTSV4RRFFQ69G5FAV", Page::Token(id.clone())),
            ("/tokens/01ARZ3NDEKTSV4RRFFQ69G5FAV/edit", Page::EditToken(id)),
            ("/interfaces", Page::Interfaces),
            ("/activity", Page::Activity),
            ("/settings/api", Page::Settings),
            ("/settings/sites", Page::Sites),
            ("/settings", Page::Nowhere),
            ("/tokens/x", Page::Nowhere),
            ("/tokens/new/edit", Page::Nowhere),
            ("/tokens/01ARZ3NDEKTSV4RRFFQ69G5FAV/edit/x", Page::Nowhere),
            ("/interfaces/x", Page::Nowhere),
            ("/nothing", Page::Nowhere),
        ] {
            assert_eq!(Page::of(path), page, "{path}");
        }
    }
}
