//! The strongroom: documents in which a secret is shown or typed. They stand in a sandboxed frame of the app and also
//! by themselves.
//!
//! Only [`ShownPage`] holds a secret, lent by the caller; none of these types can be printed or copied where it would
//! matter. A typed key never comes back into a document, only its hint does.

use leptos::either::Either;
use leptos::prelude::*;
use wire::{Grant, Kind, Overlap, Timestamp, TokenId};

use super::parts::{Alert, Field, Outside, Place, Site, Typing, document, duration, moment, rights};

/// What is said of the secret that was there before.
#[derive(Debug, Clone, Copy)]
pub enum Previous<'a> {
    /// There was none.
    None,
    /// It stopped working at this moment.
    Stopped {
        /// How people know it.
        hint: &'a str,
    },
    /// It goes on for an overlap.
    Until {
        /// How people know it.
        hint: &'a str,
        /// When it stops.
        at: Timestamp,
    },
}

/// A secret, to be shown this once.
///
/// No `Debug` and no `Clone`: it holds the value.
#[expect(missing_debug_implementations, reason = "it holds a secret's value")]
pub struct ShownPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Where it stands: what the request's `Sec-Fetch-Dest` said.
    pub place: Place,
    /// The token's name.
    pub token_name: &'a str,
    /// Where the token may be kept.
    pub kind: Kind,
    /// Its rights.
    pub grants: &'a [Grant],
    /// The value.
    pub value: &'a str,
    /// The secret before it.
    pub previous: Previous<'a>,
}

/// Shows a secret. The one place where a browser gets to see it.
#[must_use]
pub fn shown(page: &ShownPage<'_>) -> String {
    let (kind, advice) = match page.kind {
        Kind::Secret => (
            "secret token",
            "Store it in the server's environment, never in a page, an app or a repository.",
        ),
        Kind::Public => (
            "public token",
            "Put it into your page. It works only from the token's origins, and within its limits.",
        ),
    };
    let title = format!("The secret of “{}”", page.token_name);
    document(page.site, Outside::Ticket(page.place), &title, "", || {
        view! {
            <div class="ticket">
                <div class="in">
                    <small>
                        <b>{page.token_name.to_owned()}</b>
                        {format!(" · {kind} · {}", rights(page.grants))}
                    </small>
                    <code id="secret">{page.value}</code>
                    <small>"Click it once, or press Ctrl+A (⌘A): the secret alone is selected. Then copy it."</small>
                </div>
            </div>
            <p>{advice}</p>
            <p>
                <strong>"It cannot be shown again."</strong>
                " Lost it later? Replace the secret on the token's page: name and rights stay."
            </p>
            {previous(page.previous)}
        }
    })
}

fn previous(previous: Previous<'_>) -> Option<impl IntoView + use<>> {
    let (hint, rest) = match previous {
        Previous::None => return None,
        Previous::Stopped { hint } => (hint, Either::Left(", has stopped working.")),
        Previous::Until { hint, at } => (hint, Either::Right(view! { ", works until " {moment(at)} "." })),
    };
    Some(view! {
        <p>
            "The previous secret, "
            <code>{hint.to_owned()}</code>
            {rest}
        </p>
    })
}

/// The form in which an existing key is typed.
#[derive(Debug, Clone, Copy)]
pub struct ImportForm<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Where it stands: what the request's `Sec-Fetch-Dest` said.
    pub place: Place,
    /// The token that gets the key.
    pub token_id: &'a TokenId,
    /// Its name.
    pub token_name: &'a str,
    /// Opens the next document, once. Inside the sandbox no cookie is sent, so it stands in its place.
    pub ticket: &'a str,
    /// How long the secret before goes on working.
    pub overlap: Overlap,
    /// Whether there is one.
    pub replaces: bool,
    /// Why the form came back.
    pub problem: Option<ImportProblem>,
}

/// Why a typed key was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportProblem {
    /// Nothing was typed.
    Required,
    /// Fewer than 20 characters.
    TooShort,
    /// More than 255 characters.
    TooLong,
    /// A space, or something outside of printable ASCII.
    NotPrintable,
    /// It starts as our own values do.
    OwnPrefix,
    /// Too easy to guess.
    Weak,
    /// A token has it, or had it.
    InUse,
}

impl ImportProblem {
    /// What is wrong with it and what to do; the key was not taken over, so it has to be typed again.
    const fn text(self) -> &'static str {
        match self {
            Self::Required => "Type or paste the key.",
            Self::TooShort => "The key is too short: it needs at least 20 characters.",
            Self::TooLong => "The key is too long: at most 255 characters are allowed.",
            Self::NotPrintable => {
                "The key holds a space or a character outside of printable ASCII. Paste it without quotes around it."
            }
            Self::OwnPrefix => {
                "Keys that start with dps_ or dpp_ are only made by Daypass. To get one, let Daypass generate the secret."
            }
            Self::Weak => {
                "The key is too easy to guess. Take one that was made at random, or let Daypass generate it."
            }
            Self::InUse => "This key belongs to a token already. Every token needs a key of its own.",
        }
    }
}

