//! Where a claim stands, in words: whether a server has fetched the secret, when and from where, and what to do next.
//!
//! Owns the words and the clock that asks for news. What is asked for, and what becomes of an answer, is the page's.

use std::time::Duration;

use leptos::prelude::*;
use wire::{ClaimEnd, ClaimStatus, ClaimView};

use super::icon::{Icon, icon};
use crate::dom::{Dom, view};
use crate::format;
use crate::text::t;

/// How often the page asks while a server is expected.
const EVERY: Duration = Duration::from_secs(1);

/// Asks again and again for as long as the owner lives and somebody can see the page.
pub(crate) fn again_and_again(ask: impl Fn() + 'static) {
    let ask = move || {
        if !document().hidden() {
            ask();
        }
    };
    let asking = set_interval_with_handle(ask, EVERY).ok();
    on_cleanup(move || {
        if let Some(asking) = asking {
            asking.clear();
        }
    });
}

fn from(address: Option<&String>) -> String {
    address
        .cloned()
        .unwrap_or_else(|| t!(claim.unknown_address).to_owned())
}

/// How loud it is, what happened, and what to do next.
fn words(claim: &ClaimView) -> (&'static str, &'static str, String) {
    let address = from(claim.fetched_from.as_ref());
    let elsewhere = from(claim.ended_from.as_ref());
    let when = |at: Option<wire::Timestamp>| at.map(format::moment).unwrap_or_default();
    let (fetched, ended) = (when(claim.fetched_at), when(claim.ended_at));
    let until = format::moment(claim.expires_at);
    match (claim.status, claim.ended_by) {
        (ClaimStatus::Open, _) => ("alert note", t!(claim.open), t!(claim.open_text, until = until)),
        (ClaimStatus::Expired, _) => (
            "alert plain",
            t!(claim.expired),
            t!(claim.expired_text).to_owned(),
        ),
        (_, Some(ClaimEnd::UsedAgain)) => (
            "alert",
            t!(claim.used_again),
            t!(
                claim.used_again_text,
                again = elsewhere,
                when = ended,
                address = address
            ),
        ),
        (_, Some(ClaimEnd::Browser)) => (
            "alert",
            t!(claim.browser),
            t!(claim.browser_text, address = elsewhere, when = ended),
        ),
        (_, Some(ClaimEnd::WrongNetwork)) => (
            "alert",
            t!(claim.wrong_network),
            t!(claim.wrong_network_text, address = elsewhere, when = ended),
        ),
        (_, Some(ClaimEnd::Superseded)) => (
            "alert plain",
            t!(claim.superseded),
            t!(claim.superseded_text).to_owned(),
        ),
        (_, Some(ClaimEnd::TokenOff)) => (
            "alert plain",
            t!(claim.token_off),
            t!(claim.token_off_text).to_owned(),
        ),
        (ClaimStatus::Fetched, _) => (
            "alert good",
            t!(claim.fetched),
            t!(claim.fetched_text, when = fetched, address = address),
        ),
        (ClaimStatus::Burned | ClaimStatus::Cancelled, _) => (
            "alert plain",
            t!(claim.cancelled),
            t!(claim.cancelled_text).to_owned(),
        ),
    }
}

/// The notice, with the button that cancels what is open.
pub(crate) fn notice(claim: &ClaimView, on_withdraw: Callback<()>) -> Dom {
    said(claim, words(claim), on_withdraw)
}

/// The same on the token's page, where no command stands beside it.
pub(crate) fn page_notice(claim: &ClaimView, on_withdraw: Callback<()>) -> Dom {
    let (class, title, text) = words(claim);
    let text = if claim.status == ClaimStatus::Open {
        waiting(claim)
    } else {
        text
    };
    said(claim, (class, title, text), on_withdraw)
}

fn said(
    claim: &ClaimView,
    (class, title, text): (&'static str, &'static str, String),
    on_withdraw: Callback<()>,
) -> Dom {
    let sign = if claim.ended_by.is_some_and(ClaimEnd::is_misuse) {
        Icon::Warn
    } else {
        Icon::Note
    };
    let open = claim.status == ClaimStatus::Open;
    view! {
        <div class=class>
            {icon(sign)}
            <div><p><strong>{title}</strong></p><p>{text}</p></div>
            {open
                .then(|| {
                    view! {
                        <button type="button" class="btn small" on:click=move |_| on_withdraw.run(())>
                            {t!(claim.withdraw)}
                        </button>
                    }
                })}
        </div>
    }
}

/// Who issued the code that a server may still use, and how long it may.
fn waiting(claim: &ClaimView) -> String {
    let who = claim
        .created_by
        .clone()
        .unwrap_or_else(|| t!(claim.command_line).to_owned());
    t!(
        claim.open_page,
        until = format::moment(claim.expires_at),
        who = who
    )
}
