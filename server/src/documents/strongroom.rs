//! The strongroom: documents in which a secret is shown or typed. They stand in a sandboxed frame of the app and also
//! by themselves.
//!
//! Only [`ShownPage`] holds a secret and [`ClaimPage`] the code of a claim, lent by the caller; none of these types can be printed or copied where it would
//! matter. A typed key never comes back into a document, only its hint does.

use leptos::either::Either;
use leptos::prelude::*;
use wire::{Grant, Kind, Network, Origin, Overlap, Timestamp, TokenId};

use super::parts::{Alert, Field, Outside, Place, Site, Typing, document, duration, moment, rights};
use super::texts::{Import, Texts};

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
    let all = page.site.texts();
    let texts = &all.strongroom;
    let (kind, advice) = match page.kind {
        Kind::Secret => (texts.secret_kind, texts.secret_advice),
        Kind::Public => (texts.public_kind, texts.public_advice),
    };
    let title = (texts.title)(page.token_name);
    document(page.site, Outside::Ticket(page.place), &title, "", || {
        view! {
            <div class="ticket">
                <div class="in">
                    <small>
                        <b>{page.token_name.to_owned()}</b>
                        {format!(" · {kind} · {}", rights(all, page.grants))}
                    </small>
                    <code id="secret">{page.value}</code>
                    <small>{texts.select}</small>
                </div>
            </div>
            <p>{advice}</p>
            <p>
                <strong>{texts.once}</strong>
                {texts.lost}
            </p>
            {previous(all, page.previous)}
        }
    })
}

fn previous(all: &'static Texts, previous: Previous<'_>) -> Option<impl IntoView + use<>> {
    let texts = &all.strongroom;
    let (hint, rest) = match previous {
        Previous::None => return None,
        Previous::Stopped { hint } => (hint, Either::Left(texts.previous_stopped)),
        Previous::Until { hint, at } => (
            hint,
            Either::Right(view! { {texts.previous_until} {moment(all, at)} "." }),
        ),
    };
    Some(view! {
        <p>
            {texts.previous}
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
    const fn text(self, texts: &Import) -> &'static str {
        match self {
            Self::Required => texts.required,
            Self::TooShort => texts.too_short,
            Self::TooLong => texts.too_long,
            Self::NotPrintable => texts.not_printable,
            Self::OwnPrefix => texts.own_prefix,
            Self::Weak => texts.weak,
            Self::InUse => texts.in_use,
        }
    }
}

/// The form for an existing key.
#[must_use]
pub fn import_form(page: &ImportForm<'_>) -> String {
    let all = page.site.texts();
    let texts = &all.import;
    let title = (texts.title)(page.token_name);
    document(page.site, Outside::Ticket(page.place), &title, "", || {
        let overlap = page.replaces.then(|| match page.overlap.seconds() {
            0 => texts.stops.to_owned(),
            seconds => (texts.goes_on)(&duration(all, seconds.unsigned_abs())),
        });
        view! {
            {page.problem.map(|problem| view! { <Alert title=problem.text(texts) sandboxed=true /> })}
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
                    label=texts.key
                    typing=Typing::Key
                    invalid=page.problem.is_some()
                    hint=texts.key_hint
                />
                {overlap.map(|text| view! { <p>{text}</p> })}
                <button class="btn first">{texts.submit}</button>
            </form>
        }
    })
}

/// The command with which a server fetches a secret.
///
/// No `Debug` and no `Clone`: it holds the code.
#[expect(missing_debug_implementations, reason = "it holds a one-time code")]
pub struct ClaimPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Where it stands: what the request's `Sec-Fetch-Dest` said.
    pub place: Place,
    /// The token's name.
    pub token_name: &'a str,
    /// Our own origin, where the server is to ask.
    pub issuer: &'a Origin,
    /// The code: letters, digits, `-` and `_`.
    pub code: &'a str,
    /// Where it may be used from.
    pub network: Option<&'a Network>,
    /// How long the secret before goes on working from then on.
    pub overlap: Overlap,
    /// Whether there is one.
    pub replaces: bool,
    /// The end of the code.
    pub expires_at: Timestamp,
}

/// Shows the commands, and what they will do. No secret is there yet.
///
/// The code goes in by standard input, so that no list of processes shows it while it is worth something; the shell's
/// history keeps one that is used up.
#[must_use]
pub fn claim(page: &ClaimPage<'_>) -> String {
    let all = page.site.texts();
    let texts = &all.claim;
    let title = (texts.title)(page.token_name);
    let (issuer, code) = (page.issuer, page.code);
    let curl = format!("printf code={code} | curl -sS --fail-with-body -w '\\n' -d @- {issuer}/claim");
    let program = format!("printf {code} | daypass claim {issuer} --write-env .env");
    document(page.site, Outside::Ticket(page.place), &title, "", || {
        let network = page.network.map_or_else(
            || texts.any_network.to_owned(),
            |network| (texts.network)(&network.to_string()),
        );
        let before = page.replaces.then(|| match page.overlap.seconds() {
            0 => texts.stops.to_owned(),
            seconds => (texts.goes_on)(&duration(all, seconds.unsigned_abs())),
        });
        view! {
            <div class="ticket">
                <div class="in">
                    <small>
                        <b>{page.token_name.to_owned()}</b>
                        {format!(" · {}", texts.curl)}
                    </small>
                    <code id="claim">{curl}</code>
                    <small>{texts.program}</small>
                    <code id="claim-program">{program}</code>
                    <small>{texts.select}</small>
                </div>
            </div>
            <p>
                <strong>{texts.once}</strong>
                {texts.until}
                {moment(all, page.expires_at)}
                {network}
            </p>
            <p>{texts.made_then} {before}</p>
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
    let all = page.site.texts();
    let texts = &all.strongroom;
    let lead = (texts.in_use_lead)(page.token_name);
    document(
        page.site,
        Outside::Strongroom(page.place),
        texts.in_use,
        &lead,
        || {
            view! {
                <div class="ticket">
                    <div class="in">
                        <small>{texts.hint}</small>
                        <code id="hint">{page.hint.to_owned()}</code>
                    </div>
                </div>
                <p>{texts.in_use_lost}</p>
                {previous(all, page.previous)}
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
    let texts = &page.site.texts().strongroom;
    let lead = (texts.already_lead)(page.token_name);
    document(
        page.site,
        Outside::Strongroom(page.place),
        texts.already,
        &lead,
        || {
            view! {
                <p role="status">
                    <strong>{texts.stored}</strong>
                    {texts.stored_advice}
                </p>
                <p>
                    <strong>{texts.not_stored}</strong>
                    {texts.not_stored_advice}
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
    let texts = &page.site.texts().refusals;
    let (title, why, next) = match page.refusal {
        Refusal::Expired => (texts.expired, texts.expired_why, texts.expired_next),
        Refusal::Foreign => (texts.foreign, texts.foreign_why, texts.foreign_next),
        Refusal::TokenChanged => (texts.changed, texts.changed_why, texts.changed_next),
        Refusal::NotFromHere => (
            texts.not_from_here,
            texts.not_from_here_why,
            texts.not_from_here_next,
        ),
    };
    let lead = (texts.nothing_changed)(why);
    document(
        page.site,
        Outside::Strongroom(page.place),
        title,
        &lead,
        || view! { <p role="alert">{next}</p> },
    )
}
