//! Every word of the documents, in every language. A text that a language lacks does not compile.
//!
//! A text with a hole is a function of what goes into it. No text of the app or of the public reference may enter, and
//! nothing in here decides which language somebody reads.

mod de;
mod en;
mod nb;

use wire::{ErrorCode, Language, Permission};

/// The texts of a language.
#[must_use]
pub(super) const fn of(language: Language) -> &'static Texts {
    match language {
        Language::English => &en::TEXTS,
        Language::Bokmal => &nb::TEXTS,
        Language::German => &de::TEXTS,
    }
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
}

/// The parts of a moment as they are written: the day without a leading zero, the month by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) day: &'a str,
    pub(super) month: &'a str,
    pub(super) year: &'a str,
    pub(super) hour: &'a str,
    pub(super) minute: &'a str,
}

/// All texts of a language.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) common: Common,
    pub(super) login: Login,
    pub(super) setup: Setup,
    pub(super) strongroom: Strongroom,
    pub(super) claim: Claim,
    pub(super) import: Import,
    pub(super) refusals: Refusals,
    pub(super) errors: Errors,
    pub(super) tls: Tls,
}

/// What several documents say.
#[derive(Debug)]
pub(super) struct Common {
    /// January first.
    pub(super) months: [&'static str; 12],
    /// A moment in UTC.
    pub(super) moment: fn(Moment<'_>) -> String,
    /// So many of a unit.
    pub(super) duration: fn(u64, Unit) -> String,
    /// A permission in a word.
    pub(super) permission: fn(Permission) -> &'static str,
    pub(super) no_rights: &'static str,
    /// So many more than there is room for.
    pub(super) more_interfaces: fn(u64) -> String,
    pub(super) go_to_overview: &'static str,
}

/// Signing in.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) title: &'static str,
    pub(super) name: &'static str,
    pub(super) password: &'static str,
    pub(super) failed: &'static str,
    pub(super) failed_advice: &'static str,
    pub(super) throttled: &'static str,
    pub(super) throttled_advice: fn(&str) -> String,
    pub(super) signed_out: &'static str,
    pub(super) again: &'static str,
    pub(super) done: &'static str,
    pub(super) done_as: fn(&str) -> String,
    pub(super) done_close: &'static str,
    pub(super) done_open: &'static str,
}

/// First run.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) expired: &'static str,
    pub(super) expired_lead: &'static str,
    pub(super) expired_advice: &'static str,
    pub(super) closed: &'static str,
    pub(super) closed_lead: &'static str,
    pub(super) refused: &'static str,
    /// What happened and what to do, in words for people; `None` = in the words of the answer, which are English.
    pub(super) code: &'static str,
    pub(super) code_hint: &'static str,
    pub(super) name_hint: &'static str,
    pub(super) password_hint: fn(u64) -> String,
    pub(super) password_again: &'static str,
    pub(super) submit: &'static str,
    pub(super) wrong_code: &'static str,
    pub(super) too_many_codes: fn(&str) -> String,
    pub(super) name_required: &'static str,
    pub(super) name_too_long: fn(u64) -> String,
    pub(super) name_hidden: &'static str,
    pub(super) name_token: &'static str,
    pub(super) name_other: &'static str,
    pub(super) password_too_short: fn(u64) -> String,
    pub(super) password_too_long: fn(u64) -> String,
    pub(super) password_weak: &'static str,
    pub(super) passwords_differ: &'static str,
}

/// Where a secret is shown.
#[derive(Debug)]
pub(super) struct Strongroom {
    pub(super) secret_kind: &'static str,
    pub(super) public_kind: &'static str,
    pub(super) secret_advice: &'static str,
    pub(super) public_advice: &'static str,
    pub(super) title: fn(&str) -> String,
    pub(super) select: &'static str,
    pub(super) once: &'static str,
    pub(super) lost: &'static str,
    pub(super) previous: &'static str,
    pub(super) previous_stopped: &'static str,
    pub(super) previous_until: &'static str,
    pub(super) in_use: &'static str,
    pub(super) in_use_lead: fn(&str) -> String,
    pub(super) hint: &'static str,
    pub(super) in_use_lost: &'static str,
    pub(super) already: &'static str,
    pub(super) already_lead: fn(&str) -> String,
    pub(super) stored: &'static str,
    pub(super) stored_advice: &'static str,
    pub(super) not_stored: &'static str,
    pub(super) not_stored_advice: &'static str,
}

/// Where the command stands with which a server fetches a secret.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) title: fn(&str) -> String,
    pub(super) curl: &'static str,
    pub(super) program: &'static str,
    pub(super) select: &'static str,
    pub(super) once: &'static str,
    /// Before the moment.
    pub(super) until: &'static str,
    /// After the moment.
    pub(super) any_network: &'static str,
    /// After the moment.
    pub(super) network: fn(&str) -> String,
    pub(super) made_then: &'static str,
    pub(super) stops: &'static str,
    pub(super) goes_on: fn(&str) -> String,
}

/// Where an existing key is typed.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) title: fn(&str) -> String,
    pub(super) key: &'static str,
    pub(super) key_hint: &'static str,
    pub(super) stops: &'static str,
    pub(super) goes_on: fn(&str) -> String,
    pub(super) submit: &'static str,
    pub(super) required: &'static str,
    pub(super) too_short: &'static str,
    pub(super) too_long: &'static str,
    pub(super) not_printable: &'static str,
    pub(super) own_prefix: &'static str,
    pub(super) weak: &'static str,
    pub(super) in_use: &'static str,
}

/// Why the strongroom shows nothing.
#[derive(Debug)]
pub(super) struct Refusals {
    pub(super) nothing_changed: fn(&str) -> String,
    pub(super) expired: &'static str,
    pub(super) expired_why: &'static str,
    pub(super) expired_next: &'static str,
    pub(super) foreign: &'static str,
    pub(super) foreign_why: &'static str,
    pub(super) foreign_next: &'static str,
    pub(super) changed: &'static str,
    pub(super) changed_why: &'static str,
    pub(super) changed_next: &'static str,
    pub(super) not_from_here: &'static str,
    pub(super) not_from_here_why: &'static str,
    pub(super) not_from_here_next: &'static str,
}

/// Error pages.
#[derive(Debug)]
pub(super) struct Errors {
    pub(super) status: fn(u64) -> String,
    pub(super) log: &'static str,
    pub(super) nothing_here: &'static str,
    pub(super) nothing_here_detail: &'static str,
    /// What happened and what to do, in words for people; `None` = in the words of the answer, which are English.
    pub(super) of_code: fn(ErrorCode) -> Option<(&'static str, &'static str)>,
}

/// How TLS is set up.
#[derive(Debug)]
pub(super) struct Tls {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    pub(super) tell: &'static str,
    pub(super) or_as: &'static str,
    pub(super) restart: &'static str,
    pub(super) proxy: &'static str,
    pub(super) with_nginx: &'static str,
    pub(super) headers: &'static str,
    pub(super) open: fn(&str) -> String,
    pub(super) trying: &'static str,
    pub(super) trying_works: &'static str,
}
