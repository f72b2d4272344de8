//! Menus: the browser's own popovers. Only their place is set here, since anchors are not everywhere yet, and the
//! arrow keys.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast as _;

use crate::dom::{Dom, view};

/// Room that a menu may need below its button.
const ROOM: f64 = 300.0;

/// Distance to the edges of the window.
const EDGE: f64 = 4.0;

#[expect(
    clippy::cast_possible_truncation,
    reason = "a place on a screen, rounded to pixels"
)]
fn px(distance: f64) -> String {
    format!("{}px", distance as i32)
}

fn put(menu: &web_sys::HtmlElement, sides: [(&str, Option<f64>); 4]) {
    let style = web_sys::HtmlElement::style(menu);
    for (side, distance) in sides {
        // A style that the browser does not take leaves the menu in a corner, where it still works.
        let _ = style.set_property(side, &distance.map_or_else(|| "auto".to_owned(), px));
    }
}

fn window_size() -> (f64, f64) {
    document().document_element().map_or((0.0, 0.0), |root| {
        (f64::from(root.client_width()), f64::from(root.client_height()))
    })
}

fn is_opening(event: &leptos::ev::Event) -> bool {
    let state = js_sys::Reflect::get(event, &"newState".into()).ok();
    state.and_then(|state| state.as_string()).as_deref() == Some("open")
}

