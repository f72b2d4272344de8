//! What stands on a token's page of its latest claim: a code that waits for its server, and whatever must be known of one
//! that was used, for as long as there is something to do about it.

use leptos::prelude::*;
use wire::{ClaimEnd, ClaimStatus, ClaimView, TokenId, TokenView};

use super::act;
use crate::api;
use crate::components::claim::{again_and_again, page_notice};
use crate::components::load::Loaded;
use crate::components::problem::words;
use crate::context::around;
use crate::dom::{follow, view};
use crate::format;

/// A fetched secret is told of for so long, in seconds: whoever waits for a server may come back the next day.
const DAY: i64 = 86_400;

/// A void code is told of for so long, in seconds.
const WEEK: i64 = 7 * DAY;

/// Whether a reader has to know of it. A secret that came later settles all that was before.
fn matters(claim: &ClaimView, token: &TokenView) -> bool {
    let now = format::now();
    let current = token.secrets.first().map(|secret| secret.created_at);
    let settled = |at| current.is_some_and(|made| made > at);
    match (claim.status, claim.ended_by, claim.fetched_at, claim.ended_at) {
        (ClaimStatus::Open, ..) => true,
        (ClaimStatus::Fetched, Some(ClaimEnd::UsedAgain), Some(at), _) => !settled(at),
        (ClaimStatus::Fetched, _, Some(at), _) => !settled(at) && at.plus_seconds(DAY) > now,
        (ClaimStatus::Burned, _, _, Some(at)) => !settled(at) && at.plus_seconds(WEEK) > now,
        _ => false,
    }
}

/// The notice, which changes by itself while a server is expected.
#[component]
pub(crate) fn TokenClaim(id: TokenId, token: Loaded<TokenView>) -> impl IntoView {
    let around = around();
    let claim = RwSignal::new(None::<ClaimView>);
    let is_open = |claim: &Option<ClaimView>| claim.as_ref().is_some_and(|c| c.status == ClaimStatus::Open);
    let withdrawn = id.clone();
    let look = move || {
        let id = id.clone();
        act(async move {
            let Ok(found) = api::tokens::find_claim(id).await else {
                return;
            };
            let Some((known, was_open)) = claim.try_with_untracked(|c| (*c == found, is_open(c))) else {
                return;
            };
            if known {
                return;
            }
            let fetched = found.as_ref().is_some_and(|c| c.status == ClaimStatus::Fetched);
            claim.set(found);
            if was_open && fetched {
                token.refetch();
            }
        });
    };
    let again = look.clone();
    // The dialog may have issued one, or made an older one void.
    follow(Box::new(move || {
        token.with(|_| ());
        again();
    }));
    let (each_second, after_all) = (look.clone(), look);
    again_and_again(move || {
        if claim.try_with_untracked(is_open) == Some(true) {
            each_second();
        }
    });
    let withdraw = Callback::new(move |()| {
        let (id, look) = (withdrawn.clone(), after_all.clone());
        act(async move {
            match api::tokens::cancel_claim(id).await {
                Ok(()) => look(),
                Err(error) => around.say(words(&error)),
            }
        });
    });
    view! {
        <div role="status">
            {move || {
                let claim = claim.get()?;
                let shown = token.with(|token| token.is_some_and(|token| matters(&claim, token)));
                shown.then(|| page_notice(&claim, withdraw))
            }}
        </div>
    }
}
