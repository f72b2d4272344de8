//! Lists: the table that becomes cards on a narrow page, and what stands in its place where there is nothing yet.

use crate::dom::{Dom, view};
use crate::text::t;

/// There is nothing, and what to do about it.
pub(crate) fn empty(title: &'static str, text: &'static str, then: Option<Dom>) -> Dom {
    view! {
        <div class="card empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {then}
        </div>
    }
}

/// A table of rows that each end with a menu.
pub(crate) fn table(caption: &'static str, columns: &[&'static str], rows: Vec<Dom>) -> Dom {
    let columns: Vec<_> = columns
        .iter()
        .map(|column| view! { <th scope="col">{*column}</th> })
        .collect();
    view! {
        <div class="card">
            <table class="list cards">
                <caption class="sr">{caption}</caption>
                <thead>
                    <tr>{columns} <th scope="col"><span class="sr">{t!(common.actions)}</span></th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
