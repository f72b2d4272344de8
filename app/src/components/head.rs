//! The head of a page: its title in the tab, its heading, what can be done. Moves the focus to the heading when
//! a page follows another one, so that screen readers say where they are; on a form they say it with the title of
//! the tab, and the first field has the focus.

use leptos::{html, prelude::*};

use crate::context::{around, title as tab_title};
use crate::dom::{after, view};

/// The head.
#[component]
pub(crate) fn Head(
    /// The heading and the title of the tab.
    #[prop(into)]
    title: String,
    /// One sentence below it.
    #[prop(optional, into)]
    lead: String,
    /// A field of the page takes the focus instead of the heading.
    #[prop(optional)]
    form: bool,
    /// Buttons at its end.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let around = around();
    tab_title(&title);
    let heading = NodeRef::<html::H1>::new();
    after(move || {
        if let Some(heading) = heading.get() {
            if around.moved.get_value() && !form {
                // A page that was downloaded first is put into its place only after this.
                request_animation_frame(move || {
                    // Where the focus cannot be moved it stays where it is; the page works all the same.
                    let _ = heading.focus();
                });
            }
            around.moved.set_value(true);
        }
    });
    view! {
        <div class="head">
            <div>
                <h1 tabindex="-1" node_ref=heading>{title}</h1>
                {(!lead.is_empty()).then(|| view! { <p>{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="go">{children()}</div> })}
        </div>
    }
}
