//! What the documents share: the frame around them, fields, alerts, and how times and durations are written.
//!
//! No text of one document alone, and nothing that knows a secret, may enter.

#![expect(unreachable_pub, reason = "the component macro makes `pub` of `pub(super)`")]

use leptos::either::Either;
use leptos::prelude::*;
use wire::{Grant, Language, Timestamp};

use super::texts::{self, Moment, Texts, Unit};

/// Where the built assets are (their names carry a hash that only the server knows), and for whom a document is.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Path of the style sheet.
    pub stylesheet: &'a str,
    /// Path of the icon.
    pub favicon: &'a str,
    /// The reader's language.
    pub language: Language,
}

impl Site<'_> {
    /// What the documents say in the reader's language.
    pub(super) const fn texts(self) -> &'static Texts {
        texts::of(self.language)
    }
}

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a window of its own.
    Window,
    /// In the app's dialog, which has a mark and a heading already.
    Frame,
}

/// The outside of a document.
#[derive(Clone, Copy)]
pub(super) enum Outside {
    /// A sheet with our mark above it.
    Sheet,
    /// The same, wide enough for examples.
    WideSheet,
    /// The strongroom's: no icon, since its policy lets nothing but the style sheet in.
    Strongroom(Place),
    /// The strongroom's around a ticket, which is heading enough in the frame.
    Ticket(Place),
}

/// Renders a whole document: its title, which is also its heading, a sentence below that, and what `content` makes.
///
/// Generic instead of a component with children: those are boxed and must own what they show, and a secret is only
/// ever lent.
pub(super) fn document<V: IntoView>(
    site: Site<'_>,
    outside: Outside,
    title: &str,
    lead: &str,
    content: impl FnOnce() -> V,
) -> String {
    let place = match outside {
        Outside::Sheet | Outside::WideSheet => Place::Window,
        Outside::Strongroom(place) | Outside::Ticket(place) => place,
    };
    let (body, main) = match (place, outside) {
        (Place::Frame, _) => ("doc framed", None),
        (Place::Window, Outside::Sheet) => ("doc", Some("sheet")),
        (Place::Window, _) => ("doc", Some("sheet wide")),
    };
    let icon = matches!(outside, Outside::Sheet | Outside::WideSheet).then(|| site.favicon.to_owned());
    let heading = matches!(outside, Outside::Ticket(Place::Frame)).then_some("sr");
    let (title, lead) = (title.to_owned(), (!lead.is_empty()).then(|| lead.to_owned()));
    Owner::new().with(|| {
        let heading = view! {
            <header class=heading>
                <h1>{title.clone()}</h1>
                {lead.map(|lead| view! { <p>{lead}</p> })}
            </header>
        };
        let (mark, body_of_main) = match place {
            Place::Window => {
                let mark = view! {
                    <header>
                        <span class="brand">
                            <i aria-hidden="true"></i>
                            "Daypass"
                        </span>
                    </header>
                };
                (Some(mark), Either::Left(view! { <section>{content()}</section> }))
            }
            Place::Frame => (None, Either::Right(content())),
        };
        view! {
            <!DOCTYPE html>
            <html lang=site.language.tag() translate="no">
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <meta name="robots" content="noindex" />
                    <title>{format!("{title} · Daypass")}</title>
                    <link rel="stylesheet" href=site.stylesheet.to_owned() />
                    {icon.map(|path| view! { <link rel="icon" type="image/svg+xml" href=path /> })}
                </head>
                <body class=body spellcheck="false">
                    {mark}
                    <main class=main>{heading} {body_of_main}</main>
                </body>
            </html>
        }
        .to_html()
    })
}

