//! Rights and states, small enough for a row.

use leptos::prelude::*;
use wire::{Grant, Permission, Permissions, Status, TokenView};

use super::icon::{Icon, icon};
use crate::dom::view;
use crate::format;
use crate::text::t;

/// Chips in a row before the rest is counted.
const MOST: usize = 3;

fn words(permissions: impl Iterator<Item = Permission>) -> String {
    permissions.map(format::permission).collect::<Vec<_>>().join(", ")
}

fn sign(permissions: Permissions) -> Icon {
    let first = permissions.iter().max_by_key(|permission| permission.is_write());
    match first {
        Some(Permission::Download) => Icon::Download,
        Some(Permission::Upload) => Icon::Upload,
        Some(Permission::Edit) => Icon::Pencil,
        Some(Permission::Delete) => Icon::Trash,
        Some(Permission::Introspect) => Icon::Find,
        Some(Permission::Read) | None => Icon::Eye,
    }
}

/// What a token may do: per interface what only looks, then what writes.
#[component]
pub(crate) fn Rights(
    grants: Vec<Grant>,
    /// Shows all of them, however many.
    #[prop(optional)]
    all: bool,
) -> impl IntoView {
    if grants.is_empty() {
        return view! { <div class="chips"><span class="chip none">{t!(tokens.no_rights)}</span></div> }
            .into_any();
    }
    let chips: Vec<(String, Permissions, bool)> = grants
        .iter()
        .flat_map(|grant| {
            let of = |writes: bool| {
                grant
                    .permissions
                    .iter()
                    .filter(move |p| p.is_write() == writes)
                    .collect()
            };
            let (looks, writes): (Permissions, Permissions) = (of(false), of(true));
            [(looks, false), (writes, true)]
                .map(|(set, write)| (grant.interface.as_str().to_owned(), set, write))
        })
        .filter(|(_, set, _)| !set.is_empty())
        .collect();
    let shown = if all || chips.len() <= MOST + 1 {
        chips.len()
    } else {
        MOST
    };
    let rest = chips.len() - shown;
    view! {
        <ul class="chips">
            {chips
                .into_iter()
                .take(shown)
                .map(|(interface, set, write)| {
                    let text = t!(common.and_that, first = interface, rest = words(set.iter()));
                    view! { <li class="chip" class:write=write>{icon(sign(set))}{text}</li> }
                })
                .collect::<Vec<_>>()}
            {(rest > 0).then(|| view! { <li class="chip none">{t!(common.more, count = rest)}</li> })}
        </ul>
    }
    .into_any()
}

/// A state in words.
pub(crate) fn status_words(status: Status) -> &'static str {
    match status {
        Status::AwaitingSecret => t!(status.awaiting_secret),
        Status::Active => t!(status.active),
        Status::Inactive => t!(status.inactive),
        Status::Expired => t!(status.expired),
    }
}

/// The state of a token, and whether its secret was seen where it must not be.
#[component]
pub(crate) fn States(token: TokenView) -> impl IntoView {
    let status = token.status;
    view! {
        <span class="row">
            <span class=format!("state {}", status.as_str())>{status_words(status)}</span>
            {(!token.exposures.is_empty())
                .then(|| view! { <span class="state exposed">{t!(status.exposed)}</span> })}
        </span>
    }
}
