//! Moments: relative to read, exact on hover, and machine-readable.

use leptos::prelude::*;
use wire::Timestamp;

use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// "2 minutes ago", or "never".
#[component]
pub(crate) fn Ago(at: Option<Timestamp>) -> impl IntoView {
    match at {
        Some(at) => moment(at, format::relative(at)).into_any(),
        None => Dom::text(t!(common.never)),
    }
}

/// "3 Mar 2026".
#[component]
pub(crate) fn Day(at: Timestamp) -> impl IntoView {
    moment(at, format::day(at))
}

/// "3 Mar 2026, 14:05".
#[component]
pub(crate) fn Moment(at: Timestamp) -> impl IntoView {
    moment(at, format::moment(at))
}

fn moment(at: Timestamp, words: String) -> Dom {
    view! { <time datetime=at.to_string() title=format::exact(at)>{words}</time> }
}
