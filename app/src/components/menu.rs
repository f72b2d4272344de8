//! Menus: the browser's own popovers. Only their place is set here, since anchors are not everywhere yet.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::{html, prelude::*};

use crate::dom::{Dom, view};

/// Room that a menu may need below its button.
const ROOM: f64 = 300.0;

#[expect(
    clippy::cast_possible_truncation,
    reason = "a place on a screen, rounded to pixels"
)]
fn px(distance: f64) -> String {
    format!("{}px", distance as i32)
}

/// An id that no other element has.
pub(crate) fn fresh_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("menu-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The id of the menu that stands around its items, by which they close it.
#[derive(Clone)]
struct MenuId(String);

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
    provide_context(MenuId(id.clone()));
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    let (open, set_open) = signal(false);
    let place = move || {
        let (Some(button), Some(menu)) = (button.get_untracked(), menu.get_untracked()) else {
            return;
        };
        let root = document().document_element();
        let (width, height) = root.map_or((0.0, 0.0), |root| {
            (f64::from(root.client_width()), f64::from(root.client_height()))
        });
        let scrolled = window().scroll_y().unwrap_or_default();
        let at = button.get_bounding_client_rect();
        let style = web_sys::HtmlElement::style(&menu);
        let above = at.bottom() + ROOM > height && at.top() > ROOM;
        let (side, other, distance) = if above {
            ("bottom", "top", height - at.top() - scrolled + 4.0)
        } else {
            ("top", "bottom", at.bottom() + scrolled + 4.0)
        };
        // A style that the browser does not take leaves the menu in a corner, where it still works.
        let _ = style.set_property(side, &px(distance));
        let _ = style.set_property(other, "auto");
        let _ = style.set_property("right", &px((width - at.right()).max(4.0)));
    };
    let toggled = move |event: leptos::ev::Event| {
        let state = js_sys::Reflect::get(&event, &"newState".into())
            .ok()
            .and_then(|state| state.as_string());
        set_open.set(state.as_deref() == Some("open"));
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
        <div node_ref=menu id=id class="menu" popover="auto" role="group" aria-label=label on:toggle=toggled>
            {children()}
        </div>
    }
}

/// Something to do in a menu. The menu closes by itself.
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
    let MenuId(id) = expect_context();
    let blocked = not_yet.is_some();
    view! {
        <button
            type="button"
            lang=lang
            aria-current=current.then_some("true")
            popovertarget=(!blocked).then_some(id)
            popovertargetaction="hide"
            aria-disabled=blocked.then_some("true")
            on:click=move |_| {
                if !blocked {
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
    use wasm_bindgen::JsCast as _;
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
