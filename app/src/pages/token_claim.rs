//! What stands on a token's page of its latest claim: a code that waits for its server, and whatever must be known of one
//! that was used, for as long as there is something to do about it.

use leptos::prelude::*;
use wire::{ClaimEnd, ClaimStatus, ClaimView, TokenId, TokenView};

use super::act;
use crate::api;
use crate::components::claim::{again_and_again, page_notice};
use crate::components::load::Loaded;
use crate::components::problem::words;
use crate::context::{Around, around};
use crate::dom::{after, follow, view};
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

/// The latest claim of a token, looked at again and again.
#[derive(Clone, Copy)]
pub(crate) struct Claim {
    pub(crate) latest: RwSignal<Option<ClaimView>>,
    id: StoredValue<TokenId>,
    /// Whether an answer is on its way: a later one must never be overtaken by it.
    asking: StoredValue<bool>,
    around: Around,
}

impl Claim {
    pub(crate) fn new(id: TokenId) -> Self {
        Self {
            latest: RwSignal::new(None),
            id: StoredValue::new(id),
            asking: StoredValue::new(false),
            around: around(),
        }
    }

    /// Asks where it stands. An answer that does not come is no news; that nobody answers is said elsewhere.
    pub(crate) fn look(self) {
        let Some(id) = self.id.try_get_value().filter(|_| !self.asking.get_value()) else {
            return;
        };
        self.asking.set_value(true);
        act(async move {
            let found = api::tokens::find_claim(id).await;
            let _ = self.asking.try_set_value(false);
            if let Ok(found) = found
                && self.latest.try_with_untracked(|latest| *latest != found) == Some(true)
            {
                self.latest.set(found);
            }
        });
    }

    /// Cancels it.
    pub(crate) fn withdraw(self) {
        let Some(id) = self.id.try_get_value() else {
            return;
        };
        act(async move {
            match api::tokens::cancel_claim(id).await {
                Ok(()) => self.look(),
                Err(error) => self.around.say(words(&error)),
            }
        });
    }
}

/// The notice, which changes by itself while a server is expected.
#[component]
pub(crate) fn TokenClaim(id: TokenId, token: Loaded<TokenView>) -> impl IntoView {
    let claim = Claim::new(id);
    let status = move || {
        claim
            .latest
            .with(|claim| claim.as_ref().map(|claim| claim.status))
    };
    // The dialog may have issued one, or made an older one void.
    follow(Box::new(move || {
        token.with(|_| ());
        claim.look();
    }));
    let mut before = None;
    after(move || {
        let now = status();
        if (before, now) == (Some(ClaimStatus::Open), Some(ClaimStatus::Fetched)) {
            token.refetch();
        }
        before = now;
    });
    again_and_again(move || {
        if untrack(status) == Some(ClaimStatus::Open) {
            claim.look();
        }
    });
    let withdraw = Callback::new(move |()| claim.withdraw());
    view! {
        <div role="status">
            {move || {
                let claim = claim.latest.get()?;
                let shown = token.with(|token| token.is_some_and(|token| matters(&claim, token)));
                shown.then(|| page_notice(&claim, withdraw))
            }}
        </div>
    }
}