/// The form for an existing key.
#[must_use]
pub fn import_form(page: &ImportForm<'_>) -> String {
    let title = format!("An existing key for “{}”", page.token_name);
    document(page.site, Outside::Ticket(page.place), &title, "", || {
        let overlap = page.replaces.then(|| match page.overlap.seconds() {
            0 => "The previous secret stops working at that moment.".to_owned(),
            seconds => format!("The previous secret goes on working for {}.", duration(seconds)),
        });
        view! {
            {page.problem.map(|problem| view! { <Alert title=problem.text() sandboxed=true /> })}
            <form
                method="post"
                action=format!("/strongroom/{}/import", page.token_id)
                class="form"
                autocomplete="off"
            >
                <input type="hidden" name="ticket" value=page.ticket.to_owned() autocomplete="off" />
                <input type="hidden" name="overlap" value=page.overlap.seconds().to_string() autocomplete="off" />
                <Field
                    name="key"
                    label="Existing key"
                    typing=Typing::Key
                    invalid=page.problem.is_some()
                    hint="20 to 255 printable ASCII characters, without spaces. Daypass keeps only a fingerprint and a hint of it."
                />
                {overlap.map(|text| view! { <p>{text}</p> })}
                <button class="btn first">"Use this key"</button>
            </form>
        }
    })
}

/// What is said after a key was taken over.
#[derive(Debug, Clone, Copy)]
pub struct ImportedPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Where it stands: what the request's `Sec-Fetch-Dest` said.
    pub place: Place,
    /// The token's name.
    pub token_name: &'a str,
    /// All that is shown of the key from now on.
    pub hint: &'a str,
    /// The secret before it.
    pub previous: Previous<'a>,
}

/// Confirms that a key was taken over.
#[must_use]
pub fn imported(page: &ImportedPage<'_>) -> String {
    let lead = format!("“{}” can be used with it from now on.", page.token_name);
    document(
        page.site,
        Outside::Strongroom(page.place),
        "The key is in use",
        &lead,
        || {
            view! {
                <div class="ticket">
                    <div class="in">
                        <small>"You will recognise it by this hint"</small>
                        <code id="hint">{page.hint.to_owned()}</code>
                    </div>
                </div>
                <p>"Daypass cannot show the key itself. Lost it later? Replace it on the token's page: name and rights stay."</p>
                {previous(page.previous)}
            }
        },
    )
}

/// What is said when a ticket comes a second time.
#[derive(Debug, Clone, Copy)]
pub struct AlreadyShownPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Where it stands: what the request's `Sec-Fetch-Dest` said.
    pub place: Place,
    /// The token's name.
    pub token_name: &'a str,
}

/// Going back, or loading again, sends the form a second time: nothing happens then.
#[must_use]
pub fn already_shown(page: &AlreadyShownPage<'_>) -> String {
    let lead = format!(
        "Nothing was changed just now: no new secret was made, and the one of “{}” goes on working.",
        page.token_name
    );
    document(
        page.site,
        Outside::Strongroom(page.place),
        "This was shown once",
        &lead,
        || {
            view! {
                <p role="status">
                    <strong>"You have stored it? "</strong>
                    "All is well, close this."
                </p>
                <p>
                    <strong>"You have not? "</strong>
                    "Replace the secret on the token's page. Name and rights stay."
                </p>
            }
        },
    )
}

/// Why nothing is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The ticket's ten minutes are over.
    Expired,
    /// The ticket belongs to another session, token or purpose, or was never given out.
    Foreign,
    /// The token is gone, or its state does not allow it any more.
    TokenChanged,
    /// Asked for by something else than a form of the app: a link, a script.
    NotFromHere,
}

/// What is said when nothing is shown.
#[derive(Debug, Clone, Copy)]
pub struct RefusedPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Where it stands: what the request's `Sec-Fetch-Dest` said.
    pub place: Place,
    /// Why.
    pub refusal: Refusal,
}

/// Refuses, and says what to do next. Names no token: whoever asks may be a stranger.
#[must_use]
pub fn refused(page: &RefusedPage<'_>) -> String {
    let (title, why, next) = match page.refusal {
        Refusal::Expired => (
            "The time is over",
            "A secret is handed over within ten minutes.",
            "Close this and start again on the token's page.",
        ),
        Refusal::Foreign => (
            "This cannot be opened here",
            "It was prepared for another session, or for something else.",
            "Close this and start again on the token's page. If you signed in again in the meantime, that is why.",
        ),
        Refusal::TokenChanged => (
            "The token has changed",
            "It was deleted, or another administrator changed it in the meantime.",
            "Close this and look at the token again.",
        ),
        Refusal::NotFromHere => (
            "This opens from the app only",
            "A secret is shown once, in a dialog of the app, and never at an address of its own.",
            "Open the token's page in Daypass and choose to hand over or replace its secret.",
        ),
    };
    let lead = format!("{why} Nothing was changed.");
    document(
        page.site,
        Outside::Strongroom(page.place),
        title,
        &lead,
        || view! { <p role="alert">{next}</p> },
    )
}