/// An id that no other element has.
pub(crate) fn fresh_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("menu-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Up and down, first and last. Tab works by itself.
fn arrows(event: leptos::ev::Event) {
    let event: web_sys::KeyboardEvent = event.unchecked_into();
    let Some(menu) = event.current_target() else {
        return;
    };
    let menu: web_sys::Element = menu.unchecked_into();
    let Ok(items) = menu.query_selector_all("a, button") else {
        return;
    };
    let count = items.length();
    let item = |at: u32| {
        items
            .item(at)
            .map(web_sys::Node::unchecked_into::<web_sys::HtmlElement>)
    };
    let active = document().active_element();
    let now = (0..count).find(|at| active.is_some() && item(*at).as_deref() == active.as_ref());
    let to = match event.key().as_str() {
        "ArrowDown" => now.map_or(0, |now| (now + 1) % count.max(1)),
        "ArrowUp" => now.filter(|now| *now > 0).unwrap_or(count) - 1,
        "Home" => 0,
        "End" => count - 1,
        _ => return,
    };
    event.prevent_default();
    if let Some(item) = item(to) {
        let _ = item.focus();
    }
}

/// A button that opens a menu.
#[component]
pub(crate) fn Menu(
    #[prop(into)] label: String,
    /// The button's look.
    class: &'static str,
    /// What the button shows.
    face: Dom,
    /// The face has words of its own, which are the button's name then.
    #[prop(optional)]
    speaks: bool,
    children: Children,
) -> impl IntoView {
    let id = fresh_id();
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    let (open, set_open) = signal(false);
    let place = move || {
        let (Some(button), Some(menu)) = (button.get_untracked(), menu.get_untracked()) else {
            return;
        };
        let (width, height) = window_size();
        let scrolled = window().scroll_y().unwrap_or_default();
        let at = button.get_bounding_client_rect();
        let above = at.bottom() + ROOM > height && at.top() > ROOM;
        let (top, bottom) = if above {
            (None, Some(height - at.top() - scrolled + EDGE))
        } else {
            (Some(at.bottom() + scrolled + EDGE), None)
        };
        let right = (width - at.right()).max(EDGE);
        put(
            &menu,
            [
                ("top", top),
                ("bottom", bottom),
                ("right", Some(right)),
                ("left", None),
            ],
        );
    };
    view! {
        <button
            type="button"
            node_ref=button
            class=class
            aria-label=(!speaks).then(|| label.clone())
            aria-expanded=move || open.get().to_string()
            popovertarget=id.clone()
            on:click=move |_| place()
        >
            {face}
        </button>
        <div
            node_ref=menu
            id=id
            class="menu"
            popover="auto"
            role="group"
            aria-label=label
            on:toggle=move |event| set_open.set(is_opening(&event))
            on:keydown=arrows
        >
            {children()}
        </div>
    }
}

/// One menu for all rows of a list: it opens beside the row's button, or where the pointer is.
#[derive(Clone)]
pub(crate) struct RowMenu {
    /// The menu's id; the rows' buttons name it as theirs.
    pub(crate) id: String,
    menu: NodeRef<html::Div>,
    /// The button of the row that it is open for.
    button: StoredValue<Option<web_sys::HtmlElement>, LocalStorage>,
}

impl RowMenu {
    pub(crate) fn new() -> Self {
        Self {
            id: fresh_id(),
            menu: NodeRef::new(),
            button: StoredValue::new_local(None),
        }
    }

    /// Whether it is open for the row of this button.
    pub(crate) fn is_open_for(&self, button: &web_sys::HtmlElement) -> bool {
        let open = self
            .menu
            .get_untracked()
            .is_some_and(|menu| menu.matches(":popover-open") == Ok(true));
        open && self.button.with_value(|now| now.as_ref() == Some(button))
    }

    /// Opens it for the row of a button, as soon as its items have been drawn; at a place in the window, or beside
    /// the button. The first item gets the focus, and the button when it closes.
    pub(crate) fn open(&self, button: web_sys::HtmlElement, at: Option<(f64, f64)>) {
        let menu = self.menu;
        close_menus();
        let _ = button.focus();
        self.button.set_value(Some(button.clone()));
        request_animation_frame(move || {
            let Some(menu) = menu.try_get_untracked().flatten() else {
                return;
            };
            if menu.show_popover().is_err() {
                return;
            }
            let (width, height) = window_size();
            let beside = button.get_bounding_client_rect();
            let own = menu.get_bounding_client_rect();
            let (left, top) = at.unwrap_or((beside.right() - own.width(), beside.bottom() + EDGE));
            // Whole, wherever it was asked for: above the place where there is no room below it.
            let top = if top + own.height() + EDGE <= height {
                top
            } else {
                at.map_or(beside.top() - EDGE, |(_, top)| top) - own.height()
            };
            let left = left.min(width - own.width() - EDGE).max(EDGE);
            let top = top.min(height - own.height() - EDGE).max(EDGE);
            let scrolled = window().scroll_y().unwrap_or_default();
            put(
                &menu,
                [
                    ("top", Some(top + scrolled)),
                    ("left", Some(left)),
                    ("bottom", None),
                    ("right", None),
                ],
            );
            let first = menu.query_selector("a, button").ok().flatten();
            if let Some(first) = first {
                let _ = first.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    }

    /// The menu with its items.
    pub(crate) fn view(&self, label: &'static str, items: impl Fn() -> Option<Dom> + 'static) -> Dom {
        let button = self.button;
        let toggled = move |event: leptos::ev::Event| {
            if let Some(Some(button)) = button.try_get_value() {
                let _ = button.set_attribute("aria-expanded", &is_opening(&event).to_string());
            }
        };
        view! {
            <div
                node_ref=self.menu
                id=self.id.clone()
                class="menu"
                popover="auto"
                role="group"
                aria-label=label
                on:toggle=toggled
                on:keydown=arrows
            >
                {items}
            </div>
        }
    }
}

/// Something to do in a menu. The menu closes first, so that the focus is back at its button when a dialog opens.
#[component]
pub(crate) fn MenuItem(
    #[prop(into)] label: String,
    #[prop(into)] on_click: Callback<()>,
    /// Why it cannot be done now.
    #[prop(default = None)]
    not_yet: Option<String>,
    /// The language of the label, where it is not that of the page.
    #[prop(default = None)]
    lang: Option<&'static str>,
    /// It is what holds now, among several that exclude each other.
    #[prop(optional)]
    current: bool,
) -> impl IntoView {
    let blocked = not_yet.is_some();
    view! {
        <button
            type="button"
            lang=lang
            aria-current=current.then_some("true")
            aria-disabled=blocked.then_some("true")
            on:click=move |_| {
                if !blocked {
                    close_menus();
                    on_click.run(());
                }
            }
        >
            {label}
            {not_yet.map(|why| view! { <small>{why}</small> })}
        </button>
    }
}

/// Closes every menu that is open: a link in it leads to another page.
pub(crate) fn close_menus() {
    let Ok(open) = document().query_selector_all(":popover-open") else {
        return;
    };
    for at in 0..open.length() {
        if let Some(element) = open
            .get(at)
            .and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok())
        {
            let _ = element.hide_popover();
        }
    }
}
