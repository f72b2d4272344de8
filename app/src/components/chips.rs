//! Rights and states, small enough for a row.

use leptos::prelude::*;
use wire::{Attention, Grant, Kind, Permission, Permissions, Status, TokenView};

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

/// A reason for attention in words: what it is, and what it means.
pub(crate) fn attention_words(reason: Attention) -> (&'static str, &'static str) {
    match reason {
        Attention::Exposed => (t!(status.exposed), t!(attention.exposed_help)),
        Attention::ExpiresSoon => (t!(attention.expires_soon), t!(attention.expires_soon_help)),
        Attention::RotationDue => (t!(attention.rotation_due), t!(attention.rotation_due_help)),
        Attention::NeverUsed => (t!(attention.never_used), t!(attention.never_used_help)),
        Attention::Unused => (t!(attention.unused), t!(attention.unused_help)),
        Attention::BroadRights => (t!(attention.broad_rights), t!(attention.broad_rights_help)),
    }
}

/// A kind in words.
pub(crate) fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Secret => t!(kind.secret),
        Kind::Public => t!(kind.public),
    }
}

/// The state of a token, and why somebody should look at it: red, and another shape, for exposure alone.
#[component]
pub(crate) fn States(token: TokenView) -> impl IntoView {
    let status = token.status;
    // A token that nobody can use needs no attention, but where its secret was seen stays known.
    let seen = token.exposures.iter().any(|e| e.dealt_with.is_none())
        && !token.attention.contains(&Attention::Exposed);
    let reasons = seen
        .then_some(Attention::Exposed)
        .into_iter()
        .chain(token.attention);
    view! {
        <span class="row">
            <span class=format!("state {}", status.as_str())>{status_words(status)}</span>
            {reasons
                .map(|reason| {
                    let (words, help) = attention_words(reason);
                    let look = if reason == Attention::Exposed { "state exposed" } else { "state due" };
                    view! { <span class=look title=help>{words}</span> }
                })
                .collect::<Vec<_>>()}
        </span>
    }
}