/// Why a form came back, at its top: read out by itself, and focused where the place allows it.
#[component]
pub(super) fn Alert(
    /// What happened, in a sentence.
    #[prop(into)]
    title: String,
    /// What to do next.
    #[prop(into, optional)]
    advice: String,
    /// The fields that need another look: the id of each and what is wrong with it.
    #[prop(optional)]
    fields: Vec<(&'static str, String)>,
    /// Whether to leave the focus alone: inside a sandbox browsers refuse to move it, and complain.
    #[prop(optional)]
    sandboxed: bool,
) -> impl IntoView {
    let advice = (!advice.is_empty()).then(|| view! { <p>{advice}</p> });
    let fields = (!fields.is_empty()).then(|| {
        let items = fields.into_iter().map(|(id, text)| {
            view! {
                <li>
                    <a href=format!("#{id}")>{text}</a>
                </li>
            }
        });
        view! { <ul>{items.collect_view()}</ul> }
    });
    view! {
        <div class="alert warn" role="alert" tabindex="-1" autofocus=!sandboxed>
            <div>
                <p><strong>{title}</strong></p>
                {advice}
                {fields}
            </div>
        </div>
    }
}

/// How a browser should treat what is typed into a field.
#[derive(Clone, Copy)]
pub(super) enum Typing {
    /// A user's name.
    Name,
    /// A password: an existing or a new one, as `autocomplete` calls it.
    Password(&'static str),
    /// A code or a key: shown while it is typed, and never remembered.
    Key,
}

/// A labelled field of a form. Its id is its name.
#[component]
pub(super) fn Field(
    /// As the form sends it.
    name: &'static str,
    /// What stands above it.
    label: &'static str,
    /// How it is typed.
    typing: Typing,
    /// What to know before typing.
    #[prop(into, optional)]
    hint: String,
    /// What was typed before; never given for a password or a key.
    #[prop(into, optional)]
    value: String,
    /// What was wrong with that.
    #[prop(optional_no_strip)]
    problem: Option<String>,
    /// Whether it has to be typed again for a reason that the alert gives.
    #[prop(optional)]
    invalid: bool,
    /// Whether typing starts here.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let (kind, autocomplete) = match typing {
        Typing::Name => ("text", "username"),
        Typing::Password(autocomplete) => ("password", autocomplete),
        Typing::Key => ("text", "off"),
    };
    let class = if matches!(typing, Typing::Key) {
        "input mono"
    } else {
        "input"
    };
    let described_by = match (hint.is_empty(), problem.is_some()) {
        (true, false) => None,
        (false, false) => Some(format!("{name}-hint")),
        (true, true) => Some(format!("{name}-problem")),
        (false, true) => Some(format!("{name}-problem {name}-hint")),
    };
    let hint = (!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> });
    let invalid = (invalid || problem.is_some()).then_some("true");
    let value = (!value.is_empty()).then_some(value);
    let problem = problem.map(|text| view! { <p class="error" id=format!("{name}-problem")>{text}</p> });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                class=class
                value=value
                required=true
                autofocus=first
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=described_by
                aria-invalid=invalid
            />
            {problem}
            {hint}
        </div>
    }
}

/// A moment, as people read it and as programs do. In UTC: without a script nobody knows the reader's clock.
pub(super) fn moment(texts: &Texts, at: Timestamp) -> impl IntoView + use<> {
    let exact = at.to_string();
    let words = in_words(texts, &exact).unwrap_or_else(|| exact.clone());
    view! { <time datetime=exact>{words}</time> }
}

/// `2026-03-01T12:00:00.000Z` as `1 March 2026, 12:00 UTC`.
fn in_words(texts: &Texts, exact: &str) -> Option<String> {
    let month: usize = exact.get(5..7)?.parse().ok()?;
    Some((texts.common.moment)(Moment {
        day: exact.get(8..10)?.trim_start_matches('0'),
        month: texts.common.months.get(month.checked_sub(1)?)?,
        year: exact.get(..4)?,
        hour: exact.get(11..13)?,
        minute: exact.get(14..16)?,
    }))
}

/// A number of seconds in the largest unit that fits without a rest.
pub(super) fn duration(texts: &Texts, seconds: u64) -> String {
    let (number, unit) = match seconds {
        s if s >= 86_400 && s % 86_400 == 0 => (s / 86_400, Unit::Day),
        s if s >= 3_600 && s % 3_600 == 0 => (s / 3_600, Unit::Hour),
        s if s >= 60 && s % 60 == 0 => (s / 60, Unit::Minute),
        s => (s, Unit::Second),
    };
    (texts.common.duration)(number, unit)
}

/// Rights in words: what a line has room for, and how many more there are.
pub(super) fn rights(texts: &Texts, grants: &[Grant]) -> String {
    const ROOM: usize = 4;
    if grants.is_empty() {
        return texts.common.no_rights.to_owned();
    }
    let mut parts: Vec<_> = grants
        .iter()
        .take(ROOM)
        .map(|grant| {
            let permissions: Vec<_> = grant.permissions.iter().map(texts.common.permission).collect();
            format!("{}: {}", grant.interface, permissions.join(", "))
        })
        .collect();
    let more = grants.len().saturating_sub(ROOM) as u64;
    if more > 0 {
        parts.push((texts.common.more_interfaces)(more));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &Texts = texts::of(Language::English);

    #[test]
    fn moments_are_written_out() {
        assert_eq!(
            in_words(ENGLISH, "2026-03-01T12:05:09.007Z").as_deref(),
            Some("1 March 2026, 12:05 UTC")
        );
        assert_eq!(
            in_words(ENGLISH, "2026-12-31T23:59:59.999Z").as_deref(),
            Some("31 December 2026, 23:59 UTC")
        );
        assert_eq!(in_words(ENGLISH, "2026-13-01T12:05:09.007Z"), None);
        assert_eq!(in_words(ENGLISH, "soon"), None);
    }

    #[test]
    fn durations_take_the_largest_unit_that_fits() {
        for (seconds, words) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (60, "1 minute"),
            (7200, "2 hours"),
            (86_400, "1 day"),
            (2_592_000, "30 days"),
        ] {
            assert_eq!(duration(ENGLISH, seconds), words);
        }
    }
}
