//! First run: the one-time code from the server's output makes the first administrator.
//!
//! Typed passwords never come back into the document, whatever was wrong.

use leptos::prelude::*;
use wire::{FieldErrorCode, LIMITS, TextError};

use super::parts::{Alert, Field, Outside, Site, Typing, document};

/// What the set-up document says.
#[derive(Debug, Clone)]
pub struct SetupPage<'a> {
    /// Where the assets are.
    pub site: Site<'a>,
    /// Whether there is a form.
    pub state: SetupState<'a>,
}

/// Whether an administrator can be made.
#[derive(Debug, Clone)]
pub enum SetupState<'a> {
    /// The form. The code (from the link that the server printed) and the name are those typed before.
    Open {
        /// The one-time code.
        code: &'a str,
        /// The name.
        name: &'a str,
        /// What was wrong, if the form was sent already.
        problems: &'a [SetupProblem],
    },
    /// The code's time is over.
    CodeExpired,
    /// An administrator exists.
    Closed,
}

/// What can be wrong with the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetupProblem {
    /// No code, or not the one that the server printed.
    WrongCode,
    /// Too many wrong codes; the seconds to wait.
    TooManyCodes(u64),
    /// The name breaks a rule.
    Name(TextError),
    /// Shorter than allowed.
    PasswordTooShort,
    /// Longer than allowed.
    PasswordTooLong,
    /// Too easy to guess.
    PasswordWeak,
    /// The two passwords are not the same.
    PasswordsDiffer,
}

impl SetupProblem {
    fn field(self) -> &'static str {
        match self {
            Self::WrongCode | Self::TooManyCodes(_) => "code",
            Self::Name(_) => "name",
            Self::PasswordTooShort | Self::PasswordTooLong | Self::PasswordWeak => "password",
            Self::PasswordsDiffer => "password_again",
        }
    }

    fn label(self) -> &'static str {
        match self.field() {
            "code" => "Set-up code",
            "name" => "Name",
            "password" => "Password",
            _ => "Password again",
        }
    }

    fn text(self) -> String {
        match self {
            Self::WrongCode => {
                "This is not the set-up code. Copy it again from the server's output: the latest one counts."
                    .into()
            }
            Self::TooManyCodes(seconds) => {
                format!("Too many wrong codes. Wait {seconds} seconds, then try again.")
            }
            Self::Name(error) => match error.code {
                FieldErrorCode::Required => "Write a name to sign in with.".into(),
                FieldErrorCode::TooLong => {
                    format!(
                        "Use at most {} characters for the name.",
                        error.limit.unwrap_or(100)
                    )
                }
                FieldErrorCode::ControlCharacter => {
                    "The name holds a character that is not shown. Type it anew instead of pasting it.".into()
                }
                FieldErrorCode::ContainsToken => {
                    "The name holds something that looks like an API token. Choose another name.".into()
                }
                code => format!("The name cannot be used: {}.", code.detail()),
            },
            Self::PasswordTooShort => format!("Use at least {} characters.", LIMITS.shortest_password),
            Self::PasswordTooLong => format!("Use at most {} characters.", LIMITS.longest_password),
            Self::PasswordWeak => {
                "This password is too easy to guess. A few words that do not belong together \
                                   are hard to guess and easy to remember."
                    .into()
            }
            Self::PasswordsDiffer => "The two passwords are not the same. Type both again.".into(),
        }
    }
}

/// The document of `/setup`.
#[must_use]
pub fn setup(page: &SetupPage<'_>) -> String {
    let (title, lead) = match page.state {
        SetupState::Open { .. } => (
            "Make the first administrator",
            "The server printed a one-time set-up code when it started. It proves that this server is yours.",
        ),
        SetupState::CodeExpired => (
            "The set-up code has expired",
            "Nothing was changed, and there is no administrator yet.",
        ),
        SetupState::Closed => (
            "An administrator exists already",
            "Set-up is over, and its code is of no use any more.",
        ),
    };
    document(page.site, Outside::Sheet, title, lead, || match page.state {
        SetupState::Open { code, name, problems } => form(code, name, problems).into_any(),
        SetupState::CodeExpired => {
            view! { <p>"Restart Daypass to get a new code, then open the link that it prints."</p> }
                .into_any()
        }
        SetupState::Closed => view! { <a class="btn first" href="/login">"Sign in"</a> }.into_any(),
    })
}

fn form(code: &str, name: &str, problems: &[SetupProblem]) -> impl IntoView + use<> {
    let of = |field| problems.iter().find(|p| p.field() == field).map(|p| p.text());
    let alert = (!problems.is_empty()).then(|| {
        let fields = problems
            .iter()
            .map(|p| (p.field(), format!("{}: {}", p.label(), p.text())))
            .collect();
        view! { <Alert title="The administrator was not made yet." fields=fields /> }
    });
    // Typing starts at the first field that is still empty, unless there is an alert to be read first.
    let untouched = problems.is_empty();
    view! {
        {alert}
        <form method="post" action="/setup" class="form">
            <Field
                name="code"
                label="Set-up code"
                typing=Typing::Key
                value=code
                problem=of("code")
                first=untouched && code.is_empty()
                hint="From the server's output. It works once."
            />
            <Field
                name="name"
                label="Name"
                typing=Typing::Name
                value=name
                problem=of("name")
                first=untouched && !code.is_empty()
                hint="To sign in with, and shown beside what you do."
            />
            <Field
                name="password"
                label="Password"
                typing=Typing::Password("new-password")
                problem=of("password")
                hint=format!(
                    "At least {} characters. Long is better than complicated.",
                    LIMITS.shortest_password,
                )
            />
            <Field
                name="password_again"
                label="Password again"
                typing=Typing::Password("new-password")
                problem=of("password_again")
            />
            <button class="btn first">"Make administrator"</button>
        </form>
    }
}
